/* What the library must do when a thread ends, in the right order. */
#ifndef CANDELA_CORE_THREAD_EXIT_INTERNAL_H
#define CANDELA_CORE_THREAD_EXIT_INTERNAL_H

/* Sees to it that this thread's root scope, caches and counters are ended with it. */
void cd_thread_exit_register(void);

#endif
