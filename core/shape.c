/* Shapes: comparing, broadcasting, counting elements, text for messages. */
#include "core/shape_internal.h"

#include <stdio.h>

/* False for a CD_SHAPE of more than 8 sizes: `dim` does not hold them all. */
static bool has_valid_ndim(cd_shape shape)
{
    return shape.ndim >= 0 && shape.ndim <= CD_MAX_DIMS;
}

bool cd_shape_equal(cd_shape a, cd_shape b)
{
    if (a.ndim != b.ndim || !has_valid_ndim(a)) return false;
    for (int i = 0; i < a.ndim; i++) {
        if (a.dim[i] != b.dim[i]) return false;
    }
    return true;
}

bool cd_shape_broadcast(cd_shape a, cd_shape b, cd_shape *out)
{
    if (!has_valid_ndim(a) || !has_valid_ndim(b)) return false;
    cd_shape result = { .ndim = a.ndim > b.ndim ? a.ndim : b.ndim };
    for (int i = 1; i <= result.ndim; i++) {
        int64_t from_a = i <= a.ndim ? a.dim[a.ndim - i] : 1;
        int64_t from_b = i <= b.ndim ? b.dim[b.ndim - i] : 1;
        if (from_a != from_b && from_a != 1 && from_b != 1) return false;
        result.dim[result.ndim - i] = from_a == 1 ? from_b : from_a;
    }
    *out = result;
    return true;
}

bool cd_shape_elements(cd_shape shape, int64_t *out)
{
    int64_t elements;
    if (!cd_shape_count(&shape, &elements)) return false;
    *out = elements;
    return true;
}

char *cd_shape_text(cd_shape shape, char *text)
{
    return cd_sizes_text(&shape, text);
}

char *cd_sizes_text(const cd_shape *shape, char *text)
{
    if (shape->ndim == 0) {
        (void)snprintf(text, CD_SHAPE_TEXT, "scalar");
        return text;
    }
    if (shape->ndim < 0 || shape->ndim > CD_MAX_DIMS) {
        (void)snprintf(text, CD_SHAPE_TEXT, "%d dimensions", shape->ndim);
        return text;
    }
    size_t used = 0;
    for (int i = 0; i < shape->ndim; i++) {
        int n = snprintf(text + used, CD_SHAPE_TEXT - used, i ? "x%lld" : "%lld",
                         (long long)shape->dim[i]);
        used += (size_t)n;
    }
    return text;
}
