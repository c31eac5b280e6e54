/* What activations share. */
#include "autograd/families/activation_internal.h"

#include "autograd/families/clamp_internal.h"
#include "core/dtype_internal.h"

bool cd_infer_activation(cd_call *call)
{
    if (!cd_infer_elementwise(call)) return false;
    const cd_dtype dtype = call->out[0].dtype;
    for (const cd_field *f = call->op->fields; f->kind != CD_FIELD_END; f++) {
        if (f->kind != CD_FIELD_REAL) continue;
        const double *value = (const void *)((const char *)call->launch.attributes + f->offset);
        if (!cd_dtype_takes(dtype, *value)) return cd_refuse_number(call, dtype, *value);
    }
    return true;
}

/* infer leaves the attributes as they are. */
cd_tensor *cd_activation_gradient(cd_node *node, const cd_op *op, cd_tensor *dy)
{
    void *attributes = (void *)(uintptr_t)cd_attributes_of(node);
    return cd_op_with(op, attributes, dy, cd_activation_x(node));
}

cd_tensor *cd_activation_x(cd_node *node)
{
    return cd_saved_value(node, CD_ACTIVATION_SAVED_X);
}

cd_tensor *cd_activation_dy_times(cd_node *node, cd_tensor *g)
{
    return cd_mul(g, cd_saved_value(node, CD_ACTIVATION_SAVED_DY));
}

bool cd_check_result_has_sign(const cd_node *node, const char *name, double number)
{
    return number >= 0 ||
           cd_fail(CD_ERR_AUTOGRAD,
                   "%s: backward needs the sign of x, which the result has unless %s is negative "
                   "(here %g): use the function that is not in place",
                   node->op->name, name, number);
}

/* --- elu, celu and selu ----------------------------------------------------------------------- */

const cd_field cd_elu_fields[] = { CD_FIELD(cd_elu_numbers, alpha, REAL),
                                   CD_FIELD(cd_elu_numbers, scale, REAL),
                                   CD_FIELD(cd_elu_numbers, input_scale, REAL), CD_FIELDS_END };

void cd_elu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_elu_backward, dy[0]);
}

void cd_elu_result_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_elu_numbers *a = cd_attributes_of(node);
    if (cd_check_result_has_sign(node, "alpha", a->alpha)) {
        dx[0] = cd_activation_gradient(node, &cd_op_elu_result_backward, dy[0]);
    }
}

/* --- hardtanh and relu6 ----------------------------------------------------------------------- */

void cd_hardtanh_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_hardtanh_backward, dy[0]);
}

/* A bound as an operand that does not change the dtype of x. False with an error. */
static bool bound_of(const cd_op *op, const cd_tensor *x, double bound, cd_operand *operand)
{
    const bool whole = !cd_dtype_is_floating(x->dtype);
    if (whole && !cd_dtype_takes(CD_I64, bound)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %g is not among the numbers of int64", op->name,
                       bound);
    }
    *operand = whole ? cd_operand_signed((int64_t)bound) : cd_operand_double(bound);
    return true;
}

cd_tensor *cd_hardtanh_by(const cd_op *op, cd_tensor *x, double least, double most, bool in_place)
{
    cd_operand low, high;
    if (!cd_check_tensor(x, op->name, "x")) return NULL;
    if (x->dtype == CD_BOOL) {
        (void)cd_fail(CD_ERR_DTYPE, "%s: is not defined for bool: convert with cd_to first",
                      op->name);
        return NULL;
    }
    if (least > most) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: min_val (%g) is above max_val (%g)", op->name, least,
                      most);
        return NULL;
    }
    if (!bound_of(op, x, least, &low) || !bound_of(op, x, most, &high)) return NULL;
    return cd_clamp_by(op, x, &low, &high, in_place);
}
