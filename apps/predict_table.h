/* candela predict for a model of tables: the rows of a CSV file. */
#ifndef CANDELA_APPS_PREDICT_TABLE_H
#define CANDELA_APPS_PREDICT_TABLE_H

#include "apps/options.h"

typedef struct table_prediction {
    const char *file; /* of the model */
    cd_module *model;
    const cd_card *card; /* which has an encoder */
    const char *data;    /* the CSV file */
    const char *out;     /* where the predictions go as a CSV file; NULL: to standard output */
    int64_t top;         /* classes of each row, with --json */
    bool json;
} table_prediction;

/* Predicts all rows and writes or prints the predictions. Returns the exit status; after an error
 * nothing is written. */
int predict_table(const table_prediction *p);

#endif
