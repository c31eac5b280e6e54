/* cd_backward and cd_autograd_grad: checks of what is asked for, and the start of a pass. */
#include "autograd/engine_internal.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"

static cd_tensor *starting_gradient(const char *function, cd_tensor *t, cd_tensor *given)
{
    char own[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    if (!given) {
        if (t->numel == 1) return cd_ones_like(t);
        (void)cd_fail(
            CD_ERR_AUTOGRAD,
            "%s: the tensor has shape %s, and only a tensor of one "
            "element has a gradient of 1 to start from: give .gradient, of that shape, or "
            "reduce it first (cd_sum, cd_mean)",
            function, cd_sizes_text(&t->shape, own));
        return NULL;
    }
    if (!cd_check_tensor(given, function, "gradient")) return NULL;
    if (!cd_shape_equal(t->shape, given->shape)) {
        (void)cd_fail(CD_ERR_SHAPE, "%s: .gradient has shape %s, but the tensor has shape %s",
                      function, cd_sizes_text(&given->shape, other), cd_sizes_text(&t->shape, own));
        return NULL;
    }
    return given;
}

bool cd_engine_root(const char *function, cd_tensor *t, cd_tensor *given, cd_gradient *root)
{
    if (!cd_check_tensor(t, function, "the tensor") || !cd_view_update_history(t, function))
        return false;
    if (!cd_tracks(t)) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: the tensor does not require gradients: nothing that "
                       "requires them went into it, or it was computed under CD_NO_GRAD()",
                       function);
    }
    root->edge = cd_edge_to(t);
    root->value = starting_gradient(function, t, given);
    return root->value != NULL;
}

bool cd_backward_with(cd_backward_options options)
{
    if (!cd_ok()) return false;
    cd_scope scope = cd_scope_begin();
    cd_gradient root;
    cd_engine_options how = { .retain_graph = options.retain_graph || options.create_graph,
                              .create_graph = options.create_graph };
    bool done = cd_ok() /* cd_scope_begin may fail */ &&
                cd_engine_root("backward", options.tensor, options.gradient, &root) &&
                cd_engine_run(&root, 1, how);
    (void)cd_scope_end(scope);
    return done;
}

/* --- cd_autograd_grad ------------------------------------------------------------------------- */

static bool check_input(cd_tensor *x, int k)
{
    if (!cd_check_tensor(x, "autograd_grad", "an input")) return false;
    if (!cd_view_update_history(x, "autograd_grad")) return false;
    if (cd_tracks(x)) return true;
    return cd_fail(CD_ERR_AUTOGRAD, "autograd_grad: input %d does not require gradients", k);
}

static bool prepare(const cd_autograd_grad_n_options *o, cd_gradient *root, cd_gradient *requested)
{
    for (int j = 0; j < o->outputs.count; j++) {
        cd_tensor *weight = o->weights ? o->weights[j] : NULL;
        if (!cd_engine_root("autograd_grad", o->outputs.tensor[j], weight, &root[j])) return false;
    }
    for (int k = 0; k < o->inputs.count; k++) {
        if (!check_input(o->inputs.tensor[k], k)) return false;
        requested[k].edge = cd_edge_to(o->inputs.tensor[k]);
    }
    return true;
}

/* Writes the gradients to the caller's array, all of them or none. The engine made this function an
 * owner of each gradient; cd_hand passes the ownership on, on failure too. */
static bool hand_out(const cd_autograd_grad_n_options *o, cd_gradient *requested)
{
    for (int k = 0; k < o->inputs.count; k++) {
        if (!requested[k].value && !o->allow_unused) {
            (void)cd_fail(CD_ERR_AUTOGRAD,
                          "autograd_grad: no output depends on input %d: leave it out, or pass "
                          ".allow_unused = true and expect NULL for it",
                          k);
        }
        requested[k].value = cd_hand(requested[k].value);
    }
    for (int k = 0; k < o->inputs.count && cd_ok(); k++) o->gradients[k] = requested[k].value;
    return cd_ok();
}

static bool differentiate(const cd_autograd_grad_n_options *o, cd_gradient *root,
                          cd_gradient *requested)
{
    cd_engine_options how = { .retain_graph = o->retain_graph || o->create_graph,
                              .create_graph = o->create_graph,
                              .requested = requested,
                              .requested_count = o->inputs.count };
    cd_scope scope = cd_scope_begin();
    bool done =
        cd_ok() && prepare(o, root, requested) && cd_engine_run(root, o->outputs.count, how);
    (void)cd_scope_end(scope);
    return done && hand_out(o, requested);
}

bool cd_autograd_grad_n_with(cd_autograd_grad_n_options options)
{
    if (!cd_ok()) return false;
    if (!options.gradients || !options.outputs.tensor || !options.inputs.tensor ||
        options.outputs.count < 1 || options.inputs.count < 1) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "autograd_grad: needs outputs, inputs, and a place for their gradients");
    }
    cd_gradient *root = cd_alloc_zeroed((size_t)options.outputs.count, sizeof *root);
    cd_gradient *requested = cd_alloc_zeroed((size_t)options.inputs.count, sizeof *requested);
    bool done = root && requested && differentiate(&options, root, requested);
    cd_free(root);
    cd_free(requested);
    return done;
}

cd_tensor *cd_autograd_grad_with(cd_autograd_grad_options options)
{
    cd_tensor *gradient = NULL;
    (void)cd_autograd_grad_n_with((cd_autograd_grad_n_options){
        .outputs = { &options.output, 1 },
        .inputs = { &options.input, 1 },
        .gradients = &gradient,
        .weights = &options.gradient,
        .retain_graph = options.retain_graph,
        .create_graph = options.create_graph,
        .allow_unused = options.allow_unused,
    });
    return gradient;
}
