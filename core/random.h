/* Random numbers: one default generator per process, others beside it, and the numbers are
 * PyTorch's.
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

/* --- generators beside the default one -------------------------------------------------------- */

/* torch.Generator: an object like others (core/scope.h), with a state and a lock of its own. Every
 * call that draws takes one as .generator = g; its numbers are those that the default generator
 * gives from the same seed or state. */
typedef struct cd_generator cd_generator;

CD_API cd_generator *cd_generator_new(uint64_t seed);

/* Starts it anew, and says from what it was started. What is no live generator, NULL too, is
 * CD_ERR_ARGUMENT and false or 0; while an error is pending it goes on as it was, with false. */
CD_API bool cd_generator_manual_seed(cd_generator *g, uint64_t seed);
CD_API uint64_t cd_generator_initial_seed(const cd_generator *g);

/* As cd_get_rng_state and cd_set_rng_state: the bytes are those of torch.Generator.get_state(). To
 * save them, make them a tensor:
 *
 *     cd_generator_get_state(g, bytes, sizeof bytes);
 *     cd_tensor *t = cd_from_array(bytes, CD_SHAPE(CD_RNG_STATE_BYTES), .dtype = CD_U8);
 */
CD_API bool cd_generator_get_state(const cd_generator *g, void *bytes, size_t size);
CD_API bool cd_generator_set_state(cd_generator *g, const void *bytes, size_t size);

CD_END_DECLS

#endif
