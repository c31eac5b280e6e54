/* Files that earlier versions saved still open and give the same numbers. saved/0/ was written by
 * the commit 36bc9f8, the last before files had a format, and each folder after it by a library of
 * that format (saved/make.sh). The numbers here are those that the commit 36bc9f8 printed. */
#include "test.h"

#include <zlib.h>

#include "program.h"
#include "saved/saved.h"

enum { FORMATS = CD_FILE_FORMAT + 1 };

static const char *const names[] = { "plain", "card", "trained", "batch_norm", "dtypes", "shared" };
enum { NAMES = sizeof names / sizeof *names };

static const char *saved(int format, const char *name)
{
    static char paths[4][4096];
    static int next;
    char *path = paths[next++ % 4], relative[64];
    (void)snprintf(relative, sizeof relative, "saved/%d/%s.safetensors", format, name);
    (void)snprintf(path, sizeof paths[0], "%s", test_path(relative));
    return path;
}

/* The tensor has these values, bit for bit. */
static void assert_floats(cd_tensor *t, const float *expected, int64_t count)
{
    float values[64];
    assert_ok();
    assert_int_equal(cd_numel(t), count);
    assert_true(cd_read(t, values, (size_t)count * sizeof *values));
    for (int64_t i = 0; i < count; i++) {
        assert_that(memcmp(&values[i], &expected[i], sizeof *values) == 0,
                    "number %lld is %.9g, expected %.9g", (long long)i, (double)values[i],
                    (double)expected[i]);
    }
}
#define ASSERT_FLOATS(tensor_, ...)                                                                \
    assert_floats((tensor_), (const float[]){ __VA_ARGS__ },                                       \
                  sizeof((const float[]){ __VA_ARGS__ }) / sizeof(float))

static void each_file_has_its_format(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        for (int i = 0; i < NAMES; i++) {
            CD_SCOPE();
            cd_tensor_file *f = cd_tensor_file_open(saved(format, names[i]));
            assert_ok();
            assert_int_equal(cd_tensor_file_format(f), format);
        }
    }
}

/* --- models with a card ----------------------------------------------------------------------- */

static void plain_models_give_the_same_numbers(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        CD_SCOPE();
        cd_card *card = NULL;
        cd_module *m = cd_load_model(saved(format, "plain"), .card = &card);
        assert_ok();
        assert_string_equal(card->architecture, "mlp");
        assert_string_equal(card->options, saved_plain_card.options);
        assert_true(!card->classes && card->class_count == 0 && !card->source && !card->training);
        assert_int_equal(card->preprocess.channels, 0);
        ASSERT_FLOATS(cd_forward(m, saved_input(CD_SHAPE(2, 6))), 0.244049072F, 0.331390381F,
                      0.241638184F, 0.325256348F, 0.230957031F, 0.130157471F);
    }
}

static void assert_full_card(const cd_card *card)
{
    const cd_preprocess *is = &card->preprocess, *was = &saved_full_card.preprocess;
    assert_string_equal(card->architecture, "mlp");
    assert_string_equal(card->options, saved_full_card.options);
    assert_int_equal(card->class_count, 3);
    for (int i = 0; i < 3; i++) assert_string_equal(card->classes[i], saved_classes[i]);
    assert_string_equal(card->source, saved_full_card.source);
    assert_string_equal(card->training, saved_full_card.training);
    assert_int_equal(is->resize, was->resize);
    assert_int_equal(is->crop_width, was->crop_width);
    assert_int_equal(is->crop_height, was->crop_height);
    assert_int_equal(is->channels, was->channels);
    assert_true(is->invert);
    assert_memory_equal(is->mean, was->mean, sizeof is->mean);
    assert_memory_equal(is->std, was->std, sizeof is->std);
}

static void cards_say_the_same(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        CD_SCOPE();
        cd_card *card = NULL;
        cd_module *m = cd_load_model(saved(format, "card"), .card = &card);
        assert_ok();
        assert_full_card(card);
        ASSERT_FLOATS(cd_forward(m, saved_input(CD_SHAPE(2, 12))), 0.379302979F, -0.565853119F,
                      0.0814323425F, 0.0977272987F, -0.543282509F, 0.0599536896F);
    }
}

/* A model that the program trained. Its tensors have the same bits. What it computes
 * is not compared, because its sums are not exact and may differ in the last bits
 * between instruction sets. */
static void trained_models_are_the_same(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        CD_SCOPE();
        cd_card *card = NULL;
        cd_module *m = cd_load_model(saved(format, "trained"), .card = &card);
        assert_ok();
        float weight[4 * 36]; /* too many to write here, so the CRC-32 of the float32s */
        assert_true(cd_read(cd_module_tensor(m, "1.weight"), weight, sizeof weight));
        assert_int_equal(crc32(0, (const unsigned char *)weight, sizeof weight), 0xC6A27619);
        ASSERT_FLOATS(cd_module_tensor(m, "1.bias"), -0.133695215F, -0.0464575067F, 0.0972563699F,
                      0.0026399605F);
        ASSERT_FLOATS(cd_module_tensor(m, "3.weight"), -0.250513405F, -0.397163361F, -0.439060628F,
                      -0.438127726F, -0.110448785F, 0.315269649F, 0.269146919F, -0.473334819F,
                      0.32291165F, -0.41831398F, -0.133396938F, -0.195493877F);
        ASSERT_FLOATS(cd_module_tensor(m, "3.bias"), -0.0800674632F, -0.163378716F, -0.399707764F);
        double lr = 0, loss = 0;
        char data[16];
        assert_true(cd_card_number(card, "lr", &lr) && cd_card_number(card, "loss", &loss));
        assert_true(cd_card_text(card, "data", data, sizeof data));
        assert_true(lr == 0.05 && loss == 0.7519970536231995);
        assert_string_equal(data, "idx:set");
        assert_true(card->preprocess.mean[0] == 0.38140885984023243);
        assert_true(card->preprocess.std[0] == 0.23583724757332197);
    }
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static void batch_norm_gives_the_same_numbers(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        CD_SCOPE();
        CD_NO_GRAD();
        cd_module *m = saved_batch_norm_new();
        assert_true(cd_load(m, saved(format, "batch_norm")) && cd_eval(m));
        assert_int_equal(cd_item_int(cd_module_tensor(m, "1.num_batches_tracked")), 3);
        ASSERT_FLOATS(cd_module_tensor(m, "1.running_mean"), 0.115129367F, 0.010622493F);
        ASSERT_FLOATS(cd_module_tensor(m, "1.running_var"), 0.872373998F, 0.865037382F);
        ASSERT_FLOATS(cd_forward(m, saved_input(CD_SHAPE(2, 1, 5, 5))), 0.0F, 0.694359899F,
                      0.0942122266F, 0.803097427F, 0.0F, 0.0F, 0.746637523F, 0.146489903F,
                      0.750819743F, 0.152375475F, 0.0347779579F, 0.0F, 0.0683772415F, 0.152375475F,
                      0.26997295F, 0.0F, 0.0F, 0.185974762F, 0.510342479F, 0.746637523F,
                      0.146489903F, 0.320051759F, 0.0210234951F, 0.0F, 0.698542118F, 0.0F,
                      0.803097427F, 0.0F, 0.0F, 0.0F, 0.0F, 0.673164427F, 0.152375475F,
                      0.303572237F, 0.0851768851F, 0.0683772415F);
    }
}

static void every_dtype_has_the_same_bits(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        CD_SCOPE();
        cd_module *m = saved_dtypes_new();
        assert_true(cd_load(m, saved(format, "dtypes")));
        for (int i = 0; i < SAVED_DTYPES; i++) {
            char values[64];
            cd_tensor *t = cd_module_tensor(m, saved_dtypes[i].name);
            assert_int_equal(cd_dtype_of(t), saved_dtypes[i].dtype);
            assert_true(cd_read(t, values, saved_dtypes[i].bytes));
            assert_memory_equal(values, saved_dtypes[i].values, saved_dtypes[i].bytes);
        }
    }
}

static void a_layer_under_two_names_is_one(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        CD_SCOPE();
        cd_module *m = saved_shared_new();
        int64_t loaded = 0;
        assert_true(cd_load(m, saved(format, "shared"), .loaded = &loaded));
        assert_int_equal(loaded, 2);
        ASSERT_FLOATS(cd_module_tensor(m, "second.weight"), 0.171875F, -0.046875F, -0.359375F,
                      0.140625F);
        ASSERT_FLOATS(cd_module_tensor(m, "second.bias"), 0.265625F, 0.5625F);
    }
}

/* --- saving again ----------------------------------------------------------------------------- */

static void save_again(int format, const char *name, const char *path)
{
    cd_card *card = NULL;
    cd_module *m = strcmp(name, "batch_norm") == 0 ? saved_batch_norm_new()
                   : strcmp(name, "dtypes") == 0   ? saved_dtypes_new()
                   : strcmp(name, "shared") == 0   ? saved_shared_new()
                                                   : NULL;
    if (m) {
        assert_true(cd_load(m, saved(format, name)) && cd_save(m, path));
    } else {
        m = cd_load_model(saved(format, name), .card = &card);
        assert_true(cd_save_model(m, card, path));
    }
}

static void assert_same_tensors(cd_tensor_file *a, cd_tensor_file *b)
{
    int64_t count = cd_tensor_file_count(b);
    assert_int_equal(cd_tensor_file_count(a), count);
    for (int64_t i = 0; i < count; i++) {
        char left[1024], right[1024];
        const char *name = cd_tensor_file_name(b, i);
        assert_string_equal(cd_tensor_file_name(a, i), name);
        assert_string_equal(cd_tensor_file_dtype(a, i), cd_tensor_file_dtype(b, i));
        cd_tensor *x = cd_tensor_file_read(a, name), *y = cd_tensor_file_read(b, name);
        assert_true(cd_shape_equal(cd_shape_of(x), cd_shape_of(y)));
        size_t size = (size_t)cd_numel(y) * cd_dtype_size(cd_dtype_of(y));
        assert_true(cd_read(x, left, size) && cd_read(y, right, size));
        assert_memory_equal(left, right, size);
    }
}

/* All texts are equal, except for the version of the library, which is the current one. */
static void assert_same_texts(cd_tensor_file *a, cd_tensor_file *b)
{
    int64_t count = cd_tensor_file_text_count(b);
    assert_int_equal(cd_tensor_file_text_count(a), count);
    for (int64_t i = 0; i < count; i++) {
        cd_text_pair left = cd_tensor_file_text_at(a, i), right = cd_tensor_file_text_at(b, i);
        assert_string_equal(left.key, right.key);
        bool version = strcmp(left.key, "candela.version") == 0;
        assert_string_equal(left.value, version ? cd_about().version : right.value);
    }
}

/* A file of any format, loaded and saved again, is of the newest format and equal to
 * the one in that format's folder. So a change of what is written needs a new format,
 * or new files in that folder. */
static void saved_again_all_are_of_the_newest_format(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        for (int i = 0; i < NAMES; i++) {
            CD_SCOPE();
            save_again(format, names[i], at("again"));
            assert_ok();
            cd_tensor_file *a = cd_tensor_file_open(at("again"));
            cd_tensor_file *b = cd_tensor_file_open(saved(CD_FILE_FORMAT, names[i]));
            assert_same_tensors(a, b);
            assert_same_texts(a, b);
        }
    }
}

/* --- the program ------------------------------------------------------------------------------ */

static const char *write_set(void)
{
    static char name[600];
    make_folder("set");
    assert_true(saved_write_set(at("set")));
    (void)snprintf(name, sizeof name, "idx:%s", at("set"));
    return name;
}

static void eval_gives_the_same_figures(void **state)
{
    (void)state;
    const char *set = write_set();
    for (int format = 0; format < FORMATS; format++) {
        const ran *r = run("eval", saved(format, "trained"), "--data", set);
        assert_ran(r, 0);
        assert_says(r->out, "\nloss        0.7166 nats\n"
                            "accuracy   90.00 %  (27 of 30)\n"
                            "\n"
                            "     class                    precision    recall  pictures\n"
                            "  0  0                           83.3 %   100.0 %        10\n"
                            "  1  1                           90.9 %   100.0 %        10\n"
                            "  2  2                          100.0 %    70.0 %        10\n");
        assert_says(r->out, "\n  0     10     0     0\n"
                            "  1      0    10     0\n"
                            "  2      2     1     7\n");
    }
}

static void assert_prediction(const json_t *picture, int number, int index, double probability)
{
    const json_t *first = json_array_get(json_object_get(picture, "predictions"), 0);
    assert_int_equal(json_integer_value(json_object_get(picture, "number")), number);
    assert_int_equal(json_integer_value(json_object_get(first, "index")), index);
    assert_close(json_number_value(json_object_get(first, "probability")), probability, 1e-6, 0);
}

static void predict_gives_the_same_classes(void **state)
{
    (void)state;
    const char *set = write_set();
    for (int format = 0; format < FORMATS; format++) {
        json_t *j = json_of(
            run("predict", saved(format, "trained"), "--data", set, "--count", "4", "--json"));
        const json_t *pictures = json_object_get(j, "pictures");
        assert_int_equal(json_array_size(pictures), 4);
        assert_prediction(json_array_get(pictures, 0), 14, 2, 0.3945490122);
        assert_prediction(json_array_get(pictures, 1), 13, 1, 0.8561838865);
        assert_prediction(json_array_get(pictures, 2), 23, 2, 0.4018867612);
        assert_prediction(json_array_get(pictures, 3), 27, 0, 0.3778611124);
        json_decref(j);
    }
}

static void info_shows_the_format(void **state)
{
    (void)state;
    for (int format = 0; format < FORMATS; format++) {
        char line[64];
        (void)snprintf(line, sizeof line, "\n  file format: %d, written by Candela ", format);
        const ran *r = run("info", saved(format, "trained"));
        assert_ran(r, 0);
        assert_says(r->out, line);
        json_t *j = json_of(run("info", saved(format, "trained"), "--json"));
        assert_int_equal(json_integer_value(json_object_get(j, "candela_format")), format);
        json_decref(j);
    }
    const ran *r = run("info", saved(1, "dtypes"));
    assert_says(r->out, "\n  candela.format: 1\n");
}

/* A copy of a saved file with another digit or letter as its format. */
static const char *in_format(const char *name, char format)
{
    static const char key[] = "\"candela.format\":\"";
    unsigned char bytes[4096];
    FILE *file = fopen(saved(1, name), "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_int_equal(fclose(file), 0);
    unsigned char *text = memmem(bytes, size, key, sizeof key - 1);
    assert_non_null(text);
    text[sizeof key - 1] = (unsigned char)format;
    return test_write(name, bytes, size);
}

/* With and without a card; no other error about the file comes first. */
static void a_later_format_is_refused_by_every_command(void **state)
{
    (void)state;
    static const char sentence[] = " is of Candela's file format 2, written by Candela ";
    const char *set = write_set();
    write_photographs("photos", 2);
    const char *const files[] = { in_format("trained", '2'), in_format("dtypes", '2') };
    for (int i = 0; i < 2; i++) {
        const ran *r = run("eval", files[i], "--data", set);
        assert_ran(r, 1);
        assert_says(r->err, sentence);
        r = run("predict", files[i], "--data", set);
        assert_ran(r, 1);
        assert_says(r->err, sentence);
        r = run("predict", files[i], at("p.bmp"), "--model", "resnet18", "--classes", "imagenet");
        assert_ran(r, 1);
        assert_says(r->err, sentence);
        r = run("probe", "--weights", files[i], "--data", at("photos"), "--out", at("out"));
        assert_ran(r, 1);
        assert_says(r->err, sentence);
    }
}

static void info_shows_files_whose_format_it_does_not_know(void **state)
{
    (void)state;
    static const struct {
        char format;
        const char *says;
    } formats[] = { { '2', "file format 2, written by" }, { 'x', "candela.format is \"x\", and" } };
    static const char *const names_of[] = { "trained", "dtypes" };
    for (int i = 0; i < 4; i++) {
        const char *file = in_format(names_of[i / 2], formats[i % 2].format);
        char line[64];
        (void)snprintf(line, sizeof line, "\n  candela.format: %c\n", formats[i % 2].format);
        const ran *r = run("info", file);
        assert_ran(r, 0);
        assert_says(r->err, formats[i % 2].says);
        assert_says(r->out, line);
        json_t *j = json_of(run("info", file, "--json"));
        assert_true(json_is_null(json_object_get(j, "candela_format")));
        assert_true(json_is_null(json_object_get(j, "card")));
        json_decref(j);
    }
    json_t *j = json_of(run("info", test_path("golden/formats.safetensors"), "--json"));
    assert_true(json_is_null(json_object_get(j, "candela_format")));
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_file_has_its_format),
        TEST(plain_models_give_the_same_numbers),
        TEST(cards_say_the_same),
        TEST(trained_models_are_the_same),
        TEST(batch_norm_gives_the_same_numbers),
        TEST(every_dtype_has_the_same_bits),
        TEST(a_layer_under_two_names_is_one),
        TEST(saved_again_all_are_of_the_newest_format),
        TEST(eval_gives_the_same_figures),
        TEST(predict_gives_the_same_classes),
        TEST(info_shows_the_format),
        TEST(a_later_format_is_refused_by_every_command),
        TEST(info_shows_files_whose_format_it_does_not_know),
    };
    return RUN(tests);
}
