/* pow_tensor: a to the power of a tensor; a is a tensor or a number, and both broadcast. cd_pow
 * calls it when the exponent is a tensor.
 *
 * An integer to the power of a negative integer is 0 here, but for 1 and -1. Saves a, b and y.
 * Kernel: core/cpu/binary.c. */
#include "autograd/ops_internal.h"

enum { A, B };
enum { SAVED_Y, SAVED_A, SAVED_B };

static cd_tensor *base_gradient(cd_tensor *a, cd_tensor *b, cd_tensor *dy)
{
    cd_tensor *slope = cd_mul(b, cd_pow(a, cd_add(b, -1)));
    return cd_where(cd_eq(b, 0), 0, cd_mul(dy, slope));
}

static cd_tensor *exponent_gradient(cd_operand a, cd_tensor *b, cd_tensor *y, cd_tensor *dy)
{
    cd_tensor *base = cd_operand_as_tensor(a);
    if (!base) { /* float64 holds any number that a can be */
        base = cd_full(CD_SCALAR, a.number, .dtype = CD_F64, .device = cd_tensor_device(b));
    }
    cd_tensor *flat = cd_mul(cd_eq(base, 0), cd_ge(b, 0));
    return cd_mul(dy, cd_where(flat, 0, cd_mul(y, cd_log(base))));
}

static void pow_tensor_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *y = cd_saved_value(node, SAVED_Y), *b = cd_saved_value(node, SAVED_B);
    cd_operand a = cd_saved_input(node, SAVED_A);
    if (!y || !b || !cd_ok()) return;
    if (cd_wanted(node, A)) dx[A] = base_gradient(a.tensor, b, dy[0]);
    if (cd_wanted(node, B)) dx[B] = exponent_gradient(a, b, y, dy[0]);
}

const cd_op cd_op_rpow = {
    .name = "pow",
    .grad_fn = "PowBackward2",
    .like = "torch.pow(a, b) with a number and a tensor",
    .formula = "y = a^b",
    .gradient = "db = dy * y * log(a), 0 where a = 0 and b >= 0",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_pow,
    .save = { [SAVED_Y] = { CD_OUTPUT, 0 },
              [SAVED_A] = { CD_INPUT, A },
              [SAVED_B] = { CD_INPUT, B } },
    .backward = pow_tensor_backward,
};

cd_tensor *cd_pow_tensor(cd_operand a, cd_operand b)
{
    const cd_op *op = a.kind == CD_OPERAND_TENSOR ? &cd_op_pow_tensor : &cd_op_rpow;
    return cd_op_binary(op, a, b);
}

cd_tensor *cd_pow_tensor_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_pow_tensor, x, b);
}

const cd_op cd_op_pow_tensor = {
    .name = "pow",
    .grad_fn = "PowBackward1",
    .like = "torch.pow(a, b) with a tensor b",
    .formula = "y = a^b",
    .gradient = "da = dy * b * a^(b - 1), 0 where b = 0; db = dy * y * log(a), 0 where a = 0 and "
                "b >= 0",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_pow,
    .save = { [SAVED_Y] = { CD_OUTPUT, 0 },
              [SAVED_A] = { CD_INPUT, A },
              [SAVED_B] = { CD_INPUT, B } },
    .backward = pow_tensor_backward,
};
