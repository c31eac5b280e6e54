/* The splits of a folder of photographs: DIR/train/CLASS/, DIR/val/CLASS/, DIR/test/CLASS/. */
#ifndef CANDELA_IO_IMAGE_SPLITS_INTERNAL_H
#define CANDELA_IO_IMAGE_SPLITS_INTERNAL_H

#include "io/dataset.h"
#include "io/folder_internal.h"

enum { CD_SPLITS = 3 };

typedef struct cd_image_splits {
    bool found;            /* false: the folders of DIR are classes */
    char *path[CD_SPLITS]; /* by cd_split: the folder of that split, NULL without one; owned */
    bool flat[CD_SPLITS];  /* it holds pictures and no folder for a class */
    cd_names unused;       /* folders beside the splits that are none */
} cd_image_splits;

/* Finds out whether the folders of DIR are splits or classes. A split is a folder with one of the
 * names people use, in any case of letters (train, training; val, valid, validation; test,
 * testing), that holds folders and no pictures of its own; one that holds pictures is a class
 * ("train" beside "car" and "plane"). A set in splits has train and one of the others, or both.
 *
 * CD_ERR_FORMAT, with a sentence that says what would be right, for what would be learned as
 * something that nobody means: one split under two names, a split without the others, a folder
 * beside them with class folders of the same names, splits or classes a level deeper or below the
 * classes, splits without classes. On failure *out is as it was. */
bool cd_image_splits_find(const char *root, cd_image_splits *out);
void cd_image_splits_free(cd_image_splits *splits);

/* Whether DIR is the train/ of a set whose other split stands beside it: then *beside is that one's
 * name, to be given back with cd_free; else NULL. False without memory. */
bool cd_image_splits_beside(const char *root, char **beside);

/* "train", "test", "val" */
const char *cd_split_name(cd_split split);

#endif
