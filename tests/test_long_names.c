/* Long names in error messages: they are cut between two characters, and "..." shows it. */
#include "folders.h"

#include <candela.h>

#include "io/atomic_file_internal.h"
#include "io/bytes_internal.h"
#include "io/class_names_internal.h"
#include "io/preprocess_internal.h"

/* A name of 200 characters of two bytes ("ä"), after an "a" if `odd` is 1. A cut at any byte is in
 * the middle of a character in one of the two names. */
static const char *long_name(int odd)
{
    static char names[2][512];
    char *end = names[odd];
    for (int i = 0; i < odd; i++) *end++ = 'a';
    for (int i = 0; i < 200; i++, end += 2) memcpy(end, "\xc3\xa4", 2);
    *end = '\0';
    return names[odd];
}

/* The message contains `text` and the beginning of the name, and no part of a character. */
static void assert_whole_characters(cd_code code, const char *text)
{
    cd_error error;
    assert_true(cd_error_take(&error));
    assert_int_equal(error.code, code);
    assert_that(strstr(error.message, text), "%s", error.message);
    assert_that(strstr(error.message, "\xc3\xa4\xc3\xa4..."), "%s", error.message);
    assert_that(!strstr(error.message, "\\x"), "%s", error.message);
}

static const char *text(const char *format, const char *name)
{
    static char out[2048];
    (void)snprintf(out, sizeof out, format, name);
    return out;
}

static const char *in_folder(const char *name)
{
    static char path[2048];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder(), name);
    return path;
}

/* --- models ----------------------------------------------------------------------------------- */

static void of_models_and_options(void **state)
{
    (void)state;
    for (int odd = 0; odd < 2; odd++) {
        const char *name = long_name(odd);
        assert_null(cd_make_model(name, NULL));
        assert_whole_characters(CD_ERR_ARGUMENT, "there is no model");
        assert_null(cd_make_model("mlp", text("{\"%s\": 1}", name)));
        assert_whole_characters(CD_ERR_ARGUMENT, "has no option");
    }
}

static void of_preprocessing(void **state)
{
    (void)state;
    for (int odd = 0; odd < 2; odd++) {
        static const char recipe[] = "{\"resize\": 0, \"crop\": 1, \"channels\": 1, \"mean\": [0], "
                                     "\"std\": [1], \"interpolation\": ";
        const char *name = long_name(odd);
        char json[2048];
        cd_preprocess out;
        (void)snprintf(json, sizeof json, "%s\"%s\"}", recipe, name);
        assert_false(cd_preprocess_from_json(json, &out));
        assert_whole_characters(CD_ERR_UNSUPPORTED, "must be \"bilinear\"");
        (void)snprintf(json, sizeof json, "%s\"bilinear\", \"%s\": 1}", recipe, name);
        assert_false(cd_preprocess_from_json(json, &out));
        assert_whole_characters(CD_ERR_FORMAT, "unknown key");
    }
}

/* --- tensors ---------------------------------------------------------------------------------- */

static bool pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static const cd_module_class holder_class = {
    .name = "Holder", .size = sizeof(cd_module), .inputs = 1, .forward = pass
};

static void note(cd_log_level level, const char *message, void *user)
{
    (void)level;
    (void)snprintf(user, 1024, "%s", message);
}

static void of_tensors_and_prefixes(void **state)
{
    (void)state;
    for (int odd = 0; odd < 2; odd++) {
        CD_SCOPE();
        const char *name = long_name(odd), *path = in_folder("m");
        cd_module *layer = cd_nn_linear(1, 1), *below = cd_module_new(&holder_class);
        assert_true(cd_register_child(below, name, NULL, layer));
        assert_true(cd_save(below, path));
        assert_null(cd_tensor_file_read(cd_tensor_file_open(path), name));
        assert_whole_characters(CD_ERR_ARGUMENT, "holds no tensor");
        assert_false(cd_load(layer, path, .prefix = text("%sx", name)));
        assert_whole_characters(CD_ERR_FORMAT, "load: .prefix is");
        assert_false(cd_load(layer, path, .prefix = name));
        assert_whole_characters(CD_ERR_FORMAT, "does not fit");
        char said[1024] = "";
        cd_set_logger(note, said);
        assert_true(cd_load(layer, path));
        cd_set_logger(NULL, NULL);
        assert_non_null(strstr(said, "\xc3\xa4...\" was taken off all 2 names"));
        assert_null(strstr(said, "\\x"));
    }
}

/* --- paths ------------------------------------------------------------------------------------ */

/* A long path loses its beginning. */
static void of_paths(void **state)
{
    (void)state;
    for (int odd = 0; odd < 2; odd++) {
        const char *name = long_name(odd);
        cd_bytes bytes;
        assert_false(cd_bytes_open(&bytes, text("/none/%s.png", name), SIZE_MAX));
        assert_failed_with(CD_ERR_IO, "\xc3\xa4.png: cannot open it");
        assert_false(cd_path_writable(text("/none/%s.safetensors", name)));
        assert_failed_with(CD_ERR_IO, "\xc3\xa4.safetensors: cannot write it");
        cd_bytes_borrow(&bytes, name, NULL, 0);
        assert_true(cd_utf8_valid(bytes.label, strlen(bytes.label)));
        assert_memory_equal(bytes.label, "...\xc3\xa4", 5);
        assert_false(cd_path_writable(text("%s.pth", name)));
        assert_whole_characters(CD_ERR_UNSUPPORTED, "the ending .pth");
    }
}

/* --- classes and folders ---------------------------------------------------------------------- */

static void of_classes(void **state)
{
    (void)state;
    for (int odd = 0; odd < 2; odd++) {
        char *name = (char *)(uintptr_t)long_name(odd), capital[2048], shorter[2048];
        (void)snprintf(capital, sizeof capital, "%sB", name);
        (void)snprintf(shorter, sizeof shorter, "%sb", name);
        const cd_class_names a = { name, &name, 1 }, b = { name, (char *[]){ "b" }, 1 },
                             c = { name, (char *[]){ capital }, 1 },
                             d = { name, (char *[]){ shorter }, 1 };
        assert_false(cd_class_names_same(&a, &b));
        assert_whole_characters(CD_ERR_FORMAT, "the classes differ: only ");
        assert_false(cd_class_names_same(&c, &d));
        assert_whole_characters(CD_ERR_FORMAT, "differ in capital letters only");
    }
}

static void of_folders(void **state)
{
    (void)state;
    for (int odd = 0; odd < 2; odd++) {
        char name[200] = "", path[512];
        (void)snprintf(name, 200, "%.*s", 180 + odd, long_name(odd));
        (void)snprintf(path, sizeof path, "%s/set%d/class/%s.gif", test_folder(), odd, name);
        touch(path + strlen(test_folder()) + 1);
        (void)snprintf(path, sizeof path, "%s/set%d", test_folder(), odd);
        assert_null(cd_dataset_open(path));
        assert_whole_characters(CD_ERR_FORMAT, "the class \"class\" has no picture");
        (void)snprintf(path, sizeof path, "%s/deep%d/train/%s/a/1.jpg", test_folder(), odd, name);
        touch(path + strlen(test_folder()) + 1);
        (void)snprintf(path, sizeof path, "%s/deep%d/val/a/1.jpg", test_folder(), odd);
        touch(path + strlen(test_folder()) + 1);
        (void)snprintf(path, sizeof path, "%s/deep%d", test_folder(), odd);
        assert_null(cd_dataset_open(path));
        assert_whole_characters(CD_ERR_FORMAT, "holds a single folder");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_models_and_options),
        TEST(of_preprocessing),
        TEST(of_tensors_and_prefixes),
        TEST(of_paths),
        TEST(of_classes),
        TEST(of_folders),
    };
    return RUN(tests);
}
