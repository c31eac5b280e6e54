/* Samples and bad calls of interpolate: see op_cases.h. */
#include "autograd/resample_ops.h"
#include "op_cases.h"

enum { /* in p */
       MODE,
       SIZE,
       SIZE_W,
       SCALE,
       SCALE_W,
       ALIGN,
       RECOMPUTE,
       ANTIALIAS,
       SIZE_D,
       SCALE_D
};

static cd_tensor *call(cd_tensor *const *in, const double *p)
{
    return cd_interpolate(
        in[0], .mode = (cd_resampling)p[MODE], .size = (int64_t)p[SIZE],
        .size_w = (int64_t)p[SIZE_W], .scale_factor = p[SCALE], .scale_factor_w = p[SCALE_W],
        .align_corners = p[ALIGN] != 0, .recompute_scale_factor = p[RECOMPUTE] != 0,
        .antialias = p[ANTIALIAS] != 0, .size_d = (int64_t)p[SIZE_D], .scale_factor_d = p[SCALE_D]);
}

static cd_tensor *bytes(int64_t rows, int64_t columns)
{
    return cd_to(cd_randint(0, 256, CD_SHAPE(2, 1, rows, columns)), CD_U8);
}

static void samples_of_volumes(cd_samples *s)
{
    cd_tensor *volume = cd_randn(CD_SHAPE(1, 2, 2, 3, 2));
    static const int any[] = { CD_RESAMPLING_NEAREST, CD_RESAMPLING_NEAREST_EXACT,
                               CD_RESAMPLING_AREA, CD_RESAMPLING_TRILINEAR };
    for (int k = 0; k < 4; k++) {
        cd_sample(s, call, { volume }, { [MODE] = any[k], [SIZE] = 2, [SIZE_W] = 3, [SIZE_D] = 4 });
        cd_sample(s, call, { volume }, { [MODE] = any[k], [SCALE] = 1.5, [SCALE_D] = 0.7 });
    }
    cd_sample(s, call, { volume }, { [MODE] = CD_RESAMPLING_TRILINEAR, [SIZE] = 3, [ALIGN] = 1 });
    cd_sample(s, call, { volume },
              { [MODE] = CD_RESAMPLING_TRILINEAR, [SCALE] = 1.4, [RECOMPUTE] = 1 });
    cd_sample(s, call, { cd_to(cd_abs(cd_mul(volume, 90)), CD_U8) },
              { [MODE] = CD_RESAMPLING_NEAREST, [SIZE] = 3 });
}

static void samples_of_bytes(cd_samples *s)
{
    cd_sample(s, call, { bytes(3, 4) }, { [MODE] = CD_RESAMPLING_NEAREST, [SIZE] = 5 });
    for (int mode = CD_RESAMPLING_BILINEAR; mode <= CD_RESAMPLING_BICUBIC; mode++) {
        for (int wide = 0; wide < 2; wide++) {
            cd_sample(s, call, { bytes(5, 4) },
                      { [MODE] = mode, [SIZE] = 3, [SIZE_W] = 6, [ANTIALIAS] = wide });
            cd_sample(s, call, { bytes(3, 5) },
                      { [MODE] = mode, [SIZE] = 4, [ALIGN] = 1, [ANTIALIAS] = wide });
        }
    }
}

static void samples(cd_samples *s)
{
    cd_tensor *line = cd_randn(CD_SHAPE(2, 2, 4)), *image = cd_randn(CD_SHAPE(1, 2, 3, 4));
    static const int any[] = { CD_RESAMPLING_NEAREST, CD_RESAMPLING_NEAREST_EXACT,
                               CD_RESAMPLING_AREA };
    for (int k = 0; k < 3; k++) {
        cd_sample(s, call, { line }, { [MODE] = any[k], [SIZE] = 6 });
        cd_sample(s, call, { image }, { [MODE] = any[k], [SIZE] = 5, [SIZE_W] = 3 });
        cd_sample(s, call, { image }, { [MODE] = any[k], [SCALE] = 1.5, [SCALE_W] = 0.7 });
    }
    cd_sample(s, call, { line }, { [MODE] = CD_RESAMPLING_LINEAR, [SIZE] = 6 });
    cd_sample(s, call, { line }, { [MODE] = CD_RESAMPLING_LINEAR, [SIZE] = 7, [ALIGN] = 1 });
    cd_sample(s, call, { line }, { [MODE] = CD_RESAMPLING_LINEAR, [SCALE] = 0.6 });
    for (int mode = CD_RESAMPLING_BILINEAR; mode <= CD_RESAMPLING_BICUBIC; mode++) {
        for (int wide = 0; wide < 2; wide++) {
            cd_sample(s, call, { image },
                      { [MODE] = mode, [SIZE] = 5, [SIZE_W] = 3, [ANTIALIAS] = wide });
            cd_sample(s, call, { image },
                      { [MODE] = mode, [SIZE] = 1, [SIZE_W] = 6, [ALIGN] = 1, [ANTIALIAS] = wide });
            cd_sample(s, call, { image }, { [MODE] = mode, [SCALE] = 0.7, [ANTIALIAS] = wide });
        }
        cd_sample(s, call, { image }, { [MODE] = mode, [SCALE] = 1.4, [RECOMPUTE] = 1 });
        cd_sample(s, call, { cd_randn(CD_SHAPE(0, 2, 3, 4)) }, { [MODE] = mode, [SIZE] = 2 });
        cd_sample(s, call, { cd_transpose(cd_randn(CD_SHAPE(1, 3, 2, 3)), 1, 3) },
                  { [MODE] = mode, [SIZE] = 4 });
    }
    samples_of_volumes(s);
    samples_of_bytes(s);
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 2, 3, 4)), *line = cd_zeros(CD_SHAPE(1, 2, 4));
    cd_expect_error(s, CD_ERR_ARGUMENT, "NULL", cd_interpolate(NULL, .size = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "no mode 7",
                    cd_interpolate(x, .size = 2, .mode = (cd_resampling)7));
    cd_expect_error(s, CD_ERR_SHAPE, "must be N x C x D x H x W in",
                    cd_interpolate(x, .size = 2, .mode = CD_RESAMPLING_TRILINEAR));
    cd_expect_error(s, CD_ERR_ARGUMENT, "has no depth", cd_interpolate(x, .size = 2, .size_d = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, "has no depth",
                    cd_interpolate(x, .scale_factor = 2, .scale_factor_d = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "uint8",
                    cd_interpolate(cd_to(line, CD_U8), .size = 2, .mode = CD_RESAMPLING_LINEAR));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3x4) must be N x C x L, N x C x H x W or N x C x D",
                    cd_interpolate(cd_zeros(CD_SHAPE(3, 4)), .size = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "must be N x C x H x W in",
                    cd_interpolate(line, .size = 2, .mode = CD_RESAMPLING_BICUBIC));
    cd_expect_error(s, CD_ERR_SHAPE, "must be N x C x L in",
                    cd_interpolate(x, .size = 2, .mode = CD_RESAMPLING_LINEAR));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".align_corners",
                    cd_interpolate(x, .size = 2, .align_corners = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".antialias",
                    cd_interpolate(x, .size = 2, .antialias = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "one of .size and .scale_factor", cd_interpolate(x));
    cd_expect_error(s, CD_ERR_ARGUMENT, "one of .size and .scale_factor",
                    cd_interpolate(x, .size = 2, .scale_factor = 2));
    cd_expect_error(s, CD_ERR_ARGUMENT, ".recompute_scale_factor",
                    cd_interpolate(x, .size = 2, .recompute_scale_factor = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "has no height",
                    cd_interpolate(line, .size = 2, .size_w = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "a size of 4 cannot become -1", cd_interpolate(x, .size = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "a size of 3 cannot become 0", cd_interpolate(x, .size_w = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "cannot become 0.4", cd_interpolate(x, .scale_factor = 0.1));
    cd_expect_error(s, CD_ERR_SHAPE, "nan", cd_interpolate(x, .scale_factor = (double)NAN));
    cd_expect_error(s, CD_ERR_SHAPE, "x (1x2x0x4) must have elements",
                    cd_interpolate(cd_zeros(CD_SHAPE(1, 2, 0, 4)), .size = 2));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_interpolate(cd_to(x, CD_I64), .size = 2));
    cd_expect_error(s, CD_ERR_SHAPE, "",
                    cd_interpolate(x, .size = INT64_C(1) << 40, .mode = CD_RESAMPLING_BICUBIC));
}

const op_cases cases_interpolate = { samples, misuse };
