/* The loop that trains: epochs of shuffled batches, SGD on the cross entropy. */
#ifndef CANDELA_APPS_TEACH_H
#define CANDELA_APPS_TEACH_H

#include "apps/division.h"
#include "apps/json.h"

typedef struct lesson {
    cd_module *model; /* logits from a batch */
    division *data;
    int64_t epochs, batch;
    double lr, momentum, weight_decay;
    bool cosine;         /* the rate falls to 0 along half a cosine, step by step */
    int64_t shown_every; /* a line on standard output every so many epochs; 0: none */
    const char *unit;    /* "pictures", for the bar */
} lesson;

/* One pass. Loss and accuracy of the training part are means over the batches as they were learned
 * from; those of the held part are of the model as the epoch left it. */
typedef struct epoch_record {
    double loss, accuracy, held_loss, held_accuracy, seconds;
} epoch_record;

/* Fills records[0] to records[epochs - 1]. False with a library error, or without one when
 * interrupted. A loss that is not finite is an error. */
bool teach(const lesson *l, epoch_record *records);

/* The records as a JSON list. */
json_t *epochs_to_json(const epoch_record *records, int64_t count);

#endif
