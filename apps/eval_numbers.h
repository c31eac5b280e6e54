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
    const tabular *rows;  /* opened with its labels */
    const int64_t *index; /* the rows that are evaluated, `count` of them */
    int64_t count;
    const char *split;     /* their name: "val", "all" */
    const char *text;      /* the same for people: "all rows" */
    const char *others;    /* splits that could be named too, "train or val"; "": none */
    bool split_is_default; /* it was not named by the user */
    const char *report;    /* where to write a page; NULL: nowhere */
    bool json;
    double started; /* seconds_now() at the beginning */
} number_evaluation;

/* Prints how well the model does, and writes the report. Returns the exit status. */
int evaluate_numbers(const number_evaluation *e);

#endif
