/* Layers and losses against PyTorch (golden/make_nn.py): values, gradients, initial values,
 * printing, misuse. */
#include "goldens.h"
#include "modules.h"

#include "core/random.h"
#include "nn/init.h"
#include "nn/layers.h"

/* --- against PyTorch -------------------------------------------------------------------------- */

/* A visitor: sets a parameter to its stored value. */
static bool load_golden(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    CD_SCOPE();
    CD_NO_GRAD();
    return kind != CD_PARAMETER || cd_copy_(t, golden("%s.%s", (const char *)user, name));
}

/* A visitor: compares a parameter's gradient, or a buffer, with the stored one. */
static bool compare_golden(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    CD_SCOPE();
    const char *layer = user;
    if (kind == CD_PARAMETER) {
        assert_near(cd_grad(t), golden("%s.d%s", layer, name), 1e-5, 1e-5);
    } else {
        assert_near(t, golden("%s.%s", layer, name), 1e-6, 1e-6);
    }
    return true;
}

/* Runs forward and backward with the stored parameters and input, and compares the output, the
 * gradients of the input and the parameters, and the buffers with PyTorch's. */
static void agrees_with_pytorch(const char *name, cd_module *m)
{
    char layer[64];
    (void)snprintf(layer, sizeof layer, "%s", name);
    assert_true(cd_visit(m, load_golden, layer));
    cd_tensor *x = cd_set_requires_grad(golden("%s.x", name), true);
    cd_tensor *y = cd_forward(m, x);
    assert_near(y, golden("%s.y", name), 1e-5, 1e-5);
    assert_true(cd_backward(y, .gradient = golden("%s.g", name)));
    assert_near(cd_grad(x), golden("%s.dx", name), 1e-5, 1e-5);
    assert_true(cd_visit(m, compare_golden, layer));
}

static void linear_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("linear", cd_nn_linear(3, 4));
}

static void linear_takes_more_dimensions_and_no_bias(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("linear_plain", cd_nn_linear(3, 4, .no_bias = true));
}

static void conv_with_stride_and_groups_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("conv", cd_nn_conv2d(4, 6, 3, .stride = 2, .padding = 1, .groups = 2));
}

static void dilated_conv_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("conv_dilated", cd_nn_conv2d(2, 3, 3, .dilation = 2, .no_bias = true));
}

static void batch_norm_in_training_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("batch_norm", cd_nn_batch_norm2d(3, .momentum = 0.25));
}

static void batch_norm_in_evaluation_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_batch_norm2d(3, .eps = 1e-3);
    const float mean[] = { 0.5F, -1, 2 }, var[] = { 0.5F, 1.5F, 4 };
    assert_true(cd_write(cd_module_tensor(m, "running_mean"), mean, sizeof mean));
    assert_true(cd_write(cd_module_tensor(m, "running_var"), var, sizeof var));
    assert_true(cd_eval(m));
    agrees_with_pytorch("batch_norm_eval", m);
}

static void relu_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("relu", cd_nn_relu());
}

static void max_pool_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("max_pool", cd_nn_max_pool2d(3, .stride = 2, .padding = 1));
}

static void max_pool_in_ceil_mode_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("max_pool_ceil", cd_nn_max_pool2d(2, .ceil_mode = true));
}

/* What the op does with these options is tested in test_network_ops.c. */
static void max_pool_hands_its_options_on(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3, 9, 8));
    cd_tensor *const made[][2] = {
        { cd_forward(cd_nn_max_pool2d(2), x), cd_max_pool2d(x, 2) },
        { cd_forward(cd_nn_max_pool2d(2, .stride = 1), x), cd_max_pool2d(x, 2, .stride = 1) },
        { cd_forward(cd_nn_max_pool2d(3, .padding = 1), x), cd_max_pool2d(x, 3, .padding = 1) },
        { cd_forward(cd_nn_max_pool2d(2, .dilation = 3), x), cd_max_pool2d(x, 2, .dilation = 3) },
        { cd_forward(cd_nn_max_pool2d(4, .ceil_mode = true), x),
          cd_max_pool2d(x, 4, .ceil_mode = true) },
    };
    assert_ok();
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        assert_true(cd_shape_equal(cd_shape_of(made[i][0]), cd_shape_of(made[i][1])));
        assert_int_equal(cd_item_int(cd_sum(cd_ne(made[i][0], made[i][1]))), 0);
    }
}

static void adaptive_average_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("avg_pool", cd_nn_adaptive_avg_pool2d(2, 3));
}

static void flatten_agrees_with_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    agrees_with_pytorch("flatten", cd_nn_flatten());
}

/* --- batch norm's statistics --------------------------------------------------------------------
 */

static void batch_norm_moves_its_statistics_without_gradients_too(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = cd_nn_batch_norm2d(1);
    assert_non_null(cd_set_requires_grad(cd_module_tensor(m, "weight"), false));
    (void)cd_forward(m, cd_full(CD_SHAPE(2, 1, 2, 2), 3));
    (void)cd_forward(m, cd_full(CD_SHAPE(2, 1, 2, 2), 3));
    assert_close(element(cd_module_tensor(m, "running_mean"), 0), 0.3 + 0.27, 1e-6, 0);
    assert_close(element(cd_module_tensor(m, "running_var"), 0), 0.81, 1e-6, 0);
    assert_int_equal(cd_item_int(cd_module_tensor(m, "num_batches_tracked")), 2);
}

static void zero_momentum_leaves_the_statistics(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_batch_norm2d(1, .momentum = CD_ZERO);
    assert_non_null(cd_forward(m, cd_full(CD_SHAPE(2, 1, 2, 2), 3)));
    assert_close(element(cd_module_tensor(m, "running_mean"), 0), 0, 0, 0);
    assert_int_equal(cd_item_int(cd_module_tensor(m, "num_batches_tracked")), 1);
}

static void failed_batch_is_not_counted(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_batch_norm2d(3);
    assert_null(cd_forward(m, cd_ones(CD_SHAPE(2, 4, 2, 2))));
    assert_int_equal(cd_error_code(), CD_ERR_SHAPE);
    cd_clear_error();
    assert_null(cd_forward(m, cd_ones(CD_SHAPE(2, 3))));
    assert_failed_with(CD_ERR_SHAPE,
                       "BatchNorm2d: the input is 2x3, and N x C x H x W is expected");
    /* One value per channel has no variance. */
    assert_null(cd_forward(m, cd_ones(CD_SHAPE(1, 3, 1, 1))));
    cd_clear_error();
    assert_int_equal(cd_item_int(cd_module_tensor(m, "num_batches_tracked")), 0);
    assert_close(element(cd_module_tensor(m, "running_mean"), 0), 0, 0, 0);
}

/* --- initial values -----------------------------------------------------------------------------
 */

static void starts_as_in_pytorch(const char *name, cd_module *m)
{
    assert_near(cd_module_tensor(m, "weight"), golden("start.%s.weight", name), 1e-7, 0);
    assert_near(cd_module_tensor(m, "bias"), golden("start.%s.bias", name), 1e-7, 0);
}

static void linear_starts_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(0);
    starts_as_in_pytorch("linear", cd_nn_linear(3, 4));
    cd_manual_seed(0);
    starts_as_in_pytorch("linear_wide", cd_nn_linear(20, 2));
}

static void conv_starts_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_manual_seed(0);
    starts_as_in_pytorch("conv", cd_nn_conv2d(2, 3, 3));
    cd_manual_seed(0);
    starts_as_in_pytorch("conv_groups", cd_nn_conv2d(4, 4, 2, .groups = 2));
}

static void layers_come_in_f64_too(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_conv2d(1, 2, 2, .dtype = CD_F64),
                                    cd_nn_batch_norm2d(2, .dtype = CD_F64), cd_nn_flatten(),
                                    cd_nn_linear(8, 1, .dtype = CD_F64));
    cd_tensor *y = cd_forward(m, cd_ones(CD_SHAPE(2, 1, 3, 3), .dtype = CD_F64));
    assert_ok();
    assert_int_equal(cd_dtype_of(y), CD_F64);
}

static void linear_without_inputs_gives_its_bias(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *y = cd_forward(cd_nn_linear(0, 2), cd_ones(CD_SHAPE(3, 0)));
    assert_near(y, cd_zeros(CD_SHAPE(3, 2)), 0, 0);
}

/* --- init ---------------------------------------------------------------------------------------
 */

static void init_writes_outside_any_graph(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *t = cd_zeros(CD_SHAPE(4, 5), .requires_grad = true);
    uint32_t version = cd_version(t);
    assert_ptr_equal(cd_init_constant_(t, 3), t);
    assert_close(element(t, 7), 3, 0, 0);
    assert_ptr_equal(cd_init_uniform_(t, -1, 1), t);
    assert_ptr_equal(cd_init_normal_(t, 0, 1), t);
    assert_ptr_equal(cd_init_kaiming_normal_(t, 0, CD_FAN_OUT), t);
    assert_int_equal(cd_version(t), version + 4);
    assert_true(cd_is_leaf(t));
    assert_true(cd_grad_enabled()); /* the mode is restored */
    CD_NO_GRAD();
    assert_non_null(cd_init_constant_(t, 3));
    assert_non_null(cd_init_uniform_(t, -1, 1));
    assert_non_null(cd_init_normal_(t, 0, 1));
    assert_non_null(cd_init_kaiming_normal_(t, 0, CD_FAN_OUT));
    assert_false(cd_grad_enabled());
}

static void kaiming_spreads_by_the_fan(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_manual_seed(1);
    cd_tensor *t = cd_zeros(CD_SHAPE(64, 16, 3, 3));
    assert_non_null(cd_init_kaiming_normal_(t, 0, CD_FAN_OUT));
    assert_close(cd_item(cd_mean(cd_pow(t, 2))), 2.0 / (64 * 9), 0.05, 0);
    assert_non_null(cd_init_kaiming_uniform_(t, sqrt(5), CD_FAN_IN));
    assert_close(cd_item(cd_mean(cd_pow(t, 2))), 1.0 / (16 * 9) / 3, 0.05, 0);
}

/* Random numbers are drawn in the order of memory, as in PyTorch. */
static void init_fills_a_view(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *y = cd_zeros(CD_SHAPE(2, 3));
    cd_manual_seed(4);
    assert_non_null(cd_init_uniform_(cd_t(x), 0, 1));
    cd_manual_seed(4);
    assert_non_null(cd_init_uniform_(y, 0, 1));
    assert_near(x, y, 0, 0);
}

static void init_refuses_what_it_cannot_fill(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_init_uniform_(cd_arange(3), 0, 1));
    assert_failed_with(CD_ERR_DTYPE, "init_uniform_: only floating tensors");
    assert_null(cd_init_kaiming_normal_(cd_ones(CD_SHAPE(3)), 0, CD_FAN_IN));
    assert_failed_with(CD_ERR_SHAPE, "(3) must have 2 dimensions or more, out x in");
    assert_null(cd_init_kaiming_normal_(cd_ones(CD_SHAPE(3, 0)), 0, CD_FAN_IN));
    assert_failed_with(CD_ERR_SHAPE, "the fan is 0");
    assert_null(cd_init_kaiming_uniform_(cd_ones(CD_SHAPE(3, 2)), INFINITY, CD_FAN_IN));
    assert_failed_with(CD_ERR_ARGUMENT, "the slope is inf");
    assert_null(cd_init_normal_(cd_ones(CD_SHAPE(3)), 0, -1));
    assert_int_equal(cd_error_code(), CD_ERR_ARGUMENT);
    cd_clear_error();
    assert_null(cd_init_constant_(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "init_constant_: the tensor is NULL");
}

/* --- printed ------------------------------------------------------------------------------------
 */

/* The expected texts are str(module) of PyTorch 2.15. */
static void layers_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(cd_nn_linear(512, 1000), "Linear(in_features=512, out_features=1000, bias=True)\n");
    prints(cd_nn_linear(2, 1, .no_bias = true),
           "Linear(in_features=2, out_features=1, bias=False)\n");
    prints(cd_nn_conv2d(3, 64, 7), "Conv2d(3, 64, kernel_size=(7, 7), stride=(1, 1))\n");
    prints(cd_nn_conv2d(4, 6, 3, .stride = 2, .padding = 1, .dilation = 2, .groups = 2,
                        .no_bias = true),
           "Conv2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), "
           "groups=2, bias=False)\n");
    prints(cd_nn_batch_norm2d(8, .eps = 1e-3, .momentum = CD_ZERO),
           "BatchNorm2d(8, eps=0.001, momentum=0.0, affine=True, bias=True, "
           "track_running_stats=True)\n");
    prints(cd_nn_max_pool2d(3, .ceil_mode = true),
           "MaxPool2d(kernel_size=3, stride=3, padding=0, dilation=1, ceil_mode=True)\n");
    prints(cd_nn_adaptive_avg_pool2d(1, 2), "AdaptiveAvgPool2d(output_size=(1, 2))\n");
    prints(cd_nn_flatten(), "Flatten(start_dim=1, end_dim=-1)\n");
    prints(cd_nn_mse_loss(), "MSELoss()\n");
    prints(cd_nn_cross_entropy_loss(), "CrossEntropyLoss()\n");
    prints(cd_nn_bce_with_logits_loss(), "BCEWithLogitsLoss()\n");
}

/* --- misuse -------------------------------------------------------------------------------------
 */

static void linear_refuses_negative_sizes(void **state)
{
    (void)state;
    assert_null(cd_nn_linear(3, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_linear: out_features is -1, and must be 0 or more");
    assert_null(cd_nn_linear(INT64_MAX / 2, 8));
    cd_clear_error();
    assert_null(cd_nn_linear(3, 1, .dtype = CD_I64));
    assert_int_equal(cd_error_code(), CD_ERR_DTYPE);
    cd_clear_error();
}

static void conv_refuses_wrong_sizes(void **state)
{
    (void)state;
    assert_null(cd_nn_conv2d(0, 1, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv2d: in_channels is 0, and must be 1 or more");
    assert_null(cd_nn_conv2d(1, 1, 1, .padding = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".padding is -1, and must be 0 or more");
    assert_null(cd_nn_conv2d(4, 6, 3, .groups = 4));
    assert_failed_with(CD_ERR_ARGUMENT, "4 groups do not divide 4 and 6 channels");
    assert_null(cd_nn_conv2d(1, 1, INT64_MAX / 2));
    assert_int_not_equal(cd_error_code(), CD_OK);
    cd_clear_error();
}

static void batch_norm_refuses_what_is_no_number(void **state)
{
    (void)state;
    assert_null(cd_nn_batch_norm2d(0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_batch_norm2d: features is 0");
    assert_null(cd_nn_batch_norm2d(2, .eps = NAN));
    assert_failed_with(CD_ERR_ARGUMENT, ".eps is nan, and must be finite and 0 or more");
    assert_null(cd_nn_batch_norm2d(2, .eps = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".eps is -1");
    assert_null(cd_nn_batch_norm2d(2, .momentum = 1.5));
    assert_failed_with(CD_ERR_ARGUMENT, ".momentum is 1.5, and must be from 0 to 1");
    assert_null(cd_nn_batch_norm2d(2, .momentum = NAN));
    assert_failed_with(CD_ERR_ARGUMENT, ".momentum is nan");
    assert_null(cd_nn_batch_norm2d(2, .dtype = CD_I64));
    assert_failed_with(CD_ERR_DTYPE, "must be floating");
}

static void pools_refuse_wrong_sizes(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_nn_max_pool2d(0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_max_pool2d: kernel is 0, and must be 1 or more");
    assert_null(cd_nn_max_pool2d(3, .padding = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "half the kernel");
    cd_tensor *x = cd_ones(CD_SHAPE(1, 1, 4, 4)), *indices = NULL;
    assert_null(cd_nn_max_pool2d(3, .x = x));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_max_pool2d: .x is for the function cd_max_pool2d");
    assert_null(cd_nn_max_pool2d(3, .indices = &indices));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_max_pool2d: .indices is for the function");
    assert_null(cd_nn_adaptive_avg_pool2d(-2, 1));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "nn_adaptive_avg_pool2d: output[0] is -2, and must be -1 or more");
}

static void sequential_names_the_missing_module(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_nn_sequential(cd_nn_relu(), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_sequential: module 1 is NULL");
    assert_null(cd_nn_sequential_n(NULL, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "2 modules, and the list is NULL");
    assert_null(cd_nn_sequential_n(NULL, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "-1 modules");
    assert_null(cd_nn_sequential(cd_nn_relu(), cd_nn_conv2d(0, 1, 1)));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_conv2d"); /* the first error, not one that it caused */
}

static void empty_sequential_hands_its_input_on(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_ptr_equal(cd_forward(cd_nn_sequential_n(NULL, 0), x), x);
}

/* --- losses -------------------------------------------------------------------------------------
 */

static void mse_module_is_the_function(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(3, 2)), *y = cd_randn(CD_SHAPE(3, 2));
    assert_near(cd_forward(cd_nn_mse_loss(), x, y), cd_mse_loss(x, y), 0, 0);
    assert_near(cd_forward(cd_nn_mse_loss(.reduction = CD_SUM), x, y),
                cd_mse_loss(x, y, .reduction = CD_SUM), 0, 0);
}

static void cross_entropy_module_is_the_function(void **state)
{
    (void)state;
    CD_SCOPE();
    const int64_t classes[] = { 0, 2, 1 };
    cd_tensor *x = cd_randn(CD_SHAPE(3, 3)), *w = cd_rand(CD_SHAPE(3));
    cd_tensor *y = cd_from_array(classes, CD_SHAPE(3), .dtype = CD_I64);
    cd_module *m = cd_nn_cross_entropy_loss(.weight = w, .ignore = true, .ignore_index = 2);
    assert_near(cd_forward(m, x, y),
                cd_cross_entropy(x, y, .weight = w, .ignore = true, .ignore_index = 2), 0, 0);
    assert_ptr_equal(cd_module_tensor(m, "weight"), w);
    assert_int_equal(cd_num_parameters(m), 0);
}

static void bce_module_is_the_function(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(3, 2)), *y = cd_rand(CD_SHAPE(3, 2));
    cd_tensor *p = cd_rand(CD_SHAPE(2)), *w = cd_rand(CD_SHAPE(2));
    cd_module *m = cd_nn_bce_with_logits_loss(.pos_weight = p, .weight = w, .reduction = CD_SUM);
    assert_near(cd_forward(m, x, y),
                cd_binary_cross_entropy_with_logits(x, y, .pos_weight = p, .weight = w,
                                                    .reduction = CD_SUM),
                0, 0);
}

static void losses_refuse_options_of_others(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = cd_ones(CD_SHAPE(2));
    assert_null(cd_nn_mse_loss(.weight = w));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_mse_loss: weight");
    assert_null(cd_nn_cross_entropy_loss(.pos_weight = w));
    assert_failed_with(CD_ERR_ARGUMENT, "pos_weight is not for this loss");
    assert_null(cd_nn_bce_with_logits_loss(.ignore = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_bce_with_logits_loss: ignore is not for this loss");
    assert_null(cd_nn_cross_entropy_loss(.ignore_index = 3));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_cross_entropy_loss: .ignore_index is 3");
    assert_null(cd_nn_bce_with_logits_loss(.ignore_index = 3));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_bce_with_logits_loss: .ignore_index is 3");
}

static void losses_refuse_what_forward_gets(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_null(cd_nn_mse_loss(.input = x));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_mse_loss: inputs are given to cd_forward");
    assert_null(cd_nn_cross_entropy_loss_with((cd_loss_options){ .target = x }));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_cross_entropy_loss: inputs are given");
    assert_null(cd_nn_bce_with_logits_loss_with((cd_loss_options){ .input = x, .target = x }));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_bce_with_logits_loss: inputs are given");
}

static void losses_refuse_unknown_reductions(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_nn_mse_loss(.reduction = (cd_reduction)9));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "nn_mse_loss: .reduction is 9, and must be CD_MEAN, CD_SUM or CD_NONE");
    assert_null(cd_nn_cross_entropy_loss(.reduction = (cd_reduction)3));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_cross_entropy_loss: .reduction is 3");
    assert_null(cd_nn_bce_with_logits_loss(.reduction = (cd_reduction)-1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_bce_with_logits_loss: .reduction is -1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(linear_agrees_with_pytorch),
        TEST(linear_takes_more_dimensions_and_no_bias),
        TEST(conv_with_stride_and_groups_agrees_with_pytorch),
        TEST(dilated_conv_agrees_with_pytorch),
        TEST(batch_norm_in_training_agrees_with_pytorch),
        TEST(batch_norm_in_evaluation_agrees_with_pytorch),
        TEST(relu_agrees_with_pytorch),
        TEST(max_pool_agrees_with_pytorch),
        TEST(max_pool_in_ceil_mode_agrees_with_pytorch),
        TEST(max_pool_hands_its_options_on),
        TEST(adaptive_average_agrees_with_pytorch),
        TEST(flatten_agrees_with_pytorch),
        TEST(batch_norm_moves_its_statistics_without_gradients_too),
        TEST(zero_momentum_leaves_the_statistics),
        TEST(failed_batch_is_not_counted),
        TEST(linear_starts_as_in_pytorch),
        TEST(conv_starts_as_in_pytorch),
        TEST(layers_come_in_f64_too),
        TEST(linear_without_inputs_gives_its_bias),
        TEST(init_writes_outside_any_graph),
        TEST(kaiming_spreads_by_the_fan),
        TEST(init_fills_a_view),
        TEST(init_refuses_what_it_cannot_fill),
        TEST(layers_print_as_in_pytorch),
        TEST(linear_refuses_negative_sizes),
        TEST(conv_refuses_wrong_sizes),
        TEST(batch_norm_refuses_what_is_no_number),
        TEST(pools_refuse_wrong_sizes),
        TEST(sequential_names_the_missing_module),
        TEST(empty_sequential_hands_its_input_on),
        TEST(mse_module_is_the_function),
        TEST(cross_entropy_module_is_the_function),
        TEST(bce_module_is_the_function),
        TEST(losses_refuse_options_of_others),
        TEST(losses_refuse_what_forward_gets),
        TEST(losses_refuse_unknown_reductions),
    };
    return RUN(tests);
}
