/* What losses share: the checks of their options, and the reduction of their elements. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_LOSS_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_LOSS_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/families/workspace_internal.h"

/* The inputs of a loss: input, target, weight, pos_weight. */
enum { CD_LOSS_IN_INPUT, CD_LOSS_IN_TARGET, CD_LOSS_IN_WEIGHT, CD_LOSS_IN_POS_WEIGHT };

/* A set of options that not every loss takes. */
enum {
    CD_LOSS_TAKES_WEIGHT = 1,
    CD_LOSS_TAKES_POS_WEIGHT = 2,
    CD_LOSS_TAKES_IGNORE = 4,
    CD_LOSS_TAKES_SMOOTHING = 8
};

/* Whether the options are right: the reduction, and none that is not in the set `takes`. False with
 * an error. */
bool cd_check_loss(const char *name, const cd_loss_options *loss, unsigned takes);

/* Whether it is one; false with an error. */
bool cd_check_reduction(const char *name, cd_reduction reduction);
/* For a loss made of other ops, so that errors have its name: whether these are tensors on one
 * device whose shapes broadcast. False with an error. */
bool cd_check_loss_tensors(const char *name, int count, cd_tensor *const *tensor,
                           const char *const *names);
/* The same for an input, a target, and a weight of the input's shape, which may be NULL. */
bool cd_check_pair_loss(const char *name, cd_tensor *x, cd_tensor *t, cd_tensor *weight);
/* Gives the logger a warning where the shapes differ. */
void cd_warn_of_loss_shapes(const char *name, const cd_tensor *x, const cd_tensor *t);
/* The elements of a loss, their sum, or their mean, which must be floating. */
cd_tensor *cd_reduce_loss(const char *name, cd_tensor *each, cd_reduction reduction);
/* The elements times their weights, the sum of that, or the sum over the sum of the weights. */
cd_tensor *cd_reduce_weighted_loss(cd_tensor *each, cd_tensor *weight, cd_reduction reduction);

/* infer of a loss of an input and a target that broadcast, whose attributes begin with the
 * cd_reduction. */
bool cd_infer_pair_loss(cd_call *call);
/* What the gradient of each element is multiplied by: 1, or for the mean 1 over their number. */
double cd_pair_loss_scale(const cd_node *node);
/* infer: output 0 has this dtype, and with CD_NONE this shape, else it is 0-d. */
void cd_infer_loss(cd_call *call, cd_dtype dtype, cd_shape shape, cd_reduction reduction);

/* infer: whether the weight, which may be NULL, has the input's dtype and one element for each
 * class. False with an error. */
bool cd_check_class_weight(const cd_call *call, const cd_tensor *x, const cd_tensor *weight,
                           int64_t classes);
/* check of a loss whose targets are class numbers: every one is a class or `ignored`. Its gradient
 * checks this again: the elements of the target may have been written to since through a pointer,
 * which no version counts. cd_refuse_class is the refuse function. */
bool cd_check_classes(const cd_launch *launch, int64_t classes, int64_t ignored, cd_fault *fault);
bool cd_refuse_class(cd_call *call, const cd_fault *fault);

/* The kernel of a loss whose inputs 0 and 1 broadcast, and whose attributes begin with the
 * cd_reduction: between begin and end it writes the loss of each element to elements->argument.
 * That is output 0 with CD_NONE; else it is the workspace, and end puts the sum or the mean of it
 * into output 0. */
typedef struct cd_loss_elements {
    cd_layout layout;
    cd_array argument;
} cd_loss_elements;
size_t cd_loss_workspace(const cd_launch *launch);
void cd_run_loss_begin(const cd_launch *launch, cd_loss_elements *elements);
void cd_run_loss_end(const cd_launch *launch, const cd_loss_elements *elements);

/* A call of nll_loss that is begun: cross_entropy checks it, so that an error has its own name. */
typedef struct cd_nll_call {
    cd_call call;
    cd_operand in[3];
    cd_nll_attributes attributes;
} cd_nll_call;
/* Begins it; errors begin with `name`. False with an error when an option is wrong or input is
 * NULL. */
bool cd_nll_begin(cd_nll_call *nll, const char *name, const cd_loss_options *loss);

#endif
