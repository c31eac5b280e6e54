/* The programs of apps/examples that train and evaluate: what they print is true, and good. */
#include "program.h"

#include <candela.h>

/* Runs an example, with its arguments, in the test's folder: it may write files. */
#define run_example(name_, ...)                                                                    \
    run_there((const char *const[]){ CANDELA_EXAMPLES "/" name_, __VA_ARGS__ })

static const ran *run_there(const char *const *words)
{
    assert_int_equal(chdir(test_folder()), 0);
    return run_words(words);
}

/* The number behind `label` in a text. */
static double number_behind(const char *text, const char *label)
{
    const char *found = strstr(text, label);
    assert_that(found != NULL, "\"%s\" is not in:\n%s", label, text);
    char *end;
    const double value = strtod(found + strlen(label), &end);
    assert_that(end > found + strlen(label), "no number behind \"%s\" in:\n%s", label, text);
    return value;
}

static void xor_is_learned(void **state)
{
    (void)state;
    const ran *r = run_example("xor", NULL);
    assert_ran(r, 0);
    double p[4];
    assert_int_equal(
        sscanf(r->out, "tensor([[%lf], [%lf], [%lf], [%lf]])", &p[0], &p[1], &p[2], &p[3]), 4);
    assert_true(p[0] < 0.01 && p[1] > 0.99 && p[2] > 0.99 && p[3] < 0.01);
}

/* The scores of the row of a pos_weight. */
typedef struct scores {
    double precision, recall, f1, auc;
} scores;

static scores row(const char *text, const char *pos_weight)
{
    scores s;
    char line[32];
    (void)snprintf(line, sizeof line, "\n%10s ", pos_weight);
    const char *found = strstr(text, line);
    assert_that(found != NULL, "no row of %s in:\n%s", pos_weight, text);
    assert_int_equal(sscanf(found, "%*f %lf %lf %lf %lf", &s.precision, &s.recall, &s.f1, &s.auc),
                     4);
    const double f1 = 2 * s.precision * s.recall / (s.precision + s.recall);
    assert_close(s.f1, f1, 0, 0.002);
    return s;
}

static void with_pos_weight_more_of_the_rare_are_found(void **state)
{
    (void)state;
    const ran *r = run_example("binary_pos_weight", NULL);
    assert_ran(r, 0);
    const scores alike = row(r->out, "1"), weighted = row(r->out, "19");
    assert_true(alike.recall < 0.5 && weighted.recall > 0.8);
    assert_true(alike.precision > 0.5 && weighted.precision < 0.3);
    assert_true(alike.auc > 0.9);
    assert_close(alike.auc, weighted.auc, 0, 0.01);
}

static void a_module_of_ones_own_is_trained_saved_and_loaded(void **state)
{
    (void)state;
    const ran *r = run_example("custom_module", NULL);
    assert_ran(r, 0);
    assert_says(r->out, "(2): Residual(\n    size=32, hidden=128\n");
    const char *trained = strstr(r->out, "\naccuracy ");
    assert_non_null(trained);
    const double value = number_behind(trained, "\naccuracy ");
    assert_true(value > 0.97);
    assert_close(number_behind(trained + 1, "\naccuracy "), value, 0, 0);
    assert_true(exists("spirals.safetensors"));
}

static void sentences_are_understood(void **state)
{
    (void)state;
    const ran *r = run_example("text_lstm", NULL);
    assert_ran(r, 0);
    assert_true(number_behind(r->out, "accuracy ") > 0.98);
    int bad, good, waste;
    assert_int_equal(sscanf(strstr(r->out, "new sentences"),
                            "new sentences %d %% praise: the music was not that bad"
                            " %d %% praise: the music was not that good"
                            " %d %% praise: if you ask me , the hotel",
                            &bad, &good, &waste),
                     3);
    assert_true(bad > 90 && good < 10 && waste < 10);
}

/* The column of a CSV file in the test's folder. The open scope owns the numbers. */
static const double *column_of(const char *file, const char *name, int64_t rows)
{
    cd_table *t = cd_read_csv(at(file));
    assert_int_equal(cd_table_rows(t), rows);
    const double *numbers = cd_table_numbers(t, cd_table_find(t, name));
    assert_non_null(numbers);
    return numbers;
}

/* The predictions are good, and the program predicts the same from the model that was saved. */
static void rents_are_predicted_from_a_table(void **state)
{
    (void)state;
    const ran *r = run_example("regression_csv", NULL);
    assert_ran(r, 0);
    assert_says(r->out, "600 rows, 6 inputs\n");
    assert_true(number_behind(r->out, "R2 ") > 0.98);
    const double mean_error = number_behind(r->out, "mean error ");
    assert_true(mean_error < 30);

    char model[600], data[600], out[600];
    (void)snprintf(model, sizeof model, "%s", at("regression.safetensors"));
    (void)snprintf(data, sizeof data, "%s", at("flats.csv"));
    (void)snprintf(out, sizeof out, "%s", at("again.csv"));
    assert_ran(run("predict", model, "--data", data, "--out", out), 0);
    const double *rent = column_of("predictions.csv", "rent", 600);
    const double *predicted = column_of("predictions.csv", "predicted", 600);
    const double *again = column_of("again.csv", "prediction", 600);
    double sum = 0;
    for (int i = 0; i < 600; i++) {
        assert_close(again[i], predicted[i], 1e-6, 0);
        sum += predicted[i] > rent[i] ? predicted[i] - rent[i] : rent[i] - predicted[i];
    }
    assert_close(sum / 600, mean_error, 0.3, 0);

    r = run_example("regression_csv", data, "rnt", NULL);
    assert_ran(r, 1);
    assert_says(r->err, "no column \"rnt\"");
    assert_ran(run_example("regression_csv", data, NULL), 2);
}

/* One epoch over all 60,000 digits. The model is evaluated again by another program. */
static void lenet_learns_digits_and_is_loaded(void **state)
{
    (void)state;
    (void)test_shared("data/mnist/train-images-idx3-ubyte.gz");
    char data[4096];
    (void)snprintf(data, sizeof data, "mnist:%s", test_shared("data/mnist"));
    const ran *r = run_example("lenet_mnist", data, "1", NULL);
    assert_ran(r, 0);
    const double accuracy = number_behind(r->out, "test accuracy ");
    assert_true(accuracy > 0.96);
    assert_close(number_behind(r->out, ", accuracy "), accuracy, 0, 0.02); /* validation */

    r = run_example("load_and_evaluate", at("lenet.safetensors"), data, NULL);
    assert_ran(r, 0);
    assert_says(r->out, "10000 samples of 10 classes\n");
    assert_close(number_behind(r->out, ", accuracy "), accuracy, 0, 0);
    r = run("info", at("lenet.safetensors"));
    assert_says(r->out, "apps/examples/lenet_mnist.c");
}

/* The numbers of load_and_evaluate are those of `candela eval`. */
static void a_model_of_the_program_is_evaluated(void **state)
{
    (void)state;
    const char *data = small_idx(300, 60);
    char model[600];
    (void)snprintf(model, sizeof model, "%s", at("small.safetensors"));
    assert_ran(run("train", "--data", data, "--out", model, "--epochs", "1"), 0);
    const ran *r = run("eval", model, "--data", data, "--json");
    assert_ran(r, 0);
    json_t *eval = json_of(r);
    const double accuracy = json_number_value(json_object_get(eval, "accuracy"));
    json_decref(eval);
    assert_true(accuracy > 0.4);

    r = run_example("load_and_evaluate", model, data, NULL);
    assert_ran(r, 0);
    assert_says(r->out, "60 samples of 3 classes\n");
    assert_close(number_behind(r->out, ", accuracy "), accuracy, 0, 5e-5);
    assert_close(number_behind(r->out, ", top 5 "), 1, 0, 0);

    const char *names[2] = { "cat", "dog" };
    cd_card card = { .classes = names,
                     .class_count = 2,
                     .preprocess = cd_dataset_preprocess(cd_dataset_open(data)) };
    assert_true(cd_save_model(cd_mlp(SIDE * SIDE, 2), &card, model));
    r = run_example("load_and_evaluate", model, data, NULL);
    assert_ran(r, 1);
    assert_says(r->err, "dog");
}

static void wrong_arguments_are_a_sentence(void **state)
{
    (void)state;
    assert_ran(run_example("lenet_mnist", NULL), 2);
    assert_ran(run_example("load_and_evaluate", "x", NULL), 2);
    const ran *r = run_example("lenet_mnist", "mnist:none", NULL);
    assert_ran(r, 1);
    assert_says(r->err, "none");
    r = run_example("load_and_evaluate", "none.safetensors", "mnist:none", NULL);
    assert_ran(r, 1);
    assert_says(r->err, "none.safetensors");
    assert_string_equal(r->out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(xor_is_learned),
        TEST(with_pos_weight_more_of_the_rare_are_found),
        TEST(a_module_of_ones_own_is_trained_saved_and_loaded),
        TEST(sentences_are_understood),
        TEST(rents_are_predicted_from_a_table),
        TEST(lenet_learns_digits_and_is_loaded),
        TEST(a_model_of_the_program_is_evaluated),
        TEST(wrong_arguments_are_a_sentence),
    };
    return RUN(tests);
}
