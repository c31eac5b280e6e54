/* A batch of samples: what a loader gives, and what batch transforms change. */
#ifndef CANDELA_IO_BATCH_H
#define CANDELA_IO_BATCH_H

#include "core/tensor.h"

CD_BEGIN_DECLS

/* Who owns the tensors and the array, and until when, says the call that fills the struct in. */
typedef struct cd_batch {
    cd_tensor *x;           /* count x the shape of a sample */
    cd_tensor *y;           /* count labels, int64; or count x targets, floating */
    int64_t count;          /* samples in the batch */
    int64_t number;         /* of the batch in its epoch, from 0 */
    const int64_t *indices; /* numbers of samples of the data set: count of them, before a collate
                             * function or a transform changes the count */
} cd_batch;

CD_END_DECLS

#endif
