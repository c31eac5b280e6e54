/* CRC-32 as zip, gzip and PNG have it, for long pieces of data. */
#ifndef CANDELA_CORE_CPU_CRC_INTERNAL_H
#define CANDELA_CORE_CPU_CRC_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum { CD_CRC_BLOCK = 64, CD_CRC_REST = 16 }; /* bytes */

struct cd_cpu_crc_table {
    /* Makes a message of CD_CRC_REST bytes with the CRC of a long one: `crc` is that of what came
     * before the `size` bytes, a multiple of CD_CRC_BLOCK and more than none, and `rest` is to be
     * added to a CRC whose register is 0, which is zlib's crc32(0xFFFFFFFF, rest, CD_CRC_REST).
     * NULL in the portable build: zlib's own way is as fast there. */
    void (*fold)(uint32_t crc, const unsigned char *bytes, size_t size,
                 unsigned char rest[CD_CRC_REST]);
};

#endif
