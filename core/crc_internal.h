/* CRC-32, as zip, gzip and PNG have it, of long pieces of data. */
#ifndef CANDELA_CORE_CRC_INTERNAL_H
#define CANDELA_CORE_CRC_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum { CD_CRC_REST = 16 }; /* bytes */

/* Makes a message of CD_CRC_REST bytes that has the CRC of a long one: of what came before, whose
 * CRC is `crc`, and of the first of `size` bytes; returns how many of these. The CRC is that of
 * `rest` behind a register of 0, which is zlib's crc32(0xFFFFFFFF, rest, CD_CRC_REST). Returns 0,
 * and leaves `rest` as it is, where this machine has no faster way than zlib's, and for few bytes.
 */
size_t cd_crc_fold(uint32_t crc, const void *bytes, size_t size, unsigned char rest[CD_CRC_REST]);

#endif
