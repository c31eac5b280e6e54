/* Views that are changed in place, or whose base is: of leaves, under CD_NO_GRAD(), with detached
 * tensors and saved values, and over several passes. Numbers, names of grad_fns and refusals are
 * PyTorch 2.15's. */
#include "changed_views.h"

#include "autograd/function.h"
#include "autograd/logic.h"

/* --- leaves, no_grad, detach ------------------------------------------------------------------ */

static void a_view_of_a_leaf_is_refused(void **state)
{
    (void)state;
    cd_tensor *a = four(), *v = part(a, 0, 2);
    assert_null(cd_mul_(v, 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "mul: a view of a leaf that requires gradients");
    assert_null(cd_zero_(v));
    assert_failed_with(CD_ERR_AUTOGRAD, "a view of a leaf");
    assert_int_equal(cd_version(a), 0);
    EXPECT(a, 1, 2, 3, 4);
    NAME(v, "SliceBackward0");
}

static void a_view_of_a_leaf_is_changed_under_no_grad(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3), .requires_grad = true), *v = part(a, 0, 2);
    {
        CD_NO_GRAD();
        assert_non_null(cd_mul_(v, 2));
        assert_non_null(cd_zero_(part(a, 2, 3)));
    }
    NAME(a, NULL);
    NAME(v, "AsStridedBackward0");
    EXPECT(a, 2, 2, 0);
    assert_true(cd_backward(cd_sum(v)));
    EXPECT(cd_grad(a), 1, 1, 0);
}

static void a_change_under_no_grad_is_not_in_the_graph(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1), *v = part(b, 0, 2);
    {
        CD_NO_GRAD();
        assert_non_null(cd_mul_(v, 2));
    }
    NAME(b, "MulBackward0");
    NAME(v, "AsStridedBackward0");
    EXPECT(v, 2, 4);
    assert_true(cd_backward(cd_sum(v)));
    EXPECT(cd_grad(a), 1, 1, 0, 0);
}

static cd_tensor *part_under_no_grad(cd_tensor *x)
{
    CD_NO_GRAD();
    return part(x, 0, 2);
}

static void a_view_from_no_grad_is_refused_in_grad_mode(void **state)
{
    (void)state;
    cd_tensor *a = four(), *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *const bases[] = { cd_mul(a, 1), a, cd_zeros(CD_SHAPE(3)) };
    for (int k = 0; k < 3; k++) {
        cd_tensor *v = part_under_no_grad(bases[k]);
        NAME(v, NULL);
        assert_null(cd_mul_(v, leaf));
        assert_failed_with(CD_ERR_AUTOGRAD, "mul: a view that was made under CD_NO_GRAD()");
        assert_null(cd_mul_(part(v, 0, 1), part(leaf, 0, 1)));
        assert_failed_with(CD_ERR_AUTOGRAD, "under CD_NO_GRAD()");
        assert_int_equal(cd_version(v), 0);
    }
    assert_non_null(cd_mul_(part_under_no_grad(bases[2]), 2)); /* nothing is recorded */
}

static void a_view_from_no_grad_loses_its_history(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3), .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *v = part_under_no_grad(b);
    (void)cd_mul_(b, 2);
    assert_null(cd_mul(v, 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "mul: a view was made under CD_NO_GRAD() or by");
    assert_null(cd_grad_fn_name(v));
    assert_failed_with(CD_ERR_AUTOGRAD, "grad_fn_name: ");
    assert_false(cd_is_leaf(v));
    assert_failed_with(CD_ERR_AUTOGRAD, "is_leaf: ");
    assert_null(cd_set_requires_grad(v, true));
    assert_failed_with(CD_ERR_AUTOGRAD, "set_requires_grad: ");
    assert_false(cd_backward(v, .gradient = v));
    assert_failed_with(CD_ERR_AUTOGRAD, "backward: ");
    assert_true(cd_requires_grad(v));
    expect_text(v, "tensor([2., 2.], grad_fn=<Invalid>)");
    NAME(cd_detach(v), NULL);
    /* A comparison asks for no history, as in PyTorch; in place it does. */
    EXPECT(cd_to(cd_gt(v, 1), CD_F32), 1, 1);
    EXPECT(cd_to(cd_eq(v, v), CD_F32), 1, 1);
    assert_null(cd_gt_(v, 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "gt: ");
}

static void under_no_grad_all_may_be_changed(void **state)
{
    (void)state;
    cd_tensor *w = cd_ones(CD_SHAPE(3), .requires_grad = true);
    CD_NO_GRAD();
    cd_tensor *v = part(w, 0, 2);
    assert_non_null(cd_mul_(v, 2));
    assert_non_null(cd_mul_(v, 2));
    assert_false(cd_requires_grad(cd_mul(v, 2)));
    assert_true(cd_requires_grad(part(v, 0, 1)));
    EXPECT(w, 4, 4, 1);
}

/* As in PyTorch: the view requires gradients, as its base does, but has no grad_fn, so none
 * flow. */
static void a_view_from_no_grad_has_no_gradient(void **state)
{
    (void)state;
    cd_tensor *w = cd_ones(CD_SHAPE(3), .requires_grad = true), *v = part_under_no_grad(w);
    assert_true(cd_requires_grad(v));
    expect_text(v, "tensor([1., 1.], requires_grad=True)");
    cd_tensor *y = cd_mul(v, 2);
    NAME(y, "MulBackward0");
    assert_true(cd_backward(cd_sum(y)));
    assert_null(cd_grad(w));
    assert_null(cd_grad(v));
    assert_ok();
    assert_false(cd_backward(v, .gradient = y));
    assert_failed_with(CD_ERR_AUTOGRAD, "does not require gradients");
}

static void enabling_grad_again_makes_a_usual_view(void **state)
{
    (void)state;
    cd_tensor *b = cd_mul(four(), 1), *v;
    {
        CD_NO_GRAD();
        CD_ENABLE_GRAD();
        v = part(b, 0, 2);
    }
    assert_non_null(cd_mul_(v, 2));
    NAME(v, "AsStridedBackward0");
}

static void what_is_detached_shares_storage_and_no_history(void **state)
{
    (void)state;
    cd_tensor *b = cd_mul(four(), 1), *d = cd_detach(b);
    (void)cd_mul_(d, 2);
    NAME(d, NULL);
    NAME(b, "MulBackward0");
    assert_int_equal(cd_version(b), 1);
    cd_tensor *leaf = cd_ones(CD_SHAPE(1), .requires_grad = true), *v = part(d, 0, 1);
    (void)cd_mul_(v, leaf);
    NAME(d, "CopySlices");
    NAME(v, "AsStridedBackward0");
    NAME(b, "MulBackward0");
    assert_false(cd_requires_grad(cd_detach(b)));
}

static void a_change_behind_the_graph_renews_views(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1), *v = part(b, 0, 2);
    (void)cd_mul_(cd_detach(b), 3);
    NAME(v, "AsStridedBackward0");
    EXPECT(v, 3, 6);
    assert_true(cd_backward(cd_sum(v)));
    EXPECT(cd_grad(a), 1, 1, 0, 0);
}

static void a_view_may_be_a_leaf_until_its_base_has_a_history(void **state)
{
    (void)state;
    cd_tensor *b = cd_zeros(CD_SHAPE(3)), *v = cd_set_requires_grad(part(b, 0, 2), true);
    NAME(v, NULL);
    assert_false(cd_requires_grad(b));
    assert_null(cd_mul_(v, 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "a view of a leaf");
    assert_null(cd_mul_(part(v, 0, 1), 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "a view of a leaf");
    (void)cd_mul_(b, 2);
    NAME(v, NULL);
    (void)cd_mul_(b, cd_ones(CD_SHAPE(3), .requires_grad = true));
    NAME(b, "MulBackward0");
    NAME(v, "AsStridedBackward0");
}

static void a_base_made_to_require_gradients_after_its_view(void **state)
{
    (void)state;
    cd_tensor *b = cd_zeros(CD_SHAPE(3)), *v = part(b, 0, 2);
    (void)cd_set_requires_grad(b, true);
    assert_true(cd_requires_grad(v));
    NAME(v, NULL);
    assert_null(cd_mul_(v, 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "a view of a leaf");
    {
        CD_NO_GRAD();
        assert_non_null(cd_add_(b, 1));
    }
    NAME(v, "AsStridedBackward0");
    assert_true(cd_backward(cd_sum(cd_mul(v, 2))));
    EXPECT(cd_grad(b), 2, 2, 0);
}

static void a_view_cannot_stop_requiring_gradients(void **state)
{
    (void)state;
    cd_tensor *b = cd_mul(four(), 1), *v = part(b, 0, 2);
    (void)cd_mul_(b, 2);
    assert_null(cd_set_requires_grad(v, false));
    assert_failed_with(CD_ERR_AUTOGRAD, "AsStridedBackward0");
    assert_ptr_equal(cd_set_requires_grad(v, true), v);
}

/* --- saved values ----------------------------------------------------------------------------- */

static void a_saved_output_outlives_the_change(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3), .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *y = cd_exp(part(b, 0, 2));
    (void)cd_fill_(cd_index(b, 2), 5);
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_grad(a), exp(1), exp(1), 0);
}

static void a_saved_view_is_found_changed(void **state)
{
    (void)state;
    for (int detached = 0; detached < 2; detached++) {
        cd_tensor *b = cd_mul(four(), 1), *v = part(b, 0, 2), *y = cd_mul(v, v);
        (void)cd_fill_(cd_index(detached ? cd_detach(b) : b, 2), 5);
        assert_false(cd_backward(cd_sum(y)));
        assert_failed_with(CD_ERR_AUTOGRAD, "(float32, 2) was changed by an in-place operation: it "
                                            "is at version 1, and 0 was saved");
    }
}

static void a_part_is_added_to_another(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1);
    (void)cd_add_(part(b, 0, 2), part(b, 2, 4));
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 1, 1, 2, 2);
}

/* Refused, as in PyTorch; and nothing leaks. */
static void a_part_times_another_is_found_out(void **state)
{
    (void)state;
    cd_tensor *b = cd_mul(four(), 1);
    (void)cd_mul_(part(b, 0, 2), part(b, 2, 4));
    EXPECT(b, 3, 8, 3, 4);
    assert_false(cd_backward(cd_sum(b)));
    assert_failed_with(CD_ERR_AUTOGRAD, "changed by an in-place operation");
}

/* --- passes ----------------------------------------------------------------------------------- */

static void a_changed_view_is_asked_for_its_gradient(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1), *v = part(b, 0, 2);
    (void)cd_mul_(v, 2);
    assert_null(cd_autograd_grad(cd_sum(b), v, .allow_unused = true, .retain_graph = true));
    assert_ok();
    EXPECT(cd_autograd_grad(cd_sum(v), v, .retain_graph = true), 1, 1);
    EXPECT(cd_autograd_grad(cd_sum(v), b, .retain_graph = true), 1, 1, 0, 0);
    EXPECT(cd_autograd_grad(cd_sum(b), a), 2, 2, 1, 1);
}

static void a_pass_begins_at_an_old_view(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1), *v = part(b, 1, 3);
    (void)cd_mul_(b, cd_clone(cd_detach(b)));
    assert_true(cd_backward(v, .gradient = cd_from_array(((float[]){ 10, 100 }), CD_SHAPE(2))));
    EXPECT(cd_grad(a), 0, 20, 300, 0);
}

static void a_second_pass_is_refused(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_add(a, 0);
    (void)cd_fill_(cd_index(b, 0), 5);
    cd_tensor *y = cd_sum(b);
    assert_true(cd_backward(y));
    assert_false(cd_backward(y));
    assert_failed_with(CD_ERR_AUTOGRAD, "CopySlices was gone through a second time");
}

static void as_strided_allows_a_second_pass(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_add(a, 0);
    cd_tensor *y = cd_sum(cd_as_strided(b, CD_SHAPE(2, 2), CD_SHAPE(1, 1), 0));
    assert_true(cd_backward(y));
    assert_true(cd_backward(y));
    EXPECT(cd_grad(a), 2, 4, 2, 0);
}

static void a_kept_graph_allows_a_second_pass(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1);
    (void)cd_mul_(part(b, 1, 3), part(a, 0, 2));
    cd_tensor *y = cd_sum(b);
    assert_true(cd_backward(y, .retain_graph = true));
    assert_true(cd_backward(y));
    EXPECT(cd_grad(a), 6, 8, 4, 2);
}

static void gradients_of_gradients(void **state)
{
    (void)state;
    const double one_to_three[] = { 1, 2, 3 };
    cd_tensor *a = cd_from_array(one_to_three, CD_SHAPE(3), .dtype = CD_F64, .requires_grad = true);
    cd_tensor *b = cd_mul(a, a);
    (void)cd_mul_(part(b, 1, 3), part(a, 0, 2));
    cd_tensor *g = cd_autograd_grad(cd_sum(cd_mul(b, b)), a, .create_graph = true);
    EXPECT(g, 36, 356, 432);
    EXPECT(cd_autograd_grad(cd_sum(cd_mul(g, g)), a), 48736, 527376, 680832);
}

static void a_buffer_is_filled_step_by_step(void **state)
{
    (void)state;
    cd_tensor *a = four(), *x = cd_zeros(CD_SHAPE(100));
    for (int i = 0; i < 100; i++) {
        CD_SCOPE();
        (void)cd_copy_(cd_index(x, i), cd_mul(cd_index(a, i % 4), i + 1));
    }
    assert_true(cd_backward(cd_sum(x)));
    EXPECT(cd_grad(a), 1225, 1250, 1275, 1300);
}

static void a_long_chain_is_freed_without_recursion(void **state)
{
    (void)state;
    cd_tensor *a = four(), *x = cd_mul(a, 1), *v = part(x, 0, 2);
    for (int i = 0; i < 20000; i++) (void)cd_add_(v, 1);
    NAME(v, "AsStridedBackward0");
    assert_close(cd_item(cd_index(x, 0)), 20001, 0, 0);
}

/* --- what is computed from a view of CD_NO_GRAD() --------------------------------------------- */

static bool backward_of_two(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    grad_in[0] = cd_mul(grad_out[0], 2);
    return grad_in[0];
}

static bool forward_of_two(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_mul(in[0], 2);
    return out[0];
}

static const cd_function times_two = { .name = "TimesTwo",
                                       .inputs = 1,
                                       .outputs = 1,
                                       .forward = forward_of_two,
                                       .backward = backward_of_two };

/* The result requires gradients, but no gradient flows through the view. */
static void no_gradient_goes_through_a_view_of_no_grad(void **state)
{
    (void)state;
    cd_tensor *a = four(), *v;
    {
        CD_NO_GRAD();
        v = part(a, 0, 2);
    }
    cd_tensor *const results[] = { cd_sum(v),
                                   cd_mul(v, v),
                                   cd_softmax(v, 0),
                                   cd_exp(v),
                                   cd_t(v),
                                   cd_apply(&times_two, v),
                                   cd_neg_(cd_mul(v, 2)) };
    for (size_t k = 0; k < sizeof results / sizeof *results; k++) {
        assert_true(cd_requires_grad(results[k]));
        assert_true(cd_backward(cd_sum(results[k])));
    }
    assert_null(cd_grad(a));
    assert_true(cd_backward(cd_sum(cd_add(cd_sum(v), part(a, 1, 3)))));
    EXPECT(cd_grad(a), 0, 1, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_view_of_a_leaf_is_refused),
        TEST(a_view_of_a_leaf_is_changed_under_no_grad),
        TEST(a_change_under_no_grad_is_not_in_the_graph),
        TEST(a_view_from_no_grad_is_refused_in_grad_mode),
        TEST(a_view_from_no_grad_loses_its_history),
        TEST(under_no_grad_all_may_be_changed),
        TEST(a_view_from_no_grad_has_no_gradient),
        TEST(enabling_grad_again_makes_a_usual_view),
        TEST(what_is_detached_shares_storage_and_no_history),
        TEST(a_change_behind_the_graph_renews_views),
        TEST(a_view_may_be_a_leaf_until_its_base_has_a_history),
        TEST(a_base_made_to_require_gradients_after_its_view),
        TEST(a_view_cannot_stop_requiring_gradients),
        TEST(a_saved_output_outlives_the_change),
        TEST(a_saved_view_is_found_changed),
        TEST(a_part_is_added_to_another),
        TEST(a_part_times_another_is_found_out),
        TEST(a_changed_view_is_asked_for_its_gradient),
        TEST(a_pass_begins_at_an_old_view),
        TEST(a_second_pass_is_refused),
        TEST(as_strided_allows_a_second_pass),
        TEST(a_kept_graph_allows_a_second_pass),
        TEST(gradients_of_gradients),
        TEST(a_buffer_is_filled_step_by_step),
        TEST(a_long_chain_is_freed_without_recursion),
        TEST(no_gradient_goes_through_a_view_of_no_grad),
    };
    return RUN(tests);
}
