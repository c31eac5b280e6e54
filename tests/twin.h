/* The twin: a device for tests, and an example of a cd_device_driver.
 *
 * The twin computes with the CPU's kernels, so its results have the same bits, but it behaves as a
 * GPU does:
 *
 *   - The host cannot access its memory: the addresses that the driver returns are not valid.
 *   - Kernels run on a thread of the twin, in the order of their launches, and only when the host
 *     waits for them (or very many are waiting).
 *   - Released memory is reused at once, before the kernels that use it have run.
 *
 * So code that accesses memory of a device, or that does not wait when it must, fails. */
#ifndef CANDELA_TESTS_TWIN_H
#define CANDELA_TESTS_TWIN_H

#include <stdint.h>

#include "core/device.h"

/* The device number of the twin. The first call starts the twin; if that fails, the test fails. */
cd_device twin(void);

/* Another device number with the same thread and memory. */
cd_device twin_again(void);

/* From now on the op of this name has no kernel on the twin; NULL: every op has one. */
void twin_refuse(const char *op);

typedef struct twin_counts {
    uint64_t launched; /* kernels and copies */
    uint64_t waited;   /* how often the host waited while a launch had not run */
    uint64_t reused;   /* blocks that were reused while a launch that uses them had not run */
} twin_counts;

/* What the twin has done since it was started. */
twin_counts twin_count(void);

#endif
