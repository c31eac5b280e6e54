/* CIFAR-10 and CIFAR-100 in their binary version (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz).
 *
 * A file is a row of records without a header. A record is the label, for CIFAR-100 two of them
 * (coarse, then fine), and 32 x 32 pixels: all red values row by row, then the green, then the
 * blue ones. (Krizhevsky, Learning multiple layers of features from tiny images, 2009.) */
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/folder_internal.h"
#include "io/pixel_set_internal.h"
#include "io/source_internal.h"

enum { SIDE = 32, PIXELS = 3 * SIDE * SIDE, FILES_MAX = 5, PATH_BYTES = 4096 };

static const char *const cifar10_names[] = { "airplane", "automobile", "bird",  "cat",  "deer",
                                             "dog",      "frog",       "horse", "ship", "truck" };

static const char *const fine_names[] = {
    "apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
    "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow_tree", "wolf",          "woman",     "worm"
};

static const char *const coarse_names[] = { "aquatic_mammals",
                                            "fish",
                                            "flowers",
                                            "food_containers",
                                            "fruit_and_vegetables",
                                            "household_electrical_devices",
                                            "household_furniture",
                                            "insects",
                                            "large_carnivores",
                                            "large_man-made_outdoor_things",
                                            "large_natural_outdoor_scenes",
                                            "large_omnivores_and_herbivores",
                                            "medium_mammals",
                                            "non-insect_invertebrates",
                                            "people",
                                            "reptiles",
                                            "small_mammals",
                                            "trees",
                                            "vehicles_1",
                                            "vehicles_2" };

#define COUNT_OF(array_) ((int)(sizeof(array_) / sizeof *(array_)))
_Static_assert(COUNT_OF(cifar10_names) == 10 && COUNT_OF(fine_names) == 100 &&
                   COUNT_OF(coarse_names) == 20,
               "the published numbers of classes");

/* One of the data sets. */
typedef struct variant {
    const char *prefix;
    const char *train[FILES_MAX]; /* files of the training split; unused ones are NULL */
    const char *test;
    const char *folder; /* that the published archive unpacks to */
    int labels;         /* bytes before the pixels of a record */
    int label;          /* which of them is the class */
    const char *names_file;
    const char *const *names; /* the published ones, where that file is missing */
    int classes;
} variant;

static const variant variants[] = {
    { "cifar10",
      { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
        "data_batch_5.bin" },
      "test_batch.bin",
      "cifar-10-batches-bin",
      1,
      0,
      "batches.meta.txt",
      cifar10_names,
      COUNT_OF(cifar10_names) },
    { "cifar100",
      { "train.bin" },
      "test.bin",
      "cifar-100-binary",
      2,
      1,
      "fine_label_names.txt",
      fine_names,
      COUNT_OF(fine_names) },
    { "cifar100-coarse",
      { "train.bin" },
      "test.bin",
      "cifar-100-binary",
      2,
      0,
      "coarse_label_names.txt",
      coarse_names,
      COUNT_OF(coarse_names) },
};

static const variant *variant_of(const char *prefix)
{
    const variant *v = variants;
    while (strcmp(v->prefix, prefix) != 0) v++; /* `prefix` is one of cifar_prefixes */
    return v;
}

/* --- files ------------------------------------------------------------------------------------ */

/* The files of a split, 1 to FILES_MAX; CIFAR has no validation split, so that CD_VAL is test. */
static int files_of(const variant *v, cd_dataset_split split, const char *files[FILES_MAX])
{
    int count = 0;
    if (split != CD_TRAIN) {
        files[count++] = v->test;
    } else {
        while (count < FILES_MAX && v->train[count]) {
            files[count] = v->train[count];
            count++;
        }
    }
    return count;
}

/* Writes FOLDER/NAME to `path`. False when that is longer than PATH_BYTES. */
static bool join(const char *folder, const char *name, char *path)
{
    int n = snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    return n > 0 && n < PATH_BYTES;
}

/* Whether the folder has the first file of the split. */
static bool has_split(const variant *v, const char *folder, cd_dataset_split split)
{
    char path[PATH_BYTES];
    return join(folder, split == CD_TRAIN ? v->train[0] : v->test, path) && cd_may_exist(path);
}

static bool refuse_folder(const variant *v, const char *where, cd_dataset_split split)
{
    char deeper[PATH_BYTES], python[PATH_BYTES];
    const char *file = split == CD_TRAIN ? v->train[0] : v->test;
    if (!cd_is_folder(where)) {
        return cd_fail(CD_ERR_IO, "data set %s: there is no folder %s", v->prefix, where);
    }
    if (join(where, v->folder, deeper) && has_split(v, deeper, split)) {
        return cd_fail(CD_ERR_IO, "data set %s: the files lie deeper: name %s:%s", v->prefix,
                       v->prefix, deeper);
    }
    bool pickled = join(where, file, python);
    if (pickled) python[strlen(python) - strlen(".bin")] = '\0';
    if (pickled && cd_may_exist(python)) {
        return cd_fail(CD_ERR_IO,
                       "data set %s: %s holds the Python version (pickles, which are never run): "
                       "the binary version, whose files are called %s and so on, is needed",
                       v->prefix, where, file);
    }
    return cd_fail(CD_ERR_IO, "data set %s: %s holds no %s", v->prefix, where, file);
}

static bool check_where(const char *prefix, const char *where)
{
    return (where && *where) ||
           cd_fail(CD_ERR_ARGUMENT, "data set %s: name its folder: %s:DIR", prefix, prefix);
}

static bool cifar_look(const char *prefix, const char *where, cd_dataset_layout *out)
{
    const variant *v = variant_of(prefix);
    if (!check_where(prefix, where)) return false;
    bool train = has_split(v, where, CD_TRAIN), test = has_split(v, where, CD_TEST);
    if (!train && !test) return refuse_folder(v, where, CD_TRAIN);
    *out = (cd_dataset_layout){ .train = train, .test = test };
    return true;
}

/* --- records ---------------------------------------------------------------------------------- */

/* Reads all records of one file, behind the *done records of the files before it. */
static bool read_records(cd_pixel_set *s, const variant *v, const cd_source *source, int64_t *done)
{
    unsigned char record[2 + PIXELS];
    size_t size = (size_t)v->labels + PIXELS;
    for (uint64_t at = 0; at < source->size; at += size, ++*done) {
        if (!cd_source_read(source, at, record, size)) return false;
        if (record[v->label] >= v->classes) {
            return cd_source_fail(source, CD_ERR_FORMAT, at + (uint64_t)v->label,
                                  "record %llu has the label %d, and %s has the classes 0 to %d",
                                  (unsigned long long)(at / size), record[v->label], v->prefix,
                                  v->classes - 1);
        }
        s->labels[*done] = record[v->label];
        memcpy(s->pixels + *done * PIXELS, record + v->labels, PIXELS);
    }
    return cd_source_unchanged(source);
}

/* Counts the records of the opened files, and takes memory for them. */
static bool make_room(cd_pixel_set *s, const variant *v, const cd_source *sources, int count)
{
    uint64_t size = (uint64_t)v->labels + PIXELS;
    int64_t records = 0;
    for (int i = 0; i < count; i++) {
        if (sources[i].size % size != 0) {
            return cd_fail(CD_ERR_FORMAT,
                           "%s: %llu bytes are no whole number of records, of which each has %llu "
                           "(%d of labels, 3 x 32 x 32 pixels)",
                           sources[i].label, (unsigned long long)sources[i].size,
                           (unsigned long long)size, v->labels);
        }
        records += (int64_t)(sources[i].size / size);
    }
    cd_pixel_set_size(s, records, 3, SIDE, SIDE);
    size_t bytes;
    if (!cd_checked_bytes(records, PIXELS, &bytes)) {
        return cd_fail(CD_ERR_MEMORY, "data set %s: its %lld pictures are more than memory holds",
                       s->dataset.name, (long long)records);
    }
    s->pixels = cd_alloc(bytes);
    s->labels = s->pixels ? cd_alloc_zeroed((size_t)records, sizeof *s->labels) : NULL;
    return s->labels != NULL;
}

static bool read_split(cd_pixel_set *s, const variant *v, const char *folder,
                       cd_dataset_split split)
{
    const char *files[FILES_MAX];
    cd_source sources[FILES_MAX];
    int count = files_of(v, split, files), opened = 0;
    int64_t records = 0;
    bool done = true;
    for (; done && opened < count; opened += done) {
        char path[PATH_BYTES];
        done = join(folder, files[opened], path)
                   ? cd_source_open(&sources[opened], path)
                   : cd_fail(CD_ERR_IO, "%s: the path is too long", folder);
    }
    done = done && make_room(s, v, sources, count);
    for (int i = 0; done && i < count; i++) done = read_records(s, v, &sources[i], &records);
    for (int i = 0; i < opened; i++) cd_source_close(&sources[i]);
    return done;
}

/* --- names of classes ------------------------------------------------------------------------- */

enum { NAMES_BYTES = 1 << 16 };

/* Splits the text into lines, without empty ones at its end, and makes the lines the classes. */
static bool take_names(cd_dataset *d, const variant *v, const cd_bytes *text)
{
    cd_names names = { .items = NULL };
    size_t at = 0, end = text->size;
    while (end > 0 && strchr(" \r\n", text->data[end - 1]) && text->data[end - 1]) end--;
    bool done = true;
    while (at < end && done) {
        const unsigned char *line = text->data + at, *newline = memchr(line, '\n', end - at);
        size_t size = newline ? (size_t)(newline - line) : end - at;
        at += size + 1;
        if (size > 0 && line[size - 1] == '\r') size--;
        if (size == 0 || memchr(line, 0, size) || !cd_utf8_valid(line, size)) {
            done = cd_fail(CD_ERR_FORMAT, "%s: line %zu is empty or not UTF-8", text->label,
                           names.count + 1);
            break;
        }
        char *name = cd_alloc(size + 1);
        if (name) {
            memcpy(name, line, size);
            name[size] = '\0';
        }
        done = cd_names_add(&names, name);
    }
    if (done && names.count != (size_t)v->classes) {
        done = cd_fail(CD_ERR_FORMAT, "%s: it names %zu classes, and %s has %d", text->label,
                       names.count, v->prefix, v->classes);
    }
    done = done && cd_dataset_name_classes(d, (const char *const *)names.items);
    cd_names_free(&names);
    return done;
}

/* The names in the file beside the records, or else the published ones. */
static bool name_classes(cd_dataset *d, const variant *v, const char *folder)
{
    char path[PATH_BYTES];
    d->class_count = v->classes;
    if (!join(folder, v->names_file, path) || !cd_may_exist(path)) {
        return cd_dataset_name_classes(d, v->names);
    }
    cd_bytes text;
    if (!cd_bytes_open(&text, path, NAMES_BYTES)) return false;
    bool done = take_names(d, v, &text);
    cd_bytes_close(&text);
    return done;
}

/* --- the class -------------------------------------------------------------------------------- */

static bool cifar_open(cd_dataset *d, const char *prefix, const char *where,
                       const cd_dataset_options *o)
{
    cd_pixel_set *s = (cd_pixel_set *)d;
    const variant *v = variant_of(prefix);
    if (!check_where(prefix, where)) return false;
    if (!has_split(v, where, o->split)) return refuse_folder(v, where, o->split);
    d->split_name = o->split == CD_TRAIN ? "train" : "test";
    d->is_split = has_split(v, where, o->split == CD_TRAIN ? CD_TEST : CD_TRAIN);
    return read_split(s, v, where, o->split) && cd_pixel_set_recipe(s, o->preprocess) &&
           name_classes(d, v, where);
}

static const char *const cifar_prefixes[] = { "cifar10", "cifar100", "cifar100-coarse", NULL };

const cd_dataset_class cd_dataset_cifar_class = {
    .name = "cifar",
    .size = sizeof(cd_pixel_set),
    .prefixes = cifar_prefixes,
    .prefix_help = "cifar10:DIR and cifar100:DIR (the binary version's files)",
    .open = cifar_open,
    .look = cifar_look,
    .sample = cd_pixel_set_sample,
    .label = cd_pixel_set_label,
    .destroy = cd_pixel_set_destroy,
};
