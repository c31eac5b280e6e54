/* Trees of modules, written as JSON (models/tree.h).
 *
 * Each module is compared with one that its class makes of the same options, on the meta device:
 * what is the same is left out. A child that this module makes by itself is compared with the
 * module's own child, and so on; any other is compared with a new one. */
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/scope_internal.h"
#include "io/bytes_internal.h"
#include "io/json_write_internal.h"
#include "models/options_json_internal.h"
#include "models/tree_internal.h"

typedef struct tree_writer {
    cd_json_writer json;
    cd_tree_index index;
    const char *where;       /* begins errors */
    char path[CD_TREE_PATH]; /* of the module that is written now */
    int64_t modules;         /* that were written down so far */
} tree_writer;

char *cd_tree_options(const cd_module *m)
{
    const void *options = cd_module_options(m);
    return options ? cd_options_to_json(m->class_->options, options) : cd_strdup("{}");
}

cd_module *cd_tree_made_child(const cd_module_entry *entry)
{
    cd_module *child = entry->kind == CD_CHILD ? cd_module_value(entry) : NULL;
    return child && atomic_load(&((cd_object *)(void *)child)->owners) == 1 ? child : NULL;
}

/* The entry of this name that a module of the class makes by itself; NULL if it makes none. */
static const cd_module_entry *made_entry(const cd_module *made, int32_t i)
{
    return i < made->count_ ? &made->entries_[i] : NULL;
}

/* The path of the module that is written now, for a sentence. */
static const char *place(const tree_writer *w)
{
    return *w->path ? w->path : "the root";
}

static bool refuse(const tree_writer *w, const cd_module *m, const char *sentence, const char *name)
{
    char shown[64];
    return cd_fail(CD_ERR_UNSUPPORTED, "%s: %s (%s): \"%s\" %s", w->where, place(w),
                   m->class_->name, cd_escape_text(shown, sizeof shown, name), sentence);
}

/* --- tensors ---------------------------------------------------------------------------------- */

/* Whether two tensors have the same elements, in the same order. */
static bool is_same_view(const cd_tensor *a, const cd_tensor *b)
{
    if (a->dtype != b->dtype || a->offset != b->offset || !cd_shape_equal(a->shape, b->shape)) {
        return false;
    }
    for (int i = 0; i < a->shape.ndim; i++) {
        if (a->shape.dim[i] > 1 && a->stride[i] != b->stride[i]) return false;
    }
    return true;
}

static bool overlap(const cd_tensor *a, const cd_tensor *b)
{
    return a->numel > 0 && b->numel > 0 && a->offset < cd_layout_end(&b->layout) &&
           b->offset < cd_layout_end(&a->layout);
}

/* Sets *first to the place of a tensor that comes before the one at `path` and is the same or has
 * the same elements; NULL if there is none. False if one has some of its elements only. */
static bool find_first(const tree_writer *w, const cd_module *m, const char *name,
                       const cd_tensor *t, const char *path, const cd_tree_place **first)
{
    const cd_tree_place *end = w->index.item + w->index.count;
    *first = NULL;
    for (const cd_tree_place *p = cd_tree_index_find(&w->index, t->storage);
         p && p < end && p->key == t->storage && strcmp(p->path, path) != 0; p++) {
        if (p->tensor == t || (!*first && is_same_view(p->tensor, t))) *first = p;
        if (p->tensor == t) return true;
        if (is_same_view(p->tensor, t) || !overlap(p->tensor, t)) continue;
        return refuse(w, m,
                      "shares a part of its memory with another tensor, and a file holds "
                      "each whole: take cd_clone of it",
                      name);
    }
    return true;
}

static void put_bool(cd_json_writer *json, const char *key, bool value)
{
    cd_json_put(json, key);
    cd_json_put(json, value ? ": true" : ": false");
}

static void put_shape(cd_json_writer *json, const cd_tensor *t)
{
    cd_json_put(json, "\"shape\": [");
    for (int i = 0; i < t->shape.ndim; i++) {
        if (i > 0) cd_json_put(json, ", ");
        cd_json_put_whole(json, (uint64_t)t->shape.dim[i]);
    }
    cd_json_put(json, "]");
}

static void put_dtype(cd_json_writer *json, const cd_tensor *t)
{
    cd_json_put(json, "\"dtype\": ");
    cd_json_put_string(json, cd_dtype_name(t->dtype));
}

/* Whether a tensor requires gradients when nothing is said of it. `made` is the one that the class
 * makes, or NULL. */
static bool requires_by_default(const cd_module *m, const cd_module_entry *e, const cd_tensor *made)
{
    const cd_tensor *t = cd_module_value(e);
    if (e->kind == CD_PARAMETER && m->frozen_) return false;
    return made ? made->requires_grad : e->kind == CD_PARAMETER && cd_dtype_is_floating(t->dtype);
}

/* Writes what is to be said of a tensor, "{...}", if there is anything: *said tells. */
static bool put_tensor(tree_writer *w, const cd_module *m, const cd_module_entry *e,
                       const cd_tensor *made, bool *said)
{
    char path[2 * CD_TREE_PATH]; /* longer ones are refused by cd_tree_index_make */
    const cd_tensor *t = cd_module_value(e);
    const cd_tree_place *first;
    cd_json_writer *json = &w->json;
    (void)snprintf(path, sizeof path, "%s%s%s", w->path, *w->path ? "." : "", e->name);
    if (!find_first(w, m, e->name, t, path, &first)) return false;
    if (made && !cd_shape_equal(made->shape, t->shape)) {
        return refuse(w, m, "has another shape than the class makes it with", e->name);
    }
    const char *before = "{";
    if (first) {
        cd_json_put(json, "{\"same_as\": ");
        cd_json_put_string(json, first->path);
        if (first->tensor != t) cd_json_put(json, ", \"view\": true");
        before = ", ";
    } else if (!made) {
        cd_json_put(json, "{");
        put_shape(json, t);
        cd_json_put(json, ", ");
        put_dtype(json, t);
        before = ", ";
    } else if (made->dtype != t->dtype) {
        cd_json_put(json, "{");
        put_dtype(json, t);
        before = ", ";
    }
    const bool shared = first && first->tensor == t;
    if (!shared && t->requires_grad != requires_by_default(m, e, made)) {
        cd_json_put(json, before);
        put_bool(json, "\"requires_grad\"", t->requires_grad);
        before = ", ";
    }
    *said = *before == ',';
    if (*said) cd_json_put(json, "}");
    return true;
}

/* Writes `"name": ` after a comma if something stands before it in the object. */
static void put_name(cd_json_writer *json, const char *name, bool first)
{
    if (!first) cd_json_put(json, ", ");
    cd_json_put_string(json, name);
    cd_json_put(json, ": ");
}

/* Takes back what was put since the text had this size. */
static void take_back(cd_json_writer *json, size_t size)
{
    if (json->failed) return;
    json->size = size;
    json->text[size] = '\0';
}

/* Writes `, "parameters": {...}` or the same of buffers, unless there is nothing to say. */
static bool put_tensors(tree_writer *w, const cd_module *m, const cd_module *made,
                        cd_entry_kind kind, bool *said)
{
    cd_json_writer *json = &w->json;
    const size_t start = json->size;
    bool first = true;
    cd_json_put(json, kind == CD_PARAMETER ? ", \"parameters\": {" : ", \"buffers\": {");
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_module_entry *e = &m->entries_[i], *by_class = made_entry(made, i);
        const size_t before = json->size;
        bool worth = false;
        if (e->kind != kind) continue;
        put_name(json, e->name, first);
        if (!cd_module_value(e)) {
            worth = !by_class;
            cd_json_put(json, "null");
        } else if (!put_tensor(w, m, e, by_class ? cd_module_value(by_class) : NULL, &worth)) {
            return false;
        }
        if (worth) first = false;
        if (!worth) take_back(json, before);
    }
    cd_json_put(json, "}");
    if (first) take_back(json, start);
    *said |= !first;
    return true;
}

/* --- modules ---------------------------------------------------------------------------------- */

/* The module must have the names that its class makes, in their order, and any others without
 * fields of the struct. Otherwise it could not be made again. */
static bool check_names(const tree_writer *w, const cd_module *m, const cd_module *made)
{
    for (int32_t i = 0; i < m->count_ || i < made->count_; i++) {
        const cd_module_entry *e = i < m->count_ ? &m->entries_[i] : NULL;
        const cd_module_entry *by_class = made_entry(made, i);
        if (e && !cd_utf8_valid(e->name, strlen(e->name))) {
            return refuse(w, m, "is a name that is not UTF-8", e->name);
        }
        if (!by_class && !e->slot) continue;
        if (!by_class) {
            return refuse(w, m,
                          "has a field of the module's struct, and the class's make function does "
                          "not register it",
                          e->name);
        }
        if (!e || e->kind != by_class->kind || strcmp(e->name, by_class->name) != 0) {
            return refuse(w, m,
                          "is what the class's make function registers in this place, and this "
                          "module does not",
                          by_class->name);
        }
        if (e->kind != CD_CHILD && !cd_module_value(e) != !cd_module_value(by_class)) {
            return refuse(w, m, "is there only in the module, or only in one that its class makes",
                          e->name);
        }
        if (e->kind == CD_CHILD && !cd_module_value(e) && cd_module_value(by_class)) {
            return refuse(w, m, "is NULL, and not in a module that the class makes", e->name);
        }
    }
    return true;
}

static bool check_class(const tree_writer *w, const cd_module *m)
{
    const char *name = m->class_->name;
    const cd_module_class *known = cd_utf8_valid(name, strlen(name)) ? cd_tree_class(name) : NULL;
    char shown[64];
    if (known == m->class_) return true;
    cd_escape_text(shown, sizeof shown, name);
    return cd_fail(CD_ERR_UNSUPPORTED,
                   known ? "%s: %s is of a class %s that is not the one that is known by this "
                           "name: give it another name, and register it with "
                           "cd_register_module_class"
                         : "%s: %s is of the class %s, which is not the library's, so it could "
                           "not be made again: register it with cd_register_module_class",
                   w->where, place(w), shown);
}

/* Sets *made to the module to compare with: `made` if it is of the same class and options, or else
 * a new one, and then *said. */
static bool choose_made(const tree_writer *w, const cd_module *m, const char *options,
                        cd_module **made, bool *said)
{
    if (*made && (*made)->class_ == m->class_) {
        char *others = cd_tree_options(*made);
        const bool same = others && strcmp(options, others) == 0;
        cd_free(others);
        if (same || !cd_ok()) return cd_ok();
    }
    char label[CD_TREE_PATH + CD_BYTES_LABEL + 64];
    cd_json_document document;
    (void)snprintf(label, sizeof label, "%s: %s", w->where, place(w));
    if (!cd_json_parse(&document, label, options, CD_ERR_UNSUPPORTED)) return false;
    *made = cd_tree_make(m->class_, document.root, CD_ERR_UNSUPPORTED, label);
    cd_json_free(&document);
    *said = true;
    return *made != NULL;
}

static bool put_module(tree_writer *w, cd_module *m, cd_module *made, int depth, bool *said);

/* Writes `, "children": {...}`, unless there is nothing to say. */
static bool put_children(tree_writer *w, const cd_module *m, const cd_module *made, int depth,
                         bool *said)
{
    cd_json_writer *json = &w->json;
    const size_t start = json->size, used = strlen(w->path);
    bool first = true;
    cd_json_put(json, ", \"children\": {");
    for (int32_t i = 0; i < m->count_; i++) {
        const cd_module_entry *e = &m->entries_[i], *by_class = made_entry(made, i);
        const size_t before = json->size;
        bool worth = !by_class;
        if (e->kind != CD_CHILD) continue;
        put_name(json, e->name, first);
        if (cd_module_value(e)) {
            /* It fits: cd_visit_modules has been there. */
            (void)snprintf(w->path + used, sizeof w->path - used, "%s%s", used ? "." : "", e->name);
            const bool done =
                put_module(w, cd_module_value(e), by_class ? cd_tree_made_child(by_class) : NULL,
                           depth + 1, &worth);
            w->path[used] = '\0';
            if (!done) return false;
        } else {
            cd_json_put(json, "null");
        }
        if (worth) first = false;
        if (!worth) take_back(json, before);
    }
    cd_json_put(json, "}");
    if (first) take_back(json, start);
    *said |= !first;
    return true;
}

/* What stands in the object of a module that is not the same as another one. */
static bool put_contents(tree_writer *w, cd_module *m, cd_module *made, int depth, bool *said)
{
    cd_json_writer *json = &w->json;
    char *options = cd_tree_options(m);
    bool done = options && choose_made(w, m, options, &made, said) && check_names(w, m, made);
    if (done) {
        cd_json_put(json, "{\"class\": ");
        cd_json_put_string(json, m->class_->name);
        if (strcmp(options, "{}") != 0) {
            cd_json_put(json, ", \"options\": ");
            cd_json_put(json, options);
        }
        if (m->frozen_) cd_json_put(json, ", \"frozen\": true");
        *said |= m->frozen_;
        done = put_tensors(w, m, made, CD_PARAMETER, said) &&
               put_tensors(w, m, made, CD_BUFFER, said) && put_children(w, m, made, depth, said);
        cd_json_put(json, "}");
    }
    cd_free(options);
    return done;
}

/* Writes m, whose path is w->path; `made` is the module that is there if nothing is written, or
 * NULL. *said becomes true if something has to be written. Recurses no deeper than
 * cd_visit_modules has been. */
static bool put_module(tree_writer *w, cd_module *m, cd_module *made, int depth, bool *said)
{
    const cd_tree_place *first = cd_tree_index_find(&w->index, m);
    if (first && strcmp(first->path, w->path) != 0) {
        cd_json_put(&w->json, "{\"same_as\": ");
        cd_json_put_string(&w->json, first->path);
        cd_json_put(&w->json, "}");
        *said = true;
        return true;
    }
    CD_SCOPE();
    const int64_t before = w->modules++;
    if (w->modules > CD_TREE_MODULES) {
        return cd_fail(CD_ERR_UNSUPPORTED, "%s: there are more than %d modules to write down",
                       w->where, CD_TREE_MODULES);
    }
    bool own = !made;
    if (!check_class(w, m) || !put_contents(w, m, made, depth, &own)) return false;
    if (own) {
        *said = true;
    } else {
        w->modules = before;
    }
    return true;
}

/* Makes modules on the meta device, without a graph that is being captured. */
static cd_scope begin_meta(void)
{
    return cd_modes_begin(CD_MODE_META, CD_MODE_CAPTURE);
}

char *cd_tree_write(cd_module *m, const char *where)
{
    tree_writer w = { .json = { .max_size = CD_TREE_TEXT }, .where = where };
    cd_scope mode = begin_meta();
    bool said = true;
    const bool done =
        cd_ok() && cd_tree_index_make(&w.index, m) && put_module(&w, m, NULL, 0, &said);
    (void)cd_scope_end(mode);
    cd_tree_index_free(&w.index);
    char *text = cd_json_finish(&w.json);
    if (w.json.too_long) {
        (void)cd_fail(CD_ERR_UNSUPPORTED, "%s: the tree of modules takes more than %d bytes", where,
                      CD_TREE_TEXT);
    }
    if (done && cd_ok()) return text;
    cd_free(text);
    return NULL;
}

char *cd_module_to_json(cd_module *m)
{
    if (!cd_ok() || !cd_check_module(m, "module_to_json", "the module")) return NULL;
    char *text = cd_tree_write(m, "module_to_json");
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) (void)cd_fail(CD_ERR_MEMORY, "module_to_json: out of memory");
    cd_free(text);
    return copy;
}
