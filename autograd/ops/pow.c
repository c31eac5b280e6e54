/* pow: x to the power of a number.
 *
 * Exponents of 2, 1, 0.5 and -0.5 are computed as square, copy, square root and reciprocal
 * square root, and of floats 3 and -1 as cube and reciprocal. An integer to the power of a
 * negative integer is an error. A tensor as the exponent is pow_tensor.c.
 *
 * Saves x. Kernels: core/cpu/binary.c (3 and -1 too), core/cpu/unary.c for 2, 0.5 and -0.5. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

enum { X, E };

static const cd_field fields[] = { CD_FIELD(cd_pow_attributes, exponent, REAL), CD_FIELDS_END };

static void pow_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_pow_attributes *a = cd_attributes_of(node);
    const double e = a->exponent;
    cd_tensor *x = cd_saved_value(node, 0);
    if (e == 0) {
        dx[X] = cd_zeros_like(dy[0]);
    } else {
        dx[X] = cd_mul(dy[0], cd_mul(e == 2 ? x : cd_pow(x, e - 1), e));
    }
}

static bool check_exponent(const cd_call *call, cd_dtype dtype)
{
    const cd_operand e = call->in[E];
    if (!cd_check_computes_in(call, dtype)) return false;
    if (cd_dtype_is_floating(dtype)) return true;
    if (e.integer < 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "integers (%s) to negative integer powers (%lld) are not allowed: make "
                         "the exponent a double, or convert the tensor with cd_to",
                         cd_dtype_name(dtype), (long long)e.integer);
    }
    return e.integer <= cd_integer_ranges[dtype].max ||
           cd_refuse(call, CD_ERR_ARGUMENT, "the exponent %lld is not among the numbers of %s",
                     (long long)e.integer, cd_dtype_name(dtype));
}

static bool pow_infer(cd_call *call)
{
    const cd_dtype dtype = cd_result_type(call->in, 2);
    if (!check_exponent(call, dtype) || (call->in_place && !cd_check_fits(call, dtype))) {
        return false;
    }
    call->need[X].dtype = call->need[E].dtype = call->out[0].dtype = dtype;
    call->out[0].shape = call->in[X].tensor->shape;
    return true;
}

static cd_map map_for(double exponent, bool floating)
{
    if (exponent == 2) return CD_MAP_square;
    if (floating && exponent == 0.5) return CD_MAP_sqrt;
    if (floating && exponent == -0.5) return CD_MAP_rsqrt;
    return CD_MAP_pow;
}

static void pow_run(const cd_launch *launch)
{
    const cd_pow_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[X], *y = &launch->out[0];
    if (a->exponent == 1) {
        (void)cd_cpu_start_from(y, x);
        return;
    }
    const cd_dtype dtype = y->layout->dtype;
    const cd_map map = map_for(a->exponent, cd_is_floating(dtype));
    const int inputs = map == CD_MAP_pow ? 2 : 1;
    cd_cpu_elementwise(cd_cpu_loop(map, dtype), y, inputs, launch->in, NULL);
}

static cd_tensor *pow_number(cd_tensor *x, cd_operand exponent, bool in_place)
{
    cd_call call;
    cd_pow_attributes a = { exponent.number };
    const cd_operand in[2] = { cd_operand_tensor(x), exponent };
    cd_call_begin(&call, &cd_op_pow, in, 2);
    call.launch.attributes = &a;
    call.in_place = in_place;
    return cd_call_run(&call);
}

cd_tensor *cd_pow_with(cd_operand a, cd_operand b)
{
    if (a.kind != CD_OPERAND_TENSOR || b.kind == CD_OPERAND_TENSOR) return cd_pow_tensor(a, b);
    return pow_number(a.tensor, b, false);
}

cd_tensor *cd_pow_with_(cd_tensor *x, cd_operand b)
{
    if (b.kind == CD_OPERAND_TENSOR) return cd_pow_tensor_(x, b);
    return pow_number(x, b, true);
}

const cd_op cd_op_pow = {
    .name = "pow",
    .grad_fn = "PowBackward0",
    .like = "torch.pow(x, e) with a number",
    .formula = "y = x^e",
    .gradient = "dx = dy * e * x^(e - 1), 0 for e = 0",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(E),
    .input = { "x", "e" },
    .computes_in = CD_NUMERIC,
    .save = { { CD_INPUT, X } },
    CD_OP_ATTRIBUTES(cd_pow_attributes, fields),
    .infer = pow_infer,
    .cpu = { .run = pow_run },
    .backward = pow_backward,
};
