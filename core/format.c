/* Text of arrays, by the rules of PyTorch's torch/_tensor_str.py (2.15). */
#include "core/format_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"

static const char PREFIX[] = "tensor(";
enum { INDENT = sizeof PREFIX - 1, ELEMENT_BYTES = 64 };

/* --- text that grows -------------------------------------------------------------------------- */

typedef struct text {
    char *bytes; /* NUL-terminated once something was added */
    size_t size, room;
    size_t line; /* where the last line begins */
    bool failed; /* out of memory; what is added after that is lost */
} text;

static bool text_reserve(text *t, size_t more)
{
    size_t need;
    if (t->failed) return false;
    if (!cd_checked_add(t->size, more, &need) || !cd_checked_add(need, 1, &need)) {
        t->failed = true;
        return cd_fail(CD_ERR_MEMORY, "print: the text would have more bytes than memory");
    }
    if (need <= t->room) return true;
    size_t room = need > SIZE_MAX / 2 ? need : need * 2;
    char *bytes = cd_realloc(t->bytes, room);
    if (!bytes) {
        t->failed = true;
        return false;
    }
    t->bytes = bytes;
    t->room = room;
    return true;
}

static void text_add(text *t, const char *string)
{
    size_t length = strlen(string);
    if (!text_reserve(t, length)) return;
    memcpy(t->bytes + t->size, string, length + 1);
    t->size += length;
}

static void text_repeat(text *t, char c, int count)
{
    if (count <= 0 || !text_reserve(t, (size_t)count)) return;
    memset(t->bytes + t->size, c, (size_t)count);
    t->size += (size_t)count;
    t->bytes[t->size] = '\0';
}

static void text_newlines(text *t, int count, int spaces)
{
    text_repeat(t, '\n', count);
    t->line = t->size;
    text_repeat(t, ' ', spaces);
}

/* --- one element ------------------------------------------------------------------------------ */

/* One style serves a whole array, so that its columns line up. The widest elements, of int64, have
 * 20 characters: the exponent keeps doubles from taking more than 12. */
typedef struct style {
    cd_dtype dtype;
    bool scientific; /* 1.0000e+05 */
    bool integers;   /* every value is one: 3. instead of 3.0000 */
    int width;       /* of the widest element; zeros, infinities and NaNs do not count */
} style;

static double floating_at(cd_dtype dtype, const void *data, int64_t at)
{
    return dtype == CD_F32 ? (double)((const float *)data)[at] : ((const double *)data)[at];
}

static int64_t integer_at(cd_dtype dtype, const void *data, int64_t at)
{
    if (dtype == CD_I64) return ((const int64_t *)data)[at];
    if (dtype == CD_I32) return ((const int32_t *)data)[at];
    return ((const uint8_t *)data)[at];
}

static void floating_text(const style *s, double value, char *out)
{
    if (!isfinite(value)) {
        const char *name = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
        (void)cd_format(out, ELEMENT_BYTES, "%s", name);
        return;
    }
    if (s->scientific) {
        (void)cd_format(out, ELEMENT_BYTES, "%.*e", CD_FORMAT_PRECISION, value);
    } else if (s->integers) {
        (void)cd_format(out, ELEMENT_BYTES, "%.0f.", value);
    } else {
        (void)cd_format(out, ELEMENT_BYTES, "%.*f", CD_FORMAT_PRECISION, value);
    }
}

static void element_text(const style *s, const void *data, int64_t at, char *out)
{
    if (cd_dtype_is_floating(s->dtype)) {
        floating_text(s, floating_at(s->dtype, data, at), out);
        return;
    }
    int64_t value = integer_at(s->dtype, data, at);
    if (s->dtype == CD_BOOL) {
        (void)snprintf(out, ELEMENT_BYTES, "%s", value ? "True" : "False");
    } else {
        (void)snprintf(out, ELEMENT_BYTES, "%lld", (long long)value);
    }
}

/* --- which elements are shown ----------------------------------------------------------------- */

/* Rows are the vectors along the last dimension; `at` counts through those that are shown. */
typedef struct view {
    cd_dtype dtype;
    const void *data;
    const int64_t *strides;
    int64_t dim[CD_MAX_DIMS];   /* sizes */
    int64_t shown[CD_MAX_DIMS]; /* how many of them are shown: all, or the edges */
    int64_t
        at[CD_MAX_DIMS]; /* the row that is next, 0 to shown - 1 for all dimensions but the last */
    int outer;           /* dimensions before the last: 0 for a vector */
} view;

/* The index behind the i-th that is shown: those after the gap count from the end. */
static int64_t shown_index(const view *v, int d, int64_t i)
{
    return i < CD_FORMAT_EDGE_ITEMS ? i : v->dim[d] - v->shown[d] + i;
}

static bool gap_before(const view *v, int d, int64_t i)
{
    return i == CD_FORMAT_EDGE_ITEMS && v->shown[d] < v->dim[d];
}

static view view_of(cd_dtype dtype, cd_shape shape, int64_t elements, const int64_t *strides,
                    const void *data)
{
    view v = { .dtype = dtype, .data = data, .strides = strides, .outer = shape.ndim - 1 };
    for (int d = 0; d < shape.ndim; d++) {
        int64_t edges = 2 * CD_FORMAT_EDGE_ITEMS;
        bool cut = elements > CD_FORMAT_THRESHOLD && shape.dim[d] > edges;
        v.dim[d] = shape.dim[d];
        v.shown[d] = cut ? edges : shape.dim[d];
    }
    return v;
}

static int64_t row_offset(const view *v)
{
    int64_t offset = 0;
    for (int d = 0; d < v->outer; d++) offset += shown_index(v, d, v->at[d]) * v->strides[d];
    return offset;
}

static int64_t element_offset(const view *v, int64_t row, int64_t i)
{
    return row + shown_index(v, v->outer, i) * v->strides[v->outer];
}

/* Goes on to the next row; returns the dimension whose index went up, -1 after the last row. */
static int next_row(view *v)
{
    for (int d = v->outer - 1; d >= 0; d--) {
        if (++v->at[d] < v->shown[d]) return d;
        v->at[d] = 0;
    }
    return -1;
}

/* --- the style of an array -------------------------------------------------------------------- */

typedef struct range {
    double least, most; /* of the absolute values that are finite and not 0 */
    bool any, integers; /* whether there are such values, whether all of them are integers */
} range;

static void range_add(range *r, double value)
{
    if (value == 0 || !isfinite(value)) return;
    double size = fabs(value);
    if (!r->any || size < r->least) r->least = size;
    if (!r->any || size > r->most) r->most = size;
    r->any = true;
    if (value != ceil(value)) r->integers = false;
}

static void style_widen(style *s, const void *data, int64_t at)
{
    if (cd_dtype_is_floating(s->dtype)) {
        double value = floating_at(s->dtype, data, at);
        if (value == 0 || !isfinite(value)) return;
    }
    char element[ELEMENT_BYTES];
    element_text(s, data, at, element);
    int width = (int)strlen(element);
    if (width > s->width) s->width = width;
}

/* Two passes over what is shown: the range of the values decides how they are written, and how they
 * are written decides the width. The view is left at its first row. */
static style style_of(view *v)
{
    style s = { .dtype = v->dtype, .width = 1 };
    bool floating = cd_dtype_is_floating(v->dtype);
    range r = { .integers = true };
    int64_t last = v->shown[v->outer];
    do {
        int64_t row = row_offset(v);
        for (int64_t i = 0; floating && i < last; i++) {
            range_add(&r, floating_at(v->dtype, v->data, element_offset(v, row, i)));
        }
    } while (next_row(v) >= 0);
    s.integers = r.integers;
    s.scientific = r.any && (r.most / r.least > 1000 || r.most > 1e8 || r.least < 1e-4);
    do {
        int64_t row = row_offset(v);
        for (int64_t i = 0; i < last; i++) style_widen(&s, v->data, element_offset(v, row, i));
    } while (next_row(v) >= 0);
    return s;
}

/* --- brackets --------------------------------------------------------------------------------- */

static void add_element(text *t, const style *s, const void *data, int64_t at)
{
    char element[ELEMENT_BYTES];
    element_text(s, data, at, element);
    text_repeat(t, ' ', s->width - (int)strlen(element));
    text_add(t, element);
}

/* Commas and line breaks between the items of a row, which opens at column `indent`. */
static void row_separator(text *t, int64_t item, int64_t per_line, int indent)
{
    if (item == 0) return;
    text_add(t, ",");
    if (item % per_line == 0) {
        text_newlines(t, 1, indent + 1);
    } else {
        text_add(t, " ");
    }
}

static void add_row(text *t, const style *s, const view *v)
{
    int indent = INDENT + v->outer;
    int64_t row = row_offset(v), item = 0;
    int64_t per_line = (CD_FORMAT_LINE_WIDTH - indent) / (s->width + 2); /* at least 2 */
    text_add(t, "[");
    for (int64_t i = 0; i < v->shown[v->outer]; i++) {
        if (gap_before(v, v->outer, i)) {
            row_separator(t, item++, per_line, indent);
            text_add(t, " ...");
        }
        row_separator(t, item++, per_line, indent);
        add_element(t, s, v->data, element_offset(v, row, i));
    }
    text_add(t, "]");
}

/* Between two items of dimension `d` stand as many newlines as there are dimensions below it. */
static void outer_separator(text *t, const view *v, int d)
{
    text_add(t, ",");
    text_newlines(t, v->outer - d, INDENT + d + 1);
}

static void add_rows(text *t, const style *s, view *v)
{
    text_repeat(t, '[', v->outer);
    for (;;) {
        add_row(t, s, v);
        int d = next_row(v);
        int closed = d < 0 ? v->outer : v->outer - 1 - d;
        text_repeat(t, ']', closed);
        if (d < 0 || t->failed) return;
        outer_separator(t, v, d);
        if (gap_before(v, d, v->at[d])) {
            text_add(t, "...");
            outer_separator(t, v, d);
        }
        text_repeat(t, '[', closed);
    }
}

/* --- what follows the values ------------------------------------------------------------------ */

/* `used` counts the characters of the last line as PyTorch does, which begins with two too many;
 * `length` is that of what PyTorch writes, which for a dtype is longer. */
static void add_suffix(text *t, const char *suffix, int length, int *used)
{
    if (*used + length + 2 > CD_FORMAT_LINE_WIDTH) {
        text_add(t, ",");
        text_newlines(t, 1, INDENT);
        *used = INDENT + length;
    } else {
        text_add(t, ", ");
        *used += length + 2;
    }
    text_add(t, suffix);
}

static void add_size(text *t, cd_shape shape, int *used)
{
    char size[CD_MAX_DIMS * 22 + 16] = "size=(";
    size_t length = strlen(size);
    for (int d = 0; d < shape.ndim; d++) {
        int n = snprintf(size + length, sizeof size - length, d ? ", %lld" : "%lld",
                         (long long)shape.dim[d]);
        length += (size_t)n;
    }
    /* Python writes a tuple of one with a comma. */
    const char *end = shape.ndim == 1 ? ",)" : ")";
    (void)snprintf(size + length, sizeof size - length, "%s", end);
    add_suffix(t, size, (int)(length + strlen(end)), used);
}

/* The dtypes that literals have in Python go without saying; where there are no elements to tell an
 * int64 or a bool by, only the default does. */
static bool dtype_goes_without_saying(cd_dtype dtype, bool empty)
{
    return dtype == CD_F32 || (!empty && (dtype == CD_I64 || dtype == CD_BOOL));
}

/* `shown` says that there are elements to be seen, `sized` that the shape is written out. */
static void add_suffixes(text *t, cd_dtype dtype, cd_shape shape, bool shown, bool sized,
                         const char *device, const char *grad)
{
    int used = (int)(t->size - t->line) + 2;
    if (device) {
        char suffix[64];
        int length = snprintf(suffix, sizeof suffix, "device='%s'", device);
        add_suffix(t, suffix, length, &used);
    }
    if (sized) add_size(t, shape, &used);
    if (!dtype_goes_without_saying(dtype, !shown)) {
        char suffix[32];
        (void)snprintf(suffix, sizeof suffix, "dtype=%s", cd_dtype_name(dtype));
        add_suffix(t, suffix, (int)(strlen(suffix) + strlen("torch.")), &used);
    }
    if (grad) add_suffix(t, grad, (int)strlen(grad), &used);
    text_add(t, ")");
}

char *cd_format_array(cd_dtype dtype, cd_shape shape, const int64_t *strides, const void *data,
                      const char *device, const char *grad)
{
    int64_t elements;
    if (!cd_shape_elements(shape, &elements) || cd_dtype_size(dtype) == 0) {
        char name[CD_SHAPE_TEXT];
        cd_fail(CD_ERR_ARGUMENT, "print: no array has shape %s and dtype %s",
                cd_shape_text(shape, name), cd_dtype_name(dtype));
        return NULL;
    }
    const bool unknown = device && !data;
    text t = { .bytes = NULL };
    text_add(&t, PREFIX);
    view v = view_of(dtype, shape, elements, strides, data);
    if (unknown) {
        text_add(&t, "...");
    } else if (elements == 0) {
        text_add(&t, "[]");
    } else if (shape.ndim == 0) {
        static const int64_t none = 0;
        v = view_of(dtype, (cd_shape){ .ndim = 1, .dim = { 1 } }, 1, &none, data);
        style s = style_of(&v);
        add_element(&t, &s, data, 0);
    } else {
        style s = style_of(&v);
        add_rows(&t, &s, &v);
    }
    add_suffixes(&t, dtype, shape, elements > 0 && !unknown,
                 unknown || (elements == 0 && shape.ndim != 1), device, grad);
    if (!t.failed) return t.bytes;
    cd_free(t.bytes);
    return NULL;
}
