/* cd_summary: shapes, parameters and multiply-adds of a model. */
#include "goldens.h"
#include "modules.h"

#include "models/models.h"
#include "nn/recurrent.h"
#include "nn/summary.h"
#include "nn/transformer.h"

static void a_line_for_each_module(void **state)
{
    (void)state;
    char text[2000];
    int64_t multiply_adds = 0;
    cd_module *idle = cd_nn_module_list(cd_nn_relu());
    cd_module *m = cd_nn_sequential(cd_nn_conv2d(2, 4, 3, .groups = 2), cd_nn_flatten(),
                                    cd_nn_linear(36, 5, .no_bias = true));
    assert_true(cd_register_child(m, "idle", NULL, NULL));
    assert_true(cd_summary(m, CD_SHAPE(2, 2, 5, 5), .text = text, .bytes = sizeof text,
                           .multiply_adds = &multiply_adds));
    assert_string_equal(
        text, "layer                                             output                  parameters"
              "     multiply-adds\n"
              "Sequential                                        2x5                               "
              "                  \n"
              "0: Conv2d                                         2x4x3x3                         40"
              "               648\n"
              "1: Flatten                                        2x36                              "
              "                  \n"
              "2: Linear                                         2x5                            180"
              "               360\n"
              "all                                                                              220"
              "              1008\n");
    assert_true(multiply_adds == 1008);
    assert_false(cd_summary(idle, CD_SHAPE(1), .multiply_adds = &multiply_adds));
    assert_failed_with(CD_ERR_UNSUPPORTED, "a ModuleList only holds modules");
    assert_false(cd_summary(m, CD_SHAPE(2, 3, 5, 5), .multiply_adds = &multiply_adds));
    assert_failed_with(CD_ERR_SHAPE, "0 (Conv2d): conv2d");
    assert_false(cd_summary(NULL, CD_SHAPE(1)));
    assert_failed_with(CD_ERR_ARGUMENT, "summary: the module");
}

/* torchvision's resnet18 has 11,689,512 parameters and, by its page, 1.814 GMACs. */
static void resnet18_costs_what_torchvision_says(void **state)
{
    (void)state;
    char text[12000];
    int64_t multiply_adds = 0;
    cd_module *m = cd_resnet18();
    assert_true(cd_summary(m, CD_SHAPE(1, 3, 224, 224), .text = text, .bytes = sizeof text,
                           .multiply_adds = &multiply_adds));
    assert_true(multiply_adds == 1814073344);
    assert_non_null(strstr(text, "     11689512        1814073344\n"));
    assert_non_null(strstr(text, "layer4.1.conv2: Conv2d                            1x512x7x7"));
    assert_true(cd_is_training(m));
}

static void a_layer_with_two_names_counts_once(void **state)
{
    (void)state;
    char text[2000];
    int64_t multiply_adds = 0;
    cd_module *fc = cd_nn_linear(4, 4);
    assert_true(cd_summary(cd_nn_sequential(fc, cd_nn_relu(), fc), CD_SHAPE(3, 4), .text = text,
                           .bytes = sizeof text, .multiply_adds = &multiply_adds));
    assert_true(multiply_adds == 2 * 3 * 4 * 4); /* two calls */
    assert_non_null(strstr(text, "          20                96\n"));
}

static void only_the_librarys_classes_are_counted(void **state)
{
    (void)state;
    static const cd_module_class block = {
        .name = "ConvBlock", .size = sizeof(cd_module), .inputs = 1, .forward = pass
    };
    int64_t multiply_adds = 1;
    cd_module *m = cd_module_new(&block);
    assert_true(cd_register_parameter(m, "weight", NULL, cd_ones(CD_SHAPE(2, 2))));
    assert_true(cd_summary(m, CD_SHAPE(2), .multiply_adds = &multiply_adds));
    assert_true(multiply_adds == 0);
}

static void transposed_convolutions_count_their_input(void **state)
{
    (void)state;
    int64_t multiply_adds = 0;
    assert_true(cd_summary(cd_nn_conv_transpose2d(3, 2, 2, .stride = 2), CD_SHAPE(1, 3, 5, 5),
                           .multiply_adds = &multiply_adds));
    assert_true(multiply_adds == 3 * 5 * 5 * 2 * 2 * 2);
}

static void a_count_that_overflows_is_refused(void **state)
{
    (void)state;
    const int64_t many = (int64_t)1 << 47;
    int64_t sum = 0;
    assert_false(cd_summary(cd_nn_linear(4096, 4096), CD_SHAPE(many, 4096), .multiply_adds = &sum));
    assert_failed_with(CD_ERR_SHAPE, "summary: Linear: more than 2^63 - 1 multiply-adds");
    cd_module *each = cd_nn_linear(1024, 1024); /* 2^62 each */
    assert_false(cd_summary(cd_nn_sequential(each, cd_nn_linear(1024, 1024)),
                            CD_SHAPE((int64_t)1 << 42, 1024), .multiply_adds = &sum));
    assert_failed_with(CD_ERR_SHAPE, "summary: all modules: more than 2^63 - 1");
}

/* Each of the 2 layers and 2 directions multiplies its weights once for each step of a sequence. */
static void recurrent_layers_multiply_their_weights_in_each_step(void **state)
{
    (void)state;
    enum { T = 5, B = 2, I = 3, H = 4, P = 2 };
    char text[1000];
    int64_t sum = 0;
    cd_module *rnn = cd_nn_rnn(I, H, .num_layers = 2, .bidirectional = true);
    assert_true(cd_summary(rnn, CD_SHAPE(T, B, I), .multiply_adds = &sum, .text = text,
                           .bytes = sizeof text));
    assert_true(sum == 2 * T * B * (H * I + H * H + H * 2 * H + H * H));
    assert_non_null(strstr(text, "RNN                                               5x2x8  "));
    assert_true(cd_summary(cd_nn_lstm(I, H, .proj_size = P, .batch_first = true), CD_SHAPE(B, T, I),
                           .multiply_adds = &sum));
    assert_true(sum == T * B * (4 * H * I + 4 * H * P + P * H));
    assert_true(cd_summary(cd_nn_gru(I, H), CD_SHAPE(T, I), .multiply_adds = &sum));
    assert_true(sum == T * (3 * H * I + 3 * H * H));
    assert_true(cd_summary(cd_nn_lstm_cell(I, H), CD_SHAPE(B, I), .multiply_adds = &sum));
    assert_true(sum == B * (4 * H * I + 4 * H * H));
}

/* 4 projections of 8 by 8, and the two layers behind them. */
static void attention_counts_its_projections(void **state)
{
    (void)state;
    enum { L = 5, N = 2, E = 8, F = 16 };
    int64_t sum = 0;
    char text[2000];
    cd_module *m = cd_nn_transformer_encoder_layer(E, 2, .dim_feedforward = F);
    assert_true(cd_summary(m, CD_SHAPE(L, N, E), .multiply_adds = &sum, .text = text,
                           .bytes = sizeof text));
    assert_true(sum == L * N * (4 * E * E + 2 * E * F));
    assert_non_null(strstr(text, "self_attn: MultiheadAttention                     5x2x8         "
                                 "                 216              1920\n"));
}

static bool with_itself(cd_module *m, const cd_arguments *a)
{
    a->out[0] = cd_forward(cd_module_at(m, 0), a->in[0], a->in[0]);
    return a->out[0];
}

static void bilinear_layers_count_both_inputs(void **state)
{
    (void)state;
    static const cd_module_class form = {
        .name = "Form", .size = sizeof(cd_module), .inputs = 1, .forward = with_itself
    };
    int64_t sum = 0;
    cd_module *m = cd_module_new(&form);
    assert_true(cd_register_child(m, "bilinear", NULL, cd_nn_bilinear(3, 3, 4)));
    assert_true(cd_summary(m, CD_SHAPE(5, 3), .multiply_adds = &sum));
    assert_true(sum == 5 * 4 * 3 * 3);
}

static void a_table_must_have_a_place_to_go_to(void **state)
{
    (void)state;
    assert_false(cd_summary(cd_nn_relu(), CD_SHAPE(1)));
    assert_failed_with(CD_ERR_ARGUMENT, "summary: the table has nowhere to go: give it a .stream");
}

/* A module whose options decide that it has two outputs, by itself. */
static void the_shape_is_that_of_the_first_output(void **state)
{
    (void)state;
    CD_SCOPE();
    char text[2000];
    cd_module *pool = cd_nn_max_pool2d(2, .return_indices = true);
    assert_true(cd_summary(pool, CD_SHAPE(3, 4, 6, 8), .text = text, .bytes = sizeof text));
    assert_non_null(strstr(text, "3x4x3x4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_for_each_module),
        TEST(a_layer_with_two_names_counts_once),
        TEST(only_the_librarys_classes_are_counted),
        TEST(transposed_convolutions_count_their_input),
        TEST(a_count_that_overflows_is_refused),
        TEST(recurrent_layers_multiply_their_weights_in_each_step),
        TEST(the_shape_is_that_of_the_first_output),
        TEST(attention_counts_its_projections),
        TEST(bilinear_layers_count_both_inputs),
        TEST(a_table_must_have_a_place_to_go_to),
        TEST(resnet18_costs_what_torchvision_says),
    };
    return RUN(tests);
}
