/* Gradients against central differences.
 *
 * What is checked is a number: L(x) = sum over outputs j of sum(w_j * y_j(x)), with fixed weights.
 * For gradcheck there is one output, the function's. For gradgradcheck the outputs are the
 * function's gradients, and the gradient v that they start from is one more input. */
#include "autograd/gradcheck.h"

#include <math.h>

#include "autograd/engine_internal.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"

enum { MOST_INPUTS = 16, MOST = MOST_INPUTS + 1 };

typedef struct check {
    const char *name; /* "gradcheck" */
    cd_gradcheck_options options;
    bool second; /* the outputs are gradients */
    int inputs, outputs;
    /* Each stands for an input of the caller's: a contiguous leaf of its own when it is
     * differentiated, the input itself when it is a constant. */
    cd_tensor *input[MOST];
    bool checked[MOST];
    cd_tensor *weight[MOST]; /* of each output; NULL: nothing depends on it */
} check;

/* --- the number ------------------------------------------------------------------------------- */

static cd_tensor *call(const check *c)
{
    cd_tensor *y = c->options.call(c->input, c->options.user);
    if (y && cd_check_tensor(y, c->name, "the function's result")) {
        return cd_view_update_history(y, c->name) ? y : NULL;
    }
    (void)cd_fail(CD_ERR_AUTOGRAD, "%s: the function returned NULL", c->name);
    return NULL;
}

/* The gradients of sum(v * y), of which a graph is kept. */
static bool gradients(const check *c, cd_tensor *y, cd_tensor *v, cd_tensor **out)
{
    cd_gradient root = { .edge = cd_edge_to(y), .value = v }, wanted[MOST];
    int count = 0;
    for (int k = 0; k < c->options.count; k++) {
        if (c->checked[k]) wanted[count++].edge = cd_edge_to(c->input[k]);
    }
    cd_engine_options options = {
        .retain_graph = true, .create_graph = true, .requested = wanted, .requested_count = count
    };
    if (root.edge.target && !cd_engine_run(&root, 1, options)) return false;
    for (int j = 0; j < count; j++) out[j] = root.edge.target ? cd_hand(wanted[j].value) : NULL;
    return cd_ok();
}

static bool evaluate(const check *c, cd_tensor **out)
{
    cd_tensor *y = call(c);
    if (!y) return false;
    if (c->second) return gradients(c, y, c->input[c->inputs - 1], out);
    out[0] = y;
    return true;
}

/* As the host can read them. */
static cd_tensor *numbers_of(cd_tensor *t)
{
    cd_tensor *y = cd_to(t, CD_F64);
    return y ? cd_contiguous(cd_to_device(y, CD_CPU)) : NULL;
}

static bool weigh(const check *c, double *sum)
{
    cd_tensor *out[MOST] = { NULL };
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

static bool number(const check *c, double *sum)
{
    cd_scope scope = cd_scope_begin();
    cd_scope mode = cd_grad_mode_begin(c->second);
    bool done = cd_ok() && weigh(c, sum);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    return done;
}

static bool difference(const check *c, int k, int64_t i, double *out)
{
    cd_tensor *x = c->input[k];
    const double eps = c->options.eps;
    double here, above = 0, below = 0;
    cd_tensor_get(x, i, &here);
    cd_tensor_put(x, i, &(double){ here + eps });
    bool done = number(c, &above);
    cd_tensor_put(x, i, &(double){ here - eps });
    done = done && number(c, &below);
    cd_tensor_put(x, i, &here);
    *out = (above - below) / (2 * eps);
    return done;
}

/* --- its gradient ----------------------------------------------------------------------------- */

/* Weights between 0.5 and 1 of either sign, the same in every run: so that no gradient is missed
 * because others cancel it, and the generator of the program's random numbers is left alone. */
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
    return cd_to_device(w, cd_device_at(y));
}

/* Fills gradient[k] for each checked input; NULL stands for zeros. */
static bool analytic(check *c, cd_tensor **gradient)
{
    cd_tensor *out[MOST] = { NULL };
    if (!evaluate(c, out)) return false;
    cd_gradient root[MOST], wanted[MOST];
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
        if (c->checked[k]) wanted[count++] = (cd_gradient){ .edge = cd_edge_to(c->input[k]) };
    }
    cd_engine_options options = { .requested = wanted, .requested_count = count };
    if (!cd_engine_run(root, roots, options)) return false;
    for (int k = 0, j = 0; k < c->inputs; k++) {
        if (c->checked[k]) gradient[k] = cd_hand(wanted[j++].value);
    }
    return cd_ok();
}

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

/* A leaf of its own, so that the caller's tensors stay as they are. An input given twice is one
 * variable. */
static cd_tensor *stand_in(const check *c, int k)
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
    if (cd_device_at(x) == CD_META) {
        (void)cd_fail(CD_ERR_STATE,
                      "%s: input %d is on the meta device, which has no elements to vary", c->name,
                      k);
        return NULL;
    }
    cd_tensor *copy = cd_hand(cd_tensor_copy_on(c->name, cd_device_at(x), x));
    if (copy) copy->requires_grad = true;
    return copy;
}

static bool prepare(check *c)
{
    if (!c->options.call || !c->options.in || c->options.count < 1 ||
        c->options.count > MOST_INPUTS) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: needs a function and 1 to %d inputs", c->name,
                       MOST_INPUTS);
    }
    c->inputs = c->options.count;
    for (int k = 0; k < c->inputs; k++) {
        const cd_tensor *x = c->options.in[k];
        if (x && !cd_check_tensor(x, c->name, "an input")) return false;
        c->checked[k] = x && cd_tracks(x);
        c->outputs += c->checked[k];
        c->input[k] = stand_in(c, k);
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
    cd_tensor *v = y ? weights_like(y, MOST) : NULL;
    if (!v) return false;
    v->requires_grad = true;
    c->checked[c->inputs] = true;
    c->input[c->inputs++] = v;
    return true;
}

static double or_default(double given, double usual)
{
    return given == 0 && !signbit(given) ? usual : given;
}

static bool run(check *c)
{
    cd_tensor *gradient[MOST] = { NULL };
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
