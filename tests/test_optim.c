/* Optimizers and schedules: SGD and cosine annealing against PyTorch (golden/make_nn.py), which
 * parameters change, failing steps, misuse. */
#include "hostile.h"

#include "goldens.h"

#include "nn/layers.h"
#include "optim/optim.h"

/* --- SGD against PyTorch ------------------------------------------------------------------------
 */

/* A new parameter with the stored initial values. */
static cd_tensor *start(void)
{
    return cd_set_requires_grad(golden("sgd.w"), true);
}

/* Gives w the gradient g: d(sum(w * g))/dw = g. */
static void give_gradient(cd_tensor *w, cd_tensor *g)
{
    CD_SCOPE();
    assert_true(cd_backward(cd_sum(cd_mul(w, g))));
}

static void follows_pytorch(const char *name, cd_tensor *w, cd_optimizer *sgd)
{
    cd_tensor *all = golden("sgd.g"), *expected = golden("sgd.%s", name);
    for (int64_t t = 0; t < cd_size(all, 0); t++) {
        CD_SCOPE();
        assert_true(cd_zero_grad(sgd));
        give_gradient(w, cd_index(all, t));
        assert_true(cd_step(sgd));
        assert_near(w, cd_index(expected, t), 1e-6, 1e-6);
    }
}

static void plain_sgd_follows_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    follows_pytorch("plain", w, cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1));
}

static void default_rate_is_pytorchs(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = &w, .count = 1);
    assert_close(cd_lr(sgd), 1e-3, 0, 0);
    follows_pytorch("default_lr", w, sgd);
}

static void weight_decay_follows_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    follows_pytorch("decay", w,
                    cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1, .weight_decay = 0.05));
}

static void momentum_follows_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    follows_pytorch("momentum", w,
                    cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1, .momentum = 0.9));
}

static void dampening_follows_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    follows_pytorch("dampening", w,
                    cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1, .momentum = 0.9,
                                 .dampening = 0.3));
}

static void nesterov_follows_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    follows_pytorch("nesterov", w,
                    cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1, .momentum = 0.9,
                                 .nesterov = true));
}

static void all_options_together_follow_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start(), *v = start();
    follows_pytorch("all", w,
                    cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1, .momentum = 0.8,
                                 .dampening = 0.2, .weight_decay = 0.05));
    follows_pytorch("nesterov_decay", v,
                    cd_optim_sgd(NULL, .tensors = &v, .count = 1, .lr = 0.1, .momentum = 0.8,
                                 .nesterov = true, .weight_decay = 0.05));
}

/* --- which parameters change --------------------------------------------------------------------
 */

static void rate_of_minus_zero_moves_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = CD_ZERO);
    assert_close(cd_lr(sgd), 0, 0, 0);
    give_gradient(w, golden("sgd.w"));
    assert_true(cd_step(sgd));
    assert_near(w, golden("sgd.w"), 0, 0);
}

/* A parameter that is frozen after a step: momentum and weight decay must not change it any more.
 * (PyTorch changes it if gradients are set to zero and not to None.) */
static void parameter_frozen_late_stays(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(3, 2);
    cd_optimizer *sgd = cd_optim_sgd(m, .lr = 0.1, .momentum = 0.9, .weight_decay = 0.1);
    cd_tensor *x = cd_ones(CD_SHAPE(1, 3)), *w = cd_module_tensor(m, "weight");
    assert_true(cd_backward(cd_sum(cd_forward(m, x))) && cd_step(sgd));
    assert_true(cd_freeze(m));
    cd_tensor *before = cd_clone(w);
    uint32_t version = cd_version(w);
    assert_true(cd_step(sgd));
    assert_near(w, before, 0, 0);
    assert_int_equal(cd_version(w), version);
}

static void only_parameters_with_gradients_move(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *list[2] = { start(), start() };
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = list, .count = 2, .lr = 1);
    give_gradient(list[1], cd_ones(CD_SHAPE(6)));
    assert_true(cd_step(sgd));
    assert_near(list[0], golden("sgd.w"), 0, 0);
    assert_near(list[1], cd_sub(golden("sgd.w"), 1), 1e-6, 1e-6);
}

static void step_counts_as_a_write(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1);
    cd_tensor *loss = cd_sum(cd_mul(w, w)); /* saves w */
    give_gradient(w, cd_ones(CD_SHAPE(6)));
    assert_true(cd_step(sgd));
    assert_true(cd_is_leaf(w) && cd_requires_grad(w));
    assert_false(cd_backward(loss));
    assert_int_equal(cd_error_code(), CD_ERR_AUTOGRAD);
    cd_clear_error();
}

static void zero_grad_drops_the_gradients(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1);
    give_gradient(w, cd_ones(CD_SHAPE(6)));
    assert_non_null(cd_grad(w));
    assert_true(cd_zero_grad(sgd));
    assert_null(cd_grad(w));
    assert_true(cd_step(sgd)); /* no parameter has a gradient */
    assert_near(w, golden("sgd.w"), 0, 0);
}

static void gradient_of_any_layout_is_taken(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = cd_zeros(CD_SHAPE(2, 3), .requires_grad = true), *g = cd_randn(CD_SHAPE(3, 2));
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 1);
    assert_true(cd_backward(cd_sum(cd_mul(cd_t(w), g))));
    assert_true(cd_step(sgd));
    assert_near(w, cd_neg(cd_t(g)), 1e-6, 0);
}

static void f64_parameters_move_in_f64(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = cd_zeros(CD_SHAPE(2), .dtype = CD_F64, .requires_grad = true);
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 1e-10, .momentum = 0.5);
    for (int t = 0; t < 2; t++) {
        assert_true(cd_zero_grad(sgd));
        assert_true(cd_backward(cd_sum(w)) && cd_step(sgd));
    }
    assert_close(element(w, 0), -2.5e-10, 1e-12, 0);
}

/* --- all or none --------------------------------------------------------------------------------
 */

typedef struct trio {
    cd_tensor *w[3];
    cd_optimizer *sgd;
} trio;

static bool step_with_failing_allocation(trio *t, int64_t k)
{
    allocations_left = k;
    fail_sticks = true;
    cd_memory_fault_hook = fail_now;
    bool done = cd_step(t->sgd);
    cd_memory_fault_hook = NULL;
    return done;
}

/* The first step allocates the momentum buffers of three parameters. Each time one allocation
 * fails, no parameter changes, and the step can be made later. */
static void failing_step_moves_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    trio t;
    for (int i = 0; i < 3; i++) t.w[i] = cd_ones(CD_SHAPE(6), .requires_grad = true);
    t.sgd = cd_optim_sgd(NULL, .tensors = t.w, .count = 3, .lr = 1, .momentum = 0.9);
    for (int i = 0; i < 3; i++) give_gradient(t.w[i], cd_full(CD_SHAPE(6), i + 1));
    int failed = 0;
    while (!step_with_failing_allocation(&t, failed)) {
        assert_failed_with(CD_ERR_MEMORY, "out of memory");
        for (int i = 0; i < 3; i++) assert_near(t.w[i], cd_ones(CD_SHAPE(6)), 0, 0);
        failed++;
    }
    assert_true(failed >= 3);
    for (int i = 0; i < 3; i++) assert_near(t.w[i], cd_full(CD_SHAPE(6), -i), 1e-6, 1e-6);
    assert_true(cd_step(t.sgd)); /* v = 0.9 g + g: failed steps did not change v */
    assert_near(t.w[2], cd_full(CD_SHAPE(6), -2 - 3 * 1.9), 1e-6, 0);
}

static void step_does_nothing_while_an_error_is_pending(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = start();
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = &w, .count = 1, .lr = 0.1);
    give_gradient(w, cd_ones(CD_SHAPE(6)));
    (void)cd_fail(CD_ERR_STATE, "before");
    assert_false(cd_step(sgd));
    assert_false(cd_zero_grad(sgd));
    assert_false(cd_set_lr(sgd, 1));
    assert_failed_with(CD_ERR_STATE, "before");
    assert_near(w, golden("sgd.w"), 0, 0);
    assert_non_null(cd_grad(w));
    assert_close(cd_lr(sgd), 0.1, 0, 0);
}

static bool make(void *user)
{
    CD_SCOPE();
    cd_optimizer *sgd = cd_optim_sgd((cd_module *)user, .lr = 1);
    return sgd && cd_schedule_cosine(sgd, 5);
}

static void making_one_survives_every_failing_allocation(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 2), cd_nn_linear(2, 2));
    assert_true(make(m));
    assert_true(sweep_memory(make, m) >= 3);
}

/* --- what can be optimized ----------------------------------------------------------------------
 */

static void same_tensor_twice_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *list[3] = { start(), start(), NULL };
    list[2] = list[0];
    assert_null(cd_optim_sgd(NULL, .tensors = list, .count = 3));
    assert_failed_with(CD_ERR_ARGUMENT, "tensors 0 and 2 of the list are the same one");
    list[1] = list[0];
    assert_null(cd_optim_sgd(NULL, .tensors = list, .count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "tensors 0 and 1 of the list are the same one");
    list[0] = start();
    assert_null(cd_optim_sgd(NULL, .tensors = list, .count = 3));
    assert_failed_with(CD_ERR_ARGUMENT, "tensors 1 and 2 of the list are the same one");
}

static void computed_and_integer_tensors_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *list[2] = { start(), NULL };
    list[1] = cd_mul(list[0], 2);
    assert_null(cd_optim_sgd(NULL, .tensors = list, .count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "tensor 1 of the list is no leaf");
    list[1] = cd_arange(3);
    assert_null(cd_optim_sgd(NULL, .tensors = list, .count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "tensor 1 of the list is int64");
    list[1] = NULL;
    assert_null(cd_optim_sgd(NULL, .tensors = list, .count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "a tensor of the list is NULL");
}

static void nothing_to_optimize_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_optim_sgd(cd_nn_relu()));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_sgd: there are no parameters");
    assert_null(cd_optim_sgd(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_sgd: the module is NULL");
    cd_tensor *w = start();
    assert_null(cd_optim_sgd(NULL, .tensors = &w));
    assert_failed_with(CD_ERR_ARGUMENT, "there are no parameters");
    assert_null(cd_optim_sgd(cd_nn_linear(1, 1), .tensors = &w, .count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "a module or .tensors, not both");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(1, 1);
    assert_null(cd_optim_sgd(m, .lr = -0.1));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_sgd: .lr is -0.1");
    assert_null(cd_optim_sgd(m, .lr = NAN));
    assert_failed_with(CD_ERR_ARGUMENT, ".lr is nan");
    assert_null(cd_optim_sgd(m, .momentum = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".momentum is -1");
    assert_null(cd_optim_sgd(m, .weight_decay = INFINITY));
    assert_failed_with(CD_ERR_ARGUMENT, ".weight_decay is inf, and must be finite and 0 or more");
    assert_null(cd_optim_sgd(m, .momentum = 0.9, .dampening = NAN));
    assert_failed_with(CD_ERR_ARGUMENT, ".dampening is nan, and must be finite");
    assert_null(cd_optim_sgd(m, .nesterov = true));
    assert_failed_with(CD_ERR_ARGUMENT, ".nesterov needs a .momentum");
    assert_null(cd_optim_sgd(m, .momentum = 0.9, .dampening = 0.1, .nesterov = true));
    assert_failed_with(CD_ERR_ARGUMENT, "no .dampening");
}

static void view_with_gaps_is_refused_at_the_step(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *both[2] = { cd_ones(CD_SHAPE(3), .requires_grad = true), NULL };
    {
        CD_NO_GRAD();
        both[1] = cd_set_requires_grad(cd_t(cd_ones(CD_SHAPE(2, 3))), true);
    }
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = both, .count = 2, .lr = 1);
    assert_true(cd_backward(cd_add(cd_sum(both[0]), cd_sum(both[1]))));
    assert_false(cd_step(sgd));
    assert_failed_with(CD_ERR_UNSUPPORTED, "do not lie in one row");
    assert_near(both[0], cd_ones(CD_SHAPE(3)), 0, 0);
}

static void parameters_live_as_long_as_the_optimizer(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *sgd;
    cd_tensor *w;
    {
        CD_SCOPE();
        cd_module *m = cd_nn_linear(2, 2);
        w = cd_module_tensor(m, "weight");
        sgd = cd_escape(cd_optim_sgd(m, .lr = 1));
        assert_true(cd_backward(cd_sum(cd_forward(m, cd_ones(CD_SHAPE(1, 2))))));
    }
    assert_int_equal(cd_numel(w), 4);
    double before = element(w, 0);
    assert_true(cd_step(sgd));
    assert_close(element(w, 0), before - 1, 1e-6, 0);
}

/* --- rates --------------------------------------------------------------------------------------
 */

static void rate_can_be_read_and_set(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(1, 1), .lr = 0.5);
    assert_close(cd_lr(sgd), 0.5, 0, 0);
    assert_true(cd_set_lr(sgd, 0));
    assert_close(cd_lr(sgd), 0, 0, 0);
    assert_false(cd_set_lr(sgd, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "set_lr: the rate is -1");
    assert_false(cd_set_lr(sgd, INFINITY));
    assert_failed_with(CD_ERR_ARGUMENT, "set_lr: the rate is inf");
    assert_false(cd_set_lr(sgd, NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "set_lr: the rate is nan");
    assert_false(cd_set_lr(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "set_lr: the optimizer is NULL");
    assert_close(cd_lr(NULL), 0, 0, 0);
    assert_failed_with(CD_ERR_ARGUMENT, "lr: the optimizer is NULL");
    assert_close(cd_lr(sgd), 0, 0, 0);
}

static void cosine_follows_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(1, 1), .lr = 0.3);
    cd_scheduler *cosine = cd_schedule_cosine(sgd, 12, .min_lr = 0.01);
    cd_tensor *expected = golden("cosine");
    for (int t = 0; t <= 12; t++) {
        assert_close(cd_lr(sgd), element(expected, t), 1e-12, 0);
        assert_true(cd_scheduler_step(cosine));
    }
}

/* PyTorch's rates after step 0, 1, ...: CosineAnnealingLR(SGD(lr=first), T_max, eta_min). */
static void cosine_goes_back_after_its_end(void **state)
{
    (void)state;
    static const struct run {
        double first, min_lr;
        int64_t steps;
        double rates[9];
    } runs[] = {
        { 0.1, 0.02, 4, { 0.1, 0.088284, 0.06, 0.031716, 0.02, 0.031716, 0.06, 0.088284, 0.1 } },
        { 0.01, 0.5, 3, { 0.01, 0.1325, 0.3775, 0.5, 0.3775, 0.1325, 0.01, 0.1325, 0.3775 } },
        { 0.1, 0, 1, { 0.1, 0, 0.1, 0, 0.1, 0, 0.1, 0, 0.1 } },
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        CD_SCOPE();
        cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(1, 1), .lr = runs[i].first);
        cd_scheduler *cosine = cd_schedule_cosine(sgd, runs[i].steps, .min_lr = runs[i].min_lr);
        for (int t = 0; t < 9; t++) {
            assert_close(cd_lr(sgd), runs[i].rates[t], 0, 5e-7);
            assert_true(cd_scheduler_step(cosine));
        }
    }
}

static void cosine_refuses_bad_options(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(1, 1), .lr = 0.3);
    assert_null(cd_schedule_cosine(sgd, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_cosine: steps is 0, and must be 1 or more");
    /* min_lr = lr(0) is allowed, as in PyTorch. */
    cd_scheduler *level = cd_schedule_cosine(sgd, 3, .min_lr = 0.3);
    assert_non_null(level);
    assert_true(cd_scheduler_step(level));
    assert_close(cd_lr(sgd), 0.3, 1e-15, 0);
    assert_null(cd_schedule_cosine(sgd, 3, .min_lr = NAN));
    assert_failed_with(CD_ERR_ARGUMENT, ".min_lr is nan");
    assert_null(cd_schedule_cosine(NULL, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "schedule_cosine: the optimizer is NULL");
    assert_false(cd_scheduler_step(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "scheduler_step: the scheduler is NULL");
}

static void scheduler_keeps_its_optimizer(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_scheduler *cosine;
    {
        CD_SCOPE();
        cosine = cd_escape(cd_schedule_cosine(cd_optim_sgd(cd_nn_linear(1, 1), .lr = 0.3), 3));
    }
    assert_true(cd_scheduler_step(cosine));
    (void)cd_fail(CD_ERR_STATE, "before");
    assert_false(cd_scheduler_step(cosine));
    assert_failed_with(CD_ERR_STATE, "before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_sgd_follows_pytorch),
        TEST(default_rate_is_pytorchs),
        TEST(weight_decay_follows_pytorch),
        TEST(momentum_follows_pytorch),
        TEST(dampening_follows_pytorch),
        TEST(nesterov_follows_pytorch),
        TEST(all_options_together_follow_pytorch),
        TEST(rate_of_minus_zero_moves_nothing),
        TEST(parameter_frozen_late_stays),
        TEST(only_parameters_with_gradients_move),
        TEST(step_counts_as_a_write),
        TEST(zero_grad_drops_the_gradients),
        TEST(gradient_of_any_layout_is_taken),
        TEST(f64_parameters_move_in_f64),
        TEST(failing_step_moves_nothing),
        TEST(step_does_nothing_while_an_error_is_pending),
        TEST(making_one_survives_every_failing_allocation),
        TEST(same_tensor_twice_is_refused),
        TEST(computed_and_integer_tensors_are_refused),
        TEST(nothing_to_optimize_is_an_error),
        TEST(options_out_of_range_are_refused),
        TEST(view_with_gaps_is_refused_at_the_step),
        TEST(parameters_live_as_long_as_the_optimizer),
        TEST(rate_can_be_read_and_set),
        TEST(cosine_follows_pytorch),
        TEST(cosine_goes_back_after_its_end),
        TEST(cosine_refuses_bad_options),
        TEST(scheduler_keeps_its_optimizer),
    };
    return RUN(tests);
}
