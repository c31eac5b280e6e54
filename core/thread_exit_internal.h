/* What the library does when a thread ends: it ends the thread's scopes, then gives its caches and
 * free lists to the other threads. */
#ifndef CANDELA_CORE_THREAD_EXIT_INTERNAL_H
#define CANDELA_CORE_THREAD_EXIT_INTERNAL_H

#include "core/api.h"

/* Arranges for that in the calling thread. Returns false, without an error, if the system has no
 * thread-specific key or no memory left: then nothing in this thread's storage may be linked from a
 * list of other threads, since nobody would unlink it. */
bool cd_thread_exit_register(void);

#endif
