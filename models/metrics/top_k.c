/* cd_top5: whether the true class is among the k largest outputs. */
#include "core/error.h"
#include "models/metric_internal.h"

enum { DEFAULT_K = 5 };

typedef struct top_k {
    cd_metric_seen seen;
    int64_t total, right;
} top_k;

static bool top_k_begin(const cd_metric *m, void *state)
{
    (void)state;
    return cd_metric_check_options(m, CD_METRIC_TAKES_TASK | CD_METRIC_TAKES_K);
}

/* How many classes come before the true one. */
static int64_t rank_of(const double *row, int64_t count, int64_t truth)
{
    int64_t rank = 0;
    for (int64_t k = 0; k < count; k++) {
        rank += row[k] > row[truth] || (row[k] == row[truth] && k < truth);
    }
    return rank;
}

static bool top_k_update(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target)
{
    top_k *s = state;
    cd_metric_batch b;
    if (!cd_metric_batch_read(&b, m, &s->seen, output, target)) return false;
    if (b.task == CD_METRIC_LABELS || b.width < 2) {
        return cd_fail(CD_ERR_SHAPE, "%s: the output must be N x K for N class numbers", m->name);
    }
    int64_t most = m->options.k ? m->options.k : DEFAULT_K;
    for (int64_t i = 0; i < b.rows; i++) {
        int64_t truth = cd_metric_truth(&b, i);
        if (truth < 0) continue;
        cd_metric_row(&b, i, s->seen.row);
        s->right += rank_of(s->seen.row, b.width, truth) < most;
        s->total++;
    }
    cd_metric_seen_add(&s->seen, &b);
    return true;
}

static double top_k_value(const cd_metric *m, void *state)
{
    const top_k *s = state;
    (void)m;
    return cd_metric_share((double)s->right, (double)s->total);
}

static void top_k_end(const cd_metric *m, void *state)
{
    (void)m;
    cd_metric_seen_end(&((top_k *)state)->seen);
}

static bool top_k_visit(const cd_metric *m, void *state, cd_metric_visitor *v)
{
    top_k *s = state;
    int64_t rows[] = { s->total, s->right };
    (void)m;
    if (!cd_metric_seen_visit(&s->seen, v) || !cd_metric_visit(v, "rows", CD_I64, rows, 2)) {
        return false;
    }
    s->total = rows[0];
    s->right = rows[1];
    return true;
}

const cd_metric cd_top5 = { .name = "top5",
                            .state_bytes = sizeof(top_k),
                            .begin = top_k_begin,
                            .update = top_k_update,
                            .value = top_k_value,
                            .end = top_k_end,
                            .visit = top_k_visit };
