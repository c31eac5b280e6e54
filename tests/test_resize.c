/* Resizing against PIL, windows, and torchvision's rules for sizes and crops. */
#include "test.h"

#include <zlib.h>

#include "core/memory_internal.h"
#include "core/threads.h"
#include "io/resize_internal.h"

/* The pictures of golden/resize.txt: the top bytes of a linear congruential generator. */
static unsigned char *noise(size_t count)
{
    unsigned char *bytes = malloc(count);
    assert_non_null(bytes);
    uint32_t x = 1;
    for (size_t i = 0; i < count; i++) {
        x = x * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(x >> 24);
    }
    return bytes;
}

static void any_size_to_any_size_is_bit_equal_to_pil(void **state)
{
    (void)state;
    FILE *list = fopen(test_path("golden/resize.txt"), "r");
    assert_non_null(list);
    int cases = 0, in_width, in_height, channels, width, height;
    unsigned crc;
    while (fscanf(list, "%d %d %d %d %d %x", &in_width, &in_height, &channels, &width, &height,
                  &crc) == 6) {
        unsigned char *in = noise((size_t)(in_width * in_height * channels));
        size_t size = (size_t)(width * height * channels);
        unsigned char *out = malloc(size);
        assert_true(
            cd_resize_bilinear(in, in_width, in_height, channels, width, height, NULL, out));
        unsigned got = (unsigned)crc32(0, out, (uInt)size);
        assert_that(got == crc, "%d x %d x %d to %d x %d: %08x, PIL's %08x", in_width, in_height,
                    channels, width, height, got, crc);
        free(in);
        free(out);
        cases++;
    }
    fclose(list);
    assert_int_equal(cases, 67);
}

static void a_window_equals_a_crop_of_the_whole(void **state)
{
    (void)state;
    enum { WIDTH = 41, HEIGHT = 37 };
    unsigned char *in = noise(90 * 70 * 3);
    unsigned char whole[HEIGHT * WIDTH * 3], part[HEIGHT * WIDTH * 3];
    assert_true(cd_resize_bilinear(in, 90, 70, 3, WIDTH, HEIGHT, NULL, whole));
    static const cd_window windows[] = {
        { 0, 0, 1, 1 }, { 40, 36, 1, 1 }, { 5, 7, 20, 11 }, { 0, 30, 41, 7 }, { 33, 0, 8, 37 }
    };
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        const cd_window *w = &windows[i];
        assert_true(cd_resize_bilinear(in, 90, 70, 3, WIDTH, HEIGHT, w, part));
        for (int y = 0; y < w->height; y++) {
            assert_memory_equal(part + y * w->width * 3, whole + ((y + w->y) * WIDTH + w->x) * 3,
                                (size_t)w->width * 3);
        }
    }
    free(in);
}

static void the_number_of_threads_does_not_matter(void **state)
{
    (void)state;
    enum { BYTES = 200 * 150 * 3 };
    static unsigned char one[BYTES], several[BYTES];
    unsigned char *in = noise(333 * 257 * 3);
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    assert_true(cd_resize_bilinear(in, 333, 257, 3, 200, 150, NULL, one));
    for (int threads = 2; threads <= 8; threads *= 2) {
        assert_true(cd_set_num_threads(threads));
        memset(several, 0, BYTES);
        assert_true(cd_resize_bilinear(in, 333, 257, 3, 200, 150, NULL, several));
        assert_memory_equal(several, one, BYTES);
    }
    assert_true(cd_set_num_threads(before));
    free(in);
}

static void flat_pictures_stay_flat(void **state)
{
    (void)state;
    unsigned char in[50 * 40], out[64 * 64];
    for (int level = 0; level < 256; level += 15) {
        memset(in, level, sizeof in);
        assert_true(cd_resize_bilinear(in, 50, 40, 1, 64, 3, NULL, out));
        for (int i = 0; i < 64 * 3; i++) assert_int_equal(out[i], level);
    }
}

static void bad_arguments_are_errors(void **state)
{
    (void)state;
    unsigned char in[12] = { 0 }, out[12];
    assert_false(cd_resize_bilinear(NULL, 2, 2, 3, 2, 2, NULL, out));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_false(cd_resize_bilinear(in, 2, 2, 3, 2, 2, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "in and out must not be NULL");
    assert_false(cd_resize_bilinear(in, 2, 2, 0, 2, 2, NULL, out));
    assert_failed_with(CD_ERR_ARGUMENT, "2 x 2 pixels of 0 channels");
    assert_false(cd_resize_bilinear(in, 2, 2, 5, 2, 2, NULL, out));
    assert_failed_with(CD_ERR_ARGUMENT, "2 x 2 pixels of 5 channels");
    assert_false(cd_resize_bilinear(in, 0, 2, 3, 2, 2, NULL, out));
    assert_failed_with(CD_ERR_ARGUMENT, "sides must be");
    assert_false(cd_resize_bilinear(in, 2, 2, 3, 2, -1, NULL, out));
    assert_failed_with(CD_ERR_ARGUMENT, "sides must be");
    const cd_window first = { 0, 0, 1, 1 };
    const int most = 1 << 30;
    assert_true(cd_resize_bilinear(in, 1, 1, 3, most, most, &first, out));
    assert_false(cd_resize_bilinear(in, 1, 1, 3, most + 1, 1, &first, out));
    assert_failed_with(CD_ERR_ARGUMENT, "to 1073741825 x 1; sides must be");
    assert_false(cd_resize_bilinear(in, 1, 1, 3, 1, most + 1, &first, out));
    assert_failed_with(CD_ERR_ARGUMENT, "to 1 x 1073741825; sides must be");
    static const cd_window outside[] = { { -1, 0, 1, 1 }, { 0, 0, 3, 1 }, { 1, 0, 2, 1 },
                                         { 0, 0, 0, 1 },  { 0, 2, 1, 1 }, { 0, -1, 1, 1 },
                                         { 0, 0, 1, 0 } };
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_false(cd_resize_bilinear(in, 2, 2, 3, 2, 2, &outside[i], out));
        assert_failed_with(CD_ERR_ARGUMENT, "is not within 2 x 2");
    }
}

static int allocations_left;
static bool fail_when_none_left(size_t bytes)
{
    (void)bytes;
    return allocations_left-- <= 0;
}

static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    unsigned char in[300] = { 0 }, out[300];
    int k = 0;
    for (bool done = false; !done; k++) {
        assert_true(k < 50);
        allocations_left = k;
        cd_memory_fault_hook = fail_when_none_left;
        done = cd_resize_bilinear(in, 10, 10, 3, 5, 7, NULL, out);
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_int_equal(k, 8);
}

static void shorter_side(int in_width, int in_height, int shorter, int width, int height)
{
    int w, h;
    cd_resize_shorter_side(in_width, in_height, shorter, &w, &h);
    assert_that(w == width && h == height, "%d x %d to %d: %d x %d", in_width, in_height, shorter,
                w, h);
}

static void the_longer_side_is_truncated(void **state)
{
    (void)state;
    shorter_side(500, 375, 256, 341, 256); /* 341.33 */
    shorter_side(375, 500, 256, 256, 341);
    shorter_side(500, 334, 256, 383, 256); /* 383.2 */
    shorter_side(500, 333, 256, 384, 256); /* 384.4 */
    shorter_side(509, 477, 256, 273, 256);
    shorter_side(399, 300, 256, 340, 256); /* 340.48 */
    shorter_side(768, 513, 256, 383, 256); /* 383.25 */
    shorter_side(767, 513, 256, 382, 256); /* 382.75 */
    shorter_side(300, 300, 256, 256, 256);
    shorter_side(10, 20, 256, 256, 512);
    shorter_side(1, 16384, 256, 256, 4194304);
    shorter_side(65535, 1, 16384, 65535 * 16384, 16384); /* the most that is resized */
}

/* INT32_MAX is above the largest side that is resized, so such a size is refused there. */
static void a_longer_side_beyond_all_numbers_is_the_largest(void **state)
{
    (void)state;
    shorter_side(INT32_MAX, 1, 1, INT32_MAX, 1);
    shorter_side(INT32_MAX, 1, 2, INT32_MAX, 2);
    shorter_side(1, INT32_MAX, 2, 2, INT32_MAX);
    shorter_side(65536, 1, 32768, INT32_MAX, 32768); /* 2^31 */
    shorter_side(1, 65536, 65537, 65537, INT32_MAX); /* 2^32 + 2^16 */
    shorter_side(1, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX);
}

static void the_crop_offset_is_rounded_half_to_even(void **state)
{
    (void)state;
    assert_int_equal(cd_center_crop_offset(341, 224), 58); /* 58.5 */
    assert_int_equal(cd_center_crop_offset(343, 224), 60); /* 59.5 */
    assert_int_equal(cd_center_crop_offset(256, 224), 16);
    assert_int_equal(cd_center_crop_offset(225, 224), 0); /* 0.5 */
    assert_int_equal(cd_center_crop_offset(227, 224), 2); /* 1.5 */
    assert_int_equal(cd_center_crop_offset(224, 224), 0);
    assert_int_equal(cd_center_crop_offset(221, 224), -1); /* 1 before and 2 behind */
    assert_int_equal(cd_center_crop_offset(220, 224), -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(any_size_to_any_size_is_bit_equal_to_pil),
        TEST(a_window_equals_a_crop_of_the_whole),
        TEST(the_number_of_threads_does_not_matter),
        TEST(flat_pictures_stay_flat),
        TEST(bad_arguments_are_errors),
        TEST(every_failed_allocation_is_a_clean_error),
        TEST(the_longer_side_is_truncated),
        TEST(a_longer_side_beyond_all_numbers_is_the_largest),
        TEST(the_crop_offset_is_rounded_half_to_even),
    };
    return RUN(tests);
}
