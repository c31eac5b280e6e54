/* chunk: x cut along a dimension into so many parts, or into fewer, since all but the last have one
 * size. Made of another op: split; of an empty dimension split_sizes, for as many empty parts. */
#include <limits.h>

#include "autograd/families/parts_internal.h"

#include "core/memory_internal.h"

static cd_tensors empty_parts(cd_tensor *x, int64_t chunks, int dim)
{
    const cd_tensors none = { .count = 0 };
    if (chunks > INT_MAX) {
        (void)cd_memory_refused(SIZE_MAX);
        return none;
    }
    int64_t *sizes = cd_alloc_zeroed((size_t)chunks, sizeof *sizes);
    if (!sizes) return none;
    const cd_tensors parts = cd_split_sizes(x, (cd_sizes){ sizes, (int)chunks }, dim);
    cd_free(sizes);
    return parts;
}

cd_tensors cd_chunk(cd_tensor *x, int64_t chunks, int dim)
{
    int plain = 0;
    if (!cd_check_cut("chunk", x, dim, &plain)) return (cd_tensors){ .count = 0 };
    if (chunks < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT, "chunk: x cannot be cut into %lld parts: 1 or more",
                      (long long)chunks);
        return (cd_tensors){ .count = 0 };
    }
    const int64_t size = x->shape.dim[plain];
    return size > 0 ? cd_split(x, (size - 1) / chunks + 1, plain) : empty_parts(x, chunks, plain);
}

const cd_op cd_op_chunk = {
    .name = "chunk",
    .like = "torch.chunk(x, chunks, dim)",
    .formula = "y[k] = x[k size : (k + 1) size] with the least size for so many parts; views",
    .gradient = "that of split",
    .dtypes = "all",
    .composed = true,
};
