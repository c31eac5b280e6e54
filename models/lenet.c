/* LeNet: models/models.h. */
#include "models/model_class_internal.h"
#include "models/models.h"

enum {
    SMALLEST = 12, /* pixels: less leaves nothing after the second pooling */
    LARGEST = 4096 /* pixels, for which the first Linear has 2 billion weights */
};

#define FIELD(member_) CD_OPTION(cd_lenet_options, member_, INTEGER)
static const cd_option options[] = {
    { "inputs", FIELD(inputs), .default_value = 1, .min = 1, .max = CD_MODEL_LARGEST_WIDTH },
    { "size", FIELD(size), .default_value = 28, .min = SMALLEST, .max = LARGEST },
    { "outputs", FIELD(outputs), .default_value = 10, .min = 1, .max = CD_MODEL_LARGEST_WIDTH },
    CD_OPTIONS_END,
};

static cd_module *lenet_make(const void *given, cd_device device)
{
    cd_lenet_options o = *(const cd_lenet_options *)given;
    o.device = device;
    return cd_lenet_with(o);
}

const cd_model_class cd_model_lenet_class = { .name = "lenet",
                                              CD_MODEL_OPTIONS(cd_lenet_options, options, outputs),
                                              .make = lenet_make };

cd_module *cd_lenet_with(cd_lenet_options o)
{
    if (!cd_options_fill(options, &o, "lenet")) return NULL;
    CD_SCOPE();
    const cd_device device = o.device;
    const int64_t side = (o.size / 2 - 4) / 2; /* of the last feature maps */
    return cd_escape(cd_nn_sequential(
        cd_nn_conv2d(o.inputs, 6, 5, .padding = 2, .device = device), cd_nn_relu(),
        cd_nn_max_pool2d(2), cd_nn_conv2d(6, 16, 5, .device = device), cd_nn_relu(),
        cd_nn_max_pool2d(2), cd_nn_flatten(), cd_nn_linear(16 * side * side, 120, .device = device),
        cd_nn_relu(), cd_nn_linear(120, 84, .device = device), cd_nn_relu(),
        cd_nn_linear(84, o.outputs, .device = device)));
}
