/* Layers of nn/layers.h beyond those of test_layers.c, and what their functions do that a golden
 * case cannot show: which tensor is returned, what is drawn, warnings. */
#include "goldens.h"
#include "modules.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"

#include "autograd/layer_ops.h"
#include "core/random.h"
#include "nn/layers.h"

/* --- dropout ---------------------------------------------------------------------------------- */

/* The next number of the default generator tells whether something was drawn in between. */
static double next_number(void)
{
    return cd_item(cd_rand(CD_SHAPE(1), .dtype = CD_F64));
}

static void nothing_to_drop_gives_the_input(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *whole = cd_arange(3), *empty = cd_ones(CD_SHAPE(0));
    cd_manual_seed(1);
    assert_ptr_equal(cd_dropout(x, .eval = true), x);
    assert_ptr_equal(cd_dropout(x, .p = CD_ZERO), x);
    assert_ptr_equal(cd_dropout_(x, .p = CD_ZERO), x);
    assert_ptr_equal(cd_dropout(empty), empty);
    assert_ptr_equal(cd_dropout(whole, .eval = true), whole);
    assert_ptr_equal(cd_alpha_dropout_(x, .eval = true), x);
    assert_int_equal(cd_version(x), 0);
    assert_non_null(cd_dropout(x, .p = 1));
    assert_non_null(cd_alpha_dropout(x, .p = 1));
    double after = next_number();
    cd_manual_seed(1);
    assert_close(next_number(), after, 0, 0);
}

/* 0 times NaN and infinity is NaN, as in PyTorch; so is what p = 1 drops. */
static void dropped_nan_stays_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    const float values[] = { NAN, INFINITY, -1, 0 };
    cd_tensor *x = cd_from_array(values, CD_SHAPE(4)), *y = cd_dropout(x, .p = 1);
    assert_true(isnan(element(y, 0)) && isnan(element(y, 1)));
    assert_true(element(y, 2) == 0 && signbit(element(y, 2)));
    assert_true(element(y, 3) == 0 && !signbit(element(y, 3)));
    y = cd_alpha_dropout(x, .p = 1);
    assert_true(isnan(element(y, 0)) && element(y, 2) == 0 && signbit(element(y, 2)));
}

static void dropout_in_place_changes_the_input(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(40)), *again = cd_ones(CD_SHAPE(40));
    cd_manual_seed(2);
    assert_ptr_equal(cd_dropout_(x, .p = 0.25), x);
    assert_int_equal(cd_version(x), 1);
    cd_manual_seed(2);
    assert_near(cd_dropout(again, .p = 0.25), x, 0, 0);
    assert_int_equal(cd_version(again), 0);
}

static void expect_module(cd_module *m, const char *printed, cd_tensor *x,
                          cd_tensor *(*function)(cd_dropout_options options))
{
    CD_SCOPE();
    prints(m, printed);
    cd_manual_seed(3);
    cd_tensor *y = cd_forward(m, x);
    cd_manual_seed(3);
    assert_near(y, function((cd_dropout_options){ .x = x, .p = 0.25 }), 0, 0);
    assert_true(cd_eval(m));
    assert_near(cd_forward(m, x), x, 0, 0);
}

static void dropout_modules_follow_the_mode(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 4, 3)), *planes = cd_unsqueeze(x, -1);
    cd_tensor *volumes = cd_unsqueeze(planes, -1);
    expect_module(cd_nn_dropout(0.25), "Dropout(p=0.25, inplace=False)\n", x, cd_dropout_with);
    expect_module(cd_nn_dropout1d(0.25), "Dropout1d(p=0.25, inplace=False)\n", x,
                  cd_dropout1d_with);
    expect_module(cd_nn_dropout2d(0.25), "Dropout2d(p=0.25, inplace=False)\n", planes,
                  cd_dropout2d_with);
    expect_module(cd_nn_dropout3d(0.25), "Dropout3d(p=0.25, inplace=False)\n", volumes,
                  cd_dropout3d_with);
    expect_module(cd_nn_alpha_dropout(0.25), "AlphaDropout(p=0.25, inplace=False)\n", x,
                  cd_alpha_dropout_with);
    expect_module(cd_nn_feature_alpha_dropout(0.25), "FeatureAlphaDropout(p=0.25, inplace=False)\n",
                  x, cd_feature_alpha_dropout_with);
    prints(cd_nn_dropout(0, .inplace = true), "Dropout(p=0.0, inplace=True)\n");
    cd_module *m = cd_nn_dropout(0.5, .inplace = true);
    cd_tensor *changed = cd_ones(CD_SHAPE(9));
    assert_ptr_equal(cd_forward(m, changed), changed);
    assert_near(cd_forward(cd_nn_dropout(0), x), x, 0, 0);
    assert_null(cd_nn_dropout(1.5));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_dropout: p is 1.5, and must be from 0 to 1");
    assert_null(cd_nn_dropout2d(NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_dropout2d: p is nan");
}

static int warnings;

static void count_warnings(cd_log_level level, const char *message, void *user)
{
    (void)user;
    warnings += level == CD_LOG_WARNING && strstr(message, "should have 4 or 5 dimensions");
}

static void odd_dimensions_are_warned_of(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3, 2));
    cd_set_logger(count_warnings, NULL);
    warnings = 0;
    assert_non_null(cd_dropout3d(x));
    assert_int_equal(warnings, 1);
    assert_non_null(cd_dropout3d(cd_unsqueeze(x, 0)));
    assert_non_null(cd_dropout2d(x));
    assert_int_equal(warnings, 1);
    cd_set_logger(NULL, NULL);
}

/* --- layer norm and RMS norm ------------------------------------------------------------------ */

static void norms_start_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_layer_norm(CD_SHAPE(2, 3));
    prints(m, "LayerNorm((2, 3), eps=1e-05, elementwise_affine=True, bias=True)\n");
    assert_near(cd_module_tensor(m, "weight"), cd_ones(CD_SHAPE(2, 3)), 0, 0);
    assert_near(cd_module_tensor(m, "bias"), cd_zeros(CD_SHAPE(2, 3)), 0, 0);
    m = cd_nn_layer_norm(CD_SHAPE(6), .no_bias = true, .eps = CD_ZERO);
    prints(m, "LayerNorm((6,), eps=0.0, elementwise_affine=True, bias=False)\n");
    prints(cd_nn_layer_norm(CD_SHAPE(6), .no_affine = true),
           "LayerNorm((6,), eps=1e-05, elementwise_affine=False, bias=False)\n");
    prints(cd_nn_group_norm(2, 6), "GroupNorm(2, 6, eps=1e-05, affine=True, bias=True)\n");
    prints(cd_nn_group_norm(2, 6, .no_affine = true),
           "GroupNorm(2, 6, eps=1e-05, affine=False, bias=False)\n");
    assert_null(cd_nn_group_norm(4, 6));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_group_norm: 4 groups do not divide 6 channels");
    m = cd_nn_rms_norm(CD_SHAPE(6));
    prints(m, "RMSNorm((6,), eps=None, elementwise_affine=True)\n");
    assert_near(cd_module_tensor(m, "weight"), cd_ones(CD_SHAPE(6)), 0, 0);
    prints(cd_nn_rms_norm(CD_SHAPE(2, 3), .eps = 1e-3, .no_affine = true),
           "RMSNorm((2, 3), eps=0.001, elementwise_affine=False)\n");
    prints(cd_nn_rms_norm(CD_SHAPE(6), .eps = CD_ZERO),
           "RMSNorm((6,), eps=0.0, elementwise_affine=True)\n");
}

static void norms_refuse_wrong_options(void **state)
{
    (void)state;
    assert_null(cd_nn_layer_norm(CD_SCALAR));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_layer_norm: shape has 0 dimensions");
    assert_null(cd_nn_rms_norm(CD_SHAPE(2, -1)));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_rms_norm: shape[1] is -1, and must be 0 or more");
    assert_null(cd_nn_rms_norm(CD_SHAPE(2), .eps = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_rms_norm: .eps is -1");
    assert_null(cd_nn_layer_norm(CD_SHAPE(2), .dtype = CD_I64));
    assert_failed_with(CD_ERR_DTYPE, "must be floating");
}

/* Rows of many sizes, also such that they are several pieces of work, against the same in ops: the
 * values, and the gradients of all inputs. */
static void rows_agree_with_ops(int64_t rows, int64_t size, bool centred, cd_dtype dtype)
{
    CD_SCOPE();
    const double near = dtype == CD_F32 ? 2e-5 : 1e-12;
    cd_tensor *x[2], *w[2], *b[2], *y[2];
    cd_tensor *g = cd_randn(CD_SHAPE(rows, size), .dtype = dtype);
    x[0] = cd_add(cd_randn(CD_SHAPE(rows, size), .dtype = dtype), 2);
    w[0] = cd_randn(CD_SHAPE(size), .dtype = dtype);
    b[0] = cd_randn(CD_SHAPE(size), .dtype = dtype);
    for (int k = 0; k < 2; k++) {
        x[k] = cd_set_requires_grad(cd_detach(cd_to(cd_clone(x[0]), k ? CD_F64 : dtype)), true);
        w[k] = cd_set_requires_grad(cd_detach(cd_to(cd_clone(w[0]), k ? CD_F64 : dtype)), true);
        b[k] = cd_set_requires_grad(cd_detach(cd_to(cd_clone(b[0]), k ? CD_F64 : dtype)), true);
    }
    y[0] = centred ? cd_layer_norm(x[0], CD_SHAPE(size), .weight = w[0], .bias = b[0])
                   : cd_rms_norm(x[0], CD_SHAPE(size), .weight = w[0], .eps = 1e-5);
    cd_tensor *off = centred ? cd_sub(x[1], cd_mean_dim(x[1], 1, .keepdim = true)) : x[1];
    cd_tensor *var = cd_mean_dim(cd_mul(off, off), 1, .keepdim = true);
    y[1] = cd_mul(cd_mul(off, cd_pow(cd_add(var, 1e-5), -0.5)), w[1]);
    if (centred) y[1] = cd_add(y[1], b[1]);
    assert_true(cd_backward(y[0], .gradient = g));
    assert_true(cd_backward(y[1], .gradient = cd_to(g, CD_F64)));
    assert_near(cd_to(y[0], CD_F64), y[1], near, near);
    assert_near(cd_to(cd_grad(x[0]), CD_F64), cd_grad(x[1]), near, near);
    assert_near(cd_to(cd_grad(w[0]), CD_F64), cd_grad(w[1]), near, near * sqrt((double)rows));
    if (!centred) return;
    assert_near(cd_to(cd_grad(b[0]), CD_F64), cd_grad(b[1]), near, near * sqrt((double)rows));
}

static void rows_of_many_sizes(void **state)
{
    (void)state;
    const int64_t sizes[][2] = { { 1, 1 },   { 3, 15 },    { 2, 16 },    { 5, 17 },
                                 { 7, 100 }, { 200, 700 }, { 3000, 33 }, { 3, 40000 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        rows_agree_with_ops(sizes[i][0], sizes[i][1], true, CD_F32);
        rows_agree_with_ops(sizes[i][0], sizes[i][1], true, CD_F64);
        rows_agree_with_ops(sizes[i][0], sizes[i][1], false, CD_F32);
        rows_agree_with_ops(sizes[i][0], sizes[i][1], false, CD_F64);
    }
}

/* A mean far larger than the deviation: sums of squares would lose the variance. */
static void a_large_mean_does_not_hide_the_variance(void **state)
{
    (void)state;
    CD_SCOPE();
    const float values[] = { 100001, 99999, 100001, 99999 }, right[] = { 1, -1, 1, -1 };
    cd_tensor *x = cd_from_array(values, CD_SHAPE(4));
    assert_near(cd_layer_norm(x, CD_SHAPE(4)), cd_from_array(right, CD_SHAPE(4)), 1e-5, 0);
    cd_tensor *same = cd_full(CD_SHAPE(1000), 0.1);
    assert_near(cd_layer_norm(same, CD_SHAPE(1000), .eps = 1e-30), cd_zeros_like(same), 0, 0);
}

/* A NaN or an infinity makes its row NaN, and no other, as in PyTorch; an infinity in rms_norm
 * makes 0 of the finite elements of its row. */
static void nan_stays_in_its_row(void **state)
{
    (void)state;
    CD_SCOPE();
    const float values[] = { 1, NAN, 2, 3, INFINITY, 1, 1, 2, 4 };
    cd_tensor *x = cd_from_array(values, CD_SHAPE(3, 3)), *y = cd_layer_norm(x, CD_SHAPE(3));
    for (int i = 0; i < 9; i++) assert_int_equal(isnan(element(y, i)) != 0, i < 6);
    y = cd_rms_norm(x, CD_SHAPE(3));
    for (int i = 0; i < 9; i++) assert_int_equal(isnan(element(y, i)) != 0, i < 3 || i == 4);
    assert_close(element(y, 3), 0, 0, 0);
}

/* --- embedding -------------------------------------------------------------------------------- */

/* The numbers that torch.nn.Embedding(3, 4, padding_idx=1) draws from seed 0. */
static void embedding_starts_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    const float drawn[] = { 1.54099607F,   -0.293428868F, -2.17878938F,  0.568431258F, 0, 0, 0, 0,
                            -0.719257653F, -0.403343529F, -0.596635699F, 0.182036489F };
    cd_manual_seed(0);
    cd_module *m = cd_nn_embedding(3, 4, .padding = true, .padding_idx = -2);
    cd_tensor *weight = cd_module_tensor(m, "weight");
    assert_near(weight, cd_from_array(drawn, CD_SHAPE(3, 4)), 1e-6, 0);
    assert_true(cd_requires_grad(weight));
    prints(m, "Embedding(3, 4, padding_idx=1)\n");
    prints(cd_nn_embedding(3, 4), "Embedding(3, 4)\n");
    prints(cd_nn_embedding(3, 4, .padding = true, .scale_grad_by_freq = true),
           "Embedding(3, 4, padding_idx=0, scale_grad_by_freq=True)\n");
    cd_tensor *y = cd_forward(m, cd_from_array(((int64_t[]){ 1, 2, 2 }), CD_SHAPE(3)));
    assert_true(cd_backward(cd_sum(y)));
    for (int i = 0; i < 12; i++) assert_close(element(cd_grad(weight), i), i < 8 ? 0 : 2, 0, 0);
}

static void embedding_from_pretrained_shares_its_weight(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = cd_randn(CD_SHAPE(4, 2)), *index = cd_arange(3);
    cd_module *m = cd_nn_embedding_from_pretrained(w);
    assert_false(cd_requires_grad(cd_module_tensor(m, "weight")));
    assert_ptr_equal(cd_data(cd_module_tensor(m, "weight")), cd_data(w));
    assert_near(cd_forward(m, index), cd_slice(w, 0, 0, 3, 1), 0, 0);
    assert_false(cd_requires_grad(w));
    m = cd_nn_embedding_from_pretrained(w, .unfrozen = true, .padding = true);
    assert_true(cd_requires_grad(cd_module_tensor(m, "weight")));
    prints(m, "Embedding(4, 2, padding_idx=0)\n");
    assert_near(cd_module_tensor(m, "weight"), w, 0, 0); /* the padding's row stays as it is */
}

static void embedding_refuses_wrong_options(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_null(cd_nn_embedding(3, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_embedding: embedding_dim is -1");
    assert_null(cd_nn_embedding(3, 4, .padding = true, .padding_idx = 3));
    assert_failed_with(CD_ERR_ARGUMENT, ".padding_idx is 3, and there are 3 rows");
    assert_null(cd_nn_embedding(3, 4, .padding_idx = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "only looked at with .padding = true");
    assert_null(cd_nn_embedding_from_pretrained(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "weight is NULL");
    assert_null(cd_nn_embedding_from_pretrained(cd_arange(3)));
    assert_failed_with(CD_ERR_SHAPE, "must be a floating matrix, and is 3 of int64");
}

/* --- batch norm ------------------------------------------------------------------------------- */

static void batch_norms_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(cd_nn_batch_norm1d(3), "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, "
                                  "track_running_stats=True)\n");
    prints(cd_nn_batch_norm3d(3, .no_affine = true, .no_tracking = true, .momentum = CD_CUMULATIVE),
           "BatchNorm3d(3, eps=1e-05, momentum=None, affine=False, bias=False, "
           "track_running_stats=False)\n");
    cd_module *m = cd_nn_batch_norm2d(3, .no_bias = true);
    prints(m, "BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=False, "
              "track_running_stats=True)\n");
    assert_null(cd_nn_batch_norm1d(3, .momentum = -0.5));
    assert_failed_with(CD_ERR_ARGUMENT, ".momentum is -0.5, and must be from 0 to 1");
}

/* The running mean is that of all batches: of 1, 3 and 8 it is 4. */
static void cumulative_momentum_is_the_mean_of_all_batches(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_batch_norm1d(1, .momentum = CD_CUMULATIVE);
    const double batches[] = { 1, 3, 8 }, means[] = { 1, 2, 4 };
    for (int i = 0; i < 3; i++) {
        assert_non_null(cd_forward(m, cd_full(CD_SHAPE(2, 1), batches[i])));
        assert_close(element(cd_module_tensor(m, "running_mean"), 0), means[i], 1e-6, 0);
    }
    assert_true(cd_eval(m));
    assert_near(cd_forward(m, cd_full(CD_SHAPE(2, 1), 4)), cd_zeros(CD_SHAPE(2, 1)), 1e-5, 1e-5);
    assert_close(element(cd_module_tensor(m, "running_mean"), 0), 4, 1e-6, 0);
    assert_int_equal(cd_item_int(cd_module_tensor(m, "num_batches_tracked")), 3);
}

static void untracked_batch_norm_uses_the_batch_in_evaluation_too(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_batch_norm1d(3, .no_tracking = true);
    cd_tensor *x = cd_randn(CD_SHAPE(4, 3)), *y = cd_forward(m, x);
    assert_true(cd_eval(m));
    assert_near(cd_forward(m, x), y, 0, 0);
    assert_null(cd_forward(cd_nn_batch_norm1d(3), cd_ones(CD_SHAPE(2, 3, 1, 1))));
    assert_failed_with(CD_ERR_SHAPE, "BatchNorm1d: the input is 2x3x1x1, and N x C or N x C x L");
    assert_null(cd_forward(cd_nn_batch_norm3d(3), x));
    assert_failed_with(CD_ERR_SHAPE, "BatchNorm3d: the input is 4x3, and N x C x D x H x W");
}

/* --- pools ------------------------------------------------------------------------------------ */

static void pools_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    prints(
        cd_nn_max_pool2d(2, .kernel_w = 3),
        "MaxPool2d(kernel_size=(2, 3), stride=(2, 3), padding=0, dilation=1, ceil_mode=False)\n");
    prints(cd_nn_max_pool2d(2, .padding = 1, .padding_w_is_zero = true, .dilation_w = 2),
           "MaxPool2d(kernel_size=2, stride=2, padding=(1, 0), dilation=(1, 2), "
           "ceil_mode=False)\n");
    prints(cd_nn_avg_pool2d(2), "AvgPool2d(kernel_size=2, stride=2, padding=0)\n");
    prints(cd_nn_avg_pool2d(2, .kernel_w = 3, .stride = 1, .stride_w = 2, .ceil_mode = true),
           "AvgPool2d(kernel_size=(2, 3), stride=(1, 2), padding=0)\n");
    prints(cd_nn_avg_pool1d(2), "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))\n");
    prints(cd_nn_max_pool1d(2),
           "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n");
    prints(cd_nn_adaptive_avg_pool2d(-1, 3), "AdaptiveAvgPool2d(output_size=(None, 3))\n");
    prints(cd_nn_adaptive_max_pool2d(2, 3), "AdaptiveMaxPool2d(output_size=(2, 3))\n");
    prints(cd_nn_adaptive_avg_pool1d(3), "AdaptiveAvgPool1d(output_size=3)\n");
    prints(cd_nn_adaptive_max_pool1d(3), "AdaptiveMaxPool1d(output_size=3)\n");
    prints(cd_nn_max_pool1d(2, .return_indices = true),
           "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n");
    prints(cd_nn_max_unpool1d(3, .stride = 2),
           "MaxUnpool1d(kernel_size=(3,), stride=(2,), padding=(0,))\n");
    prints(cd_nn_max_unpool2d(2, .kernel_w = 3, .stride = 2, .stride_w = 1, .padding_w = 1),
           "MaxUnpool2d(kernel_size=(2, 3), stride=(2, 1), padding=(0, 1))\n");
}

/* m, and a copy of it, give the indices beside y, and count two outputs. */
static void gives_indices(cd_module *m, cd_tensor *x, cd_tensor *y, cd_tensor *indices)
{
    cd_module *const each[] = { m, cd_module_copy(m), m->class_->make(cd_module_options(m)) };
    for (int i = 0; i < 3; i++) {
        cd_tensor *out[2] = { NULL, NULL };
        assert_true(cd_forward_n(each[i], &x, 1, out, 2));
        assert_near(out[0], y, 0, 0);
        assert_near(out[1], indices, 0, 0);
        assert_int_equal(cd_dtype_of(out[1]), CD_I64);
        assert_null(cd_forward(each[i], x));
        assert_failed_with(CD_ERR_ARGUMENT, "gives 2 outputs: use cd_forward_n");
        assert_false(cd_forward_n(each[i], &x, 1, out, 1));
        assert_failed_with(CD_ERR_ARGUMENT, "gives 2 outputs, and room for 1");
    }
}

static void pools_give_their_indices(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 6, 8)), *at = NULL,
              *y = cd_max_pool2d(x, 2, .indices = &at);
    gives_indices(cd_nn_max_pool2d(2, .return_indices = true), x, y, at);
    y = cd_max_pool1d(x, 3, .stride = 2, .indices = &at);
    gives_indices(cd_nn_max_pool1d(3, .stride = 2, .return_indices = true), x, y, at);
    y = cd_adaptive_max_pool2d(x, 4, 3, .indices = &at);
    gives_indices(cd_nn_adaptive_max_pool2d(4, 3, .return_indices = true), x, y, at);
    y = cd_adaptive_max_pool1d(x, 3, .indices = &at);
    gives_indices(cd_nn_adaptive_max_pool1d(3, .return_indices = true), x, y, at);
    assert_null(cd_max_pool2d(x, 2, .return_indices = true));
    assert_failed_with(CD_ERR_ARGUMENT, "max_pool2d: .return_indices is for the module");
    assert_null(cd_max_pool1d(x, 2, .return_indices = true));
    assert_failed_with(CD_ERR_ARGUMENT, "max_pool1d: .return_indices is for the module");
    assert_null(cd_adaptive_max_pool1d(x, 2, .return_indices = true));
    assert_failed_with(CD_ERR_ARGUMENT, "adaptive_max_pool1d: .return_indices is for the module");
    assert_null(cd_adaptive_max_pool2d(x, 2, 2, .return_indices = true));
    assert_failed_with(CD_ERR_ARGUMENT, "adaptive_max_pool2d: .return_indices is for the module");
    assert_null(cd_avg_pool1d(x, 2, .return_indices = true));
    assert_failed_with(CD_ERR_ARGUMENT, "avg_pool1d: .return_indices is for max_pool1d");
    assert_null(cd_forward(cd_nn_sequential(cd_nn_max_pool2d(2, .return_indices = true)), x));
    assert_failed_with(CD_ERR_ARGUMENT, "MaxPool2d gives 2 outputs");
}

static bool count_gradients(cd_module *m, const cd_module_gradients *g, void *user)
{
    (void)m;
    assert_int_equal(g->outputs, 2);
    assert_non_null(g->grad_output[0]);
    assert_null(g->grad_output[1]);
    ++*(int *)user;
    return true;
}

static void backward_hooks_of_a_pool_with_indices_run(void **state)
{
    (void)state;
    CD_SCOPE();
    int count = 0;
    cd_module *m = cd_nn_max_pool2d(2, .return_indices = true);
    cd_tensor *x = cd_randn(CD_SHAPE(1, 4, 4), .requires_grad = true), *out[2];
    assert_true(cd_register_full_backward_hook(m, count_gradients, .user = &count) > 0);
    assert_true(cd_forward_n(m, &x, 1, out, 2));
    assert_true(cd_backward(cd_sum(out[0])));
    assert_int_equal(count, 1);
    assert_close(cd_item(cd_sum(cd_grad(x))), 4, 0, 0);
}

static void unpools_are_those_of_the_functions(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *even = cd_randn(CD_SHAPE(2, 4, 6)), *x = cd_randn(CD_SHAPE(2, 5, 7)), *at = NULL;
    cd_module *m = cd_nn_max_unpool2d(2);
    cd_tensor *y = cd_max_pool2d(even, 2, .indices = &at);
    assert_near(cd_forward(m, y, at), cd_max_unpool2d(y, at, 2), 0, 0);
    y = cd_max_pool2d(x, 2, .indices = &at);
    assert_near(cd_forward_unpool(m, y, at, .output_size = CD_SHAPE(5, 7)),
                cd_max_unpool2d(y, at, 2, .output_size = CD_SHAPE(5, 7)), 0, 0);
    m = cd_nn_max_unpool1d(2);
    y = cd_max_pool1d(even, 2, .indices = &at);
    assert_near(cd_forward_unpool(m, y, at), cd_max_unpool1d(y, at, 2), 0, 0);
    y = cd_max_pool1d(x, 2, .indices = &at);
    assert_near(cd_forward_unpool(m, y, at, .output_size = cd_shape_of(x)),
                cd_max_unpool1d(y, at, 2, .output_size = CD_SHAPE(7)), 0, 0);
    assert_null(cd_forward_unpool(NULL, y, at));
    assert_failed_with(CD_ERR_ARGUMENT, "forward_unpool: the module is NULL");
    assert_null(cd_forward_unpool(cd_nn_relu(), y, at));
    assert_failed_with(CD_ERR_ARGUMENT, "forward_unpool: a ReLU is no MaxUnpool1d or MaxUnpool2d");
    assert_null(cd_forward_unpool(m, y, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the input is NULL");
    assert_null(cd_nn_max_unpool1d(0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_max_unpool1d: kernel[0] is 0, and must be 1 or more");
    assert_null(cd_nn_max_unpool2d(2, .stride = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".stride is -1, and must be 0 or more");
    assert_null(cd_nn_max_unpool2d(2, .padding_w = 1, .padding_w_is_zero = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_max_unpool2d: .padding_w is 1");
    assert_null(cd_nn_max_unpool2d(2, .output_size = CD_SHAPE(4, 4)));
    assert_failed_with(CD_ERR_ARGUMENT, "are given to cd_forward_unpool");
    assert_null(cd_nn_max_unpool1d(2, .x = x));
    assert_failed_with(CD_ERR_ARGUMENT, "are given to cd_forward_unpool");
}

static void pool_modules_refuse_wrong_options(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(1, 4, 4)), *indices = NULL;
    assert_null(cd_nn_max_pool2d(3, .kernel_w = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "kernel[1] is -1, and must be 1 or more");
    assert_null(cd_nn_max_pool2d(3, .kernel_w = 1, .padding = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "half the kernel, which is 1");
    assert_null(cd_nn_max_pool2d(3, .padding_w = 1, .padding_w_is_zero = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_max_pool2d: .padding_w is 1, and .padding_w_is_zero");
    assert_null(cd_nn_avg_pool2d(3, .padding_w = 1, .padding_w_is_zero = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_avg_pool2d: .padding_w is 1, and .padding_w_is_zero");
    assert_null(cd_nn_avg_pool2d(0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_avg_pool2d: kernel is 0");
    assert_null(cd_nn_avg_pool2d(2, .x = x));
    assert_failed_with(CD_ERR_ARGUMENT, ".x is for the function");
    assert_null(cd_nn_max_pool1d(2, .indices = &indices));
    assert_failed_with(CD_ERR_ARGUMENT, "it has no .x, .indices");
    assert_null(cd_nn_avg_pool1d(2, .dilation = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "it has no .x, .indices, .return_indices and .dilation");
    assert_null(cd_nn_adaptive_max_pool1d(-1));
    assert_failed_with(CD_ERR_ARGUMENT, "output is -1, and must be 0 or more");
}

/* --- layers of two inputs, and LPPool --------------------------------------------------------- */

/* PyTorch 2.15's numbers:
 *
 *     torch.manual_seed(4); m = nn.Bilinear(2, 3, 2); y = m(a, b); y.sum().backward() */
static void bilinear_is_pytorchs(void **state)
{
    (void)state;
    CD_SCOPE();
    const float weight[] = { 0.08434174209833145F,  0.08356927335262299F,  -0.5777672529220581F,
                             -0.41011741757392883F, -0.6969320774078369F,  -0.6520063281059265F,
                             0.6970582008361816F,   0.5842301845550537F,   0.16769607365131378F,
                             0.6708868741989136F,   -0.25609689950942993F, -0.40329375863075256F };
    const float bias[] = { 0.6028232574462891F, -0.03745228052139282F };
    const float left[] = { 1, 2, -1, 0.5F }, right[] = { 1, 0, 2, 3, -1, 1 };
    const float output[] = { -3.896629810333252F, 0.7235967516899109F, 0.41842129826545715F,
                             -0.7793609499931335F };
    const float slope[] = { -2, 1, 1, 3.5F, -0.5F, 4.5F, -2, 1, 1, 3.5F, -0.5F, 4.5F };
    cd_manual_seed(4);
    cd_module *m = cd_nn_bilinear(2, 3, 2);
    assert_close(cd_item(cd_rand(CD_SHAPE(1))), 0.5949457883834839, 0, 0);
    assert_near(cd_module_tensor(m, "weight"), cd_from_array(weight, CD_SHAPE(2, 2, 3)), 0, 0);
    assert_near(cd_module_tensor(m, "bias"), cd_from_array(bias, CD_SHAPE(2)), 0, 0);
    cd_tensor *a = cd_from_array(left, CD_SHAPE(2, 2)), *b = cd_from_array(right, CD_SHAPE(2, 3));
    cd_tensor *y = cd_forward(m, a, b);
    assert_near(y, cd_from_array(output, CD_SHAPE(2, 2)), 1e-6, 1e-6);
    assert_true(cd_backward(cd_sum(y)));
    assert_near(cd_grad(cd_module_tensor(m, "weight")), cd_from_array(slope, CD_SHAPE(2, 2, 3)), 0,
                1e-6);
    prints(m, "Bilinear(in1_features=2, in2_features=3, out_features=2, bias=True)\n");
    m = cd_nn_bilinear(2, 0, 4, .no_bias = true, .dtype = CD_F64);
    prints(m, "Bilinear(in1_features=2, in2_features=0, out_features=4, bias=False)\n");
    assert_null(cd_nn_bilinear(0, 3, 4));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_bilinear: in1_features is 0, and must be 1 or more");
    assert_null(cd_nn_bilinear(2, 3, 4, .dtype = CD_I64));
    assert_failed_with(CD_ERR_DTYPE, "int64");
}

static void distances_are_those_of_the_functions(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3)), *y = cd_randn(CD_SHAPE(2, 3));
    cd_module *cosine = cd_nn_cosine_similarity(), *distance = cd_nn_pairwise_distance();
    prints(cosine, "CosineSimilarity()\n");
    prints(distance, "PairwiseDistance()\n");
    assert_near(cd_forward(cosine, x, y), cd_cosine_similarity(x, y), 0, 0);
    assert_near(cd_forward(distance, x, y), cd_pairwise_distance(x, y), 0, 0);
    assert_near(cd_forward(cd_nn_cosine_similarity(.dims = CD_DIMS(-2)), x, y),
                cd_cosine_similarity(x, y, .dims = CD_DIMS(-2)), 0, 0);
    assert_near(cd_forward(cd_nn_pairwise_distance(.p = CD_ZERO), x, y),
                cd_pairwise_distance(x, y, .p = CD_ZERO), 0, 0);
    assert_null(cd_nn_cosine_similarity(.x1 = x));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_cosine_similarity: .x1 and .x2 are given");
    assert_null(cd_nn_cosine_similarity(.dims = CD_DIMS(0, 1)));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_cosine_similarity: 2 dimensions");
    assert_null(cd_nn_pairwise_distance(.x1 = x));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_pairwise_distance: .x1 and .x2 are given");
    assert_null(cd_nn_pairwise_distance(.p = NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_pairwise_distance: .p is nan");
}

static void lp_pools_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 5, 6));
    prints(cd_nn_lp_pool1d(2, 3),
           "LPPool1d(norm_type=2.0, kernel_size=3, stride=None, ceil_mode=False)\n");
    prints(cd_nn_lp_pool1d(2.5, 3, .stride = 2, .ceil_mode = true),
           "LPPool1d(norm_type=2.5, kernel_size=3, stride=2, ceil_mode=True)\n");
    cd_module *wide = cd_nn_lp_pool2d(INFINITY, 3, .kernel_w = 2);
    prints(wide, "LPPool2d(norm_type=inf, kernel_size=(3, 2), stride=None, ceil_mode=False)\n");
    assert_near(cd_forward(wide, x), cd_lp_pool2d(x, INFINITY, 3, .kernel_w = 2), 0, 0);
    cd_module *dense = cd_nn_lp_pool2d(2, 3, .stride_w = 1);
    prints(dense, "LPPool2d(norm_type=2.0, kernel_size=3, stride=(3, 1), ceil_mode=False)\n");
    assert_near(cd_forward(dense, x), cd_lp_pool2d(x, 2, 3, .stride_w = 1), 0, 0);
    assert_null(cd_nn_lp_pool2d(0, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_lp_pool2d: p is 0");
    assert_null(cd_nn_lp_pool2d(2, 3, .stride = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_lp_pool2d: .stride is -1, and must be 1 or more");
    assert_null(cd_nn_lp_pool2d(2, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_lp_pool2d: kernel is 0, and must be 1 or more");
    assert_null(cd_nn_lp_pool1d(2, 3, .kernel_w = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_lp_pool1d: .kernel_w");
    assert_null(cd_nn_lp_pool1d(2, 3, .x = x));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_lp_pool1d: .x is given to cd_forward");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_to_drop_gives_the_input),
        TEST(dropped_nan_stays_nan),
        TEST(dropout_in_place_changes_the_input),
        TEST(dropout_modules_follow_the_mode),
        TEST(odd_dimensions_are_warned_of),
        TEST(norms_start_as_in_pytorch),
        TEST(norms_refuse_wrong_options),
        TEST(rows_of_many_sizes),
        TEST(a_large_mean_does_not_hide_the_variance),
        TEST(nan_stays_in_its_row),
        TEST(pools_print_as_in_pytorch),
        TEST(pools_give_their_indices),
        TEST(backward_hooks_of_a_pool_with_indices_run),
        TEST(unpools_are_those_of_the_functions),
        TEST(pool_modules_refuse_wrong_options),
        TEST(batch_norms_print_as_in_pytorch),
        TEST(cumulative_momentum_is_the_mean_of_all_batches),
        TEST(untracked_batch_norm_uses_the_batch_in_evaluation_too),
        TEST(embedding_starts_as_in_pytorch),
        TEST(embedding_from_pretrained_shares_its_weight),
        TEST(embedding_refuses_wrong_options),
        TEST(bilinear_is_pytorchs),
        TEST(distances_are_those_of_the_functions),
        TEST(lp_pools_print_as_in_pytorch),
    };
    return RUN(tests);
}
