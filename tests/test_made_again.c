/* Objects made again from their saved options: every module, loss, optimizer, schedule and model
 * computes what the first one computes. */
#include "goldens.h"

#include "autograd/order_ops.h"
#include "autograd/product_ops.h"
#include "core/memory_internal.h"
#include "models/card.h"
#include "models/model_class_internal.h"
#include "models/models.h"
#include "modules.h"
#include "options_json.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/scheduler_internal.h"

/* --- objects made again from their options ---------------------------------------------------- */

/* A line for each tensor of a module: its name, dtype and shape. */
static bool list_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    char shape[CD_SHAPE_TEXT];
    return fprintf(user, "%s %d %s %s\n", name, (int)kind, cd_dtype_name(cd_dtype_of(t)),
                   cd_shape_text(cd_shape_of(t), shape)) > 0;
}

/* How the module is printed, and its tensors: all but the values. The caller frees the text. */
static char *describe_module(cd_module *m)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    assert_non_null(f);
    assert_true(cd_print_module(f, m) && cd_visit(m, list_tensor, f));
    assert_int_equal(fclose(f), 0);
    return text;
}

/* Options that differ from the defaults, for each class of modules.def. */
static const struct {
    const char *name, *options;
} module_samples[] = {
    { "Linear", "{\"in_features\": 3, \"out_features\": 0, \"bias\": false, "
                "\"dtype\": \"float64\"}" },
    { "Conv2d", "{\"in_channels\": 4, \"out_channels\": 6, \"kernel_size\": 5, \"stride\": 2, "
                "\"padding\": 1, \"dilation\": [3, 2], \"groups\": 2, \"bias\": true, "
                "\"padding_mode\": \"reflect\", \"dtype\": \"float32\"}" },
    { "Conv1d", "{\"in_channels\": 2, \"out_channels\": 4, \"kernel_size\": 4, \"stride\": 1, "
                "\"padding\": \"same\", \"dilation\": 3, \"groups\": 2, \"bias\": false, "
                "\"padding_mode\": \"zeros\", \"dtype\": \"float64\"}" },
    { "ConvTranspose1d",
      "{\"in_channels\": 2, \"out_channels\": 4, \"kernel_size\": 4, \"stride\": 3, "
      "\"padding\": 1, \"dilation\": 2, \"output_padding\": 2, \"groups\": 2, \"bias\": true, "
      "\"dtype\": \"float64\"}" },
    { "ConvTranspose2d",
      "{\"in_channels\": 2, \"out_channels\": 4, \"kernel_size\": [4, 3], \"stride\": [3, 2], "
      "\"padding\": [0, 1], \"dilation\": [1, 2], \"output_padding\": [2, 0], \"groups\": 2, "
      "\"bias\": true, \"dtype\": \"float32\"}" },
    { "Unfold", "{\"kernel_size\": [2, 3], \"dilation\": [1, 2], \"padding\": [1, 0], "
                "\"stride\": 2}" },
    { "Fold", "{\"output_size\": [4, 5], \"kernel_size\": [2, 3], \"dilation\": [2, 1], "
              "\"padding\": [0, 1], \"stride\": [1, 2]}" },
    { "PixelShuffle", "{\"upscale_factor\": 2}" },
    { "PixelUnshuffle", "{\"downscale_factor\": 2}" },
    { "ChannelShuffle", "{\"groups\": 2}" },
    { "Upsample", "{\"size\": 0, \"scale_factor\": 1.5, \"mode\": \"bicubic\", "
                  "\"align_corners\": true, \"recompute_scale_factor\": true}" },
    { "UpsamplingNearest2d", "{\"size\": [4, 5], \"scale_factor\": 0.0}" },
    { "UpsamplingBilinear2d", "{\"size\": 0, \"scale_factor\": 1.5}" },
    { "BatchNorm2d", "{\"num_features\": 7, \"eps\": 0.25, \"momentum\": 0.0, "
                     "\"affine\": true, \"bias\": true, \"track_running_stats\": true, "
                     "\"dtype\": \"float64\"}" },
    { "AvgPool2d", "{\"kernel_size\": [3, 2], \"stride\": [2, 1], \"padding\": [1, 0], "
                   "\"ceil_mode\": true, \"count_include_pad\": false, \"divisor_override\": 5}" },
    { "AdaptiveMaxPool2d", "{\"output_size\": [3, -1], \"return_indices\": false}" },
    { "AdaptiveAvgPool1d", "{\"output_size\": 3}" },
    { "AdaptiveMaxPool1d", "{\"output_size\": 3, \"return_indices\": false}" },
    { "MaxPool1d", "{\"kernel_size\": 3, \"stride\": 2, \"padding\": 1, \"dilation\": 2, "
                   "\"return_indices\": false, \"ceil_mode\": true}" },
    { "AvgPool1d", "{\"kernel_size\": [3], \"stride\": [2], \"padding\": [1], \"ceil_mode\": true, "
                   "\"count_include_pad\": false}" },
    { "LocalResponseNorm", "{\"size\": 2, \"alpha\": 0.5, \"beta\": 0.25, \"k\": 2.0}" },
    { "GroupNorm", "{\"num_groups\": 2, \"num_channels\": 4, \"eps\": 0.25, \"affine\": true, "
                   "\"bias\": false, \"dtype\": \"float32\"}" },
    { "BatchNorm1d", "{\"num_features\": 3, \"eps\": 0.25, \"momentum\": 0.5, \"affine\": false, "
                     "\"bias\": false, \"track_running_stats\": false, \"dtype\": \"float32\"}" },
    { "BatchNorm3d", "{\"num_features\": 3, \"eps\": 0.25, \"momentum\": \"None\", "
                     "\"affine\": true, \"bias\": false, \"track_running_stats\": true, "
                     "\"dtype\": \"float32\"}" },
    { "ReLU", "{\"inplace\": false}" },
    { "ReLU6", "{\"inplace\": false}" },
    { "LeakyReLU", "{\"negative_slope\": 0.25, \"inplace\": false}" },
    { "ELU", "{\"alpha\": 0.5, \"inplace\": false}" },
    { "SELU", "{\"inplace\": false}" },
    { "CELU", "{\"alpha\": 0.5, \"inplace\": false}" },
    { "GELU", "{\"approximate\": \"tanh\"}" },
    { "SiLU", "{\"inplace\": false}" },
    { "Mish", "{\"inplace\": false}" },
    { "Softplus", "{\"beta\": 2.0, \"threshold\": 1.5}" },
    { "Softsign", "{}" },
    { "Softshrink", "{\"lambd\": 0.25}" },
    { "Hardshrink", "{\"lambd\": 0.25}" },
    { "Tanhshrink", "{}" },
    { "Hardswish", "{\"inplace\": false}" },
    { "Hardsigmoid", "{\"inplace\": false}" },
    { "Hardtanh", "{\"min_val\": 0.0, \"max_val\": 0.5, \"inplace\": false}" },
    { "Threshold", "{\"threshold\": 0.0, \"value\": -0.5, \"inplace\": false}" },
    { "Sigmoid", "{}" },
    { "Tanh", "{}" },
    { "LogSigmoid", "{}" },
    { "Softmax", "{\"dim\": -2}" },
    { "LogSoftmax", "{\"dim\": 0}" },
    { "Softmin", "{\"dim\": 1}" },
    { "GLU", "{\"dim\": 0}" },
    { "Identity", "{}" },
    { "PReLU", "{\"num_parameters\": 3, \"init\": 0.0, \"dtype\": \"float64\"}" },
    { "MaxPool2d", "{\"kernel_size\": 3, \"stride\": 2, \"padding\": 1, \"dilation\": 2, "
                   "\"return_indices\": false, \"ceil_mode\": true}" },
    { "AdaptiveAvgPool2d", "{\"output_size\": [3, 5]}" },
    { "Flatten", "{\"start_dim\": 0, \"end_dim\": -2}" },
    { "Unflatten", "{\"dim\": -2, \"unflattened_size\": [2, -1]}" },
    { "Sequential", "{}" },
    { "ModuleList", "{}" },
    { "TransformerEncoder", "{}" },
    { "TransformerDecoder", "{}" },
    { "ModuleDict", "{}" },
    { "ParameterList", "{}" },
    { "ParameterDict", "{}" },
    { "MSELoss", "{\"reduction\": \"none\"}" },
    { "CrossEntropyLoss", "{\"weight\": {\"shape\": [4], \"dtype\": \"float32\"}, \"ignore\": "
                          "true, \"ignore_index\": -3, "
                          "\"reduction\": \"sum\", \"label_smoothing\": 0.25}" },
    { "BCEWithLogitsLoss",
      "{\"weight\": {\"shape\": [2], \"dtype\": \"float64\"}, \"pos_weight\": {\"shape\": [3, 2], "
      "\"dtype\": \"float32\"}, \"reduction\": \"mean\"}" },
    { "Dropout", "{\"p\": 0.25, \"inplace\": true}" },
    { "Dropout1d", "{\"p\": 0.25, \"inplace\": true}" },
    { "Dropout2d", "{\"p\": 0.25, \"inplace\": true}" },
    { "Dropout3d", "{\"p\": 0.25, \"inplace\": true}" },
    { "AlphaDropout", "{\"p\": 0.25, \"inplace\": true}" },
    { "FeatureAlphaDropout", "{\"p\": 0.25, \"inplace\": true}" },
    { "LayerNorm", "{\"normalized_shape\": [3, 2], \"eps\": 0.25, \"elementwise_affine\": true, "
                   "\"bias\": false, \"dtype\": \"float64\"}" },
    { "RMSNorm", "{\"normalized_shape\": [4], \"eps\": \"None\", \"elementwise_affine\": false, "
                 "\"dtype\": \"float32\"}" },
    { "Embedding", "{\"num_embeddings\": 5, \"embedding_dim\": 3, \"padding_idx\": 2, "
                   "\"scale_grad_by_freq\": true, \"dtype\": \"float64\"}" },
    { "RNN", "{\"input_size\": 3, \"hidden_size\": 4, \"num_layers\": 2, \"bias\": false, "
             "\"batch_first\": true, \"dropout\": 0.25, \"bidirectional\": true, \"dtype\": "
             "\"float64\", \"nonlinearity\": \"relu\"}" },
    { "LSTM", "{\"input_size\": 3, \"hidden_size\": 4, \"proj_size\": 2, \"num_layers\": 2, "
              "\"bias\": false, \"batch_first\": true, \"dropout\": 0.25, \"bidirectional\": true, "
              "\"dtype\": \"float64\"}" },
    { "GRU",
      "{\"input_size\": 3, \"hidden_size\": 4, \"num_layers\": 2, \"bias\": true, \"batch_first\": "
      "true, \"dropout\": 0.25, \"bidirectional\": true, \"dtype\": \"float32\"}" },
    { "RNNCell", "{\"input_size\": 3, \"hidden_size\": 4, \"bias\": false, \"dtype\": \"float64\", "
                 "\"nonlinearity\": \"relu\"}" },
    { "LSTMCell",
      "{\"input_size\": 3, \"hidden_size\": 4, \"bias\": false, \"dtype\": \"float64\"}" },
    { "GRUCell",
      "{\"input_size\": 3, \"hidden_size\": 4, \"bias\": false, \"dtype\": \"float64\"}" },
    { "MultiheadAttention", "{\"embed_dim\": 4, \"num_heads\": 2, \"dropout\": 0.25, \"bias\": "
                            "false, \"add_bias_kv\": true, \"add_zero_attn\": true, \"kdim\": 3, "
                            "\"vdim\": 2, \"batch_first\": true, \"dtype\": \"float64\"}" },
    { "TransformerEncoderLayer",
      "{\"d_model\": 4, \"nhead\": 2, \"dim_feedforward\": 5, \"dropout\": 0.0, \"activation\": "
      "\"gelu\", \"layer_norm_eps\": 0.25, \"batch_first\": true, \"norm_first\": true, \"bias\": "
      "false, \"dtype\": \"float64\"}" },
    { "TransformerDecoderLayer",
      "{\"d_model\": 4, \"nhead\": 2, \"dim_feedforward\": 5, \"dropout\": 0.0, \"activation\": "
      "\"gelu\", \"layer_norm_eps\": 0.25, \"batch_first\": true, \"norm_first\": true, \"bias\": "
      "false, \"dtype\": \"float64\"}" },
    { "Transformer",
      "{\"d_model\": 4, \"nhead\": 2, \"num_encoder_layers\": 2, \"num_decoder_layers\": 1, "
      "\"dim_feedforward\": 5, \"dropout\": 0.0, \"activation\": \"gelu\", \"layer_norm_eps\": "
      "0.25, \"batch_first\": true, \"norm_first\": true, \"bias\": false, \"dtype\": "
      "\"float64\"}" },
    { "AveragedModel", "{\"decay\": 0.0, \"use_buffers\": true}" },
    { "L1Loss", "{\"reduction\": \"sum\"}" },
    { "SmoothL1Loss", "{\"reduction\": \"sum\", \"beta\": 0.25}" },
    { "HuberLoss", "{\"reduction\": \"sum\", \"delta\": 0.25}" },
    { "BCELoss", "{\"weight\": {\"shape\": [2], \"dtype\": \"float64\"}, \"reduction\": \"sum\"}" },
    { "NLLLoss", "{\"weight\": {\"shape\": [4], \"dtype\": \"float32\"}, \"ignore\": true, "
                 "\"ignore_index\": -3, \"reduction\": \"none\"}" },
    { "KLDivLoss", "{\"reduction\": \"mean\", \"batchmean\": true, \"log_target\": true}" },
    { "GaussianNLLLoss", "{\"full\": true, \"eps\": 0.5, \"reduction\": \"sum\"}" },
    { "PoissonNLLLoss", "{\"log_input\": false, \"full\": true, \"eps\": 0.5, "
                        "\"reduction\": \"sum\"}" },
    { "CosineEmbeddingLoss", "{\"margin\": -0.25, \"reduction\": \"sum\"}" },
    { "MarginRankingLoss", "{\"margin\": -0.25, \"reduction\": \"none\"}" },
    { "MultiLabelSoftMarginLoss", "{\"weight\": {\"shape\": [2], \"dtype\": \"float64\"}, "
                                  "\"reduction\": \"sum\"}" },
    { "SoftMarginLoss", "{\"reduction\": \"sum\"}" },
    { "TripletMarginLoss", "{\"margin\": 0.5, \"p\": \"inf\", \"eps\": 0.0, \"swap\": true, "
                           "\"reduction\": \"sum\"}" },
    { "MultiLabelMarginLoss", "{\"reduction\": \"sum\"}" },
    { "MultiMarginLoss", "{\"p\": 2, \"margin\": 0.5, \"weight\": {\"shape\": [4], \"dtype\": "
                         "\"float32\"}, \"reduction\": \"none\"}" },
    { "HingeEmbeddingLoss", "{\"margin\": 0.0, \"reduction\": \"none\"}" },
#define MADE_AGAIN(name_, printed_, options_, ...) { printed_, options_ },
#include "made_again.def"
#undef MADE_AGAIN
};

enum { MODULE_SAMPLES = sizeof module_samples / sizeof *module_samples };

/* The sample of a class. */
static const char *options_of(const char *name)
{
    for (int i = 0; i < MODULE_SAMPLES; i++) {
        if (strcmp(module_samples[i].name, name) == 0) return module_samples[i].options;
    }
    fail_msg("%s of nn/modules.def has no sample in module_samples", name);
    return NULL;
}

static cd_module *made_of(const cd_module_class *c, const char *options)
{
    static int64_t room[32];
    assert_true(c->options_bytes <= sizeof room);
    memset(room, 0, sizeof room);
    static const cd_option none[] = {
        CD_OPTIONS_END,
    };
    assert_true(read_json(c->options ? c->options : none, room, options));
    cd_module *m = c->make(room);
    assert_ok();
    return m;
}

static void every_module_is_made_again_from_its_saved_options(void **state)
{
    (void)state;
    int count = 0;
    for (; cd_module_classes[count]; count++) {
        CD_SCOPE();
        const cd_module_class *c = cd_module_classes[count];
        assert_ptr_equal(cd_find_module_class(c->name), c);
        cd_module *m = made_of(c, options_of(c->name));
        assert_string_equal(cd_module_name(m), c->name);
        const void *options = cd_module_options(m);
        char *written = options ? cd_options_to_json(c->options, options) : cd_strdup("{}");
        assert_string_equal(written, options_of(c->name));
        char *first = describe_module(m), *second = describe_module(made_of(c, written));
        assert_string_equal(first, second);
        free(first);
        free(second);
        cd_free(written);
    }
    assert_int_equal(count, MODULE_SAMPLES);
    assert_ptr_equal(cd_find_module_class("Nothing"), NULL);
}

/* What each module of module_samples should give, by the op with the options written out. */
static cd_tensor *linear_by_op(cd_module *m, cd_tensor *x)
{
    return cd_linear(x, cd_module_tensor(m, "weight"), NULL);
}

static cd_tensor *conv2d_by_op(cd_module *m, cd_tensor *x)
{
    return cd_conv2d(cd_pad(x, CD_SIZES(1, 1, 1, 1), .mode = CD_PAD_REFLECT),
                     cd_module_tensor(m, "weight"), cd_module_tensor(m, "bias"), .stride = 2,
                     .dilation = 3, .dilation_w = 2, .groups = 2);
}

static cd_tensor *conv1d_by_op(cd_module *m, cd_tensor *x)
{
    return cd_conv1d(x, cd_module_tensor(m, "weight"), NULL, .padding = CD_PADDING_SAME,
                     .dilation = 3, .groups = 2);
}

static cd_tensor *conv_transpose1d_by_op(cd_module *m, cd_tensor *x)
{
    return cd_conv_transpose1d(x, cd_module_tensor(m, "weight"), cd_module_tensor(m, "bias"),
                               .stride = 3, .padding = 1, .dilation = 2, .output_padding = 2,
                               .groups = 2);
}

static cd_tensor *conv_transpose2d_by_op(cd_module *m, cd_tensor *x)
{
    return cd_conv_transpose2d(x, cd_module_tensor(m, "weight"), cd_module_tensor(m, "bias"),
                               .stride = 3, .stride_w = 2, .padding_w = 1, .dilation_w = 2,
                               .output_padding = 2, .output_padding_w_is_zero = true, .groups = 2);
}

static cd_tensor *unfold_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_unfold(x, 2, .kernel_w = 3, .dilation_w = 2, .padding = 1, .padding_w_is_zero = true,
                     .stride = 2);
}

static cd_tensor *fold_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_fold(x, 4, 5, 2, .kernel_w = 3, .dilation = 2, .dilation_w = 1, .padding_w = 1,
                   .stride_w = 2);
}

static cd_tensor *pixel_shuffle_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_pixel_shuffle(x, 2);
}

static cd_tensor *pixel_unshuffle_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_pixel_unshuffle(x, 2);
}

static cd_tensor *channel_shuffle_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_channel_shuffle(x, 2);
}

static cd_tensor *upsample_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_interpolate(x, .scale_factor = 1.5, .mode = CD_RESAMPLING_BICUBIC,
                          .align_corners = true, .recompute_scale_factor = true);
}

static cd_tensor *upsampling_nearest2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_interpolate(x, .size = 4, .size_w = 5);
}

static cd_tensor *upsampling_bilinear2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_interpolate(x, .scale_factor = 1.5, .mode = CD_RESAMPLING_BILINEAR,
                          .align_corners = true);
}

/* Without running statistics: momentum 0 must leave the module's as they are. */
static cd_tensor *batch_norm2d_by_op(cd_module *m, cd_tensor *x)
{
    assert_near(cd_module_tensor(m, "running_mean"), cd_zeros(CD_SHAPE(7), .dtype = CD_F64), 0, 0);
    assert_near(cd_module_tensor(m, "running_var"), cd_ones(CD_SHAPE(7), .dtype = CD_F64), 0, 0);
    return cd_batch_norm(x, cd_module_tensor(m, "weight"), cd_module_tensor(m, "bias"),
                         .training = true, .eps = 0.25);
}

static cd_tensor *relu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_relu(x);
}

static cd_tensor *relu6_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_relu6(x);
}

static cd_tensor *leaky_relu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_leaky_relu(x, .negative_slope = 0.25);
}

static cd_tensor *elu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_elu(x, .alpha = 0.5);
}

static cd_tensor *selu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_selu(x);
}

static cd_tensor *celu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_celu(x, .alpha = 0.5);
}

static cd_tensor *gelu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_gelu(x, .approximate = CD_GELU_TANH);
}

static cd_tensor *silu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_silu(x);
}

static cd_tensor *mish_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_mish(x);
}

static cd_tensor *softplus_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softplus(x, .beta = 2, .threshold = 1.5);
}

static cd_tensor *softsign_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softsign(x);
}

static cd_tensor *softshrink_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softshrink(x, .lambd = 0.25);
}

static cd_tensor *hardshrink_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardshrink(x, .lambd = 0.25);
}

static cd_tensor *tanhshrink_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_tanhshrink(x);
}

static cd_tensor *hardswish_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardswish(x);
}

static cd_tensor *hardsigmoid_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardsigmoid(x);
}

static cd_tensor *hardtanh_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_hardtanh(x, .min_val = CD_ZERO, .max_val = 0.5);
}

static cd_tensor *threshold_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_threshold(x, 0, -0.5);
}

static cd_tensor *sigmoid_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_sigmoid(x);
}

static cd_tensor *tanh_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_tanh(x);
}

static cd_tensor *logsigmoid_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_logsigmoid(x);
}

static cd_tensor *softmax_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softmax(x, -2);
}

static cd_tensor *log_softmax_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_log_softmax(x, 0);
}

static cd_tensor *softmin_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_softmin(x, 1);
}

static cd_tensor *glu_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_glu(x, 0);
}

static cd_tensor *prelu_by_op(cd_module *m, cd_tensor *x)
{
    return cd_prelu(x, cd_module_tensor(m, "weight"));
}

static cd_tensor *max_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_max_pool2d(x, 3, .stride = 2, .padding = 1, .dilation = 2, .ceil_mode = true);
}

static cd_tensor *adaptive_avg_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_avg_pool2d(x, 3, 5);
}

static cd_tensor *flatten_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_flatten(x, 0, -2);
}

static cd_tensor *unflatten_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_unflatten(x, -2, CD_SHAPE(2, 3));
}

static cd_tensor *dropout_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout(x, .p = 0.25);
}

static cd_tensor *dropout1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout1d(x, .p = 0.25);
}

static cd_tensor *dropout2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout2d(x, .p = 0.25);
}

static cd_tensor *dropout3d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_dropout3d(x, .p = 0.25);
}

static cd_tensor *alpha_dropout_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_alpha_dropout(x, .p = 0.25);
}

static cd_tensor *feature_alpha_dropout_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_feature_alpha_dropout(x, .p = 0.25);
}

static cd_tensor *layer_norm_by_op(cd_module *m, cd_tensor *x)
{
    return cd_layer_norm(x, CD_SHAPE(3, 2), .weight = cd_module_tensor(m, "weight"), .eps = 0.25);
}

static cd_tensor *rms_norm_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_rms_norm(x, CD_SHAPE(4));
}

static cd_tensor *embedding_by_op(cd_module *m, cd_tensor *x)
{
    return cd_embedding(x, cd_module_tensor(m, "weight"));
}

static cd_tensor *batch_norm1d_by_op(cd_module *m, cd_tensor *x)
{
    assert_null(cd_module_tensor(m, "running_mean"));
    cd_clear_error();
    return cd_batch_norm(x, NULL, NULL, .training = true, .eps = 0.25);
}

static cd_tensor *batch_norm3d_by_op(cd_module *m, cd_tensor *x)
{
    return cd_batch_norm(x, cd_module_tensor(m, "weight"), NULL, .training = true, .eps = 0.25);
}

static cd_tensor *avg_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_avg_pool2d(x, 3, .kernel_w = 2, .stride = 2, .stride_w = 1, .padding = 1,
                         .padding_w_is_zero = true, .ceil_mode = true, .exclude_padding = true,
                         .divisor_override = 5);
}

static cd_tensor *adaptive_max_pool2d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_max_pool2d(x, 3, -1);
}

static cd_tensor *adaptive_avg_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_avg_pool1d(x, 3);
}

static cd_tensor *adaptive_max_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_adaptive_max_pool1d(x, 3);
}

static cd_tensor *max_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_max_pool1d(x, 3, .stride = 2, .padding = 1, .dilation = 2, .ceil_mode = true);
}

static cd_tensor *avg_pool1d_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_avg_pool1d(x, 3, .stride = 2, .padding = 1, .ceil_mode = true,
                         .exclude_padding = true);
}

static cd_tensor *local_response_norm_by_op(cd_module *m, cd_tensor *x)
{
    (void)m;
    return cd_local_response_norm(x, 2, .alpha = 0.5, .beta = 0.25, .k = 2);
}

static cd_tensor *group_norm_by_op(cd_module *m, cd_tensor *x)
{
    return cd_group_norm(x, 2, .weight = cd_module_tensor(m, "weight"), .eps = 0.25);
}

#define MADE_AGAIN(name_, printed_, options_, dtype_, sizes_, ...)                                 \
    static cd_tensor *name_##_by_op(cd_module *m, cd_tensor *x)                                    \
    {                                                                                              \
        (void)m;                                                                                   \
        return (__VA_ARGS__);                                                                      \
    }
#include "made_again.def"
#undef MADE_AGAIN

static cd_tensor *itself(cd_module *m, cd_tensor *x)
{
    (void)m;
    return x;
}

typedef cd_tensor *by_op(cd_module *m, cd_tensor *x);

/* The second input of a module of two: e^x, or indices. */
static cd_tensor *second_of(const cd_module *m, cd_tensor *x)
{
    return strncmp(m->class_->name, "MaxUnpool", 9) == 0 ? cd_argsort(x, -1) : cd_exp(x);
}

/* The module, given a copy of x that it may change, and the op give the same, with the same random
 * numbers. */
static void agrees(cd_module *m, cd_tensor *x, by_op *op)
{
    const bool two = m->class_->inputs == 2;
    cd_manual_seed(5);
    cd_tensor *y = two ? cd_forward(m, x, second_of(m, x)) : cd_forward(m, cd_clone(x));
    cd_manual_seed(5);
    assert_near(y, op(m, x), 0, 0);
}

/* The op of every layer, and an input for it. */
static const struct {
    const char *name;
    by_op *op;
    cd_shape shape;
    cd_dtype dtype;
} expected[] = {
    { "Linear", linear_by_op, { .ndim = 2, .dim = { 2, 3 } }, CD_F64 },
    { "Conv2d", conv2d_by_op, { .ndim = 4, .dim = { 2, 4, 19, 17 } }, CD_F32 },
    { "Conv1d", conv1d_by_op, { .ndim = 3, .dim = { 2, 2, 9 } }, CD_F64 },
    { "ConvTranspose1d", conv_transpose1d_by_op, { .ndim = 3, .dim = { 2, 2, 5 } }, CD_F64 },
    { "ConvTranspose2d", conv_transpose2d_by_op, { .ndim = 3, .dim = { 2, 5, 4 } }, CD_F32 },
    { "Unfold", unfold_by_op, { .ndim = 4, .dim = { 2, 3, 6, 7 } }, CD_F32 },
    { "Fold", fold_by_op, { .ndim = 3, .dim = { 2, 12, 6 } }, CD_F32 },
    { "PixelShuffle", pixel_shuffle_by_op, { .ndim = 4, .dim = { 2, 4, 3, 2 } }, CD_F32 },
    { "PixelUnshuffle", pixel_unshuffle_by_op, { .ndim = 4, .dim = { 2, 1, 4, 2 } }, CD_F32 },
    { "ChannelShuffle", channel_shuffle_by_op, { .ndim = 4, .dim = { 2, 4, 3, 2 } }, CD_F32 },
    { "Upsample", upsample_by_op, { .ndim = 4, .dim = { 2, 1, 3, 5 } }, CD_F32 },
    { "UpsamplingNearest2d",
      upsampling_nearest2d_by_op,
      { .ndim = 4, .dim = { 2, 1, 3, 2 } },
      CD_F32 },
    { "UpsamplingBilinear2d",
      upsampling_bilinear2d_by_op,
      { .ndim = 4, .dim = { 2, 1, 3, 2 } },
      CD_F32 },
    { "BatchNorm2d", batch_norm2d_by_op, { .ndim = 4, .dim = { 3, 7, 2, 5 } }, CD_F64 },
    { "ReLU", relu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "ReLU6", relu6_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "LeakyReLU", leaky_relu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "ELU", elu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "SELU", selu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "CELU", celu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "GELU", gelu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "SiLU", silu_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Mish", mish_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Softplus", softplus_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Softsign", softsign_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Softshrink", softshrink_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Hardshrink", hardshrink_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Tanhshrink", tanhshrink_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Hardswish", hardswish_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Hardsigmoid", hardsigmoid_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Hardtanh", hardtanh_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Threshold", threshold_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Sigmoid", sigmoid_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Tanh", tanh_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "LogSigmoid", logsigmoid_by_op, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Softmax", softmax_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
    { "LogSoftmax", log_softmax_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
    { "Softmin", softmin_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
    { "GLU", glu_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F32 },
    { "Identity", itself, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "PReLU", prelu_by_op, { .ndim = 2, .dim = { 4, 3 } }, CD_F64 },
    { "MaxPool2d", max_pool2d_by_op, { .ndim = 4, .dim = { 2, 4, 19, 16 } }, CD_F32 },
    { "AdaptiveAvgPool2d",
      adaptive_avg_pool2d_by_op,
      { .ndim = 4, .dim = { 2, 4, 19, 17 } },
      CD_F32 },
    { "Flatten", flatten_by_op, { .ndim = 5, .dim = { 2, 2, 3, 1, 2 } }, CD_F32 },
    { "Unflatten", unflatten_by_op, { .ndim = 2, .dim = { 6, 2 } }, CD_F32 },
    { "Sequential", itself, { .ndim = 1, .dim = { 9 } }, CD_F32 },
    { "Dropout", dropout_by_op, { .ndim = 2, .dim = { 9, 5 } }, CD_F32 },
    { "Dropout1d", dropout1d_by_op, { .ndim = 3, .dim = { 4, 3, 2 } }, CD_F32 },
    { "Dropout2d", dropout2d_by_op, { .ndim = 4, .dim = { 4, 3, 2, 2 } }, CD_F32 },
    { "Dropout3d", dropout3d_by_op, { .ndim = 5, .dim = { 4, 3, 2, 1, 2 } }, CD_F32 },
    { "AlphaDropout", alpha_dropout_by_op, { .ndim = 2, .dim = { 9, 5 } }, CD_F32 },
    { "FeatureAlphaDropout",
      feature_alpha_dropout_by_op,
      { .ndim = 3, .dim = { 4, 3, 2 } },
      CD_F32 },
    { "LayerNorm", layer_norm_by_op, { .ndim = 3, .dim = { 5, 3, 2 } }, CD_F64 },
    { "RMSNorm", rms_norm_by_op, { .ndim = 2, .dim = { 5, 4 } }, CD_F32 },
    { "AvgPool2d", avg_pool2d_by_op, { .ndim = 3, .dim = { 2, 6, 5 } }, CD_F32 },
    { "AdaptiveMaxPool2d", adaptive_max_pool2d_by_op, { .ndim = 3, .dim = { 2, 6, 5 } }, CD_F32 },
    { "AdaptiveAvgPool1d", adaptive_avg_pool1d_by_op, { .ndim = 3, .dim = { 2, 6, 5 } }, CD_F32 },
    { "AdaptiveMaxPool1d", adaptive_max_pool1d_by_op, { .ndim = 3, .dim = { 2, 6, 5 } }, CD_F32 },
    { "MaxPool1d", max_pool1d_by_op, { .ndim = 3, .dim = { 2, 6, 8 } }, CD_F32 },
    { "AvgPool1d", avg_pool1d_by_op, { .ndim = 3, .dim = { 2, 6, 8 } }, CD_F32 },
    { "LocalResponseNorm", local_response_norm_by_op, { .ndim = 3, .dim = { 3, 4, 2 } }, CD_F32 },
    { "GroupNorm", group_norm_by_op, { .ndim = 3, .dim = { 3, 4, 2 } }, CD_F32 },
    { "BatchNorm1d", batch_norm1d_by_op, { .ndim = 3, .dim = { 4, 3, 2 } }, CD_F32 },
    { "BatchNorm3d", batch_norm3d_by_op, { .ndim = 5, .dim = { 2, 3, 2, 1, 2 } }, CD_F32 },
    { "Embedding", embedding_by_op, { .ndim = 2, .dim = { 2, 3 } }, CD_I64 },
#define SIZES(...)                                                                                 \
    {                                                                                              \
        .ndim = (int)(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)), .dim = {              \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define MADE_AGAIN(name_, printed_, options_, dtype_, sizes_, ...)                                 \
    { printed_, name_##_by_op, SIZES sizes_, dtype_ },
#include "made_again.def"
#undef MADE_AGAIN
};

static bool is_expected(const char *name)
{
    bool found = false;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        found |= strcmp(expected[i].name, name) == 0;
    }
    return found;
}

/* A module that is made from its options, and another that is made from the first one's, give what
 * the op gives: forward ignores no option. The options are those of module_samples. */
static void a_module_made_again_computes_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        CD_SCOPE();
        const cd_module_class *c = cd_find_module_class(expected[i].name);
        assert_non_null(c);
        cd_tensor *x = expected[i].dtype == CD_I64
                           ? cd_randint(0, 3, expected[i].shape)
                           : cd_randn(expected[i].shape, .dtype = expected[i].dtype);
        cd_module *m = made_of(c, options_of(c->name)), *again = m;
        if (cd_module_options(m)) again = c->make(cd_module_options(m));
        agrees(m, x, expected[i].op);
        agrees(again, x, expected[i].op);
    }
    for (int k = 0; cd_module_classes[k]; k++) {
        const cd_module_class *c = cd_module_classes[k];
        /* A loss has its row below. */
        assert_that(c->inputs != 1 || is_expected(c->name), "%s has no row in `expected`", c->name);
    }
}

/* The same for losses: inputs for each, and what its function gives for them with the options of
 * module_samples. A weight among these is 0, as what is made of options is until its elements are
 * loaded. */
static void a_loss_made_again_computes_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    const int64_t numbers[] = { 0, 3, -3 };
    cd_tensor *t = cd_from_array(numbers, CD_SHAPE(3)), *x = cd_randn(CD_SHAPE(3, 4));
    cd_tensor *a = cd_randn(CD_SHAPE(3, 2)), *b = cd_rand(CD_SHAPE(3, 2));
    cd_tensor *c = cd_rand(CD_SHAPE(3, 2)), *n = cd_select(cd_sign(a), 1, 0), *s = cd_sign(a);
    cd_tensor *w = cd_zeros(CD_SHAPE(4)), *v = cd_zeros(CD_SHAPE(2), .dtype = CD_F64);
    cd_tensor *p = cd_zeros(CD_SHAPE(3, 2)), *right = cd_arange(3);
    cd_tensor *lists = cd_sub(cd_remainder(cd_view(cd_arange(12), CD_SHAPE(3, 4)), 5), 1);
    const struct {
        const char *name;
        cd_tensor *in[3], *expected;
    } losses[] = {
        { "MSELoss", { a, b }, cd_mse_loss(a, b, .reduction = CD_NONE) },
        { "CrossEntropyLoss",
          { x, t },
          cd_cross_entropy(x, t, .weight = w, .ignore = true, .ignore_index = -3,
                           .reduction = CD_SUM, .label_smoothing = 0.25) },
        { "BCEWithLogitsLoss",
          { a, b },
          cd_binary_cross_entropy_with_logits(a, b, .weight = v, .pos_weight = p) },
        { "L1Loss", { a, b }, cd_l1_loss(a, b, .reduction = CD_SUM) },
        { "SmoothL1Loss", { a, b }, cd_smooth_l1_loss(a, b, .reduction = CD_SUM, .beta = 0.25) },
        { "HuberLoss", { a, b }, cd_huber_loss(a, b, .reduction = CD_SUM, .delta = 0.25) },
        { "BCELoss", { c, b }, cd_binary_cross_entropy(c, b, .reduction = CD_SUM, .weight = v) },
        { "NLLLoss",
          { x, t },
          cd_nll_loss(x, t, .weight = w, .ignore = true, .ignore_index = -3,
                      .reduction = CD_NONE) },
        { "KLDivLoss", { a, b }, cd_kl_div(a, b, .batchmean = true, .log_target = true) },
        { "GaussianNLLLoss",
          { a, b, c },
          cd_gaussian_nll_loss(a, b, c, .full = true, .eps = 0.5, .reduction = CD_SUM) },
        { "PoissonNLLLoss",
          { b, c },
          cd_poisson_nll_loss(b, c, .no_log_input = true, .full = true, .eps = 0.5,
                              .reduction = CD_SUM) },
        { "CosineEmbeddingLoss",
          { a, b, n },
          cd_cosine_embedding_loss(a, b, n, .margin = -0.25, .reduction = CD_SUM) },
        { "MarginRankingLoss",
          { b, c, s },
          cd_margin_ranking_loss(b, c, s, .margin = -0.25, .reduction = CD_NONE) },
        { "MultiLabelSoftMarginLoss",
          { a, b },
          cd_multilabel_soft_margin_loss(a, b, .weight = v, .reduction = CD_SUM) },
        { "SoftMarginLoss", { b, s }, cd_soft_margin_loss(b, s, .reduction = CD_SUM) },
        { "TripletMarginLoss",
          { a, b, c },
          cd_triplet_margin_loss(a, b, c, .margin = 0.5, .p = INFINITY, .eps = CD_ZERO,
                                 .swap = true, .reduction = CD_SUM) },
        { "MultiLabelMarginLoss",
          { x, lists },
          cd_multilabel_margin_loss(x, lists, .reduction = CD_SUM) },
        { "MultiMarginLoss",
          { x, right },
          cd_multi_margin_loss(x, right, .p = 2, .margin = 0.5, .weight = w,
                               .reduction = CD_NONE) },
        { "HingeEmbeddingLoss",
          { b, s },
          cd_hinge_embedding_loss(b, s, .margin = CD_ZERO, .reduction = CD_NONE) },
    };
    assert_ok();
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        const cd_module_class *class_ = cd_find_module_class(losses[i].name);
        assert_non_null(class_);
        cd_module *m = made_of(class_, options_of(class_->name));
        cd_module *again = class_->make(cd_module_options(m));
        cd_tensor *const *in = losses[i].in;
        assert_near(in[2] ? cd_forward(again, in[0], in[1], in[2])
                          : cd_forward(again, in[0], in[1]),
                    losses[i].expected, 0, 0);
    }
    for (int k = 0; cd_module_classes[k]; k++) {
        bool found = cd_module_classes[k]->inputs < 2 || is_expected(cd_module_classes[k]->name);
        for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
            found |= strcmp(losses[i].name, cd_module_classes[k]->name) == 0;
        }
        assert_that(found, "%s has no row in `losses`", cd_module_classes[k]->name);
    }
}

/* A weight that is given is kept. */
static void a_weighted_loss_made_again_computes_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    const int64_t classes[] = { 0, 3, -3 };
    const float weights[] = { 0.5F, 2, 3, 4 }, positive[] = { 1, 2, 3, 4, 5, 6 };
    const double columns[] = { 0.25, 3 };
    cd_tensor *t = cd_from_array(classes, CD_SHAPE(3)), *w = cd_from_array(weights, CD_SHAPE(4));
    cd_tensor *p = cd_from_array(positive, CD_SHAPE(3, 2)),
              *v = cd_from_array(columns, CD_SHAPE(2));
    cd_tensor *x = cd_randn(CD_SHAPE(3, 4)), *a = cd_randn(CD_SHAPE(3, 2));
    cd_tensor *b = cd_rand(CD_SHAPE(3, 2));
    cd_module *m = cd_nn_cross_entropy_loss(.weight = w, .ignore = true, .ignore_index = -3);
    m = cd_nn_cross_entropy_loss_class.make(cd_module_options(m));
    assert_near(cd_forward(m, x, t),
                cd_cross_entropy(x, t, .weight = w, .ignore = true, .ignore_index = -3), 0, 0);
    m = cd_nn_bce_with_logits_loss(.weight = v, .pos_weight = p, .reduction = CD_SUM);
    m = cd_nn_bce_with_logits_loss_class.make(cd_module_options(m));
    assert_near(cd_forward(m, a, b),
                cd_binary_cross_entropy_with_logits(a, b, .weight = v, .pos_weight = p,
                                                    .reduction = CD_SUM),
                0, 0);
}

/* Options of every optimizer, each another than the default. */
static const char *const optimizer_samples[][2] = {
    { "SGD", "{\"lr\": 0.0, \"momentum\": 0.5, \"dampening\": 0.0, \"weight_decay\": 0.125, "
             "\"nesterov\": true, \"maximize\": false}" },
    { "Adam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
              "\"weight_decay\": 0.0625, \"amsgrad\": true, \"maximize\": true}" },
    { "AdamW", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"amsgrad\": true, \"maximize\": true}" },
    { "Adamax", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
                "\"weight_decay\": 0.0625, \"maximize\": true}" },
    { "NAdam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"momentum_decay\": 0.75, "
               "\"decoupled_weight_decay\": true, \"maximize\": true}" },
    { "RAdam", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"eps\": 0.125, "
               "\"weight_decay\": 0.0625, \"decoupled_weight_decay\": true, \"maximize\": true}" },
    { "Adagrad", "{\"lr\": 0.5, \"lr_decay\": 0.25, \"weight_decay\": 0.125, "
                 "\"initial_accumulator_value\": 0.75, \"eps\": 0.0625, \"maximize\": true}" },
    { "Adadelta", "{\"lr\": 0.5, \"rho\": 0.25, \"eps\": 0.125, \"weight_decay\": 0.0625, "
                  "\"maximize\": true}" },
    { "RMSprop", "{\"lr\": 0.5, \"alpha\": 0.25, \"eps\": 0.125, \"weight_decay\": 0.0625, "
                 "\"momentum\": 0.75, \"centered\": true, \"maximize\": true}" },
    { "Rprop", "{\"lr\": 0.5, \"etas[0]\": 0.25, \"etas[1]\": 1.5, \"step_sizes[0]\": 0.125, "
               "\"step_sizes[1]\": 2.0, \"maximize\": true}" },
    { "Lion", "{\"lr\": 0.5, \"betas[0]\": 0.25, \"betas[1]\": 0.5, \"weight_decay\": 0.0625, "
              "\"maximize\": true}" },
};

static const char *sample_among(const char *const samples[][2], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(samples[i][0], name) == 0) return samples[i][1];
    }
    fail_msg("%s has no sample", name);
    return NULL;
}
#define SAMPLE(samples_, name_)                                                                    \
    sample_among((samples_), sizeof(samples_) / sizeof *(samples_), (name_))

/* Reads options, makes an optimizer of them for a module, and writes its options down. */
static void every_optimizer_is_made_again(void **state)
{
    (void)state;
    for (int i = 0; cd_optimizer_classes[i]; i++) {
        CD_SCOPE();
        const cd_optimizer_class *c = cd_optimizer_classes[i];
        const char *written = SAMPLE(optimizer_samples, c->name);
        char *read = calloc(1, c->options_bytes);
        assert_non_null(read);
        assert_true(read_json(c->options, read, written));
        cd_optimizer *o = cd_optimizer_make(c, cd_nn_linear(2, 2), read);
        assert_that(o, "%s: %s", c->name, cd_error_message());
        assert_int_equal(o->count, 2);
        char *json = cd_options_to_json(c->options, o->groups[0].options);
        assert_string_equal(json, written);
        cd_free(json);
        const cd_optimizer *again = cd_optimizer_make(c, cd_nn_linear(2, 2), o->groups[0].options);
        assert_close(cd_lr(again), cd_lr(o), 0, 0);
        assert_false(signbit(cd_lr(again)));
        free(read);
    }
}

static void sgd_is_printed(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_optimizer *o = cd_optim_sgd(cd_nn_linear(2, 2), .lr = CD_ZERO, .momentum = 0.5,
                                   .weight_decay = 0.125, .nesterov = true);
    char text[128];
    cd_options_text(cd_optim_sgd_class.options, o->groups[0].options, text, sizeof text);
    assert_string_equal(text,
                        "lr=0.0, momentum=0.5, dampening=0.0, weight_decay=0.125, nesterov=True");
}

/* An optimizer's own options say nothing of the parameters that it was made for. */
static void sgd_over_tensors_is_made_again_for_a_module(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_optimizer_class *c = &cd_optim_sgd_class;
    cd_tensor *list[] = { cd_ones(CD_SHAPE(3), .requires_grad = true) };
    const cd_optimizer *o = cd_optim_sgd(NULL, .tensors = list, .count = 1, .lr = 0.25);
    assert_ok();
    const cd_optimizer *again = cd_optimizer_make(c, cd_nn_linear(2, 2), o->groups[0].options);
    assert_ok();
    assert_int_equal(again->count, 2);
    assert_close(cd_lr(again), 0.25, 0, 0);
}

static const char *const schedule_samples[][2] = {
    { "StepLR", "{\"step_size\": 3, \"gamma\": 0.25}" },
    { "MultiStepLR", "{\"milestones\": [2, 5], \"gamma\": 0.25}" },
    { "ExponentialLR", "{\"gamma\": 0.25}" },
    { "ConstantLR", "{\"factor\": 0.25, \"total_iters\": 3}" },
    { "LinearLR", "{\"start_factor\": 0.25, \"end_factor\": 0.75, \"total_iters\": 3}" },
    { "PolynomialLR", "{\"total_iters\": 7, \"power\": 1.5}" },
    { "CosineAnnealingLR", "{\"T_max\": 10, \"eta_min\": 0.25}" },
    { "CosineAnnealingWarmRestarts", "{\"T_0\": 3, \"T_mult\": 2, \"eta_min\": 0.25}" },
    { "OneCycleLR", "{\"max_lr\": 0.5, \"total_steps\": 10, \"pct_start\": 0.5, \"linear\": true, "
                    "\"cycle_momentum\": true, \"base_momentum\": 0.5, \"max_momentum\": 0.75, "
                    "\"div_factor\": 2.0, "
                    "\"final_div_factor\": 8.0, \"three_phase\": true}" },
    { "CyclicLR",
      "{\"base_lr\": 0.25, \"max_lr\": 0.5, \"step_size_up\": 3, \"step_size_down\": 4, "
      "\"mode\": 2, \"gamma\": 0.5, \"cycle_momentum\": true, \"base_momentum\": 0.5, "
      "\"max_momentum\": 0.75}" },
    { "ReduceLROnPlateau",
      "{\"maximum\": true, \"factor\": 0.5, \"patience\": 3, \"threshold\": 0.25, "
      "\"absolute\": true, \"cooldown\": 2, \"min_lr\": 0.125, \"eps\": 0.0625}" },
    { "SWALR", "{\"swa_lr\": 0.25, \"anneal_epochs\": 5, \"linear\": true}" },
};

static void every_schedule_is_made_again(void **state)
{
    (void)state;
    for (int i = 0; cd_scheduler_classes[i]; i++) {
        CD_SCOPE();
        const cd_scheduler_class *c = cd_scheduler_classes[i];
        cd_optimizer *sgd = cd_optim_sgd(cd_nn_linear(2, 2), .lr = 0.5, .momentum = 0.5);
        char *read = calloc(1, c->options_bytes);
        assert_non_null(read);
        if (c->unwritable) {
            assert_null(cd_scheduler_make(c, sgd, read));
            assert_failed_with(CD_ERR_UNSUPPORTED, "cannot be made from options");
        } else {
            const char *written = SAMPLE(schedule_samples, c->name);
            assert_true(read_json(c->options, read, written));
            const cd_scheduler *s = cd_scheduler_make(c, sgd, read);
            assert_that(s, "%s: %s", c->name, cd_error_message());
            char *json = cd_options_to_json(c->options, s->options);
            assert_string_equal(json, written);
            cd_free(json);
        }
        free(read);
    }
}

static void every_model_is_made_again(void **state)
{
    (void)state;
    static const struct {
        const char *name, *options;
        int64_t outputs;
    } samples[] = { { "mlp", "{\"inputs\": 6, \"outputs\": 2, \"hidden\": [5, 4]}", 2 },
                    { "resnet18", "{\"num_classes\": 12}", 12 } };
    enum { SAMPLES = sizeof samples / sizeof *samples };
    int count = 0;
    for (; cd_model_classes[count]; count++) {
        CD_SCOPE();
        const cd_model_class *c = cd_model_classes[count];
        assert_string_equal(cd_model_names()[count], c->name);
        int k = 0;
        while (k < SAMPLES && strcmp(samples[k].name, c->name) != 0) k++;
        assert_that(k < SAMPLES, "%s of models.def has no row in `samples`", c->name);
        cd_model_spec spec;
        assert_true(cd_model_spec_read(&spec, c->name, samples[k].options, CD_ERR_FORMAT, "test"));
        char *json = cd_options_to_json(c->options, spec.options.bytes);
        assert_string_equal(json, samples[k].options);
        cd_free(json);
        cd_module *m = cd_model_spec_make(&spec, CD_META);
        assert_true(cd_model_spec_fits(&spec, m));
        assert_int_equal(spec.outputs, samples[k].outputs);
    }
    assert_int_equal(count, SAMPLES);
    assert_ptr_equal(cd_model_names()[count], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_module_is_made_again_from_its_saved_options),
        TEST(a_module_made_again_computes_the_same),
        TEST(a_loss_made_again_computes_the_same),
        TEST(a_weighted_loss_made_again_computes_the_same),
        TEST(every_optimizer_is_made_again),
        TEST(sgd_is_printed),
        TEST(sgd_over_tensors_is_made_again_for_a_module),
        TEST(every_schedule_is_made_again),
        TEST(every_model_is_made_again),
    };
    return RUN(tests);
}
