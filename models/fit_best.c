/* Which epoch of cd_fit is the best, and for .restore_best its parameters and buffers. */
#include <math.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "models/fit_internal.h"

/* The number that tells how good an epoch is. */
static double monitored(const fit *f, const cd_epoch *e)
{
    if (f->monitor == CD_MONITOR_LOSS) return e->loss;
    if (f->monitor == CD_MONITOR_VALIDATION_LOSS) return e->validation_loss;
    return (f->validates ? e->validation_metrics : e->metrics)[f->monitor];
}

/* NaN is never better; the first number is better than none. */
static bool is_better(const fit *f, double value)
{
    if (isnan(value)) return false;
    return f->history->best < 0 || (f->higher_is_better ? value > f->best : value < f->best);
}

/* Whether epoch i is as good as the best one by the monitored number, and has a lower validation
 * loss: of few samples many epochs have the same accuracy. */
static bool breaks_tie(const fit *f, int64_t i)
{
    const cd_history *h = f->history;
    return h->best >= 0 && f->monitored == f->best &&
           h->epoch[i].validation_loss < h->epoch[h->best].validation_loss;
}

void cd_fit_judge(fit *f, int64_t i)
{
    f->monitored = monitored(f, &f->history->epoch[i]);
    const bool better = is_better(f, f->monitored);
    f->stale = better ? 0 : f->stale + 1;
    if (better || breaks_tie(f, i)) f->history->best = i;
    if (better) f->best = f->monitored;
}

bool cd_fit_is_best(const fit *f)
{
    const cd_history *h = f->history;
    return h->count > 0 && h->best == h->count - 1;
}

bool cd_fit_keep_best(fit *f)
{
    CD_SCOPE();
    CD_NO_GRAD();
    cd_dict *now = cd_state_dict(f->o.model), *copy = cd_dict_new();
    for (int64_t i = 0; cd_ok() && i < cd_dict_count(now); i++) {
        (void)cd_dict_set(copy, cd_dict_name(now, i), cd_clone(cd_dict_at(now, i)));
    }
    return cd_ok() && cd_assign(&f->best_state, copy);
}

bool cd_fit_put_best_back(fit *f)
{
    CD_SCOPE();
    return !f->best_state || cd_load_state_dict(f->o.model, f->best_state);
}
