/* arange and linspace. The values are PyTorch's (ATen/native/cpu/RangeFactoriesKernel.cpp, 2.15, as
 * it runs on a processor with AVX2 and FMA) bit for bit, which is why each is reckoned as it is. */
#include <float.h>
#include <math.h>

#include "core/error.h"
#include "core/tensor_internal.h"

/* Writes an integer that the dtype can hold. */
static void store(const cd_tensor *t, int64_t i, int64_t value)
{
    void *data = cd_tensor_data(t);
    if (t->dtype == CD_I64) ((int64_t *)data)[i] = value;
    if (t->dtype == CD_I32) ((int32_t *)data)[i] = (int32_t)value;
    if (t->dtype == CD_U8) ((uint8_t *)data)[i] = (uint8_t)value;
}

static bool holds(cd_dtype dtype, int64_t value)
{
    if (dtype == CD_I32) return value >= INT32_MIN && value <= INT32_MAX;
    return dtype == CD_I64 || (value >= 0 && value <= UINT8_MAX);
}

static bool check_dtype(const char *what, cd_dtype dtype)
{
    if (dtype == CD_BOOL) return cd_fail(CD_ERR_DTYPE, "%s: there is no range of bool", what);
    return cd_dtype_size(dtype) != 0 ||
           cd_fail(CD_ERR_DTYPE, "%s: %d is no dtype", what, (int)dtype);
}

/* --- arange ----------------------------------------------------------------------------------- */

/* The end as a double, and as an integer where it is one. */
typedef struct range {
    double start, end, step;
    int64_t whole_start, whole_end, whole_step, size;
    bool whole; /* the end is an integer */
    cd_dtype dtype;
} range;

static bool fail_to_lead(const range *r)
{
    return cd_fail(CD_ERR_ARGUMENT, "arange: steps of %g do not lead from %g to %g", r->step,
                   r->start, r->end);
}

static bool check_range(const range *r)
{
    if (!isfinite(r->start) || !isfinite(r->end) || !isfinite(r->step)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "arange: %g to %g by steps of %g is no range: all must be "
                       "finite",
                       r->start, r->end, r->step);
    }
    return (r->step > 0 ? r->end >= r->start : r->end <= r->start) || fail_to_lead(r);
}

/* ceil((end - start) / step), in double as in PyTorch. */
static bool floating_size(range *r)
{
    double size = ceil((r->end - r->start) / r->step);
    if (!(size < 0x1p63)) {
        return cd_fail(CD_ERR_ARGUMENT, "arange: %g to %g by steps of %g are too many numbers",
                       r->start, r->end, r->step);
    }
    r->size = (int64_t)size;
    return true;
}

static bool is_whole(double x)
{
    return x >= -0x1p63 && x < 0x1p63 && x == trunc(x);
}

/* The same, exactly; differences of any two int64 fit in 64 bits without a sign. */
static bool integer_size(range *r)
{
    if (!is_whole(r->start) || !is_whole(r->step)) {
        return cd_fail(CD_ERR_ARGUMENT, "arange: of %s, start (%g) and step (%g) must be whole",
                       cd_dtype_name(r->dtype), r->start, r->step);
    }
    r->whole_start = (int64_t)r->start;
    r->whole_step = (int64_t)r->step;
    if (!r->whole) return floating_size(r);
    bool up = r->whole_step > 0;
    /* As doubles they may have been equal. */
    if (up ? r->whole_end < r->whole_start : r->whole_end > r->whole_start) return fail_to_lead(r);
    uint64_t from = (uint64_t)r->whole_start, to = (uint64_t)r->whole_end;
    uint64_t distance = up ? to - from : from - to;
    uint64_t step = up ? (uint64_t)r->whole_step : -(uint64_t)r->whole_step;
    uint64_t size = distance / step + (distance % step != 0);
    r->size = size > INT64_MAX ? INT64_MAX : (int64_t)size; /* too many to make in any case */
    return true;
}

/* Number i of a range of integers; modulo 2^64, as a product may leave int64 though the sum does
 * not.
 */
static int64_t integer_at(const range *r, int64_t i)
{
    return (int64_t)((uint64_t)r->whole_start + (uint64_t)r->whole_step * (uint64_t)i);
}

/* Start and last number are values of the dtype, and so all between them. */
static bool check_values(const range *r)
{
    bool fits = r->size == 0 || r->dtype == CD_F64;
    if (r->dtype == CD_F32) {
        fits = fabs(r->start) <= (double)FLT_MAX && fabs(r->end) <= (double)FLT_MAX;
    } else if (!fits) {
        int64_t last = r->size - 1;
        /* A whole end is int64 itself, and the last number does not pass it. */
        bool counted = r->whole || is_whole(r->start + r->step * (double)last);
        fits = counted && holds(r->dtype, r->whole_start) && holds(r->dtype, integer_at(r, last));
    }
    return fits || cd_fail(CD_ERR_ARGUMENT, "arange: %g to %g does not fit in %s", r->start, r->end,
                           cd_dtype_name(r->dtype));
}

/* PyTorch takes two vectors at a time: the first number of each is reckoned from the start and
 * rounded, the others from that one. What is left is reckoned from the start, one by one. */
static void fill_f32(float *out, int64_t n, double start, double step)
{
    enum { VECTOR = 8 };
    int64_t i = 0;
    for (; i < n - n % (2 * VECTOR); i += VECTOR) {
        float first = (float)fma(step, (double)i, start);
        for (int k = 0; k < VECTOR; k++) out[i + k] = (float)fma(step, k, (double)first);
    }
    for (; i < n; i++) out[i] = (float)fma(step, (double)i, start);
}

static void fill_f64(double *out, int64_t n, double start, double step)
{
    enum { VECTOR = 4 };
    int64_t i = 0;
    for (; i < n - n % (2 * VECTOR); i += VECTOR) {
        double first = fma(step, (double)i, start);
        for (int k = 0; k < VECTOR; k++) out[i + k] = fma(step, k, first);
    }
    for (; i < n; i++) out[i] = fma(step, (double)i, start);
}

static void fill_range(const cd_tensor *t, const range *r)
{
    void *data = cd_tensor_data(t);
    if (t->dtype == CD_F32) fill_f32(data, t->numel, r->start, r->step);
    if (t->dtype == CD_F64) fill_f64(data, t->numel, r->start, r->step);
    if (cd_dtype_is_floating(t->dtype)) return;
    for (int64_t i = 0; i < t->numel; i++) store(t, i, integer_at(r, i));
}

cd_tensor *cd_arange_with(cd_arange_options o)
{
    if (o.end.kind == CD_OPERAND_TENSOR) {
        (void)cd_fail(CD_ERR_ARGUMENT, "arange: the end must be a number");
        return NULL;
    }
    range r = { .start = o.start,
                .end = o.end.number,
                .step = o.step != 0 ? o.step : 1,
                .whole = o.end.kind != CD_OPERAND_DOUBLE,
                .whole_end = o.end.integer };
    r.dtype = o.dtype ? o.dtype : r.whole ? CD_I64 : CD_F32;
    if (!check_dtype("arange", r.dtype) || !check_range(&r)) return NULL;
    bool sized = cd_dtype_is_floating(r.dtype) ? floating_size(&r) : integer_size(&r);
    if (!sized || !check_values(&r)) return NULL;
    cd_shape shape = { .ndim = 1, .dim = { r.size } };
    cd_tensor *t = cd_tensor_make("arange", shape, r.dtype, o.requires_grad);
    if (t) fill_range(t, &r);
    return cd_hand(t);
}

/* --- linspace --------------------------------------------------------------------------------- */

/* Between n numbers; one has none, and any but 0 serves. */
static int64_t gaps(int64_t n)
{
    return n > 1 ? n - 1 : 1;
}

static void space_f32(float *out, int64_t n, float start, float end)
{
    float step = (end - start) / (float)gaps(n);
    for (int64_t i = 0; i < n / 2; i++) out[i] = fmaf(step, (float)i, start);
    for (int64_t i = n / 2; i < n; i++) out[i] = fmaf(-step, (float)(n - 1 - i), end);
}

static void space_f64(double *out, int64_t n, double start, double end)
{
    double step = (end - start) / (double)gaps(n);
    for (int64_t i = 0; i < n / 2; i++) out[i] = fma(step, (double)i, start);
    for (int64_t i = n / 2; i < n; i++) out[i] = fma(-step, (double)(n - 1 - i), end);
}

static void space_integers(const cd_tensor *t, double start, double end)
{
    int64_t n = t->numel;
    double step = (end - start) / (double)gaps(n);
    for (int64_t i = 0; i < n / 2; i++) store(t, i, (int64_t)fma(step, (double)i, start));
    for (int64_t i = n / 2; i < n; i++) store(t, i, (int64_t)fma(-step, (double)(n - 1 - i), end));
}

static bool check_ends(double start, double end, cd_dtype dtype)
{
    bool fits;
    if (cd_dtype_is_floating(dtype)) {
        double most = dtype == CD_F32 ? (double)FLT_MAX : DBL_MAX;
        fits = fabs(start) <= most && fabs(end) <= most && fabs(end - start) <= most;
    } else {
        fits = is_whole(trunc(start)) && is_whole(trunc(end)) && holds(dtype, (int64_t)start) &&
               holds(dtype, (int64_t)end);
    }
    return fits || cd_fail(CD_ERR_ARGUMENT,
                           "linspace: %g to %g is no range of %s: both and their difference must "
                           "be among its numbers",
                           start, end, cd_dtype_name(dtype));
}

cd_tensor *cd_linspace_with(cd_linspace_options o)
{
    cd_dtype dtype = o.dtype ? o.dtype : CD_F32;
    if (!check_dtype("linspace", dtype)) return NULL;
    if (o.steps < 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "linspace: there cannot be %lld steps: 0 or more",
                      (long long)o.steps);
        return NULL;
    }
    if (!check_ends(o.start, o.end, dtype)) return NULL;
    /* One number is the start: then the end, from which the last is reckoned, is it too. */
    double end = o.steps == 1 ? o.start : o.end;
    cd_shape shape = { .ndim = 1, .dim = { o.steps } };
    cd_tensor *t = cd_tensor_make("linspace", shape, dtype, o.requires_grad);
    if (!t) return NULL;
    void *data = cd_tensor_data(t);
    if (dtype == CD_F32) space_f32(data, o.steps, (float)o.start, (float)end);
    if (dtype == CD_F64) space_f64(data, o.steps, o.start, end);
    if (!cd_dtype_is_floating(dtype)) space_integers(t, trunc(o.start), trunc(end));
    return cd_hand(t);
}
