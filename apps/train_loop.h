/* The training loop: epochs of shuffled batches, SGD on the cross entropy, and an evaluation on the
 * validation samples after each epoch. */
#ifndef CANDELA_APPS_TRAIN_LOOP_H
#define CANDELA_APPS_TRAIN_LOOP_H

#include "apps/training.h"

/* Trains t->trained, fills t->records, and prints a table of them (not with --json). False with a
 * library error, or without one when the user interrupts. A loss that is not finite is an error. */
bool train_loop(training *t);

#endif
