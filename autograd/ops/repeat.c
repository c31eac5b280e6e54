/* repeat: copies of x side by side, a number of times along each dimension. More numbers than x has
 * dimensions are for new dimensions in front.
 *
 * Saves nothing. Kernel: core/cpu/repeat.c, which copies what is repeated after x was copied once.
 */
#include "autograd/families/reduction_internal.h"
#include "core/cpu/elementwise_internal.h"
#include "core/cpu/repeat_internal.h"

static const cd_field fields[] = {
    { "times", CD_FIELD_SHAPE, offsetof(cd_shape_attributes, shape) }, CD_FIELDS_END
};

/* x's shape with sizes of 1 in front. */
static cd_shape aligned(cd_shape x, int ndim)
{
    const cd_shape ones = { .ndim = ndim, .dim = { 1, 1, 1, 1, 1, 1, 1, 1 } };
    cd_shape shape = ones;
    (void)cd_shape_broadcast(x, ones, &shape);
    return shape;
}

/* Sums the repetitions in dimension i, whose size is times * size, to the given size. */
static cd_tensor *sum_repeated(cd_tensor *dy, int i, int64_t times, int64_t size)
{
    const cd_outer_size_inner at = cd_outer_size_inner_of(&dy->shape, i);
    cd_tensor *split = cd_reshape(dy, CD_SHAPE(at.outer, times, size, at.inner));
    cd_shape shape = dy->shape;
    shape.dim[i] = size;
    return cd_reshape(cd_sum_dim(split, 1), shape);
}

static void repeat_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_shape_attributes *a = cd_attributes_of(node);
    cd_shape x = node->input[0].shape, whole = aligned(x, a->shape.ndim);
    cd_tensor *sum = dy[0];
    for (int i = 0; i < whole.ndim && sum; i++) {
        int64_t times = a->shape.dim[i];
        if (times != 1) sum = sum_repeated(sum, i, times, whole.dim[i]);
    }
    dx[0] = cd_reshape(sum, x);
}

static bool repeat_check(const cd_call *call, const cd_tensor *x, cd_shape times, cd_shape *shape)
{
    char text[CD_SHAPE_TEXT];
    if (times.ndim < x->shape.ndim || times.ndim > CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "%d numbers were given for a tensor of shape %s: there must be at least "
                         "its %d and at most %d",
                         times.ndim, cd_sizes_text(&x->shape, text), x->shape.ndim, CD_MAX_DIMS);
    }
    *shape = aligned(x->shape, times.ndim);
    for (int i = 0; i < times.ndim; i++) {
        if (times.dim[i] < 0) {
            return cd_refuse(call, CD_ERR_ARGUMENT,
                             "a dimension of x (%s) cannot be repeated %lld times: 0 or more",
                             cd_sizes_text(&x->shape, text), (long long)times.dim[i]);
        }
        if (__builtin_mul_overflow(shape->dim[i], times.dim[i], &shape->dim[i])) {
            return cd_refuse(
                call, CD_ERR_SHAPE,
                "x (%s) repeated %lld times along dimension %d has more elements than can "
                "be counted",
                cd_sizes_text(&x->shape, text), (long long)times.dim[i], i);
        }
    }
    return true;
}

static bool repeat_infer(cd_call *call)
{
    const cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    call->out[0].dtype = x->dtype;
    return repeat_check(call, x, a->shape, &call->out[0].shape);
}

static void repeat_run(const cd_launch *launch)
{
    const cd_shape_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    const int ndim = y->layout->shape.ndim;
    if (y->layout->numel == 0) return;
    cd_cpu_copy_into(y, y->layout->stride + (ndim - x->layout->shape.ndim), 0, x);
    cd_cpu_repeat(cd_dtype_size(y->layout->dtype), aligned(x->layout->shape, ndim), a->shape,
                  y->data);
}

cd_tensor *cd_repeat(cd_tensor *x, cd_shape times)
{
    cd_shape_attributes a = { times };
    return cd_op_with(&cd_op_repeat, &a, x);
}

const cd_op cd_op_repeat = {
    .name = "repeat",
    .grad_fn = "RepeatBackward0",
    .like = "x.repeat(times)",
    .formula = "y[.., k size + i, ..] = x[.., i, ..] for each of the `times` repetitions k",
    .gradient = "dx = the sum of dy over the repetitions",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_shape_attributes, fields),
    .infer = repeat_infer,
    .cpu = { .run = repeat_run },
    .backward = repeat_backward,
};
