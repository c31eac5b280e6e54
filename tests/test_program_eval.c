/* The program, run as a user runs it: which split of a data set eval uses, and its figures. */
#include <math.h>
#include <stdlib.h>

#include <candela.h>

#include "program.h"

/* Writes photos/train, /val and /test, with so many pictures of each class; 0: no such folder. */
static const char *write_splits(int train, int val, int test)
{
    static char path[512];
    make_folder("photos");
    if (train > 0) write_photographs("photos/train", train);
    if (val > 0) write_photographs("photos/val", val);
    if (test > 0) write_photographs("photos/test", test);
    (void)snprintf(path, sizeof path, "%s", at("photos"));
    return path;
}

/* Trains a model on the set, with one more option. */
static const ran *train_on(const char *data, const char *option, const char *value)
{
    const ran *r = run("train", "--data", data, "--out", at("m"), "--epochs", "1", "--hidden",
                       "none", option, value);
    assert_ran(r, 0);
    return r;
}

/* Runs eval on the split; NULL: without --split. */
static const ran *eval_split(const char *data, const char *split)
{
    return split ? run("eval", at("m"), "--data", data, "--split", split)
                 : run("eval", at("m"), "--data", data);
}

static void assert_evaluated(const char *data, const char *split, const char *sentence)
{
    const ran *r = eval_split(data, split);
    assert_ran(r, 0);
    assert_says(r->out, sentence);
    assert_null(split ? strstr(r->out, "the default;") : NULL);
}

static void assert_no_split(const char *data, const char *split, const char *sentence)
{
    const ran *r = eval_split(data, split);
    assert_ran(r, 1);
    assert_says(r->err, sentence);
    assert_string_equal(r->out, "");
}

/* Without --split, `sentence` says what is evaluated, and `others` which splits can be named; NULL:
 * none are. */
static void assert_default(const char *data, const char *sentence, const char *others)
{
    char said[64];
    assert_evaluated(data, NULL, sentence);
    const char *out = eval_split(data, NULL)->out;
    (void)snprintf(said, sizeof said, "\n(the default; --split can be %s)\n", others ? others : "");
    if (others) {
        assert_says(out, said);
    } else {
        assert_null(strstr(out, "--split"));
    }
}

static void the_named_split_is_evaluated(void **state)
{
    (void)state;
    const char *data = write_splits(4, 3, 2);
    assert_says(train_on(data, "--seed", "0")->out,
                "8 pictures to train on, 6 to validate on (val)");
    assert_evaluated(data, "train", "train split: 8 pictures");
    assert_evaluated(data, "val", "val split: 6 pictures");
    assert_evaluated(data, "test", "test split: 4 pictures");
    assert_default(data, "test split: 4 pictures", "train, val or test");
}

static void a_split_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    const char *data = write_splits(4, 3, 0);
    (void)train_on(data, "--seed", "0");
    (void)test_write("photos/train/dark/a.gif", "GIF89a", 6);
    const ran *r = eval_split(data, "test");
    assert_ran(r, 1);
    assert_says(r->err, "photos has no split test: it has train and val\n");
    assert_null(strstr(r->err, ".gif")); /* train/ was not read */
    assert_evaluated(data, "val", "val split: 6 pictures");
    assert_default(data, "val split: 6 pictures", "train or val");
    const char *set = small_idx(90, 30);
    (void)train_on(set, "--seed", "0");
    assert_no_split(set, "val", "set has no split val: it has train and test\n");
    assert_evaluated(set, "test", "test split: 30 pictures");
    assert_evaluated(set, "train", "train split: 90 pictures");
    assert_default(set, "test split: 30 pictures", "train or test");
}

static void training_validates_with_test_where_there_is_no_val(void **state)
{
    (void)state;
    const char *data = write_splits(4, 0, 2);
    assert_says(train_on(data, "--seed", "0")->out,
                "8 pictures to train on, 4 to validate on (test)");
    assert_no_split(data, "val", "photos has no split val: it has train and test\n");
    assert_default(data, "test split: 4 pictures", "train or test");
}

/* Training splits a set without splits, and val is what it validated on. */
static void what_training_validated_on_is_val(void **state)
{
    (void)state;
    write_photographs("photos", 10);
    char data[512];
    (void)snprintf(data, sizeof data, "%s", at("photos"));
    (void)train_on(data, "--val-split", "0.3");
    assert_default(data, "val split (made by training): 6 pictures", "train or val");
    assert_evaluated(data, "val", "val split (made by training): 6 pictures");
    assert_evaluated(data, "train", "train split (made by training): 14 pictures");
    assert_no_split(
        data, "test",
        "photos has no split test: it has train and val (val is what training validated on)");
    write_bmp("photos/dark/new.bmp", 0, 0, 0, 1);
    assert_default(data, "all of it, for its pictures are not those that training split: 21", NULL);
    assert_no_split(
        data, "val",
        "photos has no splits, and its pictures are not those that training split into train and "
        "val: without --split all of it is evaluated");
}

/* A class folder is renamed: the files are the same, so it is the set that training split, but its
 * classes are not the model's. */
static void a_set_with_renamed_classes_is_refused(void **state)
{
    (void)state;
    write_photographs("photos", 5);
    (void)train_on(at("photos"), "--val-split", "0.2");
    char dark[512], dim[512];
    (void)snprintf(dark, sizeof dark, "%s", at("photos/dark"));
    (void)snprintf(dim, sizeof dim, "%s", at("photos/dim"));
    assert_int_equal(rename(dark, dim), 0);
    static const char *const splits[] = { "val", "train" };
    for (int i = 0; i < 3; i++) {
        const ran *r = i < 2 ? run("eval", at("m"), "--data", at("photos"), "--split", splits[i])
                             : run("eval", at("m"), "--data", at("photos"));
        assert_ran(r, 1);
        assert_says(r->err, "the model knows a class \"dark\" that ");
        assert_says(r->err, "/photos has not");
    }
}

/* With --val-split only the train split is split. */
static void val_split_leaves_the_other_splits(void **state)
{
    (void)state;
    const char *set = small_idx(90, 30);
    (void)train_on(set, "--val-split", "0.1");
    assert_default(set, "test split: 30 pictures", "train, val or test");
    assert_evaluated(set, "val", "val split (made by training): 9 pictures");
    assert_evaluated(set, "train", "train split (made by training): 81 pictures");
    const char *data = write_splits(10, 3, 0);
    (void)train_on(data, "--val-split", "0.1");
    assert_evaluated(data, "val", "val split: 6 pictures"); /* the set's own val goes first */
    assert_evaluated(data, "train", "train split (made by training): 18 pictures");
    assert_no_split(data, "test", "photos has no split test: it has train and val\n");
}

/* Without the test files training splits the others, and eval makes the same split. */
static void idx_files_without_test_are_split(void **state)
{
    (void)state;
    const char *set = small_idx(90, 30);
    assert_int_equal(remove(at("set/t10k-images-idx3-ubyte")), 0);
    assert_int_equal(remove(at("set/t10k-labels-idx1-ubyte")), 0);
    (void)train_on(set, "--seed", "0");
    assert_default(set, "val split (made by training): 18 pictures", "train or val");
    assert_no_split(set, "test",
                    "set has no split test: it has train and val (val is what training");
}

static void json_names_the_split(void **state)
{
    (void)state;
    const char *data = write_splits(4, 3, 2);
    (void)train_on(data, "--seed", "0");
    static const char *const names[] = { "train", "val", "test" };
    for (size_t i = 0; i < 3; i++) {
        json_t *j = json_of(run("eval", at("m"), "--data", data, "--split", names[i], "--json"));
        assert_string_equal(json_string_value(json_object_get(j, "split")), names[i]);
        assert_true(json_is_false(json_object_get(j, "split_is_default")));
        json_decref(j);
    }
    json_t *j = json_of(run("eval", at("m"), "--data", data, "--json"));
    assert_string_equal(json_string_value(json_object_get(j, "split")), "test");
    assert_true(json_is_true(json_object_get(j, "split_is_default")));
    json_decref(j);
}

/* --- figures ---------------------------------------------------------------------------------- */

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* Counts what predict says of every picture in the confusion matrix (a row for each true class, a
 * column for each predicted one), and returns the mean of -log(probability of the true class). */
static double count_predictions(const char *set, int64_t confusion[CLASSES][CLASSES])
{
    json_t *j = json_of(run("predict", at("m"), "--data", set, "--count", "1000", "--json"));
    const json_t *pictures = json_object_get(j, "pictures");
    double loss = 0;
    for (size_t i = 0; i < json_array_size(pictures); i++) {
        const json_t *one = json_array_get(pictures, i);
        const json_t *list = json_object_get(one, "predictions");
        long label = strtol(json_string_value(json_object_get(one, "true")), NULL, 10);
        confusion[label][(int)number_of(json_array_get(list, 0), "index")]++;
        for (size_t k = 0; k < CLASSES; k++) {
            const json_t *p = json_array_get(list, k);
            if ((long)number_of(p, "index") == label) loss -= log(number_of(p, "probability"));
        }
    }
    loss /= (double)json_array_size(pictures);
    json_decref(j);
    return loss;
}

/* Each figure of eval is computed from the predictions by its definition. */
static void figures_are_those_of_the_predictions(void **state)
{
    (void)state;
    int64_t confusion[CLASSES][CLASSES] = { { 0 } }, right = 0, count = 0;
    const char *set = small_idx(9, 60);
    /* Hardly trained, so that many predictions are wrong. */
    assert_ran(run("train", "--data", set, "--out", at("m"), "--epochs", "1", "--hidden", "none",
                   "--lr", "1e-6", "--seed", "2"),
               0);
    double loss = count_predictions(set, confusion);
    json_t *j = json_of(run("eval", at("m"), "--data", set, "--json"));
    const json_t *rows = json_object_get(j, "confusion"), *classes = json_object_get(j, "classes");
    bool symmetric = true;
    for (size_t a = 0; a < CLASSES; a++) {
        double support = 0, predicted = 0;
        for (size_t b = 0; b < CLASSES; b++) {
            const json_t *cell = json_array_get(json_array_get(rows, a), b);
            assert_int_equal(json_integer_value(cell), confusion[a][b]);
            support += (double)confusion[a][b];
            predicted += (double)confusion[b][a];
            symmetric = symmetric && confusion[a][b] == confusion[b][a];
        }
        const json_t *one = json_array_get(classes, a);
        double hits = (double)confusion[a][a];
        assert_int_equal(json_integer_value(json_object_get(one, "count")), (int64_t)support);
        assert_close(number_of(one, "recall"), hits / support, 1e-9, 0);
        if (predicted > 0) assert_close(number_of(one, "precision"), hits / predicted, 1e-9, 0);
        if (predicted == 0) assert_true(json_is_null(json_object_get(one, "precision")));
        right += confusion[a][a];
        count += (int64_t)support;
    }
    assert_false(symmetric); /* otherwise rows and columns could be swapped unnoticed */
    assert_int_equal(json_integer_value(json_object_get(j, "right")), right);
    assert_close(number_of(j, "accuracy"), (double)right / (double)count, 1e-9, 0);
    assert_close(number_of(j, "loss"), loss, 1e-5, 0);
    json_decref(j);
}

/* Class 1000, whose label is the longest, is the only one with a picture that can be decoded, so it
 * is the first row: classes without pictures come last. */
static void labels_of_many_classes_are_aligned(void **state)
{
    (void)state;
    enum { MANY = 1001 };
    char name[64];
    make_folder("many");
    make_folder("many/train");
    make_folder("many/val");
    for (int k = 0; k < MANY; k++) {
        (void)snprintf(name, sizeof name, "many/train/%04d", k);
        make_folder(name);
        (void)snprintf(name, sizeof name, "many/train/%04d/a.bmp", k);
        write_bmp(name, k % 256, 255 - k % 256, 90, (unsigned)k);
        (void)snprintf(name, sizeof name, "many/val/%04d", k);
        make_folder(name);
        (void)snprintf(name, sizeof name, "many/val/%04d/a.bmp", k);
        if (k < MANY - 1) {
            (void)test_write(name, "none", 4);
        } else {
            write_bmp(name, 0, 0, 0, 1);
        }
    }
    (void)train_on(at("many"), "--quiet", NULL);
    const ran *r = run("eval", at("m"), "--data", at("many"), "--quiet");
    assert_ran(r, 0);
    assert_says(r->out, "\n      class  ");
    assert_says(r->out, "\n1000  1000  ");
    assert_says(r->out, "\n   0  0000  ");
}

static void help_says_what_the_default_is(void **state)
{
    (void)state;
    const ran *r = run("help", "eval");
    assert_ran(r, 0);
    assert_says(r->out, "train, val or test: the split to evaluate on (default: test, or\n");
    r = run("eval", "m", "--data", "x", "--split", "valid");
    assert_ran(r, 2);
    assert_says(r->err, "--split cannot be \"valid\": it is train, val or test; did you mean val?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_named_split_is_evaluated),
        TEST(a_split_that_is_not_there_is_an_error),
        TEST(training_validates_with_test_where_there_is_no_val),
        TEST(what_training_validated_on_is_val),
        TEST(a_set_with_renamed_classes_is_refused),
        TEST(val_split_leaves_the_other_splits),
        TEST(idx_files_without_test_are_split),
        TEST(json_names_the_split),
        TEST(figures_are_those_of_the_predictions),
        TEST(labels_of_many_classes_are_aligned),
        TEST(help_says_what_the_default_is),
    };
    return RUN(tests);
}
