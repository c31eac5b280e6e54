/* The twin: a second processor for the tests of devices.
 *
 * It computes with the kernels of the processor, but as a device of its own would: the host cannot
 * look into its memory, since the addresses that it gives out are no addresses, and what is
 * launched runs later, in order, on a thread of the twin's own, and no earlier than somebody waits
 * for it. Memory that is given back is handed out again at once, before what used it has run. So
 * whatever looks where it should not, or does not wait where it must, fails. */
#ifndef CANDELA_TESTS_TWIN_H
#define CANDELA_TESTS_TWIN_H

#include <stdint.h>

#include "core/device.h"

/* The twin's number; started at the first call. The test fails without it. */
cd_device twin(void);

/* Another device with the same thread and memory. */
cd_device twin_again(void);

/* Ops of this name have no kernel on the twin; NULL: all have one. */
void twin_refuse(const char *op);

typedef struct twin_counts {
    uint64_t launched; /* kernels and copies */
    uint64_t waited;   /* how often the host waited, with something left to do */
    uint64_t reused;   /* blocks of memory handed out again while those before were to use them */
} twin_counts;

twin_counts twin_count(void);

#endif
