/* Trees of modules as JSON, and saved models of one's own. test_tree_refused.c has what is refused;
 * test_made_again.c sends every class of nn/modules.def through the JSON. */
#include "goldens.h"

#include <candela.h>

#include "core/memory_internal.h"
#include "modules.h"
#include "nn/module_internal.h"

static const char *in_folder(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* The same module, made from its JSON. */
static cd_module *by_json(cd_module *m)
{
    char *text = cd_module_to_json(m);
    assert_ok();
    cd_module *again = cd_module_from_json(text);
    assert_ok();
    char *second = cd_module_to_json(again);
    assert_string_equal(text, second);
    free(text);
    free(second);
    return again;
}

/* The same module, saved and loaded. */
static cd_module *by_file(cd_module *m)
{
    const cd_card card = { .source = "test" };
    assert_true(cd_save_model(m, &card, in_folder("m.safetensors")));
    cd_module *again = cd_load_model(in_folder("m.safetensors"));
    assert_ok();
    return again;
}

/* Both give the same bits for x, in evaluation mode. */
static void assert_same_output(cd_module *a, cd_module *b, cd_tensor *x)
{
    CD_SCOPE();
    CD_NO_GRAD();
    assert_true(cd_eval(a) && cd_eval(b));
    assert_near(cd_forward(a, x), cd_forward(b, x), 0, 0);
}

static void assert_json(cd_module *m, const char *expected)
{
    char *text = cd_module_to_json(m);
    assert_ok();
    assert_string_equal(text, expected);
    free(text);
}

/* --- the text --------------------------------------------------------------------------------- */

#define LINEAR_34                                                                                  \
    "{\"class\": \"Linear\", \"options\": {\"in_features\": 3, \"out_features\": 4, \"bias\": "    \
    "true, \"dtype\": \"float32\"}}"

static void a_sequential_is_written_as_a_tree(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *linear = cd_nn_linear(3, 4);
    assert_json(linear, LINEAR_34);
    assert_json(cd_nn_sequential(linear, cd_nn_relu()),
                "{\"class\": \"Sequential\", \"children\": {\"0\": " LINEAR_34
                ", \"1\": {\"class\": \"ReLU\", \"options\": {\"inplace\": false}}}}");
    assert_json(cd_nn_sequential_n(NULL, 0), "{\"class\": \"Sequential\"}");
}

static void a_module_under_two_names_is_written_once(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *linear = cd_nn_linear(3, 4), *inner = cd_nn_sequential(linear);
    cd_module *m = cd_nn_module_dict({ "a", inner }, { "b", linear }, { "c", inner });
    assert_json(m, "{\"class\": \"ModuleDict\", \"children\": {\"a\": {\"class\": \"Sequential\", "
                   "\"children\": {\"0\": " LINEAR_34
                   "}}, \"b\": {\"same_as\": \"a.0\"}, \"c\": {\"same_as\": \"a\"}}}");
    cd_module *again = by_json(m);
    assert_ptr_equal(cd_module_get(again, "b"), cd_module_get(again, "a.0"));
    assert_ptr_equal(cd_module_get(again, "c"), cd_module_get(again, "a"));
    again = by_file(m);
    assert_ptr_equal(cd_module_get(again, "c.0"), cd_module_get(again, "b"));
    assert_near(cd_module_tensor(again, "c.0.weight"), cd_module_tensor(m, "b.weight"), 0, 0);
}

static void what_a_class_makes_itself_is_left_out(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 1, .num_decoder_layers = 1,
                                     .dim_feedforward = 5);
    char *text = cd_module_to_json(m);
    assert_ok();
    assert_null(strstr(text, "children"));
    free(text);
    assert_true(cd_module_set(m, "decoder.layers.0.linear1", cd_nn_identity()));
    text = cd_module_to_json(m);
    assert_ok();
    assert_null(strstr(text, "encoder.layers"));
    assert_non_null(strstr(text, "\"linear1\": {\"class\": \"Identity\"}"));
    assert_null(strstr(text, "\"linear2\""));
    free(text);
    cd_module *again = by_json(m);
    assert_string_equal(cd_module_name(cd_module_get(again, "decoder.layers.0.linear1")),
                        "Identity");
}

/* --- state beside the options ----------------------------------------------------------------- */

static void frozen_parts_stay_frozen(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_batch_norm1d(4), cd_nn_linear(4, 2));
    assert_true(cd_freeze(cd_module_get(m, "1")));
    assert_int_equal(cd_freeze_matching(m, "2.bias"), 1);
    cd_module *again = by_file(m);
    assert_false(cd_is_frozen(again));
    assert_true(cd_is_frozen(cd_module_get(again, "1")));
    assert_false(cd_requires_grad(cd_module_tensor(again, "1.weight")));
    assert_true(cd_requires_grad(cd_module_tensor(again, "2.weight")));
    assert_false(cd_requires_grad(cd_module_tensor(again, "2.bias")));
    assert_false(cd_requires_grad(cd_module_tensor(again, "1.running_mean")));
    /* Training mode is the caller's to choose, and does not change what is frozen. */
    assert_false(cd_is_training(again));
    assert_true(cd_train(again));
    assert_false(cd_is_training(cd_module_get(again, "1")));
    assert_true(cd_is_training(cd_module_get(again, "2")));
    (void)by_json(m);
    assert_true(cd_freeze(m));
    assert_int_equal(cd_num_trainable_parameters(by_file(m)), 0);
    assert_true(cd_unfreeze(m));
    assert_int_equal(cd_num_trainable_parameters(by_json(m)), 34);
}

static void an_averaged_model_goes_on_where_it_was(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *model = cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_batch_norm1d(4));
    cd_module *average = cd_nn_averaged_model(model, .decay = 0.75, .use_buffers = true);
    for (int i = 0; i < 3; i++) {
        (void)cd_forward(model, cd_randn(CD_SHAPE(5, 3)));
        assert_true(cd_update_parameters(average, model));
    }
    cd_module *again = by_file(average);
    assert_int_equal(cd_item_int(cd_module_tensor(again, "n_averaged")), 3);
    assert_same_output(average, again, cd_randn(CD_SHAPE(5, 3)));
    /* The next update gives the same too, so the decay is the same. */
    assert_true(cd_update_parameters(average, model) && cd_update_parameters(again, model));
    assert_same_output(average, again, cd_randn(CD_SHAPE(5, 3)));
}

static void dtypes_come_back(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_batch_norm1d(4), cd_nn_gelu());
    assert_true(cd_module_to_dtype(m, CD_F64));
    cd_module *again = by_file(m);
    assert_int_equal(cd_dtype_of(cd_module_tensor(again, "1.running_var")), CD_F64);
    assert_int_equal(cd_dtype_of(cd_module_tensor(again, "1.num_batches_tracked")), CD_I64);
    assert_same_output(m, again, cd_randn(CD_SHAPE(5, 3), .dtype = CD_F64));
}

/* --- tensors that are no class's -------------------------------------------------------------- */

static void parameters_of_lists_come_back(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *list = cd_nn_parameter_list(cd_randn(CD_SHAPE(2, 3)), cd_randn(CD_SCALAR));
    cd_module *dict = cd_nn_parameter_dict({ "scale", cd_randn(CD_SHAPE(0, 3), .dtype = CD_F64) },
                                           { "count", cd_randint(0, 9, CD_SHAPE(2)) });
    cd_module *m = cd_nn_module_dict({ "list", list }, { "dict", dict });
    assert_true(cd_register_buffer(m, "mean", NULL, cd_randn(CD_SHAPE(3))));
    assert_true(cd_register_buffer(m, "none", NULL, NULL));
    assert_true(cd_register_child(m, "later", NULL, NULL));
    (void)by_json(m);
    cd_module *again = by_file(m);
    assert_near(cd_module_tensor(again, "list.0"), cd_module_tensor(m, "list.0"), 0, 0);
    assert_near(cd_module_tensor(again, "list.1"), cd_module_tensor(m, "list.1"), 0, 0);
    assert_near(cd_module_tensor(again, "dict.count"), cd_module_tensor(m, "dict.count"), 0, 0);
    assert_near(cd_module_tensor(again, "mean"), cd_module_tensor(m, "mean"), 0, 0);
    assert_int_equal(cd_dtype_of(cd_module_tensor(again, "dict.scale")), CD_F64);
    assert_true(cd_requires_grad(cd_module_tensor(again, "list.1")));
    assert_false(cd_requires_grad(cd_module_tensor(again, "mean")));
    assert_true(cd_module_set(again, "later", cd_nn_relu()));
}

static void tensors_that_are_one_stay_one(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = cd_randn(CD_SHAPE(5, 3));
    cd_module *list = cd_nn_parameter_list(w, cd_randn(CD_SHAPE(2)), w);
    cd_module *linear = cd_nn_linear(3, 5);
    cd_module *table = cd_nn_embedding_from_pretrained(cd_module_tensor(linear, "weight"));
    cd_module *m = cd_nn_module_dict({ "list", list }, { "table", table }, { "linear", linear });
    (void)by_json(m);
    cd_module *again = by_file(m);
    assert_ptr_equal(cd_module_tensor(again, "list.0"), cd_module_tensor(again, "list.2"));
    assert_near(cd_module_tensor(again, "list.0"), w, 0, 0);
    cd_tensor *a = cd_module_tensor(again, "table.weight"),
              *b = cd_module_tensor(again, "linear.weight");
    assert_near(a, cd_module_tensor(linear, "weight"), 0, 0);
    /* Two tensors over one memory, of which one requires gradients. */
    assert_ptr_not_equal(a, b);
    assert_ptr_equal(cd_data(a), cd_data(b));
    assert_false(cd_requires_grad(a));
    assert_true(cd_requires_grad(b));
}

static void a_weight_of_a_loss_comes_back(void **state)
{
    (void)state;
    CD_SCOPE();
    const float weights[] = { 1, 2, 4 };
    const int64_t labels[] = { 0, 2 };
    cd_module *m = cd_nn_cross_entropy_loss(.weight = cd_from_array(weights, CD_SHAPE(3)),
                                            .reduction = CD_SUM);
    cd_module *again = by_file(m);
    cd_tensor *x = cd_randn(CD_SHAPE(2, 3)), *y = cd_from_array(labels, CD_SHAPE(2));
    assert_near(cd_forward(again, x, y), cd_forward(m, x, y), 0, 0);
}

/* --- whole networks --------------------------------------------------------------------------- */

static void recurrent_layers_give_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = cd_nn_lstm(3, 4, .num_layers = 2, .bidirectional = true, .proj_size = 2,
                              .batch_first = true);
    cd_module *again = by_file(m);
    cd_tensor *x = cd_randn(CD_SHAPE(2, 5, 3));
    const cd_recurrent first = cd_forward_recurrent(m, x), second = cd_forward_recurrent(again, x);
    assert_near(second.output, first.output, 0, 0);
    assert_near(second.c, first.c, 0, 0);
    m = cd_nn_gru(3, 4);
    again = by_file(m);
    assert_near(cd_forward_recurrent(again, x).output, cd_forward_recurrent(m, x).output, 0, 0);
}

static void transformers_give_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_NO_GRAD();
    cd_module *m = cd_nn_transformer(4, 2, .num_encoder_layers = 2, .num_decoder_layers = 1,
                                     .dim_feedforward = 5);
    assert_true(cd_freeze(cd_module_get(m, "encoder.layers.1")));
    cd_module *again = by_file(m);
    cd_tensor *src = cd_randn(CD_SHAPE(3, 2, 4)), *tgt = cd_randn(CD_SHAPE(2, 2, 4));
    assert_true(cd_eval(m));
    assert_near(cd_forward(again, src, tgt), cd_forward(m, src, tgt), 0, 0);
    assert_true(cd_is_frozen(cd_module_get(again, "encoder.layers.1.norm1")));
    assert_false(cd_is_frozen(cd_module_get(again, "encoder.layers.0")));
    cd_module *layer = cd_nn_transformer_encoder_layer(4, 2, .dim_feedforward = 3);
    m = cd_nn_transformer_encoder(layer, 3, .norm = cd_nn_layer_norm(CD_SHAPE(4)));
    assert_same_output(m, by_file(m), src);
    m = cd_nn_transformer_encoder(layer, 3);
    assert_same_output(m, by_file(m), src);
}

static void a_resnet_with_another_head_gives_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 3);
    char *text = cd_module_to_json(m);
    assert_string_equal(text, "{\"class\": \"ResNet\", \"options\": {\"num_classes\": 3}}");
    free(text);
    assert_true(cd_module_set(m, "fc", cd_nn_sequential(cd_nn_dropout(0.5), cd_nn_linear(512, 7))));
    assert_same_output(m, by_file(m), cd_randn(CD_SHAPE(1, 3, 33, 33)));
}

static void a_convolutional_network_gives_the_same(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(
        cd_nn_conv2d(1, 3, 3, .padding = 1, .no_bias = true), cd_nn_batch_norm2d(3),
        cd_nn_leaky_relu(.negative_slope = 0.25), cd_nn_max_pool2d(2),
        cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(27, 5), cd_nn_log_softmax(1)));
    cd_tensor *x = cd_randn(CD_SHAPE(2, 1, 6, 6));
    (void)cd_forward(m, x); /* changes the running statistics */
    assert_same_output(m, by_file(m), x);
}

static void the_card_says_what_the_tree_is(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *const classes[] = { "ant", "bee" };
    cd_card card = { .classes = classes, .class_count = 2, .training = "{\"epochs\": 2}" }, *back;
    const char *path = in_folder("m.safetensors");
    cd_module *m = cd_nn_sequential(cd_nn_linear(3, 2));
    assert_true(cd_save_model(m, &card, path));
    m = cd_load_model(path, .card = &back);
    assert_ok();
    assert_string_equal(back->architecture, "tree");
    char *text = cd_module_to_json(m);
    assert_string_equal(back->options, text);
    free(text);
    assert_string_equal(back->classes[1], "bee");
    double epochs;
    assert_true(cd_card_number(back, "epochs", &epochs));
    /* The same card serves for the changed module, whose own tree is saved. */
    assert_true(cd_module_append(m, cd_nn_softmax(1)) && cd_save_model(m, back, path));
    assert_int_equal(cd_num_children(cd_load_model(path)), 2);
    assert_int_equal(cd_num_children(cd_make_model("tree", back->options)), 1);
    /* A file that says of itself what older programs know. */
    cd_tensor_file *f = cd_tensor_file_open(path);
    assert_int_equal(cd_tensor_file_format(f), 1);
    assert_string_equal(cd_tensor_file_text(f, "candela.model"), "tree");
}

static void a_tree_can_be_made_without_memory(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_module_from_json("{\"class\": \"Linear\", \"options\": {\"in_features\": "
                                       "1000000000, \"out_features\": 1000000}}",
                                       .device = CD_META);
    assert_ok();
    assert_int_equal(cd_num_parameters(m), 1000000001000000);
    assert_int_equal(cd_device_of(cd_module_tensor(m, "weight")), CD_META);
    /* The mode that does it has ended. */
    assert_int_equal(cd_device_of(cd_zeros(CD_SHAPE(1))), CD_CPU);
    char *text = cd_module_to_json(m);
    assert_ok();
    free(text);
    assert_int_equal(cd_device_of(cd_zeros(CD_SHAPE(1))), CD_CPU);
}

static void writing_draws_no_random_numbers(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_sequential(cd_nn_linear(3, 4), cd_nn_embedding(3, 2));
    cd_manual_seed(3);
    cd_tensor *expected = cd_rand(CD_SHAPE(2));
    cd_manual_seed(3);
    const cd_card card = { .source = "test" };
    assert_true(cd_save_model(m, &card, in_folder("m.safetensors")));
    assert_near(cd_rand(CD_SHAPE(2)), expected, 0, 0);
}

/* --- memory ----------------------------------------------------------------------------------- */

static int64_t allowed;

static bool fail_after(size_t bytes)
{
    (void)bytes;
    return allowed-- <= 0;
}

static cd_module *shared_and_frozen(void)
{
    cd_module *a = cd_nn_linear(2, 2);
    cd_tensor *w = cd_ones(CD_SHAPE(2));
    cd_module *m = cd_nn_module_dict({ "a", a }, { "b", cd_nn_parameter_list(w, w) }, { "c", a },
                                     { "d", cd_nn_batch_norm1d(2) });
    (void)cd_freeze(cd_module_get(m, "d"));
    return m;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = shared_and_frozen();
    const char *path = in_folder("m.safetensors");
    const cd_card card = { .source = "test" };
    for (int call = 0; call < 4; call++) {
        bool done = false;
        char *json = cd_module_to_json(m);
        for (int64_t n = 0; n < 4000 && !done; n++) {
            CD_SCOPE();
            char *text = NULL;
            allowed = n;
            cd_memory_fault_hook = fail_after;
            if (call == 0) done = (text = cd_module_to_json(m)) != NULL;
            if (call == 1) done = cd_module_from_json(json) != NULL;
            if (call == 2) done = cd_save_model(m, &card, path);
            if (call == 3) done = cd_load_model(path) != NULL;
            cd_memory_fault_hook = NULL;
            free(text);
            assert_true(done == cd_ok());
            if (!done) assert_failed_with(CD_ERR_MEMORY, "");
        }
        free(json);
        assert_true(done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sequential_is_written_as_a_tree),
        TEST(a_module_under_two_names_is_written_once),
        TEST(what_a_class_makes_itself_is_left_out),
        TEST(frozen_parts_stay_frozen),
        TEST(an_averaged_model_goes_on_where_it_was),
        TEST(dtypes_come_back),
        TEST(parameters_of_lists_come_back),
        TEST(tensors_that_are_one_stay_one),
        TEST(a_weight_of_a_loss_comes_back),
        TEST(recurrent_layers_give_the_same),
        TEST(transformers_give_the_same),
        TEST(a_resnet_with_another_head_gives_the_same),
        TEST(a_convolutional_network_gives_the_same),
        TEST(the_card_says_what_the_tree_is),
        TEST(a_tree_can_be_made_without_memory),
        TEST(writing_draws_no_random_numbers),
        TEST(every_allocation_may_fail),
    };
    return RUN(tests);
}
