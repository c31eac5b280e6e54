/* The program, run as a user runs it: what each command does. */
#include <stdlib.h>
#include <time.h>

#include <candela.h>

#include "program.h"

/* Trains a model at m.safetensors on the small set (program.h), until it is always right. */
static void train_small(void)
{
    const ran *r = run("train", "--data", small_idx(90, 30), "--out", at("m.safetensors"),
                       "--hidden", "8", "--epochs", "8", "--batch", "10");
    assert_ran(r, 0);
}

/* --- train ------------------------------------------------------------------------------------ */

static void train_reports_each_epoch_and_saves(void **state)
{
    (void)state;
    const ran *r = run("train", "--model", "mlp", "--data", small_idx(90, 30), "--out",
                       at("m.safetensors"), "--hidden", "8,4", "--epochs", "6", "--batch", "10");
    assert_ran(r, 0);
    assert_says(r->out, "90 pictures to train on, 30 to validate on (test), 3 classes");
    assert_says(r->out, "epoch      loss     train      test        time");
    assert_says(r->out, "\n    6  ");
    assert_says(r->out, "test  accuracy  100.00 %  (30 of 30)");
    assert_string_equal(r->err, "");
    assert_true(exists("m.safetensors"));
    assert_nothing_left_behind();
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void train_speaks_json(void **state)
{
    (void)state;
    const double began = now();
    const ran *r = run("train", "--data", small_idx(90, 30), "--out", at("m.safetensors"),
                       "--epochs", "3", "--batch", "10", "--hidden", "none", "--json");
    assert_ran(r, 0);
    json_t *j = json_of(r);
    static const char *const keys[] = {
        "command",     "model",      "data",           "source",   "out",          "classes",
        "train_count", "val_count",  "val_name",       "skipped",  "ignored",      "parameters",
        "epochs",      "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds"
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_that(json_object_get(j, keys[i]) != NULL, "no key %s", keys[i]);
    }
    assert_int_equal(json_array_size(json_object_get(j, "epochs")), 3);
    assert_int_equal(json_integer_value(json_object_get(j, "parameters")), 37 * 3);
    double seconds = json_number_value(json_object_get(j, "seconds"));
    assert_true(seconds > json_number_value(json_object_get(j, "reading_seconds")));
    assert_true(seconds < now() - began);
    json_decref(j);
}

static size_t file_bytes(const char *name, char *bytes, size_t most)
{
    FILE *file = fopen(at(name), "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, most, file);
    (void)fclose(file);
    return n;
}

static void the_same_seed_gives_the_same_file(void **state)
{
    (void)state;
    static char a[20000], b[20000], c[20000];
    const char *set = small_idx(90, 30);
    static const char *const threads[] = { "1", "2", "2" }, *const seeds[] = { "7", "7", "8" };
    static const char *const names[] = { "a", "b", "c" };
    for (int i = 0; i < 3; i++) {
        assert_ran(run("train", "--data", set, "--out", at(names[i]), "--epochs", "2", "--hidden",
                       "9", "--threads", threads[i], "--seed", seeds[i]),
                   0);
    }
    size_t size = file_bytes("a", a, sizeof a);
    assert_true(size > 1000 && size < sizeof a);
    assert_int_equal(file_bytes("b", b, sizeof b), size);
    assert_memory_equal(a, b, size);
    assert_true(file_bytes("c", c, sizeof c) != size || memcmp(a, c, size) != 0);
    CD_SCOPE();
    float first[9], other[9]; /* of the weights: the seed is in the card too */
    for (int i = 0; i < 2; i++) {
        cd_tensor_file *file = cd_tensor_file_open(at(names[2 * i]));
        cd_tensor *all = cd_tensor_file_read(file, cd_tensor_file_name(file, 0));
        assert_true(cd_numel(all) >= 9);
        assert_true(
            cd_read(cd_slice(cd_flatten(all, 0, -1), 0, 0, 9, 1), i ? other : first, sizeof first));
    }
    assert_memory_not_equal(first, other, sizeof first);
}

/* The card has every bit of the numbers, because eval splits the data again with them. */
static void the_training_record_is_exact(void **state)
{
    (void)state;
    const ran *r = run("train", "--data", small_idx(60, 12), "--out", at("m"), "--epochs", "1",
                       "--lr", "0.012345678901234567", "--momentum", "0.30000000000000004",
                       "--weight-decay", "1e-7", "--val-split", "0.33333333333333331");
    assert_ran(r, 0);
    json_t *j = json_of(run("info", at("m"), "--json"));
    json_t *training = json_object_get(json_object_get(j, "card"), "training");
    assert_close(json_real_value(json_object_get(training, "lr")), 0.012345678901234567, 0, 0);
    assert_close(json_real_value(json_object_get(training, "momentum")), 0.1 + 0.2, 0, 0);
    assert_close(json_real_value(json_object_get(training, "weight_decay")), 1e-7, 0, 0);
    assert_close(json_real_value(json_object_get(training, "val_split")), 1.0 / 3, 0, 0);
    json_decref(j);
    CD_SCOPE();
    double loss;
    assert_true(cd_card_number(cd_load_card(at("m")), "loss", &loss));
    assert_true(loss > 0);
}

static void train_can_leave_the_test_split_alone(void **state)
{
    (void)state;
    const ran *r = run("train", "--data", small_idx(90, 30), "--out", at("m.safetensors"),
                       "--epochs", "1", "--val-split", "0.1", "--schedule", "constant",
                       "--weight-decay", "0.001", "--optimizer", "sgd");
    assert_ran(r, 0);
    assert_says(r->out, "81 pictures to train on, 9 to validate on (val)");
}

/* Each optimizer trains another network, at a rate of its own, and the card says which it was. */
static void train_has_a_choice_of_optimizers(void **state)
{
    (void)state;
    static const char *const names[] = { "sgd", "adam", "adamw" };
    static const double rates[] = { 0.05, 1e-3, 1e-3 };
    double loss[3];
    for (int i = 0; i < 3; i++) {
        const ran *r = run("train", "--data", small_idx(90, 30), "--out", at("m"), "--epochs", "3",
                           "--optimizer", names[i], "--weight-decay", "0.5");
        assert_ran(r, 0);
        json_t *j = json_of(run("info", at("m"), "--json"));
        json_t *training = json_object_get(json_object_get(j, "card"), "training");
        assert_string_equal(json_string_value(json_object_get(training, "optimizer")), names[i]);
        assert_close(json_real_value(json_object_get(training, "lr")), rates[i], 0, 0);
        loss[i] = json_real_value(json_object_get(training, "loss"));
        json_decref(j);
    }
    assert_true(loss[0] != loss[1] && loss[1] != loss[2] && loss[0] != loss[2]);
}

/* Four batches make a step of one, so the run has the numbers of one with larger batches. */
static void gradients_of_several_batches_make_a_step(void **state)
{
    (void)state;
    const char *set = small_idx(80, 30);
    static const char *const batch[] = { "40", "10", "10" }, *const each[] = { "1", "4", "1" };
    double loss[3];
    for (int i = 0; i < 3; i++) {
        json_t *j = json_of(run("train", "--data", set, "--out", at("m"), "--epochs", "3",
                                "--batch", batch[i], "--accumulate", each[i], "--json"));
        loss[i] = json_number_value(json_object_get(j, "train_loss"));
        json_decref(j);
    }
    assert_close(loss[0], loss[1], 1e-4, 0);
    assert_true(fabs(loss[0] - loss[2]) > 1e-3);
}

static double train_loss_with(const char *option, const char *value)
{
    json_t *j = json_of(run("train", "--data", small_idx(60, 30), "--out", at("m"), "--epochs", "1",
                            "--batch", "60", "--schedule", "constant", "--optimizer", "sgd",
                            "--momentum", "0", option, value, "--json"));
    double loss =
        json_number_value(json_object_get(json_array_get(json_object_get(j, "epochs"), 0), "loss"));
    json_decref(j);
    return loss;
}

/* The first loss is that of the initial model: with smoothing it is another number, and with all of
 * the target spread the mean over the classes. */
static void label_smoothing_changes_the_loss(void **state)
{
    (void)state;
    const double plain = train_loss_with("--label-smoothing", "0");
    const double smooth = train_loss_with("--label-smoothing", "0.4");
    assert_true(fabs(plain - smooth) > 1e-4);
    assert_close(train_loss_with("--label-smoothing", "0.2"), (plain + smooth) / 2, 1e-5, 0);
    json_t *j = json_of(run("info", at("m"), "--json"));
    json_t *training = json_object_get(json_object_get(j, "card"), "training");
    assert_close(json_real_value(json_object_get(training, "label_smoothing")), 0.2, 0, 0);
    json_decref(j);
}

/* With gradients of a tiny norm nothing is learned. */
static void gradients_are_clipped(void **state)
{
    (void)state;
    double loss[2];
    static const char *const norms[] = { "1e-9", "1e9" };
    for (int i = 0; i < 2; i++) {
        json_t *j = json_of(run("train", "--data", small_idx(90, 30), "--out", at("m"), "--epochs",
                                "4", "--batch", "10", "--clip-norm", norms[i], "--json"));
        loss[i] = json_number_value(json_object_get(j, "train_loss"));
        json_decref(j);
    }
    assert_true(loss[0] > 0.9 && loss[1] < 0.3);
}

/* The small set is always right after some epochs; three more do not make it better, and the first
 * of the best is saved. */
static void early_stopping_saves_the_best_epoch(void **state)
{
    (void)state;
    json_t *j = json_of(run("train", "--data", small_idx(90, 30), "--out", at("m"), "--epochs",
                            "100", "--batch", "10", "--early-stopping", "3", "--json"));
    json_t *epochs = json_object_get(j, "epochs");
    const size_t count = json_array_size(epochs);
    size_t first = 0, best = 0; /* with the highest accuracy; of those, with the lowest loss */
    for (size_t i = 1; i < count; i++) {
        json_t *one = json_array_get(epochs, i), *other = json_array_get(epochs, best);
        const double now = json_number_value(json_object_get(one, "val_accuracy"));
        const double before = json_number_value(json_object_get(other, "val_accuracy"));
        const bool lower = json_number_value(json_object_get(one, "val_loss")) <
                           json_number_value(json_object_get(other, "val_loss"));
        if (now > before) first = i;
        if (now > before || (now == before && lower)) best = i;
    }
    assert_true(count < 100);
    assert_int_equal(count, first + 4);
    assert_int_equal(json_integer_value(json_object_get(j, "saved_epoch")), best + 1);
    const double loss =
        json_number_value(json_object_get(json_array_get(epochs, best), "val_loss"));
    assert_close(json_number_value(json_object_get(j, "val_loss")), loss, 0, 0);
    json_t *eval = json_of(run("eval", at("m"), "--data", small_idx(90, 30), "--json"));
    assert_close(json_number_value(json_object_get(eval, "loss")), loss, 1e-6, 0);
    json_decref(eval);
    json_decref(j);
}

/* LeNet, on the 28 x 28 pixels to which photographs are stretched; those of the small set are too
 * small for it. */
static void train_makes_a_lenet(void **state)
{
    (void)state;
    write_photographs("photos", 10);
    const ran *r = run("train", "--model", "lenet", "--data", at("photos"), "--out", at("m"),
                       "--epochs", "6", "--batch", "4");
    assert_ran(r, 0);
    json_t *j = json_of(run("info", at("m"), "--json"));
    json_t *card = json_object_get(j, "card"), *options = json_object_get(card, "options");
    assert_string_equal(json_string_value(json_object_get(card, "model")), "lenet");
    assert_int_equal(json_integer_value(json_object_get(options, "size")), 28);
    assert_int_equal(json_integer_value(json_object_get(options, "outputs")), 2);
    assert_int_equal(json_integer_value(json_object_get(card, "parameters")), 61706 - 8 * 85);
    json_decref(j);
    r = run("eval", at("m"), "--data", at("photos"));
    assert_ran(r, 0);
    assert_says(r->out, "accuracy  100.00 %  (4 of 4)");
    r = run("train", "--model", "lenet", "--data", small_idx(9, 3), "--out", at("n"));
    assert_ran(r, 1);
    assert_says(r->err,
                "the pictures have 1 channel of 6 x 6 pixels, and lenet takes square ones of 12");
    assert_false(exists("n"));
}

static void train_takes_photographs(void **state)
{
    (void)state;
    write_photographs("photos", 10);
    (void)test_write("photos/dark/notes.txt", "x", 1);
    const ran *r = run("train", "--data", at("photos"), "--out", at("m.safetensors"), "--epochs",
                       "5", "--batch", "4", "--hidden", "8");
    assert_ran(r, 0);
    assert_says(r->out, "16 pictures to train on, 4 to validate on (val), 2 classes");
    assert_says(r->out, "ignored: 1 file of other kinds than .jpg");
    assert_says(r->out, "val   accuracy  100.00 %  (4 of 4)");
    /* eval finds the samples that training validated on. */
    r = run("eval", at("m.safetensors"), "--data", at("photos"));
    assert_ran(r, 0);
    assert_says(r->out, "val split (made by training): 4 pictures");
    r = run("eval", at("m.safetensors"), "--data", at("photos"), "--split", "train");
    assert_says(r->out, "train split (made by training): 16 pictures");
    write_bmp("photos/dark/new.bmp", 0, 0, 0, 1);
    r = run("eval", at("m.safetensors"), "--data", at("photos"));
    assert_says(r->out, "all of it, for its pictures are not those that training split: 21");
}

static void a_picture_that_cannot_be_decoded_is_left_out(void **state)
{
    (void)state;
    write_photographs("photos", 10);
    (void)test_write("photos/dark/broken.bmp", "BM and no more", 14);
    const ran *r =
        run("train", "--data", at("photos"), "--out", at("m.safetensors"), "--epochs", "1");
    assert_ran(r, 0);
    assert_says(r->err, "candela train: warning: ");
    assert_says(r->err, "broken.bmp");
    assert_says(r->out, "left out: 1 picture that cannot be decoded");
    r = run("train", "--data", at("photos"), "--out", at("m.safetensors"), "--epochs", "1",
            "--quiet");
    assert_ran(r, 0);
    assert_string_equal(r->err, "");
    assert_says(r->out, "left out: 1 picture");
    r = run("eval", at("m.safetensors"), "--data", at("photos"), "--split", "train");
    assert_ran(r, 0);
}

static double number_in(json_t *j, const char *key)
{
    return json_number_value(json_object_get(j, key));
}

/* Scores are those of the set without them, with any batch size. */
static void undecodable_pictures_change_no_score(void **state)
{
    (void)state;
    make_folder("photos");
    write_photographs("photos/train", 5);
    write_photographs("photos/val", 5);
    assert_ran(run("train", "--data", at("photos"), "--out", at("m.safetensors"), "--epochs", "2"),
               0);
    json_t *clean = json_of(run("eval", at("m.safetensors"), "--data", at("photos"), "--json"));
    (void)test_write("photos/val/dark/1a.bmp", "BM and no more", 14);
    (void)test_write("photos/val/light/3a.bmp", "BM and no more", 14);
    static const char *const sizes[] = { "1", "4", "64" };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        json_t *j = json_of(run("eval", at("m.safetensors"), "--data", at("photos"), "--json",
                                "--batch", sizes[i]));
        assert_close(number_in(j, "skipped"), 2, 0, 0);
        assert_close(number_in(j, "count"), 10, 0, 0);
        assert_close(number_in(j, "loss"), number_in(clean, "loss"), 1e-6, 0);
        assert_close(number_in(j, "accuracy"), number_in(clean, "accuracy"), 0, 0);
        json_decref(j);
    }
    json_decref(clean);
}

static void a_path_may_be_no_utf8(void **state)
{
    (void)state;
    write_photographs("ph\xFFtos", 5);
    const ran *r =
        run("train", "--data", at("ph\xFFtos"), "--out", at("m\xFF"), "--epochs", "1", "--json");
    assert_ran(r, 0);
    json_t *j = json_of(r);
    assert_says(json_string_value(json_object_get(j, "data")), "/ph\xEF\xBF\xBDtos");
    json_decref(j);
    r = run("predict", at("m\xFF"), at("ph\xFFtos/dark/0.bmp"), at("n\xFFne"), "--json");
    assert_ran(r, 1);
    json_decref(json_of(r));
}

/* --- eval, predict, info ---------------------------------------------------------------------- */

static void eval_needs_no_flags(void **state)
{
    (void)state;
    train_small();
    const ran *r = run("eval", at("m.safetensors"), "--data", small_idx(90, 30));
    assert_ran(r, 0);
    assert_says(r->out, "test split: 30 pictures, 3 classes");
    assert_says(r->out, "accuracy  100.00 %  (30 of 30)");
    assert_says(r->out, "  1  1                          100.0 %   100.0 %        10");
    assert_says(r->out, "\n  2      0     0    10\n");
    assert_string_equal(r->err, "");
    r = run("eval", "--split=train", "--batch=7", "--data", small_idx(90, 30), "--",
            at("m.safetensors"));
    assert_ran(r, 0);
    assert_says(r->out, "train split: 90 pictures");
}

/* Of many classes only those with the lowest recall are shown. */
static void eval_of_many_classes_is_short(void **state)
{
    (void)state;
    const char *set = small_idx(250, 100);
    unsigned char labels[8 + 250] = { 0, 0, 8, 1, 0, 0, 0, 250 };
    for (int i = 0; i < 250; i++) labels[8 + i] = (unsigned char)(i % 25);
    (void)test_write("set/train-labels-idx1-ubyte", labels, sizeof labels);
    labels[7] = 100;
    (void)test_write("set/t10k-labels-idx1-ubyte", labels, 8 + 100);
    assert_ran(run("train", "--data", set, "--out", at("m"), "--epochs", "1"), 0);
    const ran *r = run("eval", at("m"), "--data", set);
    assert_ran(r, 0);
    assert_says(r->out, "the 20 of 25 classes with the lowest recall");
    assert_null(strstr(r->out, "confusion ("));
    json_t *j = json_of(run("eval", at("m"), "--data", set, "--json"));
    assert_int_equal(json_array_size(json_object_get(j, "confusion")), 25);
    json_decref(j);
}

static void eval_speaks_json(void **state)
{
    (void)state;
    train_small();
    const ran *r = run("eval", at("m.safetensors"), "--data", small_idx(90, 30), "--json");
    assert_ran(r, 0);
    json_t *j = json_of(r);
    assert_close(json_number_value(json_object_get(j, "accuracy")), 1, 0, 0);
    assert_int_equal(json_integer_value(json_object_get(j, "count")), 30);
    json_t *row = json_array_get(json_object_get(j, "confusion"), 2);
    assert_int_equal(json_integer_value(json_array_get(row, 2)), 10);
    json_t *class_ = json_array_get(json_object_get(j, "classes"), 2);
    assert_string_equal(json_string_value(json_object_get(class_, "name")), "2");
    assert_close(json_number_value(json_object_get(class_, "recall")), 1, 0, 0);
    json_decref(j);
}

static void predict_takes_pictures_from_a_set(void **state)
{
    (void)state;
    train_small();
    const ran *r = run("predict", at("m.safetensors"), "--data", small_idx(90, 30), "--count", "4",
                       "--top", "2");
    assert_ran(r, 0);
    assert_says(r->out, ": right\n");
    assert_says(r->out, " %  ");
    assert_null(strstr(r->out, "█")); /* pictures are for terminals */
    r = run("predict", at("m.safetensors"), "--data", small_idx(90, 30), "--json");
    assert_ran(r, 0);
    json_t *j = json_of(r);
    assert_int_equal(json_array_size(json_object_get(j, "pictures")), 5);
    json_t *first = json_array_get(json_object_get(j, "pictures"), 0);
    assert_int_equal(json_array_size(json_object_get(first, "predictions")), CLASSES);
    json_decref(j);
}

static void predict_looks_at_photographs(void **state)
{
    (void)state;
    write_photographs("photos", 10);
    assert_ran(run("train", "--data", at("photos"), "--out", at("m.safetensors"), "--epochs", "8",
                   "--batch", "4", "--hidden", "8"),
               0);
    const ran *r = run("predict", at("m.safetensors"), at("photos/dark/0.bmp"),
                       at("photos/light/0.bmp"), "--top", "1");
    assert_ran(r, 0);
    assert_says(r->out, "dark/0.bmp\n");
    assert_says(r->out, " %  dark\n");
    assert_says(r->out, " %  light\n");
    r = run("predict", at("m.safetensors"), at("photos/dark/0.bmp"), "--top", "1", "--invert");
    assert_ran(r, 0);
    assert_says(r->out, " %  light\n");
}

/* A model predicts one of its classes for any picture, so predict says on standard error which they
 * are; standard output has the predictions alone. */
static void predict_says_which_classes_there_are(void **state)
{
    (void)state;
    write_photographs("photos", 5);
    assert_ran(run("train", "--data", at("photos"), "--out", at("m"), "--epochs", "1"), 0);
    const char *picture = at("photos/dark/0.bmp");
    const ran *r = run("predict", at("m"), picture);
    assert_ran(r, 0);
    assert_says(r->err, "/m knows 2 classes (dark, light); every picture is given one of them");
    assert_null(strstr(r->out, "knows"));
    r = run("predict", at("m"), picture, "--quiet");
    assert_ran(r, 0);
    assert_string_equal(r->err, "");
    r = run("predict", at("m"), picture, "--json");
    assert_ran(r, 0);
    assert_string_equal(r->err, "");
    json_t *j = json_of(r), *classes = json_object_get(j, "classes");
    assert_int_equal(json_array_size(classes), 2);
    assert_string_equal(json_string_value(json_array_get(classes, 1)), "light");
    json_decref(j);
    /* Not with --data, whose pictures are of the model's classes. */
    r = run("predict", at("m"), "--data", at("photos"));
    assert_ran(r, 0);
    assert_null(strstr(r->err, "knows"));
}

/* Ten classes are all listed; of more only the first and the last. */
static void predict_does_not_list_a_thousand_classes(void **state)
{
    (void)state;
    static const int counts[] = { 10, 11 };
    static const char *const lists[] = { "10 classes (c00, c01, c02, c03, c04, c05, c06, c07, c08, "
                                         "c09);",
                                         "11 classes (c00, c01, c02, c03, c04, ..., c10);" };
    for (int k = 0; k < 2; k++) {
        char folder[32], name[64];
        (void)snprintf(folder, sizeof folder, "photos%d", k);
        make_folder(folder);
        for (int i = 0; i < 2 * counts[k]; i++) {
            (void)snprintf(name, sizeof name, "%s/c%02d", folder, i / 2);
            make_folder(name);
            (void)snprintf(name, sizeof name, "%s/c%02d/%d.bmp", folder, i / 2, i);
            write_bmp(name, i, 2 * i, 3 * i, (unsigned)i);
        }
        assert_ran(run("train", "--data", at(folder), "--out", at("m"), "--epochs", "1"), 0);
        const ran *r = run("predict", at("m"), at(name));
        assert_ran(r, 0);
        assert_says(r->err, lists[k]);
    }
}

static void predict_goes_on_after_a_bad_picture(void **state)
{
    (void)state;
    write_photographs("photos", 5);
    assert_ran(run("train", "--data", at("photos"), "--out", at("m.safetensors"), "--epochs", "1"),
               0);
    (void)test_write("text.jpg", "no picture", 10);
    const ran *r = run("predict", at("m.safetensors"), at("none.jpg"), at("text.jpg"),
                       at("photos/light/0.bmp"));
    assert_ran(r, 1);
    assert_says(r->err, "candela predict: ");
    assert_says(r->err, "none.jpg");
    assert_says(r->err, "text.jpg");
    assert_says(r->out, "light/0.bmp\n");
    r = run("predict", at("m.safetensors"), at("text.jpg"), at("photos/light/0.bmp"), "--json");
    assert_ran(r, 1);
    json_t *j = json_of(r);
    assert_int_equal(json_integer_value(json_object_get(j, "failed")), 1);
    json_t *first = json_array_get(json_object_get(j, "pictures"), 0);
    assert_true(json_is_string(json_object_get(first, "error")));
    json_decref(j);
}

static void info_shows_what_is_in_a_file(void **state)
{
    (void)state;
    train_small();
    const ran *r = run("info", at("m.safetensors"));
    assert_ran(r, 0);
    assert_says(r->out, "safetensors, ");
    assert_says(r->out, "4 tensors, 323 numbers, 1292 bytes of data");
    assert_says(r->out, "1.weight  F32               8x36          288           1152");
    assert_says(r->out, "\nmetadata\n  format: pt\n");
    assert_says(r->out, "\nmodel card\n  model: mlp {");
    assert_says(r->out, "parameters: 323");
    assert_says(r->out, "classes: 3: 0, 1, 2");
    assert_says(r->out, "\"epochs\": 8");
    r = run("info", at("m.safetensors"), "--json");
    json_t *j = json_of(r);
    assert_int_equal(json_array_size(json_object_get(j, "tensors")), 4);
    json_t *card = json_object_get(j, "card");
    assert_string_equal(json_string_value(json_object_get(card, "model")), "mlp");
    json_t *training = json_object_get(card, "training");
    assert_says(json_string_value(json_object_get(training, "data")), "/set");
    assert_string_equal(json_string_value(json_object_get(training, "held")), "test");
    assert_int_equal(json_integer_value(json_object_get(training, "train_count")), 90);
    assert_close(json_number_value(json_object_get(training, "lr")), 0.05, 0, 0);
    json_decref(j);
}

/* Dtypes of fewer than eight bits. */
static void info_counts_bits(void **state)
{
    (void)state;
    static const char header[] =
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[3,2],\"data_offsets\":[0,3]},"
        "\"b\":{\"dtype\":\"F6_E2M3\",\"shape\":[20],\"data_offsets\":[3,18]},"
        "\"c\":{\"dtype\":\"BOOL\",\"shape\":[5],\"data_offsets\":[18,23]}}";
    char file[8 + sizeof header - 1 + 23] = { (char)(sizeof header - 1) };
    memcpy(file + 8, header, sizeof header - 1);
    const ran *r = run("info", test_write("small.safetensors", file, sizeof file));
    assert_ran(r, 0);
    assert_says(r->out, "3 tensors, 31 numbers, 23 bytes of data");
    json_t *j = json_of(run("info", at("small.safetensors"), "--json")), *one;
    static const int bytes[] = { 3, 15, 5 };
    size_t i;
    json_array_foreach(json_object_get(j, "tensors"), i, one)
    {
        assert_int_equal(json_integer_value(json_object_get(one, "bytes")), bytes[i]);
    }
    assert_int_equal(i, 3);
    json_decref(j);
}

static void info_opens_what_pytorch_saved(void **state)
{
    (void)state;
    const ran *r = run("info", test_path("golden/formats_v3.pth"));
    assert_ran(r, 0);
    assert_says(r->out, "PyTorch zip");
    r = run("info", test_path("golden/formats_v3.pth"), "--json");
    json_t *j = json_of(r);
    assert_true(json_is_null(json_object_get(j, "card")));
    json_decref(j);
}

/* A file with several sets of tensors: an error that lists them, and --key. */
static void info_asks_for_a_key(void **state)
{
    (void)state;
    const char *path = test_path("golden/formats_wrapped.pth");
    const ran *r = run("info", path);
    assert_ran(r, 0);
    assert_says(r->out, "the tensors are those under \"state_dict\"");
    r = run("info", path, "--key", "state_dict", "--json");
    json_t *j = json_of(r);
    assert_string_equal(json_string_value(json_object_get(j, "key")), "state_dict");
    json_decref(j);
    r = run("info", path, "--key=model");
    assert_int_equal(r->status, 1);
    assert_says(r->err, "no dictionary of tensors under the key \"model\": it has \"state_dict\"");
    r = run("predict", path, "x.png", "--key", "a");
    assert_int_equal(r->status, 2);
    assert_says(r->err, "--key is for bare weights, with --model resnet18");
    r = run("info", test_shared("weights/resnet20-12fca82f.th"));
    assert_ran(r, 0);
    assert_says(r->out, "PyTorch pickle stream");
    assert_says(r->out, "best_prec1: 91.78");
}

/* Escape sequences in a file must not reach the terminal. */
static void info_shows_no_control_characters(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        const cd_text_pair text = { "note", "a\033[31mb\302\233c\nd" };
        assert_true(
            cd_save(cd_nn_linear(2, 2), at("t.safetensors"), .texts = &text, .text_count = 1));
    }
    const ran *r = run("info", at("t.safetensors"));
    assert_ran(r, 0);
    assert_says(r->out, "note: a\\x1b[31mb\\u009bc\\nd\n");
}

/* --- help and version ------------------------------------------------------------------------- */

static void help_lists_the_commands(void **state)
{
    (void)state;
    const ran *r = run("help");
    assert_ran(r, 0);
    static const char *const names[] = { "train", "probe", "eval", "predict", "info", "version" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) assert_says(r->out, names[i]);
    assert_string_equal(r->err, "");
    assert_ran(run("--help"), 0);
    assert_ran(run("-h"), 0);
}

static void each_command_has_help_with_an_example(void **state)
{
    (void)state;
    static const char *const names[] = { "train", "probe",   "eval", "predict",
                                         "info",  "version", "help" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ran *r = run("help", names[i]);
        assert_ran(r, 0);
        assert_says(r->out, "example:\n  " CANDELA_PROGRAM " ");
        /* The first four draw random numbers. */
        assert_true((i < 4) == (strstr(r->out, "--seed N") != NULL));
        char *asked = strdup(r->out);
        assert_non_null(asked);
        r = run(names[i], "--nonsense", "--help");
        assert_ran(r, 0);
        assert_string_equal(r->out, asked);
        free(asked);
    }
}

/* Runs the line "candela WORD WORD", with the words of `more` after it. */
static const ran *type_example(const char *line, size_t length, const char *const *more)
{
    static char text[512];
    const char *words[32] = { CANDELA_PROGRAM };
    int count = 1;
    (void)snprintf(text, sizeof text, "%.*s", (int)length, line);
    assert_string_equal(strtok(text, " "), "candela");
    for (char *word; count < 24 && (word = strtok(NULL, " "));) words[count++] = word;
    while (*more) words[count++] = *more++;
    return run_words(words);
}

/* The folder is empty, so an example may fail (1) for want of files, but not by its words (2). */
static void examples_of_help_can_be_typed(void **state)
{
    (void)state;
    static const char *const nothing[] = { NULL }, *const brief[] = { "--epochs", "1", NULL };
    char before[4096];
    json_t *all = json_of(run("help", "--json")), *one;
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(test_folder()), 0);
    size_t i;
    json_array_foreach(json_object_get(all, "commands"), i, one)
    {
        const char *line = json_string_value(json_object_get(one, "example"));
        for (size_t length; *line; line += length + (line[length] == '\n')) {
            length = strcspn(line, "\n");
            bool trains = strncmp(line, "candela train", 13) == 0;
            const ran *r = type_example(line, length, trains ? brief : nothing);
            assert_that(r->status == 0 || r->status == 1, "%.*s: exit status %d\n%s", (int)length,
                        line, r->status, r->err);
        }
    }
    assert_int_equal(chdir(before), 0);
    json_decref(all);
}

static void help_shows_defaults_and_their_source(void **state)
{
    (void)state;
    const ran *r = run("help", "train");
    assert_says(r->out, "(default: 128; CSV: 32)");
    assert_says(r->out, "(default: sgd; CSV: adam)");
    assert_says(r->out, "CSV: 64,32)");
    assert_says(run("help", "probe")->out, "(default: 32)");
    r = run("help", "train");
    assert_says(r->out, "is replaced at the end (needed)");
    assert_says(r->out, "has 0.001; PyTorch's for the others");
    assert_says(r->out, "Loshchilov");
    json_t *j = json_of(run("help", "--json"));
    /* The list has every command of the text, a line each. */
    const ran *text = run("help");
    json_t *command;
    size_t k, lines = 0;
    const char *end = strstr(text->out, "To begin");
    for (const char *at = strstr(text->out, "\n  "); at && at < end; at = strstr(at + 1, "\n  ")) {
        lines++;
    }
    json_t *commands = json_object_get(j, "commands");
    assert_int_equal(json_array_size(commands), lines);
    json_array_foreach(commands, k, command)
    {
        char line[64];
        (void)snprintf(line, sizeof line, "\n  %s ",
                       json_string_value(json_object_get(command, "name")));
        assert_says(text->out, line);
    }
    json_decref(j);
    json_t *one;
    size_t i;
    int needed = 0;
    j = json_of(run("help", "probe", "--json"));
    json_array_foreach(json_object_get(j, "options"), i, one)
    {
        const char *name = json_string_value(json_object_get(one, "name"));
        bool must =
            strcmp(name, "weights") == 0 || strcmp(name, "data") == 0 || strcmp(name, "out") == 0;
        assert_that(json_is_true(json_object_get(one, "needed")) == must, "--%s", name);
        needed += must;
    }
    assert_int_equal(needed, 3);
    json_decref(j);
}

/* A flag may be repeated, options may come before and after operands, and after "--" no word is an
 * option. */
static void words_come_in_any_order(void **state)
{
    (void)state;
    train_small();
    const char *m = at("m.safetensors");
    const ran *r = run("info", "--quiet", m, "--quiet", "--json", "--threads=1");
    assert_ran(r, 0);
    json_decref(json_of(r));
    assert_ran(run("info", "--json", "--", m), 0);
    r = run("info", "--", "--json");
    assert_ran(r, 1);
    assert_says(r->err, "--json: cannot open it");
    r = run("info", m, "-h");
    assert_ran(r, 0);
    assert_says(r->out, "usage: ");
}

static void version_says_what_it_runs_on(void **state)
{
    (void)state;
    const ran *r = run("version");
    assert_ran(r, 0);
    assert_says(r->out, cd_about().version);
    assert_says(r->out, cd_about().kernels);
    assert_ran(run("--version"), 0);
    json_t *j = json_of(run("version", "--json", "--threads", "1"));
    assert_int_equal(json_integer_value(json_object_get(j, "threads")), 1);
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(train_reports_each_epoch_and_saves),
        TEST(train_speaks_json),
        TEST(the_same_seed_gives_the_same_file),
        TEST(the_training_record_is_exact),
        TEST(train_can_leave_the_test_split_alone),
        TEST(train_has_a_choice_of_optimizers),
        TEST(gradients_of_several_batches_make_a_step),
        TEST(label_smoothing_changes_the_loss),
        TEST(gradients_are_clipped),
        TEST(early_stopping_saves_the_best_epoch),
        TEST(train_makes_a_lenet),
        TEST(train_takes_photographs),
        TEST(a_picture_that_cannot_be_decoded_is_left_out),
        TEST(undecodable_pictures_change_no_score),
        TEST(eval_needs_no_flags),
        TEST(a_path_may_be_no_utf8),
        TEST(eval_of_many_classes_is_short),
        TEST(eval_speaks_json),
        TEST(predict_takes_pictures_from_a_set),
        TEST(predict_looks_at_photographs),
        TEST(predict_says_which_classes_there_are),
        TEST(predict_does_not_list_a_thousand_classes),
        TEST(predict_goes_on_after_a_bad_picture),
        TEST(info_shows_what_is_in_a_file),
        TEST(info_counts_bits),
        TEST(info_opens_what_pytorch_saved),
        TEST(info_asks_for_a_key),
        TEST(info_shows_no_control_characters),
        TEST(help_lists_the_commands),
        TEST(each_command_has_help_with_an_example),
        TEST(examples_of_help_can_be_typed),
        TEST(help_shows_defaults_and_their_source),
        TEST(words_come_in_any_order),
        TEST(version_says_what_it_runs_on),
    };
    return RUN(tests);
}
