/* Tensors: constructors, shapes, dtypes, properties, reading and writing elements, numbers as
 * operands. */
#include "test.h"

#include "autograd/ops.h"
#include "core/tensor_internal.h"

/* --- constructors ----------------------------------------------------------------------------- */

static void constructors_fill_with_their_value(void **state)
{
    (void)state;
    assert_close(cd_item(cd_sum(cd_zeros(CD_SHAPE(3, 4)))), 0, 0, 0);
    assert_close(cd_item(cd_sum(cd_ones(CD_SHAPE(3, 4)))), 12, 0, 0);
    assert_close(cd_item(cd_sum(cd_full(CD_SHAPE(3, 4), 0.5))), 6, 0, 0);
    assert_close(cd_item(cd_sum(cd_arange(5))), 10, 0, 0);
    assert_close(cd_item(cd_full(CD_SCALAR, 7, .dtype = CD_U8)), 7, 0, 0);
}

static void full_takes_only_numbers_of_the_dtype(void **state)
{
    (void)state;
    static const struct {
        cd_dtype dtype;
        double value;
    } wrong[] = { { CD_U8, 300 },   { CD_U8, NAN },        { CD_I32, 1e10 },
                  { CD_I64, 1e19 }, { CD_I64, -INFINITY }, { CD_F32, 1e300 } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(cd_full(CD_SHAPE(2), wrong[i].value, .dtype = wrong[i].dtype));
        assert_failed_with(CD_ERR_ARGUMENT, cd_dtype_name(wrong[i].dtype));
    }
    assert_int_equal(cd_item_int(cd_full(CD_SCALAR, -1, .dtype = CD_U8)), 255);
    assert_true(isinf(cd_item(cd_full(CD_SCALAR, INFINITY))));
}

static void bool_bytes_other_than_0_become_1(void **state)
{
    (void)state;
    const uint8_t bytes[4] = { 0, 1, 2, 255 };
    cd_tensor *t = cd_from_array(bytes, CD_SHAPE(4), .dtype = CD_BOOL);
    assert_int_equal(cd_item_int(cd_sum(t)), 3);
    assert_int_equal(cd_item_int(cd_sum(cd_eq(t, (bool)true))), 3);
}

static void shapes_of_nine_sizes_do_not_broadcast(void **state)
{
    (void)state;
    cd_shape nine = { .ndim = 9 }, one = CD_SHAPE(1), out = CD_SHAPE(7);
    assert_false(cd_shape_broadcast(nine, one, &out));
    assert_false(cd_shape_broadcast(one, (cd_shape){ .ndim = -1 }, &out));
    assert_int_equal(out.dim[0], 7);
    assert_false(cd_shape_equal(nine, nine));
}

static void dtypes_default_to_float32(void **state)
{
    (void)state;
    assert_int_equal(cd_dtype_of(cd_zeros(CD_SHAPE(1))), CD_F32);
    assert_int_equal(cd_dtype_of(cd_full(CD_SHAPE(1), 3)), CD_F32);
    assert_int_equal(cd_dtype_of(cd_randn(CD_SHAPE(1), .dtype = CD_F64)), CD_F64);
    assert_int_equal(cd_dtype_of(cd_arange(1)), CD_I64);
}

static void shapes_that_cannot_be(void **state)
{
    (void)state;
    assert_null(cd_zeros(CD_SHAPE(2, -1)));
    assert_failed_with(CD_ERR_SHAPE, "zeros: size -1 of dimension 1 is negative");
    assert_null(cd_zeros(((cd_shape){ .ndim = 9 })));
    assert_failed_with(CD_ERR_SHAPE, "0 to 8 dimensions");
    assert_null(cd_ones(((cd_shape){ .ndim = -3 })));
    assert_failed_with(CD_ERR_SHAPE, "not -3");
    assert_null(cd_empty(CD_SHAPE(INT64_MAX, INT64_MAX)));
    assert_failed_with(CD_ERR_SHAPE, "empty: shape");
    assert_null(cd_empty(CD_SHAPE(0, INT64_MAX, INT64_MAX)));
    assert_failed_with(CD_ERR_SHAPE, "more elements than can be counted");
    cd_memory_limit((size_t)1 << 30);
    assert_null(cd_empty(CD_SHAPE(INT64_MAX / 16)));
    cd_memory_limit(0);
    assert_failed_with(CD_ERR_MEMORY, "out of memory");
    assert_null(cd_arange(-1));
    assert_failed_with(CD_ERR_ARGUMENT, "arange");
}

static void dtypes_that_do_not_exist(void **state)
{
    (void)state;
    assert_null(cd_zeros(CD_SHAPE(2), .dtype = (cd_dtype)99));
    assert_failed_with(CD_ERR_DTYPE, "zeros: 99 is no dtype");
    assert_null(cd_randn(CD_SHAPE(2), .dtype = CD_I64));
    assert_failed_with(CD_ERR_DTYPE, "randn");
}

static void an_array_has_the_dtype_of_its_type(void **state)
{
    (void)state;
    double f64[] = { 1, 2 };
    const int64_t i64[] = { 3, 4 };
    int32_t i32[] = { 5, 6 };
    bool truths[] = { true, false };
    uint8_t bytes[8] = { 7 };
    cd_tensor *t = cd_from_array(f64, CD_SHAPE(2));
    assert_int_equal(cd_dtype_of(t), CD_F64);
    assert_close(cd_item(cd_slice(t, 0, 1, 2, 1)), 2, 0, 0);
    assert_int_equal(cd_dtype_of(cd_from_array(((float[]){ 1 }), CD_SHAPE(1))), CD_F32);
    assert_int_equal(cd_dtype_of(cd_from_array(i64, CD_SHAPE(2))), CD_I64);
    assert_int_equal(cd_dtype_of(cd_wrap(i32, CD_SHAPE(2))), CD_I32);
    assert_int_equal(cd_dtype_of(cd_from_array(truths, CD_SHAPE(2))), CD_BOOL);
    assert_int_equal(cd_dtype_of(cd_from_array(bytes, CD_SHAPE(8))), CD_U8);
    assert_int_equal(cd_dtype_of(cd_from_array(bytes, CD_SHAPE(1), .dtype = CD_I64)), CD_I64);
    assert_int_equal(cd_dtype_of(cd_from_array((void *)f64, CD_SHAPE(2))), CD_F32);
    assert_null(cd_from_array(f64, CD_SHAPE(2), .dtype = CD_F32));
    assert_failed_with(CD_ERR_DTYPE, "from_array: the array's elements are float64");
    assert_null(cd_wrap(i32, CD_SHAPE(2), .dtype = CD_F32));
    assert_failed_with(CD_ERR_DTYPE, "wrap: the array's elements are int32");
}

static void from_array_copies(void **state)
{
    (void)state;
    double values[4] = { 1, 2, 3, 4 };
    cd_tensor *t = cd_from_array(values, CD_SHAPE(2, 2), .dtype = CD_F64);
    values[0] = 100;
    assert_close(cd_item(cd_sum(t)), 10, 0, 0);
    assert_null(cd_from_array(NULL, CD_SHAPE(2)));
    assert_failed_with(CD_ERR_ARGUMENT, "from_array: the array is NULL");
    assert_non_null(cd_from_array(NULL, CD_SHAPE(0)));
}

static void empty_tensors(void **state)
{
    (void)state;
    cd_tensor *t = cd_zeros(CD_SHAPE(0, 3));
    assert_int_equal(cd_numel(t), 0);
    assert_true(cd_read(t, NULL, 0));
    assert_true(cd_write(t, NULL, 0));
    assert_close(cd_item(cd_sum(t)), 0, 0, 0);
    assert_int_equal(cd_numel(cd_add(t, cd_ones(CD_SHAPE(3)))), 0);
}

/* --- properties ------------------------------------------------------------------------------- */

static void sizes_count_from_both_ends(void **state)
{
    (void)state;
    cd_tensor *t = cd_zeros(CD_SHAPE(2, 3, 4));
    assert_int_equal(cd_ndim(t), 3);
    assert_int_equal(cd_size(t, 0), 2);
    assert_int_equal(cd_size(t, -1), 4);
    assert_int_equal(cd_size(t, -3), 2);
    assert_int_equal(cd_stride(t, 0), 12);
    assert_int_equal(cd_size(t, 3), 0);
    assert_failed_with(CD_ERR_SHAPE, "dimension 3 is out of range");
    assert_int_equal(cd_size(t, -4), 0);
    assert_failed_with(CD_ERR_SHAPE, "dimension -4");
    assert_int_equal(cd_size(cd_zeros(CD_SCALAR), 0), 0);
    assert_failed_with(CD_ERR_SHAPE, "scalar");
}

static void item_takes_one_element(void **state)
{
    (void)state;
    assert_close(cd_item(cd_full(CD_SHAPE(1, 1), 2.5)), 2.5, 0, 0);
    assert_int_equal(cd_item_int(cd_full(CD_SCALAR, -2.5)), -2);
    assert_true(isnan(cd_item(cd_zeros(CD_SHAPE(2)))));
    assert_failed_with(CD_ERR_SHAPE, "item: the tensor has shape 2");
    assert_int_equal(cd_item_int(cd_zeros(CD_SHAPE(0))), 0);
    assert_failed_with(CD_ERR_SHAPE, "item_int");
    assert_true(isnan(cd_item(NULL)));
    assert_failed_with(CD_ERR_ARGUMENT, "item: the tensor is NULL");
}

static void an_item_that_no_integer_holds_is_no_crash(void **state)
{
    (void)state;
    (void)cd_item_int(cd_full(CD_SCALAR, 1e30));
    (void)cd_item_int(cd_full(CD_SCALAR, NAN));
    (void)cd_item_int(cd_full(CD_SCALAR, -INFINITY));
    assert_ok();
}

static void an_integer_item_is_exact(void **state)
{
    (void)state;
    const int64_t large = INT64_MAX - 1;
    cd_tensor *t = cd_from_array(&large, CD_SCALAR, .dtype = CD_I64);
    assert_true(cd_item_int(t) == large);
}

static void an_expanded_tensor_is_not_written_to(void **state)
{
    (void)state;
    const float values[3] = { 1, 2, 3 };
    cd_tensor *row = cd_zeros(CD_SHAPE(1)), *three = cd_expand(row, CD_SHAPE(3));
    assert_false(cd_write(three, values, sizeof values));
    assert_failed_with(CD_ERR_ARGUMENT, "write: several elements");
    assert_close(cd_item(row), 0, 0, 0);
    assert_true(cd_write(cd_expand(row, CD_SHAPE(1, 1)), values, sizeof *values));
    assert_close(cd_item(row), 1, 0, 0);
}

/* --- reading and writing ---------------------------------------------------------------------- */

static void read_and_write_take_exact_sizes(void **state)
{
    (void)state;
    float values[7] = { 1, 2, 3, 4, 5, 6, -1 };
    cd_tensor *t = cd_zeros(CD_SHAPE(2, 3));
    assert_true(cd_write(t, values, 24));
    static const size_t wrong[] = { 0, 20, 28, 48, SIZE_MAX };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(cd_write(t, values, wrong[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "a float32 tensor of shape 2x3 has 24");
        assert_false(cd_read(t, values, wrong[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "read:");
    }
    assert_false(cd_read(t, NULL, 24));
    assert_failed_with(CD_ERR_ARGUMENT, "read: the memory is NULL");
    assert_int_equal(cd_version(t), 1);
    assert_close(cd_item(cd_sum(t)), 21, 0, 0);
}

static void views_are_read_and_written_row_by_row(void **state)
{
    (void)state;
    float values[6] = { 1, 2, 3, 4, 5, 6 }, out[6];
    cd_tensor *t = cd_from_array(values, CD_SHAPE(2, 3)), *view = cd_t(t);
    assert_true(cd_read(view, out, sizeof out));
    static const float expected[6] = { 1, 4, 2, 5, 3, 6 };
    assert_memory_equal(out, expected, sizeof out);
    assert_true(cd_write(view, values, sizeof values));
    assert_true(cd_read(t, out, sizeof out));
    static const float written[6] = { 1, 3, 5, 2, 4, 6 };
    assert_memory_equal(out, written, sizeof out);
}

static void data_is_for_contiguous_tensors(void **state)
{
    (void)state;
    cd_tensor *t = cd_ones(CD_SHAPE(2, 3));
    assert_non_null(cd_data(t));
    assert_int_equal(cd_version(t), 0);
    assert_ptr_equal(cd_data_mut(t), cd_data(t));
    assert_int_equal(cd_version(t), 1);
    assert_null(cd_data(cd_t(t)));
    assert_failed_with(CD_ERR_STATE, "cd_contiguous");
    assert_null(cd_data_mut(cd_t(t)));
    assert_failed_with(CD_ERR_STATE, "data_mut");
    assert_int_equal(cd_version(t), 1);
}

static void print_needs_a_stream(void **state)
{
    (void)state;
    assert_false(cd_print(NULL, cd_ones(CD_SHAPE(2))));
    assert_failed_with(CD_ERR_ARGUMENT, "print: the stream is NULL");
    assert_null(cd_to_string(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "to_string");
}

static void print_writes_a_line(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_true(cd_print(stream, cd_ones(CD_SHAPE(2))));
    (void)fclose(stream);
    assert_string_equal(text, "tensor([1., 1.])\n");
    free(text);
}

/* --- operands --------------------------------------------------------------------------------- */

static void numbers_keep_their_kind(void **state)
{
    (void)state;
    cd_tensor *i = cd_arange(3), *f = cd_ones(CD_SHAPE(3)), *u = cd_to(i, CD_U8);
    assert_int_equal(cd_dtype_of(cd_add(i, 1)), CD_I64);
    assert_int_equal(cd_dtype_of(cd_add(i, true)), CD_I64);
    assert_int_equal(cd_dtype_of(cd_add(i, 0.5)), CD_F32);
    assert_int_equal(cd_dtype_of(cd_add(f, 0.5)), CD_F32);
    assert_int_equal(cd_dtype_of(cd_add(u, 300)), CD_U8);
    assert_int_equal(cd_dtype_of(cd_add(1, i)), CD_I64);
    assert_int_equal(cd_dtype_of(cd_mul(cd_to(i, CD_BOOL), 2)), CD_I64);
    assert_int_equal(cd_dtype_of(cd_mul(cd_to(f, CD_F64), 2.5F)), CD_F64);
}

static void zero_dimensional_tensors_count_less(void **state)
{
    (void)state;
    cd_tensor *f = cd_ones(CD_SHAPE(3)), *wide = cd_ones(CD_SCALAR, .dtype = CD_F64);
    assert_int_equal(cd_dtype_of(cd_add(f, wide)), CD_F32);
    assert_int_equal(cd_dtype_of(cd_add(cd_arange(3), wide)), CD_F64);
    assert_int_equal(cd_dtype_of(cd_add(cd_ones(CD_SCALAR), wide)), CD_F64);
}

static void two_numbers_are_no_operation(void **state)
{
    (void)state;
    assert_null(cd_add(1, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "both operands are numbers");
    assert_null(cd_add_with(cd_operand_double(1), cd_operand_bool(true)));
    assert_failed_with(CD_ERR_ARGUMENT, "add");
}

static void in_place_results_must_fit(void **state)
{
    (void)state;
    assert_null(cd_add_(cd_arange(3), 0.5));
    assert_failed_with(CD_ERR_DTYPE, "the result is float32, and x");
    assert_null(cd_add_(cd_ones(CD_SHAPE(3)), cd_ones(CD_SHAPE(2, 3))));
    assert_failed_with(CD_ERR_SHAPE, "changed in place");
    cd_tensor *x = cd_ones(CD_SHAPE(3));
    assert_non_null(cd_add_(x, cd_arange(3)));
    assert_int_equal(cd_dtype_of(x), CD_F32);
    assert_close(cd_item(cd_sum(x)), 6, 0, 0);
}

static void an_operand_may_overlap_what_is_changed(void **state)
{
    (void)state;
    float values[4] = { 1, 2, 3, 4 }, out[4];
    cd_tensor *x = cd_from_array(values, CD_SHAPE(2, 2));
    assert_non_null(cd_sub_(x, cd_t(x)));
    assert_true(cd_read(x, out, sizeof out));
    static const float expected[4] = { 0, -1, 1, 0 };
    assert_memory_equal(out, expected, sizeof out);
}

/* As torch.promote_types: of two dtypes the result is the later one in this row, in either
 * order. */
static void dtypes_promote_to_the_larger(void **state)
{
    (void)state;
    static const cd_dtype row[] = { CD_BOOL, CD_U8, CD_I32, CD_I64, CD_F32, CD_F64 };
    for (int i = 0; i < 6; i++) {
        for (int k = 0; k < 6; k++) {
            assert_int_equal(cd_promote_types(row[i], row[k]), row[i > k ? i : k]);
            cd_tensor *a = cd_ones(CD_SHAPE(2), .dtype = row[i]),
                      *b = cd_ones(CD_SHAPE(2), .dtype = row[k]);
            assert_int_equal(cd_dtype_of(cd_mul(a, b)), row[i > k ? i : k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(dtypes_promote_to_the_larger),
        TEST(constructors_fill_with_their_value),
        TEST(full_takes_only_numbers_of_the_dtype),
        TEST(bool_bytes_other_than_0_become_1),
        TEST(shapes_of_nine_sizes_do_not_broadcast),
        TEST(an_expanded_tensor_is_not_written_to),
        TEST(dtypes_default_to_float32),
        TEST(shapes_that_cannot_be),
        TEST(dtypes_that_do_not_exist),
        TEST(an_array_has_the_dtype_of_its_type),
        TEST(from_array_copies),
        TEST(empty_tensors),
        TEST(sizes_count_from_both_ends),
        TEST(item_takes_one_element),
        TEST(an_item_that_no_integer_holds_is_no_crash),
        TEST(an_integer_item_is_exact),
        TEST(read_and_write_take_exact_sizes),
        TEST(views_are_read_and_written_row_by_row),
        TEST(data_is_for_contiguous_tensors),
        TEST(print_needs_a_stream),
        TEST(print_writes_a_line),
        TEST(numbers_keep_their_kind),
        TEST(zero_dimensional_tensors_count_less),
        TEST(two_numbers_are_no_operation),
        TEST(in_place_results_must_fit),
        TEST(an_operand_may_overlap_what_is_changed),
    };
    return RUN(tests);
}
