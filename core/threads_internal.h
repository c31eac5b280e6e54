/* The thread pool, for kernels and readers. */
#ifndef CANDELA_CORE_THREADS_INTERNAL_H
#define CANDELA_CORE_THREADS_INTERNAL_H

#include "core/threads.h"

/* One piece of a job; `index` runs from 0 to pieces - 1, each exactly once, on any thread. */
typedef void cd_task(int64_t index, void *context);

/* Runs all pieces and returns when they are done. The number of pieces must follow from the shape
 * alone, never from the number of threads: that is what makes results the same for any number.
 * Every piece is reckoned in the caller's floating-point mode (rounding, flush to zero, masks).
 * Called from inside a piece (nothing nests), or with one thread, it runs them one by one here.
 * An error that a piece sets reaches the caller: the one of the lowest index. */
void cd_parallel(int64_t pieces, cd_task *task, void *context);

#endif
