/* Preprocessing of a picture. The input is a preprocessing recipe, two bytes, and a picture file.
 * If the rest is no picture file, it is taken as the pixels of a picture whose sides are the two
 * bytes.
 *
 * Checked: bytes that are no picture file are refused with an error; a valid recipe succeeds, or
 * fails only for lack of memory, and any other is refused; each value is the normalised value of
 * its pixel, (x / 255 - mean) / std; a recipe that does not resize, crop, invert or convert to grey
 * leaves the pixels as they are. */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/threads.h"
#include "io/preprocess_internal.h"
#include "tests/fuzz/decoded.h"

enum { OUT_MAX = 1 << 13, PREPARED_MEMORY = 1 << 18 };

static double read_double(fuzz_input *in)
{
    double value = 0;
    fuzz_input bytes = fuzz_take(in, sizeof value);
    if (bytes.size == sizeof value) memcpy(&value, bytes.data, sizeof value);
    return value;
}

/* Reads a recipe. A flag chooses sides of any size, or small ones, which are quick to compute;
 * another ImageNet's mean and std, or any. */
static cd_preprocess read_recipe(fuzz_input *in)
{
    unsigned flags = fuzz_u8(in), most = flags & 16 ? UINT16_MAX : 63;
    cd_preprocess r = { .resize = (int)(fuzz_u16(in) & most),
                        .crop_width = (int)(fuzz_u16(in) & most),
                        .crop_height = (int)(fuzz_u16(in) & most),
                        .channels = flags & 1 ? 1 : 3,
                        .invert = flags & 2,
                        .mean = { 0.485, 0.456, 0.406 },
                        .std = { 0.229, 0.224, 0.225 } };
    for (int c = 0; c < 3 && flags & 4; c++) {
        r.mean[c] = read_double(in);
        r.std[c] = read_double(in);
    }
    if (flags & 8) r.resize = 0;
    return r;
}

/* Makes a picture of the remaining bytes. False without memory. */
static bool read_picture(fuzz_input in, cd_pixels *out)
{
    unsigned width = fuzz_u8(&in) % 64 + 1, height = fuzz_u8(&in) % 64 + 1;
    if (fuzz_decoded(in.data, in.size, out)) return true;
    size_t count = (size_t)width * height * 3;
    *out = (cd_pixels){ (int)width, (int)height, 3, 0, 0, cd_alloc(count) };
    for (size_t i = 0; out->data && i < count; i++) {
        out->data[i] = in.size > 0 ? in.data[i % in.size] : 0;
    }
    return out->data != NULL;
}

static void check_values(const cd_preprocess *r, const cd_pixels *pixels, const float *out)
{
    int64_t plane = (int64_t)r->crop_width * r->crop_height;
    FUZZ_CHECK(pixels->width == r->crop_width && pixels->height == r->crop_height);
    for (int c = 0; c < r->channels; c++) {
        float mean = (float)r->mean[c], std = (float)r->std[c];
        for (int64_t i = 0; i < plane; i++) {
            float x = pixels->data[i * pixels->channels + (pixels->channels == 3 ? c : 0)];
            float wanted = (x / 255.0F - mean) / std;
            FUZZ_CHECK(memcmp(&wanted, &out[c * plane + i], sizeof wanted) == 0);
        }
    }
}

static void prepare(const cd_preprocess *r, const cd_pixels *picture)
{
    static float out[OUT_MAX];
    bool fits = (int64_t)r->crop_width * r->crop_height * r->channels <= OUT_MAX;
    cd_pixels pixels = { .data = NULL };
    cd_memory_limit(cd_memory_stats().bytes_in_use + PREPARED_MEMORY);
    if (!cd_preprocess_pixels(r, picture, &pixels)) {
        FUZZ_CHECK(!pixels.data);
        FUZZ_CHECK(fuzz_refused() == (cd_preprocess_fault(r) ? CD_ERR_ARGUMENT : CD_ERR_MEMORY));
        return;
    }
    FUZZ_CHECK(!cd_preprocess_fault(r));
    bool unchanged = r->resize == 0 && r->channels == 3 && !r->invert &&
                     r->crop_width == picture->width && r->crop_height == picture->height;
    if (unchanged) FUZZ_CHECK(fuzz_same_pixels(&pixels, picture));
    if (fits && cd_preprocess_run(r, picture, out)) check_values(r, &pixels, out);
    if (!cd_ok()) FUZZ_CHECK(fuzz_refused() == CD_ERR_MEMORY);
    cd_pixels_free(&pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_CHECK(cd_set_num_threads(1)); /* the pictures are small */
    fuzz_begin(FUZZ_PICTURE_MEMORY);
    fuzz_input in = { data, size };
    cd_preprocess recipe = read_recipe(&in);
    cd_pixels picture = { .data = NULL };
    if (read_picture(in, &picture)) prepare(&recipe, &picture);
    cd_pixels_free(&picture);
    fuzz_end();
    return 0;
}
