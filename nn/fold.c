/* torch.nn.Fold. */
#include "autograd/families/windows_internal.h"
#include "core/error.h"
#include "nn/convolutions.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width. */
typedef struct own_options {
    int64_t size[2], kernel[2], dilation[2], padding[2], stride[2];
} own_options;

typedef struct fold {
    cd_module module;
    own_options options;
} fold;

static cd_fold_options options_of(const own_options *o)
{
    return (cd_fold_options){ .height = o->size[0],
                              .width = o->size[1],
                              .kernel = o->kernel[0],
                              .kernel_w = o->kernel[1],
                              .dilation = o->dilation[0],
                              .dilation_w = o->dilation[1],
                              .padding = o->padding[0],
                              .padding_w = o->padding[1],
                              .padding_w_is_zero = o->padding[1] == 0,
                              .stride = o->stride[0],
                              .stride_w = o->stride[1] };
}

static bool fold_forward(cd_module *m, const cd_arguments *a)
{
    cd_fold_options o = options_of(&((const fold *)m)->options);
    o.x = a->in[0];
    a->out[0] = cd_fold_with(o);
    return a->out[0];
}

#define FIELD(member_) CD_OPTION(own_options, member_, EXTENT)
static const cd_option options[] = {
    { "output_size", FIELD(size), .required = true, .min = 1 },
    { "kernel_size", FIELD(kernel), .required = true, .min = 1 },
    { "dilation", FIELD(dilation), .default_value = 1, .min = 1 },
    { "padding", FIELD(padding) },
    { "stride", FIELD(stride), .default_value = 1, .min = 1 },
    CD_OPTIONS_END,
};

static cd_module *fold_make(const void *o)
{
    return cd_nn_fold_with(options_of(o));
}

const cd_module_class cd_nn_fold_class = { .name = "Fold",
                                           .size = sizeof(fold),
                                           .inputs = 1,
                                           .forward = fold_forward,
                                           CD_CLASS_OPTIONS(fold, options, options),
                                           .make = fold_make };

cd_module *cd_nn_fold_with(cd_fold_options o)
{
    cd_conv2d_sizes sizes = { .height = 0 };
    if (o.x) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_fold: .x is for the function cd_fold: a module gets its "
                                       "input from cd_forward");
        return NULL;
    }
    if (!cd_window_complete("nn_fold", CD_WINDOW_GIVEN(o), &sizes)) return NULL;
    own_options own = { .size = { o.height, o.width },
                        .kernel = { sizes.kernel_h, sizes.kernel_w },
                        .dilation = { sizes.dilation_h, sizes.dilation_w },
                        .padding = { sizes.padding_h, sizes.padding_w },
                        .stride = { sizes.stride_h, sizes.stride_w } };
    if (!cd_options_fill(options, &own, "nn_fold")) return NULL;
    fold *self = (fold *)cd_module_new(&cd_nn_fold_class);
    if (self) self->options = own;
    return (cd_module *)self;
}
