/* Step 6 of cd_load (checkpoint.c): the containers that the root of a pickle leads to, and the
 * paths to them. */
#include <stdio.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/pth_nodes_internal.h"

/* --- visiting --------------------------------------------------------------------------------- */

/* Adds a node for a container that has none yet. Of an object with items, the items are the
 * container. Other values are passed over. */
static bool reach(cd_pth_nodes *s, cd_pth_node n)
{
    if (cd_pth_kind_of(s, n.value) == CD_PICKLE_OBJECT &&
        !cd_pth_is_module(s->pickle, n.value, &s->steps)) {
        n.value = s->pickle->objects[cd_pickle_value_of(s->pickle, n.value)->as.index].items;
        if (n.value == CD_PICKLE_NO_VALUE) return true;
    }
    cd_pickle_kind kind = cd_pth_kind_of(s, n.value);
    if (kind != CD_PICKLE_DICT && kind != CD_PICKLE_LIST && kind != CD_PICKLE_TUPLE &&
        kind != CD_PICKLE_OBJECT) {
        return true;
    }
    if (s->seen[n.value]) return true;
    s->seen[n.value] = 1;
    if (!cd_budget_grow(&s->archive->budget, &s->item, &s->capacity, s->count + 1,
                        sizeof *s->item)) {
        return false;
    }
    s->item[s->count++] = n;
    return true;
}

static bool begins(const char *text, size_t size, const char *start)
{
    return size >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

/* Whether a key is one of an optimizer: "optimizer_states", "optim", "optimG", but not "optimal" or
 * "optimized_model". */
static bool is_of_optimizer(const cd_pth_nodes *s, cd_pickle_id key)
{
    static const char optim[] = "optim";
    const size_t length = sizeof optim - 1;
    const char *text;
    size_t size;
    if (!cd_pickle_text(s->pickle, key, &text, &size) || !begins(text, size, optim)) return false;
    return size == length || text[length] < 'a' || text[length] > 'z' ||
           begins(text, size, "optims") || begins(text, size, "optimizer") ||
           begins(text, size, "optimiser");
}

static bool visit_dict(cd_pth_nodes *s, uint32_t index)
{
    cd_pth_node here = s->item[index];
    bool optimizer = here.of_optimizer;
    cd_pickle_iterator at = cd_pickle_iterate(s->pickle, here.value);
    for (cd_pickle_pair item; cd_pickle_next_pair(s->pickle, &at, &item);) {
        if (cd_pickle_text_is(s->pickle, item.key, "param_groups")) optimizer = true;
    }
    at = cd_pickle_iterate(s->pickle, here.value);
    cd_pth_node n = { .parent = index };
    for (cd_pickle_pair item; cd_pickle_next_pair(s->pickle, &at, &item); n.position++) {
        if (cd_pth_kind_of(s, item.value) == CD_PICKLE_TENSOR) {
            /* Elsewhere, tensors under numbers are an optimizer's or a list's. */
            if (index == 0 || cd_pth_kind_of(s, item.key) == CD_PICKLE_TEXT) {
                s->item[index].tensors++;
            }
            continue;
        }
        n.value = item.value;
        n.key = item.key;
        n.of_optimizer = optimizer || is_of_optimizer(s, item.key);
        if (!reach(s, n)) return false;
    }
    s->item[index].of_optimizer = optimizer;
    return true;
}

static bool visit_list(cd_pth_nodes *s, uint32_t index)
{
    cd_pth_node here = s->item[index];
    cd_pth_node n = { .parent = index,
                      .key = CD_PICKLE_NO_VALUE,
                      .of_optimizer = here.of_optimizer };
    cd_pickle_iterator at = cd_pickle_iterate(s->pickle, here.value);
    for (; cd_pickle_next(s->pickle, &at, &n.value); n.position++) {
        if (!reach(s, n)) return false;
    }
    return true;
}

bool cd_pth_nodes_visit(cd_pth_nodes *s, cd_pickle_id root)
{
    if (!cd_budget_grow(&s->archive->budget, &s->seen, &s->seen_capacity, s->pickle->value_count,
                        1)) {
        return false;
    }
    memset(s->seen, 0, s->pickle->value_count);
    cd_pth_node first = { .value = root, .key = CD_PICKLE_NO_VALUE, .parent = CD_PTH_NO_NODE };
    if (!reach(s, first)) return false;
    for (uint32_t i = 0; i < s->count; i++) {
        cd_pickle_kind kind = cd_pth_kind_of(s, s->item[i].value);
        if (kind == CD_PICKLE_OBJECT) s->item[i].tensors = CD_PTH_MODULE;
        if (kind == CD_PICKLE_DICT && !visit_dict(s, i)) return false;
        if (kind != CD_PICKLE_DICT && kind != CD_PICKLE_OBJECT && !visit_list(s, i)) return false;
    }
    return true;
}

void cd_pth_nodes_release(cd_pth_nodes *s)
{
    cd_budget_release(&s->archive->budget, &s->item, &s->capacity, sizeof *s->item);
    cd_budget_release(&s->archive->budget, &s->seen, &s->seen_capacity, 1);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* The name of a node in its parent: its key, or its place in a list. Returns its length. */
size_t cd_pth_node_name(const cd_pth_nodes *s, const cd_pth_node *n, const char **name,
                        char number[CD_PTH_NUMBER])
{
    size_t size;
    if (n->key != CD_PICKLE_NO_VALUE && cd_pickle_text(s->pickle, n->key, name, &size)) return size;
    long long value = n->position;
    if (n->key != CD_PICKLE_NO_VALUE && cd_pth_kind_of(s, n->key) == CD_PICKLE_INTEGER) {
        value = (long long)cd_pickle_value_of(s->pickle, n->key)->as.integer;
    }
    *name = number;
    return (size_t)snprintf(number, CD_PTH_NUMBER, "%lld", value);
}

/* Whether the path from the root to a node, its names joined by dots, is `path`. Compared from its
 * end, so that deep nodes take no more time than the path is long. */
bool cd_pth_node_has_path(const cd_pth_nodes *s, const cd_pth_node *n, const char *path)
{
    size_t left = strlen(path);
    if (n->parent == CD_PTH_NO_NODE) return left == 0;
    for (;; n = &s->item[n->parent]) {
        const char *name;
        char number[CD_PTH_NUMBER];
        size_t size = cd_pth_node_name(s, n, &name, number);
        if (size > left || memcmp(path + left - size, name, size) != 0) return false;
        left -= size;
        if (s->item[n->parent].parent == CD_PTH_NO_NODE) return left == 0;
        if (left == 0 || path[--left] != '.') return false;
    }
}

/* Writes the path of a node, made printable; of a long one the end. Returns `text`. */
const char *cd_pth_node_path(const cd_pth_nodes *s, const cd_pth_node *n, char text[CD_PTH_PATH])
{
    char reverse[CD_PTH_PATH - 1];
    size_t at = sizeof reverse;
    for (; n->parent != CD_PTH_NO_NODE; n = &s->item[n->parent]) {
        const char *name;
        char number[CD_PTH_NUMBER];
        size_t size = cd_pth_node_name(s, n, &name, number);
        size_t fits = size < at ? size : at;
        at -= fits;
        memcpy(reverse + at, name + (size - fits), fits);
        if (at == 0) break;
        if (s->item[n->parent].parent != CD_PTH_NO_NODE) reverse[--at] = '.';
    }
    return cd_printable(text, CD_PTH_PATH, reverse + at, sizeof reverse - at);
}

/* Sets archive->key to the path of a node, which has `size` bytes. What is no text gets escapes. */
static bool set_key(const cd_pth_nodes *s, const cd_pth_node *n, size_t size)
{
    enum { ESCAPED = 4 }; /* bytes that one byte becomes */
    cd_archive *a = s->archive;
    char path[CD_ARCHIVE_NAME_BYTES];
    for (size_t at = size; n->parent != CD_PTH_NO_NODE; n = &s->item[n->parent]) {
        const char *name;
        char number[CD_PTH_NUMBER];
        size_t length = cd_pth_node_name(s, n, &name, number);
        at -= length;
        memcpy(path + at, name, length);
        if (at > 0) path[--at] = '.';
    }
    if (!memchr(path, 0, size) && cd_utf8_valid(path, size)) {
        a->key = cd_text_pool_copy(&a->texts, &a->budget, path, size);
        return a->key != NULL;
    }
    char *text = cd_text_pool_alloc(&a->texts, &a->budget, ESCAPED * size + 1);
    if (text) a->key = cd_printable(text, ESCAPED * size + 1, path, size);
    return text != NULL;
}

bool cd_pth_node_note(const cd_pth_nodes *s, const cd_pth_node *n)
{
    size_t size = 0;
    for (const cd_pth_node *at = n; at->parent != CD_PTH_NO_NODE; at = &s->item[at->parent]) {
        const char *name;
        char number[CD_PTH_NUMBER];
        size_t length = cd_pth_node_name(s, at, &name, number) + (at != n);
        if (length > CD_ARCHIVE_NAME_BYTES - size) {
            return cd_fail(CD_ERR_UNSUPPORTED,
                           "%s: its tensors lie under a key of more than %d bytes",
                           s->archive->description.label, CD_ARCHIVE_NAME_BYTES);
        }
        size += length;
    }
    return set_key(s, n, size);
}
