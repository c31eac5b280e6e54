/* What layer_norm and rms_norm share. */
#include "autograd/families/row_norm_internal.h"

#include <math.h>

#include "autograd/families/gradients_internal.h"
#include "autograd/families/norm_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/row_norm_internal.h"

const cd_field cd_row_norm_fields[] = { CD_FIELD(cd_row_norm_attributes, dims, DIM),
                                        CD_FIELD(cd_row_norm_attributes, eps, REAL),
                                        CD_FIELDS_END };

/* The last `dims` dimensions. */
static cd_shape last_dims(const cd_shape *x, int dims)
{
    cd_shape shape = { .ndim = dims };
    for (int i = 0; i < dims; i++) shape.dim[i] = x->dim[x->ndim - dims + i];
    return shape;
}

/* The shape of x with size 1 for the last `dims` dimensions: a number for each row. */
static cd_shape per_row(const cd_shape *x, int dims)
{
    cd_shape shape = *x;
    for (int i = x->ndim - dims; i < x->ndim; i++) shape.dim[i] = 1;
    return shape;
}

static int64_t count(const cd_shape *shape, int from, int to)
{
    int64_t n = 1;
    for (int i = from; i < to; i++) n *= shape->dim[i];
    return n;
}

/* The kernels' first argument; weight and bias may be NULL. */
static cd_row_norm_call kernel_call(const cd_row_norm_attributes *a, const cd_layout *x,
                                    const void *weight, const void *bias)
{
    const int outer = x->shape.ndim - a->dims;
    return (cd_row_norm_call){ .dtype = x->dtype,
                               .rows = count(&x->shape, 0, outer),
                               .size = count(&x->shape, outer, x->shape.ndim),
                               .weight = weight,
                               .bias = bias,
                               .eps = a->eps,
                               .centred = true };
}

/* --- infer ------------------------------------------------------------------------------------ */

/* Input k, if there is one, has the shape that is normalised and x's dtype. */
static bool check_parameter(const cd_call *call, int k)
{
    const cd_row_norm_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_NORM_X].tensor, *t = call->in[k].tensor;
    if (!t) return true;
    const cd_shape right = last_dims(&x->shape, a->dims);
    char text[CD_SHAPE_TEXT], expected[CD_SHAPE_TEXT];
    if (!cd_shape_equal(t->shape, right)) {
        return cd_refuse(call, CD_ERR_SHAPE, "%s (%s) must have the normalised shape, %s",
                         call->op->input[k], cd_sizes_text(&t->shape, text),
                         cd_sizes_text(&right, expected));
    }
    return cd_check_norm_dtype(call, k);
}

bool cd_infer_row_norm(cd_call *call)
{
    const cd_row_norm_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_NORM_X].tensor;
    if (!cd_check_floating(call, x->dtype)) return false;
    for (int k = CD_NORM_WEIGHT; k < call->inputs; k++) {
        if (!check_parameter(call, k)) return false;
    }
    for (int k = 0; k < call->inputs; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < call->op->outputs; j++) {
        call->out[j].dtype = x->dtype;
        call->out[j].shape = j == CD_NORM_Y ? x->shape : per_row(&x->shape, a->dims);
    }
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

void cd_run_layer_norm(const cd_launch *launch)
{
    const cd_array *in = launch->in, *out = launch->out;
    const cd_row_norm_call norm = kernel_call(launch->attributes, in[CD_NORM_X].layout,
                                              in[CD_NORM_WEIGHT].data, in[CD_NORM_BIAS].data);
    cd_cpu_row_norm(&norm, in[CD_NORM_X].data, out[CD_NORM_Y].data, out[CD_NORM_MEAN].data,
                    out[CD_NORM_RSTD].data);
}

void cd_run_rms_norm(const cd_launch *launch)
{
    const cd_array *in = launch->in, *out = launch->out;
    cd_row_norm_call norm =
        kernel_call(launch->attributes, in[CD_NORM_X].layout, in[CD_NORM_WEIGHT].data, NULL);
    norm.centred = false;
    cd_cpu_row_norm(&norm, in[CD_NORM_X].data, out[CD_NORM_Y].data, NULL, out[CD_NORM_RSTD].data);
}

/* --- the gradients by one kernel -------------------------------------------------------------- */

bool cd_infer_row_norm_backward(cd_call *call)
{
    const cd_row_norm_attributes *a = call->launch.attributes;
    const cd_tensor *dy = call->in[CD_NORM_GRAD_DY].tensor;
    for (int k = 0; k < call->inputs; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < call->op->outputs; j++) {
        call->out[j].dtype = dy->dtype;
        call->out[j].shape = j == CD_NORM_X ? dy->shape : last_dims(&dy->shape, a->dims);
    }
    return true;
}

size_t cd_row_norm_backward_workspace(const cd_launch *launch)
{
    const cd_array *dy = &launch->in[CD_NORM_GRAD_DY];
    const cd_row_norm_call norm = kernel_call(launch->attributes, dy->layout, NULL, NULL);
    bool sums = false;
    for (int j = CD_NORM_WEIGHT; j < launch->outputs; j++) sums |= launch->out[j].data != NULL;
    if (!sums) return 0;
    return (size_t)cd_cpu_row_norm_sums(norm.rows, norm.size) * cd_dtype_size(norm.dtype);
}

static void run_backward(const cd_launch *launch, bool centred)
{
    const cd_array *in = launch->in, *dx = launch->out;
    cd_row_norm_call norm = kernel_call(launch->attributes, in[CD_NORM_GRAD_DY].layout,
                                        in[CD_NORM_GRAD_WEIGHT].data, NULL);
    norm.centred = centred;
    cd_cpu_row_norm_backward(
        &norm, in[CD_NORM_GRAD_DY].data, in[CD_NORM_GRAD_X].data,
        centred ? in[CD_NORM_GRAD_MEAN].data : NULL, in[CD_NORM_GRAD_RSTD].data, dx[CD_NORM_X].data,
        dx[CD_NORM_WEIGHT].data, centred ? dx[CD_NORM_BIAS].data : NULL, launch->workspace);
}

void cd_run_layer_norm_backward(const cd_launch *launch)
{
    run_backward(launch, true);
}

void cd_run_rms_norm_backward(const cd_launch *launch)
{
    run_backward(launch, false);
}

typedef struct saved {
    cd_tensor *rstd, *weight, *x, *mean; /* all but rstd may be NULL */
    cd_row_norm_attributes attributes;
} saved;

static saved unpack(cd_node *node, bool centred)
{
    const cd_row_norm_attributes *a = cd_attributes_of(node);
    return (saved){ .rstd = cd_saved_value(node, CD_NORM_SAVED_RSTD),
                    .weight = cd_saved_optional(node, CD_NORM_SAVED_WEIGHT),
                    .x = cd_saved_optional(node, CD_NORM_SAVED_X),
                    .mean = centred ? cd_saved_value(node, CD_NORM_SAVED_MEAN) : NULL,
                    .attributes = *a };
}

static void by_kernel(cd_node *node, saved s, bool centred, cd_tensor *dy, cd_tensor **dx)
{
    cd_call call;
    const cd_op *op = centred ? &cd_op_layer_norm_backward : &cd_op_rms_norm_backward;
    const cd_operand in[] = { cd_operand_tensor(dy), cd_operand_tensor(s.x),
                              cd_operand_tensor(s.weight), cd_operand_tensor(s.rstd),
                              cd_operand_tensor(s.mean) };
    cd_call_begin(&call, op, in, op->inputs);
    call.launch.attributes = &s.attributes;
    call.asked = 0;
    for (int k = 0; k < op->outputs; k++) call.asked |= cd_wanted(node, k) ? CD_SET(k) : 0;
    call.others = &dx[CD_NORM_WEIGHT];
    dx[CD_NORM_X] = cd_call_run(&call);
}

/* --- the gradients by ops, which can be differentiated again ---------------------------------- */

/* The mean over each row. */
static cd_tensor *row_mean(cd_tensor *x, int dims)
{
    const cd_shape shape = x ? x->shape : CD_SCALAR;
    return x ? cd_div(cd_sum_to_shape(x, per_row(&shape, dims)),
                      (double)count(&shape, shape.ndim - dims, shape.ndim))
             : NULL;
}

static void by_ops(cd_node *node, saved s, bool centred, cd_tensor *dy, cd_tensor **dx)
{
    const int dims = s.attributes.dims;
    const cd_shape shape = last_dims(&dy->shape, dims);
    cd_tensor *rstd = NULL, *xhat = NULL;
    if (s.x) { /* functions of x, for the gradients of these gradients */
        cd_tensor *off = centred ? cd_sub(s.x, row_mean(s.x, dims)) : s.x;
        rstd = cd_pow(cd_add(row_mean(cd_mul(off, off), dims), s.attributes.eps), -0.5);
        xhat = cd_mul(off, rstd);
    }
    if (cd_wanted(node, CD_NORM_X)) {
        cd_tensor *g = s.weight ? cd_mul(dy, s.weight) : dy;
        cd_tensor *along = cd_mul(xhat, row_mean(cd_mul(g, xhat), dims));
        if (centred) g = cd_sub(g, row_mean(g, dims));
        dx[CD_NORM_X] = cd_mul(cd_sub(g, along), rstd);
    }
    if (cd_wanted(node, CD_NORM_WEIGHT)) {
        dx[CD_NORM_WEIGHT] = cd_sum_to_shape(cd_mul(dy, xhat), shape);
    }
    if (centred && cd_wanted(node, CD_NORM_BIAS)) dx[CD_NORM_BIAS] = cd_sum_to_shape(dy, shape);
}

static void gradients(cd_node *node, bool centred, cd_tensor *const *dy, cd_tensor **dx)
{
    saved s = unpack(node, centred);
    if (!cd_ok()) return;
    (cd_grad_enabled() ? by_ops : by_kernel)(node, s, centred, dy[0], dx);
}

void cd_layer_norm_gradients(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    gradients(node, true, dy, dx);
}

void cd_rms_norm_gradients(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    gradients(node, false, dy, dx);
}

/* --- the call --------------------------------------------------------------------------------- */

/* x ends with the shape that is to be normalised. False with an error. */
static bool check_shape(const char *name, const cd_tensor *x, const cd_shape *shape)
{
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    if (shape->ndim < 1 || shape->ndim > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: the normalised shape must have 1 to %d dimensions, and "
                       "has %d",
                       name, CD_MAX_DIMS, shape->ndim);
    }
    if (shape->ndim <= x->shape.ndim) {
        const cd_shape last = last_dims(&x->shape, shape->ndim);
        if (cd_shape_equal(last, *shape)) return true;
    }
    return cd_fail(CD_ERR_SHAPE, "%s: x (%s) does not end with the normalised shape, %s", name,
                   cd_sizes_text(&x->shape, own), cd_sizes_text(shape, text));
}

cd_tensor *cd_row_norm(const cd_op *op, const cd_layer_norm_options *o, double eps)
{
    cd_row_norm_attributes a = { .dims = o->shape.ndim, .eps = cd_option_or(o->eps, eps) };
    cd_tensor *const in[] = { o->x, o->weight, o->bias };
    if (!cd_check_tensor(o->x, op->name, "x") || !check_shape(op->name, o->x, &o->shape)) {
        return NULL;
    }
    return cd_op_tensors(op, false, &a, op->inputs, in);
}
