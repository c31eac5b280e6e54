/* Resampling: volumes, which are planes when x has no depth, are the pieces of the work. The
 * workspace holds the summands of all slices, then those of all rows, then those of all columns. */
#include "core/cpu/resample_internal.h"

#include "core/cpu/resample_tap_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/threads_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/resample_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/resample_typed.h"

/* --- u8 --------------------------------------------------------------------------------------- */

/* Adds up the weights of summands that are the same element, which come one after the other;
 * returns the largest weight that occurs, also on the way. */
static double merge(cd_resample_tap *tap, int64_t width)
{
    int64_t last = 0;
    double most = tap[0].weight;
    for (int64_t k = 1; k < width && tap[k].from >= 0; k++) {
        if (tap[k].from == tap[last].from) {
            tap[last].weight += tap[k].weight;
        } else {
            tap[++last] = tap[k];
        }
        if (tap[last].weight > most) most = tap[last].weight;
    }
    if (last + 1 < width) tap[last + 1].from = -1;
    return most;
}

/* Rounds weights to whole numbers of 16 bits with their sign, with as many bits behind the point as
 * the largest weight leaves. */
static void round_weights(cd_resample_taps *taps, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++) {
        const double own = merge(taps->tap + i * taps->width, taps->width);
        if (own > most) most = own;
    }
    while (taps->bits < 22 && most * (double)(2 << taps->bits) + 0.5 < 0x1p15) taps->bits++;
    const double one = (double)(1 << taps->bits);
    for (int64_t i = 0; i < count; i++) {
        cd_resample_tap *tap = taps->tap + i * taps->width;
        for (int64_t k = 0; k < taps->width && tap[k].from >= 0; k++) {
            tap[k].weight = trunc(tap[k].weight * one + (tap[k].weight < 0 ? -0.5 : 0.5));
        }
    }
}

/* The positions of nearest are those of f32. */
static void make_taps_u8(const cd_resample_task *t, const cd_resample_axis *a,
                         cd_resample_taps *taps)
{
    if (t->sizes->mode < CD_RESAMPLE_LINEAR) {
        make_taps_f32(t, a, taps);
        return;
    }
    make_taps_f64(t, a, taps);
    round_weights(taps, a->out);
}

/* A weighted sum of elements that are `step` apart, rounded. */
static uint8_t weighted_u8(const uint8_t *x, int64_t step, const cd_resample_tap *tap,
                           const cd_resample_taps *taps)
{
    if (taps->bits == 0) return x[tap->from * step];
    int32_t sum = 1 << (taps->bits - 1);
    for (int64_t k = 0; k < taps->width && tap[k].from >= 0; k++) {
        sum += (int32_t)tap[k].weight * x[tap[k].from * step];
    }
    if (sum < 0) return 0;
    sum >>= taps->bits;
    return (uint8_t)(sum > UINT8_MAX ? UINT8_MAX : sum);
}

/* Along the columns first: rows, and then columns, are rounded to whole numbers. */
static void resample_slice_u8(const cd_resample_task *t, const uint8_t *x, uint8_t *wide,
                              uint8_t *y)
{
    const cd_resample_axis *rows = &t->sizes->rows, *columns = &t->sizes->columns;
    const int64_t n = columns->out;
    for (int64_t i = 0; i < rows->in; i++) {
        for (int64_t j = 0; j < n; j++) {
            wide[i * n + j] = weighted_u8(x + i * columns->in, 1,
                                          t->columns.tap + j * t->columns.width, &t->columns);
        }
    }
    for (int64_t i = 0; i < rows->out; i++) {
        for (int64_t j = 0; j < n; j++) {
            y[i * n + j] = weighted_u8(wide + j, n, t->rows.tap + i * t->rows.width, &t->rows);
        }
    }
}

static void resample_u8(const cd_resample_task *t, int64_t volume)
{
    const cd_resample_sizes *s = t->sizes;
    const int64_t area_x = s->rows.in * s->columns.in, area_y = s->rows.out * s->columns.out;
    const uint8_t *x = (const uint8_t *)t->from + volume * s->slices.in * area_x;
    for (int64_t i = 0; i < s->slices.out; i++) {
        const int64_t slice = volume * s->slices.out + i;
        resample_slice_u8(t, x + t->slices.tap[i].from * area_x,
                          t->widened + slice * s->rows.in * s->columns.out,
                          (uint8_t *)t->to + slice * area_y);
    }
}

/* --- by dtype --------------------------------------------------------------------------------- */

typedef void taps_function(const cd_resample_task *task, const cd_resample_axis *axis,
                           cd_resample_taps *taps);
typedef void volume_function(const cd_resample_task *task, int64_t volume);

static taps_function *const make_taps[CD_DTYPE_COUNT] = {
    CD_CPU_FLOATS(make_taps), [CD_U8] = make_taps_u8
};
static volume_function *const resample[CD_DTYPE_COUNT] = {
    CD_CPU_FLOATS(resample), [CD_U8] = resample_u8
};
static volume_function *const resample_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(
    resample_backward) };
/* Whether rows are computed from rows that have the columns of the result. */
static const bool widens[CD_DTYPE_COUNT] = { [CD_U8] = true };

/* Whether slices, rows or columns stay as they are: with antialias, and of u8 in any mode but
 * nearest, when their number does. */
static bool stays(const cd_resample_sizes *s, cd_dtype dtype, const cd_resample_axis *a)
{
    const cd_resample_mode from = widens[dtype] ? CD_RESAMPLE_LINEAR : CD_RESAMPLE_LINEAR_WIDE;
    return a->stays || (s->mode >= from && a->in == a->out);
}

/* How many summands a slice, row or column has at most. */
static int64_t taps_width(const cd_resample_sizes *s, cd_dtype dtype, const cd_resample_axis *a)
{
    static const int width[] = {
        [CD_RESAMPLE_NEAREST] = 1, [CD_RESAMPLE_NEAREST_EXACT] = 1, [CD_RESAMPLE_LINEAR] = 2,
        [CD_RESAMPLE_CUBIC] = 4,   [CD_RESAMPLE_LINEAR_WIDE] = 1,   [CD_RESAMPLE_CUBIC_WIDE] = 2
    };
    if (stays(s, dtype, a)) return 1;
    if (s->mode < CD_RESAMPLE_LINEAR_WIDE) return width[s->mode];
    const double distance = distance_f64(a, s->align_corners);
    return (int64_t)ceil(width[s->mode] * (distance >= 1 ? distance : 1)) * 2 + 1;
}

static bool add_bytes(const cd_resample_sizes *s, cd_dtype dtype, const cd_resample_axis *a,
                      size_t *bytes)
{
    size_t own;
    return !__builtin_mul_overflow(a->out, taps_width(s, dtype, a), &own) &&
           !__builtin_mul_overflow(own, sizeof(cd_resample_tap), &own) &&
           !__builtin_add_overflow(own, *bytes, bytes);
}

/* Room for x with the columns of y. */
static bool add_widened(const cd_resample_sizes *s, size_t *bytes)
{
    size_t own;
    return !__builtin_mul_overflow(s->volumes, s->slices.out, &own) &&
           !__builtin_mul_overflow(own, s->rows.in, &own) &&
           !__builtin_mul_overflow(own, s->columns.out, &own) &&
           !__builtin_add_overflow(own, *bytes, bytes);
}

size_t cd_cpu_resample_workspace(const cd_resample_sizes *s, cd_dtype dtype)
{
    size_t bytes = 0;
    const bool fits =
        add_bytes(s, dtype, &s->slices, &bytes) && add_bytes(s, dtype, &s->rows, &bytes) &&
        add_bytes(s, dtype, &s->columns, &bytes) && (!widens[dtype] || add_widened(s, &bytes));
    return fits ? bytes : SIZE_MAX;
}

static void run_piece(int64_t piece, void *context)
{
    const cd_resample_task *t = context;
    const int64_t first = piece * t->volumes_in_piece;
    const int64_t end = cd_smaller(first + t->volumes_in_piece, t->sizes->volumes);
    for (int64_t volume = first; volume < end; volume++) t->function(t, volume);
}

/* The summands of slices, rows or columns, at `tap`, behind which those of the next axis begin. */
static cd_resample_taps taps_at(const cd_resample_task *t, cd_dtype dtype,
                                const cd_resample_axis *a, cd_resample_tap **tap)
{
    cd_resample_taps taps = { *tap, taps_width(t->sizes, dtype, a), 0 };
    if (!stays(t->sizes, dtype, a)) {
        make_taps[dtype](t, a, &taps);
    } else {
        for (int64_t i = 0; i < a->out; i++) taps.tap[i] = (cd_resample_tap){ i, 1 };
    }
    *tap += a->out * taps.width;
    return taps;
}

/* A piece is one volume, or several small ones that have some 32k elements together. */
static void run(cd_resample_task *t, cd_dtype dtype, volume_function *function, void *workspace)
{
    enum { PIECE = 32768 };
    const cd_resample_sizes *s = t->sizes;
    const int64_t area =
        s->slices.in * s->rows.in * s->columns.in + s->slices.out * s->rows.out * s->columns.out;
    cd_resample_tap *tap = workspace;
    t->slices = taps_at(t, dtype, &s->slices, &tap);
    t->rows = taps_at(t, dtype, &s->rows, &tap);
    t->columns = taps_at(t, dtype, &s->columns, &tap);
    t->widened = (uint8_t *)tap;
    t->function = function;
    t->volumes_in_piece = area < PIECE ? PIECE / area : 1;
    cd_parallel((s->volumes + t->volumes_in_piece - 1) / t->volumes_in_piece, run_piece, t);
}

void cd_cpu_resample(const cd_resample_sizes *sizes, cd_dtype dtype, const void *x, void *y,
                     void *workspace)
{
    cd_resample_task t = { .sizes = sizes, .from = x, .to = y };
    run(&t, dtype, resample[dtype], workspace);
}

void cd_cpu_resample_backward(const cd_resample_sizes *sizes, cd_dtype dtype, const void *dy,
                              void *dx, void *workspace)
{
    cd_resample_task t = { .sizes = sizes, .from = dy, .to = dx };
    run(&t, dtype, resample_backward[dtype], workspace);
}
