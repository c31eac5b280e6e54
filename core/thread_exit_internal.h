/* What the library must do when a thread ends, in the right order. */
#ifndef CANDELA_CORE_THREAD_EXIT_INTERNAL_H
#define CANDELA_CORE_THREAD_EXIT_INTERNAL_H

#include "core/api.h"

/* Sees to it that this thread's root scope, caches and counters are ended with it. False where the
 * system has no key or no memory for that: nothing of this thread's may be linked anywhere then. */
bool cd_thread_exit_register(void);

#endif
