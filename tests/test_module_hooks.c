/* Hooks of modules. The numbers are PyTorch 2.15's. */
#include "test.h"

#include "autograd/index_ops.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"
#include "modules.h"

static char seen[512];
static int gone;

static void see(const char *name, cd_tensor *t)
{
    size_t used = strlen(seen);
    (void)snprintf(seen + used, sizeof seen - used, "%s%.4g ", name, cd_item(cd_sum(cd_detach(t))));
}

static bool before(cd_module *m, cd_tensor *const *in, int inputs, void *user)
{
    (void)m;
    (void)inputs;
    see(user, in[0]);
    return true;
}

static bool behind(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    see(user, a->out[0]);
    return true;
}

static bool doubled(cd_module *m, const cd_arguments *a, void *user)
{
    if (user && !behind(m, a, user)) return false;
    a->out[0] = cd_mul(a->out[0], 2);
    return a->out[0];
}

static bool refuse_input(cd_module *m, cd_tensor *const *in, int inputs, void *user)
{
    (void)m;
    (void)in;
    (void)user;
    return cd_fail(CD_ERR_SHAPE, "%d inputs, and I take none", inputs);
}

static bool refuse_output(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    (void)a;
    (void)user;
    return cd_fail(CD_ERR_STATE, "no output today");
}

static bool silent_before(cd_module *m, cd_tensor *const *in, int inputs, void *user)
{
    (void)m;
    (void)in;
    (void)inputs;
    (void)user;
    return false;
}

static void count(void *user)
{
    (void)user;
    gone++;
}

static int start(void **state)
{
    seen[0] = '\0';
    gone = 0;
    return test_setup(state);
}

/* weight [[1, 2], [3, 4]], no bias */
static cd_module *linear(void)
{
    cd_module *m = cd_nn_linear(2, 2, .no_bias = true);
    CD_NO_GRAD();
    cd_copy_(cd_module_tensor(m, "weight"), cd_add(cd_view(cd_arange(4), CD_SHAPE(2, 2)), 1));
    return m;
}

static cd_tensor *ones(void)
{
    return cd_ones(CD_SHAPE(1, 2));
}

static void hooks_run_in_order_around_forward(void **state)
{
    (void)state;
    cd_module *m = linear();
    (void)cd_register_forward_hook(m, doubled, .user = "f");
    (void)cd_register_forward_pre_hook(m, before, .user = "p");
    (void)cd_register_forward_pre_hook(m, before, .user = "q");
    (void)cd_register_forward_hook(m, behind, .user = "g");
    cd_tensor *y = cd_forward(m, ones());
    assert_string_equal(seen, "p2 q2 f10 g20 ");
    assert_close(cd_item(cd_index(cd_index(cd_detach(y), 0), 1)), 14, 0, 0);
    assert_string_equal(cd_grad_fn_name(y), "MulBackward0");
}

static void what_a_hook_gives_is_differentiated(void **state)
{
    (void)state;
    cd_module *m = linear();
    (void)cd_register_forward_hook(m, doubled);
    assert_true(cd_backward(cd_sum(cd_forward(m, ones()))));
    assert_close(cd_item(cd_sum(cd_grad(cd_module_tensor(m, "weight")))), 8, 0, 0);
}

static void sequential_runs_the_hooks_of_its_children(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential(cd_nn_relu(), cd_nn_flatten());
    cd_module *a = cd_module_get(m, "0"), *b = cd_module_get(m, "1");
    (void)cd_register_forward_hook(m, behind, .user = "m");
    (void)cd_register_forward_hook(a, doubled, .user = "a");
    (void)cd_register_forward_hook(b, behind, .user = "b");
    (void)cd_register_forward_pre_hook(m, before, .user = "(m");
    (void)cd_register_forward_pre_hook(a, before, .user = "(a");
    (void)cd_register_forward_pre_hook(b, before, .user = "(b");
    cd_tensor *x = cd_sub(cd_mul(cd_arange(2), 3), 1); /* -1, 2 */
    assert_non_null(cd_forward(m, cd_view(x, CD_SHAPE(1, 2))));
    assert_string_equal(seen, "(m1 (a1 a2 (b4 b4 m4 ");
}

static bool give_what_user_says(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    a->out[0] = user;
    return true;
}

static void a_hook_may_give_a_tensor_of_the_callers(void **state)
{
    (void)state;
    cd_module *m = cd_nn_sequential(cd_nn_relu(), cd_nn_relu());
    cd_tensor *mine = cd_ones(CD_SHAPE(3));
    (void)cd_register_forward_hook(cd_module_get(m, "0"), give_what_user_says, .user = mine);
    cd_tensor *y = cd_forward(m, ones());
    assert_int_equal(y->numel, 3);
    assert_close(cd_item(cd_sum(mine)), 3, 0, 0);
}

static bool exchange(cd_module *m, const cd_arguments *a, void *user)
{
    (void)m;
    (void)user;
    assert_int_equal(a->outputs, 2);
    cd_tensor *first = a->out[0];
    a->out[0] = a->out[1];
    a->out[1] = first;
    return true;
}

static void hooks_see_all_outputs_of_forward_n(void **state)
{
    (void)state;
    cd_module *m = cd_module_new(&swap_class);
    cd_tensor *in[2] = { ones(), cd_zeros(CD_SCALAR) }, *out[2];
    (void)cd_register_forward_hook(m, exchange);
    assert_true(cd_forward_n(m, in, 2, out, 2));
    assert_ptr_equal(out[0], in[1]);
    assert_ptr_equal(out[1], in[0]);
}

static void hooks_run_in_the_grad_mode_of_forward(void **state)
{
    (void)state;
    cd_module *m = linear();
    (void)cd_register_forward_hook(m, doubled);
    CD_NO_GRAD();
    assert_false(cd_requires_grad(cd_forward(m, ones())));
}

static void a_pre_hook_that_fails_stops_the_call(void **state)
{
    (void)state;
    cd_module *m = linear();
    (void)cd_register_forward_pre_hook(m, refuse_input);
    (void)cd_register_forward_pre_hook(m, before, .user = "p");
    (void)cd_register_forward_hook(m, behind, .user = "f");
    assert_null(cd_forward(m, ones()));
    assert_failed_with(CD_ERR_SHAPE, "1 inputs, and I take none");
    assert_string_equal(seen, "");
}

static void a_forward_hook_that_fails_stops_the_call(void **state)
{
    (void)state;
    cd_module *m = linear();
    (void)cd_register_forward_hook(m, refuse_output);
    (void)cd_register_forward_hook(m, behind, .user = "f");
    assert_null(cd_forward(m, ones()));
    assert_failed_with(CD_ERR_STATE, "no output today");
    assert_string_equal(seen, "");
}

static void a_hook_that_fails_in_silence_is_named(void **state)
{
    (void)state;
    cd_module *m = linear();
    int64_t id = cd_register_forward_pre_hook(m, silent_before);
    char text[64];
    (void)snprintf(text, sizeof text, "forward: hook %lld, of Linear, failed without saying why",
                   (long long)id);
    assert_null(cd_forward(m, ones()));
    assert_failed_with(CD_ERR_STATE, text);
}

static void an_output_that_is_no_tensor_is_refused(void **state)
{
    (void)state;
    cd_module *m = linear();
    (void)cd_register_forward_hook(m, give_what_user_says);
    cd_tensor *out = NULL, *in = ones();
    assert_false(cd_forward_n(m, &in, 1, &out, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "the output is NULL");
    assert_null(out);
}

static void a_hook_does_not_see_an_output_that_is_missing(void **state)
{
    (void)state;
    cd_module *m = cd_module_new(&nothing_class);
    (void)cd_register_forward_hook(m, behind, .user = "f");
    assert_null(cd_forward(m, ones()));
    assert_failed_with(CD_ERR_ARGUMENT, "the output is NULL");
    assert_string_equal(seen, "");
}

static void a_removed_hook_is_destroyed_once_and_silent(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        cd_module *m = linear();
        int64_t p = cd_register_forward_pre_hook(m, before, .user = "p", .destroy = count);
        int64_t f = cd_register_forward_hook(m, behind, .user = "f", .destroy = count);
        assert_true(p > 0 && f > p);
        assert_true(cd_module_remove_hook(m, p));
        assert_int_equal(gone, 1);
        assert_non_null(cd_forward(m, ones()));
        assert_string_equal(seen, "f10 ");
        assert_false(cd_module_remove_hook(m, p));
        assert_failed_with(CD_ERR_ARGUMENT, "module_remove_hook: the Linear has no hook");
        assert_false(cd_module_remove_hook(cd_nn_relu(), f));
        assert_failed_with(CD_ERR_ARGUMENT, "the ReLU has no hook");
    }
    assert_int_equal(gone, 2); /* the other hook is destroyed with the module */
}

static int64_t second;

static bool remove_second(cd_module *m, const cd_arguments *a, void *user)
{
    (void)a;
    (void)user;
    if (second) (void)cd_module_remove_hook(m, second);
    second = 0;
    return true;
}

static void a_hook_removed_meanwhile_runs_this_time(void **state)
{
    (void)state;
    cd_module *m = linear();
    (void)cd_register_forward_hook(m, remove_second);
    second = cd_register_forward_hook(m, behind, .user = "f", .destroy = count);
    assert_non_null(cd_forward(m, ones()));
    assert_non_null(cd_forward(m, ones()));
    assert_string_equal(seen, "f10 ");
    assert_int_equal(gone, 1);
}

static void registering_wrongly_is_refused_and_destroys_nothing(void **state)
{
    (void)state;
    cd_module *m = linear();
    assert_int_equal(cd_register_forward_hook(m, NULL, .destroy = count), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "register_forward_hook: the hook is NULL");
    assert_int_equal(cd_register_forward_pre_hook(m, NULL, .destroy = count), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "register_forward_pre_hook: the hook is NULL");
    assert_int_equal(cd_register_forward_hook(NULL, behind, .destroy = count), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "the module is NULL");
    assert_false(cd_module_remove_hook(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "the module is NULL");
    (void)cd_fail(CD_ERR_STATE, "pending");
    assert_int_equal(cd_register_forward_hook(m, behind, .destroy = count), 0);
    assert_false(cd_module_remove_hook(m, 1));
    assert_failed_with(CD_ERR_STATE, "pending");
    assert_int_equal(gone, 0);
}

static int64_t allocations, fail_at;

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return allocations++ == fail_at;
}

static void memory_that_fails_leaks_nothing(void **state)
{
    (void)state;
    bool done = false;
    int64_t at = 0;
    for (; !done; at++) {
        int registered = 0;
        gone = 0;
        {
            CD_SCOPE();
            cd_module *m = linear();
            cd_tensor *x = ones();
            allocations = 0;
            fail_at = at;
            cd_memory_fault_hook = fail_once;
            for (int i = 0; i < 6; i++) {
                registered += cd_register_forward_hook(m, doubled, .destroy = count) > 0;
            }
            done = cd_forward(m, x) != NULL;
            cd_memory_fault_hook = NULL;
            if (!done) assert_failed_with(CD_ERR_MEMORY, "out of memory");
        }
        assert_int_equal(gone, registered);
    }
    assert_true(at > 10);
}

#define HOOK_TEST(f_) cmocka_unit_test_setup_teardown(f_, start, test_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOOK_TEST(hooks_run_in_order_around_forward),
        HOOK_TEST(what_a_hook_gives_is_differentiated),
        HOOK_TEST(sequential_runs_the_hooks_of_its_children),
        HOOK_TEST(a_hook_may_give_a_tensor_of_the_callers),
        HOOK_TEST(hooks_see_all_outputs_of_forward_n),
        HOOK_TEST(hooks_run_in_the_grad_mode_of_forward),
        HOOK_TEST(a_pre_hook_that_fails_stops_the_call),
        HOOK_TEST(a_forward_hook_that_fails_stops_the_call),
        HOOK_TEST(a_hook_that_fails_in_silence_is_named),
        HOOK_TEST(an_output_that_is_no_tensor_is_refused),
        HOOK_TEST(a_hook_does_not_see_an_output_that_is_missing),
        HOOK_TEST(a_removed_hook_is_destroyed_once_and_silent),
        HOOK_TEST(a_hook_removed_meanwhile_runs_this_time),
        HOOK_TEST(registering_wrongly_is_refused_and_destroys_nothing),
        HOOK_TEST(memory_that_fails_leaks_nothing),
    };
    return RUN(tests);
}
