#include <string.h>

#include "core/cpu/iter_internal.h"
#include "core/dtype_internal.h"
#include "core/error.h"
#include "core/tensor_internal.h"

cd_tensor *cd_tensor_make(const char *what, cd_shape shape, cd_dtype dtype, bool requires_grad)
{
    if (dtype == CD_DTYPE_DEFAULT) dtype = CD_F32;
    if (requires_grad && !cd_dtype_is_floating(dtype)) {
        (void)cd_fail(CD_ERR_DTYPE, "%s: only floating tensors can require gradients, not %s", what,
                      cd_dtype_name(dtype));
        return NULL;
    }
    cd_tensor *t = cd_tensor_new(what, dtype, shape);
    if (t) t->requires_grad = requires_grad;
    return t;
}

/* n elements, each `step` elements after the one before. */
static void fill(cd_tensor *t, int64_t n, int64_t step, double value)
{
    cd_iter it = {
        .operands = 2, .ndim = 1, .size = { n }, .data = { cd_tensor_data(t), (char *)&value }
    };
    it.stride[0][0] = step * (int64_t)cd_dtype_size(t->dtype);
    cd_cpu_map(&it, cd_cpu_convert_loop(CD_F64, t->dtype), NULL);
}

static bool draws_nothing(const char *what, const cd_generator *generator)
{
    return !generator ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .generator was given, and no number is drawn", what);
}

/* `what` names the caller in sentences. */
static cd_tensor *empty(const char *what, cd_create options)
{
    if (!draws_nothing(what, options.generator)) return NULL;
    return cd_hand(cd_tensor_make(what, options.shape, options.dtype, options.requires_grad));
}

static cd_tensor *zeros(const char *what, cd_create options)
{
    if (!draws_nothing(what, options.generator)) return NULL;
    cd_tensor *t = cd_tensor_make(what, options.shape, options.dtype, options.requires_grad);
    if (t) memset(cd_tensor_data(t), 0, t->storage->bytes);
    return cd_hand(t);
}

static cd_tensor *full(const char *what, cd_create options, double value)
{
    cd_dtype dtype = options.dtype ? options.dtype : CD_F32;
    if (!draws_nothing(what, options.generator)) return NULL;
    if (!cd_dtype_takes(dtype, value)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %g is not among the numbers of %s", what, value,
                      cd_dtype_name(dtype));
        return NULL;
    }
    cd_tensor *t = cd_tensor_make(what, options.shape, dtype, options.requires_grad);
    if (t) fill(t, t->numel, 1, value);
    return cd_hand(t);
}

cd_tensor *cd_empty_with(cd_create options)
{
    return empty("empty", options);
}

cd_tensor *cd_zeros_with(cd_create options)
{
    return zeros("zeros", options);
}

cd_tensor *cd_ones_with(cd_create options)
{
    return full("ones", options, 1);
}

cd_tensor *cd_full_with(cd_full_options options)
{
    cd_create create = { .shape = options.shape,
                         .dtype = options.dtype,
                         .requires_grad = options.requires_grad };
    return full("full", create, options.value);
}

cd_tensor *cd_eye_with(cd_eye_options options)
{
    int64_t columns = options.columns ? options.columns : options.rows;
    cd_shape shape = { .ndim = 2, .dim = { options.rows, columns } };
    cd_tensor *t = cd_tensor_make("eye", shape, options.dtype, options.requires_grad);
    if (!t) return NULL;
    memset(cd_tensor_data(t), 0, t->storage->bytes);
    fill(t, options.rows < columns ? options.rows : columns, columns + 1, 1);
    return cd_hand(t);
}

/* --- like another ----------------------------------------------------------------------------- */

/* What makes one of x's shape, and of its dtype unless another is asked for. */
static bool create_like(const char *what, cd_like o, cd_create *out)
{
    if (!cd_check_tensor(o.x, what, "x")) return false;
    *out = (cd_create){ .shape = o.x->shape,
                        .dtype = o.dtype ? o.dtype : o.x->dtype,
                        .requires_grad = o.requires_grad,
                        .generator = o.generator };
    return true;
}

cd_tensor *cd_empty_like_with(cd_like o)
{
    cd_create create;
    bool right = create_like("empty_like", o, &create);
    return right ? empty("empty_like", create) : NULL;
}

cd_tensor *cd_zeros_like_with(cd_like o)
{
    cd_create create;
    bool right = create_like("zeros_like", o, &create);
    return right ? zeros("zeros_like", create) : NULL;
}

cd_tensor *cd_ones_like_with(cd_like o)
{
    cd_create create;
    bool right = create_like("ones_like", o, &create);
    return right ? full("ones_like", create, 1) : NULL;
}

cd_tensor *cd_full_like_with(cd_full_like_options o)
{
    cd_create create;
    const cd_like like = { .x = o.x, .dtype = o.dtype, .requires_grad = o.requires_grad };
    bool right = create_like("full_like", like, &create);
    return right ? full("full_like", create, o.value) : NULL;
}

/* --- from memory ------------------------------------------------------------------------------ */

/* Any byte but 0 is true, and 1 from here on: sums and comparisons rely on it. */
static void make_truths(uint8_t *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) values[i] = values[i] != 0;
}

cd_tensor *cd_from_array_with(cd_from_options options)
{
    if (!cd_elements_dtype("from_array", options.elements, &options.dtype)) return NULL;
    cd_tensor *t =
        cd_tensor_make("from_array", options.shape, options.dtype, options.requires_grad);
    if (!t) return NULL;
    if (!options.values && t->numel > 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "from_array: the array is NULL");
        cd_object_disown(&t->object);
        return NULL;
    }
    if (!cd_elements_fit("from_array", options.bytes, t->dtype, t->shape, t->numel)) {
        cd_object_disown(&t->object);
        return NULL;
    }
    if (t->numel > 0) memcpy(cd_tensor_data(t), options.values, t->storage->bytes);
    if (t->dtype == CD_BOOL) make_truths((uint8_t *)cd_tensor_data(t), t->numel);
    return cd_hand(t);
}
