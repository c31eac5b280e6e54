/* Resampling for one floating type: the summands of each slice, row and column, and the sums of one
 * volume.
 * Positions and weights are computed in TYPE, since their rounding decides which pixel is taken.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h). */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of resample_typed.h is missing"
#endif
#include <math.h>
#include <string.h>

#include "core/cpu/resample_tap_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"

/* --- the summands ----------------------------------------------------------------------------- */

/* The distance of two neighbours of the result, counted in those of x. */
static TYPE TYPED(distance)(const cd_resample_axis *a, bool align_corners)
{
    if (align_corners) return a->out > 1 ? (TYPE)(a->in - 1) / (TYPE)(a->out - 1) : 0;
    return a->scale > 0 ? (TYPE)(1 / a->scale) : (TYPE)a->in / (TYPE)a->out;
}

/* The cubic convolution filter at distance t from its middle. */
static TYPE TYPED(cubic)(TYPE t, TYPE a)
{
    t = t < 0 ? -t : t;
    if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

static TYPE TYPED(triangle)(TYPE t)
{
    t = t < 0 ? -t : t;
    return t < 1 ? 1 - t : 0;
}

static void TYPED(nearest_taps)(const cd_resample_task *t, const cd_resample_axis *a,
                                cd_resample_taps taps)
{
    const TYPE distance = TYPED(distance)(a, false);
    const TYPE middle = t->sizes->mode == CD_RESAMPLE_NEAREST_EXACT ? (TYPE)0.5 : 0;
    for (int64_t i = 0; i < a->out; i++) {
        const int64_t from = (int64_t)(((TYPE)i + middle) * distance);
        taps.tap[i] = (cd_resample_tap){ cd_smaller(from, a->in - 1), 1 };
    }
}

static void TYPED(linear_taps)(const cd_resample_task *t, const cd_resample_axis *a,
                               cd_resample_taps taps)
{
    const bool align = t->sizes->align_corners;
    const TYPE distance = TYPED(distance)(a, align);
    for (int64_t i = 0; i < a->out; i++) {
        TYPE at = align ? distance * (TYPE)i : distance * ((TYPE)i + (TYPE)0.5) - (TYPE)0.5;
        if (a->in == a->out) at = (TYPE)i;
        if (at < 0) at = 0;
        const int64_t first = cd_smaller((int64_t)at, a->in - 1);
        TYPE second = at - (TYPE)first;
        if (second > 1) second = 1;
        cd_resample_tap *tap = taps.tap + 2 * i;
        tap[0] = (cd_resample_tap){ first, (double)(1 - second) };
        tap[1] = (cd_resample_tap){ a->in == a->out ? i : cd_smaller(first + 1, a->in - 1),
                                    (double)second };
    }
}

/* Beyond the border are copies of the border. */
static void TYPED(cubic_taps)(const cd_resample_task *t, const cd_resample_axis *a,
                              cd_resample_taps taps)
{
    const bool align = t->sizes->align_corners;
    const TYPE distance = TYPED(distance)(a, align);
    for (int64_t i = 0; i < a->out; i++) {
        TYPE at = align ? distance * (TYPE)i : distance * ((TYPE)i + (TYPE)0.5) - (TYPE)0.5;
        const int64_t first = cd_smaller((int64_t)floor((double)at), a->in - 1);
        TYPE part = at - (TYPE)first;
        if (part > 1) part = 1;
        for (int k = -1; k <= 2; k++) {
            const int64_t from = cd_smaller(cd_larger(first + k, 0), a->in - 1);
            const TYPE weight = TYPED(cubic)((TYPE)k - part, (TYPE)-0.75);
            taps.tap[4 * i + k + 1] = (cd_resample_tap){ from, (double)weight };
        }
    }
}

/* With antialias. The border has no copies: weights are divided by their sum. */
static void TYPED(wide_taps)(const cd_resample_task *t, const cd_resample_axis *a,
                             cd_resample_taps taps)
{
    const bool is_cubic = t->sizes->mode == CD_RESAMPLE_CUBIC_WIDE;
    const TYPE distance = TYPED(distance)(a, t->sizes->align_corners);
    const TYPE stretch = distance >= 1 ? distance : 1;
    const TYPE support = (is_cubic ? 2 : 1) * stretch;
    for (int64_t i = 0; i < a->out; i++) {
        cd_resample_tap *tap = taps.tap + i * taps.width;
        const TYPE middle = distance * ((TYPE)i + (TYPE)0.5);
        const int64_t first = cd_larger((int64_t)(middle - support + (TYPE)0.5), 0);
        const int64_t end = cd_smaller((int64_t)(middle + support + (TYPE)0.5), a->in);
        const int64_t count = cd_smaller(cd_larger(end - first, 0), taps.width);
        TYPE sum = 0;
        for (int64_t k = 0; k < count; k++) {
            const TYPE at = ((TYPE)(k + first) - middle + (TYPE)0.5) / stretch;
            const TYPE weight = is_cubic ? TYPED(cubic)(at, (TYPE)-0.5) : TYPED(triangle)(at);
            tap[k] = (cd_resample_tap){ first + k, (double)weight };
            sum += weight;
        }
        for (int64_t k = 0; k < count && sum != 0; k++) {
            tap[k].weight = (double)((TYPE)tap[k].weight / sum);
        }
        if (count < taps.width) tap[count].from = -1;
    }
}

static void TYPED(make_taps)(const cd_resample_task *t, const cd_resample_axis *a,
                             cd_resample_taps *taps)
{
    switch (t->sizes->mode) {
    case CD_RESAMPLE_NEAREST:
    case CD_RESAMPLE_NEAREST_EXACT:
        TYPED(nearest_taps)(t, a, *taps);
        break;
    case CD_RESAMPLE_LINEAR:
        TYPED(linear_taps)(t, a, *taps);
        break;
    case CD_RESAMPLE_CUBIC:
        TYPED(cubic_taps)(t, a, *taps);
        break;
    case CD_RESAMPLE_LINEAR_WIDE:
    case CD_RESAMPLE_CUBIC_WIDE:
        TYPED(wide_taps)(t, a, *taps);
        break;
    }
}

/* --- one volume ------------------------------------------------------------------------------- */

static TYPE TYPED(weighted)(const TYPE *row, const cd_resample_tap *tap, int64_t width)
{
    TYPE sum = (TYPE)tap->weight * row[tap->from];
    for (int64_t k = 1; k < width && tap[k].from >= 0; k++) {
        sum += (TYPE)tap[k].weight * row[tap[k].from];
    }
    return sum;
}

/* Adds one slice of x, times its weight, to the rows of one slice of y. */
static void TYPED(add_slice)(const cd_resample_task *t, const TYPE *x, TYPE weight, bool first,
                             TYPE *y)
{
    const cd_resample_axis *rows = &t->sizes->rows, *columns = &t->sizes->columns;
    for (int64_t i = 0; i < rows->out; i++, y += columns->out) {
        const cd_resample_tap *row = t->rows.tap + i * t->rows.width;
        for (int64_t k = 0; k < t->rows.width && row[k].from >= 0; k++) {
            const TYPE *from = x + row[k].from * columns->in, part = weight * (TYPE)row[k].weight;
            for (int64_t j = 0; j < columns->out; j++) {
                const cd_resample_tap *column = t->columns.tap + j * t->columns.width;
                const TYPE sum = part * TYPED(weighted)(from, column, t->columns.width);
                y[j] = first && k == 0 ? sum : y[j] + sum;
            }
        }
    }
}

static void TYPED(resample)(const cd_resample_task *t, int64_t volume)
{
    const cd_resample_sizes *s = t->sizes;
    const int64_t area_x = s->rows.in * s->columns.in, area_y = s->rows.out * s->columns.out;
    const TYPE *x = (const TYPE *)t->from + volume * s->slices.in * area_x;
    TYPE *y = (TYPE *)t->to + volume * s->slices.out * area_y;
    for (int64_t i = 0; i < s->slices.out; i++, y += area_y) {
        const cd_resample_tap *slice = t->slices.tap + i * t->slices.width;
        for (int64_t k = 0; k < t->slices.width && slice[k].from >= 0; k++) {
            TYPED(add_slice)(t, x + slice[k].from * area_x, (TYPE)slice[k].weight, k == 0, y);
        }
    }
}

/* Adds one slice of dy, times its weight, to the slice of dx that it was made of. */
static void TYPED(add_slice_backward)(const cd_resample_task *t, const TYPE *dy, TYPE weight,
                                      TYPE *dx)
{
    const cd_resample_axis *rows = &t->sizes->rows, *columns = &t->sizes->columns;
    for (int64_t i = 0; i < rows->out; i++, dy += columns->out) {
        const cd_resample_tap *row = t->rows.tap + i * t->rows.width;
        for (int64_t k = 0; k < t->rows.width && row[k].from >= 0; k++) {
            TYPE *to = dx + row[k].from * columns->in;
            for (int64_t j = 0; j < columns->out; j++) {
                const cd_resample_tap *column = t->columns.tap + j * t->columns.width;
                const TYPE part = weight * (TYPE)row[k].weight * dy[j];
                for (int64_t l = 0; l < t->columns.width && column[l].from >= 0; l++) {
                    to[column[l].from] += (TYPE)column[l].weight * part;
                }
            }
        }
    }
}

static void TYPED(resample_backward)(const cd_resample_task *t, int64_t volume)
{
    const cd_resample_sizes *s = t->sizes;
    const int64_t area_x = s->rows.in * s->columns.in, area_y = s->rows.out * s->columns.out;
    const TYPE *dy = (const TYPE *)t->from + volume * s->slices.out * area_y;
    TYPE *dx = (TYPE *)t->to + volume * s->slices.in * area_x;
    memset(dx, 0, (size_t)(s->slices.in * area_x) * sizeof(TYPE));
    for (int64_t i = 0; i < s->slices.out; i++, dy += area_y) {
        const cd_resample_tap *slice = t->slices.tap + i * t->slices.width;
        for (int64_t k = 0; k < t->slices.width && slice[k].from >= 0; k++) {
            TYPED(add_slice_backward)(t, dy, (TYPE)slice[k].weight, dx + slice[k].from * area_x);
        }
    }
}

#undef TYPE
#undef SUFFIX
