/* op_run.h's functions: samples in other dtypes and memory layouts, and comparisons. */
#include "op_run.h"

/* --- the walk --------------------------------------------------------------------------------- */

static void visit(cd_samples *s, const cd_sample *sample)
{
    walk *w = (walk *)(void *)s;
    w->count++;
    CD_SCOPE();
    w->check(w, sample);
}

/* For cd_samples.expect of a walk over samples, which contain no bad calls. */
static void expect_nothing(cd_samples *s, cd_code code, const char *text, const void *given)
{
    (void)code;
    (void)text;
    (void)given;
    fail_msg("%s: a bad call among the samples", s->op->name);
}

void walk_all_samples(const cd_op *op, void (*check)(walk *w, const cd_sample *sample))
{
    CD_SCOPE();
    walk w = { .samples = { .visit = visit, .expect = expect_nothing, .op = op }, .check = check };
    cases_of(op)->samples(&w.samples);
}

/* --- inputs ----------------------------------------------------------------------------------- */

const char *describe(const walk *w, const cd_sample *sample)
{
    static char text[1024];
    int used = snprintf(text, sizeof text, "%s, sample %d (", w->samples.op->name, w->count);
    for (int k = 0; k < INPUTS && sample->input[k]; k++) {
        char shape[CD_SHAPE_TEXT];
        used += snprintf(text + used, sizeof text - (size_t)used, k ? ", %s" : "%s",
                         cd_shape_text(sample->input[k]->shape, shape));
    }
    (void)snprintf(text + used, sizeof text - (size_t)used, ")");
    return text;
}

bool is_variable(const cd_sample *sample, int k)
{
    const cd_tensor *x = sample->input[k];
    return x && cd_dtype_is_floating(x->dtype) && !(sample->constant >> k & 1);
}

static cd_dtype dtype_for(const cd_tensor *x, cd_dtype floating)
{
    return cd_dtype_is_floating(x->dtype) ? floating : x->dtype;
}

/* A copy of x with strides in the opposite order, a gap after each element and one before the
 * first. */
static cd_tensor *scattered(const cd_tensor *x, cd_dtype dtype)
{
    int64_t stride[CD_MAX_DIMS] = { 0 }, step = 2;
    for (int i = 0; i < x->shape.ndim; i++) {
        stride[i] = step;
        step *= x->shape.dim[i] > 0 ? x->shape.dim[i] : 1;
    }
    cd_tensor *base = cd_empty(CD_SHAPE(step + 1), .dtype = dtype);
    assert_ok();
    memset(cd_data_mut(base), dtype == CD_BOOL ? 1 : 0x55, base->storage->bytes);
    cd_tensor *t = cd_hand(cd_tensor_view(base, &x->shape, stride, 1));
    assert_ok();
    cd_tensor_copy(t, x);
    return t;
}

cd_tensor *row_by_row(const cd_tensor *x, cd_dtype dtype)
{
    cd_tensor *t = cd_empty(x->shape, .dtype = dtype);
    assert_ok();
    cd_tensor_copy(t, x);
    return t;
}

void make_inputs(const cd_sample *sample, cd_dtype floating, bool scatter, cd_tensor **in)
{
    for (int k = 0; k < INPUTS; k++) {
        const cd_tensor *x = sample->input[k];
        in[k] = NULL;
        if (!x) continue;
        cd_dtype dtype = dtype_for(x, floating);
        in[k] = scatter ? scattered(x, dtype) : row_by_row(x, dtype);
        if (is_variable(sample, k)) (void)cd_set_requires_grad(in[k], true);
        assert_ok();
    }
}

/* --- one run, forward and backward ------------------------------------------------------------ */

cd_tensor *weights_for(const cd_tensor *y)
{
    cd_tensor *w = cd_empty(y->shape, .dtype = CD_F64);
    double *values = cd_data_mut(w);
    for (int64_t i = 0; i < w->numel; i++) values[i] = (double)(1 + i % 3) * (i % 2 ? -1 : 1);
    return w;
}

static bool has_gradient(const cd_tensor *y)
{
    return cd_dtype_is_floating(y->dtype) && cd_requires_grad(y);
}

bool run_with(const cd_sample *sample, cd_tensor *const *in, cd_tensor *weights, result *out)
{
    *out = (result){ .y = sample->call(in, sample->parameters) };
    if (!out->y) return false;
    if (!weights || !has_gradient(out->y)) return true;
    if (!cd_backward(out->y, .gradient = weights)) return false;
    for (int k = 0; k < INPUTS; k++) out->gradient[k] = in[k] ? cd_grad(in[k]) : NULL;
    return cd_ok();
}

void run(const walk *w, const cd_sample *sample, cd_tensor *const *in, result *out)
{
    cd_tensor *y = sample->call(in, sample->parameters);
    assert_that(y && cd_ok(), "%s: %s", describe(w, sample), cd_error_message());
    cd_tensor *weights = weights_for(y);
    bool done = run_with(sample, in, weights, out);
    assert_that(done && cd_ok(), "%s: %s", describe(w, sample), cd_error_message());
}

/* --- comparing -------------------------------------------------------------------------------- */

static void *bytes_of(const cd_tensor *t, size_t *bytes)
{
    *bytes = (size_t)t->numel * cd_dtype_size(t->dtype);
    void *copy = malloc(*bytes + 1);
    assert_non_null(copy);
    assert_true(cd_read(t, copy, *bytes));
    return copy;
}

bool same_bits(const cd_tensor *a, const cd_tensor *b)
{
    if (!a || !b) return a == b;
    if (a->dtype != b->dtype || !cd_shape_equal(a->shape, b->shape)) return false;
    size_t bytes;
    void *from_a = bytes_of(a, &bytes), *from_b = bytes_of(b, &bytes);
    bool same = memcmp(from_a, from_b, bytes) == 0;
    free(from_a);
    free(from_b);
    return same;
}

bool close_to(const cd_tensor *a, const cd_tensor *b, double rtol, double atol)
{
    if (!a || !b) return a == b;
    if (!cd_shape_equal(a->shape, b->shape)) return false;
    CD_SCOPE();
    const double *from_a = cd_data(row_by_row(a, CD_F64)), *from_b = cd_data(row_by_row(b, CD_F64));
    for (int64_t i = 0; i < a->numel; i++) {
        if (from_a[i] == from_b[i] || (isnan(from_a[i]) && isnan(from_b[i]))) continue;
        if (!(fabs(from_a[i] - from_b[i]) <= atol + rtol * fabs(from_b[i]))) return false;
    }
    return true;
}

bool named_by(const char *message, const char *name)
{
    size_t length = strlen(name);
    return strncmp(message, name, length) == 0 && message[length] == ':';
}
