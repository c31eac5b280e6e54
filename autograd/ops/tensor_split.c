/* tensor_split: x cut along a dimension into so many parts, or before given indices. A list of
 * views. Made of another op: a slice for each part. */
#include "autograd/families/split_at_internal.h"

#include <limits.h>

#include "core/memory_internal.h"

cd_tensors cd_tensor_split(cd_tensor *x, int64_t sections, int dim)
{
    if (!cd_check_cut("tensor_split", x, dim, &dim)) return (cd_tensors){ .count = 0 };
    return cd_split_evenly("tensor_split", x, sections, dim);
}

cd_tensors cd_tensor_split_at(cd_tensor *x, cd_sizes indices, int dim)
{
    if (!cd_check_cut("tensor_split", x, dim, &dim)) return (cd_tensors){ .count = 0 };
    return cd_split_at("tensor_split", x, indices, dim);
}

/* --- by a tensor ------------------------------------------------------------------------------ */

static bool check_by(const cd_tensor *by)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(by, "tensor_split", "the tensor of indices")) return false;
    if (by->dtype != CD_I64) {
        return cd_fail(CD_ERR_DTYPE, "tensor_split: the indices are %s, and must be int64",
                       cd_dtype_name(by->dtype));
    }
    return (by->shape.ndim <= 1 && by->numel < INT_MAX) ||
           cd_fail(CD_ERR_SHAPE,
                   "tensor_split: the indices have shape %s, and must be a vector of fewer than %d",
                   cd_sizes_text(&by->shape, text), INT_MAX);
}

cd_tensors cd_tensor_split_by(cd_tensor *x, cd_tensor *by, int dim)
{
    cd_tensors parts = { .count = 0 };
    if (!cd_check_cut("tensor_split", x, dim, &dim) || !check_by(by)) return parts;
    int64_t *values = cd_alloc_zeroed((size_t)by->numel + 1, sizeof *values);
    if (!values) return parts;
    if (cd_read(by, values, (size_t)by->numel * sizeof *values)) {
        const cd_sizes indices = { values, (int)by->numel };
        parts = by->shape.ndim == 0 ? cd_split_evenly("tensor_split", x, values[0], dim)
                                    : cd_split_at("tensor_split", x, indices, dim);
    }
    cd_free(values);
    return parts;
}

const cd_op cd_op_tensor_split = {
    .name = "tensor_split",
    .like = "torch.tensor_split(x, sections, dim), torch.tensor_split(x, indices, dim)",
    .formula = "y[k] = x[index k - 1 : index k] along one dimension; views",
    .gradient = "that of slice",
    .dtypes = "all",
    .composed = true,
};
