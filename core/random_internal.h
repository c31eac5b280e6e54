/* Random numbers, for the library's own files.
 *
 *     generator.c     generator objects: locks, seeds, states as users see them
 *     random.c        the Mersenne Twister, and its state as bytes
 *     random_fill.c   distributions: filling contiguous memory
 *     random_choice.c choices with given probabilities
 *     random_slopes.c the slopes of rrelu
 *     random_draw.c   filling tensors of any strides, in PyTorch's order */
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
    uint64_t seed; /* all 64 bits; the words depend on the low 32 */
    int32_t left;  /* 1..624: the draw that takes it to 0 renews the words first */
    uint32_t next; /* the index of the word that the next draw returns, unless it renews them */
    uint32_t word[CD_TWISTER_WORDS];
    /* The Box-Muller transform makes two normal numbers at a time; the second one is kept here for
     * the next draw. The float32 one is part of PyTorch's state, but draws on the CPU never set
     * it. */
    bool has_normal_f64, has_normal_f32;
    double normal_f64;
    float normal_f32;
} cd_generator_state;

/* --- generators ------------------------------------------------------------------------------- */

/* In this section NULL is the default generator. */

/* Locks a generator and returns its state. Before cd_generator_unlock call nothing that may lock
 * the same generator. */
cd_generator_state *cd_generator_lock(const cd_generator *generator);
void cd_generator_unlock(const cd_generator *generator);
/* As cd_generator_lock, around the launch of a kernel that draws on a device other than the CPU. */
cd_generator_state *cd_generator_lock_for(const cd_generator *generator, cd_device device);
/* Unlocks after the launch. The kernel may draw later; until it has, the next lock of the generator
 * waits, unless it is for the same device, where kernels run in order. */
void cd_generator_unlock_for(const cd_generator *generator, cd_device device);

/* Whether the generator is NULL or a live generator; otherwise sets CD_ERR_ARGUMENT, with a message
 * that names `function`. */
bool cd_generator_check(const cd_generator *generator, const char *function);

/* --- a state ---------------------------------------------------------------------------------- */

/* Starts a state from a seed. */
void cd_random_seed(cd_generator_state *state, uint64_t seed);

/* Writes the state in the format of cd_get_rng_state. */
void cd_random_write(const cd_generator_state *state, uint8_t bytes[CD_RNG_STATE_BYTES]);
/* Reads that format, and checks everything that draws rely on. Returns false with CD_ERR_FORMAT,
 * and leaves *state unchanged, for bytes that are not a state. */
bool cd_random_read(cd_generator_state *state, const void *bytes, size_t size);

/* Computes the next 624 words, and sets `left` and `next` to the first of them. */
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

/* 64 random bits: two words, of which the first is the high half. */
static inline uint64_t cd_random_u64(cd_generator_state *state)
{
    uint64_t high = cd_random_u32(state);
    return high << 32 | cd_random_u32(state);
}

/* Uniform in [0, 1): k / 2^24, where k is the low 24 of 32 random bits. */
static inline float cd_random_f32(cd_generator_state *state)
{
    return (float)(cd_random_u32(state) & 0xffffffu) * 0x1p-24f;
}

/* Uniform in [0, 1): k / 2^53, where k is the low 53 of 64 random bits. */
static inline double cd_random_f64(cd_generator_state *state)
{
    return (double)(cd_random_u64(state) & ((UINT64_C(1) << 53) - 1)) * 0x1p-53;
}

/* --- fills ------------------------------------------------------------------------------------ */

/* These functions write n elements of `dtype` to contiguous memory of the caller, in order. They
 * return false with CD_ERR_DTYPE for a dtype that they cannot fill, and with CD_ERR_ARGUMENT for
 * other invalid arguments, and have then drawn and written nothing. n = 0 draws nothing. */

/* Uniform in [from, to). float32, float64. Requires from <= to, and both and their difference
 * finite in the dtype. As torch.rand and Tensor.uniform_. */
bool cd_random_uniform(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double from,
                       double to);

/* y = x, times a number drawn from [from, to) where x <= 0: the slope, which is 1 elsewhere. n
 * elements of float32 or float64; y may be x. `slope` may be NULL, and gets the slopes for the
 * gradient: where from and to are close, these are their mean. As torch.rrelu. */
void cd_random_slopes(cd_generator_state *state, cd_dtype dtype, double from, double to, int64_t n,
                      const void *x, void *y, void *slope);

/* Normal, with a mean and a standard deviation >= 0. float32, float64. As torch.randn, and
 * Tensor.normal_ on contiguous memory: from 16 elements on PyTorch uses another algorithm, which
 * gives other numbers. */
bool cd_random_normal(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double mean,
                      double std);
/* As cd_random_normal, with the algorithm for fewer than 16 elements for any n: as Tensor.normal_
 * on memory that is not contiguous. */
bool cd_random_normal_single(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                             double mean, double std);

/* Integers, uniform in [low, high). Any dtype. Requires low < high, and that the dtype has all
 * these integers: float32 has them within +-2^24, float64 within +-2^53. As torch.randint. */
bool cd_random_integers(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                        int64_t low, int64_t high);
/* Whether cd_random_integers accepts these arguments; sets its errors. */
bool cd_random_check_integers(cd_dtype dtype, int64_t low, int64_t high);

/* 1 with probability p, otherwise 0. Any dtype. As Tensor.bernoulli_(p) of a PyTorch that does not
 * use Intel's MKL for it, as on every processor that is not Intel's. */
bool cd_random_bernoulli(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n, double p);

/* As cd_random_bernoulli, with a probability for each element: p has n elements of p_dtype, which
 * is float32 or float64. As torch.bernoulli(p). */
bool cd_random_bernoulli_each(cd_generator_state *state, cd_dtype dtype, void *out, int64_t n,
                              cd_dtype p_dtype, const void *p);
/* The index of the first of n numbers, float32 or float64, that is not a probability; n if all
 * are. */
int64_t cd_random_first_improbable(cd_dtype dtype, const void *p, int64_t n);

/* The numbers 0 to n - 1 in random order. As torch.randperm. */
bool cd_random_permutation(cd_generator_state *state, int64_t *out, int64_t n);

/* --- choices ---------------------------------------------------------------------------------- */

/* p has rows x n elements of `dtype`, float32 or float64, that need not add up to 1; they have
 * passed cd_random_first_bad. */

/* Indices with replacement: `samples` for each row, to `out`. `sums` has room for n elements of
 * dtype. */
void cd_random_choose(cd_generator_state *state, cd_dtype dtype, int64_t rows, int64_t n,
                      const void *p, int64_t samples, int64_t *out, void *sums);
/* For a choice without replacement: the indices of the k highest of these scores are chosen. They
 * are p[i] divided by an exponential number, made of a uniform one. */
void cd_random_race(cd_dtype dtype, int64_t n, const void *p, const double *uniform, void *score);
/* The position of the first element that is negative, infinite or NaN; if there is none, the first
 * row that is 0, with *all_zero set; -1 if there is neither. */
int64_t cd_random_first_bad(cd_dtype dtype, int64_t rows, int64_t n, const void *p, bool *all_zero);

/* --- tensors ---------------------------------------------------------------------------------- */

/* A distribution. */
typedef enum cd_draw_kind { CD_DRAW_UNIFORM, CD_DRAW_NORMAL, CD_DRAW_BERNOULLI } cd_draw_kind;

typedef struct cd_draw {
    cd_draw_kind kind;
    double a, b; /* uniform: from, to; normal: mean, standard deviation; Bernoulli: p in a */
} cd_draw;

/* Whether the distribution's parameters are valid, and valid for the dtype; otherwise sets an
 * error, with a message that names `function`. */
bool cd_draw_check(const cd_draw *draw, cd_dtype dtype, const char *function);

/* Fills the elements of `to`, after cd_draw_check. No two elements of `to` share memory. Cannot
 * fail.
 *
 * Elements are drawn in the order in which the elements of `like`, a layout of the same shape and
 * often that of `to`, lie in memory. So does PyTorch: x.t().uniform_() writes the same numbers to
 * the same addresses as x.uniform_(). */
void cd_draw_into(cd_generator_state *state, const cd_draw *draw, const cd_array *to,
                  const cd_layout *like);

#endif
