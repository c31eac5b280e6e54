/* Ops that join, repeat, and choose elements by index or mask, against what PyTorch 2.15 gives for
 * the same calls. test_ops checks what holds for every op. */
#include "test.h"

#include "autograd/index_ops.h"
#include "autograd/ops.h"
#include "core/scope.h"
#include "core/threads.h"

/* t is of this dtype, and its elements, as doubles, are these. */
static void expect_values(cd_tensor *t, cd_dtype dtype, int64_t count, const double *values)
{
    assert_ok();
    CD_NO_GRAD();
    assert_string_equal(cd_dtype_name(cd_dtype_of(t)), cd_dtype_name(dtype));
    assert_int_equal(cd_numel(t), count);
    cd_tensor *flat = cd_reshape(t, CD_SHAPE(-1));
    for (int64_t i = 0; i < count; i++) assert_close(cd_item(cd_index(flat, i)), values[i], 0, 0);
    assert_ok();
}
#define EXPECT(t_, dtype_, ...)                                                                    \
    expect_values((t_), (dtype_), (int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double)),   \
                  (const double[]){ __VA_ARGS__ })

static cd_tensor *numbers(cd_dtype dtype, double a, double b, double c)
{
    const double values[3] = { a, b, c };
    return cd_to(cd_from_array(values, CD_SHAPE(3), .dtype = CD_F64), dtype);
}

static cd_tensor *leaf(double a, double b, double c)
{
    return cd_set_requires_grad(numbers(CD_F32, a, b, c), true);
}

/* --- x[mask] = value -------------------------------------------------------------------------- */

/* As in the backward of PyTorch's example of a ReLU: grad_input = grad_output.clone();
 * grad_input[input < 0] = 0. */
static void masked_assignment_without_a_graph(void **state)
{
    (void)state;
    cd_tensor *input = leaf(-1, 2, -3);
    CD_NO_GRAD();
    cd_tensor *grad_input = cd_clone(numbers(CD_F32, 10, 20, 30));
    assert_ptr_equal(cd_masked_fill_(grad_input, cd_lt(input, 0), 0), grad_input);
    EXPECT(grad_input, CD_F32, 0, 20, 0);
    assert_int_equal(cd_version(grad_input), 1);
    assert_null(cd_grad_fn_name(grad_input));
}

static void masked_assignment_in_a_graph(void **state)
{
    (void)state;
    cd_tensor *x = leaf(-1, 2, -3), *y = cd_mul(x, 2);
    assert_non_null(cd_masked_fill_(y, cd_lt(x, 0), 0));
    assert_string_equal(cd_grad_fn_name(y), "MaskedFillBackward0");
    EXPECT(y, CD_F32, 0, 4, 0);
    assert_true(cd_backward(y, .gradient = numbers(CD_F32, 5, 6, 7)));
    EXPECT(cd_grad(x), CD_F32, 0, 12, 0);
}

static void a_leaf_may_be_masked_under_no_grad_only(void **state)
{
    (void)state;
    cd_tensor *x = leaf(-1, 2, -3);
    assert_null(cd_masked_fill_(x, cd_lt(x, 0), 0));
    assert_failed_with(CD_ERR_AUTOGRAD, "masked_fill_: a leaf");
    EXPECT(x, CD_F32, -1, 2, -3);
    CD_NO_GRAD();
    assert_non_null(cd_masked_fill_(x, cd_lt(x, 0), 0));
    EXPECT(x, CD_F32, 0, 2, 0);
    assert_true(cd_requires_grad(x));
}

static void what_was_saved_before_a_masked_assignment_is_missed(void **state)
{
    (void)state;
    cd_tensor *x = leaf(-1, 2, -3), *y = cd_exp(x), *z = cd_sum(cd_mul(y, y));
    assert_non_null(cd_masked_fill_(y, cd_lt(x, 0), 0));
    assert_false(cd_backward(z));
    assert_failed_with(CD_ERR_AUTOGRAD, "changed by an in-place operation");
}

static void a_tensor_as_the_value_has_a_gradient(void **state)
{
    (void)state;
    cd_tensor *x = leaf(-1, 2, -3), *value = cd_full(CD_SCALAR, 7, .requires_grad = true);
    cd_tensor *y = cd_masked_fill(x, cd_lt(x, 0), value);
    assert_string_equal(cd_grad_fn_name(y), "MaskedFillBackward1");
    EXPECT(y, CD_F32, 7, 2, 7);
    assert_true(cd_backward(y, .gradient = numbers(CD_F32, 5, 6, 7)));
    EXPECT(cd_grad(x), CD_F32, 0, 6, 0);
    EXPECT(cd_grad(value), CD_F32, 12);
}

static void a_value_becomes_of_the_tensors_dtype(void **state)
{
    (void)state;
    cd_tensor *mask = numbers(CD_BOOL, 1, 0, 1);
    EXPECT(cd_masked_fill(numbers(CD_I64, 1, 1, 1), mask, 5.5), CD_I64, 5, 1, 5);
    EXPECT(cd_masked_fill(numbers(CD_U8, 1, 1, 1), mask, -3), CD_U8, 253, 1, 253);
    EXPECT(cd_masked_fill(numbers(CD_BOOL, 0, 0, 0), mask, 2.5), CD_BOOL, 1, 0, 1);
    EXPECT(cd_masked_fill(numbers(CD_F32, 1, 1, 1), mask, INFINITY), CD_F32, INFINITY, 1, INFINITY);
    EXPECT(cd_masked_fill(numbers(CD_I32, 1, 1, 1), mask, cd_full(CD_SCALAR, 9)), CD_I32, 9, 1, 9);
    cd_tensor *largest = cd_masked_fill(numbers(CD_I64, 0, 0, 0), mask, INT64_MAX);
    assert_true(cd_item_int(cd_index(largest, 0)) == INT64_MAX);
    assert_null(cd_masked_fill(numbers(CD_I32, 1, 1, 1), mask, (int64_t)1 << 40));
    assert_failed_with(CD_ERR_ARGUMENT, "int32");
    assert_null(
        cd_masked_fill(numbers(CD_F32, 1, 1, 1), mask, cd_full(CD_SCALAR, 1e300, .dtype = CD_F64)));
    assert_failed_with(CD_ERR_ARGUMENT, "float32");
}

static void masks_and_values_may_overlap(void **state)
{
    (void)state;
    cd_tensor *both = numbers(CD_BOOL, 1, 0, 1);
    EXPECT(cd_masked_fill_(both, both, 0), CD_BOOL, 0, 0, 0);
    cd_tensor *x = numbers(CD_F32, 4, 5, 6);
    EXPECT(cd_masked_fill_(x, numbers(CD_BOOL, 1, 0, 1), cd_index(x, 2)), CD_F32, 6, 5, 6);
    cd_tensor *y = numbers(CD_F32, 4, 5, 6);
    EXPECT(cd_masked_scatter_(y, numbers(CD_BOOL, 0, 1, 1), y), CD_F32, 4, 4, 5);
    cd_tensor *z = numbers(CD_I64, 2, 0, 1);
    EXPECT(cd_scatter_add_(z, 0, z, z), CD_I64, 2, 1, 3);
}

static void masked_select_and_scatter_are_opposites(void **state)
{
    (void)state;
    cd_tensor *x = leaf(-1, 2, -3), *mask = cd_lt(x, 0);
    cd_tensor *chosen = cd_masked_select(x, mask);
    EXPECT(chosen, CD_F32, -1, -3);
    cd_tensor *y = cd_masked_scatter(x, mask, cd_mul(chosen, 2));
    EXPECT(y, CD_F32, -2, 2, -6);
    assert_true(cd_backward(y, .gradient = numbers(CD_F32, 5, 6, 7)));
    EXPECT(cd_grad(x), CD_F32, 10, 6, 14);
}

static void what_a_mask_leaves_of_the_source_has_no_gradient(void **state)
{
    (void)state;
    cd_tensor *source = cd_ones(CD_SHAPE(2, 3), .requires_grad = true);
    cd_tensor *y = cd_masked_scatter(cd_zeros(CD_SHAPE(3)), numbers(CD_BOOL, 1, 0, 1), source);
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_grad(source), CD_F32, 1, 1, 0, 0, 0, 0);
}

/* --- by index --------------------------------------------------------------------------------- */

static void scatter_add_in_every_dtype(void **state)
{
    (void)state;
    cd_tensor *index = numbers(CD_I32, 0, 1, 1);
    EXPECT(cd_scatter_add(numbers(CD_U8, 0, 0, 0), 0, index, numbers(CD_U8, 200, 200, 200)), CD_U8,
           200, 144, 0);
    EXPECT(cd_scatter_add(numbers(CD_BOOL, 0, 0, 0), 0, index, numbers(CD_BOOL, 1, 1, 1)), CD_BOOL,
           1, 1, 0);
    EXPECT(cd_scatter_add(numbers(CD_I32, 1, 1, 1), 0, index, numbers(CD_I32, 2, 3, 4)), CD_I32, 3,
           8, 1);
    EXPECT(cd_scatter_add(numbers(CD_F64, 1, 1, 1), 0, index, numbers(CD_F64, 2, 3, 4)), CD_F64, 3,
           8, 1);
}

/* scatter_add along dimension 0, of which several threads would add to the same elements: n rows of
 * `inner` columns are added to rows 0, 1, 2, 0, ... Whole numbers, so that a lost addition shows
 * whatever the order. */
static void check_many_that_meet(int64_t n, int64_t inner)
{
    CD_SCOPE();
    CD_NO_GRAD();
    int64_t *places = malloc((size_t)(n * inner) * sizeof *places);
    assert_non_null(places);
    for (int64_t i = 0; i < n * inner; i++) places[i] = i / inner % 3;
    cd_tensor *index = cd_from_array(places, CD_SHAPE(n, inner), .dtype = CD_I64);
    free(places);
    cd_tensor *src = cd_ones(CD_SHAPE(n, inner)), *y = cd_zeros(CD_SHAPE(3, inner));
    assert_ptr_equal(cd_scatter_add_(y, 0, index, src), y);
    for (int64_t i = 0; i < 3; i++) {
        for (int64_t j = 0; j < inner; j++) {
            double right = (double)((n + 2 - i) / 3), is = cd_item(cd_index(cd_index(y, i), j));
            assert_that(is == right, "%lld x %lld: row %lld, column %lld is %g, expected %g",
                        (long long)n, (long long)inner, (long long)i, (long long)j, is, right);
        }
    }
    assert_ok();
}

static void many_that_meet_are_all_added_whatever_the_threads(void **state)
{
    (void)state;
    int before = cd_num_threads();
    for (int threads = 2; threads <= 8; threads *= 2) {
        assert_true(cd_set_num_threads(threads));
        check_many_that_meet(3000000, 1);
        check_many_that_meet(1000000, 3);
    }
    assert_true(cd_set_num_threads(before));
}

/* PyTorch's backward refuses a src that is larger than the index; its gradient is 0 beyond the
 * index. */
static void a_source_may_be_larger_than_the_index(void **state)
{
    (void)state;
    cd_tensor *src = cd_ones(CD_SHAPE(5), .requires_grad = true);
    cd_tensor *y = cd_scatter_add(cd_zeros(CD_SHAPE(3)), 0, numbers(CD_I64, 0, 1, 1), src);
    EXPECT(y, CD_F32, 1, 2, 0);
    assert_true(cd_backward(y, .gradient = numbers(CD_F32, 5, 6, 7)));
    EXPECT(cd_grad(src), CD_F32, 5, 6, 6, 0, 0);
}

static void an_index_out_of_range_changes_nothing(void **state)
{
    (void)state;
    cd_tensor *x = numbers(CD_F32, 1, 2, 3);
    assert_null(cd_scatter_add_(x, 0, numbers(CD_I64, 0, 1, 3), numbers(CD_F32, 5, 5, 5)));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "scatter_add_: index 3 (at position 2) is out of range: along "
                       "dimension 0 of size 3 it must be 0 to 2");
    EXPECT(x, CD_F32, 1, 2, 3);
    assert_int_equal(cd_version(x), 0);
}

static void gather_takes_a_smaller_index(void **state)
{
    (void)state;
    cd_tensor *x =
        cd_set_requires_grad(cd_to(cd_reshape(cd_arange(6), CD_SHAPE(2, 3)), CD_F32), true);
    const int64_t at[2] = { 2, 0 };
    cd_tensor *y = cd_gather(x, 1, cd_from_array(at, CD_SHAPE(1, 2), .dtype = CD_I64));
    EXPECT(y, CD_F32, 2, 0);
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_grad(x), CD_F32, 1, 0, 1, 0, 0, 0);
}

static void one_hot_counts_its_classes(void **state)
{
    (void)state;
    cd_tensor *index = numbers(CD_I64, 1, 0, 2);
    EXPECT(cd_one_hot(index, -1), CD_I64, 0, 1, 0, 1, 0, 0, 0, 0, 1);
    assert_int_equal(cd_size(cd_one_hot(index, 5), -1), 5);
    assert_null(cd_one_hot(index, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "index 2 (at position 2) is out of range: with 2 classes");
}

/* --- second passes ---------------------------------------------------------------------------- */

/* Whether a second pass works without retain_graph, since the node saves nothing. */
static bool passes_twice(cd_tensor *y)
{
    cd_tensor *sum = cd_sum(y);
    assert_ok();
    bool first = cd_backward(sum), second = cd_backward(sum);
    cd_clear_error();
    assert_true(first);
    return second;
}

static void joining_may_be_gone_through_twice(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2, 3), *b = leaf(4, 5, 6), *plain = cd_zeros(CD_SHAPE(3));
    assert_true(passes_twice(cd_cat(CD_TENSORS(x, b), 0)));
    EXPECT(cd_grad(x), CD_F32, 2, 2, 2);
    assert_true(passes_twice(cd_cat(CD_TENSORS(x, plain, b, plain, x, plain, b, plain, x), 0)));
    EXPECT(cd_grad(x), CD_F32, 8, 8, 8);
    assert_true(passes_twice(cd_stack(CD_TENSORS(x, plain, b), 0)));
    EXPECT(cd_grad(b), CD_F32, 8, 8, 8);
    assert_true(passes_twice(cd_repeat(x, CD_SHAPE(2, 2))));
    EXPECT(cd_grad(x), CD_F32, 18, 18, 18);
    cd_tensor *index = numbers(CD_I64, 0, 1, 1);
    assert_true(passes_twice(cd_scatter_add(x, 0, index, plain)));
}

static void masks_and_indices_may_not(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1, 2, 3), *mask = numbers(CD_BOOL, 1, 0, 1), *plain = cd_zeros(CD_SHAPE(3));
    cd_tensor *index = numbers(CD_I64, 0, 1, 1);
    assert_false(passes_twice(cd_masked_fill(x, mask, 0)));
    assert_false(passes_twice(cd_masked_select(x, mask)));
    assert_false(passes_twice(cd_masked_scatter(x, mask, plain)));
    assert_false(passes_twice(cd_scatter_add(plain, 0, index, x)));
    assert_false(passes_twice(cd_gather(x, 0, index)));
}

/* --- repetition ------------------------------------------------------------------------------- */

static void repeat_copies(void **state)
{
    (void)state;
    cd_tensor *x = numbers(CD_I64, 1, 2, 3), *y = cd_repeat(x, CD_SHAPE(2, 2));
    EXPECT(y, CD_I64, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3);
    assert_non_null(cd_fill_(x, 0));
    EXPECT(cd_select(y, 0, 1), CD_I64, 1, 2, 3, 1, 2, 3);
    cd_tensor *once = cd_repeat(x, CD_SHAPE(1));
    assert_ptr_not_equal(cd_data(once), cd_data(x));
}

/* As in PyTorch, a 0-d tensor counts as a vector of one element. */
static void the_0_largest_of_a_scalar_are_itself(void **state)
{
    (void)state;
    cd_tensor *x = cd_full(CD_SCALAR, 2.5, .dtype = CD_F64, .requires_grad = true), *which = NULL;
    cd_tensor *y = cd_topk(x, 0, .indices = &which);
    EXPECT(y, CD_F64, 2.5);
    EXPECT(which, CD_I64, 0);
    assert_true(cd_backward(y));
    EXPECT(cd_grad(x), CD_F64, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(masked_assignment_without_a_graph),
        TEST(masked_assignment_in_a_graph),
        TEST(a_leaf_may_be_masked_under_no_grad_only),
        TEST(what_was_saved_before_a_masked_assignment_is_missed),
        TEST(a_tensor_as_the_value_has_a_gradient),
        TEST(a_value_becomes_of_the_tensors_dtype),
        TEST(masks_and_values_may_overlap),
        TEST(masked_select_and_scatter_are_opposites),
        TEST(what_a_mask_leaves_of_the_source_has_no_gradient),
        TEST(scatter_add_in_every_dtype),
        TEST(many_that_meet_are_all_added_whatever_the_threads),
        TEST(a_source_may_be_larger_than_the_index),
        TEST(an_index_out_of_range_changes_nothing),
        TEST(gather_takes_a_smaller_index),
        TEST(one_hot_counts_its_classes),
        TEST(joining_may_be_gone_through_twice),
        TEST(masks_and_indices_may_not),
        TEST(repeat_copies),
        TEST(the_0_largest_of_a_scalar_are_itself),
    };
    return RUN(tests);
}
