#include "io/image_splits_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"

/* --- names ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    cd_split split;
} split_names[] = {
    { "train", CD_TRAIN },    { "training", CD_TRAIN }, { "val", CD_VAL },      { "valid", CD_VAL },
    { "validation", CD_VAL }, { "test", CD_TEST },      { "testing", CD_TEST },
};
enum { SPLIT_NAMES = sizeof split_names / sizeof *split_names };

const char *cd_split_name(cd_split split)
{
    return split == CD_TRAIN ? "train" : split == CD_VAL ? "val" : "test";
}

static bool is_split_name(const char *name, cd_split *split)
{
    for (size_t i = 0; i < SPLIT_NAMES; i++) {
        if (!cd_same_ignoring_case(name, split_names[i].name)) continue;
        *split = split_names[i].split;
        return true;
    }
    return false;
}

/* Which splits there are among these names, a bit for each. */
static unsigned splits_among(const cd_names *names)
{
    unsigned found = 0;
    cd_split split;
    for (size_t i = 0; i < names->count; i++) {
        if (is_split_name(names->items[i], &split)) found |= 1U << split;
    }
    return found;
}

/* Train and one to validate or test with. */
static bool is_whole(unsigned splits)
{
    return splits & 1U << CD_TRAIN && splits & (1U << CD_VAL | 1U << CD_TEST);
}

/* --- what lies in DIR ------------------------------------------------------------------------- */

/* A folder that has a split's name. */
typedef struct part {
    const char *name;
    cd_split split;
    cd_folder lies; /* what lies in it */
} part;

typedef struct look {
    const char *root;
    cd_folder top;
    part *parts;
    size_t count;
} look;

static void look_free(look *l)
{
    for (size_t i = 0; i < l->count; i++) cd_folder_free(&l->parts[i].lies);
    cd_free(l->parts);
    cd_folder_free(&l->top);
}

/* What lies in root/name. */
static bool read_below(const char *root, const char *name, bool until_picture, cd_folder *out)
{
    char *path = cd_path_join(root, name);
    bool done = path && cd_folder_read(path, until_picture, out);
    cd_free(path);
    return done;
}

static bool look_at(look *l)
{
    if (!cd_folder_read(l->root, false, &l->top)) return false;
    l->parts = cd_alloc_zeroed(l->top.folders.count + 1, sizeof *l->parts);
    for (size_t i = 0; l->parts && i < l->top.folders.count; i++) {
        part *p = &l->parts[l->count];
        p->name = l->top.folders.items[i];
        if (!is_split_name(p->name, &p->split)) continue;
        l->count++;
        if (!read_below(l->root, p->name, false, &p->lies)) return false;
    }
    return l->parts != NULL;
}

static bool holds_classes(const part *p)
{
    return p->lies.folders.count > 0;
}

static bool is_flat(const part *p)
{
    return p->lies.pictures.count > 0 && p->lies.folders.count == 0;
}

/* Folders and no pictures make a split. Where pictures lie beside the folders, it takes a second
 * split to tell them from a class. */
static bool comes_in_splits(const look *l)
{
    unsigned splits = 0;
    for (size_t i = 0; i < l->count; i++) {
        const part *p = &l->parts[i];
        if (!holds_classes(p)) continue;
        if (p->lies.pictures.count == 0) return true;
        splits |= 1U << p->split;
    }
    return (splits & (splits - 1)) != 0;
}

/* A folder of folders without pictures. */
static bool is_level(const cd_folder *f)
{
    return f->pictures.count == 0 && f->folders.count > 0;
}

/* Reads the folder at *path; or, where nothing lies in it but one folder of folders, that one, and
 * so on: *path is then its path. *levels is how many it went down. */
static bool read_down(char **path, cd_folder *out, int *levels)
{
    enum { DEEPEST = 8 }; /* a link may lead back up */
    for (*levels = 0;; ++*levels) {
        if (!cd_folder_read(*path, false, out)) return false;
        if (out->pictures.count > 0 || out->folders.count != 1 || *levels == DEEPEST) return true;
        cd_folder below = { .ignored = 0 };
        char *deeper = cd_path_join(*path, out->folders.items[0]);
        bool done = deeper && cd_folder_read(deeper, true, &below), goes_on = is_level(&below);
        cd_folder_free(&below);
        if (!done || !goes_on) {
            cd_free(deeper);
            return done;
        }
        cd_folder_free(out);
        *out = (cd_folder){ .ignored = 0 };
        cd_free(*path);
        *path = deeper;
    }
}

/* The names that both have, in `both`: pointers into b. */
static size_t names_in_both(const cd_names *a, const cd_names *b, char **both, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < b->count && count < most; i++) {
        if (cd_names_has(a, b->items[i])) both[count++] = b->items[i];
    }
    return count;
}

/* --- DIR comes in splits ---------------------------------------------------------------------- */

/* The train split, or the first there is. */
static const part *leading_part(const look *l)
{
    const part *first = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const part *p = &l->parts[i];
        if (!holds_classes(p)) continue;
        if (!first || (p->split == CD_TRAIN && first->split != CD_TRAIN)) first = p;
    }
    return first;
}

static bool take_part(const look *l, const part *p, cd_image_splits *out)
{
    char *path = cd_path_join(l->root, p->name), **slot = &out->path[p->split];
    if (!path) return false;
    if (!*slot) {
        *slot = path;
        out->flat[p->split] = is_flat(p);
        return true;
    }
    bool same = false; /* a link to the other */
    bool done = cd_same_folder(path, *slot, &same);
    cd_free(path);
    if (!done || same) return done;
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: %s/ and %s/ are both names of the %s split: rename one of "
                   "them, or move it away",
                   l->root, strrchr(*slot, '/') + 1, p->name, cd_split_name(p->split));
}

/* A link of a split's name that leads nowhere is no folder: without a word the set would be read
 * without that split. */
static bool check_link(const look *l, const char *name)
{
    struct stat info;
    char *path = cd_path_join(l->root, name);
    if (!path) return false;
    bool broken = false, done = true;
    if (lstat(path, &info) == 0) {
        done = !S_ISLNK(info.st_mode) || cd_leads_nowhere(path, &broken);
    } else if (errno != ENOENT && errno != ENOTDIR) {
        done = cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    }
    cd_free(path);
    if (!broken) return done;
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: %s is a link that leads nowhere: mend it, or take it away",
                   l->root, name);
}

static bool check_links(const look *l)
{
    for (size_t i = 0; i < SPLIT_NAMES; i++) {
        if (!check_link(l, split_names[i].name)) return false;
    }
    return true;
}

/* A folder beside the splits must not be one of them under a name that nobody knows. */
static bool check_other(const look *l, const char *name)
{
    const part *leading = leading_part(l);
    cd_folder lies = { .ignored = 0 };
    char *path = cd_path_join(l->root, name), *both[4], shown[CD_NAMES_SHOWN];
    int levels;
    bool done = path && read_down(&path, &lies, &levels);
    size_t count = names_in_both(&leading->lies.folders, &lies.folders, both, 4);
    if (done && count > 0) {
        done = cd_fail(CD_ERR_FORMAT,
                       "data set %s: %s/ stands beside %s/ and holds folders of the same names "
                       "(%s), but it is not called as a split is (train, val, test): rename it, or "
                       "move it away",
                       l->root, name, leading->name, cd_names_shown(both, count, shown));
    }
    cd_folder_free(&lies);
    cd_free(path);
    return done;
}

static bool check_others(const look *l, cd_image_splits *out)
{
    cd_split split;
    for (size_t i = 0; i < l->top.folders.count; i++) {
        const char *name = l->top.folders.items[i];
        if (is_split_name(name, &split)) continue;
        if (!check_other(l, name) || !cd_names_add(&out->unused, cd_strdup(name))) return false;
    }
    return true;
}

/* A split without the others: a folder that was not unpacked whole, or a class that has folders. */
static bool check_whole(const look *l, const cd_image_splits *s)
{
    unsigned splits = 0;
    for (int k = 0; k < CD_SPLITS; k++) splits |= s->path[k] ? 1U << k : 0;
    if (is_whole(splits)) return true;
    const part *only = leading_part(l);
    char otherwise[160] = "";
    if (s->unused.count > 0) {
        (void)snprintf(otherwise, sizeof otherwise,
                       "; if \"%s\" is a class, put its pictures directly into that folder",
                       only->name);
    }
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: there is %s/ and no %s beside it: add that, or name %s/%s, whose "
                   "folders are then the classes%s",
                   l->root, only->name, only->split == CD_TRAIN ? "val/ or test/" : "train/",
                   l->root, only->name, otherwise);
}

/* train/train/CLASS/, as some archives have it. */
static bool check_depth(const look *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const part *p = &l->parts[i];
        if (p->lies.folders.count != 1 || p->lies.pictures.count > 0) continue;
        char *path = cd_path_join(l->root, p->name);
        cd_folder lies = { .ignored = 0 };
        int levels;
        bool done = path && read_down(&path, &lies, &levels);
        if (done && levels > 0) {
            char shown[64];
            done = cd_fail(CD_ERR_FORMAT,
                           "data set %s: %s/ holds a single folder, \"%s\", and that holds folders "
                           "and no pictures: move what lies in %s up into %s/",
                           l->root, p->name,
                           cd_escape_text(shown, sizeof shown, p->lies.folders.items[0]), path,
                           p->name);
        }
        cd_folder_free(&lies);
        cd_free(path);
        if (!done) return false;
    }
    return true;
}

static bool take_splits(const look *l, cd_image_splits *out)
{
    out->found = true;
    for (size_t i = 0; i < l->count; i++) {
        if (!take_part(l, &l->parts[i], out)) return false;
    }
    return check_links(l) && check_others(l, out) && check_whole(l, out) && check_depth(l);
}

/* --- the folders of DIR are classes ----------------------------------------------------------- */

/* Pictures in train/ and val/ without folders: not two classes of that name. */
static bool check_flat(const look *l)
{
    const part *first = NULL;
    for (size_t i = 0; i < l->count; i++) {
        const part *p = &l->parts[i];
        if (!is_flat(p)) continue;
        if (first && first->split != p->split) {
            return cd_fail(CD_ERR_FORMAT,
                           "data set %s: %s/ and %s/ hold pictures and no folder for each class: "
                           "sort them into %s/CLASS/ and %s/CLASS/",
                           l->root, first->name, p->name, first->name, p->name);
        }
        first = p;
    }
    if (!first || l->top.folders.count > 1) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: %s/ is all there is, and it holds pictures and no folder for each "
                   "class",
                   l->root, first->name);
}

/* DIR/photos/train/CLASS/ or DIR/photos/CLASS/, as archives are often unpacked. */
static bool check_level(const look *l)
{
    if (l->top.folders.count != 1) return true;
    cd_folder lies = { .ignored = 0 };
    char *path = cd_strdup(l->root);
    int levels;
    bool done = path && read_down(&path, &lies, &levels);
    if (done && levels > 0) {
        done =
            cd_fail(CD_ERR_FORMAT,
                    is_whole(splits_among(&lies.folders))
                        ? "data set %s: its splits lie deeper: name %s"
                        : "data set %s: it holds a single folder and no picture: name %s, if the "
                          "folders there are the classes",
                    l->root, path);
    }
    cd_folder_free(&lies);
    cd_free(path);
    return done;
}

/* CLASS/train/ and CLASS/test/: each class would be learned from both. */
static bool check_inside(const look *l, const char *name, const cd_folder *lies)
{
    char shown[CD_NAMES_SHOWN];
    if (lies->pictures.count > 0 || !is_whole(splits_among(&lies->folders))) return true;
    return cd_fail(
        CD_ERR_FORMAT,
        "data set %s: %s/ holds splits of its own (%s): if it is the set, name %s/%s; if "
        "it is a class, the splits stand above the classes: train/%s/ and val/%s/",
        l->root, name, cd_names_shown(lies->folders.items, lies->folders.count, shown), l->root,
        name, name, name);
}

/* Folders like dev/ and holdout/: no pictures in them, and the same folders in each. `first` is
 * what lies in the first of them, as deep as the others are looked at. */
static bool is_like_first(const look *l, size_t i, cd_folder *first, bool *alike)
{
    cd_folder lies = { .ignored = 0 };
    char *path = cd_path_join(l->root, l->top.folders.items[i]), *both[2];
    int levels;
    bool done = path && read_down(&path, &lies, &levels);
    *alike = done && lies.pictures.count == 0 &&
             (i == 0 || names_in_both(&first->folders, &lies.folders, both, 2) == 2);
    if (i == 0) {
        *first = lies;
    } else {
        cd_folder_free(&lies);
    }
    cd_free(path);
    return done;
}

static bool refuse_alike(const look *l, const cd_folder *first)
{
    char shown[CD_NAMES_SHOWN];
    const char *a = l->top.folders.items[0], *b = l->top.folders.items[1];
    return cd_fail(
        CD_ERR_FORMAT,
        "data set %s: %s/ and %s/ hold no pictures but folders of the same names (%s): if they are "
        "splits, call them train/, val/ or test/; if one of them is the set, name it; if they are "
        "classes, put their pictures directly into them",
        l->root, a, b, cd_names_shown(first->folders.items, first->folders.count, shown));
}

static bool check_alike(const look *l)
{
    cd_folder first = { .ignored = 0 };
    bool done = true, alike = l->top.folders.count > 1;
    for (size_t i = 0; done && alike && i < l->top.folders.count; i++) {
        done = is_like_first(l, i, &first, &alike);
    }
    if (done && alike) done = refuse_alike(l, &first);
    cd_folder_free(&first);
    return done;
}

static bool check_classes(const look *l)
{
    if (!check_flat(l) || !check_level(l)) return false;
    for (size_t i = 0; i < l->top.folders.count; i++) {
        const char *name = l->top.folders.items[i];
        cd_folder lies = { .ignored = 0 };
        bool done = read_below(l->root, name, true, &lies) && check_inside(l, name, &lies);
        cd_folder_free(&lies);
        if (!done) return false;
    }
    return check_alike(l);
}

/* --- the whole -------------------------------------------------------------------------------- */

bool cd_image_splits_find(const char *root, cd_image_splits *out)
{
    look l = { .root = root };
    cd_image_splits s = { .found = false };
    bool done = look_at(&l) && (comes_in_splits(&l) ? take_splits(&l, &s) : check_classes(&l));
    look_free(&l);
    if (done) {
        *out = s;
    } else {
        cd_image_splits_free(&s);
    }
    return done;
}

void cd_image_splits_free(cd_image_splits *splits)
{
    for (int k = 0; k < CD_SPLITS; k++) cd_free(splits->path[k]);
    cd_names_free(&splits->unused);
    *splits = (cd_image_splits){ .found = false };
}

/* Looks for DIR among the folders of its parent by what it is, so that "." and links have a name.
 */
static bool find_beside(const char *root, const char *parent, char **beside)
{
    cd_folder lies = { .ignored = 0 };
    const char *other = NULL;
    bool done = cd_folder_read(parent, false, &lies), is_train = false;
    for (size_t i = 0; done && i < lies.folders.count; i++) {
        const char *name = lies.folders.items[i];
        cd_split split;
        if (!is_split_name(name, &split)) continue;
        if (split != CD_TRAIN) {
            other = name;
            continue;
        }
        char *path = cd_path_join(parent, name);
        bool same = false;
        done = path && cd_same_folder(path, root, &same);
        is_train = is_train || same;
        cd_free(path);
    }
    if (done && is_train && other) {
        *beside = cd_strdup(other);
        done = *beside != NULL;
    }
    cd_folder_free(&lies);
    return done;
}

bool cd_image_splits_beside(const char *root, char **beside)
{
    *beside = NULL;
    char *parent = cd_path_join(root, "..");
    if (!parent || !cd_error_push()) {
        cd_free(parent);
        return false;
    }
    cd_error error;
    (void)find_beside(root, parent, beside);
    cd_free(parent);
    /* A parent that may not be read says nothing of the set. */
    return !cd_error_pop(&error) || error.code != CD_ERR_MEMORY ||
           cd_fail(error.code, "%s", error.message);
}
