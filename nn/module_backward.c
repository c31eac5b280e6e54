/* Backward hooks of modules. As in PyTorch, the inputs of a call go through a function that returns
 * them, and so do its outputs. In a pass, the backward rule of the outputs' function runs the
 * pre-hooks and leaves the gradients of the outputs for that of the inputs' function, which runs
 * the full backward hooks. */
#include <stdatomic.h>
#include <string.h>

#include "autograd/function.h"
#include "autograd/hooks_internal.h"
#include "autograd/pass_values_internal.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "nn/module_internal.h"

/* One of the two functions, and which inputs or outputs of the module go through it: those that
 * require gradients. */
typedef struct hook_gate {
    cd_function function;
    int *at; /* of each of function.inputs; in the memory of the watch */
} hook_gate;

/* A call of a module with backward hooks. Both functions and the call itself have a reference. */
typedef struct watch {
    _Atomic int references;
    cd_module *module; /* of which the watch is an owner */
    int64_t last_hook; /* later ones do not belong to this call */
    int inputs, outputs;
    hook_gate in, out;
} watch;

static void unref(void *user)
{
    watch *w = user;
    if (atomic_fetch_sub(&w->references, 1) > 1) return;
    cd_object_disown((cd_object *)(void *)w->module);
    cd_free(w);
}

/* --- running hooks ---------------------------------------------------------------------------- */

/* The gradients of a call in a pass. */
typedef struct gradients {
    cd_tensor **in, **out; /* each may be NULL */
    cd_tensor **before;    /* room for as many as `in` and `out` */
} gradients;

/* The gradients, all NULL; the caller frees .in. False with an error. */
static bool begin(const watch *w, gradients *g)
{
    const size_t inputs = (size_t)w->inputs, outputs = (size_t)w->outputs;
    g->in = cd_alloc_zeroed(2 * (inputs + outputs), sizeof *g->in);
    if (!g->in) return false;
    g->out = g->in + inputs;
    g->before = g->out + outputs;
    return true;
}

static bool call(const watch *w, const cd_hook *hook, const gradients *g)
{
    const cd_module_gradients all = {
        .grad_input = g->in, .grad_output = g->out, .inputs = w->inputs, .outputs = w->outputs
    };
    const bool done =
        hook->kind == CD_HOOK_BACKWARD
            ? ((cd_full_backward_hook *)hook->call)(w->module, &all, hook->user)
            : ((cd_full_backward_pre_hook *)hook->call)(w->module, g->out, w->outputs, hook->user);
    return (done && cd_ok()) ||
           cd_fail(CD_ERR_STATE, "backward: hook %lld, of a %s, failed without saying why",
                   (long long)hook->id, w->module->class_->name);
}

/* Whether the hook may have put `now` in the place of `before`. */
static bool check_change(const watch *w, const cd_hook *hook, const cd_tensor *now,
                         const cd_tensor *before)
{
    if (!now || now == before) return true;
    if (hook->kind == CD_HOOK_BACKWARD && w->in.function.inputs == 0) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "backward: hook %lld, of a %s of which no input requires gradients, must "
                       "leave grad_input NULL",
                       (long long)hook->id, w->module->class_->name);
    }
    return before ? cd_check_hook_gradient(now, before, hook, w->module->class_->name)
                  : cd_check_tensor(now, "backward", "the gradient that a hook returned");
}

/* The hook runs in a scope of its own, and may have left further scopes open, so what it puts in is
 * kept by an ownership of this function while those end. */
static bool run_one(const watch *w, const cd_hook *hook, const gradients *g)
{
    const bool full = hook->kind == CD_HOOK_BACKWARD;
    cd_tensor **value = full ? g->in : g->out;
    const int count = full ? w->inputs : w->outputs;
    memcpy(g->before, value, (size_t)count * sizeof(cd_tensor *));
    cd_scope scope = cd_scope_begin();
    bool done = cd_ok() && call(w, hook, g);
    for (int i = 0; i < count && done; i++) done = check_change(w, hook, value[i], g->before[i]);
    for (int i = 0; i < count && done; i++) {
        if (value[i] && value[i] != g->before[i]) cd_object_own(&value[i]->object);
    }
    cd_scope_leave(&scope);
    for (int i = 0; i < count && done; i++) {
        if (value[i] && value[i] != g->before[i] && !cd_hand(value[i])) value[i] = NULL;
    }
    return done && cd_ok();
}

static bool run_hooks(const watch *w, cd_hook_kind kind, const gradients *g)
{
    cd_hook_run run;
    if (!cd_hook_run_begin(&run, cd_module_hooks(w->module), kind, 0)) return false;
    bool done = true;
    for (int i = 0; i < run.count && done; i++) {
        done = run.hook[i]->id > w->last_hook || run_one(w, run.hook[i], g);
    }
    cd_hook_run_end(&run);
    return done;
}

/* The full backward hooks of a call of which no input requires gradients. */
static bool run_without_inputs(const watch *w, const gradients *g)
{
    if (!cd_hook_has(cd_module_hooks(w->module), CD_HOOK_BACKWARD)) return true;
    cd_log_line(CD_LOG_WARNING,
                "a full backward hook of a %s runs when the gradients of its outputs are known, "
                "since no input requires gradients",
                w->module->class_->name);
    return run_hooks(w, CD_HOOK_BACKWARD, g);
}

/* --- the two functions ------------------------------------------------------------------------ */

static bool pass_on(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    for (int k = 0; k < cd_context_inputs(ctx); k++) out[k] = in[k];
    return cd_set_materialize_grads(ctx, false);
}

static bool outputs_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    const watch *w = cd_context_user(ctx);
    const hook_gate *gate = &w->out;
    gradients g;
    if (!begin(w, &g)) return false;
    for (int k = 0; k < gate->function.inputs; k++) g.out[gate->at[k]] = grad_out[k];
    const bool done = run_hooks(w, CD_HOOK_BEFORE_BACKWARD, &g) &&
                      (w->in.function.inputs > 0 ? cd_pass_values_put(w, g.out, w->outputs)
                                                 : run_without_inputs(w, &g));
    for (int k = 0; k < gate->function.inputs; k++) grad_in[k] = g.out[gate->at[k]];
    cd_free(g.in);
    return done;
}

/* Nothing was left for a pass that has not come through the outputs, as one through the gradients
 * of an earlier pass. */
static bool inputs_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    const watch *w = cd_context_user(ctx);
    const hook_gate *gate = &w->in;
    gradients g;
    if (!begin(w, &g)) return false;
    for (int k = 0; k < gate->function.inputs; k++) g.in[gate->at[k]] = grad_out[k];
    const bool done = !cd_pass_values_take(w, g.out, w->outputs) ||
                      (cd_ok() && run_hooks(w, CD_HOOK_BACKWARD, &g));
    for (int k = 0; k < gate->function.inputs; k++) grad_in[k] = g.in[gate->at[k]];
    cd_free(g.in);
    return done;
}

/* --- the call --------------------------------------------------------------------------------- */

static watch *new_watch(cd_module *m, const cd_arguments *a)
{
    watch *w = cd_alloc_zeroed(1, sizeof *w + (size_t)(a->inputs + a->outputs) * sizeof(int));
    if (!w) return NULL;
    const cd_function function = { .name = "BackwardHookFunction", .forward = pass_on };
    atomic_init(&w->references, 1);
    w->module = m;
    cd_object_own((cd_object *)(void *)m);
    w->last_hook = cd_hook_last_id();
    w->inputs = a->inputs;
    w->outputs = a->outputs;
    w->in = (hook_gate){ function, (int *)(void *)(w + 1) };
    w->out = (hook_gate){ function, w->in.at + a->inputs };
    w->in.function.backward = inputs_backward;
    w->out.function.backward = outputs_backward;
    return w;
}

/* Sends those of the tensors that require gradients through the function. */
static bool send(watch *w, hook_gate *gate, cd_tensor **tensor, int count)
{
    int *packed = &gate->function.inputs;
    for (int i = 0; i < count; i++) {
        if (tensor[i] && cd_view_tracks(tensor[i])) gate->at[(*packed)++] = i;
    }
    gate->function.outputs = *packed;
    if (*packed == 0) return true;
    cd_tensor **in = cd_alloc_zeroed(2 * (size_t)*packed, sizeof *in);
    if (!in) return false;
    cd_tensor **out = in + *packed;
    for (int k = 0; k < *packed; k++) in[k] = tensor[gate->at[k]];
    atomic_fetch_add(&w->references, 1);
    const cd_tensors all = { .tensor = in, .count = *packed };
    const bool done = cd_apply_n(&gate->function, all, out, .user = w, .destroy = unref);
    for (int k = 0; k < *packed && done; k++) tensor[gate->at[k]] = out[k];
    cd_free(in);
    return done;
}

bool cd_module_run_watched(cd_module *m, const cd_arguments *a,
                           bool (*run)(cd_module *m, const cd_arguments *a))
{
    watch *w = new_watch(m, a);
    if (!w) return false;
    cd_tensor **in = cd_alloc(((size_t)a->inputs + 1) * sizeof *in);
    bool done = in != NULL;
    if (done) {
        memcpy(in, a->in, (size_t)a->inputs * sizeof *in);
        cd_arguments inner = *a;
        inner.in = in;
        done = send(w, &w->in, in, a->inputs) && run(m, &inner) &&
               send(w, &w->out, a->out, a->outputs);
        cd_free(in);
    }
    unref(w);
    return done;
}
