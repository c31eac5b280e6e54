/* What train and probe print, write as JSON and save. */
#ifndef CANDELA_APPS_REPORT_H
#define CANDELA_APPS_REPORT_H

#include "apps/report_page.h"
#include "apps/training.h"

/* Prints how many samples there are to train and to validate on, and what is left out. Prints
 * nothing with --json. */
void report_data(const training *t);

/* Saves t->model with its card at the path of --out. False with a library error. */
bool save_trained(const training *t);

/* Prints the results after the last epoch, as text or as JSON. `train` is the trained module's
 * score on the train samples. Returns the exit status. */
int report_result(const training *t, const score *train);

/* The same of a regression: its scores on the train and the validation rows. */
int report_numbers_result(const training *t, const number_score *train,
                          const number_score *validation);

/* Writes the page of --report, and prints the block at the end of a run, which says how to get a
 * page where there is none. Returns the exit status: 1 with a sentence
 * where the page cannot be written; the model stays saved then. */
int report_training(training *t);
int report_numbers_training(const training *t, const number_score *validation);

#endif
