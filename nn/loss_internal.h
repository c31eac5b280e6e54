/* What all loss modules share. Each calls the loss function of the same name in autograd/ops.h;
 * nn/mse_loss.c is the shortest. */
#ifndef CANDELA_NN_LOSS_INTERNAL_H
#define CANDELA_NN_LOSS_INTERNAL_H

#include "nn/layers.h"
#include "nn/module_internal.h"

/* The function that computes a loss, such as cd_mse_loss_with. */
typedef cd_tensor *cd_loss_function(cd_loss_options options);

/* The struct of every loss module. options.weight and options.pos_weight are registered buffers. */
typedef struct cd_loss {
    cd_module module;
    cd_loss_options options; /* input and target are NULL: they are forward's inputs */
} cd_loss;

/* In a class: the initialisers that all losses need. `options_` is the loss's table of options. */
#define CD_LOSS_CLASS(name_, forward_, options_, make_)                                            \
    .name = (name_), .size = sizeof(cd_loss), .inputs = 2, .forward = (forward_),                  \
    CD_CLASS_OPTIONS(cd_loss, options, options_), .make = (make_)

/* A loss's forward function: calls `function` with the module's options and two inputs, the
 * prediction and the target. */
bool cd_loss_forward(cd_module *m, const cd_arguments *a, cd_loss_function *function);

/* Makes a loss module, owned by the open scope; NULL with an error. An option that is not in the
 * class's table is CD_ERR_ARGUMENT. `function` is the calling function's name, for errors. */
cd_module *cd_loss_new(const cd_module_class *class_, const char *function, cd_loss_options o);

#endif
