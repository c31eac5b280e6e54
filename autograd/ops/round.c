/* round: the nearest whole number, of two the even one. Integers stay as they are.
 *
 * With .decimals it is another op, round_decimals: the nearest number with so many digits after the
 * decimal point, or with so many zeros before it if that is negative.
 *
 * They save nothing. Kernels: core/cpu/math_kernel.c. */
#include <math.h>

#include "autograd/dispatch/call_internal.h"
#include "autograd/families/gradients_internal.h"
#include "autograd/math.h"

static cd_tensor *round_by(cd_round_options options, bool in_place)
{
    cd_round_attributes a = { .decimals = options.decimals };
    if (a.decimals == 0) return cd_op_tensors(&cd_op_round, in_place, NULL, 1, &options.x);
    return cd_op_tensors(&cd_op_round_decimals, in_place, &a, 1, &options.x);
}

cd_tensor *cd_round_with(cd_round_options options)
{
    return round_by(options, false);
}

cd_tensor *cd_round_with_(cd_round_options options)
{
    return round_by(options, true);
}

const cd_op cd_op_round = {
    .name = "round",
    .grad_fn = "RoundBackward0",
    .like = "torch.round(x)",
    .formula = "y = the whole number that is nearest to x",
    .gradient = "dx = 0",
    .dtypes = "all but bool",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_NUMERIC,
    .map = CD_MAP_round,
    .backward = cd_zero_backward,
};

/* --- round_decimals --------------------------------------------------------------------------- */

static const cd_field fields[] = { CD_FIELD(cd_round_attributes, decimals, DIM), CD_FIELDS_END };

static bool round_decimals_infer(cd_call *call)
{
    cd_round_attributes *a = call->launch.attributes;
    a->rounding = (cd_rounding){ pow(10, fabs((double)a->decimals)), a->decimals < 0 };
    return cd_infer_elementwise(call);
}

const cd_op cd_op_round_decimals = {
    .name = "round",
    .grad_fn = "RoundBackward1",
    .like = "torch.round(x, decimals)",
    .formula = "y = the multiple of 10^-decimals that is nearest to x",
    .gradient = "dx = 0",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .computes_in = CD_FLOATS,
    .map = CD_MAP_round_decimals,
    CD_OP_ATTRIBUTES(cd_round_attributes, fields),
    .infer = round_decimals_infer,
    .backward = cd_zero_backward,
};
