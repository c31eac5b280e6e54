/* What scans share. */
#include "autograd/families/scan_internal.h"

#include "autograd/families/indexing_internal.h"
#include "autograd/families/min_max_internal.h"
#include "autograd/ops_internal.h"

const cd_field cd_scan_fields[] = { CD_FIELD(cd_scan_attributes, dim, DIM),
                                    CD_FIELD(cd_scan_attributes, reverse, BOOL), CD_FIELDS_END };

/* --- infer ------------------------------------------------------------------------------------ */

bool cd_infer_scan(cd_call *call)
{
    cd_scan_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = x->shape;
    return cd_wrap_dim(call->name, x->shape.ndim, a->dim, &a->dim);
}

bool cd_infer_cumulative(cd_call *call)
{
    const cd_scan_attributes *a = call->launch.attributes;
    if (!cd_infer_scan(call)) return false;
    const cd_dtype own = call->out[0].dtype;
    cd_dtype dtype = a->dtype;
    if (dtype == CD_DTYPE_DEFAULT) dtype = call->in_place ? own : cd_sum_type(own);
    if (call->in_place && dtype != own) {
        return cd_refuse(call, CD_ERR_DTYPE, "x is %s, which .dtype cannot change in place to %s",
                         cd_dtype_name(own), cd_dtype_name(dtype));
    }
    call->need[0].dtype = call->out[0].dtype = dtype;
    return cd_check_computes_in(call, dtype);
}

bool cd_infer_scan_indices(cd_call *call)
{
    if (!cd_infer_scan(call)) return false;
    call->out[1].dtype = CD_I64;
    call->out[1].shape = call->out[0].shape;
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

/* Adds an operand: all dimensions but `dim` are lines. */
static void add_operand(cd_scan_walk *walk, int k, void *data, const cd_layout *layout, int dim)
{
    const int64_t bytes = (int64_t)cd_dtype_bytes[layout->dtype];
    const cd_shape *shape = &layout->shape;
    walk->data[k] = data;
    walk->ndim = 0;
    walk->n = 1;
    for (int i = 0; i < shape->ndim; i++) {
        if (i == dim) {
            walk->n = shape->dim[i];
            walk->step[k] = layout->stride[i] * bytes;
            continue;
        }
        walk->size[walk->ndim] = shape->dim[i];
        walk->stride[k][walk->ndim++] = layout->stride[i] * bytes;
    }
}

/* From the last element back. */
static void turn_round(cd_scan_walk *walk)
{
    for (int k = 0; k < CD_SCAN_OPERANDS; k++) {
        if (walk->data[k]) walk->data[k] += (walk->n - 1) * walk->step[k];
        walk->step[k] = -walk->step[k];
    }
}

/* The factor of y[k - 1] that the walk shows first is a[1]. With `reverse` it is a[n - 1], where
 * the walk begins anyway. */
static void skip_first_factor(cd_scan_walk *walk)
{
    walk->data[3] += walk->step[3];
}

void cd_run_scan(const cd_launch *launch, cd_scan kind)
{
    const cd_scan_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    cd_scan_walk walk = { 0 };
    add_operand(&walk, 2, x->data, x->layout, a->dim);
    add_operand(&walk, 0, y->data, y->layout, a->dim);
    if (launch->outputs > 1) {
        const cd_layout indices = cd_layout_row_major(CD_I64, y->layout->shape);
        add_operand(&walk, 1, cd_indices_of(launch), &indices, a->dim);
    }
    if (launch->inputs > 1) {
        add_operand(&walk, 3, launch->in[1].data, launch->in[1].layout, a->dim);
        if (!a->reverse && walk.n > 1) skip_first_factor(&walk);
    }
    if (a->reverse) turn_round(&walk);
    cd_cpu_scan(kind, x->layout->dtype, &walk);
}

/* --- the calls -------------------------------------------------------------------------------- */

cd_tensor *cd_op_cumulative(const cd_op *op, const cd_cumulative_options *options, bool in_place)
{
    cd_scan_attributes a = { .dim = options->dim, .dtype = options->dtype };
    if (!cd_check_dtype_option(op->name, options->dtype)) return NULL;
    return cd_op_tensors(op, in_place, &a, 1, &options->x);
}

cd_tensor *cd_op_scan_indices(const cd_op *op, const cd_scan_options *options)
{
    cd_scan_attributes a = { .dim = options->dim };
    return cd_op_with_indices(op, &a, options->x, options->indices);
}

/* --- gradients -------------------------------------------------------------------------------- */

void cd_scan_indices_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_scan_attributes *a = cd_attributes_of(node);
    dx[0] = cd_gather_backward(dy[0], a->dim, cd_saved_value(node, 0), node->input[0].shape);
}

cd_tensor *cd_all_but_one(cd_tensor *x, int dim, int64_t begin)
{
    return x ? cd_narrow(x, dim, begin, x->shape.dim[dim] - 1) : NULL;
}

cd_tensor *cd_after_ones(cd_tensor *x, int dim)
{
    if (!x) return NULL;
    cd_shape first = x->shape;
    first.dim[dim] = 1;
    cd_tensor *ones = cd_ones(first, .dtype = x->dtype, .device = cd_tensor_device(x));
    return cd_cat(CD_TENSORS(ones, x), dim);
}

cd_tensor *cd_exclusive(cd_tensor *cumprod, int dim)
{
    return cd_after_ones(cd_all_but_one(cumprod, dim, 0), dim);
}
