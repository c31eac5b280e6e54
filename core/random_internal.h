/* Random numbers, for the library's own files: the generator's state, and fills of plain memory. */
#ifndef CANDELA_CORE_RANDOM_INTERNAL_H
#define CANDELA_CORE_RANDOM_INTERNAL_H

#include "core/dtype.h"
#include "core/random.h"
#include "core/tensor.h"
#include "core/kernel_internal.h"

/* The Mersenne Twister of Matsumoto and Nishimura (ACM TOMACS 8, 1998), 32-bit version: 624 words
 * of state, renewed all at once, then handed out one by one. */
enum { CD_TWISTER_WORDS = 624 };

typedef struct cd_generator_state {
    uint64_t seed; /* as it was given */
    int32_t left;  /* 1..624: how many draws until the words are renewed; the last of them renews */
    uint32_t next; /* the word that the next draw hands out, if it does not renew */
    uint32_t word[CD_TWISTER_WORDS];
    /* Box-Muller makes two normal numbers; the second waits here for the next call. The f32 one is
     * never set by a draw on the CPU, but belongs to the state that PyTorch saves. */
    bool has_normal_f64, has_normal_f32;
    double normal_f64;
    float normal_f32;
} cd_generator_state;

/* The state of a generator, of the default one for NULL, locked until cd_generator_unlock. Nothing
 * that may take the lock again may be called between the two. */
cd_generator_state *cd_generator_lock(const cd_generator *generator);
void cd_generator_unlock(const cd_generator *generator);
/* The same around a launch on a device other than the processor, which may draw when both have
 * returned: whoever locks the state for the host waits for it, and so does another device. */
cd_generator_state *cd_generator_lock_for(const cd_generator *generator, cd_device device);
void cd_generator_unlock_for(const cd_generator *generator, cd_device device);

/* NULL, or a live generator; otherwise CD_ERR_ARGUMENT in the function's name, and false. */
bool cd_generator_check(const cd_generator *generator, const char *function);

/* --- a state ---------------------------------------------------------------------------------- */

void cd_random_seed(cd_generator_state *state, uint64_t seed);

/* See cd_get_rng_state. Reading checks everything that later draws rely on: CD_ERR_FORMAT, and
 * false with *state as it was, for bytes that are no state. */
void cd_random_write(const cd_generator_state *state, uint8_t bytes[CD_RNG_STATE_BYTES]);
bool cd_random_read(cd_generator_state *state, const void *bytes, size_t size);

/* Renews the 624 words and sets `left` and `next` to their start. */
void cd_twister_renew(cd_generator_state *state);

/* 32 random bits: the next word, tempered. */
static inline uint32_t cd_random_u32(cd_generator_state *state)
{
    if (--state->left == 0) cd_twister_renew(state);
    uint32_t y = state->word[state->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

/* 64 random bits: two words, the first one high. */
static inline uint64_t cd_random_u64(cd_generator_state *state)
{
    uint64_t high = cd_random_u32(state);
    return high << 32 | cd_random_u32(state);
}

/* Uniform in [0, 1): k / 2^24 with the low 24 of 32 bits, k / 2^53 with the low 53 of 64. */
static inline float cd_random_f32(cd_generator_state *state)
{
    return (float)(cd_random_u32(state) & 0xffffffu) * 0x1p-24f;
}

static inline double cd_random_f64(cd_generator_state *state)
{
    return (double)(cd_random_u64(state) & ((UINT64_C(1) << 53) - 1)) * 0x1p-53;
}

/* --- fills ------------------------------------------------------------------------------------ */

/* The fills write n elements of `dtype` to contiguous memory that the caller owns, in order. They
 * return false, having drawn and written nothing, with CD_ERR_DTYPE for a dtype they do not fill
 * and CD_ERR_ARGUMENT for other arguments out of range; `n` of 0 draws nothing. */

/* Uniform in [from, to); f32 and f64. from <= to, both and their difference finite in the dtype.
 * As torch.rand and Tensor.uniform_. */
bool cd_random_uniform(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double from,
                       double to);

/* Normal with this mean and standard deviation (>= 0); f32 and f64. As torch.randn and
 * Tensor.normal_ on contiguous memory: the stream is another from 16 elements on. */
bool cd_random_normal(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double mean,
                      double std);
/* The same one by one for any n: as Tensor.normal_ on memory that is not contiguous. */
bool cd_random_normal_single(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                             double mean, double std);

/* Integers in [low, high), low < high, any dtype; all of them must be values of the dtype, and
 * within +-2^24 in f32 and +-2^53 in f64, where every integer exists. As torch.randint. */
bool cd_random_integers(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                        int64_t low, int64_t high);
/* That this can be drawn; its sentences are of randint. */
bool cd_random_check_integers(cd_dtype dtype, int64_t low, int64_t high);

/* 1 with probability p, else 0; any dtype. As Tensor.bernoulli_(p) where it does not use Intel's
 * MKL (that is: on every processor that is not Intel's). */
bool cd_random_bernoulli(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double p);

/* The same with a probability for each element, an array of n f32 or f64 (p_dtype). As
 * torch.bernoulli(p). */
bool cd_random_bernoulli_each(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                              cd_dtype p_dtype, const void *p);
/* The place of the first of n f32 or f64 that is no probability; n when there is none. */
int64_t cd_random_first_improbable(cd_dtype dtype, const void *p, int64_t n);

/* The numbers 0 to n - 1 in random order. As torch.randperm. */
bool cd_random_permutation(cd_generator_state *state, int64_t *out, int64_t n);

/* --- tensors ---------------------------------------------------------------------------------- */

/* What each element is drawn from. */
typedef enum cd_draw_kind { CD_DRAW_UNIFORM, CD_DRAW_NORMAL, CD_DRAW_BERNOULLI } cd_draw_kind;

typedef struct cd_draw {
    cd_draw_kind kind;
    double a, b; /* from and to; mean and standard deviation; probability and nothing */
} cd_draw;

/* The distribution exists, in this dtype; otherwise an error in the function's name, and false. */
bool cd_draw_check(const cd_draw *draw, cd_dtype dtype, const char *function);

/* Fills memory of a layout that does not overlap itself, after that check. The elements are drawn
 * in the order in which those of `like`, of the same shape, lie in memory (which may be the layout
 * itself), as in PyTorch, where x.t().uniform_() fills x. Cannot fail. */
void cd_draw_into(cd_generator_state *state, const cd_draw *draw, const cd_argument *to,
                  const cd_layout *like);

#endif
