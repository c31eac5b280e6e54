/* view_as: view to the shape of another tensor. Made of another op. */
#include "autograd/ops_internal.h"

cd_tensor *cd_view_as(cd_tensor *x, cd_tensor *other)
{
    CD_CALLED("view_as");
    if (!cd_check_tensor(x, "view_as", "x") || !cd_check_tensor(other, "view_as", "other"))
        return NULL;
    return cd_view_for("view_as", x, other->shape);
}

const cd_op cd_op_view_as = {
    .name = "view_as",
    .like = "x.view_as(other)",
    .formula = "y = x in the shape of other, by view",
    .gradient = "that of view",
    .dtypes = "all",
    .contiguous_only = "elements would have to move",
    .composed = true,
};
