/* diag: a matrix with the vector x as a diagonal, or a copy of a diagonal of the matrix x. Made of
 * other ops. */
#include "autograd/ops_internal.h"

cd_tensor *cd_diag(cd_tensor *x, int64_t diagonal)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, "diag", "x")) return NULL;
    if (x->shape.ndim == 1) return cd_diag_embed(x, diagonal, 0, 1);
    if (x->shape.ndim == 2) {
        cd_scope scope = cd_scope_begin();
        return cd_ops_end(scope, cd_clone(cd_diagonal(x, diagonal, 0, 1)));
    }
    (void)cd_fail(CD_ERR_SHAPE, "diag: x has shape %s, and must be a vector or a matrix",
                  cd_sizes_text(&x->shape, text));
    return NULL;
}

const cd_op cd_op_diag = {
    .name = "diag",
    .like = "torch.diag(x, diagonal)",
    .formula = "y = zeros with x on a diagonal, or a diagonal of x",
    .gradient = "that of diag_embed, or of diagonal and clone",
    .dtypes = "all",
    .composed = true,
};
