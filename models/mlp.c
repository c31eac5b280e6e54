/* The multilayer perceptron: models/models.h. */
#include "core/error.h"
#include "models/model_class_internal.h"
#include "models/models.h"

enum { MOST_HIDDEN = CD_OPTIONS_SIZES_MAX };

#define FIELD(member_, kind_) CD_OPTION(cd_mlp_options, member_, kind_)
static const cd_option options[] = {
    { "inputs", FIELD(inputs, INTEGER), .required = true, .min = 1, .max = CD_MODEL_LARGEST_WIDTH },
    { "outputs", FIELD(outputs, INTEGER), .required = true, .min = 1,
      .max = CD_MODEL_LARGEST_WIDTH },
    { "hidden", FIELD(hidden, SIZES), .count_offset = offsetof(cd_mlp_options, hidden_count),
      .min = 1, .max = CD_MODEL_LARGEST_WIDTH },
    CD_OPTIONS_END,
};

static cd_module *mlp_make(const void *given, cd_device device)
{
    cd_mlp_options o = *(const cd_mlp_options *)given;
    o.device = device;
    return cd_mlp_with(o);
}

const cd_model_class cd_model_mlp_class = { .name = "mlp",
                                            CD_MODEL_OPTIONS(cd_mlp_options, options, outputs),
                                            .make = mlp_make };

cd_module *cd_mlp_with(cd_mlp_options o)
{
    if (o.hidden_count < 0 || o.hidden_count > MOST_HIDDEN || (o.hidden_count > 0) != !!o.hidden) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "mlp: .hidden is %s and .hidden_count is %d: both must be given, up to %d "
                      "sizes and how many they are, or neither for one Linear",
                      o.hidden ? "given" : "NULL", o.hidden_count, MOST_HIDDEN);
        return NULL;
    }
    if (!cd_options_fill(options, &o, "mlp")) return NULL;
    CD_SCOPE();
    cd_module *layer[2 + 2 * MOST_HIDDEN];
    int count = 0;
    int64_t width = o.inputs;
    layer[count++] = cd_nn_flatten();
    for (int i = 0; i <= o.hidden_count; i++) {
        int64_t next = i < o.hidden_count ? o.hidden[i] : o.outputs;
        layer[count++] = cd_nn_linear(width, next, .device = o.device);
        if (i < o.hidden_count) layer[count++] = cd_nn_relu();
        width = next;
    }
    return cd_escape(cd_nn_sequential_n(layer, count));
}
