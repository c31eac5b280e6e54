/* Finds out what a batch is (binary, classes, labels), checks its numbers, and reads them:
 * models/metric_internal.h. */
#include "models/metric_internal.h"

#include <math.h>
#include <stdarg.h>

#include "autograd/ops.h"
#include "autograd/shape_ops.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"

enum { PYTORCHS_IGNORE_INDEX = -100 };

/* --- shapes and dtypes ------------------------------------------------------------------------ */

/* A batch while it is being read. */
typedef struct reading {
    cd_metric_batch *b;
    const cd_metric *m;
    const cd_metric_seen *seen;
    cd_tensor *output, *target;
    cd_shape x, y; /* their shapes */
} reading;

/* Whether the shape is N or N x 1. */
static bool is_column(cd_shape s)
{
    return s.ndim == 1 || (s.ndim == 2 && s.dim[1] == 1);
}

/* Whether the target has a class number for each place of the output. One output is a class only
 * where .task says so. */
static bool has_class_numbers(const reading *r)
{
    const int64_t fewest = r->m->options.task == CD_METRIC_CLASSES ? 1 : 2;
    if (r->x.ndim < 2 || r->x.dim[1] < fewest || cd_dtype_is_floating(cd_dtype_of(r->target))) {
        return false;
    }
    if (r->x.ndim == 2 && is_column(r->y)) return r->y.dim[0] == r->x.dim[0];
    cd_shape places = { .ndim = r->x.ndim - 1 };
    for (int i = 0; i < places.ndim; i++) places.dim[i] = r->x.dim[i > 0 ? i + 1 : 0];
    return cd_shape_equal(r->y, places);
}

static bool refuse_shapes(const reading *r)
{
    char x[CD_SHAPE_TEXT], y[CD_SHAPE_TEXT];
    return cd_fail(CD_ERR_SHAPE,
                   "%s: the output (%s of %s) and the target (%s of %s) do not fit each other%s: "
                   "there must be N or N x 1 of both, N x K outputs and N integers, or N x L of "
                   "both",
                   r->m->name, cd_dtype_name(cd_dtype_of(r->output)), cd_shape_text(r->x, x),
                   cd_dtype_name(cd_dtype_of(r->target)), cd_shape_text(r->y, y),
                   r->m->options.task ? " as .task says" : "");
}

/* The task by shapes and dtypes alone, or CD_METRIC_AUTO with an error. Sets b->wide. */
static cd_metric_task task_by_shape(const reading *r)
{
    const cd_metric_task asked = r->m->options.task;
    const bool one = asked != CD_METRIC_CLASSES && r->x.ndim > 0 && r->y.ndim > 0 &&
                     is_column(r->x) && is_column(r->y) && r->x.dim[0] == r->y.dim[0];
    r->b->wide = one;
    if (one) return asked ? asked : CD_METRIC_BINARY;
    if (has_class_numbers(r) && asked != CD_METRIC_LABELS) {
        if (r->x.dim[1] == 2 && asked != CD_METRIC_CLASSES) return CD_METRIC_BINARY;
        if (asked != CD_METRIC_BINARY) return CD_METRIC_CLASSES;
    } else if (r->x.ndim == 2 && cd_shape_equal(r->x, r->y) && asked != CD_METRIC_BINARY) {
        r->b->wide = true;
        return asked ? asked : CD_METRIC_LABELS;
    }
    (void)refuse_shapes(r);
    return CD_METRIC_AUTO;
}

/* The tensor's elements row by row on the host. */
static const void *elements_of(cd_tensor *t)
{
    return cd_data(cd_contiguous(cd_to_device(t, CD_CPU)));
}

/* Sets the sizes of the batch, and the elements of both tensors. */
static bool read_elements(const reading *r)
{
    cd_metric_batch *b = r->b;
    cd_tensor *output = r->output;
    b->samples = r->x.dim[0];
    b->width = r->x.ndim > 1 ? r->x.dim[1] : 1;
    b->output_dtype = cd_dtype_of(output);
    b->target_dtype = cd_dtype_of(r->target);
    b->rows = b->width > 0 ? cd_numel(output) / b->width : 0;
    if (r->x.ndim > 2) output = cd_movedim(output, CD_SHAPE(1), CD_SHAPE(-1));
    b->output = elements_of(output);
    b->target = elements_of(r->target);
    return cd_ok();
}

/* Whether the batch is of the same task and width as those before. */
static bool check_same(const reading *r)
{
    static const char *const names[] = { "", "binary", "classes", "labels" };
    const cd_metric_batch *b = r->b;
    if (r->seen->task == CD_METRIC_AUTO) return true;
    if (r->seen->task == b->task && r->seen->width == b->width) return true;
    return cd_fail(CD_ERR_SHAPE,
                   "%s: this batch is of another kind (%s, %lld outputs) than the batches before "
                   "(%s, %lld outputs); .task names the kind where shapes do not tell",
                   r->m->name, names[b->task], (long long)b->width, names[r->seen->task],
                   (long long)r->seen->width);
}

/* --- elements --------------------------------------------------------------------------------- */

#define LOAD(type_)                                                                                \
    for (int64_t k = 0; k < count; k++) row[k] = (double)((const type_ *)data)[first + k]

static void load(double *row, cd_dtype dtype, const void *data, int64_t first, int64_t count)
{
    switch (dtype) {
    case CD_F32:
        LOAD(float);
        break;
    case CD_F64:
        LOAD(double);
        break;
    case CD_I64:
        LOAD(int64_t);
        break;
    case CD_I32:
        LOAD(int32_t);
        break;
    default:
        LOAD(uint8_t);
        break; /* uint8 and bool */
    }
}

void cd_metric_row(const cd_metric_batch *b, int64_t i, double *row)
{
    load(row, b->output_dtype, b->output, i * b->width, b->width);
}

/* Number i of the targets. */
static int64_t target_at(const cd_metric_batch *b, int64_t i)
{
    if (b->target_dtype == CD_I64) return ((const int64_t *)b->target)[i];
    double value;
    load(&value, b->target_dtype, b->target, i, 1);
    return (int64_t)value;
}

int64_t cd_metric_largest(const double *row, int64_t count)
{
    int64_t best = 0;
    for (int64_t k = 1; k < count; k++) best = row[k] > row[best] ? k : best;
    return best;
}

static bool is_ignored(const cd_metric_batch *b, int64_t label)
{
    const cd_metric_options *o = &b->metric->options;
    return !cd_dtype_is_floating(b->target_dtype) && b->task != CD_METRIC_LABELS &&
           label == (o->ignore ? o->ignore_index : PYTORCHS_IGNORE_INDEX);
}

/* The largest of the target's row i, which are probabilities. */
static int64_t most_probable(const cd_metric_batch *b, int64_t i)
{
    int64_t best = 0;
    double most, value;
    load(&most, b->target_dtype, b->target, i * b->width, 1);
    for (int64_t k = 1; k < b->width; k++) {
        load(&value, b->target_dtype, b->target, i * b->width + k, 1);
        if (value > most) {
            most = value;
            best = k;
        }
    }
    return best;
}

int64_t cd_metric_truth(const cd_metric_batch *b, int64_t i)
{
    if (b->wide && b->task == CD_METRIC_CLASSES) return most_probable(b, i);
    int64_t label = target_at(b, i);
    return is_ignored(b, label) ? -1 : label;
}

int64_t cd_metric_decision(const cd_metric_batch *b, const double *row)
{
    if (b->task == CD_METRIC_CLASSES) return cd_metric_largest(row, b->width);
    if (b->width == 1) return row[0] > b->cut;
    return b->metric->options.probabilities ? row[1] > b->cut : row[1] > row[0] + b->cut;
}

bool cd_metric_label(const cd_metric_batch *b, int64_t i, int64_t k)
{
    return target_at(b, i * b->width + k) != 0;
}

/* --- checks of elements ----------------------------------------------------------------------- */

/* The number of the sample that row i belongs to, over all batches. */
static long long sample_of(const reading *r, int64_t i)
{
    return (long long)(r->seen->samples + i / (r->b->rows / r->b->samples));
}

static bool check_outputs(const reading *r)
{
    const cd_metric_batch *b = r->b;
    const bool shares = r->m->options.probabilities;
    double *row = r->seen->row;
    for (int64_t i = 0; i < b->rows; i++) {
        cd_metric_row(b, i, row);
        for (int64_t k = 0; k < b->width; k++) {
            if (isnan(row[k])) {
                return cd_fail(CD_ERR_ARGUMENT, "%s: the output of sample %lld is NaN", r->m->name,
                               sample_of(r, i));
            }
            if (shares && (row[k] < 0 || row[k] > 1)) {
                return cd_fail(CD_ERR_ARGUMENT,
                               "%s: the output of sample %lld is %g: with .probabilities all must "
                               "be from 0 to 1; logits need no option",
                               r->m->name, sample_of(r, i), row[k]);
            }
        }
    }
    return true;
}

/* Whether the floating target of the batch's shape has a number that is neither 0 nor 1. */
static bool has_parts(const cd_metric_batch *b)
{
    double value;
    for (int64_t i = 0; i < b->rows * b->width; i++) {
        load(&value, b->target_dtype, b->target, i, 1);
        if (value != 0 && value != 1) return true;
    }
    return false;
}

static bool check_class_numbers(const reading *r)
{
    const cd_metric_batch *b = r->b;
    const int64_t classes = b->task == CD_METRIC_BINARY ? 2 : b->width;
    for (int64_t i = 0; i < b->rows; i++) {
        int64_t label = target_at(b, i);
        if ((label >= 0 && label < classes) || is_ignored(b, label)) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: the target of sample %lld is class %lld, and must be 0 to %lld",
                       r->m->name, sample_of(r, i), (long long)label, (long long)classes - 1);
    }
    return true;
}

/* Of a target that has the output's shape: each number is 0 or 1. Integers may be ignored ones. */
static bool check_answers(const reading *r)
{
    const cd_metric_batch *b = r->b;
    double value;
    for (int64_t i = 0; i < b->rows * b->width; i++) {
        load(&value, b->target_dtype, b->target, i, 1);
        const bool whole = !cd_dtype_is_floating(b->target_dtype);
        if (value == 0 || value == 1 || (whole && is_ignored(b, target_at(b, i)))) continue;
        return cd_fail(CD_ERR_ARGUMENT, "%s: the target of sample %lld is %g, and must be 0 or 1",
                       r->m->name, sample_of(r, i / b->width), value);
    }
    return true;
}

/* Of a target that has the output's shape: each row has the probabilities of the classes. */
static bool check_probabilities(const reading *r)
{
    const cd_metric_batch *b = r->b;
    double value;
    for (int64_t i = 0; i < b->rows; i++) {
        double sum = 0, least = 0;
        for (int64_t k = 0; k < b->width; k++) {
            load(&value, b->target_dtype, b->target, i * b->width + k, 1);
            sum += value;
            least = fmin(least, value);
        }
        if (least >= 0 && fabs(sum - 1) <= 1e-3) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: the targets of sample %lld are neither 0 and 1 (labels) nor "
                       "probabilities of the classes: they add to %g",
                       r->m->name, sample_of(r, i), sum);
    }
    return true;
}

static bool check_targets(const reading *r)
{
    const cd_metric_batch *b = r->b;
    if (b->wide) return b->task == CD_METRIC_CLASSES ? check_probabilities(r) : check_answers(r);
    return check_class_numbers(r);
}

/* --- a batch ---------------------------------------------------------------------------------- */

/* Above which output the answer is yes: the probability .threshold, or its logit. */
static double cut_of(const cd_metric_options *o)
{
    double p = o->threshold == 0 && !signbit(o->threshold) ? 0.5 : o->threshold;
    return o->probabilities ? p : log(p / (1 - p));
}

/* The room for a row of outputs. It may be there from a batch that was refused, for other sizes,
 * and is not there after the state was set from a checkpoint. */
static bool make_row(cd_metric_seen *seen, const cd_metric_batch *b)
{
    size_t bytes;
    if (seen->task != CD_METRIC_AUTO && seen->row) return true;
    if (!cd_checked_bytes(b->width, sizeof(double), &bytes)) bytes = SIZE_MAX;
    double *row = cd_realloc(seen->row, bytes);
    if (row) seen->row = row;
    return row != NULL;
}

bool cd_metric_batch_read(cd_metric_batch *b, const cd_metric *m, cd_metric_seen *seen,
                          cd_tensor *output, cd_tensor *target)
{
    *b = (cd_metric_batch){ .metric = m, .cut = cut_of(&m->options) };
    const reading r = { .b = b,
                        .m = m,
                        .seen = seen,
                        .output = output,
                        .target = target,
                        .x = cd_shape_of(output),
                        .y = cd_shape_of(target) };
    if (!cd_ok()) return false;
    if (!cd_dtype_is_floating(cd_dtype_of(output))) {
        return cd_fail(CD_ERR_DTYPE, "%s: the output is %s, and must be floating: logits%s",
                       m->name, cd_dtype_name(cd_dtype_of(output)),
                       m->options.probabilities ? ", or probabilities" : "");
    }
    b->task = task_by_shape(&r);
    if (b->task == CD_METRIC_AUTO || !read_elements(&r)) return false;
    const bool may_be_parts = b->task == CD_METRIC_LABELS && m->options.task == CD_METRIC_AUTO &&
                              cd_dtype_is_floating(b->target_dtype);
    if (may_be_parts && (seen->task == CD_METRIC_CLASSES || has_parts(b)))
        b->task = CD_METRIC_CLASSES;
    return check_same(&r) && make_row(seen, b) && check_outputs(&r) && check_targets(&r);
}

void cd_metric_seen_add(cd_metric_seen *seen, const cd_metric_batch *b)
{
    seen->task = b->task;
    seen->width = b->width;
    seen->classes = b->task == CD_METRIC_BINARY ? 2 : b->width;
    seen->samples += b->samples;
}

/* Whether these numbers follow from the task. */
static bool fits(const cd_metric_seen *s)
{
    switch (s->task) {
    case CD_METRIC_AUTO:
        return s->width == 0 && s->classes == 0 && s->samples == 0;
    case CD_METRIC_BINARY:
        return s->classes == 2 && (s->width == 1 || s->width == 2);
    case CD_METRIC_CLASSES:
        return s->classes == s->width && s->width > 0;
    default:
        return s->classes == s->width;
    }
}

bool cd_metric_seen_visit(cd_metric_seen *seen, cd_metric_visitor *v)
{
    int64_t n[] = { seen->task, seen->width, seen->classes, seen->samples, seen->warned };
    if (!cd_metric_visit(v, "seen", CD_I64, n, 5)) return false;
    if (n[0] > CD_METRIC_LABELS || n[4] > 1) {
        return cd_metric_refuse_state(v, "\"seen\" has an unknown task");
    }
    seen->task = (cd_metric_task)n[0];
    seen->width = n[1];
    seen->classes = n[2];
    seen->samples = n[3];
    seen->warned = n[4] == 1;
    return fits(seen) || cd_metric_refuse_state(v, "\"seen\" has sizes that do not fit the task");
}

void cd_metric_seen_end(cd_metric_seen *seen)
{
    cd_free(seen->row);
}

void cd_metric_warn(cd_metric_seen *seen, const char *format, ...)
{
    char text[CD_ERROR_MESSAGE_BYTES];
    va_list arguments;
    if (seen->warned) return;
    seen->warned = true;
    va_start(arguments, format);
    (void)cd_vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    cd_log_line(CD_LOG_WARNING, "%s", text);
}
