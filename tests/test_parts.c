/* Lists of views (cd_split, cd_chunk, cd_unbind, cd_meshgrid) and indices of x[i, j] that several
 * calls need: what PyTorch 2.15 does with the same. test_ops checks what holds for every op. */
#include "test.h"

#include "autograd/index_ops.h"
#include "autograd/shape_ops.h"
#include "core/memory.h"
#include "core/scope.h"

static cd_tensor *leaf(int64_t rows, int64_t columns)
{
    return cd_ones(CD_SHAPE(rows, columns), .requires_grad = true);
}

/* --- lists ------------------------------------------------------------------------------------ */

static void a_list_has_one_node(void **state)
{
    (void)state;
    cd_tensor *x = leaf(4, 2), *a, *b;
    assert_true(cd_unpack(cd_split(x, 2, 0), &a, &b));
    assert_string_equal(cd_grad_fn_name(a), "SplitBackward0");
    assert_string_equal(cd_grad_fn_name(b), "SplitBackward0");
    assert_string_equal(cd_grad_fn_name(cd_split_sizes(x, CD_SIZES(1, 3), 0).tensor[1]),
                        "SplitWithSizesBackward0");
    assert_true(cd_backward(cd_sum(cd_mul(a, 3))));
    for (int i = 0; i < 4; i++) {
        assert_close(cd_item(cd_index(cd_grad(x), i, 1)), i < 2 ? 3 : 0, 0, 0);
    }
}

static void a_view_of_a_list_is_not_changed_in_a_graph(void **state)
{
    (void)state;
    cd_tensor *x = cd_mul(leaf(4, 2), 1);
    cd_tensors parts = cd_unbind(x, 0);
    assert_int_equal(parts.count, 4);
    assert_null(cd_add_(parts.tensor[1], 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "is one of several (cd_split, cd_unbind)");
    cd_tensor *plain = cd_zeros(CD_SHAPE(4, 2));
    assert_non_null(cd_add_(cd_chunk(plain, 2, 0).tensor[1], 1));
    assert_close(cd_item(cd_sum(plain)), 4, 0, 0);
    assert_null(cd_mul_(cd_chunk(plain, 2, 0).tensor[1], cd_index(x, 0)));
    assert_failed_with(CD_ERR_AUTOGRAD, "one of several");
}

static void a_change_of_x_takes_the_history_of_its_parts(void **state)
{
    (void)state;
    cd_tensor *x = cd_mul(leaf(4, 2), 1);
    cd_tensors parts = cd_split(x, 2, 0);
    assert_non_null(cd_add_(x, 1));
    assert_null(cd_mul(parts.tensor[0], 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "one of several (cd_split, cd_unbind)");
}

static void a_list_of_other_length_is_not_unpacked(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 2)), *a = x, *b = x, *c = x;
    assert_false(cd_unpack(cd_split(x, 2, 0), &a, &b, &c));
    assert_failed_with(CD_ERR_SHAPE, "unpack: the list has 2 tensors, and there are 3 variables");
    assert_true(!a && !b && !c);
    a = x;
    assert_false(cd_unpack(cd_split(x, -1, 0), &a, &b));
    assert_failed_with(CD_ERR_ARGUMENT, "split: ");
    assert_null(a);
    assert_int_equal(cd_unbind(cd_zeros(CD_SHAPE(0, 2)), 0).count, 0);
    assert_ok();
}

static void a_list_needs_no_graph(void **state)
{
    (void)state;
    cd_tensor *x = leaf(4, 2);
    CD_NO_GRAD();
    cd_tensors parts = cd_split(x, 3, 0);
    assert_null(cd_grad_fn_name(parts.tensor[1]));
    assert_int_equal(cd_size(parts.tensor[1], 0), 1);
    assert_non_null(cd_zero_(parts.tensor[1]));
    assert_close(cd_item(cd_sum(x)), 6, 0, 0);
}

/* --- indices ---------------------------------------------------------------------------------- */

static void an_index_out_of_range_changes_nothing(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(3, 2)), *y = cd_mul(leaf(3, 2), 1);
    cd_tensor *far = cd_from_array(((int64_t[]){ 0, 3 }), CD_SHAPE(2), .dtype = CD_I64);
    assert_null(cd_index_put_(x, CD_INDICES(far), 5));
    assert_failed_with(CD_ERR_ARGUMENT, "index 3 (at position 1)");
    assert_null(cd_index_put_(x, CD_INDICES(CD_ALL, far), 5));
    assert_failed_with(CD_ERR_ARGUMENT, "index 3 (at position 1)");
    assert_null(cd_index_add_(x, 0, far, cd_ones(CD_SHAPE(2, 2))));
    assert_failed_with(CD_ERR_ARGUMENT, "index 3 (at position 1)");
    assert_int_equal(cd_version(x), 0);
    assert_close(cd_item(cd_sum(x)), 0, 0, 0);
    assert_null(cd_index_put_(y, CD_INDICES(far), 5));
    assert_failed_with(CD_ERR_ARGUMENT, "index 3");
    assert_string_equal(cd_grad_fn_name(y), "MulBackward0");
}

static void masks_stand_for_their_dimensions(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3, 2), *y = cd_mul(x, 2);
    const bool rows[] = { true, false, true };
    cd_tensor *mask = cd_from_array(rows, CD_SHAPE(3), .dtype = CD_BOOL);
    cd_tensor *picked = cd_index(y, mask);
    assert_string_equal(cd_grad_fn_name(picked), "IndexBackward0");
    assert_int_equal(cd_size(picked, 0), 2);
    assert_int_equal(cd_ndim(cd_index(y, mask, 1)), 1);
    assert_int_equal(cd_numel(cd_index(y, cd_gt(y, 5))), 0);
    cd_tensor *one = cd_index(cd_zeros(CD_SHAPE(2)), cd_ones(CD_SCALAR, .dtype = CD_BOOL));
    assert_int_equal(cd_ndim(one), 2);
    assert_true(cd_index_put_(y, CD_INDICES(mask, 1), 0) == y);
    assert_true(cd_backward(cd_sum(y)));
    const double right[] = { 2, 0, 2, 2, 2, 0 };
    cd_tensor *flat = cd_reshape(cd_grad(x), CD_SHAPE(6));
    for (int i = 0; i < 6; i++) assert_close(cd_item(cd_index(flat, i)), right[i], 0, 0);
}

static void integers_and_slices_are_views(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(3, 4));
    (void)cd_fill_(cd_index(x, CD_SLICE(0, CD_END, 2), -1), 7);
    assert_close(cd_item(cd_sum(x)), 14, 0, 0);
    (void)cd_fill_(cd_index(x, cd_arange(2)), 1); /* of a copy */
    assert_close(cd_item(cd_sum(x)), 14, 0, 0);
    (void)cd_fill_(cd_index(x, CD_REST), 1);
    assert_close(cd_item(cd_sum(x)), 12, 0, 0);
}

static void assert_same(cd_tensor *a, cd_tensor *b)
{
    assert_ok();
    assert_true(cd_shape_equal(cd_shape_of(a), cd_shape_of(b)));
    assert_close(cd_item(cd_sum(cd_abs(cd_sub(a, b)))), 0, 0, 0);
}

static void a_scalar_index_counts_as_an_integer(void **state)
{
    (void)state;
    const int64_t four[] = { 3, 0, 2, 2 };
    cd_tensor *x = cd_view(cd_arange(120, .dtype = CD_F32), CD_SHAPE(2, 3, 4, 5));
    cd_tensor *one = cd_ones(CD_SCALAR, .dtype = CD_I64);
    cd_tensor *i = cd_from_array(four, CD_SHAPE(4), .dtype = CD_I64);
    assert_same(cd_index(x, one, CD_ALL, i), cd_index(x, 1, CD_ALL, i));
    assert_same(cd_index(x, CD_ALL, CD_ALL, i, one), cd_index(x, CD_ALL, CD_ALL, i, 1));
    assert_same(cd_index(x, CD_ALL, one, i, CD_ALL), cd_index(x, CD_ALL, 1, i, CD_ALL));
    assert_same(cd_index(x, one, CD_ALL, i, i), cd_index(x, 1, CD_ALL, i, i));
    assert_same(cd_index(x, cd_sub(one, i), one, i), cd_index(x, cd_sub(one, i), 1, i));
    assert_same(cd_index(x, CD_ALL, one, CD_ALL, one), cd_index(x, CD_ALL, 1, CD_ALL, 1));
    cd_tensor *values = cd_randn(CD_SHAPE(3, 4, 5)), *a = cd_clone(x), *b = cd_clone(x);
    assert_non_null(cd_index_put_(a, CD_INDICES(one, CD_ALL, i), values));
    assert_non_null(cd_index_put_(b, CD_INDICES(1, CD_ALL, i), values));
    assert_same(a, b);
    cd_tensor *p = cd_ones(CD_SHAPE(2, 3, 4, 5), .requires_grad = true);
    cd_tensor *q = cd_ones(CD_SHAPE(2, 3, 4, 5), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_mul(cd_index(p, one, CD_ALL, i), values))));
    assert_true(cd_backward(cd_sum(cd_mul(cd_index(q, 1, CD_ALL, i), values))));
    assert_same(cd_grad(p), cd_grad(q));
}

static void a_mask_of_two_dimensions_joins_an_index(void **state)
{
    (void)state;
    const bool chosen[] = { false, false, true, false, true, false };
    const int64_t two[] = { 3, -4 };
    cd_tensor *x = cd_view(cd_arange(24, .dtype = CD_F32), CD_SHAPE(2, 3, 4));
    cd_tensor *mask = cd_from_array(chosen, CD_SHAPE(2, 3));
    cd_tensor *i = cd_from_array(two, CD_SHAPE(2));
    const float right[] = { 2 * 4 + 3, 4 * 4 + 0 };
    assert_same(cd_index(x, mask, i), cd_from_array(right, CD_SHAPE(2)));
    assert_same(cd_index(cd_permute(x, CD_SHAPE(2, 0, 1)), i, mask),
                cd_from_array(right, CD_SHAPE(2)));
}

static void an_integer_is_put_exactly(void **state)
{
    (void)state;
    const int64_t large = ((int64_t)1 << 53) + 1;
    cd_tensor *x = cd_zeros(CD_SHAPE(3, 2), .dtype = CD_I64),
              *row = cd_ones(CD_SHAPE(1), .dtype = CD_I64);
    assert_non_null(cd_index_put_(x, CD_INDICES(0), large));
    assert_non_null(cd_index_put_(x, CD_INDICES(row, 0), INT64_MAX));
    assert_non_null(cd_index_put_(x, CD_INDICES(-1, CD_ALL), INT64_MAX));
    cd_tensor *y = cd_index_put(x, CD_INDICES(1, 1), -large);
    const int64_t right[] = { large, large, INT64_MAX, -large, INT64_MAX, INT64_MAX };
    assert_memory_equal(cd_data(y), right, sizeof right);
}

static void one_vector_is_its_own_grid(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(3));
    for (int xy = 0; xy < 2; xy++) {
        const cd_tensors grid = cd_meshgrid(CD_TENSORS(x), xy != 0);
        assert_int_equal(grid.count, 1);
        assert_same(grid.tensor[0], x);
    }
}

static void a_grid_leaves_nothing_but_its_views(void **state)
{
    (void)state;
    enum { VIEWS = 2, HOLDER = 2 }; /* the array of the list is a tensor and its memory */
    cd_tensor *x = cd_ones(CD_SHAPE(3)), *y = cd_ones(CD_SHAPE(2));
    for (int xy = 0; xy < 2; xy++) {
        const int64_t before = cd_memory_stats().objects;
        assert_int_equal(cd_meshgrid(CD_TENSORS(x, y), xy != 0).count, VIEWS);
        assert_int_equal(cd_memory_stats().objects - before, VIEWS + HOLDER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_has_one_node),
        TEST(a_view_of_a_list_is_not_changed_in_a_graph),
        TEST(a_change_of_x_takes_the_history_of_its_parts),
        TEST(a_list_of_other_length_is_not_unpacked),
        TEST(a_list_needs_no_graph),
        TEST(a_grid_leaves_nothing_but_its_views),
        TEST(an_index_out_of_range_changes_nothing),
        TEST(masks_stand_for_their_dimensions),
        TEST(integers_and_slices_are_views),
        TEST(a_scalar_index_counts_as_an_integer),
        TEST(a_mask_of_two_dimensions_joins_an_index),
        TEST(an_integer_is_put_exactly),
        TEST(one_vector_is_its_own_grid),
    };
    return RUN(tests);
}
