/* What dropout and its relatives share. Each draws a noise of zeros and ones, of the shape of x or
 * with one number for each feature, and multiplies x by it; output 1, which is hidden, is the noise
 * by which x was multiplied. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_DROPOUT_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_DROPOUT_INTERNAL_H

#include "autograd/dispatch/call_internal.h"
#include "autograd/layer_ops.h"

/* Calls the op, unless there is nothing to drop: the result is x itself then. `name` begins errors.
 * `kept` is how many dimensions count the features; 0 where elements are dropped one by one. */
cd_tensor *cd_dropout_call(const cd_op *op, const char *name, const cd_dropout_options *o, int kept,
                           bool in_place);

extern const cd_field cd_dropout_fields[];
bool cd_infer_dropout(cd_call *call);
/* workspace and run: y = x noise, with a noise of 0 and 1 / (1 - p). */
size_t cd_dropout_workspace(const cd_launch *launch);
void cd_run_dropout(const cd_launch *launch);
/* workspace and run: y = x noise + shift, where the noise is 0 or a, and the shift a alpha (p -
 * 1) or a alpha p. */
size_t cd_alpha_dropout_workspace(const cd_launch *launch);
void cd_run_alpha_dropout(const cd_launch *launch);
/* dx = dy noise. */
void cd_dropout_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* The members of a descriptor that these ops have in common. */
#define CD_DROPOUT_OP                                                                              \
    .dtypes = "floating", .random = true, .inputs = 1, .input = { "x" }, .outputs = 2,             \
    .output = { [1] = { .hidden = true } }, .save = { { CD_OUTPUT, 1 } },                          \
    CD_OP_ATTRIBUTES(cd_dropout_attributes, cd_dropout_fields), .infer = cd_infer_dropout,         \
    .backward = cd_dropout_backward

#endif
