/* Data sets in MNIST's files: pictures and labels as IDX. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/dataset_internal.h"
#include "io/folder_internal.h"
#include "io/idx_internal.h"

enum { PATH_BYTES = 4096 };

/* --- files ------------------------------------------------------------------------------------ */

static const char *const fashion_folders[] = { "/usr/share/datasets/fashion-mnist",
                                               "data/fashion-mnist", NULL };
static const char *const mnist_folders[] = { "/usr/share/datasets/mnist", "data/mnist", NULL };

/* A file that may not be looked at counts as there: whoever opens it says why. Were it taken for
 * missing, the set would be read without that split, or without some classes, and nobody told. */
static bool is_there(const char *path)
{
    return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* A set in IDX files has train and test; CD_VAL is test.
 *
 * MNIST's names, as Yann LeCun's page and its many copies have them. */
static bool find_file(const char *folder, cd_split split, const char *what, int rank, char *path)
{
    static const char *const endings[] = { "", ".gz" };
    static const char marks[] = { '-', '.' };
    for (size_t m = 0; m < sizeof marks; m++) {
        for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
            int n =
                snprintf(path, PATH_BYTES, "%s/%s-%s%cidx%d-ubyte%s", folder,
                         split == CD_TRAIN ? "train" : "t10k", what, marks[m], rank, endings[e]);
            if (n > 0 && n < PATH_BYTES && is_there(path)) return true;
        }
    }
    return false;
}

/* The standard folder of the kind, or the given one, that holds the split's pictures. */
static bool find_folder(const char *kind, const char *where, cd_split split, char *folder)
{
    char path[PATH_BYTES];
    const char *given[] = { where, NULL };
    const char *const *folders = where                        ? given
                                 : strcmp(kind, "mnist") == 0 ? mnist_folders
                                                              : fashion_folders;
    for (; *folders; folders++) {
        if (!find_file(*folders, split, "images", 3, path)) continue;
        (void)snprintf(folder, PATH_BYTES, "%s", *folders);
        return true;
    }
    return false;
}

/* The folder below the given one into which torchvision would have put the files. */
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

static bool refuse_folder(const char *kind, const char *where, cd_split split)
{
    const char *part = split == CD_TRAIN ? "train" : "t10k";
    char deeper[PATH_BYTES];
    if (!cd_is_folder(where)) {
        return cd_fail(CD_ERR_IO, "data set %s: there is no folder %s", kind, where);
    }
    if (find_deeper(where, deeper)) {
        return cd_fail(CD_ERR_IO, "data set %s: the files lie deeper: name %s:%s", kind, kind,
                       deeper);
    }
    return cd_fail(CD_ERR_IO,
                   "data set %s: %s holds no %s-images-idx3-ubyte or "
                   "%s-images-idx3-ubyte.gz",
                   kind, where, part, part);
}

/* What is wanted, and where it comes from. */
static bool refuse_standard(const char *kind, cd_split split)
{
    static const char four[] = "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
                               "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz";
    const char *part = split == CD_TRAIN ? "train" : "t10k";
    if (strcmp(kind, "fashion-mnist") == 0) {
        return cd_fail(
            CD_ERR_IO,
            "data set fashion-mnist: %s-images-idx3-ubyte.gz is neither in %s nor in %s: "
            "install Debian's package dataset-fashion-mnist, or name the folder of %s: "
            "fashion-mnist:DIR",
            part, fashion_folders[0], fashion_folders[1], four);
    }
    return cd_fail(
        CD_ERR_IO,
        "data set mnist: %s-images-idx3-ubyte.gz is neither in %s nor in %s: put %s there, "
        "or name their folder: mnist:DIR (torchvision's download leaves them in "
        "ROOT/MNIST/raw)",
        part, mnist_folders[0], mnist_folders[1], four);
}

static bool refuse_missing(const char *kind, const char *where, cd_split split)
{
    return where ? refuse_folder(kind, where, split) : refuse_standard(kind, split);
}

static bool check_where(const char *kind, const char *where)
{
    return (where ? *where : strcmp(kind, "idx") != 0) ||
           cd_fail(CD_ERR_ARGUMENT, "data set %s: name its folder: %s:DIR", kind, kind);
}

bool cd_dataset_look_idx(const char *kind, const char *where, cd_dataset_layout *out)
{
    char folder[PATH_BYTES];
    if (!check_where(kind, where)) return false;
    bool train = find_folder(kind, where, CD_TRAIN, folder);
    bool test = find_folder(kind, where, CD_TEST, folder);
    if (!train && !test) return refuse_missing(kind, where, CD_TRAIN);
    *out = (cd_dataset_layout){ .train = train, .test = test };
    return true;
}

/* --- pictures --------------------------------------------------------------------------------- */

static bool read_pictures(cd_dataset *d, const char *folder, cd_split split)
{
    char path[PATH_BYTES];
    cd_idx idx;
    (void)find_file(folder, split, "images", 3, path);
    if (!cd_idx_open(&idx, path)) return false;
    const int64_t *dim = idx.shape.dim;
    if (idx.dtype != CD_FILE_U8 || idx.shape.ndim != 3 || dim[0] < 1 || dim[1] < 1 || dim[2] < 1 ||
        dim[1] > 16384 || dim[2] > 16384) {
        char text[CD_SHAPE_TEXT];
        (void)cd_fail(CD_ERR_FORMAT,
                      "%s: %s of %s: pictures are unsigned bytes, count x height x width, "
                      "with sides of 1 to 16384",
                      path, cd_shape_text(idx.shape, text), cd_file_dtype_name(idx.dtype));
        cd_idx_free(&idx);
        return false;
    }
    d->count = dim[0];
    d->preprocess = (cd_preprocess){
        .crop_height = (int)dim[1], .crop_width = (int)dim[2], .channels = 1, .std = { 1 }
    };
    d->pixels = idx.data; /* now the data set's */
    return true;
}

/* Mean and deviation of all pixels, as parts of 255: from how often each grey occurs, so exactly.
 */
static void measure(cd_dataset *d)
{
    int64_t often[256] = { 0 };
    int64_t pixels = d->count * d->preprocess.crop_height * d->preprocess.crop_width;
    for (int64_t i = 0; i < pixels; i++) often[d->pixels[i]]++;
    double sum = 0, squares = 0;
    for (int v = 0; v < 256; v++) {
        sum += (double)often[v] * v / 255;
        squares += (double)often[v] * v / 255 * v / 255;
    }
    double mean = sum / (double)pixels;
    double deviation = sqrt(fmax(squares / (double)pixels - mean * mean, 0));
    d->preprocess.mean[0] = mean;
    d->preprocess.std[0] = deviation > 0 ? deviation : 1; /* pictures of one grey */
}

static bool take_preprocess(cd_dataset *d, const cd_preprocess *given)
{
    if (given) {
        const cd_preprocess *own = &d->preprocess;
        int shorter = own->crop_width < own->crop_height ? own->crop_width : own->crop_height;
        if (given->channels != 1 || given->crop_width != own->crop_width ||
            given->crop_height != own->crop_height ||
            (given->resize != 0 && given->resize != shorter)) {
            return cd_fail(CD_ERR_SHAPE,
                           "data set %s: its pictures are 1 x %d x %d and taken as they are, and "
                           "the preprocessing makes %d x %d x %d, resized to %d (0: not)",
                           d->name, own->crop_height, own->crop_width, given->channels,
                           given->crop_height, given->crop_width, given->resize);
        }
        d->preprocess = *given;
    } else {
        measure(d);
    }
    float mean = (float)d->preprocess.mean[0], deviation = (float)d->preprocess.std[0];
    for (int v = 0; v < 256; v++) {
        int grey = d->preprocess.invert ? 255 - v : v;
        d->value[v] = ((float)grey / 255.0F - mean) / deviation;
    }
    return true;
}

/* --- labels and classes ----------------------------------------------------------------------- */

/* The labels of a part, one byte each as they lie in the file; to be freed with cd_idx_free. */
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

static int64_t largest(const cd_idx *labels)
{
    const unsigned char *bytes = labels->data;
    int64_t most = -1;
    for (int64_t i = 0; i < labels->shape.dim[0]; i++) most = bytes[i] > most ? bytes[i] : most;
    return most;
}

/* One label per picture: that is compared before each byte becomes an int64. */
static bool read_labels(cd_dataset *d, const char *path)
{
    cd_idx idx;
    if (!open_labels(path, &idx)) return false;
    int64_t count = idx.shape.dim[0];
    if (count != d->count) {
        (void)cd_fail(CD_ERR_FORMAT, "data set %s: %lld pictures, and %lld labels in %s", d->name,
                      (long long)d->count, (long long)count, path);
    } else {
        d->class_count = largest(&idx) + 1;
        d->labels = cd_alloc((size_t)count * sizeof *d->labels);
        const unsigned char *bytes = idx.data;
        for (int64_t i = 0; d->labels && i < count; i++) d->labels[i] = bytes[i];
    }
    cd_idx_free(&idx);
    return d->labels != NULL;
}

/* The other part may have a class that this one has not. */
static bool count_classes(cd_dataset *d, const char *folder, cd_split split)
{
    char path[PATH_BYTES];
    cd_idx idx;
    cd_split other = split == CD_TRAIN ? CD_TEST : CD_TRAIN;
    d->is_split = find_file(folder, other, "labels", 1, path);
    if (!d->is_split) return true;
    if (!open_labels(path, &idx)) return false;
    int64_t most = largest(&idx) + 1;
    if (most > d->class_count) d->class_count = most;
    cd_idx_free(&idx);
    return true;
}

/* Fashion-MNIST's names: Xiao, Rasul and Vollgraf 2017. */
static const char *const fashion_names[] = { "T-shirt/top", "Trouser",   "Pullover", "Dress",
                                             "Coat",        "Sandal",    "Shirt",    "Sneaker",
                                             "Bag",         "Ankle boot" };
enum { FASHION_CLASSES = sizeof fashion_names / sizeof *fashion_names };

static bool name_classes(cd_dataset *d, const char *kind)
{
    bool fashion = strcmp(kind, "fashion-mnist") == 0;
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

bool cd_dataset_fill_idx(cd_dataset *d, const char *kind, const char *where,
                         const cd_dataset_options *o)
{
    char folder[PATH_BYTES], path[PATH_BYTES];
    if (!check_where(kind, where)) return false;
    if (!find_folder(kind, where, o->split, folder)) return refuse_missing(kind, where, o->split);
    if (!find_file(folder, o->split, "labels", 1, path)) {
        return cd_fail(CD_ERR_IO,
                       "data set %s: %s holds pictures, but no file of their labels "
                       "(%s-labels-idx1-ubyte or .gz)",
                       kind, folder, o->split == CD_TRAIN ? "train" : "t10k");
    }
    d->split_name = o->split == CD_TRAIN ? "train" : "test";
    if (!read_pictures(d, folder, o->split) || !read_labels(d, path)) return false;
    return take_preprocess(d, o->preprocess) && count_classes(d, folder, o->split) &&
           name_classes(d, kind);
}

bool cd_dataset_sample_idx(const cd_dataset *d, int64_t i, float *out)
{
    int64_t pixels = (int64_t)d->preprocess.crop_height * d->preprocess.crop_width;
    const unsigned char *from = d->pixels + i * pixels;
    for (int64_t p = 0; p < pixels; p++) out[p] = d->value[from[p]];
    return true;
}
