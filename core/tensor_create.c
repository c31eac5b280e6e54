#include <string.h>

#include "core/cpu/iter_internal.h"
#include "core/dtype_internal.h"
#include "core/error.h"
#include "core/random_internal.h"
#include "core/tensor_internal.h"

/* Every maker of tensors comes through here: dtype defaulted, requires_grad checked, not yet handed
 * out. */
static cd_tensor *make(const char *what, cd_shape shape, cd_dtype dtype, bool requires_grad)
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

static void fill(cd_tensor *t, double value)
{
    char *data[2] = { cd_tensor_data(t), (char *)&value };
    cd_iter it = { .operands = 2, .ndim = 1, .size = { t->numel }, .data = { data[0], data[1] } };
    it.stride[0][0] = (int64_t)cd_dtype_size(t->dtype);
    cd_cpu_map(&it, cd_cpu_convert_loop(CD_F64, t->dtype), NULL);
}

cd_tensor *cd_empty_with(cd_create options)
{
    return cd_hand(make("empty", options.shape, options.dtype, options.requires_grad));
}

cd_tensor *cd_zeros_with(cd_create options)
{
    cd_tensor *t = make("zeros", options.shape, options.dtype, options.requires_grad);
    if (t) memset(cd_tensor_data(t), 0, t->storage->bytes);
    return cd_hand(t);
}

cd_tensor *cd_ones_with(cd_create options)
{
    cd_tensor *t = make("ones", options.shape, options.dtype, options.requires_grad);
    if (t) fill(t, 1);
    return cd_hand(t);
}

cd_tensor *cd_full_with(cd_full_options options)
{
    cd_dtype dtype = options.dtype ? options.dtype : CD_F32;
    if (!cd_dtype_takes(dtype, options.value)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "full: %g is not among the numbers of %s", options.value,
                      cd_dtype_name(dtype));
        return NULL;
    }
    cd_tensor *t = make("full", options.shape, dtype, options.requires_grad);
    if (t) fill(t, options.value);
    return cd_hand(t);
}

static bool check_random(const char *what, cd_dtype dtype)
{
    if (dtype == CD_DTYPE_DEFAULT || cd_dtype_is_floating(dtype)) return true;
    return cd_fail(CD_ERR_DTYPE, "%s: random numbers of this kind are floating, not %s", what,
                   cd_dtype_name(dtype));
}

cd_tensor *cd_rand_with(cd_create options)
{
    if (!check_random("rand", options.dtype)) return NULL;
    cd_tensor *t = make("rand", options.shape, options.dtype, options.requires_grad);
    if (!t) return NULL;
    cd_generator_state *state = cd_generator_lock(options.generator);
    (void)cd_random_uniform(state, t->dtype, cd_tensor_data(t), t->numel, 0, 1);
    cd_generator_unlock(options.generator);
    return cd_hand(t);
}

cd_tensor *cd_randn_with(cd_create options)
{
    if (!check_random("randn", options.dtype)) return NULL;
    cd_tensor *t = make("randn", options.shape, options.dtype, options.requires_grad);
    if (!t) return NULL;
    cd_generator_state *state = cd_generator_lock(options.generator);
    (void)cd_random_normal(state, t->dtype, cd_tensor_data(t), t->numel, 0, 1);
    cd_generator_unlock(options.generator);
    return cd_hand(t);
}

cd_tensor *cd_arange(int64_t end)
{
    if (end < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "arange: the end is %lld, and the numbers go up from 0",
                      (long long)end);
        return NULL;
    }
    cd_tensor *t = cd_tensor_new("arange", CD_I64, (cd_shape){ .ndim = 1, .dim = { end } });
    if (!t) return NULL;
    int64_t *values = (int64_t *)(void *)cd_tensor_data(t);
    for (int64_t i = 0; i < end; i++) values[i] = i;
    return cd_hand(t);
}

cd_tensor *cd_randperm(int64_t n)
{
    if (n < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "randperm: a permutation of %lld numbers", (long long)n);
        return NULL;
    }
    cd_tensor *t = cd_tensor_new("randperm", CD_I64, (cd_shape){ .ndim = 1, .dim = { n } });
    if (!t) return NULL;
    cd_generator_state *state = cd_generator_lock(NULL);
    (void)cd_random_permutation(state, (int64_t *)(void *)cd_tensor_data(t), n);
    cd_generator_unlock(NULL);
    return cd_hand(t);
}

/* Any byte but 0 is true, and 1 from here on: sums and comparisons rely on it. */
static void make_truths(uint8_t *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) values[i] = values[i] != 0;
}

cd_tensor *cd_from_array_with(cd_from_options options)
{
    cd_tensor *t = make("from_array", options.shape, options.dtype, options.requires_grad);
    if (!t) return NULL;
    if (!options.values && t->numel > 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "from_array: the array is NULL");
        cd_object_disown(&t->object);
        return NULL;
    }
    if (t->numel > 0) memcpy(cd_tensor_data(t), options.values, t->storage->bytes);
    if (t->dtype == CD_BOOL) make_truths((uint8_t *)cd_tensor_data(t), t->numel);
    return cd_hand(t);
}
