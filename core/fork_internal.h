/* Locks over a fork: who holds one registers handlers that take it before and release it after. */
#ifndef CANDELA_CORE_FORK_INTERNAL_H
#define CANDELA_CORE_FORK_INTERNAL_H

/* When to register them, as a priority of the attribute constructor. What is registered last is
 * locked first, so a lock that is held while others are taken comes after these. */
#define CD_FORK_INNER 201 /* nothing is locked while it is held */
#define CD_FORK_OUTER 202 /* held while memory is taken and kernels run */

#endif
