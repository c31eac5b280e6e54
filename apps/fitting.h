/* Trains with cd_fit, for train and probe. */
#ifndef CANDELA_APPS_FITTING_H
#define CANDELA_APPS_FITTING_H

#include "apps/training.h"

/* Trains t->trained by SGD or another optimizer on the cross entropy, with an evaluation on the
 * validation samples after each epoch; fills t->history and t->records, and prints a table of the
 * epochs (not with --json). False with a library error, or without one when the user interrupts. A
 * loss that is not finite is an error. */
bool fit(training *t);

#endif
