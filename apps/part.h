/* Which samples of a data set eval and predict look at. */
#ifndef CANDELA_APPS_PART_H
#define CANDELA_APPS_PART_H

#include "apps/division.h"

typedef struct part {
    division parts; /* when the set is divided as training divided it */
    samples whole;  /* else */
    samples *samples;
    const char *name; /* "train", "val", "test", or "all" */
    const char *text; /* the same in a report's words: "test part" */
    char others[32];  /* chosen by default: the splits that can be named, "train or test"; or "" */
} part;

/* Opens the split with the name `wanted`, prepared by `recipe` (NULL: the set's own). Of a set that
 * training divided (the card says how, and the samples are the same) val is what it held back and
 * train the rest, but a val of the set's own goes first. With `wanted` NULL: test, or else val, and
 * of a set that has neither what training held back, or all of it.
 *
 * False with a library error, which for a split that is not there says which there are; free it all
 * the same. */
bool part_choose(part *p, const char *data, const char *wanted, const cd_card *card,
                 const cd_preprocess *recipe);
void part_free(part *p);

#endif
