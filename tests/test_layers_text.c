/* Layers from a text (models/layers_text.h): each text gives what the constructors give, with
 * PyTorch's counts and first numbers, and a wrong text a sentence. */
#include "test.h"

#include "autograd/create.h"
#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "core/random.h"
#include "core/scope.h"
#include "core/threads.h"
#include "core/words_internal.h"
#include "models/layers_text.h"
#include "models/tree.h"
#include "nn/activations.h"
#include "nn/convolutions.h"
#include "nn/layers.h"
#include "nn/module_internal.h"
#include "nn/paddings.h"
#include "nn/recurrent.h"
#include "nn/resampling.h"
#include "nn/transformer.h"

static void assert_same(cd_module *m, cd_module *wanted, const char *text)
{
    assert_that(m, "%s: %s", text, cd_error_message());
    assert_non_null(wanted);
    char *a = cd_module_to_json(m), *b = cd_module_to_json(wanted);
    assert_non_null(a);
    assert_that(b && strcmp(a, b) == 0, "%s gives\n%s\nand not\n%s", text, a, b);
    free(a);
    free(b);
}

static void texts_are_the_constructors(void **state)
{
    (void)state;
    enum { MOST = 8 };
    const struct {
        const char *text;
        cd_shape input;
        int64_t outputs;
        cd_module *wanted[MOST];
    } cases[] = {
        { "linear 256, relu, dropout 0.2, linear",
          CD_SHAPE(784),
          10,
          { cd_nn_linear(784, 256), cd_nn_relu(), cd_nn_dropout(0.2), cd_nn_linear(256, 10) } },
        { "LINEAR 5 no-bias,ReLU inplace ,\n dropout,fc dtype float32",
          CD_SHAPE(4),
          3,
          { cd_nn_linear(4, 5, .no_bias = true), cd_nn_relu(.inplace = true), cd_nn_dropout(0.5),
            cd_nn_linear(5, 3) } },
        { "linear", CD_SHAPE(2, 3), 4, { cd_nn_flatten(), cd_nn_linear(6, 4) } },
        { "linear, log_softmax 1", CD_SHAPE(3), 4, { cd_nn_linear(3, 4), cd_nn_log_softmax(1) } },
        { "conv 8 3 2 1, batchnorm, maxpool 2, linear",
          CD_SHAPE(3, 20, 20),
          10,
          { cd_nn_conv2d(3, 8, 3, .stride = 2, .padding = 1), cd_nn_batch_norm2d(8),
            cd_nn_max_pool2d(2), cd_nn_flatten(), cd_nn_linear(200, 10) } },
        { "conv 9 kernel_size 3 5 padding same dilation 2 groups 3 padding-mode Reflect bias false",
          CD_SHAPE(6, 9, 9),
          0,
          { cd_nn_conv2d(6, 9, 3, .kernel_w = 5, .padding = CD_PADDING_SAME, .dilation = 2,
                         .groups = 3, .no_bias = true, .padding_mode = CD_PAD_REFLECT) } },
        { "Conv-1d 4 kernel_size 3, bn momentum none, avg_pool 2 2, adaptive-max-pool 1",
          CD_SHAPE(2, 12),
          0,
          { cd_nn_conv1d(2, 4, 3), cd_nn_batch_norm1d(4, .momentum = CD_CUMULATIVE),
            cd_nn_avg_pool1d(2, .stride = 2), cd_nn_adaptive_max_pool1d(1) } },
        { "bn, batch_norm1d eps 0.25 no-affine",
          CD_SHAPE(5),
          0,
          { cd_nn_batch_norm1d(5), cd_nn_batch_norm1d(5, .eps = 0.25, .no_affine = true) } },
        { "instance-norm affine track_running_stats, group_norm 2, layernorm, rms-norm eps 0.5",
          CD_SHAPE(4, 3),
          0,
          { cd_nn_instance_norm1d(4, .affine = true, .tracking = true), cd_nn_group_norm(2, 4),
            cd_nn_layer_norm(CD_SHAPE(3)), cd_nn_rms_norm(CD_SHAPE(3), .eps = 0.5) } },
        { "layernorm normalized_shape 4 3",
          CD_SHAPE(4, 3),
          0,
          { cd_nn_layer_norm(CD_SHAPE(4, 3)) } },
        { "unflatten 1 3 4 5, adaptive-avg-pool output_size none 2, zeropad 1, constant-pad2d 1 "
          "-0.5",
          CD_SHAPE(60),
          0,
          { cd_nn_unflatten(1, CD_SHAPE(3, 4, 5)), cd_nn_adaptive_avg_pool2d(-1, 2),
            cd_nn_zero_pad2d(CD_SIZES(1)), cd_nn_constant_pad2d(CD_SIZES(1), -0.5) } },
        { "upsample scale_factor 2 mode bilinear align_corners, reflection-pad 1 2 0 1, flatten 2",
          CD_SHAPE(1, 4, 4),
          0,
          { cd_nn_upsample(.scale_factor = 2, .mode = CD_RESAMPLING_BILINEAR,
                           .align_corners = true),
            cd_nn_reflection_pad2d(CD_SIZES(1, 2, 0, 1)), cd_nn_flatten(.start_dim = 2) } },
        { "leaky_relu 0.2, hardtanh -2 2, gelu approximate tanh, threshold 0.1 20, prelu, glu",
          CD_SHAPE(6),
          0,
          { cd_nn_leaky_relu(.negative_slope = 0.2), cd_nn_hardtanh(.min_val = -2, .max_val = 2),
            cd_nn_gelu(.approximate = CD_GELU_TANH), cd_nn_threshold(0.1, 20), cd_nn_prelu(1),
            cd_nn_glu(-1) } },
        { "transformer-encoder-layer 2 8 0 batch_first activation gelu",
          CD_SHAPE(3, 4),
          0,
          { cd_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 8, .dropout = CD_ZERO,
                                            .batch_first = true,
                                            .activation = CD_TRANSFORMER_GELU) } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_module *m = cd_layers_from_text(cases[i].text, .input = cases[i].input,
                                           .outputs = cases[i].outputs);
        int count = 0;
        while (count < MOST && cases[i].wanted[count]) count++;
        assert_same(m, cd_nn_sequential_n(cases[i].wanted, count), cases[i].text);
    }
}

static void a_linear_on_the_last_dimension_needs_no_flatten(void **state)
{
    (void)state;
    cd_module *m = cd_layers_from_text("embedding 50 8, linear 6, linear", .input = CD_SHAPE(7),
                                       .dtype = CD_I64, .outputs = 5, .no_flatten = true);
    assert_same(m, cd_nn_sequential(cd_nn_embedding(50, 8), cd_nn_linear(8, 6), cd_nn_linear(6, 5)),
                "embedding");
}

/* torch.nn.Sequential of the same layers has 203530 and 20170 parameters. */
static void counts_are_those_of_pytorch(void **state)
{
    (void)state;
    cd_module *mlp = cd_layers_from_text("linear 256, relu, dropout 0.2, linear",
                                         .input = CD_SHAPE(784), .outputs = 10);
    assert_int_equal(cd_num_parameters(mlp), 203530);
    cd_module *cnn = cd_layers_from_text(
        "conv 32 3 padding 1, batchnorm, relu, maxpool 2, conv 64 3 1 1 no-bias, batchnorm, relu, "
        "adaptiveavgpool 1, linear",
        .input = CD_SHAPE(3, 32, 32), .outputs = 10);
    assert_int_equal(cd_num_parameters(cnn), 20170);
    assert_true(cd_is_training(cnn));
}

/* torch.manual_seed(3); Sequential(Conv2d(1, 2, 3), ReLU(), Flatten(), Linear(72, 3)). */
static void the_first_numbers_are_those_of_pytorch(void **state)
{
    (void)state;
    static const double last[] = { -0.11396396905183792, 0.022303381934762, 0.01694341190159321 };
    static const double first[] = { 0.23154577612876892, 0.24990415573120117 };
    cd_manual_seed(3);
    cd_module *m =
        cd_layers_from_text("conv 2 3, relu, linear", .input = CD_SHAPE(1, 8, 8), .outputs = 3);
    assert_non_null(m);
    double at[3];
    assert_true(cd_read(cd_to(cd_module_tensor(m, "3.bias"), CD_F64), at, sizeof at));
    for (int i = 0; i < 3; i++) assert_close(at[i], last[i], 1e-7, 0);
    assert_true(cd_read(cd_to(cd_module_tensor(m, "0.bias"), CD_F64), at, 2 * sizeof *at));
    for (int i = 0; i < 2; i++) assert_close(at[i], first[i], 1e-7, 0);
}

/* --- every class ------------------------------------------------------------------------------ */

static const struct sample {
    const char *name, *options;
    cd_dtype dtype;
    cd_shape shape;
} samples[] = {
    { "RNNCell",
      "{\"input_size\": 3, \"hidden_size\": 4, \"bias\": false, \"dtype\": \"float64\", "
      "\"nonlinearity\": \"relu\"}",
      CD_F64,
      { 2, { 2, 3 } } },
    { "GRUCell",
      "{\"input_size\": 3, \"hidden_size\": 4, \"bias\": false, \"dtype\": \"float64\"}",
      CD_F64,
      { 2, { 2, 3 } } },
    { "TransformerEncoderLayer",
      "{\"d_model\": 4, \"nhead\": 2, \"dim_feedforward\": 5, \"dropout\": 0.0, \"activation\": "
      "\"gelu\", \"layer_norm_eps\": 0.25, \"batch_first\": true, \"norm_first\": true, \"bias\": "
      "false, \"dtype\": \"float64\"}",
      CD_F64,
      { 3, { 2, 3, 4 } } },
#define SHAPE_OF(...)                                                                              \
    {                                                                                              \
        (int)(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t)),                               \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define MADE_AGAIN(name_, printed_, options_, dtype_, sizes_, ...)                                 \
    { printed_, options_, dtype_, SHAPE_OF sizes_ },
#include "made_again.def"
#undef MADE_AGAIN
};

static const struct sample *sample_of(const char *name)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        if (cd_same_words(samples[i].name, name)) return &samples[i];
    }
    return NULL;
}

static cd_module *module_of(const struct sample *s)
{
    char json[700];
    (void)snprintf(json, sizeof json,
                   "{\"class\": \"Sequential\", \"children\": {\"0\": {\"class\": \"%s\", "
                   "\"options\": %s}}}",
                   s->name, s->options);
    cd_module *m = cd_module_from_json(json);
    assert_that(m, "%s: %s", s->name, cd_error_message());
    return m;
}

/* Options of every class, each another than its default, as a text and back. */
static void every_class_goes_through_a_text(void **state)
{
    (void)state;
    int count = 0, refused = 0;
    const char *name;
    for (; (name = cd_layers_text_name(count)) != NULL; count++) {
        CD_SCOPE();
        const struct sample *s = sample_of(name);
        assert_that(s, "%s has no sample", name);
        cd_module *m = module_of(s);
        char text[512];
        assert_that(cd_layers_to_text(m, text, sizeof text), "%s: %s", name, cd_error_message());
        assert_true(strncmp(text, name, strlen(name)) == 0);
        cd_shape input = { .ndim = s->shape.ndim - 1 }; /* the sample's first dimension: a batch */
        memcpy(input.dim, s->shape.dim + 1, (size_t)input.ndim * sizeof *input.dim);
        cd_module *again = cd_layers_from_text(text, .input = input, .dtype = s->dtype);
        if (!again) { /* a sample without a batch */
            cd_clear_error();
            again = cd_layers_from_text(text, .input = s->shape, .dtype = s->dtype);
        }
        if (!again) { /* "linear 0", and "glu 0" and "flatten 0", which mix the samples */
            assert_true(strncmp(text + strcspn(text, " "), " 0", 2) == 0);
            assert_failed_with(CD_ERR_SHAPE, "it gives ");
            refused++;
            continue;
        }
        assert_same(again, m, text);
    }
    assert_int_equal(refused, 3);
    assert_int_equal(count, 89);
}

static void what_has_no_word_is_refused(void **state)
{
    (void)state;
    int refused = 0, words = 0;
    for (int i = 0; cd_module_classes[i]; i++) {
        CD_SCOPE();
        char text[CD_LAYERS_TEXT];
        const char *name = cd_module_classes[i]->name;
        if (cd_layers_text_usage(name, text, sizeof text)) {
            words++;
            continue;
        }
        assert_failed_with(CD_ERR_UNSUPPORTED, name);
        assert_null(cd_layers_from_text(name, .input = CD_SHAPE(3, 4, 5)));
        assert_failed_with(CD_ERR_UNSUPPORTED, "item 1");
        refused++;
    }
    int names = 0;
    while (cd_layers_text_name(names)) names++;
    assert_int_equal(names, words);
    assert_in_range(refused, 30, 60);
    assert_null(cd_layers_text_name(-1));
}

/* --- usage ------------------------------------------------------------------------------------ */

static void usage_says_what_a_word_takes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "linear", "OUT_FEATURES [no-bias] [dtype float32 | float64] [in_features N]" },
        { "maxpool", "KERNEL_SIZE [STRIDE] [PADDING] [DILATION] [return_indices] [ceil_mode]" },
        { "dropout", "[P] [inplace]" },
        { "glu", "[DIM]" },
        { "softmax", "DIM" },
        { "unflatten", "DIM UNFLATTENED_SIZE ..." },
        { "adaptive-avg-pool2d", "OUTPUT_SIZE [N]" },
        { "gelu", "[approximate none | tanh]" },
        { "tanh", "" },
    };
    char text[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(cd_layers_text_usage(cases[i][0], text, sizeof text));
        assert_string_equal(text, cases[i][1]);
    }
    assert_true(cd_layers_text_usage("conv", text, sizeof text));
    assert_true(strstr(text, "OUT_CHANNELS KERNEL_SIZE [STRIDE] [PADDING] [dilation N [N]]"));
    assert_true(cd_layers_text_usage("linear", text, 10));
    assert_string_equal(text, "OUT_FEATU");
    assert_false(cd_layers_text_usage("liner", text, sizeof text));
    assert_failed_with(CD_ERR_ARGUMENT, "did you mean \"linear\"");
    assert_string_equal(text, "");
    assert_false(cd_layers_text_usage(NULL, text, sizeof text));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

/* --- wrong texts ------------------------------------------------------------------------------ */

static void wrong_texts_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *text;
        cd_code code;
        const char *message;
    } cases[] = {
        { "", CD_ERR_ARGUMENT, "item 1, \"\": a layer is missing at column 1, where there is the" },
        { "relu,", CD_ERR_ARGUMENT,
          "item 2, \"\": a layer is missing at column 6, where there is" },
        { "relu,,tanh", CD_ERR_ARGUMENT, "item 2, \"\": a layer is missing at column 6, where " },
        { "conv 4 3, linea", CD_ERR_ARGUMENT,
          "item 2, \"linea\": there is no such layer (column 11), did you mean \"linear\"?; the" },
        { "maxpol 2", CD_ERR_ARGUMENT, "item 1, \"maxpol\": there is no such layer (column 1)" },
        { "zzzzzzzz", CD_ERR_ARGUMENT, "no such layer (column 1); the words are PyTorch's names" },
        { "3", CD_ERR_ARGUMENT, "item 1, \"3\": there is no such layer (column 1)" },
        { "conv 4 3 paddin 1", CD_ERR_ARGUMENT,
          "item 1, \"conv\": it has no \"paddin\" (column 10), did you mean \"padding\"?; it takes "
          "OUT_CHANNELS KERNEL_SIZE [STRIDE]" },
        { "conv 4 3 relu", CD_ERR_ARGUMENT,
          "item 1, \"conv\": it has no \"relu\" (column 10), and a comma separates layers; it" },
        { "conv 4 3 padding=1", CD_ERR_ARGUMENT,
          "it has no \"padding=1\" (column 10), did you mean \"padding\"?; a text has spaces in "
          "place of \"=\", \":\" and brackets, and commas in place of \";\"; it takes OUT" },
        /* A word is cut behind a whole character. */
        { "x\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac"
          "\u20ac\u20ac\u20ac",
          CD_ERR_ARGUMENT,
          "item 1, \"x\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac"
          "\u20ac\u20ac\u20ac\": there is" },
        { "Linear(256)", CD_ERR_ARGUMENT,
          "item 1, \"Linear(256)\": there is no such layer (column 1); a text has spaces in" },
        { "relu; linear 3", CD_ERR_ARGUMENT, "\"relu;\": there is no such layer (column 1), did" },
        { "conv 4", CD_ERR_ARGUMENT,
          "item 1, \"conv\": \"kernel_size\" is missing; it takes OUT_" },
        { "conv 4 3 1 1 1", CD_ERR_ARGUMENT,
          "5 numbers behind the word (before column 15), of which 4 are used" },
        { "relu 3", CD_ERR_ARGUMENT, "1 number behind the word (before column 7), of which 0 are" },
        { "conv 4 3 stride", CD_ERR_ARGUMENT, "\"stride\" (before column 16) has no value; it" },
        { "conv 4 3 padding full", CD_ERR_ARGUMENT,
          "\"padding\" (before column 18) has no value, and \"full\" is none; it takes" },
        { "conv 4 3 stride 1 2 3", CD_ERR_ARGUMENT, "\"stride\" has 3 numbers (before column 22)" },
        { "conv 4 3 2 stride 2", CD_ERR_ARGUMENT,
          "\"stride\" is given twice, the second time before column 12" },
        { "conv 4 3 no-bias bias", CD_ERR_ARGUMENT, "\"bias\" is given twice" },
        { "conv 4 3 padding_mode 3", CD_ERR_ARGUMENT,
          "the option \"padding_mode\" must be \"zeros" },
        { "conv 4 3 0", CD_ERR_ARGUMENT,
          "the option \"stride\" must be one or two whole numbers, 1" },
        { "conv 4 1.5", CD_ERR_ARGUMENT, "the option \"kernel_size\" must be" },
        { "conv -4 3", CD_ERR_ARGUMENT, "the option \"out_channels\" must be a whole number" },
        { "dropout 1.5", CD_ERR_ARGUMENT, "the option \"p\" must be a number" },
        { "adaptive-avg-pool output_size 1 2 3", CD_ERR_ARGUMENT,
          "the option \"output_size\" must" },
        { "linear 8, relu, linear", CD_ERR_ARGUMENT,
          "item 3, \"linear\": it needs its number of outputs, as in \"linear 10\", since" },
        { "linear, relu, linear 4", CD_ERR_ARGUMENT,
          "item 1, \"linear\": it needs its number of outputs, as in \"linear 256\"" },
        { "conv 4 40", CD_ERR_SHAPE,
          "item 1, \"conv\": a sample comes to it as 3x8x8: conv2d: the kernel is larger" },
        { "conv 4 3 groups 2", CD_ERR_ARGUMENT, "item 1, \"conv\"" },
        { "flatten, conv 4 3", CD_ERR_SHAPE,
          "item 2, \"conv\": its input has 0 dimensions behind the channels, and no word is for "
          "that "
          "(conv1d, conv2d)" },
        { "linear in_features 5 out_features 2", CD_ERR_SHAPE,
          "item 1, \"linear\": a sample comes" },
        { "unflatten 1 1 1 1 1 1 1 1 1 1", CD_ERR_ARGUMENT,
          "10 numbers behind the word (before column 30), of which 9 are used" },
        { "flatten 0", CD_ERR_SHAPE, "item 1, \"flatten\": it gives 384 for 2 samples" },
        { "linear 0", CD_ERR_SHAPE, "item 1, \"linear\": it gives nothing: a sample is 0" },
        { "upsample", CD_ERR_ARGUMENT, "item 1, \"upsample\": a sample comes to it as 3x8x8: " },
        { "maxpool 2 return_indices", CD_ERR_UNSUPPORTED, "it gives 2 tensors with these options" },
        { "lstm 4", CD_ERR_UNSUPPORTED,
          "item 1, \"lstm\": LSTM cannot be in a text: it takes 1 and" },
        { "crossentropyloss", CD_ERR_UNSUPPORTED, "it takes 2 and gives 1 tensor" },
        { "sequential", CD_ERR_UNSUPPORTED, "it is made of other modules" },
        { "embedding 5 4", CD_ERR_DTYPE, "item 1, \"embedding\": a sample comes to it as 3x8x8" },
        { "linear 8 dtype float64", CD_ERR_DTYPE, "item 1, \"linear\"" },
        { "linear 100000, linear 100000", CD_ERR_UNSUPPORTED,
          "item 2, \"linear\": the layers up to this one have more parameters than there may be, "
          "268" },
        { "linear 4611686018427387904", CD_ERR_ARGUMENT, "the option \"out_features\" must be" },
        { "linear 9007199254740991", CD_ERR_SHAPE, "item 1, \"linear\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_that(!cd_layers_from_text(cases[i].text, .input = CD_SHAPE(3, 8, 8)), "%s is taken",
                    cases[i].text);
        cd_error error;
        assert_true(cd_error_take(&error));
        assert_that(error.code == cases[i].code && strstr(error.message, cases[i].message),
                    "%s: %s: %s", cases[i].text, cd_code_name(error.code), error.message);
        assert_true(strncmp(error.message, "layers_from_text: ", 18) == 0);
    }
}

static void other_outputs_are_refused(void **state)
{
    (void)state;
    assert_null(cd_layers_from_text("linear 8", .input = CD_SHAPE(3), .outputs = 10));
    assert_failed_with(CD_ERR_SHAPE, "the layers give 8 for each sample, and must give 10 numbers");
    assert_null(cd_layers_from_text("conv 10 3", .input = CD_SHAPE(3, 5, 10), .outputs = 8));
    assert_failed_with(CD_ERR_SHAPE, "the layers give 10x3x8 for each sample");
    assert_non_null(cd_layers_from_text("linear 10", .input = CD_SHAPE(3), .outputs = 10));
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    assert_null(cd_layers_from_text(NULL, .input = CD_SHAPE(3)));
    assert_failed_with(CD_ERR_ARGUMENT, "the text is NULL");
    assert_null(cd_layers_from_text("relu"));
    assert_failed_with(CD_ERR_ARGUMENT, ".input is missing");
    assert_null(cd_layers_from_text("relu", .input = CD_SHAPE(3, 0)));
    assert_failed_with(CD_ERR_SHAPE, ".input is 3x0");
    assert_null(cd_layers_from_text("relu", .input = CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1)));
    assert_failed_with(CD_ERR_SHAPE, ".input has 8 dimensions, and must have 1 to 7");
    assert_null(cd_layers_from_text("relu", .input = CD_SHAPE(3), .outputs = -1));
    assert_failed_with(CD_ERR_ARGUMENT, ".outputs is -1");
    assert_null(cd_layers_from_text("relu", .input = CD_SHAPE(3), .device = (cd_device)9));
    assert_failed_with(CD_ERR_DEVICE, "layers_from_text");
    assert_null(cd_layers_from_text("relu", .input = CD_SHAPE((int64_t)1 << 40, 1 << 30)));
    assert_true(cd_error_code() == CD_ERR_SHAPE);
    cd_clear_error();
}

static void too_much_is_refused(void **state)
{
    (void)state;
    static char text[CD_LAYERS_TEXT + 1];
    memset(text, ' ', CD_LAYERS_TEXT);
    assert_null(cd_layers_from_text(text, .input = CD_SHAPE(3)));
    assert_failed_with(CD_ERR_ARGUMENT, "16384 bytes or more");
    strcpy(text, "relu");
    for (int i = 1; i < CD_LAYERS_MAX; i++) strcat(text, ",relu");
    cd_module *m = cd_layers_from_text(text, .input = CD_SHAPE(3));
    assert_int_equal(cd_module_child_count(m), CD_LAYERS_MAX);
    strcat(text, ",relu");
    assert_null(cd_layers_from_text(text, .input = CD_SHAPE(3)));
    assert_failed_with(CD_ERR_ARGUMENT, "more than 256 layers (column 1281)");
    assert_null(cd_layers_from_text("linear 9, linear", .input = CD_SHAPE(3), .outputs = 2,
                                    .most_parameters = 9 * 4 + 2 * 10 - 1));
    assert_failed_with(CD_ERR_UNSUPPORTED,
                       "item 2, \"linear\": the layers up to this one have more");
    assert_non_null(cd_layers_from_text("linear 9, linear", .input = CD_SHAPE(3), .outputs = 2,
                                        .most_parameters = 9 * 4 + 2 * 10));
}

/* A text that is refused takes no random numbers. */
static void a_refused_text_changes_nothing(void **state)
{
    (void)state;
    cd_manual_seed(1);
    const double wanted = cd_item(cd_rand(CD_SHAPE(1)));
    cd_manual_seed(1);
    assert_null(cd_layers_from_text("linear 9, conv 3 3", .input = CD_SHAPE(3)));
    assert_true(cd_error_code() == CD_ERR_SHAPE);
    cd_clear_error();
    assert_non_null(cd_layers_from_text("linear 9", .input = CD_SHAPE(3), .device = CD_META));
    assert_close(cd_item(cd_rand(CD_SHAPE(1))), wanted, 0, 0);
}

/* --- the meta device, and classes of the program's own ---------------------------------------- */

static void a_model_on_meta_takes_no_memory(void **state)
{
    (void)state;
    cd_module *m = cd_layers_from_text("linear 10000, linear", .input = CD_SHAPE(20000),
                                       .outputs = 10, .device = CD_META);
    assert_int_equal(cd_num_parameters(m), 200010000 + 100010);
    assert_int_equal(cd_device_of(cd_module_tensor(m, "0.weight")), CD_META);
}

typedef struct scaled_options {
    int64_t features;
    double factor;
} scaled_options;

typedef struct scaled {
    cd_module module;
    scaled_options options;
} scaled;

static bool scaled_forward(cd_module *m, const cd_arguments *a)
{
    a->out[0] = cd_mul(a->in[0], ((const scaled *)m)->options.factor);
    return a->out[0];
}

static cd_module *scaled_make(const void *options);
static const cd_option scaled_table[] = {
    { "features", CD_OPTION(scaled_options, features, INTEGER), .required = true, .min = 1 },
    { "factor", CD_OPTION(scaled_options, factor, REAL), .default_value = 2, .min = -INFINITY },
    CD_OPTIONS_END,
};
static const cd_module_class scaled_class = { .name = "ScaledOfTest",
                                              .size = sizeof(scaled),
                                              .inputs = 1,
                                              .forward = scaled_forward,
                                              CD_CLASS_OPTIONS(scaled, options, scaled_table),
                                              .make = scaled_make };

static cd_module *scaled_make(const void *options)
{
    scaled_options o = *(const scaled_options *)options;
    if (!cd_options_fill(scaled_table, &o, "scaled")) return NULL;
    scaled *m = (scaled *)cd_module_new(&scaled_class);
    if (m) m->options = o;
    return (cd_module *)m;
}

static void a_registered_class_has_a_word(void **state)
{
    (void)state;
    assert_true(cd_register_module_class(&scaled_class));
    cd_module *m = cd_layers_from_text("scaled-of-test 4 0.5, relu", .input = CD_SHAPE(3));
    assert_non_null(m);
    char text[64];
    assert_true(cd_layers_to_text(m, text, sizeof text));
    assert_string_equal(text, "ScaledOfTest 4 0.5, relu");
    assert_close(((const scaled *)cd_module_child(m, 0))->options.factor, 0.5, 0, 0);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void modules_without_a_text_are_refused(void **state)
{
    (void)state;
    char text[64] = "x";
    assert_false(cd_layers_to_text(cd_nn_linear(2, 2), text, sizeof text));
    assert_failed_with(CD_ERR_UNSUPPORTED, "the module is a Linear, and must be a Sequential");
    assert_string_equal(text, "");
    assert_false(cd_layers_to_text(cd_nn_sequential(cd_nn_lstm(2, 2)), text, sizeof text));
    assert_failed_with(CD_ERR_UNSUPPORTED, "no text gives a LSTM: it takes 1 and gives 3");
    assert_false(cd_layers_to_text(cd_nn_sequential(cd_nn_linear(2, 22)), text, 9));
    assert_failed_with(CD_ERR_ARGUMENT, "9 bytes are too few");
    assert_string_equal(text, "");
    assert_true(cd_layers_to_text(cd_nn_sequential(cd_nn_linear(2, 22)), text, 10));
    assert_string_equal(text, "linear 22");
    assert_false(cd_layers_to_text(NULL, text, sizeof text));
    assert_failed_with(CD_ERR_ARGUMENT, "layers_to_text");
    assert_false(cd_layers_to_text(cd_nn_sequential(cd_nn_relu()), NULL, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "the text is NULL");
}

/* --- memory ----------------------------------------------------------------------------------- */

static int until_refused;

static bool refuse_once(size_t bytes)
{
    (void)bytes;
    return until_refused-- == 0;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    const int before = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    bool done = false;
    int refused = 0;
    for (int at = 0; !done; at++) {
        CD_SCOPE();
        until_refused = at;
        cd_memory_fault_hook = refuse_once;
        done = cd_layers_from_text("conv 2 3, bn, relu, maxpool 2, linear",
                                   .input = CD_SHAPE(1, 8, 8), .outputs = 3) != NULL;
        cd_memory_fault_hook = NULL;
        if (done) continue;
        assert_failed_with(CD_ERR_MEMORY, "memory");
        refused++;
    }
    assert_in_range(refused, 40, 2000);
    assert_true(cd_set_num_threads(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_are_the_constructors),
        TEST(a_linear_on_the_last_dimension_needs_no_flatten),
        TEST(counts_are_those_of_pytorch),
        TEST(the_first_numbers_are_those_of_pytorch),
        TEST(every_class_goes_through_a_text),
        TEST(what_has_no_word_is_refused),
        TEST(usage_says_what_a_word_takes),
        TEST(wrong_texts_are_refused),
        TEST(other_outputs_are_refused),
        TEST(wrong_arguments_are_refused),
        TEST(too_much_is_refused),
        TEST(a_refused_text_changes_nothing),
        TEST(a_model_on_meta_takes_no_memory),
        TEST(a_registered_class_has_a_word),
        TEST(modules_without_a_text_are_refused),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
