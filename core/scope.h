/* Ownership, in one rule: an object that a call returns, new or looked up, belongs to the innermost
 * scope open at that call, and is valid until that scope ends. To make it live longer, keep it:
 *
 *     {
 *         CD_SCOPE();
 *         cd_tensor *loss = cd_mse_loss(cd_forward(model, x), y);
 *         cd_backward(loss);
 *         cd_assign(&best, cd_detach(loss));
 *     }
 *
 * After the brace loss is gone; best is valid until the next cd_assign to it.
 *
 * The headers say for short that a call *hands out* an object, or that the open scope owns it.
 *
 * Each thread has a root scope, which ends when the thread ends, so a short program frees nothing
 * by hand and leaks nothing.
 *
 * Objects are tensors, modules, optimizers, schedulers, data sets, loaders, tables, encoders,
 * generators, tensor files, model cards, captured graphs and folders of runs. An object is
 * destroyed when its last owner is gone (a scope, cd_keep, or what contains it, as a module its
 * parameters) and no graph needs it. */
#ifndef CANDELA_CORE_SCOPE_H
#define CANDELA_CORE_SCOPE_H

#include "core/api.h"

CD_BEGIN_DECLS

/* Names an open scope in this thread's stack of scopes. */
typedef struct cd_scope {
    int32_t depth;   /* its index in the stack, from 1: the root scope is 0; -1 for no scope */
    uint32_t serial; /* tells scopes apart that were open at the same depth at different times */
} cd_scope;

/* Opens a scope in the calling thread, until cd_scope_end. CD_SCOPE() is shorter. Without memory
 * sets an error and returns a scope of depth -1, which is not open. */
CD_API cd_scope cd_scope_begin(void);
/* Ends the scope, and scopes inside it that are still open. Returns false with CD_ERR_STATE, and
 * ends nothing, when the scope is not open (any more). */
CD_API bool cd_scope_end(cd_scope scope);
/* What CD_SCOPE() calls at the end of the block: as cd_scope_end, but a scope that is no longer
 * open is no error. */
CD_API void cd_scope_leave(cd_scope *scope);

#define CD_PASTE_(a_, b_) a_##b_
#define CD_PASTE(a_, b_)  CD_PASTE_(a_, b_)

#if defined(__GNUC__) && !defined(__cplusplus)
#define CD_FRAME_(begin_)                                                                          \
    cd_scope CD_PASTE(cd_scope_, __COUNTER__) __attribute__((cleanup(cd_scope_leave), unused)) =   \
        begin_
/* Opens a scope for the rest of the block. It ends however the block is left: at the brace, by
 * return, break or goto. Write it first in the block: a goto into the block must not skip it
 * (-Wjump-misses-init finds that). */
#define CD_SCOPE() CD_FRAME_(cd_scope_begin())
#endif

/* Makes the object valid after the innermost scope: when that scope ends, the scope around it
 * becomes the owner. For a function's result: return cd_escape(y). Returns its argument; NULL stays
 * NULL. */
CD_API void *cd_escape(void *object);

/* Makes the caller an owner, until cd_release. Returns its argument; NULL, with an error, if it is
 * NULL or not a live object. */
CD_API void *cd_keep(void *object);
/* Takes back one cd_keep. Returns false with CD_ERR_STATE, and changes nothing, when there is no
 * cd_keep to take back. */
CD_API bool cd_release(void *object);

/* Assigns to a field or variable that owns its object: cd_assign(&best, y) keeps y (which may be
 * NULL), stores it in `best` and releases what was in `best` before. `slot` is the address of a
 * pointer to an object; the pointer starts as NULL. */
CD_API bool cd_assign(void *slot, void *object);

/* Ends a scope's ownership early, for large tensors and long loops: the object is removed from the
 * innermost scope of this thread that owns it. Returns false with CD_ERR_STATE when none owns it.
 * NULL is allowed. */
CD_API bool cd_drop(void *object);

CD_END_DECLS

#endif
