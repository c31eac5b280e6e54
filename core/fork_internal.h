/* Locks and fork. A child has only the forking thread: a lock that another thread held would never
 * be released. So each file with a lock registers handlers with pthread_atfork that take the lock
 * before fork and release it in both processes after. */
#ifndef CANDELA_CORE_FORK_INTERNAL_H
#define CANDELA_CORE_FORK_INTERNAL_H

/* Priorities of the constructors that register the handlers; a lower one runs earlier. The handlers
 * registered last are called first, so the outer locks are taken before the inner ones, which is
 * the order in which the library takes them. */
#define CD_FORK_INNER 201 /* for locks that are held only while no other lock is taken */
#define CD_FORK_OUTER 202 /* for locks that are held while memory is allocated or kernels run */

#endif
