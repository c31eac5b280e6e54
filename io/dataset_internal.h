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
    bool has_targets;       /* samples have targets in place of classes, and class_count is 0 */
    cd_dtype target_dtype;  /* of targets */
    cd_shape target_shape;  /* of one sample's target: at most 7 dimensions */
    bool one_thread;        /* `sample` and `target` are called by the caller's thread only */
    bool in_memory;         /* `sample` and `target` only copy, and cannot fail */
    bool is_split;          /* one of several splits; false: the whole set */
    const char *split_name; /* "train", "val", "test" or "all"; static */
    int64_t ignored;        /* files that are no samples (cd_dataset_ignored) */
    int64_t unread_count;   /* those of them that are pictures in a format that is not read */
    char **unread;          /* unread_count paths */
};

struct cd_dataset_class {
    const char *name; /* NAME of io/datasets.def, not empty */
    size_t size;      /* of the struct that begins with a cd_dataset */

    /* The public function that makes such data sets, "cd_dataset_subset". NULL for a class whose
     * sets are opened by a name; only such a class has the members up to `look`. */
    const char *made_by;

    /* --- which names belong to the class: those with a prefix, those it accepts, or both ------ */

    /* PREFIX and PREFIX:WHERE are names of the class. A list of texts that are not empty, which
     * ends in NULL. A class without prefixes, or with an empty list, needs `accepts`. */
    const char *const *prefixes;
    /* How names with these prefixes are written, "mnist, mnist:DIR (its four files)", for the
     * sentence about an unknown name. Required with prefixes. */
    const char *prefix_help;
    /* Whether this name, which begins with no class's prefix, belongs to the class. Optional. */
    bool (*accepts)(const char *name);

    /* --- required of a class whose sets are opened by a name ---------------------------------- */

    /* Fills in the data set d, which is zeroed except for its class_ and name. For a name with a
     * prefix, `prefix` is that entry of the list, and `where` what follows the colon, NULL without
     * a colon. For an accepted name, prefix is NULL, and where the whole name. False with an error;
     * `destroy` then frees what was filled in. */
    bool (*open)(cd_dataset *d, const char *prefix, const char *where,
                 const cd_dataset_options *options);
    /* What `open` with this prefix and where would find, without reading a sample. False with the
     * error that open would set; then *out is as it was. */
    bool (*look)(const char *prefix, const char *where, cd_dataset_layout *out);

    /* --- required ----------------------------------------------------------------------------- */

    /* Writes sample i as float32 elements of sample_shape. False with an error. Called from several
     * threads at once, unless the data set has one_thread. */
    bool (*sample)(const cd_dataset *d, int64_t i, float *out);
    /* The class number of sample i, 0 to class_count - 1. Not called for a data set that
     * has_targets. */
    int64_t (*label)(const cd_dataset *d, int64_t i);

    /* --- optional ----------------------------------------------------------------------------- */

    /* Writes the target of sample i, elements of target_dtype and target_shape, as `sample` writes
     * the sample. NULL: no set of this class has targets. */
    bool (*target)(const cd_dataset *d, int64_t i, void *out);
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

/* A new data set of the class, zeroed except for its class and its name, a copy. The caller is its
 * only owner, fills it in and hands it out (cd_hand), or disowns it, which calls `destroy`. NULL
 * with CD_ERR_MEMORY. */
cd_dataset *cd_dataset_begin(const cd_dataset_class *class_, const char *name);
/* Whether `d` is a data set; if not, false with CD_ERR_ARGUMENT, in which `function` is named. */
bool cd_dataset_check(const cd_dataset *d, const char *function);

/* count x this shape. */
cd_shape cd_batch_shape(int64_t count, const cd_shape *each);
/* Writes the samples with these numbers, which exist, to x (NULL: not wanted) and their targets to
 * y (NULL: not wanted, or the samples have classes): contiguous tensors of the right shapes. On all
 * threads of the pool, unless the set has one_thread. False with an error. */
bool cd_dataset_read_samples(cd_dataset *d, const int64_t *indices, int64_t count, cd_tensor *x,
                             cd_tensor *y);
/* Writes their classes to y, count labels. */
bool cd_dataset_read_labels(const cd_dataset *d, const int64_t *indices, int64_t count,
                            cd_tensor *y);

/* Names the class_count classes of a data set: copies of `names`, or "0", "1", ... where that is
 * NULL. False with CD_ERR_ARGUMENT (a name that is NULL) or CD_ERR_MEMORY. */
bool cd_dataset_name_classes(cd_dataset *d, const char *const *names);
/* Frees them; to be called by the class's `destroy`. */
void cd_dataset_free_classes(cd_dataset *d);

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
