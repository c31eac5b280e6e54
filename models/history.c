/* The epochs of a training run: cd_history of models/fit.h. */
#include "models/history_internal.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"

static void destroy(cd_object *object)
{
    cd_history *h = (cd_history *)object;
    for (int64_t i = 0; i < h->count; i++) cd_free((void *)h->epoch[i].metrics);
    cd_free(h->epoch);
}

static const cd_class history_class = { CD_KIND_HISTORY, "history", NULL, destroy };

cd_history *cd_history_new(int metric_count)
{
    cd_history *h = cd_object_new(&history_class, sizeof *h);
    if (!h) return NULL;
    h->metric_count = metric_count;
    h->best = -1;
    return h;
}

static bool grow(cd_history *h)
{
    if (h->count < h->capacity) return true;
    const int64_t capacity = h->capacity ? 2 * h->capacity : 16;
    cd_epoch *larger = cd_realloc(h->epoch, (size_t)capacity * sizeof *larger);
    if (!larger) return false;
    h->epoch = larger;
    h->capacity = capacity;
    return true;
}

bool cd_history_add(cd_history *h, const cd_epoch *epoch)
{
    const size_t n = (size_t)h->metric_count;
    /* Both rows of metrics lie in one allocation; one number more, so that it is never empty. */
    double *values = cd_alloc((2 * n + 1) * sizeof *values);
    if (!values || !grow(h)) {
        cd_free(values);
        return false;
    }
    if (n > 0) {
        memcpy(values, epoch->metrics, n * sizeof *values);
        memcpy(values + n, epoch->validation_metrics, n * sizeof *values);
    }
    cd_epoch *own = &h->epoch[h->count++];
    *own = *epoch;
    own->metrics = values;
    own->validation_metrics = values + n;
    own->metric_count = h->metric_count;
    return true;
}

/* --- looking ---------------------------------------------------------------------------------- */

static bool check(const cd_history *h, const char *function)
{
    return cd_check_object(h, &history_class, function, "the history");
}

int64_t cd_history_count(const cd_history *h)
{
    return check(h, "history_count") ? h->count : 0;
}

cd_epoch cd_history_epoch(const cd_history *h, int64_t i)
{
    if (!check(h, "history_epoch")) return (cd_epoch){ .number = 0 };
    if (i >= 0 && i < h->count) return h->epoch[i];
    (void)cd_fail(CD_ERR_ARGUMENT, "history_epoch: there is no epoch %lld, the history has %lld",
                  (long long)i, (long long)h->count);
    return (cd_epoch){ .number = 0 };
}

int64_t cd_history_best(const cd_history *h)
{
    return check(h, "history_best") ? h->best : -1;
}

cd_fit_end cd_history_end(const cd_history *h)
{
    return check(h, "history_end") ? h->end : CD_FIT_ALL_EPOCHS;
}
