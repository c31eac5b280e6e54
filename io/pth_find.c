/* Step 6 of cd_load (checkpoint.c): where among a pickle's values the tensors of the model lie.
 * Each node (pth_nodes.c) that holds tensors under names, and each module, is a candidate; the rule
 * that chooses among them is in pth_internal.h. */
#include <stdio.h>
#include <string.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/pth_nodes_internal.h"

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
static bool survey_candidate(cd_pth_nodes *s, const cd_pth_node *n, const survey *other,
                             survey *out)
{
    out->count = 0;
    out->other = other;
    out->has_namesake = false;
    if (cd_pth_kind_of(s, n->value) == CD_PICKLE_OBJECT) {
        return cd_pth_visit_module(s->archive, s->pickle, n->value, &s->steps, survey_tensor, out);
    }
    cd_pickle_iterator at = cd_pickle_iterate(s->pickle, n->value);
    for (cd_pickle_pair item; cd_pickle_next_pair(s->pickle, &at, &item);) {
        const char *name;
        size_t size;
        if (cd_pth_kind_of(s, item.value) != CD_PICKLE_TENSOR) continue;
        if (cd_pickle_text(s->pickle, item.key, &name, &size)) {
            (void)survey_tensor(out, name, size, item.value);
        }
    }
    return true;
}

/* Whether a node may be chosen without having been asked for. */
static bool counts(const cd_pth_node *n)
{
    return n->tensors > 0 && !n->of_optimizer;
}

static bool same_place(const cd_pth_nodes *s, const cd_pth_node *a, const cd_pth_node *b)
{
    const char *one, *other;
    char first[24], second[24];
    if (a->parent != b->parent || a->parent == CD_PTH_NO_NODE) return false;
    size_t size = cd_pth_node_name(s, a, &one, first);
    return size == cd_pth_node_name(s, b, &other, second) && memcmp(one, other, size) == 0;
}

/* The candidate under a usual key, the most usual first and those further out before others; of
 * equal keys the last, as in Python. */
static const cd_pth_node *find_usual(const cd_pth_nodes *s)
{
    static const char *const usual[] = { "state_dict",  "model_state_dict", "model", "net",
                                         "model_state", "weights",          "params" };
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++) {
        const cd_pth_node *found = NULL;
        for (size_t i = 0; i < s->count; i++) {
            const cd_pth_node *n = &s->item[i];
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
static const cd_pth_node *find_root(const cd_pth_nodes *s)
{
    const cd_pth_node *root = s->item;
    if (s->count == 0 || root->tensors == 0) return NULL;
    for (size_t i = 1; i < s->count; i++) {
        if (counts(&s->item[i]) && s->item[i].tensors > root->tensors) return NULL;
    }
    return root;
}

/* The only candidate beside the root; NULL if there are others. */
static const cd_pth_node *find_only(const cd_pth_nodes *s)
{
    const cd_pth_node *found = NULL;
    for (size_t i = 1; i < s->count; i++) {
        if (!counts(&s->item[i])) continue;
        if (found && !same_place(s, found, &s->item[i])) return NULL;
        found = &s->item[i];
    }
    return found;
}

/* Whether another candidate may be a second version of this one: it has about as many tensors, and
 * one that is called as the first of this one. With an error or without. What is damaged in the
 * other is no error. */
static bool has_rival(cd_pth_nodes *s, const cd_pth_node *chosen)
{
    survey own, other;
    if (!survey_candidate(s, chosen, NULL, &own)) return false;
    for (size_t i = 0; i < s->count && own.count > 0; i++) {
        const cd_pth_node *n = &s->item[i];
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
static void list_candidates(const cd_pth_nodes *s, bool optimizers, char *text, size_t bytes)
{
    enum { SHOWN = 6 };
    size_t used = 0;
    int count = 0;
    text[0] = '\0';
    for (size_t i = 0; i < s->count && used < bytes; i++) {
        const cd_pth_node *n = &s->item[i];
        char path[CD_PTH_PATH];
        if (n->tensors == 0 || (n->of_optimizer && !optimizers)) continue;
        if (count++ == SHOWN) {
            (void)snprintf(text + used, bytes - used, ", ...");
            return;
        }
        used += (size_t)snprintf(text + used, bytes - used, "%s\"%s\"", count > 1 ? ", " : "",
                                 cd_pth_node_path(s, n, path));
    }
}

static bool several(const cd_pth_nodes *s)
{
    char list[200], first[CD_PTH_PATH] = "";
    const cd_pth_node *last = NULL;
    list_candidates(s, false, list, sizeof list);
    for (size_t i = 0; i < s->count; i++) {
        if (counts(&s->item[i])) last = &s->item[i];
    }
    return cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: it holds several dictionaries of tensors (%s), and which of them is meant "
                   "is not known: choose one, as by .key = \"%s\" or --key %s",
                   s->archive->description.label, list, cd_pth_node_path(s, last, first), first);
}

static bool none(const cd_pth_nodes *s, cd_pickle_id root)
{
    const char *label = s->archive->description.label;
    bool optimizers = false;
    cd_pickle_kind kind = cd_pth_kind_of(s, root);
    char what[CD_PICKLE_SHOWN], keys[200] = "";
    if (kind != CD_PICKLE_DICT) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: it holds %s, and not a dictionary of named tensors: torch.save the "
                       "state_dict() of the model",
                       label, cd_pickle_show(s->pickle, root, what));
    }
    for (size_t i = 0; i < s->count; i++) optimizers = optimizers || s->item[i].tensors > 0;
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

static bool not_under_key(const cd_pth_nodes *s, const char *key)
{
    char list[200], shown[64];
    list_candidates(s, true, list, sizeof list);
    return cd_fail(CD_ERR_ARGUMENT, "%s: it has no dictionary of tensors under the key \"%s\"%s%s",
                   s->archive->description.label, cd_escape_text(shown, sizeof shown, key),
                   *list ? ": it has " : "", list);
}

/* --- choosing --------------------------------------------------------------------------------- */

/* The candidate under the key that the caller gave; of equal ones the last. */
static const cd_pth_node *find_key(const cd_pth_nodes *s, const char *key)
{
    const cd_pth_node *found = NULL;
    for (size_t i = 0; i < s->count; i++) {
        if (s->item[i].tensors > 0 && cd_pth_node_has_path(s, &s->item[i], key))
            found = &s->item[i];
    }
    return found;
}

static bool is_empty_dict(const cd_pth_nodes *s, cd_pickle_id id)
{
    return cd_pth_kind_of(s, id) == CD_PICKLE_DICT && cd_pickle_value_of(s->pickle, id)->count == 0;
}

/* Chooses a node; NULL with an error. */
static const cd_pth_node *choose(cd_pth_nodes *s, cd_pickle_id root)
{
    const char *key = s->archive->limits.key;
    const cd_pth_node *found;
    if (key) {
        found = find_key(s, key);
        if (!found) (void)not_under_key(s, key);
        return found;
    }
    found = find_usual(s);
    if (!found) found = is_empty_dict(s, root) ? s->item : find_root(s);
    if (!found) found = find_only(s);
    if (found && !has_rival(s, found)) return cd_ok() ? found : NULL;
    if (!cd_ok()) return NULL;
    for (size_t i = 0; !found && i < s->count; i++) {
        if (counts(&s->item[i])) found = &s->item[i];
    }
    (void)(found ? several(s) : none(s, root));
    return NULL;
}

/* Notes where the tensors are, and tells the logger unless they are the root's own. */
static bool tell(const cd_pth_nodes *s, const cd_pth_node *n)
{
    char path[CD_PTH_PATH], what[CD_PICKLE_SHOWN];
    bool module = cd_pth_kind_of(s, n->value) == CD_PICKLE_OBJECT;
    if (!cd_pth_node_note(s, n)) return false;
    (void)cd_pth_node_path(s, n, path);
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
    cd_pth_nodes s = { .archive = archive, .pickle = pickle, .steps = { CD_PTH_STEPS } };
    const cd_pth_node *n = cd_ok() && cd_pth_nodes_visit(&s, root) ? choose(&s, root) : NULL;
    bool ok = n && tell(&s, n);
    if (ok) {
        *found = (cd_pth_found){ .value = n->value, .around = CD_PICKLE_NO_VALUE };
        if (n->parent != CD_PTH_NO_NODE) found->around = s.item[n->parent].value;
    }
    cd_pth_nodes_release(&s);
    return ok;
}
