/* What transpose_, t_, squeeze_ and unsqueeze_ share: a tensor that itself becomes a view of what
 * it was.
 *
 * No element moves, but the version of the storage rises, as in PyTorch. So a graph that saved x
 * refuses x from then on, since x has another shape now. If x has views, they get new histories,
 * which lead through the history that x has afterwards.
 *
 * A gradient has the shape of its tensor. So x may have no gradient yet, and if x requires one, a
 * graph must record the change. (PyTorch changes x also under no_grad, and the backward pass fails
 * later.) */
#include "autograd/families/view_in_place_internal.h"

#include "core/scope_internal.h"

static bool check_recorded(const char *name, const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_grad_enabled()) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: the tensor (shape %s) requires gradients, and no graph records that "
                       "its shape changes: do it in grad mode, or take a view of another shape, "
                       "as without the _",
                       name, cd_shape_text(x->shape, text));
    }
    if (x->requires_grad) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: a leaf that requires gradients is changed in place (shape %s): take a "
                       "view of another shape, as without the _",
                       name, cd_shape_text(x->shape, text));
    }
    return !x->is_view || cd_check_view_changeable(name, x);
}

static bool check_changeable(const char *name, const cd_tensor *x)
{
    if (!cd_ok() || !cd_check_tensor(x, name, "the tensor")) return false;
    if (!cd_check_not_captured(name, "it changes the shape of a tensor")) return false;
    const cd_variable *v = cd_variable_of(x);
    if (v && v->grad) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: the tensor has a gradient, which would not have its shape any more: "
                       "take a view of another shape, as without the _",
                       name);
    }
    return !cd_view_tracks(x) || check_recorded(name, x);
}

/* The view that the op makes of x; NULL with an error. */
static cd_tensor *view_of(const cd_op *op, const char *name, void *attributes, cd_tensor *x)
{
    cd_call call;
    const cd_operand in = cd_operand_tensor(x);
    cd_call_begin(&call, op, &in, 1);
    call.name = name;
    call.launch.attributes = attributes;
    return cd_call_run(&call);
}

/* x has a variable if the view has a history. */
static void become(cd_tensor *x, cd_tensor *view)
{
    cd_node *node = cd_grad_fn_of(view);
    if (node) {
        node->in_place = true;
        (void)cd_set_history(x, node, 0);
    }
    cd_tensor_exchange(x, view);
    if (x->is_view) atomic_store(&x->known_version, cd_storage_version(x->storage));
}

cd_tensor *cd_view_in_place(const cd_op *op, const char *name, void *attributes, cd_tensor *x)
{
    if (!check_changeable(name, x)) return NULL;
    cd_tensor *view = view_of(op, name, attributes, x);
    if (!view) return NULL;
    if (cd_grad_fn_of(view) && !cd_variable_need(x)) {
        (void)cd_drop(view);
        return NULL;
    }
    become(x, view);
    (void)cd_drop(view);
    return x;
}
