/* cd_gradcheck and cd_gradgradcheck of a cd_function. Outputs are checked one after the other,
 * since the gradients that backward gives are sums over all outputs. */
#include "autograd/function_internal.h"
#include "autograd/gradcheck.h"
#include "core/memory_internal.h"

typedef struct one_output {
    const cd_function *function;
    cd_tensor **inputs, **outputs; /* arrays for a call */
    int count;                     /* of inputs */
    int index;                     /* of the output that is checked */
} one_output;

/* Calls the function on copies of its inputs, since it may change them. */
static cd_tensor *call(cd_tensor *const *in, void *user)
{
    const one_output *o = user;
    for (int k = 0; k < o->count; k++) o->inputs[k] = in[k] ? cd_clone(in[k]) : NULL;
    cd_apply_n_options options = { .function = o->function,
                                   .inputs = { o->inputs, o->count },
                                   .outputs = o->outputs };
    return cd_apply_n_with(options) ? o->outputs[o->index] : NULL;
}

/* Sets has[j] to whether output j has a gradient. */
static bool find_differentiable(one_output *o, cd_tensor *const *in, bool *has)
{
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(true);
    bool done = cd_ok() && call(in, o);
    for (int j = 0; done && j < o->function->outputs; j++) has[j] = cd_tracks(o->outputs[j]);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    return done;
}

typedef bool checker(cd_gradcheck_options options);

static bool check_each(one_output *o, cd_tensor *const *in, checker *check, bool *has)
{
    bool any = false;
    if (!find_differentiable(o, in, has)) return false;
    for (int j = 0; j < o->function->outputs; j++) any |= has[j];
    for (int j = 0; j < o->function->outputs; j++) {
        if (any && !has[j]) continue;
        o->index = j; /* if no output has a gradient, the check of the first fails and says so */
        cd_gradcheck_options options = { .call = call, .in = in, .count = o->count, .user = o };
        if (!check(options)) return false;
    }
    return true;
}

static bool check_function(const cd_function *f, cd_tensors inputs, checker *check)
{
    if (!cd_ok() || !cd_function_check(f, inputs)) return false;
    one_output o = { .function = f, .count = inputs.count };
    o.inputs = cd_alloc_zeroed((size_t)inputs.count, sizeof(cd_tensor *));
    o.outputs = cd_alloc_zeroed((size_t)f->outputs, sizeof(cd_tensor *));
    bool *has = cd_alloc_zeroed((size_t)f->outputs, sizeof *has);
    bool done = o.inputs && o.outputs && has && check_each(&o, inputs.tensor, check, has);
    cd_free(o.inputs);
    cd_free(o.outputs);
    cd_free(has);
    return done;
}

bool cd_gradcheck_with(const cd_function *function, cd_tensors inputs)
{
    return check_function(function, inputs, cd_gradcheck_function_with);
}

bool cd_gradgradcheck_with(const cd_function *function, cd_tensors inputs)
{
    return check_function(function, inputs, cd_gradgradcheck_function_with);
}
