/* infer for elementwise ops: the dtype that their inputs are promoted to, and the shape that they
 * broadcast to. */
#include "autograd/dispatch/call_internal.h"
#include "core/operand_internal.h"
#include "core/tensor_internal.h"

/* --- type promotion --------------------------------------------------------------------------- */

static cd_dtype number_type(cd_operand o)
{
    return o.kind == CD_OPERAND_BOOL ? CD_BOOL : o.kind == CD_OPERAND_INTEGER ? CD_I64 : CD_F32;
}

/* Kinds of dtypes, the lowest first: bool, integers, floating. */
static int kind_of(cd_dtype dtype)
{
    return dtype == CD_BOOL ? 1 : cd_is_floating(dtype) ? 3 : 2;
}

/* The first category decides (tensors with dimensions), unless a later one (0-d tensors, then
 * numbers) has a higher kind. Within a category dtypes are promoted as usual. */
cd_dtype cd_result_type(const cd_operand *operands, int count)
{
    enum { DIMENSIONED, ZERO_DIM, NUMBER, CATEGORIES };
    cd_dtype of[CATEGORIES] = { CD_DTYPE_DEFAULT, CD_DTYPE_DEFAULT, CD_DTYPE_DEFAULT };
    for (int k = 0; k < count; k++) {
        const cd_tensor *t = cd_operand_as_tensor(operands[k]);
        int category = !t ? NUMBER : t->shape.ndim == 0 ? ZERO_DIM : DIMENSIONED;
        of[category] = cd_promote_types(of[category], t ? t->dtype : number_type(operands[k]));
    }
    cd_dtype result = CD_DTYPE_DEFAULT;
    for (int category = 0; category < CATEGORIES; category++) {
        if (of[category] == CD_DTYPE_DEFAULT) continue;
        if (result == CD_DTYPE_DEFAULT || kind_of(of[category]) > kind_of(result)) {
            result = of[category];
        }
    }
    return result;
}

cd_dtype cd_inputs_type(const cd_call *call)
{
    cd_dtype dtype = CD_DTYPE_DEFAULT;
    for (int k = 0; k < call->inputs; k++) {
        dtype = cd_promote_types(dtype, call->in[k].tensor->dtype);
    }
    return dtype;
}

cd_dtype cd_floating_type(cd_dtype dtype)
{
    return cd_is_floating(dtype) ? dtype : CD_F32;
}

/* --- checks ----------------------------------------------------------------------------------- */

bool cd_check_computes_in(const cd_call *call, cd_dtype dtype)
{
    const unsigned computes_in = call->op->computes_in;
    if (computes_in == CD_EVERY_DTYPE || (computes_in & CD_SET(dtype))) return true;
    return cd_refuse(call, CD_ERR_DTYPE, "is not defined for %s: convert with cd_to first",
                     cd_dtype_name(dtype));
}

bool cd_check_floating(const cd_call *call, cd_dtype dtype)
{
    return cd_is_floating(dtype) ||
           cd_refuse(call, CD_ERR_DTYPE,
                     "is not defined for %s: convert with cd_to(x, CD_F32) first",
                     cd_dtype_name(dtype));
}

bool cd_check_fits(const cd_call *call, cd_dtype dtype)
{
    const cd_tensor *x = call->in[0].tensor;
    return kind_of(dtype) <= kind_of(x->dtype) ||
           cd_refuse(call, CD_ERR_DTYPE,
                     "the result is %s, and x, which is changed in place, is %s",
                     cd_dtype_name(dtype), cd_dtype_name(x->dtype));
}

bool cd_refuse_number(const cd_call *call, cd_dtype dtype, double number)
{
    return cd_refuse(call, CD_ERR_ARGUMENT, "%g is not among the numbers of %s", number,
                     cd_dtype_name(dtype));
}

static bool refuse_shapes(const cd_call *call, cd_shape a, cd_shape b)
{
    char text_a[CD_SHAPE_TEXT], text_b[CD_SHAPE_TEXT];
    cd_sizes_text(&a, text_a);
    cd_sizes_text(&b, text_b);
    const char *const *name = call->op->input;
    if (call->in_place) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "%s (%s) does not broadcast to x (%s), which is changed in place", name[1],
                         text_b, text_a);
    }
    return cd_refuse(call, CD_ERR_SHAPE,
                     "%s (%s) and %s (%s) do not broadcast: aligned at the last dimension, sizes "
                     "must be equal or 1",
                     name[0], text_a, name[1], text_b);
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool same_dtype_and_shape(const cd_tensor *a, const cd_tensor *b)
{
    return a && b && a->dtype == b->dtype && cd_same_shape(a, b);
}

/* The general case: promotes and broadcasts. */
static __attribute__((noinline)) bool promote_and_broadcast(cd_call *call, const cd_tensor *a,
                                                            const cd_tensor *b, cd_dtype *dtype)
{
    cd_shape *shape = &call->out[0].shape;
    if (!a && !b) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "both operands are numbers, and one must be a tensor");
    }
    *dtype = cd_result_type(call->in, 2);
    const cd_shape scalar = { .ndim = 0 };
    const cd_shape shape_a = a ? a->shape : scalar, shape_b = b ? b->shape : scalar;
    bool fits = cd_shape_broadcast(shape_a, shape_b, shape) &&
                (!call->in_place || cd_shape_equal(*shape, shape_a));
    return fits || refuse_shapes(call, shape_a, shape_b);
}

/* Sets the dtype that two operands are promoted to, and the shape that they broadcast to. Mostly
 * they are of one dtype and shape, and nothing needs to be computed. */
static bool combine(cd_call *call, cd_dtype *dtype)
{
    const cd_tensor *a = cd_operand_as_tensor(call->in[0]), *b = cd_operand_as_tensor(call->in[1]);
    if (!same_dtype_and_shape(a, b)) return promote_and_broadcast(call, a, b, dtype);
    call->out[0].shape = a->shape;
    *dtype = a->dtype;
    return true;
}

bool cd_infer_elementwise(cd_call *call)
{
    const cd_elementwise rule = (cd_elementwise)call->op->elementwise;
    const cd_tensor *x = call->in[0].tensor;
    cd_dtype dtype;
    if (call->inputs == 1) {
        dtype = x->dtype;
        call->out[0].shape = x->shape;
    } else if (!combine(call, &dtype)) {
        return false;
    }
    if (rule == CD_FLOATING) dtype = cd_floating_type(dtype);
    if (call->op->computes_in != CD_EVERY_DTYPE && !cd_check_computes_in(call, dtype)) return false;
    if (call->in_place && rule != CD_TRUTH && !cd_check_fits(call, dtype)) return false;
    call->out[0].dtype = rule == CD_TRUTH ? CD_BOOL : dtype;
    for (int k = 0; k < call->inputs; k++) {
        call->need[k] = (cd_need){ .dtype = dtype,
                                   .apart = call->in_place ? CD_APART_OR_SAME : CD_MAY_OVERLAP };
    }
    return true;
}
