/* Step 6 of cd_load (checkpoint.c): where among a pickle's values the tensors of the model lie.
 *
 * All dicts, lists and tuples that the root leads to are visited once, those further out first.
 * Each that holds tensors under names, and each module, is a candidate; the rule that chooses among
 * them is in pth_internal.h. Objects of unknown classes are not looked into, but for the items of
 * those derived from dict. */
#include <stdio.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/pth_internal.h"

#define NO_NODE UINT32_MAX
#define MODULE  UINT32_MAX

/* A container that was reached. */
typedef struct node {
    cd_pickle_id value;
    cd_pickle_id key;  /* its key in the dict `parent`; CD_PICKLE_NO_VALUE in a list */
    uint32_t parent;   /* index of a node; NO_NODE for the root */
    uint32_t position; /* in the parent */
    uint32_t tensors;  /* how many it holds under names: with any it is a candidate; MODULE for a
                          module, whose tensors were not counted */
    bool of_optimizer; /* it lies in what an optimizer saved */
} node;

typedef struct search {
    cd_archive *archive;
    const cd_pickle *pickle;
    node *nodes;
    unsigned char *seen; /* for each value: whether it has a node */
    size_t count, capacity, seen_capacity;
    cd_pth_steps steps;
} search;

static cd_pickle_kind kind_of(const search *s, cd_pickle_id id)
{
    return (cd_pickle_kind)cd_pickle_value_of(s->pickle, id)->kind;
}

/* --- visiting --------------------------------------------------------------------------------- */

/* Adds a node for a container that has none yet. Of an object with items, the items are the
 * container. Other values are passed over. */
static bool reach(search *s, node n)
{
    if (kind_of(s, n.value) == CD_PICKLE_OBJECT &&
        !cd_pth_is_module(s->pickle, n.value, &s->steps)) {
        n.value = s->pickle->objects[cd_pickle_value_of(s->pickle, n.value)->as.index].items;
        if (n.value == CD_PICKLE_NO_VALUE) return true;
    }
    cd_pickle_kind kind = kind_of(s, n.value);
    if (kind != CD_PICKLE_DICT && kind != CD_PICKLE_LIST && kind != CD_PICKLE_TUPLE &&
        kind != CD_PICKLE_OBJECT) {
        return true;
    }
    if (s->seen[n.value]) return true;
    s->seen[n.value] = 1;
    if (!cd_budget_grow(&s->archive->budget, &s->nodes, &s->capacity, s->count + 1,
                        sizeof *s->nodes)) {
        return false;
    }
    s->nodes[s->count++] = n;
    return true;
}

static bool begins(const char *text, size_t size, const char *start)
{
    return size >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

/* Whether a key is one of an optimizer: "optimizer_states", "optim", "optimG", but not "optimal" or
 * "optimized_model". */
static bool is_of_optimizer(const search *s, cd_pickle_id key)
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

static bool visit_dict(search *s, uint32_t index)
{
    node here = s->nodes[index];
    bool optimizer = here.of_optimizer;
    cd_pickle_iterator at = cd_pickle_iterate(s->pickle, here.value);
    for (cd_pickle_pair item; cd_pickle_next_pair(s->pickle, &at, &item);) {
        if (cd_pickle_text_is(s->pickle, item.key, "param_groups")) optimizer = true;
    }
    at = cd_pickle_iterate(s->pickle, here.value);
    node n = { .parent = index };
    for (cd_pickle_pair item; cd_pickle_next_pair(s->pickle, &at, &item); n.position++) {
        if (kind_of(s, item.value) == CD_PICKLE_TENSOR) {
            /* Elsewhere, tensors under numbers are an optimizer's or a list's. */
            if (index == 0 || kind_of(s, item.key) == CD_PICKLE_TEXT) {
                s->nodes[index].tensors++;
            }
            continue;
        }
        n.value = item.value;
        n.key = item.key;
        n.of_optimizer = optimizer || is_of_optimizer(s, item.key);
        if (!reach(s, n)) return false;
    }
    s->nodes[index].of_optimizer = optimizer;
    return true;
}

static bool visit_list(search *s, uint32_t index)
{
    node here = s->nodes[index];
    node n = { .parent = index, .key = CD_PICKLE_NO_VALUE, .of_optimizer = here.of_optimizer };
    cd_pickle_iterator at = cd_pickle_iterate(s->pickle, here.value);
    for (; cd_pickle_next(s->pickle, &at, &n.value); n.position++) {
        if (!reach(s, n)) return false;
    }
    return true;
}

/* Sets out from the root, and visits every container once. */
static bool visit_all(search *s, cd_pickle_id root)
{
    if (!cd_budget_grow(&s->archive->budget, &s->seen, &s->seen_capacity, s->pickle->value_count,
                        1)) {
        return false;
    }
    memset(s->seen, 0, s->pickle->value_count);
    node first = { .value = root, .key = CD_PICKLE_NO_VALUE, .parent = NO_NODE };
    if (!reach(s, first)) return false;
    for (uint32_t i = 0; i < s->count; i++) {
        cd_pickle_kind kind = kind_of(s, s->nodes[i].value);
        if (kind == CD_PICKLE_OBJECT) s->nodes[i].tensors = MODULE;
        if (kind == CD_PICKLE_DICT && !visit_dict(s, i)) return false;
        if (kind != CD_PICKLE_DICT && kind != CD_PICKLE_OBJECT && !visit_list(s, i)) return false;
    }
    return true;
}

/* --- paths ------------------------------------------------------------------------------------ */

enum { PATH_BYTES = 160 };

/* The name of a node in its parent: its key, or its place in a list. Returns its length. */
static size_t name_of(const search *s, const node *n, const char **name, char number[24])
{
    size_t size;
    if (n->key != CD_PICKLE_NO_VALUE && cd_pickle_text(s->pickle, n->key, name, &size)) return size;
    long long value = n->position;
    if (n->key != CD_PICKLE_NO_VALUE && kind_of(s, n->key) == CD_PICKLE_INTEGER) {
        value = (long long)cd_pickle_value_of(s->pickle, n->key)->as.integer;
    }
    *name = number;
    return (size_t)snprintf(number, 24, "%lld", value);
}

/* Whether the path from the root to a node, its names joined by dots, is `path`. Compared from its
 * end, so that deep nodes take no more time than the path is long. */
static bool has_path(const search *s, const node *n, const char *path)
{
    size_t left = strlen(path);
    if (n->parent == NO_NODE) return left == 0;
    for (;; n = &s->nodes[n->parent]) {
        const char *name;
        char number[24];
        size_t size = name_of(s, n, &name, number);
        if (size > left || memcmp(path + left - size, name, size) != 0) return false;
        left -= size;
        if (s->nodes[n->parent].parent == NO_NODE) return left == 0;
        if (left == 0 || path[--left] != '.') return false;
    }
}

/* Writes the path of a node, made printable; of a long one the end. Returns `text`. */
static const char *path_text(const search *s, const node *n, char text[PATH_BYTES])
{
    char reverse[PATH_BYTES - 1];
    size_t at = sizeof reverse;
    for (; n->parent != NO_NODE; n = &s->nodes[n->parent]) {
        const char *name;
        char number[24];
        size_t size = name_of(s, n, &name, number);
        size_t fits = size < at ? size : at;
        at -= fits;
        memcpy(reverse + at, name + (size - fits), fits);
        if (at == 0) break;
        if (s->nodes[n->parent].parent != NO_NODE) reverse[--at] = '.';
    }
    return cd_printable(text, PATH_BYTES, reverse + at, sizeof reverse - at);
}

/* --- candidates ------------------------------------------------------------------------------- */

/* What all tensors of a candidate together say of it. */
typedef struct survey {
    char first[CD_ARCHIVE_NAME_BYTES + 1]; /* the name of the first one, perhaps cut; no NUL */
    size_t first_size;
    int64_t count;
    const struct survey *other; /* that of another candidate, to compare with; or NULL */
    bool has_namesake;          /* a tensor is called as the other's first one */
} survey;

/* Whether one name is the other, or the other with something and a dot before it. */
static bool same_end(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size < b_size) return same_end(b, b_size, a, a_size);
    size_t before = a_size - b_size;
    return memcmp(a + before, b, b_size) == 0 && (before == 0 || a[before - 1] == '.');
}

static bool survey_tensor(void *user, const char *name, size_t size, cd_pickle_id value)
{
    survey *out = user;
    (void)value;
    if (size > CD_ARCHIVE_NAME_BYTES) size = CD_ARCHIVE_NAME_BYTES;
    if (out->count++ == 0) {
        memcpy(out->first, name, size);
        out->first_size = size;
    }
    if (out->other && !out->has_namesake) {
        out->has_namesake = same_end(name, size, out->other->first, out->other->first_size);
    }
    return true;
}

/* Looks at all tensors of a candidate. False with an error for a module that is damaged; *out is
 * then of those before the damage. */
static bool survey_candidate(search *s, const node *n, const survey *other, survey *out)
{
    out->count = 0;
    out->other = other;
    out->has_namesake = false;
    if (kind_of(s, n->value) == CD_PICKLE_OBJECT) {
        return cd_pth_visit_module(s->archive, s->pickle, n->value, &s->steps, survey_tensor, out);
    }
    cd_pickle_iterator at = cd_pickle_iterate(s->pickle, n->value);
    for (cd_pickle_pair item; cd_pickle_next_pair(s->pickle, &at, &item);) {
        const char *name;
        size_t size;
        if (kind_of(s, item.value) != CD_PICKLE_TENSOR) continue;
        if (cd_pickle_text(s->pickle, item.key, &name, &size)) {
            (void)survey_tensor(out, name, size, item.value);
        }
    }
    return true;
}

/* Whether a node may be chosen without having been asked for. */
static bool counts(const node *n)
{
    return n->tensors > 0 && !n->of_optimizer;
}

static bool same_place(const search *s, const node *a, const node *b)
{
    const char *one, *other;
    char first[24], second[24];
    if (a->parent != b->parent || a->parent == NO_NODE) return false;
    size_t size = name_of(s, a, &one, first);
    return size == name_of(s, b, &other, second) && memcmp(one, other, size) == 0;
}

/* The candidate under a usual key, the most usual first and those further out before others; of
 * equal keys the last, as in Python. */
static const node *find_usual(const search *s)
{
    static const char *const usual[] = { "state_dict",  "model_state_dict", "model", "net",
                                         "model_state", "weights",          "params" };
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++) {
        const node *found = NULL;
        for (size_t i = 0; i < s->count; i++) {
            const node *n = &s->nodes[i];
            if (!counts(n) || n->key == CD_PICKLE_NO_VALUE ||
                !cd_pickle_text_is(s->pickle, n->key, usual[k])) {
                continue;
            }
            if (!found || same_place(s, found, n)) found = n;
        }
        if (found) return found;
    }
    return NULL;
}

/* The root, if it is a candidate and none inside it has more tensors: with fewer, its tensors are
 * numbers beside a model (a loss, the best accuracy). */
static const node *find_root(const search *s)
{
    const node *root = s->nodes;
    if (s->count == 0 || root->tensors == 0) return NULL;
    for (size_t i = 1; i < s->count; i++) {
        if (counts(&s->nodes[i]) && s->nodes[i].tensors > root->tensors) return NULL;
    }
    return root;
}

/* The only candidate beside the root; NULL if there are others. */
static const node *find_only(const search *s)
{
    const node *found = NULL;
    for (size_t i = 1; i < s->count; i++) {
        if (!counts(&s->nodes[i])) continue;
        if (found && !same_place(s, found, &s->nodes[i])) return NULL;
        found = &s->nodes[i];
    }
    return found;
}

/* Whether another candidate may be a second version of this one: it has about as many tensors, and
 * one that is called as the first of this one. With an error or without. What is damaged in the
 * other is no error. */
static bool has_rival(search *s, const node *chosen)
{
    survey own, other;
    if (!survey_candidate(s, chosen, NULL, &own)) return false;
    for (size_t i = 0; i < s->count && own.count > 0; i++) {
        const node *n = &s->nodes[i];
        if (n == chosen || !counts(n) || same_place(s, chosen, n)) continue;
        if (!survey_candidate(s, n, &own, &other)) {
            if (s->steps.left < 0) return false;
            cd_clear_error();
        }
        bool alike = other.count < 2 * own.count && own.count < 2 * other.count;
        if (alike && other.has_namesake) return true;
    }
    return false;
}

/* --- sentences -------------------------------------------------------------------------------- */

/* Adds `, "path"` to a list of the first SHOWN candidates. */
static void list_candidates(const search *s, bool optimizers, char *text, size_t bytes)
{
    enum { SHOWN = 6 };
    size_t used = 0;
    int count = 0;
    text[0] = '\0';
    for (size_t i = 0; i < s->count && used < bytes; i++) {
        const node *n = &s->nodes[i];
        char path[PATH_BYTES];
        if (n->tensors == 0 || (n->of_optimizer && !optimizers)) continue;
        if (count++ == SHOWN) {
            (void)snprintf(text + used, bytes - used, ", ...");
            return;
        }
        used += (size_t)snprintf(text + used, bytes - used, "%s\"%s\"", count > 1 ? ", " : "",
                                 path_text(s, n, path));
    }
}

static bool several(const search *s)
{
    char list[200], first[PATH_BYTES] = "";
    const node *last = NULL;
    list_candidates(s, false, list, sizeof list);
    for (size_t i = 0; i < s->count; i++) {
        if (counts(&s->nodes[i])) last = &s->nodes[i];
    }
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: it holds several dictionaries of tensors (%s), and which of them is meant "
                   "is not known: choose one, as by .key = \"%s\" or --key %s",
                   s->archive->description.label, list, path_text(s, last, first), first);
}

static bool none(const search *s, cd_pickle_id root)
{
    const char *label = s->archive->description.label;
    bool optimizers = false;
    cd_pickle_kind kind = kind_of(s, root);
    char what[CD_PICKLE_SHOWN], keys[200] = "";
    if (kind != CD_PICKLE_DICT) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: it holds %s, and not a dictionary of named tensors: torch.save the "
                       "state_dict() of the model",
                       label, cd_pickle_show(s->pickle, root, what));
    }
    for (size_t i = 0; i < s->count; i++) optimizers = optimizers || s->nodes[i].tensors > 0;
    cd_pickle_iterator at = cd_pickle_iterate(s->pickle, root);
    size_t used = 0;
    int count = 0;
    for (cd_pickle_pair item; count <= 3 && cd_pickle_next_pair(s->pickle, &at, &item);) {
        const char *name;
        size_t size;
        char shown[48];
        if (!cd_pickle_text(s->pickle, item.key, &name, &size)) continue;
        used +=
            (size_t)snprintf(keys + used, sizeof keys - used, "%s%s", count ? ", " : " (",
                             count == 3 ? "..." : cd_printable(shown, sizeof shown, name, size));
        count++;
    }
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: there are no tensors in its dictionary, nor in one under any of its "
                   "keys%s%s%s: torch.save the state_dict() of the model",
                   label, keys, count ? ")" : "", optimizers ? ", but those of an optimizer" : "");
}

static bool not_under_key(const search *s, const char *key)
{
    char list[200], shown[64];
    list_candidates(s, true, list, sizeof list);
    return cd_fail(CD_ERR_ARGUMENT, "%s: it has no dictionary of tensors under the key \"%s\"%s%s",
                   s->archive->description.label, cd_escape_text(shown, sizeof shown, key),
                   *list ? ": it has " : "", list);
}

/* --- choosing --------------------------------------------------------------------------------- */

/* The candidate under the key that the caller gave; of equal ones the last. */
static const node *find_key(const search *s, const char *key)
{
    const node *found = NULL;
    for (size_t i = 0; i < s->count; i++) {
        if (s->nodes[i].tensors > 0 && has_path(s, &s->nodes[i], key)) found = &s->nodes[i];
    }
    return found;
}

static bool is_empty_dict(const search *s, cd_pickle_id id)
{
    return kind_of(s, id) == CD_PICKLE_DICT && cd_pickle_value_of(s->pickle, id)->count == 0;
}

/* Chooses a node; NULL with an error. */
static const node *choose(search *s, cd_pickle_id root)
{
    const char *key = s->archive->limits.key;
    const node *found;
    if (key) {
        found = find_key(s, key);
        if (!found) (void)not_under_key(s, key);
        return found;
    }
    found = find_usual(s);
    if (!found) found = is_empty_dict(s, root) ? s->nodes : find_root(s);
    if (!found) found = find_only(s);
    if (found && !has_rival(s, found)) return cd_ok() ? found : NULL;
    if (!cd_ok()) return NULL;
    for (size_t i = 0; !found && i < s->count; i++) {
        if (counts(&s->nodes[i])) found = &s->nodes[i];
    }
    (void)(found ? several(s) : none(s, root));
    return NULL;
}

/* Sets archive->key to the path of a node, of `size` bytes. What is no text gets escapes. */
static bool set_key(search *s, const node *n, size_t size)
{
    enum { ESCAPED = 4 }; /* bytes that one byte becomes */
    cd_archive *a = s->archive;
    char path[CD_ARCHIVE_NAME_BYTES];
    for (size_t at = size; n->parent != NO_NODE; n = &s->nodes[n->parent]) {
        const char *name;
        char number[24];
        size_t length = name_of(s, n, &name, number);
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

/* Notes where the tensors are. A key that is too long to be noted is an error. */
static bool note_key(search *s, const node *n)
{
    size_t size = 0;
    for (const node *at = n; at->parent != NO_NODE; at = &s->nodes[at->parent]) {
        const char *name;
        char number[24];
        size_t length = name_of(s, at, &name, number) + (at != n);
        if (length > CD_ARCHIVE_NAME_BYTES - size) {
            return cd_fail(CD_ERR_UNSUPPORTED,
                           "%s: its tensors lie under a key of more than %d bytes",
                           s->archive->description.label, CD_ARCHIVE_NAME_BYTES);
        }
        size += length;
    }
    return set_key(s, n, size);
}

/* Notes where the tensors are, and tells the logger unless they are the root's own. */
static bool tell(search *s, const node *n)
{
    char path[PATH_BYTES], what[CD_PICKLE_SHOWN];
    bool module = kind_of(s, n->value) == CD_PICKLE_OBJECT;
    if (!note_key(s, n)) return false;
    (void)path_text(s, n, path);
    if (module) {
        cd_log_line(CD_LOG_INFO,
                    "%s: the tensors are those of %s%s%s%s, which was neither built nor run",
                    s->archive->description.label, cd_pickle_show(s->pickle, n->value, what),
                    *path ? " under \"" : "", path, *path ? "\"" : "");
    } else if (*path) {
        cd_log_line(CD_LOG_INFO, "%s: the tensors are those under \"%s\"",
                    s->archive->description.label, path);
    }
    return true;
}

bool cd_pth_find(cd_archive *archive, const cd_pickle *pickle, cd_pickle_id root,
                 cd_pth_found *found)
{
    search s = { .archive = archive, .pickle = pickle, .steps = { CD_PTH_STEPS } };
    const node *n = cd_ok() && visit_all(&s, root) ? choose(&s, root) : NULL;
    bool ok = n && tell(&s, n);
    if (ok) {
        *found = (cd_pth_found){ .value = n->value, .around = CD_PICKLE_NO_VALUE };
        if (n->parent != NO_NODE) found->around = s.nodes[n->parent].value;
    }
    cd_budget_release(&archive->budget, &s.nodes, &s.capacity, sizeof *s.nodes);
    cd_budget_release(&archive->budget, &s.seen, &s.seen_capacity, 1);
    return ok;
}
