/* Data sets of photographs in files, each with a class: what a folder of them (dataset_folder.c)
 * and a list of them (dataset_list.c) share.
 *
 * Samples are read from their files each time they are asked for. */
#ifndef CANDELA_IO_PHOTO_SET_INTERNAL_H
#define CANDELA_IO_PHOTO_SET_INTERNAL_H

#include <stdatomic.h>

#include "io/dataset_internal.h"
#include "io/image_folder_internal.h"

typedef struct cd_photo_set {
    cd_dataset dataset;
    cd_image_folder folder; /* the files and classes; its arrays are those of the data set, too */
    atomic_uchar *turned; /* for each photograph the EXIF orientation above 1 that was met, owned */
} cd_photo_set;

/* Sets the fields of the data set from its list of files, which the class has filled, and from the
 * options. False with CD_ERR_MEMORY. */
bool cd_photo_set_fill(cd_photo_set *s, const cd_dataset_options *options);

/* Functions of the class (cd_dataset_class). */
bool cd_photo_set_sample(const cd_dataset *d, int64_t i, float *out);
int64_t cd_photo_set_label(const cd_dataset *d, int64_t i);
const char *cd_photo_set_path(const cd_dataset *d, int64_t i);
bool cd_photo_set_turned(const cd_dataset *d, int64_t i);
void cd_photo_set_destroy(cd_dataset *d);

#endif
