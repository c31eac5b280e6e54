/* The interface to a device: a struct of functions. C++ can include this file too.
 *
 * A device has its own memory and one stream. Kernels run in the order of their launches, but a
 * launch may return before its kernel has run. So memory may be reused as soon as it is released:
 * the launches of its next owner come after those of its last. When the host reads memory of the
 * device, it waits for the launches before. tests/twin.c is an example. */
#ifndef CANDELA_CORE_DEVICE_INTERNAL_H
#define CANDELA_CORE_DEVICE_INTERNAL_H

#include "core/device.h"
#include "core/kernel_internal.h"

CD_BEGIN_DECLS

/* The CPU and the meta device are built into the library, and the functions that they do not need
 * are NULL: the CPU has only `name` and `convert` (which returns when it is done), the meta device
 * only `name`. */
typedef struct cd_device_driver {
    const char *name; /* for error messages: "cuda" */
    /* Returns memory for `bytes` > 0 bytes, aligned to 64; NULL with CD_ERR_MEMORY. The library
     * only adds offsets to the address; only this driver's functions and kernels access the
     * memory. */
    void *(*allocate)(size_t bytes);
    /* Frees memory, after everything launched so far has run. */
    void (*release)(void *memory, size_t bytes);
    /* Copies from the device's memory to the host's, after everything launched so far has run.
     * `host` has the bytes when this returns. Cannot fail. */
    void (*read)(void *host, const void *memory, size_t bytes);
    /* Copies from the host's memory to the device's. The caller may reuse `host` when this returns.
     * Cannot fail. */
    void (*write)(void *memory, const void *host, size_t bytes);
    /* Launches a copy, with conversion to to's dtype and broadcasting to its shape. Both are on
     * this device. */
    void (*convert)(const cd_array *to, const cd_array *from);
    /* The kernel for an op; NULL if the device has none. The kernel's `run` launches; it copies
     * what it needs of the cd_launch (layouts, attributes, numbers), which is gone when `run`
     * returns. Its `check` and `measure` wait for their results. */
    const cd_kernel *(*kernel)(const struct cd_op *op);
    /* Returns a mark in the stream, behind everything launched so far. */
    uint64_t (*mark)(void);
    /* Waits until everything launched before the mark has run. */
    void (*wait)(uint64_t mark);
} cd_device_driver;

enum { CD_DEVICE_COUNT = 16 }; /* numbers of devices are less than this */

/* The driver of a device; NULL for a number that is not a device. */
const cd_device_driver *cd_device_driver_of(cd_device device);
/* Adds a device and returns its number; CD_DEVICE_DEFAULT with CD_ERR_STATE when there is no number
 * left. The driver must stay valid as long as the process. */
cd_device cd_device_add(const cd_device_driver *driver);
/* Checks a `.device` option: replaces CD_DEVICE_DEFAULT by CD_CPU, or by CD_META in the mode
 * CD_MODE_META. For a number that is not a device returns false with CD_ERR_DEVICE, with a message
 * that names `function`. */
bool cd_device_check(cd_device *device, const char *function);

CD_END_DECLS

#endif
