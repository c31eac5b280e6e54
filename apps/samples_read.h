/* Reads photographs once, before training or an evaluation: to find those that cannot be decoded,
 * and to keep the others in memory where they fit. */
#ifndef CANDELA_APPS_SAMPLES_READ_H
#define CANDELA_APPS_SAMPLES_READ_H

#include "apps/samples.h"

/* What is kept of a batch of samples: a tensor with a row for each, handed out; NULL with an
 * error. */
typedef cd_tensor *sample_map(cd_tensor *x, void *user);

/* How much the samples of an evaluation or of a network of 224 x 224 pixels may take in memory;
 * larger sets are read from their files again. */
#define SAMPLES_KEPT_BYTES ((int64_t)256 << 20)

typedef struct sample_reading {
    const char *task;   /* of the progress bar */
    int64_t batch_size; /* samples at a time */
    int64_t most_bytes; /* keep the samples only where they take no more; 0: keep them anyway */
    sample_map *map;    /* what to keep of them; NULL: themselves */
    void *user;         /* passed to map */
} sample_reading;

/* Reads all samples, on all threads. Those that cannot be decoded leave the list, each with a
 * warning of the library. s->part becomes a set in memory, or where that is not wanted the samples
 * that can be decoded. No gradients are recorded. False with a library error, or without one when
 * the user interrupts. */
bool samples_read(samples *s, const sample_reading *how);

/* The same for samples that are photographs; nothing for others, which are in memory already. */
bool samples_read_photographs(samples *s, const sample_reading *how);

#endif
