/* Start values, by the names and formulas of torch.nn.init. They change the tensor, outside any
 * graph, and return it; the numbers come from the default generator. */
#ifndef CANDELA_NN_INIT_H
#define CANDELA_NN_INIT_H

#include "core/tensor.h"

CD_BEGIN_DECLS

CD_API cd_tensor *cd_init_constant_(cd_tensor *t, double value);
CD_API cd_tensor *cd_init_uniform_(cd_tensor *t, double from, double to);
CD_API cd_tensor *cd_init_normal_(cd_tensor *t, double mean, double std);

/* For a weight of out x in (x K x K): fan_in = in * K * K, fan_out = out * K * K. */
typedef enum cd_fan { CD_FAN_IN = 0, CD_FAN_OUT } cd_fan;

/* Uniform in +-gain * sqrt(3 / fan), gain = sqrt(2 / (1 + a^2)): He et al. 2015 for a leaky ReLU of
 * slope a (0: ReLU). PyTorch's layers start so with a = sqrt(5). */
CD_API cd_tensor *cd_init_kaiming_uniform_(cd_tensor *t, double a, cd_fan fan);
/* Normal with deviation gain / sqrt(fan). torchvision's ResNets start so: a = 0, CD_FAN_OUT. */
CD_API cd_tensor *cd_init_kaiming_normal_(cd_tensor *t, double a, cd_fan fan);

CD_END_DECLS

#endif
