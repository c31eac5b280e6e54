/* Every op of ops.def on the twin, where results must have the same bits as on the CPU, and on the
 * meta device, where they must have the same shapes and dtypes. */
#include "op_run.h"
#include "twin.h"

/* --- inputs ----------------------------------------------------------------------------------- */

/* A leaf on the device with x's elements, strides and offset. */
static cd_tensor *leaf_on(cd_tensor *x, cd_device device)
{
    cd_shape flat = { .ndim = 1, .dim = { cd_layout_end(&x->layout) } };
    cd_tensor *base = cd_hand(cd_tensor_new_on("placed", device, x->dtype, &flat));
    assert_ok();
    cd_tensor *t = cd_hand(cd_tensor_view(base, &x->shape, x->stride, x->offset));
    assert_ok();
    {
        CD_NO_GRAD();
        (void)cd_copy_(t, x);
    }
    (void)cd_set_requires_grad(t, x->requires_grad);
    assert_ok();
    return t;
}

/* Makes the sample's inputs on the device. */
static void make_inputs_on(const cd_sample *sample, bool scatter, cd_device device, cd_tensor **in)
{
    cd_tensor *here[INPUTS];
    make_inputs(sample, CD_F32, scatter, here);
    for (int k = 0; k < INPUTS; k++) in[k] = here[k] ? leaf_on(here[k], device) : NULL;
}

static bool has_gradient(const cd_tensor *y)
{
    return cd_dtype_is_floating(y->dtype) && cd_requires_grad(y);
}

/* Runs the op forward, and backward if it has a gradient; false with an error. */
static bool run_forward_backward(const cd_sample *sample, cd_tensor *const *in, result *out)
{
    *out = (result){ .y = sample->call(in, sample->parameters) };
    if (!out->y || !has_gradient(out->y)) return out->y != NULL;
    cd_tensor *weights = cd_to_device(weights_for(out->y), cd_device_of(out->y));
    if (!weights || !cd_backward(out->y, .gradient = weights)) return false;
    for (int k = 0; k < INPUTS; k++) out->gradient[k] = in[k] ? cd_grad(in[k]) : NULL;
    return cd_ok();
}

/* --- the twin --------------------------------------------------------------------------------- */

/* Runs a sample on the CPU and on the twin with the same seed, and compares the bits. */
static void expect_same(const walk *w, const cd_sample *sample, bool scatter)
{
    CD_SCOPE();
    cd_tensor *here[INPUTS], *there[INPUTS];
    result expected, actual;
    make_inputs(sample, CD_F32, scatter, here);
    make_inputs_on(sample, scatter, twin(), there);
    cd_manual_seed(7);
    if (!run_forward_backward(sample, here, &expected)) {
        assert_true(w->samples.op->contiguous_only);
        cd_clear_error();
        return;
    }
    cd_manual_seed(7);
    assert_that(run_forward_backward(sample, there, &actual), "%s, on the twin: %s",
                describe(w, sample), cd_error_message());
    assert_that(same_bits(actual.y, expected.y), "%s: other bits on the twin", describe(w, sample));
    for (int k = 0; k < INPUTS; k++) {
        assert_that(same_bits(actual.gradient[k], expected.gradient[k]),
                    "%s: other bits on the twin in the gradient of input %d", describe(w, sample),
                    k);
        assert_true(!actual.gradient[k] || cd_device_of(actual.gradient[k]) == twin());
    }
}

static void twin_one(walk *w, const cd_sample *sample)
{
    expect_same(w, sample, false);
    expect_same(w, sample, true);
}

/* --- the meta device -------------------------------------------------------------------------- */

/* Checks that a result on the meta device has the shape, dtype and order of the one on the CPU. */
static void expect_described(const walk *w, const cd_sample *sample, const cd_tensor *actual,
                             const cd_tensor *expected)
{
    assert_that(!actual == !expected, "%s: on the meta device there is %s", describe(w, sample),
                actual ? "a gradient more" : "no gradient");
    if (!actual) return;
    assert_that(cd_shape_equal(actual->shape, expected->shape) && actual->dtype == expected->dtype,
                "%s: another shape or dtype on the meta device", describe(w, sample));
    assert_true(cd_is_contiguous(actual) == cd_is_contiguous(expected));
    assert_that(cd_device_of(actual) == CD_META, "%s: the result has left the meta device",
                describe(w, sample));
}

/* Whether the shape of the result, or of a gradient, depends on elements. On the meta device that
 * is an error. */
static bool reads_elements(const cd_op *op, const cd_sample *sample)
{
    return op->cpu.measure || op == &cd_op_masked_scatter || op == &cd_op_unique ||
           op == &cd_op_unique_consecutive || (op == &cd_op_one_hot && sample->parameters[0] == -1);
}

static void meta_one(walk *w, const cd_sample *sample)
{
    cd_tensor *here[INPUTS], *there[INPUTS];
    result expected, actual;
    /* Not for constructors, which test_device.c tests, and not for cd_to_device, whose samples move
     * back from the meta device. */
    if (!sample->input[0] || w->samples.op == &cd_op_to_device) return;
    make_inputs(sample, CD_F32, false, here);
    make_inputs_on(sample, false, CD_META, there);
    assert_true(run_forward_backward(sample, here, &expected));
    const bool done = run_forward_backward(sample, there, &actual);
    if (!done && reads_elements(w->samples.op, sample)) {
        assert_failed_with(CD_ERR_UNSUPPORTED, "depend");
        return;
    }
    assert_that(done, "%s, on the meta device: %s", describe(w, sample), cd_error_message());
    expect_described(w, sample, actual.y, expected.y);
    for (int k = 0; k < INPUTS; k++) {
        expect_described(w, sample, actual.gradient[k], expected.gradient[k]);
    }
}

/* --- all ops ---------------------------------------------------------------------------------- */

static void on_the_twin(void **state)
{
    walk_all_samples(*state, twin_one);
}

static void on_the_meta_device(void **state)
{
    walk_all_samples(*state, meta_one);
}

static int setup(void **state)
{
    (void)test_setup(state);
    cd_manual_seed(5);
    (void)twin();
    return cd_ok() ? 0 : 1;
}

enum { NAME_BYTES = 64 };

/* test_devices, or test_devices NAME for the tests of one op. */
int main(int argc, char **argv)
{
    size_t ops = 0, count = 0;
    while (cd_ops[ops]) ops++;
    struct CMUnitTest *tests = calloc(2 * ops, sizeof *tests);
    char(*names)[NAME_BYTES] = calloc(2 * ops, sizeof *names);
    if (!tests || !names) return 1;
    for (size_t i = 0; i < ops; i++) {
        if (argc > 1 && strcmp(argv[1], cd_ops[i]->name) != 0) continue;
        for (int meta = 0; meta < 2; meta++) {
            (void)snprintf(names[count], NAME_BYTES, "devices.%s: %s", cd_ops[i]->name,
                           meta ? "meta" : "twin");
            tests[count] =
                (struct CMUnitTest){ names[count], meta ? on_the_meta_device : on_the_twin, setup,
                                     test_teardown, (void *)(uintptr_t)cd_ops[i] };
            count++;
        }
    }
    int status = test_run(tests, count);
    free(tests);
    free(names);
    return status;
}
