/* Where the modules and tensors of a tree are, to find those that it has twice. */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "models/tree_internal.h"

static bool add(cd_tree_index *index, const void *key, const cd_tensor *t, const char *path)
{
    if (index->count == index->room) {
        const int64_t room = index->room ? 2 * index->room : 64;
        cd_tree_place *larger = cd_realloc(index->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        index->item = larger;
        index->room = room;
    }
    char *copy = cd_strdup(path);
    if (!copy) return false;
    index->item[index->count] =
        (cd_tree_place){ .key = key, .tensor = t, .number = index->count, .path = copy };
    index->count++;
    return true;
}

/* A module visitor: adds the module and the tensors that are registered in it. */
static bool add_module(const char *path, cd_module *m, void *user)
{
    cd_tree_index *index = user;
    if (!add(index, m, NULL, path)) return false;
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_module_entry *e = &m->entries_[i];
        const cd_tensor *t = cd_module_value(e);
        char full[CD_TREE_PATH];
        if (e->kind == CD_CHILD || !t) continue;
        const int length = snprintf(full, sizeof full, "%s%s%s", path, *path ? "." : "", e->name);
        if (length >= (int)sizeof full) {
            return cd_fail(CD_ERR_STATE, "the name of a tensor is longer than %d bytes",
                           CD_TREE_PATH - 1);
        }
        if (!add(index, t->storage, t, full)) return false;
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    const cd_tree_place *x = a, *y = b;
    if (x->key != y->key) return (uintptr_t)x->key < (uintptr_t)y->key ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

bool cd_tree_index_make(cd_tree_index *index, cd_module *m)
{
    *index = (cd_tree_index){ .count = 0 };
    if (!cd_visit_modules(m, add_module, index)) return false;
    qsort(index->item, (size_t)index->count, sizeof *index->item, compare);
    return true;
}

void cd_tree_index_free(cd_tree_index *index)
{
    for (int64_t i = 0; i < index->count; i++) cd_free(index->item[i].path);
    cd_free(index->item);
    *index = (cd_tree_index){ .count = 0 };
}

const cd_tree_place *cd_tree_index_find(const cd_tree_index *index, const void *key)
{
    int64_t low = 0, high = index->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if ((uintptr_t)index->item[middle].key < (uintptr_t)key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < index->count && index->item[low].key == key ? &index->item[low] : NULL;
}
