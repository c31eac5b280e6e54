/* repeat_interleave: each element along a dimension several times, one after the other. Made of
 * other ops: one number for all is an expand, and a copy; a tensor of numbers an index_select,
 * by an index that is made on the processor from these numbers, which are read for it. */
#include "autograd/index_ops.h"
#include "autograd/ops_internal.h"
#include "core/scope_internal.h"

/* --- one number ------------------------------------------------------------------------------- */

static cd_tensor *repeat(cd_tensor *x, int64_t times, int dim)
{
    char text[CD_SHAPE_TEXT];
    cd_shape wide = x->shape, shape = x->shape;
    if (__builtin_mul_overflow(shape.dim[dim], times, &shape.dim[dim])) {
        (void)cd_fail(
            CD_ERR_SHAPE,
            "repeat_interleave: x (%s), %lld times, has more elements than can be counted",
            cd_sizes_text(&x->shape, text), (long long)times);
        return NULL;
    }
    if (x->shape.ndim == CD_MAX_DIMS) {
        /* No room for one more dimension: those before and behind become one each. */
        int64_t outer = 1, inner = 1;
        for (int i = 0; i < dim; i++) outer *= x->shape.dim[i];
        for (int i = dim + 1; i < x->shape.ndim; i++) inner *= x->shape.dim[i];
        x = cd_reshape(x, CD_SHAPE(outer, wide.dim[dim], inner));
        return cd_reshape(x ? repeat(x, times, 1) : NULL, shape);
    }
    for (int i = wide.ndim++; i > dim + 1; i--) wide.dim[i] = wide.dim[i - 1];
    wide.dim[dim + 1] = times;
    return cd_view(cd_clone(cd_expand(cd_unsqueeze(x, dim + 1), wide)), shape);
}

cd_tensor *cd_repeat_interleave(cd_tensor *x, int64_t times, int dim)
{
    CD_CALLED("repeat_interleave");
    int plain = 0;
    if (!cd_check_tensor(x, "repeat_interleave", "x") ||
        !cd_check_part("repeat_interleave", x, dim, &plain)) {
        return NULL;
    }
    if (times < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "repeat_interleave: %lld times: 0 or more",
                      (long long)times);
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, scope.depth < 0 ? NULL : repeat(x, times, plain));
}

/* --- a number for each element ---------------------------------------------------------------- */

static bool check_times(const cd_tensor *x, const cd_tensor *times, int dim)
{
    char text[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    if (times->dtype != CD_I64 && times->dtype != CD_I32) {
        return cd_fail(CD_ERR_DTYPE, "repeat_interleave: times is %s, and must be int64 or int32",
                       cd_dtype_name(times->dtype));
    }
    const bool fits =
        times->shape.ndim <= 1 && (times->numel == 1 || times->numel == x->shape.dim[dim]);
    return fits ||
           cd_fail(CD_ERR_SHAPE,
                   "repeat_interleave: times (%s) must have one element, or one for each of "
                   "dimension %d of x (%s)",
                   cd_sizes_text(&times->shape, text), dim, cd_sizes_text(&x->shape, text_x));
}

/* The sum of the numbers. -1 with an error when one is negative, or there are too many. */
static int64_t sum_of(const int64_t *times, int64_t count)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        if (times[i] >= 0 && !__builtin_add_overflow(sum, times[i], &sum) && sum < INT64_MAX / 8) {
            continue;
        }
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "repeat_interleave: number %lld of times is %lld: 0 or more, and no more in "
                      "all than can be counted",
                      (long long)i, (long long)times[i]);
        return -1;
    }
    return sum;
}

/* The index 0, 0, 1, 2, 2, 2 for times 2, 1, 3. */
static cd_tensor *index_of(cd_tensor *times)
{
    cd_tensor *here = cd_contiguous(cd_to(cd_to_device(times, CD_CPU), CD_I64));
    const int64_t *number = here ? cd_data(here) : NULL;
    const int64_t sum = number ? sum_of(number, here->numel) : -1;
    cd_tensor *index = sum < 0 ? NULL : cd_empty(CD_SHAPE(sum), .dtype = CD_I64);
    int64_t *to = index ? cd_data_mut(index) : NULL;
    if (!to) return NULL;
    for (int64_t i = 0; i < here->numel; i++) {
        for (int64_t k = 0; k < number[i]; k++) *to++ = i;
    }
    return index;
}

static cd_tensor *repeat_by(cd_tensor *x, cd_tensor *times, int dim)
{
    CD_NO_GRAD();
    if (times->numel == 1) times = cd_expand(times, CD_SHAPE(x->shape.dim[dim]));
    cd_tensor *index = times ? index_of(times) : NULL;
    return index ? cd_to_device(index, cd_tensor_device(x)) : NULL;
}

cd_tensor *cd_repeat_interleave_by(cd_tensor *x, cd_tensor *times, int dim)
{
    CD_CALLED("repeat_interleave");
    int plain = 0;
    if (!cd_check_tensor(x, "repeat_interleave", "x") ||
        !cd_check_tensor(times, "repeat_interleave", "times") ||
        !cd_check_part("repeat_interleave", x, dim, &plain) || !check_times(x, times, plain) ||
        !cd_check_not_captured("repeat_interleave", "the size of its result depends on elements")) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    if (scope.depth < 0) return NULL;
    cd_tensor *index = repeat_by(x, times, plain);
    return cd_ops_end(scope, index ? cd_index_select(x, plain, index) : NULL);
}

const cd_op cd_op_repeat_interleave = {
    .name = "repeat_interleave",
    .like = "torch.repeat_interleave(x, times, dim)",
    .formula = "y = each element along a dimension `times` times",
    .gradient = "that of expand and view, or of index_select",
    .dtypes = "all; times is int64 or int32",
    .composed = true,
};
