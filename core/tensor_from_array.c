/* cd_from_array. */
#include <string.h>

#include "core/error.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"

/* Turns bytes that are not 0 into 1: sums and comparisons of bool tensors rely on it. */
static void normalize_bools(uint8_t *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) values[i] = values[i] != 0;
}

static bool check_requires_grad(const cd_from_options *o)
{
    return !o->requires_grad || cd_dtype_is_floating(o->dtype) ||
           cd_fail(CD_ERR_DTYPE, "from_array: only floating tensors can require gradients, not %s",
                   cd_dtype_name(o->dtype));
}

/* Copies the array to t, which is on the CPU. */
static bool fill(cd_tensor *t, const cd_from_options *o)
{
    if (!o->values && t->numel > 0) {
        return cd_fail(CD_ERR_ARGUMENT, "from_array: the array is NULL");
    }
    if (!cd_elements_fit("from_array", o->bytes, t->dtype, t->shape, t->numel)) return false;
    if (t->numel > 0) memcpy(t->data, o->values, t->storage->bytes);
    if (t->dtype == CD_BOOL) normalize_bools((uint8_t *)t->data, t->numel);
    return true;
}

/* Replaces t by a copy on the device. */
static cd_tensor *move_to(cd_tensor *t, cd_device device)
{
    if (device == CD_CPU) return t;
    cd_tensor *copy = cd_tensor_copy_on("from_array", device, t);
    cd_object_disown(&t->object);
    return copy;
}

cd_tensor *cd_from_array_with(cd_from_options o)
{
    if (!cd_check_not_captured("from_array", "the elements come from the program") ||
        !cd_elements_dtype("from_array", o.elements, &o.dtype) ||
        !cd_device_check(&o.device, "from_array") || !check_requires_grad(&o)) {
        return NULL;
    }
    cd_tensor *t = cd_tensor_new("from_array", o.dtype, o.shape);
    if (t && !fill(t, &o)) {
        cd_object_disown(&t->object);
        return NULL;
    }
    if (t) t = move_to(t, o.device);
    if (t) t->requires_grad = o.requires_grad;
    return cd_hand(t);
}
