/* div: true division of two operands, tensors or numbers, which broadcast. Integers and bool become
 * float32. With a rounding mode: the ops div_trunc and div_floor, which keep the dtype.
 *
 * Saves b, and a for the gradient of b. Kernels: core/cpu/binary.c, core/cpu/arithmetic.c. A number
 * divided by a tensor is made of other ops: the reciprocal of the tensor, times the number. */
#include "autograd/families/arithmetic_internal.h"
#include "autograd/families/gradients_internal.h"

enum { A, B };
enum { SAVED_A, SAVED_B };

static void div_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_operand b = cd_saved_input(node, SAVED_B);
    if (cd_wanted(node, A)) dx[A] = cd_div_with(cd_operand_tensor(dy[0]), b);
    if (cd_wanted(node, B)) {
        cd_tensor *slope = cd_div(cd_div_with(cd_saved_input(node, SAVED_A), b), b.tensor);
        dx[B] = cd_mul(cd_neg(dy[0]), slope);
    }
}

/* PyTorch computes number / tensor in this way: the same bits, and the same nodes in the graph. */
static cd_tensor *divide_number(cd_operand a, cd_tensor *b)
{
    if (!cd_check_tensor(b, "div", "b")) return NULL;
    cd_tensor *inverse = cd_reciprocal(b);
    cd_tensor *y = cd_mul_with(cd_operand_tensor(inverse), a);
    if (inverse) (void)cd_drop(inverse); /* the graph has saved what backward needs */
    return y;
}

cd_tensor *cd_div_with(cd_operand a, cd_operand b)
{
    if (a.kind != CD_OPERAND_TENSOR && b.kind == CD_OPERAND_TENSOR)
        return divide_number(a, b.tensor);
    return cd_op_binary(&cd_op_div, a, b);
}

cd_tensor *cd_div_with_(cd_tensor *x, cd_operand b)
{
    return cd_op_binary_in_place(&cd_op_div, x, b);
}

const cd_op cd_op_div = {
    .name = "div",
    .grad_fn = "DivBackward0",
    .like = "torch.div(a, b)",
    .formula = "y = a / b",
    .gradient = "da = dy / b, db = -dy * (a / b) / b",
    .dtypes = "floating; others become float32",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_FLOATING,
    .map = CD_MAP_div,
    .save = { [SAVED_A] = { CD_INPUT, A, CD_SET(B) }, [SAVED_B] = { CD_INPUT, B } },
    .backward = div_backward,
};

/* --- with a rounding mode --------------------------------------------------------------------- */

/* The op that rounds so; NULL with an error for a number that is no rounding mode. */
static const cd_op *op_for(cd_rounding_mode mode)
{
    switch (mode) {
    case CD_ROUND_NONE:
        return &cd_op_div;
    case CD_ROUND_TRUNC:
        return &cd_op_div_trunc;
    case CD_ROUND_FLOOR:
        return &cd_op_div_floor;
    }
    (void)cd_fail(CD_ERR_ARGUMENT,
                  "div: .rounding_mode is %d, and must be CD_ROUND_NONE, CD_ROUND_TRUNC or "
                  "CD_ROUND_FLOOR",
                  (int)mode);
    return NULL;
}

cd_tensor *cd_div_rounded_with(cd_div_options o)
{
    if (o.rounding_mode == CD_ROUND_NONE) return cd_div_with(o.a, o.b);
    const cd_op *op = op_for(o.rounding_mode);
    return op ? cd_op_binary(op, o.a, o.b) : NULL;
}

cd_tensor *cd_div_rounded_with_(cd_div_in_place_options o)
{
    const cd_op *op = op_for(o.rounding_mode);
    return op ? cd_op_binary_in_place(op, o.x, o.b) : NULL;
}

const cd_op cd_op_div_trunc = {
    .name = "div",
    .grad_fn = "DivBackward2",
    .like = "torch.div(a, b, rounding_mode='trunc')",
    .formula = "y = trunc(a / b)",
    .gradient = "da = 0, db = 0",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_div_trunc,
    .infer = cd_infer_division,
    .refuse = cd_refuse_divisor,
    .cpu = { .check = cd_check_divisor, .run = cd_run_division },
    .backward = cd_zero_backward,
};

const cd_op cd_op_div_floor = {
    .name = "div",
    .grad_fn = "DivBackward2",
    .like = "torch.div(a, b, rounding_mode='floor')",
    .formula = "y = floor(a / b)",
    .gradient = "da = 0, db = 0",
    .dtypes = "all but bool",
    .inputs = 2,
    .numbers = CD_SET(A) | CD_SET(B),
    .input = { "a", "b" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_div_floor,
    .infer = cd_infer_division,
    .refuse = cd_refuse_divisor,
    .cpu = { .check = cd_check_divisor, .run = cd_run_division },
    .backward = cd_zero_backward,
};
