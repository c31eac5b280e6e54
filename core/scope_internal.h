/* Scopes, for the library's own files. */
#ifndef CANDELA_CORE_SCOPE_INTERNAL_H
#define CANDELA_CORE_SCOPE_INTERNAL_H

#include "core/scope.h"

/* What is switched on and off with scopes. The layer above gives each bit its meaning; at a
 * thread's start all are as in CD_MODES_AT_START. */
enum {
    CD_MODE_GRAD = 1,
    CD_MODE_ANOMALY = 2,
    CD_MODE_CAPTURE = 4,
    CD_MODES_AT_START = CD_MODE_GRAD
};

/* The modes in force in this thread. */
unsigned cd_modes(void);
/* For what a captured graph cannot contain: no graph is captured. Else CD_ERR_UNSUPPORTED in the
 * function's name, with the reason ("it reads elements"), and false. */
bool cd_check_not_captured(const char *function, const char *reason);
/* A frame that changes modes and owns nothing: what is made in it belongs to the scope around it.
 */
cd_scope cd_modes_begin(unsigned set, unsigned clear);

/* The scope is open, and none that began after it is. */
bool cd_scope_is_innermost(cd_scope scope);

/* Room for one more object: until it is used, or a scope ends, a cd_hand cannot fail. False with an
 * error. */
bool cd_scope_reserve(void);

/* How many owners of the object this open scope is, with what was handed to those within it. */
int cd_scope_owns(cd_scope scope, const void *object);

/* Ends every scope of the ending thread. */
void cd_scope_thread_exit(void);

#endif
