/* The pickle stream of PyTorch before 1.6: files that are wrong, byte by byte. Right ones are in
 * test_pth_forms. */
#include "pth_file.h"

#define MAGIC   "\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19."
#define VERSION "\x80\x02M\xE9\x03."
#define INFO    "\x80\x02}U\x0Dlittle_endian\x88s."
#define HEAD    MAGIC VERSION INFO
/* BINPERSID of ("storage", torch.FloatStorage, key, "cpu", numel, view). */
#define IN_STREAM(key_, numel_, view_)                                                             \
    "(U\7storagectorch\nFloatStorage\n" key_ "U\3cpu" numel_ view_ "tQ"
#define A           IN_STREAM("U\1a", "K\6", "N")
#define W(storage_) TENSOR_OF(storage_, "K\0", "K\2K\3\x86", "K\3K\1\x86")
#define KEYS_A      "\x80\x02]U\1aa."
#define SIX         "\6\0\0\0\0\0\0\0"
/* 0 to 5 as float32 */
#define FLOATS      "\0\0\0\0\0\0\x80\x3F\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xA0\x40"

static cd_archive *open_stream(const void *bytes, size_t size)
{
    return cd_archive_open_memory("s.pth", bytes, size, NULL);
}
#define OPEN_STREAM(bytes_) open_stream(bytes_, sizeof(bytes_) - 1)

#define REFUSES_STREAM(code_, text_, bytes_)                                                       \
    do {                                                                                           \
        assert_null(OPEN_STREAM(bytes_));                                                          \
        assert_failed_with(code_, text_);                                                          \
    } while (0)

static void a_stream_is_read(void **state)
{
    (void)state;
    cd_archive *a = OPEN_STREAM(HEAD STATE(W(A)) KEYS_A SIX FLOATS);
    assert_ok();
    assert_string_equal(a->kind, "PyTorch pickle stream");
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
}

static void the_head_must_be_torch_saves(void **state)
{
    (void)state;
    REFUSES_STREAM(CD_ERR_UNSUPPORTED, "byte 20: pickle: the version of the pickle stream is not",
                   MAGIC "\x80\x02M\xEA\x03." INFO STATE(W(A)) KEYS_A SIX FLOATS);
    REFUSES_STREAM(CD_ERR_UNSUPPORTED, "the version of the pickle stream", MAGIC "\x80\x02N.");
    REFUSES_STREAM(CD_ERR_FORMAT, "says of its machine is no dict", MAGIC VERSION "\x80\x02N.");
    REFUSES_STREAM(CD_ERR_FORMAT, "it does not begin with a protocol number", MAGIC);
    REFUSES_STREAM(CD_ERR_FORMAT, "it does not begin with a protocol number", HEAD);
    REFUSES_STREAM(CD_ERR_FORMAT, "it does not begin with a protocol number", HEAD STATE(W(A)));
    REFUSES_STREAM(CD_ERR_FORMAT, "it ends without STOP", MAGIC VERSION "\x80\x02");
}

static void the_list_of_storages_must_be_right(void **state)
{
    (void)state;
    REFUSES_STREAM(CD_ERR_FORMAT, "the list of storages is no list",
                   HEAD STATE(W(A)) "\x80\x02U\1a." SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "a key that is no string",
                   HEAD STATE(W(A)) "\x80\x02]K\1a." SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "has \"b\", which the pickle does not name",
                   HEAD STATE(W(A)) "\x80\x02]U\1ba." SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "has \"a\" twice",
                   HEAD STATE(W(A)) "\x80\x02](U\1aU\1ae." SIX FLOATS SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "the storage a is not in the file",
                   HEAD STATE(W(A)) "\x80\x02].");
    REFUSES_STREAM(CD_ERR_FORMAT, "has \"\", which the pickle does not name",
                   HEAD STATE(W(A)) "\x80\x02]U\0a." SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "has \"aa\", which",
                   HEAD STATE(W(A)) "\x80\x02]U\2aaa." SIX FLOATS);
}

static void the_elements_must_be_those_of_the_pickle(void **state)
{
    (void)state;
    REFUSES_STREAM(CD_ERR_FORMAT, "the storage a has 5 elements here, and 6 in the pickle",
                   HEAD STATE(W(A)) KEYS_A "\5\0\0\0\0\0\0\0" FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "elements here, and 6 in the pickle",
                   HEAD STATE(W(A)) KEYS_A "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF" FLOATS);
    /* the order of a big-endian machine, which this one does not say to be */
    REFUSES_STREAM(CD_ERR_FORMAT, "432345564227567616 elements here, and 6",
                   HEAD STATE(W(A)) KEYS_A "\0\0\0\0\0\0\0\6" FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "the storage a has 24 bytes, and 23 are left: the file is cut",
                   HEAD STATE(W(A)) KEYS_A SIX "12345678901234567890123");
    REFUSES_STREAM(CD_ERR_FORMAT, "8 bytes are wanted from here",
                   HEAD STATE(W(A)) KEYS_A "\6\0\0\0\0\0\0");
    REFUSES_STREAM(CD_ERR_FORMAT, "the storages end here, and 1 bytes follow",
                   HEAD STATE(W(A)) KEYS_A SIX FLOATS "x");
    REFUSES_STREAM(CD_ERR_FORMAT, "a tensor's offset, size and stride leave its storage",
                   HEAD STATE(W(IN_STREAM("U\1a", "K\5", "N"))) KEYS_A "\5\0\0\0\0\0\0\0"
                                                                       "12345678901234567890");
    REFUSES_STREAM(CD_ERR_FORMAT, "which no file holds",
                   HEAD STATE(W(IN_STREAM("U\1a", "\x8A\x08\6\0\0\0\0\0\0\x40", "N")))
                       KEYS_A SIX FLOATS);
}

/* A big-endian machine, before 1.0, wrote the count in its own order, and not the elements. */
static void a_count_may_have_the_order_of_its_machine(void **state)
{
    (void)state;
#define BIG "\x80\x02}U\x0Dlittle_endian\x89s."
    cd_archive *a = OPEN_STREAM(MAGIC VERSION BIG STATE(W(A)) KEYS_A "\0\0\0\0\0\0\0\6" FLOATS);
    assert_ok();
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
    a = OPEN_STREAM(MAGIC VERSION BIG STATE(W(A)) KEYS_A SIX FLOATS);
    assert_ok();
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
}

static void ids_must_be_storages(void **state)
{
    (void)state;
    static const char id[] =
        "a persistent id must be (\"storage\", class, key, location, numel, view)";
    REFUSES_STREAM(CD_ERR_FORMAT, id, HEAD STATE(W(STORAGE)) KEYS_A SIX FLOATS); /* of the zip */
    REFUSES_STREAM(CD_ERR_FORMAT, id, HEAD STATE("NQ") KEYS_A);
    REFUSES_STREAM(CD_ERR_FORMAT, id, HEAD STATE("(U\6moduleNNNNNtQ") KEYS_A);
    REFUSES_STREAM(CD_ERR_FORMAT, "the storage's key \"\" is empty",
                   HEAD STATE(W(IN_STREAM("U\0", "K\6", "N"))) KEYS_A SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "a storage whose class is no storage class",
                   HEAD STATE("(U\7storagectorch\nSize\nU\1aU\3cpuK\6NtQ") KEYS_A SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "a storage whose class is no storage class",
                   HEAD STATE("(U\7storageca\nFloatStorage\nU\1aU\3cpuK\6NtQ") KEYS_A SIX FLOATS);
}

static void a_view_lies_in_its_storage(void **state)
{
    (void)state;
#define VIEW(offset_, count_) IN_STREAM("U\1a", "K\6", "U\1v" offset_ count_ "\x87")
#define ROW(storage_)         TENSOR_OF(storage_, "K\0", "K\2\x85", "K\1\x85")
    cd_archive *a = OPEN_STREAM(HEAD STATE(ROW(VIEW("K\3", "K\3"))) KEYS_A SIX FLOATS);
    assert_ok();
    float row[2];
    assert_true(cd_archive_read(a, cd_archive_find(a, "w"), CD_F32, row));
    assert_close((double)row[0], 3, 0, 0);
    assert_close((double)row[1], 4, 0, 0);
    cd_archive_close(a);
    REFUSES_STREAM(CD_ERR_FORMAT, "a view of 3 elements from 4 leaves its storage of 6",
                   HEAD STATE(ROW(VIEW("K\4", "K\3"))) KEYS_A SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "leaves its storage of 6",
                   HEAD STATE(ROW(VIEW("\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", "K\3")))
                       KEYS_A SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "the view of a storage must be (key, offset, number",
                   HEAD STATE(ROW(VIEW("J\xFF\xFF\xFF\xFF", "K\3"))) KEYS_A SIX FLOATS);
    REFUSES_STREAM(CD_ERR_FORMAT, "the view of a storage must be",
                   HEAD STATE(ROW(IN_STREAM("U\1a", "K\6", "K\1"))) KEYS_A SIX FLOATS);
    /* the tensor fits its storage, but not the view */
    REFUSES_STREAM(CD_ERR_FORMAT, "leave its storage",
                   HEAD STATE(ROW(VIEW("K\3", "K\1"))) KEYS_A SIX FLOATS);
}

static void mentions_of_a_storage_agree(void **state)
{
    (void)state;
    cd_archive *a = OPEN_STREAM(HEAD "\x80\x02}(U\1w" W(A) "U\1v" W(A) "u." KEYS_A SIX FLOATS);
    assert_ok();
    values_count_up(a, "v", CD_SHAPE(2, 3));
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
    REFUSES_STREAM(
        CD_ERR_FORMAT, "gives the storage a 24 bytes, and 28 elsewhere",
        HEAD "\x80\x02}(U\1w" W(A) "U\1v" W(IN_STREAM("U\1a", "K\7", "N")) "u." KEYS_A SIX FLOATS);
}

static void storages_in_another_order(void **state)
{
    (void)state;
    cd_archive *a = OPEN_STREAM(HEAD "\x80\x02}(U\1w" W(A) "U\1v" TENSOR_OF(
        IN_STREAM("U\1b", "K\1", "N"), "K\0", ")", ")") "u."
                                                        "\x80\x02](U\1bU\1ae."
                                                        "\1\0\0\0\0\0\0\0"
                                                        "\0\0\0\0" SIX FLOATS);
    assert_ok();
    values_count_up(a, "w", CD_SHAPE(2, 3));
    values_count_up(a, "v", CD_SCALAR);
    cd_archive_close(a);
}

/* --- sizes ------------------------------------------------------------------------------------ */

/* The stream whose state dict has `extra` bytes of text beside the tensor, so that its pickle does
 * not fit the first window. The caller frees it. */
static unsigned char *make_long(size_t extra, size_t *size)
{
    static const char before[] = HEAD "\x80\x02}(U\1tX",
                      behind[] = "U\1w" W(A) "u." KEYS_A SIX FLOATS;
    *size = sizeof before - 1 + 4 + extra + sizeof behind - 1;
    unsigned char *bytes = malloc(*size), *at = bytes + sizeof before - 1;
    assert_non_null(bytes);
    memcpy(bytes, before, sizeof before - 1);
    for (int i = 0; i < 4; i++) *at++ = (unsigned char)(extra >> (8 * i));
    memset(at, 'x', extra);
    memcpy(at + extra, behind, sizeof behind - 1);
    return bytes;
}

static void a_long_pickle_is_read(void **state)
{
    (void)state;
    for (size_t extra = (1 << 18) - 200; extra < (size_t)5 << 20; extra = extra * 2 + 77) {
        size_t size;
        unsigned char *bytes = make_long(extra, &size);
        cd_archive *a = open_stream(bytes, size);
        assert_ok();
        values_count_up(a, "w", CD_SHAPE(2, 3));
        assert_int_equal(strlen(cd_archive_metadata(a, "t")), extra);
        cd_archive_close(a);
        free(bytes);
    }
}

static void a_pickle_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    size_t size;
    unsigned char *bytes = make_long((size_t)1 << 20, &size);
    const char *path = test_write("long.pth", bytes, size);
    free(bytes);
    cd_archive_limits limits = { .description_bytes = (size_t)1 << 20 };
    assert_null(cd_archive_open_with(path, &limits));
    assert_failed_with(CD_ERR_MEMORY, "its pickles do not end within the 655360 bytes that may");
}

static void a_real_checkpoint_is_read(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_shared("weights/resnet20-12fca82f.th"));
    assert_ok();
    assert_string_equal(a->kind, "PyTorch pickle stream");
    assert_string_equal(a->key, "state_dict");
    assert_int_equal(a->count, 97);
    assert_true(strncmp(cd_archive_metadata(a, "best_prec1"), "91.78", 5) == 0);
    uint32_t crc = 0;
    for (size_t i = 0; i < a->count; i++) {
        const cd_archive_entry *e = &a->entries[i];
        cd_dtype as = cd_file_dtype_native(e->dtype);
        size_t bytes;
        assert_true(cd_archive_read_size(a, e, as, &bytes));
        void *values = malloc(bytes + 1);
        assert_true(cd_archive_read(a, e, as, values));
        crc = (uint32_t)crc32_z(crc, values, bytes);
        free(values);
    }
    assert_int_equal(crc, 0x1d128e52); /* zlib.crc32 over torch.load's tensors, in order */
    cd_archive_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_is_read),
        TEST(the_head_must_be_torch_saves),
        TEST(the_list_of_storages_must_be_right),
        TEST(the_elements_must_be_those_of_the_pickle),
        TEST(a_count_may_have_the_order_of_its_machine),
        TEST(ids_must_be_storages),
        TEST(a_view_lies_in_its_storage),
        TEST(mentions_of_a_storage_agree),
        TEST(storages_in_another_order),
        TEST(a_long_pickle_is_read),
        TEST(a_pickle_beyond_the_limit_is_refused),
        TEST(a_real_checkpoint_is_read),
    };
    return RUN(tests);
}
