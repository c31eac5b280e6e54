/* The table of epochs that train and probe print while they train. */
#ifndef CANDELA_APPS_EPOCH_TABLE_H
#define CANDELA_APPS_EPOCH_TABLE_H

#include "apps/training.h"

/* Prints the line of an epoch, from 1; the first epoch prints the head before it. Of a run with
 * several epochs in a line, only every so many epochs, and the last one, have a line. `best`: it is
 * the best so far, and has a mark. */
void show_epoch(const training *t, int64_t number, const epoch_record *record, bool best);

#endif
