/* Hooks: functions of one's own that are called when a gradient has arrived.
 *
 * They run in cd_backward and cd_autograd_grad, in the order of registration, each in a scope of
 * its own and in the grad mode of the pass (off; on with create_graph). A hook that is registered
 * or removed during a pass counts from the next pass on.
 *
 * `user` is passed to each call. `destroy`, which may be NULL, is called with it once: when the
 * hook is removed, or when the tensor goes that it was registered on; not when registration fails.
 * `user` must not keep that tensor alive, or neither is ever freed. */
#ifndef CANDELA_AUTOGRAD_HOOKS_H
#define CANDELA_AUTOGRAD_HOOKS_H

#include "autograd/autograd.h"

CD_BEGIN_DECLS

/* --- the gradient of a tensor ----------------------------------------------------------------- */

/* A hook of a tensor. Returns NULL to leave the gradient as it is, or a tensor of the same shape
 * and dtype that replaces it, for later hooks and for the rest of the pass. Must not change
 * `gradient` in place, since others may use it. If it sets an error (cd_fail), the pass fails. */
typedef cd_tensor *cd_tensor_hook(cd_tensor *gradient, void *user);

/* Options of cd_register_hook. */
typedef struct cd_hook_options {
    cd_tensor *tensor;
    cd_tensor_hook *hook;
    CD_GUARD_;
    void *user;
    void (*destroy)(void *user);
} cd_hook_options;

/* t.register_hook(hook): cd_register_hook(t, hook, .user = u, .destroy = free).
 *
 * The hook of a computed tensor runs when all of the tensor's gradient has arrived, before the pass
 * goes on. The hook of a leaf runs when the pass has gone through the whole graph, before the
 * leaf's gradient changes. No hook runs for a tensor that got no gradient.
 *
 * A hook belongs to the value that t had: after t was changed in place, the hook still gets the
 * gradient of the earlier value. cd_autograd_grad returns the gradient of t as the hooks of t left
 * it; but as it was before them, as PyTorch does, if the pass also goes on from t to another input.
 *
 * Returns an id above 0 for cd_remove_hook; 0 with CD_ERR_AUTOGRAD if t does not require
 * gradients. */
CD_API int64_t cd_register_hook_with(cd_hook_options options);
#define cd_register_hook(t_, ...)                                                                  \
    cd_register_hook_with((cd_hook_options){ .tensor = t_, .hook = __VA_ARGS__ })

/* --- the accumulated gradient of a leaf ------------------------------------------------------- */

/* A post-accumulate hook. False with an error set (cd_fail) makes cd_backward return false;
 * gradients have changed by then. */
typedef bool cd_accumulate_hook(cd_tensor *leaf, void *user);

/* Options of cd_register_post_accumulate_grad_hook. */
typedef struct cd_accumulate_hook_options {
    cd_tensor *leaf;
    cd_accumulate_hook *hook;
    CD_GUARD_;
    void *user;
    void (*destroy)(void *user);
} cd_accumulate_hook_options;

/* leaf.register_post_accumulate_grad_hook(hook):
 * cd_register_post_accumulate_grad_hook(leaf, hook, .user = u, .destroy = free).
 *
 * The hook runs at the end of cd_backward, when the gradients of all leaves have changed:
 * cd_grad(leaf) is the sum. It does not run in cd_autograd_grad, which changes no leaf's gradient,
 * nor for a leaf that nobody owns or that has ceased to require gradients (for the latter PyTorch
 * does call it, with grad None). After a hook that fails, later ones do not run.
 *
 * Returns an id above 0 for cd_remove_hook; 0 with CD_ERR_AUTOGRAD if the tensor is no leaf, or
 * does not require gradients. */
CD_API int64_t cd_register_post_accumulate_grad_hook_with(cd_accumulate_hook_options options);
#define cd_register_post_accumulate_grad_hook(leaf_, ...)                                          \
    cd_register_post_accumulate_grad_hook_with(                                                    \
        (cd_accumulate_hook_options){ .leaf = leaf_, .hook = __VA_ARGS__ })

/* --- removing --------------------------------------------------------------------------------- */

/* Removes a hook of t, of either kind, by its id; also after t was changed in place. False with
 * CD_ERR_ARGUMENT when t has no such hook (any more). */
CD_API bool cd_remove_hook(cd_tensor *t, int64_t id);

/* --- retained gradients ----------------------------------------------------------------------- */

/* t.retain_grad(): from now on passes add the gradient of t, a computed tensor, to cd_grad(t), as
 * they do for a leaf. It is the gradient as all hooks of t left it. It changes at the end of a
 * pass, together with those of the leaves: all or none; cd_autograd_grad changes it too. After t
 * was changed in place it is the gradient of the new value. Does nothing for a leaf. Returns t;
 * NULL with CD_ERR_AUTOGRAD if t does not require gradients. */
CD_API cd_tensor *cd_retain_grad(cd_tensor *t);
/* t.retains_grad: whether cd_retain_grad was called on t. False for a leaf. */
CD_API bool cd_retains_grad(const cd_tensor *t);

CD_END_DECLS

#endif
