/* The paths of train and probe: no file that they write may replace another one of the run. */
#ifndef CANDELA_APPS_TRAIN_PATHS_H
#define CANDELA_APPS_TRAIN_PATHS_H

#include "apps/training.h"

/* Checks that no output is a file that the run reads, another output, or one of its checkpoints.
 * Returns 0, or the exit status after a sentence. */
int train_paths_check(const training *t);

#endif
