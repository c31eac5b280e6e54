/* Hooks of tensors. Those of a computed tensor are in its node, with the number of the output: so
 * they get the gradient of the value that the tensor had when they were registered, also after it
 * was changed in place. Those of a leaf are in its cd_variable. */
#include "autograd/hooks_internal.h"

#include "autograd/dispatch/call_internal.h"
#include "core/scope_internal.h"

/* --- registering ------------------------------------------------------------------------------ */

/* Whether t requires gradients; false with an error. */
static bool check_tracked(cd_tensor *t, const char *function)
{
    if (!cd_ok() || !cd_check_tensor(t, function, "the tensor") ||
        !cd_view_update_history(t, function)) {
        return false;
    }
    if (cd_tracks(t)) return true;
    return cd_fail(CD_ERR_AUTOGRAD,
                   "%s: the tensor does not require gradients, so none ever comes to it", function);
}

static cd_hook_list *list_of(cd_tensor *t)
{
    cd_node *node = cd_grad_fn_of(t);
    if (node) return &node->hooks;
    cd_variable *v = cd_variable_need(t);
    return v ? &v->hooks : NULL;
}

static cd_hook *add(cd_tensor *t, cd_hook hook)
{
    cd_hook_list *list = list_of(t);
    if (!list) return NULL;
    hook.registered_on = t;
    hook.output = cd_grad_fn_of(t) ? cd_variable_of(t)->output : 0;
    return cd_hook_add(list, hook);
}

int64_t cd_register_hook_with(cd_hook_options o)
{
    if (!check_tracked(o.tensor, "register_hook")) return 0;
    if (!o.hook) {
        (void)cd_fail(CD_ERR_ARGUMENT, "register_hook: the hook is NULL");
        return 0;
    }
    const cd_hook *hook = add(o.tensor, (cd_hook){ .kind = CD_HOOK_GRADIENT,
                                                   .call = (void (*)(void))o.hook,
                                                   .user = o.user,
                                                   .destroy = o.destroy });
    return hook ? hook->id : 0;
}

int64_t cd_register_post_accumulate_grad_hook_with(cd_accumulate_hook_options o)
{
    static const char name[] = "register_post_accumulate_grad_hook";
    if (!check_tracked(o.leaf, name)) return 0;
    if (cd_grad_fn_of(o.leaf)) {
        (void)cd_fail(CD_ERR_AUTOGRAD,
                      "%s: the tensor is no leaf (%s), and only leaves have gradients added up: "
                      "see cd_register_hook",
                      name, cd_grad_fn_name(o.leaf));
        return 0;
    }
    if (!o.hook) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the hook is NULL", name);
        return 0;
    }
    const cd_hook *hook = add(o.leaf, (cd_hook){ .kind = CD_HOOK_ACCUMULATED,
                                                 .call = (void (*)(void))o.hook,
                                                 .user = o.user,
                                                 .destroy = o.destroy });
    return hook ? hook->id : 0;
}

bool cd_remove_hook(cd_tensor *t, int64_t id)
{
    if (!cd_ok() || !cd_check_tensor(t, "remove_hook", "the tensor")) return false;
    const cd_node *node = cd_grad_fn_of(t);
    const cd_variable *v = cd_variable_of(t);
    if (cd_hook_remove(node ? &node->hooks : v ? &v->hooks : NULL, t, id)) return true;
    return cd_fail(CD_ERR_ARGUMENT, "remove_hook: the tensor has no hook %lld (any more)",
                   (long long)id);
}

/* --- retained gradients ----------------------------------------------------------------------- */

cd_tensor *cd_retain_grad(cd_tensor *t)
{
    if (!check_tracked(t, "retain_grad")) return NULL;
    cd_variable *v = cd_variable_of(t);
    if (!cd_grad_fn_of(t) || v->retain) return t;
    v->retain = add(t, (cd_hook){ .kind = CD_HOOK_RETAIN });
    return v->retain ? t : NULL;
}

bool cd_retains_grad(const cd_tensor *t)
{
    return cd_check_tensor(t, "retains_grad", "the tensor") && cd_retains(t);
}

void cd_move_retain_hook(cd_variable *v, cd_node *node, int index)
{
    cd_hook_move(v->retain, &node->hooks, index);
}

/* --- running ---------------------------------------------------------------------------------- */

bool cd_check_hook_gradient(const cd_tensor *result, const cd_tensor *gradient, const cd_hook *hook,
                            const char *of)
{
    if (!cd_check_tensor(result, "backward", "the gradient that a hook returned")) return false;
    if (!cd_shape_equal(result->shape, gradient->shape)) {
        char got[CD_SHAPE_TEXT], right[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_SHAPE,
                       "backward: hook %lld, of %s, gave a gradient of shape %s for one of shape "
                       "%s",
                       (long long)hook->id, of, cd_sizes_text(&result->shape, got),
                       cd_sizes_text(&gradient->shape, right));
    }
    return result->dtype == gradient->dtype ||
           cd_fail(CD_ERR_DTYPE, "backward: hook %lld, of %s, gave a gradient of %s for one of %s",
                   (long long)hook->id, of, cd_dtype_name(result->dtype),
                   cd_dtype_name(gradient->dtype));
}

/* The gradient that the hook returns, or the old one if it returns NULL; the scope that is open
 * owns it. The hook runs in a scope of its own, and may have left further scopes open, so its
 * gradient is kept by an ownership of this function while those end. */
static cd_tensor *run_one(const cd_hook *hook, cd_tensor *gradient, const char *of)
{
    if (!cd_check_not_captured("backward", "a hook is called")) return NULL;
    cd_scope scope = cd_scope_begin();
    cd_tensor *given = cd_ok() ? ((cd_tensor_hook *)hook->call)(gradient, hook->user) : NULL;
    bool replaces = given && cd_ok() && cd_check_hook_gradient(given, gradient, hook, of);
    if (replaces) cd_object_own(&given->object);
    cd_scope_leave(&scope);
    if (replaces) return cd_hand(given);
    return cd_ok() ? gradient : NULL;
}

static cd_tensor *run_all(cd_hook_list *list, int output, cd_tensor *gradient, const char *of)
{
    cd_hook_run run;
    if (!cd_hook_run_begin(&run, list, CD_HOOK_GRADIENT, output)) return NULL;
    for (int i = 0; i < run.count && gradient; i++) {
        gradient = run_one(run.hook[i], gradient, of);
    }
    cd_hook_run_end(&run);
    return gradient;
}

cd_tensor *cd_run_node_hooks(cd_node *node, int output, cd_tensor *gradient)
{
    return run_all(&node->hooks, output, gradient, cd_node_name(node));
}

bool cd_run_leaf_hooks(const cd_tensor *leaf, cd_tensor **gradient)
{
    cd_variable *v = cd_variable_of(leaf);
    if (!v || !cd_hook_any(&v->hooks)) return true;
    cd_scope scope = cd_scope_begin();
    cd_tensor *result = cd_hand_shared(*gradient);
    if (result) result = run_all(&v->hooks, 0, result, "a leaf");
    if (result) {
        cd_object_ref(&result->object);
        cd_object_unref(&(*gradient)->object);
        *gradient = result;
    }
    (void)cd_scope_end(scope);
    return result != NULL;
}

bool cd_run_accumulate_hooks(cd_tensor *leaf)
{
    cd_hook_run run;
    bool done = cd_hook_run_begin(&run, &cd_variable_of(leaf)->hooks, CD_HOOK_ACCUMULATED, 0);
    if (!done) return false;
    done = run.count == 0 || cd_check_not_captured("backward", "a hook is called");
    for (int i = 0; i < run.count && done; i++) {
        cd_scope scope = cd_scope_begin();
        cd_tensor *handle = cd_hand_shared(leaf);
        done = handle && cd_ok() &&
               ((cd_accumulate_hook *)run.hook[i]->call)(handle, run.hook[i]->user) && cd_ok();
        (void)cd_scope_end(scope);
        if (!done) {
            (void)cd_fail(CD_ERR_STATE, "backward: hook %lld, of a leaf, failed without saying why",
                          (long long)run.hook[i]->id);
        }
    }
    cd_hook_run_end(&run);
    return done;
}
