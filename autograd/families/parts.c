/* Lists of views that have one node: what split, split_sizes and unbind share.
 *
 * The dispatcher's calls have a fixed number of outputs, and each view of a list is made by a call
 * of its own, slice or select, without a history. Then all of them get one node here. */
#include "autograd/families/parts_internal.h"

#include "core/memory_internal.h"
#include "core/scope_internal.h"

bool cd_check_cut(const char *what, const cd_tensor *x, int dim, int *plain)
{
    return cd_check_tensor(x, what, "x") && cd_check_part(what, x, dim, plain);
}

/* --- the list --------------------------------------------------------------------------------- */

/* The memory of a tensor that nobody else sees. */
cd_tensor **cd_tensor_array(const char *what, int count)
{
    cd_shape bytes = { .ndim = 1, .dim = { count * (int64_t)sizeof(cd_tensor *) } };
    cd_tensor *holder = cd_hand(cd_tensor_new(what, CD_U8, bytes));
    return holder ? (cd_tensor **)(void *)holder->data : NULL;
}

cd_tensors cd_each_tensor(const char *what, cd_tensors tensors,
                          cd_tensor *(*function)(cd_tensor *x))
{
    const cd_tensors none = { .count = 0 };
    if (!tensors.tensor || tensors.count < 1) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: there are no tensors", what);
        return none;
    }
    cd_tensor **each = cd_tensor_array(what, tensors.count);
    for (int k = 0; k < tensors.count && each; k++) {
        each[k] = function(tensors.tensor[k]);
        if (!each[k]) return none;
    }
    return each ? (cd_tensors){ each, tensors.count } : none;
}

static cd_tensor *part_of(const char *what, cd_tensor *x, const cd_cut *cut, int k, int64_t *from)
{
    if (cut->size == 0 && !cut->sizes) return cd_select_for(what, x, cut->dim, k);
    const int64_t begin = *from;
    *from += cut->sizes ? cut->sizes[k] : cut->size;
    return cd_slice_for(what, x, cut->dim, begin, *from, 1);
}

/* Makes the views, without a history. */
static bool make_parts(const char *what, cd_tensor *x, const cd_cut *cut, cd_tensor **part)
{
    int64_t from = 0;
    int made = 0;
    const cd_scope mode = cd_grad_mode_begin(false);
    if (mode.depth < 0) return false;
    while (made < cut->count && (part[made] = part_of(what, x, cut, made, &from))) made++;
    (void)cd_scope_end(mode);
    if (made == cut->count) return true;
    while (made > 0) (void)cd_drop(part[--made]);
    return false;
}

/* --- the node --------------------------------------------------------------------------------- */

/* A view that was made among several cannot get a new history after a change in place. */
static void make_view(cd_tensor *part, cd_tensor *x)
{
    cd_view_forget(part);
    cd_view_of(part, x);
    part->fixed_history = true;
}

/* Makes the views outputs of one node. */
static bool record(const cd_op *op, cd_tensor *x, const cd_cut *cut, cd_tensor *const *part)
{
    cd_node *node = cd_node_new(op, 1, cut->count);
    bool done = node != NULL;
    if (!node) return false;
    *(cd_dim_attributes *)node->attributes = (cd_dim_attributes){ .dim = cut->dim };
    node->device = (unsigned char)cd_tensor_device(x);
    (void)cd_node_connect(node, 0, x);
    for (int k = 0; k < cut->count && done; k++) {
        node->output[k] = (cd_value_info){ part[k]->dtype, part[k]->shape };
        done = cd_variable_need(part[k]) != NULL;
    }
    for (int k = 0; k < cut->count && done; k++) (void)cd_set_history(part[k], node, k);
    cd_object_disown(&node->object);
    return done;
}

cd_tensors cd_op_cut(const cd_op *op, cd_tensor *x, const cd_cut *cut)
{
    const cd_tensors none = { .count = 0 };
    const bool grad = cd_grad_enabled();
    if (cut->count == 0 || (grad && !cd_view_update_history(x, op->name))) return none;
    cd_tensor **part = cd_tensor_array(op->name, cut->count);
    if (!part || !make_parts(op->name, x, cut, part)) return none;
    for (int k = 0; grad && k < cut->count; k++) make_view(part[k], x);
    if (!grad || !cd_view_tracks(x) || record(op, x, cut, part)) {
        return (cd_tensors){ .tensor = part, .count = cut->count };
    }
    for (int k = 0; k < cut->count; k++) (void)cd_drop(part[k]);
    return none;
}

cd_tensor **cd_part_gradients(cd_node *node, cd_tensor *const *dy)
{
    cd_tensor **all = cd_alloc_zeroed((size_t)node->outputs, sizeof *all);
    for (int k = 0; all && k < node->outputs; k++) {
        const cd_value_info *info = &node->output[k];
        all[k] =
            dy[k] ? dy[k]
                  : cd_zeros(info->shape, .dtype = info->dtype, .device = (cd_device)node->device);
    }
    return all;
}

/* --- unpacking -------------------------------------------------------------------------------- */

bool cd_unpack_to(cd_tensors tensors, cd_tensor **const *variables, int count)
{
    for (int i = 0; i < count; i++) {
        const bool fits = tensors.tensor && tensors.count == count;
        if (variables[i]) *variables[i] = fits ? tensors.tensor[i] : NULL;
    }
    if (!cd_ok()) return false;
    return (tensors.tensor && tensors.count == count) ||
           cd_fail(CD_ERR_SHAPE, "unpack: the list has %d tensors, and there are %d variables",
                   tensors.count, count);
}
