/* Checkpoints of train and probe: what the options may say, what must be the same when a run goes
 * on, and what is said when it stops. */
#ifndef CANDELA_APPS_TRAIN_CHECKPOINT_H
#define CANDELA_APPS_TRAIN_CHECKPOINT_H

#include "apps/training.h"

/* Refuses options without --checkpoint that need it, a folder with checkpoints without --resume,
 * and a checkpoint of a run with other options, before anything is read that takes long. Fills
 * t->settings with the options. Returns 0, or the exit status after a sentence. */
int checkpoint_check(training *t);

/* Once the data is read: fills t->settings again, with fingerprints of the data set and of
 * pretrained weights, and compares them with those of the newest checkpoint. False with a library
 * error. */
bool checkpoint_settings(training *t);

/* Whether the run goes on from a checkpoint: --resume is given, and there is one. */
bool checkpoint_goes_on(const train_files *f);

/* failed_or_stopped for a run. With --checkpoint it says how the run can go on: after a signal, the
 * last line on standard error is the command for it. */
int training_stopped(const training *t);

#endif
