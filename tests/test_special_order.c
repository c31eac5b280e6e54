/* NaN, infinities, zeros of both signs and nothing at all in what compares elements: extremes,
 * sorting, searching, counting and quantiles. */
#include "special_values.h"

#include "autograd/logic.h"
#include "autograd/math.h"
#include "autograd/order_ops.h"

static void nan_is_the_largest_and_the_smallest(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(1, NAN, INF, NAN), *largest = NULL, *smallest = NULL;
    EXPECT(cd_max(x), NAN);
    EXPECT(cd_min(x), NAN);
    EXPECT(cd_max_dim(x, 0, .indices = &largest), NAN);
    EXPECT(cd_min_dim(x, 0, .indices = &smallest), NAN);
    EXPECT(largest, 1);
    EXPECT(smallest, 1);
    EXPECT(cd_argmax(x), 1);
    EXPECT(cd_argmin(x), 1);
    EXPECT(cd_topk(x, 3, .indices = &largest), NAN, NAN, INF);
    EXPECT(cd_topk(VECTOR(3, NAN, 1, -INF, NAN, 2), 5, .smallest = true), -INF, 1, 2, 3, NAN);
    EXPECT(largest, 1, 3, 2);
}

static void sorting_puts_nan_last_and_keeps_zeros_in_order(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(NAN, 0, -0.0F, -INF, NAN, INF, -0.0F), *where = NULL;
    EXPECT(cd_sort(x, 0, .indices = &where), -INF, 0, -0.0F, -0.0F, INF, NAN, NAN);
    EXPECT(where, 3, 1, 2, 6, 5, 0, 4);
    EXPECT(cd_sort(x, 0, .descending = true, .indices = &where), NAN, NAN, INF, 0, -0.0F, -0.0F,
           -INF);
    EXPECT(where, 0, 4, 5, 1, 2, 6, 3);
    const int64_t limits[] = { INT64_MAX, -1, INT64_MIN, 0 };
    EXPECT(cd_argsort(cd_from_array(limits, CD_SHAPE(4), .dtype = CD_I64), 0), 2, 1, 3, 0);
    const int32_t narrow[] = { INT32_MAX, -1, INT32_MIN, 0 };
    EXPECT(cd_argsort(cd_from_array(narrow, CD_SHAPE(4), .dtype = CD_I32), 0), 2, 1, 3, 0);
}

/* Rows that are long enough to be sorted byte by byte, in several pieces. */
static void a_long_sort_is_in_order_and_stable(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *where = NULL, *x = cd_round(cd_mul(cd_randn(CD_SHAPE(3, 20000)), 1000));
    cd_tensor *y = cd_sort(x, 1, .indices = &where);
    cd_tensor *first = cd_narrow(y, 1, 0, 19999), *next = cd_narrow(y, 1, 1, 19999);
    cd_tensor *behind = cd_gt(cd_narrow(where, 1, 1, 19999), cd_narrow(where, 1, 0, 19999));
    assert_true(cd_item(cd_all(cd_le(first, next))) == 1);
    assert_true(cd_item(cd_all(cd_logical_or(cd_lt(first, next), behind))) == 1);
    assert_true(cd_item(cd_all(cd_eq(cd_gather(x, 1, where), y))) == 1);
    assert_true(cd_item(cd_any(cd_eq(first, next))) == 1);
}

static void a_search_goes_beyond_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *sorted = VECTOR(-INF, 0, 1, INF, NAN), *x = VECTOR(NAN, INF, -INF, -0.0F);
    EXPECT(cd_searchsorted(sorted, x), 5, 5, 0, 1);
    EXPECT(cd_searchsorted(sorted, x, .right = true), 5, 5, 1, 2);
}

static void distinct_elements_of_nan_and_zeros(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(NAN, -0.0F, 0, NAN, INF, -0.0F, -INF), *inverse = NULL, *counts = NULL;
    EXPECT(cd_unique(x, .inverse = &inverse, .counts = &counts), -INF, -0.0F, INF, NAN, NAN);
    EXPECT(inverse, 3, 1, 1, 4, 2, 1, 0);
    EXPECT(counts, 1, 3, 1, 1, 1);
    EXPECT(cd_unique_consecutive(x, .counts = &counts), NAN, -0.0F, NAN, INF, -0.0F, -INF);
    EXPECT(counts, 1, 2, 1, 1, 1, 1);
    EXPECT(cd_isin(x, VECTOR(NAN, 0, INF)), 0, 1, 1, 0, 1, 1, 0);
    EXPECT(cd_isin(x, NAN), 0, 0, 0, 0, 0, 0, 0);
    EXPECT(cd_diff(VECTOR(INF, INF, NAN, 1), 0), NAN, NAN, NAN);
    EXPECT(cd_kthvalue(x, 1, 0), -INF);
    EXPECT(cd_kthvalue(x, 5, 0, .indices = &inverse), INF);
    EXPECT(inverse, 4);
    EXPECT(cd_kthvalue(x, 6, 0), NAN);
}

static void counts_have_room_for_the_largest(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT(cd_bincount(cd_arange(3), .minlength = 2), 1, 1, 1);
    EXPECT(cd_bincount(cd_arange(2), .minlength = 2), 1, 1);
    EXPECT(cd_bincount(cd_arange(1), .minlength = 2), 1, 0);
}

static void gradients_of_ties(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *all = VECTOR(3, 1, 3), *dim = VECTOR(3, 1, 3);
    cd_tensor *pool = SHAPED(CD_SHAPE(1, 1, 2, 2), 1, 1, 1, 1);
    GRADIENT(cd_max(all), all, 0.5, 0, 0.5);
    GRADIENT(cd_max_dim(dim, 0), dim, 1, 0, 0);
    GRADIENT(cd_max_pool2d(pool, 2), pool, 1, 0, 0, 0);
    cd_tensor *a = VECTOR(2), *b = VECTOR(2);
    assert_true(cd_backward(cd_sum(cd_maximum(a, b))));
    EXPECT(cd_grad(a), 0.5);
    EXPECT(cd_grad(b), 0.5);
}

static void extremes_of_nothing_are_errors(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0));
    assert_null(cd_max(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_min(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_argmax(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_argmin(none));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    assert_null(cd_norm(none, .p = INF));
    assert_failed_with(CD_ERR_SHAPE, "norm: dimension 0 of x (0) is empty");
}

/* As PyTorch's: what lies on the line between one infinity and itself is NaN. */
static void quantiles_of_infinities(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(-INF, 1, INF), *holes = VECTOR(NAN, 1, INF);
    const float at_0[] = { NAN, -INF, -INF, NAN, -INF };
    for (int how = CD_QUANTILE_LINEAR; how <= CD_QUANTILE_NEAREST; how++) {
        const cd_interpolation between = (cd_interpolation)how;
        EXPECT(cd_quantile(x, 0, .interpolation = between), at_0[how]);
        EXPECT(cd_quantile(x, 0.5, .interpolation = between), 1);
    }
    EXPECT(cd_quantile(x, 1), NAN);
    EXPECT(cd_quantile(x, 0.25), -INF);
    EXPECT(cd_quantile(x, 0.25, .interpolation = CD_QUANTILE_HIGHER), 1);
    EXPECT(cd_nanquantile(holes, 1), NAN);
    EXPECT(cd_quantile(VECTOR(1, 2, INF), 0.6), INF);
    EXPECT(cd_quantile(VECTOR(1, 2, INF), 0.6, .interpolation = CD_QUANTILE_MIDPOINT), NAN);
}

/* In float32 q is 0.3 + 1.1920929e-8. The rank 100 q is not rounded to float32 as well, which would
 * put it behind the last one of 2^24 + 4 elements with q = 1. */
static void ranks_of_quantiles_are_not_rounded(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_to(cd_gt(cd_arange(101), 30), CD_F32);
    assert_true(fabs(cd_item(cd_quantile(x, 0.3)) - 1.1920929e-6) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nan_is_the_largest_and_the_smallest),
        TEST(sorting_puts_nan_last_and_keeps_zeros_in_order),
        TEST(a_long_sort_is_in_order_and_stable),
        TEST(a_search_goes_beyond_nan),
        TEST(distinct_elements_of_nan_and_zeros),
        TEST(counts_have_room_for_the_largest),
        TEST(gradients_of_ties),
        TEST(extremes_of_nothing_are_errors),
        TEST(quantiles_of_infinities),
        TEST(ranks_of_quantiles_are_not_rounded),
    };
    return RUN(tests);
}
