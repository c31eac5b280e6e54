/* What elementwise ops share: operands, the dtype they meet in, and the walk over broadcast shapes.
 */
#include "autograd/op_internal.h"

/* A dimension of size 1 that is stretched stands still: its stride is 0. */
static void add_operand(cd_iter *it, const cd_tensor *t)
{
    int k = it->operands++;
    int64_t bytes = (int64_t)cd_dtype_size(t->dtype);
    it->data[k] = cd_tensor_data(t);
    for (int i = 0; i < it->ndim; i++) {
        int own = i - (it->ndim - t->shape.ndim);
        it->stride[k][i] = own < 0 || t->shape.dim[own] == 1 ? 0 : t->stride[own] * bytes;
    }
}

/* Whether all lie alike, one element after the other, or are one element that stands still: then a
 * walk is a run. Most do, and many are small, so this is asked before anything else. */
static bool is_run(const cd_tensor *y, int inputs, const cd_tensor *const *input)
{
    if (!y->contiguous) return false;
    for (int k = 0; k < inputs; k++) {
        if (!input[k]->contiguous) return false;
        if (input[k]->numel != 1 && !cd_same_shape(input[k], y)) return false;
    }
    return true;
}

static void map_run(cd_loop *loop, cd_tensor *y, int inputs, const cd_tensor *const *input,
                    const void *parameters)
{
    cd_iter it;
    it.operands = 1 + inputs;
    it.element = (int64_t)cd_dtype_bytes(y->dtype);
    it.ndim = 1;
    it.size[0] = y->numel;
    for (int k = 0; k <= inputs; k++) {
        const cd_tensor *t = k == 0 ? y : input[k - 1];
        it.data[k] = cd_tensor_data(t);
        it.stride[k][0] = k > 0 && t->numel == 1 ? 0 : (int64_t)cd_dtype_bytes(t->dtype);
    }
    cd_cpu_map(&it, loop, parameters);
}

static cd_iter iter_of(const cd_tensor *y, int inputs, const cd_tensor *const *input)
{
    cd_iter it = { .ndim = y->shape.ndim, .element = (int64_t)cd_dtype_bytes(y->dtype) };
    for (int i = 0; i < it.ndim; i++) it.size[i] = y->shape.dim[i];
    add_operand(&it, y);
    for (int k = 0; k < inputs; k++) add_operand(&it, input[k]);
    return it;
}

void cd_map_n(cd_loop *loop, cd_tensor *y, int inputs, const cd_tensor *const *input,
              const void *parameters)
{
    if (is_run(y, inputs, input)) {
        map_run(loop, y, inputs, input, parameters);
        return;
    }
    cd_iter it = iter_of(y, inputs, input);
    cd_iter_coalesce(&it);
    cd_cpu_map(&it, loop, parameters);
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
    cd_iter it = iter_of(y, 1, &x);
    cd_cpu_copy(&it, x->dtype, y->dtype);
}

cd_dtype cd_floating_type(cd_dtype dtype)
{
    return cd_dtype_is_floating(dtype) ? dtype : CD_F32;
}

bool cd_op_check_map(cd_call *call, cd_map map, cd_dtype dtype)
{
    if (cd_cpu_loop(map, dtype)) return true;
    return cd_op_fail(call, CD_ERR_DTYPE, "is not defined for %s: convert with cd_to first",
                      cd_dtype_name(dtype));
}

static cd_tensor *unary(const cd_op *op, cd_map map, cd_tensor *x, cd_saves saves, bool floating)
{
    cd_call call;
    if (!cd_op_begin(&call, op, x)) return NULL;
    cd_dtype dtype = floating ? cd_floating_type(x->dtype) : x->dtype;
    if (!cd_op_check_map(&call, map, dtype)) return cd_op_end(&call);
    cd_tensor *from = cd_op_as(&call, x, dtype);
    cd_tensor *y = cd_op_output(&call, dtype, x->shape);
    if (y) cd_map_1(map, y, from, NULL);
    if (saves == CD_SAVES_INPUT) cd_op_save(&call, x);
    if (saves == CD_SAVES_OUTPUT) cd_op_save_output(&call, 0);
    return cd_op_end(&call);
}

cd_tensor *cd_op_unary(const cd_op *op, cd_map map, cd_tensor *x, cd_saves saves)
{
    return unary(op, map, x, saves, false);
}

cd_tensor *cd_op_unary_floating(const cd_op *op, cd_map map, cd_tensor *x, cd_saves saves)
{
    return unary(op, map, x, saves, true);
}

/* bool, then integers, then floating: within a kind the first category with such a one decides. */
static int kind_of(cd_dtype dtype)
{
    return dtype == CD_BOOL ? 1 : cd_dtype_is_floating(dtype) ? 3 : 2;
}

/* --- two operands ----------------------------------------------------------------------------- */

static cd_shape operand_shape(cd_operand o)
{
    return o.kind == CD_OPERAND_TENSOR ? o.tensor->shape : (cd_shape){ .ndim = 0 };
}

static bool check_operands(const cd_op *op, cd_operand a, cd_operand b)
{
    if (!cd_check_operand(a, op->name, "a") || !cd_check_operand(b, op->name, "b")) return false;
    if (a.kind == CD_OPERAND_TENSOR || b.kind == CD_OPERAND_TENSOR) return true;
    return cd_fail(CD_ERR_ARGUMENT, "%s: both operands are numbers, and one must be a tensor",
                   op->name);
}

/* An operand is needed for the gradient of the other, with CD_SAVES_SECOND b for both. */
static void save_operands(cd_call *call, cd_operand a, cd_operand b, cd_saves saves)
{
    const cd_tensor *x = cd_operand_input(a), *y = cd_operand_input(b);
    if (saves == CD_SAVES_NOTHING) return;
    if (saves == CD_SAVES_ALL) cd_op_save_output(call, 0);
    if ((y && cd_tracks(y)) || saves == CD_SAVES_ALL || saves == CD_SAVES_BOTH)
        cd_op_save_operand(call, 0, a);
    if ((x && cd_tracks(x)) || saves != CD_SAVES_INPUT) cd_op_save_operand(call, 1, b);
}

/* What the result's dtype is, beside the one that the operands meet in. */
typedef enum result_kind { SAME, FLOATING, TRUTH } result_kind;

/* The shape and dtype of the result. Operands that are alike, as most are, need no table. */
static bool meet(cd_call *call, cd_operand a, cd_operand b, cd_shape *shape, cd_dtype *dtype)
{
    const cd_tensor *x = cd_operand_input(a), *y = cd_operand_input(b);
    if (x && y && x->dtype == y->dtype && cd_same_shape(x, y)) {
        *shape = x->shape;
        *dtype = x->dtype;
        return true;
    }
    *dtype = cd_result_type((const cd_operand[]){ a, b }, 2);
    if (!x || !y) {
        *shape = x ? x->shape : y->shape;
        return true;
    }
    if (cd_shape_broadcast(x->shape, y->shape, shape)) return true;
    char text_a[CD_SHAPE_TEXT], text_b[CD_SHAPE_TEXT];
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "a (%s) and b (%s) do not broadcast: aligned at the last "
                      "dimension, sizes must be equal or 1",
                      cd_shape_text(x->shape, text_a), cd_shape_text(y->shape, text_b));
}

static cd_tensor *binary(const cd_op *op, cd_map map, cd_operand a, cd_operand b, cd_saves saves,
                         result_kind kind)
{
    cd_call call;
    cd_tensor *const inputs[2] = { cd_operand_input(a), cd_operand_input(b) };
    if (!check_operands(op, a, b) || !cd_op_begin_optional(&call, op, 0, 2, inputs)) return NULL;
    cd_shape shape;
    cd_dtype dtype;
    if (!meet(&call, a, b, &shape, &dtype)) return cd_op_end(&call);
    if (kind == FLOATING) dtype = cd_floating_type(dtype);
    if (!cd_op_check_map(&call, map, dtype)) return cd_op_end(&call);
    cd_tensor *x = cd_op_operand(&call, a, dtype), *y = cd_op_operand(&call, b, dtype);
    cd_tensor *to = cd_op_output(&call, kind == TRUTH ? CD_BOOL : dtype, shape);
    if (to) cd_map_2(map, to, x, y, NULL);
    save_operands(&call, a, b, saves);
    return cd_op_end(&call);
}

cd_tensor *cd_op_binary(const cd_op *op, cd_map map, cd_operand a, cd_operand b, cd_saves saves)
{
    return binary(op, map, a, b, saves, SAME);
}

cd_tensor *cd_op_binary_floating(const cd_op *op, cd_map map, cd_operand a, cd_operand b,
                                 cd_saves saves)
{
    return binary(op, map, a, b, saves, FLOATING);
}

cd_tensor *cd_op_compare(const cd_op *op, cd_map map, cd_operand a, cd_operand b)
{
    return binary(op, map, a, b, CD_SAVES_NOTHING, TRUTH);
}

bool cd_op_check_fits(cd_call *call, const cd_tensor *x, cd_dtype dtype)
{
    if (kind_of(dtype) <= kind_of(x->dtype)) return true;
    return cd_op_fail(call, CD_ERR_DTYPE,
                      "the result is %s, and x, which is changed in place, is %s",
                      cd_dtype_name(dtype), cd_dtype_name(x->dtype));
}

static bool check_in_place(cd_call *call, cd_tensor *x, cd_operand b, cd_dtype dtype)
{
    cd_shape shape, shape_b = operand_shape(b);
    if (!cd_shape_broadcast(x->shape, shape_b, &shape) || !cd_shape_equal(shape, x->shape)) {
        char text_x[CD_SHAPE_TEXT], text_b[CD_SHAPE_TEXT];
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "b (%s) does not broadcast to x (%s), which is changed in "
                          "place",
                          cd_shape_text(shape_b, text_b), cd_shape_text(x->shape, text_x));
    }
    return cd_op_check_fits(call, x, dtype);
}

cd_tensor *cd_op_apart(cd_call *call, cd_tensor *x, cd_tensor *b)
{
    if (!b || b->storage != x->storage) return b;
    bool same = b->offset == x->offset && cd_shape_equal(b->shape, x->shape);
    for (int i = 0; i < x->shape.ndim && same; i++) same = b->stride[i] == x->stride[i];
    return same ? b : cd_op_copy(call, b, b->dtype);
}

/* Whether the rule asks for x as it was: for the gradient of b, or for any. */
static bool needs_first(cd_operand b, cd_saves saves)
{
    const cd_tensor *t = cd_operand_input(b);
    if (saves == CD_SAVES_ALL || saves == CD_SAVES_BOTH) return true;
    return saves != CD_SAVES_NOTHING && t && cd_tracks(t);
}

static cd_tensor *binary_in_place(const cd_op *op, cd_map map, cd_tensor *x, cd_operand b,
                                  cd_saves saves, result_kind kind)
{
    cd_call call;
    cd_tensor *const inputs[2] = { x, cd_operand_input(b) };
    if (!cd_ok() || !cd_check_tensor(x, op->name, "x") || !cd_check_operand(b, op->name, "b") ||
        !cd_op_begin_in_place(&call, op, 1, 2, inputs)) {
        return NULL;
    }
    cd_operand a = cd_operand_tensor(x);
    cd_dtype dtype = cd_result_type((const cd_operand[]){ a, b }, 2);
    if (kind == FLOATING) dtype = cd_floating_type(dtype);
    if (!check_in_place(&call, x, b, dtype) || !cd_op_check_map(&call, map, dtype))
        return cd_op_end(&call);
    cd_tensor *from = cd_op_as(&call, x, dtype),
              *by = cd_op_apart(&call, x, cd_op_operand(&call, b, dtype));
    cd_tensor *to = from == x ? x : cd_op_temporary(&call, dtype, x->shape);
    cd_tensor *was = needs_first(b, saves) ? cd_op_before_change(&call, x) : x;
    save_operands(&call, cd_operand_tensor(was), b, saves);
    if (by && to && cd_op_before_write(&call)) {
        cd_map_2(map, to, from, by, NULL);
        if (to != x) cd_tensor_copy(x, to);
    }
    return cd_op_end(&call);
}

cd_tensor *cd_op_binary_in_place(const cd_op *op, cd_map map, cd_tensor *x, cd_operand b,
                                 cd_saves saves)
{
    return binary_in_place(op, map, x, b, saves, SAME);
}

cd_tensor *cd_op_binary_floating_in_place(const cd_op *op, cd_map map, cd_tensor *x, cd_operand b,
                                          cd_saves saves)
{
    return binary_in_place(op, map, x, b, saves, FLOATING);
}

/* --- the dtype operands meet in --------------------------------------------------------------- */

static cd_dtype number_type(cd_operand o)
{
    return o.kind == CD_OPERAND_BOOL ? CD_BOOL : o.kind == CD_OPERAND_INTEGER ? CD_I64 : CD_F32;
}

cd_dtype cd_result_type(const cd_operand *operands, int count)
{
    enum { DIMENSIONED, ZERO_DIM, NUMBER, CATEGORIES };
    cd_dtype of[CATEGORIES] = { CD_DTYPE_DEFAULT, CD_DTYPE_DEFAULT, CD_DTYPE_DEFAULT };
    for (int k = 0; k < count; k++) {
        const cd_tensor *t = cd_operand_input(operands[k]);
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

bool cd_check_operand(cd_operand o, const char *function, const char *argument)
{
    if (o.kind == CD_OPERAND_TENSOR && !o.tensor) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: %s is NULL (cd_grad gives NULL until a gradient has arrived)", function,
                       argument);
    }
    return o.kind != CD_OPERAND_TENSOR || cd_check_tensor(o.tensor, function, argument);
}

cd_tensor *cd_op_operand(cd_call *call, cd_operand o, cd_dtype dtype)
{
    if (call->failed) return NULL;
    if (o.kind == CD_OPERAND_TENSOR) return cd_op_as(call, o.tensor, dtype);
    if (call->anomaly.on) cd_op_given(call, o.number);
    if (call->numbers == CD_CALL_NUMBERS) {
        (void)cd_op_fail(call, CD_ERR_STATE, "a call has room for %d numbers", CD_CALL_NUMBERS);
        return NULL;
    }
    cd_number *n = &call->number[call->numbers++];
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

void cd_op_save_operand(cd_call *call, int k, cd_operand o)
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
    cd_operand o = { .kind = (cd_operand_kind)node->parameters.i[3 * k] };
    if (o.kind == CD_OPERAND_TENSOR) {
        o.tensor = cd_saved_value(node, (int)node->parameters.i[3 * k + 1]);
    } else {
        o.integer = node->parameters.i[3 * k + 1];
        o.number = node->parameters.d[k];
    }
    return o;
}
