/* Hooks of modules, and the run of a forward function between its hooks. The list of hooks is
 * autograd's (autograd/hook_list_internal.h). */
#include <stdio.h>
#include <string.h>

#include "autograd/autograd.h"
#include "core/error.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"

/* The public struct of a module has a void * in place of the list, whose type is internal. */
_Static_assert(sizeof(cd_hook_list) == sizeof((cd_module *)0)->hooks_, "a list is one pointer");

static int64_t add(cd_module *m, const char *function, cd_hook hook)
{
    if (!cd_ok() || !cd_check_module(m, function, "the module")) return 0;
    if (!hook.call) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: the hook is NULL", function);
        return 0;
    }
    hook.registered_on = m;
    const cd_hook *added = cd_hook_add(cd_module_hooks(m), hook);
    return added ? added->id : 0;
}

int64_t cd_register_forward_pre_hook_with(cd_forward_pre_hook_options o)
{
    return add(o.module, "register_forward_pre_hook",
               (cd_hook){ .kind = CD_HOOK_BEFORE_FORWARD,
                          .call = (void (*)(void))o.hook,
                          .user = o.user,
                          .destroy = o.destroy });
}

int64_t cd_register_forward_hook_with(cd_forward_hook_options o)
{
    return add(o.module, "register_forward_hook",
               (cd_hook){ .kind = CD_HOOK_FORWARD,
                          .call = (void (*)(void))o.hook,
                          .user = o.user,
                          .destroy = o.destroy });
}

int64_t cd_register_full_backward_pre_hook_with(cd_full_backward_pre_hook_options o)
{
    return add(o.module, "register_full_backward_pre_hook",
               (cd_hook){ .kind = CD_HOOK_BEFORE_BACKWARD,
                          .call = (void (*)(void))o.hook,
                          .user = o.user,
                          .destroy = o.destroy });
}

int64_t cd_register_full_backward_hook_with(cd_full_backward_hook_options o)
{
    return add(o.module, "register_full_backward_hook",
               (cd_hook){ .kind = CD_HOOK_BACKWARD,
                          .call = (void (*)(void))o.hook,
                          .user = o.user,
                          .destroy = o.destroy });
}

bool cd_module_remove_hook(cd_module *m, int64_t id)
{
    if (!cd_ok() || !cd_check_module(m, "module_remove_hook", "the module")) return false;
    if (cd_hook_remove(cd_module_hooks(m), m, id)) return true;
    return cd_fail(CD_ERR_ARGUMENT, "module_remove_hook: the %s has no hook %lld (any more)",
                   m->class_->name, (long long)id);
}

void cd_module_clear_hooks(cd_module *m)
{
    cd_hook_clear(cd_module_hooks(m));
}

/* A hook that returns false must have set an error; cd_fail does nothing if it has. */
static bool run_one(const cd_hook *hook, cd_module *m, const cd_arguments *a)
{
    bool done = hook->kind == CD_HOOK_FORWARD
                    ? ((cd_forward_hook *)hook->call)(m, a, hook->user)
                    : ((cd_forward_pre_hook *)hook->call)(m, a->in, a->inputs, hook->user);
    if (done && cd_ok()) return true;
    return cd_fail(CD_ERR_STATE, "forward: hook %lld, of %s, failed without saying why",
                   (long long)hook->id, m->class_->name);
}

static bool run_hooks(cd_module *m, const cd_arguments *a, cd_hook_kind kind)
{
    cd_hook_run hooks;
    if (!cd_hook_any(cd_module_hooks(m))) return true;
    if (!cd_check_not_captured(m->class_->name, "the module has hooks")) return false;
    if (!cd_hook_run_begin(&hooks, cd_module_hooks(m), kind, 0)) return false;
    bool done = true;
    for (int i = 0; i < hooks.count && done; i++) done = run_one(hooks.hook[i], m, a);
    cd_hook_run_end(&hooks);
    return done;
}

static bool run_forward(cd_module *m, const cd_arguments *a)
{
    if (m->class_->forward(m, a) && cd_ok()) return true;
    return cd_fail(CD_ERR_STATE, "forward: %s failed without saying why", m->class_->name);
}

static bool check_outputs(const cd_module *m, const cd_arguments *a)
{
    for (int j = 0; j < a->outputs; j++) {
        if (!a->out[j] && (m->class_->optional_outputs >> j & 1)) continue;
        if (!cd_check_tensor(a->out[j], m->class_->name, "the output")) return false;
    }
    return true;
}

/* Computes the outputs, and runs the hooks that come after. */
static bool run_to_outputs(cd_module *m, const cd_arguments *a)
{
    return run_forward(m, a) && check_outputs(m, a) && run_hooks(m, a, CD_HOOK_FORWARD) &&
           check_outputs(m, a);
}

static bool has_backward_hooks(cd_module *m)
{
    const cd_hook_list *list = cd_module_hooks(m);
    return cd_hook_any(list) && cd_grad_enabled() &&
           (cd_hook_has(list, CD_HOOK_BACKWARD) || cd_hook_has(list, CD_HOOK_BEFORE_BACKWARD));
}

/* How many calls of modules may be within one another: a module that holds another one that holds
 * another one, and so on, must not exhaust the stack. */
enum { MOST_CALLS = 1000 };
static _Thread_local int calls; /* that this thread is in */

/* The module whose forward function this thread is in, the innermost one; NULL outside of all. */
static _Thread_local cd_module *running;

/* A search for the path of a module within another one. */
typedef struct place {
    const cd_module *module;
    char path[128]; /* empty until it is found, and if it is longer */
} place;

static bool look_for(const char *path, cd_module *m, void *user)
{
    place *p = user;
    if (m != p->module) return true;
    if (strlen(path) < sizeof p->path) (void)snprintf(p->path, sizeof p->path, "%s", path);
    return false;
}

bool cd_module_failed(cd_module *m)
{
    cd_error error;
    char text[sizeof error.message];
    place p = { .module = m };
    int length = 0;
    if (!running || running == m || !cd_error_take(&error)) return false;
    if (m) (void)cd_visit_modules(running, look_for, &p);
    cd_clear_error();
    if (!m) {
        length = snprintf(text, sizeof text, "%s: %s", running->class_->name, error.message);
    } else if (p.path[0]) {
        length = snprintf(text, sizeof text, "%s (%s): %s", p.path, m->class_->name, error.message);
    }
    const bool fits = length > 0 && length < (int)sizeof text;
    return cd_fail(error.code, "%s", fits ? text : error.message);
}

bool cd_module_run(cd_module *m, const cd_arguments *a)
{
    if (calls >= MOST_CALLS) {
        return cd_fail(CD_ERR_STATE,
                       "forward: %s is called within %d calls of modules, and may be within %d",
                       m->class_->name, calls, MOST_CALLS - 1);
    }
    if (!cd_ok()) return false;
    cd_module *outer = running;
    running = m;
    calls++;
    cd_scope scope = cd_scope_begin();
    bool done = run_hooks(m, a, CD_HOOK_BEFORE_FORWARD) &&
                (has_backward_hooks(m) ? cd_module_run_watched(m, a, run_to_outputs)
                                       : run_to_outputs(m, a));
    for (int j = 0; j < a->outputs && done; j++) done = !a->out[j] || cd_escape(a->out[j]);
    (void)cd_scope_end(scope);
    calls--;
    running = outer;
    return done || cd_module_failed(m);
}
