/* Another size, of the whole picture or of a random part of it: views and cd_interpolate. */
#include <math.h>

#include "autograd/autograd.h"
#include "autograd/ops_internal.h"
#include "autograd/resample_ops.h"
#include "core/error.h"
#include "core/scope.h"
#include "io/resize_internal.h"
#include "io/transforms/settings_internal.h"

/* A part of a picture, in its pixels. */
typedef struct part {
    int64_t top, left, height, width;
} part;

/* The part at another size. */
static cd_tensor *resized(const cd_transform *t, cd_tensor *x, const part *p, int64_t height,
                          int64_t width)
{
    CD_SCOPE();
    CD_NO_GRAD();
    cd_tensor *y = cd_narrow(cd_narrow(x, 1, p->top, p->height), 2, p->left, p->width);
    if (p->height == height && p->width == width) return cd_escape(cd_contiguous(y));
    y = cd_interpolate(cd_unsqueeze(y, 0), .size = height, .size_w = width,
                       .mode = CD_RESAMPLING_BILINEAR,
                       .antialias = t->value[RESIZE_NO_ANTIALIAS] == 0);
    return cd_escape(cd_squeeze(y, 0));
}

static cd_tensor *resize(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    (void)g;
    if (!cd_picture_open(t->name, x, &in)) return NULL;
    int height = (int)t->value[SIDE_HEIGHT], width = (int)t->value[SIDE_WIDTH];
    if (width == 0) cd_resize_shorter_side((int)in.width, (int)in.height, height, &width, &height);
    if (height == in.height && width == in.width) return x;
    part whole = { 0, 0, in.height, in.width };
    return resized(t, x, &whole, height, width);
}

/* --- a random part ---------------------------------------------------------------------------- */

/* The largest part in the middle whose ratio of sides is allowed. */
static part middle_part(const cd_picture *in, const double *ratio)
{
    part p = { .height = in->height, .width = in->width };
    double now = (double)in->width / (double)in->height;
    if (now < ratio[0]) {
        p.height = (int64_t)nearbyint((double)p.width / ratio[0]);
    } else if (now > ratio[1]) {
        p.width = (int64_t)nearbyint((double)p.height * ratio[1]);
    }
    if (p.height < 1) p.height = 1;
    if (p.width < 1) p.width = 1;
    p.top = (in->height - p.height) / 2;
    p.left = (in->width - p.width) / 2;
    return p;
}

/* torchvision's RandomResizedCrop.make_params: up to ten draws of an area and a ratio. */
static part draw_part(cd_generator_state *state, const cd_picture *in, const double *scale,
                      const double *ratio)
{
    for (int attempt = 0; attempt < 10; attempt++) {
        double sides[2]; /* width and height: the ratio is that of the width to the height */
        cd_draw_sides(state, in, scale, ratio, sides);
        if (!(sides[0] > 0 && sides[0] <= (double)in->width && sides[1] > 0 &&
              sides[1] <= (double)in->height)) {
            continue;
        }
        part p = { .height = (int64_t)sides[1], .width = (int64_t)sides[0] };
        p.top = cd_draw_integer(state, 0, in->height - p.height + 1);
        p.left = cd_draw_integer(state, 0, in->width - p.width + 1);
        return p;
    }
    return middle_part(in, ratio);
}

static cd_tensor *random_resized_crop(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    cd_picture in;
    cd_generator_state *state;
    if (!cd_picture_open(t->name, x, &in) || !cd_draws_begin(t->name, g, &state)) return NULL;
    part p = draw_part(state, &in, t->value + RESIZE_SCALE, t->value + RESIZE_RATIO);
    cd_generator_unlock(g);
    return resized(t, x, &p, (int64_t)t->value[SIDE_HEIGHT], (int64_t)t->value[SIDE_WIDTH]);
}

/* --- constructors ----------------------------------------------------------------------------- */

static bool check_size(const char *name, const double *value, int least_width)
{
    return cd_check_setting(name, ".height", value[SIDE_HEIGHT], 1, CD_TRANSFORM_MAX_SIDE) &&
           cd_check_setting(name, ".width", value[SIDE_WIDTH], least_width, CD_TRANSFORM_MAX_SIDE);
}

cd_transform cd_resize_picture_with(cd_resize_picture_options o)
{
    cd_transform t = { .name = "resize_picture" };
    t.value[SIDE_HEIGHT] = o.height;
    t.value[SIDE_WIDTH] = o.width;
    t.value[RESIZE_NO_ANTIALIAS] = o.no_antialias;
    if (check_size(t.name, t.value, 0)) t.apply = resize;
    return t;
}

/* Ratios far from 1 and areas far below a pixel are mistakes; the bounds keep all arithmetic
 * finite. */
bool cd_resized_crop_check(const char *name, const double *value)
{
    return check_size(name, value, 1) &&
           cd_check_range(name, ".scale", value + RESIZE_SCALE, 1e-9, 1e3) &&
           cd_check_range(name, ".ratio", value + RESIZE_RATIO, 1e-6, 1e6);
}

cd_transform cd_random_resized_crop_with(cd_random_resized_crop_options o)
{
    cd_transform t = { .name = "random_resized_crop" };
    const double none[3] = { 0 };
    cd_setting_levels(t.value, none, none);
    t.value[SIDE_HEIGHT] = o.height;
    t.value[SIDE_WIDTH] = o.width ? o.width : o.height;
    t.value[RESIZE_NO_ANTIALIAS] = o.no_antialias;
    cd_setting_range(t.value + RESIZE_SCALE, o.scale, 0.08, 1);
    cd_setting_range(t.value + RESIZE_RATIO, o.ratio, 3.0 / 4.0, 4.0 / 3.0);
    if (cd_resized_crop_check(t.name, t.value)) t.apply = random_resized_crop;
    return t;
}
