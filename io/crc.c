/* The CRC of crc_internal.h. */
#include "io/crc_internal.h"

#include <zlib.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/crc_internal.h"

uint32_t cd_crc(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    const size_t whole = size / CD_CRC_BLOCK * CD_CRC_BLOCK;
    const struct cd_cpu_crc_table *kernels = cd_cpu_kernels()->crc;
    if (kernels->fold && whole > 0) {
        unsigned char rest[CD_CRC_REST];
        kernels->fold(crc, at, whole, rest);
        crc = (uint32_t)crc32_z(0xFFFFFFFF, rest, sizeof rest);
        at += whole;
        size -= whole;
    }
    return size > 0 ? (uint32_t)crc32_z(crc, at, size) : crc;
}
