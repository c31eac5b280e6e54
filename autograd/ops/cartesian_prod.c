/* cartesian_prod: every choice of an element of each vector, as rows. Made of other ops: the
 * vectors as a grid, whose tensors become the columns. One vector is returned as it is. */
#include "autograd/ops_internal.h"

static bool check(cd_tensors vectors)
{
    char text[CD_SHAPE_TEXT];
    if (!vectors.tensor || vectors.count < 1 || vectors.count > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_ARGUMENT, "cartesian_prod: there are %d vectors, and must be 1 to %d",
                       vectors.tensor ? vectors.count : 0, CD_MAX_DIMS);
    }
    for (int k = 0; k < vectors.count; k++) {
        const cd_tensor *v = vectors.tensor[k];
        if (!cd_check_tensor(v, "cartesian_prod", "a vector")) return false;
        if (v->shape.ndim != 1) {
            return cd_fail(CD_ERR_SHAPE,
                           "cartesian_prod: tensor %d has shape %s, and must be a vector", k,
                           cd_sizes_text(&v->shape, text));
        }
        if (v->dtype != vectors.tensor[0]->dtype) {
            return cd_fail(CD_ERR_DTYPE,
                           "cartesian_prod: tensor %d is %s, and tensor 0 %s: all must have one "
                           "dtype",
                           k, cd_dtype_name(v->dtype), cd_dtype_name(vectors.tensor[0]->dtype));
        }
    }
    return true;
}

static cd_tensor *columns(cd_tensors vectors)
{
    cd_tensor *column[CD_MAX_DIMS];
    const cd_tensors grid = cd_meshgrid(vectors, false);
    if (grid.count != vectors.count) return NULL;
    for (int k = 0; k < grid.count; k++) {
        column[k] = cd_reshape(grid.tensor[k], CD_SHAPE(grid.tensor[k]->numel));
    }
    return cd_stack((cd_tensors){ column, grid.count }, 1);
}

cd_tensor *cd_cartesian_prod(cd_tensors vectors)
{
    if (!check(vectors)) return NULL;
    if (vectors.count == 1) return cd_hand_shared(vectors.tensor[0]);
    const cd_scope scope = cd_scope_begin();
    return scope.depth < 0 ? NULL : cd_ops_end(scope, columns(vectors));
}

const cd_op cd_op_cartesian_prod = {
    .name = "cartesian_prod",
    .like = "torch.cartesian_prod(*vectors)",
    .formula = "y = a row (a[i], b[j], ..) for all i, j, ..",
    .gradient = "that of stack, expand and view",
    .dtypes = "all, the same for all",
    .composed = true,
};
