/* Data sets as folders of photographs, as torchvision's ImageFolder has them: a folder for each
 * class, below a folder for each split or without splits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/folder_internal.h"
#include "io/image_splits_internal.h"
#include "io/photo_set_internal.h"

static bool folder_look(const char *prefix, const char *where, cd_dataset_layout *out)
{
    (void)prefix;
    cd_image_splits s;
    if (!cd_image_splits_find(where, &s)) return false;
    *out = (cd_dataset_layout){ .photographs = true,
                                .train = s.path[CD_TRAIN],
                                .val = s.path[CD_VAL],
                                .test = s.path[CD_TEST] };
    cd_image_splits_free(&s);
    return true;
}

/* --- warnings --------------------------------------------------------------------------------- */

/* The part of `path` below `folder`; the whole path when it does not begin with the folder. */
static const char *path_below(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 ? path + length + (path[length] == '/') : path;
}

/* The pictures that are left out because of their format, the first three by name. */
static void log_unread(const cd_image_folder *f, const char *path)
{
    char names[320] = "";
    size_t used = 0;
    for (int64_t i = 0; i < f->unread_count && i < 3; i++) {
        char shown[64];
        int n = snprintf(names + used, sizeof names - used, "%s%s (%s)", i ? ", " : "",
                         cd_escape_text(shown, sizeof shown, path_below(path, f->unread[i])),
                         cd_unread_format(f->unread[i]));
        if (n > 0) used += (size_t)n;
    }
    if (f->unread_count == 0) return;
    cd_log_line(CD_LOG_WARNING,
                "%s: %lld file%s ignored, because only .jpg, .jpeg, .png and .bmp are read: %s%s",
                path, (long long)f->unread_count, f->unread_count == 1 ? " is" : "s are", names,
                f->unread_count > 3 ? ", ..." : "");
}

/* Classes whose pictures all lie in folders of theirs: they may be splits or classes themselves. */
static void log_nested(const cd_image_folder *f, const char *path)
{
    char shown[64];
    if (f->nested == 0) return;
    cd_log_line(CD_LOG_WARNING,
                "%s: the class \"%s\" holds folders and no pictures of its own: those below it "
                "are its pictures (%lld of %lld classes are like that)",
                path, cd_escape_text(shown, sizeof shown, f->classes[f->first_nested]),
                (long long)f->nested, (long long)f->class_count);
}

static int by_letters(const void *a, const void *b)
{
    return cd_compare_ignoring_case(*(char *const *)a, *(char *const *)b);
}

/* Two classes whose names differ only in capital letters: most often one class was meant. */
static bool log_similar(const cd_image_folder *f, const char *path)
{
    size_t count = (size_t)f->class_count;
    char **sorted = cd_alloc_zeroed(count, sizeof *sorted);
    if (!sorted) return false;
    memcpy(sorted, f->classes, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_letters);
    for (size_t i = 0; i + 1 < count; i++) {
        if (by_letters(&sorted[i], &sorted[i + 1]) != 0) continue;
        char one[64], other[64];
        cd_log_line(CD_LOG_WARNING,
                    "%s: \"%s\" and \"%s\" differ in capital letters only, and are two classes",
                    path, cd_escape_text(one, sizeof one, sorted[i]),
                    cd_escape_text(other, sizeof other, sorted[i + 1]));
        break;
    }
    cd_free(sorted);
    return true;
}

/* Folders beside the splits that are no splits. */
static void log_unused(const cd_image_splits *s, const char *where)
{
    char names[CD_NAMES_SHOWN];
    if (s->unused.count == 0) return;
    cd_log_line(CD_LOG_WARNING, "%s: beside the splits there %s %s, which %s not used", where,
                s->unused.count == 1 ? "is" : "are",
                cd_names_shown(s->unused.items, s->unused.count, names),
                s->unused.count == 1 ? "is" : "are");
}

/* The set that was named is the train/ of a set in splits. */
static bool log_beside(const char *where)
{
    char *beside;
    if (!cd_image_splits_beside(where, &beside)) return false;
    if (beside) {
        cd_log_line(
            CD_LOG_WARNING,
            "%s: %s/ stands beside it and is not used: name the folder that holds both to use it",
            where, beside);
    }
    cd_free(beside);
    return true;
}

/* Warns about the pictures of this split. What concerns the whole set is said once, when its
 * training split is opened. `where` is the set's folder, `path` the split's. */
static bool log_oddities(const cd_photo_set *f, const cd_image_splits *s, const char *where,
                         const char *path, cd_dataset_split split)
{
    log_unread(&f->folder, path);
    if (split != CD_TRAIN) return true;
    log_nested(&f->folder, path);
    log_unused(s, where);
    return log_similar(&f->folder, path) && (s->found || log_beside(where));
}

/* --- opening ---------------------------------------------------------------------------------- */

/* The split that is opened: a set without test has val for it, and one without val has test. */
static cd_dataset_split choose_split(const cd_image_splits *s, cd_dataset_split wanted)
{
    if (s->path[wanted]) return wanted;
    return wanted == CD_VAL ? CD_TEST : CD_VAL;
}

/* Lists the pictures of the split, and names the data set after the split's folder. */
static bool list_split(cd_photo_set *f, const cd_image_splits *s, const char *where,
                       cd_dataset_split wanted)
{
    cd_dataset *d = &f->dataset;
    cd_dataset_split split = s->found ? choose_split(s, wanted) : wanted;
    const char *path = s->found ? s->path[split] : where;
    if (s->found && s->flat[split]) {
        return cd_fail(
            CD_ERR_FORMAT,
            "data set %s: %s/ holds pictures and no folder for each class: sort them into "
            "folders named as the classes of the other splits",
            where, path_below(where, path));
    }
    char *name = cd_strdup(path);
    if (!name) return false;
    cd_free(d->name);
    d->name = name;
    d->is_split = s->found;
    d->split_name = s->found ? cd_split_name(split) : "all";
    return cd_image_folder_list(path, &f->folder) && log_oddities(f, s, where, path, wanted);
}

static bool folder_open(cd_dataset *d, const char *prefix, const char *where,
                        const cd_dataset_options *o)
{
    (void)prefix;
    cd_photo_set *f = (cd_photo_set *)d;
    cd_image_splits s;
    if (!cd_image_splits_find(where, &s)) return false;
    bool done = list_split(f, &s, where, o->split);
    cd_image_splits_free(&s);
    if (!done) return false;
    return cd_photo_set_fill(f, o);
}

const cd_dataset_class cd_dataset_folder_class = {
    .name = "folder",
    .size = sizeof(cd_photo_set),
    .accepts = cd_is_folder,
    .open = folder_open,
    .look = folder_look,
    .sample = cd_photo_set_sample,
    .label = cd_photo_set_label,
    .path = cd_photo_set_path,
    .turned = cd_photo_set_turned,
    .destroy = cd_photo_set_destroy,
};
