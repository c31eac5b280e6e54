/* Keeps the worst mistakes and the least sure predictions in two sorted lists of bounded length. */
#include "apps/notable.h"

#include <math.h>
#include <string.h>

/* The softmax of one sample, p[k] = exp(z[k] - max) / sum of exp(z[i] - max), for three classes. In
 * float64, because mistakes with a probability near 1 are compared. */
static prediction predict(int64_t index, int64_t label, const float *logits, int64_t classes)
{
    prediction p = { .index = index, .label = label, .next = -1 };
    for (int64_t k = 1; k < classes; k++) {
        if (logits[k] > logits[p.predicted]) p.predicted = k;
    }
    double max = (double)logits[p.predicted], sum = 0;
    for (int64_t k = 0; k < classes; k++) {
        sum += exp((double)logits[k] - max);
        if (k == p.predicted) continue;
        if (p.next < 0 || logits[k] > logits[p.next]) p.next = k;
    }
    p.probability = 1 / sum;
    p.label_probability = exp((double)logits[label] - max) / sum;
    if (p.next >= 0) p.next_probability = exp((double)logits[p.next] - max) / sum;
    return p;
}

static double margin(const prediction *p)
{
    return p->probability - p->next_probability;
}

static bool is_worse(const prediction *a, const prediction *b)
{
    return a->probability > b->probability;
}

static bool is_less_sure(const prediction *a, const prediction *b)
{
    return margin(a) < margin(b);
}

/* Puts p into the list, behind those that it does not go before; the last leaves a full list. */
static void insert(prediction *list, int *count, const prediction *p,
                   bool (*before)(const prediction *a, const prediction *b))
{
    int at = *count;
    while (at > 0 && before(p, &list[at - 1])) at--;
    if (at == NOTABLE) return;
    if (*count < NOTABLE) ++*count;
    memmove(&list[at + 1], &list[at], (size_t)(*count - 1 - at) * sizeof *list);
    list[at] = *p;
}

void notable_add(notable *n, int64_t index, int64_t label, const float *logits, int64_t classes)
{
    const prediction p = predict(index, label, logits, classes);
    if (p.predicted != label) insert(n->worst, &n->worst_count, &p, is_worse);
    insert(n->unsure, &n->unsure_count, &p, is_less_sure);
}
