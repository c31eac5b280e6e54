/* The text of print(tensor), by the rules of PyTorch's torch/_tensor_str.py (2.15). */
#include "core/format_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/dtype_internal.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"

static const char PREFIX[] = "tensor(";
enum { INDENT = sizeof PREFIX - 1, ELEMENT_BYTES = 64 };

/* --- a string that grows ---------------------------------------------------------------------- */

typedef struct text {
    char *bytes; /* NUL-terminated once something was added */
    size_t size, capacity;
    size_t line; /* offset of the start of the last line */
    bool failed; /* out of memory: nothing more is added */
} text;

static bool text_reserve(text *t, size_t more)
{
    size_t need;
    if (t->failed) return false;
    if (!cd_checked_add(t->size, more, &need) || !cd_checked_add(need, 1, &need)) {
        t->failed = true;
        return cd_fail(CD_ERR_MEMORY, "print: the text would have more bytes than memory");
    }
    if (need <= t->capacity) return true;
    size_t capacity = need > SIZE_MAX / 2 ? need : need * 2;
    char *bytes = cd_realloc(t->bytes, capacity);
    if (!bytes) {
        t->failed = true;
        return false;
    }
    t->bytes = bytes;
    t->capacity = capacity;
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

/* How the elements of an array are written: all in the same style, so that columns line up. The
 * widest elements, of int64, have 20 characters; doubles have at most 12, since large ones are
 * scientific. */
typedef struct style {
    cd_dtype dtype;
    bool scientific; /* 1.0000e+05 */
    bool integers;   /* all values are integers: 3. instead of 3.0000 */
    int width;       /* of the widest element, without zeros, infinities and NaNs */
} style;

static int64_t integer_at(cd_dtype dtype, const void *data, int64_t index)
{
    if (dtype == CD_I64) return ((const int64_t *)data)[index];
    if (dtype == CD_I32) return ((const int32_t *)data)[index];
    return ((const uint8_t *)data)[index];
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

static void element_text(const style *s, const void *data, int64_t index, char *out)
{
    if (cd_dtype_is_floating(s->dtype)) {
        floating_text(s, cd_real_at(s->dtype, data, index), out);
        return;
    }
    int64_t value = integer_at(s->dtype, data, index);
    if (s->dtype == CD_BOOL) {
        (void)snprintf(out, ELEMENT_BYTES, "%s", value ? "True" : "False");
    } else {
        (void)snprintf(out, ELEMENT_BYTES, "%lld", (long long)value);
    }
}

/* --- which elements are shown ----------------------------------------------------------------- */

/* An array, which of its elements are shown, and the current row: a vector along the last
 * dimension. */
typedef struct view {
    cd_dtype dtype;
    const void *data;
    const int64_t *strides;
    int64_t dim[CD_MAX_DIMS];   /* the sizes */
    int64_t shown[CD_MAX_DIMS]; /* how many items of a dimension are shown: all, or 3 at each end */
    int64_t row[CD_MAX_DIMS];   /* the current row's index in each dimension but the last, counting
                                   only items that are shown */
    int outer;                  /* the number of dimensions but the last: 0 for a vector */
} view;

/* The index in dimension d of the i-th item that is shown. */
static int64_t shown_index(const view *v, int d, int64_t i)
{
    return i < CD_FORMAT_EDGE_ITEMS ? i : v->dim[d] - v->shown[d] + i;
}

/* Whether "..." stands before the i-th item that is shown. */
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
        bool summary = elements > CD_FORMAT_THRESHOLD && shape.dim[d] > edges;
        v.dim[d] = shape.dim[d];
        v.shown[d] = summary ? edges : shape.dim[d];
    }
    return v;
}

static int64_t row_offset(const view *v)
{
    int64_t offset = 0;
    for (int d = 0; d < v->outer; d++) offset += shown_index(v, d, v->row[d]) * v->strides[d];
    return offset;
}

/* The offset of the i-th element that is shown in the row at offset `row`. */
static int64_t element_offset(const view *v, int64_t row, int64_t i)
{
    return row + shown_index(v, v->outer, i) * v->strides[v->outer];
}

/* Goes to the next row. Returns the dimension whose index went up; after the last row goes back to
 * the first and returns -1. */
static int next_row(view *v)
{
    for (int d = v->outer - 1; d >= 0; d--) {
        if (++v->row[d] < v->shown[d]) return d;
        v->row[d] = 0;
    }
    return -1;
}

/* --- the style of an array -------------------------------------------------------------------- */

/* Of the elements that are shown, finite and not 0. */
typedef struct range {
    double min, max; /* of the absolute values */
    bool any;        /* whether there are such elements */
    bool integers;   /* whether all of them are integers */
} range;

static void range_add(range *r, double value)
{
    if (value == 0 || !isfinite(value)) return;
    double size = fabs(value);
    if (!r->any || size < r->min) r->min = size;
    if (!r->any || size > r->max) r->max = size;
    r->any = true;
    if (value != ceil(value)) r->integers = false;
}

/* Makes the style wide enough for the element. */
static void style_widen(style *s, const void *data, int64_t index)
{
    if (cd_dtype_is_floating(s->dtype)) {
        double value = cd_real_at(s->dtype, data, index);
        if (value == 0 || !isfinite(value)) return;
    }
    char element[ELEMENT_BYTES];
    element_text(s, data, index, element);
    int width = (int)strlen(element);
    if (width > s->width) s->width = width;
}

/* Passes over the elements that are shown twice: their range decides how they are written, and that
 * decides the width. The view is at its first row before and after. */
static style style_of(view *v)
{
    style s = { .dtype = v->dtype, .width = 1 };
    bool floating = cd_dtype_is_floating(v->dtype);
    range r = { .integers = true };
    int64_t last = v->shown[v->outer];
    do {
        int64_t row = row_offset(v);
        for (int64_t i = 0; floating && i < last; i++) {
            range_add(&r, cd_real_at(v->dtype, v->data, element_offset(v, row, i)));
        }
    } while (next_row(v) >= 0);
    s.integers = r.integers;
    s.scientific = r.any && (r.max / r.min > 1000 || r.max > 1e8 || r.min < 1e-4);
    do {
        int64_t row = row_offset(v);
        for (int64_t i = 0; i < last; i++) style_widen(&s, v->data, element_offset(v, row, i));
    } while (next_row(v) >= 0);
    return s;
}

/* --- brackets --------------------------------------------------------------------------------- */

static void add_element(text *t, const style *s, const void *data, int64_t index)
{
    char element[ELEMENT_BYTES];
    element_text(s, data, index, element);
    text_repeat(t, ' ', s->width - (int)strlen(element));
    text_add(t, element);
}

/* The comma, and a space or a new line, before item number `item` of a row whose bracket is in
 * column `indent`. */
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

/* The comma between two items of dimension d, and as many newlines as there are dimensions
 * after d. */
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
        if (gap_before(v, d, v->row[d])) {
            text_add(t, "...");
            outer_separator(t, v, d);
        }
        text_repeat(t, '[', closed);
    }
}

/* --- what follows the values ------------------------------------------------------------------ */

/* Adds a suffix, such as "dtype=float64", on a new line if it does not fit into the current one.
 * `length` is the length of PyTorch's suffix ("dtype=torch.float64"); *used counts the characters
 * of the line as PyTorch does, which starts with two too many. */
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
    /* Python writes a tuple of one element with a comma: (3,). */
    const char *end = shape.ndim == 1 ? ",)" : ")";
    (void)snprintf(size + length, sizeof size - length, "%s", end);
    add_suffix(t, size, (int)(length + strlen(end)), used);
}

/* Whether the dtype is left out because the values show it: that of a Python literal, or, without
 * values to look at, only PyTorch's default dtype. */
static bool dtype_is_implied(cd_dtype dtype, bool empty)
{
    return dtype == CD_F32 || (!empty && (dtype == CD_I64 || dtype == CD_BOOL));
}

/* `shown`: the text has elements. `sized`: the shape is written too. */
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
    if (!dtype_is_implied(dtype, !shown)) {
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
    const bool unknown = device && !data; /* the meta device */
    text t = { .bytes = NULL };
    text_add(&t, PREFIX);
    view v = view_of(dtype, shape, elements, strides, data);
    if (unknown) {
        text_add(&t, "...");
    } else if (elements == 0) {
        text_add(&t, "[]");
    } else if (shape.ndim == 0) {
        static const int64_t stride = 0;
        v = view_of(dtype, (cd_shape){ .ndim = 1, .dim = { 1 } }, 1, &stride, data);
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
