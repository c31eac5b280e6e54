/* NaN, infinities and the largest integers in products of matrices, attention, convolutions, pools
 * and interpolation. */
#include "special_values.h"

#include "autograd/conv_ops.h"
#include "autograd/layer_ops.h"
#include "autograd/product_ops.h"
#include "autograd/resample_ops.h"

/* PyTorch adds -Inf where a bool mask is false. A query whose scores are all -Inf has a result of
 * 0. */
static void attention_to_keys_that_are_nan_or_infinite(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *q = cd_ones(CD_SHAPE(1, 1)), *v = SHAPED(CD_SHAPE(2, 1), 3, 4);
    cd_tensor *first = cd_eq(SHAPED(CD_SHAPE(1, 2), 1, 0), 1);
#define ATTEND(k0_, k1_, ...)                                                                      \
    cd_scaled_dot_product_attention(q, SHAPED(CD_SHAPE(2, 1), k0_, k1_), v, __VA_ARGS__)
    EXPECT(ATTEND(1, NAN, .attn_mask = first), NAN);
    EXPECT(ATTEND(1, INF, .attn_mask = first), NAN);
    EXPECT(ATTEND(1, -INF, .attn_mask = first), 3);
    EXPECT(ATTEND(-INF, 1, .attn_mask = first), 0);
    EXPECT(ATTEND(-INF, -INF, .scale = 1), 0);
    EXPECT(ATTEND(-INF, 1, .is_causal = true), 0);
    EXPECT(ATTEND(1, NAN, .is_causal = true), 3);
#undef ATTEND
}

/* Such a query gives no gradient either, but what 0 times Inf is. */
static void gradients_of_attention_of_a_query_whose_scores_are_all_minus_infinity(void **state)
{
    (void)state;
    for (int masked = 0; masked < 2; masked++) {
        CD_SCOPE();
        cd_tensor *added = masked ? cd_zeros(CD_SHAPE(2, 2)) : NULL;
        cd_tensor *q = SHAPED(CD_SHAPE(2, 2), 1e30F, 1e30F, 1, 1);
        cd_tensor *k = SHAPED(CD_SHAPE(2, 2), -1e30F, -1e30F, -1e30F, -1e30F);
        cd_tensor *v = SHAPED(CD_SHAPE(2, 1), 3, 5);
        cd_tensor *y = cd_scaled_dot_product_attention(q, k, v, .attn_mask = added, .scale = 1);
        EXPECT(y, 0, 4);
        GRADIENT(y, k, -0.5, -0.5, 0.5, 0.5);
        EXPECT(cd_grad(v), 0.5, 0.5);
        EXPECT(cd_grad(q), 0, 0, 0, 0);

        cd_tensor *low = SHAPED(CD_SHAPE(1, 2), -INF, 1);
        k = SHAPED(CD_SHAPE(2, 2), 1, 2, 2, 1);
        y = cd_scaled_dot_product_attention(
            low, k, v, .attn_mask = added ? cd_slice(added, 0, 0, 1, 1) : NULL);
        EXPECT(y, 0);
        GRADIENT(y, k, NAN, 0, NAN, 0);
        EXPECT(cd_grad(low), 0, 0);
    }
}

/* The end that only output_padding gives to a transposed convolution is reached by no x: it has the
 * bias, whatever the weight is. Where there is padding too, that takes some of this end away. */
static void
transposed_convolution_with_a_weight_of_infinity_and_an_end_that_no_x_reaches(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = SHAPED(CD_SHAPE(1, 1, 2), 1, 2), *b = VECTOR(0.5);
    cd_tensor *w = SHAPED(CD_SHAPE(1, 1, 2), 1, INF);
    cd_tensor *y = cd_conv_transpose1d(x, w, b, .stride = 2, .dilation = 4, .output_padding = 3);
    EXPECT(y, 1.5, 0.5, 2.5, 0.5, INF, 0.5, INF, 0.5, 0.5, 0.5);
    assert_true(cd_is_contiguous(y));
    GRADIENT(y, x, INF, INF);
    EXPECT(cd_grad(w), 3, 3);
    EXPECT(cd_grad(b), 10);
    EXPECT(
        cd_conv_transpose1d(x, w, b, .stride = 2, .padding = 1, .dilation = 4, .output_padding = 2),
        0.5, 2.5, 0.5, INF, 0.5, INF, 0.5);
    x = SHAPED(CD_SHAPE(1, 5), 1, 2, 3, 4, 5);
    w = SHAPED(CD_SHAPE(1, 1, 3), 1, 2, INF);
    y = cd_conv_transpose1d(x, w, b, .padding = 3, .dilation = 4, .output_padding = 2);
    EXPECT(y, 4.5, 7.5, 4.5, 6.5, 8.5, INF, INF, INF, INF);
    EXPECT(cd_conv_transpose2d(cd_unsqueeze(x, 0), cd_unsqueeze(w, 0), NULL, .padding = 0,
                               .padding_w = 3, .dilation = 4, .output_padding = 1,
                               .output_padding_w = 2),
           4, 7, 4, 6, 8, INF, INF, INF, INF, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    x = SHAPED(CD_SHAPE(1, 2), 1, 2);
    w = SHAPED(CD_SHAPE(1, 1, 1), 3);
    y = cd_conv_transpose1d(x, w, NULL, .dilation = 3, .output_padding = 2);
    EXPECT(y, 3, 6, 0, 0);
    GRADIENT(y, x, 3, 3);
    EXPECT(cd_grad(w), 3);
}

/* A beta of 0 ignores the bias, an alpha of 0 the product, NaN and all. PyTorch's baddbmm of few
 * elements multiplies them by the alpha instead, which then gives NaN. */
static void products_with_a_factor_of_0(void **state)
{
    (void)state;
    CD_SCOPE();
    static const double bad[] = { NAN, INF };
    for (int i = 0; i < 2; i++) {
        const double worst = bad[i];
        cd_tensor *bias = SHAPED(CD_SHAPE(2, 2), 5, 5, 5, worst), *v = VECTOR(1, 1);
        cd_tensor *a = SHAPED(CD_SHAPE(2, 2), worst, 1, 1, 1), *b = cd_ones(CD_SHAPE(2, 2));
        cd_tensor *as = cd_unsqueeze(a, 0), *bs = cd_unsqueeze(b, 0);
        cd_tensor *biases = cd_unsqueeze(bias, 0), *column = cd_select(bias, 1, 1);
        EXPECT(cd_addmm(bias, a, b, .alpha = CD_ZERO), 5, 5, 5, worst);
        EXPECT(cd_addbmm(bias, as, bs, .alpha = CD_ZERO), 5, 5, 5, worst);
        EXPECT(cd_baddbmm(biases, as, bs, .alpha = CD_ZERO), 5, 5, 5, worst);
        EXPECT(cd_addmv(column, a, v, .alpha = CD_ZERO), 5, worst);
        EXPECT(cd_addmm(bias, a, b, .beta = CD_ZERO), worst, worst, 2, 2);
        EXPECT(cd_addbmm(bias, as, bs, .beta = CD_ZERO), worst, worst, 2, 2);
        EXPECT(cd_baddbmm(biases, as, bs, .beta = CD_ZERO), worst, worst, 2, 2);
        EXPECT(cd_addmv(column, a, v, .beta = CD_ZERO), worst, 2);
        cd_tensor *none = cd_zeros(CD_SHAPE(2, 0));
        EXPECT(cd_addmm(bias, none, cd_t(none), .beta = CD_ZERO), 0, 0, 0, 0);
        EXPECT(cd_addmv(column, none, cd_zeros(CD_SHAPE(0)), .beta = CD_ZERO), 0, 0);
    }
}

/* The gradients are products too, which a factor of 0 does not skip. */
static void gradients_of_products_with_a_factor_of_0(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *bias = VECTOR(5, NAN), *b = SHAPED(CD_SHAPE(2, 2), 1, 1, 1, 1);
    cd_tensor *a = SHAPED(CD_SHAPE(2, 2), INF, 1, 1, 1);
    cd_tensor *y = cd_addmm(bias, a, b, .alpha = CD_ZERO, .beta = CD_ZERO);
    EXPECT(y, 0, 0, 0, 0);
    GRADIENT(y, bias, 0, 0);
    EXPECT(cd_grad(a), 0, 0, 0, 0);
    EXPECT(cd_grad(b), NAN, NAN, 0, 0);
}

static void max_pool_of_nan_and_of_minus_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = SHAPED(CD_SHAPE(1, 1, 2, 2), 1, NAN, 3, 2), *place = NULL;
    cd_tensor *y = cd_max_pool2d(x, 2, .indices = &place);
    EXPECT(y, NAN);
    EXPECT(place, 1);
    GRADIENT(y, x, 0, 1, 0, 0);
    cd_tensor *low = SHAPED(CD_SHAPE(1, 1, 2, 2), -INF, -INF, -INF, -INF);
    EXPECT(cd_max_pool2d(low, 2, .indices = &place), -INF);
    EXPECT(place, 0);
}

/* A window without an element of the image has the least number of its dtype. */
static void max_pool_of_integers(void **state)
{
    (void)state;
    CD_SCOPE();
    static const cd_dtype dtypes[] = { CD_I64, CD_I32, CD_U8 };
    static const double least[] = { (double)INT64_MIN, INT32_MIN, 0 };
    for (int k = 0; k < 3; k++) {
        cd_tensor *x = cd_to(SHAPED(CD_SHAPE(1, 1, 6), 3, 1, 5, 5, 0, 1), dtypes[k]), *place = NULL;
        EXPECT(cd_max_pool1d(x, 2, .indices = &place), 3, 5, 1);
        EXPECT(place, 0, 2, 5);
        cd_tensor *far = cd_max_pool1d(cd_slice(x, -1, 0, 1, 1), 2, .stride = 1, .padding = 1,
                                       .dilation = 2, .indices = &place);
        EXPECT(far, least[k]);
        assert_int_equal(cd_dtype_of(far), dtypes[k]);
    }
    const int64_t large[] = { INT64_MAX - 1, INT64_MAX };
    cd_tensor *x = cd_from_array(large, CD_SHAPE(1, 1, 2), .dtype = CD_I64), *place = NULL;
    (void)cd_max_pool1d(x, 2, .indices = &place);
    EXPECT(place, 1);
}

/* A weight of 0 makes NaN of Inf. A sequence has no rows that would have one, and with antialias
 * neither has a side that keeps its size. */
static void interpolation_of_nan_and_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = SHAPED(CD_SHAPE(1, 1, 4), INF, 1, NAN, 3);
    cd_tensor *image = cd_view(x, CD_SHAPE(1, 1, 1, 4));
    EXPECT(cd_interpolate(x, .size = 7, .mode = CD_RESAMPLING_LINEAR, .align_corners = true), INF,
           INF, NAN, NAN, NAN, NAN, 3);
    EXPECT(cd_interpolate(image, .size = 1, .size_w = 4, .mode = CD_RESAMPLING_BILINEAR), NAN, 1,
           NAN, 3);
    EXPECT(cd_interpolate(image, .size = 1, .size_w = 4, .mode = CD_RESAMPLING_BILINEAR,
                          .antialias = true),
           INF, 1, NAN, 3);
    EXPECT(cd_interpolate(x, .scale_factor = 2), INF, INF, 1, 1, NAN, NAN, 3, 3);
}

static void products_of_zero_and_infinity_and_quotients_of_zero(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *zero = cd_zeros(CD_SHAPE(1, 1)), *infinite = cd_full(CD_SHAPE(1, 1), INF);
    EXPECT(cd_mul(VECTOR(0), VECTOR(INF)), NAN);
    EXPECT(cd_mm(zero, infinite), NAN);
    EXPECT(cd_matmul(zero, cd_full(CD_SHAPE(1), INF)), NAN);
    EXPECT(cd_div(VECTOR(1, 0, -1), 0), INF, NAN, -INF);
    EXPECT(cd_div(1, VECTOR(0, -0.0)), INF, -INF);
    EXPECT(cd_div(0, VECTOR(0)), NAN);
    EXPECT(cd_div(cd_arange(2), 0), NAN, INF);
}

/* A vector as one row of one channel. */
static cd_tensor *row(cd_tensor *x)
{
    return cd_view(x, CD_SHAPE(1, 1, cd_numel(x)));
}

/* Padding is multiplied too: 0 times an infinite weight is NaN. */
static void convolutions_of_nan_and_infinity(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *ones = row(VECTOR(1, 1)), *second = row(VECTOR(0, 1));
    EXPECT(cd_conv1d(row(VECTOR(1, NAN, 2, 0)), ones, NULL, .padding = 1), 1, NAN, NAN, 2, 0);
    EXPECT(cd_conv1d(row(VECTOR(1, 2)), row(VECTOR(INF, 1, 1)), NULL, .padding = 1), NAN, INF);
    EXPECT(cd_conv1d(row(VECTOR(INF, 0, 1)), second, NULL), NAN, 1);
    EXPECT(cd_conv_transpose1d(row(VECTOR(0, INF, 1)), second, NULL), 0, NAN, INF, 1);
    EXPECT(cd_conv_transpose1d(row(VECTOR(0, INF, 1)), second, NULL, .stride = 2), 0, 0, NAN, INF,
           0, 1);
    EXPECT(cd_fold(cd_view(VECTOR(NAN, 1, INF, -INF), CD_SHAPE(2, 2)), 1, 3, 1, .kernel_w = 2), NAN,
           INF, -INF);
    EXPECT(cd_unfold(row(VECTOR(NAN, -0.0, INF)), 1, .kernel_w = 2, .padding_w = 1), 0, NAN, -0.0,
           INF, NAN, -0.0, INF, 0);
}

static void convolutions_of_integers_wrap_around(void **state)
{
    (void)state;
    CD_SCOPE();
    const int64_t large[] = { INT64_C(1) << 62, INT64_C(1) << 62 }, one = 1;
    cd_tensor *x = row(cd_from_array(large, CD_SHAPE(2))), *two = cd_add(row(cd_arange(2)), 2);
    cd_tensor *y = cd_conv1d(x, cd_sub(two, row(cd_arange(2))), NULL);
    assert_true(cd_item_int(y) == 0); /* 2^62 (2 + 2) */
    y = cd_conv_transpose1d(cd_slice(x, 2, 0, 1, 1), two, cd_from_array(&one, CD_SHAPE(1)));
    assert_true(cd_item_int(cd_select(y, 2, 0)) == INT64_MIN + 1);
    assert_true(cd_item_int(cd_select(y, 2, 1)) == 1 - (INT64_C(1) << 62));
    cd_tensor *bytes = row(cd_full(CD_SHAPE(1), 200, .dtype = CD_U8));
    y = cd_conv1d(bytes, bytes, cd_full(CD_SHAPE(1), 200, .dtype = CD_U8));
    assert_true(cd_item_int(y) == (200 * 200 + 200) % 256);
}

/* Where both dimensions have the size 3 the vectors lie along the first. */
static void cross_products_of_a_square(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *a = SHAPED(CD_SHAPE(3, 3), 1, 2, 3, 4, 5, 6, 7, 8, 10);
    cd_tensor *b = SHAPED(CD_SHAPE(3, 3), 2, 0, 1, 1, 1, 0, 0, 3, 1);
    EXPECT(cd_cross(a, b), -7, 7, 6, 14, -6, 7, -7, 2, -6);
    EXPECT(cd_cross(a, b, .dims = CD_DIMS(1)), 2, 5, -4, -6, 6, -1, -22, -7, 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(attention_to_keys_that_are_nan_or_infinite),
        TEST(gradients_of_attention_of_a_query_whose_scores_are_all_minus_infinity),
        TEST(transposed_convolution_with_a_weight_of_infinity_and_an_end_that_no_x_reaches),
        TEST(products_with_a_factor_of_0),
        TEST(gradients_of_products_with_a_factor_of_0),
        TEST(max_pool_of_nan_and_of_minus_infinity),
        TEST(max_pool_of_integers),
        TEST(interpolation_of_nan_and_infinity),
        TEST(products_of_zero_and_infinity_and_quotients_of_zero),
        TEST(convolutions_of_nan_and_infinity),
        TEST(convolutions_of_integers_wrap_around),
        TEST(cross_products_of_a_square),
    };
    return RUN(tests);
}
