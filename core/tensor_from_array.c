#include <string.h>

#include "core/error.h"
#include "core/tensor_internal.h"

/* A leaf of undefined contents. */
static cd_tensor *make(cd_shape shape, cd_dtype dtype, bool requires_grad)
{
    if (requires_grad && !cd_dtype_is_floating(dtype)) {
        (void)cd_fail(CD_ERR_DTYPE,
                      "from_array: only floating tensors can require gradients, not %s",
                      cd_dtype_name(dtype));
        return NULL;
    }
    cd_tensor *t = cd_tensor_new("from_array", dtype, shape);
    if (t) t->requires_grad = requires_grad;
    return t;
}

/* Any byte but 0 is true, and 1 from here on: sums and comparisons rely on it. */
static void make_truths(uint8_t *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) values[i] = values[i] != 0;
}

cd_tensor *cd_from_array_with(cd_from_options options)
{
    if (!cd_elements_dtype("from_array", options.elements, &options.dtype)) return NULL;
    cd_tensor *t = make(options.shape, options.dtype, options.requires_grad);
    if (!t) return NULL;
    if (!options.values && t->numel > 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "from_array: the array is NULL");
        cd_object_disown(&t->object);
        return NULL;
    }
    if (!cd_elements_fit("from_array", options.bytes, t->dtype, t->shape, t->numel)) {
        cd_object_disown(&t->object);
        return NULL;
    }
    if (t->numel > 0) memcpy(cd_tensor_data(t), options.values, t->storage->bytes);
    if (t->dtype == CD_BOOL) make_truths((uint8_t *)cd_tensor_data(t), t->numel);
    return cd_hand(t);
}
