/* Histograms, random choices, reductions by an index, statistics and combinations, with values that
 * follow from their definitions. test_ops checks what holds for every op. */
#include "test.h"

#include "autograd/math.h"
#include "autograd/order_ops.h"
#include "autograd/ops.h"
#include "autograd/stats_ops.h"
#include "core/random.h"
#include "core/scope.h"
#include "core/threads.h"

static const double INF = (double)INFINITY;

/* The elements of t, as doubles, are these; NaN is equal to NaN, and 0 is not -0. */
static void expect_values(cd_tensor *t, int64_t count, const double *values)
{
    assert_ok();
    CD_NO_GRAD();
    assert_int_equal(cd_numel(t), count);
    cd_tensor *flat = cd_reshape(t, CD_SHAPE(-1));
    for (int64_t i = 0; i < count; i++) {
        const double got = cd_item(cd_index(flat, i)), right = values[i];
        const bool same =
            isnan(right) ? (bool)isnan(got) : got == right && signbit(got) == signbit(right);
        assert_that(same, "element %lld is %g, not %g", (long long)i, got, right);
    }
    assert_ok();
}
#define EXPECT(t_, ...)                                                                            \
    expect_values((t_), (int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double)),             \
                  (const double[]){ __VA_ARGS__ })
#define F(...)                                                                                     \
    cd_from_array(((const float[]){ __VA_ARGS__ }),                                                \
                  CD_SHAPE((int64_t)(sizeof((float[]){ __VA_ARGS__ }) / sizeof(float))))
#define I(...)                                                                                     \
    cd_from_array(((const int64_t[]){ __VA_ARGS__ }),                                              \
                  CD_SHAPE((int64_t)(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))),       \
                  .dtype = CD_I64)

/* --- histc ------------------------------------------------------------------------------------ */

static void histc_counts_parts_of_a_range(void **state)
{
    (void)state;
    cd_tensor *x = F(0, 0.5F, 1, 1, 1.5F, 2, -1, 3, NAN, INFINITY);
    EXPECT(cd_histc(x, .bins = 2, .min = 0, .max = 2), 2, 4); /* a boundary belongs to the right */
    EXPECT(cd_histc(x, .bins = 1, .min = 1, .max = 1.5), 3);
    EXPECT(cd_histc(F(1, 2, 5), .bins = 4), 1, 1, 0, 1);
    EXPECT(cd_histc(F(4, 4), .bins = 3), 0, 2, 0);
    EXPECT(cd_histc(F(0), .bins = 1, .min = 5, .max = 5), 1);
    EXPECT(cd_histc(cd_zeros(CD_SHAPE(0)), .bins = 2), 0, 0);
    assert_int_equal(cd_numel(cd_histc(x, .max = 1)), 100);
    assert_false(cd_requires_grad(cd_histc(cd_ones(CD_SHAPE(2), .requires_grad = true))));
}

/* Such a range is infinite as a float32. */
static void histc_of_a_range_too_wide_counts_nothing(void **state)
{
    (void)state;
    EXPECT(cd_histc(F(3e38F, -3e38F, 0), .bins = 3), 0, 0, 0);
    EXPECT(cd_histc(cd_to(F(3e38F, -3e38F, 0), CD_F64), .bins = 3), 1, 1, 1);
}

static void histc_of_many_elements(void **state)
{
    (void)state;
    enum { N = 1000003 };
    cd_tensor *x = cd_to(cd_remainder(cd_arange(N), 7), CD_F32);
    const double whole = N / 7;
    for (int threads = 1; threads < 4; threads++) {
        assert_true(cd_set_num_threads(threads));
        EXPECT(cd_histc(x, .bins = 7), whole + 1, whole + 1, whole + 1, whole + 1, whole, whole,
               whole);
    }
}

/* --- multinomial ------------------------------------------------------------------------------ */

static void multinomial_never_draws_what_has_no_probability(void **state)
{
    (void)state;
    cd_tensor *p = cd_reshape(F(0, 1, 0, 3, 0, 0, 0, 2), CD_SHAPE(2, 4));
    for (int seed = 0; seed < 20; seed++) {
        CD_SCOPE();
        cd_manual_seed((uint64_t)seed);
        for (int with = 0; with < 2; with++) {
            cd_tensor *y = cd_multinomial(p, 1 + 7 * with, .replacement = with != 0);
            assert_true(cd_item(cd_min(cd_gather(p, 1, y))) > 0);
        }
    }
}

/* One sample is drawn as without replacement. The numbers are those of torch.manual_seed(3). */
static void multinomial_with_replacement_draws_what_pytorch_draws(void **state)
{
    (void)state;
    static const double one[] = { 0, 2, 2, 3, 3, 2, 1, 3 };
    cd_tensor *p = F(0.1F, 0.2F, 0.3F, 0.4F);
    cd_manual_seed(3);
    for (int i = 0; i < 8; i++) EXPECT(cd_multinomial(p, 1, .replacement = true), one[i]);
    cd_manual_seed(3);
    EXPECT(cd_multinomial(p, 8, .replacement = true), 0, 1, 3, 1, 3, 3, 1, 2);
}

static void multinomial_without_replacement_draws_each_once(void **state)
{
    (void)state;
    cd_tensor *y = cd_multinomial(cd_rand(CD_SHAPE(5, 40)), 40);
    cd_tensor *in_order = cd_sort(y, 1);
    assert_true(cd_item(cd_min(cd_eq(in_order, cd_arange(40)))));
}

static void multinomial_has_the_frequencies(void **state)
{
    (void)state;
    enum { N = 100000 };
    cd_manual_seed(0);
    cd_tensor *y = cd_multinomial(F(1, 0, 3), N, .replacement = true);
    cd_tensor *one = cd_multinomial(cd_expand(F(1, 0, 3), CD_SHAPE(N, 3)), 1);
    assert_close(cd_item(cd_mean(cd_to(y, CD_F32))), 1.5, 0, 0.01);
    assert_close(cd_item(cd_mean(cd_to(one, CD_F32))), 1.5, 0, 0.01);
}

/* --- reductions by an index ------------------------------------------------------------------- */

static void nan_wins_and_the_first_zero_stays(void **state)
{
    (void)state;
    cd_tensor *x = F(1, NAN, 3, 0), *at = I(0, 0, 1, 3), *src = F(NAN, 5, 2, -0.0F);
    for (int k = CD_REDUCE_AMAX; k <= CD_REDUCE_AMIN; k++) {
        const cd_reduce_how how = (cd_reduce_how)k;
        EXPECT(cd_scatter_reduce(x, 0, at, src, how), NAN, NAN, 3, 0);
        EXPECT(cd_index_reduce(x, 0, at, src, how), NAN, NAN, 3, 0);
        EXPECT(cd_scatter_reduce(x, 0, at, src, how, .exclude_self = true), NAN, 2, 3, -0.0);
        EXPECT(cd_index_reduce(x, 0, at, src, how, .exclude_self = true), NAN, 2, 3, -0.0);
    }
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_PROD, .exclude_self = true), NAN, 2, 3, -0.0);
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_MEAN), NAN, NAN, 3, 0);
}

static void infinity_is_among_the_extremes(void **state)
{
    (void)state;
    cd_tensor *x = F(-INFINITY, INFINITY), *at = I(0, 1), *src = F(1, 2);
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_AMAX), 1, INF);
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_AMIN), -INF, 2);
}

static void integers_wrap_and_means_are_rounded_down(void **state)
{
    (void)state;
    cd_tensor *two = I(0, 0);
    EXPECT(cd_scatter_reduce(I(-7, 2), 0, two, I(0, 0), CD_REDUCE_MEAN), -3, 2);
    cd_tensor *bytes = cd_to(I(100, 2), CD_U8), *more = cd_to(I(100, 100), CD_U8);
    EXPECT(cd_scatter_reduce(bytes, 0, two, more, CD_REDUCE_MEAN), 14, 2); /* (300 - 256) / 3 */
    EXPECT(cd_scatter_reduce(bytes, 0, two, more, CD_REDUCE_PROD), 64, 2);
    cd_tensor *least =
        cd_from_array(((int64_t[]){ INT64_MIN, INT64_MAX }), CD_SHAPE(2), .dtype = CD_I64);
    EXPECT(cd_eq(cd_index_reduce(I(5, 6), 0, I(0, 1), least, CD_REDUCE_AMAX, .exclude_self = true),
                 least),
           1, 1);
    EXPECT(cd_eq(cd_index_reduce(I(5, 6), 0, I(0, 1), least, CD_REDUCE_AMIN, .exclude_self = true),
                 least),
           1, 1);
}

static void bools_are_joined(void **state)
{
    (void)state;
    cd_tensor *x = cd_gt(F(1, 0, 1), 0), *at = I(0, 1, 1), *src = cd_gt(F(0, 0, 1), 0);
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_SUM), 1, 1, 1);
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_PROD), 0, 0, 1);
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_AMAX, .exclude_self = true), 0, 1, 1);
    EXPECT(cd_scatter_reduce(x, 0, at, src, CD_REDUCE_AMIN, .exclude_self = true), 0, 0, 1);
}

/* PyTorch has an error here: its gradient of src has the shape of the index. */
static void what_the_index_leaves_of_src_has_no_gradient(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *src = cd_full(CD_SHAPE(3), 5, .requires_grad = true);
    for (int k = CD_REDUCE_SUM; k <= CD_REDUCE_AMIN; k++) {
        const double all[] = { 1, 1, 0.5, 1, 0 };
        CD_SCOPE();
        cd_tensor *y = cd_scatter_reduce(x, 0, I(1), src, (cd_reduce_how)k);
        cd_tensor *grad = cd_autograd_grad(cd_sum(y), src);
        EXPECT(grad, all[k], 0, 0);
        cd_tensor *none = cd_zeros(CD_SHAPE(0), .dtype = CD_I64);
        y = cd_scatter_reduce(x, 0, none, src, (cd_reduce_how)k);
        EXPECT(cd_autograd_grad(cd_sum(y), src), 0, 0, 0);
    }
}

/* --- covariances and integrals ---------------------------------------------------------------- */

static void cov_of_little(void **state)
{
    (void)state;
    EXPECT(cd_cov(F(1, 2, 6)), 7);
    EXPECT(cd_cov(F(1, 3), .correction = CD_ZERO), 1);
    EXPECT(cd_cov(I(1, 3), .fweights = I(2, 2)), 4.0F / 3);
    EXPECT(cd_cov(cd_full(CD_SCALAR, 5)), NAN);
    EXPECT(cd_cov(F(1, 3), .correction = 2), INF);
    EXPECT(cd_cov(F(1, 3), .correction = 5), INF);
    EXPECT(cd_cov(cd_zeros(CD_SHAPE(2, 0))), NAN, NAN, NAN, NAN);
    EXPECT(cd_cov(F(1, 3), .aweights = F(1, 1)), 2);
}

/* Not even a variance of 0, whose coefficient is NaN, gives more than 1. */
static void corrcoef_is_within_1(void **state)
{
    (void)state;
    EXPECT(cd_corrcoef(F(1, 2, 6)), 1);
    EXPECT(cd_corrcoef(F(2, 2)), NAN);
    EXPECT(cd_corrcoef(cd_reshape(F(1, 2, 3, 6, 4, 2, 1, 1, 1), CD_SHAPE(3, 3))), 1, -1, NAN, -1, 1,
           NAN, NAN, NAN, NAN);
    CD_SCOPE();
    assert_true(cd_item(cd_max(cd_corrcoef(cd_randn(CD_SHAPE(30, 4))))) <= 1);
}

static void integrals_of_little(void **state)
{
    (void)state;
    EXPECT(cd_trapezoid(F(1, 3, 2), 0), 4.5);
    EXPECT(cd_trapezoid(F(1, 3, 2), 0, .dx = 2), 9);
    EXPECT(cd_trapezoid(F(1, 3, 2), 0, .dx = CD_ZERO), 0);
    EXPECT(cd_trapezoid(F(1, 3, 2), 0, .x = F(0, 2, 1)), 1.5);
    EXPECT(cd_trapezoid(F(7), 0), 0);
    EXPECT(cd_trapezoid(cd_zeros(CD_SHAPE(2, 0)), 1), 0, 0);
    EXPECT(cd_cumulative_trapezoid(F(1, 3, 2), 0), 2, 4.5);
    EXPECT(cd_cumulative_trapezoid(F(1, 3, 2), 0, .dx = 0.5), 1, 2.25);
    EXPECT(cd_cumulative_trapezoid(I(1, 3, 2), 0, .x = I(0, 2, 1)), 4, 1.5);
    assert_int_equal(cd_numel(cd_cumulative_trapezoid(F(1), 0)), 0);
    assert_int_equal(cd_dtype_of(cd_trapezoid(cd_zeros(CD_SHAPE(0), .dtype = CD_I32), 0)), CD_I32);
}

/* --- parts and combinations ------------------------------------------------------------------- */

static void tensor_split_by_what_stands_in_a_tensor(void **state)
{
    (void)state;
    cd_tensor *x = cd_arange(5);
    cd_tensors parts = cd_tensor_split_by(x, I(1, -1), 0);
    assert_int_equal(parts.count, 3);
    EXPECT(parts.tensor[1], 1, 2, 3);
    parts = cd_tensor_split_by(x, cd_full(CD_SCALAR, 2, .dtype = CD_I64), 0);
    assert_int_equal(parts.count, 2);
    EXPECT(parts.tensor[0], 0, 1, 2);
    parts = cd_tensor_split_by(x, I(2), 0);
    assert_int_equal(parts.count, 2);
    EXPECT(parts.tensor[0], 0, 1);
    parts = cd_tensor_split_by(x, cd_zeros(CD_SHAPE(0), .dtype = CD_I64), 0);
    assert_int_equal(parts.count, 1);
    parts = cd_tensor_split_at(x, CD_SIZES(3, 1, 9), 0);
    assert_int_equal(parts.count, 4);
    EXPECT(parts.tensor[0], 0, 1, 2);
    assert_int_equal(cd_numel(parts.tensor[1]), 0);
    EXPECT(parts.tensor[2], 1, 2, 3, 4);
    assert_int_equal(cd_numel(parts.tensor[3]), 0);
}

static void combinations_come_in_order(void **state)
{
    (void)state;
    EXPECT(cd_combinations(cd_arange(4), 3), 0, 1, 2, 0, 1, 3, 0, 2, 3, 1, 2, 3);
    EXPECT(cd_combinations(cd_arange(3), 2, .with_replacement = true), 0, 0, 0, 1, 0, 2, 1, 1, 1, 2,
           2, 2);
    EXPECT(cd_combinations(cd_arange(2), 2), 0, 1);
    assert_int_equal(cd_size(cd_combinations(cd_arange(12), 5), 0), 792);
    assert_int_equal(cd_size(cd_combinations(cd_arange(5), 8, .with_replacement = true), 0), 495);
    assert_int_equal(cd_numel(cd_combinations(cd_arange(3), 0)), 0);
    EXPECT(cd_cartesian_prod(CD_TENSORS(I(1, 2), I(3, 4))), 1, 3, 1, 4, 2, 3, 2, 4);
    cd_tensor *v = F(1, 2);
    assert_ptr_equal(cd_cartesian_prod(CD_TENSORS(v)), v);
}

static void block_diag_promotes_as_result_type(void **state)
{
    (void)state;
    cd_tensor *one = cd_full(CD_SCALAR, 2, .dtype = CD_F64), *v = F(1, INFINITY);
    cd_tensor *y = cd_block_diag(CD_TENSORS(v, one));
    assert_int_equal(cd_dtype_of(y), CD_F32);
    EXPECT(y, 1, INF, 0, 0, 0, 2);
    EXPECT(cd_block_diag(CD_TENSORS(cd_zeros(CD_SHAPE(1, 0)), v, cd_zeros(CD_SHAPE(0, 1)))), 0, 0,
           0, 1, INF, 0);
}

static void check_triangles(int64_t rows, int64_t columns, int64_t offset)
{
    CD_SCOPE();
    cd_tensor *ones = cd_ones(CD_SHAPE(rows, columns));
    cd_tensor *low = cd_t(cd_nonzero(cd_tril(ones, offset)));
    cd_tensor *high = cd_t(cd_nonzero(cd_triu(ones, offset)));
    cd_tensor *tril = cd_tril_indices(rows, columns, .offset = offset);
    cd_tensor *triu = cd_triu_indices(rows, columns, .offset = offset);
    assert_int_equal(cd_size(tril, 1), cd_size(low, 1));
    assert_int_equal(cd_size(triu, 1), cd_size(high, 1));
    assert_true(cd_item(cd_all(cd_eq(tril, low))));
    assert_true(cd_item(cd_all(cd_eq(triu, high))));
}

static void indices_of_triangles_are_where_triangles_are(void **state)
{
    (void)state;
    for (int64_t rows = 0; rows < 6; rows++) {
        for (int64_t columns = 0; columns < 6; columns++) {
            for (int64_t offset = -7; offset < 8; offset++) check_triangles(rows, columns, offset);
        }
    }
    EXPECT(cd_tril_indices(2, 2, .offset = INT64_MAX), 0, 0, 1, 1, 0, 1, 0, 1);
    assert_int_equal(cd_numel(cd_tril_indices(2, 2, .offset = INT64_MIN)), 0);
    EXPECT(cd_triu_indices(1, 2, .offset = INT64_MIN), 0, 0, 0, 1);
    assert_int_equal(cd_numel(cd_triu_indices(2, 2, .offset = INT64_MAX)), 0);
}

static void float_power_is_float64(void **state)
{
    (void)state;
    cd_tensor *y = cd_float_power(I(2, 3), -1);
    assert_int_equal(cd_dtype_of(y), CD_F64);
    EXPECT(y, 0.5, 1.0 / 3);
    EXPECT(cd_float_power(2, F(0.5F, 3)), 1.4142135623730951, 8);
}

/* PyTorch cannot: its backward pass is an error. */
static void vander_can_be_differentiated(void **state)
{
    (void)state;
    cd_tensor *x = cd_full(CD_SHAPE(1), 3, .requires_grad = true);
    cd_tensor *y = cd_vander(x, .n = 3);
    EXPECT(y, 9, 3, 1);
    EXPECT(cd_autograd_grad(cd_sum(y), x), 7);
    assert_false(cd_requires_grad(cd_vander(x, .n = 1))); /* ones */
    EXPECT(cd_vander(I(2, 0), .n = 3, .increasing = true), 1, 2, 4, 1, 0, 0);
}

/* --- triangles -------------------------------------------------------------------------------- */

/* The sizes of these matrices are the largest that can be counted, and most of their rows or
 * columns have no element in the triangle. */
static void triangles_of_huge_matrices(void **state)
{
    (void)state;
    const int64_t most = INT64_MAX;
    EXPECT(cd_tril_indices(most, 1, .offset = 1 - most), (double)(most - 1), 0);
    EXPECT(cd_triu_indices(1, most, .offset = most - 1), 0, (double)(most - 1));
    EXPECT(cd_tril_indices(1, most, .offset = 1), 0, 0, 0, 1);
    EXPECT(cd_triu_indices(most, 1, .offset = -1), 0, 1, 0, 0);
    for (int k = -1; k <= 1; k++) {
        const int64_t offset = k < 0 ? INT64_MIN : k * most;
        assert_int_equal(cd_numel(cd_tril_indices(most, 0, .offset = offset)), 0);
        assert_int_equal(cd_numel(cd_triu_indices(most, 0, .offset = offset)), 0);
        assert_int_equal(cd_numel(cd_tril_indices(0, most, .offset = offset)), 0);
        assert_int_equal(cd_numel(cd_triu_indices(0, most, .offset = offset)), 0);
    }
    assert_null(cd_triu_indices(1, most, .offset = -1));
    assert_failed_with(CD_ERR_SHAPE, "more elements than can be counted");
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(histc_counts_parts_of_a_range),
        TEST(histc_of_a_range_too_wide_counts_nothing),
        TEST(histc_of_many_elements),
        TEST(multinomial_never_draws_what_has_no_probability),
        TEST(multinomial_with_replacement_draws_what_pytorch_draws),
        TEST(multinomial_without_replacement_draws_each_once),
        TEST(multinomial_has_the_frequencies),
        TEST(nan_wins_and_the_first_zero_stays),
        TEST(infinity_is_among_the_extremes),
        TEST(integers_wrap_and_means_are_rounded_down),
        TEST(bools_are_joined),
        TEST(what_the_index_leaves_of_src_has_no_gradient),
        TEST(cov_of_little),
        TEST(corrcoef_is_within_1),
        TEST(integrals_of_little),
        TEST(tensor_split_by_what_stands_in_a_tensor),
        TEST(combinations_come_in_order),
        TEST(block_diag_promotes_as_result_type),
        TEST(vander_can_be_differentiated),
        TEST(indices_of_triangles_are_where_triangles_are),
        TEST(float_power_is_float64),
        TEST(triangles_of_huge_matrices),
    };
    return RUN(tests);
}
