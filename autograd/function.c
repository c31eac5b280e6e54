/* Functions of one's own: cd_apply runs forward and records the node; backward() is the backward
 * rule of such nodes, and calls the user's. */
#include "autograd/function_internal.h"

#include "core/memory_internal.h"
#include "core/scope_internal.h"

/* The reason why a captured graph cannot contain such a function, for cd_check_not_captured. */
static const char own_code[] = "it is a function of the program's own";

/* --- backward --------------------------------------------------------------------------------- */

/* As PyTorch does, gives zeros for each output of which no gradient came, unless forward has said
 * that backward needs none. */
static bool fill_in(const cd_context *ctx, cd_tensor *const *dy, cd_tensor **full)
{
    const cd_device device = (cd_device)ctx->node->device;
    for (int j = 0; j < ctx->function->outputs; j++) {
        cd_value_info info = ctx->output[j];
        full[j] = dy[j];
        if (dy[j] || ctx->no_zeros) continue;
        full[j] = cd_zeros(info.shape, .dtype = info.dtype, .device = device);
        if (!full[j]) return false;
    }
    return true;
}

static bool run_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    const cd_function *f = ctx->function;
    if (!cd_check_not_captured(f->name, own_code)) return false;
    bool done = f->backward(ctx, grad_out, grad_in);
    if (!cd_ok()) return false;
    if (!done) {
        return cd_fail(CD_ERR_AUTOGRAD, "%s: backward returned false, and set no error (cd_fail)",
                       f->name);
    }
    for (int k = 0; k < ctx->inputs; k++) {
        char what[32];
        if (!grad_in[k] || !cd_wanted(ctx->node, k)) continue;
        (void)snprintf(what, sizeof what, "grad_in[%d]", k);
        if (!cd_check_tensor(grad_in[k], f->name, what)) return false;
    }
    return true;
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_context *ctx = node->context;
    cd_tensor *on_stack[CD_NODE_OUTPUTS], **full = on_stack;
    if (node->outputs > CD_NODE_OUTPUTS) {
        full = cd_alloc_zeroed((size_t)node->outputs, sizeof *full);
        if (!full) return;
    }
    if (fill_in(ctx, dy, full)) (void)run_backward(ctx, full, dx);
    if (full != on_stack) cd_free(full);
}

/* --- forward ---------------------------------------------------------------------------------- */

static bool check_outputs(const cd_context *ctx)
{
    const cd_function *f = ctx->function;
    for (int j = 0; j < f->outputs; j++) {
        char what[32];
        if (!ctx->out[j]) {
            return cd_fail(CD_ERR_AUTOGRAD, "%s: forward left out[%d] NULL", f->name, j);
        }
        (void)snprintf(what, sizeof what, "out[%d]", j);
        if (!cd_check_tensor(ctx->out[j], f->name, what)) return false;
    }
    return true;
}

/* Whether forward returned t as an output. */
static bool returns(const cd_context *ctx, const cd_tensor *t)
{
    for (int j = 0; j < ctx->function->outputs; j++) {
        if (ctx->out[j] == t) return true;
    }
    return false;
}

/* Whether input k, which was marked as changed in place, may be. */
static bool check_dirty(const cd_context *ctx, int k)
{
    if (!returns(ctx, ctx->in[k])) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: in[%d] was marked as changed in place, and must be an output",
                       ctx->function->name, k);
    }
    return !cd_context_is_non_differentiable(ctx, ctx->in[k]) ||
           cd_fail(CD_ERR_AUTOGRAD,
                   "%s: in[%d] was marked as changed in place, and as not differentiable: its "
                   "history would be wrong either way",
                   ctx->function->name, k);
}

/* Whether an input that was marked as changed in place has the same memory as t. */
static bool shares_with_dirty(const cd_context *ctx, const cd_tensor *t)
{
    for (int k = 0; k < ctx->inputs; k++) {
        if (ctx->input[k].dirty && ctx->in[k]->storage == t->storage) return true;
    }
    return false;
}

/* Whether forward changed no input but those that it has marked. */
static bool check_inputs(const cd_context *ctx)
{
    for (int k = 0; k < ctx->inputs; k++) {
        const cd_tensor *t = ctx->in[k];
        if (ctx->input[k].dirty && !check_dirty(ctx, k)) return false;
        if (cd_storage_version(t->storage) == ctx->input[k].version) continue;
        if (shares_with_dirty(ctx, t)) continue;
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: forward changed in[%d] in place and did not say so: call "
                       "cd_mark_dirty(ctx, in[%d]) before, or change a copy (cd_clone)",
                       ctx->function->name, k, k);
    }
    return true;
}

static bool run_forward(cd_context *ctx)
{
    const cd_function *f = ctx->function;
    cd_scope mode = cd_grad_mode_begin(false);
    ctx->open = true;
    bool done = cd_ok() && f->forward(ctx, ctx->in, ctx->out);
    ctx->open = false;
    (void)cd_scope_end(mode);
    if (!cd_ok()) return false;
    if (!done) {
        return cd_fail(CD_ERR_AUTOGRAD, "%s: forward returned false, and set no error (cd_fail)",
                       f->name);
    }
    return check_outputs(ctx) && check_inputs(ctx);
}

/* --- outputs ---------------------------------------------------------------------------------- */

/* Whether the tensor that forward gave for output j itself becomes the output, and gets the
 * function's history: if it is an input that was marked as changed, or if forward made it and
 * nobody else has a handle to it. Of any other tensor the output becomes a view. */
static bool becomes_output(const cd_context *ctx, int j, cd_scope scope)
{
    const cd_tensor *t = ctx->out[j];
    for (int i = 0; i < j; i++) {
        if (ctx->out[i] == t) return false;
    }
    int k = cd_context_input_of(ctx, t);
    if (k >= 0) return ctx->input[k].dirty;
    return !cd_tracks(t) && atomic_load(&t->object.owners) == cd_scope_owns(scope, t);
}

/* Makes t a view of the input whose storage it shares, with a fixed history: the function's, which
 * cannot be made anew after a change in place. An output that is not differentiable gets no base,
 * so that it does not require gradients when the input does. */
static void make_view_of_input(const cd_context *ctx, cd_tensor *t, bool differentiable)
{
    cd_view_forget(t);
    for (int k = 0; k < ctx->inputs && differentiable && !t->is_view; k++) {
        if (ctx->in[k]->storage == t->storage) cd_view_of(t, ctx->in[k]);
    }
    t->is_view = t->fixed_history = true;
}

static bool shares_an_input(const cd_context *ctx, const cd_tensor *t)
{
    for (int k = 0; k < ctx->inputs; k++) {
        if (ctx->in[k]->storage == t->storage) return true;
    }
    return false;
}

/* Makes out[j] the tensor that will be handed out; this function becomes an owner. */
static bool claim_output(cd_context *ctx, int j, cd_scope scope)
{
    cd_tensor *t = ctx->out[j];
    if (cd_tensor_device(t) != cd_tensor_device(ctx->out[0])) {
        return cd_fail(CD_ERR_DEVICE, "%s: outputs are on %s and on %s, and must be on one device",
                       ctx->op.name, cd_device_name(cd_tensor_device(ctx->out[0])),
                       cd_device_name(cd_tensor_device(t)));
    }
    bool marked = cd_context_is_non_differentiable(ctx, t);
    ctx->differentiable[j] = ctx->record && !marked && cd_dtype_is_floating(t->dtype);
    if (becomes_output(ctx, j, scope)) {
        cd_object_own(&t->object);
        bool is_input = cd_context_input_of(ctx, t) >= 0;
        if (!is_input && shares_an_input(ctx, t))
            make_view_of_input(ctx, t, ctx->differentiable[j]);
    } else {
        t = cd_tensor_view(t, &t->shape, t->stride, t->offset);
        if (!t) return false;
        make_view_of_input(ctx, t, ctx->differentiable[j]);
    }
    ctx->out[j] = t;
    ctx->output[j] = (cd_value_info){ t->dtype, t->shape };
    return true;
}

static void disown_outputs(cd_context *ctx, int from, int to)
{
    for (int j = from; j < to; j++) cd_object_disown(&ctx->out[j]->object);
}

static bool claim_outputs(cd_context *ctx, cd_scope scope)
{
    for (int j = 0; j < ctx->function->outputs; j++) {
        if (claim_output(ctx, j, scope)) continue;
        disown_outputs(ctx, 0, j);
        return false;
    }
    return true;
}

/* Hands all outputs to the scope that is open, or none. */
static bool hand_out(cd_context *ctx)
{
    int outputs = ctx->function->outputs;
    for (int j = 0; j < outputs; j++) {
        if (cd_hand(ctx->out[j])) continue;
        for (int i = 0; i < j; i++) (void)cd_drop(ctx->out[i]);
        disown_outputs(ctx, j + 1, outputs);
        return false;
    }
    return true;
}

/* --- recording -------------------------------------------------------------------------------- */

static bool fill_node(cd_context *ctx, cd_node *node)
{
    for (int k = 0; k < ctx->inputs; k++) {
        (void)cd_node_connect(node, k, ctx->in[k]);
    }
    for (int j = 0; j < node->outputs; j++) node->output[j] = ctx->output[j];
    node->device = (unsigned char)cd_tensor_device(ctx->out[0]);
    for (int j = 0; j < node->outputs; j++) {
        if (ctx->differentiable[j] && !cd_variable_need(ctx->out[j])) return false;
    }
    return true;
}

/* Makes the node, which does not own the context yet. *node stays NULL when no output is
 * differentiable. */
static bool make_node(cd_context *ctx, cd_node **node)
{
    bool wanted = false;
    for (int j = 0; j < ctx->function->outputs; j++) wanted |= ctx->differentiable[j];
    if (!wanted) return true;
    *node = cd_node_new(&ctx->op, ctx->inputs, ctx->function->outputs);
    if (*node && fill_node(ctx, *node)) return true;
    if (*node) cd_object_disown(&(*node)->object);
    return false;
}

/* Cannot fail: fill_node has made sure that each output has a cd_variable. The version of a changed
 * input is raised once more than forward did: PyTorch's mark_dirty does so. The known_version of
 * views among the outputs is set, but not of inputs that are views: they get no new history here,
 * and are still out of date if they were. */
static void commit(cd_context *ctx, cd_node *node)
{
    for (int k = 0; k < ctx->inputs; k++) {
        if (ctx->input[k].dirty) cd_tensor_bump(ctx->in[k]);
    }
    for (int j = 0; j < ctx->function->outputs; j++) {
        cd_tensor *t = ctx->out[j];
        if (!t->is_view || cd_context_input_of(ctx, t) >= 0) continue;
        atomic_store(&t->known_version, cd_storage_version(t->storage));
    }
    if (!node) return;
    cd_context_seal(ctx);
    node->context = ctx;
    node->custom = true;
    ctx->node = node;
    for (int j = 0; j < node->outputs; j++) {
        if (ctx->differentiable[j]) (void)cd_set_history(ctx->out[j], node, j);
    }
}

/* --- applying --------------------------------------------------------------------------------- */

/* Runs forward, records the node and hands the outputs, ctx->out, to the scope that is open. The
 * caller becomes an owner of *node, which owns the context; *node is NULL when nothing is recorded,
 * and the context is the caller's then. */
static bool apply(cd_context *ctx, cd_node **node)
{
    cd_scope scope = cd_scope_begin();
    bool done = cd_ok() && run_forward(ctx) && claim_outputs(ctx, scope);
    bool made = done && make_node(ctx, node);
    (void)cd_scope_end(scope);
    if (!done) return false;
    if (!made) disown_outputs(ctx, 0, ctx->function->outputs);
    if (!made || !hand_out(ctx)) {
        if (made && *node) cd_object_disown(&(*node)->object);
        return false;
    }
    commit(ctx, *node);
    return true;
}

bool cd_function_check(const cd_function *f, cd_tensors inputs)
{
    if (!f || !f->name || !f->forward) {
        return cd_fail(CD_ERR_ARGUMENT, "apply: the function %s",
                       !f        ? "is NULL"
                       : f->name ? "has no forward"
                                 : "has no name");
    }
    if (f->outputs < 1 || f->inputs < -1) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: has %d inputs and %d outputs, and must have -1 (any number) or more "
                       "inputs and 1 or more outputs",
                       f->name, f->inputs, f->outputs);
    }
    if (inputs.count < 0 || (inputs.count > 0 && !inputs.tensor)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the array of inputs is NULL", f->name);
    }
    if (f->inputs >= 0 && inputs.count != f->inputs) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: takes %d input%s, and was given %d", f->name,
                       f->inputs, f->inputs == 1 ? "" : "s", inputs.count);
    }
    return true;
}

/* The sentence calls a single input "input", and the second of several "input 2". */
static bool check_input(const cd_context *ctx, const cd_tensor *t, int k)
{
    char which[32];
    (void)snprintf(which, sizeof which, ctx->inputs > 1 ? "input %d" : "input", k + 1);
    return cd_check_tensor(t, ctx->op.name, which);
}

/* Checks the inputs, brings the histories of views up to date and sets up the context. */
static bool begin(cd_context *ctx, cd_tensors inputs)
{
    bool tracked = false;
    ctx->grad_mode = cd_grad_enabled();
    if (ctx->function->backward) ctx->op.backward = backward;
    for (int k = 0; k < inputs.count; k++) {
        if (!check_input(ctx, inputs.tensor[k], k)) return false;
        tracked |= !inputs.tensor[k]->is_view && cd_tracks(inputs.tensor[k]);
    }
    bool graph = ctx->grad_mode && ctx->function->backward;
    if (graph && !cd_views_update_history(inputs.tensor, inputs.count, ctx->op.name, &tracked)) {
        return false;
    }
    ctx->record = graph && tracked;
    ctx->in = inputs.tensor;
    for (int k = 0; k < inputs.count; k++) {
        ctx->input[k].version = cd_storage_version(ctx->in[k]->storage);
        ctx->input[k].needs_grad = cd_tracks(ctx->in[k]);
    }
    return true;
}

static bool apply_n(const cd_apply_n_options *o, cd_context *ctx)
{
    cd_node *node = NULL;
    ctx->user = o->user;
    ctx->destroy = o->destroy;
    bool done = begin(ctx, o->inputs) && apply(ctx, &node);
    for (int j = 0; j < o->function->outputs && done; j++) o->outputs[j] = ctx->out[j];
    if (done && node) {
        cd_object_disown(&node->object);
    } else {
        cd_context_free(ctx);
    }
    return done;
}

bool cd_apply_n_with(cd_apply_n_options options)
{
    bool right = cd_ok() && cd_function_check(options.function, options.inputs) &&
                 cd_check_not_captured(options.function->name, own_code);
    if (right && !options.outputs) {
        right =
            cd_fail(CD_ERR_ARGUMENT, "%s: the array of outputs is NULL", options.function->name);
    }
    cd_context *ctx = right ? cd_context_new(options.function, options.inputs.count) : NULL;
    if (ctx) return apply_n(&options, ctx);
    if (options.destroy) options.destroy(options.user);
    return false;
}

/* Drops all outputs but the first: the graph does not need them. */
cd_tensor *cd_apply_with(const cd_function *function, cd_tensors inputs)
{
    cd_tensor *one = NULL, **outputs = &one;
    if (!cd_ok() || !cd_function_check(function, inputs)) return NULL;
    if (function->outputs > 1) {
        outputs = cd_alloc_zeroed((size_t)function->outputs, sizeof *outputs);
        if (!outputs) return NULL;
    }
    cd_apply_n_options options = { .function = function, .inputs = inputs, .outputs = outputs };
    if (cd_apply_n_with(options)) one = outputs[0];
    for (int j = 1; one && j < function->outputs; j++) (void)cd_drop(outputs[j]);
    if (outputs != &one) cd_free(outputs);
    return one;
}
