/* What every data set is, and the two kinds there are. */
#ifndef CANDELA_IO_DATASET_INTERNAL_H
#define CANDELA_IO_DATASET_INTERNAL_H

#include <stdatomic.h>

#include "core/tensor_internal.h"
#include "io/dataset.h"
#include "io/image_folder_internal.h"

struct cd_dataset {
    cd_object object;
    char *name; /* as it was opened, owned */
    int64_t count, class_count;
    bool is_split;
    const char *split_name; /* "train", "val", "test", "all" */
    cd_preprocess preprocess;
    char **classes;  /* class_count names; owned, but of a folder: its own */
    int64_t *labels; /* count of them; likewise */

    unsigned char *pixels;  /* of an IDX set: count x height x width; owned */
    float value[256];       /* what each of its 256 greys becomes */
    cd_image_folder folder; /* of a set of photographs */
    atomic_uchar *turned;   /* of a set of photographs: EXIF orientations above 1 that were met */
};

/* Fill a data set whose name is set. On failure what was filled is freed with the object. `where`
 * is the folder, NULL for the kind's standard one. */
bool cd_dataset_fill_idx(cd_dataset *d, const char *kind, const char *where,
                         const cd_dataset_options *options);
bool cd_dataset_fill_folder(cd_dataset *d, const char *where, const cd_dataset_options *options);

/* The same for cd_dataset_look. */
bool cd_dataset_look_idx(const char *kind, const char *where, cd_dataset_layout *out);
bool cd_dataset_look_folder(const char *where, cd_dataset_layout *out);

/* The kind that a name begins with ("mnist" of "mnist" and "mnist:DIR"), and in *where what follows
 * the colon, NULL without one; NULL for a name that begins with none. */
const char *cd_dataset_kind(const char *name, const char **where);

/* Says of a name that is neither a kind nor a folder what it is or may have been meant to be.
 * Returns false. */
bool cd_dataset_refuse_name(const char *name);

/* Sample i as numbers: channels x height x width floats at `out`. Runs on any thread. */
bool cd_dataset_sample_idx(const cd_dataset *d, int64_t i, float *out);
bool cd_dataset_sample_folder(const cd_dataset *d, int64_t i, float *out);

#endif
