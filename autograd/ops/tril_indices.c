/* tril_indices: the row and the column of each element on and below a diagonal of a matrix, row by
 * row. Kernel: families/triangle_indices.c. */
#include "autograd/families/triangle_indices_internal.h"

cd_tensor *cd_tril_indices_with(cd_triangle_options options)
{
    return cd_make_triangle_indices(&cd_op_tril_indices, &options, false);
}

const cd_op cd_op_tril_indices = {
    .name = "tril_indices",
    .like = "torch.tril_indices(rows, columns, offset)",
    .formula = "y[0, k], y[1, k] = the k-th i, j with j <= i + offset",
    .gradient = "none: it has no input",
    .dtypes = "int64, int32",
    CD_OP_ATTRIBUTES(cd_triangle_indices_attributes, cd_triangle_indices_fields),
    .infer = cd_infer_triangle_indices,
    .cpu = { .run = cd_run_triangle_indices },
};
