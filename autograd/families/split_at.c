/* What tensor_split, hsplit, vsplit and dsplit share. */
#include "autograd/families/split_at_internal.h"

#include <limits.h>

#include "core/memory_internal.h"

static const cd_tensors none = { .count = 0 };

/* Appends the part from one index to another. False with an error, and without the parts so far. */
static bool append(const char *what, cd_tensors *parts, cd_tensor **list, cd_tensor *x, int dim,
                   int64_t from, int64_t to)
{
    list[parts->count] = cd_slice_for(what, x, dim, from, to, 1);
    if (list[parts->count++]) return true;
    while (--parts->count > 0) (void)cd_drop(list[parts->count - 1]);
    return false;
}

cd_tensors cd_split_evenly(const char *what, cd_tensor *x, int64_t sections, int dim)
{
    if (sections < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %lld parts: 1 or more", what, (long long)sections);
        return none;
    }
    if (sections > INT_MAX) {
        (void)cd_memory_refused(SIZE_MAX);
        return none;
    }
    cd_tensor **list = cd_tensor_array(what, (int)sections);
    cd_tensors parts = { .tensor = list };
    const int64_t least = x->shape.dim[dim] / sections, larger = x->shape.dim[dim] % sections;
    int64_t from = 0;
    for (int64_t k = 0; k < sections && list; k++) {
        const int64_t to = from + least + (k < larger);
        if (!append(what, &parts, list, x, dim, from, to)) return none;
        from = to;
    }
    return list ? parts : none;
}

cd_tensors cd_split_at(const char *what, cd_tensor *x, cd_sizes indices, int dim)
{
    if (indices.count < 0 || (indices.count > 0 && !indices.size)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the list of indices is NULL", what);
        return none;
    }
    if (indices.count == INT_MAX) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: %d indices: one less at most", what, indices.count);
        return none;
    }
    cd_tensor **list = cd_tensor_array(what, indices.count + 1);
    cd_tensors parts = { .tensor = list };
    for (int k = 0; k <= indices.count && list; k++) {
        const int64_t from = k > 0 ? indices.size[k - 1] : 0;
        const int64_t to = k < indices.count ? indices.size[k] : INT64_MAX;
        if (!append(what, &parts, list, x, dim, from, to)) return none;
    }
    return list ? parts : none;
}

bool cd_check_least(const char *what, const cd_tensor *x, int least)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(x, what, "x")) return false;
    return x->shape.ndim >= least ||
           cd_fail(CD_ERR_SHAPE, "%s: x has shape %s, and must have %d dimensions or more", what,
                   cd_sizes_text(&x->shape, text), least);
}

/* Dimension `dim` of x, or its last one where it has fewer. */
static int at_most_last(const cd_tensor *x, int dim)
{
    return dim < x->shape.ndim ? dim : x->shape.ndim - 1;
}

cd_tensors cd_split_equally(const char *what, cd_tensor *x, int64_t sections, int least, int dim)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_least(what, x, least)) return none;
    dim = at_most_last(x, dim);
    if (sections < 1 || x->shape.dim[dim] % sections == 0) {
        return cd_split_evenly(what, x, sections, dim);
    }
    (void)cd_fail(CD_ERR_SHAPE, "%s: dimension %d of x (%s) cannot be cut into %lld equal parts",
                  what, dim, cd_sizes_text(&x->shape, text), (long long)sections);
    return none;
}

cd_tensors cd_split_before(const char *what, cd_tensor *x, cd_sizes indices, int least, int dim)
{
    if (!cd_check_least(what, x, least)) return none;
    return cd_split_at(what, x, indices, at_most_last(x, dim));
}
