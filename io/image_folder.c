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

/* --- folders that were met -------------------------------------------------------------------- */

/* A set of folders by device and inode, so that a link back up ends a walk: open addressing, at
 * most half full. Inode 0 is no file's. */
typedef struct identity {
    dev_t device;
    ino_t inode;
} identity;

typedef struct met {
    identity *slots;
    size_t count, capacity; /* a power of two, or 0 */
} met;

/* Where it is, or the free slot where it goes. */
static identity *met_slot(const met *m, identity id)
{
    uint64_t hash = ((uint64_t)id.inode ^ (uint64_t)id.device << 32) * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(hash >> 20) & (m->capacity - 1);
    while (m->slots[i].inode != 0 &&
           (m->slots[i].inode != id.inode || m->slots[i].device != id.device)) {
        i = (i + 1) & (m->capacity - 1);
    }
    return &m->slots[i];
}

static bool met_grow(met *m)
{
    met larger = { .count = m->count, .capacity = m->capacity ? 2 * m->capacity : 16 };
    larger.slots = cd_alloc_zeroed(larger.capacity, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (size_t i = 0; i < m->capacity; i++) {
        if (m->slots[i].inode != 0) *met_slot(&larger, m->slots[i]) = m->slots[i];
    }
    cd_free(m->slots);
    *m = larger;
    return true;
}

/* Adds the folder at `path`, and says whether it is new. */
static bool met_add(met *m, const char *path, bool *is_new)
{
    struct stat info;
    if (stat(path, &info) != 0) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    if (2 * m->count >= m->capacity && !met_grow(m)) return false;
    identity id = { info.st_dev, info.st_ino };
    identity *slot = met_slot(m, id);
    *is_new = slot->inode == 0;
    if (*is_new) {
        *slot = id;
        m->count++;
    }
    return true;
}

/* --- one class -------------------------------------------------------------------------------- */

typedef struct place {
    char *path;
    cd_folder lies; /* what lies there */
} place;

/* The folders of a class, in the order they were found. */
typedef struct walk {
    place *places;
    size_t count, capacity;
    met met;
} walk;

static void walk_free(walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        cd_free(w->places[i].path);
        cd_folder_free(&w->places[i].lies);
    }
    cd_free(w->places);
    cd_free(w->met.slots);
}

static bool walk_grow(walk *w)
{
    if (w->count < w->capacity) return true;
    size_t capacity = w->capacity ? 2 * w->capacity : 16;
    place *places = cd_realloc(w->places, capacity * sizeof *places);
    if (!places) return false;
    w->places = places;
    w->capacity = capacity;
    return true;
}

/* Takes the path over, and reads what lies there. A folder that was met before is left out. */
static bool walk_add(walk *w, char *path)
{
    bool is_new = false;
    if (!path) return false;
    bool done = met_add(&w->met, path, &is_new) && (!is_new || walk_grow(w));
    if (!done || !is_new) {
        cd_free(path);
        return done;
    }
    place *p = &w->places[w->count++];
    *p = (place){ .path = path };
    return cd_folder_read(path, false, &p->lies);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const place *)a)->path, ((const place *)b)->path);
}

/* All folders of a class, level by level (the list grows while it is walked), then sorted. */
static bool find_folders(walk *w, const char *class_path)
{
    if (!walk_add(w, cd_strdup(class_path))) return false;
    for (size_t i = 0; i < w->count; i++) {
        for (size_t k = 0; k < w->places[i].lies.folders.count; k++) {
            const place *p = &w->places[i]; /* adding moves the list */
            if (!walk_add(w, cd_path_join(p->path, p->lies.folders.items[k]))) return false;
        }
    }
    qsort(w->places, w->count, sizeof *w->places, by_path);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

typedef struct build {
    cd_folder root;
    cd_names paths, unread;
    int64_t *ends; /* how many paths there are after each class */
    int64_t ignored, nested, first_nested;
} build;

static void build_free(build *b)
{
    cd_folder_free(&b->root);
    cd_names_free(&b->paths);
    cd_names_free(&b->unread);
    cd_free(b->ends);
}

static bool add_paths(cd_names *to, const char *folder, const cd_names *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!cd_names_add(to, cd_path_join(folder, from->items[i]))) return false;
    }
    return true;
}

/* Adds the pictures of a class: its folders sorted by path, in each the files sorted by name. */
static bool add_places(build *b, const walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        const place *p = &w->places[i];
        if (!add_paths(&b->paths, p->path, &p->lies.pictures) ||
            !add_paths(&b->unread, p->path, &p->lies.unread)) {
            return false;
        }
        b->ignored += p->lies.ignored;
    }
    return true;
}

/* Says of a class without a picture what it has instead; the first place is the class itself. */
static bool refuse_empty(const char *root, const char *name, const walk *w)
{
    const cd_folder *own = &w->places[0].lies;
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
    bool done = find_folders(&w, path) && add_places(b, &w);
    if (done && b->paths.count == before) done = refuse_empty(root, name, &w);
    if (done && w.places[0].lies.pictures.count == 0 && b->nested++ == 0) {
        b->first_nested = (int64_t)label;
    }
    b->ends[label] = (int64_t)b->paths.count;
    walk_free(&w);
    cd_free(path);
    return done;
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
    if (!cd_folder_read(root, false, &b->root)) return false;
    if (b->root.folders.count == 0) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: there is no class in it: it must hold one folder of "
                       "pictures per class",
                       root);
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
    int64_t *labels = cd_alloc_zeroed(b->paths.count, sizeof *labels), at = 0;
    for (size_t k = 0; labels && k < b->root.folders.count; k++) {
        while (at < b->ends[k]) labels[at++] = (int64_t)k;
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
    b.root.folders = b.paths = b.unread = (cd_names){ .items = NULL }; /* now *out's */
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
