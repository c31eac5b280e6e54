/* Every optimizer against PyTorch over 50 steps (golden/make_optim.py), groups of parameters,
 * steps of many parameters at once, and what is refused. SGD alone: test_optim.c. */
#define GOLDEN_FILE "golden/optim.safetensors"
#include "goldens.h"

#include <candela.h>

#include "optim/optimizer_internal.h"

/* The same options as in golden/make_optim.py. */
#define OF(w_) NULL, .tensors = &(w_), .count = 1
#define ADAMS(make_)                                                                               \
    if (is("default")) return make_(OF(w));                                                        \
    if (is("options"))                                                                             \
        return make_(OF(w), .lr = 0.1, .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3,                    \
                     .weight_decay = 0.1);                                                         \
    return make_(OF(w), .lr = 0.1, .beta1 = 0.7, .beta2 = 0.5, .weight_decay = 0.2,                \
                 .amsgrad = true, .maximize = true)

static const char *variant;

static bool is(const char *name)
{
    return strcmp(variant, name) == 0;
}

static cd_optimizer *sgd(cd_tensor *w)
{
    if (is("maximize")) {
        return cd_optim_sgd(OF(w), .lr = 0.1, .momentum = 0.9, .maximize = true,
                            .weight_decay = 0.1);
    }
    if (is("nesterov")) {
        return cd_optim_sgd(OF(w), .lr = 0.1, .momentum = 0.8, .nesterov = true,
                            .weight_decay = 0.1);
    }
    return cd_optim_sgd(OF(w), .lr = 0.1, .momentum = 0.8, .dampening = 0.25, .weight_decay = 0.1);
}

static cd_optimizer *adam(cd_tensor *w)
{
    ADAMS(cd_optim_adam);
}

static cd_optimizer *adamw(cd_tensor *w)
{
    ADAMS(cd_optim_adamw);
}

static cd_optimizer *adamax(cd_tensor *w)
{
    if (is("default")) return cd_optim_adamax(OF(w));
    return cd_optim_adamax(OF(w), .lr = 0.1, .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3,
                           .weight_decay = 0.1, .maximize = true);
}

static cd_optimizer *nadam(cd_tensor *w)
{
    if (is("default")) return cd_optim_nadam(OF(w));
    if (is("decoupled")) {
        return cd_optim_nadam(OF(w), .lr = 0.1, .weight_decay = 0.1, .decoupled_weight_decay = true,
                              .maximize = true);
    }
    return cd_optim_nadam(OF(w), .lr = 0.1, .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3,
                          .weight_decay = 0.1, .momentum_decay = 0.1);
}

static cd_optimizer *radam(cd_tensor *w)
{
    if (is("default")) return cd_optim_radam(OF(w));
    if (is("decoupled")) {
        return cd_optim_radam(OF(w), .lr = 0.1, .weight_decay = 0.1, .decoupled_weight_decay = true,
                              .maximize = true);
    }
    return cd_optim_radam(OF(w), .lr = 0.1, .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3,
                          .weight_decay = 0.1);
}

static cd_optimizer *adagrad(cd_tensor *w)
{
    if (is("default")) return cd_optim_adagrad(OF(w));
    return cd_optim_adagrad(OF(w), .lr = 0.1, .lr_decay = 0.1, .weight_decay = 0.1,
                            .initial_sum = 0.5, .eps = 1e-3, .maximize = true);
}

static cd_optimizer *adadelta(cd_tensor *w)
{
    if (is("default")) return cd_optim_adadelta(OF(w));
    return cd_optim_adadelta(OF(w), .lr = 0.1, .rho = 0.7, .eps = 1e-2, .weight_decay = 0.1,
                             .maximize = true);
}

static cd_optimizer *rmsprop(cd_tensor *w)
{
    if (is("default")) return cd_optim_rmsprop(OF(w));
    if (is("momentum")) {
        return cd_optim_rmsprop(OF(w), .lr = 0.05, .alpha = 0.9, .eps = 1e-3, .weight_decay = 0.1,
                                .momentum = 0.9);
    }
    if (is("centered")) {
        return cd_optim_rmsprop(OF(w), .lr = 0.05, .alpha = 0.9, .eps = 0.1, .centered = true,
                                .maximize = true);
    }
    return cd_optim_rmsprop(OF(w), .lr = 0.05, .alpha = 0.9, .eps = 0.1, .centered = true,
                            .momentum = 0.5);
}

static cd_optimizer *rprop(cd_tensor *w)
{
    if (is("default")) return cd_optim_rprop(OF(w));
    return cd_optim_rprop(OF(w), .lr = 0.1, .etaminus = 0.7, .etaplus = 1.5, .least_step = 0.05,
                          .most_step = 0.2, .maximize = true);
}

static cd_optimizer *lion(cd_tensor *w)
{
    if (is("default")) return cd_optim_lion(OF(w));
    return cd_optim_lion(OF(w), .lr = 0.1, .beta1 = 0.7, .beta2 = 0.8, .weight_decay = 0.1);
}

static const struct {
    const char *name;
    cd_optimizer *(*make)(cd_tensor *w);
    const char *variants[5];
} optimizers[] = {
    { "SGD", sgd, { "maximize", "everything", "nesterov" } },
    { "Adam", adam, { "default", "options", "amsgrad" } },
    { "AdamW", adamw, { "default", "options", "amsgrad" } },
    { "Adamax", adamax, { "default", "options" } },
    { "NAdam", nadam, { "default", "options", "decoupled" } },
    { "RAdam", radam, { "default", "options", "decoupled" } },
    { "Adagrad", adagrad, { "default", "options" } },
    { "Adadelta", adadelta, { "default", "options" } },
    { "RMSprop", rmsprop, { "default", "momentum", "centered", "everything" } },
    { "Rprop", rprop, { "default", "options" } },
    { "Lion", lion, { "default", "options" } },
};
enum { OPTIMIZERS = sizeof optimizers / sizeof *optimizers };

/* Gives w the gradient g: d(sum(w * g))/dw = g. */
static void give_gradient(cd_tensor *w, cd_tensor *g)
{
    CD_SCOPE();
    assert_true(cd_backward(cd_sum(cd_mul(w, g))));
}

static cd_tensor *parameter(cd_dtype dtype)
{
    return cd_set_requires_grad(cd_clone(cd_to(golden("w"), dtype)), true);
}

static void follow(int i, const char *name, cd_dtype dtype, double tolerance)
{
    static const int64_t seen[] = { 1, 2, 5, 20, 50 };
    CD_SCOPE();
    variant = name;
    cd_tensor *w = parameter(dtype), *all = cd_to(golden("g"), dtype);
    cd_tensor *expected = golden("%s/%s", optimizers[i].name, name);
    cd_optimizer *o = optimizers[i].make(w);
    assert_ok();
    for (int64_t t = 1, k = 0; t <= 50; t++) {
        CD_SCOPE();
        assert_true(cd_zero_grad(o));
        give_gradient(w, cd_index(all, t - 1));
        assert_true(cd_step(o));
        if (t != seen[k]) continue;
        assert_near(w, cd_index(expected, k), tolerance, tolerance);
        k++;
    }
}

static void every_optimizer_follows_pytorch(void **state)
{
    (void)state;
    for (int i = 0; i < OPTIMIZERS; i++) {
        for (int k = 0; k < 5 && optimizers[i].variants[k]; k++) {
            /* The product of NAdam's momenta is a float, in PyTorch too. */
            follow(i, optimizers[i].variants[k], CD_F64, 1e-7);
            if (strcmp(optimizers[i].name, "Rprop") != 0 && strcmp(optimizers[i].name, "Lion") != 0)
                follow(i, optimizers[i].variants[k], CD_F32, 2e-5);
        }
    }
}

static void every_class_is_tested(void **state)
{
    (void)state;
    int count = 0;
    for (; cd_optimizer_classes[count]; count++) {
        int i = 0;
        const char *name = cd_optimizer_classes[count]->name;
        while (i < OPTIMIZERS && strcmp(optimizers[i].name, name) != 0) i++;
        assert_that(i < OPTIMIZERS, "%s has no row in `optimizers`", name);
    }
    assert_int_equal(count, OPTIMIZERS);
}

/* --- many parameters -------------------------------------------------------------------------- */

enum { MANY = 70 }; /* more than a kernel takes at once */

static cd_tensor *parameters[MANY];

/* Makes parameters of several sizes, dtypes mixed, with gradients. */
static void make_many(void)
{
    cd_manual_seed(3);
    for (int i = 0; i < MANY; i++) {
        const int64_t n = i == 5 ? 70000 : i % 7 == 0 ? 0 : 1 + 13 * i;
        parameters[i] =
            cd_randn(CD_SHAPE(n), .dtype = i % 5 == 4 ? CD_F64 : CD_F32, .requires_grad = true);
        give_gradient(parameters[i], cd_randn(CD_SHAPE(n), .dtype = cd_dtype_of(parameters[i])));
    }
    assert_ok();
}

/* A step of all parameters at once gives the bits that steps one by one give, on any number of
 * threads. */
static void steps_together_equal_steps_alone(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads += 2) {
        CD_SCOPE();
        assert_true(cd_set_num_threads(threads));
        make_many();
        cd_tensor *alone[MANY];
        for (int i = 0; i < MANY; i++) {
            alone[i] = cd_set_requires_grad(cd_clone(cd_detach(parameters[i])), true);
            give_gradient(alone[i], cd_grad(parameters[i]));
            cd_optimizer *o = cd_optim_adamw(NULL, .tensors = &alone[i], .count = 1, .lr = 0.1);
            assert_true(cd_step(o) && cd_step(o));
        }
        cd_optimizer *all = cd_optim_adamw(NULL, .tensors = parameters, .count = MANY, .lr = 0.1);
        assert_true(cd_step(all) && cd_step(all));
        for (int i = 0; i < MANY; i++) assert_near(parameters[i], alone[i], 0, 0);
    }
    assert_true(cd_set_num_threads(2));
}

/* Two parameters in the same memory, and a gradient that is another parameter's memory: one after
 * the other, as they stand in the list. */
static void parameters_that_share_memory_step_one_by_one(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *base = cd_ones(CD_SHAPE(4));
    cd_tensor *twins[2] = { cd_set_requires_grad(cd_detach(base), true),
                            cd_set_requires_grad(cd_detach(base), true) };
    cd_optimizer *o = cd_optim_sgd(NULL, .tensors = twins, .count = 2, .lr = 0.5);
    give_gradient(twins[0], cd_ones(CD_SHAPE(4)));
    give_gradient(twins[1], cd_full(CD_SHAPE(4), 2));
    assert_true(cd_step(o));
    assert_near(base, cd_full(CD_SHAPE(4), 1 - 0.5 - 1), 0, 0);
}

/* A gradient may be a parameter itself, and is updated before the next parameter reads it. Each of
 * them is one piece of work, so that two threads would have both at the same time. */
static void a_gradient_that_is_a_parameter_steps_by_itself(void **state)
{
    (void)state;
    enum { ELEMENTS = 32 * 1024, TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        CD_SCOPE();
        cd_tensor *w = cd_zeros(CD_SHAPE(ELEMENTS), .requires_grad = true);
        give_gradient(w, cd_ones_like(w));
        cd_tensor *g = cd_set_requires_grad(cd_grad(w), true);
        give_gradient(g, cd_ones_like(g));
        cd_tensor *both[2] = { g, w };
        assert_true(cd_step(cd_optim_sgd(NULL, .tensors = both, .count = 2, .lr = 0.25)));
        assert_near(g, cd_full(CD_SHAPE(ELEMENTS), 0.75), 0, 0);
        assert_near(w, cd_full(CD_SHAPE(ELEMENTS), -0.25 * 0.75), 0, 0);
    }
}

/* --- groups ----------------------------------------------------------------------------------- */

static cd_module *model(void)
{
    return cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_relu(), cd_nn_linear(4, 2));
}

/* Gives every parameter a gradient of ones. */
static void give_ones(cd_module *m)
{
    static const char *const names[] = { "0.weight", "0.bias", "2.weight", "2.bias" };
    for (int i = 0; i < 4; i++) {
        cd_tensor *w = cd_module_tensor(m, names[i]);
        give_gradient(w, cd_ones_like(w));
    }
}

static void groups_have_options_of_their_own(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = model();
    cd_optimizer *o = cd_optim_sgd(m, .lr = 0.5, .weight_decay = 0.25);
    assert_int_equal(cd_optimizer_group(o, "*.bias", .weight_decay = CD_ZERO), 1);
    assert_int_equal(cd_optimizer_group(o, "2.*", .lr = 0.125), 2);
    assert_int_equal(cd_optimizer_groups(o), 3);
    assert_close(cd_group_lr(o, 1), 0.5, 0, 0);
    assert_close(cd_group_lr(o, 2), 0.125, 0, 0);
    static const struct {
        const char *name;
        double lr, decay;
    } expected[] = { { "0.weight", 0.5, 0.25 },
                     { "0.bias", 0.5, 0 },
                     { "2.weight", 0.125, 0.25 },
                     { "2.bias", 0.125, 0.25 } };
    cd_tensor *before[4];
    for (int i = 0; i < 4; i++) before[i] = cd_clone(cd_module_tensor(m, expected[i].name));
    give_ones(m);
    assert_true(cd_step(o));
    CD_NO_GRAD();
    for (int i = 0; i < 4; i++) {
        cd_tensor *g = cd_add(1, cd_mul(expected[i].decay, before[i]));
        assert_near(cd_module_tensor(m, expected[i].name),
                    cd_sub(before[i], cd_mul(expected[i].lr, g)), 1e-6, 1e-7);
    }
}

static void rates_of_groups_are_set_together_or_alone(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = cd_optim_adam(model(), .lr = 0.5);
    assert_int_equal(cd_optimizer_group(o, "0.*", .lr = 0.25), 1);
    assert_true(cd_set_group_lr(o, 1, 0.75));
    assert_close(cd_group_lr(o, 1), 0.75, 0, 0);
    assert_close(cd_lr(o), 0.5, 0, 0);
    assert_true(cd_set_lr(o, 2));
    assert_close(cd_group_lr(o, 0), 2, 0, 0);
    assert_close(cd_group_lr(o, 1), 2, 0, 0);
    assert_false(cd_set_group_lr(o, 2, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "there is no group 2: the optimizer has 2");
    assert_close(cd_group_lr(o, -1), 0, 0, 0);
    assert_failed_with(CD_ERR_ARGUMENT, "there is no group -1");
}

/* A group made of a momentum where the optimizer has none, and the other way round. */
static void a_group_can_have_momentum_alone(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = model();
    cd_optimizer *o = cd_optim_sgd(m, .lr = 1);
    assert_int_equal(cd_optimizer_group(o, "0.bias", .momentum = 0.5), 1);
    cd_tensor *with = cd_module_tensor(m, "0.bias"), *without = cd_module_tensor(m, "2.bias");
    cd_tensor *a = cd_clone(with), *b = cd_clone(without);
    give_ones(m);
    assert_true(cd_step(o) && cd_step(o));
    CD_NO_GRAD();
    assert_near(with, cd_sub(a, 1 + 1.5), 1e-6, 1e-6);
    assert_near(without, cd_sub(b, 2), 1e-6, 1e-6);
}

static void wrong_groups_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = cd_optim_sgd(model());
    assert_int_equal(cd_optimizer_group(o, "*.bais"), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "no parameter's name matches \"*.bais\"; the first one is "
                                        "\"0.weight\"");
    assert_int_equal(cd_optimizer_group(o, "*", .beta1 = 0.5), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "SGD has no option .beta1");
    assert_int_equal(cd_optimizer_group(o, "*", .lr = -1), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "optimizer_group: .lr is -1");
    assert_int_equal(cd_optimizer_group(o, NULL), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "the pattern is NULL");
    assert_int_equal(cd_optimizer_group(NULL, "*"), -1);
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    cd_tensor *w = parameter(CD_F32);
    assert_int_equal(cd_optimizer_group(cd_optim_sgd(OF(w)), "*"), -1);
    assert_failed_with(CD_ERR_STATE, "list of tensors");
    assert_non_null(cd_schedule_exponential(o, 0.5));
    assert_int_equal(cd_optimizer_group(o, "*"), -1);
    assert_failed_with(CD_ERR_STATE, "has a schedule already");
    assert_int_equal(cd_optimizer_groups(o), 1);
}

/* --- options ---------------------------------------------------------------------------------- */

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = parameter(CD_F32);
    assert_null(cd_optim_adam(OF(w), .beta1 = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_adam: .beta1 is 1");
    assert_null(cd_optim_adamw(OF(w), .eps = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_adamw: .eps is -1");
    assert_null(cd_optim_adamax(OF(w), .beta2 = -0.5));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_adamax: .beta2");
    assert_null(cd_optim_rprop(OF(w), .etaplus = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_rprop: .etaplus is 1");
    assert_null(cd_optim_adadelta(OF(w), .rho = 1.5));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_adadelta: .rho is 1.5");
    assert_null(cd_optim_lion(OF(w), .lr = INFINITY));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_lion: .lr is inf");
    assert_null(cd_optim_adam(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "optim_adam");
}

/* The number 0 differs from an option that was left out. */
static void zero_is_a_number(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = parameter(CD_F64), *v = parameter(CD_F64);
    cd_optimizer *none = cd_optim_adamw(OF(w), .weight_decay = CD_ZERO, .lr = 0.1);
    cd_optimizer *adam_ = cd_optim_adam(OF(v), .lr = 0.1);
    give_gradient(w, cd_ones_like(w));
    give_gradient(v, cd_ones_like(v));
    assert_true(cd_step(none) && cd_step(adam_));
    assert_near(w, v, 0, 0);
}

/* Where a beta is almost 1, what counts is 1 - beta, which no float near beta tells. */
static void betas_close_to_one_are_exact(void **state)
{
    (void)state;
    CD_SCOPE();
    const double beta = 1 - 1e-9;
    enum { WAYS = 5 };
    cd_tensor *w[WAYS];
    for (int i = 0; i < WAYS; i++) {
        w[i] = cd_zeros(CD_SHAPE(1), .requires_grad = true);
        give_gradient(w[i], cd_full(CD_SHAPE(1), 0.5));
    }
    cd_optimizer *const all[WAYS] = {
        cd_optim_adam(OF(w[0]), .lr = 1, .beta1 = beta, .beta2 = beta, .eps = 1e-12),
        cd_optim_adamax(OF(w[1]), .lr = 1, .beta1 = beta, .eps = 1e-12),
        cd_optim_radam(OF(w[2]), .lr = 2, .beta1 = beta, .beta2 = beta),
        cd_optim_rmsprop(OF(w[3]), .lr = sqrt(1e-9), .alpha = beta, .eps = 1e-12),
        cd_optim_adadelta(OF(w[4]), .lr = 1e6 * sqrt(1e-9), .rho = beta, .eps = 1e-12 * 1e-12),
    };
    for (int i = 0; i < WAYS; i++) {
        assert_true(cd_step(all[i]));
        assert_close(cd_item(w[i]), i == 4 ? -1e-6 : -1, 1e-6, 0);
    }
}

/* While the momentum is 0 the buffer stays as it is, and dampening does not count, as in
 * PyTorch: SGD(lr=1, momentum=m, dampening=0.25) and RMSprop(lr=0.5, alpha=0, momentum=m) with m
 * = 0.5, 0 and 0.5 again. */
static void a_momentum_of_zero_leaves_the_buffer(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = cd_zeros(CD_SHAPE(1), .requires_grad = true), *v = cd_zeros_like(w);
    (void)cd_set_requires_grad(v, true);
    cd_optimizer *o = cd_optim_sgd(OF(w), .lr = 1, .momentum = 0.5, .dampening = 0.25);
    cd_optimizer *p =
        cd_optim_rmsprop(OF(v), .lr = 0.5, .momentum = 0.5, .alpha = CD_ZERO, .eps = CD_ZERO);
    give_gradient(w, cd_ones_like(w));
    give_gradient(v, cd_ones_like(v));
    static const double momenta[] = { 0.5, 0, 0.5 },
                        expected[][2] = { { -1, -0.5 }, { -2, -1 }, { -3.25, -1.75 } };
    for (int t = 0; t < 3; t++) {
        assert_true(cd_optimizer_set_rate(o, "test", 0, 1, momenta[t]) &&
                    cd_optimizer_set_rate(p, "test", 0, 0.5, momenta[t]));
        assert_true(cd_step(o) && cd_step(p));
        assert_close(cd_item(w), expected[t][0], 1e-6, 0);
        assert_close(cd_item(v), expected[t][1], 1e-6, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_optimizer_follows_pytorch),
        TEST(every_class_is_tested),
        TEST(steps_together_equal_steps_alone),
        TEST(parameters_that_share_memory_step_one_by_one),
        TEST(a_gradient_that_is_a_parameter_steps_by_itself),
        TEST(groups_have_options_of_their_own),
        TEST(rates_of_groups_are_set_together_or_alone),
        TEST(a_group_can_have_momentum_alone),
        TEST(wrong_groups_are_refused),
        TEST(options_out_of_range_are_refused),
        TEST(zero_is_a_number),
        TEST(betas_close_to_one_are_exact),
        TEST(a_momentum_of_zero_leaves_the_buffer),
    };
    return test_run(tests, sizeof tests / sizeof *tests);
}
