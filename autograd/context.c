/* The context of a cd_function: what its forward leaves for its backward, and the functions that
 * forward and backward call on it. */
#include <string.h>

#include "autograd/function_internal.h"
#include "core/memory_internal.h"

/* --- its memory ------------------------------------------------------------------------------- */

/* Takes the next part of the memory behind a context. */
static void *take_part(char **next, size_t count, size_t size)
{
    void *part = *next;
    *next += count * size;
    return part;
}

/* The parts come in the order of their alignment, the largest first, so that each is aligned. */
static bool block_size(const cd_function *f, int inputs, size_t *bytes)
{
    size_t of_outputs, of_inputs;
    size_t output = sizeof(cd_value_info) + sizeof(cd_tensor *) + sizeof(bool);
    *bytes = sizeof(cd_context) + strlen(f->name) + sizeof "Backward";
    return cd_checked_mul((size_t)f->outputs, output, &of_outputs) &&
           cd_checked_mul((size_t)inputs, sizeof(cd_context_input), &of_inputs) &&
           cd_checked_add(*bytes, of_outputs, bytes) && cd_checked_add(*bytes, of_inputs, bytes);
}

cd_context *cd_context_new(const cd_function *f, int inputs)
{
    size_t bytes, outputs = (size_t)f->outputs;
    if (!block_size(f, inputs, &bytes)) {
        (void)cd_fail(CD_ERR_MEMORY, "%s: %d outputs are more than there is memory for", f->name,
                      f->outputs);
        return NULL;
    }
    cd_context *ctx = cd_alloc_zeroed(1, bytes);
    if (!ctx) return NULL;
    char *next = (char *)(ctx + 1);
    ctx->output = take_part(&next, outputs, sizeof *ctx->output);
    ctx->out = take_part(&next, outputs, sizeof *ctx->out);
    ctx->input = take_part(&next, (size_t)inputs, sizeof *ctx->input);
    ctx->differentiable = take_part(&next, outputs, sizeof *ctx->differentiable);
    size_t length = strlen(f->name);
    memcpy(next, f->name, length);
    memcpy(next + length, "Backward", sizeof "Backward");
    ctx->function = f;
    ctx->inputs = inputs;
    ctx->op = (cd_op){ .name = f->name, .grad_fn = next };
    return ctx;
}

void cd_context_free_saved(cd_context *ctx)
{
    for (int k = 0; k < ctx->saved; k++) {
        cd_context_value *v = &ctx->save[k];
        cd_object_unref((cd_object *)v->tensor);
        cd_object_unref((cd_object *)v->history);
        if (v->storage) cd_storage_unref(v->storage);
        *v = (cd_context_value){ .tensor = NULL };
    }
}

void cd_context_free(cd_context *ctx)
{
    cd_context_free_saved(ctx);
    cd_free(ctx->save);
    cd_free(ctx->mark);
    void *user = ctx->user;
    void (*destroy)(void *) = ctx->destroy;
    cd_free(ctx);
    if (destroy) destroy(user);
}

/* Room for one more item; false with an error, and the array as it was. */
static bool room_for_one(void **array, size_t size, int count, int *room)
{
    if (count < *room) return true;
    size_t bytes;
    int larger = *room ? *room : 2;
    if (__builtin_mul_overflow(larger, 2, &larger) || !cd_checked_mul((size_t)larger, size, &bytes))
        return cd_fail(CD_ERR_MEMORY, "a context cannot hold more than %d tensors", count);
    void *grown = cd_realloc(*array, bytes);
    if (!grown) return false;
    *array = grown;
    *room = larger;
    return true;
}

/* --- within forward --------------------------------------------------------------------------- */

static bool check(const cd_context *ctx, const char *call)
{
    return ctx || cd_fail(CD_ERR_ARGUMENT, "%s: the context is NULL", call);
}

static bool check_open(const cd_context *ctx, const char *call)
{
    if (!check(ctx, call)) return false;
    return ctx->open || cd_fail(CD_ERR_STATE, "%s: %s belongs into forward, and it has ended",
                                ctx->function->name, call);
}

static bool check_argument(const cd_context *ctx, const cd_tensor *t, const char *call)
{
    char what[64];
    (void)snprintf(what, sizeof what, "the tensor given to %s", call);
    return check_open(ctx, call) && cd_check_tensor(t, ctx->function->name, what);
}

int cd_context_input_of(const cd_context *ctx, const cd_tensor *t)
{
    for (int k = 0; k < ctx->inputs; k++) {
        if (ctx->in[k] == t) return k;
    }
    return -1;
}

bool cd_context_is_non_differentiable(const cd_context *ctx, const cd_tensor *t)
{
    for (int i = 0; i < ctx->marked; i++) {
        if (ctx->mark[i] == t) return true;
    }
    return false;
}

bool cd_save_for_backward(cd_context *ctx, cd_tensor *t)
{
    if (!check_argument(ctx, t, "save_for_backward")) return false;
    if (!ctx->record) return true;
    void *array = ctx->save;
    bool done = room_for_one(&array, sizeof *ctx->save, ctx->saved, &ctx->save_room);
    ctx->save = array;
    if (!done) return false;
    cd_object_ref(&t->object);
    ctx->save[ctx->saved++] = (cd_context_value){ .tensor = t };
    return true;
}

/* Whether input k may be changed in place: the rules of ops in place, and two more. A function
 * without backward cannot change an input that requires gradients, whose history would not have the
 * change; and no view can be changed while a graph is recorded. */
static bool check_changeable(const cd_context *ctx, const cd_tensor *input, int k)
{
    const char *name = ctx->function->name;
    if (ctx->grad_mode && input->requires_grad && !cd_grad_fn_of(input)) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: in[%d], a leaf that requires gradients, is changed in place: do it "
                       "under CD_NO_GRAD(), or on a copy (cd_clone)",
                       name, k);
    }
    if (ctx->grad_mode && cd_tracks(input) && !ctx->function->backward) {
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: in[%d], which requires gradients, is changed in place, and there is "
                       "no backward: change a copy (cd_detach(cd_clone))",
                       name, k);
    }
    if (ctx->record && input->is_view) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: in[%d], a view, is changed in place while a graph is recorded through "
                       "what it views: change a copy (cd_clone) instead",
                       name, k);
    }
    return true;
}

bool cd_mark_dirty(cd_context *ctx, cd_tensor *input)
{
    if (!check_argument(ctx, input, "mark_dirty")) return false;
    int k = cd_context_input_of(ctx, input);
    if (k < 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: mark_dirty was given a tensor that is no input",
                       ctx->function->name);
    }
    if (!check_changeable(ctx, input, k)) return false;
    ctx->input[k].dirty = true;
    return true;
}

bool cd_mark_non_differentiable(cd_context *ctx, cd_tensor *output)
{
    if (!check_argument(ctx, output, "mark_non_differentiable")) return false;
    void *array = ctx->mark;
    bool done = room_for_one(&array, sizeof(cd_tensor *), ctx->marked, &ctx->mark_room);
    ctx->mark = array;
    if (done) ctx->mark[ctx->marked++] = output;
    return done;
}

bool cd_set_materialize_grads(cd_context *ctx, bool value)
{
    if (!check_open(ctx, "set_materialize_grads")) return false;
    ctx->no_zeros = !value;
    return true;
}

bool cd_context_set_user(cd_context *ctx, void *user, void (*destroy)(void *user))
{
    if (!check_open(ctx, "context_set_user")) return false;
    void *before = ctx->user;
    void (*destroy_before)(void *) = ctx->destroy;
    ctx->user = user;
    ctx->destroy = destroy;
    if (destroy_before) destroy_before(before);
    return true;
}

/* --- at the end of forward -------------------------------------------------------------------- */

/* The number of the differentiable output that t is; -1 for none. */
static int output_of(const cd_context *ctx, const cd_tensor *t)
{
    for (int j = 0; j < ctx->function->outputs; j++) {
        if (ctx->out[j] == t && ctx->differentiable[j]) return j;
    }
    return -1;
}

/* Turns a saved tensor into what it takes to make it again, unless it is a leaf that requires
 * gradients: see cd_context_value. */
static void seal(const cd_context *ctx, cd_context_value *v)
{
    cd_tensor *t = v->tensor;
    cd_node *node = cd_grad_fn_of(t);
    v->version = cd_storage_version(t->storage);
    v->info = (cd_value_info){ t->dtype, t->shape };
    v->index = output_of(ctx, t);
    v->is_output = v->index >= 0;
    if (!v->is_output && t->requires_grad && !node) return;
    if (!v->is_output && node) {
        cd_object_ref(&node->object);
        v->history = node;
        v->index = cd_variable_of(t)->output;
    }
    cd_storage_ref(t->storage);
    v->storage = t->storage;
    v->offset = t->offset;
    memcpy(v->stride, t->stride, sizeof v->stride);
    v->tensor = NULL;
    cd_object_unref(&t->object);
}

void cd_context_seal(cd_context *ctx)
{
    for (int k = 0; k < ctx->saved; k++) seal(ctx, &ctx->save[k]);
}

/* --- within backward -------------------------------------------------------------------------- */

int cd_context_inputs(const cd_context *ctx)
{
    return check(ctx, "context_inputs") ? ctx->inputs : 0;
}

void *cd_context_user(const cd_context *ctx)
{
    return check(ctx, "context_user") ? ctx->user : NULL;
}

static bool check_index(const cd_context *ctx, const char *call, int k, int count)
{
    return (k >= 0 && k < count) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: %s was asked for number %d, and there are %d, from 0 on",
                   ctx->function->name, call, k, count);
}

bool cd_needs_input_grad(const cd_context *ctx, int k)
{
    return check(ctx, "needs_input_grad") && check_index(ctx, "needs_input_grad", k, ctx->inputs) &&
           ctx->input[k].needs_grad;
}

static cd_tensor *make_again(const cd_context *ctx, const cd_context_value *v)
{
    cd_tensor *t = cd_storage_view(v->storage, v->info.dtype, &v->info.shape, v->stride, v->offset);
    if (!t) return NULL;
    /* A change of t in place would give a history to t alone and not to the original: so it is
     * refused, as that of a view without a history to make anew. */
    t->is_view = t->fixed_history = true;
    cd_node *history = v->is_output ? ctx->node : v->history;
    if (history && !cd_set_history(t, history, v->index)) {
        cd_object_disown(&t->object);
        return NULL;
    }
    return cd_hand(t);
}

cd_tensor *cd_saved_tensor(cd_context *ctx, int k)
{
    if (!check(ctx, "saved_tensor")) return NULL;
    if (ctx->open) {
        (void)cd_fail(CD_ERR_STATE, "%s: saved_tensor belongs into backward, not into forward",
                      ctx->function->name);
        return NULL;
    }
    if (!check_index(ctx, "saved_tensor", k, ctx->saved)) return NULL;
    if (ctx->node->freed) {
        (void)cd_fail_freed(ctx->node);
        return NULL;
    }
    const cd_context_value *v = &ctx->save[k];
    uint32_t version = cd_storage_version(v->tensor ? v->tensor->storage : v->storage);
    if (version != v->version) {
        (void)cd_fail_overwritten(ctx->node, v->info, version, v->version);
        return NULL;
    }
    return v->tensor ? cd_hand_shared(v->tensor) : make_again(ctx, v);
}
