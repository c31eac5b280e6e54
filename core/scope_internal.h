/* Scopes, for the library's own files: modes, and questions about the stack of scopes. */
#ifndef CANDELA_CORE_SCOPE_INTERNAL_H
#define CANDELA_CORE_SCOPE_INTERNAL_H

#include "core/scope.h"

/* Modes are bits that a frame on the stack of scopes sets or clears until it ends. They belong to
 * autograd, which has a function for each; a thread starts with CD_MODES_AT_START. */
enum {
    CD_MODE_GRAD = 1,    /* ops record a graph: off in CD_NO_GRAD() */
    CD_MODE_ANOMALY = 2, /* ops look for NaN and Inf: on in CD_DETECT_ANOMALY() */
    CD_MODE_CAPTURE = 4, /* calls are being captured as a graph: after cd_capture_begin */
    CD_MODE_META = 8,    /* a device that is left out is CD_META: while a model is measured */
    CD_MODES_AT_START = CD_MODE_GRAD
};

/* The modes of this thread's innermost frame. Only scope.c sets them. */
extern _Thread_local unsigned cd_modes;
/* For functions that a captured graph cannot contain: true when no graph is being captured.
 * Otherwise sets CD_ERR_UNSUPPORTED, with a message that names `function` and the `reason` ("it
 * reads elements"), and returns false. */
bool cd_check_not_captured(const char *function, const char *reason);
/* Begins a frame, ended by cd_scope_end, that sets and clears modes and owns nothing: objects made
 * inside belong to the scope around it. */
cd_scope cd_modes_begin(unsigned set, unsigned clear);

/* Whether the scope is open and no other was opened inside it and left open. */
bool cd_scope_is_innermost(cd_scope scope);

/* Makes sure that the next cd_hand cannot fail, provided no other cd_hand or end of a scope comes
 * before it. False with an error. */
bool cd_scope_reserve(void);

/* How often the object is in the list of this scope and of those opened inside it: so many of its
 * owners are these scopes. 0 when the scope is not open. */
int cd_scope_owns(cd_scope scope, const void *object);

/* Ends every scope of the ending thread, the root scope included. */
void cd_scope_thread_exit(void);

#endif
