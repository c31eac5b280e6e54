/* How well a model predicts numbers, the rows of a table: for candela eval and its report. */
#ifndef CANDELA_APPS_NUMBER_SCORE_H
#define CANDELA_APPS_NUMBER_SCORE_H

#include "apps/tabular.h"

enum { WORST_NUMBERS = 12 };
typedef struct number_score {
    int64_t count;
    double loss; /* the mean squared error of the standardised label: what training minimises */
    double r2;   /* NaN with fewer than two rows */
    double mae, rmse;             /* in the label's own unit */
    const double *truth, *guess;  /* the labels and the predictions; the scope's */
    int64_t worst[WORST_NUMBERS]; /* the rows with the largest errors, the largest first */
    int worst_count;
} number_score;

/* Computes the score of rows that were opened with their labels. False with a library error. */
bool number_score_make(number_score *s, const tabular *rows);

#endif
