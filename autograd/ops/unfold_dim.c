/* unfold_dim: windows along a dimension, as a view: the windows are that dimension, and their
 * elements a new last one. Windows may overlap. Saves nothing. */
#include "autograd/families/rearrange_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_window_attributes, dim, DIM),
                                   CD_FIELD(cd_window_attributes, size, INTEGER),
                                   CD_FIELD(cd_window_attributes, step, INTEGER), CD_FIELDS_END };

/* Of a scalar, which counts as a vector of one, the windows are one or none. */
static void to_windows(cd_layout *x, const cd_window_attributes *a)
{
    const int last = x->shape.ndim++;
    const int64_t stride = last > 0 ? x->stride[a->dim] : 1;
    if (last > 0) {
        const int64_t windows = (x->shape.dim[a->dim] - a->size) / a->step + 1;
        x->shape.dim[a->dim] = windows;
        if (windows > 1) x->stride[a->dim] *= a->step;
    }
    x->shape.dim[last] = a->size;
    x->stride[last] = stride;
}

static void unfold_dim_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_value_info *x = &node->input[0];
    cd_layout layout = cd_layout_row_major(x->dtype, x->shape);
    to_windows(&layout, cd_attributes_of(node));
    dx[0] = cd_layout_backward(dy[0], x->shape, &layout);
}

static bool check(cd_call *call, const cd_tensor *x, cd_window_attributes *a)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim)) return false;
    const int64_t whole = x->shape.ndim > 0 ? x->shape.dim[a->dim] : 1;
    if (a->step < 1) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "the step is %lld, and must be 1 or more",
                         (long long)a->step);
    }
    if (a->size < 0 || a->size > whole) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "windows of size %lld do not fit into dimension %d of x (%s)",
                         (long long)a->size, a->dim, cd_sizes_text(&x->shape, text));
    }
    return x->shape.ndim < CD_MAX_DIMS ||
           cd_refuse(call, CD_ERR_SHAPE, "x has shape %s, and there are at most %d dimensions",
                     cd_sizes_text(&x->shape, text), CD_MAX_DIMS);
}

static bool unfold_dim_infer(cd_call *call)
{
    int64_t elements;
    char text[CD_SHAPE_TEXT];
    cd_window_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    cd_layout layout = x->layout;
    if (!check(call, x, a)) return false;
    to_windows(&layout, a);
    cd_infer_layout(call, &layout);
    return cd_shape_elements(layout.shape, &elements) ||
           cd_refuse(call, CD_ERR_SHAPE, "shape %s has more elements than can be counted",
                     cd_sizes_text(&layout.shape, text));
}

cd_tensor *cd_unfold_dim(cd_tensor *x, int dim, int64_t size, int64_t step)
{
    cd_window_attributes a = { .dim = dim, .size = size, .step = step };
    return cd_op_with(&cd_op_unfold_dim, &a, x);
}

const cd_op cd_op_unfold_dim = {
    .name = "unfold_dim",
    .grad_fn = "UnfoldBackward0",
    .like = "x.unfold(dim, size, step)",
    .formula = "y[.., k, .., i] = x[.., k step + i, ..]; a view",
    .gradient = "dx = the sum of dy over the windows that show an element",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .output = { { CD_VIEW, 0 } },
    CD_OP_ATTRIBUTES(cd_window_attributes, fields),
    .infer = unfold_dim_infer,
    .backward = unfold_dim_backward,
};
