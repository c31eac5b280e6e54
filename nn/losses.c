/* Losses as modules, over the functions of the same names. */
#include "core/error.h"
#include "nn/layers.h"

typedef struct loss {
    cd_module module;
    cd_tensor *weight, *pos_weight;
    cd_nn_loss_options options;
    cd_tensor *(*function)(cd_loss_options options);
} loss;

static bool forward(cd_module *m, const cd_arguments *a)
{
    const loss *self = (const loss *)m;
    a->out[0] = self->function((cd_loss_options){
        .input = a->in[0],
        .target = a->in[1],
        .reduction = self->options.reduction,
        .weight = self->weight,
        .pos_weight = self->pos_weight,
        .ignore = self->options.ignore,
        .ignore_index = self->options.ignore_index,
    });
    return a->out[0];
}

/* Said when the module is made, not when it is first called. */
static bool check_index(const char *what, const cd_nn_loss_options *o)
{
    return o->ignore || o->ignore_index == 0 ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .ignore_index is %lld, and is only looked at with .ignore = true", what,
                   (long long)o->ignore_index);
}

static cd_module *make(const cd_module_class *class_, cd_tensor *(*function)(cd_loss_options),
                       cd_nn_loss_options o)
{
    CD_SCOPE();
    loss *self = (loss *)cd_module_new(class_);
    if (!self) return NULL;
    self->options = o;
    self->function = function;
    if (!cd_register_buffer(&self->module, "weight", &self->weight, o.weight) ||
        !cd_register_buffer(&self->module, "pos_weight", &self->pos_weight, o.pos_weight)) {
        return NULL;
    }
    return cd_escape(self);
}

static const cd_module_class mse_class = {
    .name = "MSELoss", .size = sizeof(loss), .inputs = 2, .forward = forward
};
static const cd_module_class cross_entropy_class = {
    .name = "CrossEntropyLoss", .size = sizeof(loss), .inputs = 2, .forward = forward
};
static const cd_module_class bce_class = {
    .name = "BCEWithLogitsLoss", .size = sizeof(loss), .inputs = 2, .forward = forward
};

cd_module *cd_nn_mse_loss_with(cd_nn_loss_options o)
{
    if (o.weight || o.pos_weight || o.ignore) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "nn_mse_loss: weight, pos_weight and ignore are not for this loss");
        return NULL;
    }
    if (!check_index("nn_mse_loss", &o)) return NULL;
    return make(&mse_class, cd_mse_loss_with, o);
}

cd_module *cd_nn_cross_entropy_loss_with(cd_nn_loss_options o)
{
    if (o.pos_weight) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_cross_entropy_loss: pos_weight is not for this loss");
        return NULL;
    }
    if (!check_index("nn_cross_entropy_loss", &o)) return NULL;
    return make(&cross_entropy_class, cd_cross_entropy_with, o);
}

cd_module *cd_nn_bce_with_logits_loss_with(cd_nn_loss_options o)
{
    if (o.ignore) {
        (void)cd_fail(CD_ERR_ARGUMENT, "nn_bce_with_logits_loss: ignore is not for this loss");
        return NULL;
    }
    if (!check_index("nn_bce_with_logits_loss", &o)) return NULL;
    return make(&bce_class, cd_binary_cross_entropy_with_logits_with, o);
}
