/* Runs the steps of a program by calling Candela: see graph_candela.h. */
#include "tests/fuzz/graph_candela.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

void candela_begin(candela_run *c)
{
    *c = (candela_run){ .grad_mode = true };
}

void candela_end(candela_run *c)
{
    for (int h = 0; h < GRAPH_HANDLES; h++) FUZZ_CHECK(cd_assign(&c->handle[h], NULL));
}

void candela_read(const cd_tensor *t, double *out)
{
    float single[GRAPH_ELEMENTS];
    int n = (int)cd_numel(t);
    FUZZ_CHECK(n <= GRAPH_ELEMENTS);
    if (cd_dtype_of(t) == CD_F64) {
        FUZZ_CHECK(cd_read(t, out, (size_t)n * sizeof *out));
        return;
    }
    FUZZ_CHECK(cd_dtype_of(t) == CD_F32);
    FUZZ_CHECK(cd_read(t, single, (size_t)n * sizeof *single));
    for (int i = 0; i < n; i++) out[i] = (double)single[i];
}

/* --- from a step ------------------------------------------------------------------------------ */

cd_shape candela_shape(graph_shape shape)
{
    cd_shape out = { .ndim = shape.ndim };
    for (int i = 0; i < shape.ndim; i++) out.dim[i] = shape.size[i];
    return out;
}

static cd_tensor *values(unsigned seed, graph_shape shape, bool f64, bool requires_grad)
{
    double wide[GRAPH_ELEMENTS];
    float single[GRAPH_ELEMENTS];
    for (int i = 0; i < graph_elements(shape); i++) {
        wide[i] = graph_value(seed, i);
        single[i] = (float)wide[i];
    }
    return f64 ? cd_from_array(wide, candela_shape(shape), .requires_grad = requires_grad)
               : cd_from_array(single, candela_shape(shape), .requires_grad = requires_grad);
}

cd_tensor *candela_indices(const graph_step *s)
{
    int64_t index[GRAPH_ELEMENTS];
    for (int i = 0; i < graph_elements(s->shape); i++) index[i] = graph_index(s->seed, i, s->to);
    return cd_from_array(index, candela_shape(s->shape));
}

static cd_operand operand(const candela_run *c, const graph_step *s, int k)
{
    if (!s->with_number) return cd_operand_tensor(c->handle[s->in[k]]);
    if (k == (s->number_first ? 0 : 1)) return cd_operand_double(s->number);
    return cd_operand_tensor(c->handle[s->in[0]]);
}

/* --- cd_function ----------------------------------------------------------------------------- */

static void function_ended(void *user)
{
    ++*(int *)user;
}

static bool square_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, in[0]);
    out[0] = cd_mul(cd_mul(in[0], in[0]), 3);
    return out[0];
}

static bool square_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_mul(cd_mul(cd_saved_tensor(ctx, 0), 6), grad_out[0]);
    return grad_in[0];
}

static bool two_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, in[0]);
    cd_save_for_backward(ctx, in[1]);
    out[0] = cd_add(in[0], in[1]);
    out[1] = cd_mul(in[0], in[1]);
    return out[0] && out[1];
}

/* The gradients have the broadcast shape, and the engine sums them to the shapes of the inputs. */
static bool two_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *a = cd_saved_tensor(ctx, 0), *b = cd_saved_tensor(ctx, 1);
    grad_in[0] = cd_add(grad_out[0], cd_mul(grad_out[1], b));
    grad_in[1] = cd_add(grad_out[0], cd_mul(grad_out[1], a));
    return grad_in[0] && grad_in[1];
}

static bool marked_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    out[0] = cd_mul(in[0], 2);
    out[1] = cd_mul(in[0], 0.5);
    return out[0] && out[1] && cd_mark_non_differentiable(ctx, out[1]);
}

static bool marked_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    if (cd_needs_input_grad(ctx, 0)) grad_in[0] = cd_mul(grad_out[0], 2);
    return cd_ok();
}

static bool dirty_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    if (!cd_mark_dirty(ctx, in[0])) return false;
    out[0] = cd_mul_(in[0], -0.5);
    return out[0];
}

static bool dirty_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    if (cd_needs_input_grad(ctx, 0)) grad_in[0] = cd_mul(grad_out[0], -0.5);
    return cd_ok();
}

static bool output_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    out[0] = cd_tanh(in[0]);
    return out[0] && cd_save_for_backward(ctx, out[0]);
}

static bool output_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *y = cd_saved_tensor(ctx, 0);
    grad_in[0] = cd_mul(grad_out[0], cd_sub(1, cd_mul(y, y)));
    return grad_in[0];
}

static bool first_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_add(in[0], in[1]);
    return out[0];
}

static bool first_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    grad_in[0] = grad_out[0];
    return true;
}

#define FUNCTION(name_, inputs_, outputs_)                                                         \
    {                                                                                              \
        .name = #name_, .inputs = (inputs_), .outputs = (outputs_), .forward = name_##_forward,    \
        .backward = name_##_backward                                                               \
    }

static bool apply(candela_run *c, const graph_step *s, cd_tensor **out)
{
    static const cd_function functions[] = { FUNCTION(square, 1, 1), FUNCTION(two, 2, 2),
                                             FUNCTION(marked, 1, 2), FUNCTION(dirty, 1, 1),
                                             FUNCTION(output, 1, 1), FUNCTION(first, 2, 1) };
    cd_tensor *in[REF_INPUTS];
    for (int k = 0; k < s->inputs; k++) in[k] = c->handle[s->in[k]];
    c->functions++;
    return cd_apply_n(&functions[s->op - GRAPH_FUNCTION_SQUARE], ((cd_tensors){ in, s->inputs }),
                      out, .user = &c->functions_ended, .destroy = function_ended);
}

/* --- ops -------------------------------------------------------------------------------------- */

typedef cd_tensor *unary_op(cd_tensor *x);
typedef cd_tensor *binary_op(cd_operand a, cd_operand b);
typedef cd_tensor *change_op(cd_tensor *x, cd_operand b);
typedef cd_tensor *dim_op(cd_dim_options options);

/* The second operand. The number of a clamp_min or clamp_max step is its bound. */
static cd_operand second(const candela_run *c, const graph_step *s)
{
    bool number = s->inputs == 1 && !s->with_number;
    return number ? cd_operand_double(s->number) : operand(c, s, 1);
}

/* The mask of the step: where the second operand is above the number. */
static cd_tensor *mask(const candela_run *c, const graph_step *s)
{
    return cd_gt(c->handle[s->in[1]], s->number);
}

/* The value of a masked_fill: a tensor, or a number. */
static cd_operand filling(const candela_run *c, const graph_step *s)
{
    return s->inputs == 3 ? cd_operand_tensor(c->handle[s->in[2]]) : cd_operand_double(s->second);
}

/* The op in place. */
static cd_tensor *changed(const candela_run *c, const graph_step *s)
{
    static unary_op *const unary[GRAPH_OP_COUNT] = {
        [GRAPH_NEG] = cd_neg_,   [GRAPH_RECIPROCAL] = cd_reciprocal_,
        [GRAPH_EXP] = cd_exp_,   [GRAPH_LOG] = cd_log_,
        [GRAPH_SQRT] = cd_sqrt_, [GRAPH_ABS] = cd_abs_,
        [GRAPH_TANH] = cd_tanh_, [GRAPH_SIGMOID] = cd_sigmoid_,
        [GRAPH_RELU] = cd_relu_, [GRAPH_ZERO] = cd_zero_,
    };
    static change_op *const binary[GRAPH_OP_COUNT] = {
        [GRAPH_ADD] = cd_add_with_,
        [GRAPH_SUB] = cd_sub_with_,
        [GRAPH_MUL] = cd_mul_with_,
        [GRAPH_DIV] = cd_div_with_,
        [GRAPH_POW] = cd_pow_with_,
        [GRAPH_CLAMP_MIN] = cd_clamp_min_with_,
        [GRAPH_CLAMP_MAX] = cd_clamp_max_with_,
    };
    cd_tensor *x = c->handle[s->in[0]];
    if (unary[s->op]) return unary[s->op](x);
    if (binary[s->op]) return binary[s->op](x, second(c, s));
    switch (s->op) {
    case GRAPH_CLAMP:
        return cd_clamp_(x, s->number, s->second);
    case GRAPH_FILL:
        return cd_fill_(x, s->number);
    case GRAPH_COPY:
        return cd_copy_(x, c->handle[s->in[1]]);
    case GRAPH_SCATTER_ADD:
        return cd_scatter_add_(x, s->dim, candela_indices(s), c->handle[s->in[1]]);
    case GRAPH_MASKED_FILL:
        return cd_masked_fill_with_(x, mask(c, s), filling(c, s));
    case GRAPH_T:
        return cd_t_(x);
    case GRAPH_TRANSPOSE:
        return cd_transpose_(x, s->dim, s->dim2);
    case GRAPH_SQUEEZE:
        return cd_squeeze_(x, s->dim);
    case GRAPH_UNSQUEEZE:
        return cd_unsqueeze_(x, s->dim);
    default:
        return cd_masked_scatter_(x, mask(c, s), c->handle[s->in[2]]);
    }
}

static cd_tensor *clamp_min(cd_operand x, cd_operand low)
{
    return cd_clamp_min_with(x.tensor, low);
}

static cd_tensor *clamp_max(cd_operand x, cd_operand high)
{
    return cd_clamp_max_with(x.tensor, high);
}

static cd_tensor *elementwise(const candela_run *c, const graph_step *s)
{
    static unary_op *const unary[GRAPH_OP_COUNT] = {
        [GRAPH_NEG] = cd_neg,   [GRAPH_RECIPROCAL] = cd_reciprocal,
        [GRAPH_EXP] = cd_exp,   [GRAPH_LOG] = cd_log,
        [GRAPH_SQRT] = cd_sqrt, [GRAPH_ABS] = cd_abs,
        [GRAPH_TANH] = cd_tanh, [GRAPH_SIGMOID] = cd_sigmoid,
        [GRAPH_RELU] = cd_relu, [GRAPH_SIGN] = cd_sign,
    };
    static binary_op *const binary[GRAPH_OP_COUNT] = {
        [GRAPH_ADD] = cd_add_with,         [GRAPH_SUB] = cd_sub_with,
        [GRAPH_MUL] = cd_mul_with,         [GRAPH_DIV] = cd_div_with,
        [GRAPH_POW] = cd_pow_with,         [GRAPH_MAXIMUM] = cd_maximum_with,
        [GRAPH_MINIMUM] = cd_minimum_with, [GRAPH_CLAMP_MIN] = clamp_min,
        [GRAPH_CLAMP_MAX] = clamp_max,
    };
    cd_tensor *x = c->handle[s->in[0]];
    if (unary[s->op]) return unary[s->op](x);
    if (binary[s->op]) return binary[s->op](operand(c, s, 0), second(c, s));
    switch (s->op) {
    case GRAPH_CLAMP:
        return cd_clamp(x, s->number, s->second);
    case GRAPH_WHERE:
        return cd_where(mask(c, s), x, c->handle[s->in[2]]);
    default:
        return cd_to(cd_gt(x, s->number), CD_F32);
    }
}

static cd_tensor *sum(cd_tensor *x)
{
    return cd_sum(x);
}

static cd_tensor *mean(cd_tensor *x)
{
    return cd_mean(x);
}

static cd_tensor *reduction(const candela_run *c, const graph_step *s)
{
    static unary_op *const whole[GRAPH_OP_COUNT] = {
        [GRAPH_SUM] = sum, [GRAPH_MEAN] = mean, [GRAPH_MAX] = cd_max, [GRAPH_MIN] = cd_min
    };
    static dim_op *const along[GRAPH_OP_COUNT] = {
        [GRAPH_SUM_DIM] = cd_sum_dim_with,     [GRAPH_MEAN_DIM] = cd_mean_dim_with,
        [GRAPH_MAX_DIM] = cd_max_dim_with,     [GRAPH_MIN_DIM] = cd_min_dim_with,
        [GRAPH_LOGSUMEXP] = cd_logsumexp_with,
    };
    cd_tensor *x = c->handle[s->in[0]];
    cd_dim_options options = { .x = x, .dim = s->dim, .keepdim = s->keepdim };
    if (whole[s->op]) return whole[s->op](x);
    if (along[s->op]) return along[s->op](options);
    switch (s->op) {
    case GRAPH_ARGMAX_DIM:
        return cd_to(cd_argmax_dim_with(options), CD_F32);
    case GRAPH_NORM:
        return cd_norm(x, .p = s->number, .by_dim = s->by_dim, .dim = s->by_dim ? s->dim : 0,
                       .keepdim = s->keepdim);
    case GRAPH_SUM_TO_SHAPE:
        return cd_sum_to_shape(x, candela_shape(s->shape));
    case GRAPH_TOPK:
        return cd_topk(x, s->to, .by_dim = true, .dim = s->dim);
    case GRAPH_SOFTMAX:
        return cd_softmax(x, s->dim);
    default:
        return cd_log_softmax(x, s->dim);
    }
}

static cd_tensor *product(const candela_run *c, const graph_step *s)
{
    cd_tensor *a = c->handle[s->in[0]], *b = c->handle[s->in[1]];
    switch (s->op) {
    case GRAPH_MM:
        return cd_mm(a, b);
    case GRAPH_BMM:
        return cd_bmm(a, b);
    case GRAPH_MV:
        return cd_mv(a, b);
    case GRAPH_DOT:
        return cd_dot(a, b);
    case GRAPH_MATMUL:
        return cd_matmul(a, b);
    case GRAPH_ADDMM:
        return cd_addmm(a, b, c->handle[s->in[2]]);
    default:
        return cd_linear(a, b, s->inputs == 3 ? c->handle[s->in[2]] : NULL);
    }
}

static cd_tensor *view(const candela_run *c, const graph_step *s)
{
    cd_tensor *x = c->handle[s->in[0]];
    int64_t from = s->from;
    if (s->flag && (s->op == GRAPH_NARROW || s->op == GRAPH_SELECT)) {
        int64_t size = cd_size(x, s->dim);
        if (from < size) from -= size;
    }
    switch (s->op) {
    case GRAPH_VIEW:
        return cd_view(x, candela_shape(s->shape));
    case GRAPH_RESHAPE:
        return cd_reshape(x, candela_shape(s->shape));
    case GRAPH_FLATTEN:
        return cd_flatten(x, s->dim, s->dim2);
    case GRAPH_T:
        return cd_t(x);
    case GRAPH_TRANSPOSE:
        return cd_transpose(x, s->dim, s->dim2);
    case GRAPH_PERMUTE:
        return cd_permute(x, candela_shape(s->shape));
    case GRAPH_EXPAND:
        return cd_expand(x, candela_shape(s->shape));
    case GRAPH_SQUEEZE:
        return cd_squeeze(x, s->dim);
    case GRAPH_UNSQUEEZE:
        return cd_unsqueeze(x, s->dim);
    case GRAPH_AS_STRIDED:
        return cd_as_strided(x, candela_shape(s->shape), candela_shape(s->stride), s->from);
    case GRAPH_SLICE:
        return cd_slice(x, s->dim, s->from, s->to, s->by);
    case GRAPH_NARROW:
        return cd_narrow(x, s->dim, from, s->to);
    default:
        return cd_select(x, s->dim, from);
    }
}

static cd_tensor *moved(const candela_run *c, const graph_step *s)
{
    cd_tensor *in[REF_INPUTS];
    for (int k = 0; k < s->inputs; k++) in[k] = c->handle[s->in[k]];
    cd_tensors all = { in, s->inputs };
    switch (s->op) {
    case GRAPH_CLONE:
        return cd_clone(in[0]);
    case GRAPH_CONTIGUOUS:
        return cd_contiguous(in[0]);
    case GRAPH_TO:
        return cd_to(in[0], s->f64 ? CD_F64 : CD_F32);
    case GRAPH_DETACH:
        return cd_detach(in[0]);
    case GRAPH_CAT:
        return cd_cat(all, s->dim);
    case GRAPH_STACK:
        return cd_stack(all, s->dim);
    case GRAPH_REPEAT:
        return cd_repeat(in[0], candela_shape(s->shape));
    case GRAPH_GATHER:
        return cd_gather(in[0], s->dim, candela_indices(s));
    case GRAPH_SCATTER_ADD:
        return cd_scatter_add(in[0], s->dim, candela_indices(s), in[1]);
    case GRAPH_ONE_HOT:
        return cd_to(cd_one_hot(candela_indices(s), s->to), CD_F32);
    case GRAPH_MASKED_FILL:
        return cd_masked_fill_with(in[0], mask(c, s), filling(c, s));
    case GRAPH_MASKED_SELECT:
        return cd_masked_select(in[0], mask(c, s));
    default:
        return cd_masked_scatter(in[0], mask(c, s), in[2]);
    }
}

static cd_tensor *result(const candela_run *c, const graph_step *s)
{
    if (s->op == GRAPH_LEAF) return values(s->seed, s->shape, s->f64, s->flag);
    if (s->op > GRAPH_REFUSE) return candela_call(c, s);
    if (s->in_place) return changed(c, s);
    if (s->op >= GRAPH_ADD && s->op <= GRAPH_GT) return elementwise(c, s);
    if (s->op >= GRAPH_SUM && s->op <= GRAPH_LOG_SOFTMAX) return reduction(c, s);
    if (s->op >= GRAPH_MM && s->op <= GRAPH_LINEAR) return product(c, s);
    if (s->op >= GRAPH_VIEW && s->op <= GRAPH_SELECT) return view(c, s);
    return moved(c, s);
}

/* --- gradients and hooks ---------------------------------------------------------------------- */

static void see(candela_hook *h, const cd_tensor *gradient)
{
    h->calls++;
    h->n = (int)cd_numel(gradient);
    candela_read(gradient, h->seen);
}

static cd_tensor *gradient_hook(cd_tensor *gradient, void *user)
{
    candela_hook *h = user;
    see(h, gradient);
    return h->replaces ? cd_mul(gradient, h->scale) : NULL;
}

static bool accumulated_hook(cd_tensor *leaf, void *user)
{
    const cd_tensor *gradient = cd_grad(leaf);
    if (gradient) see(user, gradient);
    return gradient;
}

static void hook_destroyed(void *user)
{
    candela_hook *h = user;
    h->destroyed++;
}

static bool add_hook(candela_run *c, const graph_step *s)
{
    cd_tensor *t = c->handle[s->in[0]];
    candela_hook *h = &c->hook[c->hooks];
    *h = (candela_hook){ .scale = s->number, .replaces = s->flag };
    h->id = s->op == GRAPH_HOOK
                ? cd_register_hook(t, gradient_hook, .user = h, .destroy = hook_destroyed)
                : cd_register_post_accumulate_grad_hook(t, accumulated_hook, .user = h,
                                                        .destroy = hook_destroyed);
    FUZZ_CHECK(h->destroyed == 0);
    if (h->id > 0) c->hooks++;
    return h->id > 0;
}

static bool backward(candela_run *c, const graph_step *s)
{
    cd_tensor *root = c->handle[s->in[0]], *gradient = NULL;
    if (s->with_gradient) gradient = values(s->seed, s->shape, cd_dtype_of(root) == CD_F64, false);
    if (!cd_ok()) return false;
    if (s->op == GRAPH_BACKWARD) {
        return cd_backward(root, .gradient = gradient, .retain_graph = s->retain_graph,
                           .create_graph = s->create_graph);
    }
    cd_tensor *grad = cd_autograd_grad(root, c->handle[s->in[1]], .gradient = gradient,
                                       .retain_graph = s->retain_graph,
                                       .create_graph = s->create_graph, .allow_unused = true);
    c->returned = grad != NULL;
    if (grad) candela_read(grad, c->returned_grad);
    return cd_ok();
}

/* Runs a step that makes no tensor. */
static bool without_result(candela_run *c, const graph_step *s)
{
    cd_tensor *x = s->inputs > 0 ? c->handle[s->in[0]] : NULL;
    switch (s->op) {
    case GRAPH_BACKWARD:
    case GRAPH_GRAD:
        return backward(c, s);
    case GRAPH_GRAD_ZERO:
        return cd_grad_zero_(x);
    case GRAPH_GRAD_DROP:
        return cd_grad_drop(x);
    case GRAPH_HOOK:
    case GRAPH_POST_HOOK:
        return add_hook(c, s);
    case GRAPH_REMOVE_HOOK:
        return cd_remove_hook(x, c->hook[s->from].id);
    case GRAPH_RETAIN_GRAD:
        return cd_retain_grad(x) == x;
    case GRAPH_REQUIRES_GRAD:
        return cd_set_requires_grad(x, s->flag) == x;
    case GRAPH_GRAD_MODE:
        c->grad_mode = s->flag;
        return true;
    case GRAPH_DROP:
        return cd_assign(&c->handle[s->in[0]], NULL);
    default:
        return true;
    }
}

/* --- a step ----------------------------------------------------------------------------------- */

static bool is_function(graph_op op)
{
    return op >= GRAPH_FUNCTION_SQUARE && op <= GRAPH_FUNCTION_FIRST;
}

bool candela_step(candela_run *c, const graph_step *s)
{
    CD_SCOPE();
    cd_tensor *out[REF_OUTPUTS] = { NULL };
    cd_scope mode = cd_grad_mode_begin(c->grad_mode);
    bool done = mode.depth >= 0;
    if (!done) return false;
    if (is_function(s->op)) {
        done = apply(c, s, out);
    } else if (s->op == GRAPH_LEAF || s->in_place || s->outputs > 0) {
        out[0] = result(c, s);
        done = out[0] != NULL;
    } else {
        done = without_result(c, s);
    }
    FUZZ_CHECK(done == cd_ok());
    if (s->in_place && done) FUZZ_CHECK(out[0] == c->handle[s->in[0]]);
    for (int j = 0; j < s->outputs && done; j++)
        FUZZ_CHECK(cd_assign(&c->handle[s->out[j]], out[j]));
    cd_scope_leave(&mode);
    return done;
}
