/* candela train for a CSV file: a model of its rows, for classes or numbers. */
#ifndef CANDELA_APPS_TRAIN_TABLE_H
#define CANDELA_APPS_TRAIN_TABLE_H

#include "apps/json.h"
#include "apps/tabular.h"
#include "apps/training.h"

/* What the options say of the columns; texts of options that are not given are NULL. */
typedef struct table_choice {
    const char *label;
    const char *ignore;  /* "id,date" */
    const char *missing; /* train_table_open needs these two */
    const char *task;
} table_choice;

/* The table that is trained on. All objects belong to the open scope. */
typedef struct train_table {
    cd_table *table;
    cd_encoder *encoder; /* its means and deviations are those of the train part */
    const char *why;     /* the task, and why it was chosen; a sentence of an encoder */
    tabular rows;        /* once the model is trained: what it says of all rows */
    cd_module *scored;   /* what then makes logits of a sample of the split */
} train_table;

/* Refuses options that do not fit the data: those of tables for pictures, and the other way round.
 * Returns 0, or the exit status. */
int train_table_check(const command *c, const train_config *config, const table_choice *choice,
                      const char *const *of_pictures);

/* Reads the file, finds out the task, splits the rows and encodes them: fills `table`, t->split and
 * t->table. False with a library error, whose sentence names the program's options. */
bool train_table_open(training *t, train_table *table, const table_choice *choice);
/* Prints what was found; nothing with --json. */
void train_table_report_data(const training *t);

/* Whether numbers are predicted. */
bool train_is_regression(const training *t);
/* What one of the label's standard deviations is, in its own unit; 0 where it is no number. */
double train_unit(const training *t);
/* The module that gives logits for the samples of the split. */
cd_module *train_scored(const training *t);

/* Trains, saves and reports as training_run does. */
int train_table_run(training *t, train_table *table);
/* Adds the task, the label and why the task was chosen. */
void train_table_to_json(const training *t, json_t *object);

#endif
