/* How cd_fit fills the history of models/fit.h. */
#ifndef CANDELA_MODELS_HISTORY_INTERNAL_H
#define CANDELA_MODELS_HISTORY_INTERNAL_H

#include "core/object_internal.h"
#include "models/fit.h"

struct cd_history {
    cd_object object;
    cd_epoch *epoch; /* count of them, owned */
    int64_t count, capacity;
    int metric_count;
    int64_t best; /* index of the best epoch; -1: none yet */
    cd_fit_end end;
};

/* An empty history, whose only owner the caller is; NULL with CD_ERR_MEMORY. */
cd_history *cd_history_new(int metric_count);
/* Adds a finished epoch, whose metrics are copied: metric_count numbers each. False with
 * CD_ERR_MEMORY. */
bool cd_history_add(cd_history *h, const cd_epoch *epoch);

#endif
