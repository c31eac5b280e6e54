/* cd_gradcheck_function and cd_gradgradcheck_function: gradients against central differences.
 *
 * The outputs y_j of the function are weighted and added up to one number, with fixed weights w_j:
 *
 *     L(x) = sum over j of sum(w_j * y_j(x))
 *
 * The gradient of L by the engine is compared with (L(x + eps) - L(x - eps)) / (2 eps), element by
 * element. In gradcheck there is one output, the function's result. In gradgradcheck the outputs
 * are the gradients of the function, and the gradient v that is sent back through it is one more
 * input. */
#include "autograd/gradcheck.h"

#include <math.h>

#include "autograd/engine_internal.h"
#include "autograd/ops.h"
#include "core/error.h"

enum { MAX_INPUTS = 16, MAX_ARRAY = MAX_INPUTS + 1 /* v */ };

typedef struct check {
    const char *name; /* "gradcheck" */
    cd_gradcheck_options options;
    bool second; /* the outputs are gradients */
    int inputs, outputs;
    cd_tensor *input[MAX_ARRAY];  /* of each input, a leaf that is a copy if checked, or itself */
    bool checked[MAX_ARRAY];      /* of each input: it requires gradients */
    cd_tensor *weight[MAX_ARRAY]; /* of each output; NULL: the output was NULL */
} check;

/* --- L, and its difference quotient ----------------------------------------------------------- */

/* Calls the function that is checked. */
static cd_tensor *call(const check *c)
{
    cd_tensor *y = c->options.call(c->input, c->options.user);
    if (y && cd_check_tensor(y, c->name, "the function's result")) {
        return cd_view_update_history(y, c->name) ? y : NULL;
    }
    (void)cd_fail(CD_ERR_AUTOGRAD, "%s: the function returned NULL", c->name);
    return NULL;
}

/* The gradients of sum(v * y) with respect to the function's inputs, with a graph. */
static bool gradients(const check *c, cd_tensor *y, cd_tensor *v, cd_tensor **out)
{
    cd_gradient root = { .edge = cd_edge_to(y), .value = v }, requested[MAX_ARRAY];
    int count = 0;
    for (int k = 0; k < c->options.count; k++) {
        if (c->checked[k]) requested[count++].edge = cd_edge_to(c->input[k]);
    }
    cd_engine_options options = {
        .retain_graph = true, .create_graph = true, .requested = requested, .requested_count = count
    };
    if (root.edge.target && !cd_engine_run(&root, 1, options)) return false;
    for (int j = 0; j < count; j++) out[j] = root.edge.target ? cd_hand(requested[j].value) : NULL;
    return cd_ok();
}

/* The outputs y_j: the function's result, or its gradients. */
static bool evaluate(const check *c, cd_tensor **out)
{
    cd_tensor *y = call(c);
    if (!y) return false;
    if (c->second) return gradients(c, y, c->input[c->inputs - 1], out);
    out[0] = y;
    return true;
}

/* The elements as contiguous float64 on the processor. */
static cd_tensor *numbers_of(cd_tensor *t)
{
    cd_tensor *y = cd_to(t, CD_F64);
    return y ? cd_contiguous(cd_to_device(y, CD_CPU)) : NULL;
}

/* L, in the scope that is open. */
static bool weighted_sum(const check *c, double *sum)
{
    cd_tensor *out[MAX_ARRAY] = { NULL };
    if (!evaluate(c, out)) return false;
    *sum = 0;
    for (int j = 0; j < c->outputs; j++) {
        if (!out[j] || !c->weight[j]) continue;
        const cd_tensor *y = numbers_of(out[j]), *w = numbers_of(c->weight[j]);
        const double *values = y ? cd_data(y) : NULL, *weights = w ? cd_data(w) : NULL;
        if (!values || !weights) return false;
        for (int64_t i = 0; i < y->numel; i++) *sum += values[i] * weights[i];
    }
    return true;
}

/* L, leaving nothing behind. */
static bool compute_sum(const check *c, double *sum)
{
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(c->second);
    bool done = cd_ok() && weighted_sum(c, sum);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    return done;
}

/* The difference quotient of L by element i of input k. */
static bool difference(const check *c, int k, int64_t i, double *out)
{
    cd_tensor *x = c->input[k];
    const double eps = c->options.eps;
    double here, above = 0, below = 0;
    cd_tensor_get(x, i, &here);
    cd_tensor_put(x, i, &(double){ here + eps });
    bool done = compute_sum(c, &above);
    cd_tensor_put(x, i, &(double){ here - eps });
    done = done && compute_sum(c, &below);
    cd_tensor_put(x, i, &here);
    *out = (above - below) / (2 * eps);
    return done;
}

/* --- the gradient of L ------------------------------------------------------------------------ */

/* Weights between 0.5 and 1 of either sign, so that the gradients of different elements do not
 * cancel. They are the same in every run, and do not advance the program's random generator. */
static cd_tensor *weights_like(const cd_tensor *y, uint32_t seed)
{
    cd_tensor *w = cd_empty(y->shape, .dtype = CD_F64);
    double *values = w ? cd_data_mut(w) : NULL;
    if (!values) return NULL;
    uint32_t state = 2463534242U + 7919U * seed; /* Marsaglia 2003, xorshift of 32 bits */
    for (int64_t i = 0; i < w->numel; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        double size = 0.5 + 0.5 * (double)(state >> 8) / (1 << 24);
        values[i] = state & 1 ? size : -size;
    }
    return cd_to_device(w, cd_tensor_device(y));
}

/* Sets the weights, and gradient[k] for each checked input; NULL stands for zeros. */
static bool analytic(check *c, cd_tensor **gradient)
{
    cd_tensor *out[MAX_ARRAY] = { NULL };
    if (!evaluate(c, out)) return false;
    cd_gradient root[MAX_ARRAY], requested[MAX_ARRAY];
    int roots = 0, count = 0;
    for (int j = 0; j < c->outputs; j++) {
        if (!out[j]) continue;
        if (!cd_dtype_is_floating(out[j]->dtype)) {
            return cd_fail(CD_ERR_DTYPE, "%s: the function's result is %s, which has no gradient",
                           c->name, cd_dtype_name(out[j]->dtype));
        }
        c->weight[j] = weights_like(out[j], (uint32_t)j);
        if (!c->weight[j]) return false;
        if (!cd_tracks(out[j])) continue;
        root[roots].edge = cd_edge_to(out[j]);
        root[roots++].value = c->weight[j];
    }
    for (int k = 0; k < c->inputs; k++) {
        if (c->checked[k]) requested[count++] = (cd_gradient){ .edge = cd_edge_to(c->input[k]) };
    }
    cd_engine_options options = { .requested = requested, .requested_count = count };
    if (!cd_engine_run(root, roots, options)) return false;
    for (int k = 0, j = 0; k < c->inputs; k++) {
        if (c->checked[k]) gradient[k] = cd_hand(requested[j++].value);
    }
    return cd_ok();
}

/* Compares the gradient by input k with the difference quotients; false with an error. */
static bool compare(const check *c, int k, cd_tensor *gradient)
{
    const cd_tensor *x = c->input[k];
    gradient = gradient ? numbers_of(gradient) : NULL;
    if (!cd_ok()) return false;
    const double *values = gradient ? cd_data(gradient) : NULL;
    for (int64_t i = 0; i < x->numel; i++) {
        double expected, actual = values ? values[i] : 0;
        if (!difference(c, k, i, &expected)) return false;
        bool close = fabs(actual - expected) <=
                     c->options.atol + c->options.rtol * fabs(expected); /* false for NaN */
        if (close) continue;
        char text[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_AUTOGRAD,
                       "%s: for element %lld of input %d (%s) the difference quotient is %.9g "
                       "and the gradient is %.9g",
                       c->name, (long long)i, k, cd_sizes_text(&x->shape, text), expected, actual);
    }
    return true;
}

/* --- inputs ----------------------------------------------------------------------------------- */

/* Input k itself if it is not checked; else a leaf with its elements, so that the caller's tensor
 * is neither changed nor given a gradient. A tensor that is given twice gets one leaf. */
static cd_tensor *make_leaf(const check *c, int k)
{
    cd_tensor *x = c->options.in[k];
    if (!c->checked[k]) return x;
    for (int j = 0; j < k; j++) {
        if (c->options.in[j] == x) return c->input[j];
    }
    if (x->dtype != CD_F64) {
        (void)cd_fail(CD_ERR_DTYPE,
                      "%s: input %d is %s; only float64 is exact enough for differences", c->name,
                      k, cd_dtype_name(x->dtype));
        return NULL;
    }
    if (cd_tensor_device(x) == CD_META) {
        (void)cd_fail(CD_ERR_STATE,
                      "%s: input %d is on the meta device, which has no elements to vary", c->name,
                      k);
        return NULL;
    }
    cd_tensor *copy = cd_hand(cd_tensor_copy_on(c->name, cd_tensor_device(x), x));
    if (copy) copy->requires_grad = true;
    return copy;
}

/* Sets up inputs and outputs. */
static bool prepare(check *c)
{
    if (!c->options.call || !c->options.in || c->options.count < 1 ||
        c->options.count > MAX_INPUTS) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: needs a function and 1 to %d inputs", c->name,
                       MAX_INPUTS);
    }
    c->inputs = c->options.count;
    for (int k = 0; k < c->inputs; k++) {
        const cd_tensor *x = c->options.in[k];
        if (x && !cd_check_tensor(x, c->name, "an input")) return false;
        c->checked[k] = x && cd_tracks(x);
        c->outputs += c->checked[k];
        c->input[k] = make_leaf(c, k);
    }
    if (!cd_ok()) return false;
    if (c->outputs == 0) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: no input requires gradients", c->name);
    }
    if (!c->second) {
        c->outputs = 1;
        return true;
    }
    cd_tensor *y = call(c);
    cd_tensor *v = y ? weights_like(y, MAX_ARRAY) : NULL;
    if (!v) return false;
    v->requires_grad = true;
    c->checked[c->inputs] = true;
    c->input[c->inputs++] = v;
    return true;
}

/* The default for 0, but not for CD_ZERO, which is -0. */
static double or_default(double given, double standard)
{
    return given == 0 && !signbit(given) ? standard : given;
}

static bool run(check *c)
{
    cd_tensor *gradient[MAX_ARRAY] = { NULL };
    if (!cd_ok()) return false;
    if (!(c->options.eps > 0)) c->options.eps = 1e-6;
    c->options.atol = or_default(c->options.atol, 1e-5);
    c->options.rtol = or_default(c->options.rtol, 1e-3);
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(true);
    bool done = cd_ok() && prepare(c) && analytic(c, gradient);
    for (int k = 0; k < c->inputs && done; k++) {
        if (c->checked[k]) done = compare(c, k, gradient[k]);
    }
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    return done;
}

bool cd_gradcheck_function_with(cd_gradcheck_options options)
{
    check c = { .name = "gradcheck", .options = options };
    return run(&c);
}

bool cd_gradgradcheck_function_with(cd_gradcheck_options options)
{
    check c = { .name = "gradgradcheck", .options = options, .second = true };
    return run(&c);
}
