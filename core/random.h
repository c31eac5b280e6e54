/* Random numbers: a default generator for the process, and generator objects.
 *
 * The numbers are PyTorch's: after cd_manual_seed(s), the same calls give what they give in PyTorch
 * on the CPU after torch.manual_seed(s). Uniform numbers, integers and permutations are equal bit
 * for bit, normal numbers to about 1e-7 (log and cos are another library's).
 *
 * Each generator has a lock, so any thread may draw from any generator. If several threads draw
 * from the same one, which of them gets which numbers depends on their timing. */
#ifndef CANDELA_CORE_RANDOM_H
#define CANDELA_CORE_RANDOM_H

#include "core/api.h"

CD_BEGIN_DECLS

/* --- the default generator -------------------------------------------------------------------- */

/* The seed of a program that never calls cd_manual_seed: such a program gives the same numbers in
 * every run (PyTorch's default generator starts from an unpredictable seed). */
#define CD_DEFAULT_SEED UINT64_C(67280421310721)

/* Restarts the default generator from a seed. As in PyTorch, only the low 32 bits affect the
 * numbers. */
CD_API void cd_manual_seed(uint64_t seed);

/* All 64 bits of the seed that the default generator was last started from. */
CD_API uint64_t cd_initial_seed(void);

/* The size of a generator's state. */
enum { CD_RNG_STATE_BYTES = 5056 };

/* Copies the default generator's state to `bytes`, in the format of torch.get_rng_state(), so a run
 * can continue in PyTorch. Returns false with CD_ERR_ARGUMENT if `size` is not
 * CD_RNG_STATE_BYTES. */
CD_API bool cd_get_rng_state(void *bytes, size_t size);

/* Restores a state that cd_get_rng_state or torch.get_rng_state() gave. Returns false with
 * CD_ERR_FORMAT for bytes that are not a state, and false while an error is pending; the generator
 * is then unchanged. */
CD_API bool cd_set_rng_state(const void *bytes, size_t size);

/* --- generator objects ------------------------------------------------------------------------ */

/* As torch.Generator: a generator with its own state. Ops that draw random numbers take one as
 * .generator = g. It gives the numbers that the default generator gives from the same seed or
 * state. Owned by scopes, as all objects are (core/scope.h). */
typedef struct cd_generator cd_generator;

/* The functions below return false, or 0, with CD_ERR_ARGUMENT if g is NULL or not a live
 * generator. Those that change the generator do nothing and return false while an error is
 * pending. */

/* A new generator, started from a seed. NULL with an error. */
CD_API cd_generator *cd_generator_new(uint64_t seed);

/* Restarts the generator from a seed, as cd_manual_seed. */
CD_API bool cd_generator_manual_seed(cd_generator *g, uint64_t seed);
/* All 64 bits of the seed that the generator was last started from. */
CD_API uint64_t cd_generator_initial_seed(const cd_generator *g);

/* As cd_get_rng_state, in the format of torch.Generator.get_state(). To save a state in a file,
 * make it a tensor:
 *
 *     cd_generator_get_state(g, bytes, sizeof bytes);
 *     cd_tensor *t = cd_from_array(bytes, CD_SHAPE(CD_RNG_STATE_BYTES), .dtype = CD_U8); */
CD_API bool cd_generator_get_state(const cd_generator *g, void *bytes, size_t size);
/* As cd_set_rng_state, for the states that torch.Generator.set_state() takes. */
CD_API bool cd_generator_set_state(cd_generator *g, const void *bytes, size_t size);

CD_END_DECLS

#endif
