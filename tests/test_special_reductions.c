/* NaN, infinities, denormals, the largest numbers and nothing at all in reductions, softmax and
 * losses, and in their gradients. */
#include "special_values.h"

#include "autograd/index_ops.h"
#include "autograd/loss_ops.h"

static void softmax_of_infinite_and_of_large_numbers(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_softmax(VECTOR(1, INF), 0), NAN, NAN);
    EXPECT(cd_softmax(VECTOR(-INF, -INF), 0), NAN, NAN);
    EXPECT(cd_softmax(VECTOR(1e4, 1e4), 0), 0.5, 0.5);
}

static void log_softmax_and_cross_entropy_of_large_logits(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *second = cd_full(CD_SCALAR, 1, .dtype = CD_I64);
    EXPECT(cd_log_softmax(VECTOR(1e4, 0), 0), 0, -1e4);
    EXPECT(cd_cross_entropy(VECTOR(1e4, 0), second), 1e4);
    EXPECT(cd_cross_entropy(VECTOR(INF, 0), second), NAN);
    EXPECT(cd_nll_loss(VECTOR(0, -INF), second), INF);
}

static void binary_cross_entropy_of_infinite_logits(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(INF, INF, -INF, NAN), *t = cd_detach(VECTOR(0, 1, 1, 1));
    EXPECT(cd_binary_cross_entropy_with_logits(x, t, .reduction = CD_NONE), INF, NAN, NAN, NAN);
}

static cd_tensor *product(cd_tensor *x)
{
    return cd_prod(x);
}

static cd_tensor *product_along(cd_tensor *x)
{
    return cd_prod(x, .dims = CD_DIMS(0));
}

/* One 0 makes the gradient a product of what stands before and behind; elsewhere it is a
 * quotient. */
static void gradients_of_products_of_zeros_and_infinity(void **state)
{
    (void)state;
    static cd_tensor *(*const forms[])(cd_tensor *) = { product, product_along };
    for (int i = 0; i < 2; i++) {
        CD_SCOPE();
#define GRADIENT_OF(x_, ...)                                                                       \
    do {                                                                                           \
        cd_tensor *x = (x_);                                                                       \
        GRADIENT(forms[i](x), x, __VA_ARGS__);                                                     \
    } while (0)
        GRADIENT_OF(VECTOR(2, INF, 3), INF, NAN, INF);
        GRADIENT_OF(VECTOR(0, INF, 3), INF, 0, NAN);
        GRADIENT_OF(VECTOR(0, 2, INF), INF, NAN, 0);
        GRADIENT_OF(VECTOR(0, INF, INF), INF, NAN, NAN);
        GRADIENT_OF(VECTOR(NAN, 0, 2), 0, NAN, NAN);
        GRADIENT_OF(VECTOR(INF, NAN, 0), NAN, NAN, NAN);
        GRADIENT_OF(VECTOR(1e30, 1e30, 2), INF, INF, INF);
        GRADIENT_OF(VECTOR(1e30, 1e30, 0), 0, 0, INF);
        GRADIENT_OF(VECTOR(0, 0, 3), 0, 0, 0);
        GRADIENT_OF(VECTOR(2, 3, 0), 0, 0, 6);
        GRADIENT_OF(VECTOR(0), 1);
        GRADIENT_OF(VECTOR(INF), NAN);
#undef GRADIENT_OF
    }
}

/* That of cumprod is made of products alone, so it is exact beside Inf, where PyTorch divides Inf
 * by Inf; behind a 0 PyTorch has 0 in place of what 0 times Inf is. */
static void gradients_of_cumulative_products_of_zeros_and_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(2, INF, 3);
    GRADIENT(cd_cumprod(x, 0), x, INF, 8, INF);
    x = VECTOR(0, INF, 3);
    GRADIENT(cd_cumprod(x, 0), x, INF, 0, NAN);
    x = VECTOR(0, 0, 3);
    GRADIENT(cd_cumprod(x, 0), x, 1, 0, 0);
    x = VECTOR(2, 0, 0, 3);
    GRADIENT(cd_cumprod(x, 0), x, 1, 2, 0, 0);
    x = VECTOR(2, 3, 0);
    GRADIENT(cd_cumprod(x, 0), x, 4, 2, 6);
}

/* Squares of differences overflow, as in PyTorch. */
static void spread_of_float64_near_its_limits(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = leaf_of(NUMBERS(1e308, -1e308), CD_F64);
    EXPECT(cd_mean(x), 0);
    EXPECT(cd_std(x), INF);
    GRADIENT(cd_std(x), x, 0, -0.0);
    x = leaf_of(NUMBERS(1e308, -1e308), CD_F64);
    GRADIENT(cd_var(x), x, INF, -INF);
    x = leaf_of(NUMBERS(1.7e308, 1.6e308), CD_F64);
    EXPECT(cd_mean(x), INF);
    EXPECT(cd_std(x), INF);
    GRADIENT(cd_var(x), x, -INF, -INF);
    x = leaf_of(NUMBERS(1.7e308, 1.6e308), CD_F64);
    GRADIENT(cd_std(x), x, NAN, NAN);
    x = leaf_of(NUMBERS(1e-200, 3e-200), CD_F64);
    GRADIENT(cd_var(x), x, -2e-200, 2e-200);
}

/* At 0 and 1 the gradient is bounded, and its derivative is that of a curve all the same. */
static void second_derivative_of_binary_cross_entropy_at_0_and_1(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(0, 0, 1, 1, 0.25, 0), *t = VECTOR(0, 1, 0, 1, 1, 0.5);
    cd_tensor *y = cd_binary_cross_entropy(x, cd_detach(t), .reduction = CD_SUM);
    cd_tensor *first = cd_autograd_grad(y, x, .create_graph = true);
    EXPECT(first, 0, -1e12, 1e12, 0, -4, -5e11);
    assert_string_equal(cd_grad_fn_name(first), "BinaryCrossEntropyBackwardBackward0");
    EXPECT(cd_autograd_grad(cd_sum(first), x), 0, 1e24, 1e24, 0, 16, 5e23);
    y = cd_binary_cross_entropy(x, t, .reduction = CD_SUM);
    first = cd_autograd_grad(y, x, .create_graph = true);
    EXPECT(cd_autograd_grad(cd_sum(first), t), -1e12, -1e12, -1e12, -1e12, -16.0 / 3, -1e12);
    first = cd_autograd_grad(cd_binary_cross_entropy(x, t, .reduction = CD_SUM), t,
                             .create_graph = true);
    EXPECT(first, INF, INF, -INF, -INF, log(3), INF);
    EXPECT(cd_autograd_grad(cd_sum(first), x), -INF, -INF, -INF, -INF, -16.0 / 3, -INF);
}

static void reductions_of_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0)), *rows = cd_zeros(CD_SHAPE(2, 0));
    EXPECT(cd_sum(none), 0);
    EXPECT(cd_mean(none), NAN);
    EXPECT(cd_norm(none), 0);
    EXPECT(cd_norm(none, .p = CD_ZERO), 0);
    EXPECT(cd_sum_dim(rows, 1), 0, 0);
    EXPECT(cd_mean_dim(rows, 1), NAN, NAN);
    EXPECT(cd_logsumexp(rows, 1), -INF, -INF);
    assert_int_equal(cd_numel(cd_max_dim(cd_zeros(CD_SHAPE(0, 2)), 1)), 0);
    EXPECT(cd_mse_loss(none, none), NAN);
}

static void batch_norm_needs_two_values_per_channel(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_batch_norm(cd_ones(CD_SHAPE(1, 2)), NULL, NULL, .training = true));
    assert_failed_with(CD_ERR_SHAPE, "batch_norm");
}

/* PyTorch gives 3.05e-5, the rounding of its scale-and-shift form. */
static void batch_norm_of_a_constant_is_nearly_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *y = cd_batch_norm(cd_full(CD_SHAPE(4, 1), 3), NULL, NULL, .training = true);
    assert_true(cd_item(cd_max(cd_abs(y))) <= 1e-4);
}

/* As PyTorch's: the gradient at 0 is 0, and the second one NaN. */
static void second_gradient_of_a_norm_that_is_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(0, 0, 0);
    cd_tensor *first = cd_autograd_grad(cd_norm(x), x, .create_graph = true);
    EXPECT(first, 0, 0, 0);
    EXPECT(cd_autograd_grad(cd_sum(first), x), NAN, NAN, NAN);
}

/* The mean is a billion times the deviation. */
static void variance_far_from_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_add(cd_arange(5000.0, .dtype = CD_F64), 1e12);
    assert_true(fabs(cd_item(cd_var(x)) - 5000.0 * 5001.0 / 12) < 1e-3);
    cd_tensor *columns = cd_view(x, CD_SHAPE(1000, 5));
    cd_tensor *var = cd_var(columns, .dims = CD_DIMS(0));
    for (int i = 0; i < 5; i++) {
        assert_true(fabs(cd_item(cd_index(var, i)) - 25 * 1000.0 * 1001.0 / 12) < 1e-3);
    }
}

/* Their squares are infinite. Of columns, rows are taken eight at a time, and one by one. */
static void variance_of_equal_numbers_that_are_huge(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_full(CD_SHAPE(9, 3), 1e200, .dtype = CD_F64);
    cd_tensor *few = cd_full(CD_SHAPE(3, 3), -1e200, .dtype = CD_F64);
    assert_true(cd_item(cd_var(x)) == 0);
    assert_true(cd_item(cd_amax(cd_var(x, .dims = CD_DIMS(0)))) == 0);
    assert_true(cd_item(cd_amax(cd_var(few, .dims = CD_DIMS(0)))) == 0);
}

/* As PyTorch's, which has another formula when no dimensions are named. */
static void gradients_of_variances_with_too_few_elements(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(1, 2, 4), *one = VECTOR(5);
    EXPECT(cd_autograd_grad(cd_var(x, .correction = 3), x), INF, INF, INF);
    EXPECT(cd_autograd_grad(cd_var(x, .correction = 5), x), INF, INF, INF);
    EXPECT(cd_autograd_grad(cd_std(x, .correction = 5), x), NAN, NAN, NAN);
    EXPECT(cd_autograd_grad(cd_var(one), one), NAN);
    const cd_dims first = CD_DIMS(0);
    EXPECT(cd_autograd_grad(cd_var(x, .dims = first, .correction = 3), x), -INF, -INF, INF);
    EXPECT(cd_autograd_grad(cd_var(x, .dims = first, .correction = 5), x), 4.0 / 3, 1.0 / 3,
           -5.0 / 3);
    EXPECT(cd_autograd_grad(cd_std(x, .dims = first, .correction = 3), x), NAN, NAN, NAN);
    EXPECT(cd_autograd_grad(cd_std(x, .dims = first, .correction = 5), x), 0, 0, -0.0);
    EXPECT(cd_autograd_grad(cd_var(one, .dims = first), one), NAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(softmax_of_infinite_and_of_large_numbers),
        TEST(log_softmax_and_cross_entropy_of_large_logits),
        TEST(binary_cross_entropy_of_infinite_logits),
        TEST(gradients_of_products_of_zeros_and_infinity),
        TEST(gradients_of_cumulative_products_of_zeros_and_infinity),
        TEST(spread_of_float64_near_its_limits),
        TEST(second_derivative_of_binary_cross_entropy_at_0_and_1),
        TEST(reductions_of_nothing),
        TEST(batch_norm_needs_two_values_per_channel),
        TEST(batch_norm_of_a_constant_is_nearly_zero),
        TEST(second_gradient_of_a_norm_that_is_zero),
        TEST(variance_far_from_zero),
        TEST(variance_of_equal_numbers_that_are_huge),
        TEST(gradients_of_variances_with_too_few_elements),
    };
    return RUN(tests);
}
