/* A random box of a picture is written over. */
#include <math.h>
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/tensor_internal.h"
#include "io/transforms/settings_internal.h"

typedef struct box {
    int64_t top, left, height, width;
} box;

/* torchvision's RandomErasing.make_params: up to ten draws of an area and a ratio. False when no
 * box was found that is smaller than the picture. */
static bool draw_sides(cd_generator_state *state, const cd_picture *in, const double *value, box *b)
{
    for (int attempt = 0; attempt < 10; attempt++) {
        double sides[2]; /* height and width: here the ratio is that of the height to the width */
        cd_draw_sides(state, in, value + ERASE_SCALE, value + ERASE_RATIO, sides);
        if (!(sides[0] < (double)in->height && sides[1] < (double)in->width)) continue;
        b->height = (int64_t)sides[0];
        b->width = (int64_t)sides[1];
        return true;
    }
    return false;
}

/* What the box is filled with: `noise`, channels x height x width numbers, or where that is NULL
 * the value. */
static void fill_box(const cd_picture *in, const box *b, const float *noise, float value,
                     float *out)
{
    for (int64_t c = 0; c < in->channels; c++) {
        for (int64_t r = 0; r < b->height; r++) {
            float *row = out + (c * in->height + b->top + r) * in->width + b->left;
            for (int64_t i = 0; i < b->width; i++) row[i] = noise ? *noise++ : value;
        }
    }
}

/* Draws the box and fills it in out, a copy of the picture. *noise is room for as many numbers as
 * the picture has, or NULL. False when nothing is to be erased. */
static bool erase(cd_generator_state *state, const cd_transform *t, const cd_picture *in,
                  float *noise, float *out)
{
    box b;
    if (!draw_sides(state, in, t->value, &b)) return false;
    if (noise) {
        (void)cd_random_normal(state, CD_F32, noise, in->channels * b.height * b.width, 0, 1);
    }
    b.top = cd_draw_integer(state, 0, in->height - b.height + 1);
    b.left = cd_draw_integer(state, 0, in->width - b.width + 1);
    fill_box(in, &b, noise, (float)t->value[ERASE_VALUE], out);
    return true;
}

/* The picture with a box erased, or x when no box fits. The generator is locked for the draws
 * alone, not while memory is allocated. */
static cd_tensor *erased(const cd_transform *t, cd_tensor *x, const cd_picture *in,
                         const cd_generator *g)
{
    float *out, *noise = NULL;
    size_t bytes = (size_t)(in->channels * in->height * in->width) * sizeof *out;
    cd_tensor *y = cd_picture_new(t->name, in->channels, in->height, in->width, &out);
    if (!y) return NULL;
    if (t->value[ERASE_RANDOM] != 0) {
        noise = cd_alloc(bytes);
        if (!noise) {
            cd_object_disown(&y->object);
            return NULL;
        }
    }
    memcpy(out, in->data, bytes);
    bool done = erase(cd_generator_lock(g), t, in, noise, out);
    cd_generator_unlock(g);
    cd_free(noise);
    if (done) return cd_hand(y);
    cd_object_disown(&y->object);
    return x;
}

static cd_tensor *random_erasing(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_generator_state *state;
    if (!cd_picture_open(t->name, x, &in) || !cd_draws_begin(t->name, g, &state)) return NULL;
    bool chosen = cd_draw_chance(state, t->value[ERASE_P]);
    cd_generator_unlock(g);
    return chosen ? erased(t, x, &in, g) : x;
}

bool cd_erase_check(const char *name, const double *value)
{
    if (!isfinite((float)value[ERASE_VALUE])) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .value is %g; it must be a finite number", name,
                       value[ERASE_VALUE]);
    }
    return cd_check_setting(name, ".p", value[ERASE_P], 0, 1) &&
           cd_check_range(name, ".scale", value + ERASE_SCALE, 0, 1) &&
           cd_check_range(name, ".ratio", value + ERASE_RATIO, 1e-6, 1e6);
}

cd_transform cd_random_erasing_with(cd_random_erasing_options o)
{
    cd_transform t = { .name = "random_erasing" };
    t.value[ERASE_P] = cd_option_or(o.p, 0.5);
    cd_setting_range(t.value + ERASE_SCALE, o.scale, 0.02, 0.33);
    cd_setting_range(t.value + ERASE_RATIO, o.ratio, 0.3, 3.3);
    t.value[ERASE_VALUE] = o.value;
    t.value[ERASE_RANDOM] = o.random;
    if (cd_erase_check(t.name, t.value)) t.apply = random_erasing;
    return t;
}
