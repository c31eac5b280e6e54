/* PyTorch's files, read as they are, and after damage. */
#include "pth_file.h"

/* --- what is right ---------------------------------------------------------------------------- */

static void a_state_dict_is_read(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, STATE(TENSOR));
    assert_non_null(a);
    assert_string_equal(a->kind, "PyTorch zip");
    assert_int_equal(a->count, 1);
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
}

static void pytorchs_own_file_is_read(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats.pth"));
    assert_non_null(a);
    assert_int_equal(a->count, 18);
    assert_string_equal(a->entries[0].name, "f32");
    assert_string_equal(a->entries[17].name, "parameter");
    values_count_up(a, "f32", CD_SHAPE(2, 3));
    values_count_up(a, "f64", CD_SHAPE(3));
    values_count_up(a, "f16", CD_SHAPE(5));
    values_count_up(a, "bf16", CD_SHAPE(5));
    values_count_up(a, "i64", CD_SHAPE(2, 2));
    values_count_up(a, "i32", CD_SHAPE(4));
    values_count_up(a, "u8", CD_SHAPE(7));
    values_count_up(a, "shared.whole", CD_SHAPE(4, 6));
    values_count_up(a, "parameter", CD_SHAPE(3));
    values_count_up(a, "empty", CD_SHAPE(0, 3));
    cd_archive_close(a);
}

static void small_integers_keep_their_sign(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats.pth"));
    static const char *const names[] = { "i16", "i8" };
    for (int k = 0; k < 2; k++) {
        int32_t narrow[4];
        int64_t wide[4];
        const cd_archive_entry *e = cd_archive_find(a, names[k]);
        assert_int_equal(cd_file_dtype_native(e->dtype), CD_I32);
        assert_true(cd_archive_read(a, e, CD_I32, narrow));
        assert_true(cd_archive_read(a, e, CD_I64, wide));
        for (int i = 0; i < 4; i++) {
            assert_int_equal(narrow[i], -i);
            assert_int_equal(wide[i], -i);
        }
    }
    cd_archive_close(a);
}

static void bools_and_scalars(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats.pth"));
    uint8_t truth[3];
    assert_true(cd_archive_read(a, cd_archive_find(a, "bool"), CD_BOOL, truth));
    assert_memory_equal(truth, "\1\0\1", 3);
    int64_t seven = 0;
    const cd_archive_entry *e = cd_archive_find(a, "scalar");
    assert_int_equal(e->shape.ndim, 0);
    assert_int_equal(e->elements, 1);
    assert_true(cd_archive_read(a, e, CD_I64, &seven));
    assert_int_equal(seven, 7);
    cd_archive_close(a);
}

static void views_of_one_storage(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats.pth"));
    float t[24], slice[6], step[4], expanded[12];
    const cd_archive_entry *e = cd_archive_find(a, "shared.t");
    assert_true(cd_shape_equal(e->shape, CD_SHAPE(6, 4)));
    assert_int_equal(e->stride[0], 1);
    assert_int_equal(e->stride[1], 6);
    assert_true(cd_archive_read(a, e, CD_F32, t));
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 4; j++) assert_close((double)t[i * 4 + j], j * 6 + i, 0, 0);
    }
    e = cd_archive_find(a, "shared.slice");
    assert_true(cd_archive_read(a, e, CD_F32, slice));
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++)
            assert_close((double)slice[i * 3 + j], (i + 1) * 6 + j + 2, 0, 0);
    }
    e = cd_archive_find(a, "shared.step");
    assert_true(cd_archive_read(a, e, CD_F32, step));
    assert_close((double)step[0], 0, 0, 0);
    assert_close((double)step[1], 3, 0, 0);
    assert_close((double)step[2], 12, 0, 0);
    assert_close((double)step[3], 15, 0, 0);
    e = cd_archive_find(a, "expanded");
    assert_true(cd_shape_equal(e->shape, CD_SHAPE(3, 4)));
    assert_int_equal(e->bytes, 4);
    assert_true(cd_archive_read(a, e, CD_F32, expanded));
    for (int i = 0; i < 12; i++) assert_close((double)expanded[i], 5, 0, 0);
    cd_archive_close(a);
}

static void a_wrapped_state_dict(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats_wrapped.pth"));
    assert_non_null(a);
    assert_int_equal(a->count, 2);
    values_count_up(a, "module.fc.weight", CD_SHAPE(2, 2));
    values_count_up(a, "module.fc.bias", CD_SHAPE(2));
    assert_null(
        cd_archive_find(a, "fc.bias")); /* the file's names stay: only cd_load takes prefixes off */
    assert_int_equal(a->metadata_count, 5);
    assert_string_equal(cd_archive_metadata(a, "epoch"), "12");
    assert_string_equal(cd_archive_metadata(a, "best_prec1"), "91.78");
    assert_string_equal(cd_archive_metadata(a, "arch"), "resnet20");
    assert_string_equal(cd_archive_metadata(a, "done"), "True");
    assert_string_equal(cd_archive_metadata(a, "nothing"), "None");
    assert_null(cd_archive_metadata(a, "optimizer"));
    cd_archive_close(a);
}

static void other_wrappers(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, "\x80\x02}U\5model}U\1w" TENSOR "ss.");
    assert_non_null(a);
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
    a = OPEN(&f, "\x80\x02}U\x10model_state_dict}U\1w" TENSOR "ss.");
    assert_non_null(a);
    cd_archive_close(a);
    a = OPEN(&f, "\x80\x02}(U\4best" TENSOR "U\x0Astate_dict}U\1w" TENSOR "su.");
    assert_non_null(a); /* a tensor beside a state dict is not one of its entries */
    assert_int_equal(a->count, 1);
    cd_archive_close(a);
    a = OPEN(&f,
             "\x80\x02}(U\x10model_state_dict}U\1v" TENSOR "sU\x0Astate_dict}U\1w" TENSOR "su.");
    assert_non_null(a); /* "state_dict" goes before "model_state_dict" */
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
    a = OPEN(&f, "\x80\x02}U\5model" TENSOR "s.");
    assert_non_null(a); /* "model" is a parameter here, not a dict */
    values_count_up(a, "model", CD_SHAPE(2, 3));
    cd_archive_close(a);
}

static void an_empty_state_dict(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, "\x80\x02}.");
    assert_non_null(a);
    assert_int_equal(a->count, 0);
    cd_archive_close(a);
}

static void newer_dtypes_over_untyped_storages(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_path("golden/formats_v3.pth"));
    assert_non_null(a);
    int64_t value[2];
    assert_true(cd_archive_read(a, cd_archive_find(a, "u16"), CD_I64, value));
    assert_int_equal(value[1], 40000);
    assert_true(cd_archive_read(a, cd_archive_find(a, "u32"), CD_I64, value));
    assert_true(value[1] == 4000000000);
    assert_false(cd_archive_read(a, cd_archive_find(a, "u64"), CD_I64, value));
    assert_failed_with(CD_ERR_FORMAT, "element 1 of \"u64\" (U64) does not fit int64");
    const cd_archive_entry *f8 = cd_archive_find(a, "f8");
    assert_int_equal(f8->dtype, CD_FILE_F8_E4M3);
    assert_false(cd_archive_read(a, f8, CD_F32, value));
    assert_failed_with(CD_ERR_UNSUPPORTED, "\"f8\" holds F8_E4M3, which cannot be read as float32");
    cd_archive_close(a);
}

static void python_2_names_are_texts(void **state)
{
    (void)state;
    file f;
    cd_archive *a = OPEN(&f, "\x80\x02}T\1\0\0\0w" TENSOR "s.");
    assert_non_null(a);
    values_count_up(a, "w", CD_SHAPE(2, 3));
    cd_archive_close(a);
}

/* --- the ResNet-18 of the shared files -------------------------------------------------------- */

static void resnet18_equals_pytorchs_reading(void **state)
{
    (void)state;
    cd_archive *a = cd_archive_open(test_shared("weights/resnet18_imagenet.pth"));
    assert_non_null(a);
    assert_int_equal(a->count, 122);
    int64_t parameters = 0;
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
        if (!strstr(e->name, "running") && !strstr(e->name, "num_batches"))
            parameters += e->elements;
    }
    assert_int_equal(parameters, 11689512);
    assert_int_equal(crc, 0xde3ed848); /* zlib.crc32 over torch.load's tensors, in order */
    const cd_archive_entry *e = cd_archive_find(a, "bn1.num_batches_tracked");
    assert_int_equal(e->shape.ndim, 0);
    assert_int_equal(e->dtype, CD_FILE_I64);
    assert_true(cd_shape_equal(cd_archive_find(a, "conv1.weight")->shape, CD_SHAPE(64, 3, 7, 7)));
    cd_archive_close(a);
}

static void loading_takes_little_memory(void **state)
{
    (void)state;
    const char *path = test_shared("weights/resnet18_imagenet.pth");
    cd_memory_trim();
    cd_memory_reset_peak();
    size_t before = cd_memory_stats().bytes_in_use;
    cd_archive *a = cd_archive_open(path);
    assert_non_null(a);
    cd_archive_close(a);
    assert_true(cd_memory_stats().bytes_peak - before < 1 << 20);
}

/* --- abuse ------------------------------------------------------------------------------------ */

static void read_any(const unsigned char *data, size_t size)
{
    cd_archive_limits limits = { .crc = CD_CRC_OFF };
    cd_archive *a = cd_archive_open_memory("m", data, size, &limits);
    for (size_t i = 0; a && i < a->count; i++) {
        const cd_archive_entry *e = &a->entries[i];
        cd_dtype as = cd_file_dtype_native(e->dtype);
        size_t bytes;
        if (as == CD_DTYPE_DEFAULT || !cd_archive_read_size(a, e, as, &bytes)) continue;
        if (bytes > 1 << 20) continue;
        void *out = malloc(bytes ? bytes : 1);
        (void)cd_archive_read(a, e, as, out);
        free(out);
    }
    cd_archive_close(a);
}

static void truncations_and_mutants_do_no_harm(void **state)
{
    (void)state;
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    read_truncations(read_any, f.zip.file.at, f.zip.file.size);
    read_mutants(read_any, f.zip.file.at, f.zip.file.size);
}

/* With CRCs, a mutant is an error or the very same tensors. */
static void crcs_leave_no_silent_change(void **state)
{
    (void)state;
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    static const float expected[] = { 0, 1, 2, 3, 4, 5 };
    int survived = 0;
    for (size_t i = 0; i < f.zip.file.size; i++) {
        unsigned char byte = f.zip.file.at[i];
        for (int bit = 0; bit < 8; bit++) {
            f.zip.file.at[i] = byte ^ (unsigned char)(1 << bit);
            cd_archive *a = open_file(&f);
            float out[6];
            if (a && cd_archive_read(a, cd_archive_find(a, "w"), CD_F32, out)) {
                assert_memory_equal(out, expected, sizeof expected);
                survived++;
            }
            cd_archive_close(a);
            cd_clear_error();
        }
        f.zip.file.at[i] = byte;
    }
    assert_true(survived > 0); /* those of dates, versions and the like */
}

static void truncations_of_pytorchs_file(void **state)
{
    (void)state;
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, test_path("golden/formats.pth"), SIZE_MAX));
    for (size_t i = 0; i < bytes.size; i += 7) {
        assert_null(cd_archive_open_memory("m", bytes.data, i, NULL));
        assert_false(cd_ok());
        cd_clear_error();
    }
    cd_bytes_close(&bytes);
}

static bool open_and_close(void *f)
{
    cd_archive *a = open_file(f);
    cd_archive_close(a);
    return a != NULL;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    assert_true(sweep_memory(open_and_close, &f) >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_state_dict_is_read),
        TEST(pytorchs_own_file_is_read),
        TEST(small_integers_keep_their_sign),
        TEST(bools_and_scalars),
        TEST(views_of_one_storage),
        TEST(a_wrapped_state_dict),
        TEST(other_wrappers),
        TEST(an_empty_state_dict),
        TEST(newer_dtypes_over_untyped_storages),
        TEST(python_2_names_are_texts),
        TEST(resnet18_equals_pytorchs_reading),
        TEST(loading_takes_little_memory),
        TEST(truncations_and_mutants_do_no_harm),
        TEST(crcs_leave_no_silent_change),
        TEST(truncations_of_pytorchs_file),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
