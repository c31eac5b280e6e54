#include "apps/score.h"

#include <math.h>
#include <stdlib.h>

#include "apps/console.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/progress.h"

/* Of the batch that begins at `from`. */
static bool check_finite(const subject *of, cd_tensor *logits, int64_t from)
{
    bool finite;
    int64_t row;
    if (!find_not_finite(logits, &finite, &row)) return false;
    if (finite) return true;
    if (of->lr > 0) {
        return cd_fail(
            CD_ERR_STATE,
            "the model's outputs became nan or infinite: a smaller --lr than %g may help", of->lr);
    }
    char name[SAMPLE_NAME_BYTES];
    int64_t number = samples_number(of->samples, from, row);
    return fail_not_finite(sample_name(of->samples->set, number, of->set, name));
}

static bool add_batch(score *s, const subject *of, int64_t from, const batch *b)
{
    cd_tensor *logits = cd_forward(of->model, b->x);
    if (logits && (cd_ndim(logits) != 2 || cd_size(logits, 1) != s->classes)) {
        char shape[CD_SHAPE_TEXT];
        return cd_fail(CD_ERR_SHAPE, "the model gives %s for %lld samples of %lld classes",
                       cd_shape_text(cd_shape_of(logits), shape), (long long)b->count,
                       (long long)s->classes);
    }
    if (!check_finite(of, logits, from)) return false;
    cd_tensor *loss = cd_cross_entropy(logits, b->y, .reduction = CD_SUM);
    const int64_t *taken = cd_data(cd_argmax_dim(logits, 1));
    const int64_t *label = cd_data(b->y);
    s->loss += cd_item(loss);
    if (!cd_ok()) return false;
    for (int64_t k = 0; k < b->count; k++) {
        s->confusion[label[k] * s->classes + taken[k]]++;
        s->right += label[k] == taken[k];
    }
    s->count += b->count;
    return true;
}

static bool add_all(score *out, const subject *of, int64_t at_once)
{
    samples *s = of->samples;
    for (int64_t from = 0; from < s->count && !interrupted(); from += at_once) {
        CD_SCOPE();
        CD_NO_GRAD();
        int64_t count = s->count - from < at_once ? s->count - from : at_once;
        batch b;
        if (!samples_run(s, from, count, &b)) return false;
        if (b.count > 0 && !add_batch(out, of, from, &b)) return false;
        progress_at(from + count);
    }
    return !interrupted();
}

bool score_samples(score *out, const subject *of, int64_t at_once, const char *what)
{
    const samples *s = of->samples;
    *out = (score){ .classes = cd_dataset_class_count(s->set) };
    out->confusion = calloc((size_t)(out->classes * out->classes), sizeof *out->confusion);
    if (!out->confusion) return cd_fail(CD_ERR_MEMORY, "out of memory for a confusion matrix");
    if (what) progress_begin(what, "pictures", s->count);
    bool done = cd_eval(of->model) && add_all(out, of, at_once);
    if (what) progress_end();
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
    return (double)s->right / (double)s->count;
}

int64_t score_members(const score *s, int64_t label)
{
    int64_t members = 0;
    for (int64_t k = 0; k < s->classes; k++) members += s->confusion[label * s->classes + k];
    return members;
}

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : (double)NAN;
}

double score_precision(const score *s, int64_t label)
{
    int64_t taken = 0;
    for (int64_t k = 0; k < s->classes; k++) taken += s->confusion[k * s->classes + label];
    return share(s->confusion[label * s->classes + label], taken);
}

double score_recall(const score *s, int64_t label)
{
    return share(s->confusion[label * s->classes + label], score_members(s, label));
}
