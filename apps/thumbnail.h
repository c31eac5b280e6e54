/* Pictures of a data set as small JPEG files in memory. */
#ifndef CANDELA_APPS_THUMBNAIL_H
#define CANDELA_APPS_THUMBNAIL_H

#include <candela.h>

enum {
    THUMBNAIL_SIDE = 256, /* the most pixels of a side; larger pictures are made smaller */
    THUMBNAIL_SMALL = 64  /* a picture up to this side keeps each pixel as it is */
};

typedef struct thumbnail {
    unsigned char *jpeg; /* owned */
    size_t bytes;
    int width, height;
} thumbnail;

/* Makes a thumbnail of a prepared picture `x`, channels x height x width: what a model reads, after
 * the normalisation by `preprocess` is undone. False with CD_ERR_MEMORY, or with
 * CD_ERR_UNSUPPORTED for other channels than one (grey) or three (RGB). */
bool thumbnail_make(thumbnail *out, const float *x, cd_shape shape,
                    const cd_preprocess *preprocess);

/* The same for a sample of a data set, which is read again. False with a library error, as
 * cd_dataset_batch; CD_ERR_UNSUPPORTED for samples that are no pictures. */
bool thumbnail_of_sample(thumbnail *out, cd_dataset *set, int64_t index);
void thumbnail_free(thumbnail *t);

#endif
