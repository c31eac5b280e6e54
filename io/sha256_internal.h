/* SHA-256 (FIPS 180-4), by which the names of published weights say what is in the file. Written
 * here because it is a page of code, and libraries that have it are large or would be one more
 * thing to install. */
#ifndef CANDELA_IO_SHA256_INTERNAL_H
#define CANDELA_IO_SHA256_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum { CD_SHA256_BYTES = 32 };

typedef struct cd_sha256 {
    uint32_t state[8];
    uint64_t size;           /* bytes so far */
    unsigned char block[64]; /* those that do not fill a block yet */
} cd_sha256;

void cd_sha256_begin(cd_sha256 *hash);
void cd_sha256_add(cd_sha256 *hash, const void *bytes, size_t size);
void cd_sha256_end(cd_sha256 *hash, unsigned char out[CD_SHA256_BYTES]);

#endif
