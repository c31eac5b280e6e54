/* Decoding the small pictures of golden/images, whole and damaged, to the pixels of PIL; grey, EXIF
 * orientation, and pictures as tensors. */
#include "pictures.h"

#include <sys/stat.h>

#include "core/scope.h"
#include "core/tensor.h"
#include "io/image_format_internal.h"
#include "io/preprocess_internal.h"

static void small_pictures_have_the_pixels_of_pil(void **state)
{
    (void)state;
    load_samples();
    for (int i = 0; i < sample_count; i++) {
        const sample *s = &samples[i];
        cd_pixels p;
        bool done = cd_image_decode(s->bytes, s->size, s->name, &p);
        assert_that(done, "%s", cd_error_message());
        assert_that(p.width == s->width && p.height == s->height && p.channels == 3,
                    "%s: %d x %d x %d", s->name, p.width, p.height, p.channels);
        assert_that(pixels_crc(&p) == s->crc, "%s: crc %08x, PIL's %08x", s->name, pixels_crc(&p),
                    s->crc);
        assert_that(p.orientation == s->orientation, "%s: orientation %d", s->name, p.orientation);
        cd_pixels_free(&p);
    }
}

/* --- logged warnings -------------------------------------------------------------------------- */

static void decode_logging(const char *name, cd_pixels *out)
{
    const sample *s = sample_named(name);
    assert_true(decode(s->bytes, s->size, out));
}

static void damage_that_can_be_stepped_over_is_a_warning(void **state)
{
    (void)state;
    cd_pixels p;
    decode_logging("jpeg_damaged_24x24.jpg", &p);
    assert_true(p.warnings > 0);
    assert_that(strstr(logged, "picture: JPEG: damaged near byte 523") &&
                    strstr(logged, "extraneous bytes before marker"),
                "\"%s\"", logged);
    cd_pixels_free(&p);
    decode_logging("jpeg_restart_24x24.jpg", &p);
    assert_int_equal(p.warnings, 0);
    assert_string_equal(logged, "");
    cd_pixels_free(&p);
}

static void clipped_16_bit_grey_is_a_warning(void **state)
{
    (void)state;
    cd_pixels p;
    decode_logging("png_grey_16.png", &p);
    assert_that(strstr(logged, "16-bit grey"), "\"%s\"", logged);
    cd_pixels_free(&p);
}

/* --- refusals --------------------------------------------------------------------------------- */

static void null_arguments_are_errors(void **state)
{
    (void)state;
    cd_pixels p;
    assert_false(cd_image_decode(NULL, 4, "x", &p));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_false(cd_image_read(NULL, &p));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_false(cd_image_decode("BM", 2, "x", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "image_decode: bytes and out must not be NULL");
    assert_false(cd_image_read("x", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "image_read: path and out must not be NULL");
    assert_false(cd_image_decode(NULL, 0, "x", &p));
    assert_failed_with(CD_ERR_FORMAT, "x: the file is empty");
    assert_false(cd_image_decode("GIF8", 4, NULL, &p));
    assert_failed_with(CD_ERR_UNSUPPORTED, "image: this is a GIF image");
}

static void files_that_cannot_be_read_are_io_errors(void **state)
{
    (void)state;
    cd_pixels p;
    assert_false(cd_image_read("/no/such/file.jpg", &p));
    assert_failed_with(CD_ERR_IO, "/no/such/file.jpg: cannot open it: No such file");
    assert_false(cd_image_read(test_folder(), &p));
    assert_failed_with(CD_ERR_IO, "cannot read it: Is a directory");
    assert_false(cd_image_read(test_write("empty.jpg", "", 0), &p));
    assert_failed_with(CD_ERR_FORMAT, "the file is empty");
}

static void the_name_does_not_matter(void **state)
{
    (void)state;
    const sample *s = sample_named("png_rgb_8.png");
    cd_pixels p;
    assert_true(cd_image_read(test_write("picture.jpg", s->bytes, s->size), &p));
    assert_int_equal(pixels_crc(&p), s->crc);
    cd_pixels_free(&p);
}

/* --- every truncation, every byte, every allocation ------------------------------------------- */

static void try_bytes(const sample *s, const unsigned char *bytes, size_t size, bool must_be_equal)
{
    /* A copy of exactly this size, so that a sanitizer sees a read past the end. */
    unsigned char *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    cd_pixels p = { .data = NULL };
    bool done = cd_image_decode(copy, size, s->name, &p);
    free(copy);
    if (!done) {
        cd_error error;
        assert_true(cd_error_take(&error));
        assert_that(error.code == CD_ERR_FORMAT || error.code == CD_ERR_UNSUPPORTED, "%s: %s",
                    s->name, error.message);
        assert_null(p.data);
        return;
    }
    assert_true(cd_ok());
    if (must_be_equal) {
        assert_that(pixels_crc(&p) == s->crc, "%s: damaged, and other pixels", s->name);
    }
    cd_pixels_free(&p);
}

static bool protected_by_crc(const sample *s)
{
    return strncmp(s->name, "png", 3) == 0;
}

static void every_truncation_is_an_error_or_the_same_pixels(void **state)
{
    (void)state;
    load_samples();
    for (int i = 0; i < sample_count; i++) {
        const sample *s = &samples[i];
        if (strcmp(s->name, "jpeg_damaged_24x24.jpg") == 0) continue;
        for (size_t size = 0; size < s->size; size++) try_bytes(s, s->bytes, size, true);
    }
}

static void every_changed_byte_is_an_error_or_a_picture(void **state)
{
    (void)state;
    load_samples();
    static const unsigned char values[] = { 0x00, 0xff };
    for (int i = 0; i < sample_count; i++) {
        const sample *s = &samples[i];
        unsigned char bytes[MAX_BYTES];
        memcpy(bytes, s->bytes, s->size);
        for (size_t at = 0; at < s->size; at++) {
            for (size_t v = 0; v < sizeof values; v++) {
                bytes[at] = values[v];
                try_bytes(s, bytes, s->size, protected_by_crc(s));
            }
            bytes[at] = s->bytes[at];
        }
    }
}

/* For sweep_memory: reads a sample's file, which must give PIL's pixels. */
static bool read_sample(void *user)
{
    const sample *s = user;
    cd_pixels p = { .data = NULL };
    bool done = cd_image_read(sample_path(s), &p);
    assert_true(done == (p.data != NULL));
    if (done) assert_int_equal(pixels_crc(&p), s->crc);
    cd_pixels_free(&p);
    return done;
}

static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    load_samples();
    for (int i = 0; i < sample_count; i++) assert_true(sweep_memory(read_sample, &samples[i]) >= 2);
}

/* --- EXIF and grey ---------------------------------------------------------------------------- */

static void exif_orientation_is_found_in_both_byte_orders(void **state)
{
    (void)state;
    unsigned char little[] = { 'I', 'I', 42, 0,    8, 0, 0, 0, 2, 0, 0x0f, 1, 2, 0, 1, 0, 0, 0, 'x',
                               0,   0,   0,  0x12, 1, 3, 0, 1, 0, 0, 0,    3, 0, 0, 0, 0, 0, 0, 0 };
    assert_int_equal(cd_exif_orientation(little, sizeof little), 3);
    for (size_t size = 0; size < 34; size++) assert_int_equal(cd_exif_orientation(little, size), 0);
    assert_int_equal(cd_exif_orientation(little, 34), 3);
    little[30] = 9; /* no such orientation */
    assert_int_equal(cd_exif_orientation(little, sizeof little), 0);
    unsigned char big[] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                            3,   0,   0, 0,  1, 0, 8, 0, 0, 0, 0, 0,    0 };
    assert_int_equal(cd_exif_orientation(big, sizeof big), 8);
    memset(big + 4, 0xff, 4); /* a directory outside the block */
    assert_int_equal(cd_exif_orientation(big, sizeof big), 0);
}

static void grey_is_pil_s_weighted_sum(void **state)
{
    (void)state;
    /* Image.new("RGB", (1, 1), c).convert("L") of these colours */
    unsigned char colors[] = {
        255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 1, 2, 3, 200, 100, 7
    };
    static const unsigned char grey[] = { 76, 150, 29, 255, 2, 119 };
    cd_pixels in = { .width = 3, .height = 2, .channels = 3, .orientation = 5, .data = colors },
              out;
    assert_true(cd_pixels_to_grey(&in, &out));
    assert_int_equal(out.channels, 1);
    assert_int_equal(out.orientation, 5);
    assert_memory_equal(out.data, grey, sizeof grey);
    cd_pixels_free(&out);
    assert_null(out.data);
    cd_pixels_free(&out);
    cd_pixels_free(NULL);
}

static void grey_of_grey_is_a_copy(void **state)
{
    (void)state;
    unsigned char data[] = { 1, 2, 3, 4, 5, 6 };
    cd_pixels in = { .width = 3, .height = 2, .channels = 1, .data = data }, out;
    in.orientation = 6;
    in.warnings = 2;
    assert_true(cd_pixels_to_grey(&in, &out));
    assert_ptr_not_equal(out.data, data);
    assert_memory_equal(out.data, data, sizeof data);
    assert_true(out.width == 3 && out.height == 2 && out.channels == 1);
    assert_int_equal(out.orientation, 6);
    assert_int_equal(out.warnings, 2);
    cd_pixels_free(&out);
}

/* --- as a tensor ------------------------------------------------------------------------------ */

static const cd_preprocess recipe = {
    .crop_width = 8, .crop_height = 4, .channels = 1, .std = { 1 }
};

static void a_photograph_that_asks_to_be_turned_is_not_turned(void **state)
{
    (void)state;
    CD_SCOPE();
    const sample *s = sample_named("jpeg_turned_6_8x4.jpg");
    logged[0] = '\0';
    cd_set_logger(keep_message, NULL);
    cd_tensor *t = cd_load_image(sample_path(s), &recipe);
    cd_set_logger(NULL, NULL);
    assert_true(cd_shape_equal(cd_shape_of(t), CD_SHAPE(1, 4, 8)));
    assert_that(strstr(logged, "jpeg_turned_6_8x4.jpg: the EXIF tag asks for a turned or mirrored "
                               "picture (6), which is not done"),
                "\"%s\"", logged);
    logged[0] = '\0';
    cd_set_logger(keep_message, NULL);
    t = cd_load_image(sample_path(sample_named("jpeg_grey_15x11.jpg")), &recipe);
    cd_set_logger(NULL, NULL);
    assert_non_null(t);
    assert_string_equal(logged, "");
}

static bool load_sample(void *user)
{
    CD_SCOPE();
    cd_tensor *t = cd_load_image(user, &recipe);
    return t != NULL && cd_shape_equal(cd_shape_of(t), CD_SHAPE(1, 4, 8));
}

static void no_memory_for_the_tensor_is_an_error(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", sample_path(sample_named("png_rgb_8.png")));
    assert_true(sweep_memory(load_sample, path) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(small_pictures_have_the_pixels_of_pil),
        TEST(damage_that_can_be_stepped_over_is_a_warning),
        TEST(clipped_16_bit_grey_is_a_warning),
        TEST(null_arguments_are_errors),
        TEST(files_that_cannot_be_read_are_io_errors),
        TEST(the_name_does_not_matter),
        TEST(every_truncation_is_an_error_or_the_same_pixels),
        TEST(every_changed_byte_is_an_error_or_a_picture),
        TEST(every_failed_allocation_is_a_clean_error),
        TEST(exif_orientation_is_found_in_both_byte_orders),
        TEST(grey_of_grey_is_a_copy),
        TEST(a_photograph_that_asks_to_be_turned_is_not_turned),
        TEST(no_memory_for_the_tensor_is_an_error),
        TEST(grey_is_pil_s_weighted_sum),
    };
    return RUN(tests);
}
