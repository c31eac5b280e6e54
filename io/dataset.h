/* Data sets: numbered samples, each a picture and the number of its class. */
#ifndef CANDELA_IO_DATASET_H
#define CANDELA_IO_DATASET_H

#include "core/scope.h"
#include "io/image.h"

CD_BEGIN_DECLS

typedef struct cd_dataset cd_dataset;

typedef enum cd_split { CD_TRAIN = 0, CD_TEST, CD_VAL } cd_split;

/* cd_dataset_open("fashion-mnist"), cd_dataset_open("mnist", .split = CD_TEST)
 *
 *   fashion-mnist       the four IDX files of Debian's dataset-fashion-mnist
 *   mnist               those of MNIST in /usr/share/datasets/mnist or data/mnist; torchvision's
 *                       datasets.MNIST(ROOT, download=True) puts them into ROOT/MNIST/raw
 *   fashion-mnist:DIR, mnist:DIR, idx:DIR
 *                       IDX files in that folder, named as MNIST's (train-images-idx3-ubyte or
 *                       train-images.idx3-ubyte), plain or .gz; the classes of mnist and idx are
 *                       called "0", "1", ...
 *   DIR                 a folder of photographs: DIR/train/CLASS/ beside DIR/val/CLASS/ or
 *                       DIR/test/CLASS/ or both, or DIR/CLASS/, which is one set for any split
 *
 * The folders of splits are train or training; val, valid or validation; test or testing, in any
 * case of letters. A folder of such a name that holds pictures itself is a class. What could be
 * either, or looks like a split under another name, is refused with a sentence that says what would
 * be right; folders beside the splits that are not used are said to the logger.
 *
 * IDX files are train and test. Where a set has no val, CD_VAL is test, and where it has no test,
 * CD_TEST is val: cd_dataset_split_name tells what was opened, cd_dataset_look what there is.
 *
 * CD_ERR_ARGUMENT for a name that is none of these, with what would be; CD_ERR_IO, CD_ERR_FORMAT.
 */
typedef struct cd_dataset_options {
    const char *name;
    CD_GUARD_;
    cd_split split;
    /* How samples become numbers. Photographs: default cd_preprocess_imagenet. IDX sets: default
     * the pictures' own size, mean and deviation computed over this split; give the training
     * split's to the others. Copied. */
    const cd_preprocess *preprocess;
} cd_dataset_options;

CD_API cd_dataset *cd_dataset_open_with(cd_dataset_options options);
#define cd_dataset_open(...) cd_dataset_open_with((cd_dataset_options){ .name = __VA_ARGS__ })

/* What the data set of this name is, found out without reading a sample. */
typedef struct cd_dataset_layout {
    bool photographs;      /* a folder of photographs; else IDX files */
    bool train, val, test; /* the splits it has; none: one set for any split */
} cd_dataset_layout;

/* False with the errors of cd_dataset_open; then *out is as it was. */
CD_API bool cd_dataset_look(const char *name, cd_dataset_layout *out);

CD_API int64_t cd_dataset_count(const cd_dataset *d);
CD_API int64_t cd_dataset_class_count(const cd_dataset *d);
/* Whether it is one split of a set that has two or three; else any split is all. */
CD_API bool cd_dataset_is_split(const cd_dataset *d);
/* "train", "val" or "test"; "all" for a folder of photographs that has no splits. */
CD_API const char *cd_dataset_split_name(const cd_dataset *d);
/* Names live as long as the data set. */
CD_API const char *cd_dataset_class_name(const cd_dataset *d, int64_t label);
CD_API int64_t cd_dataset_label(const cd_dataset *d, int64_t i);
/* The file of a photograph; NULL, without an error, for sets that have none. */
CD_API const char *cd_dataset_path(const cd_dataset *d, int64_t i);
/* Files below a class folder that are no listed picture. Those among them whose ending is that of
 * another format (.gif, .webp, .tif, .heic, ...) were meant to be pictures: the logger gets a
 * warning with the first three, and cd_dataset_unread_path has all. */
CD_API int64_t cd_dataset_ignored(const cd_dataset *d);
CD_API int64_t cd_dataset_unread_count(const cd_dataset *d);
CD_API const char *cd_dataset_unread_path(const cd_dataset *d, int64_t i);
/* How many of the photographs that were read so far have an EXIF tag that asks for them to be
 * turned or mirrored, which is not done (torchvision's ImageFolder does not either). *first, which
 * may be NULL, becomes the path of the first of them in the set, or NULL when there is none. */
CD_API int64_t cd_dataset_turned(const cd_dataset *d, const char **first);
CD_API cd_preprocess cd_dataset_preprocess(const cd_dataset *d);
CD_API cd_shape cd_dataset_sample_shape(const cd_dataset *d); /* channels x height x width */

/* True when both have the same class names in the same order; else CD_ERR_FORMAT with a sentence
 * that names what one has and the other lacks. */
CD_API bool cd_dataset_same_classes(const cd_dataset *a, const cd_dataset *b);

/* The samples of these numbers: x, count x channels x height x width f32, and y, count int64
 * labels, both handed out. Photographs are read on all threads. A file that cannot be decoded is
 * CD_ERR_FORMAT naming it, unless `bad` is given: then bad[i] tells (the others are false), its
 * picture is zeros, and the sentence goes to the logger. One that the system does not let be read
 * is CD_ERR_IO, with `bad` as without. */
typedef struct cd_batch_options {
    cd_dataset *dataset;
    const int64_t *indices;
    int64_t count;
    CD_GUARD_;
    cd_tensor **x, **y; /* either may be NULL */
    bool *bad;
} cd_batch_options;

CD_API bool cd_dataset_batch_with(cd_batch_options options);
#define cd_dataset_batch(dataset_, indices_, ...)                                                  \
    cd_dataset_batch_with(                                                                         \
        (cd_batch_options){ .dataset = dataset_, .indices = indices_, .count = __VA_ARGS__ })

CD_END_DECLS

#endif
