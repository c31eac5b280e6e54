/* The list of model classes, made from models.def, the checks of the classes, and models that a
 * name and options describe. A new model needs no change here. */
#include "models/model_class_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "models/card.h"
#include "models/models.h"
#include "models/tree_internal.h"
#include "nn/module_internal.h"

const cd_model_class *const cd_model_classes[] = {
#define CD_MODEL(name_, file_) &cd_model_##name_##_class,
#include "models/models.def"
#undef CD_MODEL
    NULL,
};

const char *const *cd_model_names(void)
{
    static const char *const names[] = {
#define CD_MODEL(name_, file_) #name_,
#include "models/models.def"
#undef CD_MODEL
        NULL,
    };
    return names;
}

static const char *class_fault(const cd_model_class *c)
{
    if (!c->name || !*c->name) return "a model's class needs a name";
    if (strcmp(c->name, CD_TREE_ARCHITECTURE) == 0) return "a model must not be named \"tree\"";
    if (!c->make) return "a model's class needs a function that makes one";
    if (!c->options) return "a model's class needs a table of its options";
    if (c->options_bytes > CD_MODEL_OPTIONS_BYTES) {
        return "a model's options take more than CD_MODEL_OPTIONS_BYTES";
    }
    if (c->outputs_at + sizeof(int64_t) > c->options_bytes) {
        return "a model's options must say how many outputs it has: see CD_MODEL_OPTIONS";
    }
    return cd_options_fault(c->options, c->options_bytes);
}

const char *cd_model_classes_fault(const cd_model_class *const *classes)
{
    for (int i = 0; classes[i]; i++) {
        const char *fault = class_fault(classes[i]);
        if (fault) return fault;
        for (int k = 0; k < i; k++) {
            if (strcmp(classes[k]->name, classes[i]->name) == 0) return "two models have one name";
        }
    }
    return NULL;
}

/* --- reading a spec --------------------------------------------------------------------------- */

/* The class of this name; NULL with an error that lists the names there are. */
static const cd_model_class *find(const char *name, cd_code code, const char *where)
{
    char names[256] = "", shown[64];
    size_t used = 0;
    for (int i = 0; cd_model_classes[i]; i++) {
        const cd_model_class *c = cd_model_classes[i];
        if (name && strcmp(c->name, name) == 0) return c;
        const char *before = i == 0 ? "" : cd_model_classes[i + 1] ? ", " : " and ";
        const size_t left = sizeof names - used;
        const int n = snprintf(names + used, left, "%s%s", before, c->name);
        used += (size_t)n < left ? (size_t)n : 0;
    }
    (void)cd_fail(code, "%s: there is no model \"%s\"; there are %s", where,
                  cd_escape_text(shown, sizeof shown, name ? name : "NULL"), names);
    return NULL;
}

static bool read_options(cd_model_spec *spec, const char *options, cd_code code, const char *where)
{
    const cd_model_class *c = spec->class_;
    char label[CD_ERROR_MESSAGE_BYTES];
    (void)snprintf(label, sizeof label, "%s: the options of the model", where);
    cd_json_document document;
    if (!cd_json_parse(&document, label, options ? options : "{}", code)) return false;
    bool done = cd_options_from_json(c->options, spec->options.bytes, spec->sizes, document.root,
                                     c->name, code, where) &&
                cd_options_fill(c->options, spec->options.bytes, where);
    cd_json_free(&document);
    if (done) {
        memcpy(&spec->outputs, spec->options.bytes + c->outputs_at, sizeof spec->outputs);
    }
    return done;
}

/* The most elements that a model may have: more than fit into any machine's memory. */
#define MOST_ELEMENTS ((int64_t)1 << 56)

/* A visitor: counts a tensor and its elements. */
static bool count_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    cd_model_spec *spec = user;
    spec->tensors++;
    return !__builtin_add_overflow(spec->elements, cd_numel(t), &spec->elements) &&
           spec->elements <= MOST_ELEMENTS;
}

/* A visitor: counts a module. */
static bool count_module(const char *name, cd_module *m, void *user)
{
    (void)name;
    (void)m;
    ((cd_model_spec *)user)->modules++;
    return true;
}

/* Makes the model on the meta device, where its tensors have no elements, with capturing off: the
 * ops that fill its tensors are no part of a graph that the caller captures. */
static bool make_meta(cd_model_spec *spec)
{
    cd_scope mode = cd_modes_begin(0, CD_MODE_CAPTURE);
    spec->meta = cd_ok() ? cd_model_spec_make(spec, CD_META) : NULL;
    (void)cd_scope_end(mode);
    return spec->meta && cd_ok();
}

static bool is_batch_counter(const cd_tree_place *place)
{
    static const char counter[] = "num_batches_tracked";
    const char *last = strrchr(place->path, '.');
    return strcmp(last ? last + 1 : place->path, counter) == 0;
}

/* Counts the tensors of a tree, where one that has two names counts once, and those of them that a
 * file must have. */
static bool count_stored(cd_model_spec *spec)
{
    cd_tree_index index;
    bool done = cd_tree_index_make(&index, spec->meta);
    const void *before = NULL;
    for (int64_t i = 0; done && i < index.count; i++) {
        const cd_tree_place *p = &index.item[i];
        if (!p->tensor || p->key == before) continue;
        done = count_tensor(p->path, (cd_tensor *)(uintptr_t)p->tensor, CD_PARAMETER, spec);
        spec->stored += !is_batch_counter(p);
        before = p->key;
    }
    cd_tree_index_free(&index);
    return done;
}

/* Makes the model on the meta device and finds its size. */
static bool measure_model(cd_model_spec *spec, cd_code code, const char *where)
{
    if (make_meta(spec) &&
        (spec->tree ? count_stored(spec) : cd_visit(spec->meta, count_tensor, spec)) &&
        cd_visit_modules(spec->meta, count_module, spec)) {
        return true;
    }
    cd_error error;
    if (cd_error_code() == CD_ERR_MEMORY || (spec->tree && cd_error_code() == code)) return false;
    if (cd_error_take(&error)) {
        return cd_fail(code, "%s: the model cannot be made: %s", where, error.message);
    }
    return cd_fail(code, "%s: the layers are too large: a model can have at most 2^56 numbers",
                   where);
}

/* How many modules and names a tree of this text may have, in a file with so many tensors. A module
 * of the library has at most a few names that hold no tensor, and at most a few modules below it
 * that have none. */
static int64_t most_of_tree(const char *text, int64_t tensors)
{
    enum { LEAST = 256, EACH = 16, SHORTEST = 16 /* bytes of JSON of a module */ };
    const int64_t written = (int64_t)strnlen(text, CD_TREE_TEXT) / SHORTEST;
    const int64_t most =
        tensors < CD_TREE_STANDS_FOR ? LEAST + EACH * (written + tensors) : CD_TREE_STANDS_FOR;
    return most < CD_TREE_STANDS_FOR ? most : CD_TREE_STANDS_FOR;
}

static bool read_tree(cd_model_spec *spec, const char *text, int64_t tensors, cd_code code,
                      const char *where)
{
    if (!text) return cd_fail(code, "%s: a tree of modules needs options, its JSON", where);
    spec->tree = text;
    spec->tree_most = most_of_tree(text, tensors);
    spec->tree_code = code;
    (void)snprintf(spec->tree_where, sizeof spec->tree_where, "%s", where);
    return measure_model(spec, code, where);
}

bool cd_model_spec_read(cd_model_spec *spec, const char *architecture, const char *options,
                        cd_code code, const char *where)
{
    return cd_model_spec_read_from(spec, architecture, options, INT64_MAX, code, where);
}

bool cd_model_spec_read_from(cd_model_spec *spec, const char *architecture, const char *options,
                             int64_t tensors, cd_code code, const char *where)
{
    *spec = (cd_model_spec){ .class_ = NULL };
    if (architecture && strcmp(architecture, CD_TREE_ARCHITECTURE) == 0) {
        return read_tree(spec, options, tensors, code, where);
    }
    spec->class_ = find(architecture, code, where);
    return spec->class_ && read_options(spec, options, code, where) &&
           measure_model(spec, code, where);
}

/* --- using a spec ----------------------------------------------------------------------------- */

/* A comparison of a module with the model that a spec describes. */
typedef struct comparison {
    cd_module *model;    /* the described model, on the meta device */
    cd_module **modules; /* room for its modules in the order of cd_visit_modules */
    int64_t listed;      /* how many of them are in `modules` */
    int64_t same;        /* how many modules of the other were the same so far */
    int64_t tensors;     /* how many tensors had the expected name and shape so far */
} comparison;

/* A visitor: appends a module of the described model to the list. */
static bool list_module(const char *path, cd_module *m, void *user)
{
    (void)path;
    comparison *c = user;
    c->modules[c->listed++] = m;
    return true;
}

/* Whether two modules compute the same from the same tensors and children. The options are
 * compared as they are printed. The dtype, which is not printed, may differ: cd_load converts
 * the numbers. */
static bool same_layer(const cd_module *a, const cd_module *b)
{
    char first[256] = "", second[256] = "";
    const cd_option *table = a->class_->options;
    if (a->class_ != b->class_) return false;
    if (table) {
        cd_options_text(table, cd_module_options(a), first, sizeof first);
        cd_options_text(table, cd_module_options(b), second, sizeof second);
    }
    return strcmp(first, second) == 0;
}

/* A visitor: compares a module with the one at the same path in the described model. That module
 * must also be the next one in the order of visiting, because Sequential calls its children in the
 * order in which they were registered, and not in the order of their names. */
static bool is_same_module(const char *path, cd_module *m, void *user)
{
    CD_SCOPE();
    comparison *c = user;
    const cd_module *expected = *path ? cd_module_get(c->model, path) : c->model;
    if (!expected || c->same == c->listed || c->modules[c->same] != expected ||
        !same_layer(m, expected)) {
        return false;
    }
    c->same++;
    return true;
}

/* A visitor: compares the name and shape of a tensor with those in the described model. */
static bool is_alike(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    CD_SCOPE();
    comparison *c = user;
    const cd_tensor *expected = cd_module_tensor(c->model, name);
    if (!expected || !cd_shape_equal(cd_shape_of(expected), cd_shape_of(t))) return false;
    c->tensors++;
    return true;
}

static bool compare(const cd_model_spec *spec, comparison *c, cd_module *m)
{
    return cd_visit_modules(spec->meta, list_module, c) && cd_visit_modules(m, is_same_module, c) &&
           cd_visit(m, is_alike, c) && c->same == spec->modules && c->tensors == spec->tensors;
}

bool cd_model_spec_fits(const cd_model_spec *spec, cd_module *m)
{
    comparison c = { .model = spec->meta,
                     .modules = cd_alloc((size_t)spec->modules * sizeof *c.modules) };
    const bool fits = c.modules && compare(spec, &c, m);
    cd_free(c.modules);
    if (!fits && cd_error_code() != CD_ERR_MEMORY) cd_clear_error();
    return fits;
}

cd_module *cd_model_spec_make(const cd_model_spec *spec, cd_device device)
{
    if (!spec->tree) return spec->class_->make(spec->options.bytes, device);
    return cd_tree_read(spec->tree, spec->tree_most, device, spec->tree_code, spec->tree_where);
}

cd_module *cd_make_model(const char *architecture, const char *options)
{
    CD_SCOPE();
    cd_model_spec spec;
    if (!cd_ok() ||
        !cd_model_spec_read(&spec, architecture, options, CD_ERR_ARGUMENT, "make_model")) {
        return NULL;
    }
    return cd_escape(cd_model_spec_make(&spec, CD_CPU));
}
