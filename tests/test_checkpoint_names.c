/* Which entry of a file belongs to which name of a module: prefixes,
 * partial loads, shared layers. */
#include "goldens.h"

#include "pth_file.h"

#include "core/about.h"
#include "io/checkpoint.h"
#include "io/safetensors_internal.h"
#include "nn/layers.h"

static bool pass(cd_module *m, const cd_arguments *a)
{
    (void)m;
    a->out[0] = a->in[0];
    return true;
}

static const cd_module_class holder_class = {
    .name = "Holder", .size = sizeof(cd_module), .inputs = 1, .forward = pass
};

/* A module with `child` under this name. */
static cd_module *around(const char *name, cd_module *child)
{
    cd_module *m = cd_module_new(&holder_class);
    assert_true(cd_register_child(m, name, NULL, child));
    return m;
}

/* A module with fc.weight, 2 x 3 and filled with `value`, and fc.bias, filled with 0. */
static cd_module *with_fc(double value)
{
    CD_NO_GRAD();
    cd_module *fc = cd_nn_linear(3, 2);
    assert_non_null(cd_fill_(cd_module_tensor(fc, "weight"), value));
    assert_non_null(cd_fill_(cd_module_tensor(fc, "bias"), 0));
    return around("fc", fc);
}

static double weight_of(cd_module *m)
{
    return element(cd_module_tensor(m, "fc.weight"), 5);
}

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

/* --- what the logger was told ----------------------------------------------------------------- */

static char told[1024];

static void remember(cd_log_level level, const char *message, void *user)
{
    (void)user;
    assert_int_equal(level, CD_LOG_INFO);
    (void)snprintf(told, sizeof told, "%s", message);
}

/* Loads. The logger must be told a line with `text` in it; NULL: it must be told nothing. */
static bool load_telling(cd_load_options o, const char *text)
{
    told[0] = '\0';
    cd_set_logger(remember, NULL);
    bool done = cd_load_with(o);
    cd_set_logger(NULL, NULL);
    assert_that(text ? strstr(told, text) != NULL : !told[0], "the logger was told \"%s\"", told);
    return done;
}
#define LOAD_TELLING(text_, module_, ...)                                                          \
    load_telling((cd_load_options){ .module = module_, .path = __VA_ARGS__ }, text_)

/* --- prefixes --------------------------------------------------------------------------------- */

static void a_prefix_that_all_names_share_is_taken_off(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char *const prefixes[] = { "module",   "_orig_mod", "model",
                                            "backbone", "encoder",   "fc" };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        assert_true(cd_save(around(prefixes[i], with_fc(7)), in_folder("m")));
        cd_module *m = with_fc(0);
        char said[100];
        int64_t loaded = 0;
        (void)snprintf(said, sizeof said, "the prefix \"%s.\" was taken off all 2 names of ",
                       prefixes[i]);
        assert_true(LOAD_TELLING(said, m, in_folder("m"), .loaded = &loaded));
        assert_int_equal(loaded, 2);
        assert_close(weight_of(m), 7, 0, 0);
    }
}

static void nested_prefixes_are_taken_off_together(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *wrapped = around("module", around("_orig_mod", around("model", with_fc(7))));
    assert_true(cd_save(wrapped, in_folder("m")));
    cd_module *m = with_fc(0), *compiled = around("_orig_mod", around("model", with_fc(0)));
    assert_true(LOAD_TELLING("\"module._orig_mod.model.\" was taken off", m, in_folder("m")));
    assert_close(weight_of(m), 7, 0, 0);
    /* No more of the prefix is taken off than makes the names fit. */
    assert_true(LOAD_TELLING("\"module.\" was taken off", compiled, in_folder("m")));
    assert_close(element(cd_module_tensor(compiled, "_orig_mod.model.fc.weight"), 0), 7, 0, 0);
}

static void the_prefix_of_a_pth_is_taken_off_as_well(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char pickle[] = "\x80\x02}U\x1Amodule._orig_mod.fc.weight" TENSOR "s.";
    file f;
    make(&f, pickle, sizeof pickle - 1);
    const char *path = test_write("m.pth", f.zip.file.at, f.zip.file.size);
    cd_module *m = around("fc", cd_nn_linear(3, 2, .no_bias = true));
    assert_true(LOAD_TELLING("\"module._orig_mod.\" was taken off all 1 names of ", m, path));
    assert_close(weight_of(m), 5, 0, 0);
    assert_string_equal(cd_tensor_file_name(cd_tensor_file_open(path), 0),
                        "module._orig_mod.fc.weight");
}

static cd_archive *with_names(const char *const *names, size_t count)
{
    cd_file_item items[8];
    for (size_t i = 0; i < count; i++) {
        items[i] = (cd_file_item){ names[i], CD_FILE_F32, CD_SHAPE(0), NULL };
    }
    assert_true(cd_safetensors_write(in_folder("named"), items, count, NULL, 0));
    cd_archive *a = cd_archive_open(in_folder("named"));
    assert_non_null(a);
    return a;
}

static void subsets_have_the_names_below_a_prefix(void **state)
{
    (void)state;
    static const char *const names[] = { "module.", "module.a", "module.b.c", "modules.a", "a" };
    cd_archive *a = with_names(names, 5);
    cd_archive_subset all = cd_archive_with_prefix(a, ""),
                      below = cd_archive_with_prefix(a, "module.");
    assert_int_equal(all.count, 5);
    assert_int_equal(below.count, 2); /* without "module." itself */
    assert_string_equal(cd_archive_subset_find(&below, "b.c")->name, "module.b.c");
    assert_null(cd_archive_subset_find(&below, "module.a"));
    assert_null(cd_archive_subset_find(&below, ""));
    assert_int_equal(cd_archive_with_prefix(a, "b").count, 0);
    assert_int_equal(cd_archive_with_prefix(a, "module").count, 4);
    assert_false(cd_archive_subset_narrow(&all)); /* "a" has no prefix */
    cd_archive_close(a);
}

static void a_subset_is_narrowed_while_all_names_share_a_part(void **state)
{
    (void)state;
    static const char *const names[] = { "a.b.c.d", "a.b.c.e", "a.b.c.d.f" };
    cd_archive *a = with_names(names, 3);
    cd_archive_subset subset = cd_archive_with_prefix(a, "");
    for (size_t prefix_size = 2; prefix_size <= 6; prefix_size += 2) {
        assert_true(cd_archive_subset_narrow(&subset));
        assert_int_equal(subset.prefix_size, prefix_size);
    }
    assert_false(cd_archive_subset_narrow(&subset));
    assert_int_equal(subset.prefix_size, 6);
    assert_string_equal(cd_archive_subset_find(&subset, "d.f")->name, "a.b.c.d.f");
    cd_archive_close(a);
    static const char *const ending[] = { "module.", "module.a" };
    a = with_names(ending, 2);
    subset = cd_archive_with_prefix(a, "");
    assert_false(cd_archive_subset_narrow(&subset));
    cd_archive_close(a);
    static const char *const apart[] = { "a.x", "b.x" };
    a = with_names(apart, 2);
    subset = cd_archive_with_prefix(a, "");
    assert_false(cd_archive_subset_narrow(&subset));
    cd_archive_close(a);
    a = with_names(NULL, 0);
    subset = cd_archive_with_prefix(a, "");
    assert_false(cd_archive_subset_narrow(&subset));
    assert_null(cd_archive_subset_find(&subset, "a"));
    cd_archive_close(a);
}

static void names_that_fit_are_left_as_they_are(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = around("module", with_fc(0));
    assert_true(cd_save(around("module", with_fc(7)), in_folder("m")));
    assert_true(LOAD_TELLING(NULL, m, in_folder("m")));
    assert_close(element(cd_module_tensor(m, "module.fc.weight"), 0), 7, 0, 0);
}

/* A prefix of the module that the file lacks is not guessed: the caller loads into the child. */
static void a_prefix_is_never_added(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = around("net", with_fc(0));
    assert_true(cd_save(with_fc(7), in_folder("m")));
    assert_false(cd_load(m, in_folder("m")));
    assert_failed_with(CD_ERR_FORMAT, "of the module's 2 tensors it lacks 2 (net.fc.weight, "
                                      "net.fc.bias), and it holds 2 that the module lacks "
                                      "(fc.bias, fc.weight)");
    assert_true(cd_load(cd_module_get(m, "net"), in_folder("m")));
    assert_close(element(cd_module_tensor(m, "net.fc.weight"), 0), 7, 0, 0);
}

/* A module with backbone.fc.weight, backbone.fc.bias, head.weight and head.bias. */
static cd_module *with_head(double value)
{
    cd_module *m = around("backbone", with_fc(value));
    assert_true(cd_register_child(m, "head", NULL, cd_nn_linear(2, 2)));
    return m;
}

static void a_prefix_that_some_names_have_is_asked_for(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = with_fc(0);
    assert_true(cd_save(with_head(7), in_folder("m")));
    assert_false(cd_load(m, in_folder("m")));
    assert_failed_with(CD_ERR_FORMAT, "it lacks 2 (fc.weight, fc.bias), and it holds 4 that the "
                                      "module lacks (backbone.fc.bias, backbone.fc.weight, ");
    assert_false(cd_load(m, in_folder("m"), .partial = true));
    assert_failed_with(CD_ERR_FORMAT, "none of the module's 2 tensors (fc.weight, fc.bias) is "
                                      "among the 4 of ");
    assert_true(cd_load(m, in_folder("m"), .prefix = "backbone."));
    assert_close(weight_of(m), 7, 0, 0);
}

static void foreign_names_and_shapes_are_said_together(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_true(cd_save(cd_nn_sequential(cd_nn_linear(2, 3), cd_nn_linear(3, 1)), in_folder("m")));
    cd_module *m = cd_nn_sequential(cd_nn_linear(2, 4));
    assert_false(cd_load(m, in_folder("m")));
    assert_failed_with(CD_ERR_FORMAT, "it holds 2 that the module lacks (1.bias, 1.weight); "
                                      "\"0.weight\" is 3x2 in ");
    assert_false(cd_load(m, in_folder("m"), .partial = true));
    assert_failed_with(CD_ERR_SHAPE, "load: \"0.weight\" is 3x2 in ");
}

static void a_prefix_that_is_asked_for_must_be_there(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = with_fc(0);
    assert_true(cd_save(with_head(7), in_folder("m")));
    assert_false(cd_load(m, in_folder("m"), .prefix = "encoder."));
    assert_failed_with(CD_ERR_FORMAT, ".prefix is \"encoder.\", and none of the 4 tensors in ");
    assert_false(cd_load(m, in_folder("m"), .prefix = "head."));
    assert_failed_with(CD_ERR_FORMAT, "does not fit the module (its names taken without \"head.\"):"
                                      " of the module's 2 tensors it lacks 2 (fc.weight, fc.bias),"
                                      " and it holds 2 that the module lacks (bias, weight)");
    assert_true(cd_save(around("module", with_fc(7)), in_folder("m")));
    assert_false(cd_load(m, in_folder("m"), .prefix = ""));
    assert_failed_with(CD_ERR_FORMAT, "it lacks 2 (fc.weight, fc.bias), and it holds 2");
    assert_close(weight_of(m), 0, 0, 0);
}

/* --- partial loads ---------------------------------------------------------------------------- */

static void a_partial_load_of_nothing_is_an_error(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = with_fc(3);
    int64_t loaded = -1;
    assert_true(cd_save(cd_nn_sequential(cd_nn_linear(3, 2), cd_nn_linear(3, 2)), in_folder("m")));
    assert_false(cd_load(m, in_folder("m"), .partial = true, .loaded = &loaded));
    assert_int_equal(loaded, -1);
    assert_failed_with(CD_ERR_FORMAT, "load: none of the module's 2 tensors (fc.weight, fc.bias) "
                                      "is among the 4 of ");
    assert_true(cd_save(cd_nn_relu(), in_folder("empty")));
    assert_false(cd_load(m, in_folder("empty"), .partial = true));
    assert_failed_with(CD_ERR_FORMAT, "is among the 0 of ");
    assert_close(weight_of(m), 3, 0, 0);
    /* A module without tensors needs none. */
    assert_true(cd_load(cd_nn_relu(), in_folder("m"), .partial = true, .loaded = &loaded));
    assert_int_equal(loaded, 0);
}

static void a_partial_load_says_what_it_took(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *to = with_fc(0);
    assert_true(cd_register_child(to, "new", NULL, cd_nn_linear(1, 1)));
    assert_true(cd_save(with_head(7), in_folder("m")));
    int64_t loaded = 0;
    assert_true(LOAD_TELLING("load: 2 of the module's 4 tensors come from ", to, in_folder("m"),
                             .partial = true, .prefix = "backbone.", .loaded = &loaded));
    assert_int_equal(loaded, 2);
    assert_non_null(strstr(told, "; 2 keep their values (new.weight, new.bias)"));
    assert_null(strstr(told, "not used"));
    assert_true(cd_save(around("module", with_head(8)), in_folder("m")));
    assert_true(LOAD_TELLING("; 2 of the file are not used (head.bias, head.weight)",
                             around("backbone", to), in_folder("m"), .partial = true));
    assert_close(weight_of(to), 8, 0, 0);
    told[0] = '\0';
    cd_module *longer = around("fc", cd_nn_linear(4, 2));
    cd_set_logger(remember, NULL);
    assert_false(cd_load(longer, in_folder("m"), .partial = true, .prefix = "module.backbone."));
    cd_set_logger(NULL, NULL);
    assert_failed_with(CD_ERR_SHAPE, "load: \"fc.weight\" is 2x3 in ");
    assert_string_equal(told, "");
}

/* --- layers under two names ------------------------------------------------------------------- */

/* The module Shared of golden/make_formats.py: one layer under two names, and a head. With `apart`
 * there are two layers of the same shape. */
static cd_module *shared_new(double value, bool apart)
{
    CD_NO_GRAD();
    cd_module *layer = cd_nn_linear(2, 3, .no_bias = true);
    cd_module *m = around("first", layer);
    cd_module *other = apart ? cd_nn_linear(2, 3, .no_bias = true) : layer;
    assert_true(cd_register_child(m, "second", NULL, other));
    assert_true(cd_register_child(m, "head", NULL, cd_nn_linear(3, 1)));
    static const char *const names[] = { "first.weight", "second.weight", "head.weight",
                                         "head.bias" };
    for (int i = 0; i < 4; i++) {
        cd_tensor *t = cd_module_tensor(m, names[i]);
        cd_tensor *counted = cd_reshape(cd_to(cd_arange(cd_numel(t)), CD_F32), cd_shape_of(t));
        assert_non_null(cd_copy_(t, cd_add(counted, value)));
    }
    return m;
}

static void is_shared_of(cd_module *m, double value)
{
    assert_close(element(cd_module_tensor(m, "first.weight"), 5), value + 5, 0, 0);
    assert_close(element(cd_module_tensor(m, "second.weight"), 5), value + 5, 0, 0);
    assert_close(element(cd_module_tensor(m, "head.weight"), 2), value + 2, 0, 0);
}

static void a_shared_layer_is_read_from_the_safetensors_packages_file(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = shared_new(50, false);
    assert_true(cd_load(m, test_path("golden/formats_shared.safetensors")));
    is_shared_of(m, 1);
    /* Two separate layers need two tensors, as in safetensors.torch.load_model. */
    assert_false(cd_load(shared_new(50, true), test_path("golden/formats_shared.safetensors")));
    assert_null(strstr(cd_error_message(), "it holds"));
    assert_failed_with(CD_ERR_FORMAT, "it lacks 1 (second.weight)");
}

/* A small safetensors file. */
typedef struct file_parts {
    char header[1024]; /* without the spaces behind it */
    char data[1024];
    size_t size; /* of the data */
} file_parts;

static void read_parts(file_parts *p, const char *path)
{
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    unsigned char length[8] = { 0 };
    assert_int_equal(fread(length, 1, sizeof length, in), sizeof length);
    size_t size = (size_t)length[1] << 8 | length[0];
    assert_true(size < sizeof p->header);
    assert_int_equal(fread(p->header, 1, size, in), size);
    while (size > 0 && p->header[size - 1] == ' ') size--;
    p->header[size] = '\0';
    p->size = fread(p->data, 1, sizeof p->data, in);
    assert_int_equal(fclose(in), 0);
}

/* Except for the texts that say what wrote the file, the bytes are those that
 * safetensors.torch.save_model writes. Its load_model refuses a file that has both names. */
static void a_shared_layer_is_saved_once(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char start[] = "{\"__metadata__\":{";
    static file_parts ours, theirs;
    assert_true(cd_save(shared_new(1, false), in_folder("m")));
    read_parts(&ours, in_folder("m"));
    read_parts(&theirs, test_path("golden/formats_shared.safetensors"));
    char expected[4096];
    (void)snprintf(expected, sizeof expected,
                   "%s\"candela.format\":\"1\",\"candela.version\":\"%s\",\"format\":\"pt\",%s",
                   start, cd_about().version, theirs.header + sizeof start - 1);
    assert_string_equal(ours.header, expected);
    assert_int_equal(ours.size, theirs.size);
    assert_memory_equal(ours.data, theirs.data, theirs.size);
}

static void a_shared_layer_is_read_under_either_name_and_both(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *saved = around("second", cd_module_get(shared_new(7, true), "second"));
    assert_true(cd_register_child(saved, "head", NULL, cd_module_get(shared_new(7, true), "head")));
    assert_true(cd_save(saved, in_folder("m")));
    cd_module *m = shared_new(50, false);
    int64_t loaded = 0;
    assert_true(cd_load(m, in_folder("m"), .loaded = &loaded));
    assert_int_equal(loaded, 3);
    is_shared_of(m, 7);
    assert_true(cd_save(shared_new(9, true), in_folder("m")));
    assert_true(cd_load(m, in_folder("m")));
    is_shared_of(m, 9);
}

/* torch.save writes both names over one storage. */
static void a_shared_layer_of_a_pth_is_read(void **state)
{
    (void)state;
    CD_SCOPE();
    static const char pickle[] = "\x80\x02}(U\014first.weight" TENSOR "q\1U\015second.weight"
                                 "h\1u.";
    file f;
    make(&f, pickle, sizeof pickle - 1);
    cd_module *layer = cd_nn_linear(3, 2, .no_bias = true), *m = around("first", layer);
    assert_true(cd_register_child(m, "second", NULL, layer));
    assert_true(cd_load(m, test_write("m.pth", f.zip.file.at, f.zip.file.size)));
    assert_close(element(cd_module_tensor(m, "second.weight"), 5), 5, 0, 0);
}

static void a_text_of_the_callers_under_such_a_name_stays(void **state)
{
    (void)state;
    CD_SCOPE();
    const cd_text_pair text = { "second.weight", "tied" };
    assert_true(cd_save(shared_new(1, false), in_folder("m"), .texts = &text, .text_count = 1));
    cd_tensor_file *f = cd_tensor_file_open(in_folder("m"));
    assert_int_equal(cd_tensor_file_text_count(f), 1 + 3); /* and the three of every file */
    assert_string_equal(cd_tensor_file_text(f, "second.weight"), "tied");
    assert_int_equal(cd_tensor_file_count(f), 3);
}

/* Three buffers over one memory, the smallest first: only the largest is written. */
static void a_part_of_another_tensor_is_saved_once(void **state)
{
    (void)state;
    CD_SCOPE();
    for (int round = 0; round < 2; round++) {
        cd_module *m = cd_module_new(&holder_class);
        cd_tensor *whole = cd_add(cd_to(cd_arange(12), CD_F32), 12 * round);
        cd_tensor *middle = cd_narrow(whole, 0, 2, 8);
        assert_true(cd_register_buffer(m, "part", NULL, cd_narrow(middle, 0, 1, 2)));
        assert_true(cd_register_buffer(m, "middle", NULL, middle));
        assert_true(cd_register_buffer(m, "whole", NULL, whole));
        assert_true(cd_register_buffer(m, "apart", NULL, cd_zeros(CD_SHAPE(2))));
        if (round == 0) {
            assert_true(cd_save(m, in_folder("m")));
            cd_tensor_file *f = cd_tensor_file_open(in_folder("m"));
            assert_int_equal(cd_tensor_file_count(f), 2);
            assert_string_equal(cd_tensor_file_text(f, "part"), "whole");
            assert_string_equal(cd_tensor_file_text(f, "middle"), "whole");
        } else {
            assert_true(cd_load(m, in_folder("m")));
            assert_close(element(cd_module_tensor(m, "part"), 1), 4, 0, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_prefix_that_all_names_share_is_taken_off),
        TEST(nested_prefixes_are_taken_off_together),
        TEST(the_prefix_of_a_pth_is_taken_off_as_well),
        TEST(subsets_have_the_names_below_a_prefix),
        TEST(a_subset_is_narrowed_while_all_names_share_a_part),
        TEST(names_that_fit_are_left_as_they_are),
        TEST(a_prefix_is_never_added),
        TEST(a_prefix_that_some_names_have_is_asked_for),
        TEST(foreign_names_and_shapes_are_said_together),
        TEST(a_prefix_that_is_asked_for_must_be_there),
        TEST(a_partial_load_of_nothing_is_an_error),
        TEST(a_partial_load_says_what_it_took),
        TEST(a_shared_layer_is_read_from_the_safetensors_packages_file),
        TEST(a_shared_layer_is_saved_once),
        TEST(a_shared_layer_is_read_under_either_name_and_both),
        TEST(a_shared_layer_of_a_pth_is_read),
        TEST(a_text_of_the_callers_under_such_a_name_stays),
        TEST(a_part_of_another_tensor_is_saved_once),
    };
    return RUN(tests);
}
