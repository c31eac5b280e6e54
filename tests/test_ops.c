/* Every op of ops.def, held to the same rules: see `kinds` at the end. ops/NAME.c has an op's
 * samples and bad calls; no op is known by name here. */
#include "op_run.h"

#include <stdatomic.h>

#include "autograd/gradcheck.h"
#include "core/memory_internal.h"
#include "core/threads.h"

enum {
    LEAST_SAMPLES = 8,
    LEAST_MISUSES = 1,
    LEAST_MISUSES_OF_ALL = 200,
    MOST_CHECKED_ELEMENTS = 600
};

static int setup(void **state)
{
    (void)test_setup(state);
    cd_manual_seed(5);
    return cd_ok() ? 0 : 1;
}

static int teardown(void **state)
{
    (void)cd_set_num_threads(2);
    return test_teardown(state);
}

/* --- forward ---------------------------------------------------------------------------------- */

static void forward_one(walk *w, const cd_sample *sample)
{
    cd_tensor *in[INPUTS], *before[INPUTS];
    make_inputs(sample, CD_F32, false, in);
    make_inputs(sample, CD_F32, false, before);
    int64_t objects = cd_memory_stats().objects;
    {
        CD_SCOPE();
        cd_tensor *y = sample->call(in, sample->parameters);
        assert_that(y && cd_ok(), "%s: %s", describe(w, sample), cd_error_message());
        int64_t elements = -1;
        assert_that(cd_dtype_size(y->dtype) > 0 && cd_shape_elements(y->shape, &elements) &&
                        elements == y->numel,
                    "%s: the result's dtype or shape is not right", describe(w, sample));
        const char *name = cd_grad_fn_name(y);
        w->useful += name && w->samples.op->grad_fn && strcmp(name, w->samples.op->grad_fn) == 0;
        assert_that(!name || cd_dtype_is_floating(y->dtype), "%s: %s for a result that is %s",
                    describe(w, sample), name, cd_dtype_name(y->dtype));
    }
    assert_that(cd_memory_stats().objects == objects, "%s: %lld objects leaked",
                describe(w, sample), (long long)(cd_memory_stats().objects - objects));
    for (int k = 0; k < INPUTS && in[k]; k++) {
        assert_that(same_bits(in[k], before[k]), "%s: input %d was changed", describe(w, sample),
                    k);
    }
}

/* --- gradients -------------------------------------------------------------------------------- */

static cd_tensor *call_sample(cd_tensor *const *in, void *user)
{
    const cd_sample *sample = user;
    return sample->call(in, sample->parameters);
}

/* Whether the gradient can be compared with differences: an input is differentiated, the result is
 * float64, and the inputs are not too large. */
static bool worth_differences(const cd_sample *sample, cd_tensor *const *in)
{
    CD_NO_GRAD();
    int64_t elements = 0;
    for (int k = 0; k < INPUTS && in[k]; k++) elements += is_variable(sample, k) ? in[k]->numel : 0;
    const cd_tensor *y = sample->call(in, sample->parameters);
    assert_ok();
    return y->dtype == CD_F64 && elements > 0 && elements <= MOST_CHECKED_ELEMENTS;
}

static void check_differences(walk *w, const cd_sample *sample, bool second)
{
    cd_tensor *in[INPUTS];
    make_inputs(sample, CD_F64, false, in);
    if (!worth_differences(sample, in)) return;
    void *user = (void *)(uintptr_t)sample;
    bool right = second ? cd_gradgradcheck_function(call_sample, in, INPUTS, .user = user)
                        : cd_gradcheck_function(call_sample, in, INPUTS, .user = user);
    assert_that(right, "%s: %s", describe(w, sample), cd_error_message());
    w->useful++;
}

static void gradcheck_one(walk *w, const cd_sample *sample)
{
    check_differences(w, sample, false);
}

static void gradgradcheck_one(walk *w, const cd_sample *sample)
{
    check_differences(w, sample, true);
}

/* --- memory layouts and dtypes ---------------------------------------------------------------- */

static void layout_one(walk *w, const cd_sample *sample)
{
    cd_tensor *plain[INPUTS], *apart[INPUTS];
    result expected, actual;
    make_inputs(sample, CD_F64, false, plain);
    make_inputs(sample, CD_F64, true, apart);
    run(w, sample, plain, &expected);
    const char *refuses = w->samples.op->contiguous_only;
    if (refuses && !sample->call(apart, sample->parameters)) {
        assert_that(named_by(cd_error_message(), w->samples.op->name), "%s: %s",
                    describe(w, sample), cd_error_message());
        cd_clear_error();
        return;
    }
    run(w, sample, apart, &actual);
    assert_that(close_to(actual.y, expected.y, 1e-10, 1e-12),
                "%s: another result when the inputs are not contiguous", describe(w, sample));
    for (int k = 0; k < INPUTS; k++) {
        assert_that(close_to(actual.gradient[k], expected.gradient[k], 1e-10, 1e-12),
                    "%s: another gradient of input %d when the inputs are not contiguous",
                    describe(w, sample), k);
    }
    w->useful++;
}

/* Makes inputs that repeat the first slice of the sample's inputs along `dim`: by cd_expand, or, if
 * `written`, by a copy of that. The slices are leaves, in `from`. False if no input has that
 * dimension. */
static bool stretch_inputs(const cd_sample *sample, int dim, bool written, cd_tensor **in,
                           cd_tensor **from)
{
    bool any = false;
    cd_tensor *whole[INPUTS];
    make_inputs(sample, CD_F64, false, whole);
    for (int k = 0; k < INPUTS; k++) {
        in[k] = from[k] = whole[k];
        if (!whole[k] || dim >= whole[k]->shape.ndim || whole[k]->shape.dim[dim] < 2) continue;
        from[k] = cd_clone(cd_slice(cd_detach(whole[k]), dim, 0, 1, 1));
        if (is_variable(sample, k)) (void)cd_set_requires_grad(from[k], true);
        in[k] = cd_expand(from[k], whole[k]->shape);
        if (written) in[k] = cd_clone(in[k]);
        any = true;
    }
    assert_ok();
    return any;
}

static bool run_stretched(walk *w, const cd_sample *sample, int dim, bool written, result *out)
{
    cd_tensor *in[INPUTS], *from[INPUTS];
    if (!stretch_inputs(sample, dim, written, in, from)) return false;
    *out = (result){ .y = sample->call(in, sample->parameters) };
    if (!out->y) { /* the op refuses these values, or this layout */
        cd_clear_error();
        return false;
    }
    if (!cd_dtype_is_floating(out->y->dtype) || !cd_requires_grad(out->y)) return true;
    assert_that(cd_backward(out->y, .gradient = weights_for(out->y)), "%s: %s", describe(w, sample),
                cd_error_message());
    for (int k = 0; k < INPUTS; k++) out->gradient[k] = from[k] ? cd_grad(from[k]) : NULL;
    return true;
}

/* Inputs with a stride of 0, where several elements share memory, give the same as their copies. */
static void stretched_one(walk *w, const cd_sample *sample)
{
    for (int dim = 0; dim < CD_MAX_DIMS; dim++) {
        CD_SCOPE();
        result expected, actual;
        if (!run_stretched(w, sample, dim, true, &expected)) continue;
        if (!run_stretched(w, sample, dim, false, &actual)) {
            assert_that(w->samples.op->contiguous_only,
                        "%s: refused when dimension %d is stretched", describe(w, sample), dim);
            continue;
        }
        assert_that(close_to(actual.y, expected.y, 1e-10, 1e-12),
                    "%s: another result when dimension %d is stretched", describe(w, sample), dim);
        for (int k = 0; k < INPUTS; k++) {
            assert_that(close_to(actual.gradient[k], expected.gradient[k], 1e-10, 1e-12),
                        "%s: another gradient of input %d when dimension %d is stretched",
                        describe(w, sample), k, dim);
        }
        w->useful++;
    }
}

/* One input alone requires a gradient, which must be the same as when all do: so all that backward
 * needs for it is saved. */
static void alone_one(walk *w, const cd_sample *sample)
{
    cd_tensor *all[INPUTS];
    result expected;
    make_inputs(sample, CD_F64, false, all);
    run(w, sample, all, &expected);
    for (int k = 0; k < INPUTS; k++) {
        if (!expected.gradient[k]) continue;
        CD_SCOPE();
        cd_tensor *in[INPUTS];
        result actual;
        make_inputs(sample, CD_F64, false, in);
        for (int j = 0; j < INPUTS; j++) {
            if (j != k && in[j]) (void)cd_set_requires_grad(in[j], false);
        }
        run(w, sample, in, &actual);
        assert_that(close_to(actual.gradient[k], expected.gradient[k], 1e-12, 1e-14),
                    "%s: another gradient of input %d when it alone requires one",
                    describe(w, sample), k);
        w->useful++;
    }
}

static void precision_one(walk *w, const cd_sample *sample)
{
    cd_tensor *exact[INPUTS], *rough[INPUTS];
    result expected, actual;
    make_inputs(sample, CD_F64, false, exact);
    make_inputs(sample, CD_F32, false, rough);
    run(w, sample, exact, &expected);
    run(w, sample, rough, &actual);
    assert_that(close_to(actual.y, expected.y, 1e-4, 1e-5), "%s: float32 is far from float64",
                describe(w, sample));
    for (int k = 0; k < INPUTS; k++) {
        assert_that(close_to(actual.gradient[k], expected.gradient[k], 1e-3, 1e-4),
                    "%s: the float32 gradient of input %d is far from float64", describe(w, sample),
                    k);
        assert_that(!actual.gradient[k] || actual.gradient[k]->dtype == CD_F32,
                    "%s: the gradient of input %d is not float32", describe(w, sample), k);
    }
    w->useful++;
}

/* --- threads ---------------------------------------------------------------------------------- */

/* Samples are too small to be distributed over threads. Where the op accepts it they are repeated:
 * in a new outermost dimension, along dimension 0, or along dimension 0 of the first input alone.
 */
typedef enum growth { AS_IT_IS, NEW_DIMENSION, ALONG_0, ALONG_0_FIRST, GROWTHS } growth;

static cd_tensor *repeated(const cd_tensor *x, growth how)
{
    enum { AT_LEAST = 70000 };
    bool added = how == NEW_DIMENSION;
    if (x->numel == 0 || x->shape.ndim == (added ? CD_MAX_DIMS : 0)) return NULL;
    int64_t times = (AT_LEAST + x->numel - 1) / x->numel;
    cd_shape shape = { .ndim = x->shape.ndim + added, .dim = { added ? times : 0 } };
    for (int i = 0; i < x->shape.ndim; i++) shape.dim[i + added] = x->shape.dim[i];
    if (!added) shape.dim[0] *= times;
    cd_tensor *t = cd_empty(shape, .dtype = x->dtype);
    cd_tensor *row = row_by_row(x, x->dtype);
    assert_ok();
    size_t bytes = row->storage->bytes;
    for (int64_t i = 0; i < times; i++) {
        memcpy(t->data + (size_t)i * bytes, cd_data(row), bytes);
    }
    return t;
}

static bool grow_inputs(const cd_sample *sample, growth how, cd_tensor **in)
{
    make_inputs(sample, CD_F32, false, in);
    for (int k = 0; k < INPUTS && in[k] && how != AS_IT_IS; k++) {
        if (how == ALONG_0_FIRST && k > 0) break;
        in[k] = repeated(in[k], how);
        if (!in[k]) return false;
        (void)cd_set_requires_grad(in[k], is_variable(sample, k));
    }
    return true;
}

/* Whether the op accepts these inputs, and the result is not too large for a test. */
static bool takes(const cd_sample *sample, cd_tensor *const *in)
{
    enum { MOST_ELEMENTS = 1 << 20, MOST_BYTES = 1 << 28 };
    CD_SCOPE();
    CD_NO_GRAD();
    cd_memory_limit(MOST_BYTES);
    const cd_tensor *y = sample->call(in, sample->parameters);
    cd_memory_limit(0);
    cd_clear_error();
    return y && y->numel <= MOST_ELEMENTS;
}

static void threads_grown(walk *w, const cd_sample *sample, growth how)
{
    CD_SCOPE();
    static const int counts[] = { 1, 2, 3, 4, 8 };
    result expected, actual;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cd_tensor *in[INPUTS];
        assert_true(cd_set_num_threads(counts[i]));
        if (!grow_inputs(sample, how, in)) return;
        if (how != AS_IT_IS && !takes(sample, in)) return;
        run(w, sample, in, i == 0 ? &expected : &actual);
        if (i == 0) continue;
        assert_that(same_bits(actual.y, expected.y), "%s: other bits with %d threads",
                    describe(w, sample), counts[i]);
        for (int k = 0; k < INPUTS; k++) {
            assert_that(same_bits(actual.gradient[k], expected.gradient[k]),
                        "%s: other bits in the gradient of input %d with %d threads",
                        describe(w, sample), k, counts[i]);
        }
    }
    w->useful += how != AS_IT_IS;
}

static void threads_one(walk *w, const cd_sample *sample)
{
    enum { ENOUGH = 6 };
    for (growth how = AS_IT_IS; how < GROWTHS; how++) {
        if (how == AS_IT_IS || w->useful < ENOUGH) threads_grown(w, sample, how);
    }
}

/* --- allocations that fail -------------------------------------------------------------------- */

static struct {
    atomic_llong asked, fail_at;
    bool all_later;
} faults;

static bool fault(size_t bytes)
{
    (void)bytes;
    long long number = atomic_fetch_add(&faults.asked, 1), at = atomic_load(&faults.fail_at);
    return faults.all_later ? number >= at : number == at;
}

static void check_failed_run(const walk *w, const cd_sample *sample, cd_tensor *const *in,
                             long long at)
{
    assert_that(cd_error_code() == CD_ERR_MEMORY, "%s: allocation %lld failed, and it is %s \"%s\"",
                describe(w, sample), at, cd_code_name(cd_error_code()), cd_error_message());
    cd_clear_error();
    for (int k = 0; k < INPUTS && in[k]; k++) {
        assert_that(!cd_grad(in[k]), "%s: allocation %lld failed, and input %d got a gradient",
                    describe(w, sample), at, k);
        assert_ok();
    }
}

/* False once there is no allocation with that number. */
static bool fails_at(walk *w, const cd_sample *sample, cd_tensor *weights, long long at)
{
    cd_tensor *in[INPUTS];
    make_inputs(sample, CD_F32, false, in);
    cd_memory_info before = cd_memory_stats();
    bool done;
    {
        CD_SCOPE();
        result got;
        atomic_store(&faults.asked, 0);
        atomic_store(&faults.fail_at, at);
        cd_memory_fault_hook = fault;
        done = run_with(sample, in, weights, &got);
        cd_memory_fault_hook = NULL;
        if (atomic_load(&faults.asked) <= at) {
            assert_ok();
            return false;
        }
        assert_that(!done, "%s: allocation %lld failed, and there was no error",
                    describe(w, sample), at);
        check_failed_run(w, sample, in, at);
    }
    cd_memory_info after = cd_memory_stats();
    /* A leaf may have got an extension for its gradient, which is freed with the leaf. */
    int64_t extensions = 0;
    for (int k = 0; k < INPUTS; k++) extensions += in[k] && in[k]->extension;
    assert_that(after.objects - extensions <= before.objects &&
                    after.blocks_in_use == before.blocks_in_use,
                "%s: allocation %lld failed, and %lld objects and %lld blocks leaked",
                describe(w, sample), at, (long long)(after.objects - before.objects),
                (long long)(after.blocks_in_use - before.blocks_in_use));
    return true;
}

static void retry(walk *w, const cd_sample *sample, const result *expected)
{
    cd_tensor *in[INPUTS];
    result again;
    make_inputs(sample, CD_F32, false, in);
    run(w, sample, in, &again);
    assert_that(same_bits(again.y, expected->y), "%s: another result after failures",
                describe(w, sample));
}

/* Runs the sample several times in one scope, so that free pieces of every size wait afterwards: a
 * new slab, which stays, would count as a block that leaked. */
static void fill_slabs(const walk *w, const cd_sample *sample)
{
    enum { TIMES = 8 };
    CD_SCOPE();
    for (int i = 0; i < TIMES; i++) {
        cd_tensor *in[INPUTS];
        result got;
        make_inputs(sample, CD_F32, false, in);
        run(w, sample, in, &got);
    }
}

/* Gives the open scope more objects than there is room for at first. Otherwise the room might grow
 * in a run and stay, and would count as a block that leaked. */
static void fill_scope(void)
{
    enum { MORE = 64 };
    for (int i = 0; i < MORE; i++) assert_non_null(cd_zeros(CD_SCALAR));
}

static void allocation_one(walk *w, const cd_sample *sample)
{
    CD_SCOPE();
    cd_tensor *in[INPUTS];
    result expected;
    fill_scope();
    fill_slabs(w, sample);
    make_inputs(sample, CD_F32, false, in);
    run(w, sample, in, &expected);
    cd_tensor *weights = weights_for(expected.y);
    for (int all_later = 0; all_later < 2; all_later++) {
        faults.all_later = all_later;
        for (long long at = 0;; at++) {
            CD_SCOPE();
            if (!fails_at(w, sample, weights, at)) break;
            w->useful++;
        }
    }
    retry(w, sample, &expected);
}

/* --- NULL and errors that are pending --------------------------------------------------------- */

/* The sentence begins with the name of some op: a sample may call several, as cd_add_(cd_clone(x),
 * y) does. */
static bool named_by_some(const char *message)
{
    size_t length = strspn(message, "abcdefghijklmnopqrstuvwxyz_0123456789");
    return length > 0 && message[length] == ':';
}

static void null_one(walk *w, const cd_sample *sample)
{
    cd_tensor *in[INPUTS];
    for (int k = 0; k < INPUTS && sample->input[k]; k++) {
        CD_SCOPE();
        make_inputs(sample, CD_F32, false, in);
        in[k] = NULL;
        if (sample->call(in, sample->parameters)) continue; /* input k is optional */
        cd_error error;
        (void)cd_error_take(&error);
        assert_that(error.code == CD_ERR_ARGUMENT && named_by_some(error.message),
                    "%s: NULL for input %d gives %s \"%s\"", describe(w, sample), k,
                    cd_code_name(error.code), error.message);
        (void)cd_fail(CD_ERR_IO, "an earlier error");
        assert_null(sample->call(in, sample->parameters));
        assert_failed_with(CD_ERR_IO, "an earlier error");
    }
    make_inputs(sample, CD_F32, false, in);
    (void)cd_fail(CD_ERR_IO, "an earlier error");
    (void)sample->call(in, sample->parameters);
    assert_failed_with(CD_ERR_IO, "an earlier error");
}

/* --- misuse ----------------------------------------------------------------------------------- */

/* The sentence of an error about a shape contains sizes or a number of dimensions. */
static bool says_shape(const char *message)
{
    const char *sentence = strchr(message, ':');
    return sentence && (strpbrk(sentence, "0123456789") || strstr(sentence, "scalar"));
}

/* The sentence begins with the op's name, that of its form in place, or another that the op's file
 * allows. */
static bool names(const char *message, const cd_samples *s)
{
    const cd_op *op = s->op;
    for (const char *const *other = s->names; other && *other; other++) {
        if (named_by(message, *other)) return true;
    }
    return named_by(message, op->name) ||
           (op->in_place_name && named_by(message, op->in_place_name));
}

static void expect(cd_samples *s, cd_code code, const char *text, const void *returned)
{
    walk *w = (walk *)(void *)s;
    cd_error error;
    (void)cd_error_take(&error);
    assert_that(!returned, "%s, bad call %d: it returned something", s->op->name, w->count);
    assert_that(error.code == code && names(error.message, s) && strstr(error.message, text),
                "%s, bad call %d: expected %s, \"%s: ...%s...\", and it is %s, \"%s\"", s->op->name,
                w->count, cd_code_name(code), s->op->name, text, cd_code_name(error.code),
                error.message);
    assert_that(code != CD_ERR_SHAPE || says_shape(error.message),
                "%s, bad call %d: no shape in \"%s\"", s->op->name, w->count, error.message);
    w->useful += strstr(error.message, "NULL") != NULL;
    w->count++;
}

static walk walk_misuses(const cd_op *op)
{
    walk w = { .samples = { .expect = expect, .op = op } };
    cases_of(op)->misuse(&w.samples);
    return w;
}

static void bad_calls_of_all(void **state)
{
    (void)state;
    int count = 0;
    for (size_t i = 0; cd_ops[i]; i++) {
        CD_SCOPE();
        count += walk_misuses(cd_ops[i]).count;
    }
    print_message("%d bad calls of all ops, each with its code and its sentence\n", count);
    assert_that(count >= LEAST_MISUSES_OF_ALL, "%d bad calls of all ops, at least %d are needed",
                count, LEAST_MISUSES_OF_ALL);
}

/* --- the tests of an op ----------------------------------------------------------------------- */

static void visit(cd_samples *s, const cd_sample *sample)
{
    walk *w = (walk *)(void *)s;
    assert_that(cd_ok(), "%s, sample %d: making it failed: %s", s->op->name, w->count,
                cd_error_message());
    CD_SCOPE();
    w->check(w, sample);
    w->count++;
}

static walk walk_samples(const cd_op *op, void (*check)(walk *w, const cd_sample *sample))
{
    walk w = { .samples = { .visit = visit, .expect = expect, .op = op }, .check = check };
    cases_of(op)->samples(&w.samples);
    return w;
}

static void description(void **state)
{
    const cd_op *op = *state;
    assert_that(op->name && op->like && op->formula && op->gradient && op->dtypes,
                "%s: name, like, formula, gradient and dtypes must be given", op->name);
    assert_that(!op->backward == !op->grad_fn, "%s: a gradient and its name go together", op->name);
    assert_that(op->elementwise != CD_SAME || op->computes_in != CD_EVERY_DTYPE ||
                    strncmp(op->dtypes, "floating", strlen("floating")) != 0,
                "%s: .dtypes says '%s', and without .computes_in it gets every dtype", op->name,
                op->dtypes);
}

/* A gradient that PyTorch has not implemented is an error here too; the op's samples avoid it. */
static bool has_gradient(const cd_op *op)
{
    return op->backward && strcmp(op->grad_fn, "NotImplemented") != 0;
}

static void forward(void **state)
{
    const cd_op *op = *state;
    walk w = walk_samples(op, forward_one);
    assert_that(w.count >= LEAST_SAMPLES, "%s: %d samples, at least %d are needed", op->name,
                w.count, LEAST_SAMPLES);
    assert_that(!has_gradient(op) || w.useful > 0, "%s: no sample has the grad_fn %s", op->name,
                op->grad_fn);
}

static void gradcheck(void **state)
{
    walk w = walk_samples(*state, gradcheck_one);
    assert_that(w.useful > 0, "%s: no sample has a gradient to check", w.samples.op->name);
}

static void gradgradcheck(void **state)
{
    walk w = walk_samples(*state, gradgradcheck_one);
    assert_that(w.useful > 0, "%s: no sample has a gradient to check", w.samples.op->name);
}

static void layout(void **state)
{
    (void)walk_samples(*state, layout_one);
}

static void stretched(void **state)
{
    (void)walk_samples(*state, stretched_one);
}

static void alone(void **state)
{
    walk w = walk_samples(*state, alone_one);
    assert_that(w.useful > 0, "%s: no sample has a gradient", w.samples.op->name);
}

static void precision(void **state)
{
    (void)walk_samples(*state, precision_one);
}

static void threads(void **state)
{
    (void)walk_samples(*state, threads_one);
}

static void allocation(void **state)
{
    (void)walk_samples(*state, allocation_one);
}

static void null_inputs(void **state)
{
    (void)walk_samples(*state, null_one);
}

static void misuse(void **state)
{
    const cd_op *op = *state;
    walk w = walk_misuses(op);
    assert_that(w.count >= LEAST_MISUSES, "%s: %d bad calls, at least %d are needed", op->name,
                w.count, LEAST_MISUSES);
    assert_that(w.useful > 0 || op->inputs == 0, "%s: no bad call passes NULL", op->name);
}

/* --- every op --------------------------------------------------------------------------------- */

typedef struct kind {
    const char *name;
    CMUnitTestFunction run;
    bool needs_backward, needs_second; /* derivatives, which not every op has */
    bool
        compares_inputs; /* of different layout or dtype, for which an op draws different numbers */
} kind;

static const kind kinds[] = {
    { .name = "description", .run = description },
    { .name = "forward", .run = forward },
    { .name = "gradcheck", .run = gradcheck, .needs_backward = true },
    { .name = "gradgradcheck", .run = gradgradcheck, .needs_backward = true, .needs_second = true },
    { .name = "layout", .run = layout },
    { .name = "stretched", .run = stretched, .compares_inputs = true },
    { .name = "alone", .run = alone, .needs_backward = true, .compares_inputs = true },
    { .name = "precision", .run = precision, .compares_inputs = true },
    { .name = "threads", .run = threads },
    { .name = "allocation", .run = allocation },
    { .name = "null", .run = null_inputs },
    { .name = "misuse", .run = misuse },
};

static bool applies(const kind *k, const cd_op *op)
{
    const bool no_input = strncmp(op->gradient, "none", 4) == 0;
    if (k->needs_backward && !has_gradient(op) && (!op->composed || no_input)) return false;
    if (k->compares_inputs && op->random) return false;
    return !k->needs_second || !op->first_order_only;
}

enum { KINDS = sizeof kinds / sizeof *kinds, NAME_BYTES = 64 };

/* test_ops, or test_ops NAME for the tests of one op. */
int main(int argc, char **argv)
{
    size_t ops = 0, count = 0;
    while (cd_ops[ops]) ops++;
    struct CMUnitTest *tests = calloc(ops * KINDS + 1, sizeof *tests);
    char(*names)[NAME_BYTES] = calloc(ops * KINDS, sizeof *names);
    if (!tests || !names) return 1;
    for (size_t i = 0; i < ops; i++) {
        for (size_t j = 0; j < KINDS; j++) {
            if (argc > 1 && strcmp(argv[1], cd_ops[i]->name) != 0) continue;
            if (!applies(&kinds[j], cd_ops[i])) continue;
            (void)snprintf(names[count], NAME_BYTES, "ops.%s: %s", cd_ops[i]->name, kinds[j].name);
            tests[count] = (struct CMUnitTest){ names[count], kinds[j].run, setup, teardown,
                                                (void *)(uintptr_t)cd_ops[i] };
            count++;
        }
    }
    if (argc == 1) {
        tests[count++] =
            (struct CMUnitTest){ "ops: bad calls of all", bad_calls_of_all, setup, teardown, NULL };
    }
    if (argc > 1 && count == 0) fprintf(stderr, "test_ops: there is no op %s\n", argv[1]);
    int status = test_run(tests, count);
    free(tests);
    free(names);
    return status;
}
