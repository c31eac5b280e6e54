/* The largest pictures: 65535 pixels a side, and 178,956,970 in all, above which PIL refuses a
 * file. */
#include "pictures.h"

#include "core/scope.h"
#include "core/tensor.h"
#include "io/image.h"
#include "io/preprocess_internal.h"

enum { LONGEST = 65535 };

/* --- files ------------------------------------------------------------------------------------ */

/* A grey PNG, black except for its last pixel. */
static void png_of(buffer *b, uint32_t width, uint32_t height)
{
    size_t size = (size_t)(width + 1) * height;
    unsigned char *raw = calloc(1, size);
    assert_non_null(raw);
    raw[size - 1] = 200;
    buffer packed;
    deflate_to(&packed, raw, size);
    free(raw);
    png_begin(b, width, height, 8, 0, 0);
    png_chunk(b, "IDAT", packed.at, packed.size);
    png_chunk(b, "IEND", NULL, 0);
}

/* The file decodes to a picture of width x height whose last pixel is 200. */
static void reads(const buffer *b, int width, int height)
{
    cd_pixels p = { .data = NULL };
    bool done = decode(b->at, b->size, &p);
    assert_that(done, "%s", cd_error_message());
    assert_true(p.width == width && p.height == height);
    size_t last = 3 * ((size_t)width * (size_t)height - 1);
    assert_true(p.data[last] == 200 && p.data[last + 2] == 200 && p.data[0] == 0);
    cd_pixels_free(&p);
}

static void a_side_of_65535_is_read(void **state)
{
    (void)state;
    buffer b;
    png_of(&b, LONGEST, 1);
    reads(&b, LONGEST, 1);
    png_of(&b, 1, LONGEST);
    reads(&b, 1, LONGEST);
    png_of(&b, 20000, 20);
    reads(&b, 20000, 20);
    bmp_begin(&b, &(bmp_head){ .width = LONGEST, .height = 1, .bits = 1 });
    set_le(&b, b.size - 4, 0xc8c8c8, 4);
    for (int i = 0; i < 2048; i++) add_le(&b, i == 2047 ? 2 << 24 : 0, 4);
    reads(&b, LONGEST, 1);
    bmp_begin(&b, &(bmp_head){
                      .width = 1, .height = -LONGEST, .bits = 8, .compression = 1, .colors = 2 });
    set_le(&b, b.size - 4, 0xc8c8c8, 4);
    for (int i = 0; i < 65534 / 255; i++) ADD(&b, "\0\2\0\377"); /* 254 + 254 ... rows down */
    ADD(&b, "\1\1\0\1");
    cd_pixels p;
    assert_true(decode(b.at, b.size, &p));
    assert_int_equal(p.height, LONGEST);
    assert_int_equal(p.data[(size_t)3 * (65534 / 255 * 255)], 200);
    cd_pixels_free(&p);
}

static void png_refused(uint32_t width, uint32_t height, cd_code code, const char *text)
{
    buffer b;
    png_begin(&b, width, height, 8, 0, 0);
    png_chunk(&b, "IDAT", "x", 1);
    refuse_early(b.at, b.size, code, text);
}

static void bmp_refused(int32_t width, int32_t height, int compression, cd_code code,
                        const char *text)
{
    buffer b;
    bmp_begin(
        &b, &(bmp_head){ .width = width, .height = height, .bits = 8, .compression = compression });
    refuse_early(b.at, b.size, code, text);
}

static void larger_ones_are_refused_before_memory_is_taken(void **state)
{
    (void)state;
    png_refused(LONGEST + 1, 1, CD_ERR_UNSUPPORTED,
                "the PNG header says 65536 x 1 pixels; pictures of at most 65535 pixels a side and "
                "178956970 in all are read");
    png_refused(1, LONGEST + 1, CD_ERR_UNSUPPORTED, "1 x 65536");
    png_refused(13377, 13378, CD_ERR_UNSUPPORTED, "178956970 in all");  /* 536 more */
    png_refused(13377, 13377, CD_ERR_FORMAT, "too short for the size"); /* 12,841 fewer */
    png_refused(LONGEST, LONGEST, CD_ERR_UNSUPPORTED, "65535 x 65535");
    bmp_refused(LONGEST + 1, 1, 0, CD_ERR_UNSUPPORTED, "the BMP header says 65536 x 1 pixels");
    bmp_refused(1, -LONGEST - 1, 0, CD_ERR_UNSUPPORTED, "1 x 65536");
    bmp_refused(13377, 13378, 0, CD_ERR_UNSUPPORTED, "178956970 in all");
    bmp_refused(13377, 13377, 0, CD_ERR_FORMAT, "truncated");
    bmp_refused(13377, 13378, 1, CD_ERR_UNSUPPORTED, "178956970 in all");
    bmp_refused(13377, 13377, 1, CD_ERR_FORMAT, "truncated");
}

/* --- from a panorama to a model's input ------------------------------------------------------- */

/* The pictures of golden/panoramas.txt are the top bytes of a linear congruential generator. */
static void panoramas_have_the_pixels_of_pil(void **state)
{
    (void)state;
    FILE *list = fopen(test_path("golden/panoramas.txt"), "r");
    assert_non_null(list);
    cd_pixels in = { .channels = 3 }, out;
    unsigned crc;
    int cases = 0;
    while (fscanf(list, "%d %d %x", &in.width, &in.height, &crc) == 3) {
        size_t count = 3 * (size_t)in.width * (size_t)in.height;
        in.data = malloc(count);
        assert_non_null(in.data);
        uint32_t x = 1;
        for (size_t i = 0; i < count; i++) {
            x = x * 1664525u + 1013904223u;
            in.data[i] = (unsigned char)(x >> 24);
        }
        assert_true(cd_preprocess_pixels(&cd_preprocess_imagenet, &in, &out));
        free(in.data);
        assert_that(pixels_crc(&out) == crc, "%d x %d: %08x, PIL's %08x", in.width, in.height,
                    pixels_crc(&out), crc);
        cd_pixels_free(&out);
        cases++;
    }
    fclose(list);
    assert_int_equal(cases, 3);
}

/* Every picture that can be read can be preprocessed. The longest, 65535 x 1, is resized to a
 * length of 65535 x 16384, of which only the crop is computed. */
static void the_longest_picture_can_be_prepared(void **state)
{
    (void)state;
    const cd_preprocess recipes[] = {
        { .resize = 256, .crop_width = 224, .crop_height = 224, .channels = 3, .std = { 1, 1, 1 } },
        { .resize = 16384, .crop_width = 5, .crop_height = 7, .channels = 1, .std = { 1 } },
        { .crop_width = 28, .crop_height = 28, .channels = 1, .std = { 1 } },
        { .crop_width = 16384, .crop_height = 1, .channels = 3, .std = { 1, 1, 1 } },
    };
    buffer b;
    for (int portrait = 0; portrait < 2; portrait++) {
        png_of(&b, portrait ? 1 : LONGEST, portrait ? LONGEST : 1);
        const char *path = test_write("long.png", b.at, b.size);
        for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
            CD_SCOPE();
            cd_tensor *t = cd_load_image(path, &recipes[i]);
            assert_that(t != NULL, "%s", cd_error_message());
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_side_of_65535_is_read),
        TEST(larger_ones_are_refused_before_memory_is_taken),
        TEST(panoramas_have_the_pixels_of_pil),
        TEST(the_longest_picture_can_be_prepared),
    };
    return RUN(tests);
}
