/* What the dropout modules share. Each calls the function of the same name in
 * autograd/layer_ops.h; nn/dropout.c is like all of them. */
#ifndef CANDELA_NN_DROPOUT_INTERNAL_H
#define CANDELA_NN_DROPOUT_INTERNAL_H

#include "nn/layers.h"
#include "nn/module_internal.h"

/* The struct of every dropout module. */
typedef struct cd_dropout_module {
    cd_module module;
    cd_nn_dropout_options options;
} cd_dropout_module;

extern const cd_option cd_nn_dropout_option_table[];

/* In a class: the initialisers that all dropout modules need. */
#define CD_DROPOUT_CLASS(name_, forward_, make_)                                                   \
    .name = (name_), .size = sizeof(cd_dropout_module), .inputs = 1, .forward = (forward_),        \
    CD_CLASS_OPTIONS(cd_dropout_module, options, cd_nn_dropout_option_table), .make = (make_)

/* A function of dropout, such as cd_dropout_with. */
typedef cd_tensor *cd_dropout_function(cd_dropout_options options);

/* A dropout module's forward function: calls `plain`, or for .inplace `changing`, with the module's
 * p. In evaluation mode the output is the input. */
bool cd_dropout_module_forward(cd_module *m, const cd_arguments *a, cd_dropout_function *plain,
                               cd_dropout_function *changing);

/* Makes a dropout module, owned by the open scope; NULL with an error, which names `function`. */
cd_module *cd_dropout_module_new(const cd_module_class *class_, const char *function,
                                 cd_nn_dropout_options o);

#endif
