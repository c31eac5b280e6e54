/* meshgrid: vectors as views of one shape, each along a dimension of its own. Made of other ops:
 * views and expands, and for indexing 'xy' transposes. A scalar counts as a vector of one. */
#include "autograd/families/parts_internal.h"

static bool check(cd_tensors vectors)
{
    char text[CD_SHAPE_TEXT];
    if (!vectors.tensor || vectors.count < 1 || vectors.count > CD_MAX_DIMS) {
        return cd_fail(CD_ERR_ARGUMENT, "meshgrid: there are %d vectors, and must be 1 to %d",
                       vectors.tensor ? vectors.count : 0, CD_MAX_DIMS);
    }
    for (int k = 0; k < vectors.count; k++) {
        const cd_tensor *v = vectors.tensor[k];
        if (!cd_check_tensor(v, "meshgrid", "a vector")) return false;
        if (v->shape.ndim > 1) {
            return cd_fail(CD_ERR_SHAPE, "meshgrid: tensor %d has shape %s, and must be a vector",
                           k, cd_sizes_text(&v->shape, text));
        }
        if (v->dtype != vectors.tensor[0]->dtype) {
            return cd_fail(CD_ERR_DTYPE,
                           "meshgrid: tensor %d is %s, and tensor 0 %s: all must have "
                           "one dtype",
                           k, cd_dtype_name(v->dtype), cd_dtype_name(vectors.tensor[0]->dtype));
        }
    }
    return true;
}

static cd_tensor *spread(cd_tensors vectors, int k, bool xy)
{
    cd_shape shape = { .ndim = vectors.count }, own = { .ndim = vectors.count };
    for (int i = 0; i < shape.ndim; i++) {
        shape.dim[i] = vectors.tensor[i]->numel;
        own.dim[i] = i == k ? shape.dim[i] : 1;
    }
    cd_tensor *y = cd_expand(cd_view(vectors.tensor[k], own), shape);
    return xy && shape.ndim > 1 ? cd_transpose(y, 0, 1) : y;
}

cd_tensors cd_meshgrid(cd_tensors vectors, bool xy)
{
    CD_CALLED("meshgrid");
    const cd_tensors none = { .count = 0 };
    if (!check(vectors)) return none;
    cd_tensor **grid = cd_tensor_array("meshgrid", vectors.count);
    for (int k = 0; k < vectors.count && grid; k++) {
        cd_scope scope = cd_scope_begin();
        grid[k] = cd_ops_end(scope, scope.depth < 0 ? NULL : spread(vectors, k, xy));
        if (!grid[k]) return none;
    }
    return grid ? (cd_tensors){ grid, vectors.count } : none;
}

const cd_op cd_op_meshgrid = {
    .name = "meshgrid",
    .like = "torch.meshgrid(vectors, indexing)",
    .formula = "y[k][i, j, ..] = vector k at the k-th of i, j, ..; views",
    .gradient = "that of expand and view",
    .dtypes = "all, the same for all",
    .composed = true,
};
