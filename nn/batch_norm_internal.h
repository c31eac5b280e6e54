/* What BatchNorm1d, BatchNorm2d and BatchNorm3d share: all but the dimensions of the input. Their
 * tensors are those of InstanceNorm too. */
#ifndef CANDELA_NN_BATCH_NORM_INTERNAL_H
#define CANDELA_NN_BATCH_NORM_INTERNAL_H

#include "nn/layers.h"
#include "nn/module_internal.h"

/* Each may be NULL. */
typedef struct cd_norm_tensors {
    cd_tensor *weight, *bias, *running_mean, *running_var, *num_batches_tracked;
} cd_norm_tensors;

typedef struct cd_batch_norm_module {
    cd_module module;
    cd_norm_tensors tensors;
    cd_nn_batch_norm_options options;
} cd_batch_norm_module;

extern const cd_option cd_nn_batch_norm_option_table[];

/* In a class: the initialisers that these modules need. */
#define CD_BATCH_NORM_CLASS(name_, forward_, make_)                                                \
    .name = (name_), .size = sizeof(cd_batch_norm_module), .inputs = 1, .forward = (forward_),     \
    CD_CLASS_OPTIONS(cd_batch_norm_module, options, cd_nn_batch_norm_option_table),                \
    .make = (make_)

/* The forward function for inputs of `least` to `most` dimensions, for which `expected` is a name.
 */
bool cd_batch_norm_module_forward(cd_module *m, const cd_arguments *a, int least, int most,
                                  const char *expected);
/* Makes and registers the tensors that the options ask for. False with an error. */
bool cd_norm_register(cd_module *m, cd_norm_tensors *t, const cd_nn_batch_norm_options *o);
/* Makes a module, owned by the open scope; NULL with an error, which names `function`. */
cd_module *cd_batch_norm_module_new(const cd_module_class *class_, const char *function,
                                    cd_nn_batch_norm_options o);

#endif
