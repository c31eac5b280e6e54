/* Images and sequences of another size. The rules of ops.h hold here too. docs/ops.md has each with
 * its formula and gradient. */
#ifndef CANDELA_AUTOGRAD_RESAMPLE_OPS_H
#define CANDELA_AUTOGRAD_RESAMPLE_OPS_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* What cd_interpolate makes a new pixel of. */
typedef enum cd_resampling {
    CD_RESAMPLING_NEAREST = 0,   /* PyTorch's "nearest": the pixel before its place */
    CD_RESAMPLING_LINEAR,        /* two neighbours, of x with one dimension */
    CD_RESAMPLING_BILINEAR,      /* two by two, of x with two */
    CD_RESAMPLING_BICUBIC,       /* four by four, of x with two */
    CD_RESAMPLING_AREA,          /* the mean of the pixels that it covers: cd_adaptive_avg_pool2d */
    CD_RESAMPLING_NEAREST_EXACT, /* the pixel whose middle is nearest to its middle */
    CD_RESAMPLING_TRILINEAR      /* two by two by two, of x with three */
} cd_resampling;

/* Options of cd_interpolate. */
typedef struct cd_interpolate_options {
    cd_tensor *x; /* N x C x L, N x C x H x W or N x C x D x H x W */
    CD_GUARD_;
    /* One of these is given: the size of the result, or the factor. Depth and width have that of
     * the height unless theirs is given. */
    int64_t size, size_d, size_w;
    double scale_factor, scale_factor_d, scale_factor_w;
    cd_resampling mode;
    bool align_corners; /* the smooth modes: the first and last pixels keep their places */
    bool
        recompute_scale_factor; /* places are computed with the ratio of the sizes, which are whole,
                                    in place of the factor */
    bool antialias;             /* bilinear, bicubic: a smaller result is made of all pixels */
} cd_interpolate_options;

/* torch.nn.functional.interpolate: cd_interpolate(x, .scale_factor = 2, .mode =
 * CD_RESAMPLING_BILINEAR). Floating dtypes, and uint8 for the modes of nearest, bilinear and
 * bicubic; in these two, weights of uint8 are rounded to 16 bits, and the result of each row and
 * then of each column to a whole number from 0 to 255. */
CD_API cd_tensor *cd_interpolate_with(cd_interpolate_options options);
#define cd_interpolate(...) cd_interpolate_with((cd_interpolate_options){ .x = __VA_ARGS__ })

CD_END_DECLS

#endif
