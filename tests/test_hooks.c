/* Hooks of tensors: when they run, with which gradient, and how they fail. Expected numbers are
 * PyTorch 2.15's. */
#include "hooks.h"

/* --- gradients of computed tensors ------------------------------------------------------------ */

static void hooks_run_in_order_and_replace(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3);
    assert_true(cd_register_hook(y, twice, .user = "a") > 0);
    assert_non_null(cd_retain_grad(y));
    assert_true(cd_register_hook(y, plus_one, .user = "b") > 0);
    assert_true(cd_backward(cd_sum(cd_add(cd_mul(y, 2), y))));
    assert_string_equal(seen, "a3,3 b6,6 ");
    has(cd_grad(y), 7, 7);
    has(cd_grad(x), 21, 21);
}

static void a_hook_that_gives_null_only_looks(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3);
    assert_true(cd_register_hook(y, look, .user = "y") > 0);
    assert_true(cd_backward(cd_sum(cd_mul(y, y))));
    assert_string_equal(seen, "y6,12 ");
    has(cd_grad(x), 18, 36);
}

static void a_hook_sees_the_whole_gradient_once(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 1);
    assert_true(cd_register_hook(y, look, .user = "y") > 0);
    cd_tensor *z = cd_add(cd_mul(y, 2), cd_add(cd_mul(y, y), cd_mul(y, 4)));
    assert_true(cd_backward(cd_sum(z)));
    assert_string_equal(seen, "y8,10 ");
}

static void a_hook_of_where_the_pass_starts(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_sum(cd_mul(x, x));
    assert_true(cd_register_hook(y, twice) > 0);
    assert_true(cd_register_hook(y, twice) > 0);
    assert_non_null(cd_retain_grad(y));
    assert_true(cd_backward(y));
    assert_close(cd_item(cd_grad(y)), 4, 0, 0);
    has(cd_grad(x), 8, 16);
}

static void hooks_run_in_each_pass(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3), *z = cd_sum(y);
    assert_true(cd_register_hook(y, look, .user = "y") > 0);
    assert_true(cd_backward(z, .retain_graph = true));
    assert_true(cd_backward(z));
    assert_string_equal(seen, "y1,1 y1,1 ");
}

static void hooks_go_from_the_end_to_the_beginning(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *w = leaf(1, 2), *y = cd_mul(x, w), *m = cd_mul(y, w);
    (void)cd_register_hook(w, look, .user = "w");
    (void)cd_register_hook(x, look, .user = "x");
    (void)cd_register_hook(m, look, .user = "m");
    (void)cd_register_hook(y, look, .user = "y");
    assert_non_null(cd_autograd_grad(cd_sum(m), w));
    assert_string_equal(seen, "m1,1 y1,2 w2,8 "); /* not x, whose gradient was not asked for */
}

static void a_hook_stays_with_the_value_before_an_in_place_change(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3);
    int64_t before = cd_register_hook(y, look, .user = "before");
    assert_non_null(cd_mul_(y, 5));
    int64_t now = cd_register_hook(y, look, .user = "after");
    assert_true(before > 0 && now > before);
    assert_true(cd_backward(cd_sum(cd_mul(y, 7)), .retain_graph = true));
    assert_string_equal(seen, "after7,7 before35,35 ");
    has(cd_grad(x), 105, 105);
    seen[0] = '\0';
    assert_true(cd_remove_hook(y, before)); /* on the tensor that it was registered on */
    assert_true(cd_backward(cd_sum(cd_mul(y, 7))));
    assert_string_equal(seen, "after7,7 ");
}

static void a_tensor_that_became_computed_has_its_hook_in_the_node(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2)), *w = cd_ones(CD_SHAPE(2), .requires_grad = true);
    assert_non_null(cd_add_(x, w));
    (void)cd_register_hook(x, look, .user = "x");
    assert_true(cd_backward(cd_sum(cd_mul(x, 3))));
    assert_string_equal(seen, "x3,3 ");
}

static void a_detached_tensor_has_no_hooks(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 2);
    (void)cd_register_hook(y, look, .user = "y");
    cd_tensor *d = cd_set_requires_grad(cd_detach(y), true);
    assert_true(cd_backward(cd_sum(d)));
    assert_string_equal(seen, "");
}

static void the_hook_of_an_output_that_was_not_used_does_not_run(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *index = NULL;
    cd_tensor *v = cd_topk(x, 1, .indices = &index);
    (void)cd_register_hook(v, look, .user = "v");
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "");
}

/* --- of leaves -------------------------------------------------------------------------------- */

static void a_leafs_hook_sees_each_passes_gradient_not_the_sum(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, look, .user = "x");
    assert_true(cd_backward(cd_sum(cd_add(cd_mul(x, x), x))));
    assert_true(cd_backward(cd_sum(cd_mul(x, x))));
    assert_string_equal(seen, "x3,5 x2,4 ");
    has(cd_grad(x), 5, 9);
}

static void a_leafs_hook_replaces_before_accumulation(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, twice);
    assert_true(cd_backward(cd_sum(cd_mul(x, x))));
    has(cd_grad(x), 4, 8);
    assert_true(cd_backward(cd_sum(x)));
    has(cd_grad(x), 6, 10);
}

static void a_leafs_hook_runs_for_autograd_grad(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, twice, .user = "x");
    has(cd_autograd_grad(cd_sum(cd_mul(x, x)), x), 4, 8);
    assert_string_equal(seen, "x2,4 ");
    assert_null(cd_grad(x));
}

static void a_kept_gradient_is_not_shared_with_the_leaf(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *mine = leaf(5, 6);
    cd_set_requires_grad(mine, false);
    (void)cd_register_hook(x, give, .user = mine);
    assert_true(cd_backward(cd_sum(x)));
    has(cd_grad(x), 5, 6);
    assert_ptr_not_equal(cd_grad(x), mine);
    assert_non_null(cd_zero_(mine));
    has(cd_grad(x), 5, 6);
}

static void a_leafs_hook_survives_requires_grad_off_and_on(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, look, .user = "x");
    (void)cd_set_requires_grad(cd_set_requires_grad(x, false), true);
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "x1,1 ");
}

static void a_leaf_is_its_own_start(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, twice);
    assert_true(cd_backward(x, .gradient = cd_ones(CD_SHAPE(2))));
    has(cd_grad(x), 2, 2);
}

/* --- asked for by autograd_grad --------------------------------------------------------------- */

static void a_computed_tensor_asked_for_comes_after_its_hooks(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3);
    (void)cd_register_hook(y, twice, .user = "y");
    (void)cd_retain_grad(y);
    has(cd_autograd_grad(cd_sum(cd_mul(y, y)), y), 12, 24);
    assert_string_equal(seen, "y6,12 ");
    has(cd_grad(y), 12, 24);
}

static void asked_for_on_the_way_it_comes_before_its_hooks(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 3), *g[2];
    (void)cd_register_hook(y, twice, .user = "y");
    (void)cd_retain_grad(y);
    assert_true(cd_autograd_grad_n(CD_TENSORS(cd_sum(cd_mul(y, y))), CD_TENSORS(y, x), g));
    assert_string_equal(seen, "y6,12 ");
    has(g[0], 6, 12);
    has(g[1], 36, 72);
    has(cd_grad(y), 12, 24);
}

static void autograd_grad_of_a_hooked_tensor_keeps_the_graph_behind_it(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, x), *z = cd_sum(y);
    (void)cd_register_hook(y, twice);
    has(cd_autograd_grad(z, y), 2, 2);
    assert_true(cd_backward(y, .gradient = cd_ones(CD_SHAPE(2))));
    has(cd_grad(x), 4, 8);
}

/* --- modes and scopes ------------------------------------------------------------------------- */

static cd_tensor *note_mode(cd_tensor *gradient, void *user)
{
    (void)strcat(user, cd_grad_enabled() ? "+" : "-");
    (void)strcat(user, cd_requires_grad(gradient) ? "g" : "n");
    return NULL;
}

static bool note_mode_after(cd_tensor *x, void *user)
{
    (void)x;
    (void)strcat(user, cd_grad_enabled() ? "+" : "-");
    return true;
}

static void hooks_run_under_the_passes_grad_mode(void **state)
{
    (void)state;
    char modes[32] = "";
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, note_mode, .user = modes);
    (void)cd_register_post_accumulate_grad_hook(x, note_mode_after, .user = modes);
    assert_true(cd_backward(cd_sum(cd_mul(x, x))));
    assert_true(cd_backward(cd_sum(cd_mul(x, x)), .create_graph = true));
    assert_string_equal(modes, "-n-+g+");
}

static void what_a_hook_does_is_differentiated_with_create_graph(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, x);
    (void)cd_register_hook(y, squared);
    cd_tensor *g = cd_autograd_grad(cd_sum(cd_mul(y, y)), x, .create_graph = true);
    has(g, 8, 256);
    assert_true(cd_backward(cd_sum(g)));
    has(cd_grad(x), 520, 65664);
}

static cd_tensor *leave_scopes_open(cd_tensor *gradient, void *user)
{
    (void)user;
    (void)cd_scope_begin();
    (void)cd_grad_mode_begin(true);
    return cd_mul(gradient, 3);
}

static void scopes_that_a_hook_leaves_open_are_ended(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, 1);
    (void)cd_register_hook(y, leave_scopes_open);
    assert_true(cd_backward(cd_sum(y)));
    has(cd_grad(x), 3, 3);
    assert_null(cd_grad_fn_name(cd_grad(x)));
}

static cd_tensor *go_backward_again(cd_tensor *gradient, void *user)
{
    cd_tensor *x = user;
    CD_ENABLE_GRAD();
    if (!cd_backward(cd_sum(cd_mul(x, 10)))) return NULL;
    return gradient;
}

static void a_hook_may_go_backward_itself(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *other = leaf(1, 1), *y = cd_mul(x, 2);
    (void)cd_register_hook(y, go_backward_again, .user = other);
    (void)cd_register_hook(x, go_backward_again, .user = other);
    assert_true(cd_backward(cd_sum(y)));
    has(cd_grad(x), 2, 2);
    has(cd_grad(other), 20, 20);
}

/* --- what goes wrong -------------------------------------------------------------------------- */

static void a_replacement_of_another_shape_is_refused(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, x);
    int64_t id = cd_register_hook(y, give, .user = cd_ones(CD_SHAPE(3), .dtype = CD_F64));
    char text[96];
    (void)snprintf(text, sizeof text,
                   "hook %lld, of MulBackward0, gave a gradient of shape 3 for one of shape 2",
                   (long long)id);
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_SHAPE, text);
    assert_null(cd_grad(x));
}

static void a_replacement_of_another_dtype_is_refused(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *w = leaf(3, 4);
    (void)cd_register_hook(x, give, .user = cd_ones(CD_SHAPE(2)));
    assert_false(cd_backward(cd_sum(cd_mul(x, w))));
    assert_failed_with(CD_ERR_DTYPE, "of a leaf, gave a gradient of float32 for one of float64");
    assert_null(cd_grad(x));
    assert_null(cd_grad(w));
}

static void a_replacement_that_is_no_tensor_is_refused(void **state)
{
    (void)state;
    static uint64_t no_tensor[64];
    cd_tensor *x = leaf(1, 2);
    (void)cd_register_hook(x, give, .user = no_tensor);
    assert_false(cd_backward(cd_sum(x)));
    assert_failed_with(CD_ERR_ARGUMENT, "the gradient that a hook returned");
}

static void a_hook_that_fails_fails_the_pass(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *y = cd_mul(x, x);
    (void)cd_register_hook(y, refuse, .user = "me");
    (void)cd_register_hook(y, look, .user = "not run");
    (void)cd_retain_grad(y);
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_STATE, "refused by me");
    assert_null(cd_grad(x));
    assert_null(cd_grad(y));
    assert_string_equal(seen, "");
}

static void a_leafs_hook_that_fails_leaves_all_leaves(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2), *w = leaf(3, 4);
    (void)cd_register_hook(w, refuse, .user = "w");
    assert_false(cd_backward(cd_sum(cd_mul(x, w))));
    assert_failed_with(CD_ERR_STATE, "refused by w");
    assert_null(cd_grad(x));
    cd_tensor *g = x;
    assert_false(cd_autograd_grad_n(CD_TENSORS(cd_sum(cd_mul(x, w))), CD_TENSORS(w), &g));
    assert_failed_with(CD_ERR_STATE, "refused by w");
    assert_ptr_equal(g, x);
}

static void registering_asks_for_a_tensor_that_requires_gradients(void **state)
{
    (void)state;
    cd_tensor *t = cd_ones(CD_SHAPE(2));
    assert_int_equal(cd_register_hook(t, look, .user = "t", .destroy = count), 0);
    assert_failed_with(CD_ERR_AUTOGRAD, "register_hook: the tensor does not require gradients");
    assert_int_equal(cd_register_post_accumulate_grad_hook(t, after, .destroy = count), 0);
    assert_failed_with(CD_ERR_AUTOGRAD, "does not require gradients");
    assert_null(cd_retain_grad(t));
    assert_failed_with(CD_ERR_AUTOGRAD, "retain_grad: the tensor does not require gradients");
    assert_int_equal(destroyed, 0);
}

static void registering_null_is_refused(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    assert_int_equal(cd_register_hook(x, NULL, .destroy = count), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "the hook is NULL");
    assert_int_equal(cd_register_post_accumulate_grad_hook(x, NULL, .destroy = count), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "the hook is NULL");
    assert_int_equal(cd_register_hook(NULL, look), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "register_hook: the tensor is NULL");
    assert_null(cd_retain_grad(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_false(cd_retains_grad(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_int_equal(destroyed, 0);
}

static void nothing_is_registered_while_an_error_is_pending(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2);
    (void)cd_fail(CD_ERR_STATE, "pending");
    assert_int_equal(cd_register_hook(x, look, .user = "x", .destroy = count), 0);
    assert_failed_with(CD_ERR_STATE, "pending");
    assert_true(cd_backward(cd_sum(x)));
    assert_string_equal(seen, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOOK_TEST(hooks_run_in_order_and_replace),
        HOOK_TEST(a_hook_that_gives_null_only_looks),
        HOOK_TEST(a_hook_sees_the_whole_gradient_once),
        HOOK_TEST(a_hook_of_where_the_pass_starts),
        HOOK_TEST(hooks_run_in_each_pass),
        HOOK_TEST(hooks_go_from_the_end_to_the_beginning),
        HOOK_TEST(a_hook_stays_with_the_value_before_an_in_place_change),
        HOOK_TEST(a_tensor_that_became_computed_has_its_hook_in_the_node),
        HOOK_TEST(a_detached_tensor_has_no_hooks),
        HOOK_TEST(the_hook_of_an_output_that_was_not_used_does_not_run),
        HOOK_TEST(a_leafs_hook_sees_each_passes_gradient_not_the_sum),
        HOOK_TEST(a_leafs_hook_replaces_before_accumulation),
        HOOK_TEST(a_leafs_hook_runs_for_autograd_grad),
        HOOK_TEST(a_kept_gradient_is_not_shared_with_the_leaf),
        HOOK_TEST(a_leafs_hook_survives_requires_grad_off_and_on),
        HOOK_TEST(a_leaf_is_its_own_start),
        HOOK_TEST(a_computed_tensor_asked_for_comes_after_its_hooks),
        HOOK_TEST(asked_for_on_the_way_it_comes_before_its_hooks),
        HOOK_TEST(autograd_grad_of_a_hooked_tensor_keeps_the_graph_behind_it),
        HOOK_TEST(hooks_run_under_the_passes_grad_mode),
        HOOK_TEST(what_a_hook_does_is_differentiated_with_create_graph),
        HOOK_TEST(scopes_that_a_hook_leaves_open_are_ended),
        HOOK_TEST(a_hook_may_go_backward_itself),
        HOOK_TEST(a_replacement_of_another_shape_is_refused),
        HOOK_TEST(a_replacement_of_another_dtype_is_refused),
        HOOK_TEST(a_replacement_that_is_no_tensor_is_refused),
        HOOK_TEST(a_hook_that_fails_fails_the_pass),
        HOOK_TEST(a_leafs_hook_that_fails_leaves_all_leaves),
        HOOK_TEST(registering_asks_for_a_tensor_that_requires_gradients),
        HOOK_TEST(registering_null_is_refused),
        HOOK_TEST(nothing_is_registered_while_an_error_is_pending),
    };
    return RUN(tests);
}
