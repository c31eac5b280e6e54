/* The kernel of core/crc.c. */
#ifndef CANDELA_CORE_CPU_CRC_INTERNAL_H
#define CANDELA_CORE_CPU_CRC_INTERNAL_H

#include "core/crc_internal.h"

enum { CD_CRC_BLOCK = 64 }; /* bytes */

struct cd_cpu_crc_table {
    /* cd_crc_fold of all `size` bytes, a multiple of CD_CRC_BLOCK and more than none. NULL in the
     * portable build. */
    void (*fold)(uint32_t crc, const unsigned char *bytes, size_t size,
                 unsigned char rest[CD_CRC_REST]);
};

#endif
