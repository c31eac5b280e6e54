/* Hooks: functions of one's own that are called when a gradient has arrived.
 *
 * They run in backward and in cd_autograd_grad, in order of registration, each in a scope of its
 * own and in the grad mode of that pass (off, and on with create_graph). A hook that is added or
 * removed during a pass makes a difference from the next one on. `user` is handed to each call;
 * `destroy`, which may be NULL, is called with it once: when the hook is removed, or with what it
 * was registered on; not when registering fails. What `user` keeps alive must not be what the hook
 * was registered on, or neither ever goes. */
#ifndef CANDELA_AUTOGRAD_HOOKS_H
#define CANDELA_AUTOGRAD_HOOKS_H

#include "autograd/autograd.h"

CD_BEGIN_DECLS

/* --- the gradient of a tensor ----------------------------------------------------------------- */

/* NULL leaves the gradient as it is; a tensor of the same shape and dtype takes its place, for the
 * hooks that follow and for everything before it in the graph. The gradient itself must not be
 * changed in place: others may share it. With an error set, the pass fails. */
typedef cd_tensor *cd_tensor_hook(cd_tensor *gradient, void *user);

typedef struct cd_hook_options {
    cd_tensor *tensor;
    cd_tensor_hook *hook;
    CD_GUARD_;
    void *user;
    void (*destroy)(void *user);
} cd_hook_options;

/* cd_register_hook(t, hook, .user = me, .destroy = free)
 *
 * The hook runs when all of the gradient of t has arrived, before it goes further back. A leaf's
 * runs once the pass has gone through the whole graph, before its gradient is put in place. An
 * output of which no gradient came (another one of the same op was used) has its hooks not run.
 *
 * The hook stands with what computed t: after an in-place change of t it still sees the gradient of
 * the value before. From cd_autograd_grad the gradient of t itself comes as its hooks left it; as
 * in PyTorch it comes as it was before them when the pass goes on from t to another input.
 *
 * Returns an id above 0, or 0 with CD_ERR_AUTOGRAD for a tensor that requires no gradients. */
CD_API int64_t cd_register_hook_with(cd_hook_options options);
#define cd_register_hook(t_, ...)                                                                  \
    cd_register_hook_with((cd_hook_options){ .tensor = t_, .hook = __VA_ARGS__ })

/* --- after a leaf's gradient was put in place ------------------------------------------------- */

/* False with an error set makes backward return false; gradients stay as they are then. */
typedef bool cd_accumulate_hook(cd_tensor *leaf, void *user);

typedef struct cd_accumulate_hook_options {
    cd_tensor *leaf;
    cd_accumulate_hook *hook;
    CD_GUARD_;
    void *user;
    void (*destroy)(void *user);
} cd_accumulate_hook_options;

/* cd_register_post_accumulate_grad_hook(leaf, hook, .user = me, .destroy = free)
 *
 * Runs at the end of cd_backward, when the gradients of all leaves are in place: cd_grad(leaf) is
 * the sum. Not in cd_autograd_grad, which puts none in place, and not of a leaf that nobody owns or
 * that requires no gradients any more (PyTorch calls the hook of the latter, with grad None).
 * After a hook that fails, those after it do not run. An id, or 0 with CD_ERR_AUTOGRAD for what is
 * no leaf or requires no gradients. */
CD_API int64_t cd_register_post_accumulate_grad_hook_with(cd_accumulate_hook_options options);
#define cd_register_post_accumulate_grad_hook(leaf_, ...)                                          \
    cd_register_post_accumulate_grad_hook_with(                                                    \
        (cd_accumulate_hook_options){ .leaf = leaf_, .hook = __VA_ARGS__ })

/* Either kind, of this tensor, by its id; also after t was changed in place. False with
 * CD_ERR_ARGUMENT when t has no such hook (any more). */
CD_API bool cd_remove_hook(cd_tensor *t, int64_t id);

/* --- gradients of tensors that are no leaves -------------------------------------------------- */

/* From now on passes add the gradient of t to cd_grad(t), as they do for a leaf: as the hooks of t
 * left it, whenever they were registered. It is put in place at the end, with those of the leaves:
 * all or none; cd_autograd_grad, too, does so. After an in-place change of t it is the gradient of
 * the new value. Does nothing for a leaf. Returns t; NULL with CD_ERR_AUTOGRAD when t requires no
 * gradients. */
CD_API cd_tensor *cd_retain_grad(cd_tensor *t);
/* False for a leaf. */
CD_API bool cd_retains_grad(const cd_tensor *t);

CD_END_DECLS

#endif
