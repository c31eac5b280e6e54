/* Random numbers: one default generator per process, and the numbers are PyTorch's.
 *
 * After cd_manual_seed(s) the same calls give what they give in PyTorch on the CPU after
 * torch.manual_seed(s): uniform numbers, integers and permutations bit for bit, normal ones to
 * about 1e-7 (the logarithm and the cosine of another library). A generator is locked while it is
 * drawn from, so any thread may use the default one; which thread gets which numbers is up to the
 * threads. */
#ifndef CANDELA_CORE_RANDOM_H
#define CANDELA_CORE_RANDOM_H

#include "core/api.h"

CD_BEGIN_DECLS

/* A source of random numbers with a state of its own, beside the default one. */
typedef struct cd_generator cd_generator;

/* Starts the default generator anew. As in PyTorch only the low 32 bits make a difference to the
 * numbers. A program that never calls this starts from CD_DEFAULT_SEED, so it repeats from run to
 * run (where torch's own default generator would start from noise). */
CD_API void cd_manual_seed(uint64_t seed);

/* The seed that the default generator was last started from, all 64 bits of it. */
CD_API uint64_t cd_initial_seed(void);

#define CD_DEFAULT_SEED UINT64_C(67280421310721)

/* The default generator's whole state as bytes, to be put back later: the layout, 5056 bytes and
 * little-endian, is that of torch.get_rng_state(), so a run can move between the two. `size` must
 * be CD_RNG_STATE_BYTES, else CD_ERR_ARGUMENT and false. */
enum { CD_RNG_STATE_BYTES = 5056 };
CD_API bool cd_get_rng_state(void *bytes, size_t size);

/* Puts such a state back. Bytes that are no state are CD_ERR_FORMAT and false, and the generator
 * goes on as it was; so it does, with false, while an error is pending. */
CD_API bool cd_set_rng_state(const void *bytes, size_t size);

CD_END_DECLS

#endif
