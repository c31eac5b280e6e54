/* Mirroring. */
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/object_internal.h"
#include "io/transforms/settings_internal.h"

static void mirror_row(const float *in, int64_t width, float *out)
{
    for (int64_t x = 0; x < width; x++) out[x] = in[width - 1 - x];
}

/* Whether the flip is to be done; *failed with an error. */
static bool chosen(const cd_transform *t, cd_generator *g, bool *failed)
{
    cd_generator_state *state;
    *failed = !cd_draws_begin(t->name, g, &state);
    if (*failed) return false;
    bool chance = cd_draw_chance(state, t->value[FLIP_P]);
    cd_generator_unlock(g);
    return chance;
}

static cd_tensor *horizontal(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    float *out;
    bool failed;
    if (!cd_picture_open(t->name, x, &in)) return NULL;
    if (!chosen(t, g, &failed)) return failed ? NULL : x;
    cd_tensor *y = cd_picture_new(t->name, in.channels, in.height, in.width, &out);
    if (!y) return NULL;
    int64_t rows = in.channels * in.height;
    for (int64_t r = 0; r < rows; r++) {
        mirror_row(in.data + r * in.width, in.width, out + r * in.width);
    }
    return cd_hand(y);
}

static cd_tensor *vertical(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    float *out;
    bool failed;
    if (!cd_picture_open(t->name, x, &in)) return NULL;
    if (!chosen(t, g, &failed)) return failed ? NULL : x;
    cd_tensor *y = cd_picture_new(t->name, in.channels, in.height, in.width, &out);
    if (!y) return NULL;
    size_t row_bytes = (size_t)in.width * sizeof(float);
    for (int64_t c = 0; c < in.channels; c++) {
        for (int64_t r = 0; r < in.height; r++) {
            memcpy(out + (c * in.height + r) * in.width,
                   in.data + ((c + 1) * in.height - 1 - r) * in.width, row_bytes);
        }
    }
    return cd_hand(y);
}

bool cd_flip_check(const char *name, const double *value)
{
    return cd_check_setting(name, ".p", value[FLIP_P], 0, 1);
}

static cd_transform make(const char *name, cd_transform_fn *apply, double p)
{
    cd_transform t = { .name = name, .value[FLIP_P] = cd_option_or(p, 0.5) };
    if (cd_flip_check(name, t.value)) t.apply = apply;
    return t;
}

cd_transform cd_random_horizontal_flip_with(cd_flip_options options)
{
    return make("random_horizontal_flip", horizontal, options.p);
}

cd_transform cd_random_vertical_flip_with(cd_flip_options options)
{
    return make("random_vertical_flip", vertical, options.p);
}
