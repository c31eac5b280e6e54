/* torch.nn.PixelShuffle, PixelUnshuffle and ChannelShuffle, which have one number as their
 * option. */
#include "nn/convolutions.h"
#include "nn/module_internal.h"

typedef struct shuffle_options {
    int64_t factor;
} shuffle_options;

typedef struct shuffle {
    cd_module module;
    shuffle_options options;
} shuffle;

/* NAME_forward, NAME_make, the class and cd_nn_NAME. `option_` is PyTorch's name of the number. */
#define SHUFFLE(name_, class_name_, option_)                                                       \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        a->out[0] = cd_##name_(a->in[0], ((const shuffle *)m)->options.factor);                    \
        return a->out[0];                                                                          \
    }                                                                                              \
    static const cd_option name_##_table[] = {                                                     \
        { option_, CD_OPTION(shuffle_options, factor, INTEGER), .required = true, .min = 1 },      \
        CD_OPTIONS_END,                                                                            \
    };                                                                                             \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_(((const shuffle_options *)o)->factor);                                \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = class_name_,                           \
                                                    .size = sizeof(shuffle),                       \
                                                    .inputs = 1,                                   \
                                                    .forward = name_##_forward,                    \
                                                    CD_CLASS_OPTIONS(shuffle, options,             \
                                                                     name_##_table),               \
                                                    .make = name_##_make };                        \
    cd_module *cd_nn_##name_(int64_t factor)                                                       \
    {                                                                                              \
        return shuffle_new(&cd_nn_##name_##_class, "nn_" #name_, factor);                          \
    }

static cd_module *shuffle_new(const cd_module_class *class_, const char *function, int64_t factor)
{
    shuffle_options o = { factor };
    if (!cd_options_fill(class_->options, &o, function)) return NULL;
    shuffle *self = (shuffle *)cd_module_new(class_);
    if (self) self->options = o;
    return (cd_module *)self;
}

SHUFFLE(pixel_shuffle, "PixelShuffle", "upscale_factor")
SHUFFLE(pixel_unshuffle, "PixelUnshuffle", "downscale_factor")
SHUFFLE(channel_shuffle, "ChannelShuffle", "groups")
