/* The options of candela train that say what is trained and how: each against the run that it must
 * equal, and each refusal. */
#include <math.h>
#include <stdlib.h>

#include <candela.h>

#include "program.h"

enum { MOST = 12 };

/* The mean loss of the last epoch of a run of two epochs on a small set of three classes with these
 * words, which end with NULL. */
#define loss_with(...) loss_of((const char *const[]){ __VA_ARGS__, NULL })
static double loss_of(const char *const *words)
{
    const char *all[MOST + 13] = { CANDELA_PROGRAM, "train", "--data",   small_idx(90, 30),
                                   "--out",         at("m"), "--epochs", "2",
                                   "--batch",       "10",    "--json" };
    int count = 11;
    for (; *words; words++) all[count++] = *words;
    assert_true(count < MOST + 13);
    const ran *r = run_words(all);
    assert_ran(r, 0);
    json_t *j = json_of(r), *epochs = json_object_get(j, "epochs");
    const double loss = json_number_value(
        json_object_get(json_array_get(epochs, json_array_size(epochs) - 1), "loss"));
    json_decref(j);
    return loss;
}

#define assert_same_loss(a_, b_)  assert_close((a_), (b_), 0, 0)
#define assert_other_loss(a_, b_) assert_true(fabs((a_) - (b_)) > 1e-4)

static void an_optimizer_is_a_text(void **state)
{
    (void)state;
    const double sgd = loss_with("--optimizer", "sgd");
    assert_same_loss(loss_with("--quiet"), sgd); /* it is the default */
    assert_same_loss(loss_with("--optimizer", "SGD 0.05 momentum 0.9"), sgd);
    assert_same_loss(loss_with("--optimizer", "sgd nesterov", "--lr", "0.01", "--momentum", "0.5"),
                     loss_with("--optimizer", "sgd 0.01 momentum 0.5 nesterov"));
    assert_same_loss(loss_with("--optimizer", " S-gd\n", "--momentum", "0.9"), sgd);
    assert_same_loss(loss_with("--optimizer", "\tRMS-prop", "--momentum", "0.5"),
                     loss_with("--optimizer", "rmsprop momentum 0.5"));
    const double adam = loss_with("--optimizer", "adam"); /* PyTorch's rate: 0.001 */
    assert_same_loss(loss_with("--optimizer", "adam", "--lr", "1e-3"), adam);
    assert_same_loss(loss_with("--optimizer", "adam beta1 0.5"),
                     loss_with("--optimizer", "adam", "--momentum", "0.5"));
    assert_other_loss(loss_with("--optimizer", "adam beta1 0.5"), adam);
    /* AdamW has PyTorch's weight decay, 0.01, where none is given. */
    assert_same_loss(loss_with("--optimizer", "adamw 0.01"),
                     loss_with("--optimizer", "adamw 0.01", "--weight-decay", "0.01"));
    assert_other_loss(loss_with("--optimizer", "adamw 0.1"),
                      loss_with("--optimizer", "adamw 0.1", "--weight-decay", "5"));
    /* What SGD begins with is SGD's alone. */
    assert_same_loss(loss_with("--optimizer", "rmsprop 0.001"),
                     loss_with("--optimizer", "rmsprop 0.001 momentum 0"));
}

static void a_schedule_is_a_text(void **state)
{
    (void)state;
    const double cosine = loss_with("--schedule", "cosine"), none = loss_with("--schedule", "none");
    assert_same_loss(loss_with("--quiet"), cosine);
    assert_same_loss(loss_with("--schedule", "constant"), none);
    assert_same_loss(loss_with("--schedule", "Constant"), none);
    assert_same_loss(loss_with("--schedule", "\n constant "), none);
    assert_other_loss(loss_with("--schedule", "constant 0.1"), none);
    assert_other_loss(cosine, none);
    /* Stepped by epoch, a rate of 0 stops the second one. */
    assert_other_loss(loss_with("--schedule", "step 1 gamma 0"), none);
    assert_same_loss(loss_with("--schedule", "step 1 gamma 1"), none);
}

static void layers_are_a_text(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_ran(run("train", "--data", small_idx(90, 30), "--out", at("m"), "--epochs", "1",
                   "--layers", "conv 4 3 padding 1, relu, maxpool 2, linear 5, tanh, linear",
                   "--optimizer", "sgd 1e-12 momentum 0", "--seed", "7"),
               0);
    cd_card *card;
    cd_module *saved = cd_load_model(at("m"), .card = &card);
    assert_ok();
    assert_string_equal(card->architecture, "tree");
    assert_int_equal(card->class_count, 3);
    /* So small a rate leaves the initial parameters, which are those of the library's function. */
    cd_manual_seed(7);
    cd_module *made =
        cd_layers_from_text("conv 4 3 padding 1, relu, maxpool 2, linear 5, tanh, linear",
                            .input = CD_SHAPE(1, 6, 6), .outputs = 3);
    static const char *const names[] = { "0.weight", "0.bias", "4.weight", "6.weight", "6.bias" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cd_tensor *a = cd_module_tensor(saved, names[i]), *b = cd_module_tensor(made, names[i]);
        assert_true(cd_item(cd_max(cd_abs(cd_sub(a, b)))) < 1e-8);
    }
    assert_ok();
    assert_says(run("eval", at("m"), "--data", small_idx(90, 30))->out, "30 pictures, 3 classes");
}

static void pictures_are_changed_while_training(void **state)
{
    (void)state;
    const double plain = loss_with("--quiet");
    assert_same_loss(loss_with("--augment", "none"), plain);
    assert_same_loss(loss_with("--augment", "flip 0, crop 0"), plain);
    const double mixed = loss_with("--augment", "flip, crop 1, mixup 0.5");
    assert_other_loss(mixed, plain);
    assert_same_loss(loss_with("--augment", "flip, crop 1, mixup 0.5", "--workers", "3"), mixed);
}

static void classes_weigh_what_is_asked(void **state)
{
    (void)state;
    const double plain = loss_with("--quiet"); /* each class has 30 samples of 90 */
    assert_same_loss(loss_with("--class-weights", "1,1,1"), plain);
    assert_same_loss(loss_with("--class-weights", "balanced"), plain);
    assert_other_loss(loss_with("--class-weights", "5,1,0"), plain);
    assert_other_loss(loss_with("--balanced"), plain); /* another order, with samples twice */
}

/* A rate that grows without end makes the last epoch worse than the first. */
static void the_best_epoch_is_saved(void **state)
{
    (void)state;
    const char *const words[] = {
        CANDELA_PROGRAM, "train",    "--data", small_idx(90, 30), "--out",
        at("m"),         "--epochs", "3",      "--batch",         "10",
        "--json",        "--lr",     "0.5",    "--schedule",      "exponential 30",
        "--best",        NULL
    };
    const ran *r = run_words(words);
    assert_ran(r, 0);
    json_t *j = json_of(r), *epochs = json_object_get(j, "epochs");
    const int64_t saved = json_integer_value(json_object_get(j, "saved_epoch"));
    double best = -1;
    int64_t best_epoch = 0;
    for (size_t i = 0; i < json_array_size(epochs); i++) {
        const double value =
            json_number_value(json_object_get(json_array_get(epochs, i), "val_accuracy"));
        if (value > best) best_epoch = (int64_t)i + 1;
        if (value > best) best = value;
    }
    assert_int_equal(saved, best_epoch);
    json_decref(j);
    char text[64];
    (void)snprintf(text, sizeof text, "accuracy  %6.2f %%", 100 * best);
    assert_says(run("eval", at("m"), "--data", small_idx(90, 30))->out, text);
}

static void a_resnet18_is_trained(void **state)
{
    (void)state;
    write_photographs("photos", 6);
    assert_ran(run("train", "--model", "resnet18", "--data", at("photos"), "--out", at("m"),
                   "--epochs", "1", "--batch", "5", "--workers", "1", "--augment", "flip"),
               0);
    json_t *j = json_of(run("info", at("m"), "--json"));
    json_t *card = json_object_get(j, "card");
    assert_string_equal(json_string_value(json_object_get(card, "model")), "resnet18");
    assert_int_equal(json_integer_value(json_object_get(card, "parameters")), 11177538);
    json_decref(j);
    assert_says(run("eval", at("m"), "--data", at("photos"))->out, "2 pictures, 2 classes");
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *words[4], *sentence;
        int status;
    } cases[] = {
        { { "--optimizer", "sgdd" }, "error: --optimizer: there is no optimizer \"sgdd\"", 1 },
        { { "--optimizer", "adam 0.1", "--lr", "0.2" },
          "--optimizer: \"adam\": its lr is given twice, in the text and by --lr",
          1 },
        { { "--optimizer", "adagrad", "--momentum", "0.2" },
          "--momentum gives it a \"beta1\", which it has not",
          1 },
        { { "--schedule", "coseno" }, "error: --schedule: item 1, \"coseno\": there is no", 1 },
        { { "--layers", "linear 4, relux" }, "error: --layers: item 2, \"relux\": there is no", 1 },
        { { "--layers", "linear", "--model", "mlp" }, "--model mlp and --layers both say what", 2 },
        { { "--layers", "linear", "--hidden", "none" },
          "--hidden is for the mlp, and --layers",
          2 },
        { { "--model", "lenet", "--hidden", "4" },
          "--hidden is for the mlp, and --model lenet",
          2 },
        { { "--model", "resnet18" },
          "the pictures have 1 channel of 6 x 6 pixels, and resnet18",
          1 },
        { { "--augment", "flop" }, "error: --augment: there is no transform \"flop\"", 1 },
        { { "--class-weights", "1,2" },
          "--class-weights has 2 numbers, and there are 3 classes",
          1 },
        { { "--class-weights", "1,,2" },
          "--class-weights is \"1,,2\": it is balanced, or numbers",
          1 },
        { { "--class-weights", "1,2,-1" }, "--class-weights is \"1,2,-1\"", 1 },
        { { "--class-weights", "1,2,1e300" }, "--class-weights is \"1,2,1e300\"", 1 },
        { { "--class-weights", "1e39,1,1" }, "--class-weights is \"1e39,1,1\"", 1 },
        { { "--class-weights", "1e-60,1e-60,0" }, "--class-weights are all 0", 1 },
        { { "--class-weights", "1,2,3," }, "--class-weights is \"1,2,3,\"", 1 },
        { { "--class-weights", "0,0,0" }, "--class-weights are all 0", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *all[13] = { CANDELA_PROGRAM,   "train", "--data",
                                small_idx(90, 30), "--out", at("m") };
        for (int k = 0; k < 4 && cases[i].words[k]; k++) all[6 + k] = cases[i].words[k];
        const ran *r = run_words(all);
        assert_ran(r, cases[i].status);
        assert_says(r->err, cases[i].sentence);
        assert_false(exists("m"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_optimizer_is_a_text),      TEST(a_schedule_is_a_text),
        TEST(layers_are_a_text),           TEST(pictures_are_changed_while_training),
        TEST(classes_weigh_what_is_asked), TEST(the_best_epoch_is_saved),
        TEST(a_resnet18_is_trained),       TEST(what_cannot_be_is_refused),
    };
    return RUN(tests);
}
