/* nan_to_num: numbers in place of NaN (by default 0) and of the infinities (by default the largest
 * and the smallest number of the dtype). Integers and bool stay as they are.
 *
 * Saves x. Kernel: core/cpu/math_kernel.c. */
#include <float.h>

#include "autograd/math.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = {
    { "nan", CD_FIELD_REAL, offsetof(cd_nan_to_num_attributes, given.nan) },
    { "posinf", CD_FIELD_REAL, offsetof(cd_nan_to_num_attributes, given.posinf) },
    { "neginf", CD_FIELD_REAL, offsetof(cd_nan_to_num_attributes, given.neginf) },
    CD_FIELDS_END
};

static bool nan_to_num_infer(cd_call *call)
{
    cd_nan_to_num_attributes *a = call->launch.attributes;
    const double most = call->in[0].tensor->dtype == CD_F64 ? DBL_MAX : (double)FLT_MAX;
    a->used = (cd_replacements){ .nan = a->given.nan,
                                 .posinf = cd_option_or(a->given.posinf, most),
                                 .neginf = cd_option_or(a->given.neginf, -most) };
    return cd_infer_elementwise(call);
}

static void nan_to_num_run(const cd_launch *launch)
{
    if (cd_is_floating(launch->out[0].layout->dtype)) {
        cd_cpu_map_launch(CD_MAP_nan_to_num, launch);
    } else {
        (void)cd_cpu_start_from(&launch->out[0], &launch->in[0]);
    }
}

static void nan_to_num_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_isfinite(cd_saved_value(node, 0)));
}

static cd_nan_to_num_attributes attributes_of(const cd_nan_to_num_options *o)
{
    return (cd_nan_to_num_attributes){ .given = { o->nan, o->posinf, o->neginf } };
}

cd_tensor *cd_nan_to_num_with(cd_nan_to_num_options options)
{
    cd_nan_to_num_attributes a = attributes_of(&options);
    return cd_op_with(&cd_op_nan_to_num, &a, options.x);
}

cd_tensor *cd_nan_to_num_with_(cd_nan_to_num_options options)
{
    cd_nan_to_num_attributes a = attributes_of(&options);
    return cd_op_in_place_with(&cd_op_nan_to_num, &a, options.x);
}

const cd_op cd_op_nan_to_num = {
    .name = "nan_to_num",
    .grad_fn = "NanToNumBackward0",
    .like = "torch.nan_to_num(x, nan, posinf, neginf)",
    .formula = "y = nan, posinf or neginf where x is NaN, inf or -inf, else x",
    .gradient = "dx = dy * isfinite(x)",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    .elementwise = CD_SAME,
    .save = { { CD_INPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_nan_to_num_attributes, fields),
    .infer = nan_to_num_infer,
    .cpu = { .run = nan_to_num_run },
    .backward = nan_to_num_backward,
};
