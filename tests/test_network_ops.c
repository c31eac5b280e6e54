/* Matrix products, convolution, pooling, batch normalisation: known values, names of grad_fns, and
 * what they change. test_ops.c checks what holds for every op. */
#include "test.h"

#include "autograd/index_ops.h"
#include "autograd/conv_ops.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"

static cd_tensor *given(const float *values, cd_shape shape)
{
    return cd_from_array(values, shape);
}

static void expect_values(cd_tensor *t, const double *right, int64_t count)
{
    double values[64];
    assert_ok();
    assert_int_equal(cd_numel(t), count);
    assert_true(cd_read(cd_to(t, CD_F64), values, (size_t)count * sizeof *values));
    for (int64_t i = 0; i < count; i++) assert_close(values[i], right[i], 1e-6, 1e-6);
}
#define EXPECT(t_, ...)                                                                            \
    expect_values((t_), (const double[]){ __VA_ARGS__ },                                           \
                  (int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double)))

/* --- products --------------------------------------------------------------------------------- */

static void linear_is_named_as_in_pytorch(void **state)
{
    (void)state;
    cd_tensor *w = cd_randn(CD_SHAPE(4, 3), .requires_grad = true), *b = cd_zeros(CD_SHAPE(4));
    cd_tensor *flat = cd_randn(CD_SHAPE(3)), *two = cd_randn(CD_SHAPE(2, 3));
    cd_tensor *three = cd_randn(CD_SHAPE(2, 5, 3)), *turned = cd_transpose(three, 0, 1);
    assert_string_equal(cd_grad_fn_name(cd_linear(two, w, b)), "AddmmBackward0");
    assert_string_equal(cd_grad_fn_name(cd_linear(two, w, NULL)), "MmBackward0");
    assert_string_equal(cd_grad_fn_name(cd_linear(three, w, b)), "UnsafeViewBackward0");
    assert_string_equal(cd_grad_fn_name(cd_linear(three, w, NULL)), "UnsafeViewBackward0");
    assert_string_equal(cd_grad_fn_name(cd_linear(turned, w, b)), "AddBackward0");
    assert_string_equal(cd_grad_fn_name(cd_linear(flat, w, b)), "UnsafeViewBackward0");
    assert_string_equal(cd_grad_fn_name(cd_linear(flat, w, NULL)), "SqueezeBackward4");
}

static void matmul_is_named_as_in_pytorch(void **state)
{
    (void)state;
    cd_tensor *v = cd_randn(CD_SHAPE(3), .requires_grad = true);
    cd_tensor *m = cd_randn(CD_SHAPE(3, 3), .requires_grad = true);
    cd_tensor *batch = cd_randn(CD_SHAPE(2, 3, 3), .requires_grad = true);
    assert_string_equal(cd_grad_fn_name(cd_matmul(v, v)), "DotBackward0");
    assert_string_equal(cd_grad_fn_name(cd_matmul(m, v)), "MvBackward0");
    assert_string_equal(cd_grad_fn_name(cd_matmul(m, m)), "MmBackward0");
    assert_string_equal(cd_grad_fn_name(cd_matmul(m, batch)), "CloneBackward0");
    assert_string_equal(cd_grad_fn_name(cd_matmul(cd_detach(m), batch)), "UnsafeViewBackward0");
}

static void a_weights_gradient_lies_as_the_weight_does(void **state)
{
    (void)state;
    cd_tensor *w = cd_randn(CD_SHAPE(4, 3), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_linear(cd_randn(CD_SHAPE(5, 3)), w, NULL))));
    assert_true(cd_is_contiguous(cd_grad(w)));
}

static void integers_are_multiplied_exactly(void **state)
{
    (void)state;
    const int64_t large = (INT64_C(1) << 62) + 1;
    cd_tensor *x = cd_from_array(&large, CD_SHAPE(1, 1), .dtype = CD_I64);
    assert_true(cd_item_int(cd_mm(x, cd_from_array(((int64_t[]){ 1 }), CD_SHAPE(1, 1),
                                                   .dtype = CD_I64))) == large);
}

/* --- convolution ------------------------------------------------------------------------------ */

static void convolution_sums_what_the_kernel_covers(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(1, 1, 3, 3)), *w = cd_ones(CD_SHAPE(1, 1, 3, 3));
    cd_tensor *bias = cd_full(CD_SHAPE(1), 0.5);
    EXPECT(cd_conv2d(x, w, NULL, .padding = 1), 4, 6, 4, 6, 9, 6, 4, 6, 4);
    EXPECT(cd_conv2d(x, w, bias, .padding = 1, .stride = 2), 4.5, 4.5, 4.5, 4.5);
    EXPECT(cd_conv2d(x, w, NULL, .padding = 1, .padding_w_is_zero = true), 6, 9, 6);
    EXPECT(cd_conv2d(x, w, NULL, .padding = 2, .dilation = 2), 4, 2, 4, 2, 1, 2, 4, 2, 4);
}

static void only_what_is_wanted_gets_a_gradient(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(1, 2, 4, 4)), *frozen = cd_randn(CD_SHAPE(3, 2, 3, 3));
    cd_tensor *bias = cd_zeros(CD_SHAPE(3), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_conv2d(x, frozen, bias))));
    EXPECT(cd_grad(bias), 4, 4, 4);
    assert_null(cd_grad(frozen));
    assert_null(cd_grad(x));
}

static void the_bias_of_a_frozen_convolution_keeps_no_input(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(1, 2, 4, 4)), *frozen = cd_randn(CD_SHAPE(3, 2, 3, 3));
    int before = atomic_load(&x->object.references);
    assert_non_null(cd_conv2d(x, frozen, cd_zeros(CD_SHAPE(3), .requires_grad = true)));
    assert_int_equal(atomic_load(&x->object.references), before);
}

/* --- pooling ---------------------------------------------------------------------------------- */

static void the_first_of_equals_gets_the_gradient(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(1, 1, 2, 4), .requires_grad = true), *places = NULL;
    cd_tensor *y = cd_max_pool2d(x, 2, .indices = &places);
    assert_int_equal(cd_dtype_of(places), CD_I64);
    assert_false(cd_requires_grad(places));
    EXPECT(places, 0, 2);
    assert_true(cd_backward(cd_sum(y)));
    EXPECT(cd_grad(x), 1, 0, 1, 0, 0, 0, 0, 0);
}

static void padding_is_smaller_than_everything(void **state)
{
    (void)state;
    const float values[] = { -5, -2, -3, -4 };
    EXPECT(cd_max_pool2d(given(values, CD_SHAPE(1, 1, 2, 2)), 2, .stride = 2, .padding = 1), -5, -2,
           -3, -4);
}

/* Max pooling of the numbers 1 to 9 in rows: results and gradients with each option. */
static void windows_lie_as_the_options_say(void **state)
{
    (void)state;
    const float values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    cd_tensor *x = given(values, CD_SHAPE(1, 1, 3, 3));
    (void)cd_set_requires_grad(x, true);
    EXPECT(cd_max_pool2d(x, 2), 5);
    EXPECT(cd_max_pool2d(x, 2, .ceil_mode = true), 5, 6, 8, 9);
    EXPECT(cd_max_pool2d(x, 2, .stride = 1), 5, 6, 8, 9);
    EXPECT(cd_max_pool2d(x, 1, .stride = 2), 1, 3, 7, 9);
    EXPECT(cd_max_pool2d(x, 2, .padding = 1), 1, 3, 7, 9);
    EXPECT(cd_max_pool2d(x, 2, .stride = 1, .padding = 1, .dilation = 2), 5, 6, 5, 8, 9, 8, 5, 6,
           5);
    cd_tensor *places = NULL, *y = cd_max_pool2d(x, 2, .dilation = 2, .indices = &places);
    EXPECT(y, 9);
    EXPECT(places, 8);
    assert_true(cd_backward(y));
    EXPECT(cd_grad(x), 0, 0, 0, 0, 0, 0, 0, 0, 1);
}

static void pooling_to_one_pixel_is_a_mean(void **state)
{
    (void)state;
    const float values[] = { 1, 2, 3, 6, 0, 0, 0, 4 };
    cd_tensor *x = given(values, CD_SHAPE(1, 2, 2, 2));
    (void)cd_set_requires_grad(x, true);
    cd_tensor *y = cd_adaptive_avg_pool2d(x, 1, 1);
    EXPECT(y, 3, 1);
    assert_string_equal(cd_grad_fn_name(y), "MeanBackward1");
}

/* --- batch normalisation ---------------------------------------------------------------------- */

/* Two channels: 1, 2, 3, 6 with mean 3, variance 3.5, unbiased variance 14/3; and 0, 0, 0, 4 with
 * mean 1, variance 3, unbiased variance 4. */
static const float channels[] = { 1, 0, 2, 0, 3, 0, 6, 4 };

static cd_tensor *four_by_two(void)
{
    return given(channels, CD_SHAPE(4, 2));
}

static void training_moves_the_running_statistics(void **state)
{
    (void)state;
    cd_tensor *mean = cd_zeros(CD_SHAPE(2)), *var = cd_ones(CD_SHAPE(2));
    uint32_t before = cd_version(mean);
    cd_tensor *y = cd_batch_norm(four_by_two(), NULL, NULL, .running_mean = mean,
                                 .running_var = var, .training = true);
    assert_close(cd_item(cd_index(cd_index(y, 0), 0)), -2 / sqrt(3.5 + 1e-5), 1e-6, 0);
    EXPECT(mean, 0.3, 0.1);
    EXPECT(var, 0.9 + 0.1 * 14 / 3, 0.9 + 0.1 * 4);
    assert_int_equal(cd_version(mean), before + 1);
    assert_int_equal(cd_version(var), before + 1);
    assert_non_null(cd_batch_norm(four_by_two(), NULL, NULL, .running_mean = mean,
                                  .running_var = var, .training = true, .momentum = 1));
    EXPECT(mean, 3, 1);
    EXPECT(var, 14.0 / 3, 4);
}

static void a_momentum_of_zero_moves_nothing(void **state)
{
    (void)state;
    cd_tensor *mean = cd_zeros(CD_SHAPE(2)), *var = cd_ones(CD_SHAPE(2));
    assert_non_null(cd_batch_norm(four_by_two(), NULL, NULL, .running_mean = mean,
                                  .running_var = var, .training = true, .momentum = CD_ZERO));
    EXPECT(mean, 0, 0);
    EXPECT(var, 1, 1);
}

static void inference_uses_them_and_leaves_them(void **state)
{
    (void)state;
    cd_tensor *mean = cd_full(CD_SHAPE(2), 1), *var = cd_full(CD_SHAPE(2), 4);
    cd_tensor *weight = cd_full(CD_SHAPE(2), 2), *bias = cd_full(CD_SHAPE(2), 10);
    cd_tensor *y = cd_batch_norm(four_by_two(), weight, bias, .running_mean = mean,
                                 .running_var = var, .eps = CD_ZERO);
    EXPECT(y, 10, 9, 11, 9, 12, 9, 15, 13);
    assert_int_equal(cd_version(mean), 0);
    EXPECT(mean, 1, 1);
}

static void an_empty_batch_moves_nothing(void **state)
{
    (void)state;
    cd_tensor *mean = cd_zeros(CD_SHAPE(2)), *var = cd_ones(CD_SHAPE(2));
    cd_tensor *y = cd_batch_norm(cd_zeros(CD_SHAPE(0, 2)), NULL, NULL, .running_mean = mean,
                                 .running_var = var, .training = true);
    assert_int_equal(cd_numel(y), 0);
    EXPECT(mean, 0, 0);
    EXPECT(var, 1, 1);
    y = cd_batch_norm(cd_zeros(CD_SHAPE(0)), NULL, NULL, .training = true);
    assert_true(cd_ndim(y) == 1 && cd_numel(y) == 0);
    assert_null(cd_batch_norm(cd_zeros(CD_SHAPE(1, 0)), NULL, NULL, .training = true));
    assert_failed_with(CD_ERR_SHAPE, "expected more than 1 value per channel when training");
}

static void training_needs_an_eps(void **state)
{
    (void)state;
    cd_tensor *x = cd_randn(CD_SHAPE(3, 2)), *zeros = cd_zeros(CD_SHAPE(2)),
              *ones = cd_ones(CD_SHAPE(2));
    assert_null(cd_batch_norm(x, NULL, NULL, .training = true, .eps = CD_ZERO));
    assert_failed_with(CD_ERR_ARGUMENT, "batch_norm: eps is 0, and must be above 0 in training");
    assert_non_null(
        cd_batch_norm(x, NULL, NULL, .running_mean = zeros, .running_var = ones, .eps = CD_ZERO));
}

static long long allocations, failing;

static bool fault(size_t bytes)
{
    (void)bytes;
    return allocations++ == failing;
}

static void a_failed_call_moves_nothing(void **state)
{
    (void)state;
    cd_tensor *mean = cd_zeros(CD_SHAPE(2)), *var = cd_ones(CD_SHAPE(2)), *y = NULL;
    cd_tensor *x = cd_set_requires_grad(four_by_two(), true);
    for (failing = 0; !y; failing++) {
        allocations = 0;
        cd_memory_fault_hook = fault;
        y = cd_batch_norm(x, NULL, NULL, .running_mean = mean, .running_var = var,
                          .training = true);
        cd_memory_fault_hook = NULL;
        if (y) break;
        assert_failed_with(CD_ERR_MEMORY, "");
        EXPECT(mean, 0, 0);
        EXPECT(var, 1, 1);
    }
    assert_true(failing > 3);
    (void)cd_fail(CD_ERR_IO, "an earlier error");
    assert_null(
        cd_batch_norm(x, NULL, NULL, .running_mean = mean, .running_var = var, .training = true));
    assert_failed_with(CD_ERR_IO, "an earlier error");
    EXPECT(mean, 0.3, 0.1);
}

/* The statistics that are saved are copies, so a second forward may change running_mean and
 * running_var before backward. */
static void two_passes_may_come_before_backward(void **state)
{
    (void)state;
    cd_tensor *mean = cd_zeros(CD_SHAPE(2)), *var = cd_ones(CD_SHAPE(2));
    cd_tensor *x = cd_set_requires_grad(four_by_two(), true);
    cd_tensor *first = cd_batch_norm(x, NULL, NULL, .running_mean = mean, .running_var = var);
    cd_tensor *second =
        cd_batch_norm(x, NULL, NULL, .running_mean = mean, .running_var = var, .training = true);
    assert_true(cd_backward(cd_sum(first)));
    assert_true(cd_backward(cd_sum(second)));
    for (int i = 0; i < 4; i++) {
        assert_close(cd_item(cd_index(cd_index(cd_grad(x), i), 0)), 1 / sqrt(1 + 1e-5), 1e-5, 0);
    }
}

/* Without create_graph a kernel computes the gradients; with it they are written in ops. */
static void both_ways_to_the_gradient_agree(void **state)
{
    (void)state;
    cd_tensor *of[2][3];
    for (int training = 0; training < 2; training++) {
        for (int graph = 0; graph < 2; graph++) {
            cd_tensor *x = cd_set_requires_grad(four_by_two(), true);
            cd_tensor *weight = cd_full(CD_SHAPE(2), 3, .requires_grad = true);
            cd_tensor *bias = cd_zeros(CD_SHAPE(2), .requires_grad = true);
            cd_tensor *y =
                cd_batch_norm(x, weight, bias, .running_mean = cd_ones(CD_SHAPE(2)),
                              .running_var = cd_full(CD_SHAPE(2), 2), .training = training);
            assert_true(cd_backward(cd_sum(cd_mul(y, cd_mul(y, y))), .create_graph = graph));
            cd_tensor *const inputs[3] = { x, weight, bias };
            for (int k = 0; k < 3; k++) of[graph][k] = cd_detach(cd_grad(inputs[k]));
        }
        for (int k = 0; k < 3; k++) {
            cd_tensor *apart = cd_sum(cd_abs(cd_sub(of[1][k], of[0][k])));
            assert_close(cd_item(apart), 0, 0, 1e-5 * cd_item(cd_sum(cd_abs(of[0][k]))));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(linear_is_named_as_in_pytorch),
        TEST(matmul_is_named_as_in_pytorch),
        TEST(a_weights_gradient_lies_as_the_weight_does),
        TEST(integers_are_multiplied_exactly),
        TEST(convolution_sums_what_the_kernel_covers),
        TEST(only_what_is_wanted_gets_a_gradient),
        TEST(the_bias_of_a_frozen_convolution_keeps_no_input),
        TEST(the_first_of_equals_gets_the_gradient),
        TEST(padding_is_smaller_than_everything),
        TEST(windows_lie_as_the_options_say),
        TEST(pooling_to_one_pixel_is_a_mean),
        TEST(training_moves_the_running_statistics),
        TEST(a_momentum_of_zero_moves_nothing),
        TEST(inference_uses_them_and_leaves_them),
        TEST(an_empty_batch_moves_nothing),
        TEST(training_needs_an_eps),
        TEST(a_failed_call_moves_nothing),
        TEST(two_passes_may_come_before_backward),
        TEST(both_ways_to_the_gradient_agree),
    };
    return RUN(tests);
}
