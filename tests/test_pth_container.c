/* The zip container around PyTorch's pickle: zips that torch.save did not write, versions, CRCs. */
#include "pth_file.h"

static void torchscript_is_refused(void **state)
{
    (void)state;
    assert_null(cd_archive_open(test_path("golden/formats_script.pth")));
    assert_failed_with(CD_ERR_UNSUPPORTED, "TorchScript program");
    file f;
    start(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    add_floats(&f);
    zip_add(&f.zip, "m/constants.pkl", "x", 1);
    finish(&f);
    refuses_file(&f, CD_ERR_UNSUPPORTED, "TorchScript program");
    start(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    add_floats(&f);
    zip_add(&f.zip, "m/code/__torch__.py", "x", 1);
    finish(&f);
    refuses_file(&f, CD_ERR_UNSUPPORTED, "TorchScript program");
}

static void entries_in_several_folders(void **state)
{
    (void)state;
    file f;
    start(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    add_floats(&f);
    zip_add(&f.zip, "n/other", "x", 1);
    finish(&f);
    refuses_file(&f, CD_ERR_UNSUPPORTED, "do not lie in one folder");
}

static void other_zips(void **state)
{
    (void)state;
    zip_builder z = { .count = 0 };
    zip_add(&z, "readme.txt", "x", 1);
    (void)zip_end(&z, true);
    assert_null(cd_archive_open_memory("m", z.file.at, z.file.size, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "not one that torch.save");
    static const char *const names[] = { "npy", "x.np", "a" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        z = (zip_builder){ .count = 0 };
        zip_add(&z, names[i], "x", 1);
        (void)zip_end(&z, true);
        assert_null(cd_archive_open_memory("m", z.file.at, z.file.size, NULL));
        assert_failed_with(CD_ERR_UNSUPPORTED, "not one that torch.save");
    }
    z = (zip_builder){ .count = 0 };
    zip_add(&z, "folder/data.pkl", "x", 1);
    zip_add(&z, "f", "x", 1); /* its name is shorter than the folder's */
    (void)zip_end(&z, true);
    assert_null(cd_archive_open_memory("m", z.file.at, z.file.size, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "do not lie in one folder");
    z = (zip_builder){ .count = 0 };
    zip_add(&z, "docs/readme.txt", "x", 1);
    (void)zip_end(&z, true);
    assert_null(cd_archive_open_memory("m", z.file.at, z.file.size, NULL));
    assert_failed_with(CD_ERR_UNSUPPORTED, "it has no data.pkl");
}

static void versions_and_byte_orders(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        cd_code code;
    } cases[] = {
        { "m/version", "1", CD_OK },
        { "m/version", "5\n", CD_OK },
        { "m/version", "0\n", CD_ERR_FORMAT },
        { "m/version", "\n", CD_ERR_FORMAT },
        { "m/version", "", CD_ERR_FORMAT },
        { "m/version", "3x", CD_ERR_FORMAT },
        { "m/version", "99999999999", CD_ERR_FORMAT },
        { "m/byteorder", "little", CD_OK },
        { "m/byteorder", "big", CD_OK },
        { "m/byteorder", "middle", CD_ERR_FORMAT },
        { "m/byteorder", "bog", CD_ERR_FORMAT },
        { "m/byteorder", "", CD_ERR_FORMAT },
        { "m/.data/serialization_id", "0123", CD_OK },
        { "m/.format_version", "1", CD_OK },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        file f;
        start(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
        add_floats(&f);
        zip_add(&f.zip, cases[i].name, cases[i].text, strlen(cases[i].text));
        (void)zip_end(&f.zip, true);
        cd_archive *a = open_file(&f);
        assert_that(cd_error_code() == cases[i].code, "%s \"%s\": %s", cases[i].name, cases[i].text,
                    cd_error_message());
        cd_archive_close(a);
        cd_clear_error();
    }
}

static void something_after_the_pickle(void **state)
{
    (void)state;
    REFUSES("data.pkl goes on after its STOP", "\x80\x02}..");
}

static void a_damaged_pickle_is_found_by_its_crc(void **state)
{
    (void)state;
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    f.zip.file.at[30 + 10 + 5] ^= 1;
    refuses_file(&f, CD_ERR_FORMAT, "\"m/data.pkl\" is damaged");
}

static void damaged_data_are_found_when_read(void **state)
{
    (void)state;
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    cd_archive *a = open_file(&f);
    assert_non_null(a);
    f.zip.file.at[a->entries[0].offset + 2] ^= 1;
    float out[6];
    assert_false(cd_archive_read(a, &a->entries[0], CD_F32, out));
    assert_failed_with(CD_ERR_FORMAT, "the data of \"w\" are damaged: their CRC is");
    assert_false(cd_archive_read(a, &a->entries[0], CD_F32, out)); /* and again */
    assert_failed_with(CD_ERR_FORMAT, "damaged");
    cd_archive_close(a);
}

static int warnings;
static void count_warnings(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING && strstr(message, "CRC")) warnings++;
}

static void crcs_may_be_a_warning_or_nothing(void **state)
{
    (void)state;
    file f;
    make(&f, STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    static const cd_crc_check checks[] = { CD_CRC_WARN, CD_CRC_OFF };
    for (int i = 0; i < 2; i++) {
        cd_archive_limits limits = { .crc = checks[i] };
        cd_archive *a = cd_archive_open_memory("m", f.zip.file.at, f.zip.file.size, &limits);
        assert_non_null(a);
        unsigned char *byte = &f.zip.file.at[a->entries[0].offset + 2];
        *byte ^= 1;
        float out[6];
        warnings = 0;
        cd_set_logger(count_warnings, NULL);
        assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
        assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
        cd_set_logger(NULL, NULL);
        assert_int_equal(warnings, checks[i] == CD_CRC_WARN);
        *byte ^= 1;
        cd_archive_close(a);
    }
}

/* As torch.save writes it after torch.serialization.set_crc32_options(False). With `but_one`,
 * data/0 has its CRC all the same. */
static void make_without_crcs(file *f, bool but_one)
{
    f->zip = (zip_builder){ .no_crc = true };
    zip_add(&f->zip, "m/data.pkl", STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    f->zip.no_crc = !but_one;
    add_floats(f);
    f->zip.no_crc = true;
    finish(f);
}

static void crcs_that_the_writer_left_at_zero_are_a_warning(void **state)
{
    (void)state;
    file f;
    make_without_crcs(&f, false);
    for (int damaged = 0; damaged < 2; damaged++) {
        warnings = 0;
        cd_set_logger(count_warnings, NULL);
        cd_archive *a = open_file(&f);
        assert_non_null(a);
        if (damaged) f.zip.file.at[a->entries[0].offset + 2] ^= 1;
        float out[6];
        assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
        assert_true(cd_archive_read(a, &a->entries[0], CD_F32, out));
        if (!damaged) values_count_up(a, "w", CD_SHAPE(2, 3));
        cd_archive_close(a);
        cd_set_logger(NULL, NULL);
        assert_int_equal(warnings, 1); /* once per file */
    }
    cd_archive_limits off = { .crc = CD_CRC_OFF };
    warnings = 0;
    cd_set_logger(count_warnings, NULL);
    cd_archive_close(cd_archive_open_memory("m", f.zip.file.at, f.zip.file.size, &off));
    cd_set_logger(NULL, NULL);
    assert_int_equal(warnings, 0); /* no comparison was asked for, so nothing is missing */
}

static void one_crc_of_zero_among_others_is_an_error(void **state)
{
    (void)state;
    file f;
    make_without_crcs(&f, true); /* data.pkl has 0, data/0 has not */
    refuses_file(&f, CD_ERR_FORMAT, "\"m/data.pkl\" is damaged: its CRC is");
    f.zip = (zip_builder){ .count = 0 };
    zip_add(&f.zip, "m/data.pkl", STATE(TENSOR), sizeof(STATE(TENSOR)) - 1);
    f.zip.no_crc = true;
    add_floats(&f);
    f.zip.no_crc = false;
    finish(&f);
    cd_archive *a = open_file(&f);
    float out[6];
    assert_non_null(a);
    assert_false(cd_archive_read(a, &a->entries[0], CD_F32, out));
    assert_failed_with(CD_ERR_FORMAT, "the file says 00000000");
    cd_archive_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(torchscript_is_refused),
        TEST(entries_in_several_folders),
        TEST(other_zips),
        TEST(versions_and_byte_orders),
        TEST(something_after_the_pickle),
        TEST(a_damaged_pickle_is_found_by_its_crc),
        TEST(damaged_data_are_found_when_read),
        TEST(crcs_may_be_a_warning_or_nothing),
        TEST(crcs_that_the_writer_left_at_zero_are_a_warning),
        TEST(one_crc_of_zero_among_others_is_an_error),
    };
    return RUN(tests);
}
