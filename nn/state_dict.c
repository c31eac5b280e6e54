/* Dictionaries of tensors, and a module's state as one: nn/state_dict.h. */
#include "nn/state_dict.h"

#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"
#include "nn/module_internal.h"

typedef struct dict_item {
    char *name;
    cd_tensor *tensor;
} dict_item;

struct cd_dict {
    cd_object object;
    dict_item *item;
    int64_t count, room;
};

static void destroy(cd_object *object)
{
    cd_dict *d = (cd_dict *)(void *)object;
    for (int64_t i = 0; i < d->count; i++) {
        cd_free(d->item[i].name);
        cd_object_disown(&d->item[i].tensor->object);
    }
    cd_free(d->item);
}

static const cd_class dict_class = { CD_KIND_DICT, "dictionary", NULL, destroy };

static bool check_dict(const cd_dict *d, const char *function)
{
    return cd_check_object(d, &dict_class, function, "the dictionary");
}

cd_dict *cd_dict_new(void)
{
    return cd_hand(cd_object_new(&dict_class, sizeof(cd_dict)));
}

int64_t cd_dict_count(const cd_dict *d)
{
    return check_dict(d, "dict_count") ? d->count : 0;
}

/* The number of a name, which is looked for at number `guess` first; -1 if there is none. */
static int64_t find(const cd_dict *d, const char *name, int64_t guess)
{
    if (guess < d->count && strcmp(d->item[guess].name, name) == 0) return guess;
    for (int64_t i = 0; i < d->count; i++) {
        if (strcmp(d->item[i].name, name) == 0) return i;
    }
    return -1;
}

static bool check_number(const cd_dict *d, int64_t i, const char *function)
{
    return check_dict(d, function) &&
           ((i >= 0 && i < d->count) ||
            cd_fail(CD_ERR_ARGUMENT, "%s: there is no tensor %lld: the dictionary has %lld",
                    function, (long long)i, (long long)d->count));
}

const char *cd_dict_name(const cd_dict *d, int64_t i)
{
    return check_number(d, i, "dict_name") ? d->item[i].name : NULL;
}

cd_tensor *cd_dict_at(cd_dict *d, int64_t i)
{
    return check_number(d, i, "dict_at") ? cd_hand_shared(d->item[i].tensor) : NULL;
}

static bool check_name(const cd_dict *d, const char *name, const char *function)
{
    return check_dict(d, function) &&
           (name || cd_fail(CD_ERR_ARGUMENT, "%s: the name is NULL", function));
}

/* The number of a name that must be there; -1 with an error. */
static int64_t find_named(const cd_dict *d, const char *name, const char *function)
{
    if (!check_name(d, name, function)) return -1;
    const int64_t i = find(d, name, 0);
    if (i < 0) (void)cd_fail(CD_ERR_ARGUMENT, "%s: there is no \"%s\"", function, name);
    return i;
}

bool cd_dict_has(const cd_dict *d, const char *name)
{
    return check_name(d, name, "dict_has") && find(d, name, 0) >= 0;
}

cd_tensor *cd_dict_get(cd_dict *d, const char *name)
{
    const int64_t i = find_named(d, name, "dict_get");
    return i >= 0 ? cd_hand_shared(d->item[i].tensor) : NULL;
}

static bool append(cd_dict *d, const char *name, cd_tensor *t)
{
    if (d->count == d->room) {
        const int64_t room = d->room ? 2 * d->room : 32;
        dict_item *larger = cd_realloc(d->item, (size_t)room * sizeof *larger);
        if (!larger) return false;
        d->item = larger;
        d->room = room;
    }
    char *copy = cd_strdup(name);
    if (!copy) return false;
    cd_object_own(&t->object);
    d->item[d->count++] = (dict_item){ copy, t };
    return true;
}

bool cd_dict_set(cd_dict *d, const char *name, cd_tensor *t)
{
    if (!cd_ok() || !check_name(d, name, "dict_set") ||
        !cd_check_tensor(t, "dict_set", "the tensor"))
        return false;
    const int64_t i = find(d, name, 0);
    if (i < 0) return append(d, name, t);
    cd_tensor *before = d->item[i].tensor;
    cd_object_own(&t->object);
    d->item[i].tensor = t;
    cd_object_disown(&before->object);
    return true;
}

bool cd_dict_remove(cd_dict *d, const char *name)
{
    const int64_t i = cd_ok() ? find_named(d, name, "dict_remove") : -1;
    if (i < 0) return false;
    const dict_item removed = d->item[i];
    memmove(&d->item[i], &d->item[i + 1], (size_t)(d->count - i - 1) * sizeof *d->item);
    d->count--;
    cd_free(removed.name);
    cd_object_disown(&removed.tensor->object);
    return true;
}

/* --- the state of a module -------------------------------------------------------------------- */

static bool add_state(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    CD_SCOPE();
    cd_tensor *detached = cd_detach(t);
    return detached && append(user, name, detached);
}

cd_dict *cd_state_dict(cd_module *m)
{
    if (!cd_check_module(m, "state_dict", "the module")) return NULL;
    CD_SCOPE();
    cd_dict *d = cd_dict_new();
    return d && cd_visit(m, add_state, d) ? cd_escape(d) : NULL;
}

/* --- loading ---------------------------------------------------------------------------------- */

/* The tensors of `from` whose names `other` does not have. NULL with an error. */
static cd_dict *names_not_in(cd_dict *from, const cd_dict *other)
{
    cd_dict *d = cd_dict_new();
    for (int64_t i = 0; d && i < from->count; i++) {
        if (find(other, from->item[i].name, i) >= 0) continue;
        if (!append(d, from->item[i].name, from->item[i].tensor)) return NULL;
    }
    return d;
}

/* The first names for a message: " (fc.weight, fc.bias, ...)". */
static const char *names_text(const cd_dict *d, char *text, size_t bytes)
{
    enum { SHOWN = 3 };
    size_t used = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < d->count && i <= SHOWN && used < bytes; i++) {
        used += (size_t)snprintf(text + used, bytes - used, "%s%.63s", i > 0 ? ", " : " (",
                                 i < SHOWN ? d->item[i].name : "...");
    }
    if (used > 0 && used < bytes) (void)snprintf(text + used, bytes - used, ")");
    return text;
}

enum { MISFIT_BYTES = 2 * CD_SHAPE_TEXT + 200 };

/* Says how the first tensor that has another shape in the dictionary than in the module differs:
 * the text begins with `before`, and is empty if there is none. */
static const char *misfit_text(const cd_dict *own, const cd_dict *dict, const char *before,
                               char text[MISFIT_BYTES])
{
    text[0] = '\0';
    for (int64_t i = 0; i < own->count; i++) {
        char a[CD_SHAPE_TEXT], b[CD_SHAPE_TEXT];
        const cd_shape shape = own->item[i].tensor->shape;
        const int64_t at = find(dict, own->item[i].name, i);
        if (at < 0 || cd_shape_equal(dict->item[at].tensor->shape, shape)) continue;
        (void)snprintf(text, MISFIT_BYTES, "%s\"%s\" is %s in the dictionary and %s in the module",
                       before, own->item[i].name, cd_shape_text(dict->item[at].tensor->shape, a),
                       cd_shape_text(shape, b));
        break;
    }
    return text;
}

static bool check_names(const cd_dict *own, const cd_dict *dict, const cd_dict *missing,
                        const cd_dict *unexpected)
{
    char lacks[240], holds[240], misfit[MISFIT_BYTES];
    if (missing->count == 0 && unexpected->count == 0) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "load_state_dict: the dictionary does not fit the module: of the module's %lld "
                   "tensors it lacks %lld%s, and it holds %lld that the module lacks%s%s",
                   (long long)own->count, (long long)missing->count,
                   names_text(missing, lacks, sizeof lacks), (long long)unexpected->count,
                   names_text(unexpected, holds, sizeof holds),
                   misfit_text(own, dict, "; ", misfit));
}

/* Sets source[i] to the values for own's tensor number i, on its device; to NULL if the dictionary
 * has none. The open scope owns them. */
static bool prepare(const cd_dict *own, const cd_dict *dict, cd_tensor **source)
{
    for (int64_t i = 0; i < own->count; i++) {
        const cd_tensor *to = own->item[i].tensor;
        const int64_t at = find(dict, own->item[i].name, i);
        source[i] = NULL;
        if (at < 0) continue;
        cd_tensor *from = dict->item[at].tensor;
        /* Values in the memory of a module may be overwritten before they are read. */
        from = cd_clone(from);
        source[i] = from ? cd_to_device(from, cd_tensor_device(to)) : NULL;
        if (!source[i]) return false;
    }
    return true;
}

static bool load(cd_dict *own, const cd_dict *dict)
{
    char misfit[MISFIT_BYTES];
    if (*misfit_text(own, dict, "load_state_dict: ", misfit)) {
        return cd_fail(CD_ERR_SHAPE, "%s", misfit);
    }
    cd_tensor **source = cd_alloc((size_t)(own->count + 1) * sizeof *source);
    if (!source) return false;
    const bool ready = prepare(own, dict, source) && cd_ok();
    for (int64_t i = 0; ready && i < own->count; i++) {
        if (!source[i]) continue;
        cd_tensor_copy(own->item[i].tensor, source[i]);
        cd_tensor_bump(own->item[i].tensor);
    }
    cd_free(source);
    return ready;
}

/* Adds what was found to a dictionary of the caller's, if there is one. */
static bool report(cd_dict *to, const cd_dict *found)
{
    for (int64_t i = 0; to && i < found->count; i++) {
        if (!cd_dict_set(to, found->item[i].name, found->item[i].tensor)) return false;
    }
    return true;
}

bool cd_load_state_dict_with(cd_load_dict_options o)
{
    static const char function[] = "load_state_dict";
    if (!cd_ok() || !cd_check_module(o.module, function, "the module") ||
        !check_dict(o.dict, function) || (o.missing && !check_dict(o.missing, function)) ||
        (o.unexpected && !check_dict(o.unexpected, function)) ||
        !cd_check_not_captured(function, "elements are copied")) {
        return false;
    }
    CD_SCOPE();
    CD_NO_GRAD();
    cd_dict *own = cd_state_dict(o.module);
    cd_dict *missing = own ? names_not_in(own, o.dict) : NULL;
    cd_dict *unexpected = missing ? names_not_in(o.dict, own) : NULL;
    return unexpected && report(o.missing, missing) && report(o.unexpected, unexpected) &&
           (o.partial || check_names(own, o.dict, missing, unexpected)) && load(own, o.dict);
}
