/* The program, given saved models that are trees of modules of one's own: info, eval, predict. */
#include <stdlib.h>

#include <candela.h>

#include "program.h"

static const char *const names[] = { "0", "1", "2" };

/* How the 6 x 6 pictures of program.h are prepared. */
static const cd_preprocess grey = {
    .crop_width = SIDE, .crop_height = SIDE, .channels = 1, .mean = { 0.5 }, .std = { 0.25 }
};

static cd_module *perceptron(void)
{
    return cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(36, 8), cd_nn_relu(),
                            cd_nn_sequential(cd_nn_linear(8, 3)));
}

static cd_module *convolutions(void)
{
    return cd_nn_sequential(cd_nn_conv2d(1, 4, 3, .padding = 1, .no_bias = true),
                            cd_nn_batch_norm2d(4), cd_nn_relu(), cd_nn_max_pool2d(2),
                            cd_nn_flatten(), cd_nn_dropout(0.5), cd_nn_linear(36, 3));
}

/* A batch of a split of small_idx: its first `count` pictures, as numbers of this dtype. */
static cd_tensor *batch(const char *data, cd_dataset_split split, int count, cd_dtype dtype,
                        cd_tensor **labels)
{
    cd_tensor *x = NULL;
    int64_t index[60];
    cd_dataset *set = cd_dataset_open(data, .split = split, .preprocess = &grey);
    for (int i = 0; i < count; i++) index[i] = i;
    assert_true(cd_dataset_batch(set, index, count, .x = &x, .y = labels));
    return cd_to(x, dtype);
}

/* Trains for a few steps, as a program of the user's does. */
static void train(cd_module *m, const char *data, cd_dtype dtype)
{
    CD_SCOPE();
    cd_tensor *y, *x = batch(data, CD_TRAIN, 60, dtype, &y);
    cd_optimizer *adam = cd_optim_adam(m, .lr = 0.01);
    for (int step = 0; step < 40; step++) {
        CD_SCOPE();
        cd_zero_grad(adam);
        cd_backward(cd_cross_entropy(cd_forward(m, x), y));
        cd_step(adam);
        assert_ok();
    }
}

/* Saves the model with a card; returns its path. */
static const char *save(cd_module *m)
{
    const cd_card card = { .classes = names, .class_count = 3, .preprocess = grey };
    assert_true(cd_save_model(m, &card, at("m.safetensors")));
    return at("m.safetensors");
}

/* eval and predict give what the library gives for the model that was saved. */
static void check_program(cd_module *m, cd_dtype dtype)
{
    CD_SCOPE();
    enum { COUNT = 30 };
    const char *data = small_idx(60, COUNT);
    train(m, data, dtype);
    const char *path = save(m);
    CD_NO_GRAD();
    cd_tensor *y, *x = batch(data, CD_TEST, COUNT, dtype, &y);
    assert_true(cd_eval(m));
    cd_tensor *logits = cd_forward(m, x);
    const double loss = cd_item(cd_cross_entropy(logits, y));
    const int64_t right = cd_item_int(cd_sum(cd_eq(cd_argmax_dim(logits, 1), y)));
    assert_ok();
    assert_true(right > COUNT / 2);
    const ran *r = run("eval", path, "--data", data, "--json");
    assert_ran(r, 0);
    json_t *object = json_of(r);
    assert_int_equal(json_integer_value(json_object_get(object, "right")), right);
    assert_close(json_number_value(json_object_get(object, "loss")), loss, 1e-5, 0);
    json_decref(object);
    r = run("predict", path, "--data", data, "--count", "30", "--json");
    assert_ran(r, 0);
    object = json_of(r);
    json_t *pictures = json_object_get(object, "pictures");
    assert_int_equal(json_array_size(pictures), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const json_t *picture = json_array_get(pictures, i),
                     *best = json_array_get(json_object_get(picture, "predictions"), 0);
        const int64_t n = json_integer_value(json_object_get(picture, "number"));
        const int64_t label = json_integer_value(json_object_get(best, "index"));
        cd_tensor *row = cd_softmax(cd_select(logits, 0, n), 0);
        assert_int_equal(label, cd_item_int(cd_argmax(row)));
        assert_close(json_number_value(json_object_get(best, "probability")),
                     cd_item(cd_select(row, 0, label)), 1e-5, 0);
    }
    json_decref(object);
}

static void a_perceptron_is_evaluated(void **state)
{
    (void)state;
    CD_SCOPE();
    check_program(perceptron(), CD_F32);
}

static void convolutions_are_evaluated(void **state)
{
    (void)state;
    CD_SCOPE();
    check_program(convolutions(), CD_F32);
}

static void a_model_in_double_precision_is_evaluated(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = convolutions();
    assert_true(cd_module_to_dtype(m, CD_F64));
    check_program(m, CD_F64);
}

static void a_picture_file_is_predicted(void **state)
{
    (void)state;
    CD_SCOPE();
    write_bmp("a.bmp", 200, 10, 10, 1);
    const char *path = save(perceptron());
    const ran *r = run("predict", path, at("a.bmp"));
    assert_ran(r, 0);
    assert_says(r->err, "knows 3 classes (0, 1, 2); every picture is given one of them");
    r = run("predict", path, at("a.bmp"), "--json");
    assert_ran(r, 0);
}

/* --- info ------------------------------------------------------------------------------------- */

static void info_shows_the_modules(void **state)
{
    (void)state;
    CD_SCOPE();
    const char *path = save(convolutions());
    const ran *r = run("info", path);
    assert_ran(r, 0);
    assert_says(r->out, "\nmodules\n"
                        "  Sequential(\n"
                        "    (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), "
                        "bias=False)\n"
                        "    (1): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, "
                        "track_running_stats=True)\n"
                        "    (2): ReLU()\n");
    assert_says(r->out, "    (6): Linear(in_features=36, out_features=3, bias=True)\n  )\n\nname ");
    assert_says(r->out, "\n  model: a tree of its own modules, above\n");
    assert_says(r->out, "\n  parameters: 155\n  classes: 3: 0, 1, 2\n");
    r = run("info", path, "--json");
    assert_ran(r, 0);
    json_t *object = json_of(r), *card = json_object_get(object, "card");
    assert_string_equal(json_string_value(json_object_get(card, "model")), "tree");
    const json_t *children = json_object_get(json_object_get(card, "options"), "children");
    assert_string_equal(json_string_value(json_object_get(json_object_get(children, "2"), "class")),
                        "ReLU");
    assert_int_equal(json_integer_value(json_object_get(card, "parameters")), 155);
    json_decref(object);
}

static bool pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static cd_module *mine_make(const void *options);
static const cd_module_class mine_class = {
    .name = "Mine", .size = sizeof(cd_module), .inputs = 1, .forward = pass, .make = mine_make
};

static cd_module *mine_make(const void *options)
{
    (void)options;
    return cd_module_new(&mine_class);
}

/* The program does not know classes that another program registered. */
static void a_class_that_the_program_lacks_is_said(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_register_module_class(&mine_class));
    const char *path = save(cd_nn_sequential(perceptron(), cd_module_new(&mine_class)));
    const ran *r = run("info", path);
    assert_ran(r, 0);
    assert_says(r->err, "warning: the model in it cannot be used: ");
    assert_says(r->err, ": 1: there is no class \"Mine\": ");
    assert_says(r->out, "0.1.weight ");
    assert_says(r->out, "  candela.options: {\"class\"");
    r = run("eval", path, "--data", small_idx(60, 30));
    assert_ran(r, 1);
    assert_says(r->err, "there is no class \"Mine\"");
}

/* --- trees that are no classifiers ------------------------------------------------------------ */

static void assert_eval_says(cd_module *m, const char *sentence)
{
    CD_SCOPE();
    const ran *r = run("eval", save(m), "--data", small_idx(60, 30));
    assert_ran(r, 1);
    assert_says(r->err, sentence);
    assert_string_equal(r->out, "");
}

static void models_that_are_no_classifiers_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_eval_says(cd_nn_conv2d(1, 3, 6), "the model gives 1x3x1x1 for 1 samples of 3 classes\n");
    assert_eval_says(cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(36, 4)),
                     "the model gives 1x4 for 1 samples of 3 classes\n");
    assert_eval_says(cd_nn_sequential(cd_nn_flatten(), cd_nn_linear(35, 3)), "36");
    assert_eval_says(cd_nn_mse_loss(), "MSELoss");
    const cd_card card = { .preprocess = grey };
    assert_true(cd_save_model(cd_nn_conv2d(1, 3, 6), &card, at("m.safetensors")));
    write_bmp("a.bmp", 200, 10, 10, 1);
    const ran *r = run("predict", at("m.safetensors"), at("a.bmp"));
    assert_ran(r, 1);
    assert_says(r->err, "the model gives 1x3x1x1 for 1 samples, and a classifier gives a row of "
                        "numbers for each, one per class");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_perceptron_is_evaluated),
        TEST(convolutions_are_evaluated),
        TEST(a_model_in_double_precision_is_evaluated),
        TEST(a_picture_file_is_predicted),
        TEST(info_shows_the_modules),
        TEST(a_class_that_the_program_lacks_is_said),
        TEST(models_that_are_no_classifiers_are_refused),
    };
    return RUN(tests);
}
