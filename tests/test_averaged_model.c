/* Averages of weights against PyTorch (golden/make_averaged.py), how they are saved, update_bn, and
 * what they refuse. */
#define GOLDEN_FILE "golden/averaged.safetensors"
#include "goldens.h"
#include "modules.h"

#include "core/memory_internal.h"
#include "nn/averaged.h"
#include "nn/state_dict.h"
#include "optim/optim.h"

static cd_module *new_model(void)
{
    return cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_batch_norm1d(4), cd_nn_relu(),
                            cd_nn_linear(4, 2));
}

/* The steps of golden/make_averaged.py. */
static void train(cd_module *model, cd_module *average)
{
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 0.5);
    for (int step = 0; step < 4; step++) {
        CD_SCOPE();
        cd_tensor *x = cd_randn(CD_SHAPE(6, 3));
        cd_zero_grad(sgd);
        cd_backward(cd_mean(cd_pow(cd_forward(model, x), 2)));
        cd_step(sgd);
        if (step > 0) assert_true(cd_update_parameters(average, model));
    }
    assert_ok();
}

static bool compare_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    cd_tensor *right = golden("%s.%s", (const char *)user, name);
    assert_int_equal(cd_dtype_of(t), cd_dtype_of(right));
    assert_near(cd_to(cd_detach(t), CD_F64), cd_to(right, CD_F64), 1e-5, 1e-6);
    return true;
}

/* Two batches. */
static cd_tensor *next_of_two(void *user)
{
    int *called = user;
    const int64_t rows[] = { 5, 4 };
    return *called < 2 ? cd_randn(CD_SHAPE(rows[(*called)++], 3)) : NULL;
}

static void compare(const char *name, cd_module *model, cd_module *average)
{
    int called = 0;
    train(model, average);
    assert_true(cd_visit(average, compare_one, (void *)(uintptr_t)name));
    assert_true(cd_update_bn(average, next_of_two, &called));
    assert_int_equal(called, 2);
    assert_near(cd_module_tensor(average, "module.1.running_mean"), golden("%s.new_mean", name),
                1e-5, 1e-6);
    assert_near(cd_module_tensor(average, "module.1.running_var"), golden("%s.new_var", name), 1e-5,
                1e-6);
    assert_true(cd_eval(average));
    assert_near(cd_detach(cd_forward(average, cd_ones(CD_SHAPE(1, 3)))), golden("%s.y", name), 1e-5,
                1e-6);
}

static void averages_are_those_of_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(5);
    cd_module *model = new_model();
    compare("swa", model, cd_nn_averaged_model(model));
    cd_manual_seed(5);
    model = new_model();
    compare("swa_buffers", model, cd_nn_averaged_model(model, .use_buffers = true));
    cd_manual_seed(5);
    model = new_model();
    compare("ema", model, cd_nn_averaged_model(model, .decay = 0.75));
    cd_manual_seed(5);
    model = new_model();
    compare("ema_buffers", model, cd_nn_averaged_model(model, .decay = 0.75, .use_buffers = true));
}

static void a_decay_of_0_follows_the_model(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *model = cd_nn_linear(2, 1);
    cd_module *average = cd_nn_averaged_model(model, .decay = CD_ZERO);
    for (int k = 0; k < 3; k++) {
        assert_non_null(cd_fill_(cd_module_tensor(model, "weight"), k));
        assert_true(cd_update_parameters(average, model));
        assert_near(cd_module_tensor(average, "module.weight"), cd_module_tensor(model, "weight"),
                    0, 0);
    }
}

/* What was saved between two updates gives the same average later. */
static void an_average_is_saved_and_continues(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *model = cd_nn_linear(2, 1), *average = cd_nn_averaged_model(model);
    cd_module *again = cd_nn_averaged_model(cd_nn_linear(2, 1));
    assert_true(cd_update_parameters(average, model));
    assert_true(cd_load_state_dict(again, cd_state_dict(average)));
    assert_close(cd_item(cd_module_tensor(again, "n_averaged")), 1, 0, 0);
    assert_non_null(cd_fill_(cd_module_tensor(model, "weight"), 3));
    assert_true(cd_update_parameters(average, model) && cd_update_parameters(again, model));
    assert_near(cd_module_tensor(again, "module.weight"),
                cd_module_tensor(average, "module.weight"), 0, 0);
    assert_string_equal(cd_dict_name(cd_state_dict(average), 0), "n_averaged");
}

static void it_is_printed_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(cd_nn_averaged_model(cd_nn_linear(2, 1), .decay = 0.5),
           "AveragedModel(\n"
           "  (module): Linear(in_features=2, out_features=1, bias=True)\n"
           ")\n");
}

/* The copy is another model: neither changes the other, and both may go first. */
static void the_model_is_only_read(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *average;
    {
        CD_SCOPE();
        cd_module *model = cd_nn_linear(2, 1);
        average = cd_escape(cd_nn_averaged_model(model));
        assert_non_null(cd_fill_(cd_module_tensor(model, "weight"), 3));
        assert_true(cd_update_parameters(average, model));
        assert_non_null(cd_fill_(cd_module_tensor(average, "module.weight"), 4));
        assert_close(cd_item(cd_sum(cd_module_tensor(model, "weight"))), 6, 0, 0);
    }
    assert_non_null(cd_forward(average, cd_ones(CD_SHAPE(1, 2))));
}

/* A parameter under two names is averaged once, from one of another dtype. */
static void shared_parameters_are_averaged_once(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *shared = cd_nn_linear(1, 1, .no_bias = true);
    cd_module *model = cd_nn_sequential(shared, shared);
    cd_module *average = cd_nn_averaged_model(model, .decay = 0.5);
    assert_true(cd_module_to_dtype(model, CD_F64));
    assert_non_null(cd_fill_(cd_module_tensor(model, "0.weight"), 8));
    assert_true(cd_update_parameters(average, model));
    assert_non_null(cd_fill_(cd_module_tensor(model, "0.weight"), 0));
    assert_true(cd_update_parameters(average, model));
    cd_tensor *t = cd_module_tensor(average, "module.1.weight");
    assert_int_equal(cd_dtype_of(t), CD_F32);
    assert_close(cd_item(t), 4, 0, 0);
}

static void another_model_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *model = cd_nn_linear(2, 1), *average = cd_nn_averaged_model(model);
    assert_false(cd_update_parameters(average, cd_nn_linear(3, 1)));
    assert_failed_with(CD_ERR_SHAPE,
                       "parameter 0 of the model is 1x3, and that of the average 1x2");
    assert_false(cd_update_parameters(average, cd_nn_linear(2, 1, .no_bias = true)));
    assert_failed_with(CD_ERR_SHAPE, "the model has 1 parameters, and the average has 2");
    assert_false(cd_update_parameters(model, model));
    assert_failed_with(CD_ERR_ARGUMENT, "the average is a Linear, and must be an AveragedModel");
    assert_null(cd_nn_averaged_model(model, .decay = 1.5));
    assert_failed_with(CD_ERR_ARGUMENT, ".decay is 1.5");
    assert_null(cd_nn_averaged_model(model, .decay = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_averaged_model: .decay is -1, and must be from 0 to 1");
    assert_null(cd_nn_averaged_model(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_close(cd_item(cd_module_tensor(average, "n_averaged")), 0, 0, 0);
}

static int64_t allocations_left;

static bool no_memory_left(size_t bytes)
{
    (void)bytes;
    return allocations_left-- <= 0;
}

/* Whichever allocation fails, the average is as it was. */
static void without_memory_nothing_changes(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *model = cd_nn_linear(2, 1), *average = cd_nn_averaged_model(model, .decay = 0.5);
    assert_true(cd_update_parameters(average, model));
    cd_tensor *before = cd_clone(cd_module_tensor(average, "module.weight"));
    assert_non_null(cd_fill_(cd_module_tensor(model, "weight"), 3));
    int failed = 0;
    for (bool done = false; !done; failed += !done) {
        allocations_left = failed;
        cd_memory_fault_hook = no_memory_left;
        done = cd_update_parameters(average, model);
        cd_memory_fault_hook = NULL;
        if (done) break;
        assert_failed_with(CD_ERR_MEMORY, "");
        assert_near(cd_module_tensor(average, "module.weight"), before, 0, 0);
        assert_close(cd_item(cd_module_tensor(average, "n_averaged")), 1, 0, 0);
    }
    assert_true(failed > 2);
}

/* --- update_bn -------------------------------------------------------------------------------- */

static cd_tensor *fail_at_second(void *user)
{
    int *called = user;
    if ((*called)++ == 0) return cd_randn(CD_SHAPE(5, 3));
    (void)cd_fail(CD_ERR_ARGUMENT, "no more data");
    return NULL;
}

static void update_bn_restores_modes_and_momenta(void **state)
{
    (void)state;
    CD_SCOPE();
    int called = 0;
    cd_module *m = new_model();
    assert_true(cd_eval(m));
    assert_false(cd_update_bn(m, fail_at_second, &called));
    assert_failed_with(CD_ERR_ARGUMENT, "no more data");
    assert_false(cd_is_training(m) || cd_is_training(cd_module_get(m, "1")));
    prints(cd_module_get(m, "1"), "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, "
                                  "track_running_stats=True)\n");
    assert_close(cd_item(cd_module_tensor(m, "1.num_batches_tracked")), 1, 0, 0);
    assert_false(cd_update_bn(m, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "is NULL");
}

static void update_bn_needs_a_batch_norm_that_learns(void **state)
{
    (void)state;
    CD_SCOPE();
    int called = 0;
    assert_true(cd_update_bn(cd_nn_linear(3, 4), next_of_two, &called));
    cd_module *m = new_model();
    assert_true(cd_freeze(m));
    assert_true(cd_update_bn(m, next_of_two, &called));
    assert_int_equal(called, 0);
}

static int gone;

static void count_gone(void *user)
{
    (void)user;
    gone++;
}

static bool pass_by(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    (void)a;
    (void)user;
    return true;
}

/* Puts another batch norm in the place of the one whose statistics are made anew. */
static cd_tensor *next_replaces(void *user)
{
    assert_true(cd_module_set(user, "1", cd_nn_batch_norm1d(4)));
    assert_int_equal(gone, 0);
    return NULL;
}

/* The one that is replaced still gets its mode and momentum back, and goes then. */
static void update_bn_owns_the_modules_that_it_changes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m;
    gone = 0;
    {
        CD_SCOPE();
        m = cd_escape(new_model());
        assert_true(
            cd_register_forward_hook(cd_module_get(m, "1"), pass_by, .destroy = count_gone));
    }
    assert_true(cd_update_bn(m, next_replaces, m));
    assert_int_equal(gone, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(averages_are_those_of_pytorch),
        TEST(a_decay_of_0_follows_the_model),
        TEST(an_average_is_saved_and_continues),
        TEST(it_is_printed_as_in_pytorch),
        TEST(the_model_is_only_read),
        TEST(shared_parameters_are_averaged_once),
        TEST(another_model_is_refused),
        TEST(without_memory_nothing_changes),
        TEST(update_bn_restores_modes_and_momenta),
        TEST(update_bn_needs_a_batch_norm_that_learns),
        TEST(update_bn_owns_the_modules_that_it_changes),
    };
    return RUN(tests);
}
