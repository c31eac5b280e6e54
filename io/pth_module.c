/* Step 6 of cd_load (checkpoint.c): the tensors of a module that torch.save was given whole. Its
 * class is never looked for. A torch.nn.Module of any class keeps its tensors in the same three
 * attributes, so the names are those that its state_dict() would have:
 *
 *   _parameters   { name: Parameter or None }
 *   _buffers      { name: tensor or None }
 *   _modules      { name: module or None }
 *
 * The buffers in the set _non_persistent_buffers_set are left out, as state_dict() does. */
#include <string.h>

#include "io/pth_internal.h"

enum { DEPTH_MAX = 64 };

typedef struct walk {
    const cd_archive *archive;
    const cd_pickle *pickle;
    cd_pth_steps *steps;
    cd_pth_visit *visit;
    void *user;
    char name[CD_ARCHIVE_NAME_BYTES + 2];
} walk;

static cd_pickle_kind kind_of(const cd_pickle *p, cd_pickle_id id)
{
    return id == CD_PICKLE_NO_VALUE ? CD_PICKLE_NONE
                                    : (cd_pickle_kind)cd_pickle_value_of(p, id)->kind;
}

/* The attributes of an object: its state, or the first of the pair (__dict__, __slots__). */
static cd_pickle_id attributes_of(const cd_pickle *p, cd_pickle_id id)
{
    if (kind_of(p, id) != CD_PICKLE_OBJECT) return CD_PICKLE_NO_VALUE;
    cd_pickle_id state = p->objects[cd_pickle_value_of(p, id)->as.index].state;
    if (state != CD_PICKLE_NO_VALUE && cd_pickle_is_tuple(p, state, 2, 2)) {
        return cd_pickle_item(p, cd_pickle_value_of(p, state), 0);
    }
    return state;
}

bool cd_pth_is_module(const cd_pickle *p, cd_pickle_id id, cd_pth_steps *steps)
{
    static const char *const needed[] = { "_parameters", "_buffers", "_modules" };
    cd_pickle_id attributes = attributes_of(p, id);
    if (kind_of(p, attributes) != CD_PICKLE_DICT || steps->left < 0) return false;
    steps->left -= 3 * (int64_t)cd_pickle_value_of(p, attributes)->count;
    for (int i = 0; i < 3; i++) {
        if (kind_of(p, cd_pickle_get(p, attributes, needed[i])) != CD_PICKLE_DICT) return false;
    }
    return true;
}

/* --- the walk --------------------------------------------------------------------------------- */

static bool take_steps(const walk *w, uint32_t count)
{
    w->steps->left -= (int64_t)count + 1;
    if (w->steps->left >= 0) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s: the modules of its pickle lie in each other so often that they have no end",
                   w->archive->description.label);
}

/* Writes a key behind the first `at` bytes of the name; *size becomes its new length. */
static bool add_key(walk *w, size_t at, cd_pickle_id key, size_t *size)
{
    const char *text;
    size_t length;
    if (!cd_pickle_text(w->pickle, key, &text, &length)) {
        return cd_fail(CD_ERR_FORMAT, "%s: a module has a name that is %s, and must be a string",
                       w->archive->description.label, cd_pickle_kind_name(kind_of(w->pickle, key)));
    }
    if (at > CD_ARCHIVE_NAME_BYTES || length > CD_ARCHIVE_NAME_BYTES - at) {
        return cd_fail(CD_ERR_FORMAT, "%s: a name in its modules has more than %d bytes",
                       w->archive->description.label, CD_ARCHIVE_NAME_BYTES);
    }
    memcpy(w->name + at, text, length);
    *size = at + length;
    return true;
}

/* Whether the name of a buffer is in the set of those that a state dict does not have. */
static bool is_left_out(const walk *w, cd_pickle_id set, cd_pickle_id key)
{
    const char *name, *other;
    size_t size, length;
    if (kind_of(w->pickle, set) != CD_PICKLE_SET || !cd_pickle_text(w->pickle, key, &name, &size)) {
        return false;
    }
    cd_pickle_iterator at = cd_pickle_iterate(w->pickle, set);
    for (cd_pickle_id item; cd_pickle_next(w->pickle, &at, &item);) {
        if (cd_pickle_text(w->pickle, item, &other, &length) && length == size &&
            memcmp(name, other, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Visits the tensors of a dict of parameters or buffers but for those in the set. */
static bool visit_tensors(walk *w, size_t prefix, cd_pickle_id dict, cd_pickle_id set)
{
    const cd_pickle *p = w->pickle;
    uint32_t per_item = kind_of(p, set) == CD_PICKLE_SET ? cd_pickle_value_of(p, set)->count : 0;
    cd_pickle_iterator at = cd_pickle_iterate(p, dict);
    for (cd_pickle_pair item; cd_pickle_next_pair(p, &at, &item);) {
        size_t size;
        cd_pickle_kind kind = kind_of(p, item.value);
        if (!take_steps(w, per_item)) return false;
        if (kind != CD_PICKLE_TENSOR && kind != CD_PICKLE_OBJECT) continue;
        if (is_left_out(w, set, item.key)) continue;
        if (!add_key(w, prefix, item.key, &size) || !w->visit(w->user, w->name, size, item.value)) {
            return false;
        }
    }
    return true;
}

/* Visits a module and what lies in it. The depth is limited, and so is the recursion. */
static bool visit_module(walk *w, size_t prefix, cd_pickle_id module, int depth)
{
    const cd_pickle *p = w->pickle;
    cd_pickle_id attributes = attributes_of(p, module);
    if (depth == DEPTH_MAX) {
        return cd_fail(CD_ERR_FORMAT, "%s: its modules are nested more than %d deep",
                       w->archive->description.label, DEPTH_MAX);
    }
    if (!take_steps(w, cd_pickle_value_of(p, attributes)->count)) return false;
    cd_pickle_id set = cd_pickle_get(p, attributes, "_non_persistent_buffers_set");
    if (!visit_tensors(w, prefix, cd_pickle_get(p, attributes, "_parameters"),
                       CD_PICKLE_NO_VALUE) ||
        !visit_tensors(w, prefix, cd_pickle_get(p, attributes, "_buffers"), set)) {
        return false;
    }
    cd_pickle_iterator at = cd_pickle_iterate(p, cd_pickle_get(p, attributes, "_modules"));
    for (cd_pickle_pair item; cd_pickle_next_pair(p, &at, &item);) {
        size_t size;
        if (!take_steps(w, 0)) return false;
        if (kind_of(p, item.value) == CD_PICKLE_NONE) continue;
        if (!add_key(w, prefix, item.key, &size)) return false;
        if (!cd_pth_is_module(p, item.value, w->steps)) {
            if (!take_steps(w, 0)) return false;
            char shown[64], what[CD_PICKLE_SHOWN];
            return cd_fail(CD_ERR_UNSUPPORTED,
                           "%s: its module \"%s\" is %s without the attributes of a module: save "
                           "the state_dict()",
                           w->archive->description.label,
                           cd_printable(shown, sizeof shown, w->name, size),
                           cd_pickle_show(p, item.value, what));
        }
        w->name[size] = '.';
        if (!visit_module(w, size + 1, item.value, depth + 1)) return false;
    }
    return true;
}

bool cd_pth_visit_module(const cd_archive *archive, const cd_pickle *pickle, cd_pickle_id module,
                         cd_pth_steps *steps, cd_pth_visit *visit, void *user)
{
    walk w = { .archive = archive, .pickle = pickle, .steps = steps, .visit = visit, .user = user };
    return visit_module(&w, 0, module, 0);
}
