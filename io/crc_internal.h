/* The CRC-32 of zip archives. */
#ifndef CANDELA_IO_CRC_INTERNAL_H
#define CANDELA_IO_CRC_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* The CRC of some bytes and `size` more: `crc` is that of the bytes before, 0 for none. It is
 * zlib's crc32_z, several times faster where the processor multiplies without carry; what is read
 * from a file then takes little longer for its CRC. `bytes` may be NULL if `size` is 0. */
uint32_t cd_crc(uint32_t crc, const void *bytes, size_t size);

#endif
