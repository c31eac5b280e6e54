/* The order of an epoch's samples. The draws are those of PyTorch 2.15: a DataLoader first draws a
 * 63-bit seed for its workers. RandomSampler without a generator draws one more, which starts a
 * generator of its own for the permutation; with a generator it permutes with that, and at the end
 * of an epoch once more, for the part of a permutation that num_samples % n asks for.
 * WeightedRandomSampler calls multinomial. */
#include <string.h>

#include "autograd/autograd.h"
#include "autograd/order_ops.h"
#include "autograd/stats_ops.h"
#include "autograd/ops.h"
#include "core/memory_internal.h"
#include "io/loader_internal.h"

/* Tensor.random_() of int64: from 0 to 2^63 - 1. */
static int64_t draw_seed(cd_generator_state *state)
{
    return (int64_t)(cd_random_u64(state) & INT64_MAX);
}

static void get_state(const cd_generator *g, cd_generator_state *out)
{
    *out = *cd_generator_lock(g);
    cd_generator_unlock(g);
}

static void set_state(const cd_generator *g, const cd_generator_state *state)
{
    *cd_generator_lock(g) = *state;
    cd_generator_unlock(g);
}

static bool draw_by_weight(cd_loader *l)
{
    cd_scope scope = cd_scope_begin(), mode = cd_grad_mode_begin(false);
    const cd_tensor *order =
        cd_multinomial(l->weights, l->samples, .replacement = l->kind == CD_ORDER_BY_WEIGHT,
                       .generator = l->draws);
    if (order) memcpy(l->order, order->data, (size_t)l->samples * sizeof *l->order);
    (void)cd_scope_end(mode);
    (void)cd_scope_end(scope);
    return order != NULL;
}

/* Draws from l->draws into l->order. */
static bool draw_order(cd_loader *l)
{
    if (l->kind != CD_ORDER_SHUFFLED) return draw_by_weight(l);
    bool done = cd_random_permutation(cd_generator_lock(l->draws), l->order, l->samples);
    cd_generator_unlock(l->draws);
    return done;
}

bool cd_loader_draw_from(cd_loader *l, const cd_generator_state *start)
{
    set_state(l->draws, start);
    if (!draw_order(l)) return false;
    l->start = *start;
    return true;
}

bool cd_loader_draw(cd_loader *l)
{
    cd_generator_state state, start;
    get_state(l->generator, &state);
    const int64_t seed = draw_seed(&state);
    if (l->kind == CD_ORDER_SHUFFLED && !l->generator) {
        cd_random_seed(&start, (uint64_t)draw_seed(&state));
        if (!cd_loader_draw_from(l, &start)) return false;
    } else if (l->kind != CD_ORDER_OF_SET) {
        start = state;
        if (!cd_loader_draw_from(l, &start)) return false;
        get_state(l->draws, &state);
    }
    set_state(l->generator, &state);
    l->seed = seed;
    return true;
}

void cd_loader_draw_end(cd_loader *l)
{
    if (l->kind != CD_ORDER_SHUFFLED || !l->generator) return;
    (void)cd_random_permutation(cd_generator_lock(l->generator), l->order, l->samples);
    cd_generator_unlock(l->generator);
}

bool cd_balanced_weights(const cd_dataset *d, double *weights)
{
    if (!cd_ok() || !cd_dataset_check(d, "balanced_weights")) return false;
    if (!weights) return cd_fail(CD_ERR_ARGUMENT, "balanced_weights: the weights are NULL");
    if (d->has_targets) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "balanced_weights: the samples of %s have targets and no classes", d->name);
    }
    int64_t *count = cd_alloc_zeroed((size_t)d->class_count, sizeof *count);
    for (int64_t i = 0; count && i < d->count && cd_ok(); i++) count[cd_dataset_label(d, i)]++;
    for (int64_t i = 0; count && i < d->count && cd_ok(); i++) {
        weights[i] = 1.0 / (double)count[cd_dataset_label(d, i)];
    }
    cd_free(count);
    return cd_ok();
}
