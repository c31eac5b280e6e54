/* The thread pool, for kernels and readers. */
#ifndef CANDELA_CORE_THREADS_INTERNAL_H
#define CANDELA_CORE_THREADS_INTERNAL_H

#include "core/threads.h"

/* Does one piece of a job. It is called once for each index from 0 to pieces - 1, on any thread. */
typedef void cd_task(int64_t index, void *context);

/* Runs all pieces of a job and returns when they are done.
 *
 * The number of pieces must depend on shapes alone, never on the number of threads: so results are
 * the same for any number of threads. Pieces run in the caller's floating-point mode. If pieces set
 * errors, the one of the lowest index becomes the caller's pending error, unless it has one.
 *
 * Pieces run one by one in the calling thread if there is only one thread, if cd_parallel is called
 * from inside a piece, or while another thread's job has the pool. */
void cd_parallel(int64_t pieces, cd_task *task, void *context);

/* From now on the calling thread runs its pieces itself: for threads that work beside the
 * program's, which needs the pool. */
void cd_parallel_alone(void);

#endif
