/* Options by their tables: nn/option_internal.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "autograd/ops.h"
#include "core/tensor_internal.h"
#include "core/text_internal.h"
#include "nn/option_internal.h"

/* The option's field within the struct. */
static void *field_of(const cd_option *option, const void *options)
{
    return (char *)(uintptr_t)options + option->offset;
}

/* How many elements the list of a CD_OPTION_SIZES has. */
static int count_of(const cd_option *option, const void *options)
{
    return *(const int *)(const void *)((const char *)options + option->count_offset);
}

/* --- bounds ----------------------------------------------------------------------------------- */

static bool is_real(const cd_option *option)
{
    return option->kind == CD_OPTION_REAL;
}

/* The number that the option has a word for. */
static bool is_none(const cd_option *option, double value)
{
    return is_real(option) && option->text && value == option->none &&
           !signbit(value) == !signbit(option->none);
}

/* The word that is printed and saved in the place of a number; NULL if the number itself is. */
static const char *word_of_real(const cd_option *option, double value)
{
    if (is_none(option, value)) return option->text;
    if (!option->any || isfinite(value)) return NULL;
    return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/* The number that the word stands for; false if it stands for none. */
static bool real_of_word(const cd_option *option, const char *word, double *value)
{
    const double numbers[] = { option->none, (double)NAN, INFINITY, -INFINITY };
    for (int i = 0; i < 4; i++) {
        const char *own = i == 0 ? option->text : word_of_real(option, numbers[i]);
        if (!own || strcmp(word, own) != 0) continue;
        *value = numbers[i];
        return true;
    }
    return false;
}

static bool is_within(const cd_option *option, double value)
{
    if (option->any && !isfinite(value)) return true;
    return isfinite(value) && value >= option->min && (option->max == 0 || value <= option->max) &&
           (!option->whole || (value == trunc(value) && fabs(value) < 0x1p53));
}

enum { BOUNDS_BYTES = 80 };

/* "above 0" or "1 or more"; "" for any number. */
static void lower_text(const cd_option *option, char *text, size_t bytes)
{
    text[0] = '\0';
    if (option->min == CD_ABOVE_ZERO || option->min == CD_ABOVE_ONE) {
        (void)snprintf(text, bytes, "above %d", option->min == CD_ABOVE_ONE);
    } else if (isfinite(option->min)) {
        (void)cd_format(text, bytes, "%.10g or more", option->min);
    }
}

/* "below 1" or "at most 9"; "" for any number. */
static void upper_text(const cd_option *option, char *text, size_t bytes)
{
    text[0] = '\0';
    if (option->max == CD_BELOW_ONE) {
        (void)snprintf(text, bytes, "below 1");
    } else if (option->max != 0) {
        (void)cd_format(text, bytes, "at most %.10g", option->max);
    }
}

/* The bounds for a message: "1 or more", "from 0 to 1", "above 0 and at most 1", "finite and 0 or
 * more". The text is empty for integers without bounds. */
static const char *bounds_text(const cd_option *option, char text[BOUNDS_BYTES])
{
    char low[BOUNDS_BYTES / 2 - 4], high[BOUNDS_BYTES / 2 - 4];
    lower_text(option, low, sizeof low);
    upper_text(option, high, sizeof high);
    const bool both = *low && *high, open = low[0] == 'a' || high[0] == 'b';
    if (both && !open) {
        (void)cd_format(text, BOUNDS_BYTES, "from %.10g to %.10g", option->min, option->max);
    } else if (both || !is_real(option)) {
        (void)snprintf(text, BOUNDS_BYTES, "%s%s%s", low, both ? " and " : "", high);
    } else {
        (void)snprintf(text, BOUNDS_BYTES, "finite%s%s%s", *low || *high ? " and " : "", low, high);
    }
    return text;
}

/* Fails for a number that is out of bounds. `field` is the number's field or list element, and
 * `value` the number as text. */
static bool refuse_number(const cd_option *option, const char *field, const char *value,
                          const char *prefix)
{
    char bounds[BOUNDS_BYTES];
    return cd_fail(CD_ERR_ARGUMENT, "%s: %s%s is %s, and must be %s", prefix,
                   option->required ? "" : ".", field, value, bounds_text(option, bounds));
}

static bool check_real(const cd_option *option, double value, const char *prefix)
{
    char text[32];
    if (is_within(option, value)) return true;
    if (option->whole && isfinite(value) && value != trunc(value)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s%s is %.10g, and must be a whole number", prefix,
                       option->required ? "" : ".", option->member, value);
    }
    (void)cd_format(text, sizeof text, "%.17g", value + 0.0); /* CD_ZERO is shown as 0 */
    return refuse_number(option, option->member, text, prefix);
}

static bool check_integer(const cd_option *option, int64_t value, const char *field,
                          const char *prefix)
{
    char text[24];
    if (is_within(option, (double)value)) return true;
    (void)snprintf(text, sizeof text, "%" PRId64, value);
    return refuse_number(option, field, text, prefix);
}

static bool check_sizes(const cd_option *option, const int64_t *sizes, int count,
                        const char *prefix)
{
    if (count < 0 || (count > 0 && !sizes)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: %s%s is NULL, or there are %d of them", prefix,
                       option->required ? "" : ".", option->member, count);
    }
    for (int i = 0; i < count; i++) {
        char field[80];
        if (is_within(option, (double)sizes[i])) continue;
        (void)snprintf(field, sizeof field, "%s[%d]", option->member, i);
        return check_integer(option, sizes[i], field, prefix);
    }
    return true;
}

/* How many choices an option has. */
static int choice_count(const cd_option *option)
{
    int count = 0;
    while (option->choices[count]) count++;
    return count;
}

/* The word that a number of a LENGTH, WINDOW or EXTENT stands for; NULL if it is a number. */
static const char *word_of(const cd_option *option, int64_t number)
{
    if (option->kind == CD_OPTION_CHOICE || !option->choices) return NULL;
    const uint64_t i = (uint64_t)number - (uint64_t)INT64_MIN;
    return i < (uint64_t)choice_count(option) ? option->choices[i] : NULL;
}

static bool complete_extent(const cd_option *option, int64_t *pair, const char *prefix)
{
    if (pair[0] != pair[1]) return check_sizes(option, pair, 2, prefix);
    if (pair[0] == 0) pair[0] = pair[1] = (int64_t)option->default_value;
    return word_of(option, pair[0]) || check_integer(option, pair[0], option->member, prefix);
}

static bool check_shape(const cd_option *option, const cd_shape *shape, const char *prefix)
{
    if (shape->ndim >= 1 && shape->ndim <= CD_MAX_DIMS) {
        return check_sizes(option, shape->dim, shape->ndim, prefix);
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s: %s%s has %d dimensions, and must have 1 to %d", prefix,
                   option->required ? "" : ".", option->member, shape->ndim, CD_MAX_DIMS);
}

static bool complete_real(const cd_option *option, double *value, const char *prefix)
{
    if (*value == 0 && !signbit(*value)) *value = option->default_value;
    return is_none(option, *value) || check_real(option, *value, prefix);
}

static bool complete_integer(const cd_option *option, int64_t *value, const char *prefix)
{
    if (*value == 0) *value = (int64_t)option->default_value;
    return word_of(option, *value) || check_integer(option, *value, option->member, prefix);
}

/* The choices for a message: "none" or "tanh". */
static const char *choices_text(const cd_option *option, char *text, size_t bytes)
{
    size_t used = 0;
    for (int i = 0; option->choices[i] && used < bytes; i++) {
        used += (size_t)snprintf(text + used, bytes - used, "%s\"%s\"", i > 0 ? " or " : "",
                                 option->choices[i]);
    }
    return text;
}

static bool check_choice(const cd_option *option, int choice, const char *prefix)
{
    char text[BOUNDS_BYTES];
    return (choice >= 0 && choice < choice_count(option)) ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .%s is %d, and must stand for %s", prefix, option->member,
                   choice, choices_text(option, text, sizeof text));
}

static const char *const reductions[] = {
    [CD_MEAN] = "mean", [CD_SUM] = "sum", [CD_NONE] = "none"
};
enum { REDUCTIONS = sizeof reductions / sizeof *reductions };

static bool check_reduction(const cd_option *option, cd_reduction reduction, const char *prefix)
{
    return (unsigned)reduction < REDUCTIONS ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .%s is %d, and must be CD_MEAN, CD_SUM or CD_NONE", prefix,
                   option->member, (int)reduction);
}

static bool check_dtype(const cd_option *option, cd_dtype dtype, const char *prefix)
{
    return dtype == CD_DTYPE_DEFAULT || cd_dtype_is_floating(dtype) ||
           cd_fail(CD_ERR_DTYPE, "%s: .%s is %s, and must be floating", prefix, option->member,
                   cd_dtype_name(dtype));
}

bool cd_options_fill(const cd_option *table, void *options, const char *prefix)
{
    bool valid = true;
    for (const cd_option *o = table; valid && o->name; o++) {
        void *field = field_of(o, options);
        switch ((cd_option_kind)o->kind) {
        case CD_OPTION_INTEGER:
        case CD_OPTION_LENGTH:
            valid = complete_integer(o, field, prefix);
            break;
        case CD_OPTION_PAIR:
            valid = check_sizes(o, field, 2, prefix);
            break;
        case CD_OPTION_SIZES:
            valid = check_sizes(o, *(const int64_t **)field, count_of(o, options), prefix);
            break;
        case CD_OPTION_WINDOW:
        case CD_OPTION_EXTENT:
            valid = complete_extent(o, field, prefix);
            break;
        case CD_OPTION_SHAPE:
            valid = check_shape(o, field, prefix);
            break;
        case CD_OPTION_REAL:
            valid = complete_real(o, field, prefix);
            break;
        case CD_OPTION_DTYPE:
            valid = check_dtype(o, *(const cd_dtype *)field, prefix);
            break;
        case CD_OPTION_REDUCTION:
            valid = check_reduction(o, *(const cd_reduction *)field, prefix);
            break;
        case CD_OPTION_CHOICE:
            valid = check_choice(o, *(const int *)field, prefix);
            break;
        case CD_OPTION_BOOL:
        case CD_OPTION_NEGATED:
        case CD_OPTION_TENSOR:
        case CD_OPTION_CONSTANT:
            break;
        }
    }
    return valid;
}

/* --- values ----------------------------------------------------------------------------------- */

/* The value of a whole number, or of the word that it stands for. Returns true. */
static bool get_number(const cd_option *o, int64_t number, cd_option_value *value)
{
    value->integer = number;
    value->text = word_of(o, number);
    if (value->text) value->kind = CD_VALUE_TEXT;
    return true;
}

/* Reads an option from its struct. False if there is no value: the option is a constant, or a
 * tensor that is NULL. */
static bool get(const cd_option *o, const void *options, cd_option_value *value)
{
    const void *field = field_of(o, options);
    *value = (cd_option_value){ .kind = CD_VALUE_INTEGER };
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
        return get_number(o, *(const int64_t *)field, value);
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
        if (((const int64_t *)field)[0] == ((const int64_t *)field)[1]) {
            return get_number(o, *(const int64_t *)field, value);
        }
        *value = (cd_option_value){ .kind = CD_VALUE_SIZES, .sizes = field, .count = 2 };
        return true;
    case CD_OPTION_PAIR:
        *value = (cd_option_value){ .kind = CD_VALUE_SIZES, .sizes = field, .count = 2 };
        return true;
    case CD_OPTION_SIZES:
        *value = (cd_option_value){ .kind = CD_VALUE_SIZES,
                                    .sizes = *(const int64_t *const *)field,
                                    .count = count_of(o, options) };
        return true;
    case CD_OPTION_SHAPE: {
        const cd_shape *shape = field;
        *value =
            (cd_option_value){ .kind = CD_VALUE_SIZES, .sizes = shape->dim, .count = shape->ndim };
        return true;
    }
    case CD_OPTION_REAL:
        value->text = word_of_real(o, *(const double *)field);
        if (value->text) {
            value->kind = CD_VALUE_TEXT;
            return true;
        }
        if (o->whole) {
            value->integer = (int64_t) * (const double *)field;
            return true;
        }
        /* -0.0 + 0.0 is +0.0: CD_ZERO is saved and printed as 0. */
        *value = (cd_option_value){ .kind = CD_VALUE_REAL, .real = *(const double *)field + 0.0 };
        return true;
    case CD_OPTION_BOOL:
    case CD_OPTION_NEGATED:
        *value = (cd_option_value){ .kind = CD_VALUE_BOOL,
                                    .truth = *(const bool *)field == (o->kind == CD_OPTION_BOOL) };
        return true;
    case CD_OPTION_DTYPE: {
        const cd_dtype dtype = *(const cd_dtype *)field;
        *value =
            (cd_option_value){ .kind = CD_VALUE_TEXT,
                               .text = cd_dtype_name(dtype == CD_DTYPE_DEFAULT ? CD_F32 : dtype) };
        return true;
    }
    case CD_OPTION_REDUCTION:
        *value = (cd_option_value){ .kind = CD_VALUE_TEXT,
                                    .text = reductions[*(const cd_reduction *)field] };
        return true;
    case CD_OPTION_CHOICE:
        *value =
            (cd_option_value){ .kind = CD_VALUE_TEXT, .text = o->choices[*(const int *)field] };
        return true;
    case CD_OPTION_TENSOR: {
        const cd_tensor *t = *(cd_tensor *const *)field;
        if (!t) return false;
        *value = (cd_option_value){ .kind = CD_VALUE_TENSOR,
                                    .text = cd_dtype_name(t->dtype),
                                    .sizes = t->shape.dim,
                                    .count = t->shape.ndim };
        return true;
    }
    case CD_OPTION_CONSTANT:
        return false;
    }
    return false;
}

bool cd_visit_options(const cd_option *table, const void *options, cd_option_visitor *visitor,
                      void *user)
{
    for (const cd_option *o = table; o->name; o++) {
        cd_option_value value;
        if (get(o, options, &value) && !visitor(o->name, &value, user)) return false;
    }
    return true;
}

/* --- printing --------------------------------------------------------------------------------- */

/* A text that is cut to `room` bytes. `used` counts all bytes, also those that were cut. */
typedef struct line {
    char *text;
    size_t used, room;
} line;

static void put(line *l, const char *format, ...) CD_PRINTF(2, 3);

static void put(line *l, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t left = l->used < l->room ? l->room - l->used : 0;
    l->used += (size_t)cd_vformat(left ? l->text + l->used : NULL, left, format, arguments);
    va_end(arguments);
}

/* A pair or a shape as "(3, 3)", a shape of one dimension as "(3,)", a list as "[256, 128]". */
static void put_sizes(line *l, const cd_option_value *value, cd_option_kind kind)
{
    const bool pair = kind != CD_OPTION_SIZES && kind != CD_OPTION_TENSOR;
    for (int64_t i = 0; i < value->count; i++) {
        put(l, "%s", i > 0 ? ", " : pair ? "(" : "[");
        if (kind == CD_OPTION_PAIR && value->sizes[i] == -1) {
            put(l, "None");
        } else {
            put(l, "%" PRId64, value->sizes[i]);
        }
    }
    put(l, "%s", pair ? (value->count == 1 ? ",)" : ")") : value->count > 0 ? "]" : "[]");
}

/* As Python prints a float: a whole number as "1.0". */
static void put_real(line *l, double value)
{
    char text[32];
    (void)cd_format(text, sizeof text, "%.12g", value);
    put(l, "%s%s", text, strpbrk(text, ".en") ? "" : ".0");
}

static void put_value(line *l, const cd_option *o, const cd_option_value *value)
{
    switch (value->kind) {
    case CD_VALUE_INTEGER:
        put(l,
            o->kind == CD_OPTION_WINDOW   ? "(%" PRId64 ", %" PRId64 ")"
            : o->kind == CD_OPTION_LENGTH ? "(%" PRId64 ",)"
                                          : "%" PRId64,
            value->integer, value->integer);
        break;
    case CD_VALUE_REAL:
        put_real(l, value->real);
        break;
    case CD_VALUE_BOOL:
        put(l, "%s", value->truth ? "True" : "False");
        break;
    case CD_VALUE_TEXT:
        put(l, o->kind == CD_OPTION_CHOICE && !o->plain ? "'%s'" : "%s", value->text);
        break;
    case CD_VALUE_SIZES:
    case CD_VALUE_TENSOR:
        put_sizes(l, value, (cd_option_kind)o->kind);
        break;
    }
}

bool cd_option_is_default(const cd_option *o, const cd_option_value *value)
{
    switch (value->kind) {
    case CD_VALUE_INTEGER:
        return (double)value->integer == o->default_value && !is_none(o, o->default_value);
    case CD_VALUE_REAL:
        return value->real == o->default_value && !is_none(o, o->default_value);
    case CD_VALUE_BOOL:
        return value->truth == (o->kind == CD_OPTION_NEGATED);
    case CD_VALUE_TEXT:
        if (o->kind == CD_OPTION_CHOICE) return value->text == o->choices[0];
        if (o->kind == CD_OPTION_DTYPE) return strcmp(value->text, cd_dtype_name(CD_F32)) == 0;
        return is_none(o, o->default_value) && value->text == o->text;
    case CD_VALUE_SIZES:
    case CD_VALUE_TENSOR:
        return false;
    }
    return false;
}

void cd_options_text(const cd_option *table, const void *options, char *text, size_t bytes)
{
    line l = { text, 0, bytes };
    if (bytes > 0) text[0] = '\0';
    for (const cd_option *o = table; o->name; o++) {
        cd_option_value value = { .kind = CD_VALUE_TEXT, .text = o->text };
        if (o->shown == CD_SHOWN_NEVER) continue;
        if (o->kind != CD_OPTION_CONSTANT && !get(o, options, &value)) continue;
        if (o->shown == CD_SHOWN_CHANGED && cd_option_is_default(o, &value)) continue;
        put(&l, "%s", l.used > 0 ? ", " : "");
        if (o->shown != CD_SHOWN_VALUE) put(&l, "%s=", o->name);
        put_value(&l, o, &value);
    }
}

/* --- setting an option ------------------------------------------------------------------------ */

const cd_option *cd_find_option(const cd_option *table, const char *name, const char *class_name,
                                cd_code code, const char *prefix)
{
    char shown[64], names[256];
    line l = { names, 0, sizeof names };
    for (const cd_option *o = table; o->name; o++) {
        if (o->kind == CD_OPTION_CONSTANT) continue;
        if (strcmp(o->name, name) == 0) return o;
        put(&l, "%s%s", l.used > 0 ? ", " : "", o->name);
    }
    (void)cd_fail(code, "%s: %s has no option \"%s\"; it has %s", prefix, class_name,
                  cd_escape_text(shown, sizeof shown, name), l.used > 0 ? names : "none");
    return NULL;
}

/* The most elements of a tensor that an option describes. Its memory is allocated before any of its
 * elements is read, so a file must not be able to ask for more than 128 MiB. */
enum { MOST_TENSOR_ELEMENTS = 1 << 24 };

enum { TAKES_BYTES = BOUNDS_BYTES + 64 };

/* What values an option takes, for a message: "a whole number, 1 or more". */
static const char *takes(const cd_option *o, char text[TAKES_BYTES])
{
    char bounds[BOUNDS_BYTES];
    const char *kind = "a text";
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
        kind = "a whole number";
        break;
    case CD_OPTION_REAL:
        kind = o->whole ? "a whole number" : "a number";
        break;
    case CD_OPTION_PAIR:
        kind = "two whole numbers";
        break;
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT:
        kind = "one or two whole numbers";
        break;
    case CD_OPTION_SIZES:
    case CD_OPTION_SHAPE:
        kind = "a list of whole numbers";
        break;
    case CD_OPTION_TENSOR:
        (void)snprintf(text, TAKES_BYTES,
                       "the \"shape\" and the \"dtype\" of a tensor of at most %d dimensions and "
                       "%d elements",
                       CD_MAX_DIMS, MOST_TENSOR_ELEMENTS);
        return text;
    case CD_OPTION_BOOL:
    case CD_OPTION_NEGATED:
        return "true or false";
    case CD_OPTION_CHOICE:
        return choices_text(o, text, TAKES_BYTES);
    case CD_OPTION_DTYPE:
        return "\"float32\" or \"float64\"";
    case CD_OPTION_REDUCTION:
        return "\"mean\", \"sum\" or \"none\"";
    case CD_OPTION_CONSTANT:
        break;
    }
    (void)bounds_text(o, bounds);
    const char *word = o->kind != CD_OPTION_REAL ? NULL : o->any ? "nan" : o->text;
    const int used = snprintf(text, TAKES_BYTES, "%s%s%s%s%s%s", kind, *bounds ? ", " : "", bounds,
                              word ? ", or \"" : "", word ? word : "", word ? "\"" : "");
    if (o->choices) {
        char words[BOUNDS_BYTES];
        (void)snprintf(text + used, TAKES_BYTES - (size_t)used, ", or %s",
                       choices_text(o, words, sizeof words));
    }
    return text;
}

static bool all_within(const cd_option *o, const cd_option_value *value)
{
    for (int64_t i = 0; i < value->count; i++) {
        if (!is_within(o, (double)value->sizes[i])) return false;
    }
    return true;
}

static bool put_reduction(cd_reduction *field, const char *text)
{
    for (int i = 0; i < REDUCTIONS; i++) {
        if (strcmp(reductions[i], text) != 0) continue;
        *field = (cd_reduction)i;
        return true;
    }
    return false;
}

static bool put_choice(const cd_option *o, int *field, const char *text)
{
    for (*field = 0; o->choices[*field]; ++*field) {
        if (strcmp(o->choices[*field], text) == 0) return true;
    }
    return false;
}

/* Writes a whole number, or the one that a word stands for. */
static bool put_number(const cd_option *o, int64_t *field, const cd_option_value *value)
{
    int word;
    if (value->kind == CD_VALUE_TEXT && o->choices && put_choice(o, &word, value->text)) {
        *field = INT64_MIN + word;
        return true;
    }
    *field = value->integer;
    return value->kind == CD_VALUE_INTEGER && is_within(o, (double)value->integer);
}

static bool put_dtype(cd_dtype *field, const char *text)
{
    const cd_dtype known[] = { CD_F32, CD_F64 };
    for (int i = 0; i < 2; i++) {
        if (strcmp(cd_dtype_name(known[i]), text) != 0) continue;
        *field = known[i];
        return true;
    }
    return false;
}

/* Any dtype: class weights are floating, but a module of the user's may take a mask. */
static bool tensor_dtype(cd_dtype *dtype, const char *text)
{
    for (int i = CD_DTYPE_DEFAULT + 1; i < CD_DTYPE_COUNT; i++) {
        *dtype = (cd_dtype)i;
        if (strcmp(cd_dtype_name(*dtype), text) == 0) return true;
    }
    return false;
}

static bool put_tensor(cd_tensor **field, const cd_option_value *value)
{
    cd_shape shape = { .ndim = (int)value->count };
    cd_dtype dtype;
    int64_t elements = 1;
    if (value->count > CD_MAX_DIMS || !tensor_dtype(&dtype, value->text)) return false;
    for (int i = 0; i < shape.ndim; i++) {
        const int64_t size = shape.dim[i] = value->sizes[i];
        /* A size of 0 counts as 1, so that the other sizes are bounded too. */
        if (size < 0 || __builtin_mul_overflow(elements, size > 0 ? size : 1, &elements) ||
            elements > MOST_TENSOR_ELEMENTS) {
            return false;
        }
    }
    *field = cd_zeros(shape, .dtype = dtype);
    return *field != NULL;
}

/* A 0 from a file is meant, so it becomes CD_ZERO: cd_options_fill would replace a plain 0 by
 * the default. */
static double explicit_zero(double value)
{
    return value == 0 ? CD_ZERO : value;
}

/* Writes the value into the option's field. False if the value has the wrong kind or is out of
 * bounds; the field may have been changed. */
static bool put_field(const cd_option *o, void *options, const cd_option_value *value)
{
    void *field = field_of(o, options);
    const bool whole = value->kind == CD_VALUE_INTEGER, list = value->kind == CD_VALUE_SIZES;
    switch ((cd_option_kind)o->kind) {
    case CD_OPTION_INTEGER:
    case CD_OPTION_LENGTH:
        return put_number(o, field, value);
    case CD_OPTION_WINDOW:
    case CD_OPTION_EXTENT: {
        int64_t *pair = field;
        if (!list) {
            const bool taken = put_number(o, &pair[0], value);
            pair[1] = pair[0];
            return taken;
        }
        if (value->count != 2 || !all_within(o, value)) return false;
        memcpy(pair, value->sizes, 2 * sizeof(int64_t));
        return true;
    }
    case CD_OPTION_SHAPE: {
        cd_shape *shape = field;
        if (!list || value->count < 1 || value->count > CD_MAX_DIMS || !all_within(o, value)) {
            return false;
        }
        shape->ndim = (int)value->count;
        memcpy(shape->dim, value->sizes, (size_t)value->count * sizeof(int64_t));
        return true;
    }
    case CD_OPTION_REAL: {
        if (value->kind == CD_VALUE_TEXT) return real_of_word(o, value->text, field);
        const double real = whole ? (double)value->integer : value->real;
        *(double *)field = explicit_zero(real);
        return (whole || value->kind == CD_VALUE_REAL) && is_within(o, real);
    }
    case CD_OPTION_PAIR:
        if (!list || value->count != 2 || !all_within(o, value)) return false;
        memcpy(field, value->sizes, 2 * sizeof(int64_t));
        return true;
    case CD_OPTION_SIZES:
        *(const int64_t **)field = value->count > 0 ? value->sizes : NULL;
        *(int *)(void *)((char *)options + o->count_offset) = (int)value->count;
        return list && value->count <= INT32_MAX && all_within(o, value);
    case CD_OPTION_BOOL:
    case CD_OPTION_NEGATED:
        *(bool *)field = value->truth == (o->kind == CD_OPTION_BOOL);
        return value->kind == CD_VALUE_BOOL;
    case CD_OPTION_DTYPE:
        return value->kind == CD_VALUE_TEXT && put_dtype(field, value->text);
    case CD_OPTION_REDUCTION:
        return value->kind == CD_VALUE_TEXT && put_reduction(field, value->text);
    case CD_OPTION_CHOICE:
        return value->kind == CD_VALUE_TEXT && put_choice(o, field, value->text);
    case CD_OPTION_TENSOR:
        return value->kind == CD_VALUE_TENSOR && put_tensor(field, value);
    case CD_OPTION_CONSTANT:
        return false;
    }
    return false;
}

bool cd_refuse_option(const cd_option *option, cd_code code, const char *prefix)
{
    char text[TAKES_BYTES];
    return cd_fail(code, "%s: the option \"%s\" must be %s", prefix, option->name,
                   takes(option, text));
}

bool cd_set_option(const cd_option *option, void *options, const cd_option_value *value,
                   cd_code code, const char *prefix)
{
    return put_field(option, options, value) || (cd_ok() && cd_refuse_option(option, code, prefix));
}

/* --- checking tables -------------------------------------------------------------------------- */

/* Where the option's field ends within the struct, in bytes. */
static size_t field_end(const cd_option *o)
{
    static const size_t bytes[] = {
        [CD_OPTION_INTEGER] = sizeof(int64_t),
        [CD_OPTION_LENGTH] = sizeof(int64_t),
        [CD_OPTION_WINDOW] = 2 * sizeof(int64_t),
        [CD_OPTION_PAIR] = 2 * sizeof(int64_t),
        [CD_OPTION_EXTENT] = 2 * sizeof(int64_t),
        [CD_OPTION_SIZES] = sizeof(const int64_t *),
        [CD_OPTION_SHAPE] = sizeof(cd_shape),
        [CD_OPTION_REAL] = sizeof(double),
        [CD_OPTION_BOOL] = sizeof(bool),
        [CD_OPTION_NEGATED] = sizeof(bool),
        [CD_OPTION_DTYPE] = sizeof(cd_dtype),
        [CD_OPTION_REDUCTION] = sizeof(cd_reduction),
        [CD_OPTION_CHOICE] = sizeof(int),
        [CD_OPTION_TENSOR] = sizeof(cd_tensor *),
        [CD_OPTION_CONSTANT] = 0,
    };
    const size_t end = o->offset + bytes[o->kind];
    const size_t count_end = o->kind == CD_OPTION_SIZES ? o->count_offset + sizeof(int) : 0;
    return end > count_end ? end : count_end;
}

static const char *row_fault(const cd_option *table, const cd_option *o, size_t bytes)
{
    const bool length = o->kind == CD_OPTION_LENGTH || o->kind == CD_OPTION_WINDOW;
    const bool words = length || o->kind == CD_OPTION_EXTENT;
    const bool number = o->kind == CD_OPTION_INTEGER || length || is_real(o);
    for (const cd_option *before = table; before < o; before++) {
        if (strcmp(before->name, o->name) == 0) return "two options have one name";
    }
    if (o->kind == 0 || o->kind > CD_OPTION_CONSTANT) return "an option has no kind";
    if (!is_real(o) && (o->kind == CD_OPTION_CONSTANT) != (o->text != NULL)) {
        return "a constant has a text, and no other option has but numbers";
    }
    if (o->kind != CD_OPTION_CONSTANT && !o->member) return "an option has no field";
    if (!words && (o->kind == CD_OPTION_CHOICE) != (o->choices != NULL)) {
        return "a choice has a list of choices, and no other option has but lengths, windows and "
               "extents";
    }
    if (o->kind == CD_OPTION_SIZES && o->count_offset == 0) return "a list of sizes has no count";
    if (o->kind != CD_OPTION_CONSTANT && field_end(o) > bytes) {
        return "an option's field reaches past the end of the options, whose size the class gives: "
               "see CD_CLASS_OPTIONS and CD_MODEL_OPTIONS";
    }
    if (number && !o->required && !is_within(o, o->default_value) &&
        !is_none(o, o->default_value)) {
        return "a default lies outside its bounds";
    }
    if (number && !is_real(o) && o->default_value != 0 && is_within(o, 0)) {
        return "0 is within the bounds of an integer, and stands for another default";
    }
    return NULL;
}

const char *cd_options_fault(const cd_option *table, size_t bytes)
{
    for (const cd_option *o = table; o->name; o++) {
        const char *fault = row_fault(table, o, bytes);
        if (fault) return fault;
    }
    return NULL;
}

const char *cd_class_options_fault(const cd_option *table, size_t at, size_t bytes, size_t size)
{
    if (bytes > 0 && (bytes > size || at > size - bytes)) {
        return "a class's options must lie within its struct: see CD_CLASS_OPTIONS";
    }
    return cd_options_fault(table, bytes);
}
