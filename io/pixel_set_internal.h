/* Data sets whose pictures have one size and are held in memory, a byte for each number: what IDX
 * files (dataset_idx.c) and CIFAR's (dataset_cifar.c) share. */
#ifndef CANDELA_IO_PIXEL_SET_INTERNAL_H
#define CANDELA_IO_PIXEL_SET_INTERNAL_H

#include "io/dataset_internal.h"

typedef struct cd_pixel_set {
    cd_dataset dataset;
    unsigned char *pixels; /* count x channels x height x width, owned */
    int64_t *labels;       /* count of them, owned */
    float value[3][256];   /* the element that each level becomes, for each channel */
} cd_pixel_set;

/* Sets the number of samples, and a recipe of their size: channels is 1 (grey) or 3 (RGB). */
void cd_pixel_set_size(cd_pixel_set *s, int64_t count, int channels, int height, int width);

/* Settles the recipe and the element of each level, when the pixels are there. Without a given
 * recipe, its mean and std become those of all pixels / 255, channel by channel. The pictures are
 * neither resized nor cropped, so a given recipe must have their size; else CD_ERR_SHAPE. */
bool cd_pixel_set_recipe(cd_pixel_set *s, const cd_preprocess *given);

/* Functions of the class (cd_dataset_class). */
bool cd_pixel_set_sample(const cd_dataset *d, int64_t i, float *out);
int64_t cd_pixel_set_label(const cd_dataset *d, int64_t i);
void cd_pixel_set_destroy(cd_dataset *d);

#endif
