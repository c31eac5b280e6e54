/* Lists the photographs of a data set: for each class a walk through its folders. */
#include "io/image_folder_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "io/bytes_internal.h"
#include "io/folder_internal.h"

/* --- a set of visited folders ----------------------------------------------------------------- */

/* What a folder is, whatever path leads to it. No file has inode 0. */
typedef struct identity {
    dev_t device;
    ino_t inode;
} identity;

/* The folders that a walk has visited, so that a link back up does not make it endless. A hash
 * table with open addressing, at most half full; a free slot has inode 0. */
typedef struct visited {
    identity *slots;
    size_t count, capacity; /* capacity: a power of two, or 0 */
} visited;

/* The slot that has the folder, or the free slot where it goes. */
static identity *find_slot(const visited *v, identity id)
{
    uint64_t hash = ((uint64_t)id.inode ^ (uint64_t)id.device << 32) * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(hash >> 20) & (v->capacity - 1);
    while (v->slots[i].inode != 0 &&
           (v->slots[i].inode != id.inode || v->slots[i].device != id.device)) {
        i = (i + 1) & (v->capacity - 1);
    }
    return &v->slots[i];
}

static bool visited_grow(visited *v)
{
    visited larger = { .count = v->count, .capacity = v->capacity ? 2 * v->capacity : 16 };
    larger.slots = cd_alloc_zeroed(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (size_t i = 0; i < v->capacity; i++) {
        if (v->slots[i].inode != 0) *find_slot(&larger, v->slots[i]) = v->slots[i];
    }
    cd_free(v->slots);
    *v = larger;
    return true;
}

/* Adds the folder at `path`. *is_new: it was not in the set. */
static bool visited_add(visited *v, const char *path, bool *is_new)
{
    struct stat info;
    if (stat(path, &info) != 0) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    if (2 * v->count >= v->capacity && !visited_grow(v)) return false;
    identity id = { info.st_dev, info.st_ino };
    identity *slot = find_slot(v, id);
    *is_new = slot->inode == 0;
    if (*is_new) {
        *slot = id;
        v->count++;
    }
    return true;
}

/* --- one class -------------------------------------------------------------------------------- */

/* A folder of a class. */
typedef struct class_folder {
    char *path;         /* owned */
    cd_folder contents; /* owned */
} class_folder;

/* All folders of a class. Its own folder is the first. */
typedef struct walk {
    class_folder *folders;
    size_t count, capacity;
    visited visited;
} walk;

static void walk_free(walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        cd_free(w->folders[i].path);
        cd_folder_free(&w->folders[i].contents);
    }
    cd_free(w->folders);
    cd_free(w->visited.slots);
}

static bool walk_grow(walk *w)
{
    if (w->count < w->capacity) return true;
    size_t capacity = w->capacity ? 2 * w->capacity : 16;
    class_folder *folders = cd_realloc(w->folders, capacity * sizeof *folders);
    if (!folders) return false;
    w->folders = folders;
    w->capacity = capacity;
    return true;
}

/* Adds the folder at `path`, which it takes over, and reads its contents, unless the folder was
 * visited before. NULL is a failure that was reported. */
static bool walk_add(walk *w, char *path)
{
    bool is_new = false;
    if (!path) return false;
    bool done = visited_add(&w->visited, path, &is_new) && (!is_new || walk_grow(w));
    if (!done || !is_new) {
        cd_free(path);
        return done;
    }
    class_folder *f = &w->folders[w->count++];
    *f = (class_folder){ .path = path };
    return cd_folder_read(path, false, &f->contents);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const class_folder *)a)->path, ((const class_folder *)b)->path);
}

/* Finds all folders of a class, level by level, while the list grows; then sorts them. */
static bool find_folders(walk *w, const char *class_path)
{
    if (!walk_add(w, cd_strdup(class_path))) return false;
    for (size_t i = 0; i < w->count; i++) {
        for (size_t k = 0; k < w->folders[i].contents.folders.count; k++) {
            const class_folder *f = &w->folders[i]; /* walk_add may have moved the list */
            if (!walk_add(w, cd_path_join(f->path, f->contents.folders.items[k]))) return false;
        }
    }
    qsort(w->folders, w->count, sizeof *w->folders, by_path);
    return true;
}

/* --- all classes ------------------------------------------------------------------------------ */

/* The list while it is built. */
typedef struct build {
    cd_folder root;
    cd_names paths, unread;
    int64_t *ends; /* for each class the number of paths up to its last one */
    int64_t ignored, nested, first_nested;
} build;

static void build_free(build *b)
{
    cd_folder_free(&b->root);
    cd_names_free(&b->paths);
    cd_names_free(&b->unread);
    cd_free(b->ends);
}

/* Adds folder/NAME for each of the names. */
static bool add_paths(cd_names *to, const char *folder, const cd_names *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!cd_names_add(to, cd_path_join(folder, from->items[i]))) return false;
    }
    return true;
}

/* Adds the pictures of a class: folder by folder, the files of each sorted by name. */
static bool add_folders(build *b, const walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        const class_folder *f = &w->folders[i];
        if (!add_paths(&b->paths, f->path, &f->contents.pictures) ||
            !add_paths(&b->unread, f->path, &f->contents.unread)) {
            return false;
        }
        b->ignored += f->contents.ignored;
    }
    return true;
}

/* The error of a class without a picture, with what its own folder has instead. */
static bool refuse_empty(const char *root, const char *name, const cd_folder *own)
{
    char shown[CD_NAMES_SHOWN], instead[CD_NAMES_SHOWN + 80] = "";
    const char *other = own->unread.count > 0 ? own->unread.items[0] : NULL;
    if (other) {
        (void)snprintf(instead, sizeof instead, ", but \"%s\" (%s)",
                       cd_escape_text(shown, sizeof shown, other), cd_unread_format(other));
    } else if (own->folders.count > 0) {
        (void)snprintf(instead, sizeof instead, ", nor have the folders in it: %s",
                       cd_names_shown(own->folders.items, own->folders.count, shown));
    }
    return cd_fail(CD_ERR_FORMAT,
                   "%s: the class \"%s\" has no picture (.jpg, .jpeg, .png or .bmp)%s", root, name,
                   instead);
}

static bool add_class(build *b, const char *root, size_t label)
{
    const char *name = b->root.folders.items[label];
    char *path = cd_path_join(root, name);
    if (!path) return false;
    walk w = { .count = 0 };
    size_t before = b->paths.count;
    bool done = find_folders(&w, path) && add_folders(b, &w);
    const cd_folder *own = done ? &w.folders[0].contents : NULL; /* its path sorts first */
    if (done && b->paths.count == before) done = refuse_empty(root, name, own);
    if (done && own->pictures.count == 0 && b->nested++ == 0) {
        b->first_nested = (int64_t)label;
    }
    b->ends[label] = (int64_t)b->paths.count;
    walk_free(&w);
    cd_free(path);
    return done;
}

/* Class names are saved with a model, as UTF-8. A name that is not UTF-8 is refused here, before a
 * model has been trained with it. */
static bool check_class_name(const char *root, const char *name)
{
    if (cd_utf8_valid(name, strlen(name))) return true;
    char shown[64];
    return cd_fail(CD_ERR_FORMAT,
                   "%s: the name of the class \"%s\" is not UTF-8: rename the folder", root,
                   cd_printable(shown, sizeof shown, name, strlen(name)));
}

/* Whether the folder has a file of MNIST's format, by its usual name. */
static bool has_mnist(const char *root)
{
    static const char *const names[] = { "train-images-idx3-ubyte", "train-images-idx3-ubyte.gz",
                                         "t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz" };
    bool has = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !has; i++) {
        bool nowhere = true;
        char *path = cd_path_join(root, names[i]);
        has = path && cd_leads_nowhere(path, &nowhere) && !nowhere;
        cd_free(path);
    }
    return has;
}

static bool refuse_without_classes(const build *b, const char *root)
{
    if (has_mnist(root)) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: there is no class in it, but files in MNIST's format: name it as "
                       "\"mnist:%s\"",
                       root, root);
    }
    if (b->root.pictures.count > 0) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: there is no class in it, but %zu picture%s: it must hold one folder of "
                       "pictures per class; if it is itself the folder of a class, name the "
                       "folder above it",
                       root, b->root.pictures.count, b->root.pictures.count == 1 ? "" : "s");
    }
    return cd_fail(CD_ERR_FORMAT,
                   "%s: there is no class in it: it must hold one folder of pictures per class",
                   root);
}

static bool build_all(build *b, const char *root)
{
    if (!cd_folder_read(root, false, &b->root)) return false;
    if (b->root.folders.count == 0) {
        return refuse_without_classes(b, root);
    }
    b->ends = cd_alloc_zeroed(b->root.folders.count, sizeof *b->ends);
    if (!b->ends) return false;
    for (size_t i = 0; i < b->root.folders.count; i++) {
        if (!check_class_name(root, b->root.folders.items[i]) || !add_class(b, root, i)) {
            return false;
        }
    }
    return true;
}

static int64_t *make_labels(const build *b)
{
    int64_t *labels = cd_alloc_zeroed(b->paths.count, sizeof *labels), i = 0;
    for (size_t k = 0; labels && k < b->root.folders.count; k++) {
        while (i < b->ends[k]) labels[i++] = (int64_t)k;
    }
    return labels;
}

bool cd_image_folder_list(const char *root, cd_image_folder *out)
{
    if (!root || !out) {
        return cd_fail(CD_ERR_ARGUMENT, "image_folder: root and out must not be NULL");
    }
    build b = { .ignored = 0 };
    int64_t *labels = build_all(&b, root) ? make_labels(&b) : NULL;
    if (!labels) {
        build_free(&b);
        return false;
    }
    *out = (cd_image_folder){
        .class_count = (int64_t)b.root.folders.count,
        .file_count = (int64_t)b.paths.count,
        .ignored = b.ignored,
        .unread_count = (int64_t)b.unread.count,
        .nested = b.nested,
        .first_nested = b.first_nested,
        .classes = b.root.folders.items,
        .paths = b.paths.items,
        .unread = b.unread.items,
        .labels = labels,
    };
    b.root.folders = b.paths = b.unread = (cd_names){ .items = NULL }; /* *out owns them now */
    build_free(&b);
    return true;
}

void cd_image_folder_free(cd_image_folder *folder)
{
    if (!folder) return;
    for (int64_t i = 0; i < folder->class_count; i++) cd_free(folder->classes[i]);
    for (int64_t i = 0; i < folder->file_count; i++) cd_free(folder->paths[i]);
    for (int64_t i = 0; i < folder->unread_count; i++) cd_free(folder->unread[i]);
    cd_free(folder->classes);
    cd_free(folder->paths);
    cd_free(folder->unread);
    cd_free(folder->labels);
    *folder = (cd_image_folder){ .classes = NULL };
}
