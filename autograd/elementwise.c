/* What elementwise ops share: operands, the dtype they meet in, and the walk over broadcast shapes.
 */
#include "autograd/op_internal.h"

void cd_map_n(cd_loop *loop, cd_tensor *y, int inputs, const cd_tensor *const *input,
              const void *parameters)
{
    const cd_argument out = { cd_tensor_data(y), &y->layout };
    cd_argument in[4];
    for (int k = 0; k < inputs; k++) {
        in[k] = (cd_argument){ cd_tensor_data(input[k]), &input[k]->layout };
    }
    cd_cpu_elementwise(loop, &out, inputs, in, parameters);
}

void cd_map_0(cd_map map, cd_tensor *y, const void *parameters)
{
    cd_map_n(cd_cpu_loop(map, y->dtype), y, 0, NULL, parameters);
}

void cd_map_1(cd_map map, cd_tensor *y, const cd_tensor *x, const void *parameters)
{
    cd_map_n(cd_cpu_loop(map, x->dtype), y, 1, &x, parameters);
}

void cd_map_2(cd_map map, cd_tensor *y, const cd_tensor *a, const cd_tensor *b,
              const void *parameters)
{
    cd_map_n(cd_cpu_loop(map, a->dtype), y, 2, (const cd_tensor *const[]){ a, b }, parameters);
}

void cd_map_3(cd_map map, cd_tensor *y, const cd_tensor *a, const cd_tensor *b, const cd_tensor *c,
              const void *parameters)
{
    cd_map_n(cd_cpu_loop(map, b->dtype), y, 3, (const cd_tensor *const[]){ a, b, c }, parameters);
}

void cd_map_convert(cd_tensor *y, const cd_tensor *x)
{
    const cd_argument out = { cd_tensor_data(y), &y->layout };
    const cd_argument in = { cd_tensor_data(x), (const cd_layout *)&x->layout };
    cd_cpu_convert(&out, &in);
}

bool cd_op_check_map(cd_old_call *call, cd_map map, cd_dtype dtype)
{
    if (cd_cpu_loop(map, dtype)) return true;
    return cd_op_fail(call, CD_ERR_DTYPE, "is not defined for %s: convert with cd_to first",
                      cd_dtype_name(dtype));
}

static int kind_of(cd_dtype dtype)
{
    return dtype == CD_BOOL ? 1 : cd_dtype_is_floating(dtype) ? 3 : 2;
}

bool cd_op_check_fits(cd_old_call *call, const cd_tensor *x, cd_dtype dtype)
{
    if (kind_of(dtype) <= kind_of(x->dtype)) return true;
    return cd_op_fail(call, CD_ERR_DTYPE,
                      "the result is %s, and x, which is changed in place, is %s",
                      cd_dtype_name(dtype), cd_dtype_name(x->dtype));
}

cd_tensor *cd_op_apart(cd_old_call *call, cd_tensor *x, cd_tensor *b)
{
    if (!b || b->storage != x->storage) return b;
    bool same = b->offset == x->offset && cd_shape_equal(b->shape, x->shape);
    for (int i = 0; i < x->shape.ndim && same; i++) same = b->stride[i] == x->stride[i];
    return same ? b : cd_op_copy(call, b, b->dtype);
}

cd_tensor *cd_op_operand(cd_old_call *call, cd_operand o, cd_dtype dtype)
{
    if (call->failed) return NULL;
    if (o.kind == CD_OPERAND_TENSOR) return cd_op_as(call, o.tensor, dtype);
    if (call->anomaly.on) cd_op_given(call, o.number);
    if (call->numbers == CD_CALL_NUMBERS) {
        (void)cd_op_fail(call, CD_ERR_STATE, "a call has room for %d numbers", CD_CALL_NUMBERS);
        return NULL;
    }
    cd_old_number *n = &call->number[call->numbers++];
    bool whole = o.kind != CD_OPERAND_DOUBLE;
    char *data[2] = { n->storage.near, whole ? (char *)&o.integer : (char *)&o.number };
    const int64_t none[2] = { 0, 0 };
    cd_cpu_convert_loop(whole ? CD_I64 : CD_F64, dtype)(1, data, none, NULL);
    n->storage.data = n->storage.near;
    n->tensor.storage = &n->storage;
    n->tensor.offset = 0;
    n->tensor.numel = 1;
    n->tensor.dtype = dtype;
    n->tensor.contiguous = true;
    n->tensor.shape.ndim = 0;
    return &n->tensor;
}

void cd_op_save_operand(cd_old_call *call, int k, cd_operand o)
{
    if (!call->record) return;
    call->parameters.i[3 * k] = o.kind;
    if (o.kind == CD_OPERAND_TENSOR) {
        call->parameters.i[3 * k + 1] = call->saved;
        cd_op_save(call, o.tensor);
    } else {
        call->parameters.i[3 * k + 1] = o.integer;
        call->parameters.d[k] = o.number;
    }
}

cd_operand cd_saved_operand(cd_node *node, int k)
{
    cd_operand o = { .kind = (cd_operand_kind)node->parameters->i[3 * k] };
    if (o.kind == CD_OPERAND_TENSOR) {
        o.tensor = cd_saved_value(node, (int)node->parameters->i[3 * k + 1]);
    } else {
        o.integer = node->parameters->i[3 * k + 1];
        o.number = node->parameters->d[k];
    }
    return o;
}
