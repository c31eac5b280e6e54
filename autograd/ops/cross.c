/* cross: the cross product of vectors of 3 elements along a dimension; all other dimensions
 * broadcast.
 *
 * Saves b for the gradient of a, and a for that of b. Kernels: mul and addcmul of core/cpu/, for
 * each of the three components. */
#include "autograd/families/arithmetic_internal.h"
#include "autograd/product_ops.h"
#include "core/cpu/elementwise_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static cd_tensor *cross(cd_tensor *a, cd_tensor *b, int dim)
{
    cd_dim_attributes along = { dim };
    return cd_op_with(&cd_op_cross, &along, a, b);
}

static void cross_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const int dim = ((const cd_dim_attributes *)cd_attributes_of(node))->dim;
    if (cd_wanted(node, A)) dx[A] = cross(cd_saved_value(node, SAVED_B), dy[0], dim);
    if (cd_wanted(node, B)) dx[B] = cross(dy[0], cd_saved_value(node, SAVED_A), dim);
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool refuse_shapes(const cd_call *call, const char *what)
{
    char left[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
    return cd_refuse(call, CD_ERR_SHAPE, "a (%s) and b (%s) %s",
                     cd_sizes_text(&call->in[A].tensor->shape, left),
                     cd_sizes_text(&call->in[B].tensor->shape, right), what);
}

static bool cross_infer(cd_call *call)
{
    cd_dim_attributes *along = call->launch.attributes;
    const cd_tensor *a = call->in[A].tensor, *b = call->in[B].tensor;
    if (a->shape.ndim != b->shape.ndim) {
        return refuse_shapes(call, "must have as many dimensions");
    }
    if (!cd_wrap_dim(call->name, a->shape.ndim, along->dim, &along->dim)) return false;
    if (a->shape.ndim == 0 || a->shape.dim[along->dim] != 3 || b->shape.dim[along->dim] != 3) {
        return refuse_shapes(call, "must both have the size 3 along the dimension");
    }
    if (!cd_shape_broadcast(a->shape, b->shape, &call->out[0].shape)) {
        return refuse_shapes(call, "do not broadcast: sizes must be equal or 1");
    }
    if (a->dtype != b->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE, "a is %s, and b %s: both must have one dtype",
                         cd_dtype_name(a->dtype), cd_dtype_name(b->dtype));
    }
    call->out[0].dtype = a->dtype;
    return cd_check_computes_in(call, a->dtype);
}

/* --- run -------------------------------------------------------------------------------------- */

/* The elements of x at index i of the dimension. */
static cd_array component(const cd_array *x, int dim, int i, cd_layout *layout)
{
    const int64_t elements = i % 3 * x->layout->stride[dim];
    *layout = *x->layout;
    layout->contiguous = false;
    layout->shape.dim[dim] = 1;
    layout->numel /= 3;
    return (cd_array){ (char *)x->data + elements * (int64_t)cd_dtype_size(layout->dtype), layout };
}

/* y[i] = a[i + 1] b[i + 2] - a[i + 2] b[i + 1], the indices modulo 3. */
static void cross_run(const cd_launch *launch)
{
    const int dim = ((const cd_dim_attributes *)launch->attributes)->dim;
    const cd_array *a = &launch->in[A], *b = &launch->in[B];
    const cd_scalar minus_one = { .real = -1, .integer = -1 };
    cd_loop *add_product = cd_cpu_loop(CD_MAP_addcmul, a->layout->dtype);
    for (int i = 0; i < 3; i++) {
        cd_layout l[5];
        const cd_array y = component(&launch->out[0], dim, i, &l[0]);
        const cd_array plus[2] = { component(a, dim, i + 1, &l[1]),
                                   component(b, dim, i + 2, &l[2]) };
        const cd_array minus[3] = { y, component(a, dim, i + 2, &l[3]),
                                    component(b, dim, i + 1, &l[4]) };
        cd_cpu_apply(CD_MAP_mul, &y, 2, plus);
        cd_cpu_elementwise(add_product, &y, 3, minus, &minus_one);
    }
}

/* --- the call --------------------------------------------------------------------------------- */

/* The first dimension of size 3; ndim if there is none. */
static int dim_of_three(const cd_tensor *a)
{
    int dim = 0;
    while (dim < a->shape.ndim && a->shape.dim[dim] != 3) dim++;
    return dim;
}

cd_tensor *cd_cross_with(cd_vectors_options o)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o.a, "cross", "a") || !cd_check_one_dim("cross", &o.dims)) return NULL;
    if (o.dims.count > 0) return cross(o.a, o.b, o.dims.dim[0]);
    const int dim = dim_of_three(o.a);
    if (dim < o.a->shape.ndim) return cross(o.a, o.b, dim);
    (void)cd_fail(CD_ERR_SHAPE, "cross: no dimension of a (%s) has the size 3",
                  cd_sizes_text(&o.a->shape, text));
    return NULL;
}

const cd_op cd_op_cross = {
    .name = "cross",
    .grad_fn = "LinalgCrossBackward0",
    .like = "torch.cross(a, b, dim)",
    .formula = "y = a x b along one dimension",
    .gradient = "da = b x dy, db = dy x a, summed over what was broadcast",
    .dtypes = "all but bool, the same for both",
    .inputs = 2,
    .input = { "a", "b" },
    .computes_in = CD_NUMERIC,
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B, CD_SET(A) } },
    CD_OP_ATTRIBUTES(cd_dim_attributes, cd_dim_fields),
    .infer = cross_infer,
    .cpu = { .run = cross_run },
    .backward = cross_backward,
};
