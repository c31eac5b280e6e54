/* The predictions of an evaluation that are worth a look: the worst mistakes and the least sure. */
#ifndef CANDELA_APPS_NOTABLE_H
#define CANDELA_APPS_NOTABLE_H

#include <candela.h>

typedef struct prediction {
    int64_t index;            /* of the sample in its data set */
    int64_t label;            /* the true class */
    int64_t predicted, next;  /* the classes with the highest and the next highest probability */
    double probability;       /* of the predicted class, by softmax */
    double next_probability;  /* of the next class */
    double label_probability; /* of the true class */
} prediction;

enum { NOTABLE = 12 };
typedef struct notable {
    /* Wrong predictions, the one with the highest probability first. */
    prediction worst[NOTABLE];
    int worst_count;
    /* All predictions, right and wrong, the one with the smallest margin first: the probability of
     * the predicted class less that of the next. */
    prediction unsure[NOTABLE];
    int unsure_count;
} notable;

/* Takes a sample into account: its index in the data set, true class, and `classes` logits, which
 * are finite. Of several classes with the highest logit the first is the predicted one. Of samples
 * with equal numbers, the one that came first stays before the others. */
void notable_add(notable *n, int64_t index, int64_t label, const float *logits, int64_t classes);

#endif
