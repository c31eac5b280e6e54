/* The program, from outside: which split of a set is evaluated, that it is said, and the figures.
 */
#include <math.h>
#include <stdlib.h>

#include <candela.h>

#include "program.h"

/* photos/train, /val and /test, with so many pictures of each class; 0: no such folder. */
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

/* A model of the set, which is called dark and light all the same. */
static const ran *train_on(const char *data, const char *option, const char *value)
{
    const ran *r = run("train", "--data", data, "--out", at("m"), "--epochs", "1", "--hidden",
                       "none", option, value);
    assert_ran(r, 0);
    return r;
}

/* What eval says of the split; NULL: without --split. */
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

/* Without --split: what is evaluated, and which splits can be named; NULL: none is mentioned. */
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
                "8 pictures to learn from, 6 to judge by (val)");
    assert_evaluated(data, "train", "training part: 8 pictures");
    assert_evaluated(data, "val", "val part: 6 pictures");
    assert_evaluated(data, "test", "test part: 4 pictures");
    assert_default(data, "test part: 4 pictures", "train, val or test");
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
    assert_null(strstr(r->err, ".gif")); /* what is not needed is not read */
    assert_evaluated(data, "val", "val part: 6 pictures");
    assert_default(data, "val part: 6 pictures", "train or val");
    const char *set = small_idx(90, 30);
    (void)train_on(set, "--seed", "0");
    assert_no_split(set, "val", "set has no split val: it has train and test\n");
    assert_evaluated(set, "test", "test part: 30 pictures");
    assert_evaluated(set, "train", "training part: 90 pictures");
    assert_default(set, "test part: 30 pictures", "train or test");
}

static void training_validates_with_test_where_there_is_no_val(void **state)
{
    (void)state;
    const char *data = write_splits(4, 0, 2);
    assert_says(train_on(data, "--seed", "0")->out,
                "8 pictures to learn from, 4 to judge by (test)");
    assert_no_split(data, "val", "photos has no split val: it has train and test\n");
    assert_default(data, "test part: 4 pictures", "train or test");
}

/* A set without splits, which training divided. */
static void what_training_held_back_is_val(void **state)
{
    (void)state;
    write_photographs("photos", 10);
    char data[512];
    (void)snprintf(data, sizeof data, "%s", at("photos"));
    (void)train_on(data, "--val-split", "0.3");
    assert_default(data, "what training held back: 6 pictures", "train or val");
    assert_evaluated(data, "val", "what training held back: 6 pictures");
    assert_evaluated(data, "train", "what training learned from: 14 pictures");
    assert_no_split(
        data, "test",
        "photos has no split test: it has train and val (val is what training held back of "
        "train)");
    write_bmp("photos/dark/new.bmp", 0, 0, 0, 1);
    assert_default(data, "all of it, for it is not the list of pictures that training divided: 21",
                   NULL);
    assert_no_split(data, "val",
                    "photos has no splits, and is not what training divided into train and val: "
                    "without --split all of it is evaluated");
}

/* Folders under other names hold the same files in the same order: the set is the one that was
 * divided, and its classes are not the model's. */
static void a_divided_set_with_other_classes_is_refused(void **state)
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

/* With --val-split the training part alone is divided. */
static void a_divided_training_part_leaves_the_others(void **state)
{
    (void)state;
    const char *set = small_idx(90, 30);
    (void)train_on(set, "--val-split", "0.1");
    assert_default(set, "test part: 30 pictures", "train, val or test");
    assert_evaluated(set, "val", "what training held back: 9 pictures");
    assert_evaluated(set, "train", "what training learned from: 81 pictures");
    const char *data = write_splits(10, 3, 0);
    (void)train_on(data, "--val-split", "0.1");
    assert_evaluated(data, "val", "val part: 6 pictures"); /* its own goes first */
    assert_evaluated(data, "train", "what training learned from: 18 pictures");
    assert_no_split(data, "test", "photos has no split test: it has train and val\n");
}

/* The test files are not there: training divided the others, and that is found again. */
static void one_part_of_idx_files_is_divided(void **state)
{
    (void)state;
    const char *set = small_idx(90, 30);
    assert_int_equal(remove(at("set/t10k-images-idx3-ubyte")), 0);
    assert_int_equal(remove(at("set/t10k-labels-idx1-ubyte")), 0);
    (void)train_on(set, "--seed", "0");
    assert_default(set, "what training held back: 18 pictures", "train or val");
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
        assert_string_equal(json_string_value(json_object_get(j, "part")), names[i]);
        assert_true(json_is_false(json_object_get(j, "part_is_default")));
        json_decref(j);
    }
    json_t *j = json_of(run("eval", at("m"), "--data", data, "--json"));
    assert_string_equal(json_string_value(json_object_get(j, "part")), "test");
    assert_true(json_is_true(json_object_get(j, "part_is_default")));
    json_decref(j);
}

/* --- figures ---------------------------------------------------------------------------------- */

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* What predict says of every picture: which of the row's class were taken for the column's, and the
 * mean of -log of what the true class is given. */
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

/* Each figure from the predictions, by its definition. */
static void figures_are_those_of_the_predictions(void **state)
{
    (void)state;
    int64_t confusion[CLASSES][CLASSES] = { { 0 } }, right = 0, count = 0;
    const char *set = small_idx(9, 60);
    /* Hardly trained, so that it takes classes for each other. */
    assert_ran(run("train", "--data", set, "--out", at("m"), "--epochs", "1", "--hidden", "none",
                   "--lr", "1e-6", "--seed", "2"),
               0);
    double loss = count_predictions(set, confusion);
    json_t *j = json_of(run("eval", at("m"), "--data", set, "--json"));
    const json_t *rows = json_object_get(j, "confusion"), *classes = json_object_get(j, "classes");
    bool symmetric = true;
    for (size_t a = 0; a < CLASSES; a++) {
        double of = 0, taken = 0;
        for (size_t b = 0; b < CLASSES; b++) {
            const json_t *cell = json_array_get(json_array_get(rows, a), b);
            assert_int_equal(json_integer_value(cell), confusion[a][b]);
            of += (double)confusion[a][b];
            taken += (double)confusion[b][a];
            symmetric = symmetric && confusion[a][b] == confusion[b][a];
        }
        const json_t *one = json_array_get(classes, a);
        double hits = (double)confusion[a][a];
        assert_int_equal(json_integer_value(json_object_get(one, "count")), (int64_t)of);
        assert_close(number_of(one, "recall"), hits / of, 1e-9, 0);
        if (taken > 0) assert_close(number_of(one, "precision"), hits / taken, 1e-9, 0);
        if (taken == 0) assert_true(json_is_null(json_object_get(one, "precision")));
        right += confusion[a][a];
        count += (int64_t)of;
    }
    assert_false(symmetric); /* or rows could be columns */
    assert_int_equal(json_integer_value(json_object_get(j, "right")), right);
    assert_close(number_of(j, "accuracy"), (double)right / (double)count, 1e-9, 0);
    assert_close(number_of(j, "loss"), loss, 1e-5, 0);
    json_decref(j);
}

/* Classes without a picture come last, so that the first has the longest number here. */
static void numbers_of_many_classes_stand_in_one_column(void **state)
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
        TEST(what_training_held_back_is_val),
        TEST(a_divided_set_with_other_classes_is_refused),
        TEST(a_divided_training_part_leaves_the_others),
        TEST(one_part_of_idx_files_is_divided),
        TEST(json_names_the_split),
        TEST(figures_are_those_of_the_predictions),
        TEST(numbers_of_many_classes_stand_in_one_column),
        TEST(help_says_what_the_default_is),
    };
    return RUN(tests);
}
