/* torch.nn.Upsample, and UpsamplingNearest2d and UpsamplingBilinear2d, which have fixed modes. */
#include "core/error.h"
#include "nn/module_internal.h"
#include "nn/resampling.h"

/* The options as they are saved and printed: one of the first two is given. */
typedef struct own_options {
    int64_t size[2];
    double scale_factor;
    cd_resampling mode;
    bool align_corners, recompute_scale_factor;
} own_options;

typedef struct upsample {
    cd_module module;
    own_options options;
} upsample;

static cd_interpolate_options options_of(const own_options *o)
{
    return (cd_interpolate_options){ .size = o->size[0],
                                     .size_w = o->size[1] == o->size[0] ? 0 : o->size[1],
                                     .scale_factor = o->scale_factor,
                                     .mode = o->mode,
                                     .align_corners = o->align_corners,
                                     .recompute_scale_factor = o->recompute_scale_factor };
}

static bool upsample_forward(cd_module *m, const cd_arguments *a)
{
    cd_interpolate_options o = options_of(&((const upsample *)m)->options);
    o.x = a->in[0];
    a->out[0] = cd_interpolate_with(o);
    return a->out[0];
}

static const char *const modes[] = { "nearest", "linear",        "bilinear",  "bicubic",
                                     "area",    "nearest-exact", "trilinear", NULL };

#define FIELD(member_, kind_) CD_OPTION(own_options, member_, kind_)
#define SIZE_ROW                                                                                   \
    {                                                                                              \
        "size", FIELD(size, EXTENT), .shown = CD_SHOWN_CHANGED                                     \
    }
#define FACTOR_ROW                                                                                 \
    {                                                                                              \
        "scale_factor", FIELD(scale_factor, REAL), .shown = CD_SHOWN_CHANGED                       \
    }
static const cd_option options[] = {
    SIZE_ROW,
    FACTOR_ROW,
    { "mode", FIELD(mode, CHOICE), .choices = modes },
    { "align_corners", FIELD(align_corners, BOOL), .shown = CD_SHOWN_NEVER },
    { "recompute_scale_factor", FIELD(recompute_scale_factor, BOOL), .shown = CD_SHOWN_NEVER },
    CD_OPTIONS_END,
};
static const cd_option nearest_options[] = { SIZE_ROW,
                                             FACTOR_ROW,
                                             { "mode", .kind = CD_OPTION_CONSTANT,
                                               .text = "'nearest'" },
                                             CD_OPTIONS_END };
static const cd_option bilinear_options[] = { SIZE_ROW,
                                              FACTOR_ROW,
                                              { "mode", .kind = CD_OPTION_CONSTANT,
                                                .text = "'bilinear'" },
                                              CD_OPTIONS_END };

static cd_module *upsample_new(const cd_module_class *class_, const char *function,
                               const cd_interpolate_options *o)
{
    if (o->x || o->antialias || o->size_d != 0 || o->scale_factor_d != 0 ||
        o->scale_factor_w != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "%s: .x, .antialias and .scale_factor_w are for the function "
                      "cd_interpolate, and so are .size_d and .scale_factor_d",
                      function);
        return NULL;
    }
    own_options own = { .size = { o->size, o->size_w ? o->size_w : o->size },
                        .scale_factor = o->scale_factor,
                        .mode = o->mode,
                        .align_corners = o->align_corners,
                        .recompute_scale_factor = o->recompute_scale_factor };
    if (!cd_options_fill(class_->options, &own, function)) return NULL;
    upsample *self = (upsample *)cd_module_new(class_);
    if (self) self->options = own;
    return (cd_module *)self;
}

/* With a mode that is no option of the class. */
static cd_module *fixed_new(const cd_module_class *class_, const char *function,
                            cd_interpolate_options o, cd_resampling mode, bool align_corners)
{
    if (o.mode != CD_RESAMPLING_NEAREST || o.align_corners || o.recompute_scale_factor) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: has no options but .size, .size_w and .scale_factor",
                      function);
        return NULL;
    }
    o.mode = mode;
    o.align_corners = align_corners;
    return upsample_new(class_, function, &o);
}

/* The options of a class with a fixed mode as they are in a call, from saved ones. */
static cd_interpolate_options sizes_of(const void *saved)
{
    const own_options *o = saved;
    return options_of(
        &(own_options){ .size = { o->size[0], o->size[1] }, .scale_factor = o->scale_factor });
}

#define CLASS(name_, class_name_, table_, given_)                                                  \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(given_(o));                                                    \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = class_name_,                           \
                                                    .size = sizeof(upsample),                      \
                                                    .inputs = 1,                                   \
                                                    .forward = upsample_forward,                   \
                                                    CD_CLASS_OPTIONS(upsample, options, table_),   \
                                                    .make = name_##_make };

CLASS(upsample, "Upsample", options, options_of)
CLASS(upsampling_nearest2d, "UpsamplingNearest2d", nearest_options, sizes_of)
CLASS(upsampling_bilinear2d, "UpsamplingBilinear2d", bilinear_options, sizes_of)

cd_module *cd_nn_upsample_with(cd_interpolate_options o)
{
    return upsample_new(&cd_nn_upsample_class, "nn_upsample", &o);
}

cd_module *cd_nn_upsampling_nearest2d_with(cd_interpolate_options o)
{
    return fixed_new(&cd_nn_upsampling_nearest2d_class, "nn_upsampling_nearest2d", o,
                     CD_RESAMPLING_NEAREST, false);
}

cd_module *cd_nn_upsampling_bilinear2d_with(cd_interpolate_options o)
{
    return fixed_new(&cd_nn_upsampling_bilinear2d_class, "nn_upsampling_bilinear2d", o,
                     CD_RESAMPLING_BILINEAR, true);
}
