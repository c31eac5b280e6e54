/* diagonal_scatter: a copy of x with src in the place of a diagonal. Made of other ops: a clone,
 * and a copy into a view of it. (PyTorch's graph has one node for it,
 * DiagonalScatterBackward0, which saves nothing: there a second pass over the graph needs no
 * retain_graph.) */
#include "autograd/families/rearrange_internal.h"

cd_tensor *cd_diagonal_scatter(cd_tensor *x, cd_tensor *src, int64_t offset, int dim1, int dim2)
{
    cd_diagonal_attributes plane = { .offset = offset, .dim1 = dim1, .dim2 = dim2 };
    if (!cd_check_tensor(x, "diagonal_scatter", "x") ||
        !cd_check_tensor(src, "diagonal_scatter", "src") ||
        !cd_check_diagonal("diagonal_scatter", x->shape.ndim, &plane)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = cd_clone(x);
    cd_tensor *part = y ? cd_diagonal(y, offset, dim1, dim2) : NULL;
    return cd_ops_end(scope, cd_copy_to_part("diagonal_scatter", part, src) ? y : NULL);
}

const cd_op cd_op_diagonal_scatter = {
    .name = "diagonal_scatter",
    .like = "torch.diagonal_scatter(x, src, offset, dim1, dim2)",
    .formula = "y = x, with src on a diagonal",
    .gradient = "dx = dy, but 0 there; dsrc = dy there",
    .dtypes = "all; src is converted to that of x",
    .composed = true,
};
