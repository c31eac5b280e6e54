/* What the losses share that are modules over the functions of the same names. */
#ifndef CANDELA_NN_LOSS_INTERNAL_H
#define CANDELA_NN_LOSS_INTERNAL_H

#include "nn/layers.h"
#include "nn/module_internal.h"

typedef cd_tensor *cd_loss_function(cd_loss_options options);

/* What every loss's struct is. The tensors of the options are registered as buffers. */
typedef struct cd_loss {
    cd_module module;
    cd_loss_options options; /* without input and target */
} cd_loss;

/* In a class: two inputs, and the options of this table. */
#define CD_LOSS_CLASS(name_, forward_, options_, make_)                                            \
    .name = (name_), .size = sizeof(cd_loss), .inputs = 2, .forward = (forward_),                  \
    CD_CLASS_OPTIONS(cd_loss, options, options_), .make = (make_)

/* The forward function: this loss of the module's two inputs. */
bool cd_loss_forward(cd_module *m, const cd_arguments *a, cd_loss_function *function);

/* Makes a loss, handed out. An option that the table has not is refused when the module is made,
 * not when it is first called; `what` names the caller in sentences. */
cd_module *cd_loss_new(const cd_module_class *class_, const char *what, cd_loss_options o);

#endif
