/* Resampling: planes are the pieces of the work. The workspace holds the summands of all rows, then
 * those of all columns. */
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

typedef void taps_function(const cd_resample_task *task, const cd_resample_axis *axis,
                           cd_resample_taps taps);
typedef void plane_function(const cd_resample_task *task, int64_t plane);

static taps_function *const make_taps[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(make_taps) };
static plane_function *const resample[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(resample) };
static plane_function *const resample_backward[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(
    resample_backward) };

/* Whether rows or columns stay as they are: also with antialias, when their number does. */
static bool stays(const cd_resample_sizes *s, const cd_resample_axis *a)
{
    return a->stays || (s->mode >= CD_RESAMPLE_LINEAR_WIDE && a->in == a->out);
}

/* How many summands a row or column has at most. */
static int64_t taps_width(const cd_resample_sizes *s, const cd_resample_axis *a)
{
    static const int width[] = {
        [CD_RESAMPLE_NEAREST] = 1, [CD_RESAMPLE_NEAREST_EXACT] = 1, [CD_RESAMPLE_LINEAR] = 2,
        [CD_RESAMPLE_CUBIC] = 4,   [CD_RESAMPLE_LINEAR_WIDE] = 1,   [CD_RESAMPLE_CUBIC_WIDE] = 2
    };
    if (stays(s, a)) return 1;
    if (s->mode < CD_RESAMPLE_LINEAR_WIDE) return width[s->mode];
    const double distance = distance_f64(a, s->align_corners);
    return (int64_t)ceil(width[s->mode] * (distance >= 1 ? distance : 1)) * 2 + 1;
}

static bool add_bytes(const cd_resample_sizes *s, const cd_resample_axis *a, size_t *bytes)
{
    size_t own;
    return !__builtin_mul_overflow(a->out, taps_width(s, a), &own) &&
           !__builtin_mul_overflow(own, sizeof(cd_resample_tap), &own) &&
           !__builtin_add_overflow(own, *bytes, bytes);
}

size_t cd_cpu_resample_workspace(const cd_resample_sizes *s)
{
    size_t bytes = 0;
    return add_bytes(s, &s->rows, &bytes) && add_bytes(s, &s->columns, &bytes) ? bytes : SIZE_MAX;
}

static void run_piece(int64_t piece, void *context)
{
    const cd_resample_task *t = context;
    const int64_t first = piece * t->planes_in_piece;
    const int64_t end = cd_smaller(first + t->planes_in_piece, t->sizes->planes);
    for (int64_t plane = first; plane < end; plane++) t->function(t, plane);
}

static void set_taps(const cd_resample_task *t, cd_dtype dtype, const cd_resample_axis *a,
                     cd_resample_taps taps)
{
    if (!stays(t->sizes, a)) {
        make_taps[dtype](t, a, taps);
        return;
    }
    for (int64_t i = 0; i < a->out; i++) taps.tap[i] = (cd_resample_tap){ i, 1 };
}

/* A piece is one plane, or several small ones that have some 32k elements together. */
static void run(cd_resample_task *t, cd_dtype dtype, plane_function *function, void *workspace)
{
    enum { PIECE = 32768 };
    const cd_resample_sizes *s = t->sizes;
    const int64_t area = s->rows.in * s->columns.in + s->rows.out * s->columns.out;
    t->rows = (cd_resample_taps){ workspace, taps_width(s, &s->rows) };
    t->columns =
        (cd_resample_taps){ t->rows.tap + s->rows.out * t->rows.width, taps_width(s, &s->columns) };
    set_taps(t, dtype, &s->rows, t->rows);
    set_taps(t, dtype, &s->columns, t->columns);
    t->function = function;
    t->planes_in_piece = area < PIECE ? PIECE / area : 1;
    cd_parallel((s->planes + t->planes_in_piece - 1) / t->planes_in_piece, run_piece, t);
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
