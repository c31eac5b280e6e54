/* Captured graphs (autograd/graph.h): a run must give the same bits as executing the captured code
 * again. And the errors of code that cannot be captured, and of runs that are not possible. */
#include "op_run.h"
#include "twin.h"

#include "autograd/function.h"
#include "autograd/graph.h"
#include "autograd/hooks.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"
#include "io/checkpoint.h"
#include "io/tensor_file.h"
#include "models/models.h"
#include "nn/init.h"
#include "optim/schedule.h"

/* A visitor of a module: checks that the tensor and its gradient have the same bits in another
 * module, the user data. */
static bool has_same(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    cd_tensor *other = cd_module_tensor(user, name);
    assert_that(same_bits(t, other), "%s differs", name);
    const cd_tensor *grad = cd_grad(t), *of_other = cd_grad(other);
    assert_that(!grad == !of_other && (!grad || same_bits(grad, of_other)),
                "the gradient of %s differs", name);
    return cd_ok();
}

static void expect_same_state(cd_module *a, cd_module *b)
{
    assert_true(cd_visit(a, has_same, b));
}

/* --- models ----------------------------------------------------------------------------------- */

static const int64_t hidden[] = { 16 };

static cd_module *mlp(void)
{
    cd_manual_seed(1);
    return cd_mlp(12, 3, .hidden = hidden, .hidden_count = 1);
}

static cd_module *resnet(void)
{
    cd_manual_seed(4);
    return cd_resnet18(.num_classes = 3);
}

/* A model and the step that trains it. The step is captured or executed; it has a dropout made of
 * ops. */
typedef struct training {
    cd_module *model;
    cd_optimizer *optimizer;
    cd_generator *generator;
    cd_shape shape;
} training;

static training training_of(cd_module *(*make)(void), cd_shape shape, double momentum)
{
    training t = { .model = make(), .shape = shape, .generator = cd_generator_new(9) };
    t.optimizer = cd_optim_sgd(t.model, .lr = 0.05, .momentum = momentum, .weight_decay = 1e-3);
    assert_ok();
    return t;
}

static cd_tensor *step(const training *t, cd_tensor *x, cd_tensor *y)
{
    cd_tensor *keep = cd_bernoulli(cd_full(t->shape, 0.8), .generator = t->generator);
    (void)cd_zero_grad(t->optimizer);
    cd_tensor *loss = cd_cross_entropy(cd_forward(t->model, cd_mul(x, keep)), y);
    (void)cd_backward(loss);
    (void)cd_step(t->optimizer);
    return loss;
}

/* Random inputs, and labels in three classes. */
static void batch(cd_shape shape, uint64_t seed, cd_tensor **x, cd_tensor **y)
{
    cd_generator *g = cd_generator_new(seed);
    *x = cd_randn(shape, .generator = g);
    *y = cd_randint(0, 3, CD_SHAPE(shape.dim[0]), .generator = g);
    assert_ok();
}

static cd_graph *capture_step(const training *t)
{
    cd_tensor *x, *y;
    batch(t->shape, 0, &x, &y);
    assert_true(cd_capture_begin(CD_TENSORS(x, y)));
    cd_tensor *loss = step(t, x, y);
    cd_graph *g = cd_capture_end(CD_TENSORS(loss));
    assert_ok();
    return g;
}

/* Trains two equal models: one by executing every step, the other by capturing the first step and
 * running the graph for the others. The models must stay equal. */
static void expect_same_training(cd_module *(*make)(void), cd_shape shape, double momentum)
{
    enum { STEPS = 5 };
    training captured = training_of(make, shape, momentum),
             plain = training_of(make, shape, momentum);
    cd_graph *g = capture_step(&captured);
    for (uint64_t i = 0; i < STEPS; i++) {
        CD_SCOPE();
        cd_tensor *x, *y, *of_graph, *loss;
        batch(shape, i, &x, &y);
        loss = step(&plain, x, y);
        if (i > 0) {
            assert_true(cd_graph_run(g, CD_TENSORS(x, y), &of_graph));
            assert_true(same_bits(of_graph, loss));
        }
        if (i == 2)
            assert_true(cd_set_lr(captured.optimizer, 0.2) && cd_set_lr(plain.optimizer, 0.2));
        expect_same_state(captured.model, plain.model);
    }
}

static void steps_of_an_mlp(void **state)
{
    (void)state;
    expect_same_training(mlp, CD_SHAPE(8, 12), 0.9);
    expect_same_training(mlp, CD_SHAPE(8, 12), 0);
}

static void steps_of_a_resnet18(void **state)
{
    (void)state;
    expect_same_training(resnet, CD_SHAPE(2, 3, 40, 40), 0.9);
}

/* Runs and executed steps alternate on one model. */
static void graph_and_program_take_turns(void **state)
{
    (void)state;
    const cd_shape shape = CD_SHAPE(8, 12);
    training turns = training_of(mlp, shape, 0.9), plain = training_of(mlp, shape, 0.9);
    cd_graph *g = capture_step(&turns);
    for (uint64_t i = 0; i < 6; i++) {
        CD_SCOPE();
        cd_tensor *x, *y, *loss;
        batch(shape, i, &x, &y);
        (void)step(&plain, x, y);
        if (i > 0 && i % 2 == 0) (void)step(&turns, x, y);
        if (i % 2 == 1) assert_true(cd_graph_run(g, CD_TENSORS(x, y), &loss));
        expect_same_state(turns.model, plain.model);
    }
}

static void expect_same_forward(cd_module *m, cd_shape shape, bool trains)
{
    CD_SCOPE();
    assert_true(trains ? cd_train(m) : cd_eval(m));
    cd_tensor *x = cd_randn(shape), *again;
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    cd_tensor *y = cd_forward(m, x);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    for (int i = 0; i < 2; i++) {
        x = cd_randn(shape);
        assert_true(cd_graph_run(g, CD_TENSORS(x), &again));
        assert_false(cd_requires_grad(again));
        assert_true(same_bits(again, cd_forward(m, x)));
    }
}

static void forward_of_every_model(void **state)
{
    (void)state;
    for (int trains = 0; trains < 2; trains++) {
        expect_same_forward(mlp(), CD_SHAPE(8, 12), trains);
        expect_same_forward(resnet(), CD_SHAPE(2, 3, 40, 40), trains);
        expect_same_forward(cd_nn_sequential(cd_nn_conv2d(3, 4, 3, .padding = 1, .groups = 1),
                                             cd_nn_max_pool2d(2), cd_nn_adaptive_avg_pool2d(2, 2)),
                            CD_SHAPE(2, 3, 9, 9), trains);
    }
}

static void a_step_on_another_device(void **state)
{
    (void)state;
    const cd_device there = twin();
    cd_module *here = mlp(), *m = mlp();
    assert_true(cd_module_to(m, there));
    cd_tensor *x, *y, *loss;
    batch(CD_SHAPE(8, 12), 0, &x, &y);
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.1, .momentum = 0.5);
    cd_optimizer *of_here = cd_optim_sgd(here, .lr = 0.1, .momentum = 0.5);
    cd_tensor *tx = cd_to_device(x, there), *ty = cd_to_device(y, there);
    assert_true(cd_capture_begin(CD_TENSORS(tx, ty)));
    (void)cd_zero_grad(o);
    loss = cd_cross_entropy(cd_forward(m, tx), ty);
    assert_true(cd_backward(loss) && cd_step(o));
    cd_graph *g = cd_capture_end(CD_TENSORS(loss));
    assert_ok();
    for (int i = 0; i < 3; i++) {
        (void)cd_zero_grad(of_here);
        assert_true(cd_backward(cd_cross_entropy(cd_forward(here, x), y)) && cd_step(of_here));
        if (i > 0) assert_true(cd_graph_run(g, CD_TENSORS(tx, ty), &loss));
        expect_same_state(m, here);
    }
    assert_false(cd_graph_run(g, CD_TENSORS(x, ty), &loss));
    assert_failed_with(CD_ERR_DEVICE, "input 0 is on cpu, and the graph was captured with one on "
                                      "twin");
}

/* --- memory ----------------------------------------------------------------------------------- */

static void a_steady_run_asks_the_system_for_nothing(void **state)
{
    (void)state;
    const cd_shape shape = CD_SHAPE(64, 12);
    training t = training_of(mlp, shape, 0.9);
    cd_graph *g = capture_step(&t);
    cd_tensor *x, *y, *loss;
    batch(shape, 1, &x, &y);
    int64_t calls = 0, objects = 0;
    for (int i = 0; i < 6; i++) {
        CD_SCOPE();
        assert_true(cd_graph_run(g, CD_TENSORS(x, y), &loss));
        if (i == 2) calls = cd_memory_stats().system_calls;
        if (i == 2) objects = cd_memory_stats().objects;
        if (i > 2) assert_int_equal(cd_memory_stats().objects, objects);
    }
#if !defined(TEST_ADDRESS_SANITIZER) && !defined(TEST_THREAD_SANITIZER)
    assert_int_equal(cd_memory_stats().system_calls, calls);
#else
    (void)calls;
#endif
}

static int64_t allocations_left; /* how many succeed before one fails */

static bool fails_once(size_t bytes)
{
    (void)bytes;
    return allocations_left-- == 0;
}

/* Whichever allocation fails, the capture or the run ends with an error, and nothing leaks (the
 * fixture looks for leaks). A graph whose run failed can be run again. */
static void memory_that_fails(void **state)
{
    (void)state;
    const cd_shape shape = CD_SHAPE(8, 12);
    cd_tensor *x, *y, *loss = NULL;
    batch(shape, 0, &x, &y);
    cd_graph *g = NULL;
    for (int64_t at = 0; !g; at++) {
        CD_SCOPE();
        training t = training_of(mlp, shape, 0.9);
        allocations_left = at;
        cd_memory_fault_hook = fails_once;
        cd_graph *captured = NULL;
        if (cd_capture_begin(CD_TENSORS(x, y))) {
            loss = step(&t, x, y);
            captured = cd_capture_end(CD_TENSORS(loss));
        }
        cd_memory_fault_hook = NULL;
        assert_false(cd_is_capturing());
        assert_true(captured ? cd_ok() : cd_error_code() == CD_ERR_MEMORY);
        cd_clear_error();
        if (captured) g = cd_escape(captured);
    }
    bool done = false;
    for (int64_t at = 0; !done; at++) {
        CD_SCOPE();
        allocations_left = at;
        cd_memory_fault_hook = fails_once;
        done = cd_graph_run(g, CD_TENSORS(x, y), &loss);
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "out of memory");
        assert_ok();
    }
}

/* A run frees the memory of each result after the last op that needs it, so a chain of ops needs
 * the memory of two results. */
static void a_run_needs_no_more_than_its_steps(void **state)
{
    (void)state;
    enum { LINKS = 50, BYTES = 1 << 20 };
    cd_tensor *x = cd_ones(CD_SHAPE(BYTES / 4)), *y = x;
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    for (int i = 0; i < LINKS; i++) y = cd_add(y, 1);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    const size_t before = cd_memory_stats().bytes_in_use;
    cd_memory_reset_peak();
    assert_true(cd_graph_run(g, CD_TENSORS(x), &y));
    assert_true(cd_memory_stats().bytes_peak - before < 4 * BYTES);
}

/* A graph whose run frees borrowed memory. The deleter of that memory runs the graph again, which
 * must be refused, and drops the graph. */
static cd_graph *running;
static cd_tensor *its_input;

static void run_again(void *memory, void *user)
{
    cd_tensor *y;
    (void)memory;
    if (!running) return;
    assert_false(cd_graph_run(running, CD_TENSORS(its_input), &y));
    assert_failed_with(CD_ERR_STATE, "graph_run: the graph is running already");
    *(int *)user += 1;
    (void)cd_drop(running);
}

static void a_graph_runs_once_at_a_time(void **state)
{
    (void)state;
    static float memory[2] = { 1, 2 };
    int called = 0;
    running = NULL;
    cd_tensor *w = cd_ones(CD_SHAPE(2), .requires_grad = true), *y;
    its_input = cd_ones(CD_SHAPE(2));
    {
        /* After this scope only the history of w's gradient owns the borrowed memory. */
        CD_SCOPE();
        cd_tensor *borrowed = cd_wrap(memory, CD_SHAPE(2), .deleter = run_again, .user = &called);
        cd_tensor *twice = cd_mul(cd_mul(w, borrowed), w);
        assert_true(cd_backward(cd_sum(twice), .create_graph = true));
    }
    assert_true(cd_capture_begin(CD_TENSORS(its_input)) && cd_grad_drop(w));
    y = cd_neg(its_input);
    running = cd_capture_end(CD_TENSORS(y));
    assert_non_null(running);
    {
        CD_SCOPE();
        cd_tensor *borrowed = cd_wrap(memory, CD_SHAPE(2), .deleter = run_again, .user = &called);
        cd_tensor *twice = cd_mul(cd_mul(w, borrowed), w);
        assert_true(cd_backward(cd_sum(twice), .create_graph = true));
    }
    assert_int_equal(called, 0);
    assert_true(cd_graph_run(running, CD_TENSORS(its_input), &y));
    assert_int_equal(called, 1);
}

/* A run makes no checks in anomaly mode, and changes running statistics as always. (In a call of
 * the program they change only after the outputs were checked.) */
static void anomaly_mode_around_a_run(void **state)
{
    (void)state;
    cd_module *m = cd_nn_batch_norm2d(2);
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2, 3, 3)), *y;
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    y = cd_log(cd_sub(cd_forward(m, x), 1));
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    cd_scope mode = cd_anomaly_mode_begin(true);
    assert_true(cd_graph_run(g, CD_TENSORS(x), &y));
    (void)cd_scope_end(mode);
    assert_true(isnan(cd_item(cd_sum(y))));
    assert_true(cd_item_int(cd_module_tensor(m, "num_batches_tracked")) == 2);
    assert_close(cd_item(cd_sum(cd_module_tensor(m, "running_mean"))), 2 * 0.19, 1e-6, 0);
}

/* A graph owns the memory that it reads until it is freed (the fixture looks for leaks). */
static void a_graph_keeps_what_it_reads(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(3)), *y;
    cd_graph *g;
    {
        CD_SCOPE();
        cd_tensor *w = cd_full(CD_SHAPE(3), 5);
        assert_true(cd_capture_begin(CD_TENSORS(x)));
        y = cd_mul(x, w);
        g = cd_escape(cd_capture_end(CD_TENSORS(y)));
        assert_ok();
    }
    assert_true(cd_graph_run(g, CD_TENSORS(x), &y));
    (void)cd_drop(g);
    assert_true(cd_item(cd_sum(y)) == 15);
}

/* --- inputs ----------------------------------------------------------------------------------- */

static cd_graph *capture_doubling(cd_tensor *x)
{
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    cd_tensor *y = cd_sum_dim(cd_mul(cd_t(x), 2), 1);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    return g;
}

static void inputs_with_other_layouts(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(4, 3)), *y, *whole = cd_randn(CD_SHAPE(9, 3));
    cd_graph *of_rows = capture_doubling(x),
             *of_columns = capture_doubling(cd_t(cd_randn(CD_SHAPE(3, 4))));
    cd_tensor *inputs[] = { x, cd_slice(whole, 0, 2, 6, 1), cd_slice(whole, 0, 1, 9, 2),
                            cd_t(cd_randn(CD_SHAPE(3, 4))),
                            cd_expand(cd_randn(CD_SHAPE(3)), CD_SHAPE(4, 3)) };
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        cd_tensor *right = cd_sum_dim(cd_mul(cd_t(cd_contiguous(inputs[i])), 2), 1);
        assert_true(cd_graph_run(of_rows, CD_TENSORS(inputs[i]), &y) && same_bits(y, right));
        assert_true(cd_graph_run(of_columns, CD_TENSORS(inputs[i]), &y) && same_bits(y, right));
    }
}

/* The captured code must not read or change memory beside an input: each run has another input,
 * with other memory beside it. */
static void memory_beside_an_input(void **state)
{
    (void)state;
    cd_tensor *data = cd_arange(8.0), *x = cd_narrow(data, 0, 2, 4),
              *column = cd_view(x, CD_SHAPE(4, 1));
    const char *text = "the captured code reaches the memory of an input by another tensor";
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_false(cd_sub(x, cd_mean(data)));
    assert_failed_with(CD_ERR_UNSUPPORTED, text);
    assert_false(cd_add_(data, 1));
    assert_failed_with(CD_ERR_UNSUPPORTED, text);
    assert_false(cd_neg(column)); /* a view made before the capture */
    assert_failed_with(CD_ERR_UNSUPPORTED, text);
    assert_false(cd_as_strided(x, CD_SHAPE(3), CD_SHAPE(2), 3));
    assert_failed_with(CD_ERR_UNSUPPORTED, text);
    assert_non_null(cd_as_strided(x, CD_SHAPE(2), CD_SHAPE(2), 3));
    assert_null(cd_capture_end(CD_TENSORS(data)));
    assert_failed_with(CD_ERR_UNSUPPORTED, text);
    assert_true(cd_item(cd_sum(data)) == 28);
}

/* Elements of the captured input overlapped in memory. An input whose elements do not overlap
 * cannot be copied into that layout. */
static void an_input_that_was_expanded(void **state)
{
    (void)state;
    cd_tensor *x = cd_expand(cd_ones(CD_SHAPE(3)), CD_SHAPE(2, 3)), *y;
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    y = cd_mul(x, 2);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    cd_tensor *other = cd_expand(cd_full(CD_SHAPE(3), 4), CD_SHAPE(2, 3));
    assert_true(cd_graph_run(g, CD_TENSORS(other), &y) && cd_item(cd_sum(y)) == 48);
    assert_false(cd_graph_run(g, CD_TENSORS(cd_ones(CD_SHAPE(2, 3))), &y));
    assert_failed_with(CD_ERR_ARGUMENT, "lies in memory in another order");
}

static void an_input_that_is_changed(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2)), *other = cd_full(CD_SHAPE(3, 2), 5), *y;
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    (void)cd_mul_(cd_select(x, 0, 1), 3);
    cd_graph *g = cd_capture_end(CD_TENSORS(x));
    assert_ok();
    cd_tensor *part = cd_slice(other, 0, 1, 3, 1);
    const uint32_t version = cd_version(other);
    assert_true(cd_graph_run(g, CD_TENSORS(part), &y));
    const float right[6] = { 5, 5, 5, 5, 15, 15 };
    assert_true(same_bits(other, cd_from_array(right, CD_SHAPE(3, 2))) && same_bits(y, part));
    assert_true(cd_version(other) > version);
    cd_tensor *p = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    assert_false(cd_graph_run(g, CD_TENSORS(p), &y) ||
                 cd_graph_run(g, CD_TENSORS(cd_mul(p, 2)), &y));
    assert_failed_with(CD_ERR_AUTOGRAD, "input 0 requires gradients, and the graph changes it");
    assert_false(cd_graph_run(g, CD_TENSORS(cd_mul(p, 2)), &y));
    assert_failed_with(CD_ERR_AUTOGRAD, "input 0 requires gradients, and the graph changes it");
    {
        CD_NO_GRAD();
        assert_true(cd_graph_run(g, CD_TENSORS(p), &y) && cd_item(cd_sum(p)) == 8);
    }
    assert_false(cd_graph_run(g, CD_TENSORS(cd_t(cd_randn(CD_SHAPE(2, 2)))), &y));
    assert_failed_with(CD_ERR_ARGUMENT, "input 0 lies in memory in another order than the one that "
                                        "the graph was captured with, and the graph changes it");
}

static void inputs_of_another_kind(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(4, 3)), *y = NULL;
    cd_graph *g = capture_doubling(x);
    assert_false(cd_graph_run(g, CD_TENSORS(cd_randn(CD_SHAPE(3, 4))), &y));
    assert_failed_with(CD_ERR_SHAPE, "graph_run: input 0 has shape 3x4, and the graph was captured "
                                     "with 4x3: capture another for this shape");
    assert_false(cd_graph_run(g, CD_TENSORS(cd_randn(CD_SHAPE(4, 3), .dtype = CD_F64)), &y));
    assert_failed_with(CD_ERR_DTYPE, "graph_run: input 0 is float64, and the graph was captured "
                                     "with float32");
    assert_false(cd_graph_run(g, CD_TENSORS(x, x), &y));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_run: 2 inputs are given, and the graph was captured "
                                        "with 1");
    assert_false(cd_graph_run(g, CD_TENSORS(NULL), &y));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_run: input 0 is NULL");
    assert_false(cd_graph_run(g, CD_TENSORS(x), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_run: outputs is NULL, and the graph has 1");
    assert_false(cd_graph_run(NULL, CD_TENSORS(x), &y));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_run: the graph is NULL");
    assert_null(y);
}

/* --- what the captured code may do ------------------------------------------------------------ */

static void gradients_of_gradients(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(3), .requires_grad = true), *d, *dd, *out[2];
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    d = cd_autograd_grad(cd_sum(cd_pow(x, 3)), x, .create_graph = true);
    dd = cd_autograd_grad(cd_sum(cd_mul(d, d)), x);
    cd_graph *g = cd_capture_end(CD_TENSORS(d, dd));
    assert_ok();
    x = cd_from_array(((const float[]){ 1, 2, -1 }), CD_SHAPE(3));
    assert_true(cd_graph_run(g, CD_TENSORS(x), out));
    assert_true(same_bits(out[0], cd_from_array(((const float[]){ 3, 12, 3 }), CD_SHAPE(3))));
    assert_true(same_bits(out[1], cd_from_array(((const float[]){ 36, 288, -36 }), CD_SHAPE(3))));
}

/* If the gradient is not dropped before, the captured pass adds to the gradient that the leaf has.
 * A run adds to the gradient that the leaf has at that time. */
static void gradients_that_add_up(void **state)
{
    (void)state;
    cd_tensor *w = cd_ones(CD_SHAPE(2), .requires_grad = true), *x = cd_full(CD_SHAPE(2), 3), *loss;
    assert_true(cd_backward(cd_sum(cd_mul(w, x))));
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    loss = cd_sum(cd_mul(w, x));
    assert_true(cd_backward(loss));
    cd_graph *g = cd_capture_end(CD_TENSORS(loss));
    assert_ok();
    assert_true(cd_item(cd_sum(cd_grad(w))) == 12);
    assert_true(cd_graph_run(g, CD_TENSORS(x), &loss) && cd_item(cd_sum(cd_grad(w))) == 18);
    assert_true(cd_grad_drop(w));
    assert_false(cd_graph_run(g, CD_TENSORS(x), &loss));
    assert_failed_with(CD_ERR_STATE, "a leaf has no gradient, which the graph reads");
    assert_true(cd_backward(cd_sum(w)));
    assert_true(cd_graph_run(g, CD_TENSORS(x), &loss) && cd_item(cd_sum(cd_grad(w))) == 8);
    /* A leaf that had no gradient in the capture has one now. */
    assert_true(cd_grad_drop(w) && cd_capture_begin(CD_TENSORS(x)));
    loss = cd_sum(cd_mul(w, x));
    assert_true(cd_backward(loss));
    g = cd_capture_end(CD_TENSORS(loss));
    assert_ok();
    assert_false(cd_graph_run(g, CD_TENSORS(x), &loss));
    assert_failed_with(CD_ERR_STATE, "a leaf has a gradient, and had none");
    assert_true(cd_grad_drop(w) && cd_graph_run(g, CD_TENSORS(x), &loss));
    assert_true(cd_item(cd_sum(cd_grad(w))) == 6);
}

/* A captured step that begins by using the gradient of the step before. */
static void gradients_from_before_the_capture(void **state)
{
    (void)state;
    float of_graph[4], of_program[4];
    cd_tensor *x, *y, *loss;
    batch(CD_SHAPE(8, 12), 0, &x, &y);
    for (int captured = 0; captured < 2; captured++) {
        cd_module *m = mlp();
        cd_optimizer *o = cd_optim_sgd(m, .lr = 0.1);
        cd_graph *g = NULL;
        float *to = captured ? of_graph : of_program;
        assert_true(cd_backward(cd_cross_entropy(cd_forward(m, x), y)));
        for (int i = 0; i < 4; i++) {
            if (captured && i == 0) assert_true(cd_capture_begin(CD_TENSORS(x, y)));
            if (!captured || i == 0) {
                assert_true(cd_step(o) && cd_zero_grad(o));
                loss = cd_cross_entropy(cd_forward(m, x), y);
                assert_true(cd_backward(loss));
            }
            if (captured && i == 0) g = cd_capture_end(CD_TENSORS(loss));
            if (captured && i > 0) assert_true(cd_graph_run(g, CD_TENSORS(x, y), &loss));
            to[i] = (float)cd_item(loss);
        }
    }
    assert_memory_equal(of_graph, of_program, sizeof of_graph);
    /* The program asks for the gradient with cd_grad, and computes with it. */
    cd_tensor *w = cd_ones(CD_SCALAR, .requires_grad = true), *seen;
    assert_true(cd_backward(cd_mul(w, 3)));
    assert_true(cd_capture_begin((cd_tensors){ .count = 0 }));
    seen = cd_mul(cd_grad(w), 10);
    assert_true(cd_grad_drop(w) && cd_backward(cd_mul(w, 7)));
    cd_graph *g = cd_capture_end(CD_TENSORS(seen));
    assert_true(g && cd_item(seen) == 30);
    assert_true(cd_graph_run(g, (cd_tensors){ .count = 0 }, &seen) && cd_item(seen) == 70);
    /* The gradient that the leaf has in the run is zeroed in place. */
    assert_true(cd_capture_begin((cd_tensors){ .count = 0 }) && cd_grad_zero_(w));
    g = cd_capture_end((cd_tensors){ .count = 0 });
    assert_true(cd_grad_drop(w) && cd_backward(cd_mul(w, 7)) && cd_item(cd_grad(w)) == 7);
    assert_true(cd_graph_run(g, (cd_tensors){ .count = 0 }, NULL) && cd_item(cd_grad(w)) == 0);
}

/* How the gradient of a product is computed depends on its elements, which a capture does not
 * read: the graph of a run without a 0 is right for elements of which one or two are 0. */
static void gradient_of_a_product(void **state)
{
    (void)state;
    CD_SCOPE();
    static const float values[][3] = { { 2, 3, 4 }, { 2, 0, 4 }, { 0, 3, 0 } };
    static const float right[][3] = { { 12, 8, 6 }, { 0, 8, 0 }, { 0, 0, 0 } };
    cd_tensor *w = cd_zeros(CD_SHAPE(3), .requires_grad = true), *x = cd_ones(CD_SHAPE(3));
    assert_true(cd_backward(cd_prod(cd_add(w, x))));
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_true(cd_grad_drop(w) && cd_backward(cd_prod(cd_add(w, x))));
    cd_graph *g = cd_capture_end((cd_tensors){ .count = 0 });
    assert_non_null(g);
    for (int i = 0; i < 3; i++) {
        float got[3];
        cd_tensor *now = cd_from_array(values[i], CD_SHAPE(3));
        assert_true(cd_graph_run(g, CD_TENSORS(now), NULL));
        assert_true(cd_read(cd_grad(w), got, sizeof got));
        assert_memory_equal(got, right[i], sizeof got);
    }
}

/* An input, or a tensor made in the captured code, is another tensor in each run. As a leaf it
 * would get its gradient in the tensor of the capture, so that is refused. */
static void leaves_that_are_not_the_graphs(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true), *w;
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_false(cd_backward(cd_sum(x)));
    assert_failed_with(CD_ERR_UNSUPPORTED,
                       "a leaf that is an input of the captured graph, or was made");
    w = cd_set_requires_grad(cd_clone(cd_detach(x)), true);
    assert_false(cd_backward(cd_sum(w)));
    assert_failed_with(CD_ERR_UNSUPPORTED,
                       "a leaf that is an input of the captured graph, or was made");
    assert_false(cd_grad(x) || cd_grad(w));
    assert_non_null(cd_capture_end((cd_tensors){ .count = 0 }));
}

static void leaves_that_have_changed(void **state)
{
    (void)state;
    cd_module *m = mlp();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 12)), *y;
    assert_true(cd_capture_begin(CD_TENSORS(x)) && cd_zero_grad(m));
    y = cd_sum(cd_forward(m, x));
    assert_true(cd_backward(y));
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_true(g && cd_zero_grad(m) && cd_freeze(m));
    assert_false(cd_graph_run(g, CD_TENSORS(x), &y));
    assert_failed_with(CD_ERR_STATE, "a leaf has ceased to require gradients");
    assert_true(cd_unfreeze(m) && cd_graph_run(g, CD_TENSORS(x), &y));
    assert_true(cd_graph_name_module(g, m) && cd_module_to(m, CD_META));
    assert_false(cd_graph_run(g, CD_TENSORS(x), &y));
    assert_failed_with(CD_ERR_STATE, "graph_run: 1.weight lies elsewhere (cd_module_to)");
}

static void outputs_of_every_kind(void **state)
{
    (void)state;
    cd_tensor *x = cd_arange(4.0), *w = cd_ones(CD_SHAPE(2, 2)), *out[5];
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    cd_tensor *view = cd_view(x, CD_SHAPE(2, 2)), *made = cd_add(view, w), *part = cd_t(made);
    cd_graph *g = cd_capture_end(CD_TENSORS(x, view, w, made, part));
    assert_ok();
    cd_tensor *next = cd_from_array(((const float[]){ 5, 6, 7, 8 }), CD_SHAPE(4));
    assert_true(cd_graph_run(g, CD_TENSORS(next), out));
    assert_true(same_bits(out[0], next) && same_bits(out[1], cd_view(next, CD_SHAPE(2, 2))));
    assert_true(out[2]->storage == w->storage && out[1]->storage == next->storage);
    assert_true(same_bits(out[3], cd_add(cd_view(next, CD_SHAPE(2, 2)), 1)));
    assert_true(same_bits(out[4], cd_t(out[3])) && out[4]->storage == out[3]->storage);
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    g = cd_capture_end((cd_tensors){ .count = 0 });
    assert_true(g && cd_graph_run(g, CD_TENSORS(x), NULL));
}

static void variadic_and_random_ops(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(2, 2)), *y, *in[9];
    for (int i = 0; i < 9; i++) in[i] = x;
    cd_generator *one = cd_generator_new(3), *two = cd_generator_new(3);
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    y = cd_cat((cd_tensors){ in, 9 }, 0);
    y = cd_add(y, cd_rand_like(y, .generator = one));
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    (void)cd_rand(CD_SHAPE(18, 2), .generator = two);
    for (int i = 0; i < 9; i++) in[i] = cd_mul(x, 1);
    for (int i = 0; i < 2; i++) {
        cd_tensor *right =
            cd_add(cd_cat((cd_tensors){ in, 9 }, 0), cd_rand(CD_SHAPE(18, 2), .generator = two));
        assert_true(cd_graph_run(g, CD_TENSORS(x), &y) && same_bits(y, right));
    }
    (void)cd_drop(one); /* the graph still owns its state */
    assert_true(cd_graph_run(g, CD_TENSORS(x), &y));
}

/* A kernel's check that fails ends the run; changes in place made before that stay. */
static void an_index_that_is_out_of_range(void **state)
{
    (void)state;
    cd_tensor *count = cd_zeros(CD_SCALAR), *table = cd_arange(5.0);
    cd_tensor *index = cd_arange(3), *y;
    assert_true(cd_capture_begin(CD_TENSORS(index)));
    (void)cd_add_(count, 1);
    y = cd_gather(table, 0, index);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    cd_tensor *wrong = cd_add(index, 3);
    assert_false(cd_graph_run(g, CD_TENSORS(wrong), &y));
    assert_failed_with(CD_ERR_ARGUMENT, "gather: index 5");
    assert_true(cd_item(count) == 2);
    assert_true(cd_graph_run(g, CD_TENSORS(index), &y) && cd_item(count) == 3);
    assert_true(cd_item(cd_sum(y)) == 3);
}

/* --- what cannot be captured ------------------------------------------------------------------ */

#define expect_refused(text_, result_)                                                             \
    do {                                                                                           \
        assert_false(result_);                                                                     \
        assert_failed_with(CD_ERR_UNSUPPORTED, text_ ": a graph is being captured, and cannot ");  \
    } while (0)

static void reading_and_writing_elements(void **state)
{
    (void)state;
    float out[2];
    cd_tensor *x = cd_ones(CD_SHAPE(2)), *one = cd_ones(CD_SCALAR), *index = cd_arange(2);
    cd_module *m = mlp();
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.1);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/m.safetensors", test_folder());
    assert_true(cd_save(m, path));
    unsigned char rng[CD_RNG_STATE_BYTES];
    assert_true(cd_get_rng_state(rng, sizeof rng));
    cd_generator *generator = cd_generator_new(1);
    cd_scheduler *schedule = cd_schedule_cosine(o, 2);
    cd_tensor_file *file = cd_tensor_file_open(path);
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_true(cd_is_capturing());
    expect_refused("item", cd_item(one) == 0);
    expect_refused("item_int", cd_item_int(one) != 0);
    expect_refused("read", cd_read(x, out, sizeof out));
    expect_refused("write", cd_write(x, out, sizeof out));
    expect_refused("data", cd_data(x));
    expect_refused("data_mut", cd_data_mut(x));
    expect_refused("to_string", cd_to_string(x));
    expect_refused("print", cd_print(stdout, x));
    expect_refused("masked_select", cd_masked_select(x, cd_gt(x, 0)));
    expect_refused("one_hot", cd_one_hot(index, -1));
    expect_refused("save", cd_save(m, path));
    expect_refused("from_array", cd_from_array(out, CD_SHAPE(2)));
    expect_refused("wrap", cd_wrap(out, CD_SHAPE(2)));
    expect_refused("tensor_file_read", cd_tensor_file_read(file, "1.weight"));
    cd_manual_seed(1);
    assert_failed_with(CD_ERR_UNSUPPORTED, "manual_seed: a graph is being captured");
    expect_refused("generator_manual_seed", cd_generator_manual_seed(generator, 1));
    expect_refused("generator_new", cd_generator_new(1));
    expect_refused("get_rng_state", cd_get_rng_state(rng, sizeof rng));
    expect_refused("set_rng_state", cd_set_rng_state(rng, sizeof rng));
    expect_refused("generator_get_state", cd_generator_get_state(generator, rng, sizeof rng));
    expect_refused("generator_set_state", cd_generator_set_state(generator, rng, sizeof rng));
    expect_refused("lr", cd_lr(o) != 0);
    expect_refused("scheduler_step", cd_scheduler_step(schedule));
    expect_refused("schedule_cosine", cd_schedule_cosine(o, 2));
    expect_refused("load", cd_load(m, path));
    expect_refused("set_lr", cd_set_lr(o, 1));
    expect_refused("module_to", cd_module_to(m, CD_CPU));
    /* The capture goes on, without the call that was refused. */
    cd_tensor *y = cd_neg(x);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_true(g && cd_graph_run(g, CD_TENSORS(x), &y) && cd_item(cd_sum(y)) == -2);
    /* The refused step of the schedule has not counted: this one is the first of two, and halves
     * the rate. */
    assert_true(cd_scheduler_step(schedule) && fabs(cd_lr(o) - 0.05) < 1e-12);
}

static cd_tensor *same(cd_tensor *gradient, void *user)
{
    (void)user;
    return gradient;
}

static bool look(cd_tensor *leaf, void *user)
{
    (void)leaf;
    (void)user;
    return true;
}

static bool hook_of_a_module(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    (void)a;
    (void)user;
    return true;
}

static bool own_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_mul(in[0], 2);
    return out[0];
}

static bool own_backward(cd_context *ctx, cd_tensor *const *dy, cd_tensor **dx)
{
    (void)ctx;
    dx[0] = cd_mul(dy[0], 2);
    return dx[0];
}

static const cd_function own = {
    .name = "Own", .inputs = 1, .outputs = 1, .forward = own_forward, .backward = own_backward
};

static void hooks_and_custom_functions(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true), *computed = cd_mul(x, 2);
    cd_tensor *by_own = cd_apply(&own, x), *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *kept = cd_retain_grad(cd_mul(x, 3)),
              *plain = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_module *m = cd_nn_relu();
    assert_true(cd_register_hook(computed, same) && cd_register_hook(leaf, same));
    assert_true(cd_register_post_accumulate_grad_hook(plain, look));
    assert_true(cd_register_forward_hook(m, hook_of_a_module));
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    expect_refused("Own", cd_apply(&own, x));
    expect_refused("Own", cd_backward(cd_sum(by_own)));
    expect_refused("backward", cd_backward(cd_sum(computed)));
    expect_refused("backward", cd_backward(cd_sum(leaf)));
    expect_refused("backward", cd_backward(cd_sum(kept)));
    expect_refused("backward", cd_backward(cd_sum(plain)));
    expect_refused("ReLU", cd_forward(m, x));
    assert_null(cd_grad(x));
    assert_non_null(cd_capture_end((cd_tensors){ .count = 0 }));
}

static void captures_that_are_wrong(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2)), *y = cd_neg(x);
    assert_null(cd_capture_end(CD_TENSORS(y)));
    assert_failed_with(CD_ERR_STATE, "capture_end: no graph is being captured");
    assert_false(cd_capture_begin(CD_TENSORS(x, cd_view(x, CD_SHAPE(1, 2)))));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "capture_begin: input 1 lies in the memory of an earlier one");
    assert_false(cd_capture_begin(CD_TENSORS(x, NULL)));
    assert_failed_with(CD_ERR_ARGUMENT, "capture_begin: input 1 is NULL");
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_false(cd_capture_begin(CD_TENSORS(y)));
    assert_failed_with(CD_ERR_STATE, "captures a graph already");
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_non_null(g);
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    expect_refused("graph_run", cd_graph_run(g, CD_TENSORS(x), &y));
    {
        CD_SCOPE();
        assert_null(cd_capture_end(CD_TENSORS(y)));
        assert_failed_with(CD_ERR_STATE, "still open");
    }
    /* While an error is pending. */
    (void)cd_fail(CD_ERR_ARGUMENT, "something else");
    assert_null(cd_capture_end(CD_TENSORS(y)));
    assert_failed_with(CD_ERR_ARGUMENT, "something else");
    assert_false(cd_is_capturing());
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_null(cd_capture_end(CD_TENSORS(NULL)));
    assert_failed_with(CD_ERR_ARGUMENT, "capture_end: output 0 is NULL");
    /* A capture ends with the scope in which it began. */
    {
        CD_SCOPE();
        assert_true(cd_capture_begin(CD_TENSORS(x)));
        (void)cd_neg(x);
    }
    assert_false(cd_is_capturing());
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_non_null(cd_capture_end(CD_TENSORS(x)));
}

/* --- printing --------------------------------------------------------------------------------- */

static void expect_printed(const cd_graph *g, const char *text)
{
    char *shown = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&shown, &bytes);
    assert_non_null(f);
    assert_true(cd_print_graph(f, g));
    assert_int_equal(fclose(f), 0);
    assert_string_equal(shown, text);
    free(shown);
}

static void a_step_is_printed(void **state)
{
    (void)state;
    cd_manual_seed(1);
    cd_module *m = cd_nn_linear(4, 2);
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.1, .momentum = 0.9);
    cd_tensor *x = cd_randn(CD_SHAPE(8, 4)), *y = cd_randn(CD_SHAPE(8, 2));
    assert_true(cd_capture_begin(CD_TENSORS(x, y)));
    assert_true(cd_zero_grad(o));
    cd_tensor *loss = cd_mse_loss(cd_forward(m, x), y);
    assert_true(cd_backward(loss) && cd_step(o));
    cd_graph *g = cd_capture_end(CD_TENSORS(loss));
    assert_true(cd_graph_name_module(g, m) && cd_graph_name_optimizer(g, o));
    expect_printed(g,
                   "graph(%0: float32 8x4, %1: float32 8x2)\n"
                   "  changes weight: float32 2x4\n"
                   "  changes bias: float32 2\n"
                   "  reads rate: float64 scalar\n"
                   "  reads momentum: float64 scalar\n"
                   "  changes weight.step: int64 scalar\n"
                   "  changes weight.momentum_buffer: float32 2x4\n"
                   "  changes bias.step: int64 scalar\n"
                   "  changes bias.momentum_buffer: float32 2\n"
                   "  gradient of weight = none\n"
                   "  gradient of bias = none\n"
                   "  %4: float32 4x2 = t(weight)\n"
                   "  %5: float32 8x2 = addmm(bias, %0, %4, beta=1, alpha=1)\n"
                   "  %6: float32 scalar = mse_loss(%5, %1, reduction=mean)\n"
                   "  %7: float32 scalar = full(shape=scalar, value=1, dtype=float32)\n"
                   "  %8: float32 8x2 = mse_loss_backward(%7, %5, %1, factor=0.125)\n"
                   "  %9: float32 2x8 = t(%8)\n"
                   "  %10: float32 2x4 = mm(%9, %0)\n"
                   "  %11: float32 4x2 = t(%10)\n"
                   "  %12: float32 2 = sum_to_shape(%8, shape=2)\n"
                   "  gradient of bias = %12\n"
                   "  gradient of weight = %10\n"
                   "  sgd_step_(weight, %10, rate, momentum, weight.step, weight.momentum_buffer, "
                   "dampening=0, weight_decay=0, nesterov=false, maximize=false)\n"
                   "  sgd_step_(bias, %12, rate, momentum, bias.step, bias.momentum_buffer, "
                   "dampening=0, weight_decay=0, nesterov=false, maximize=false)\n"
                   "  return %6\n");
}

static void every_kind_of_attribute_is_printed(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(1, 2, 5, 5)), *w = cd_randn(CD_SHAPE(3, 2, 3, 3));
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    cd_tensor *y = cd_conv2d(x, w, NULL, .stride = 2, .padding = 1);
    (void)cd_add_(y, 1);
    y = cd_clamp(cd_to(y, CD_F64), -1, 1.5);
    y = cd_sum_dim(y, 1, .keepdim = true);
    y = cd_sub(2.5, y);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_ok();
    expect_printed(g, "graph(%0: float32 1x2x5x5)\n"
                      "  reads %1: float32 3x2x3x3\n"
                      "  %2: float32 1x3x3x3 = conv2d(%0, %1, none, stride=2x2, padding=1x1, "
                      "dilation=1x1, groups=1)\n"
                      "  add_(%2, 1)\n"
                      "  %3: float64 1x3x3x3 = to(%2, dtype=float64)\n"
                      "  %4: float64 1x3x3x3 = clamp(%3, low=-1, high=1.5)\n"
                      "  %5: float64 1x1x3x3 = sum_dim(%4, dims=(1), keepdim=true)\n"
                      "  %6: float64 1x1x3x3 = sub(2.5, %5)\n"
                      "  return %6\n");
}

static void names(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2)), *w = cd_ones(CD_SHAPE(2));
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    cd_tensor *y = cd_add(x, w);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_true(cd_graph_name(g, w, "first") && cd_graph_name(g, cd_view(w, CD_SHAPE(1, 2)), "w"));
    expect_printed(g, "graph(%0: float32 2)\n"
                      "  reads w: float32 2\n"
                      "  %2: float32 2 = add(%0, w)\n"
                      "  return %2\n");
    assert_true(cd_graph_name(g, w, "a\nb"));
    expect_printed(g, "graph(%0: float32 2)\n"
                      "  reads a\\nb: float32 2\n"
                      "  %2: float32 2 = add(%0, a\\nb)\n"
                      "  return %2\n");
    assert_false(cd_graph_name(g, cd_neg(w), "other"));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_name: the graph has not met the memory");
    assert_true(cd_graph_name(g, x, "x") && cd_graph_name(g, x, "x") && cd_graph_name(g, y, "y"));
    assert_false(cd_graph_name(g, y, "x"));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_name: something else is called 'x' already");
    assert_false(cd_graph_name(g, w, "") || cd_graph_name(g, w, "%1"));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_name: '' is no name");
    assert_false(cd_graph_name(g, w, "%1"));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_name: '%1' is no name");
    assert_false(cd_graph_name(g, w, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "graph_name: the name is NULL");
    assert_false(cd_print_graph(NULL, g));
    assert_failed_with(CD_ERR_ARGUMENT, "print_graph: the stream is NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(steps_of_an_mlp),
        TEST(steps_of_a_resnet18),
        TEST(graph_and_program_take_turns),
        TEST(forward_of_every_model),
        TEST(a_step_on_another_device),
        TEST(a_steady_run_asks_the_system_for_nothing),
        TEST(memory_that_fails),
        TEST(a_graph_keeps_what_it_reads),
        TEST(inputs_with_other_layouts),
        TEST(memory_beside_an_input),
        TEST(an_input_that_was_expanded),
        TEST(a_run_needs_no_more_than_its_steps),
        TEST(a_graph_runs_once_at_a_time),
        TEST(anomaly_mode_around_a_run),
        TEST(gradients_from_before_the_capture),
        TEST(gradient_of_a_product),
        TEST(leaves_that_are_not_the_graphs),
        TEST(leaves_that_have_changed),
        TEST(an_input_that_is_changed),
        TEST(inputs_of_another_kind),
        TEST(gradients_of_gradients),
        TEST(gradients_that_add_up),
        TEST(outputs_of_every_kind),
        TEST(variadic_and_random_ops),
        TEST(an_index_that_is_out_of_range),
        TEST(reading_and_writing_elements),
        TEST(hooks_and_custom_functions),
        TEST(captures_that_are_wrong),
        TEST(a_step_is_printed),
        TEST(every_kind_of_attribute_is_printed),
        TEST(names),
    };
    return RUN(tests);
}
