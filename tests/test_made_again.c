/* Objects made again from their saved options: every module, loss and model computes what the first
 * one computes. */
#include "goldens.h"

#include "autograd/order_ops.h"
#include "autograd/product_ops.h"
#include "core/memory_internal.h"
#include "models/card.h"
#include "models/model_class_internal.h"
#include "models/models.h"
#include "models/tree.h"
#include "modules.h"
#include "options_json.h"
#include "nn/module_internal.h"
#include "nn/state_dict.h"

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

/* Options that differ from the defaults, for each class of modules.def: those of containers and
 * losses, and then those of made_again.def. */
static const struct {
    const char *name, *options;
} module_samples[] = {
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

/* The tensors of two modules, number by number. */
static bool compare_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    cd_tensor *other = cd_module_tensor(user, name);
    (void)kind;
    assert_non_null(other);
    assert_int_equal(cd_dtype_of(other), cd_dtype_of(t));
    assert_int_equal(cd_requires_grad(other), cd_requires_grad(t));
    if (cd_numel(t) > 0) assert_near(other, t, 0, 0);
    return true;
}

/* Every class, below another module, as JSON and back, and saved and loaded. */
static void every_module_goes_through_a_tree(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/m.safetensors", test_folder());
    for (int i = 0; cd_module_classes[i]; i++) {
        CD_SCOPE();
        const cd_module_class *c = cd_module_classes[i];
        const char *options = options_of(c->name);
        cd_module *m = cd_nn_module_dict({ "a", cd_nn_linear(2, 2) }, { "b", made_of(c, options) });
        char *text = cd_module_to_json(m);
        assert_that(text, "%s: %s", c->name, cd_error_message());
        assert_that(strcmp(options, "{}") == 0 || strstr(text, options), "%s", text);
        char *first = describe_module(m), *second = describe_module(cd_module_from_json(text));
        assert_string_equal(first, second);
        free(second);
        const cd_card card = { .source = "test" };
        assert_that(cd_save_model(m, &card, path), "%s: %s", c->name, cd_error_message());
        cd_module *loaded = cd_load_model(path);
        assert_that(loaded, "%s: %s", c->name, cd_error_message());
        second = describe_module(loaded);
        assert_string_equal(first, second);
        assert_true(cd_visit(m, compare_tensor, loaded));
        free(first);
        free(second);
        free(text);
    }
}

/* Without running statistics: momentum 0 must leave the module's as they are. */
static cd_tensor *batch_norm2d_expected(cd_module *m, cd_tensor *x)
{
    assert_near(cd_module_tensor(m, "running_mean"), cd_zeros(CD_SHAPE(7), .dtype = CD_F64), 0, 0);
    assert_near(cd_module_tensor(m, "running_var"), cd_ones(CD_SHAPE(7), .dtype = CD_F64), 0, 0);
    return cd_batch_norm(x, cd_module_tensor(m, "weight"), cd_module_tensor(m, "bias"),
                         .training = true, .eps = 0.25);
}

static cd_tensor *batch_norm1d_expected(cd_module *m, cd_tensor *x)
{
    assert_null(cd_module_tensor(m, "running_mean"));
    cd_clear_error();
    return cd_batch_norm(x, NULL, NULL, .training = true, .eps = 0.25);
}

#define MADE_AGAIN(name_, printed_, options_, dtype_, sizes_, ...)                                 \
    static cd_tensor *name_##_by_op(cd_module *m, cd_tensor *x)                                    \
    {                                                                                              \
        (void)m;                                                                                   \
        return (__VA_ARGS__);                                                                      \
    }
#include "made_again.def"
#undef MADE_AGAIN

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
        char *text = cd_module_to_json(m);
        again = cd_module_from_json(text);
        free(text);
        assert_true(cd_load_state_dict(again, cd_state_dict(m)));
        agrees(again, x, expected[i].op);
    }
    for (int k = 0; cd_module_classes[k]; k++) {
        const cd_module_class *c = cd_module_classes[k];
        /* A loss has its row below. */
        assert_that(c->inputs != 1 || is_expected(c->name), "%s has no row in `expected`", c->name);
    }
}

/* --- losses ----------------------------------------------------------------------------------- */

/* A loss that is made again gives what its function gives with the options of module_samples. A
 * weight among these is 0, as what is made of options is until its elements are loaded. Losses of
 * two inputs have no c. */
static void check_loss(const char *name, cd_tensor *a, cd_tensor *b, cd_tensor *c,
                       cd_tensor *expected_loss)
{
    const cd_module_class *class_ = cd_find_module_class(name);
    assert_non_null(class_);
    cd_module *m = made_of(class_, options_of(name));
    cd_module *again = class_->make(cd_module_options(m));
    assert_near(c ? cd_forward(again, a, b, c) : cd_forward(again, a, b), expected_loss, 0, 0);
}

/* Counts the losses that are checked. */
#define LOSS(...) (check_loss(__VA_ARGS__), count++)

static int check_losses_of_classes(void)
{
    int count = 0;
    const int64_t numbers[] = { 0, 3, -3 };
    cd_tensor *t = cd_from_array(numbers, CD_SHAPE(3)), *x = cd_randn(CD_SHAPE(3, 4));
    cd_tensor *w = cd_zeros(CD_SHAPE(4)), *right = cd_arange(3);
    cd_tensor *lists = cd_sub(cd_remainder(cd_view(cd_arange(12), CD_SHAPE(3, 4)), 5), 1);
    LOSS("CrossEntropyLoss", x, t, NULL,
         cd_cross_entropy(x, t, .weight = w, .ignore = true, .ignore_index = -3,
                          .reduction = CD_SUM, .label_smoothing = 0.25));
    LOSS("NLLLoss", x, t, NULL,
         cd_nll_loss(x, t, .weight = w, .ignore = true, .ignore_index = -3, .reduction = CD_NONE));
    LOSS("MultiLabelMarginLoss", x, lists, NULL,
         cd_multilabel_margin_loss(x, lists, .reduction = CD_SUM));
    LOSS("MultiMarginLoss", x, right, NULL,
         cd_multi_margin_loss(x, right, .p = 2, .margin = 0.5, .weight = w, .reduction = CD_NONE));
    return count;
}

static int check_losses_of_numbers(void)
{
    int count = 0;
    cd_tensor *a = cd_randn(CD_SHAPE(3, 2)), *b = cd_rand(CD_SHAPE(3, 2));
    cd_tensor *c = cd_rand(CD_SHAPE(3, 2)), *n = cd_select(cd_sign(a), 1, 0), *s = cd_sign(a);
    cd_tensor *v = cd_zeros(CD_SHAPE(2), .dtype = CD_F64), *p = cd_zeros(CD_SHAPE(3, 2));
    LOSS("MSELoss", a, b, NULL, cd_mse_loss(a, b, .reduction = CD_NONE));
    LOSS("BCEWithLogitsLoss", a, b, NULL,
         cd_binary_cross_entropy_with_logits(a, b, .weight = v, .pos_weight = p));
    LOSS("L1Loss", a, b, NULL, cd_l1_loss(a, b, .reduction = CD_SUM));
    LOSS("SmoothL1Loss", a, b, NULL, cd_smooth_l1_loss(a, b, .reduction = CD_SUM, .beta = 0.25));
    LOSS("HuberLoss", a, b, NULL, cd_huber_loss(a, b, .reduction = CD_SUM, .delta = 0.25));
    LOSS("BCELoss", c, b, NULL, cd_binary_cross_entropy(c, b, .reduction = CD_SUM, .weight = v));
    LOSS("KLDivLoss", a, b, NULL, cd_kl_div(a, b, .batchmean = true, .log_target = true));
    LOSS("GaussianNLLLoss", a, b, c,
         cd_gaussian_nll_loss(a, b, c, .full = true, .eps = 0.5, .reduction = CD_SUM));
    LOSS("PoissonNLLLoss", b, c, NULL,
         cd_poisson_nll_loss(b, c, .no_log_input = true, .full = true, .eps = 0.5,
                             .reduction = CD_SUM));
    LOSS("CosineEmbeddingLoss", a, b, n,
         cd_cosine_embedding_loss(a, b, n, .margin = -0.25, .reduction = CD_SUM));
    LOSS("MarginRankingLoss", b, c, s,
         cd_margin_ranking_loss(b, c, s, .margin = -0.25, .reduction = CD_NONE));
    LOSS("MultiLabelSoftMarginLoss", a, b, NULL,
         cd_multilabel_soft_margin_loss(a, b, .weight = v, .reduction = CD_SUM));
    LOSS("SoftMarginLoss", b, s, NULL, cd_soft_margin_loss(b, s, .reduction = CD_SUM));
    LOSS("TripletMarginLoss", a, b, c,
         cd_triplet_margin_loss(a, b, c, .margin = 0.5, .p = INFINITY, .eps = CD_ZERO, .swap = true,
                                .reduction = CD_SUM));
    LOSS("HingeEmbeddingLoss", b, s, NULL,
         cd_hinge_embedding_loss(b, s, .margin = CD_ZERO, .reduction = CD_NONE));
    return count;
}

static void a_loss_made_again_computes_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    int left = check_losses_of_classes() + check_losses_of_numbers();
    assert_ok();
    for (int k = 0; cd_module_classes[k]; k++) {
        const cd_module_class *c = cd_module_classes[k];
        if (c->inputs >= 2 && !is_expected(c->name)) left--;
    }
    assert_that(left == 0, "%d losses of nn/modules.def are not checked here", -left);
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

static void every_model_is_made_again(void **state)
{
    (void)state;
    static const struct {
        const char *name, *options;
        int64_t outputs;
    } samples[] = { { "mlp", "{\"inputs\": 6, \"outputs\": 2, \"hidden\": [5, 4]}", 2 },
                    { "lenet", "{\"inputs\": 3, \"size\": 33, \"outputs\": 7}", 7 },
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
        TEST(every_module_goes_through_a_tree),
        TEST(a_module_made_again_computes_the_same),
        TEST(a_loss_made_again_computes_the_same),
        TEST(a_weighted_loss_made_again_computes_the_same),
        TEST(every_model_is_made_again),
    };
    return RUN(tests);
}
