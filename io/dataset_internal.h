/* What every data set is, and what a class of data sets defines.
 *
 * A class is a file, io/dataset_NAME.c, and a line in io/datasets.def. The file has a struct that
 * begins with a cd_dataset and one cd_dataset_class. io/dataset.c has the public functions: they
 * check their arguments and go through the class.
 *
 * What holds for a whole data set is a field of cd_dataset, which the class's `open` fills in. What
 * differs from sample to sample is a function of the class. */
#ifndef CANDELA_IO_DATASET_INTERNAL_H
#define CANDELA_IO_DATASET_INTERNAL_H

#include "core/tensor_internal.h"
#include "io/dataset.h"

typedef struct cd_dataset_class cd_dataset_class;

struct cd_dataset {
    cd_object object;
    const cd_dataset_class *class_;
    char *name; /* for sentences: as the set was opened, or the path of its split; owned */

    /* The fields from here on are set by the class's `open`, and arrays freed by its `destroy`. */
    int64_t count;
    cd_shape sample_shape;    /* of one sample: at most 7 dimensions, since a batch has one more */
    cd_preprocess preprocess; /* the recipe that made the samples' numbers */
    int64_t class_count;
    char **classes;         /* class_count names */
    bool is_split;          /* one of several splits; false: the whole set */
    const char *split_name; /* "train", "val", "test" or "all"; static */
    int64_t ignored;        /* files that are no samples (cd_dataset_ignored) */
    int64_t unread_count;   /* those of them that are pictures in a format that is not read */
    char **unread;          /* unread_count paths */
};

struct cd_dataset_class {
    const char *name; /* NAME of io/datasets.def, not empty */
    size_t size;      /* of the struct that begins with a cd_dataset */

    /* --- which names belong to the class: those with a prefix, those it accepts, or both ------ */

    /* PREFIX and PREFIX:WHERE are names of the class. A list of texts that are not empty, which
     * ends in NULL. A class without prefixes, or with an empty list, needs `accepts`. */
    const char *const *prefixes;
    /* How names with these prefixes are written, "mnist, mnist:DIR (its four files)", for the
     * sentence about an unknown name. Required with prefixes. */
    const char *prefix_help;
    /* Whether this name, which begins with no class's prefix, belongs to the class. Optional. */
    bool (*accepts)(const char *name);

    /* --- required ----------------------------------------------------------------------------- */

    /* Fills in the data set d, which is zeroed except for its class_ and name. For a name with a
     * prefix, `prefix` is that entry of the list, and `where` what follows the colon, NULL without
     * a colon. For an accepted name, prefix is NULL, and where the whole name. False with an error;
     * `destroy` then frees what was filled in. */
    bool (*open)(cd_dataset *d, const char *prefix, const char *where,
                 const cd_dataset_options *options);
    /* What `open` with this prefix and where would find, without reading a sample. False with the
     * error that open would set; then *out is as it was. */
    bool (*look)(const char *prefix, const char *where, cd_dataset_layout *out);
    /* Writes sample i as float32 elements of sample_shape. False with an error. Called from several
     * threads at once. */
    bool (*sample)(const cd_dataset *d, int64_t i, float *out);
    /* The class number of sample i, 0 to class_count - 1. */
    int64_t (*label)(const cd_dataset *d, int64_t i);

    /* --- optional ----------------------------------------------------------------------------- */

    /* The file of sample i, which lives as long as d. NULL: samples are no files. */
    const char *(*path)(const cd_dataset *d, int64_t i);
    /* Whether sample i was read and has an EXIF orientation that was not applied
     * (cd_dataset_turned). NULL: no sample has one. */
    bool (*turned)(const cd_dataset *d, int64_t i);
    /* Frees what the struct owns beside its name. NULL: nothing. */
    void (*destroy)(cd_dataset *d);
};

/* The classes of io/datasets.def in their order, then NULL. */
extern const cd_dataset_class *const cd_dataset_classes[];

#define CD_DATASET(name_) extern const cd_dataset_class cd_dataset_##name_##_class;
#include "io/datasets.def"
#undef CD_DATASET

/* NULL for a class that is complete, else a sentence on what is wrong with it. `table`, which ends
 * in NULL, has the class and all others: no other may have its name or one of its prefixes. */
const char *cd_dataset_class_fault(const cd_dataset_class *class_,
                                   const cd_dataset_class *const *table);

/* The class that a name belongs to, with the prefix and where that its `open` takes. NULL with an
 * error that says what the name is or may have been meant to be. */
const cd_dataset_class *cd_dataset_class_for(const char *name, const char **prefix,
                                             const char **where);

/* Sets the error of a name that belongs to no class. Returns false. */
bool cd_dataset_refuse_name(const char *name);

#endif
