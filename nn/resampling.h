/* Layers that change the size of images and sequences. What nn/layers.h says of layers holds here
 * too. */
#ifndef CANDELA_NN_RESAMPLING_H
#define CANDELA_NN_RESAMPLING_H

#include "autograd/resample_ops.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* torch.nn.Upsample: cd_nn_upsample(.scale_factor = 2, .mode = CD_RESAMPLING_BILINEAR) (see
 * cd_interpolate, whose options it takes, without .x, .antialias and .scale_factor_w). */
CD_API cd_module *cd_nn_upsample_with(cd_interpolate_options options);
#define cd_nn_upsample(...) cd_nn_upsample_with((cd_interpolate_options){ .x = NULL, __VA_ARGS__ })
/* torch.nn.UpsamplingNearest2d: the same with .size, or .scale_factor, and nothing else. */
CD_API cd_module *cd_nn_upsampling_nearest2d_with(cd_interpolate_options options);
#define cd_nn_upsampling_nearest2d(...)                                                            \
    cd_nn_upsampling_nearest2d_with((cd_interpolate_options){ .x = NULL, __VA_ARGS__ })
/* torch.nn.UpsamplingBilinear2d: likewise, in the mode CD_RESAMPLING_BILINEAR with
 * .align_corners. */
CD_API cd_module *cd_nn_upsampling_bilinear2d_with(cd_interpolate_options options);
#define cd_nn_upsampling_bilinear2d(...)                                                           \
    cd_nn_upsampling_bilinear2d_with((cd_interpolate_options){ .x = NULL, __VA_ARGS__ })

CD_END_DECLS

#endif
