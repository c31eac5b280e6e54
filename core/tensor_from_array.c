#include <string.h>

#include "core/error.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"

/* Any byte but 0 is true, and 1 from here on: sums and comparisons rely on it. */
static void make_truths(uint8_t *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) values[i] = values[i] != 0;
}

static bool check(const cd_from_options *o)
{
    return !o->requires_grad || cd_dtype_is_floating(o->dtype) ||
           cd_fail(CD_ERR_DTYPE, "from_array: only floating tensors can require gradients, not %s",
                   cd_dtype_name(o->dtype));
}

/* Fills t, which is on the processor. */
static bool fill(cd_tensor *t, const cd_from_options *o)
{
    if (!o->values && t->numel > 0) {
        return cd_fail(CD_ERR_ARGUMENT, "from_array: the array is NULL");
    }
    if (!cd_elements_fit("from_array", o->bytes, t->dtype, t->shape, t->numel)) return false;
    if (t->numel > 0) memcpy(cd_tensor_data(t), o->values, t->storage->bytes);
    if (t->dtype == CD_BOOL) make_truths((uint8_t *)cd_tensor_data(t), t->numel);
    return true;
}

/* t on the device, instead of t. */
static cd_tensor *moved(cd_tensor *t, cd_device device)
{
    if (device == CD_CPU) return t;
    cd_tensor *there = cd_tensor_copy_on("from_array", device, t);
    cd_object_disown(&t->object);
    return there;
}

cd_tensor *cd_from_array_with(cd_from_options o)
{
    if (!cd_check_not_captured("from_array", "the elements come from the program") ||
        !cd_elements_dtype("from_array", o.elements, &o.dtype) ||
        !cd_device_check(&o.device, "from_array") || !check(&o)) {
        return NULL;
    }
    cd_tensor *t = cd_tensor_new("from_array", o.dtype, o.shape);
    if (t && !fill(t, &o)) {
        cd_object_disown(&t->object);
        return NULL;
    }
    if (t) t = moved(t, o.device);
    if (t) t->requires_grad = o.requires_grad;
    return cd_hand(t);
}
