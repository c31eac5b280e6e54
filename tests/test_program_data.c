/* The program, run as a user runs it: the files and folders of a data set. */
#include <stdlib.h>

#include <candela.h>

#include "program.h"

static const ran *train_on(const char *data)
{
    return run("train", "--data", data, "--out", at("m"), "--epochs", "1", "--hidden", "none");
}

/* Splits under other names are not taken for the classes "train" and "valid". */
static void splits_are_no_classes(void **state)
{
    (void)state;
    static const char *const names[][2] = { { "train", "valid" },
                                            { "train", "validation" },
                                            { "Training", "Testing" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char set[32], folder[64];
        (void)snprintf(set, sizeof set, "photos%zu", i);
        make_folder(set);
        for (int k = 0; k < 2; k++) {
            (void)snprintf(folder, sizeof folder, "%s/%s", set, names[i][k]);
            write_photographs(folder, 3 - k);
        }
        const ran *r = run("train", "--data", at(set), "--out", at("m"), "--epochs", "1", "--json");
        assert_ran(r, 0);
        json_t *j = json_of(r);
        json_t *classes = json_object_get(j, "classes");
        assert_int_equal(json_array_size(classes), 2);
        assert_string_equal(json_string_value(json_array_get(classes, 0)), "dark");
        assert_int_equal(json_integer_value(json_object_get(j, "train_count")), 6);
        assert_int_equal(json_integer_value(json_object_get(j, "val_count")), 4);
        assert_string_equal(json_string_value(json_object_get(j, "val_name")),
                            i == 2 ? "test" : "val");
        json_decref(j);
    }
    make_folder("odd");
    write_photographs("odd/train", 2);
    write_photographs("odd/holdout", 2);
    const ran *r = train_on(at("odd"));
    assert_ran(r, 1);
    assert_says(r->err, "holdout/ stands beside train/");
}

/* Black, grey or white pictures alone: the standard deviation to divide by would be 0. */
static void pictures_of_one_grey_are_trained_on(void **state)
{
    (void)state;
    static const int greys[] = { 0, 100, 255 };
    enum { W = 3, H = 2, HEAD = 54, ROW = 12 };
    for (size_t i = 0; i < sizeof greys / sizeof *greys; i++) {
        char set[32], name[64];
        (void)snprintf(set, sizeof set, "grey%d", greys[i]);
        write_photographs(set, 2);
        unsigned char file[HEAD + H * ROW] = {
            'B', 'M', [10] = HEAD, [14] = 40, [18] = W, [22] = H, [26] = 1, [28] = 24
        };
        memset(file + HEAD, greys[i], H * ROW);
        for (int k = 0; k < 4; k++) {
            (void)snprintf(name, sizeof name, "%s/%s/%d.bmp", set, k % 2 ? "light" : "dark", k / 2);
            (void)test_write(name, file, sizeof file);
        }
        const ran *r = run("train", "--data", at(set), "--out", at("m"), "--epochs", "2",
                           "--hidden", "none", "--json");
        assert_ran(r, 0);
        json_t *j = json_of(r);
        double loss = json_number_value(json_object_get(j, "train_loss"));
        assert_close(loss, log(2), 0.2, 0); /* the classes cannot be told apart */
        json_decref(j);
        CD_SCOPE();
        cd_card *card;
        assert_non_null(cd_load_model(at("m"), .card = &card));
        assert_close(card->preprocess.mean[0], greys[i] / 255.0, 1e-6, 1e-9);
        assert_close(card->preprocess.std[0], 1, 0, 0);
    }
}

static void files_of_other_formats_are_named_once(void **state)
{
    (void)state;
    write_photographs("photos", 5);
    (void)test_write("photos/dark/a.gif", "GIF89a", 6);
    (void)test_write("photos/light/b.webp", "RIFF", 4);
    (void)test_write("photos/light/notes.txt", "x", 1);
    const ran *r = train_on(at("photos"));
    assert_ran(r, 0);
    assert_says(r->err,
                "2 files are ignored, because only .jpg, .jpeg, .png and .bmp are read: dark/a.gif "
                "(GIF), light/b.webp (WebP)\n");
    assert_null(strstr(strstr(r->err, "ignored") + 1, "ignored"));
    assert_null(strstr(r->err, "notes.txt"));
    assert_says(r->out, "ignored: 3 files of other kinds than .jpg, .jpeg, .png and .bmp");
}

/* The files of both splits are counted when each has a folder of its own. */
static void ignored_files_of_both_splits_are_counted(void **state)
{
    (void)state;
    make_folder("photos");
    write_photographs("photos/train", 3);
    write_photographs("photos/val", 2);
    (void)test_write("photos/train/dark/notes.txt", "x", 1);
    (void)test_write("photos/val/dark/notes.txt", "x", 1);
    (void)test_write("photos/val/light/notes.txt", "x", 1);
    const ran *r = train_on(at("photos"));
    assert_ran(r, 0);
    assert_says(r->out, "ignored: 3 files of other kinds than .jpg, .jpeg, .png and .bmp");
    r = run("train", "--data", at("photos"), "--out", at("m"), "--epochs", "1", "--json");
    json_t *j = json_of(r);
    assert_int_equal(json_integer_value(json_object_get(j, "ignored")), 3);
    json_decref(j);
}

/* Photographs with an EXIF tag that asks for turning: each split counts its own, and names the
 * first. */
static void turned_photographs_are_counted_once(void **state)
{
    (void)state;
    make_folder("photos");
    write_photographs("photos/train", 3);
    write_photographs("photos/val", 2);
    char target[4096];
    (void)snprintf(target, sizeof target, "%s", test_path("golden/images/jpeg_turned_6_8x4.jpg"));
    assert_int_equal(symlink(target, at("photos/train/light/turned.jpg")), 0);
    (void)snprintf(target, sizeof target, "%s", test_path("golden/images/png_turned_8.png"));
    assert_int_equal(symlink(target, at("photos/train/dark/turned.png")), 0);
    assert_int_equal(symlink(target, at("photos/val/dark/turned.png")), 0);
    const ran *r = run("train", "--data", at("photos"), "--out", at("m"), "--epochs", "3");
    assert_ran(r, 0);
    assert_says(r->err,
                "warning: 2 photographs ask by an EXIF tag to be turned or mirrored, which is "
                "not done (nor does torchvision): the first is ");
    assert_says(r->err, "photos/train/dark/turned.png\n");
    assert_says(r->err, "warning: 1 photograph asks by an EXIF tag");
    assert_says(r->err, "photos/val/dark/turned.png\n");
    assert_null(strstr(r->err, "jpeg_turned"));
    r = run("eval", at("m"), "--data", at("photos"), "--split", "train");
    assert_ran(r, 0);
    assert_says(r->err, "warning: 2 photographs ask");
    r = run("eval", at("m"), "--data", at("photos"), "--quiet");
    assert_string_equal(r->err, "");
}

static void predict_names_photographs_by_file(void **state)
{
    (void)state;
    write_photographs("photos", 5);
    assert_ran(train_on(at("photos")), 0);
    const ran *r = run("predict", at("m"), "--data", at("photos"), "--count", "2");
    assert_ran(r, 0);
    assert_says(r->out, "val split (made by training)\n");
    assert_says(r->out, "photos/dark/");
    assert_says(r->out, ".bmp is dark, predicted as ");
    assert_null(strstr(r->out, "picture "));
    r = run("predict", at("m"), "--data", at("photos"), "--count", "20", "--json");
    json_t *j = json_of(r), *all = json_object_get(j, "pictures");
    assert_string_equal(json_string_value(json_object_get(j, "split")), "val");
    assert_int_equal(json_array_size(all), 2); /* all validation samples, one of each class */
    bool first_dark = strstr(json_string_value(json_object_get(json_array_get(all, 0), "file")),
                             "/dark/") != NULL;
    assert_says(json_string_value(json_object_get(json_array_get(all, 1), "file")),
                first_dark ? "/light/" : "/dark/");
    json_t *one = json_array_get(all, 0);
    assert_true(json_is_integer(json_object_get(one, "number")));
    assert_says(json_string_value(json_object_get(one, "file")), "/photos/");
    json_decref(j);
    assert_ran(train_on(small_idx(90, 30)), 0);
    r = run("predict", at("m"), "--data", small_idx(90, 30), "--count", "1");
    assert_ran(r, 0);
    assert_says(r->out, "test split\npicture ");
    j = json_of(run("predict", at("m"), "--data", small_idx(90, 30), "--count", "1", "--json"));
    one = json_array_get(json_object_get(j, "pictures"), 0);
    assert_true(json_is_null(json_object_get(one, "file")));
    json_decref(j);
}

/* --invert makes a model that inverts its pictures not invert them, and the other way round. */
static void invert_toggles_what_the_model_does(void **state)
{
    (void)state;
    CD_SCOPE();
    double probability[2][2];
    write_bmp("a.bmp", 200, 190, 40, 3);
    cd_manual_seed(4);
    cd_module *m = cd_make_model("mlp", "{\"inputs\": 64, \"outputs\": 2}");
    cd_card card = { .architecture = "mlp",
                     .options = "{\"inputs\": 64, \"outputs\": 2}",
                     .preprocess = {
                         .crop_width = 8, .crop_height = 8, .channels = 1, .std = { 0.5 } } };
    for (int inverts = 0; inverts < 2; inverts++) {
        card.preprocess.invert = inverts;
        assert_true(cd_save_model(m, &card, at("m.safetensors")));
        for (int asked = 0; asked < 2; asked++) {
            json_t *j = json_of(run("predict", at("m.safetensors"), at("a.bmp"), "--json",
                                    asked ? "--invert" : "--quiet"));
            json_t *list =
                json_object_get(json_array_get(json_object_get(j, "pictures"), 0), "predictions");
            probability[inverts][asked] =
                json_number_value(json_object_get(json_array_get(list, 0), "probability"));
            json_decref(j);
        }
    }
    assert_close(probability[0][0], probability[1][1], 0, 0);
    assert_close(probability[0][1], probability[1][0], 0, 0);
    assert_true(fabs(probability[0][0] - probability[0][1]) > 1e-4);
}

/* Data sets have a preprocessing of their own; for other pictures, and for --invert, there is
 * none. */
static void a_model_without_preprocessing_takes_sets_alone(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        static const char *const classes[] = { "0", "1", "2" };
        const cd_card card = { .architecture = "mlp",
                               .options = "{\"inputs\": 36, \"outputs\": 3}",
                               .classes = classes,
                               .class_count = 3 };
        assert_true(cd_save_model(cd_make_model("mlp", card.options), &card, at("m")));
    }
    const char *set = small_idx(9, 6);
    write_bmp("a.bmp", 1, 2, 3, 1);
    const ran *r = run("predict", at("m"), "--data", set, "--count", "1");
    assert_ran(r, 0);
    assert_says(r->out, "test split\n");
    r = run("predict", at("m"), "--data", set, "--invert");
    assert_ran(r, 1);
    assert_says(r->err, "only --data can be used with it, and not with --invert\n");
    r = run("predict", at("m"), at("a.bmp"));
    assert_ran(r, 1);
    assert_says(r->err, "does not say how pictures are prepared for the model");
}

static void what_is_no_set_is_said(void **state)
{
    (void)state;
    assert_says(train_on("FashionMNIST")->err, "did you mean fashion-mnist?");
    (void)test_write("photos.zip", "PK\3\4", 4);
    const ran *r = train_on(at("photos.zip"));
    assert_ran(r, 1);
    assert_says(r->err, "photos.zip: this is a zip archive: unpack it");
    make_folder("dataset");
    write_photographs("dataset/photos", 2);
    r = train_on(at("dataset"));
    assert_ran(r, 1);
    assert_says(r->err, "it holds a single folder and no picture: name ");
}

/* Names with characters that are special in JSON, in C or in a shell. */
static void class_names_come_back_from_json(void **state)
{
    (void)state;
    static const char *const names[] = { "a\\u0041", "b\"quoted\"", "c\x1b\x7f", "d\n\\" };
    make_folder("set");
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < 2; i++) {
            char name[64];
            (void)snprintf(name, sizeof name, "set/%s", names[k]);
            make_folder(name);
            (void)snprintf(name, sizeof name, "set/%s/%d.bmp", names[k], i);
            write_bmp(name, 60 * k, 20, 30, (unsigned)i);
        }
    }
    json_t *j =
        json_of(run("train", "--data", at("set"), "--out", at("m"), "--epochs", "1", "--json"));
    for (size_t k = 0; k < 4; k++) {
        const json_t *name = json_array_get(json_object_get(j, "classes"), k);
        assert_string_equal(json_string_value(name), names[k]);
    }
    json_decref(j);
}

/* train warns once, however many such classes there are; eval, which splits the set again, does
 * not. */
static void classes_of_one_picture_are_counted_once(void **state)
{
    (void)state;
    static const struct {
        const char *folder;
        int pictures;
    } classes[] = { { "set/a", 1 }, { "set/b", 4 }, { "set/c", 1 }, { "set/d", 1 } };
    make_folder("set");
    for (int k = 0; k < 4; k++) {
        make_folder(classes[k].folder);
        for (int i = 0; i < classes[k].pictures; i++) {
            char name[64];
            (void)snprintf(name, sizeof name, "%s/%d.bmp", classes[k].folder, i);
            write_bmp(name, 60 * k, 20, 30, (unsigned)i);
        }
    }
    const ran *r = run("train", "--data", at("set"), "--out", at("m"), "--epochs", "1");
    assert_ran(r, 0);
    assert_string_equal(r->err,
                        "candela train: warning: 3 classes have a single picture each, which "
                        "is trained on and not validated on; the first is a\n");
    assert_says(r->out, "6 pictures to train on, 1 to validate on");
    r = run("eval", at("m"), "--data", at("set"));
    assert_ran(r, 0);
    assert_string_equal(r->err, "");
    assert_int_equal(remove(at("set/a/0.bmp")), 0);
    write_bmp("set/a/1.bmp", 0, 0, 0, 1);
    write_bmp("set/a/2.bmp", 0, 0, 0, 2);
    assert_int_equal(remove(at("set/d/0.bmp")), 0);
    assert_int_equal(rmdir(at("set/d")), 0);
    r = run("train", "--data", at("set"), "--out", at("m"), "--epochs", "1");
    assert_string_equal(r->err, "candela train: warning: class c has a single picture, which is "
                                "trained on and not validated on\n");
}

/* Makes a class whose name is a letter and 126 accents: one column of the terminal, 253 bytes. */
static void write_accents(char letter)
{
    char accents[256] = { letter }, name[300];
    for (int i = 0; i < 126; i++) strcat(accents, "\xCC\x81");
    (void)snprintf(name, sizeof name, "set/%s", accents);
    make_folder(name);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(name, sizeof name, "set/%s/%d.bmp", accents, i);
        write_bmp(name, 10 + 20 * (letter - 'a'), 20, 30, (unsigned)i);
    }
}

static void accents_of_class_names_are_not_cut(void **state)
{
    (void)state;
    make_folder("set");
    write_accents('a');
    const ran *r = run("train", "--data", at("set"), "--out", at("m"), "--epochs", "1");
    assert_ran(r, 1);
    assert_says(r->err, "a classifier needs at least two");
    assert_null(strstr(r->err, "\\x"));
    for (char letter = 'b'; letter <= 'j'; letter++) write_accents(letter);
    assert_ran(run("train", "--data", at("set"), "--out", at("m"), "--epochs", "1"), 0);
    r = run("info", at("m"));
    assert_ran(r, 0);
    assert_says(r->out, "classes: 10: a\xCC\x81");
    assert_says(r->out, ", j\xCC\x81");
    assert_null(strstr(r->out, "\\x"));
    write_bmp("some.bmp", 200, 20, 30, 7);
    r = run("predict", at("m"), at("some.bmp"));
    assert_ran(r, 0);
    assert_says(r->err, "knows 10 classes (a\xCC\x81");
    assert_says(r->err, ", j\xCC\x81");
    assert_null(strstr(r->err, "\\x"));
}

static void class_names_with_newlines_keep_the_table(void **state)
{
    (void)state;
    write_photographs("photos", 5);
    assert_int_equal(rename(at("photos/dark"), at("photos/da\nrk\033[31m")), 0);
    assert_ran(train_on(at("photos")), 0);
    const ran *r = run("eval", at("m"), "--data", at("photos"));
    assert_ran(r, 0);
    assert_says(r->out, "\n  0  da\\nrk\\x1b[31m ");
    assert_null(strchr(r->out, '\033'));
    json_t *j = json_of(run("eval", at("m"), "--data", at("photos"), "--json"));
    json_t *class_ = json_array_get(json_object_get(j, "classes"), 0);
    assert_string_equal(json_string_value(json_object_get(class_, "name")), "da\nrk\033[31m");
    json_decref(j);
}

/* A list names the pictures that a folder of classes has, under classes of its own. */
static void lists_are_trained_on(void **state)
{
    (void)state;
    write_photographs("photos", 4);
    char list[512], text[1024] = "path,label\n";
    for (int i = 0; i < 8; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s/%d.bmp,%s\n", i % 2 ? "light" : "dark",
                       i / 2, i % 2 ? "white" : "black");
    }
    (void)snprintf(list, sizeof list, "list:%s", test_write("photos/l.csv", text, strlen(text)));
    json_t *j = json_of(run("train", "--data", list, "--out", at("m"), "--epochs", "3", "--hidden",
                            "none", "--json"));
    json_t *classes = json_object_get(j, "classes");
    assert_int_equal(json_array_size(classes), 2);
    assert_string_equal(json_string_value(json_array_get(classes, 0)), "black");
    assert_int_equal(json_integer_value(json_object_get(j, "train_count")), 6);
    assert_int_equal(json_integer_value(json_object_get(j, "val_count")), 2);
    json_decref(j);
    const ran *r = run("eval", at("m"), "--data", list);
    assert_ran(r, 0);
    assert_says(r->out, "val split (made by training): 2 pictures, 2 classes");
    r = run("predict", at("m"), "--data", list, "--count", "1");
    assert_ran(r, 0);
    assert_says(r->out, ".bmp is ");
}

static void cifar_files_are_trained_on(void **state)
{
    (void)state;
    static unsigned char records[4][3074];
    for (int r = 0; r < 4; r++) {
        memset(records[r], 60 * r, sizeof records[r]);
        records[r][0] = 0;
        records[r][1] = (unsigned char)(r % 2);
    }
    (void)test_write("train.bin", records, sizeof records);
    (void)test_write("test.bin", records, 2 * sizeof records[0]);
    char set[512];
    (void)snprintf(set, sizeof set, "cifar100:%s", test_folder());
    json_t *j = json_of(run("train", "--data", set, "--out", at("m"), "--epochs", "1", "--hidden",
                            "none", "--json"));
    assert_int_equal(json_array_size(json_object_get(j, "classes")), 100);
    assert_int_equal(json_integer_value(json_object_get(j, "train_count")), 4);
    assert_int_equal(json_integer_value(json_object_get(j, "val_count")), 2);
    json_decref(j);
    const ran *r = run("eval", at("m"), "--data", set);
    assert_ran(r, 0);
    assert_says(r->out, "test split: 2 pictures, 100 classes");
}

/* An .npz is listed like other files of tensors; what is no number counts no bytes. */
static void arrays_of_numpy_are_listed(void **state)
{
    (void)state;
    const ran *r = run("info", test_path("golden/npy/mixed.npz"));
    assert_ran(r, 0);
    assert_says(r->out, "NumPy zip, 926 bytes\n3 tensors, 9 numbers, 24 bytes of data");
    assert_says(r->out, "OBJECT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_are_trained_on),
        TEST(cifar_files_are_trained_on),
        TEST(arrays_of_numpy_are_listed),
        TEST(splits_are_no_classes),
        TEST(pictures_of_one_grey_are_trained_on),
        TEST(files_of_other_formats_are_named_once),
        TEST(ignored_files_of_both_splits_are_counted),
        TEST(turned_photographs_are_counted_once),
        TEST(predict_names_photographs_by_file),
        TEST(invert_toggles_what_the_model_does),
        TEST(a_model_without_preprocessing_takes_sets_alone),
        TEST(what_is_no_set_is_said),
        TEST(class_names_come_back_from_json),
        TEST(classes_of_one_picture_are_counted_once),
        TEST(accents_of_class_names_are_not_cut),
        TEST(class_names_with_newlines_keep_the_table),
    };
    return RUN(tests);
}
