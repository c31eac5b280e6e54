/* The Mersenne Twister, MT19937, and the format of its state. */
#include "core/random_internal.h"

#include <math.h>
#include <string.h>

#include "core/error.h"

/* --- the twister ------------------------------------------------------------------------------ */

enum { AHEAD = 397 }; /* word i is renewed from the words i, i + 1 and i + 397 (modulo 624) */

void cd_random_seed(cd_generator_state *state, uint64_t seed)
{
    *state = (cd_generator_state){ .seed = seed, .left = 1, .next = 0 };
    state->word[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < CD_TWISTER_WORDS; i++) {
        uint32_t before = state->word[i - 1];
        state->word[i] = UINT32_C(1812433253) * (before ^ (before >> 30)) + i;
    }
}

/* The top bit of one word followed by the low 31 bits of the next, as a vector over GF(2), times
 * the generator's matrix. */
static inline uint32_t twist(uint32_t top, uint32_t low)
{
    uint32_t mixed = (top & 0x80000000u) | (low & 0x7fffffffu);
    return (mixed >> 1) ^ ((low & 1) ? 0x9908b0dfu : 0);
}

void cd_twister_renew(cd_generator_state *state)
{
    uint32_t *w = state->word;
    enum { N = CD_TWISTER_WORDS };
    for (int i = 0; i < N - AHEAD; i++) w[i] = w[i + AHEAD] ^ twist(w[i], w[i + 1]);
    for (int i = N - AHEAD; i < N - 1; i++) w[i] = w[i + AHEAD - N] ^ twist(w[i], w[i + 1]);
    w[N - 1] = w[AHEAD - 1] ^ twist(w[N - 1], w[0]);
    state->left = N;
    state->next = 0;
}

/* --- the state as bytes ----------------------------------------------------------------------- */

/* Offsets of the fields in PyTorch's format, little-endian. Each word of the twister has 8 bytes.
 * Bytes that no field covers are padding or unused: written as 0, and ignored by the reader. */
enum {
    AT_SEED = 0,              /* u64 */
    AT_LEFT = 8,              /* i32 */
    AT_SEEDED = 12,           /* i32, 1 */
    AT_NEXT = 16,             /* u64 */
    AT_WORDS = 24,            /* u64 x 624 */
    AT_NORMAL_F64 = 5024,     /* f64 */
    AT_HAS_NORMAL_F64 = 5040, /* i32 */
    AT_NORMAL_F32 = 5048,     /* f32 */
    AT_HAS_NORMAL_F32 = 5052  /* u8 */
};

_Static_assert(AT_WORDS + 8 * CD_TWISTER_WORDS == AT_NORMAL_F64 - 8,
               "an unused double between the words and the normal number");

static void put(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *in, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)in[i] << (8 * i);
    return value;
}

void cd_random_write(const cd_generator_state *state, uint8_t bytes[CD_RNG_STATE_BYTES])
{
    memset(bytes, 0, CD_RNG_STATE_BYTES);
    put(bytes + AT_SEED, state->seed, 8);
    put(bytes + AT_LEFT, (uint64_t)state->left, 4);
    put(bytes + AT_SEEDED, 1, 4);
    put(bytes + AT_NEXT, state->next, 8);
    for (int i = 0; i < CD_TWISTER_WORDS; i++) put(bytes + AT_WORDS + 8 * i, state->word[i], 8);
    if (state->has_normal_f64) {
        uint64_t bits;
        memcpy(&bits, &state->normal_f64, 8);
        put(bytes + AT_NORMAL_F64, bits, 8);
        put(bytes + AT_HAS_NORMAL_F64, 1, 4);
    }
    if (state->has_normal_f32) {
        uint32_t bits;
        memcpy(&bits, &state->normal_f32, 4);
        put(bytes + AT_NORMAL_F32, bits, 4);
        put(bytes + AT_HAS_NORMAL_F32, 1, 1);
    }
}

static bool read_normals(cd_generator_state *state, const uint8_t *bytes)
{
    uint64_t has_f64 = get(bytes + AT_HAS_NORMAL_F64, 4), has_f32 = bytes[AT_HAS_NORMAL_F32];
    if (has_f64 > 1 || has_f32 > 1) {
        return cd_fail(CD_ERR_FORMAT, "random state: a flag is neither 0 nor 1 (bytes %d and %d)",
                       AT_HAS_NORMAL_F64, AT_HAS_NORMAL_F32);
    }
    uint64_t bits_f64 = get(bytes + AT_NORMAL_F64, 8);
    uint32_t bits_f32 = (uint32_t)get(bytes + AT_NORMAL_F32, 4);
    state->has_normal_f64 = has_f64 == 1;
    state->has_normal_f32 = has_f32 == 1;
    if (has_f64) memcpy(&state->normal_f64, &bits_f64, 8);
    if (has_f32) memcpy(&state->normal_f32, &bits_f32, 4);
    if (!isfinite(state->normal_f64) || !isfinite(state->normal_f32)) {
        return cd_fail(CD_ERR_FORMAT, "random state: the number kept for later is not finite");
    }
    return true;
}

bool cd_random_read(cd_generator_state *state, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    if (!bytes || size != CD_RNG_STATE_BYTES) {
        return cd_fail(CD_ERR_FORMAT, "random state: %zu bytes, but a state has %d",
                       bytes ? size : 0, CD_RNG_STATE_BYTES);
    }
    uint64_t left = get(bytes + AT_LEFT, 4), next = get(bytes + AT_NEXT, 8);
    if (get(bytes + AT_SEEDED, 4) != 1) {
        return cd_fail(CD_ERR_FORMAT, "random state: not marked as seeded (byte %d)", AT_SEEDED);
    }
    /* left - 1 words, from `next` on, are returned before the words are renewed. */
    if (left < 1 || left > CD_TWISTER_WORDS || next > CD_TWISTER_WORDS ||
        next + left > CD_TWISTER_WORDS + 1) {
        return cd_fail(CD_ERR_FORMAT, "random state: %llu draws left from word %llu, but it has %d",
                       (unsigned long long)left, (unsigned long long)next, CD_TWISTER_WORDS);
    }
    cd_generator_state result = { .seed = get(bytes + AT_SEED, 8),
                                  .left = (int32_t)left,
                                  .next = (uint32_t)next };
    for (int i = 0; i < CD_TWISTER_WORDS; i++) {
        uint64_t word = get(bytes + AT_WORDS + 8 * i, 8);
        if (word > UINT32_MAX) {
            return cd_fail(CD_ERR_FORMAT, "random state: word %d (byte %d) has more than 32 bits",
                           i, AT_WORDS + 8 * i);
        }
        result.word[i] = (uint32_t)word;
    }
    if (!read_normals(&result, bytes)) return false;
    *state = result;
    return true;
}
