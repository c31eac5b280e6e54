/* The program, run as a user runs it: the linear probe, on random weights and photographs of one
 * colour. */
#include <stdlib.h>

#include <candela.h>

#include "program.h"

/* Saves a ResNet-18 of five classes, with initial parameters, at w.safetensors. */
static void write_weights(void)
{
    CD_SCOPE();
    cd_manual_seed(3);
    assert_true(cd_save(cd_resnet18(.num_classes = 5), at("w.safetensors")));
}

static bool equals_file(const char *name, cd_tensor *t, void *user)
{
    cd_tensor *other = cd_tensor_file_read(user, name);
    return cd_item(cd_sum(cd_ne(t, other))) == 0;
}

static bool is_trunk_as_before(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    CD_SCOPE();
    if (strncmp(name, "fc.", 3) == 0) return true;
    assert_that(equals_file(name, t, user), "%s has changed", name);
    return true;
}

/* All commands in turn; the probe has not changed the network. */
static void probes_evaluates_and_predicts(void **state)
{
    (void)state;
    write_weights();
    make_folder("photos");
    write_photographs("photos/train", 2);
    write_photographs("photos/val", 1);
    (void)test_write("photos/train/dark/broken.bmp", "BM", 2);
    const ran *r = run("probe", "--weights", at("w.safetensors"), "--data", at("photos"), "--out",
                       at("m.safetensors"), "--epochs", "20", "--batch", "3");
    assert_ran(r, 0);
    assert_says(r->err, "broken.bmp");
    assert_says(r->out, "4 pictures to train on, 2 to validate on (val), 2 classes");
    assert_says(r->out, "left out: 1 picture that cannot be decoded");
    assert_says(r->out, "photographs/s");
    assert_says(r->out, "val   accuracy  100.00 %  (2 of 2)");

    r = run("eval", at("m.safetensors"), "--data", at("photos"));
    assert_ran(r, 0);
    assert_says(r->out, "val split: 2 pictures, 2 classes");
    assert_says(r->out, "accuracy  100.00 %  (2 of 2)");

    r = run("predict", at("m.safetensors"), at("photos/val/light/0.bmp"), "--top", "1");
    assert_ran(r, 0);
    assert_says(r->out, " %  light\n");

    json_t *j = json_of(run("info", at("m.safetensors"), "--json"));
    json_t *card = json_object_get(j, "card");
    assert_string_equal(json_string_value(json_object_get(card, "source")), "w.safetensors");
    assert_int_equal(json_integer_value(json_object_get(card, "parameters")), 11176512 + 513 * 2);
    json_decref(j);

    CD_SCOPE();
    cd_module *m = cd_load_model(at("m.safetensors"));
    assert_true(cd_visit(m, is_trunk_as_before, cd_tensor_file_open(at("w.safetensors"))));
    assert_ok();
}

static void bare_weights_predict(void **state)
{
    (void)state;
    write_weights();
    write_bmp("a.bmp", 200, 100, 50, 1);
    char w[512];
    (void)snprintf(w, sizeof w, "%s", at("w.safetensors"));
    const ran *r = run("predict", w, at("a.bmp"), "--model", "resnet18");
    assert_ran(r, 0);
    assert_says(r->out, " %  class ");
    assert_says(r->err, "knows 5 classes (numbers 0 to 4); every picture is given one of them");
    static const char names[] = "ant\r\nbee\ncat\ndog\neel\n\n";
    (void)test_write("names.txt", names, sizeof names - 1);
    r = run("predict", w, at("a.bmp"), "--model", "resnet18", "--classes", at("names.txt"),
            "--json");
    assert_ran(r, 0);
    json_t *j = json_of(r);
    json_t *all = json_object_get(json_array_get(json_object_get(j, "pictures"), 0), "predictions");
    assert_int_equal(json_array_size(all), 5);
    double sum = 0;
    for (size_t k = 0; k < 5; k++) {
        json_t *one = json_array_get(all, k);
        sum += json_number_value(json_object_get(one, "probability"));
        assert_int_equal(strlen(json_string_value(json_object_get(one, "class"))), 3);
    }
    assert_close(sum, 1, 0, 1e-5);
    write_bmp("b.bmp", 10, 250, 90, 2);
    json_t *both =
        json_of(run("predict", w, at("a.bmp"), at("b.bmp"), "--model", "resnet18", "--json"));
    json_t *beside =
        json_object_get(json_array_get(json_object_get(both, "pictures"), 0), "predictions");
    for (size_t k = 0; k < 5; k++) { /* a prediction does not depend on the other pictures */
        assert_close(json_number_value(json_object_get(json_array_get(beside, k), "probability")),
                     json_number_value(json_object_get(json_array_get(all, k), "probability")),
                     1e-4, 0);
    }
    json_decref(both);
    cd_module *m =
        cd_resnet18(.num_classes = 5); /* nor on the batch, as it would in training mode */
    const cd_card card = { .architecture = "resnet18",
                           .options = "{\"num_classes\": 5}",
                           .preprocess = cd_preprocess_imagenet };
    assert_true(cd_load(m, w) && cd_save_model(m, &card, at("saved.safetensors")));
    both = json_of(run("predict", at("saved.safetensors"), at("a.bmp"), "--json", "--top", "5"));
    beside = json_object_get(json_array_get(json_object_get(both, "pictures"), 0), "predictions");
    for (size_t k = 0; k < 5; k++) {
        assert_close(json_number_value(json_object_get(json_array_get(beside, k), "probability")),
                     json_number_value(json_object_get(json_array_get(all, k), "probability")),
                     1e-4, 0);
    }
    json_decref(both);
    json_decref(j);
    (void)test_write("names.txt", "ant\nbee", 7);
    r = run("predict", w, at("a.bmp"), "--model", "resnet18", "--classes", at("names.txt"));
    assert_ran(r, 1);
    assert_says(r->err, "has 2 names, a line each, and the model knows 5 classes");
}

static const ran *probe(const char *weights)
{
    return run("probe", "--weights", at(weights), "--data", at("photos"), "--out",
               at("m.safetensors"), "--epochs", "1");
}

/* The weights are accepted: the probe fails later, because no picture can be decoded. */
static void assert_accepted(const char *weights)
{
    const ran *r = probe(weights);
    assert_ran(r, 1);
    assert_says(r->err, "candela probe: error: none of the 2 pictures can be decoded");
}

static void write_broken_photographs(void)
{
    static const char *const names[] = { "a/1.bmp", "a/2.bmp", "b/1.bmp", "b/2.bmp" };
    make_folder("photos");
    make_folder("photos/a");
    make_folder("photos/b");
    for (int i = 0; i < 4; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "photos/%s", names[i]);
        (void)test_write(path, "BM", 2);
    }
}

/* A probe makes a new last layer, so the weights may have none, or another one. */
static void weights_without_the_last_layer_are_probed(void **state)
{
    (void)state;
    CD_SCOPE();
    write_photographs("photos", 2);
    write_bmp("a.bmp", 200, 100, 50, 1);
    cd_module *m = cd_resnet18(.num_classes = 5);
    assert_true(cd_module_set(m, "fc", cd_nn_relu()));
    assert_true(cd_save(m, at("headless.safetensors")));
    assert_ran(probe("headless.safetensors"), 0);
    assert_ran(run("predict", at("m.safetensors"), at("a.bmp")), 0);
    assert_true(cd_module_set(m, "fc", cd_nn_sequential(cd_nn_relu(), cd_nn_linear(512, 3))));
    assert_true(cd_save(m, at("other.safetensors")));
    assert_int_equal(rename(at("photos"), at("whole")), 0);
    write_broken_photographs();
    assert_accepted("other.safetensors");

    const ran *r = run("predict", at("headless.safetensors"), at("a.bmp"), "--model", "resnet18");
    assert_ran(r, 1);
    assert_says(r->err, "there is no fc.weight (N x 512) among its 120 tensors (bn1.num_batches_");
    r = run("predict", at("other.safetensors"), at("a.bmp"), "--model", "resnet18");
    assert_ran(r, 1);
    assert_says(r->err, "there is no fc.weight (N x 512) among its 122 tensors");
}

/* All other tensors must be those of a ResNet-18. */
static void weights_of_another_network_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    write_photographs("photos", 2);
    cd_module *m = cd_resnet18(.num_classes = 5), *block = cd_module_get(m, "layer1.0");
    assert_true(cd_register_child(block, "se", NULL, cd_nn_linear(1, 1)));
    assert_true(cd_save(m, at("w.safetensors")));
    const ran *r = probe("w.safetensors");
    assert_ran(r, 1);
    assert_says(r->err,
                "does not fit the module: it holds 4 that the module lacks (fc.bias, fc.weight, "
                "layer1.0.se.bias, ...)");
    assert_true(cd_register_child(block, "conv3", NULL, cd_nn_conv2d(1, 1, 1)));
    assert_true(cd_save(m, at("w.safetensors")));
    r = probe("w.safetensors");
    assert_ran(r, 1);
    assert_says(r->err, "these are weights of another network (there is a layer1.0.conv3.weight, "
                        "which ResNet-50, -101 and -152 have); wanted are the weights of a "
                        "ResNet-18 with torchvision's names: conv1.weight, ");
}

static void weights_may_have_a_prefix(void **state)
{
    (void)state;
    CD_SCOPE();
    write_broken_photographs();
    write_bmp("a.bmp", 200, 100, 50, 1);
    cd_module *m = cd_resnet18(.num_classes = 5);
    assert_true(cd_save(m, at("w.safetensors")));
    assert_true(cd_save(cd_nn_sequential(m), at("below.safetensors")));
    assert_accepted("below.safetensors");
    /* other modules may lie beside the network */
    cd_module *beside = cd_nn_module_dict({ "loss", cd_nn_linear(1, 1) }, { "net", m });
    assert_true(cd_save(beside, at("beside.safetensors")));
    assert_accepted("beside.safetensors");
    const ran *r = run("predict", at("w.safetensors"), at("a.bmp"), "--model", "resnet18");
    assert_ran(r, 0);
    char *plain = strdup(r->out);
    r = run("predict", at("below.safetensors"), at("a.bmp"), "--model", "resnet18");
    assert_ran(r, 0);
    assert_string_equal(r->out, plain);
    r = run("predict", at("beside.safetensors"), at("a.bmp"), "--model", "resnet18");
    assert_ran(r, 0);
    assert_says(r->err, "only its tensors below \"net.\" are used, 122 of 124");
    assert_string_equal(r->out, plain);
    free(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(probes_evaluates_and_predicts),
        TEST(bare_weights_predict),
        TEST(weights_without_the_last_layer_are_probed),
        TEST(weights_of_another_network_are_refused),
        TEST(weights_may_have_a_prefix),
    };
    return RUN(tests);
}
