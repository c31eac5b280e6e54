/* SHA-256 as FIPS 180-4 describes it; the names of the variables are those of its section 6.2. */
#include "io/sha256_internal.h"

#include <string.h>

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t turn(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static uint32_t load(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Writes a number with its high byte first. */
static void store(unsigned char *at, uint64_t value, int size)
{
    for (int i = 0; i < size; i++) at[i] = (unsigned char)(value >> (8 * (size - 1 - i)));
}

static void add_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64];
    for (int t = 0; t < 16; t++) w[t] = load(block + 4 * t);
    for (int t = 16; t < 64; t++) {
        uint32_t s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        uint32_t sum1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
        uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + constants[t] + w[t];
        uint32_t sum0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
        uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const uint32_t added[8] = { a, b, c, d, e, f, g, h };
    for (int i = 0; i < 8; i++) state[i] += added[i];
}

void cd_sha256_begin(cd_sha256 *hash)
{
    *hash = (cd_sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                    0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void cd_sha256_add(cd_sha256 *hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    size_t used = (size_t)(hash->size % 64);
    hash->size += size;
    while (size > 0) {
        if (used == 0 && size >= 64) {
            add_block(hash->state, at);
            at += 64;
            size -= 64;
            continue;
        }
        size_t part = size < 64 - used ? size : 64 - used;
        memcpy(hash->block + used, at, part);
        used += part;
        at += part;
        size -= part;
        if (used < 64) return;
        add_block(hash->state, hash->block);
        used = 0;
    }
}

/* Behind the message come a bit of 1, zeros, and as the last 8 bytes of a block its length in
 * bits. */
void cd_sha256_end(cd_sha256 *hash, unsigned char out[CD_SHA256_BYTES])
{
    unsigned char rest[128] = { 0x80 };
    size_t used = (size_t)(hash->size % 64), more = used < 56 ? 64 - used : 128 - used;
    store(rest + more - 8, hash->size * 8, 8);
    cd_sha256_add(hash, rest, more);
    for (int i = 0; i < 8; i++) store(out + 4 * i, hash->state[i], 4);
}
