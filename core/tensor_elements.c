/* Copying elements between tensors, between devices, and between tensors and the program's
 * memory. */
#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"

/* --- between tensors -------------------------------------------------------------------------- */

static size_t bytes_of(const cd_tensor *t)
{
    return (size_t)t->numel * cd_dtype_bytes[t->dtype];
}

void cd_tensor_copy(cd_tensor *dst, const cd_tensor *src)
{
    const cd_array to = { dst->data, &dst->layout };
    const cd_array from = { src->data, &src->layout };
    const cd_device_driver *driver = cd_device_driver_of(cd_tensor_device(dst));
    if (driver->convert && dst->numel > 0) driver->convert(&to, &from);
}

/* A contiguous copy on the same device. */
static cd_tensor *copy_contiguous(const char *function, const cd_tensor *t)
{
    cd_tensor *copy = cd_tensor_new_on(function, cd_tensor_device(t), t->dtype, &t->shape);
    if (copy) cd_tensor_copy(copy, t);
    return copy;
}

/* From the CPU to another device or back. Both tensors are contiguous and have elements. */
static void move(const cd_tensor *to, const cd_tensor *from)
{
    const cd_device target = cd_tensor_device(to), source = cd_tensor_device(from);
    if (target == CD_CPU) {
        cd_device_driver_of(source)->read(to->data, from->data, bytes_of(to));
    } else {
        cd_device_driver_of(target)->write(to->data, from->data, bytes_of(to));
    }
}

/* As move, between any two devices: through a tensor on the CPU if neither is the CPU. */
static bool move_any(const char *function, cd_tensor *to, const cd_tensor *from)
{
    if (cd_tensor_device(to) == CD_CPU || cd_tensor_device(from) == CD_CPU) {
        move(to, from);
        return true;
    }
    cd_tensor *on_cpu = cd_tensor_new(function, from->dtype, from->shape);
    if (!on_cpu) return false;
    move(on_cpu, from);
    move(to, on_cpu);
    cd_object_disown(&on_cpu->object);
    return true;
}

/* As move_any, from a tensor of any strides. */
static bool copy_across(const char *function, cd_tensor *to, const cd_tensor *from)
{
    cd_tensor *packed = from->contiguous ? NULL : copy_contiguous(function, from);
    if (!packed && !from->contiguous) return false;
    const bool done = move_any(function, to, packed ? packed : from);
    cd_object_disown((cd_object *)packed);
    return done;
}

static bool fail_without_elements(const char *function)
{
    return cd_fail(CD_ERR_STATE,
                   "%s: the tensor is on the meta device, which knows shapes and no elements: make "
                   "it on another (.device = CD_CPU)",
                   function);
}

cd_tensor *cd_tensor_copy_on(const char *function, cd_device device, const cd_tensor *t)
{
    if (cd_tensor_device(t) == device) return copy_contiguous(function, t);
    if (cd_tensor_device(t) == CD_META) {
        (void)fail_without_elements(function);
        return NULL;
    }
    cd_tensor *copy = cd_tensor_new_on(function, device, t->dtype, &t->shape);
    if (!copy || device == CD_META || t->numel == 0 || copy_across(function, copy, t)) return copy;
    cd_object_disown(&copy->object);
    return NULL;
}

const cd_tensor *cd_tensor_on_host(const char *function, const cd_tensor *t)
{
    return cd_tensor_device(t) == CD_CPU ? t : cd_tensor_copy_on(function, CD_CPU, t);
}

/* Converts between two layouts in the CPU's memory. */
static void convert_on_cpu(const cd_array *to, const cd_array *from)
{
    cd_device_driver_of(CD_CPU)->convert(to, from);
}

static char *address(const cd_tensor *t, int64_t i)
{
    return t->data + i * (int64_t)cd_dtype_bytes[t->dtype];
}

void cd_tensor_get(const cd_tensor *t, int64_t i, void *value)
{
    const size_t bytes = cd_dtype_bytes[t->dtype];
    if (cd_tensor_device(t) == CD_CPU) {
        memcpy(value, address(t, i), bytes);
    } else {
        cd_device_driver_of(cd_tensor_device(t))->read(value, address(t, i), bytes);
    }
}

void cd_tensor_put(cd_tensor *t, int64_t i, const void *value)
{
    const size_t bytes = cd_dtype_bytes[t->dtype];
    if (cd_tensor_device(t) == CD_CPU) {
        memcpy(address(t, i), value, bytes);
    } else {
        cd_device_driver_of(cd_tensor_device(t))->write(address(t, i), value, bytes);
    }
}

/* --- to and from the program's memory --------------------------------------------------------- */

/* The reason for cd_check_not_captured. */
static const char reads[] = "it reads elements";

static bool check_bytes(const cd_tensor *t, const char *function, const void *memory, size_t bytes)
{
    size_t expected = (size_t)t->numel * cd_dtype_size(t->dtype);
    if (!memory && expected > 0)
        return cd_fail(CD_ERR_ARGUMENT, "%s: the memory is NULL", function);
    if (bytes == expected) return true;
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_ARGUMENT, "%s: %zu bytes were given, a %s tensor of shape %s has %zu",
                   function, bytes, cd_dtype_name(t->dtype), cd_shape_text(t->shape, text),
                   expected);
}

/* The layout of the program's memory: the tensor's dtype and shape, row by row. */
static cd_layout packed_layout(const cd_tensor *t)
{
    return cd_layout_row_major(t->dtype, t->shape);
}

bool cd_read(const cd_tensor *t, void *out, size_t bytes)
{
    if (!cd_check_tensor(t, "read", "the tensor") || !check_bytes(t, "read", out, bytes) ||
        !cd_check_not_captured("read", reads)) {
        return false;
    }
    const cd_tensor *host = cd_tensor_on_host("read", t);
    if (!host) return false;
    const cd_layout packed = packed_layout(t);
    convert_on_cpu(&(cd_array){ out, &packed }, &(cd_array){ host->data, &host->layout });
    cd_tensor_release_host_copy(t, host);
    return true;
}

/* For a device other than the CPU. If t is not contiguous the elements go to a contiguous tensor on
 * the device first. */
static bool write_on_device(cd_tensor *t, const void *in)
{
    if (cd_tensor_device(t) == CD_META) return fail_without_elements("write");
    if (t->numel == 0) return true;
    if (t->contiguous) {
        cd_device_driver_of(cd_tensor_device(t))->write(t->data, in, bytes_of(t));
        return true;
    }
    cd_tensor *packed = cd_tensor_new_on("write", cd_tensor_device(t), t->dtype, &t->shape);
    if (!packed) return false;
    cd_device_driver_of(cd_tensor_device(t))->write(packed->data, in, bytes_of(t));
    cd_tensor_copy(t, packed);
    cd_object_disown(&packed->object);
    return true;
}

bool cd_write(cd_tensor *t, const void *in, size_t bytes)
{
    if (!cd_ok() || !cd_check_tensor(t, "write", "the tensor")) return false;
    if (!check_bytes(t, "write", in, bytes) ||
        !cd_check_not_captured("write", "it writes elements that do not come from an op")) {
        return false;
    }
    if (cd_tensor_overlaps(t)) {
        return cd_fail(CD_ERR_ARGUMENT, "write: several elements of the expanded tensor share one "
                                        "place in memory: take cd_clone of it first");
    }
    if (cd_tensor_device(t) == CD_CPU) {
        const cd_layout packed = packed_layout(t);
        convert_on_cpu(&(cd_array){ t->data, &t->layout },
                       &(cd_array){ (void *)(uintptr_t)in, &packed });
    } else if (!write_on_device(t, in)) {
        return false;
    }
    cd_tensor_bump(t);
    return true;
}

static bool check_one_element(const cd_tensor *t, const char *function)
{
    if (!cd_check_tensor(t, function, "the tensor")) return false;
    if (t->numel == 1) return true;
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE, "%s: the tensor has shape %s, and must have one element", function,
                   cd_shape_text(t->shape, text));
}

static bool convert_one(const cd_tensor *t, const char *function, void *out, cd_dtype dtype)
{
    if (!check_one_element(t, function) || !cd_check_not_captured(function, reads)) return false;
    const cd_tensor *host = cd_tensor_on_host(function, t);
    if (!host) return false;
    convert_on_cpu(&(cd_array){ out, &cd_number_layout[dtype] },
                   &(cd_array){ host->data, &cd_number_layout[t->dtype] });
    cd_tensor_release_host_copy(t, host);
    return true;
}

double cd_item(const cd_tensor *t)
{
    double value = NAN; /* a loss that could not be computed must not look like a perfect one */
    (void)convert_one(t, "item", &value, CD_F64);
    return value;
}

int64_t cd_item_int(const cd_tensor *t)
{
    int64_t value = 0;
    (void)convert_one(t, "item_int", &value, CD_I64);
    return value;
}

/* Whether the program may have a pointer to the elements. */
static bool check_addressable(const cd_tensor *t, const char *function)
{
    if (!cd_check_tensor(t, function, "the tensor") || !cd_check_not_captured(function, reads)) {
        return false;
    }
    if (cd_tensor_device(t) == CD_META) return fail_without_elements(function);
    if (cd_tensor_device(t) != CD_CPU) {
        return cd_fail(CD_ERR_STATE,
                       "%s: the elements are in the memory of %s, where the host cannot look: take "
                       "cd_to_device(x, CD_CPU) first, or copy them out with cd_read",
                       function, cd_device_name(cd_tensor_device(t)));
    }
    if (t->contiguous) return true;
    return cd_fail(CD_ERR_STATE,
                   "%s: this view is not contiguous: take cd_contiguous of it first, or copy the "
                   "elements out with cd_read",
                   function);
}

const void *cd_data(const cd_tensor *t)
{
    return check_addressable(t, "data") ? t->data : NULL;
}

void *cd_data_mut(cd_tensor *t)
{
    if (!check_addressable(t, "data_mut")) return NULL;
    cd_tensor_bump(t);
    return t->data;
}
