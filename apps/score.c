/* Evaluates a model batch by batch, and computes precision and recall. */
#include "apps/score.h"

#include <math.h>
#include <stdlib.h>

#include "apps/console.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/logits.h"
#include "apps/progress.h"

/* `logits` are of the batch whose first sample has the position `first`. */
static bool check_finite(const evaluation *e, cd_tensor *logits, int64_t first)
{
    bool finite;
    int64_t row;
    if (!find_not_finite(logits, &finite, &row)) return false;
    if (finite) return true;
    if (e->lr > 0) {
        return cd_fail(
            CD_ERR_STATE,
            "the model's outputs became nan or infinite: a smaller --lr than %g may help", e->lr);
    }
    char name[SAMPLE_NAME_BYTES];
    int64_t index = samples_row_index(e->samples, first, row);
    return fail_not_finite(sample_name(e->samples->set, index, e->set_name, name));
}

/* Adds the predictions of a batch whose first sample has the position `first`. */
static bool add_notable(notable *n, const score *s, const evaluation *e, int64_t first,
                        const batch *b, cd_tensor *logits)
{
    const float *row = cd_data(cd_contiguous(logits));
    const int64_t *label = cd_data(b->y);
    for (int64_t k = 0; cd_ok() && k < b->count; k++) {
        int64_t index = samples_row_index(e->samples, first, k);
        notable_add(n, index, label[k], row + k * s->classes, s->classes);
    }
    return cd_ok();
}

static bool add_batch(score *s, const evaluation *e, int64_t first, const batch *b)
{
    cd_tensor *logits = model_logits(e->model, b->x, s->classes);
    if (!check_finite(e, logits, first)) return false;
    cd_tensor *loss = cd_cross_entropy(logits, b->y, .reduction = CD_SUM);
    const int64_t *predicted = cd_data(cd_argmax_dim(logits, 1));
    const int64_t *label = cd_data(b->y);
    s->loss += cd_item(loss);
    if (!cd_ok()) return false;
    for (int64_t k = 0; k < b->count; k++) {
        s->confusion[label[k] * s->classes + predicted[k]]++;
        s->correct += label[k] == predicted[k];
    }
    s->count += b->count;
    return !e->notable || add_notable(e->notable, s, e, first, b, logits);
}

static bool add_all(score *out, const evaluation *e, int64_t batch_size)
{
    samples *s = e->samples;
    for (int64_t first = 0; first < s->count && !interrupted(); first += batch_size) {
        CD_SCOPE();
        CD_NO_GRAD();
        int64_t count = s->count - first < batch_size ? s->count - first : batch_size;
        batch b;
        if (!samples_range(s, first, count, &b)) return false;
        if (b.count > 0 && !add_batch(out, e, first, &b)) return false;
        progress_at(first + count);
    }
    return !interrupted();
}

bool evaluate(score *out, const evaluation *e, int64_t batch_size, const char *task)
{
    const samples *s = e->samples;
    *out = (score){ .classes = cd_dataset_class_count(s->set) };
    out->confusion = calloc((size_t)(out->classes * out->classes), sizeof *out->confusion);
    if (!out->confusion) return cd_fail(CD_ERR_MEMORY, "out of memory for a confusion matrix");
    if (task) progress_begin(task, e->unit ? e->unit : "pictures", s->count);
    bool done = cd_eval(e->model) && add_all(out, e, batch_size);
    if (task) progress_end();
    if (done && out->count == 0) {
        done =
            cd_fail(CD_ERR_FORMAT, "none of the %lld pictures can be decoded", (long long)s->count);
    }
    if (done) {
        out->loss /= (double)out->count;
    } else {
        score_free(out);
    }
    return done;
}

void score_free(score *s)
{
    free(s->confusion);
    *s = (score){ .count = 0 };
}

double score_accuracy(const score *s)
{
    return (double)s->correct / (double)s->count;
}

int64_t score_support(const score *s, int64_t label)
{
    int64_t support = 0;
    for (int64_t k = 0; k < s->classes; k++) support += s->confusion[label * s->classes + k];
    return support;
}

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

/* The number of samples that are predicted to be of the class. */
static int64_t predictions_of(const score *s, int64_t label)
{
    int64_t predicted = 0;
    for (int64_t k = 0; k < s->classes; k++) predicted += s->confusion[k * s->classes + label];
    return predicted;
}

double score_precision(const score *s, int64_t label)
{
    return share(s->confusion[label * s->classes + label], predictions_of(s, label));
}

double score_recall(const score *s, int64_t label)
{
    return share(s->confusion[label * s->classes + label], score_support(s, label));
}

double score_f1(const score *s, int64_t label)
{
    int64_t right = s->confusion[label * s->classes + label];
    return share(2 * right, predictions_of(s, label) + score_support(s, label));
}

double score_mean_f1(const score *s)
{
    double sum = 0;
    int64_t classes = 0;
    for (int64_t k = 0; k < s->classes; k++) {
        const double f1 = score_f1(s, k);
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
    for (int64_t k = 0; k < s->classes; k++) list[k] = (score_rank){ k, score_recall(s, k) };
    qsort(list, (size_t)s->classes, sizeof *list, by_recall);
    return list;
}
