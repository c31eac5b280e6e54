/* What activations share. */
#ifndef CANDELA_AUTOGRAD_FAMILIES_ACTIVATION_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_ACTIVATION_INTERNAL_H

#include "autograd/activation.h"
#include "autograd/ops_internal.h"
#include "core/cpu/activation_internal.h"

/* --- descriptors ------------------------------------------------------------------------------ */

/* Members of the descriptor of an activation. */
#define CD_ACTIVATION                                                                              \
    .dtypes = "floating", .inputs = 1, .input = { "x" }, .elementwise = CD_SAME,                   \
    .computes_in = CD_FLOATS
/* Members of that of its gradient, which is an op of dy and x. */
#define CD_ACTIVATION_GRADIENT                                                                     \
    .dtypes = "floating", .inputs = 2, .input = { "dy", "x" }, .elementwise = CD_SAME,             \
    .computes_in = CD_FLOATS

/* The inputs of the gradients. */
enum { CD_ACTIVATION_DY, CD_ACTIVATION_X };
/* What activations and their gradients save: x, or the result; and dy, if the gradient's own
 * gradient by x needs it. */
enum { CD_ACTIVATION_SAVED_X, CD_ACTIVATION_SAVED_DY };
#define CD_ACTIVATION_SAVES_X                                                                      \
    {                                                                                              \
        [CD_ACTIVATION_SAVED_X] = { CD_INPUT, CD_ACTIVATION_X }                                    \
    }
#define CD_ACTIVATION_SAVES_BOTH                                                                   \
    {                                                                                              \
        [CD_ACTIVATION_SAVED_X] = { CD_INPUT, CD_ACTIVATION_X }, [CD_ACTIVATION_SAVED_DY] = {      \
            CD_INPUT,                                                                              \
            CD_ACTIVATION_DY,                                                                      \
            CD_SET(CD_ACTIVATION_X)                                                                \
        }                                                                                          \
    }

/* infer of activations with numbers as attributes: refuses one that the dtype does not have. */
bool cd_infer_activation(cd_call *call);

/* --- gradients -------------------------------------------------------------------------------- */

/* op(dy, x), with the node's attributes, if it has any. The gradient of an activation; and that of
 * a gradient by dy, when dy is that of dx. */
cd_tensor *cd_activation_gradient(cd_node *node, const cd_op *op, cd_tensor *dy);
/* For the gradient of a gradient by x: x, and dy times the gradient g of dx. */
cd_tensor *cd_activation_x(cd_node *node);
cd_tensor *cd_activation_dy_times(cd_node *node, cd_tensor *g);

/* For an op in place that saves its result: whether the result has the sign of x, which it has
 * unless this number is negative; false with an error. */
bool cd_check_result_has_sign(const cd_node *node, const char *name, double number);

/* --- elu, celu and selu ----------------------------------------------------------------------- */

/* Members of the descriptors of all three. */
#define CD_ELU                                                                                     \
    CD_ACTIVATION, .map = CD_MAP_elu, CD_OP_ATTRIBUTES(cd_elu_numbers, cd_elu_fields),             \
                   .infer = cd_infer_activation
extern const cd_field cd_elu_fields[];
/* The gradient, from x. */
void cd_elu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);
/* The gradient of an op in place, which saves its result. */
void cd_elu_result_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* --- hardtanh and relu6 ----------------------------------------------------------------------- */

/* Calls the op, one of the two. */
cd_tensor *cd_hardtanh_by(const cd_op *op, cd_tensor *x, double least, double most, bool in_place);
void cd_hardtanh_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

#endif
