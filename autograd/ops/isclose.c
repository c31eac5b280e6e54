/* isclose: whether a and b, which broadcast, are nearly equal: a == b, or |a - b| is finite and at
 * most atol + rtol |b|. Infinities are close to themselves, NaN to NaN with .equal_nan.
 *
 * Both have one dtype. Equal integers are close; of others, and of bool, float32 decides, as in
 * PyTorch. Kernel: core/cpu/logic.c. */
#include "autograd/ops_internal.h"
#include "core/tensor.h"

/* infer makes `closeness` of the numbers that were given. */
static const cd_field fields[] = { CD_FIELD(cd_isclose_attributes, rtol, REAL),
                                   CD_FIELD(cd_isclose_attributes, atol, REAL),
                                   CD_FIELD(cd_isclose_attributes, equal_nan, BOOL),
                                   CD_FIELDS_END };

static bool check_tolerance(const cd_call *call, const char *name, double value)
{
    return value >= 0 ||
           cd_refuse(call, CD_ERR_ARGUMENT, "%s must be at least 0, and is %g", name, value);
}

static bool isclose_infer(cd_call *call)
{
    cd_isclose_attributes *a = call->launch.attributes;
    const cd_dtype one = call->in[0].tensor->dtype, other = call->in[1].tensor->dtype;
    if (one != other) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "a is %s and b is %s: both must have one dtype (cd_to converts)",
                         cd_dtype_name(one), cd_dtype_name(other));
    }
    a->closeness = (cd_closeness){ a->rtol, a->atol, a->equal_nan };
    return check_tolerance(call, ".rtol", a->rtol) && check_tolerance(call, ".atol", a->atol) &&
           cd_infer_elementwise(call);
}

cd_tensor *cd_isclose_with(cd_isclose_options o)
{
    cd_isclose_attributes a = { .rtol = cd_option_or(o.rtol, 1e-5),
                                .atol = cd_option_or(o.atol, 1e-8),
                                .equal_nan = o.equal_nan };
    return cd_op_with(&cd_op_isclose, &a, o.a, o.b);
}

/* Whether all elements of a bool tensor are true, as those of an empty one. False with an error. */
static bool all_true(cd_tensor *truth)
{
    return truth && cd_item_int(cd_sum(cd_logical_not(truth))) == 0 && cd_ok();
}

bool cd_allclose_with(cd_isclose_options options)
{
    CD_SCOPE();
    return all_true(cd_isclose_with(options));
}

bool cd_equal(cd_tensor *a, cd_tensor *b)
{
    CD_SCOPE();
    if (!cd_check_tensor(a, "equal", "a") || !cd_check_tensor(b, "equal", "b") ||
        !cd_check_same_device("equal", "a", a, "b", b)) {
        return false;
    }
    return cd_shape_equal(a->shape, b->shape) && all_true(cd_eq(a, b));
}

const cd_op cd_op_isclose = {
    .name = "isclose",
    .like = "torch.isclose(a, b, rtol, atol, equal_nan)",
    .formula = "y = |a - b| <= atol + rtol |b|, as bool",
    .gradient = "none: y is bool",
    .dtypes = "all, the same for both",
    .inputs = 2,
    .input = { "a", "b" },
    .elementwise = CD_TRUTH,
    .map = CD_MAP_isclose,
    CD_OP_ATTRIBUTES(cd_isclose_attributes, fields),
    .infer = isclose_infer,
};
