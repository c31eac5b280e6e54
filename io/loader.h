/* Loaders: the batches of a data set, epoch by epoch (torch.utils.data.DataLoader).
 *
 *     cd_loader *loader = cd_loader_new(set, .batch_size = 64, .shuffle = true);
 *     for (int epoch = 0; epoch < 10 && cd_ok(); epoch++) {
 *         for (cd_batch b; cd_loader_next(loader, &b);) {
 *             CD_SCOPE();
 *             cd_tensor *loss = cd_cross_entropy(cd_forward(model, b.x), b.y);
 *             ...
 *         }
 *     }
 *
 * An epoch ends when cd_loader_next returns false, and its next call begins the next epoch.
 *
 * One thread at a time uses a loader. docs/data.md has programs. */
#ifndef CANDELA_IO_LOADER_H
#define CANDELA_IO_LOADER_H

#include "io/batch.h"
#include "io/dataset.h"
#include "io/transform.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* Owned by scopes, as all objects are (core/scope.h). */
typedef struct cd_loader cd_loader;

/* Makes a batch of the samples with these numbers in another way than by stacking them
 * (collate_fn), as by cd_dataset_batch and ops: sets b->x and perhaps b->y, handed out, and may set
 * b->count. False with an error. When there are .workers, they call it, several at once: then also
 * a data set's function `label`, where the collate function asks for labels. A batch whose count it
 * (or a transform of batches) sets to 0 is left out: cd_loader_next gives the one after it. */
typedef bool cd_collate(void *context, cd_dataset *set, const int64_t *indices, int64_t count,
                        cd_batch *b);

typedef struct cd_loader_options {
    cd_dataset *dataset; /* the loader is an owner */
    CD_GUARD_;
    int64_t batch_size; /* default 1, as in PyTorch */
    bool shuffle;       /* each epoch in an order of its own: PyTorch's order for the seed */
    bool drop_last;     /* leave out the last batch of an epoch if it has fewer samples */

    /* Draws samples by weight (WeightedRandomSampler), as for classes of unequal size: sample i
     * with a probability of weights[i] over their sum. As many as the set has samples, 0 or more,
     * finite, not all 0; copied. Excludes .shuffle. Up to 2^24 samples. */
    const double *weights;
    int64_t draws;            /* samples of an epoch; default: as many as the set has */
    bool without_replacement; /* no sample twice in an epoch */

    /* Changes for each sample before it is stacked, in their order; copied. The results of a batch
     * are float32 of one shape. A random one draws from a generator that is started anew for each
     * sample, by the epoch's seed and the sample's place in the epoch: so the numbers depend
     * neither on threads nor on where a run was stopped and resumed. Excludes .collate. */
    const cd_transform *transforms;
    int transform_count;
    /* Changes for a whole batch, as mixup; copied. */
    const cd_batch_transform *batch_transforms;
    int batch_transform_count;
    cd_collate *collate;   /* default NULL: samples are stacked */
    void *collate_context; /* borrowed */

    /* Threads that read batches ahead (num_workers), up to 256. Default 0: the calling thread reads
     * a batch when it is asked for, with the library's threads where that helps. They read at most
     * workers * .prefetch batches ahead (default 2 for each, as prefetch_factor), which bounds the
     * memory. Order and numbers are the same for any number. A data set with .one_thread is read
     * by the calling thread whatever .workers says. */
    int workers;
    int prefetch;

    /* Where the random numbers come from, as in PyTorch: DataLoader(generator=), and for .weights
     * that of the sampler too. The loader is an owner. Default: each epoch draws its seeds from the
     * default generator. */
    cd_generator *generator;
} cd_loader_options;

/* A loader, handed out. NULL with CD_ERR_ARGUMENT (a data set without samples, options that do not
 * fit) or CD_ERR_MEMORY. */
CD_API cd_loader *cd_loader_new_with(cd_loader_options options);
#define cd_loader_new(...) cd_loader_new_with((cd_loader_options){ .dataset = __VA_ARGS__ })

/* The next batch of the epoch. Its tensors and its array are the loader's, and valid until the next
 * call; cd_keep makes a tensor live longer, and then its memory is not used again.
 *
 * False at the end of an epoch, without an error; and with an error, when a sample cannot be read:
 * the sentence names it, and the next call goes on behind its batch. While an error is pending it
 * does nothing. */
CD_API bool cd_loader_next(cd_loader *l, cd_batch *b);
/* The batches of an epoch (len(loader)). 0 with CD_ERR_ARGUMENT for NULL. */
CD_API int64_t cd_loader_batches(const cd_loader *l);
/* The data set that the loader was made with. NULL with CD_ERR_ARGUMENT for NULL. */
CD_API cd_dataset *cd_loader_dataset(const cd_loader *l);
/* Gives the rest of the epoch up: the next call of cd_loader_next begins another. What was read
 * ahead is dropped. */
CD_API bool cd_loader_restart(cd_loader *l);

/* Where the loader is, for resuming a run in the middle of an epoch (optim/state.h has the visitors
 * of the other parts of a run). A loader of the same data set and options goes on from there with
 * the same batches, with any number of workers:
 *
 *     "data"       int64, 4: samples of the set, samples of an epoch, samples of a batch, and the
 *                  order (0 of the set, 1 shuffled, 2 by weight, 3 by weight without replacement)
 *     "epoch"      int64, 3: whether one has begun, how many of its batches are done, its seed
 *     "order"      uint8, CD_RNG_STATE_BYTES: the state that the epoch's order came from; absent
 *                  for the order of the set
 *     "generator"  uint8, CD_RNG_STATE_BYTES: .generator now; absent without one
 *
 * Nothing is drawn by a visit: it does not matter whether the default generator, which the next
 * epoch's seed comes from, is restored before or after. CD_ERR_FORMAT for a state of other data or
 * one that cannot be; the loader is then as it was. CD_ERR_MEMORY: it begins a new epoch. */
CD_API bool cd_visit_loader_state(cd_loader *l, cd_visitor *visitor, void *user);

/* For .weights: for each sample the inverse of how many samples its class has, so that all classes
 * are drawn equally often. Writes as many numbers as the set has samples. False with
 * CD_ERR_ARGUMENT for a set without classes, CD_ERR_MEMORY, or an error of its labels. */
CD_API bool cd_balanced_weights(const cd_dataset *d, double *weights);

CD_END_DECLS

#endif
