/* Included once per type: REAL, EXP, POWER(x) that is e^x / UNIT for x <= 0, and NAME(x) that puts
 * the type's suffix on x. Sums are double, in sixteen parts. NaN need not win in a maximum: it
 * comes back through the sum. */

static REAL NAME(maximum)(int64_t n, const REAL *x)
{
    REAL most = -INFINITY;
    int64_t i = 0;
    if (n >= LANES) {
        REAL part[LANES];
        for (int j = 0; j < LANES; j++) part[j] = x[j];
        for (i = LANES; i + LANES <= n; i += LANES) {
            for (int j = 0; j < LANES; j++) part[j] = x[i + j] > part[j] ? x[i + j] : part[j];
        }
        for (int width = LANES / 2; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) {
                part[j] = part[j + width] > part[j] ? part[j + width] : part[j];
            }
        }
        most = part[0];
    }
    for (; i < n; i++) most = x[i] > most ? x[i] : most;
    return most;
}

/* sum(a) with b NULL, else sum(a b). */
static double NAME(sum)(int64_t n, const REAL *a, const REAL *b)
{
    double part[16] = { 0 };
    int64_t i = 0;
    if (b) {
        for (; i + 16 <= n; i += 16) {
            for (int j = 0; j < 16; j++) part[j] += (double)a[i + j] * (double)b[i + j];
        }
        for (int j = 0; i < n; i++, j++) part[j] += (double)a[i] * (double)b[i];
    } else {
        for (; i + 16 <= n; i += 16) {
            for (int j = 0; j < 16; j++) part[j] += (double)a[i + j];
        }
        for (int j = 0; i < n; i++, j++) part[j] += (double)a[i];
    }
    for (int width = 8; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) part[j] += part[j + width];
    }
    return part[0];
}

/* None is negative, so four may meet before they become double: that costs less than their own
 * rounding did. */
static double NAME(sum_of_powers)(int64_t n, const REAL *a)
{
    double part[16] = { 0 };
    int64_t i = 0;
    for (; i + 64 <= n; i += 64) {
        for (int j = 0; j < 16; j++) {
            part[j] += (double)((a[i + j] + a[i + 16 + j]) + (a[i + 32 + j] + a[i + 48 + j]));
        }
    }
    for (int width = 8; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) part[j] += part[j + width];
    }
    return part[0] + NAME(sum)(n - i, a + i, NULL);
}

static void NAME(forward_row)(int64_t n, const void *const *in, void *out)
{
    const REAL *x = in[0];
    REAL *y = out;
    const REAL most = NAME(maximum)(n, x);
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        fetch_ahead(x + begin, n * (int64_t)sizeof(REAL), count * (int64_t)sizeof(REAL));
        CD_CPU_VECTORISE
        for (int64_t i = begin; i < begin + count; i++) y[i] = POWER(x[i] - most);
        total += NAME(sum_of_powers)(count, y + begin);
    }
    const REAL scale = (REAL)(1 / total);
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
}

static void NAME(log_forward_row)(int64_t n, const void *const *in, void *out)
{
    const REAL *x = in[0];
    REAL *y = out, power[BLOCK];
    const REAL most = NAME(maximum)(n, x);
    double total = 0;
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t count = n - begin < BLOCK ? n - begin : BLOCK;
        for (int64_t i = 0; i < count; i++) power[i] = POWER(x[begin + i] - most);
        total += NAME(sum_of_powers)(count, power);
    }
    const REAL log_total = (REAL)log(total * UNIT);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) y[i] = x[i] - most - log_total;
}

static void NAME(backward_row)(int64_t n, const void *const *in, void *out)
{
    const REAL *y = in[0], *dy = in[1];
    REAL *dx = out;
    const REAL dot = (REAL)NAME(sum)(n, dy, y);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
}

static void NAME(log_backward_row)(int64_t n, const void *const *in, void *out)
{
    const REAL *y = in[0], *dy = in[1];
    REAL *dx = out;
    const REAL total = (REAL)NAME(sum)(n, dy, NULL);
    CD_CPU_VECTORISE
    for (int64_t i = 0; i < n; i++) dx[i] = dy[i] - EXP(y[i]) * total;
}

static void NAME(maximum_columns)(int64_t n, int64_t inner, int64_t width, const REAL *x,
                                  REAL *most)
{
    for (int64_t w = 0; w < width; w++) most[w] = -INFINITY;
    for (int64_t i = 0; i < n; i++, x += inner) {
        for (int64_t w = 0; w < width; w++) most[w] = x[w] > most[w] ? x[w] : most[w];
    }
}

static void NAME(forward_columns)(int64_t n, int64_t inner, int64_t width, const void *const *in,
                                  void *out)
{
    REAL most[CD_SOFTMAX_WIDTH], scale[CD_SOFTMAX_WIDTH];
    double total[CD_SOFTMAX_WIDTH] = { 0 };
    NAME(maximum_columns)(n, inner, width, in[0], most);
    for (int64_t i = 0; i < n; i++) {
        const REAL *x = (const REAL *)in[0] + i * inner;
        REAL *y = (REAL *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) y[w] = POWER(x[w] - most[w]);
        for (int64_t w = 0; w < width; w++) total[w] += (double)y[w];
    }
    for (int64_t w = 0; w < width; w++) scale[w] = (REAL)(1 / total[w]);
    for (int64_t i = 0; i < n; i++) {
        REAL *y = (REAL *)out + i * inner;
        for (int64_t w = 0; w < width; w++) y[w] *= scale[w];
    }
}

static void NAME(log_forward_columns)(int64_t n, int64_t inner, int64_t width,
                                      const void *const *in, void *out)
{
    REAL most[CD_SOFTMAX_WIDTH], power[CD_SOFTMAX_WIDTH];
    double total[CD_SOFTMAX_WIDTH] = { 0 };
    NAME(maximum_columns)(n, inner, width, in[0], most);
    for (int64_t i = 0; i < n; i++) {
        const REAL *x = (const REAL *)in[0] + i * inner;
        for (int64_t w = 0; w < width; w++) power[w] = POWER(x[w] - most[w]);
        for (int64_t w = 0; w < width; w++) total[w] += (double)power[w];
    }
    for (int64_t w = 0; w < width; w++) power[w] = (REAL)log(total[w] * UNIT);
    for (int64_t i = 0; i < n; i++) {
        const REAL *x = (const REAL *)in[0] + i * inner;
        REAL *y = (REAL *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) y[w] = x[w] - most[w] - power[w];
    }
}

static void NAME(backward_columns)(int64_t n, int64_t inner, int64_t width, const void *const *in,
                                   void *out)
{
    double dot[CD_SOFTMAX_WIDTH] = { 0 };
    for (int64_t i = 0; i < n; i++) {
        const REAL *y = (const REAL *)in[0] + i * inner, *dy = (const REAL *)in[1] + i * inner;
        for (int64_t w = 0; w < width; w++) dot[w] += (double)dy[w] * (double)y[w];
    }
    for (int64_t i = 0; i < n; i++) {
        const REAL *y = (const REAL *)in[0] + i * inner, *dy = (const REAL *)in[1] + i * inner;
        REAL *dx = (REAL *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) dx[w] = y[w] * (dy[w] - (REAL)dot[w]);
    }
}

static void NAME(log_backward_columns)(int64_t n, int64_t inner, int64_t width,
                                       const void *const *in, void *out)
{
    double total[CD_SOFTMAX_WIDTH] = { 0 };
    for (int64_t i = 0; i < n; i++) {
        const REAL *dy = (const REAL *)in[1] + i * inner;
        for (int64_t w = 0; w < width; w++) total[w] += (double)dy[w];
    }
    for (int64_t i = 0; i < n; i++) {
        const REAL *y = (const REAL *)in[0] + i * inner, *dy = (const REAL *)in[1] + i * inner;
        REAL *dx = (REAL *)out + i * inner;
        CD_CPU_VECTORISE
        for (int64_t w = 0; w < width; w++) dx[w] = dy[w] - EXP(y[w]) * (REAL)total[w];
    }
}

#undef REAL
#undef EXP
#undef POWER
#undef UNIT
#undef NAME
