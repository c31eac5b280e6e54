/* Views that are changed in place while a graph is recorded: the new histories of the view, its
 * base and other views, and the gradients. Numbers and names of grad_fns are PyTorch 2.15's for the
 * same calls. */
#include "changed_views.h"

/* --- whose history becomes what --------------------------------------------------------------- */

static void gradients_come_through_the_base_and_all_views(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1), *w = part(b, 1, 3), *v = part(b, 0, 2);
    assert_ptr_equal(cd_mul_(v, 2), v);
    NAME(b, "CopySlices");
    NAME(v, "AsStridedBackward0");
    NAME(w, "AsStridedBackward0");
    cd_tensor *x = part(b, 0, 2);
    NAME(x, "SliceBackward0");
    EXPECT(b, 2, 4, 3, 4);
    EXPECT(w, 4, 3);
    cd_tensor *sum = cd_add(cd_add(cd_sum(b), cd_mul(cd_sum(v), 10)),
                            cd_add(cd_mul(cd_sum(w), 100), cd_mul(cd_sum(x), 1000)));
    assert_true(cd_backward(sum));
    EXPECT(cd_grad(a), 2022, 2222, 101, 1);
}

static void a_change_of_the_base_reaches_views_of_views(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(4), .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *v = part(b, 0, 2), *vv = part(v, 0, 1);
    (void)cd_mul_(b, 3);
    NAME(b, "MulBackward0");
    NAME(v, "AsStridedBackward0");
    NAME(vv, "AsStridedBackward0");
    assert_true(cd_backward(cd_sum(vv)));
    EXPECT(cd_grad(a), 3, 0, 0, 0);
}

static void a_view_of_a_view_changes_the_root(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(4), .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *v = part(b, 0, 3), *vv = part(v, 1, 3);
    (void)cd_mul_(vv, 5);
    NAME(b, "CopySlices");
    NAME(v, "AsStridedBackward0");
    NAME(vv, "AsStridedBackward0");
    assert_true(cd_backward(cd_add(cd_sum(v), cd_sum(b))));
    EXPECT(cd_grad(a), 2, 10, 10, 1);
}

static void a_base_comes_to_require_gradients(void **state)
{
    (void)state;
    cd_tensor *leaf = cd_full(CD_SCALAR, 3, .requires_grad = true);
    cd_tensor *base = cd_zeros(CD_SHAPE(3)), *u = part(base, 1, 3), *v = cd_index(base, 0);
    assert_false(cd_requires_grad(u));
    (void)cd_copy_(v, leaf);
    NAME(base, "CopySlices");
    NAME(v, "AsStridedBackward0");
    NAME(u, "AsStridedBackward0");
    assert_true(cd_requires_grad(u) && cd_requires_grad(base));
    assert_true(cd_backward(cd_sum(base)));
    EXPECT(cd_grad(leaf), 1);
}

static void a_constant_base_follows_a_change_of_the_whole(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3)), *v = part(a, 0, 2);
    cd_tensor *leaf = cd_ones(CD_SHAPE(3), .requires_grad = true);
    (void)cd_mul_(a, leaf);
    NAME(a, "MulBackward0");
    NAME(v, "AsStridedBackward0");
    assert_true(cd_backward(cd_sum(v)));
    EXPECT(cd_grad(leaf), 1, 1, 0);
}

static void what_was_computed_before_keeps_its_gradient(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(4), .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *v = part(b, 0, 2), *before = cd_sum(v);
    (void)cd_mul_(v, 5);
    assert_true(cd_backward(cd_add(before, cd_mul(cd_sum(v), 10))));
    EXPECT(cd_grad(a), 51, 51, 0, 0);
}

static void one_view_is_changed_twice(void **state)
{
    (void)state;
    cd_tensor *a = counted(CD_SHAPE(2), 2, true), *b = cd_mul(a, 1), *v = part(b, 0, 1);
    (void)cd_mul_(cd_mul_(v, 2), 3);
    NAME(b, "CopySlices");
    NAME(v, "AsStridedBackward0");
    assert_int_equal(cd_version(b), 2);
    assert_true(cd_backward(cd_sum(v)));
    EXPECT(cd_grad(a), 6, 0);
}

static void changes_follow_each_other(void **state)
{
    (void)state;
    cd_tensor *a = four(), *x = cd_mul(a, 1), *v = part(x, 0, 3), *w = part(x, 1, 4);
    (void)cd_mul_(v, 2);
    (void)cd_mul_(w, part(a, 0, 3));
    (void)cd_add_(x, 1);
    (void)cd_mul_(v, part(a, 1, 4));
    (void)cd_fill_(cd_index(x, 3), 7);
    (void)cd_div_(v, 2);
    EXPECT(x, 3, 7.5, 26, 7);
    EXPECT(v, 3, 7.5, 26);
    EXPECT(w, 7.5, 26, 7);
    assert_true(cd_backward(cd_sum(cd_mul(x, counted(CD_SHAPE(4), 1, false)))));
    EXPECT(cd_grad(a), 14, 43.5, 29, 19.5);
}

static void two_bases_feed_each_other(void **state)
{
    (void)state;
    cd_tensor *a = four(), *x = cd_mul(a, 1), *y = cd_mul(a, 2);
    (void)cd_copy_(part(x, 0, 2), part(y, 2, 4));
    (void)cd_mul_(part(y, 2, 4), 3);
    NAME(x, "CopySlices");
    NAME(y, "CopySlices");
    assert_true(cd_backward(cd_add(cd_sum(x), cd_sum(y))));
    EXPECT(cd_grad(a), 2, 2, 9, 9);
}

static void an_empty_view_changes_nothing_but_the_name(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1);
    assert_non_null(cd_mul_(part(b, 0, 0), 2));
    NAME(b, "CopySlices");
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 1, 1, 1, 1);
}

/* --- the ways to write a part ----------------------------------------------------------------- */

static void an_element_is_assigned(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3), .requires_grad = true), *x = cd_mul(a, 2);
    (void)cd_fill_(cd_select(x, 0, 0), 5);
    NAME(x, "CopySlices");
    EXPECT(x, 5, 2, 2);
    assert_true(cd_backward(cd_sum(x)));
    EXPECT(cd_grad(a), 0, 2, 2);
}

static void an_element_of_a_row_is_assigned(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2, 3), .requires_grad = true), *b = cd_mul(a, 1);
    (void)cd_fill_(cd_index(cd_index(b, 0), 1), 7);
    NAME(b, "CopySlices");
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 1, 0, 1, 1, 1, 1);
}

static void a_slice_is_zeroed(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3), .requires_grad = true), *x = cd_mul(a, 2);
    (void)cd_zero_(part(x, 0, 2));
    NAME(x, "CopySlices");
    assert_true(cd_backward(cd_sum(x)));
    EXPECT(cd_grad(a), 0, 0, 2);
}

static void a_slice_is_copied_into(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3), .requires_grad = true);
    cd_tensor *leaf = cd_ones(CD_SHAPE(2), .requires_grad = true), *x = cd_mul(a, 2);
    (void)cd_copy_(part(x, 0, 2), cd_mul(leaf, 3));
    assert_true(cd_backward(cd_sum(cd_mul(x, counted(CD_SHAPE(3), 1, false)))));
    EXPECT(cd_grad(a), 0, 0, 6);
    EXPECT(cd_grad(leaf), 3, 6);
}

static void a_strided_slice_is_divided(void **state)
{
    (void)state;
    cd_tensor *a = four(), *b = cd_mul(a, 1);
    cd_tensor *l = cd_from_array(((float[]){ 2, 4 }), CD_SHAPE(2), .requires_grad = true);
    (void)cd_div_(cd_slice(b, 0, 0, 4, 2), l);
    EXPECT(b, 0.5, 2, 0.75, 4);
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 0.5, 1, 0.25, 1);
    EXPECT(cd_grad(l), -0.25, -0.1875);
}

static void a_row_and_a_column_are_assigned(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *l = counted(CD_SHAPE(3), 1, true);
    (void)cd_copy_(cd_index(x, 1), l);
    (void)cd_mul_(cd_select(x, 1, 0), 2);
    NAME(x, "CopySlices");
    assert_true(cd_backward(cd_sum(cd_mul(x, counted(CD_SHAPE(2, 3), 0, false)))));
    EXPECT(cd_grad(l), 6, 4, 5);
}

static void a_column_meets_a_scalar(void **state)
{
    (void)state;
    cd_tensor *a = four(), *l = cd_full(CD_SCALAR, 3, .requires_grad = true);
    cd_tensor *b = cd_view(cd_mul(a, 1), CD_SHAPE(2, 2));
    (void)cd_mul_(cd_select(b, 1, 0), l);
    NAME(b, "AsStridedBackward0");
    EXPECT(b, 3, 2, 9, 4);
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 3, 1, 3, 1);
    EXPECT(cd_grad(l), 4);
}

static void a_transposed_view_is_changed(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2, 3), .requires_grad = true), *b = cd_mul(a, 1), *t = cd_t(b);
    (void)cd_mul_(t, counted(CD_SHAPE(3, 2), 1, false));
    NAME(t, "AsStridedBackward0");
    NAME(b, "CopySlices");
    EXPECT(b, 1, 3, 5, 2, 4, 6);
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 1, 3, 5, 2, 4, 6);
}

static void a_part_of_a_permuted_view_is_changed(void **state)
{
    (void)state;
    cd_tensor *a = counted(CD_SHAPE(24), 0, true);
    cd_tensor *b = cd_view(cd_mul(a, 1), CD_SHAPE(2, 3, 4));
    cd_tensor *v = cd_index(cd_permute(b, CD_SHAPE(2, 0, 1)), 1);
    (void)cd_mul_(v, 3);
    NAME(b, "AsStridedBackward0");
    NAME(v, "AsStridedBackward0");
    assert_true(cd_backward(cd_sum(cd_mul(b, counted(CD_SHAPE(2, 3, 4), 0, false)))));
    EXPECT(cd_grad(a), 0, 3, 2, 3, 4, 15, 6, 7, 8, 27, 10, 11, 12, 39, 14, 15, 16, 51, 18, 19, 20,
           63, 22, 23);
}

static void other_shapes_of_the_whole_are_changed(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(1, 3), .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *s = cd_squeeze(b, 0), *u = cd_unsqueeze(b, 0), *f = cd_flatten(b, 0, -1);
    (void)cd_add_(s, 1);
    (void)cd_mul_(u, 2);
    (void)cd_mul_(f, cd_clone(f));
    NAME(b, "CopySlices");
    NAME(s, "AsStridedBackward0");
    EXPECT(b, 16, 16, 16);
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 16, 16, 16);
}

static void a_number_seen_as_a_vector_is_changed(void **state)
{
    (void)state;
    cd_tensor *a = cd_full(CD_SCALAR, 2, .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *v = cd_view(b, CD_SHAPE(1));
    (void)cd_mul_(v, 3);
    NAME(b, "CopySlices");
    NAME(v, "AsStridedBackward0");
    assert_true(cd_backward(b));
    EXPECT(cd_grad(a), 3);
}

static void dtypes_meet_in_a_view(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(3), .dtype = CD_F64, .requires_grad = true);
    cd_tensor *l = counted(CD_SHAPE(2), 2, true), *b = cd_mul(a, 1);
    (void)cd_mul_(part(b, 0, 2), l);
    assert_true(cd_backward(cd_sum(b)));
    EXPECT(cd_grad(a), 2, 3, 1);
    EXPECT(cd_grad(l), 1, 1);
    assert_int_equal(cd_dtype_of(cd_grad(l)), CD_F32);
    cd_tensor *c = cd_ones(CD_SHAPE(3), .requires_grad = true), *d = cd_mul(c, 1);
    (void)cd_mul_(part(d, 0, 2), cd_to(l, CD_F64));
    assert_int_equal(cd_dtype_of(d), CD_F32);
    assert_true(cd_backward(cd_sum(d)));
    EXPECT(cd_grad(c), 2, 3, 1);
    EXPECT(cd_grad(l), 2, 2);
}

static void integers_have_no_history(void **state)
{
    (void)state;
    cd_tensor *b = cd_arange(3), *l = cd_full(CD_SHAPE(2), 4, .requires_grad = true);
    (void)cd_copy_(part(b, 0, 2), l);
    (void)cd_mul_(part(b, 0, 2), 2);
    NAME(b, NULL);
    assert_false(cd_requires_grad(b));
    assert_int_equal(cd_version(b), 2);
    assert_int_equal(cd_item_int(cd_sum(b)), 18);
}

/* --- bases that do not lie in order ----------------------------------------------------------- */

static void a_base_that_is_transposed(void **state)
{
    (void)state;
    cd_tensor *l = counted(CD_SHAPE(3), 5, true), *x = counted(CD_SHAPE(3, 2), 0, false);
    cd_tensor *d = cd_detach(cd_t(x));
    (void)cd_mul_(cd_index(d, 0), l);
    NAME(d, "CopySlices");
    NAME(x, NULL);
    EXPECT(d, 0, 12, 28, 1, 3, 5);
    (void)cd_mul_(cd_select(d, 1, 1), part(l, 0, 2));
    EXPECT(d, 0, 60, 28, 1, 18, 5);
    assert_true(cd_backward(cd_sum(cd_mul(d, counted(CD_SHAPE(2, 3), 1, false)))));
    EXPECT(cd_grad(l), 24, 35, 12);
}

static void a_base_that_is_a_part(void **state)
{
    (void)state;
    cd_tensor *l = counted(CD_SHAPE(2), 5, true), *x = counted(CD_SHAPE(8), 0, false);
    cd_tensor *d = cd_detach(cd_slice(x, 0, 1, 8, 2));
    (void)cd_mul_(part(d, 1, 3), l);
    NAME(d, "CopySlices");
    EXPECT(d, 1, 15, 30, 7);
    EXPECT(x, 0, 1, 2, 15, 4, 30, 6, 7);
    cd_tensor *u = part(d, 2, 4);
    NAME(u, "SliceBackward0");
    (void)cd_mul_(d, 2);
    NAME(u, "AsStridedBackward0");
    assert_true(cd_backward(cd_sum(cd_mul(u, counted(CD_SHAPE(2), 3, false)))));
    EXPECT(cd_grad(l), 0, 30);
}

/* --- what is no view -------------------------------------------------------------------------- */

static void copies_go_their_own_way(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2, 3), .requires_grad = true), *b = cd_mul(a, 1);
    cd_tensor *const copies[] = { cd_clone(cd_index(b, 0)), cd_reshape(cd_t(b), CD_SHAPE(6)) };
    for (int k = 0; k < 2; k++) {
        (void)cd_mul_(copies[k], 2);
        NAME(copies[k], "MulBackward0");
    }
    NAME(b, "MulBackward0");
    assert_int_equal(cd_version(b), 0);
}

static void what_is_not_copied_is_the_view_itself(void **state)
{
    (void)state;
    cd_tensor *b = cd_mul(cd_ones(CD_SHAPE(3), .requires_grad = true), 1);
    cd_tensor *t = cd_to(part(b, 0, 2), CD_F32), *c = cd_contiguous(part(b, 0, 2));
    (void)cd_mul_(t, 2);
    NAME(b, "CopySlices");
    (void)cd_mul_(c, 2);
    NAME(c, "AsStridedBackward0");
    expect_text(b, "tensor([4., 4., 1.], grad_fn=<CopySlices>)");
}

static void products_are_no_views(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 2, 3), .requires_grad = true);
    cd_tensor *w = cd_ones(CD_SHAPE(3, 4), .requires_grad = true);
    cd_tensor *y = cd_matmul(x, w);
    NAME(y, "UnsafeViewBackward0");
    (void)cd_mul_(y, 2);
    NAME(y, "MulBackward0");
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_index(cd_grad(w), 0), 8, 8, 8, 8);
}

static void places_that_coincide_are_refused(void **state)
{
    (void)state;
    cd_tensor *b = cd_mul(four(), 1);
    cd_tensor *const views[] = { cd_expand(b, CD_SHAPE(2, 4)),
                                 cd_expand(part(b, 0, 1), CD_SHAPE(3)),
                                 cd_as_strided(b, CD_SHAPE(3, 2), CD_SHAPE(1, 1), 0) };
    for (int k = 0; k < 3; k++) {
        assert_null(cd_mul_(views[k], 2));
        assert_failed_with(CD_ERR_ARGUMENT, "share one place");
    }
    NAME(b, "MulBackward0");
    assert_int_equal(cd_version(b), 0);
    assert_non_null(cd_mul_(cd_as_strided(b, CD_SHAPE(2, 2), CD_SHAPE(1, 2), 0), 2));
}

/* --- printing --------------------------------------------------------------------------------- */

static void printing_is_pytorchs(void **state)
{
    (void)state;
    cd_tensor *a = counted(CD_SHAPE(3), 1, true), *b = cd_mul(a, 2), *v = part(b, 1, 3);
    expect_text(v, "tensor([4., 6.], grad_fn=<SliceBackward0>)");
    (void)cd_fill_(cd_index(v, 0), 9);
    expect_text(b, "tensor([2., 9., 6.], grad_fn=<CopySlices>)");
    expect_text(v, "tensor([9., 6.], grad_fn=<AsStridedBackward0>)");
    cd_tensor *base = cd_zeros(CD_SHAPE(2)), *u = part(base, 1, 2);
    expect_text(u, "tensor([0.])");
    (void)cd_mul_(base, part(a, 0, 2)); /* u has no cd_variable yet */
    expect_text(u, "tensor([0.], grad_fn=<AsStridedBackward0>)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gradients_come_through_the_base_and_all_views),
        TEST(a_change_of_the_base_reaches_views_of_views),
        TEST(a_view_of_a_view_changes_the_root),
        TEST(a_base_comes_to_require_gradients),
        TEST(a_constant_base_follows_a_change_of_the_whole),
        TEST(what_was_computed_before_keeps_its_gradient),
        TEST(one_view_is_changed_twice),
        TEST(changes_follow_each_other),
        TEST(two_bases_feed_each_other),
        TEST(an_empty_view_changes_nothing_but_the_name),
        TEST(an_element_is_assigned),
        TEST(an_element_of_a_row_is_assigned),
        TEST(a_slice_is_zeroed),
        TEST(a_slice_is_copied_into),
        TEST(a_strided_slice_is_divided),
        TEST(a_row_and_a_column_are_assigned),
        TEST(a_column_meets_a_scalar),
        TEST(a_transposed_view_is_changed),
        TEST(a_part_of_a_permuted_view_is_changed),
        TEST(other_shapes_of_the_whole_are_changed),
        TEST(a_number_seen_as_a_vector_is_changed),
        TEST(dtypes_meet_in_a_view),
        TEST(integers_have_no_history),
        TEST(a_base_that_is_transposed),
        TEST(a_base_that_is_a_part),
        TEST(copies_go_their_own_way),
        TEST(what_is_not_copied_is_the_view_itself),
        TEST(products_are_no_views),
        TEST(places_that_coincide_are_refused),
        TEST(printing_is_pytorchs),
    };
    return RUN(tests);
}
