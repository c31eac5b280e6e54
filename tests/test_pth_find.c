/* Where in a pickle the tensors lie: the rule, .key, and the modules of hostile pickles. What
 * PyTorch itself writes is in test_pth_forms. */
#include "pth_file.h"

#include <time.h>

#include <candela.h>

#include "io/pth_internal.h"

/* {"w": the tensor} */
#define DICT   "}U\1w" TENSOR "s"
#define SPARSE "ctorch._utils\n_rebuild_sparse_tensor\n)R"
/* {"w": the tensor, "x": the tensor} */
#define TWO    "}(U\1w" TENSOR "U\1x" TENSOR "u"
/* An object of the class a.M with these dicts of parameters, buffers and modules; `more_` is
 * further attributes. */
#define MODULE_WITH(parameters_, buffers_, modules_, more_)                                        \
    "ca\nM\n)\x81}(U\x0b_parameters" parameters_ "U\x08_buffers" buffers_                          \
    "U\x08_modules" modules_ more_ "ub"
#define MODULE(parameters_, buffers_, modules_) MODULE_WITH(parameters_, buffers_, modules_, "")

/* Opens the file with this key; NULL: none. */
static cd_archive *open_key(const file *f, const char *key)
{
    cd_archive_limits limits = { .key = key };
    return cd_archive_open_memory("m.pth", f->zip.file.at, f->zip.file.size, &limits);
}

/* Checks that the tensors of the pickle lie under `found`. */
static void lies(const void *pickle, size_t size, const char *key, const char *found)
{
    file f;
    make(&f, pickle, size);
    cd_archive *a = open_key(&f, key);
    assert_that(a, "%s", cd_error_message());
    assert_string_equal(a->key, found);
    cd_archive_close(a);
}
#define LIES(found_, pickle_) lies(pickle_, sizeof(pickle_) - 1, NULL, found_)
#define CHOSEN(key_, pickle_) lies(pickle_, sizeof(pickle_) - 1, key_, key_)
#define P(pickle_)            "\x80\x02" pickle_ "."

/* --- the rule --------------------------------------------------------------------------------- */

static void the_obvious_place(void **state)
{
    (void)state;
    LIES("", P(DICT));
    LIES("any", P("}U\3any" DICT "s"));
    LIES("a.b", P("}U\1a}U\1b" DICT "ss"));
    LIES("1", P("K\0" DICT "\x86"));
    LIES("a.0", P("}U\1a]" DICT "as"));
    LIES("model", P("}(U\1a}U\1x" TENSOR "sU\5model" DICT "u"));
    LIES("a.model", P("}(U\1b}U\1x" TENSOR "sU\1a}U\5model" DICT "su"));
    /* further out goes before further in */
    LIES("net", P("}(U\1a}U\3net}U\1x" TENSOR "ssU\3net" DICT "u"));
    /* what an optimizer saved does not count, by its key and by what is in it */
    LIES("a", P("}(U\1a" DICT "U\5optim" DICT "u"));
    LIES("a", P("}(U\1a" DICT "U\1b}(U\5state}K\0" DICT "sU\x0cparam_groups]uu"));
    /* tensors under numbers are no state dict beside others */
    LIES("a", P("}(U\1a" DICT "U\1b}K\0" TENSOR "su"));
    /* but a key that only begins so is no optimizer's */
    LIES("optimal", P("}U\7optimal" DICT "s"));
    LIES("optimized_model", P("}U\x0foptimized_model" DICT "s"));
    LIES("a", P("}(U\1a" DICT "U\x06optimG" DICT "U\7optim_G" DICT "U\6optims" DICT
                "U\x0aoptimisers" DICT "u"));
    /* the outermost one goes before the only one, unless that has more tensors */
    LIES("", P("}(U\1x" TENSOR "U\1a}U\1y" TENSOR "su"));
    LIES("a", P("}(U\1x" TENSOR "U\1a}(U\1y" TENSOR "U\1z" TENSOR "uu"));
    LIES("a", P("}(U\1x" TENSOR "U\1a" MODULE(DICT, "}", "}") "u"));
    LIES("", P("}(U\1x" TENSOR "U\5optim}(U\1y" TENSOR "U\1z" TENSOR "uu"));
    /* the items of an object whose class is derived from dict; not what is in its attributes */
    LIES("a", P("}U\1aca\nB\n)R(U\1w" TENSOR "us"));
    LIES("a", P("}(U\1a" DICT "U\1bca\nB\n)\x81}U\1x}U\1w" TENSOR "ssbu"));
}

static void rivals_are_listed(void **state)
{
    (void)state;
    REFUSES_AS(
        CD_ERR_UNSUPPORTED,
        "several dictionaries of tensors (\"model\", \"ema\"), and which of them is meant is "
        "not known: choose one, as by .key = \"ema\" or --key ema",
        P("}(U\5model" DICT "U\3ema" DICT "u"));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "(\"model\", \"ema\")",
               P("}(U\5model" DICT "U\3ema}U\x08module.w" TENSOR "su"));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "(\"model\", \"ema\")",
               P("}(U\5model}U\x08module.w" TENSOR "sU\3ema" DICT "u"));
    LIES("model", P("}(U\5model" DICT "U\3ema}U\x07modulew" TENSOR "su"));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "(\"\", \"ema\")", P("}(U\1w" TENSOR "U\3ema" DICT "u"));
    LIES("", P("}(U\1w" TENSOR "U\3ema}U\1x" TENSOR "su"));
    /* an average may have something before: torch.optim.swa_utils.AveragedModel counts */
    REFUSES_AS(CD_ERR_UNSUPPORTED, "(\"model\", \"ema\")",
               P("}(U\5model" TWO "U\3ema}(U\nn_averaged" TENSOR "U\x08module.w" TENSOR
                 "U\x08module.x" TENSOR "uu"));
    REFUSES_AS(
        CD_ERR_UNSUPPORTED, "(\"model\", \"ema\")",
        P("}(U\5model" TWO "U\3ema" MODULE("}(U\1w" TENSOR "U\1x" TENSOR "u", "}", "}") "u"));
    /* a single tensor that is called so, the weights of a loss, is none */
    LIES("model", P("}(U\5model" TWO "U\4loss" DICT "u"));
    LIES("model", P("}(U\5model" DICT "U\4loss" TWO "u"));
    /* what is damaged in another module is not its business */
    LIES("model", P("}(U\5model" DICT "U\1m" MODULE("}K\1" TENSOR "s", "}", "}") "u"));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "(\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", ...)",
               P("}(U\1a" DICT "U\1b" DICT "U\1c" DICT "U\1d" DICT "U\1e" DICT "U\1f" DICT
                 "U\1g" DICT "u"));
    /* one dict under two keys is one */
    LIES("model", P("}(U\5model" DICT "q\1U\3emah\1u"));
}

/* --- .key ------------------------------------------------------------------------------------- */

static void a_key_chooses(void **state)
{
    (void)state;
    CHOSEN("ema", P("}(U\5model" DICT "U\3ema" DICT "u"));
    CHOSEN("model", P("}(U\5model" DICT "U\3ema" DICT "u"));
    CHOSEN("", P("}(U\1w" TENSOR "U\3ema" DICT "u"));
    CHOSEN("a.b.c", P("}(U\3a.b}U\1c" DICT "sU\1a}U\1x" TENSOR "su"));
    CHOSEN("optim.state.7", P("}(U\5model" DICT "U\5optim}U\5state}K\7" DICT "ssu"));
    CHOSEN("1.0", P("K\1]" DICT "a\x86"));
    CHOSEN("m", P("}(U\1m" MODULE(DICT, "}", "}") "U\1n" DICT "u"));
    file f;
    static const char pickle[] = P("}(U\5model" DICT "U\3ema" DICT "u");
    make(&f, pickle, sizeof pickle - 1);
    static const char *const wrong[] = { "em", "emas", "ema.", ".ema", "ema.w", "w", "" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(open_key(&f, wrong[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "it has \"model\", \"ema\"");
    }
}

/* A key that is longer than a message shows is told whole, and chooses. */
static void long_keys(void **state)
{
    (void)state;
    char key[CD_ARCHIVE_NAME_BYTES + 1] = "";
    buffer pickle = { .size = 0 };
    ADD(&pickle, "\x80\x02}X\xC8\0\0\0");
    for (int i = 0; i < 200; i++) add(&pickle, i == 0 ? "f" : "k", 1);
    ADD(&pickle, "}U\5inner" DICT "ss.");
    (void)snprintf(key, sizeof key, "%.200s.inner", (const char *)pickle.at + 8);
    lies(pickle.at, pickle.size, NULL, key);
    lies(pickle.at, pickle.size, key, key);
    /* of 4096 bytes, and of one more */
    for (int more = 0; more < 2; more++) {
        pickle.size = 0;
        ADD(&pickle, "\x80\x02}X");
        add_le(&pickle, (uint64_t)CD_ARCHIVE_NAME_BYTES - 6 + (uint64_t)more, 4);
        for (int i = 0; i < CD_ARCHIVE_NAME_BYTES - 6 + more; i++) add(&pickle, "k", 1);
        ADD(&pickle, "}U\5inner" DICT "ss.");
        file f;
        make(&f, pickle.at, pickle.size);
        cd_archive *a = open_key(&f, NULL);
        if (more == 0) assert_int_equal(strlen(a->key), CD_ARCHIVE_NAME_BYTES);
        if (more == 1) assert_null(a);
        if (more == 1)
            assert_failed_with(CD_ERR_UNSUPPORTED, "under a key of more than 4096 bytes");
        cd_archive_close(a);
    }
    /* of what is no text the bytes are escaped */
    LIES("a\\xffb", P("}U\3a\xFF"
                      "b" DICT "s"));
    LIES("a\\x00b", P("}U\3a\0b" DICT "s"));
    LIES("a\nb", P("}U\3a\nb" DICT "s"));
    /* in a sentence a long key has its end */
    pickle.size = 0;
    ADD(&pickle, "\x80\x02}(X\xC8\0\0\0");
    for (int i = 0; i < 200; i++) add(&pickle, i < 199 ? "k" : "e", 1);
    ADD(&pickle, DICT "U\1a" DICT "u.");
    file f;
    make(&f, pickle.at, pickle.size);
    refuses_file(&f, CD_ERR_UNSUPPORTED, "kkke\", \"a\")");
}

/* An error that was there before stays, and nothing is read. */
static void a_pending_error_stays(void **state)
{
    (void)state;
    file f;
    static const char pickle[] =
        P("}(U\5model" DICT "U\1m" MODULE("}K\1" TENSOR "s", "}", "}") "u");
    make(&f, pickle, sizeof pickle - 1);
    (void)cd_fail(CD_ERR_STATE, "pending");
    assert_null(open_key(&f, NULL));
    assert_failed_with(CD_ERR_STATE, "pending");
}

static void other_files_have_no_keys(void **state)
{
    (void)state;
    assert_null(cd_tensor_file_open(test_path("golden/formats.safetensors"), .key = "model"));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "this file (safetensors) has one set of tensors, and no key \"model\"");
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(test_path("golden/formats.safetensors"));
    assert_string_equal(cd_tensor_file_key(f), "");
    f = cd_tensor_file_open(test_path("golden/formats_wrapped.pth"));
    assert_string_equal(cd_tensor_file_key(f), "state_dict");
    f = cd_tensor_file_open(test_path("golden/formats_wrapped.pth"), .key = "state_dict");
    assert_int_equal(cd_tensor_file_count(f), 2);
    assert_string_equal(cd_tensor_file_key(NULL), "");
    assert_failed_with(CD_ERR_ARGUMENT, "tensor_file_key: the file is NULL");
    cd_module *m = cd_nn_linear(2, 2);
    assert_true(cd_load(m, test_path("golden/formats_wrapped.pth"), .prefix = "module.fc.",
                        .key = "state_dict"));
    assert_close(cd_item(cd_select(cd_module_tensor(m, "bias"), 0, 1)), 1, 0, 0);
    assert_false(cd_load(m, NULL, .file = f, .key = "x"));
    assert_failed_with(CD_ERR_ARGUMENT, "the file is open already: .key belongs to");
    assert_false(cd_load(m, NULL, .file = f, .any_hash = true));
    assert_failed_with(CD_ERR_ARGUMENT, "the file is open already: .any_hash belongs to");
}

/* --- modules ---------------------------------------------------------------------------------- */

static void modules_yield_their_tensors(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(
        &f,
        P(MODULE_WITH("}(U\1w" TENSOR "U\1nNu", "}(U\1b" TENSOR "U\1c" TENSOR "U\1nNu",
                      "}(U\1x" MODULE(DICT, "}", "}") "U\1nNU\1yca\nM\n)\x81}(U\x0b_parameters}U"
                                                      "\x08_buffers" DICT "U\x08_modules}ubu",
                      "U\x1b_non_persistent_buffers_set\x8f(U\1c\x90U\1zK\1")));
    assert_ok();
    static const char *const names[] = { "w", "b", "x.w", "y.w" };
    assert_int_equal(a->count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(a->entries[i].name, names[i]);
        values_count_up(a, names[i], CD_SHAPE(2, 3));
    }
    cd_archive_close(a);
}

/* A class with __slots__ has a pair as its state. */
static void modules_with_slots(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, P("ca\nM\n)\x81}(U\x0b_parameters" DICT
                               "U\x08_buffers}U\x08_modules}u}U\1sK\1s\x86"
                               "b"));
    assert_ok();
    assert_int_equal(a->count, 1);
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds an object of a.M, and not",
               P("ca\nM\n)\x81N}(U\x0b_parameters" DICT "U\x08_buffers}U\x08_modules}u\x86"
                 "b"));
}

/* torch.save(torch.nn.Linear(2, 2), ...), as PyTorch wrote it. */
static void a_whole_model_of_pytorchs(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats_model.pth"));
    assert_ok();
    assert_int_equal(a->count, 2);
    assert_true(cd_shape_equal(cd_archive_find(a, "weight")->shape, CD_SHAPE(2, 2)));
    assert_true(cd_shape_equal(cd_archive_find(a, "bias")->shape, CD_SHAPE(2)));
    float bias[2];
    assert_true(cd_archive_read(a, cd_archive_find(a, "bias"), CD_F32, bias));
    cd_archive_close(a);
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 2);
    int64_t loaded = 0;
    assert_true(cd_load(m, test_path("golden/formats_model.pth"), .loaded = &loaded));
    assert_int_equal(loaded, 2);
    assert_memory_equal(cd_data(cd_module_tensor(m, "bias")), bias, sizeof bias);
}

static void modules_that_are_wrong(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_UNSUPPORTED, "its module \"x\" is an object of a.C without the attributes",
               P(MODULE("}", "}", "}U\1xca\nC\n)\x81s")));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "\"p\" is an object of a.C, which is never built, and no tensor",
               P(MODULE("}U\1pca\nC\n)\x81s", "}", "}")));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "the tensor \"x.p\" cannot be read: it is sparse",
               P(MODULE("}", "}", "}U\1x" MODULE("}U\1p" SPARSE "s", "}", "}") "s")));
    REFUSES_AS(CD_ERR_FORMAT, "a module has a name that is an integer",
               P(MODULE("}K\1" TENSOR "s", "}", "}")));
    REFUSES_AS(
        CD_ERR_FORMAT, "two tensors are called \"a.b\"",
        P(MODULE("}U\3a.b" TENSOR "s", "}", "}U\1a" MODULE("}U\1b" TENSOR "s", "}", "}") "s")));
    /* without one of the dicts it is no module, but some object */
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds an object of a.M, and not",
               P("ca\nM\n)\x81}(U\x0b_parameters" DICT "U\x08_buffers}ub"));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds an object of a.M, and not",
               P("ca\nM\n)\x81}(U\x0b_parameters" DICT "U\x08_buffers}U\x08_modulesNub"));
}

/* A module that lies in itself has no end. */
static void a_module_in_itself(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_FORMAT, "its modules are nested more than 64 deep",
               P("ca\nM\n)\x81q\0}(U\x0b_parameters}U\x08_buffers}U\x08_modules}U\1xh\0sub"));
}

/* 40 modules, each of which has the next one twice: 2^40 paths. */
static void modules_in_modules_take_little_time(void **state)
{
    (void)state;
    buffer pickle = { .size = 0 };
    ADD(&pickle, "\x80\x02" MODULE("}", "}", "}"));
    for (int i = 0; i < 40; i++) {
        unsigned char put[2] = { 'q', (unsigned char)i }, get[2] = { 'h', (unsigned char)i };
        add(&pickle, put, 2);
        ADD(&pickle, "0ca\nM\n)\x81}(U\x0b_parameters}U\x08_buffers}U\x08_modules}(U\1a");
        add(&pickle, get, 2);
        ADD(&pickle, "U\1b");
        add(&pickle, get, 2);
        ADD(&pickle, "uub");
    }
    ADD(&pickle, ".");
    file f;
    clock_t begin = clock();
    make(&f, pickle.at, pickle.size);
    refuses_file(&f, CD_ERR_FORMAT, "lie in each other so often that they have no end");
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
}

/* A chain of 1000 dicts, each with a tensor: the paths are long, and looking for a key is not. */
static void deep_dicts_take_little_time(void **state)
{
    (void)state;
    enum { DEEP = 900 };
    buffer pickle = { .size = 0 };
    ADD(&pickle, "\x80\x02" TENSOR "q\0"
                 "0");
    for (int i = 0; i < DEEP; i++) ADD(&pickle, "}(U\1wh\0U\1a");
    ADD(&pickle, "}");
    for (int i = 0; i < DEEP; i++) ADD(&pickle, "u");
    ADD(&pickle, ".");
    file f;
    make(&f, pickle.at, pickle.size);
    refuses_file(&f, CD_ERR_UNSUPPORTED, "several dictionaries of tensors (\"\", \"a\", \"a.a\", ");
    cd_archive *a = open_key(&f, "a.a.a");
    assert_ok();
    assert_string_equal(a->key, "a.a.a");
    cd_archive_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_obvious_place),
        TEST(rivals_are_listed),
        TEST(a_key_chooses),
        TEST(long_keys),
        TEST(a_pending_error_stays),
        TEST(other_files_have_no_keys),
        TEST(modules_yield_their_tensors),
        TEST(modules_with_slots),
        TEST(a_whole_model_of_pytorchs),
        TEST(modules_that_are_wrong),
        TEST(a_module_in_itself),
        TEST(modules_in_modules_take_little_time),
        TEST(deep_dicts_take_little_time),
    };
    return RUN(tests);
}
