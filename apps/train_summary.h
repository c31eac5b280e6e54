/* The block at the end of train and probe (run_summary.h). */
#ifndef CANDELA_APPS_TRAIN_SUMMARY_H
#define CANDELA_APPS_TRAIN_SUMMARY_H

#include "apps/training.h"

/* Prints the curves of the run, its best epoch, what was saved where, and what to type next.
 * `saved`: the epoch whose model was saved, from 1; `report`: the page of --report was
 * written. False with a library error. */
bool train_summary_show(const training *t, int64_t saved, bool report);

#endif
