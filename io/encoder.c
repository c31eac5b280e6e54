/* Encoders: what they are asked, and the model's outputs decoded. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/ops.h"
#include "autograd/reduction.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/tensor_internal.h"
#include "core/text_internal.h"
#include "io/encoder_internal.h"
#include "io/table_internal.h"

static void free_texts(cd_text_set *set)
{
    for (int64_t i = 0; i < set->count; i++) cd_free(set->items[i]);
    cd_free(set->items);
}

static void destroy(cd_object *object)
{
    cd_encoder *e = (cd_encoder *)object;
    for (int64_t i = 0; i < e->column_count; i++) {
        cd_free(e->columns[i].name);
        free_texts(&e->columns[i].categories);
    }
    free_texts(&e->classes);
    cd_free(e->columns);
    cd_free(e->class_numbers);
    cd_free(e->label);
    cd_free(e->json);
}

static const cd_class encoder_class = { CD_KIND_ENCODER, "encoder", NULL, destroy };

cd_encoder *cd_encoder_new(void)
{
    return cd_object_new(&encoder_class, sizeof(cd_encoder));
}

bool cd_encoder_check(const cd_encoder *e, const char *function)
{
    return cd_check_object(e, &encoder_class, function, "the encoder");
}

/* --- making ----------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int64_t cd_input_width(const cd_input_column *column)
{
    return column->categories.count ? column->categories.count : 1;
}

int64_t cd_text_set_find(const cd_text_set *set, const char *text)
{
    if (set->count == 0) return -1;
    char *const *found = bsearch(&text, set->items, (size_t)set->count, sizeof text, compare);
    return found ? found - set->items : -1;
}

/* Classes that are numbers must be finite, in ascending order. */
static bool read_class_numbers(cd_encoder *e, cd_code code)
{
    e->class_numbers = cd_alloc((size_t)e->classes.count * sizeof *e->class_numbers);
    if (!e->class_numbers) return false;
    for (int64_t i = 0; i < e->classes.count; i++) {
        char *end, *name = e->classes.items[i];
        double value = cd_text_number(name, &end);
        e->class_numbers[i] = value;
        bool right = end > name && !*end && isfinite(value);
        if (right && (i == 0 || value > e->class_numbers[i - 1])) continue;
        return cd_fail(code,
                       "encoder: class %lld is to be a number above those before, it is \"%s\"",
                       (long long)i, CD_SHOWN(name));
    }
    return true;
}

bool cd_encoder_finish(cd_encoder *e, cd_code code)
{
    for (int64_t i = 0; i < e->column_count; i++) e->inputs += cd_input_width(&e->columns[i]);
    if (e->inputs > CD_ENCODER_MAX_INPUTS || e->classes.count > CD_ENCODER_MAX_INPUTS) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "encoder: %lld inputs and %lld classes: there may be %d of each",
                       (long long)e->inputs, (long long)e->classes.count, CD_ENCODER_MAX_INPUTS);
    }
    if (e->classes.count && !e->label_is_text && !read_class_numbers(e, code)) return false;
    return cd_encoder_write_json(e, code);
}

/* --- sentences about fields ------------------------------------------------------------------- */

bool cd_encoder_fail(const cd_table *t, int64_t row, int64_t c, const char *format, ...)
{
    char text[320];
    va_list arguments;
    va_start(arguments, format);
    (void)cd_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    return cd_fail(CD_ERR_FORMAT, "%s: line %lld, column \"%s\": %s", cd_table_path(t),
                   (long long)cd_table_line(t, row), CD_SHOWN(cd_table_name(t, c)), text);
}

bool cd_encoder_all_numbers(const cd_table *t, int64_t c)
{
    int64_t row = cd_table_first_text(t, c);
    return row < 0 ||
           cd_encoder_fail(t, row, c, "\"%s\" is no number", CD_SHOWN(cd_table_text(t, row, c)));
}

bool cd_encoder_missing(const cd_table *t, int64_t row, int64_t c, const char *hint)
{
    const char *text = cd_table_text(t, row, c);
    return cd_encoder_fail(t, row, c, "the %s missing%s%s%s%s",
                           cd_table_is_missing(t, row, c) ? "field is" : "number is",
                           *text ? " (" : "", CD_SHOWN(text), *text ? ")" : "", hint);
}

/* --- decoding --------------------------------------------------------------------------------- */

static bool check_outputs(const cd_encoder *e, const cd_tensor *outputs)
{
    const cd_shape *s = &outputs->shape;
    int64_t wanted = cd_encoder_output_count(e);
    bool right = s->ndim == 2 && s->dim[1] == wanted;
    if (right || (s->ndim == 1 && e->task != CD_TABLE_CLASSES)) return true;
    char text[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE, "encoder_decode: outputs of shape %s: they must be N x %lld",
                   cd_shape_text(*s, text), (long long)wanted);
}

static cd_tensor *decoded(const cd_encoder *e, cd_tensor *outputs)
{
    if (e->task == CD_TABLE_CLASSES) return cd_argmax_dim(outputs, 1);
    cd_tensor *flat = cd_flatten(outputs, 0, -1);
    if (e->task == CD_TABLE_BINARY) return cd_to(cd_gt(flat, 0), CD_I64);
    return cd_add(cd_mul(cd_to(flat, CD_F64), e->scaling.std), e->scaling.mean);
}

cd_tensor *cd_encoder_decode(const cd_encoder *e, cd_tensor *outputs)
{
    static const char function[] = "encoder_decode";
    if (!cd_ok() || !cd_encoder_check(e, function) ||
        !cd_check_tensor(outputs, function, "the outputs") || !check_outputs(e, outputs)) {
        return NULL;
    }
    CD_SCOPE();
    return cd_escape(decoded(e, cd_detach(outputs)));
}

/* --- questions -------------------------------------------------------------------------------- */

int64_t cd_encoder_input_count(const cd_encoder *e)
{
    return cd_encoder_check(e, "encoder_input_count") ? e->inputs : 0;
}

int64_t cd_encoder_output_count(const cd_encoder *e)
{
    if (!cd_encoder_check(e, "encoder_output_count")) return 0;
    return e->task == CD_TABLE_CLASSES ? e->classes.count : 1;
}

cd_table_task cd_encoder_task(const cd_encoder *e)
{
    return cd_encoder_check(e, "encoder_task") ? e->task : CD_TABLE_AUTO;
}

const char *cd_encoder_label(const cd_encoder *e)
{
    return cd_encoder_check(e, "encoder_label") ? e->label : NULL;
}

int64_t cd_encoder_class_count(const cd_encoder *e)
{
    return cd_encoder_check(e, "encoder_class_count") ? e->classes.count : 0;
}

const char *const *cd_encoder_classes(const cd_encoder *e)
{
    if (!cd_encoder_check(e, "encoder_classes") || e->classes.count == 0) return NULL;
    return (const char *const *)e->classes.items;
}

const char *cd_encoder_sentence(const cd_encoder *e)
{
    return cd_encoder_check(e, "encoder_sentence") ? e->sentence : NULL;
}

int64_t cd_encoder_column_count(const cd_encoder *e)
{
    return cd_encoder_check(e, "encoder_column_count") ? e->column_count : 0;
}

static cd_encoder_column described(const char *name, const cd_text_set *texts,
                                   const cd_scaling *scaling, int64_t first)
{
    cd_encoder_column c = { .name = name, .first = first };
    if (texts->count) {
        c.categories = (const char *const *)texts->items;
        c.category_count = texts->count;
    } else {
        c.mean = scaling->mean;
        c.std = scaling->std;
    }
    return c;
}

cd_encoder_column cd_encoder_column_at(const cd_encoder *e, int64_t i)
{
    static const char function[] = "encoder_column_at";
    static const cd_encoder_column none = { .name = NULL };
    if (!cd_encoder_check(e, function)) return none;
    if (i < 0 || i >= e->column_count) {
        (void)cd_fail(CD_ERR_ARGUMENT, "%s: there is no column %lld, %lld are inputs", function,
                      (long long)i, (long long)e->column_count);
        return none;
    }
    int64_t first = 0;
    for (int64_t k = 0; k < i; k++) first += cd_input_width(&e->columns[k]);
    const cd_input_column *column = &e->columns[i];
    return described(column->name, &column->categories, &column->scaling, first);
}

cd_encoder_column cd_encoder_label_column(const cd_encoder *e)
{
    static const cd_encoder_column none = { .name = NULL };
    if (!cd_encoder_check(e, "encoder_label_column")) return none;
    return described(e->label, &e->classes, &e->scaling, -1);
}

const char *cd_encoder_to_json(const cd_encoder *e)
{
    return cd_encoder_check(e, "encoder_to_json") ? e->json : NULL;
}
