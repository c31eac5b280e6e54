/* Evaluates a model, and ranks its classes. */
#include "apps/score.h"

#include <math.h>
#include <stdlib.h>

#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/logits.h"
#include "apps/progress.h"

/* --- a metric that watches -------------------------------------------------------------------- */

/* What the metric works with; its own state is empty. */
typedef struct watch {
    const evaluation *e;
    int64_t seen; /* samples of the batches before */
} watch;

static bool check_finite(const watch *w, cd_tensor *logits)
{
    bool finite;
    int64_t row;
    if (!find_not_finite(cd_contiguous(logits), &finite, &row)) return false;
    if (finite) return true;
    if (w->e->lr > 0) {
        return cd_fail(
            CD_ERR_STATE,
            "the model's outputs became nan or infinite: a smaller --lr than %g may help",
            w->e->lr);
    }
    char name[SAMPLE_NAME_BYTES];
    const samples *s = w->e->samples;
    return fail_not_finite(sample_name(s->set, s->index[w->seen + row], w->e->set_name, name));
}

static bool add_notable(const watch *w, cd_tensor *logits, cd_tensor *labels)
{
    const int64_t count = cd_size(logits, 0), classes = cd_size(logits, 1);
    const float *row = cd_data(cd_contiguous(logits));
    const int64_t *label = cd_data(labels);
    for (int64_t k = 0; cd_ok() && k < count; k++) {
        notable_add(w->e->notable, w->e->samples->index[w->seen + k], label[k], row + k * classes,
                    classes);
    }
    return cd_ok();
}

/* The evaluation ends by an error when the user interrupts; failed_or_stopped knows the cause. */
static bool watch_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    (void)state;
    watch *w = m->context;
    cd_tensor *logits = cd_to(output, CD_F32);
    if (interrupted()) return cd_fail(CD_ERR_STATE, "the evaluation was stopped");
    if (!logits || !check_finite(w, logits) || (w->e->notable && !add_notable(w, logits, target))) {
        return false;
    }
    w->seen += cd_size(output, 0);
    progress_at(w->seen);
    return true;
}

static double watch_value(const cd_metric *m, void *state)
{
    (void)state;
    return (double)((const watch *)m->context)->seen;
}

/* --- the evaluation --------------------------------------------------------------------------- */

/* A transform of batches: the samples as the model computes. */
static bool convert(const cd_batch_transform *t, cd_batch *b, cd_generator *g)
{
    (void)g;
    b->x = cd_to(b->x, *(const cd_dtype *)t->context);
    return b->x != NULL;
}

/* Runs the model on one sample to see that it gives a row of logits for each. */
static bool check_model(const evaluation *e, int64_t classes)
{
    CD_SCOPE();
    CD_NO_GRAD();
    const int64_t first = 0;
    cd_tensor *x;
    return cd_eval(e->model) && cd_dataset_batch(e->samples->part, &first, 1, .x = &x) &&
           model_logits(e->model, x, classes) != NULL;
}

static bool run_model(const evaluation *e, int64_t batch_size, cd_meter *confusion, double *loss)
{
    watch w = { .e = e };
    const cd_metric watching = {
        .name = "watch", .update = watch_update, .value = watch_value, .context = &w
    };
    const cd_metric *const metrics[] = { &watching, cd_meter_metric(confusion) };
    const cd_dtype dtype = model_dtype(e->model);
    const cd_batch_transform to_dtype = { .name = "convert", .apply = convert, .context = &dtype };
    double values[2];
    cd_loader *loader = cd_loader_new(e->samples->part, .batch_size = batch_size,
                                      .batch_transforms = &to_dtype, .batch_transform_count = 1);
    return cd_evaluate(e->model, NULL, .loader = loader, .loss_value = loss, .metrics = metrics,
                       .metric_count = 2, .values = values);
}

bool evaluate(score *out, const evaluation *e, int64_t batch_size, const char *task)
{
    CD_SCOPE();
    const samples *s = e->samples;
    const cd_metric classes = cd_metric_of(&cd_confusion, .task = CD_METRIC_CLASSES);
    cd_meter *confusion = cd_meter_new(&classes);
    double loss;
    *out = (score){ .count = 0 };
    if (!confusion || !check_model(e, cd_dataset_class_count(s->set))) return false;
    if (task) progress_begin(task, e->unit ? e->unit : "pictures", s->count);
    const bool done = run_model(e, batch_size, confusion, &loss);
    if (task) progress_end();
    return done && score_of(out, confusion, loss);
}

/* --- the score -------------------------------------------------------------------------------- */

bool score_of(score *out, cd_meter *confusion, double loss)
{
    CD_SCOPE();
    *out = (score){ .loss = loss };
    if (!cd_assign(&out->meter, confusion) ||
        !cd_assign(&out->matrix, cd_confusion_matrix(confusion))) {
        score_free(out);
        return false;
    }
    out->confusion = cd_data(out->matrix);
    out->classes = cd_size(out->matrix, 0);
    for (int64_t k = 0; k < out->classes; k++) {
        out->count += score_class(out, k).support;
        out->correct += out->confusion[k * out->classes + k];
    }
    return cd_ok();
}

void score_free(score *s)
{
    (void)cd_assign(&s->meter, NULL);
    (void)cd_assign(&s->matrix, NULL);
    *s = (score){ .count = 0 };
}

double score_accuracy(const score *s)
{
    return (double)s->correct / (double)s->count;
}

cd_class_score score_class(const score *s, int64_t label)
{
    return cd_confusion_class(s->meter, label);
}

double score_mean_f1(const score *s)
{
    double sum = 0;
    int64_t classes = 0;
    for (int64_t k = 0; k < s->classes; k++) {
        const double f1 = score_class(s, k).f1;
        if (isnan(f1)) continue;
        classes++;
        sum += f1;
    }
    return sum / (double)classes;
}

/* Lowest recall first; classes without samples last. */
static int by_recall(const void *a, const void *b)
{
    const score_rank *x = a, *y = b;
    double left = isnan(x->recall) ? 2 : x->recall, right = isnan(y->recall) ? 2 : y->recall;
    if (left != right) return left < right ? -1 : 1;
    return (x->label > y->label) - (x->label < y->label);
}

score_rank *score_by_recall(const score *s)
{
    score_rank *list = malloc((size_t)s->classes * sizeof *list);
    if (!list) return NULL;
    for (int64_t k = 0; k < s->classes; k++) {
        list[k] = (score_rank){ k, score_class(s, k).recall };
    }
    qsort(list, (size_t)s->classes, sizeof *list, by_recall);
    return list;
}
