/* Every op of ops.def in a captured graph. Each sample is captured, with gradients and without, and
 * the graph is run on other inputs, where it must give the same bits as calling the op. */
#include "op_run.h"

#include "autograd/graph.h"
#include "core/random_internal.h"

enum { RUNS = 4, OUTPUTS = INPUTS + 1 };

static int captured; /* the number of graphs, over all ops */

static int setup(void **state)
{
    (void)test_setup(state);
    cd_manual_seed(5);
    return cd_ok() ? 0 : 1;
}

/* The inputs that are not NULL, as a list. */
static cd_tensors list_of(cd_tensor *const *in, cd_tensor **list)
{
    cd_tensors all = { list, 0 };
    for (int k = 0; k < INPUTS; k++) {
        if (in[k]) list[all.count++] = in[k];
    }
    return all;
}

/* Calls the op. Puts the result, and the gradients of inputs that have one, into `out`. Returns
 * their number; 0 if the op fails. */
static int evaluate(const cd_sample *sample, cd_tensor *const *in, cd_tensor **out)
{
    int count = 0;
    cd_tensor *y = sample->call(in, sample->parameters);
    if (!y || !cd_ok()) return 0;
    out[count++] = y;
    if (!cd_grad_enabled() || !cd_dtype_is_floating(y->dtype) || !cd_requires_grad(y)) return count;
    for (int k = 0; k < INPUTS; k++) {
        if (!in[k] || !is_variable(sample, k)) continue;
        cd_tensor *dx = cd_autograd_grad(cd_sum(cd_mul(y, y)), in[k], .retain_graph = true,
                                         .allow_unused = true);
        if (!cd_ok()) return 0;
        if (dx) out[count++] = dx;
    }
    return count;
}

/* The graph of one sample; NULL when the op cannot be captured. */
static cd_graph *capture(const walk *w, const cd_sample *sample, bool scatter, int *outputs)
{
    cd_tensor *in[INPUTS], *list[INPUTS], *out[OUTPUTS];
    make_inputs(sample, CD_F32, scatter, in);
    assert_true(cd_capture_begin(list_of(in, list)));
    *outputs = evaluate(sample, in, out);
    cd_error error;
    const bool failed = cd_error_take(&error);
    cd_graph *g = cd_capture_end((cd_tensors){ out, *outputs });
    assert_that(g && (!failed || *outputs == 0), "%s: %s", describe(w, sample), cd_error_message());
    const bool allowed = w->samples.op->contiguous_only || error.code == CD_ERR_UNSUPPORTED;
    assert_that(!failed || allowed, "%s, captured: %s", describe(w, sample), error.message);
    return failed ? NULL : g;
}

/* Runs the graph, and calls the op on equal inputs with the same random state: outputs and inputs
 * must have the same bits afterwards. */
static void expect_same_run(const walk *w, const cd_sample *sample, bool scatter, cd_graph *g,
                            int outputs)
{
    CD_SCOPE();
    cd_tensor *in[INPUTS], *again[INPUTS], *list[INPUTS], *got[OUTPUTS], *right[OUTPUTS];
    unsigned char state[CD_RNG_STATE_BYTES];
    make_inputs(sample, CD_F32, scatter, in);
    make_inputs(sample, CD_F32, scatter, again);
    assert_true(cd_get_rng_state(state, sizeof state));
    assert_that(cd_graph_run(g, list_of(in, list), got), "%s, run: %s", describe(w, sample),
                cd_error_message());
    assert_true(cd_set_rng_state(state, sizeof state));
    assert_int_equal(evaluate(sample, again, right), outputs);
    for (int k = 0; k < outputs; k++) {
        assert_that(same_bits(got[k], right[k]), "%s: output %d of the graph has other bits",
                    describe(w, sample), k);
    }
    for (int k = 0; k < INPUTS; k++) {
        assert_that(same_bits(in[k], again[k]), "%s: the graph changes input %d otherwise",
                    describe(w, sample), k);
    }
}

static void check_graph(walk *w, const cd_sample *sample, bool scatter)
{
    CD_SCOPE();
    int outputs;
    cd_graph *g = capture(w, sample, scatter, &outputs);
    cd_memory_info before = cd_memory_stats();
    for (int i = 0; g && i < RUNS; i++) {
        expect_same_run(w, sample, scatter, g, outputs);
        const cd_memory_info now = cd_memory_stats();
        /* The first run makes views of the memory that the graph owns, and the graph keeps them. */
        assert_that(
            i == 0 || (now.objects == before.objects && now.blocks_in_use == before.blocks_in_use),
            "%s: a run leaves %lld objects and %lld blocks", describe(w, sample),
            (long long)(now.objects - before.objects),
            (long long)(now.blocks_in_use - before.blocks_in_use));
        before = now;
    }
    captured += g != NULL;
}

static void graph_one(walk *w, const cd_sample *sample)
{
    for (int scatter = 0; scatter < 2; scatter++) {
        check_graph(w, sample, scatter);
        CD_NO_GRAD();
        check_graph(w, sample, scatter);
    }
}

static void in_a_graph(void **state)
{
    walk_all_samples(*state, graph_one);
}

static void as_many_as_there_are(void **state)
{
    enum { LEAST = 4000 };
    (void)state;
    print_message("%d captures\n", captured);
    assert_true(captured >= LEAST);
}

/* Whether the op's samples cannot be captured: they read elements, or copy between devices. */
static bool cannot_be_captured(const cd_op *op)
{
    return op == &cd_op_sgd_step || op == &cd_op_to_device;
}

enum { NAME_BYTES = 64 };

/* test_graph_ops, or test_graph_ops NAME for one op. */
int main(int argc, char **argv)
{
    size_t ops = 0, count = 0;
    while (cd_ops[ops]) ops++;
    struct CMUnitTest *tests = calloc(ops + 1, sizeof *tests);
    char(*names)[NAME_BYTES] = calloc(ops, sizeof *names);
    if (!tests || !names) return 1;
    for (size_t i = 0; i < ops; i++) {
        if ((argc > 1 && strcmp(argv[1], cd_ops[i]->name) != 0) || cannot_be_captured(cd_ops[i]))
            continue;
        (void)snprintf(names[count], NAME_BYTES, "graph_ops.%s", cd_ops[i]->name);
        tests[count] = (struct CMUnitTest){ names[count], in_a_graph, setup, test_teardown,
                                            (void *)(uintptr_t)cd_ops[i] };
        count++;
    }
    if (argc == 1) tests[count++] = (struct CMUnitTest)TEST(as_many_as_there_are);
    int status = test_run(tests, count);
    free(tests);
    free(names);
    return status;
}
