/* Data sets in MNIST's files: one IDX file of pictures and one of labels for each split.
 *
 * All pictures of a split are held in memory, a byte per pixel. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/dataset_internal.h"
#include "io/folder_internal.h"
#include "io/idx_internal.h"
#include "io/preprocess_internal.h"

typedef struct idx_set {
    cd_dataset dataset;
    unsigned char *pixels; /* count x height x width, owned */
    int64_t *labels;       /* count of them, owned */
    float value[256];      /* the element that each grey level becomes */
} idx_set;

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

/* A file that the system refuses to look at counts as existing, so that opening it fails with the
 * reason. If it counted as missing, the set would silently lose a split or some classes. */
static bool may_exist(const char *path)
{
    return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
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
            if (n > 0 && n < PATH_BYTES && may_exist(path)) return true;
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
static bool read_pictures(idx_set *s, const char *folder, cd_dataset_split split)
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
    s->dataset.count = dim[0];
    s->dataset.preprocess = (cd_preprocess){
        .crop_height = (int)dim[1], .crop_width = (int)dim[2], .channels = 1, .std = { 1 }
    };
    s->dataset.sample_shape = cd_preprocess_shape(&s->dataset.preprocess);
    s->pixels = idx.data; /* now the data set's */
    return true;
}

/* Sets the recipe's mean and std to those of all pixels / 255. They are computed from a histogram
 * of the 256 grey levels, so that no sum of many terms loses digits. */
static void measure(idx_set *s)
{
    cd_preprocess *recipe = &s->dataset.preprocess;
    int64_t histogram[256] = { 0 };
    int64_t pixels = s->dataset.count * recipe->crop_height * recipe->crop_width;
    for (int64_t i = 0; i < pixels; i++) histogram[s->pixels[i]]++;
    double sum = 0, squares = 0;
    for (int v = 0; v < 256; v++) {
        sum += (double)histogram[v] * v / 255;
        squares += (double)histogram[v] * v / 255 * v / 255;
    }
    double mean = sum / (double)pixels;
    double deviation = sqrt(fmax(squares / (double)pixels - mean * mean, 0));
    recipe->mean[0] = mean;
    recipe->std[0] = deviation > 0 ? deviation : 1; /* all pixels may be equal */
}

/* The pictures are neither resized nor cropped, so a given recipe must have their size. */
static bool check_recipe(const idx_set *s, const cd_preprocess *given)
{
    const cd_preprocess *own = &s->dataset.preprocess;
    int shorter = own->crop_width < own->crop_height ? own->crop_width : own->crop_height;
    if (given->channels == 1 && given->crop_width == own->crop_width &&
        given->crop_height == own->crop_height &&
        (given->resize == 0 || given->resize == shorter)) {
        return true;
    }
    char resized[32] = "";
    if (given->resize) (void)cd_format(resized, sizeof resized, ", resized to %d", given->resize);
    return cd_fail(
        CD_ERR_SHAPE,
        "data set %s: its pictures are grey, 1 x %d x %d, and taken as they are, but the "
        "preprocessing makes pictures of %d x %d x %d%s",
        s->dataset.name, own->crop_height, own->crop_width, given->channels, given->crop_height,
        given->crop_width, resized);
}

/* Settles the recipe, the given one or the pictures' own, and the element of each grey level. */
static bool set_recipe(idx_set *s, const cd_preprocess *given)
{
    cd_preprocess *recipe = &s->dataset.preprocess;
    if (given) {
        if (!check_recipe(s, given)) return false;
        *recipe = *given;
    } else {
        measure(s);
    }
    float mean = (float)recipe->mean[0], deviation = (float)recipe->std[0];
    for (int v = 0; v < 256; v++) {
        int grey = recipe->invert ? 255 - v : v;
        s->value[v] = ((float)grey / 255.0F - mean) / deviation;
    }
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
static bool read_labels(idx_set *s, const char *path)
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
static bool count_classes(idx_set *s, const char *folder, cd_dataset_split split)
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
    d->classes = cd_alloc_zeroed((size_t)d->class_count, sizeof *d->classes);
    for (int64_t k = 0; d->classes && k < d->class_count; k++) {
        char number[24];
        (void)snprintf(number, sizeof number, "%lld", (long long)k);
        d->classes[k] = cd_strdup(fashion ? fashion_names[k] : number);
        if (!d->classes[k]) return false;
    }
    return d->classes != NULL;
}

/* --- the class -------------------------------------------------------------------------------- */

static bool idx_open(cd_dataset *d, const char *prefix, const char *where,
                     const cd_dataset_options *o)
{
    idx_set *s = (idx_set *)d;
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
    return set_recipe(s, o->preprocess) && count_classes(s, folder, o->split) &&
           name_classes(d, prefix);
}

static bool idx_sample(const cd_dataset *d, int64_t i, float *out)
{
    const idx_set *s = (const idx_set *)d;
    int64_t pixels = (int64_t)d->preprocess.crop_height * d->preprocess.crop_width;
    const unsigned char *from = s->pixels + i * pixels;
    for (int64_t p = 0; p < pixels; p++) out[p] = s->value[from[p]];
    return true;
}

static int64_t idx_label(const cd_dataset *d, int64_t i)
{
    return ((const idx_set *)d)->labels[i];
}

static void idx_destroy(cd_dataset *d)
{
    idx_set *s = (idx_set *)d;
    for (int64_t k = 0; d->classes && k < d->class_count; k++) cd_free(d->classes[k]);
    cd_free(d->classes);
    cd_free(s->labels);
    cd_free(s->pixels);
}

static const char *const idx_prefixes[] = { "fashion-mnist", "mnist", "idx", NULL };

const cd_dataset_class cd_dataset_idx_class = {
    .name = "idx",
    .size = sizeof(idx_set),
    .prefixes = idx_prefixes,
    .prefix_help = "fashion-mnist (Debian's package dataset-fashion-mnist has its files), mnist "
                   "(its four files in data/mnist), mnist:DIR and idx:DIR (files like those of "
                   "MNIST)",
    .open = idx_open,
    .look = idx_look,
    .sample = idx_sample,
    .label = idx_label,
    .destroy = idx_destroy,
};
