/* Transforms: changes of samples and of batches while a model is trained. A cd_loader applies them
 * (io/loader.h). */
#ifndef CANDELA_IO_TRANSFORM_H
#define CANDELA_IO_TRANSFORM_H

#include "core/api.h"
#include "core/random.h"
#include "core/tensor.h"
#include "io/batch.h"

CD_BEGIN_DECLS

typedef struct cd_transform cd_transform;

/* Changes one sample and returns the new one, handed out, which may be x itself; NULL with an
 * error. It does not write to x. Several threads call it at once: `t` is const, and random numbers
 * come from `g` (NULL is the default generator). */
typedef cd_tensor *cd_transform_fn(const cd_transform *t, cd_tensor *x, cd_generator *g);

enum { CD_TRANSFORM_VALUES = 24, CD_BATCH_TRANSFORM_VALUES = 4 };

/* A transform of one's own has a name, a function, and perhaps a context and values. */
struct cd_transform {
    const char *name; /* what error sentences call it; borrowed */
    cd_transform_fn *apply;
    const void *context; /* borrowed */
    double value[CD_TRANSFORM_VALUES];
};

typedef struct cd_batch_transform cd_batch_transform;

/* Changes a batch: sets b->x and b->y to new tensors, handed out, and does not write to the old
 * ones. False with an error. Several threads call it at once, with different batches. */
typedef bool cd_batch_transform_fn(const cd_batch_transform *t, cd_batch *b, cd_generator *g);

struct cd_batch_transform {
    const char *name;
    cd_batch_transform_fn *apply;
    const void *context; /* borrowed */
    double value[CD_BATCH_TRANSFORM_VALUES];
};

CD_END_DECLS

#endif
