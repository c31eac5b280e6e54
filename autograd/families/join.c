/* What hstack, vstack, dstack and column_stack share. */
#include "autograd/families/join_internal.h"

#include "core/memory_internal.h"

static cd_tensor *join(cd_tensors tensors, cd_tensor *(*each)(cd_tensor *), int dim,
                       cd_tensor **shaped)
{
    for (int k = 0; k < tensors.count; k++) {
        shaped[k] = each(tensors.tensor[k]);
        if (!shaped[k]) return NULL;
    }
    if (dim == CD_JOIN_ALONG_1_OR_0) dim = shaped[0]->shape.ndim == 1 ? 0 : 1;
    return cd_cat((cd_tensors){ shaped, tensors.count }, dim);
}

cd_tensor *cd_join_as(const char *what, cd_tensors tensors, cd_tensor *(*each)(cd_tensor *),
                      int dim)
{
    CD_CALLED(what);
    if (!tensors.tensor || tensors.count < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      tensors.tensor ? "%s: there must be at least one tensor"
                                     : "%s: the array is NULL",
                      what);
        return NULL;
    }
    for (int k = 0; k < tensors.count; k++) {
        if (!cd_check_tensor(tensors.tensor[k], what, "a tensor")) return NULL;
    }
    cd_tensor **shaped = cd_alloc_zeroed((size_t)tensors.count, sizeof *shaped);
    if (!shaped) return NULL;
    cd_scope scope = cd_scope_begin();
    cd_tensor *y = scope.depth < 0 ? NULL : join(tensors, each, dim, shaped);
    cd_free(shaped);
    return cd_ops_end(scope, y);
}
