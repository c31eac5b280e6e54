/* The padding modules and InstanceNorm: printed forms, inputs, values, and what they refuse. What
 * their ops compute is tested by test_ops and test_op_goldens. */
#include "goldens.h"
#include "modules.h"

#include <math.h>

#include "autograd/layer_ops.h"
#include "nn/layers.h"

static void has_shape(cd_tensor *t, cd_shape shape)
{
    assert_ok();
    assert_true(cd_shape_equal(cd_shape_of(t), shape));
}

static void padding_is_printed_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(cd_nn_zero_pad1d(CD_SIZES(1)), "ZeroPad1d((1, 1))\n");
    prints(cd_nn_zero_pad2d(CD_SIZES(-1, 0, 1, 2)), "ZeroPad2d((-1, 0, 1, 2))\n");
    prints(cd_nn_constant_pad3d(CD_SIZES(1), 0.5),
           "ConstantPad3d(padding=(1, 1, 1, 1, 1, 1), value=0.5)\n");
    prints(cd_nn_constant_pad1d(CD_SIZES(1, 2), -INFINITY),
           "ConstantPad1d(padding=(1, 2), value=-inf)\n");
    prints(cd_nn_constant_pad1d(CD_SIZES(1, 2), INFINITY),
           "ConstantPad1d(padding=(1, 2), value=inf)\n");
    prints(cd_nn_constant_pad1d(CD_SIZES(1, 2), NAN), "ConstantPad1d(padding=(1, 2), value=nan)\n");
    assert_true(isnan(cd_item(
        cd_sum(cd_forward(cd_nn_constant_pad1d(CD_SIZES(1), NAN), cd_zeros(CD_SHAPE(1, 2)))))));
    prints(cd_nn_reflection_pad2d(CD_SIZES(2)), "ReflectionPad2d((2, 2, 2, 2))\n");
    prints(cd_nn_replication_pad3d(CD_SIZES(1, 2, 3, 4, 5, 6)),
           "ReplicationPad3d((1, 2, 3, 4, 5, 6))\n");
    prints(cd_nn_circular_pad1d(CD_SIZES(0)), "CircularPad1d((0, 0))\n");
}

/* One number is for all sides; PyTorch gives the same numbers. */
static void one_number_pads_all_sides(void **state)
{
    (void)state;
    CD_SCOPE();
    const float two_by_two[] = { 1, 2, 3, 4 };
    const float expected[] = { 4, 3, 4, 3, 2, 1, 2, 1, 4, 3, 4, 3, 2, 1, 2, 1 };
    cd_tensor *x = cd_from_array(two_by_two, CD_SHAPE(1, 2, 2));
    assert_near(cd_forward(cd_nn_circular_pad2d(CD_SIZES(1)), x),
                cd_from_array(expected, CD_SHAPE(1, 4, 4)), 0, 0);
    assert_near(cd_forward(cd_nn_reflection_pad2d(CD_SIZES(1)), x),
                cd_from_array(expected, CD_SHAPE(1, 4, 4)), 0, 0);
}

static void constants_pad_any_number_of_dimensions(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(3, 3));
    has_shape(cd_forward(cd_nn_zero_pad1d(CD_SIZES(1)), cd_ones(CD_SHAPE(3))), CD_SHAPE(5));
    has_shape(cd_forward(cd_nn_constant_pad2d(CD_SIZES(1, 0, 0, 2), 7), x), CD_SHAPE(5, 4));
    has_shape(cd_forward(cd_nn_zero_pad1d(CD_SIZES(1)), cd_ones(CD_SHAPE(1, 1, 1, 1, 1, 1))),
              CD_SHAPE(1, 1, 1, 1, 1, 3));
    assert_null(cd_forward(cd_nn_zero_pad3d(CD_SIZES(1)), x));
    assert_failed_with(CD_ERR_SHAPE, "ZeroPad3d: expected 3D or more input (got 2D input, 3x3)");
}

static void other_modes_take_two_numbers_of_dimensions(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(3, 3));
    cd_module *const modules[] = { cd_nn_reflection_pad2d(CD_SIZES(1)),
                                   cd_nn_replication_pad2d(CD_SIZES(1)),
                                   cd_nn_circular_pad2d(CD_SIZES(1)) };
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        has_shape(cd_forward(modules[i], cd_ones(CD_SHAPE(2, 3, 3))), CD_SHAPE(2, 5, 5));
        has_shape(cd_forward(modules[i], cd_ones(CD_SHAPE(1, 2, 3, 3))), CD_SHAPE(1, 2, 5, 5));
        assert_null(cd_forward(modules[i], x));
        assert_failed_with(CD_ERR_SHAPE, "expected 3D or 4D input (got 2D input, 3x3)");
        assert_null(cd_forward(modules[i], cd_ones(CD_SHAPE(1, 1, 1, 3, 3))));
        assert_failed_with(CD_ERR_SHAPE, "got 5D input");
    }
    assert_null(cd_forward(cd_nn_reflection_pad1d(CD_SIZES(3)), x));
    assert_failed_with(CD_ERR_SHAPE, "3 elements more before");
}

static void wrong_paddings_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_nn_zero_pad2d(CD_SIZES(1, 2)));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_zero_pad2d: the padding has 2 numbers, and must have 1 "
                                        "or 4");
    assert_null(cd_nn_zero_pad2d((cd_sizes){ NULL, 4 }));
    assert_failed_with(CD_ERR_ARGUMENT, "has 0 numbers");
    assert_null(cd_nn_zero_pad1d((cd_sizes){ (const int64_t[]){ 1 }, -1 }));
    assert_failed_with(CD_ERR_ARGUMENT, "has -1 numbers");
}

/* --- instance norm ---------------------------------------------------------------------------- */

static void instance_norm_is_printed_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(cd_nn_instance_norm1d(3), "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=False, "
                                     "bias=False, track_running_stats=False)\n");
    prints(cd_nn_instance_norm2d(3, .eps = 0.1, .momentum = 0.2, .affine = true, .tracking = true),
           "InstanceNorm2d(3, eps=0.1, momentum=0.2, affine=True, bias=True, "
           "track_running_stats=True)\n");
    prints(cd_nn_instance_norm3d(3, .affine = true, .no_bias = true, .momentum = CD_CUMULATIVE),
           "InstanceNorm3d(3, eps=1e-05, momentum=None, affine=True, bias=False, "
           "track_running_stats=False)\n");
}

/* Without .tracking evaluation mode changes nothing; a batch of one is the same as none. */
static void instance_norm_takes_a_batch_or_none(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_instance_norm1d(3);
    cd_tensor *x = cd_randn(CD_SHAPE(3, 4));
    cd_tensor *expected = cd_instance_norm(cd_unsqueeze(x, 0));
    assert_near(cd_forward(m, x), cd_squeeze(expected, 0), 0, 0);
    assert_true(cd_eval(m));
    assert_near(cd_forward(m, cd_unsqueeze(x, 0)), expected, 0, 0);
    assert_null(cd_forward(m, cd_randn(CD_SHAPE(3))));
    assert_failed_with(CD_ERR_SHAPE, "InstanceNorm1d: expected 2D or 3D input (got 1D input, 3)");
    assert_null(cd_forward(cd_nn_instance_norm3d(3), x));
    assert_failed_with(CD_ERR_SHAPE, "expected 4D or 5D input (got 2D input, 3x4)");
}

/* The means of [1, 3] and [5, 9] are 2 and 7, the unbiased variances 2 and 8. */
static void instance_norm_moves_running_statistics(void **state)
{
    (void)state;
    CD_SCOPE();
    const float values[] = { 1, 3, 5, 9 };
    cd_module *m = cd_nn_instance_norm1d(1, .tracking = true, .momentum = 0.5);
    cd_tensor *x = cd_from_array(values, CD_SHAPE(2, 1, 2));
    assert_non_null(cd_forward(m, x));
    assert_close(cd_item(cd_module_tensor(m, "running_mean")), 2.25, 0, 1e-6);
    assert_close(cd_item(cd_module_tensor(m, "running_var")), 3, 0, 1e-6);
    assert_close(cd_item(cd_module_tensor(m, "num_batches_tracked")), 0, 0, 0);
    assert_true(cd_eval(m));
    cd_tensor *y = cd_forward(m, x);
    assert_near(y, cd_div(cd_sub(x, 2.25), sqrt(3 + 1e-5)), 1e-6, 1e-6);
    assert_close(cd_item(cd_module_tensor(m, "running_mean")), 2.25, 0, 1e-6);
}

static int warnings;
static void count_warning(cd_log_level level, const char *message, void *user)
{
    (void)user;
    warnings += level == CD_LOG_WARNING && strstr(message, "does not match num_features, 3");
}

static void another_number_of_channels_matters_only_with_a_weight(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 4, 5));
    cd_set_logger(count_warning, NULL);
    has_shape(cd_forward(cd_nn_instance_norm1d(3), x), CD_SHAPE(2, 4, 5));
    cd_set_logger(NULL, NULL);
    assert_int_equal(warnings, 1);
    assert_null(cd_forward(cd_nn_instance_norm1d(3, .affine = true), x));
    assert_failed_with(CD_ERR_SHAPE, "expected input's size at dim=1 to match num_features (3), "
                                     "but got: 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(padding_is_printed_as_in_pytorch),
        TEST(one_number_pads_all_sides),
        TEST(constants_pad_any_number_of_dimensions),
        TEST(other_modes_take_two_numbers_of_dimensions),
        TEST(wrong_paddings_are_refused),
        TEST(instance_norm_is_printed_as_in_pytorch),
        TEST(instance_norm_takes_a_batch_or_none),
        TEST(instance_norm_moves_running_statistics),
        TEST(another_number_of_channels_matters_only_with_a_weight),
    };
    return RUN(tests);
}
