/* Where the state dict is in a PyTorch file, and what becomes of the values beside it. */
#include "pth_file.h"

#include <time.h>

#include "io/pth_internal.h"

static void what_is_no_state_dict(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds a tensor, and not a dictionary",
               "\x80\x02" TENSOR ".");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds a list", "\x80\x02].");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds None", "\x80\x02N.");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "there are no tensors in its dictionary", "\x80\x02}U\1aK\1s.");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "there are no tensors", "\x80\x02}U\x0Astate_dict}s.");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds an object of a.B, and not a dictionary",
               "\x80\x02"
               "ca\nB\n)\x81}U\1w" TENSOR "sb.");
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it holds a function or class a.B, and",
               "\x80\x02"
               "ca\nB\n.");
}

static void names_that_cannot_be(void **state)
{
    (void)state;
    REFUSES("a tensor's name is an integer", "\x80\x02}K\1" TENSOR "s.");
    REFUSES("two tensors are called \"w\"", "\x80\x02}(U\1w" TENSOR "U\1w" TENSOR "u.");
    REFUSES("holds a NUL", "\x80\x02}U\2a\0" TENSOR "s.");
}

static void an_empty_name_is_a_name(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, "\x80\x02}U\0" TENSOR "s.");
    assert_non_null(a);
    values_count_up(a, "", CD_SHAPE(2, 3));
    cd_archive_close(a);
}

static void scalars_beside_tensors_are_metadata(void **state)
{
    (void)state;
    file f;
    cd_archive *a =
        OPEN(&f, "\x80\x02}(U\1w" TENSOR "U\1iJ\xFE\xFF\xFF\xFFU\1fG?\xB9\x99\x99\x99\x99\x99\x9A"
                 "U\1gG@\0\0\0\0\0\0\0U\1nG\x7F\xF8\0\0\0\0\0\0U\1l]U\1sU\2hiK\5K\6U\2z\0K\7"
                 "U\1tU\1\0u.");
    assert_non_null(a);
    assert_int_equal(a->count, 1);
    assert_string_equal(cd_archive_metadata(a, "i"), "-2");
    assert_string_equal(cd_archive_metadata(a, "f"), "0.1");
    assert_string_equal(cd_archive_metadata(a, "g"), "2.0");
    assert_string_equal(cd_archive_metadata(a, "n"), "nan");
    assert_string_equal(cd_archive_metadata(a, "s"), "hi");
    assert_int_equal(a->metadata_count, 5);
    cd_archive_close(a);
    a = OPEN(&f, "\x80\x02}(U\1w" TENSOR "U\1y\x88U\1n\x89U\1oNu.");
    assert_string_equal(cd_archive_metadata(a, "y"), "True");
    assert_string_equal(cd_archive_metadata(a, "n"), "False");
    assert_string_equal(cd_archive_metadata(a, "o"), "None");
    assert_int_equal(a->metadata_count, 3);
    cd_archive_close(a);
}

/* The pickle of {key_: {"w": a tensor}, "thing": value_}. */
#define BESIDE(key_, value_) "\x80\x02}(" key_ "}U\1w" TENSOR "sU\5thing" value_ "u."
#define SPARSE               "ctorch._utils\n_rebuild_sparse_tensor\n)R"
#define NEGATED              REBUILD "(" STORAGE "K\0K\2K\3\x86K\3K\1\x86\x89N}U\3neg\x88stR"

static void holds_only_w(cd_archive *a)
{
    assert_ok();
    assert_non_null(a);
    assert_int_equal(a->count, 1);
    values_count_up(a, "w", CD_SHAPE(2, 3));
    for (size_t i = 0; i < a->metadata_count; i++) {
        assert_true(cd_utf8_valid(a->metadata[i].value, strlen(a->metadata[i].value)));
    }
    cd_archive_close(a);
}

/* Objects beside the state dict do not disturb it: a scheduler's Counter, a sampler's state as
 * bytes, a sparse mask. */
static void harmless_objects_beside_the_tensors(void **state)
{
    (void)state;
    file f;
    holds_only_w(
        OPEN(&f, BESIDE("U\5model", "}U\012milestonesccollections\nCounter\n}K\3K\1s\x85Rs")));
    holds_only_w(OPEN(&f, BESIDE("U\5model", "c__builtin__\nset\n]K\1a\x85R")));
    holds_only_w(OPEN(&f, BESIDE("U\5model", "c_codecs\nencode\nX\1\0\0\0aU\6latin1\x86R")));
    holds_only_w(OPEN(&f, BESIDE("U\5model", "ctorch\ncomplex32\n")));
    holds_only_w(OPEN(&f, BESIDE("U\5model", "X\3\0\0\0\xED\xA0\x80")));
    holds_only_w(OPEN(&f, BESIDE("U\5model", SPARSE)));
    holds_only_w(OPEN(&f, BESIDE("U\5model", NEGATED)));
    holds_only_w(OPEN(&f, BESIDE("U\5model", "cnumpy._core.multiarray\nscalar\n)R")));
    holds_only_w(OPEN(&f, BESIDE("U\5model", "cargparse\nNamespace\n)\x81}U\1aK\1sb")));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "it names posix.system, which is never loaded",
               BESIDE("U\5model", "cposix\nsystem\nU\2ls\x85R"));
}

static void a_tensor_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_UNSUPPORTED, "the tensor \"w\" cannot be read: it is sparse: save it as t.to",
               STATE(SPARSE));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "the tensor \"w\" cannot be read: it has PyTorch's negative bit",
               STATE(NEGATED));
    REFUSES_AS(CD_ERR_UNSUPPORTED, "the tensor \"w\" has 9 dimensions",
               STATE(TENSOR_OF(STORAGE, "K\0", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t",
                               "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t")));
}

/* torch.save(pickle_protocol=4) */
static void newer_protocols_are_read(void **state)
{
    (void)state;
    static const char form[] =
        "\x80?\x95\xFF\0\0\0\0\0\0\0}\x94\x8C\1w\x94\x8C\014torch._utils\x94\x8C"
        "\022_rebuild_tensor_v2\x94\x93\x94((\x8C\7storage\x94\x8C\5torch\x94\x8C\014"
        "FloatStorage\x94\x93\x94\x8C\0010\x94\x8C\3cpu\x94K\6t\x94QK\0K\2K\3\x86\x94K\3K\1"
        "\x86\x94\x89Nt\x94R\x94s.";
    for (char protocol = 3; protocol <= 5; protocol++) {
        char pickle[sizeof form];
        memcpy(pickle, form, sizeof form);
        pickle[1] = protocol;
        file f;
        make(&f, pickle, sizeof form - 1);
        holds_only_w(open_file(&f));
    }
}

static char told[256];

static void remember(cd_log_level level, const char *message, void *user)
{
    (void)user;
    assert_int_equal(level, CD_LOG_INFO);
    (void)snprintf(told, sizeof told, "%s", message);
}

static void the_logger_is_told_where_the_tensors_are(void **state)
{
    (void)state;
    file f;
    cd_set_logger(remember, NULL);
    holds_only_w(OPEN(&f, BESIDE("U\5model", "}U\1x" TENSOR "s")));
    assert_string_equal(told, "m.pth: the tensors are those under \"model\"");
    holds_only_w(OPEN(&f, BESIDE("U\011model_ema", "K\1")));
    assert_string_equal(told, "m.pth: the tensors are those under \"model_ema\"");
    told[0] = '\0';
    holds_only_w(OPEN(&f, STATE(TENSOR)));
    cd_set_logger(NULL, NULL);
    assert_string_equal(told, "");
}

static void state_dicts_under_any_one_key(void **state)
{
    (void)state;
    file f;
    holds_only_w(OPEN(&f, BESIDE("U\3net", "K\1")));
    holds_only_w(OPEN(&f, BESIDE("U\7weights", "K\1")));
    holds_only_w(OPEN(&f, BESIDE("U\011model_ema", "K\1")));
    holds_only_w(OPEN(&f, BESIDE("U\011generator", "}U\5state}s")));
    /* a usual name is taken before another one */
    holds_only_w(OPEN(&f, BESIDE("U\5model", "}U\1x" TENSOR "s")));
    REFUSES_AS(
        CD_ERR_UNSUPPORTED,
        "it holds several dictionaries of tensors (\"generator\", \"thing\"), and which of them is "
        "meant is not known",
        BESIDE("U\011generator", "}U\1x" TENSOR "s"));
    REFUSES_AS(
        CD_ERR_UNSUPPORTED,
        "there are no tensors in its dictionary, nor in one under any of its keys (epoch, a): "
        "torch.save the state_dict()",
        "\x80\x02}(U\5epochK\1U\1a}u.");
    /* keys that are no texts have no names to be shown */
    REFUSES_AS(CD_ERR_UNSUPPORTED, "nor in one under any of its keys: torch.save the state_dict()",
               "\x80\x02}(K\1K\2K\3}u.");
    holds_only_w(OPEN(&f, "\x80\x02}(K\1K\2K\3}U\1w" TENSOR "su."));
}

static void a_dict_that_holds_itself(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, "\x80\x02}q\0(U\1w" TENSOR "U\x0Astate_dicth\0u.");
    assert_non_null(a); /* the root is its own state dict; its tensors are added once */
    assert_int_equal(a->count, 1);
    cd_archive_close(a);
}

/* Of equal keys the last counts, as in Python. */
static void a_wrapper_that_is_there_twice(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, "\x80\x02}(U\5model}U\1a" TENSOR "sU\5model}U\1b" TENSOR "su.");
    assert_non_null(a);
    assert_non_null(cd_archive_find(a, "b"));
    assert_null(cd_archive_find(a, "a"));
    cd_archive_close(a);
}

static size_t put(unsigned char *pickle, size_t at, const char *bytes, size_t size)
{
    memcpy(pickle + at, bytes, size);
    return at + size;
}
#define PUT(literal_) size = put(pickle, size, literal_, sizeof(literal_) - 1)

/* Runs the pickle and looks for its state dict, which must fail within five seconds. */
static void assert_refused_quickly(const unsigned char *pickle, size_t size)
{
    cd_archive archive = { .count = 0 };
    cd_bytes_borrow(&archive.description, "m", pickle, size);
    archive.budget = (cd_budget){ .limit = CD_BUDGET_DEFAULT, .label = "m" };
    cd_cursor cursor = cd_cursor_over(&archive.description);
    cd_pickle machine;
    cd_pickle_id root = CD_PICKLE_NO_VALUE;
    clock_t begin = clock();
    cd_pickle_start(&machine, &archive.budget, NULL, NULL);
    assert_true(cd_pickle_run(&machine, &cursor, &root));
    assert_false(cd_pth_add_entries(&archive, &machine, root));
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
    cd_pickle_release(&machine);
    cd_free(archive.metadata);
    cd_text_pool_free(&archive.texts);
}

/* The key "state_dict" 100,000 times, always with one dict of 100,000 items that are no tensors.
 * Looking into the dict each time would take 10^10 steps. */
static void many_wrappers_take_little_time(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    unsigned char *pickle = malloc(8 * MANY + 100);
    size_t size = 0;
    assert_non_null(pickle);
    PUT("\x80\x02}(U\x0Astate_dictq\0}q\1(");
    for (int i = 0; i < MANY; i++) PUT("h\0h\0");
    PUT("u");
    for (int i = 0; i < MANY; i++) PUT("h\0h\1");
    PUT("u.");
    assert_refused_quickly(pickle, size);
    assert_failed_with(CD_ERR_UNSUPPORTED, "there are no tensors in its dictionary");
    free(pickle);
}

/* A text of a megabyte whose last byte is not UTF-8, 20,000 times as a key and 20,000 times as a
 * value. Checking its bytes each time would take 4 * 10^10 steps. The sparse tensor at the end
 * makes the load fail. */
static void long_texts_that_are_no_texts_take_little_time(void **state)
{
    (void)state;
    enum { LONG = 1000000, MANY = 20000 };
    unsigned char *pickle = malloc(LONG + 8 * MANY + 200);
    size_t size = 0;
    assert_non_null(pickle);
    PUT("\x80\x02}(U\1kq\0X\x40\x42\x0f\0");
    memset(pickle + size, 'a', LONG - 1);
    size += LONG - 1;
    PUT("\xffq\1");
    for (int i = 0; i < MANY; i++) PUT("h\0h\1h\1h\0");
    PUT("U\1tctorch._utils\n_rebuild_sparse_tensor\n)Ru.");
    assert_refused_quickly(pickle, size);
    assert_failed_with(CD_ERR_UNSUPPORTED, "the tensor \"t\" cannot be read: it is sparse");
    free(pickle);
}

/* Opens a file with a dict around the state dict and scalars in both. *user tuples come first, so
 * that each of the growing arrays grows at another opcode. */
static bool open_wrapped(void *user)
{
    buffer pickle = { .size = 0 };
    ADD(&pickle, "\x80\x02}(U\1x(");
    for (int i = 0; i < *(const int *)user; i++) ADD(&pickle, "N\x85");
    ADD(&pickle, "tU\5epochK\7U\5model}(U\1w" TENSOR "U\1vU\2hiuu.");
    file f;
    make(&f, pickle.at, pickle.size);
    cd_archive *a = open_file(&f);
    if (a) {
        assert_int_equal(a->count, 1);
        assert_string_equal(cd_archive_metadata(a, "epoch"), "7");
        assert_string_equal(cd_archive_metadata(a, "v"), "hi");
    }
    cd_archive_close(a);
    return a != NULL;
}

static void no_memory_is_an_error_wherever_lists_grow(void **state)
{
    (void)state;
    for (int n = 0; n < 20; n++) assert_true(sweep_memory(open_wrapped, &n) >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_memory_is_an_error_wherever_lists_grow),
        TEST(what_is_no_state_dict),
        TEST(names_that_cannot_be),
        TEST(an_empty_name_is_a_name),
        TEST(scalars_beside_tensors_are_metadata),
        TEST(harmless_objects_beside_the_tensors),
        TEST(a_tensor_that_cannot_be_read_is_named),
        TEST(newer_protocols_are_read),
        TEST(the_logger_is_told_where_the_tensors_are),
        TEST(state_dicts_under_any_one_key),
        TEST(a_dict_that_holds_itself),
        TEST(a_wrapper_that_is_there_twice),
        TEST(many_wrappers_take_little_time),
        TEST(long_texts_that_are_no_texts_take_little_time),
    };
    return RUN(tests);
}
