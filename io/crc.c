/* The CRC of crc_internal.h: long pieces are folded to short ones, whose CRC zlib computes. */
#include "io/crc_internal.h"

#include <zlib.h>

#include "core/crc_internal.h"

uint32_t cd_crc(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    unsigned char rest[CD_CRC_REST];
    const size_t folded = cd_crc_fold(crc, bytes, size, rest);
    if (folded > 0) {
        crc = (uint32_t)crc32_z(0xFFFFFFFF, rest, sizeof rest);
        at += folded;
        size -= folded;
    }
    return size > 0 ? (uint32_t)crc32_z(crc, at, size) : crc;
}
