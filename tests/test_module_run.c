/* Modules: training and evaluation mode, freezing, parameters, and calls of forward. */
#include "hostile.h"

#include "goldens.h"
#include "modules.h"

#include "core/threads.h"
#include "models/models.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"
#include "nn/summary.h"
#include "optim/optim.h"

/* --- modes --------------------------------------------------------------------------------------
 */

static void modes_reach_all_below(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 2), *bn = cd_module_get(m, "layer3.0.downsample.1");
    assert_true(cd_is_training(bn));
    assert_true(cd_eval(m));
    assert_false(cd_is_training(bn));
    assert_true(cd_train(m));
    assert_true(cd_is_training(bn));
}

static void freezing_takes_gradients_away(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 2);
    cd_tensor *w = cd_module_tensor(m, "weight");
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_ones(CD_SHAPE(1, 2))))));
    assert_non_null(cd_grad(w));
    assert_true(cd_freeze(m));
    assert_null(cd_grad(w));
    assert_false(cd_requires_grad(w));
    assert_false(cd_requires_grad(cd_forward(m, cd_ones(CD_SHAPE(1, 2)))));
    assert_int_equal(cd_num_trainable_parameters(m), 0);
    assert_int_equal(cd_num_parameters(m), 6);
    assert_true(cd_is_frozen(m));
    assert_true(cd_unfreeze(m));
    assert_true(cd_requires_grad(w));
    assert_false(cd_is_frozen(m));
    assert_int_equal(cd_num_trainable_parameters(m), 6);
}

static void freezing_outlasts_train(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *bn = cd_nn_batch_norm2d(2);
    cd_tensor *x = cd_full(CD_SHAPE(2, 2, 3, 3), 5);
    assert_true(cd_freeze(bn) && cd_train(bn));
    assert_false(cd_is_training(bn));
    cd_tensor *y = cd_forward(bn, x);
    /* The running mean is 0, the running variance 1. */
    assert_close(element(y, 0), 5 / sqrt(1 + 1e-5), 1e-6, 0);
    assert_close(element(cd_module_tensor(bn, "running_mean"), 0), 0, 0, 0);
    assert_close(element(cd_module_tensor(bn, "running_var"), 0), 1, 0, 0);
    assert_int_equal(cd_item_int(cd_module_tensor(bn, "num_batches_tracked")), 0);
}

static void unfrozen_module_trains_again(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *bn = cd_nn_batch_norm2d(2);
    assert_true(cd_freeze(bn) && cd_unfreeze(bn));
    assert_true(cd_is_training(bn));
    assert_non_null(cd_forward(bn, cd_full(CD_SHAPE(2, 2, 3, 3), 5)));
    assert_close(element(cd_module_tensor(bn, "running_mean"), 0), 0.5, 1e-6, 0);
    assert_int_equal(cd_item_int(cd_module_tensor(bn, "num_batches_tracked")), 1);
}

static void child_put_in_after_freezing_is_not_frozen(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 10);
    assert_true(cd_freeze(m));
    assert_true(cd_module_set(m, "fc", cd_nn_linear(512, 4)));
    assert_int_equal(cd_num_trainable_parameters(m), 512 * 4 + 4);
    assert_false(cd_is_frozen(cd_module_get(m, "fc")));
    assert_true(cd_is_frozen(m));
}

static void modes_do_nothing_while_an_error_is_pending(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 2);
    (void)cd_fail(CD_ERR_STATE, "before");
    assert_false(cd_eval(m));
    assert_false(cd_freeze(m));
    assert_false(cd_module_zero_grad(m));
    assert_false(cd_register_buffer(m, "b", NULL, NULL));
    assert_false(cd_module_set(m, "weight", m));
    assert_null(cd_forward(m, cd_module_tensor(m, "weight")));
    assert_failed_with(CD_ERR_STATE, "before");
    assert_true(cd_is_training(m) && !cd_is_frozen(m));
}

/* --- counting, gradients ------------------------------------------------------------------------
 */

static void shared_parameter_counts_once(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *linear = cd_nn_linear(3, 3);
    cd_module *m = cd_nn_sequential(linear, cd_nn_relu(), linear);
    assert_int_equal(cd_num_parameters(m), 12);
    int count[3] = { 0 };
    /* cd_visit visits it under both names, as PyTorch's state_dict has it. */
    assert_true(cd_visit(m, count_kinds, count));
    assert_int_equal(count[CD_PARAMETER], 4);
    assert_non_null(cd_optim_sgd(m, .lr = 1));
}

/* A list of the paths that are visited. */
static bool list_module(const char *path, cd_module *m, void *user)
{
    (void)m;
    char *text = user;
    (void)snprintf(text + strlen(text), 100 - strlen(text), "[%s]", path);
    return true;
}

/* As in named_modules and named_parameters, a shared module has the first of its paths. A state
 * dict and a summary have all of them. */
static void shared_module_has_its_first_path(void **state)
{
    (void)state;
    CD_SCOPE();
    char text[100] = "";
    cd_module *linear = cd_nn_linear(3, 3), *tail = cd_nn_sequential(linear, cd_nn_relu());
    cd_module *m = cd_nn_sequential(linear, tail, tail);
    assert_true(cd_visit_modules(m, list_module, text));
    assert_string_equal(text, "[][0][1][1.1]");
    assert_int_equal(cd_num_parameters(m), 12);
    assert_int_equal(cd_dict_count(cd_state_dict(m)), 6);

    assert_int_equal(cd_freeze_matching(m, "1.*"), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "no parameter's name matches \"1.*\"");
    assert_int_equal(cd_freeze_matching(m, "*"), 2);
    assert_int_equal(cd_unfreeze_matching(m, "0.*"), 2);

    cd_optimizer *sgd = cd_optim_sgd(m, .lr = 1);
    assert_int_equal(cd_optimizer_group(sgd, "1.*"), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "1.*");
    assert_int_equal(cd_optimizer_group(sgd, "0.weight", .lr = 2), 1);

    char summary[1000];
    int64_t products;
    assert_true(cd_summary(m, CD_SHAPE(1, 3), .text = summary, .bytes = sizeof summary,
                           .multiply_adds = &products));
    assert_non_null(strstr(summary, "0: Linear"));
    assert_non_null(strstr(summary, "1.0: Linear"));
    assert_int_equal(products, 3 * 9);

    assert_true(cd_freeze(tail));
    assert_true(cd_is_frozen(linear));
}

/* 40 modules, each of which is in the one before twice, have 2^40 paths. */
static void modules_that_are_shared_at_each_level_are_visited_once(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_relu();
    for (int i = 0; i < 40; i++) m = cd_nn_sequential(m, m);
    assert_true(cd_eval(m));
    assert_false(cd_is_training(m));
}

static void zero_grad_drops_gradients(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 2));
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_ones(CD_SHAPE(1, 2))))));
    assert_non_null(cd_grad(cd_module_tensor(m, "0.bias")));
    assert_true(cd_zero_grad(m));
    assert_null(cd_grad(cd_module_tensor(m, "0.bias")));
}

/* --- calling ------------------------------------------------------------------------------------
 */

static void users_module_runs_and_learns(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = scaled_new();
    cd_tensor *y = cd_forward(m, cd_ones(CD_SHAPE(2, 3)));
    assert_int_equal(cd_size(y, 1), 4);
    assert_true(cd_backward(cd_sum(y)));
    cd_tensor *g = cd_grad(cd_module_tensor(m, "scale"));
    assert_close(cd_item(g), cd_item(cd_sum(y)), 1e-6, 0);
    assert_non_null(cd_grad(cd_module_tensor(m, "inner.weight")));
    assert_int_equal(cd_num_parameters(m), 17);
}

static void wrong_number_of_inputs_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(1, 2));
    assert_null(cd_forward(cd_nn_linear(2, 2), x, x));
    assert_failed_with(CD_ERR_ARGUMENT, "forward: Linear takes 1 input, and got 2");
    assert_null(cd_forward(cd_nn_mse_loss(), x));
    assert_failed_with(CD_ERR_ARGUMENT, "forward: MSELoss takes 2 inputs, and got 1");
    assert_null(cd_forward_with(cd_module_new(&many_class), &x, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "forward: Many takes 1 input");
    assert_non_null(cd_forward(cd_module_new(&many_class), x, x, x));
}

static void null_input_and_module_are_errors(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_forward(cd_nn_relu(), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "ReLU: the input is NULL");
    assert_null(cd_forward(NULL, cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_ARGUMENT, "forward: the module is NULL");
}

static void silent_failure_gets_a_sentence(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_forward(cd_module_new(&silent_class), cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_STATE, "forward: Silent failed without saying why");
    assert_null(cd_forward(cd_module_new(&nothing_class), cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_ARGUMENT, "Nothing: the output is NULL");
}

static bool give_the_first(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static bool forget_an_error(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    (void)cd_sqrt(NULL);
    return true;
}

static void what_forward_says_is_looked_after(void **state)
{
    (void)state;
    static const cd_module_class first = { .name = "First",
                                           .size = sizeof(cd_module),
                                           .inputs = 1,
                                           .outputs = 2,
                                           .forward = give_the_first };
    static const cd_module_class forgets = {
        .name = "Forgets", .size = sizeof(cd_module), .inputs = 1, .forward = forget_an_error
    };
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SCALAR), *out[2] = { NULL, NULL };
    assert_false(cd_forward_n(cd_module_new(&first), &x, 1, out, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "First: the output is NULL");
    assert_null(out[0]);
    assert_null(cd_forward(cd_module_new(&forgets), x));
    assert_failed_with(CD_ERR_ARGUMENT, "sqrt: ");
}

static void several_outputs_come_by_forward_n(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *in[2] = { cd_ones(CD_SCALAR), cd_zeros(CD_SCALAR) }, *out[2] = { NULL, NULL };
    cd_module *m = cd_module_new(&swap_class);
    assert_true(cd_forward_n(m, in, 2, out, 2));
    assert_ptr_equal(out[0], in[0]);
    assert_ptr_equal(out[1], in[1]);
    out[0] = NULL;
    assert_false(cd_forward_n(m, in, 2, out, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "Two gives 2 outputs, and room for 1 was given");
    assert_null(out[0]);
    assert_null(cd_forward(m, in[0], in[1]));
    assert_failed_with(CD_ERR_ARGUMENT, "Two gives 2 outputs: use cd_forward_n");
}

static void what_a_forward_makes_beside_its_outputs_is_freed(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = scaled_new();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3));
    int64_t before = cd_memory_stats().objects;
    cd_drop(cd_clone(x));
    cd_tensor *one = cd_clone(x);
    int64_t a_tensor = cd_memory_stats().objects - before;
    cd_drop(one);
    cd_tensor *y = cd_forward(m, x);
    assert_int_equal(cd_memory_stats().objects, before + a_tensor);
    assert_true(cd_drop(y));
}

static void destroy_functions_are_called_once(void **state)
{
    (void)state;
    destroyed = 0;
    {
        CD_SCOPE();
        cd_module *m = cd_module_new(&pass_class);
        (void)cd_nn_sequential(m, cd_nn_sequential(m));
        assert_int_equal(destroyed, 0);
    }
    assert_int_equal(destroyed, 1);
}

static void replaced_child_is_destroyed_when_nobody_holds_it(void **state)
{
    (void)state;
    CD_SCOPE();
    destroyed = 0;
    cd_module *outer;
    {
        CD_SCOPE();
        outer = cd_escape(cd_nn_sequential(cd_module_new(&pass_class)));
    }
    assert_true(cd_module_set(outer, "0", cd_nn_relu()));
    assert_int_equal(destroyed, 1);
}

/* A tensor that a module hands on as its output is owned twice then, as the output and as before:
 * cd_forward_drop takes back one of the two. */
static void an_input_that_is_handed_on_is_not_dropped(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    const float numbers[] = { -1, 2 }, expected[] = { 0, 2 };
    float out[2];
    cd_tensor *x = cd_from_array(numbers, CD_SHAPE(2));
    cd_module *relu = cd_nn_relu(), *same = cd_module_new(&pass_class);
    cd_tensor *y = cd_forward(cd_nn_sequential(relu, same, same, relu), x);
    assert_true(cd_read(y, out, sizeof out));
    assert_memory_equal(out, expected, sizeof out);
    y = cd_forward_drop(same, y);
    assert_true(cd_read(y, out, sizeof out));
    assert_memory_equal(out, expected, sizeof out);
}

static void deep_chain_infers_with_two_activations(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    enum { LAYERS = 50, WIDTH = 32, ROWS = 4096 };
    cd_module *layer[LAYERS];
    /* The third of three layers hands its input on. */
    for (int i = 0; i < LAYERS; i++) {
        layer[i] = i % 3 == 0   ? cd_nn_linear(WIDTH, WIDTH)
                   : i % 3 == 1 ? cd_nn_relu()
                                : cd_module_new(&pass_class);
    }
    cd_module *m = cd_nn_sequential_n(layer, LAYERS);
    cd_tensor *x = cd_randn(CD_SHAPE(ROWS, WIDTH));
    cd_drop(cd_forward(m, x)); /* allocates the buffers that kernels reuse */
    size_t before = cd_memory_stats().bytes_in_use, activation = (size_t)ROWS * WIDTH * 4;
    cd_memory_reset_peak();
    cd_tensor *y = cd_forward(m, x);
    assert_non_null(y);
    size_t more = cd_memory_stats().bytes_peak - before;
    assert_that(more < 3 * activation, "%zu bytes of activations, one is %zu", more, activation);
}

static bool build(void *user)
{
    (void)user;
    CD_SCOPE();
    cd_module *trunk = cd_nn_sequential(cd_nn_conv2d(3, 4, 3, .padding = 1), cd_nn_batch_norm2d(4),
                                        cd_nn_relu(), cd_nn_max_pool2d(2));
    cd_module *m = cd_nn_sequential(trunk, cd_nn_adaptive_avg_pool2d(1, 1), cd_nn_flatten(),
                                    cd_nn_linear(4, 2));
    if (!m) return false;
    bool done = cd_module_set(m, "3", cd_nn_linear(4, 3)) && cd_freeze(m) && cd_num_parameters(m);
    return done && cd_ok();
}

static void building_survives_every_failing_allocation(void **state)
{
    (void)state;
    cd_set_num_threads(1);
    assert_true(build(NULL)); /* the allocator has the memory it needs now */
    assert_true(sweep_memory(build, NULL) > 30);
}

static bool infer(void *user)
{
    CD_SCOPE();
    cd_module *m = ((void **)user)[0];
    cd_tensor *x = ((void **)user)[1];
    return cd_forward(m, x) && cd_ok();
}

/* If a forward pass in training mode fails, either batch norm's statistics are unchanged, or they
 * are updated and the batch is counted. */
static void forward_survives_every_failing_allocation(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_set_num_threads(1);
    cd_module *bn = cd_nn_batch_norm2d(2);
    cd_module *m = cd_nn_sequential(cd_nn_conv2d(3, 2, 3), bn, cd_nn_relu());
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3, 5, 5));
    void *both[] = { m, x };
    assert_true(infer(both));
    assert_true(sweep_memory(infer, both) > 5);
    double moved = element(cd_module_tensor(bn, "running_var"), 0);
    int64_t count = cd_item_int(cd_module_tensor(bn, "num_batches_tracked"));

    cd_module *again = cd_nn_batch_norm2d(2);
    cd_tensor *h = cd_forward(cd_module_get(m, "0"), x);
    for (int64_t i = 0; i < count; i++) (void)cd_forward(again, h);
    assert_close(moved, element(cd_module_tensor(again, "running_var"), 0), 1e-5, 0);
}

/* A module of one's own: a stem, and blocks in a list, of which number 1 does not fit. */
typedef struct net {
    cd_module module;
    cd_module *stem, *blocks, *missing;
} net;

static bool net_forward(cd_module *m, const cd_arguments *a)
{
    net *self = (net *)m;
    cd_tensor *x = cd_forward(self->stem, a->in[0]);
    for (int i = 0; i < 2; i++) x = cd_forward(cd_module_child(self->blocks, i), x);
    a->out[0] = cd_forward(self->missing, x); /* NULL: forgotten */
    return a->out[0];
}

static const cd_module_class net_class = { "Net", sizeof(net), 1, .forward = net_forward };

static net *new_net(int64_t width)
{
    net *self = (net *)cd_module_new(&net_class);
    (void)cd_register_child(&self->module, "stem", &self->stem, cd_nn_linear(3, 4));
    (void)cd_register_child(&self->module, "blocks", &self->blocks,
                            cd_nn_module_list(cd_nn_linear(4, 4), cd_nn_linear(width, 2)));
    (void)cd_register_child(&self->module, "missing", &self->missing, NULL);
    assert_ok();
    return self;
}

/* The place of a failed call is named, through modules of one's own and lists too. */
static void an_error_names_the_place(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *wide = cd_ones(CD_SHAPE(2, 5));
    net *self = new_net(5);
    assert_null(cd_forward(&self->module, x));
    assert_failed_with(CD_ERR_SHAPE, "blocks.1 (Linear): linear: x (2x4) does not fit");
    assert_null(cd_forward(cd_nn_sequential(cd_nn_identity(), &self->module), x));
    assert_failed_with(CD_ERR_SHAPE, "1 (Net): blocks.1 (Linear): linear: x (2x4)");
    assert_null(cd_forward(&self->module, wide));
    assert_failed_with(CD_ERR_SHAPE, "stem (Linear): linear: x (2x5)");
    assert_null(cd_forward(&self->module, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "Net: the input is NULL");
    self = new_net(4);
    assert_null(cd_forward(&self->module, x));
    assert_failed_with(CD_ERR_ARGUMENT, "Net: forward: the module is NULL");
    assert_null(cd_linear(x, cd_ones(CD_SHAPE(2, 2)), NULL)); /* outside of every module */
    assert_failed_with(CD_ERR_SHAPE, "linear: x (2x3)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_error_names_the_place),
        TEST(modes_reach_all_below),
        TEST(freezing_takes_gradients_away),
        TEST(freezing_outlasts_train),
        TEST(unfrozen_module_trains_again),
        TEST(child_put_in_after_freezing_is_not_frozen),
        TEST(modes_do_nothing_while_an_error_is_pending),
        TEST(shared_parameter_counts_once),
        TEST(shared_module_has_its_first_path),
        TEST(modules_that_are_shared_at_each_level_are_visited_once),
        TEST(zero_grad_drops_gradients),
        TEST(users_module_runs_and_learns),
        TEST(wrong_number_of_inputs_is_an_error),
        TEST(null_input_and_module_are_errors),
        TEST(silent_failure_gets_a_sentence),
        TEST(what_forward_says_is_looked_after),
        TEST(several_outputs_come_by_forward_n),
        TEST(what_a_forward_makes_beside_its_outputs_is_freed),
        TEST(destroy_functions_are_called_once),
        TEST(replaced_child_is_destroyed_when_nobody_holds_it),
        TEST(an_input_that_is_handed_on_is_not_dropped),
        TEST(deep_chain_infers_with_two_activations),
        TEST(building_survives_every_failing_allocation),
        TEST(forward_survives_every_failing_allocation),
    };
    return RUN(tests);
}
