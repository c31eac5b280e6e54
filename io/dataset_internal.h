/* What every data set is, and the two kinds there are. */
#ifndef CANDELA_IO_DATASET_INTERNAL_H
#define CANDELA_IO_DATASET_INTERNAL_H

#include "core/tensor_internal.h"
#include "io/dataset.h"
#include "io/image_folder_internal.h"

struct cd_dataset {
    cd_object object;
    char *name; /* as it was opened, owned */
    int64_t count, class_count;
    bool is_split;
    cd_preprocess preprocess;
    char **classes;  /* class_count names; owned, but of a folder: its own */
    int64_t *labels; /* count of them; likewise */

    unsigned char *pixels;  /* of an IDX set: count x height x width; owned */
    float value[256];       /* what each of its 256 greys becomes */
    cd_image_folder folder; /* of a set of photographs */
};

/* Fill a data set whose name is set. On failure what was filled is freed with the object. `where`
 * is the folder, NULL for the kind's standard one. */
bool cd_dataset_fill_idx(cd_dataset *d, const char *kind, const char *where,
                         const cd_dataset_options *options);
bool cd_dataset_fill_folder(cd_dataset *d, const char *where, const cd_dataset_options *options);

/* Sample i as numbers: channels x height x width floats at `out`. Runs on any thread. */
bool cd_dataset_sample_idx(const cd_dataset *d, int64_t i, float *out);
bool cd_dataset_sample_folder(const cd_dataset *d, int64_t i, float *out);

#endif
