/* The kernels of batch norm over one channel, for one floating type. batch_norm_internal.h says
 * what each computes.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h).
 *
 * A sum has 16 lanes, where lane l takes the elements l, l + 16, ... of each run: as wide as four
 * vectors of doubles. Its order is the same in every build. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of batch_norm_typed.h is missing"
#endif
#include "core/cpu/batch_norm_internal.h"
#include "core/cpu/cpu_internal.h"
#include "core/cpu/typed_internal.h"

#define LANES CD_BATCH_NORM_LANES

static double TYPED(sum)(cd_batch_norm_channel channel, const void *x)
{
    double lane[LANES] = { 0 };
    for (int64_t run = 0; run < channel.runs; run++) {
        const TYPE *from = (const TYPE *)x + run * channel.stride;
        int64_t i = 0;
        for (; i + LANES <= channel.length; i += LANES) {
            for (int l = 0; l < LANES; l++) lane[l] += (double)from[i + l];
        }
        for (int l = 0; i + l < channel.length; l++) lane[l] += (double)from[i + l];
    }
    return cd_batch_norm_total(lane);
}

static double TYPED(squares)(cd_batch_norm_channel channel, const void *x, double mean)
{
    double lane[LANES] = { 0 };
    for (int64_t run = 0; run < channel.runs; run++) {
        const TYPE *from = (const TYPE *)x + run * channel.stride;
        int64_t i = 0;
        for (; i + LANES <= channel.length; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                double off = (double)from[i + l] - mean;
                lane[l] += off * off;
            }
        }
        for (int l = 0; i + l < channel.length; l++) {
            double off = (double)from[i + l] - mean;
            lane[l] += off * off;
        }
    }
    return cd_batch_norm_total(lane);
}

static void TYPED(products)(cd_batch_norm_channel channel, const void *dy, const void *x,
                            double mean, double *sum_dy, double *sum_product)
{
    double plain[LANES] = { 0 }, product[LANES] = { 0 };
    for (int64_t run = 0; run < channel.runs; run++) {
        const TYPE *g = (const TYPE *)dy + run * channel.stride,
                   *from = (const TYPE *)x + run * channel.stride;
        int64_t i = 0;
        for (; i + LANES <= channel.length; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                plain[l] += (double)g[i + l];
                product[l] += (double)g[i + l] * ((double)from[i + l] - mean);
            }
        }
        for (int l = 0; i + l < channel.length; l++) {
            plain[l] += (double)g[i + l];
            product[l] += (double)g[i + l] * ((double)from[i + l] - mean);
        }
    }
    *sum_dy = cd_batch_norm_total(plain);
    *sum_product = cd_batch_norm_total(product);
}

static void TYPED(normalise)(cd_batch_norm_channel channel, const void *x, double mean,
                             double scale, double shift, void *y)
{
    TYPE m = (TYPE)mean, a = (TYPE)scale, b = (TYPE)shift;
    for (int64_t run = 0; run < channel.runs; run++) {
        const TYPE *from = (const TYPE *)x + run * channel.stride;
        TYPE *to = (TYPE *)y + run * channel.stride;
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < channel.length; i++) to[i] = (from[i] - m) * a + b;
    }
}

static void TYPED(gradient)(cd_batch_norm_channel channel, const void *dy, const void *x,
                            double mean, double scale, double slope, double shift, void *dx)
{
    TYPE m = (TYPE)mean, a = (TYPE)scale, s = (TYPE)slope, b = (TYPE)shift;
    for (int64_t run = 0; run < channel.runs; run++) {
        const TYPE *g = (const TYPE *)dy + run * channel.stride,
                   *from = (const TYPE *)x + run * channel.stride;
        TYPE *to = (TYPE *)dx + run * channel.stride;
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < channel.length; i++) to[i] = g[i] * a + ((from[i] - m) * s + b);
    }
}

#undef LANES
#undef TYPE
#undef SUFFIX
