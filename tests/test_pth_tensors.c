/* Tensors of PyTorch's files against their storages: sizes, offsets, strides, limits. */
#include "pth_file.h"

/* --- storages --------------------------------------------------------------------------------- */

static void persistent_ids_of_the_wrong_form(void **state)
{
    (void)state;
    static const char text[] = "a persistent id must be";
    REFUSES(text, STATE("NQ"));
    REFUSES(text, STATE("K\1Q"));
    REFUSES(text, STATE(")Q"));
    REFUSES(text, STATE("(U\6moduleNU\0010U\3cpuK\6tQ"));
    REFUSES(text, STATE("(U\7storagectorch\nFloatStorage\nK\0U\3cpuK\6tQ"));
    REFUSES(text, STATE("(U\7storagectorch\nFloatStorage\nU\0010NK\6tQ"));
    REFUSES(text, STATE("(U\7storagectorch\nFloatStorage\nU\0010U\3cpuNtQ"));
    REFUSES(text, STATE("(U\7storagectorch\nFloatStorage\nU\0010U\3cpuK\6NtQ"));
    REFUSES(text, STATE(STORAGE_OF("FloatStorage", "J\xFF\xFF\xFF\xFF")));
    REFUSES("a storage whose class is no storage class",
            STATE("(U\7storagectorch\nSize\nU\0010U\3cpuK\6tQ"));
    REFUSES("a storage whose class is no storage class", STATE("(U\7storageNU\0010U\3cpuK\6tQ"));
}

static void keys_without_an_entry(void **state)
{
    (void)state;
    REFUSES("there is no entry data/7",
            STATE("(U\7storagectorch\nFloatStorage\nU\0017U\3cpuK\6tQ"));
    REFUSES("the storage's key \"\" is empty",
            STATE("(U\7storagectorch\nFloatStorage\nU\0U\3cpuK\6tQ"));
    REFUSES("there is no entry data/../version",
            STATE("(U\7storagectorch\nFloatStorage\nU\x0A../versionU\3cpuK\6tQ"));
    REFUSES("is empty or too long", STATE("(U\7storagectorch\nFloatStorage\nU\x41"
                                          "0123456789012345678901234567890123456789"
                                          "0123456789012345678901234U\3cpuK\6tQ"));
}

/* CVE-2026-24747: the number of elements that the pickle declares must be what the entry has. */
static void a_declared_size_must_be_the_entrys(void **state)
{
    (void)state;
    static const char text[] = "and its entry has 24 bytes";
    REFUSES(text, STATE(STORAGE_OF("FloatStorage", "K\5")));
    REFUSES(text, STATE(STORAGE_OF("FloatStorage", "K\7")));
    REFUSES(text, STATE(STORAGE_OF("DoubleStorage", "K\6")));
    REFUSES(text, STATE(STORAGE_OF("FloatStorage", "K\0")));
    /* 0x4000000000000006 * 4 wraps to 24 */
    REFUSES("4611686018427387910 elements of 4 bytes, which no file holds",
            STATE(STORAGE_OF("FloatStorage", "\x8A\x08\x06\0\0\0\0\0\0\x40")));
}

static void one_storage_may_have_two_classes(void **state)
{
    (void)state;
    file f;
    cd_archive *a =
        OPEN(&f, "\x80\x02}(U\1f" TENSOR "U\1b" TENSOR_OF(STORAGE_OF("ByteStorage", "K\x18"), "K\0",
                                                          "K\x18\x85", "K\1\x85") "u.");
    assert_non_null(a);
    assert_int_equal(cd_archive_find(a, "b")->dtype, CD_FILE_U8);
    cd_archive_close(a);
}

/* Otherwise the CRC of a large storage would be computed once for each of its views. */
static void views_share_one_storage(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, "\x80\x02}(U\1a" TENSOR "U\1b" TENSOR "U\1c" TENSOR "u.");
    assert_non_null(a);
    assert_int_equal(a->storage_count, 1);
    for (int i = 0; i < 3; i++) assert_int_equal(a->entries[i].storage, 0);
    cd_archive_close(a);
}

/* --- tensors against storages ----------------------------------------------------------------- */

static void extents_stay_in_the_storage(void **state)
{
    (void)state;
    static const char text[] = "offset, size and stride leave its storage";
    REFUSES(text, STATE(TENSOR_OF(STORAGE, "K\1", "K\2K\3\x86", "K\3K\1\x86")));
    REFUSES(text, STATE(TENSOR_OF(STORAGE, "K\0", "K\7\x85", "K\1\x85")));
    REFUSES(text, STATE(TENSOR_OF(STORAGE, "K\6", ")", ")")));
    REFUSES(text, STATE(TENSOR_OF(STORAGE, "K\0", "K\2\x85", "K\6\x85")));
    REFUSES(text, STATE(TENSOR_OF(STORAGE, "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", ")", ")")));
    REFUSES(text, STATE(TENSOR_OF(STORAGE, "K\0", "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x85",
                                  "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x85")));
    REFUSES(text, STATE(TENSOR_OF(STORAGE, "K\5", "K\2\x85",
                                  "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\x85")));
}

static void extents_that_just_fit(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, STATE(TENSOR_OF(STORAGE, "K\5", ")", ")")));
    assert_non_null(a);
    float five;
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, &five));
    assert_close((double)five, 5, 0, 0);
    cd_archive_close(a);
    a = OPEN(&f, STATE(TENSOR_OF(STORAGE, "K\6", "K\0\x85", "K\1\x85")));
    assert_non_null(a);
    cd_archive_close(a);
    a = OPEN(&f, STATE(TENSOR_OF(STORAGE, "K\0", "K\2\x85", "K\5\x85")));
    assert_non_null(a);
    cd_archive_close(a);
    /* a dimension of one may have any stride */
    a = OPEN(&f, STATE(TENSOR_OF(STORAGE, "K\0", "K\1K\2K\2\x87",
                                 "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FK\3K\1\x87")));
    assert_non_null(a);
    float out[4];
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
    assert_close((double)out[3], 4, 0, 0);
    cd_archive_close(a);
    a = OPEN(&f, STATE(TENSOR_OF(STORAGE, "K\0", "K\3K\1K\2\x87",
                                 "K\1\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FK\3\x87")));
    assert_non_null(a); /* nor is such a stride ever added: a sanitizer would see it */
    float rows[6];
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, rows));
    assert_close((double)rows[4], 2, 0, 0);
    assert_close((double)rows[5], 5, 0, 0);
    cd_archive_close(a);
}

static void an_empty_tensor_may_lie_anywhere(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, STATE(TENSOR_OF(STORAGE, "\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
                                             "K\2K\0\x86", "K\1K\1\x86")));
    assert_non_null(a);
    assert_int_equal(a->entries[0].bytes, 0);
    assert_true(a->entries[0].offset == a->storages[0].offset);
    float nothing;
    assert_true(cd_archive_read(a, &a->entries[0], CD_F32, &nothing));
    cd_archive_close(a);
}

static void size_and_stride_of_different_lengths(void **state)
{
    (void)state;
    REFUSES("size and stride have different lengths",
            STATE(TENSOR_OF(STORAGE, "K\0", "K\2\x85", "K\1K\1\x86")));
    REFUSES("size and stride have different lengths",
            STATE(TENSOR_OF(STORAGE, "K\0", ")", "K\1\x85")));
}

static void unreachable_tensors_are_checked_too(void **state)
{
    (void)state;
    REFUSES("leave its storage",
            "\x80\x02}(U\1w" TENSOR "K\1" TENSOR_OF(STORAGE, "K\0", "K\7\x85", "K\1\x85") "\x85u.");
}

static void too_many_dimensions(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_UNSUPPORTED, "9 dimensions",
               STATE(TENSOR_OF(STORAGE, "K\0", "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t",
                               "(K\1K\1K\1K\1K\1K\1K\1K\1K\1t")));
}

#define BIG "\x8A\x07\0\0\0\0\0\0\x01" /* 2^48 */
static void huge_expanded_views_meet_the_limit(void **state)
{
    (void)state;
    REFUSES_AS(CD_ERR_MEMORY, "(281474976710656 of F32) the tensors take more than the",
               STATE(TENSOR_OF(STORAGE, "K\0", BIG "\x85", "K\0\x85")));
    REFUSES("number of elements overflows",
            STATE(TENSOR_OF(STORAGE, "K\0", BIG BIG "\x86", "K\0K\0\x86")));
    file f;
    make(&f, STATE(TENSOR_OF(STORAGE, "K\0", "J\0\0\0\x08\x85", "K\0\x85")),
         sizeof(STATE(TENSOR_OF(STORAGE, "K\0", "J\0\0\0\x08\x85", "K\0\x85"))) - 1);
    refuses_file(&f, CD_ERR_MEMORY, "allowed for this file"); /* 512 MiB from 24 bytes */
    cd_archive_limits limits = { .tensor_bytes = (size_t)1 << 30 };
    cd_archive *a = cd_archive_open_memory("m", f.zip.file.at, f.zip.file.size, &limits);
    assert_non_null(a); /* the caller says it may */
    cd_archive_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(persistent_ids_of_the_wrong_form),
        TEST(keys_without_an_entry),
        TEST(a_declared_size_must_be_the_entrys),
        TEST(one_storage_may_have_two_classes),
        TEST(views_share_one_storage),
        TEST(extents_stay_in_the_storage),
        TEST(extents_that_just_fit),
        TEST(an_empty_tensor_may_lie_anywhere),
        TEST(size_and_stride_of_different_lengths),
        TEST(unreachable_tensors_are_checked_too),
        TEST(too_many_dimensions),
        TEST(huge_expanded_views_meet_the_limit),
    };
    return RUN(tests);
}
