/* candela eval for a model of tables that predicts numbers. */
#ifndef CANDELA_APPS_EVAL_NUMBERS_H
#define CANDELA_APPS_EVAL_NUMBERS_H

#include "apps/options.h"
#include "apps/tabular.h"

typedef struct number_evaluation {
    const command *command; /* that is run, */
    const void *values;     /* and its struct of options, for the report */
    const char *file;       /* of the model */
    cd_module *model;
    const cd_card *card;
    const tabular *rows; /* opened with its labels */
    const char *report;  /* where to write a page; NULL: nowhere */
    bool json;
    double started; /* seconds_now() at the beginning */
} number_evaluation;

/* Prints how well the model does, and writes the report. Returns the exit status. */
int evaluate_numbers(const number_evaluation *e);

#endif
