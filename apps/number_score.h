/* How well a model predicts numbers, the rows of a table: for candela eval and its report. */
#ifndef CANDELA_APPS_NUMBER_SCORE_H
#define CANDELA_APPS_NUMBER_SCORE_H

#include "apps/tabular.h"

enum { WORST_NUMBERS = 12 };
typedef struct number_score {
    const int64_t *rows; /* of the table, that are scored; NULL: all */
    int64_t count;
    double loss; /* the mean squared error of the standardised label: what training minimises */
    double r2;   /* NaN with fewer than two rows */
    double mae, rmse;             /* in the label's own unit */
    const double *truth, *guess;  /* `count` labels and predictions; the scope's */
    int64_t worst[WORST_NUMBERS]; /* which of these have the largest errors, the largest first */
    int worst_count;
} number_score;

/* Computes the score of rows that were opened with their labels: of those in `index`, `count` of
 * them, which must live as long as the score, or with NULL of all. False with a library error. */
bool number_score_make(number_score *s, const tabular *rows, const int64_t *index, int64_t count);

/* Which row of the table number i of the score is. */
static inline int64_t number_row(const number_score *s, int64_t i)
{
    return s->rows ? s->rows[i] : i;
}

#endif
