/* The limits of integers, no elements, and no dimensions, in ops of products, statistics, indices,
 * distances and parts. The numbers are those of PyTorch. */
#include "special_values.h"

#include "autograd/distance_ops.h"
#include "autograd/layer_ops.h"
#include "autograd/product_ops.h"
#include "autograd/resample_ops.h"
#include "autograd/stats_ops.h"

#define WHOLE(...)                                                                                 \
    cd_from_array(((int64_t[]){ __VA_ARGS__ }),                                                    \
                  CD_SHAPE(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)))

static void expect_whole(cd_tensor *t, int count, const int64_t *expected, const char *what)
{
    int64_t values[MOST];
    assert_that(t && cd_ok(), "%s: %s", what, cd_error_message());
    assert_that(cd_dtype_of(t) == CD_I64 && cd_numel(t) == count, "%s: %lld elements of %s", what,
                (long long)cd_numel(t), cd_dtype_name(cd_dtype_of(t)));
    assert_true(cd_read(t, values, (size_t)count * sizeof *values));
    for (int i = 0; i < count; i++) {
        assert_that(values[i] == expected[i], "%s: element %d is %lld, expected %lld", what, i,
                    (long long)values[i], (long long)expected[i]);
    }
}
#define EXPECT_WHOLE(y_, ...)                                                                      \
    expect_whole((y_), (int)(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)),                \
                 (const int64_t[]){ __VA_ARGS__ }, #y_)

/* That y has this shape, and no elements. */
#define EXPECT_NOTHING(y_, ...)                                                                    \
    do {                                                                                           \
        const cd_tensor *nothing = (y_);                                                           \
        assert_that(nothing &&cd_numel(nothing) == 0, "%s: %s", #y_, cd_error_message());          \
        assert_true(cd_shape_equal(cd_shape_of(nothing), CD_SHAPE(__VA_ARGS__)));                  \
    } while (0)

/* --- the limits of integers ------------------------------------------------------------------- */

static void products_of_integers_wrap_around(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *limits = WHOLE(INT64_MAX, INT64_MIN),
              *big = WHOLE((int64_t)1 << 32, 1, 0, (int64_t)1 << 32);
    EXPECT_WHOLE(cd_kron(limits, WHOLE(2, -1)), -2, -INT64_MAX, 0, INT64_MIN);
    EXPECT_WHOLE(cd_inner(limits, WHOLE(2, 2)), -2);
    EXPECT_WHOLE(cd_vdot(WHOLE(INT64_MAX, 1), WHOLE(INT64_MAX, 1)), 2);
    EXPECT_WHOLE(cd_cross(WHOLE(INT64_MAX, 2, 0), WHOLE(0, INT64_MAX, 1)), 2, -INT64_MAX, 1);
    EXPECT_WHOLE(cd_addr(limits, WHOLE(1, INT64_MAX), WHOLE(2, INT64_MIN)), -INT64_MAX, 0,
                 INT64_MAX - 2, 0);
    EXPECT_WHOLE(cd_matrix_power(cd_view(big, CD_SHAPE(2, 2)), 2), 0, (int64_t)1 << 33, 0, 0);
    EXPECT_WHOLE(cd_vander(WHOLE((int64_t)1 << 32, -3), .n = 3), 0, (int64_t)1 << 32, 1, 9, -3, 1);
}

static void reductions_of_integers_by_an_index(void **state)
{
    (void)state;
    static const int64_t right[][2][3] = {
        [CD_REDUCE_SUM] = { { INT64_MIN, INT64_MAX, -4 }, { 1, -1, 3 } },
        [CD_REDUCE_PROD] = { { INT64_MAX, INT64_MIN, -14 }, { 1, -1, 2 } },
        [CD_REDUCE_MEAN] = { { INT64_MIN / 2, INT64_MAX / 2, -2 }, { 1, -1, 1 } },
        [CD_REDUCE_AMAX] = { { INT64_MAX, -1, 2 }, { 1, -1, 2 } },
        [CD_REDUCE_AMIN] = { { 1, INT64_MIN, -7 }, { 1, -1, 1 } },
    };
    for (int how = CD_REDUCE_SUM; how <= CD_REDUCE_AMIN; how++) {
        for (int without = 0; without < 2; without++) {
            CD_SCOPE();
            const cd_reduce_how by = (cd_reduce_how)how;
            cd_tensor *x = WHOLE(INT64_MAX, INT64_MIN, -7), *to = WHOLE(0, 1, 2, 2);
            cd_tensor *from = WHOLE(1, -1, 2, 1);
            expect_whole(cd_scatter_reduce(x, 0, to, from, by, .exclude_self = without), 3,
                         right[how][without], "scatter_reduce");
            if (by == CD_REDUCE_SUM) continue;
            expect_whole(cd_index_reduce(x, 0, to, from, by, .exclude_self = without), 3,
                         right[how][without], "index_reduce");
        }
    }
}

static void statistics_of_integers_are_floating(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = WHOLE(1, 2, 4, 0, -1, 5);
    EXPECT(cd_cov(cd_view(x, CD_SHAPE(2, 3))), 7.0 / 3, 13.0 / 3, 13.0 / 3, 31.0 / 3);
    EXPECT(cd_trapezoid(WHOLE(1, 2, 4), -1), 4.5);
    EXPECT(cd_cumulative_trapezoid(WHOLE(1, 2, 4), -1), 1.5, 4.5);
    EXPECT(cd_float_power(WHOLE(INT64_MAX, INT64_MIN, 0), 2), 0x1p126, 0x1p126, 0);
    EXPECT(cd_float_power(WHOLE(0, -2), -1), INF, -0.5);
}

static void padding_of_integers(void **state)
{
    (void)state;
    CD_SCOPE();
    EXPECT_WHOLE(cd_pad(WHOLE(INT64_MAX, INT64_MIN), CD_SIZES(1, 1), .value = -1), -1, INT64_MAX,
                 INT64_MIN, -1);
    EXPECT(cd_pad(cd_ones(CD_SHAPE(1), .dtype = CD_U8), CD_SIZES(1, 0), .value = 255), 255, 1);
}

/* --- nothing ---------------------------------------------------------------------------------- */

static void products_of_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0)), *rows = cd_zeros(CD_SHAPE(2, 0)),
              *two = cd_ones(CD_SHAPE(2));
    EXPECT_NOTHING(cd_kron(cd_t(rows), cd_ones(CD_SHAPE(2, 3))), 0, 6);
    EXPECT(cd_inner(rows, cd_zeros(CD_SHAPE(1, 0))), 0, 0);
    EXPECT(cd_vdot(none, none), 0);
    EXPECT(cd_vecdot(rows, rows), 0, 0);
    EXPECT_NOTHING(cd_cross(cd_zeros(CD_SHAPE(0, 3)), cd_zeros(CD_SHAPE(0, 3))), 0, 3);
    EXPECT_NOTHING(cd_addr(cd_zeros(CD_SHAPE(0, 2)), none, two), 0, 2);
    EXPECT(cd_multi_dot(CD_TENSORS(rows, cd_ones(CD_SHAPE(0, 3)), cd_ones(CD_SHAPE(3)))), 0, 0);
    EXPECT_NOTHING(cd_matrix_power(cd_zeros(CD_SHAPE(0, 0)), 3), 0, 0);
    EXPECT(cd_matrix_power(cd_full(CD_SHAPE(2, 2), NAN), 0), 1, 0, 0, 1);
}

static void statistics_of_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0)), *rows = cd_zeros(CD_SHAPE(2, 0));
    EXPECT(cd_histc(none, .bins = 3), 0, 0, 0);
    EXPECT(cd_histc(none, .bins = 2, .max = 1), 0, 0);
    EXPECT(cd_cov(rows), NAN, NAN, NAN, NAN);
    EXPECT(cd_cov(cd_ones(CD_SHAPE(2, 1))), NAN, NAN, NAN, NAN);
    EXPECT(cd_cov(none), NAN);
    EXPECT_NOTHING(cd_cov(cd_zeros(CD_SHAPE(0, 3))), 0, 0);
    EXPECT(cd_corrcoef(rows), NAN, NAN, NAN, NAN);
    EXPECT(cd_trapezoid(rows, 1), 0, 0);
    EXPECT(cd_trapezoid(rows, 1, .x = none), 0, 0);
    EXPECT(cd_trapezoid(cd_ones(CD_SHAPE(1)), 0), 0);
    EXPECT_NOTHING(cd_cumulative_trapezoid(cd_ones(CD_SHAPE(1)), 0), 0);
    EXPECT_NOTHING(cd_cumulative_trapezoid(rows, 1), 2, 0);
    EXPECT_NOTHING(cd_instance_norm(cd_zeros(CD_SHAPE(0, 2, 3))), 0, 2, 3);
    EXPECT_NOTHING(cd_interpolate(cd_zeros(CD_SHAPE(0, 2, 3)), .size = 4), 0, 2, 4);
}

static void distances_of_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0)), *rows = cd_zeros(CD_SHAPE(2, 0));
    EXPECT_NOTHING(cd_cdist(cd_zeros(CD_SHAPE(0, 3)), cd_ones(CD_SHAPE(2, 3))), 0, 2);
    EXPECT(cd_cdist(rows, cd_zeros(CD_SHAPE(1, 0))), 0, 0);
    EXPECT_NOTHING(cd_pdist(cd_ones(CD_SHAPE(1, 3))), 0);
    EXPECT(cd_pdist(cd_zeros(CD_SHAPE(3, 0))), 0, 0, 0);
    EXPECT(cd_dist(none, none), 0);
    assert_null(cd_dist(none, none, .p = INF));
    assert_failed_with(CD_ERR_SHAPE, "empty");
    EXPECT_NOTHING(cd_renorm(rows, 2, 0, 1), 2, 0);
}

static void nothing_reduced_by_an_index_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(1, NAN), *none = cd_zeros(CD_SHAPE(0)),
              *to = cd_zeros(CD_SHAPE(0), .dtype = CD_I64);
    EXPECT(cd_scatter_reduce(x, 0, to, none, CD_REDUCE_AMAX, .exclude_self = true), 1, NAN);
    EXPECT(cd_index_reduce(x, 0, to, none, CD_REDUCE_MEAN, .exclude_self = true), 1, NAN);
}

/* The result is among the saved values, and a backward pass finds it changed, as with elements. */
static void a_changed_result_of_nothing_is_found(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = VECTOR(1, 2), *none = cd_zeros(CD_SHAPE(0)),
              *to = cd_zeros(CD_SHAPE(0), .dtype = CD_I64);
    cd_tensor *y = cd_scatter_reduce(x, 0, to, none, CD_REDUCE_SUM);
    assert_non_null(cd_mul_(y, 2));
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "changed by an in-place operation");
}

static void nothing_arranged(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *none = cd_zeros(CD_SHAPE(0)), *two = cd_ones(CD_SHAPE(2)),
              *rows = cd_zeros(CD_SHAPE(2, 0));
    const cd_tensors parts = cd_tensor_split(cd_zeros(CD_SHAPE(0, 2)), 3, 0);
    assert_int_equal(parts.count, 3);
    for (int i = 0; i < 3; i++) EXPECT_NOTHING(parts.tensor[i], 0, 2);
    EXPECT_NOTHING(cd_cartesian_prod(CD_TENSORS(none, two)), 0, 2);
    EXPECT_NOTHING(cd_combinations(none, 2), 0, 2);
    EXPECT_NOTHING(cd_combinations(none, 2, .with_replacement = true), 0, 2);
    EXPECT_NOTHING(cd_combinations(two, 3), 0, 3);
    EXPECT_NOTHING(cd_combinations(two, 0), 0);
    EXPECT(cd_block_diag(CD_TENSORS(none, two, cd_full(CD_SCALAR, 3))), 0, 0, 0, 1, 1, 0, 0, 0, 3);
    EXPECT(cd_block_diag(CD_TENSORS(cd_t(rows), cd_ones(CD_SHAPE(1, 1)))), 0, 0, 1);
    EXPECT_NOTHING(cd_vander(none), 0, 0);
    EXPECT_NOTHING(cd_vander(two, .n = CD_ZERO), 2, 0);
    EXPECT_NOTHING(cd_vander(none, .n = 3), 0, 3);
    EXPECT(cd_diagflat(none, 1), 0);
    EXPECT(cd_diagonal_scatter(cd_ones(CD_SHAPE(2, 2)), none, 5, 0, 1), 1, 1, 1, 1);
    EXPECT_NOTHING(cd_tril_indices(0, 3), 2, 0);
    EXPECT_NOTHING(cd_triu_indices(2, 2, .offset = 5), 2, 0);
    EXPECT_NOTHING(cd_fliplr(rows), 2, 0);
    EXPECT(cd_pad(rows, CD_SIZES(1, 1), .value = 7), 7, 7, 7, 7);
    EXPECT_NOTHING(cd_pad(cd_ones(CD_SHAPE(3)), CD_SIZES(-2, -1)), 0);
    EXPECT_NOTHING(cd_pad(cd_zeros(CD_SHAPE(0, 1, 2)), CD_SIZES(1, 1), .mode = CD_PAD_REFLECT), 0,
                   1, 4);
}

/* --- no dimensions ---------------------------------------------------------------------------- */

static void tensors_without_dimensions(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *two = cd_full(CD_SCALAR, 2), *three = cd_full(CD_SCALAR, 3);
    cd_tensor *first = cd_zeros(CD_SCALAR, .dtype = CD_I64);
    EXPECT(cd_kron(two, three), 6);
    EXPECT(cd_inner(two, cd_ones(CD_SHAPE(2))), 2, 2);
    EXPECT(cd_histc(two, .bins = 2), 0, 1);
    EXPECT(cd_cov(three), NAN);
    EXPECT(cd_corrcoef(three), NAN);
    EXPECT(cd_dist(two, three), 1);
    EXPECT(cd_float_power(two, three), 8);
    EXPECT(cd_diagflat(three, -1), 0, 0, 3, 0);
    EXPECT(cd_scatter_reduce(two, 0, first, three, CD_REDUCE_PROD), 6);
    EXPECT(cd_index_reduce(two, 0, first, three, CD_REDUCE_MEAN), 2.5);
    assert_null(cd_tensor_split(two, 1, 0).tensor);
    assert_failed_with(CD_ERR_SHAPE, "tensor_split");
}

/* A category of probability 0 is never drawn, also where its sign is that of -0. */
static void categories_of_probability_0(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *p = VECTOR(0, 1e-40, -0.0);
    EXPECT(cd_multinomial(p, 4, .replacement = true), 1, 1, 1, 1);
    EXPECT(cd_multinomial(p, 1), 1);
    assert_null(cd_multinomial(VECTOR(1, NAN), 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nan");
    assert_null(cd_multinomial(VECTOR(1, INF), 1, .replacement = true));
    assert_failed_with(CD_ERR_ARGUMENT, "inf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(products_of_integers_wrap_around),
        TEST(reductions_of_integers_by_an_index),
        TEST(statistics_of_integers_are_floating),
        TEST(padding_of_integers),
        TEST(products_of_nothing),
        TEST(statistics_of_nothing),
        TEST(distances_of_nothing),
        TEST(nothing_reduced_by_an_index_changes_nothing),
        TEST(a_changed_result_of_nothing_is_found),
        TEST(nothing_arranged),
        TEST(tensors_without_dimensions),
        TEST(categories_of_probability_0),
    };
    return RUN(tests);
}
