/* Arguments of ops beside their plain form: tensors in place of numbers, lists, copies, and other
 * dtypes. golden/ops/arguments.py has PyTorch's numbers; here is what elements do not tell. */
#include "test.h"

#include "candela.h"

#define VECTOR(...)                                                                                \
    cd_from_array(((double[]){ __VA_ARGS__ }), CD_SHAPE(sizeof((double[]){ __VA_ARGS__ }) / 8))
#define INTEGERS(...)                                                                              \
    cd_from_array(((int64_t[]){ __VA_ARGS__ }), CD_SHAPE(sizeof((int64_t[]){ __VA_ARGS__ }) / 8),  \
                  .dtype = CD_I64)

/* Whether two tensors have the same dtype, shape and elements. */
static void assert_same(cd_tensor *actual, cd_tensor *expected)
{
    assert_ok();
    assert_non_null(actual);
    assert_int_equal(cd_dtype_of(actual), cd_dtype_of(expected));
    assert_true(cd_equal(actual, expected));
    assert_ok();
}

/* --- linspace --------------------------------------------------------------------------------- */

static void ends_of_linspace_may_be_tensors(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *two = cd_full(CD_SCALAR, 2, .dtype = CD_I64), *half = cd_full(CD_SCALAR, 0.5);
    assert_same(cd_linspace(half, 2, 4), cd_linspace(0.5, 2, 4));
    assert_same(cd_linspace(half, two, 4), cd_linspace(0.5, 2, 4));
    assert_same(cd_linspace(-1, two, 4, .dtype = CD_F64), cd_linspace(-1, 2, 4, .dtype = CD_F64));
    assert_same(cd_linspace(half, two, 3, .dtype = CD_I64), INTEGERS(0, 1, 2));
    assert_same(cd_linspace(cd_full(CD_SCALAR, 1, .dtype = CD_BOOL), 3, 3), cd_linspace(1, 3, 3));
}

/* The end is read: the result is a leaf, and its gradient does not reach the end. */
static void ends_of_linspace_have_no_gradient(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *start = cd_full(CD_SCALAR, 1, .requires_grad = true);
    assert_false(cd_requires_grad(cd_linspace(start, 2, 3)));
    cd_tensor *y = cd_linspace(start, 2, 3, .requires_grad = true);
    assert_true(cd_backward(cd_sum(y)));
    assert_null(cd_grad(start));
    assert_null(cd_linspace(cd_to_device(start, CD_META), 2, 3));
    assert_failed_with(CD_ERR_STATE, "meta");
}

/* --- to --------------------------------------------------------------------------------------- */

static void to_copies_where_it_must_or_is_told(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_arange(3.0), *n = cd_arange(2);
    assert_ptr_equal(cd_to(x, CD_F32), x);
    assert_ptr_equal(cd_to(x, CD_DTYPE_DEFAULT), x);
    assert_ptr_equal(cd_to(x, CD_DTYPE_DEFAULT, .other = x), x);
    assert_ptr_equal(cd_to(x, CD_F32, .device = CD_CPU), x);
    cd_tensor *copy = cd_to(x, CD_F32, .copy = true);
    assert_ptr_not_equal(copy, x);
    assert_same(copy, x);
    (void)cd_zero_(copy);
    assert_close(cd_item(cd_sum(x)), 3, 0, 0);
    assert_same(cd_to(x, CD_DTYPE_DEFAULT, .other = n), cd_to(x, CD_I64));
    assert_same(cd_to(cd_t(cd_reshape(cd_arange(6), CD_SHAPE(2, 3))), CD_I64, .copy = true),
                cd_reshape(INTEGERS(0, 3, 1, 4, 2, 5), CD_SHAPE(3, 2)));
}

static void to_another_device_and_dtype(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3), .requires_grad = true);
    cd_tensor *y = cd_to(x, CD_F64, .device = CD_META);
    assert_ok();
    assert_int_equal(cd_device_of(y), CD_META);
    assert_int_equal(cd_dtype_of(y), CD_F64);
    assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(2, 3)));
    assert_int_equal(cd_device_of(cd_to(x, CD_DTYPE_DEFAULT, .other = y)), CD_META);
    assert_int_equal(cd_device_of(cd_to(x, CD_F64)), CD_CPU);
    assert_null(cd_to(y, CD_F32, .device = CD_CPU));
    assert_failed_with(CD_ERR_STATE, "meta");
}

/* A copy has the node of a conversion, through which the gradient comes back. */
static void a_copy_has_a_gradient(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *y = cd_to(x, CD_DTYPE_DEFAULT, .copy = true);
    assert_string_equal(cd_grad_fn_name(y), "ToCopyBackward0");
    assert_true(cd_backward(cd_sum(cd_mul(y, 3))));
    assert_same(cd_grad(x), cd_full(CD_SHAPE(2), 3));
}

/* --- lists ------------------------------------------------------------------------------------ */

static void nonzero_as_a_tuple(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_reshape(INTEGERS(0, 1, 0, 5, 0, 7), CD_SHAPE(2, 3)), *rows, *columns, *one;
    assert_true(cd_unpack(cd_nonzero_as_tuple(x), &rows, &columns));
    assert_same(rows, INTEGERS(0, 1, 1));
    assert_same(columns, INTEGERS(1, 0, 2));
    assert_same(cd_index(x, rows, columns), INTEGERS(1, 5, 7));
    assert_true(cd_unpack(cd_nonzero_as_tuple(cd_ones(CD_SCALAR)), &one));
    assert_same(one, INTEGERS(0));
    assert_true(cd_unpack(cd_nonzero_as_tuple(cd_zeros(CD_SCALAR)), &one));
    assert_int_equal(cd_numel(one), 0);
    assert_true(cd_unpack(cd_nonzero_as_tuple(cd_zeros(CD_SHAPE(2, 0))), &rows, &columns));
    assert_int_equal(cd_numel(columns), 0);
}

static void atleast_of_each_tensor(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SCALAR, .requires_grad = true), *v = cd_ones(CD_SHAPE(3)), *a, *b;
    assert_true(cd_unpack(cd_atleast_1d_all(CD_TENSORS(x, v)), &a, &b));
    assert_true(cd_shape_equal(cd_shape_of(a), CD_SHAPE(1)));
    assert_ptr_equal(b, v);
    assert_true(cd_unpack(cd_atleast_2d_all(CD_TENSORS(x, v)), &a, &b));
    assert_true(cd_shape_equal(cd_shape_of(a), CD_SHAPE(1, 1)));
    assert_true(cd_shape_equal(cd_shape_of(b), CD_SHAPE(1, 3)));
    assert_true(cd_backward(cd_sum(cd_mul(a, 2))));
    assert_close(cd_item(cd_grad(x)), 2, 0, 0);
    assert_true(cd_unpack(cd_atleast_3d_all(CD_TENSORS(v, x)), &a, &b));
    assert_true(cd_shape_equal(cd_shape_of(a), CD_SHAPE(1, 3, 1)));
    assert_true(cd_shape_equal(cd_shape_of(b), CD_SHAPE(1, 1, 1)));
}

/* --- narrow and as_strided -------------------------------------------------------------------- */

static void narrow_from_a_tensor(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(5), .requires_grad = true);
    cd_tensor *y = cd_narrow_by(x, 0, cd_full(CD_SCALAR, -4, .dtype = CD_I32), 2);
    assert_true(cd_backward(cd_sum(y)));
    assert_same(cd_grad(x), cd_to(INTEGERS(0, 1, 1, 0, 0), CD_F32));
    assert_same(cd_narrow_by(cd_arange(9), 0, cd_full(CD_SCALAR, 7, .dtype = CD_U8), 2),
                INTEGERS(7, 8));
}

/* torch.as_strided(x, size, stride) begins where x does. */
static void the_offset_of_a_view(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_arange(9), *y = cd_slice(x, 0, 3, 9, 1);
    assert_int_equal(cd_storage_offset(x), 0);
    assert_int_equal(cd_storage_offset(y), 3);
    assert_int_equal(cd_storage_offset(cd_select(cd_view(y, CD_SHAPE(2, 3)), 0, 1)), 6);
    assert_same(cd_as_strided(y, CD_SHAPE(2), CD_SHAPE(2), cd_storage_offset(y)), INTEGERS(3, 5));
    assert_int_equal(cd_storage_offset(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "storage_offset: the tensor is NULL");
}

/* --- scans in place --------------------------------------------------------------------------- */

static void scans_in_place_take_their_own_dtype(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_to(INTEGERS(1, 2, 3), CD_I32);
    assert_same(cd_cumsum_(cd_clone(x), 0, .dtype = CD_I32), cd_to(INTEGERS(1, 3, 6), CD_I32));
    assert_same(cd_cumprod_(cd_clone(x), 0, .dtype = CD_I32), cd_to(INTEGERS(1, 2, 6), CD_I32));
    assert_null(cd_cumsum_(x, 0, .dtype = CD_I64));
    assert_failed_with(CD_ERR_DTYPE, "x is int32, which .dtype cannot change in place to int64");
    assert_same(x, cd_to(INTEGERS(1, 2, 3), CD_I32));
}

/* --- quantiles by a tensor -------------------------------------------------------------------- */

static cd_tensor *quantiles(cd_tensor *const *in, void *user)
{
    const cd_quantile_options *o = user;
    cd_quantile_options own = *o;
    own.x = in[0];
    own.q = cd_operand_tensor(in[1]);
    return cd_quantile_with(own);
}

static void quantiles_can_be_differentiated_by_q(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(3, 4), .dtype = CD_F64, .requires_grad = true);
    cd_tensor *q = cd_from_array(((double[]){ 0.2, 0.7 }), CD_SHAPE(2), .requires_grad = true);
    cd_tensor *in[2] = { x, q };
    for (int way = 0; way < 3; way++) {
        cd_quantile_options o = { .keepdim = way == 1 };
        if (way < 2) o.dims = CD_DIMS(way);
        assert_true(cd_gradcheck_function(quantiles, in, 2, .user = &o));
        assert_true(cd_gradgradcheck_function(quantiles, in, 2, .user = &o));
    }
}

/* q has a gradient only where the result depends on it continuously. */
static void q_has_no_gradient_where_it_chooses(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_arange(5.0);
    for (int how = CD_QUANTILE_LINEAR; how <= CD_QUANTILE_NEAREST; how++) {
        cd_tensor *q = cd_full(CD_SCALAR, 0.3, .requires_grad = true);
        cd_tensor *y = cd_quantile(x, q, .interpolation = (cd_interpolation)how);
        assert_int_equal(cd_requires_grad(y), how == CD_QUANTILE_LINEAR);
    }
    cd_tensor *zero = cd_zeros(CD_SCALAR, .requires_grad = true);
    assert_true(cd_backward(cd_nanquantile(x, zero)));
    assert_close(cd_item(cd_grad(zero)), 0, 0, 0);
}

/* A vector q gives what its elements give one by one, in a new first dimension. */
static void quantiles_by_a_vector_are_those_of_its_elements(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 5, 3), .dtype = CD_F64), *q = VECTOR(0, 0.35, 0.5, 1);
    for (int how = CD_QUANTILE_LINEAR; how <= CD_QUANTILE_NEAREST; how++) {
        cd_quantile_options o = { .x = x,
                                  .dims = CD_DIMS(1),
                                  .keepdim = how % 2 == 0,
                                  .interpolation = (cd_interpolation)how };
        o.q = cd_operand_tensor(q);
        cd_tensor *all = cd_quantile_with(o), *nan_all = cd_nanquantile_with(o);
        for (int64_t k = 0; k < 4; k++) {
            o.q = cd_operand_double(cd_item(cd_select(q, 0, k)));
            assert_true(cd_allclose(cd_select(all, 0, k), cd_quantile_with(o), .rtol = 1e-12));
            assert_true(
                cd_allclose(cd_select(nan_all, 0, k), cd_nanquantile_with(o), .rtol = 1e-12));
        }
    }
}

/* --- scatter ---------------------------------------------------------------------------------- */

static void a_scatter_that_reduces_has_no_gradient(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(3), .requires_grad = true), *at = INTEGERS(0, 0, 2);
    cd_tensor *y = cd_scatter(x, 0, at, 2, .reduce = CD_SCATTER_MULTIPLIES);
    assert_same(cd_detach(y), cd_to(INTEGERS(4, 1, 2), CD_F32));
    assert_string_equal(cd_grad_fn_name(y), "NotImplemented");
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "scatter: with .reduce it has no gradient");
    cd_tensor *z = cd_arange(3);
    assert_ptr_equal(cd_scatter_(z, 0, at, INTEGERS(1, 2, 3), .reduce = CD_SCATTER_ADDS), z);
    assert_same(z, INTEGERS(3, 1, 5));
}

/* --- integers --------------------------------------------------------------------------------- */

/* Means of integers lose their fraction, and their sums wrap. */
static void means_of_int64(void **state)
{
    (void)state;
    CD_SCOPE();
    const int64_t most = INT64_MAX;
    cd_tensor *x = cd_unsqueeze(INTEGERS(-1, -2, 3, 4, most, most), 0);
    assert_same(cd_avg_pool1d(x, 2), cd_unsqueeze(INTEGERS(-1, 3, -1), 0));
    cd_tensor *least = cd_full(CD_SHAPE(1, 1, 2), (double)INT64_MIN, .dtype = CD_I64);
    assert_same(cd_avg_pool2d(least, 1, .divisor_override = -1), least);
}

/* Bytes are rounded after the columns, and again after the rows. */
static void bytes_are_resampled_in_two_steps(void **state)
{
    (void)state;
    CD_SCOPE();
    const unsigned char from[] = { 0, 1, 1, 1 };
    cd_tensor *x = cd_from_array(from, CD_SHAPE(1, 1, 2, 2));
    cd_tensor *y = cd_interpolate(x, .size = 1, .mode = CD_RESAMPLING_BILINEAR);
    assert_int_equal(cd_dtype_of(y), CD_U8);
    assert_int_equal(cd_item_int(y), 1);
    const unsigned char edge[] = { 0, 0, 255, 255 };
    cd_tensor *wide = cd_interpolate(cd_from_array(edge, CD_SHAPE(1, 1, 1, 4)), .size = 1,
                                     .size_w = 8, .mode = CD_RESAMPLING_BICUBIC);
    assert_close(cd_item(cd_max(wide)), 255, 0, 0);
    assert_close(cd_item(cd_min(wide)), 0, 0, 0);
}

/* Where the border repeats a pixel, its weights are added up before they are rounded: rounded one
 * by one they would make 219 of the first. */
static void bytes_at_the_border(void **state)
{
    (void)state;
    CD_SCOPE();
    const unsigned char from[] = { 204, 37, 66, 208 }, to[] = { 218, 118, 24, 47, 140, 220 };
    assert_same(cd_interpolate(cd_from_array(from, CD_SHAPE(1, 1, 1, 4)), .size = 1, .size_w = 6,
                               .mode = CD_RESAMPLING_BICUBIC),
                cd_from_array(to, CD_SHAPE(1, 1, 1, 6)));
}

/* --- eps -------------------------------------------------------------------------------------- */

/* A negative eps is taken as it is, as in PyTorch; NaN where the variance is smaller. */
static void norms_with_a_negative_eps(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_unsqueeze(VECTOR(1, 3), 0);
    assert_same(cd_layer_norm(x, CD_SHAPE(2), .eps = -0.75), cd_unsqueeze(VECTOR(-2, 2), 0));
    assert_same(cd_group_norm(x, 1, .eps = -0.75), cd_unsqueeze(VECTOR(-2, 2), 0));
    assert_same(cd_rms_norm(x, CD_SHAPE(2), .eps = -1), cd_unsqueeze(VECTOR(0.5, 1.5), 0));
    assert_true(isnan(cd_item(cd_sum(cd_layer_norm(x, CD_SHAPE(2), .eps = -2)))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_of_linspace_may_be_tensors),
        TEST(ends_of_linspace_have_no_gradient),
        TEST(to_copies_where_it_must_or_is_told),
        TEST(to_another_device_and_dtype),
        TEST(a_copy_has_a_gradient),
        TEST(nonzero_as_a_tuple),
        TEST(atleast_of_each_tensor),
        TEST(narrow_from_a_tensor),
        TEST(the_offset_of_a_view),
        TEST(scans_in_place_take_their_own_dtype),
        TEST(quantiles_can_be_differentiated_by_q),
        TEST(q_has_no_gradient_where_it_chooses),
        TEST(quantiles_by_a_vector_are_those_of_its_elements),
        TEST(a_scatter_that_reduces_has_no_gradient),
        TEST(means_of_int64),
        TEST(bytes_are_resampled_in_two_steps),
        TEST(bytes_at_the_border),
        TEST(norms_with_a_negative_eps),
    };
    return RUN(tests);
}
