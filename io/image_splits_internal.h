/* Finding the splits of a folder of photographs: DIR/train/CLASS/, DIR/val/CLASS/, ... */
#ifndef CANDELA_IO_IMAGE_SPLITS_INTERNAL_H
#define CANDELA_IO_IMAGE_SPLITS_INTERNAL_H

#include "io/dataset.h"
#include "io/folder_internal.h"

enum { CD_SPLITS = 3 };

/* Arrays are indexed by cd_dataset_split. */
typedef struct cd_image_splits {
    bool found;            /* false: the folders of DIR are classes, and all else is zero */
    char *path[CD_SPLITS]; /* the folder of the split, NULL without one; owned */
    bool flat[CD_SPLITS];  /* the split's folder has pictures and no folder for a class */
    cd_names unused;       /* the other folders beside the splits; owned */
} cd_image_splits;

/* Finds out whether the folders of DIR are splits or classes. A split is a folder with one of the
 * names people use, in any case of letters (train, training; val, valid, validation; test,
 * testing), that contains folders and no pictures of its own. With pictures of its own such a
 * folder is a class ("train" beside "car" and "plane"). A set in splits has train and val, test or
 * both.
 *
 * False, with *out as it was: CD_ERR_IO, CD_ERR_MEMORY, and CD_ERR_FORMAT, with a sentence that
 * says what would be right, where a model would learn classes that nobody means: one split under
 * two names; a split without the others; a folder beside the splits with the same class folders as
 * they; splits or classes a level deeper, or splits below the classes; splits without classes. */
bool cd_image_splits_find(const char *root, cd_image_splits *out);
/* Zeroes the struct. A zeroed struct is allowed. */
void cd_image_splits_free(cd_image_splits *splits);

/* When DIR is the train/ of a set whose val/ or test/ stands beside it, *beside becomes the name of
 * that other split, freed by the caller with cd_free; else NULL. False with CD_ERR_MEMORY only. */
bool cd_image_splits_beside(const char *root, char **beside);

/* "train", "test" or "val", static. */
const char *cd_split_name(cd_dataset_split split);

#endif
