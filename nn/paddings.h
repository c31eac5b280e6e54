/* Padding as modules: elements are added before and after the last one, two or three dimensions of
 * the input (see cd_pad).
 *
 *     cd_nn_zero_pad2d(CD_SIZES(1))            one element at each side
 *     cd_nn_zero_pad2d(CD_SIZES(1, 1, 2, 0))   left, right, top, bottom
 *
 * `padding` is one number, or two for each of these dimensions, from the last to the first;
 * negative numbers take elements away. Other counts are CD_ERR_ARGUMENT. */
#ifndef CANDELA_NN_PADDINGS_H
#define CANDELA_NN_PADDINGS_H

#include "autograd/shape_ops.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* torch.nn.ConstantPad1d and so on: the new elements have this value, a finite one or
 * -INFINITY. The input may have any number of dimensions, as many as are padded at least. */
CD_API cd_module *cd_nn_constant_pad1d(cd_sizes padding, double value);
CD_API cd_module *cd_nn_constant_pad2d(cd_sizes padding, double value);
CD_API cd_module *cd_nn_constant_pad3d(cd_sizes padding, double value);

/* torch.nn.ZeroPad1d and so on: the new elements are 0. */
CD_API cd_module *cd_nn_zero_pad1d(cd_sizes padding);
CD_API cd_module *cd_nn_zero_pad2d(cd_sizes padding);
CD_API cd_module *cd_nn_zero_pad3d(cd_sizes padding);

/* The input of the following modules has one or two dimensions more than are padded. */

/* torch.nn.ReflectionPad1d and so on: the input mirrored at its border, which does not come twice.
 */
CD_API cd_module *cd_nn_reflection_pad1d(cd_sizes padding);
CD_API cd_module *cd_nn_reflection_pad2d(cd_sizes padding);
CD_API cd_module *cd_nn_reflection_pad3d(cd_sizes padding);

/* torch.nn.ReplicationPad1d and so on: the input's border again. */
CD_API cd_module *cd_nn_replication_pad1d(cd_sizes padding);
CD_API cd_module *cd_nn_replication_pad2d(cd_sizes padding);
CD_API cd_module *cd_nn_replication_pad3d(cd_sizes padding);

/* torch.nn.CircularPad1d and so on: the input begins again. */
CD_API cd_module *cd_nn_circular_pad1d(cd_sizes padding);
CD_API cd_module *cd_nn_circular_pad2d(cd_sizes padding);
CD_API cd_module *cd_nn_circular_pad3d(cd_sizes padding);

CD_END_DECLS

#endif
