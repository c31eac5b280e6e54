/* CRC-32 with carry-less multiplication, for one instruction set.
 *
 * A message is a polynomial over the field of two elements, its first bit the highest power, and
 * its CRC the remainder of its division by
 *
 *   P = x^32 + x^26 + x^23 + x^22 + x^16 + x^12 + x^11 + x^10 + x^8 + x^7 + x^5 + x^4 + x^2 + x + 1
 *
 * So a piece of 128 bits that stands D bits before another may be added to that one, once it is
 * multiplied by x^D modulo P. Its halves h x^64 + l are multiplied each for itself: by x^(D + 64)
 * and x^D. Bits are in reverse, the first one lowest: of 64 bits bit i is x^(63 - i), of 128 bits
 * x^(127 - i). Then the instruction's product of two halves is theirs times x, and a remainder of
 * 32 bits, reversed and moved up by one bit, stands for itself times x^31. So the factors below are
 * x^(D + 32) and x^(D - 32) modulo P, reversed and moved up. */
#include "core/cpu/crc_internal.h"

#include "core/cpu/cpu_internal.h"

#ifdef CD_CPU_AVX2
#include <immintrin.h>

enum { LANES = CD_CRC_BLOCK / CD_CRC_REST };

/* The piece, moved behind by the distance that `factors` stand for, and added to `next`. */
static __m128i move(__m128i piece, __m128i factors, __m128i next)
{
    __m128i first = _mm_clmulepi64_si128(piece, factors, 0x00);
    __m128i second = _mm_clmulepi64_si128(piece, factors, 0x11);
    return _mm_xor_si128(_mm_xor_si128(first, second), next);
}

static __m128i load(const unsigned char *bytes, int lane)
{
    return _mm_loadu_si128((const __m128i *)(bytes + CD_CRC_REST * lane));
}

static void fold(uint32_t crc, const unsigned char *bytes, size_t size,
                 unsigned char rest[CD_CRC_REST])
{
    const __m128i by_512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4); /* x^480, x^544 */
    const __m128i by_128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0); /* x^96, x^160 */
    __m128i lane[LANES];
    for (int i = 0; i < LANES; i++) lane[i] = load(bytes, i);
    /* The register before the first byte, which is inverted in a CRC, is added to the message. */
    lane[0] = _mm_xor_si128(lane[0], _mm_cvtsi32_si128((int)~crc));
    for (size_t at = CD_CRC_BLOCK; at < size; at += CD_CRC_BLOCK) {
        for (int i = 0; i < LANES; i++) lane[i] = move(lane[i], by_512, load(bytes + at, i));
    }
    for (int i = 1; i < LANES; i++) lane[i] = move(lane[i - 1], by_128, lane[i]);
    _mm_storeu_si128((__m128i *)rest, lane[LANES - 1]);
}
#define FOLD fold
#else
#define FOLD NULL
#endif

const struct cd_cpu_crc_table CD_CPU_TABLE(crc) = { .fold = FOLD };
