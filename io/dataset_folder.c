#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/dataset_internal.h"
#include "io/preprocess_internal.h"

enum { PATH_BYTES = 4096 };

/* "where/part", if that is a folder. */
static bool part_of(const char *where, const char *part, char *path)
{
    struct stat info;
    int n = snprintf(path, PATH_BYTES, "%s/%s", where, part);
    return n > 0 && n < PATH_BYTES && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* train/ beside val/ or test/ are the two parts of one set; anything else is a set of its own, in
 * which "train" may well be a class. */
static bool find_part(const char *where, cd_split split, char *path, bool *is_split)
{
    char train[PATH_BYTES], test[PATH_BYTES];
    bool has_train = part_of(where, "train", train);
    bool has_test = part_of(where, "val", test) || part_of(where, "test", test);
    *is_split = has_train && has_test;
    const char *chosen = !*is_split ? where : split == CD_TRAIN ? train : test;
    int n = snprintf(path, PATH_BYTES, "%s", chosen);
    return n < PATH_BYTES ||
           cd_fail(CD_ERR_ARGUMENT, "data set: the path is longer than %d bytes", PATH_BYTES - 1);
}

/* One part without the other is taken for a class of that name, which nobody means. */
static bool check_parts(const cd_dataset *d, const char *path)
{
    const char *only = d->folder.classes[0];
    bool train = strcmp(only, "train") == 0;
    if (d->is_split || d->folder.class_count > 1) return true;
    if (!train && strcmp(only, "val") != 0 && strcmp(only, "test") != 0) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: there is %s/ and no %s beside it: add that, or name %s/%s, whose "
                   "folders are then the classes",
                   path, only, train ? "val/ or test/" : "train/", path, only);
}

bool cd_dataset_fill_folder(cd_dataset *d, const char *where, const cd_dataset_options *o)
{
    char path[PATH_BYTES];
    if (!find_part(where, o->split, path, &d->is_split)) return false;
    if (!cd_image_folder_list(path, &d->folder) || !check_parts(d, path)) return false;
    char *name = cd_strdup(path);
    if (!name) return false;
    cd_free(d->name);
    d->name = name;
    d->count = d->folder.file_count;
    d->class_count = d->folder.class_count;
    d->classes = d->folder.classes;
    d->labels = d->folder.labels;
    d->preprocess = o->preprocess ? *o->preprocess : cd_preprocess_imagenet;
    return true;
}

bool cd_dataset_sample_folder(const cd_dataset *d, int64_t i, float *out)
{
    cd_pixels pixels = { .data = NULL };
    if (!cd_image_read(d->folder.paths[i], &pixels)) return false;
    bool done = cd_preprocess_run(&d->preprocess, &pixels, out);
    cd_pixels_free(&pixels);
    return done;
}
