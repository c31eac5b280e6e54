/* The list of model classes, made from models.def, the checks of the classes, and models that a
 * name and options describe. A new model needs no change here. */
#include "models/model_class_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/scope.h"
#include "models/card.h"
#include "models/models.h"

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
                cd_options_complete(c->options, spec->options.bytes, where);
    cd_json_free(&document);
    if (done) {
        memcpy(&spec->outputs, spec->options.bytes + c->outputs_at, sizeof spec->outputs);
    }
    return done;
}

/* The most elements that a model may have: more than fit into any machine's memory. */
#define MOST_ELEMENTS ((int64_t)1 << 56)

/* A visitor: counts a tensor and its elements. */
static bool measure(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name;
    (void)kind;
    cd_model_spec *spec = user;
    spec->tensors++;
    return !__builtin_add_overflow(spec->elements, cd_numel(t), &spec->elements) &&
           spec->elements <= MOST_ELEMENTS;
}

/* Finds the model's size on the meta device, where its tensors have no elements. */
static bool measure_model(cd_model_spec *spec, cd_code code, const char *where)
{
    CD_SCOPE();
    cd_module *m = cd_model_spec_make(spec, CD_META);
    if (m && cd_visit(m, measure, spec)) return true;
    if (cd_error_code() == CD_ERR_MEMORY) return false;
    cd_clear_error();
    return cd_fail(code, "%s: the layers are too large", where);
}

bool cd_model_spec_read(cd_model_spec *spec, const char *architecture, const char *options,
                        cd_code code, const char *where)
{
    *spec = (cd_model_spec){ .class_ = find(architecture, code, where) };
    return spec->class_ && read_options(spec, options, code, where) &&
           measure_model(spec, code, where);
}

/* --- using a spec ----------------------------------------------------------------------------- */

typedef struct comparison {
    cd_module *model; /* what the spec describes, on the meta device */
    int64_t tensors;  /* how many had the expected name and shape so far */
} comparison;

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

bool cd_model_spec_fits(const cd_model_spec *spec, cd_module *m)
{
    CD_SCOPE();
    comparison c = { .model = cd_model_spec_make(spec, CD_META) };
    if (!c.model) return false;
    if (cd_visit(m, is_alike, &c)) return c.tensors == spec->tensors;
    if (cd_error_code() != CD_ERR_MEMORY) cd_clear_error();
    return false;
}

cd_module *cd_model_spec_make(const cd_model_spec *spec, cd_device device)
{
    return spec->class_->make(spec->options.bytes, device);
}

cd_module *cd_make_model(const char *architecture, const char *options)
{
    cd_model_spec spec;
    if (!cd_ok() ||
        !cd_model_spec_read(&spec, architecture, options, CD_ERR_ARGUMENT, "make_model")) {
        return NULL;
    }
    return cd_model_spec_make(&spec, CD_CPU);
}
