/* Hooks of tensors: removing them, retained gradients, post-accumulate hooks, lifetimes, threads.
 * Expected numbers are PyTorch 2.15's. */
#include "hooks.h"

#include <pthread.h>
#include <stdatomic.h>

/* --- removing, destroying --------------------------------------------------------------------- */

static void a_removed_hook_does_not_run_and_is_destroyed_once(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        cd_tensor *x = leaf(1, 2);
        int64_t id = cd_register_hook(x, look, .user = "x", .destroy = count);
        int64_t other = cd_register_hook(x, look, .user = "o", .destroy = count);
        assert_true(id != other);
        assert_true(cd_remove_hook(x, id));
        assert_int_equal(destroyed, 1);
        assert_true(cd_backward(cd_sum(x)));
        assert_string_equal(seen, "o1,1 ");
        assert_false(cd_remove_hook(x, id));
        assert_failed_with(CD_ERR_ARGUMENT, "no hook");
        assert_int_equal(destroyed, 1);
    }
    assert_int_equal(destroyed, 2);
}

/* Four hooks a, b, c, d on two tensors are removed in each of the 24 orders. */
static void hooks_are_removed_in_any_order(void **state)
{
    (void)state;
    for (int order = 0; order < 24; order++) {
        CD_SCOPE();
        static char names[4][2] = { "a", "b", "c", "d" };
        cd_tensor *x[2] = { leaf(1, 2), leaf(3, 4) };
        int64_t id[4];
        int left[4] = { 0, 1, 2, 3 };
        for (int k = 0; k < 4; k++) id[k] = cd_register_hook(x[k % 2], look, .user = names[k]);
        for (int count = 4, code = order; count > 0; code /= count, count--) {
            int at = code % count, k = left[at];
            assert_that(cd_remove_hook(x[k % 2], id[k]), "order %d: hook %s was not found", order,
                        names[k]);
            memmove(left + at, left + at + 1, (size_t)(count - 1 - at) * sizeof *left);
            char expected[64] = "";
            for (int t = 0; t < 2; t++) {
                for (int i = 0; i < count - 1; i++) {
                    if (left[i] % 2 != t) continue;
                    size_t used = strlen(expected);
                    (void)snprintf(expected + used, sizeof expected - used, "%s1,1 ",
                                   names[left[i]]);
                }
            }
            seen[0] = '\0';
            assert_true(cd_backward(cd_sum(x[0])) && cd_backward(cd_sum(x[1])));
            assert_string_equal(seen, expected);
        }
    }
}

static void another_tensors_hook_is_not_removed(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = leaf(1, 2);
    int64_t id = cd_register_hook(x, look, .user = "x");
    assert_false(cd_remove_hook(y, id));
    assert_failed_with(CD_ERR_ARGUMENT, "remove_hook: the tensor has no hook");
    assert_false(cd_remove_hook(y, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "no hook 0");
    assert_true(cd_remove_hook(x, id));
}

static void a_nodes_hooks_are_destroyed_with_the_graph(void **state)
{
    (void)state;
    cd_tensor *z = NULL;
    {
        CD_SCOPE();
        cd_tensor *y = cd_mul(leaf(1, 2), 2);
        (void)cd_register_hook(y, look, .user = "y", .destroy = count);
        z = cd_keep(cd_sum(y));
    }
    assert_int_equal(destroyed, 0); /* the graph of z holds the tensor and its hook */
    assert_true(cd_release(z));
    assert_int_equal(destroyed, 1);
}

static int64_t second;

static cd_tensor *remove_the_second(cd_tensor *gradient, void *user)
{
    see("1", NULL);
    if (second) (void)cd_remove_hook(user, second);
    second = 0;
    (void)gradient;
    return NULL;
}

static void a_hook_removed_by_another_runs_to_the_end_of_the_pass(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, remove_the_second, .user = x);
    second = cd_register_hook(x, look, .user = "2:", .destroy = count);
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "1 2:1,1 ");
    assert_int_equal(destroyed, 1);
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "1 2:1,1 1 ");
}

static cd_tensor *add_another(cd_tensor *gradient, void *user)
{
    (void)gradient;
    see("1", NULL);
    (void)cd_register_hook(user, look, .user = "2:");
    return NULL;
}

static void a_hook_added_by_another_waits_for_the_next_pass(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, add_another, .user = x);
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "1 ");
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "1 1 2:1,1 ");
}

static cd_tensor *remove_itself(cd_tensor *gradient, void *user)
{
    see("once", NULL);
    (void)cd_remove_hook(user, second);
    assert_int_equal(destroyed, 0); /* not while the hook runs */
    return cd_mul(gradient, 2);
}

static void a_hook_may_remove_itself(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    second = cd_register_hook(x, remove_itself, .user = x, .destroy = count);
    assert_true(cd_backward(cd_sum(x)));
    assert_int_equal(destroyed, 1);
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "once ");
    has(cd_grad(x), 3, 3);
}

static void many_hooks_of_one_tensor(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    for (int i = 0; i < 20; i++) (void)cd_register_hook(x, twice, .destroy = count);
    assert_true(cd_backward(cd_sum(x)));
    has(cd_grad(x), 1 << 20, 1 << 20);
}

/* --- retained gradients ----------------------------------------------------------------------- */

static int warnings;

static void count_warnings(cd_log_level level, const char *message, void *user)
{
    (void)message;
    (void)user;
    warnings += level == CD_LOG_WARNING;
}

static void a_retained_gradient_comes_without_a_warning(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3), *z = cd_mul(y, 2);
    warnings = 0;
    cd_set_logger(count_warnings, NULL);
    assert_ptr_equal(cd_retain_grad(y), y);
    assert_null(cd_grad(y));
    assert_true(cd_backward(cd_sum(z)));
    has(cd_grad(y), 2, 2);
    assert_int_equal(warnings, 0);
    assert_null(cd_grad(z));
    assert_int_equal(warnings, 1);
    cd_set_logger(NULL, NULL);
}

static void retains_grad_is_false_for_leaves(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3);
    assert_ptr_equal(cd_retain_grad(x), x);
    assert_false(cd_retains_grad(x));
    assert_false(cd_retains_grad(y));
    assert_non_null(cd_retain_grad(y));
    assert_true(cd_retains_grad(y));
    assert_false(cd_is_leaf(y));
}

static void a_retained_gradient_adds_up(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3), *z = cd_sum(y);
    assert_non_null(cd_retain_grad(cd_retain_grad(y))); /* the second call changes nothing */
    assert_true(cd_backward(z, .retain_graph = true));
    cd_tensor *first = cd_grad(y);
    assert_true(cd_backward(z));
    has(cd_grad(y), 2, 2);
    has(first, 1, 1);
}

static void a_retained_gradient_follows_an_in_place_change(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3);
    (void)cd_retain_grad(y);
    assert_non_null(cd_mul_(y, 5));
    assert_true(cd_retains_grad(y));
    assert_true(cd_backward(cd_sum(cd_mul(y, 7))));
    has(cd_grad(y), 7, 7);
    has(cd_grad(x), 105, 105);
}

static void a_retained_gradient_may_have_a_graph(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, x);
    (void)cd_retain_grad(y);
    assert_true(cd_backward(cd_sum(cd_mul(y, y)), .create_graph = true));
    has(cd_grad(y), 2, 8);
    assert_string_equal(cd_grad_fn_name(cd_grad(y)), "CloneBackward0");
    assert_true(cd_grad_drop(x) && cd_grad_drop(y));
}

static void a_retained_gradient_is_zeroed_and_dropped(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3);
    (void)cd_retain_grad(y);
    assert_true(cd_backward(cd_sum(y), .retain_graph = true));
    assert_true(cd_grad_zero_(y));
    has(cd_grad(y), 0, 0);
    assert_true(cd_grad_drop(y));
    assert_null(cd_grad(y));
    has(cd_grad(x), 3, 3);
}

static void a_retaining_tensor_that_is_gone_gets_nothing(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *z = NULL, *square = NULL;
    {
        CD_SCOPE();
        cd_tensor *y = cd_retain_grad(cd_mul(x, 3)), *held = cd_retain_grad(cd_mul(x, 2));
        z = cd_escape(cd_sum(y));
        square = cd_escape(cd_sum(cd_mul(held, held))); /* the graph saves `held` */
    }
    assert_true(cd_backward(z));
    assert_true(cd_backward(square));
    has(cd_grad(x), 11, 19);
}

/* --- after accumulation ----------------------------------------------------------------------- */

static void after_accumulation_the_sum_is_there(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, twice, .user = "x");
    (void)cd_register_post_accumulate_grad_hook(x, after, .user = "post");
    assert_true(cd_backward(cd_sum(cd_add(cd_mul(x, x), x))));
    assert_true(cd_backward(cd_sum(cd_mul(x, x))));
    assert_string_equal(seen, "x3,5 post6,10 x2,4 post10,18 ");
}

static void after_accumulation_all_leaves_have_theirs(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *w = leaf(3, 4);
    (void)cd_register_post_accumulate_grad_hook(x, after, .user = "x");
    (void)cd_register_post_accumulate_grad_hook(x, after, .user = "again");
    (void)cd_register_post_accumulate_grad_hook(w, after, .user = "w");
    assert_true(cd_backward(cd_sum(cd_mul(x, w))));
    assert_string_equal(seen, "x3,4 again3,4 w1,2 ");
}

static void a_leaf_that_ceased_to_require_gradients_is_not_called(void **state)
{
    (void)state;
    cd_tensor *w = leaf(1, 2), *x = leaf(3, 4), *bare = leaf(5, 6);
    (void)cd_register_post_accumulate_grad_hook(w, after, .user = "w");
    (void)cd_register_post_accumulate_grad_hook(x, after, .user = "x");
    cd_tensor *loss = cd_sum(cd_mul(cd_mul(w, x), bare));
    assert_non_null(cd_set_requires_grad(x, false));
    assert_non_null(cd_set_requires_grad(bare, false)); /* never had a gradient or a hook */
    assert_true(cd_backward(loss));
    assert_string_equal(seen, "w15,24 ");
    assert_null(cd_grad(x));
    assert_null(cd_grad(bare));
}

/* A leaf with a post-accumulate hook that is changed in place is a computed tensor then, and
 * retains its gradient: the hook is not called. */
static void a_leaf_that_was_computed_anew_is_not_called(void **state)
{
    (void)state;
    cd_tensor *w = leaf(1, 2), *x = leaf(3, 4);
    (void)cd_register_post_accumulate_grad_hook(x, after, .user = "x");
    assert_non_null(cd_set_requires_grad(x, false));
    assert_non_null(cd_mul_(x, w));
    assert_non_null(cd_retain_grad(x));
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "");
    assert_close(cd_item(cd_sum(cd_grad(x))), 2, 0, 0);
    assert_close(cd_item(cd_sum(cd_grad(w))), 7, 0, 0);
}

static void nothing_is_called_after_autograd_grad(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_post_accumulate_grad_hook(x, after, .user = "x");
    assert_non_null(cd_autograd_grad(cd_sum(x), x));
    assert_string_equal(seen, "");
}

static void only_a_leaf_is_called_after_accumulation(void **state)
{
    (void)state;
    cd_tensor *y = cd_mul(leaf(1, 2), 2);
    assert_int_equal(cd_register_post_accumulate_grad_hook(y, after, .destroy = count), 0);
    assert_failed_with(CD_ERR_AUTOGRAD, "the tensor is no leaf (MulBackward0)");
    assert_int_equal(destroyed, 0);
}

static bool descend(cd_tensor *w, void *user)
{
    CD_NO_GRAD();
    cd_sub_(w, cd_mul(cd_grad(w), *(double *)user));
    return cd_grad_drop(w);
}

static void an_optimizer_step_as_a_hook(void **state)
{
    (void)state;
    double rate = 0.1;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_post_accumulate_grad_hook(x, descend, .user = &rate);
    assert_true(cd_backward(cd_sum(cd_mul(x, x))));
    has(x, 0.8, 1.6);
    assert_null(cd_grad(x));
}

static void a_failure_after_accumulation_leaves_gradients_in_place(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *w = leaf(3, 4);
    int64_t id = cd_register_post_accumulate_grad_hook(x, after_refused);
    (void)cd_register_post_accumulate_grad_hook(w, after, .user = "w");
    assert_false(cd_backward(cd_sum(cd_mul(x, w))));
    assert_failed_with(CD_ERR_STATE, "refused afterwards");
    has(cd_grad(x), 3, 4);
    has(cd_grad(w), 1, 2);
    assert_string_equal(seen, ""); /* no hook after the one that failed */
    assert_true(cd_remove_hook(x, id));
    (void)cd_register_post_accumulate_grad_hook(x, after_silent);
    assert_false(cd_backward(cd_sum(x)));
    assert_failed_with(CD_ERR_STATE, "failed without saying why");
}

/* --- memory, threads -------------------------------------------------------------------------- */

static int64_t allocations, fail_at;

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return allocations++ == fail_at;
}

/* Registers hooks and goes backward. */
static bool build_and_run(cd_tensor *x, cd_tensor **y, int *registered)
{
    *y = cd_mul(x, x);
    for (int i = 0; i < 6 && *y; i++) {
        *registered += cd_register_hook(*y, plus_one, .destroy = count) > 0;
    }
    *registered += cd_register_hook(x, twice, .destroy = count) > 0;
    *registered +=
        cd_register_post_accumulate_grad_hook(x, after, .user = "x", .destroy = count) > 0;
    return cd_backward(cd_sum(cd_retain_grad(*y)));
}

static void memory_that_fails_leaves_everything(void **state)
{
    (void)state;
    bool done = false;
    int64_t at = 0;
    for (; !done; at++) {
        destroyed = 0;
        int registered = 0;
        {
            CD_SCOPE();
            cd_tensor *x = leaf(1, 2), *y = NULL;
            allocations = 0;
            fail_at = at;
            cd_memory_fault_hook = fail_once;
            done = build_and_run(x, &y, &registered);
            cd_memory_fault_hook = NULL;
            if (!done) {
                assert_failed_with(CD_ERR_MEMORY, "out of memory");
                assert_true(!cd_grad(x) || strstr(seen, "x"));
            }
            seen[0] = '\0';
        }
        assert_int_equal(destroyed, registered);
    }
    assert_true(at > 20);
}

static void *many_passes(void *user)
{
    cd_tensor *shared = user;
    for (int i = 0; i < 100; i++) {
        CD_SCOPE();
        int64_t id = cd_register_hook(shared, twice);
        cd_tensor *y = cd_retain_grad(cd_mul(shared, 1));
        if (!cd_backward(cd_sum(y)) || !cd_grad(y) || !cd_remove_hook(shared, id)) return NULL;
    }
    return shared;
}

static atomic_int calls;

static cd_tensor *count_calls(cd_tensor *gradient, void *user)
{
    (void)gradient;
    (void)user;
    atomic_fetch_add(&calls, 1);
    return NULL;
}

static void two_threads_share_a_leaf_with_hooks(void **state)
{
    (void)state;
    cd_tensor *x = leaf(0, 0);
    atomic_store(&calls, 0);
    (void)cd_register_hook(x, count_calls);
    pthread_t thread[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, many_passes, x), 0);
    }
    for (int i = 0; i < 2; i++) {
        void *result;
        assert_int_equal(pthread_join(thread[i], &result), 0);
        assert_ptr_equal(result, x);
    }
    assert_int_equal(atomic_load(&calls), 200);
    assert_true(cd_item(cd_index(cd_grad(x), 0)) >= 400); /* a doubling hook in each pass */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOOK_TEST(a_removed_hook_does_not_run_and_is_destroyed_once),
        HOOK_TEST(hooks_are_removed_in_any_order),
        HOOK_TEST(another_tensors_hook_is_not_removed),
        HOOK_TEST(a_nodes_hooks_are_destroyed_with_the_graph),
        HOOK_TEST(a_hook_removed_by_another_runs_to_the_end_of_the_pass),
        HOOK_TEST(a_hook_added_by_another_waits_for_the_next_pass),
        HOOK_TEST(a_hook_may_remove_itself),
        HOOK_TEST(many_hooks_of_one_tensor),
        HOOK_TEST(a_retained_gradient_comes_without_a_warning),
        HOOK_TEST(retains_grad_is_false_for_leaves),
        HOOK_TEST(a_retained_gradient_adds_up),
        HOOK_TEST(a_retained_gradient_follows_an_in_place_change),
        HOOK_TEST(a_retained_gradient_may_have_a_graph),
        HOOK_TEST(a_retained_gradient_is_zeroed_and_dropped),
        HOOK_TEST(a_retaining_tensor_that_is_gone_gets_nothing),
        HOOK_TEST(after_accumulation_the_sum_is_there),
        HOOK_TEST(after_accumulation_all_leaves_have_theirs),
        HOOK_TEST(a_leaf_that_ceased_to_require_gradients_is_not_called),
        HOOK_TEST(a_leaf_that_was_computed_anew_is_not_called),
        HOOK_TEST(nothing_is_called_after_autograd_grad),
        HOOK_TEST(only_a_leaf_is_called_after_accumulation),
        HOOK_TEST(an_optimizer_step_as_a_hook),
        HOOK_TEST(a_failure_after_accumulation_leaves_gradients_in_place),
        HOOK_TEST(memory_that_fails_leaves_everything),
        HOOK_TEST(two_threads_share_a_leaf_with_hooks),
    };
    return RUN(tests);
}
