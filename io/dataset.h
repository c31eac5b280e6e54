/* Data sets: numbered samples, each a picture (or other numbers) and the number of its class or
 * another target, and batches of them as tensors (torch.utils.data.Dataset with a collate
 * function). Here are those that are opened by a name; io/dataset_make.h makes them of tensors, of
 * a program's own functions, and of parts of others.
 *
 * A function that is given no data set, or the number of a sample or class that does not exist,
 * sets CD_ERR_ARGUMENT and returns 0, false, NULL or a zeroed struct. Strings that are returned
 * live as long as the data set. */
#ifndef CANDELA_IO_DATASET_H
#define CANDELA_IO_DATASET_H

#include "core/scope.h"
#include "io/image.h"

CD_BEGIN_DECLS

typedef struct cd_dataset cd_dataset;

typedef enum cd_dataset_split { CD_TRAIN = 0, CD_TEST, CD_VAL } cd_dataset_split;

/* cd_dataset_open("fashion-mnist"), cd_dataset_open("mnist", .split = CD_TEST)
 *
 *   fashion-mnist       the four IDX files of Debian's dataset-fashion-mnist
 *   mnist               those of MNIST in /usr/share/datasets/mnist or data/mnist; torchvision's
 *                       datasets.MNIST(ROOT, download=True) puts them into ROOT/MNIST/raw
 *   fashion-mnist:DIR, mnist:DIR, idx:DIR
 *                       IDX files in that folder, named as MNIST's (train-images-idx3-ubyte or
 *                       train-images.idx3-ubyte), plain or .gz; the classes of mnist and idx are
 *                       called "0", "1", ...
 *   cifar10:DIR, cifar100:DIR, cifar100-coarse:DIR
 *                       the files of CIFAR's binary version in that folder: data_batch_1.bin to
 *                       data_batch_5.bin and test_batch.bin; train.bin and test.bin, whose classes
 *                       are the 100 fine ones or the 20 coarse ones. Class names are those of
 *                       batches.meta.txt, fine_label_names.txt or coarse_label_names.txt, and
 *                       the published ones where that file is missing
 *   list:FILE           photographs and their classes, listed in a text file: in each line a path,
 *                       from the list's folder on, and behind a tab, a comma or a blank its class,
 *                       a number or a name; or a table with columns called path and label. One set
 *                       for any split. All files must be there when the list is opened
 *   DIR                 a folder of photographs: DIR/train/CLASS/ beside DIR/val/CLASS/ or
 *                       DIR/test/CLASS/ or both, or DIR/CLASS/, which is one set for any split
 *
 * The folders of splits are train or training; val, valid or validation; test or testing, in any
 * case of letters. A folder with such a name that holds pictures itself is a class. A folder that
 * could be a split or a class, or that looks like a split under another name, is an error whose
 * sentence says what would be right. Folders beside the splits that are not used are named in a
 * warning to the logger.
 *
 * IDX and CIFAR sets have the splits train and test. In a set without val, CD_VAL opens test, and
 * in a set without test, CD_TEST opens val: cd_dataset_split_name tells which split was opened, and
 * cd_dataset_look which splits there are.
 *
 * NULL with CD_ERR_ARGUMENT for a name that is none of these, with a sentence that says what it may
 * have been meant to be; with CD_ERR_IO, CD_ERR_FORMAT or CD_ERR_SHAPE (a preprocess whose size is
 * not that of IDX pictures). */
typedef struct cd_dataset_options {
    const char *name;
    CD_GUARD_;
    cd_dataset_split split;
    /* How pictures become numbers; copied. Photographs: default cd_preprocess_imagenet. IDX sets
     * and CIFAR: default the pictures' own size, with mean and std (of each channel) computed over
     * this split; to treat another split alike, open it with cd_dataset_preprocess(train). */
    const cd_preprocess *preprocess;
} cd_dataset_options;

CD_API cd_dataset *cd_dataset_open_with(cd_dataset_options options);
#define cd_dataset_open(...) cd_dataset_open_with((cd_dataset_options){ .name = __VA_ARGS__ })

/* What a data set's name stands for, found out without reading a sample. */
typedef struct cd_dataset_layout {
    bool photographs;      /* photographs in files of their own; false: IDX or CIFAR files */
    bool train, val, test; /* the splits it has; all false: one set for any split */
} cd_dataset_layout;

/* False with the errors of cd_dataset_open; then *out is as it was. */
CD_API bool cd_dataset_look(const char *name, cd_dataset_layout *out);

/* --- the whole set ---------------------------------------------------------------------------- */

/* How many samples there are. */
CD_API int64_t cd_dataset_count(const cd_dataset *d);
/* How many classes there are; 0 when samples have other targets. */
CD_API int64_t cd_dataset_class_count(const cd_dataset *d);
/* The name of a class, 0 to class_count - 1. */
CD_API const char *cd_dataset_class_name(const cd_dataset *d, int64_t label);
/* True for one of several splits, false for a set that is the same whatever split is opened. */
CD_API bool cd_dataset_is_split(const cd_dataset *d);
/* "train", "val" or "test"; "all" for a set without splits. */
CD_API const char *cd_dataset_split_name(const cd_dataset *d);
/* The recipe that makes the samples' numbers: the one given to cd_dataset_open, or the default.
 * Zeroed (channels is 0) for samples that are no pictures. */
CD_API cd_preprocess cd_dataset_preprocess(const cd_dataset *d);
/* Of one sample: channels x height x width for pictures. */
CD_API cd_shape cd_dataset_sample_shape(const cd_dataset *d);
/* The dtype and the shape of one sample's target: int64 and CD_SCALAR, the class, for all sets that
 * are opened by a name. */
CD_API cd_dtype cd_dataset_target_dtype(const cd_dataset *d);
CD_API cd_shape cd_dataset_target_shape(const cd_dataset *d);
/* True when both sets have the same class names in the same order; else false with CD_ERR_FORMAT
 * and a sentence that names the classes that only one of them has. */
CD_API bool cd_dataset_same_classes(const cd_dataset *a, const cd_dataset *b);

/* How many files below the class folders are no samples. */
CD_API int64_t cd_dataset_ignored(const cd_dataset *d);
/* How many of the ignored files are pictures, by the ending of their names, in a format that is not
 * read (.gif, .webp, .tif, .heic, ...). When a set is opened that has some, the logger gets a
 * warning with the first three. */
CD_API int64_t cd_dataset_unread_count(const cd_dataset *d);
/* The path of one of these, 0 to unread_count - 1. */
CD_API const char *cd_dataset_unread_path(const cd_dataset *d, int64_t i);

/* --- one sample ------------------------------------------------------------------------------- */

/* The class number of sample i. CD_ERR_STATE when samples have other targets. */
CD_API int64_t cd_dataset_label(const cd_dataset *d, int64_t i);
/* The file of a photograph; NULL, without an error, for samples that are no files. */
CD_API const char *cd_dataset_path(const cd_dataset *d, int64_t i);

/* How many of the photographs that were read so far have an EXIF orientation that asks for them to
 * be turned or mirrored. It is not applied (torchvision's ImageFolder does not either). *first,
 * where `first` is not NULL, becomes the path of the one with the lowest number, or NULL. */
CD_API int64_t cd_dataset_turned(const cd_dataset *d, const char **first);

/* --- batches ---------------------------------------------------------------------------------- */

/* The samples with these numbers. They are read on all threads.
 *
 * A picture that cannot be decoded is CD_ERR_FORMAT or CD_ERR_UNSUPPORTED with the file's name. If
 * `bad` is given, the batch succeeds without it: bad[k] becomes true, the picture zeros, and the
 * logger gets the sentence. A file that the system does not let be read is CD_ERR_IO, with or
 * without `bad`. False with an error; then *x and *y are as they were. */
typedef struct cd_batch_options {
    cd_dataset *dataset;
    const int64_t *indices;
    int64_t count;
    CD_GUARD_;
    cd_tensor **x; /* count x the shape of a sample, float32; NULL: not wanted */
    cd_tensor **y; /* count x the shape of a target, of its dtype: count labels, int64, for classes;
                      NULL: not wanted */
    bool *bad;     /* count of them, all set; optional */
} cd_batch_options;

CD_API bool cd_dataset_batch_with(cd_batch_options options);
#define cd_dataset_batch(dataset_, indices_, ...)                                                  \
    cd_dataset_batch_with(                                                                         \
        (cd_batch_options){ .dataset = dataset_, .indices = indices_, .count = __VA_ARGS__ })

CD_END_DECLS

#endif
