/* Data sets in MNIST's files: one IDX file of pictures and one of labels for each split. */
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/folder_internal.h"
#include "io/idx_internal.h"
#include "io/pixel_set_internal.h"
#include "io/preprocess_internal.h"

enum { PATH_BYTES = 4096 };

/* --- files ------------------------------------------------------------------------------------ */

/* Where the files are looked for when the name has no folder. */
static const char *const fashion_folders[] = { "/usr/share/datasets/fashion-mnist",
                                               "data/fashion-mnist", NULL };
static const char *const mnist_folders[] = { "/usr/share/datasets/mnist", "data/mnist", NULL };

/* How the names of a split's files begin. IDX sets have no validation split: CD_VAL is test. */
static const char *file_prefix(cd_dataset_split split)
{
    return split == CD_TRAIN ? "train" : "t10k";
}

/* Finds FOLDER/train-images-idx3-ubyte, for example: `content` is "images" or "labels", `rank` its
 * number of dimensions. The names are those of Yann LeCun's page and its many copies. `path` has
 * PATH_BYTES bytes. */
static bool find_file(const char *folder, cd_dataset_split split, const char *content, int rank,
                      char *path)
{
    static const char *const endings[] = { "", ".gz" };
    static const char marks[] = { '-', '.' };
    for (size_t m = 0; m < sizeof marks; m++) {
        for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
            int n = snprintf(path, PATH_BYTES, "%s/%s-%s%cidx%d-ubyte%s", folder,
                             file_prefix(split), content, marks[m], rank, endings[e]);
            if (n > 0 && n < PATH_BYTES && cd_may_exist(path)) return true;
        }
    }
    return false;
}

/* Finds the folder with the split's pictures: `where`, or without it a standard folder of the
 * prefix. */
static bool find_folder(const char *prefix, const char *where, cd_dataset_split split, char *folder)
{
    char path[PATH_BYTES];
    const char *given[] = { where, NULL };
    const char *const *folders = where                          ? given
                                 : strcmp(prefix, "mnist") == 0 ? mnist_folders
                                                                : fashion_folders;
    for (; *folders; folders++) {
        if (!find_file(*folders, split, "images", 3, path)) continue;
        (void)snprintf(folder, PATH_BYTES, "%s", *folders);
        return true;
    }
    return false;
}

/* Finds the training files in a folder below `where` into which torchvision would have downloaded
 * them. */
static bool find_deeper(const char *where, char *folder)
{
    static const char *const below[] = { "raw", "MNIST/raw", "FashionMNIST/raw" };
    char path[PATH_BYTES];
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        int n = snprintf(folder, PATH_BYTES, "%s/%s", where, below[i]);
        if (n > 0 && n < PATH_BYTES && find_file(folder, CD_TRAIN, "images", 3, path)) return true;
    }
    return false;
}

static bool refuse_folder(const char *prefix, const char *where, cd_dataset_split split)
{
    const char *file = file_prefix(split);
    char deeper[PATH_BYTES];
    if (!cd_is_folder(where)) {
        return cd_fail(CD_ERR_IO, "data set %s: there is no folder %s", prefix, where);
    }
    if (find_deeper(where, deeper)) {
        return cd_fail(CD_ERR_IO, "data set %s: the files lie deeper: name %s:%s", prefix, prefix,
                       deeper);
    }
    return cd_fail(CD_ERR_IO,
                   "data set %s: %s holds no %s-images-idx3-ubyte or "
                   "%s-images-idx3-ubyte.gz",
                   prefix, where, file, file);
}

/* Says which files are wanted and where they can be had. */
static bool refuse_standard(const char *prefix, cd_dataset_split split)
{
    static const char four[] = "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
                               "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz";
    const char *file = file_prefix(split);
    if (strcmp(prefix, "fashion-mnist") == 0) {
        return cd_fail(
            CD_ERR_IO,
            "data set fashion-mnist: %s-images-idx3-ubyte.gz is neither in %s nor in %s: "
            "install Debian's package dataset-fashion-mnist, or name the folder of %s: "
            "fashion-mnist:DIR",
            file, fashion_folders[0], fashion_folders[1], four);
    }
    return cd_fail(
        CD_ERR_IO,
        "data set mnist: %s-images-idx3-ubyte.gz is neither in %s nor in %s: put %s there, "
        "or name their folder: mnist:DIR (torchvision's download leaves them in "
        "ROOT/MNIST/raw)",
        file, mnist_folders[0], mnist_folders[1], four);
}

static bool refuse_missing(const char *prefix, const char *where, cd_dataset_split split)
{
    return where ? refuse_folder(prefix, where, split) : refuse_standard(prefix, split);
}

/* A folder must follow a colon. "idx" has no folder of its own, so it always needs one. */
static bool check_where(const char *prefix, const char *where)
{
    const bool named = where && *where, has_own = !where && strcmp(prefix, "idx") != 0;
    return named || has_own ||
           cd_fail(CD_ERR_ARGUMENT, "data set %s: name its folder: %s:DIR", prefix, prefix);
}

static bool idx_look(const char *prefix, const char *where, cd_dataset_layout *out)
{
    char folder[PATH_BYTES];
    if (!check_where(prefix, where)) return false;
    bool train = find_folder(prefix, where, CD_TRAIN, folder);
    bool test = find_folder(prefix, where, CD_TEST, folder);
    if (!train && !test) return refuse_missing(prefix, where, CD_TRAIN);
    *out = (cd_dataset_layout){ .train = train, .test = test };
    return true;
}

/* --- pictures --------------------------------------------------------------------------------- */

/* Takes over the pixels of the split's file, and sets the count and a recipe of their size. */
static bool read_pictures(cd_pixel_set *s, const char *folder, cd_dataset_split split)
{
    char path[PATH_BYTES];
    cd_idx idx;
    (void)find_file(folder, split, "images", 3, path);
    if (!cd_idx_open(&idx, path)) return false;
    const int64_t *dim = idx.shape.dim;
    if (idx.dtype != CD_FILE_U8 || idx.shape.ndim != 3 || dim[0] < 1 || dim[1] < 1 || dim[2] < 1 ||
        dim[1] > CD_RECIPE_MAX_SIDE || dim[2] > CD_RECIPE_MAX_SIDE) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_FORMAT,
                      "%s: %s of %s: pictures are unsigned bytes, count x height x width, "
                      "with sides of 1 to 16384",
                      path, cd_shape_text(idx.shape, text), cd_file_dtype_name(idx.dtype));
        cd_idx_free(&idx);
        return false;
    }
    cd_pixel_set_size(s, dim[0], 1, (int)dim[1], (int)dim[2]);
    s->pixels = idx.data; /* now the data set's */
    return true;
}

/* --- labels and classes ----------------------------------------------------------------------- */

/* The labels of a split, one byte each as in the file; the caller frees them with cd_idx_free. */
static bool open_labels(const char *path, cd_idx *idx)
{
    if (!cd_idx_open(idx, path)) return false;
    if (idx->dtype == CD_FILE_U8 && idx->shape.ndim == 1) return true;
    char text[CD_SHAPE_TEXT];
    (void)cd_fail(CD_ERR_FORMAT, "%s: %s of %s: labels are unsigned bytes in one dimension", path,
                  cd_shape_text(idx->shape, text), cd_file_dtype_name(idx->dtype));
    cd_idx_free(idx);
    return false;
}

/* -1 without labels. */
static int64_t largest_label(const cd_idx *labels)
{
    const unsigned char *bytes = labels->data;
    int64_t largest = -1;
    for (int64_t i = 0; i < labels->shape.dim[0]; i++) {
        if (bytes[i] > largest) largest = bytes[i];
    }
    return largest;
}

/* Compares the number of labels with that of the pictures before it takes 8 bytes for each. */
static bool read_labels(cd_pixel_set *s, const char *path)
{
    cd_idx idx;
    if (!open_labels(path, &idx)) return false;
    int64_t count = idx.shape.dim[0];
    if (count != s->dataset.count) {
        (void)cd_fail(CD_ERR_FORMAT, "data set %s: %lld pictures, and %lld labels in %s",
                      s->dataset.name, (long long)s->dataset.count, (long long)count, path);
    } else {
        s->dataset.class_count = largest_label(&idx) + 1;
        s->labels = cd_alloc((size_t)count * sizeof *s->labels);
        const unsigned char *bytes = idx.data;
        for (int64_t i = 0; s->labels && i < count; i++) s->labels[i] = bytes[i];
    }
    cd_idx_free(&idx);
    return s->labels != NULL;
}

/* Counts the classes over both splits, because one split may have classes that the other lacks. */
static bool count_classes(cd_pixel_set *s, const char *folder, cd_dataset_split split)
{
    cd_dataset *d = &s->dataset;
    char path[PATH_BYTES];
    cd_idx idx;
    cd_dataset_split other = split == CD_TRAIN ? CD_TEST : CD_TRAIN;
    d->is_split = find_file(folder, other, "labels", 1, path);
    if (!d->is_split) return true;
    if (!open_labels(path, &idx)) return false;
    int64_t count = largest_label(&idx) + 1;
    if (count > d->class_count) d->class_count = count;
    cd_idx_free(&idx);
    return true;
}

/* Fashion-MNIST's names: Xiao, Rasul and Vollgraf 2017. */
static const char *const fashion_names[] = { "T-shirt/top", "Trouser",   "Pullover", "Dress",
                                             "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                             "Bag",         "Ankle boot" };
enum { FASHION_CLASSES = sizeof fashion_names / sizeof *fashion_names };

/* Fashion-MNIST's ten names, or "0", "1", ... */
static bool name_classes(cd_dataset *d, const char *prefix)
{
    bool fashion = strcmp(prefix, "fashion-mnist") == 0;
    if (fashion && d->class_count > FASHION_CLASSES) {
        return cd_fail(CD_ERR_FORMAT,
                       "data set %s: there is a label %lld, and Fashion-MNIST has 0 to 9", d->name,
                       (long long)d->class_count - 1);
    }
    if (fashion) d->class_count = FASHION_CLASSES;
    return cd_dataset_name_classes(d, fashion ? fashion_names : NULL);
}

/* --- the class -------------------------------------------------------------------------------- */

static bool idx_open(cd_dataset *d, const char *prefix, const char *where,
                     const cd_dataset_options *o)
{
    cd_pixel_set *s = (cd_pixel_set *)d;
    char folder[PATH_BYTES], path[PATH_BYTES];
    if (!check_where(prefix, where)) return false;
    if (!find_folder(prefix, where, o->split, folder)) {
        return refuse_missing(prefix, where, o->split);
    }
    if (!find_file(folder, o->split, "labels", 1, path)) {
        return cd_fail(CD_ERR_IO,
                       "data set %s: %s holds pictures, but no file of their labels "
                       "(%s-labels-idx1-ubyte or .gz)",
                       prefix, folder, file_prefix(o->split));
    }
    d->split_name = o->split == CD_TRAIN ? "train" : "test";
    if (!read_pictures(s, folder, o->split) || !read_labels(s, path)) return false;
    return cd_pixel_set_recipe(s, o->preprocess) && count_classes(s, folder, o->split) &&
           name_classes(d, prefix);
}

static const char *const idx_prefixes[] = { "fashion-mnist", "mnist", "idx", NULL };

const cd_dataset_class cd_dataset_idx_class = {
    .name = "idx",
    .size = sizeof(cd_pixel_set),
    .prefixes = idx_prefixes,
    .prefix_help = "fashion-mnist (Debian's package dataset-fashion-mnist has its files), mnist "
                   "(its four files in data/mnist), mnist:DIR and idx:DIR (files like those of "
                   "MNIST)",
    .open = idx_open,
    .look = idx_look,
    .sample = cd_pixel_set_sample,
    .label = cd_pixel_set_label,
    .destroy = cd_pixel_set_destroy,
};
