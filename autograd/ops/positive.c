/* positive: x itself, as the plus sign gives it; not of bool. */
#include "autograd/math.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_positive(cd_tensor *x)
{
    if (!cd_check_tensor(x, "positive", "x")) return NULL;
    if (x->dtype != CD_BOOL) return cd_hand_shared(x);
    (void)cd_fail(CD_ERR_DTYPE, "positive: is not defined for bool: convert with cd_to first");
    return NULL;
}

const cd_op cd_op_positive = {
    .name = "positive",
    .like = "torch.positive(x)",
    .formula = "y = x, the same tensor",
    .gradient = "that of x",
    .dtypes = "all but bool",
    .composed = true,
};
