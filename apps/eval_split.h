/* Which samples of a data set eval and predict use. */
#ifndef CANDELA_APPS_EVAL_SPLIT_H
#define CANDELA_APPS_EVAL_SPLIT_H

#include "apps/split.h"

typedef struct eval_split {
    split split;      /* of a data set that is split as training split it */
    samples whole;    /* of any other */
    samples *samples; /* the samples to use, in one of the two above */
    const char *name; /* "train", "val", "test", or "all" */
    const char *text; /* the same for people: "test split" */
    char others[32];  /* where the split was not named by the user: those that can be, "train or
                         test"; "" for none */
} eval_split;

/* Opens the split of the data set `data` that is called `wanted`, with the preprocessing
 * `preprocess` (NULL: the data set's own).
 *
 * A training run may have taken samples of the train split, or of a data set without splits, to
 * validate on (split.h). The model's card tells, and where the data set still has the same samples,
 * val is those and train is the rest. A val split of the data set's own goes before that.
 *
 * With `wanted` NULL: test, or val where there is no test, or what training validated on, or all of
 * the data set.
 *
 * False with a library error, which for a split that is not there lists those that are.
 * eval_split_free is needed all the same. */
bool eval_split_open(eval_split *e, const char *data, const char *wanted, const cd_card *card,
                     const cd_preprocess *preprocess);
/* The same of a table, whose rows `set` has: what training validated on, or with `wanted` train or
 * val, where it is the very table that training split; else all rows. */
bool eval_split_rows(eval_split *e, cd_dataset *set, const cd_table *table, const char *data,
                     const char *wanted, const cd_card *card);
void eval_split_free(eval_split *e);

#endif
