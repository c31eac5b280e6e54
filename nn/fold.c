/* torch.nn.Unfold and torch.nn.Fold. */
#include <string.h>

#include "autograd/families/windows_internal.h"
#include "core/error.h"
#include "nn/convolutions.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width. Unfold has no size. */
typedef struct own_options {
    int64_t size[2], kernel[2], dilation[2], padding[2], stride[2];
} own_options;

typedef struct fold {
    cd_module module;
    own_options options;
} fold;

/* The options that both functions have. */
#define WINDOW(o_)                                                                                 \
    .kernel = (o_)->kernel[0], .kernel_w = (o_)->kernel[1], .dilation = (o_)->dilation[0],         \
    .dilation_w = (o_)->dilation[1], .padding = (o_)->padding[0], .padding_w = (o_)->padding[1],   \
    .padding_w_is_zero = (o_)->padding[1] == 0, .stride = (o_)->stride[0],                         \
    .stride_w = (o_)->stride[1]

static cd_unfold_options unfold_options(const own_options *o, cd_tensor *x)
{
    return (cd_unfold_options){ .x = x, WINDOW(o) };
}

static cd_fold_options fold_options(const own_options *o, cd_tensor *x)
{
    return (cd_fold_options){ .x = x, .height = o->size[0], .width = o->size[1], WINDOW(o) };
}

#define FIELD(member_) CD_OPTION(own_options, member_, EXTENT)
#define WINDOW_ROWS                                                                                \
    { "kernel_size", FIELD(kernel), .required = true, .min = 1 },                                  \
        { "dilation", FIELD(dilation), .default_value = 1, .min = 1 },                             \
        { "padding", FIELD(padding) }, { "stride", FIELD(stride), .default_value = 1, .min = 1 },  \
        CD_OPTIONS_END
static const cd_option unfold_table[] = { WINDOW_ROWS };
static const cd_option fold_table[] = {
    { "output_size", FIELD(size), .required = true, .min = 1 },
    WINDOW_ROWS,
};

/* A module of the class, with these sizes of the window and of the result. */
static cd_module *new_module(const cd_module_class *c, const char *function, const cd_tensor *x,
                             const cd_conv2d_sizes *sizes, int64_t height, int64_t width)
{
    own_options own = { .size = { height, width },
                        .kernel = { sizes->kernel_h, sizes->kernel_w },
                        .dilation = { sizes->dilation_h, sizes->dilation_w },
                        .padding = { sizes->padding_h, sizes->padding_w },
                        .stride = { sizes->stride_h, sizes->stride_w } };
    if (x) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "%s: .x is for the function cd_%s: a module gets its input from cd_forward",
                      function, function + strlen("nn_"));
        return NULL;
    }
    if (!cd_options_fill(c->options, &own, function)) return NULL;
    fold *self = (fold *)cd_module_new(c);
    if (self) self->options = own;
    return (cd_module *)self;
}

#define CLASS(name_, print_)                                                                       \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        a->out[0] = cd_##name_##_with(name_##_options(&((const fold *)m)->options, a->in[0]));     \
        return a->out[0];                                                                          \
    }                                                                                              \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return cd_nn_##name_##_with(name_##_options(o, NULL));                                     \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = (print_),                              \
                                                    .size = sizeof(fold),                          \
                                                    .inputs = 1,                                   \
                                                    .forward = name_##_forward,                    \
                                                    CD_CLASS_OPTIONS(fold, options,                \
                                                                     name_##_table),               \
                                                    .make = name_##_make };
CLASS(unfold, "Unfold")
CLASS(fold, "Fold")

cd_module *cd_nn_unfold_with(cd_unfold_options o)
{
    cd_conv2d_sizes sizes = { .height = 0 };
    if (!cd_window_complete("nn_unfold", CD_WINDOW_GIVEN(o), &sizes)) return NULL;
    return new_module(&cd_nn_unfold_class, "nn_unfold", o.x, &sizes, 0, 0);
}

cd_module *cd_nn_fold_with(cd_fold_options o)
{
    cd_conv2d_sizes sizes = { .height = 0 };
    if (!cd_window_complete("nn_fold", CD_WINDOW_GIVEN(o), &sizes)) return NULL;
    return new_module(&cd_nn_fold_class, "nn_fold", o.x, &sizes, o.height, o.width);
}
