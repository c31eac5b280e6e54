/* torch.nn.Unfold. */
#include "autograd/families/windows_internal.h"
#include "core/error.h"
#include "nn/convolutions.h"
#include "nn/module_internal.h"

/* The options as they are saved and printed: height and width. */
typedef struct own_options {
    int64_t kernel[2], dilation[2], padding[2], stride[2];
} own_options;

typedef struct unfold {
    cd_module module;
    own_options options;
} unfold;

static cd_unfold_options options_of(const own_options *o)
{
    return (cd_unfold_options){ .kernel = o->kernel[0],
                                .kernel_w = o->kernel[1],
                                .dilation = o->dilation[0],
                                .dilation_w = o->dilation[1],
                                .padding = o->padding[0],
                                .padding_w = o->padding[1],
                                .padding_w_is_zero = o->padding[1] == 0,
                                .stride = o->stride[0],
                                .stride_w = o->stride[1] };
}

static bool unfold_forward(cd_module *m, const cd_arguments *a)
{
    cd_unfold_options o = options_of(&((const unfold *)m)->options);
    o.x = a->in[0];
    a->out[0] = cd_unfold_with(o);
    return a->out[0];
}

#define FIELD(member_) CD_OPTION(own_options, member_, EXTENT)
static const cd_option options[] = {
    { "kernel_size", FIELD(kernel), .required = true, .min = 1 },
    { "dilation", FIELD(dilation), .default_value = 1, .min = 1 },
    { "padding", FIELD(padding) },
    { "stride", FIELD(stride), .default_value = 1, .min = 1 },
    CD_OPTIONS_END,
};

static cd_module *unfold_make(const void *o)
{
    return cd_nn_unfold_with(options_of(o));
}

const cd_module_class cd_nn_unfold_class = { .name = "Unfold",
                                             .size = sizeof(unfold),
                                             .inputs = 1,
                                             .forward = unfold_forward,
                                             CD_CLASS_OPTIONS(unfold, options, options),
                                             .make = unfold_make };

cd_module *cd_nn_unfold_with(cd_unfold_options o)
{
    cd_conv2d_sizes sizes = { .height = 0 };
    if (o.x) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_unfold: .x is for the function cd_unfold: a module gets its "
                      "input from cd_forward");
        return NULL;
    }
    if (!cd_window_complete("nn_unfold", CD_WINDOW_GIVEN(o), &sizes)) return NULL;
    own_options own = { .kernel = { sizes.kernel_h, sizes.kernel_w },
                        .dilation = { sizes.dilation_h, sizes.dilation_w },
                        .padding = { sizes.padding_h, sizes.padding_w },
                        .stride = { sizes.stride_h, sizes.stride_w } };
    if (!cd_options_fill(options, &own, "nn_unfold")) return NULL;
    unfold *self = (unfold *)cd_module_new(&cd_nn_unfold_class);
    if (self) self->options = own;
    return (cd_module *)self;
}
