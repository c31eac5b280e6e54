/* Tells the splits of a folder of photographs from its classes.
 *
 * The folder's sub-folders are looked at first. Then, for a set in splits, take_splits collects
 * them and checks what stands beside and below them; for a set without splits, check_classes looks
 * for signs that its folders were meant to be splits. */
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
    cd_dataset_split split;
} split_names[] = {
    { "train", CD_TRAIN },    { "training", CD_TRAIN }, { "val", CD_VAL },      { "valid", CD_VAL },
    { "validation", CD_VAL }, { "test", CD_TEST },      { "testing", CD_TEST },
};
enum { SPLIT_NAMES = sizeof split_names / sizeof *split_names };

const char *cd_split_name(cd_dataset_split split)
{
    return split == CD_TRAIN ? "train" : split == CD_VAL ? "val" : "test";
}

static bool is_split_name(const char *name, cd_dataset_split *split)
{
    for (size_t i = 0; i < SPLIT_NAMES; i++) {
        if (!cd_same_ignoring_case(name, split_names[i].name)) continue;
        *split = split_names[i].split;
        return true;
    }
    return false;
}

/* A set of splits: bit 1 << split is set for each split that one of the names stands for. */
static unsigned splits_among(const cd_names *names)
{
    unsigned found = 0;
    cd_dataset_split split;
    for (size_t i = 0; i < names->count; i++) {
        if (is_split_name(names->items[i], &split)) found |= 1U << split;
    }
    return found;
}

/* Whether a set of splits has train, and val or test. */
static bool is_complete(unsigned splits)
{
    return (splits & 1U << CD_TRAIN) && (splits & (1U << CD_VAL | 1U << CD_TEST));
}

/* --- the folders of DIR ----------------------------------------------------------------------- */

/* A folder with the name of a split, which may be a class all the same. */
typedef struct candidate {
    const char *name;
    cd_dataset_split split;
    cd_folder contents;
} candidate;

/* DIR as it was found. */
typedef struct tree {
    const char *root; /* DIR */
    cd_folder top;    /* its contents */
    candidate *candidates;
    size_t count; /* of candidates */
} tree;

static void tree_free(tree *t)
{
    for (size_t i = 0; i < t->count; i++) cd_folder_free(&t->candidates[i].contents);
    cd_free(t->candidates);
    cd_folder_free(&t->top);
}

/* Reads the contents of root/name. */
static bool read_below(const char *root, const char *name, bool until_picture, cd_folder *out)
{
    char *path = cd_path_join(root, name);
    bool done = path && cd_folder_read(path, until_picture, out);
    cd_free(path);
    return done;
}

/* Reads DIR and those of its folders that have the name of a split. */
static bool read_tree(tree *t)
{
    if (!cd_folder_read(t->root, false, &t->top)) return false;
    t->candidates = cd_alloc_zeroed(t->top.folders.count + 1, sizeof *t->candidates);
    for (size_t i = 0; t->candidates && i < t->top.folders.count; i++) {
        candidate *c = &t->candidates[t->count];
        c->name = t->top.folders.items[i];
        if (!is_split_name(c->name, &c->split)) continue;
        t->count++;
        if (!read_below(t->root, c->name, false, &c->contents)) return false;
    }
    return t->candidates != NULL;
}

static bool has_folders(const candidate *c)
{
    return c->contents.folders.count > 0;
}

/* Pictures and no folder for a class. */
static bool is_flat(const candidate *c)
{
    return c->contents.pictures.count > 0 && c->contents.folders.count == 0;
}

/* Whether DIR is a set in splits. A candidate that has folders and no pictures is a split. One
 * candidate that has both is taken for a class; two of them, for different splits, for splits. */
static bool comes_in_splits(const tree *t)
{
    unsigned splits = 0;
    for (size_t i = 0; i < t->count; i++) {
        const candidate *c = &t->candidates[i];
        if (!has_folders(c)) continue;
        if (c->contents.pictures.count == 0) return true;
        splits |= 1U << c->split;
    }
    return (splits & (splits - 1)) != 0; /* two bits or three */
}

/* Folders and no pictures. */
static bool has_folders_only(const cd_folder *f)
{
    return f->pictures.count == 0 && f->folders.count > 0;
}

/* Reads the contents of the folder at *path. As long as they are a single folder that has folders
 * only, goes down into that folder: *path becomes its path. *levels is how many levels it went
 * down. */
static bool read_down(char **path, cd_folder *out, int *levels)
{
    enum { DEEPEST = 8 }; /* a link may lead back up */
    for (*levels = 0;; ++*levels) {
        if (!cd_folder_read(*path, false, out)) return false;
        if (out->pictures.count > 0 || out->folders.count != 1 || *levels == DEEPEST) return true;
        cd_folder below = { .ignored = 0 };
        char *deeper = cd_path_join(*path, out->folders.items[0]);
        bool done = deeper && cd_folder_read(deeper, true, &below);
        bool goes_on = has_folders_only(&below);
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

/* Copies up to `most` of the names that a and b both have to `both`, as pointers into b. Returns
 * how many. */
static size_t common_names(const cd_names *a, const cd_names *b, char **both, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < b->count && count < most; i++) {
        if (cd_names_has(a, b->items[i])) both[count++] = b->items[i];
    }
    return count;
}

/* --- a set in splits -------------------------------------------------------------------------- */

/* The candidate that sentences compare others with: train, or else the first one with folders. */
static const candidate *leading_split(const tree *t)
{
    const candidate *first = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const candidate *c = &t->candidates[i];
        if (!has_folders(c)) continue;
        if (!first || (c->split == CD_TRAIN && first->split != CD_TRAIN)) first = c;
    }
    return first;
}

/* Makes the candidate one of the splits. A second name for a split is an error, unless it is a link
 * to the same folder. */
static bool take_split(const tree *t, const candidate *c, cd_image_splits *out)
{
    char *path = cd_path_join(t->root, c->name), **slot = &out->path[c->split];
    if (!path) return false;
    if (!*slot) {
        *slot = path;
        out->flat[c->split] = is_flat(c);
        return true;
    }
    bool same = false;
    bool done = cd_same_folder(path, *slot, &same);
    cd_free(path);
    if (!done || same) return done;
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: %s/ and %s/ are both names of the %s split: rename one of "
                   "them, or move it away",
                   t->root, strrchr(*slot, '/') + 1, c->name, cd_split_name(c->split));
}

/* A broken link with the name of a split is an error: it does not appear among the folders, and the
 * set would silently be read without that split. */
static bool check_link(const tree *t, const char *name)
{
    struct stat info;
    char *path = cd_path_join(t->root, name);
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
                   t->root, name);
}

static bool check_links(const tree *t)
{
    for (size_t i = 0; i < SPLIT_NAMES; i++) {
        if (!check_link(t, split_names[i].name)) return false;
    }
    return true;
}

/* Another folder beside the splits, which must not have class folders as they: it would be a split
 * under an unknown name. */
static bool check_other(const tree *t, const char *name)
{
    const candidate *leading = leading_split(t);
    cd_folder contents = { .ignored = 0 };
    char *path = cd_path_join(t->root, name), *both[4], shown[CD_NAMES_SHOWN];
    int levels;
    bool done = path && read_down(&path, &contents, &levels);
    size_t count = common_names(&leading->contents.folders, &contents.folders, both, 4);
    if (done && count > 0) {
        done = cd_fail(CD_ERR_FORMAT,
                       "data set %s: %s/ stands beside %s/ and holds folders of the same names "
                       "(%s), but it is not called as a split is (train, val, test): rename it, or "
                       "move it away",
                       t->root, name, leading->name, cd_names_shown(both, count, shown));
    }
    cd_folder_free(&contents);
    cd_free(path);
    return done;
}

/* Checks the folders that have no split's name, and lists them as unused. */
static bool check_others(const tree *t, cd_image_splits *out)
{
    cd_dataset_split split;
    for (size_t i = 0; i < t->top.folders.count; i++) {
        const char *name = t->top.folders.items[i];
        if (is_split_name(name, &split)) continue;
        if (!check_other(t, name) || !cd_names_add(&out->unused, cd_strdup(name))) return false;
    }
    return true;
}

/* A split without the others is an error: the set was not unpacked completely, or the folder is a
 * class whose pictures are in folders below it. */
static bool check_complete(const tree *t, const cd_image_splits *s)
{
    unsigned splits = 0;
    for (int k = 0; k < CD_SPLITS; k++) splits |= s->path[k] ? 1U << k : 0;
    if (is_complete(splits)) return true;
    const candidate *only = leading_split(t);
    char otherwise[160] = "";
    if (s->unused.count > 0) {
        (void)snprintf(otherwise, sizeof otherwise,
                       "; if \"%s\" is a class, put its pictures directly into that folder",
                       only->name);
    }
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: there is %s/ and no %s beside it: add that, or name %s/%s, whose "
                   "folders are then the classes%s",
                   t->root, only->name, only->split == CD_TRAIN ? "val/ or test/" : "train/",
                   t->root, only->name, otherwise);
}

/* train/train/CLASS/, as some archives have it, is an error. */
static bool check_depth(const tree *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const candidate *c = &t->candidates[i];
        if (c->contents.folders.count != 1 || c->contents.pictures.count > 0) continue;
        char *path = cd_path_join(t->root, c->name);
        cd_folder contents = { .ignored = 0 };
        int levels;
        bool done = path && read_down(&path, &contents, &levels);
        if (done && levels > 0) {
            char shown[64];
            done = cd_fail(CD_ERR_FORMAT,
                           "data set %s: %s/ holds a single folder, \"%s\", and that holds folders "
                           "and no pictures: move what lies in %s up into %s/",
                           t->root, c->name,
                           cd_escape_text(shown, sizeof shown, c->contents.folders.items[0]), path,
                           c->name);
        }
        cd_folder_free(&contents);
        cd_free(path);
        if (!done) return false;
    }
    return true;
}

static bool take_splits(const tree *t, cd_image_splits *out)
{
    out->found = true;
    for (size_t i = 0; i < t->count; i++) {
        if (!take_split(t, &t->candidates[i], out)) return false;
    }
    return check_links(t) && check_others(t, out) && check_complete(t, out) && check_depth(t);
}

/* --- a set without splits --------------------------------------------------------------------- */

/* Flat train/ and val/ are an error: they were meant to be splits and not classes with these names.
 * So is one flat folder, if DIR has no other. */
static bool check_flat(const tree *t)
{
    const candidate *first = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const candidate *c = &t->candidates[i];
        if (!is_flat(c)) continue;
        if (first && first->split != c->split) {
            return cd_fail(CD_ERR_FORMAT,
                           "data set %s: %s/ and %s/ hold pictures and no folder for each class: "
                           "sort them into %s/CLASS/ and %s/CLASS/",
                           t->root, first->name, c->name, first->name, c->name);
        }
        first = c;
    }
    if (!first || t->top.folders.count > 1) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "data set %s: %s/ is all there is, and it holds pictures and no folder for each "
                   "class",
                   t->root, first->name);
}

/* DIR/photos/train/CLASS/ or DIR/photos/CLASS/, as archives are often unpacked, is an error: the
 * set is DIR/photos. */
static bool check_level(const tree *t)
{
    if (t->top.folders.count != 1) return true;
    cd_folder contents = { .ignored = 0 };
    char *path = cd_strdup(t->root);
    int levels;
    bool done = path && read_down(&path, &contents, &levels);
    if (done && levels > 0) {
        done =
            cd_fail(CD_ERR_FORMAT,
                    is_complete(splits_among(&contents.folders))
                        ? "data set %s: its splits lie deeper: name %s"
                        : "data set %s: it holds a single folder and no picture: name %s, if the "
                          "folders there are the classes",
                    t->root, path);
    }
    cd_folder_free(&contents);
    cd_free(path);
    return done;
}

/* CLASS/train/ and CLASS/test/ are an error: a model would be trained on the test pictures too. */
static bool check_inside(const tree *t, const char *name, const cd_folder *contents)
{
    char shown[CD_NAMES_SHOWN];
    if (contents->pictures.count > 0 || !is_complete(splits_among(&contents->folders))) return true;
    return cd_fail(
        CD_ERR_FORMAT,
        "data set %s: %s/ holds splits of its own (%s): if it is the set, name %s/%s; if "
        "it is a class, the splits stand above the classes: train/%s/ and val/%s/",
        t->root, name, cd_names_shown(contents->folders.items, contents->folders.count, shown),
        t->root, name, name, name);
}

/* *alike: folder i of DIR has no pictures, and at least two folders with the same names as the
 * first folder has. `first` is the contents of the first folder, set by the call with i = 0. */
static bool compare_with_first(const tree *t, size_t i, cd_folder *first, bool *alike)
{
    cd_folder contents = { .ignored = 0 };
    char *path = cd_path_join(t->root, t->top.folders.items[i]), *both[2];
    int levels;
    bool done = path && read_down(&path, &contents, &levels);
    *alike = done && contents.pictures.count == 0 &&
             (i == 0 || common_names(&first->folders, &contents.folders, both, 2) == 2);
    if (i == 0) {
        *first = contents;
    } else {
        cd_folder_free(&contents);
    }
    cd_free(path);
    return done;
}

static bool refuse_alike(const tree *t, const cd_folder *first)
{
    char shown[CD_NAMES_SHOWN];
    const char *a = t->top.folders.items[0], *b = t->top.folders.items[1];
    return cd_fail(
        CD_ERR_FORMAT,
        "data set %s: %s/ and %s/ hold no pictures but folders of the same names (%s): if they are "
        "splits, call them train/, val/ or test/; if one of them is the set, name it; if they are "
        "classes, put their pictures directly into them",
        t->root, a, b, cd_names_shown(first->folders.items, first->folders.count, shown));
}

/* Folders that are all alike, such as dev/ and holdout/, are an error: they may be splits under
 * unknown names. */
static bool check_alike(const tree *t)
{
    cd_folder first = { .ignored = 0 };
    bool done = true, alike = t->top.folders.count > 1;
    for (size_t i = 0; done && alike && i < t->top.folders.count; i++) {
        done = compare_with_first(t, i, &first, &alike);
    }
    if (done && alike) done = refuse_alike(t, &first);
    cd_folder_free(&first);
    return done;
}

static bool check_classes(const tree *t)
{
    if (!check_flat(t) || !check_level(t)) return false;
    for (size_t i = 0; i < t->top.folders.count; i++) {
        const char *name = t->top.folders.items[i];
        cd_folder contents = { .ignored = 0 };
        bool done = read_below(t->root, name, true, &contents) && check_inside(t, name, &contents);
        cd_folder_free(&contents);
        if (!done) return false;
    }
    return check_alike(t);
}

/* --- the calls -------------------------------------------------------------------------------- */

bool cd_image_splits_find(const char *root, cd_image_splits *out)
{
    tree t = { .root = root };
    cd_image_splits s = { .found = false };
    bool done = read_tree(&t) && (comes_in_splits(&t) ? take_splits(&t, &s) : check_classes(&t));
    tree_free(&t);
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

/* Sets *beside, as cd_image_splits_beside does. Whether DIR is a train/ is told by comparing it
 * with its parent's folders, since DIR itself may be given as "." or as a link. */
static bool find_beside(const char *root, const char *parent, char **beside)
{
    cd_folder siblings = { .ignored = 0 };
    const char *other = NULL;
    bool done = cd_folder_read(parent, false, &siblings), is_train = false;
    for (size_t i = 0; done && i < siblings.folders.count; i++) {
        const char *name = siblings.folders.items[i];
        cd_dataset_split split;
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
    cd_folder_free(&siblings);
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
    /* Only a lack of memory is an error: a parent that cannot be read says nothing about the set.
     */
    return !cd_error_pop(&error) || error.code != CD_ERR_MEMORY ||
           cd_fail(error.code, "%s", error.message);
}
