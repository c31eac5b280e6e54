/* What Conv1d, Conv2d, ConvTranspose1d and ConvTranspose2d share. */
#ifndef CANDELA_NN_CONV_MODULE_INTERNAL_H
#define CANDELA_NN_CONV_MODULE_INTERNAL_H

#include "autograd/families/conv_internal.h"
#include "nn/convolutions.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width, or the width alone. Each class has
 * some of them in its table. */
typedef struct cd_conv_module_options {
    int64_t in_channels, out_channels;
    int64_t kernel[2], stride[2], padding[2], dilation[2], output_padding[2];
    int64_t groups;
    int padding_mode; /* a cd_pad_mode */
    bool no_bias;
    cd_dtype dtype;
    cd_device device;
} cd_conv_module_options;

typedef struct cd_conv_module {
    cd_module module;
    cd_tensor *weight, *bias;
    cd_conv_module_options options;
} cd_conv_module;

/* Rows of the tables. A length is the width alone. */
#define CD_CONV_FIELD(member_, kind_) CD_OPTION(cd_conv_module_options, member_, kind_)
#define CD_CONV_WINDOW(member_)       CD_CONV_FIELD(member_, WINDOW)
#define CD_CONV_LENGTH(member_)                                                                    \
    .member = #member_, .kind = CD_OPTION_LENGTH,                                                  \
    .offset = offsetof(cd_conv_module_options, member_[1])
#define CD_CONV_CHANNELS                                                                           \
    { "in_channels", CD_CONV_FIELD(in_channels, INTEGER), .required = true, .min = 1,              \
      .shown = CD_SHOWN_VALUE },                                                                   \
    {                                                                                              \
        "out_channels", CD_CONV_FIELD(out_channels, INTEGER), .required = true, .min = 1,          \
                                                              .shown = CD_SHOWN_VALUE              \
    }
#define CD_CONV_GROUPS                                                                             \
    { "groups", CD_CONV_FIELD(groups, INTEGER), .default_value = 1, .min = 1,                      \
      .shown = CD_SHOWN_CHANGED },                                                                 \
    {                                                                                              \
        "bias", CD_CONV_FIELD(no_bias, NEGATED), .shown = CD_SHOWN_CHANGED                         \
    }
#define CD_CONV_DTYPE                                                                              \
    {                                                                                              \
        "dtype", CD_CONV_FIELD(dtype, DTYPE), .shown = CD_SHOWN_NEVER                              \
    }

/* The words for a padding, and for what it is made of. */
extern const char *const cd_conv_paddings[], *const cd_conv_padding_modes[];

/* Which of the four it is. */
typedef struct cd_conv_form {
    const char *function, *op; /* the names of the functions, for errors */
    bool line, transposed;
} cd_conv_form;

/* Makes a module, owned by the open scope, with parameters that are initialised as PyTorch's; NULL
 * with an error. */
cd_module *cd_conv_module_new(const cd_module_class *class_, const cd_conv_form *form,
                              cd_conv_module_options o);
bool cd_conv_module_forward(cd_module *m, const cd_arguments *a, const cd_conv_form *form);

#endif
