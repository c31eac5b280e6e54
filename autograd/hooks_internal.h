/* Running hooks: for the engine. */
#ifndef CANDELA_AUTOGRAD_HOOKS_INTERNAL_H
#define CANDELA_AUTOGRAD_HOOKS_INTERNAL_H

#include "autograd/hooks.h"
#include "autograd/node_internal.h"

/* Runs the hooks of an output of a node on its whole gradient. Returns what they made of it, which
 * the scope that is open holds; NULL with an error when one failed or gave what does not fit. */
cd_tensor *cd_run_node_hooks(cd_node *node, int output, cd_tensor *gradient);

/* The same for a leaf's whole gradient, to which *gradient is a reference: so it is to what comes
 * of it. */
bool cd_run_leaf_hooks(const cd_tensor *leaf, cd_tensor **gradient);

/* Runs those that a leaf has after accumulation. */
bool cd_run_accumulate_hooks(cd_tensor *leaf);

/* t is now output `index` of this node, and what it retains with it. */
void cd_move_retain_hook(cd_variable *v, cd_node *node, int index);

#endif
