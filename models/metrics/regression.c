/* The metrics of numbers: mean errors, and the coefficient of determination. Formulas:
 * models/metric.h. */
#include <math.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "models/metric_internal.h"

/* --- sums ------------------------------------------------------------------------------------- */

/* A sum and the part of it that rounding has lost so far (Neumaier), so that it is exact to the
 * last bits after any number of summands. */
typedef struct sum {
    double value, lost;
} sum;

static void sum_add(sum *s, double x)
{
    double total = s->value + x;
    s->lost += fabs(s->value) >= fabs(x) ? (s->value - total) + x : (x - total) + s->value;
    s->value = total;
}

static double sum_of(const sum *s)
{
    return s->value + s->lost;
}

/* --- batches ---------------------------------------------------------------------------------- */

/* Outputs and targets as float64, row by row, in tensors of the open scope. */
typedef struct pairs {
    const double *output, *target;
    int64_t rows, columns;
} pairs;

static bool no_options(const cd_metric *m, void *state)
{
    (void)state;
    return cd_metric_check_options(m, 0);
}

static int64_t columns_of(cd_shape s)
{
    int64_t columns = 1;
    for (int i = 1; i < s.ndim; i++) columns *= s.dim[i];
    return columns;
}

static bool check_shapes(const cd_metric *m, cd_shape x, cd_shape y)
{
    char a[CD_SHAPE_TEXT], b[CD_SHAPE_TEXT];
    bool column =
        x.ndim + y.ndim == 3 && x.dim[0] == y.dim[0] && columns_of(x) == 1 && columns_of(y) == 1;
    if (x.ndim > 0 && y.ndim > 0 && (column || cd_shape_equal(x, y))) return true;
    return cd_fail(CD_ERR_SHAPE,
                   "%s: the output (%s) and the target (%s) must have the same shape, N or N x D",
                   m->name, cd_shape_text(x, a), cd_shape_text(y, b));
}

static bool check_finite(const cd_metric *m, const char *which, const double *x, const pairs *p,
                         int64_t before)
{
    for (int64_t i = 0; i < p->rows * p->columns; i++) {
        if (isfinite(x[i])) continue;
        return cd_fail(CD_ERR_ARGUMENT, "%s: the %s of sample %lld is %g, and must be finite",
                       m->name, which, (long long)(before + i / p->columns), x[i]);
    }
    return true;
}

static const double *doubles_of(cd_tensor *t)
{
    return cd_data(cd_contiguous(cd_to(cd_to_device(t, CD_CPU), CD_F64)));
}

/* Reads a batch; `before` samples came before it. */
static bool read_pairs(pairs *p, const cd_metric *m, cd_tensor *output, cd_tensor *target,
                       int64_t before)
{
    cd_shape x = cd_shape_of(output), y = cd_shape_of(target);
    if (!cd_ok() || !check_shapes(m, x, y)) return false;
    *p = (pairs){ .output = doubles_of(output),
                  .target = doubles_of(target),
                  .rows = x.dim[0],
                  .columns = columns_of(x) };
    return cd_ok() && check_finite(m, "output", p->output, p, before) &&
           check_finite(m, "target", p->target, p, before);
}

/* --- mean errors ------------------------------------------------------------------------------ */

typedef struct errors {
    int64_t samples, count;
    sum sum;
} errors;

typedef double error_of(double output, double target);

static bool add_errors(const cd_metric *m, errors *e, cd_tensor *output, cd_tensor *target,
                       error_of *error)
{
    pairs p;
    if (!read_pairs(&p, m, output, target, e->samples)) return false;
    for (int64_t i = 0; i < p.rows * p.columns; i++) {
        sum_add(&e->sum, error(p.output[i], p.target[i]));
    }
    e->samples += p.rows;
    e->count += p.rows * p.columns;
    return true;
}

static double absolute(double output, double target)
{
    return fabs(output - target);
}

static double squared(double output, double target)
{
    return (output - target) * (output - target);
}

static double relative(double output, double target)
{
    return fabs(output - target) / fmax(fabs(target), 0x1p-52);
}

static bool mae_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    return add_errors(m, state, output, target, absolute);
}

static bool mse_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    return add_errors(m, state, output, target, squared);
}

static bool mape_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    return add_errors(m, state, output, target, relative);
}

static double mean_value(const cd_metric *m, void *state)
{
    const errors *e = state;
    (void)m;
    return cd_metric_share(sum_of(&e->sum), (double)e->count);
}

static double root_value(const cd_metric *m, void *state)
{
    return sqrt(mean_value(m, state));
}

static bool errors_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    errors *e = state;
    int64_t counts[] = { e->samples, e->count };
    double total[] = { e->sum.value, e->sum.lost };
    (void)m;
    if (!cd_metric_visit(v, "counts", CD_I64, counts, 2) ||
        !cd_metric_visit(v, "sum", CD_F64, total, 2)) {
        return false;
    }
    *e = (errors){ counts[0], counts[1], { total[0], total[1] } };
    return true;
}

#define ERROR(name_, update_, value_)                                                              \
    {                                                                                              \
        .name = name_, .lower_is_better = true, .state_bytes = sizeof(errors),                     \
        .begin = no_options, .update = update_, .value = value_, .visit = errors_visit             \
    }

const cd_metric cd_mae = ERROR("mae", mae_update, mean_value);
const cd_metric cd_mse = ERROR("mse", mse_update, mean_value);
const cd_metric cd_rmse = ERROR("rmse", mse_update, root_value);
const cd_metric cd_mape = ERROR("mape", mape_update, mean_value);

/* --- the coefficient of determination --------------------------------------------------------- */

/* What is known of a column. */
typedef struct column {
    double mean;  /* of the targets */
    sum spread;   /* the sum of (target - mean)^2 */
    sum residual; /* the sum of (output - target)^2 */
} column;

typedef struct r2 {
    int64_t samples, columns;
    column *column; /* owned; NULL before the first batch */
} r2;

/* Welford's rule for the mean and the spread, which does not subtract large numbers from each
 * other; `n` samples with this one. */
static void add_number(column *c, double n, double output, double target)
{
    double before = target - c->mean;
    c->mean += before / n;
    sum_add(&c->spread, before * (target - c->mean));
    sum_add(&c->residual, squared(output, target));
}

static bool make_columns(const cd_metric *m, r2 *s, int64_t columns)
{
    if (s->column && s->columns == columns) return true;
    if (s->column) {
        return cd_fail(CD_ERR_SHAPE, "%s: this batch has %lld columns, and those before had %lld",
                       m->name, (long long)columns, (long long)s->columns);
    }
    s->column = cd_alloc_zeroed((size_t)columns, sizeof *s->column);
    if (s->column) s->columns = columns;
    return s->column != NULL;
}

static bool r2_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    r2 *s = state;
    pairs p;
    if (!read_pairs(&p, m, output, target, s->samples) || !make_columns(m, s, p.columns)) {
        return false;
    }
    for (int64_t i = 0; i < p.rows; i++) {
        s->samples++;
        for (int64_t k = 0; k < p.columns; k++) {
            add_number(&s->column[k], (double)s->samples, p.output[i * p.columns + k],
                       p.target[i * p.columns + k]);
        }
    }
    return true;
}

static double r2_value(const cd_metric *m, void *state)
{
    const r2 *s = state;
    double total = 0;
    (void)m;
    if (s->samples < 2) return (double)NAN;
    for (int64_t k = 0; k < s->columns; k++) {
        double spread = sum_of(&s->column[k].spread), residual = sum_of(&s->column[k].residual);
        total += spread > 0 ? 1 - residual / spread : (double)(residual == 0);
    }
    return cd_metric_share(total, (double)s->columns);
}

static bool r2_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    enum { NUMBERS = sizeof(column) / sizeof(double) };
    r2 *s = state;
    int64_t counts[] = { s->samples, s->columns };
    if (!cd_metric_visit(v, "counts", CD_I64, counts, 2)) return false;
    const int64_t numbers = NUMBERS * counts[1];
    if (cd_metric_visit_count(v, "columns", numbers) != numbers) {
        return cd_metric_refuse_state(v, "\"columns\" has not five numbers for each column");
    }
    s->samples = counts[0];
    return (numbers == 0 || make_columns(m, s, counts[1])) &&
           cd_metric_visit(v, "columns", CD_F64, s->column, numbers);
}

static void r2_end(const cd_metric *m, void *state)
{
    (void)m;
    cd_free(((r2 *)state)->column);
}

const cd_metric cd_r2 = { .name = "r2",
                          .state_bytes = sizeof(r2),
                          .begin = no_options,
                          .update = r2_update,
                          .value = r2_value,
                          .end = r2_end,
                          .visit = r2_visit };
