/* The CRC-32 of crc_internal.h: calls the kernel of cpu/crc_kernel.c. */
#include "core/crc_internal.h"

#include "core/cpu/cpu_internal.h"
#include "core/cpu/crc_internal.h"

size_t cd_crc_fold(uint32_t crc, const void *bytes, size_t size, unsigned char rest[CD_CRC_REST])
{
    const struct cd_cpu_crc_table *kernels = cd_cpu_kernels()->crc;
    const size_t whole = size / CD_CRC_BLOCK * CD_CRC_BLOCK;
    if (!kernels->fold || whole == 0) return 0;
    kernels->fold(crc, bytes, whole, rest);
    return whole;
}
