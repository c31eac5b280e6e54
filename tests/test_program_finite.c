/* The program, run as a user runs it, with models whose tensors or outputs are not finite: an error
 * names the tensor or the picture, and nothing is predicted. */
#include <candela.h>

#include "program.h"

/* --- models with something wrong -------------------------------------------------------------- */

typedef struct change {
    const char *name;
    int64_t element;
    float value;
    bool done;
} change;

static bool change_one(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    change *c = user;
    if (strcmp(name, c->name) != 0) return true;
    CD_NO_GRAD();
    float *value = cd_data_mut(t);
    assert_non_null(value);
    value[c->element] = c->value;
    c->done = true;
    return true;
}

static void set_element(cd_module *m, const char *name, int64_t element, float value)
{
    change c = { name, element, value, false };
    assert_true(cd_visit(m, change_one, &c));
    assert_that(c.done, "there is no %s", name);
}

/* Saves the model "good" at "bad" with one element changed. */
static void write_changed(const char *name, int64_t element, float value)
{
    CD_SCOPE();
    cd_card *card = NULL;
    cd_module *m = cd_load_model(at("good"), .card = &card);
    assert_ok();
    set_element(m, name, element, value);
    assert_true(cd_save_model(m, card, at("bad")));
}

static void train_good(const char *data)
{
    assert_ran(run("train", "--data", data, "--out", at("good"), "--hidden", "4", "--epochs", "2"),
               0);
}

static void refuses(const ran *r, const char *sentence)
{
    assert_ran(r, 1);
    assert_says(r->err, sentence);
    assert_that(!strchr(r->out, '%') && !strstr(r->out, "nan"), "answered: %s", r->out);
}

/* --- tensors ---------------------------------------------------------------------------------- */

static void a_tensor_that_is_not_finite_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t element;
        float value;
        const char *sentence;
    } cases[] = {
        { "1.weight", 17, NAN,
          "/bad: element 17 of the tensor \"1.weight\" (144 elements) is nan" },
        { "1.weight", 143, -NAN, "element 143 of the tensor \"1.weight\" (144 elements) is nan" },
        { "3.weight", 0, INFINITY, "element 0 of the tensor \"3.weight\" (12 elements) is inf" },
        { "3.bias", 2, -INFINITY, "element 2 of the tensor \"3.bias\" (3 elements) is -inf" },
        { "3.bias", 1, NAN, "element 1 of the tensor \"3.bias\" (3 elements) is nan" },
    };
    const char *data = small_idx(30, 9);
    train_good(data);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_changed(cases[i].name, cases[i].element, cases[i].value);
        refuses(run("eval", at("bad"), "--data", data), cases[i].sentence);
        refuses(run("eval", at("bad"), "--data", data, "--json"), cases[i].sentence);
        refuses(run("predict", at("bad"), "--data", data), cases[i].sentence);
        refuses(run("predict", at("bad"), "--data", data, "--json"), cases[i].sentence);
    }
}

/* The error is about the model, so it is printed once and not for each picture. */
static void predict_names_the_tensor_once(void **state)
{
    (void)state;
    write_photographs("photos", 4);
    train_good(at("photos"));
    write_changed("1.weight", 3, NAN);
    const ran *r = run("predict", at("bad"), at("photos/dark/0.bmp"), at("photos/light/0.bmp"));
    refuses(r, "element 3 of the tensor \"1.weight\"");
    assert_null(strstr(strstr(r->err, "element 3") + 1, "element 3"));
}

/* --- outputs of tensors that are finite ------------------------------------------------------- */

static void a_picture_beyond_float32_is_named(void **state)
{
    (void)state;
    write_photographs("photos", 5);
    train_good(at("photos"));
    write_changed("3.bias", 0, 3e38F);
    const ran *r = run("eval", at("bad"), "--data", at("photos"));
    assert_ran(r, 0); /* large, and finite */
    {
        CD_SCOPE();
        cd_card *card = NULL;
        cd_module *m = cd_load_model(at("good"), .card = &card);
        for (int i = 0; i < 4; i++) set_element(m, "1.bias", i, 3e38F);
        for (int i = 0; i < 8; i++) set_element(m, "3.weight", i, 3e38F);
        assert_ok();
        assert_true(cd_save_model(m, card, at("bad")));
    }
    refuses(run("eval", at("bad"), "--data", at("photos"), "--split", "train"),
            ".bmp: the model's outputs for it are nan or infinite");
    r = run("predict", at("bad"), at("photos/dark/0.bmp"), at("photos/light/1.bmp"));
    refuses(r, "photos/dark/0.bmp: the model's outputs for it are nan or infinite");
    assert_says(r->err, "photos/light/1.bmp: the model's outputs for it are nan or infinite");
    json_t *j = json_of(run("predict", at("bad"), at("photos/dark/0.bmp"), "--json"));
    assert_int_equal(json_integer_value(json_object_get(j, "failed")), 1);
    json_decref(j);
}

static void a_picture_of_a_set_without_files_has_its_number(void **state)
{
    (void)state;
    const char *data = small_idx(30, 9);
    train_good(data);
    CD_SCOPE();
    cd_card *card = NULL;
    cd_module *m = cd_load_model(at("good"), .card = &card);
    for (int i = 0; i < 4; i++) set_element(m, "1.bias", i, 3e38F);
    for (int i = 0; i < 12; i++) set_element(m, "3.weight", i, 3e38F);
    assert_true(cd_save_model(m, card, at("bad")));
    refuses(run("eval", at("bad"), "--data", data), "picture 0 of idx:");
    refuses(run("predict", at("bad"), "--data", data), " of idx:");
}

/* Undecodable pictures come before the one with infinite outputs, in its batch and in others. */
static void undecodable_pictures_do_not_change_the_name(void **state)
{
    (void)state;
    write_photographs("photos", 4);
    train_good(at("photos"));
    make_folder("one");
    make_folder("one/val");
    make_folder("one/train");
    static const char *const folders[] = { "one/train/dark", "one/train/light", "one/val/dark",
                                           "one/val/light" };
    for (int i = 0; i < 4; i++) make_folder(folders[i]);
    write_bmp("one/train/dark/0.bmp", 20, 40, 90, 1);
    write_bmp("one/train/light/0.bmp", 200, 180, 90, 1);
    (void)test_write("one/val/dark/0.bmp", "BM", 2);
    write_bmp("one/val/dark/1.bmp", 20, 40, 90, 1);
    (void)test_write("one/val/light/1.bmp", "BM", 2);
    write_bmp("one/val/light/2.bmp", 200, 180, 90, 1);
    {
        /* The first layer gives +inf for a light picture, and -inf, which ReLU makes 0, for a dark
         * one. */
        CD_SCOPE();
        cd_card *card = NULL;
        cd_module *m = cd_load_model(at("good"), .card = &card);
        for (int i = 0; i < 4; i++) {
            for (int64_t k = 0; k < 784; k++) set_element(m, "1.weight", i * 784 + k, 1e36F);
            set_element(m, "1.bias", i, 0);
        }
        for (int i = 0; i < 8; i++) set_element(m, "3.weight", i, 1);
        cd_card changed = *card;
        changed.preprocess.mean[0] = 0.5;
        changed.preprocess.std[0] = 0.25;
        assert_true(cd_save_model(m, &changed, at("bad")));
    }
    static const char *const batches[] = { "1", "2", "3", "64" };
    for (int i = 0; i < 4; i++) {
        refuses(run("eval", at("bad"), "--data", at("one"), "--batch", batches[i]),
                "one/val/light/2.bmp: the model's outputs for it are nan or infinite");
    }
}

/* --- probe ------------------------------------------------------------------------------------ */

/* Saves m at w.safetensors with element 5 of a tensor changed. */
static void write_weights(cd_module *m, const char *name, float value)
{
    set_element(m, name, 5, value);
    assert_true(cd_save(m, at("w.safetensors")));
    set_element(m, name, 5, 1);
}

static void probe_names_the_weights_and_not_the_rate(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float value;
        const char *sentence;
    } cases[] = {
        { "layer4.1.conv2.weight", NAN,
          "tensor \"layer4.1.conv2.weight\" (2359296 elements) is nan" },
        { "bn1.running_mean", INFINITY, "tensor \"bn1.running_mean\" (64 elements) is inf" },
        { "bn1.running_var", -3, "tensor \"bn1.running_var\" is -3, and a variance cannot be" },
    };
    CD_SCOPE();
    cd_module *m = cd_resnet18(.num_classes = 6);
    write_photographs("photos", 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_weights(m, cases[i].name, cases[i].value);
        const ran *r = run("probe", "--weights", at("w.safetensors"), "--data", at("photos"),
                           "--out", at("m.safetensors"));
        refuses(r, cases[i].sentence);
        assert_says(r->err, "w.safetensors: element 5 of the");
        assert_null(strstr(r->err, "--lr"));
        assert_false(exists("m.safetensors"));
    }
    /* A variance can be 0, and a layer that is replaced may hold anything. */
    set_element(m, "bn1.running_var", 5, 0);
    write_weights(m, "fc.weight", NAN);
    assert_ran(run("probe", "--weights", at("w.safetensors"), "--data", at("photos"), "--out",
                   at("replaced.safetensors"), "--epochs", "1"),
               0);
    write_weights(m, "layer4.1.bn2.bias", 3e38F);
    const ran *r = run("probe", "--weights", at("w.safetensors"), "--data", at("photos"), "--out",
                       at("m.safetensors"));
    refuses(r, ".bmp: the model's outputs for it are nan or infinite");
    assert_null(strstr(r->err, "--lr"));
}

/* --- preprocessing ---------------------------------------------------------------------------- */

static void preprocessing_that_makes_pixels_infinite_is_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_card card = {
        .architecture = "mlp",
        .options = "{\"inputs\": 1, \"outputs\": 2}",
        .preprocess = { .crop_width = 1, .crop_height = 1, .channels = 1, .std = { 1e-40 } }
    };
    assert_false(cd_save_model(cd_make_model("mlp", card.options), &card, at("m")));
    assert_failed_with(CD_ERR_ARGUMENT, "std is so small, or mean so large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tensor_that_is_not_finite_is_named),
        TEST(predict_names_the_tensor_once),
        TEST(a_picture_beyond_float32_is_named),
        TEST(a_picture_of_a_set_without_files_has_its_number),
        TEST(undecodable_pictures_do_not_change_the_name),
        TEST(probe_names_the_weights_and_not_the_rate),
        TEST(preprocessing_that_makes_pixels_infinite_is_refused),
    };
    return RUN(tests);
}
