/* What a device is to the rest of the library: plain data, which C++ can read too.
 *
 * A device has memory and one stream: what is launched on it runs in the order of the launches, and
 * may run later, when the launch has returned. So memory that was given back may be handed out
 * again at once: whoever gets it launches after those who used it. What the host reads it waits
 * for. */
#ifndef CANDELA_CORE_DEVICE_INTERNAL_H
#define CANDELA_CORE_DEVICE_INTERNAL_H

#include "core/device.h"
#include "core/kernel_internal.h"

CD_BEGIN_DECLS

/* The library knows the processor and the meta device itself: of the former it has `convert` here,
 * which returns when it is done, and of the latter nothing. */
typedef struct cd_device_driver {
    const char *name; /* for sentences: "cuda" */
    /* Memory for so many bytes, more than 0, aligned to 64; NULL with CD_ERR_MEMORY. Only this
     * driver's functions and kernels look into it, and only they reckon with such addresses beyond
     * adding bytes to them. */
    void *(*allocate)(size_t bytes);
    /* Once what was launched before is done. */
    void (*release)(void *memory, size_t bytes);
    /* Bytes from its memory to the host's, once what was launched before is done, and back. When
     * they return, the host's memory is the caller's again. They cannot fail. */
    void (*read)(void *host, const void *memory, size_t bytes);
    void (*write)(void *memory, const void *host, size_t bytes);
    /* Launches to = from, converted to its dtype and broadcast to its shape, both on this device.
     */
    void (*convert)(const cd_argument *to, const cd_argument *from);
    /* How this device computes an op; NULL when it cannot. Its run launches, and copies what it
     * needs of the call that it is given (layouts, attributes, numbers), since that is gone when
     * it returns; its check and its measure wait. */
    const cd_kernel *(*kernel)(const struct cd_op *op);
    /* A mark behind all that was launched so far, and waiting until a mark is passed. */
    uint64_t (*mark)(void);
    void (*wait)(uint64_t mark);
} cd_device_driver;

enum { CD_DEVICE_COUNT = 16 };

/* The driver of a device; NULL for a number that is none. */
const cd_device_driver *cd_device_driver_of(cd_device device);
/* A device beside those there are: its number; CD_DEVICE_DEFAULT with an error when there are too
 * many. The driver must live as long as the process. */
cd_device cd_device_add(const cd_device_driver *driver);
/* There is such a device; CD_DEVICE_DEFAULT becomes the processor. Else CD_ERR_DEVICE in the
 * function's name, and false. */
bool cd_device_check(cd_device *device, const char *function);

CD_END_DECLS

#endif
