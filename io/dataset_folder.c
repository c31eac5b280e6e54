/* Data sets as folders of photographs. */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/dataset_internal.h"
#include "io/folder_internal.h"
#include "io/image_splits_internal.h"
#include "io/preprocess_internal.h"

bool cd_dataset_look_folder(const char *where, cd_dataset_layout *out)
{
    cd_image_splits s;
    if (!cd_image_splits_find(where, &s)) return false;
    *out = (cd_dataset_layout){ .photographs = true,
                                .train = s.path[CD_TRAIN],
                                .val = s.path[CD_VAL],
                                .test = s.path[CD_TEST] };
    cd_image_splits_free(&s);
    return true;
}

/* --- what is worth a line --------------------------------------------------------------------- */

static const char *file_in(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 ? path + length + (path[length] == '/') : path;
}

/* The pictures that are left out because of their format, the first three by name. */
static void log_unread(const cd_image_folder *f, const char *path)
{
    char named[320] = "";
    size_t used = 0;
    for (int64_t i = 0; i < f->unread_count && i < 3; i++) {
        char shown[64];
        int n = snprintf(named + used, sizeof named - used, "%s%s (%s)", i ? ", " : "",
                         cd_escape_text(shown, sizeof shown, file_in(path, f->unread[i])),
                         cd_unread_format(f->unread[i]));
        if (n > 0) used += (size_t)n;
    }
    if (f->unread_count == 0) return;
    cd_log_line(CD_LOG_WARNING,
                "%s: %lld file%s ignored, because only .jpg, .jpeg, .png and .bmp are read: %s%s",
                path, (long long)f->unread_count, f->unread_count == 1 ? " is" : "s are", named,
                f->unread_count > 3 ? ", ..." : "");
}

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

/* Two classes that only capital letters tell apart are one, as a rule. */
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

static void log_unused(const cd_image_splits *s, const char *where)
{
    char named[CD_NAMES_SHOWN];
    if (s->unused.count == 0) return;
    cd_log_line(CD_LOG_WARNING, "%s: beside the splits there %s %s, which %s not used", where,
                s->unused.count == 1 ? "is" : "are",
                cd_names_shown(s->unused.items, s->unused.count, named),
                s->unused.count == 1 ? "is" : "are");
}

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

/* Whoever opens the training part is told what is odd about the set; the others need not hear it
 * again. */
static bool log_oddities(const cd_dataset *d, const cd_image_splits *s, const char *where,
                         const char *path, cd_split split)
{
    log_unread(&d->folder, path);
    if (split != CD_TRAIN) return true;
    log_nested(&d->folder, path);
    log_unused(s, where);
    return log_similar(&d->folder, path) && (s->found || log_beside(where));
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Val stands in for test, and test for val. */
static cd_split choose(const cd_image_splits *s, cd_split wanted)
{
    if (s->path[wanted]) return wanted;
    return wanted == CD_VAL ? CD_TEST : CD_VAL;
}

static bool list(cd_dataset *d, const cd_image_splits *s, const char *where, cd_split wanted)
{
    cd_split split = s->found ? choose(s, wanted) : wanted;
    const char *path = s->found ? s->path[split] : where;
    if (s->found && s->flat[split]) {
        return cd_fail(
            CD_ERR_FORMAT,
            "data set %s: %s/ holds pictures and no folder for each class: sort them into "
            "folders named as the classes of the other splits",
            where, file_in(where, path));
    }
    char *name = cd_strdup(path);
    if (!name) return false;
    cd_free(d->name);
    d->name = name;
    d->is_split = s->found;
    d->split_name = s->found ? cd_split_name(split) : "all";
    return cd_image_folder_list(path, &d->folder) && log_oddities(d, s, where, path, wanted);
}

bool cd_dataset_fill_folder(cd_dataset *d, const char *where, const cd_dataset_options *o)
{
    cd_image_splits s;
    if (!cd_image_splits_find(where, &s)) return false;
    bool done = list(d, &s, where, o->split);
    cd_image_splits_free(&s);
    if (!done) return false;
    d->count = d->folder.file_count;
    d->class_count = d->folder.class_count;
    d->classes = d->folder.classes;
    d->labels = d->folder.labels;
    d->preprocess = o->preprocess ? *o->preprocess : cd_preprocess_imagenet;
    d->turned = cd_alloc_zeroed((size_t)d->count, sizeof *d->turned);
    return d->turned != NULL;
}

bool cd_dataset_sample_folder(const cd_dataset *d, int64_t i, float *out)
{
    cd_pixels pixels = { .data = NULL };
    if (!cd_image_read(d->folder.paths[i], &pixels)) return false;
    if (pixels.orientation > 1) {
        atomic_store_explicit(&d->turned[i], (unsigned char)pixels.orientation,
                              memory_order_relaxed);
    }
    bool done = cd_preprocess_run(&d->preprocess, &pixels, out);
    cd_pixels_free(&pixels);
    return done;
}
