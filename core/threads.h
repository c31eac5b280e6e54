/* How many processors the library uses. Results do not depend on it, whatever floating-point mode
 * (rounding, flush to zero) the calling thread is in: all threads that help compute in that mode,
 * and the exceptions that they meet are flagged in the calling thread, as if it were alone. */
#ifndef CANDELA_CORE_THREADS_H
#define CANDELA_CORE_THREADS_H

#include "core/api.h"

CD_BEGIN_DECLS

/* At least 1; at first the number of processors this process may run on. CD_ERR_ARGUMENT, and
 * false, for a count outside 1..256. */
CD_API bool cd_set_num_threads(int count);
CD_API int cd_num_threads(void);

CD_END_DECLS

#endif
