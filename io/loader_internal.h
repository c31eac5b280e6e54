/* What a loader consists of.
 *
 *     loader.c         the public functions: options, epochs, giving a batch
 *     loader_order.c   in which order an epoch has the samples
 *     loader_batch.c   how a batch is made
 *     loader_crew.c    the threads that read ahead
 *     loader_state.c   the state of a loader, to be saved
 *
 * Batch n of an epoch is made in slot n % slot_count. The calling thread prepares a slot: it finds
 * the samples' numbers, takes memory and reads the labels, which a data set lets one thread ask for
 * at a time. Then a worker, or the calling thread if there are none, reads the samples. When a
 * batch is given to the caller, its tensors change places with those of the batch before, which the
 * slot uses again. So in steady state nothing is allocated. */
#ifndef CANDELA_IO_LOADER_INTERNAL_H
#define CANDELA_IO_LOADER_INTERNAL_H

#include <pthread.h>
#include <unistd.h>

#include "core/error.h"
#include "core/float_mode_internal.h"
#include "core/random_internal.h"
#include "io/dataset_internal.h"
#include "io/loader.h"

typedef enum cd_slot_state {
    CD_SLOT_EMPTY,
    CD_SLOT_PREPARED,
    CD_SLOT_READING,
    CD_SLOT_READY
} cd_slot_state;

typedef struct cd_loader_slot {
    cd_slot_state state; /* under the crew's lock */
    cd_batch batch;      /* its tensors are x and y below */
    cd_tensor *x, *y;    /* owned */
    cd_tensor *raw;      /* samples before their transforms; owned */
    cd_error error;      /* why the batch could not be made; code CD_OK: it could */
    cd_float_mode mode;  /* of the calling thread */
} cd_loader_slot;

/* The threads. Numbers of batches are those of the epoch. */
typedef struct cd_loader_crew {
    pthread_mutex_t lock;
    pthread_cond_t work; /* a slot is prepared, or the crew is to stop */
    pthread_cond_t done; /* a slot is ready */
    pthread_t *threads;  /* room for `workers`, of which `started` run */
    int started;
    bool stop;
    pid_t process;   /* which started the threads: a child of it does not have them */
    int64_t claimed; /* batches that workers have taken up */
    int reading;     /* slots that are being read */
} cd_loader_crew;

typedef enum cd_loader_order {
    CD_ORDER_OF_SET,
    CD_ORDER_SHUFFLED,
    CD_ORDER_BY_WEIGHT,
    CD_ORDER_BY_WEIGHT_ONCE
} cd_loader_order;

struct cd_loader {
    cd_object object;
    cd_dataset *dataset;
    int64_t batch_size, samples, batches; /* samples and batches of an epoch */
    cd_loader_order kind;
    cd_tensor *weights;      /* float64, one for each sample of the set */
    cd_generator *generator; /* .generator; NULL: the default one */
    cd_generator *draws;     /* from which orders are drawn; NULL for CD_ORDER_OF_SET */
    cd_transform *transforms;
    int transform_count;
    cd_batch_transform *batch_transforms;
    int batch_transform_count;
    cd_collate *collate;
    void *collate_context;

    bool begun;               /* in an epoch */
    int64_t given, prepared;  /* batches of the epoch; prepared is also under the crew's lock */
    int64_t seed;             /* the epoch's */
    cd_generator_state start; /* of `draws`, before the epoch's order was drawn */
    int64_t *order;           /* the numbers of the epoch's samples */

    cd_loader_slot *slots;
    int64_t slot_count;
    cd_tensor *x, *y; /* of the batch that the caller has */
    int workers;
    cd_loader_crew *crew; /* NULL without workers */
};

bool cd_loader_check(const cd_loader *l, const char *function);

/* --- loader_order.c --------------------------------------------------------------------------- */

/* Draws the seed and the order of an epoch, as PyTorch's DataLoader and samplers do. False with an
 * error; then nothing is drawn. */
bool cd_loader_draw(cd_loader *l);
/* Draws the order again from a state that was saved. */
bool cd_loader_draw_from(cd_loader *l, const cd_generator_state *start);
/* What PyTorch draws when an epoch has come to its end. */
void cd_loader_draw_end(cd_loader *l);

/* --- loader_batch.c --------------------------------------------------------------------------- */

/* Prepares a slot for batch `number`; by the calling thread. An error stays in the slot. */
void cd_loader_prepare(cd_loader *l, cd_loader_slot *s, int64_t number);
/* Makes the batch of a slot that is prepared; by any thread. An error stays in the slot. */
void cd_loader_read(const cd_loader *l, cd_loader_slot *s);

/* --- loader_crew.c ---------------------------------------------------------------------------- */

/* Room for a crew of l->workers; false with CD_ERR_MEMORY. */
bool cd_loader_crew_new(cd_loader *l);
/* Prepares all slots that are free, and wakes the crew, which is started when needed. */
void cd_loader_ahead(cd_loader *l);
/* Waits until this slot, which is prepared, is ready; reads it where there is no crew. */
void cd_loader_await(cd_loader *l, cd_loader_slot *s);
/* Waits until nothing is being read, and drops what was read ahead: batch `given` is the next. */
void cd_loader_drain(cd_loader *l, int64_t given);
/* Ends the threads and frees the crew. */
void cd_loader_crew_end(cd_loader *l);

#endif
