#include "io/image_folder_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/bytes_internal.h"

/* --- growing lists of strings --------------------------------------------------------------------
 */

typedef struct names {
    char **items;
    size_t count, capacity;
} names;

static void names_free(names *list)
{
    for (size_t i = 0; i < list->count; i++) cd_free(list->items[i]);
    cd_free(list->items);
    *list = (names){ .items = NULL };
}

/* Takes the string over, also when it fails; NULL is a failure that was reported. */
static bool names_add(names *list, char *string)
{
    if (!string) return false;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        char **items = cd_realloc(list->items, capacity * sizeof *items);
        if (!items) {
            cd_free(string);
            return false;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = string;
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_sort(names *list)
{
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_bytes);
}

static char *join(const char *folder, const char *name)
{
    size_t a = strlen(folder), b = strlen(name);
    bool slash = a > 0 && folder[a - 1] != '/';
    char *path = cd_alloc(a + slash + b + 1);
    if (!path) return NULL;
    memcpy(path, folder, a);
    if (slash) path[a] = '/';
    memcpy(path + a + slash, name, b + 1);
    return path;
}

/* --- one folder ----------------------------------------------------------------------------------
 */

/* What lies in a folder, names only, sorted. */
typedef struct listing {
    names folders, files;
    int64_t ignored;
} listing;

static void listing_free(listing *l)
{
    names_free(&l->folders);
    names_free(&l->files);
}

static bool is_picture(const char *name)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".png", ".bmp" };
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcasecmp(name + length - ending, endings[i]) == 0) return true;
    }
    return false;
}

/* DT_DIR, DT_REG, or another: what the entry is, links followed. A link that leads nowhere is
 * neither. */
static bool type_of(const char *folder, const struct dirent *entry, int *type)
{
    *type = entry->d_type;
    if (*type != DT_LNK && *type != DT_UNKNOWN) return true;
    char *path = join(folder, entry->d_name);
    if (!path) return false;
    struct stat info;
    bool there = stat(path, &info) == 0;
    cd_free(path);
    *type = !there                  ? DT_UNKNOWN
            : S_ISDIR(info.st_mode) ? DT_DIR
            : S_ISREG(info.st_mode) ? DT_REG
                                    : DT_UNKNOWN;
    return true;
}

static bool note_entry(const char *folder, const struct dirent *entry, listing *l)
{
    const char *name = entry->d_name;
    int type;
    if (!type_of(folder, entry, &type)) return false;
    if (type == DT_DIR) return name[0] == '.' ? true : names_add(&l->folders, cd_strdup(name));
    if (type == DT_REG && name[0] != '.' && is_picture(name)) {
        return names_add(&l->files, cd_strdup(name));
    }
    l->ignored++;
    return true;
}

static bool list_one(const char *path, listing *l)
{
    DIR *folder = opendir(path);
    if (!folder) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    bool done = true;
    while (done) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (!entry) {
            if (errno != 0) done = cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        done = note_entry(path, entry, l);
    }
    (void)closedir(folder);
    names_sort(&l->folders);
    names_sort(&l->files);
    return done;
}

/* --- one class -----------------------------------------------------------------------------------
 */

/* The folders of a class that were met, so that a link back up ends the walk. */
typedef struct identity {
    dev_t device;
    ino_t inode;
} identity;

typedef struct walk {
    names folders; /* paths, in the order they were found */
    identity *met;
    size_t met_count, met_capacity;
} walk;

static void walk_free(walk *w)
{
    names_free(&w->folders);
    cd_free(w->met);
}

/* Takes the path over. A folder that was met before is left out. */
static bool walk_add(walk *w, char *path)
{
    if (!path) return false;
    struct stat info;
    if (stat(path, &info) != 0) {
        cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
        cd_free(path);
        return false;
    }
    for (size_t i = 0; i < w->met_count; i++) {
        if (w->met[i].device == info.st_dev && w->met[i].inode == info.st_ino) {
            cd_free(path);
            return true;
        }
    }
    if (w->met_count == w->met_capacity) {
        size_t capacity = w->met_capacity ? 2 * w->met_capacity : 16;
        identity *met = cd_realloc(w->met, capacity * sizeof *met);
        if (!met) {
            cd_free(path);
            return false;
        }
        w->met = met;
        w->met_capacity = capacity;
    }
    w->met[w->met_count++] = (identity){ info.st_dev, info.st_ino };
    return names_add(&w->folders, path);
}

/* All folders of a class, level by level: the list grows while it is walked. */
static bool find_folders(walk *w, const char *class_path)
{
    if (!walk_add(w, cd_strdup(class_path))) return false;
    for (size_t i = 0; i < w->folders.count; i++) {
        listing below = { .ignored = 0 };
        bool done = list_one(w->folders.items[i], &below);
        for (size_t k = 0; done && k < below.folders.count; k++) {
            done = walk_add(w, join(w->folders.items[i], below.folders.items[k]));
        }
        listing_free(&below);
        if (!done) return false;
    }
    return true;
}

/* Adds the pictures of a class: its folders sorted by path, in each the files sorted by name. */
static bool list_class(const char *class_path, names *paths, int64_t *ignored)
{
    walk w = { .met = NULL };
    bool done = find_folders(&w, class_path);
    names_sort(&w.folders);
    for (size_t i = 0; done && i < w.folders.count; i++) {
        listing here = { .ignored = 0 };
        done = list_one(w.folders.items[i], &here);
        for (size_t k = 0; done && k < here.files.count; k++) {
            done = names_add(paths, join(w.folders.items[i], here.files.items[k]));
        }
        *ignored += here.ignored;
        listing_free(&here);
    }
    walk_free(&w);
    return done;
}

/* --- the whole -----------------------------------------------------------------------------------
 */

typedef struct build {
    listing root;
    names paths;
    int64_t *labels, ignored;
    size_t labels_count;
} build;

static bool add_class(build *b, const char *root, size_t label)
{
    const char *name = b->root.folders.items[label];
    char *path = join(root, name);
    if (!path) return false;
    bool done = list_class(path, &b->paths, &b->ignored);
    if (done && b->paths.count == b->labels_count) {
        done =
            cd_fail(CD_ERR_FORMAT,
                    "%s: the class \"%s\" has no picture (.jpg, .jpeg, .png or .bmp)", root, name);
    }
    cd_free(path);
    if (!done) return false;
    int64_t *labels = cd_realloc(b->labels, b->paths.count * sizeof *labels);
    if (!labels) return false;
    b->labels = labels;
    while (b->labels_count < b->paths.count) labels[b->labels_count++] = (int64_t)label;
    return true;
}

/* Class names go into the files of models, which are UTF-8: better refused now than when a model of
 * them has been trained. */
static bool check_class_name(const char *root, const char *name)
{
    if (cd_utf8_valid(name, strlen(name))) return true;
    char shown[64];
    return cd_fail(CD_ERR_FORMAT,
                   "%s: the name of the class \"%s\" is not UTF-8: rename the folder", root,
                   cd_printable(shown, sizeof shown, name, strlen(name)));
}

static bool build_all(build *b, const char *root)
{
    if (!list_one(root, &b->root)) return false;
    if (b->root.folders.count == 0) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: there is no class in it: it must hold one folder of "
                       "pictures per class",
                       root);
    }
    for (size_t i = 0; i < b->root.folders.count; i++) {
        if (!check_class_name(root, b->root.folders.items[i]) || !add_class(b, root, i)) {
            return false;
        }
    }
    return true;
}

bool cd_image_folder_list(const char *root, cd_image_folder *out)
{
    if (!root || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "image_folder: root and out must not be NULL");
    }
    build b = { .ignored = 0 };
    if (!build_all(&b, root)) {
        listing_free(&b.root);
        names_free(&b.paths);
        cd_free(b.labels);
        return false;
    }
    names_free(&b.root.files);
    *out = (cd_image_folder){
        .class_count = (int64_t)b.root.folders.count,
        .file_count = (int64_t)b.paths.count,
        .ignored = b.ignored,
        .classes = b.root.folders.items,
        .paths = b.paths.items,
        .labels = b.labels,
    };
    return true;
}

void cd_image_folder_free(cd_image_folder *folder)
{
    if (!folder) return;
    for (int64_t i = 0; i < folder->class_count; i++) cd_free(folder->classes[i]);
    for (int64_t i = 0; i < folder->file_count; i++) cd_free(folder->paths[i]);
    cd_free(folder->classes);
    cd_free(folder->paths);
    cd_free(folder->labels);
    *folder = (cd_image_folder){ .classes = NULL };
}

static bool has_class(const cd_image_folder *folder, const char *name)
{
    for (int64_t i = 0; i < folder->class_count; i++) {
        if (strcmp(folder->classes[i], name) == 0) return true;
    }
    return false;
}

/* Writes up to three classes that `a` has and `b` lacks into `text`, and returns how many there
 * are. The names need not be sorted: those of other data sets are not. */
static int64_t missing(const cd_image_folder *a, const cd_image_folder *b, char *text, size_t size)
{
    int64_t count = 0;
    size_t used = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < a->class_count; i++) {
        if (has_class(b, a->classes[i])) continue;
        if (count++ >= 3) continue;
        int n = snprintf(text + used, size - used, "%s\"%.30s\"", used ? ", " : "", a->classes[i]);
        if (n > 0) used += (size_t)n;
    }
    return count;
}

bool cd_image_folder_same_classes(const cd_image_folder *a, const char *name_a,
                                  const cd_image_folder *b, const char *name_b)
{
    if (!a || !b || !name_a || !name_b) {
        return cd_fail(CD_ERR_ARGUMENT, "image_folder: folders and names must not be NULL");
    }
    int64_t alike = 0;
    while (alike < a->class_count && alike < b->class_count &&
           strcmp(a->classes[alike], b->classes[alike]) == 0) {
        alike++;
    }
    if (alike == a->class_count && alike == b->class_count) return true;
    char only_a[128], only_b[128];
    int64_t count_a = missing(a, b, only_a, sizeof only_a);
    int64_t count_b = missing(b, a, only_b, sizeof only_b);
    if (count_a == 0 && count_b == 0) {
        return cd_fail(CD_ERR_FORMAT, "the classes of %.100s and %.100s are in different orders",
                       name_a, name_b);
    }
    return cd_fail(CD_ERR_FORMAT,
                   "the classes differ: only %.100s has %s%s (%lld), only %.100s has %s%s (%lld)",
                   name_a, count_a ? only_a : "none", count_a > 3 ? ", ..." : "",
                   (long long)count_a, name_b, count_b ? only_b : "none",
                   count_b > 3 ? ", ..." : "", (long long)count_b);
}
