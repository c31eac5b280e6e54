/* The functions of pixel_set_internal.h. */
#include "io/pixel_set_internal.h"

#include <math.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/preprocess_internal.h"

void cd_pixel_set_size(cd_pixel_set *s, int64_t count, int channels, int height, int width)
{
    s->dataset.count = count;
    s->dataset.preprocess = (cd_preprocess){
        .crop_height = height, .crop_width = width, .channels = channels, .std = { 1, 1, 1 }
    };
    s->dataset.sample_shape = cd_preprocess_shape(&s->dataset.preprocess);
}

/* Pixels of one channel of one picture. */
static int64_t plane_of(const cd_pixel_set *s)
{
    const cd_preprocess *recipe = &s->dataset.preprocess;
    return (int64_t)recipe->crop_height * recipe->crop_width;
}

/* Sets a channel's mean and std to those of all its pixels / 255. They are computed from a
 * histogram of the 256 levels, so that no sum of many terms loses digits. */
static void measure(cd_pixel_set *s, int channel)
{
    cd_preprocess *recipe = &s->dataset.preprocess;
    int64_t histogram[256] = { 0 }, plane = plane_of(s), pixels = s->dataset.count * plane;
    for (int64_t i = 0; i < s->dataset.count; i++) {
        const unsigned char *from = s->pixels + (i * recipe->channels + channel) * plane;
        for (int64_t p = 0; p < plane; p++) histogram[from[p]]++;
    }
    double sum = 0, squares = 0;
    for (int v = 0; v < 256; v++) {
        sum += (double)histogram[v] * v / 255;
        squares += (double)histogram[v] * v / 255 * v / 255;
    }
    double mean = sum / (double)pixels;
    double deviation = sqrt(fmax(squares / (double)pixels - mean * mean, 0));
    recipe->mean[channel] = mean;
    recipe->std[channel] = deviation > 0 ? deviation : 1; /* all pixels may be equal */
}

static bool check_recipe(const cd_pixel_set *s, const cd_preprocess *given)
{
    const cd_preprocess *own = &s->dataset.preprocess;
    int shorter = own->crop_width < own->crop_height ? own->crop_width : own->crop_height;
    if (given->channels == own->channels && given->crop_width == own->crop_width &&
        given->crop_height == own->crop_height &&
        (given->resize == 0 || given->resize == shorter)) {
        return true;
    }
    char resized[32] = "";
    if (given->resize) (void)cd_format(resized, sizeof resized, ", resized to %d", given->resize);
    return cd_fail(CD_ERR_SHAPE,
                   "data set %s: its pictures are %s, %d x %d x %d, and taken as they are, but the "
                   "preprocessing makes pictures of %d x %d x %d%s",
                   s->dataset.name, own->channels == 1 ? "grey" : "RGB", own->channels,
                   own->crop_height, own->crop_width, given->channels, given->crop_height,
                   given->crop_width, resized);
}

bool cd_pixel_set_recipe(cd_pixel_set *s, const cd_preprocess *given)
{
    cd_preprocess *recipe = &s->dataset.preprocess;
    if (given && !check_recipe(s, given)) return false;
    if (given) *recipe = *given;
    for (int c = 0; c < recipe->channels; c++) {
        if (!given) measure(s, c);
        float mean = (float)recipe->mean[c], deviation = (float)recipe->std[c];
        for (int v = 0; v < 256; v++) {
            int level = recipe->invert ? 255 - v : v;
            s->value[c][v] = ((float)level / 255.0F - mean) / deviation;
        }
    }
    return true;
}

bool cd_pixel_set_sample(const cd_dataset *d, int64_t i, float *out)
{
    const cd_pixel_set *s = (const cd_pixel_set *)d;
    int64_t plane = plane_of(s);
    const unsigned char *from = s->pixels + i * d->preprocess.channels * plane;
    for (int c = 0; c < d->preprocess.channels; c++, from += plane, out += plane) {
        for (int64_t p = 0; p < plane; p++) out[p] = s->value[c][from[p]];
    }
    return true;
}

int64_t cd_pixel_set_label(const cd_dataset *d, int64_t i)
{
    return ((const cd_pixel_set *)d)->labels[i];
}

void cd_pixel_set_destroy(cd_dataset *d)
{
    cd_pixel_set *s = (cd_pixel_set *)d;
    cd_dataset_free_classes(d);
    cd_free(s->labels);
    cd_free(s->pixels);
}
