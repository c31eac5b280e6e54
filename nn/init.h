/* Initial values for parameters, as torch.nn.init. Each function overwrites a floating tensor
 * without recording a gradient, and returns it, or NULL with an error. Random numbers come from the
 * default generator. */
#ifndef CANDELA_NN_INIT_H
#define CANDELA_NN_INIT_H

#include "core/tensor.h"

CD_BEGIN_DECLS

/* Sets every element to `value`. */
CD_API cd_tensor *cd_init_constant_(cd_tensor *t, double value);
/* Draws every element uniformly from [from, to). */
CD_API cd_tensor *cd_init_uniform_(cd_tensor *t, double from, double to);
/* Draws every element from a normal distribution. */
CD_API cd_tensor *cd_init_normal_(cd_tensor *t, double mean, double std);

/* Which fan the Kaiming functions use. A weight of shape out x in (x K x K) has
 * fan_in = in (* K * K) and fan_out = out (* K * K). */
typedef enum cd_fan { CD_FAN_IN = 0, CD_FAN_OUT } cd_fan;

/* torch.nn.init.kaiming_uniform_: uniform in +-gain * sqrt(3 / fan), with gain = sqrt(2 / (1 +
 * a^2)). From He et al. 2015, for layers before a leaky ReLU of slope a (0: ReLU). PyTorch
 * initialises Linear and Conv2d with a = sqrt(5). CD_ERR_SHAPE for fewer than 2 dimensions or a fan
 * of 0. */
CD_API cd_tensor *cd_init_kaiming_uniform_(cd_tensor *t, double a, cd_fan fan);
/* torch.nn.init.kaiming_normal_: normal with mean 0 and standard deviation gain / sqrt(fan).
 * torchvision initialises the convolutions of ResNets with a = 0 and CD_FAN_OUT. */
CD_API cd_tensor *cd_init_kaiming_normal_(cd_tensor *t, double a, cd_fan fan);

CD_END_DECLS

#endif
