/* Values and gradients that an op's formula alone does not determine; the expected numbers are
 * PyTorch's. test_special_values.c has NaN, infinities and zeros. */
#include "test.h"

#include "autograd/index_ops.h"

#include "autograd/ops.h"
#include "autograd/product_ops.h"

enum { MOST = 8 };

static cd_tensor *numbers(int64_t n, const double *values, bool requires_grad)
{
    return cd_from_array(values, CD_SHAPE(n), .dtype = CD_F64, .requires_grad = requires_grad);
}

static void expect(const cd_tensor *t, int64_t n, const double *expected, const char *what)
{
    assert_ok();
    assert_non_null(t);
    assert_int_equal(cd_numel(t), n);
    double values[MOST];
    assert_true(cd_read(t, values, (size_t)n * sizeof *values));
    for (int64_t i = 0; i < n; i++) {
        bool same_zero = values[i] != 0 || !signbit(values[i]) == !signbit(expected[i]);
        bool close = values[i] == expected[i] || (isnan(values[i]) && isnan(expected[i])) ||
                     fabs(values[i] - expected[i]) <= 1e-12 * fabs(expected[i]);
        assert_that(close && (same_zero || expected[i] != 0), "%s: element %lld is %g, expected %g",
                    what, (long long)i, values[i], expected[i]);
    }
}

/* The gradient that x gets from the sum of f(x). */
#define expect_gradient(n_, x_, f_, ...)                                                           \
    do {                                                                                           \
        cd_tensor *x = numbers((n_), (x_), true);                                                  \
        assert_true(cd_backward(cd_sum(f_)));                                                      \
        expect(cd_grad(x), (n_), (const double[]){ __VA_ARGS__ }, #f_);                            \
    } while (0)

static const double INF = INFINITY;

static void clamp_has_no_gradient_at_the_bound(void **state)
{
    (void)state;
    CD_SCOPE();
    const double at[] = { -1, 0, 1, NAN };
    expect_gradient(4, at, cd_clamp_min(x, 0), 0, 0, 1, 0);
    expect_gradient(4, at, cd_clamp_max(x, 0), 1, 0, 0, 0);
    expect(cd_clamp_min(numbers(4, at, false), NAN), 4, (const double[]){ NAN, NAN, NAN, NAN },
           "clamp_min to NaN");
}

static void bounds_out_of_the_range_of_the_dtype(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_clamp_min(cd_ones(CD_SHAPE(2)), 1e300));
    assert_failed_with(CD_ERR_ARGUMENT, "clamp_min: 1e+300 is not among the numbers of");
    const double at[] = { -1, 2 };
    expect(cd_clamp_max(numbers(2, at, false), 1e300), 2, at, "clamp_max of float64");
    expect(cd_clamp_max(numbers(2, at, false), INF), 2, at, "clamp_max to infinity");
}

/* No byte is below -1 or above 300, so maximum with -1 and minimum with 300 change nothing; maximum
 * with 300 is an error. */
static void maximum_of_bytes_and_a_number_out_of_their_range(void **state)
{
    (void)state;
    CD_SCOPE();
    const double at[] = { 3, 250 };
    cd_tensor *bytes = cd_to(numbers(2, at, false), CD_U8);
    expect(cd_to(cd_maximum(bytes, -1), CD_F64), 2, at, "maximum of bytes and -1");
    expect(cd_to(cd_minimum(300, bytes), CD_F64), 2, at, "minimum of 300 and bytes");
    assert_null(cd_maximum(bytes, 300));
    assert_failed_with(CD_ERR_ARGUMENT, "maximum: 300 is not among the numbers of uint8");
}

/* The base is infinite as a float32, but it is kept as a double, whose logarithm is finite. */
static void the_gradient_of_a_power_of_a_large_number(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x =
        cd_from_array(((const float[]){ 0.0625F, -1 }), CD_SHAPE(2), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_pow(1e300, x))));
    assert_int_equal(cd_dtype_of(cd_grad(x)), CD_F32);
    expect(cd_to(cd_grad(x), CD_F64), 2, (const double[]){ INF, 0 }, "the gradient");
}

/* Backward functions must not subtract a bool, which is an error. */
static void gradients_beside_bool(void **state)
{
    (void)state;
    CD_SCOPE();
    const double at[] = { 3, 5 };
    cd_tensor *truth = cd_eq(cd_arange(2), 1);
    expect_gradient(2, at, cd_pow(x, truth), 0, 1);
    cd_tensor *x = numbers(2, at, true);
    cd_tensor *loss = cd_mse_loss(x, truth, .reduction = CD_SUM);
    cd_tensor *dx = cd_autograd_grad(loss, x, .create_graph = true);
    expect(dx, 2, (const double[]){ 6, 8 }, "mse_loss's gradient");
    expect(cd_autograd_grad(cd_sum(dx), x), 2, (const double[]){ 2, 2 }, "the gradient of that");
    dx = cd_autograd_grad(cd_mse_loss(x, truth, .reduction = CD_SUM), x,
                          .gradient = cd_ones(CD_SCALAR, .dtype = CD_F64, .requires_grad = true),
                          .create_graph = true);
    assert_true(cd_backward(cd_sum(dx)));
    expect(cd_grad(x), 2, (const double[]){ 2, 2 }, "with a weight that is differentiated too");
}

static void powers_at_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    const double at[] = { 0, 2, NAN };
    expect_gradient(3, at, cd_pow(x, 0), 0, 0, 0);
    expect_gradient(3, at, cd_pow(x, 1), 1, 1, 1);
    expect_gradient(3, at, cd_pow(x, 2), 0, 4, NAN);
    expect(cd_pow(numbers(3, at, false), 0), 3, (const double[]){ 1, 1, 1 }, "x^0");
    const double exponents[] = { 0, 2, -1 };
    expect_gradient(3, exponents, cd_pow(0.0, x), 0, 0, -INF);
    expect_gradient(3, exponents, cd_pow(x, cd_zeros(CD_SHAPE(3))), 0, 0, 0);
}

static void the_sum_of_bools_is_an_integer(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_int_equal(cd_dtype_of(cd_sum(cd_zeros(CD_SHAPE(2), .dtype = CD_BOOL))), CD_I64);
}

static void targets_that_are_ignored(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64, .requires_grad = true);
    cd_tensor *minus = cd_full(CD_SHAPE(2), -100, .dtype = CD_I64), *y = cd_nll_loss(x, minus);
    assert_true(isnan(cd_item(y)));
    assert_true(cd_backward(y));
    assert_true(cd_item(cd_sum(cd_grad(x))) == 0);
    assert_null(cd_nll_loss(x, minus, .ignore = true));
    assert_failed_with(CD_ERR_ARGUMENT, "target -100");
    cd_tensor *ones = cd_full(CD_SHAPE(2), 1, .dtype = CD_I64);
    cd_tensor *sum = cd_nll_loss(x, ones, .ignore = true, .ignore_index = 1, .reduction = CD_SUM);
    assert_true(cd_item(sum) == 0);
}

enum { TARGETS = 999 };

/* Leaves 77s in memory that the allocator will reuse for tensors of these sizes: an element that an
 * op fails to write then is 77. */
static void leave_numbers_in_the_cache(void)
{
    CD_SCOPE();
    for (int k = 0; k < 10; k++) {
        (void)cd_full(CD_SHAPE(TARGETS), 77, .dtype = CD_F64);
        (void)cd_full(CD_SHAPE(TARGETS, 2), 77, .dtype = CD_F64);
    }
    assert_ok();
}

/* Row i has the log-probabilities -i and -2i; its target is 0, 1, or ignored. */
static void ignored_targets_add_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    static double logs[2 * TARGETS], loss[TARGETS], slope[2 * TARGETS];
    static int64_t target[TARGETS];
    for (int64_t i = 0; i < TARGETS; i++) {
        logs[2 * i] = (double)-i;
        logs[2 * i + 1] = (double)(-2 * i);
        target[i] = i % 3 < 2 ? i % 3 : -100;
    }
    cd_tensor *x = cd_from_array(logs, CD_SHAPE(TARGETS, 2), .requires_grad = true);
    cd_tensor *t = cd_from_array(target, CD_SHAPE(TARGETS));
    leave_numbers_in_the_cache();
    cd_tensor *y = cd_nll_loss(x, t, .reduction = CD_NONE), *sum = cd_sum(y);
    assert_true(cd_read(y, loss, sizeof loss));
    leave_numbers_in_the_cache();
    assert_true(cd_backward(sum));
    assert_true(cd_read(cd_grad(x), slope, sizeof slope));
    double all = 0;
    for (int64_t i = 0; i < TARGETS; i++) {
        double right = i % 3 < 2 ? (double)((i % 3 + 1) * i) : 0;
        assert_close(loss[i], right, 0, 0);
        assert_close(slope[2 * i], i % 3 == 0 ? -1 : 0, 0, 0);
        assert_close(slope[2 * i + 1], i % 3 == 1 ? -1 : 0, 0, 0);
        all += right;
    }
    assert_close(cd_item(cd_nll_loss(x, t, .reduction = CD_SUM)), all, 0, 0);
    assert_close(cd_item(cd_nll_loss(x, t)), all / (TARGETS / 3 * 2), 1e-15, 0);
    cd_tensor *same = cd_full(CD_SHAPE(TARGETS, 2), 3, .dtype = CD_F64);
    leave_numbers_in_the_cache();
    assert_true(cd_read(cd_cross_entropy(same, t, .reduction = CD_NONE), loss, sizeof loss));
    for (int64_t i = 0; i < TARGETS; i++) {
        assert_close(loss[i], i % 3 < 2 ? log(2) : 0, 1e-15, 0);
    }
}

static void norms_have_a_gradient_at_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    const double one[] = { 0, 4, -4, 0 }, none[] = { 0, 0 };
    const double power = pow(2, -1 / 3.0), p3 = pow(2, -2 / 3.0);
    expect_gradient(4, one, cd_norm(x, .p = 1.5), 0, power, -power, 0);
    expect_gradient(4, one, cd_norm(x, .p = 3), 0, p3, -p3, 0);
    expect_gradient(4, one, cd_norm(x, .p = 1), 0, 1, -1, 0);
    expect_gradient(4, one, cd_norm(x), 0, sqrt(0.5), -sqrt(0.5), 0);
    expect_gradient(4, one, cd_norm(x, .p = INF), 0, 0.5, -0.5, 0);
    expect_gradient(4, one, cd_norm(x, .p = 0.5), 0, 2, -2, 0);
    const double powers[] = { 0.5, 1, 1.5, 2, 2.5, 3, INF };
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++) {
        expect_gradient(2, none, cd_norm(x, .p = powers[i]), 0, 0);
    }
}

static void binary_cross_entropy_of_large_logits(void **state)
{
    (void)state;
    CD_SCOPE();
    const double logits[] = { 200, -200, 200, -200 }, targets[] = { 0, 1, 1, 0 };
    cd_tensor *loss = cd_binary_cross_entropy_with_logits(
        numbers(4, logits, false), numbers(4, targets, false), .reduction = CD_NONE);
    expect(loss, 4, (const double[]){ 200, 200, exp(-200.0), 0 }, "loss");
}

static void division_by_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    const double at[] = { 1, 0, -1 };
    expect(cd_div(numbers(3, at, false), 0), 3, (const double[]){ INF, NAN, -INF }, "x / 0");
    assert_int_equal(cd_dtype_of(cd_div(cd_arange(3), 2)), CD_F32);
}

static void names_of_grad_fn(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_rand(CD_SHAPE(2, 3), .requires_grad = true), *classes = cd_arange(2);
    assert_string_equal(cd_grad_fn_name(cd_sub(x, 1)), "SubBackward0");
    assert_string_equal(cd_grad_fn_name(cd_sub(1, x)), "RsubBackward1");
    assert_string_equal(cd_grad_fn_name(cd_pow(x, 2)), "PowBackward0");
    assert_string_equal(cd_grad_fn_name(cd_pow(x, x)), "PowBackward1");
    assert_string_equal(cd_grad_fn_name(cd_pow(2, x)), "PowBackward2");
    assert_string_equal(cd_grad_fn_name(cd_clamp(x, 0, 1)), "ClampBackward1");
    assert_string_equal(cd_grad_fn_name(cd_clamp(x, x, 1)), "ClampBackward0");
    assert_string_equal(cd_grad_fn_name(cd_div(1, x)), "MulBackward0");
    assert_string_equal(cd_grad_fn_name(cd_clamp_min(x, 0)), "ClampMinBackward0");
    assert_string_equal(cd_grad_fn_name(cd_clamp_max(x, x)), "ClampMaxBackward1");
    assert_string_equal(cd_grad_fn_name(cd_cross_entropy(x, classes)), "NllLossBackward0");
    cd_tensor *image = cd_rand(CD_SHAPE(2, 3, 4), .requires_grad = true);
    cd_tensor *each = cd_zeros(CD_SHAPE(2, 4), .dtype = CD_I64);
    assert_string_equal(cd_grad_fn_name(cd_nll_loss(image, each)), "NllLoss2DBackward0");
}

/* The write changes no version, so backward has to check the targets again: an error, and no write
 * beyond the gradient. */
static void targets_written_through_an_old_pointer(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_zeros(CD_SHAPE(3, 4), .requires_grad = true);
    cd_tensor *t = cd_zeros(CD_SHAPE(3), .dtype = CD_I64);
    cd_tensor *small = cd_zeros(CD_SHAPE(3), .dtype = CD_U8);
    int64_t *target = cd_data_mut(t);
    unsigned char *byte = cd_data_mut(small);
    cd_tensor *y = cd_cross_entropy(x, t), *of_small = cd_nll_loss(x, small);
    target[1] = 1000;
    byte[2] = 4;
    assert_false(cd_backward(y));
    assert_string_equal(cd_error_message(),
                        "nll_loss_backward: target 1000 (at position 1) is out of bounds: with 4 "
                        "classes they go from 0 to 3");
    cd_clear_error();
    assert_false(cd_backward(of_small));
    assert_non_null(strstr(cd_error_message(), "target 4 (at position 2)"));
    cd_clear_error();
}

static void sign_of_bool_is_bool(void **state)
{
    (void)state;
    CD_SCOPE();
    const bool at[] = { true, false, true };
    bool signs[3];
    cd_tensor *y = cd_sign(cd_from_array(at, CD_SHAPE(3)));
    assert_int_equal(cd_dtype_of(y), CD_BOOL);
    assert_true(cd_read(y, signs, sizeof signs));
    assert_true(signs[0] && !signs[1] && signs[2]);
}

static void linear_with_a_weight_of_one_dimension(void **state)
{
    (void)state;
    CD_SCOPE();
    const double rows[] = { 1, 2, 3, 4, 5, 6 }, weights[] = { 1, -1, 2 };
    cd_tensor *x = cd_view(numbers(6, rows, false), CD_SHAPE(2, 3)), *w = numbers(3, weights, true);
    cd_tensor *half = cd_full(CD_SCALAR, 0.5, .dtype = CD_F64);
    cd_tensor *y = cd_linear(x, w, NULL);
    assert_int_equal(cd_ndim(y), 1);
    assert_string_equal(cd_grad_fn_name(y), "MvBackward0");
    expect(y, 2, (const double[]){ 5, 11 }, "a matrix");
    expect(cd_autograd_grad(cd_sum(y), w), 3, (const double[]){ 5, 7, 9 }, "the weight's gradient");
    y = cd_linear(cd_index(x, 0), w, half);
    assert_int_equal(cd_ndim(y), 0);
    expect(y, 1, (const double[]){ 5.5 }, "a vector");
    y = cd_linear(cd_unsqueeze(x, 0), w, half);
    assert_int_equal(cd_ndim(y), 2);
    assert_string_equal(cd_grad_fn_name(y), "AddBackward0");
    expect(y, 2, (const double[]){ 5.5, 11.5 }, "a batch of matrices");
}

static void a_sum_to_no_dimensions_is_a_sum(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_full(CD_SCALAR, 7, .dtype = CD_I32);
    cd_tensor *y = cd_sum_to_shape(x, CD_SCALAR);
    assert_int_equal(cd_dtype_of(y), CD_I64);
    assert_int_equal(cd_item_int(y), 7);
    assert_int_equal(
        cd_dtype_of(cd_sum_to_shape(cd_full(CD_SHAPE(1), 7, .dtype = CD_I32), CD_SHAPE(1))),
        CD_I32);
    cd_tensor *of = cd_ones(CD_SHAPE(2, 3), .requires_grad = true);
    assert_string_equal(cd_grad_fn_name(cd_sum_to_shape(of, CD_SCALAR)), "SumBackward0");
    assert_string_equal(cd_grad_fn_name(cd_sum_to_shape(of, CD_SHAPE(1, 3))), "SumBackward1");
}

static void second_gradients_of_powers_at_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    const double at[] = { 0, 2 }, ones[] = { 1, 1 };
    cd_tensor *x = numbers(2, at, true), *e = numbers(2, ones, true);
    cd_tensor *dx = cd_autograd_grad(cd_sum(cd_pow(x, 1)), x, .create_graph = true);
    expect(cd_autograd_grad(cd_sum(dx), x), 2, (const double[]){ 0, 0 }, "of x^1");
    cd_tensor *de =
        cd_autograd_grad(cd_sum(cd_pow(numbers(2, at, false), e)), e, .create_graph = true);
    expect(de, 2, (const double[]){ 0, 2 * log(2) }, "of a^e");
    const double log2 = log(2);
    expect(cd_autograd_grad(cd_sum(de), e), 2, (const double[]){ NAN, 2 * log2 * log2 },
           "of a^e again");
}

static void second_gradients_of_norms_at_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    const double none[] = { 0, 0 };
    static const struct {
        double p, again;
    } norms[] = { { 1, 0 }, { 1.5, NAN }, { 2, NAN }, { 3, 0 } };
    for (size_t i = 0; i < sizeof norms / sizeof *norms; i++) {
        cd_tensor *x = numbers(2, none, true);
        cd_tensor *dx = cd_autograd_grad(cd_norm(x, .p = norms[i].p), x, .create_graph = true);
        expect(cd_autograd_grad(cd_sum(dx), x), 2,
               (const double[]){ norms[i].again, norms[i].again }, "again");
    }
}

static void a_reshape_that_aliases_is_named(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3, 4), .requires_grad = true),
              *turned = cd_transpose(x, 0, 1);
    assert_string_equal(cd_grad_fn_name(cd_reshape(x, CD_SHAPE(6, 4))), "ViewBackward0");
    assert_string_equal(cd_grad_fn_name(cd_reshape(turned, CD_SHAPE(3, 2, 2, 2))),
                        "ReshapeAliasBackward0");
    assert_string_equal(cd_grad_fn_name(cd_reshape(turned, CD_SHAPE(3, 8))), "UnsafeViewBackward0");
    assert_string_equal(cd_grad_fn_name(cd_flatten(cd_narrow(x, 0, 0, 1), 1, 2)), "ViewBackward0");
    assert_string_equal(cd_grad_fn_name(cd_to(x, CD_F64)), "ToCopyBackward0");
    cd_tensor *y = cd_reshape(turned, CD_SHAPE(3, 2, 2, 2));
    assert_true(cd_backward(cd_sum(cd_mul(y, 2))));
    assert_close(cd_item(cd_mean(cd_grad(x))), 2, 0, 0);
}

/* In the other order the first product overflows. */
static void multi_dot_takes_the_cheapest_order(void **state)
{
    (void)state;
    CD_SCOPE();
    const double both[] = { 2e100, 2e100 };
    cd_tensor *row = cd_full(CD_SHAPE(1, 2), 1e200, .dtype = CD_F64), *column = cd_t(row);
    cd_tensor *small = cd_full(CD_SHAPE(1, 2), 1e-300, .dtype = CD_F64);
    expect(cd_multi_dot(CD_TENSORS(column, row, cd_t(small))), 2, both, "from the right");
    expect(cd_multi_dot(CD_TENSORS(small, column, row)), 2, both, "from the left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(clamp_has_no_gradient_at_the_bound),
        TEST(bounds_out_of_the_range_of_the_dtype),
        TEST(maximum_of_bytes_and_a_number_out_of_their_range),
        TEST(the_gradient_of_a_power_of_a_large_number),
        TEST(gradients_beside_bool),
        TEST(powers_at_zero),
        TEST(the_sum_of_bools_is_an_integer),
        TEST(targets_that_are_ignored),
        TEST(ignored_targets_add_nothing),
        TEST(targets_written_through_an_old_pointer),
        TEST(norms_have_a_gradient_at_zero),
        TEST(binary_cross_entropy_of_large_logits),
        TEST(division_by_zero),
        TEST(names_of_grad_fn),
        TEST(sign_of_bool_is_bool),
        TEST(linear_with_a_weight_of_one_dimension),
        TEST(a_sum_to_no_dimensions_is_a_sum),
        TEST(second_gradients_of_powers_at_zero),
        TEST(second_gradients_of_norms_at_zero),
        TEST(a_reshape_that_aliases_is_named),
        TEST(multi_dot_takes_the_cheapest_order),
    };
    return RUN(tests);
}
