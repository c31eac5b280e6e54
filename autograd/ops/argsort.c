/* argsort: the indices by which x comes into order along one dimension. Made of sort. */
#include "autograd/families/sort_internal.h"
#include "autograd/ops_internal.h"

cd_tensor *cd_argsort_with(cd_argsort_options options)
{
    cd_tensor *indices = NULL;
    const cd_scope scope = cd_scope_begin();
    (void)cd_sort_for("argsort", &(cd_sort_options){ .x = options.x,
                                                     .dim = options.dim,
                                                     .descending = options.descending,
                                                     .indices = &indices });
    return cd_ops_end(scope, indices);
}

const cd_op cd_op_argsort = {
    .name = "argsort",
    .like = "torch.argsort(x, dim)",
    .formula = "y = the indices of x in order along one dimension",
    .gradient = "none: an index has no gradient",
    .dtypes = "all; y is int64",
};
