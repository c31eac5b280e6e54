/* The number of threads that kernels use.
 *
 * Results do not depend on it, to the bit. That holds in any floating-point mode (rounding, flush
 * to zero): the library's threads compute in the mode of the calling thread, and set its exception
 * flags as if it had computed alone. */
#ifndef CANDELA_CORE_THREADS_H
#define CANDELA_CORE_THREADS_H

#include "core/api.h"

CD_BEGIN_DECLS

/* Sets the number of threads, the calling one included, as torch.set_num_threads. False with
 * CD_ERR_ARGUMENT for a count outside 1..256. */
CD_API bool cd_set_num_threads(int count);
/* The number of threads. At first it is the number of processors that this process may run on. */
CD_API int cd_num_threads(void);

CD_END_DECLS

#endif
