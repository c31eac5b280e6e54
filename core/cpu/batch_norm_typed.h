/* The kernels of batch norm for one floating type; batch_norm_kernel.c includes it for each, with
 * REAL and TYPED defined. What they compute stands in batch_norm_internal.h. */

static double TYPED(sum)(cd_batch_norm_channel at, const void *x)
{
    double lane[LANES] = { 0 };
    for (int64_t run = 0; run < at.runs; run++) {
        const REAL *from = (const REAL *)x + run * at.stride;
        int64_t i = 0;
        for (; i + LANES <= at.length; i += LANES) {
            for (int l = 0; l < LANES; l++) lane[l] += (double)from[i + l];
        }
        for (int l = 0; i + l < at.length; l++) lane[l] += (double)from[i + l];
    }
    return fold(lane);
}

static double TYPED(squares)(cd_batch_norm_channel at, const void *x, double mean)
{
    double lane[LANES] = { 0 };
    for (int64_t run = 0; run < at.runs; run++) {
        const REAL *from = (const REAL *)x + run * at.stride;
        int64_t i = 0;
        for (; i + LANES <= at.length; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                double off = (double)from[i + l] - mean;
                lane[l] += off * off;
            }
        }
        for (int l = 0; i + l < at.length; l++) {
            double off = (double)from[i + l] - mean;
            lane[l] += off * off;
        }
    }
    return fold(lane);
}

static void TYPED(products)(cd_batch_norm_channel at, const void *dy, const void *x, double mean,
                            double *sum_dy, double *sum_product)
{
    double plain[LANES] = { 0 }, product[LANES] = { 0 };
    for (int64_t run = 0; run < at.runs; run++) {
        const REAL *g = (const REAL *)dy + run * at.stride,
                   *from = (const REAL *)x + run * at.stride;
        int64_t i = 0;
        for (; i + LANES <= at.length; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                plain[l] += (double)g[i + l];
                product[l] += (double)g[i + l] * ((double)from[i + l] - mean);
            }
        }
        for (int l = 0; i + l < at.length; l++) {
            plain[l] += (double)g[i + l];
            product[l] += (double)g[i + l] * ((double)from[i + l] - mean);
        }
    }
    *sum_dy = fold(plain);
    *sum_product = fold(product);
}

static void TYPED(normalise)(cd_batch_norm_channel at, const void *x, double mean, double scale,
                             double shift, void *y)
{
    REAL m = (REAL)mean, a = (REAL)scale, b = (REAL)shift;
    for (int64_t run = 0; run < at.runs; run++) {
        const REAL *from = (const REAL *)x + run * at.stride;
        REAL *to = (REAL *)y + run * at.stride;
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < at.length; i++) to[i] = (from[i] - m) * a + b;
    }
}

static void TYPED(gradient)(cd_batch_norm_channel at, const void *dy, const void *x, double mean,
                            double scale, double slope, double shift, void *dx)
{
    REAL m = (REAL)mean, a = (REAL)scale, s = (REAL)slope, b = (REAL)shift;
    for (int64_t run = 0; run < at.runs; run++) {
        const REAL *g = (const REAL *)dy + run * at.stride,
                   *from = (const REAL *)x + run * at.stride;
        REAL *to = (REAL *)dx + run * at.stride;
        CD_CPU_VECTORISE
        for (int64_t i = 0; i < at.length; i++) to[i] = g[i] * a + ((from[i] - m) * s + b);
    }
}
