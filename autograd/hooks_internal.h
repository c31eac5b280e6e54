/* Hooks of tensors, for the engine and for histories that change. */
#ifndef CANDELA_AUTOGRAD_HOOKS_INTERNAL_H
#define CANDELA_AUTOGRAD_HOOKS_INTERNAL_H

#include "autograd/hooks.h"
#include "autograd/node_internal.h"

/* Runs the hooks of a node's output on its gradient, of which everything has arrived. The gradient
 * that they return, which the scope that is open owns; NULL with an error when a hook failed or
 * returned a gradient of another shape or dtype. */
cd_tensor *cd_run_node_hooks(cd_node *node, int output, cd_tensor *gradient);

/* The same for a leaf. *gradient is a reference, and becomes one to the gradient that the hooks
 * return. False with an error. */
bool cd_run_leaf_hooks(const cd_tensor *leaf, cd_tensor **gradient);

/* Runs the post-accumulate hooks of a leaf. False with an error. */
bool cd_run_accumulate_hooks(cd_tensor *leaf);

/* Whether the hook, of a leaf, node or module that `of` names, may return `result` in place of
 * `gradient`. False with an error. */
bool cd_check_hook_gradient(const cd_tensor *result, const cd_tensor *gradient, const cd_hook *hook,
                            const char *of);

/* Moves the hook by which a tensor retains its gradient to the node that is its history now. */
void cd_move_retain_hook(cd_variable *v, cd_node *node, int index);

#endif
