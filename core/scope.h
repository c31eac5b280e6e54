/* Ownership, in one rule: every object the library hands you, made or looked up, is yours to use
 * until the scope that is open at that call ends. What must live longer, you keep.
 *
 *     {
 *         CD_SCOPE();
 *         cd_tensor *loss = cd_mse_loss(cd_forward(model, x), y);
 *         cd_backward(loss);
 *         cd_assign(&best, cd_detach(loss));
 *     }
 *
 * Each thread has a root scope, which ends with it, so a short program frees nothing and leaks
 * nothing. Objects here are tensors, modules, optimizers, schedulers, data sets, generators and
 * state dicts, captured graphs. */
#ifndef CANDELA_CORE_SCOPE_H
#define CANDELA_CORE_SCOPE_H

#include "core/api.h"

CD_BEGIN_DECLS

/* A place in this thread's stack of scopes. */
typedef struct cd_scope {
    int32_t depth;
    uint32_t serial;
} cd_scope;

CD_API cd_scope cd_scope_begin(void);
/* Ends the scope, and those opened in it and left open. CD_ERR_STATE and false, with nothing ended,
 * when it has been ended already or was never begun. */
CD_API bool cd_scope_end(cd_scope scope);
/* For the cleanup attribute: ends the scope; one that was jumped past is left alone. */
CD_API void cd_scope_leave(cd_scope *scope);

#define CD_PASTE_(a_, b_) a_##b_
#define CD_PASTE(a_, b_)  CD_PASTE_(a_, b_)

#if defined(__GNUC__) && !defined(__cplusplus)
#define CD_FRAME_(begin_)                                                                          \
    cd_scope CD_PASTE(cd_scope_, __COUNTER__) __attribute__((cleanup(cd_scope_leave), unused)) =   \
        begin_
/* Opens a scope for the rest of the block; it ends by whichever way the block is left. Stands first
 * in its block (-Wjump-misses-init finds a goto past it). */
#define CD_SCOPE() CD_FRAME_(cd_scope_begin())
#endif

/* Hands a result to the enclosing scope, out of the innermost one: return cd_escape(y). Returns its
 * argument; NULL stays NULL. */
CD_API void *cd_escape(void *object);

/* One more owner. Returns its argument, NULL (with an error) for what is no live object. */
CD_API void *cd_keep(void *object);
/* Undoes one cd_keep. CD_ERR_STATE and false, with nothing changed, when there is none to undo. */
CD_API bool cd_release(void *object);

/* For a field or variable that owns and lives across scopes: cd_assign(&best, y) keeps y (which may
 * be NULL) and releases what was there. `slot` points to a pointer to an object. */
CD_API bool cd_assign(void *slot, void *object);

/* Gives a handle up before its scope ends: for long loops and large values. CD_ERR_STATE and false
 * when no scope of this thread holds it. NULL is allowed. */
CD_API bool cd_drop(void *object);

CD_END_DECLS

#endif
