/* What the backward functions of several ops share. */
#include "autograd/families/gradients_internal.h"

#include "autograd/create.h"

void cd_same_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)node;
    dx[0] = dy[0];
}

void cd_zero_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *zeros = cd_zeros_like(dy[0]);
    for (int k = 0; k < node->edges; k++) {
        if (cd_wanted(node, k)) dx[k] = zeros;
    }
}

cd_tensor *cd_saved_optional(cd_node *node, int k)
{
    return cd_has_saved(node, k) ? cd_saved_value(node, k) : NULL;
}
