/* The log and the table of epochs that train and probe write beside their model (run_log.h). */
#ifndef CANDELA_APPS_TRAIN_LOG_H
#define CANDELA_APPS_TRAIN_LOG_H

#include "apps/training.h"

/* Checks that --log and --history can be written, and would replace no file of another kind. False
 * with a library error. */
bool train_log_check(const training *t);

/* Begins t->log, after the epochs of t->so_far. False with a library error. */
bool train_log_begin(training *t);
/* Adds an epoch to it; `best`: the best so far. */
void train_log_epoch(const training *t, const cd_epoch *epoch, bool best);
/* Ends it, where it has begun. `saved`: the model was. */
void train_log_end(training *t, bool saved);

/* Writes the table of --history, where it is given. False with a library error. */
bool train_history_write(const training *t);

#endif
