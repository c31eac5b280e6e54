#include "models/registry_internal.h"

#include <stdio.h>
#include <string.h>

#include "io/json_tree_internal.h"
#include "models/card.h"
#include "models/models.h"

/* Where an error is reported: its code, and what its sentence begins with. */
typedef struct place {
    cd_code code;
    const char *where;
} place;

typedef struct cd_model_kind {
    const char *name;
    const char *keys; /* of its options, for sentences */
    bool (*read)(cd_model_spec *spec, const cd_json *options, const place *at);
    cd_module *(*make)(const cd_model_spec *spec);
    bool (*fits)(const cd_model_spec *spec, cd_module *m);
} cd_model_kind;

/* No layer needs more, and products of two stay far below 63 bits. */
#define LARGEST_SIZE ((int64_t)1 << 30)

/* One size of a layer. */
static bool read_size(const cd_json *value, const char *key, const place *at, int64_t *out)
{
    if (!cd_json_is(value, CD_JSON_INTEGER) || value->integer < 1 ||
        value->integer > LARGEST_SIZE) {
        return cd_fail(at->code, "%s: the option \"%s\" must be a whole number of 1 to %lld",
                       at->where, key, (long long)LARGEST_SIZE);
    }
    *out = value->integer;
    return true;
}

/* --- mlp -------------------------------------------------------------------------------------- */

static bool read_hidden(cd_model_spec *spec, const cd_json *list, const place *at)
{
    if (!list) return true;
    if (!cd_json_is(list, CD_JSON_LIST) || list->count > CD_MODEL_HIDDEN_MAX) {
        return cd_fail(at->code, "%s: the option \"hidden\" must be a list of at most %d sizes",
                       at->where, CD_MODEL_HIDDEN_MAX);
    }
    spec->hidden_count = (int)list->count;
    const cd_json *size = cd_json_first(list);
    for (int i = 0; i < spec->hidden_count; i++, size = cd_json_after(size)) {
        if (!read_size(size, "hidden", at, &spec->hidden[i])) return false;
    }
    return true;
}

static bool mlp_read(cd_model_spec *spec, const cd_json *options, const place *at)
{
    if (!read_size(cd_json_get(options, "inputs"), "inputs", at, &spec->inputs) ||
        !read_size(cd_json_get(options, "outputs"), "outputs", at, &spec->outputs) ||
        !read_hidden(spec, cd_json_get(options, "hidden"), at)) {
        return false;
    }
    int64_t width = spec->inputs;
    for (int i = 0; i <= spec->hidden_count; i++) {
        int64_t next = i < spec->hidden_count ? spec->hidden[i] : spec->outputs;
        spec->elements += (width + 1) * next; /* below 2^56 + 2^61 */
        if (spec->elements > (int64_t)1 << 56) {
            return cd_fail(at->code, "%s: the layers are too large", at->where);
        }
        width = next;
    }
    return true;
}

static cd_module *mlp_make(const cd_model_spec *spec)
{
    return cd_mlp(spec->inputs, spec->outputs,
                  .hidden = spec->hidden_count > 0 ? spec->hidden : NULL,
                  .hidden_count = spec->hidden_count);
}

typedef struct mlp_fit {
    const cd_model_spec *spec;
    int tensors; /* that were right so far */
} mlp_fit;

/* Flatten is step 0, the layers are steps 1, 3, ...; each has its weight and then its bias. */
static bool mlp_tensor_fits(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    mlp_fit *fit = user;
    const cd_model_spec *spec = fit->spec;
    int layer = fit->tensors / 2;
    bool is_weight = fit->tensors % 2 == 0;
    if (layer > spec->hidden_count) return false;
    int64_t width = layer > 0 ? spec->hidden[layer - 1] : spec->inputs;
    int64_t next = layer < spec->hidden_count ? spec->hidden[layer] : spec->outputs;
    char expected[32];
    (void)snprintf(expected, sizeof expected, "%d.%s", 1 + 2 * layer,
                   is_weight ? "weight" : "bias");
    fit->tensors++;
    return strcmp(name, expected) == 0 &&
           cd_shape_equal(cd_shape_of(t), is_weight ? CD_SHAPE(next, width) : CD_SHAPE(next));
}

static bool mlp_fits(const cd_model_spec *spec, cd_module *m)
{
    mlp_fit fit = { .spec = spec };
    return cd_visit(m, mlp_tensor_fits, &fit) && fit.tensors == 2 * (spec->hidden_count + 1);
}

/* --- resnet18 --------------------------------------------------------------------------------- */

/* Without fc: 11,176,512 weights, mean and variance of 4,800 channels, 20 counters of batches. */
enum { RESNET18_TRUNK = 11176512 + 2 * 4800 + 20, RESNET18_FEATURES = 512 };

static bool resnet18_read(cd_model_spec *spec, const cd_json *options, const place *at)
{
    const cd_json *classes = cd_json_get(options, "num_classes");
    spec->outputs = 1000;
    if (classes && !read_size(classes, "num_classes", at, &spec->outputs)) return false;
    spec->elements = RESNET18_TRUNK + (RESNET18_FEATURES + 1) * spec->outputs;
    return true;
}

static cd_module *resnet18_make(const cd_model_spec *spec)
{
    return cd_resnet18(.num_classes = spec->outputs);
}

/* The number of its tensors' elements, which is compared before, tells the rest. */
static bool resnet18_fits(const cd_model_spec *spec, cd_module *m)
{
    (void)spec;
    return strcmp(cd_module_name(m), "ResNet") == 0;
}

/* --- the list --------------------------------------------------------------------------------- */

static const cd_model_kind kinds[] = {
    { "mlp", "inputs, outputs, hidden", mlp_read, mlp_make, mlp_fits },
    { "resnet18", "num_classes", resnet18_read, resnet18_make, resnet18_fits },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *const *cd_model_names(void)
{
    static const char *const names[KINDS + 1] = { "mlp", "resnet18" };
    return names;
}

static const cd_model_kind *find(const char *name, const place *at)
{
    for (int i = 0; name && i < KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
    }
    char shown[64];
    (void)cd_fail(at->code, "%s: there is no model \"%s\"; there are mlp and resnet18", at->where,
                  cd_escape_text(shown, sizeof shown, name ? name : "NULL"));
    return NULL;
}

/* Whether `key` is a word of "inputs, outputs, hidden". */
static bool is_listed(const char *key, const char *keys)
{
    size_t length = strlen(key);
    for (const char *word = keys; word; word = strchr(word, ' ')) {
        if (*word == ' ') word++;
        if (length > 0 && strcspn(word, ",") == length && memcmp(word, key, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_options(cd_model_spec *spec, const cd_json *options, const place *at)
{
    if (!cd_json_is(options, CD_JSON_OBJECT)) {
        return cd_fail(at->code, "%s: the options of a model must be a JSON object", at->where);
    }
    const cd_json *key = cd_json_first(options);
    for (uint32_t i = 0; i < options->count; i++, key = cd_json_after(key + 1)) {
        if (is_listed(key->string, spec->kind->keys)) continue;
        char shown[64];
        return cd_fail(at->code, "%s: %s has no option \"%s\"; it has %s", at->where,
                       spec->kind->name, cd_escape_text(shown, sizeof shown, key->string),
                       spec->kind->keys);
    }
    return spec->kind->read(spec, options, at);
}

bool cd_model_spec_read(cd_model_spec *spec, const char *architecture, const char *options,
                        cd_code code, const char *where)
{
    const place at = { code, where };
    *spec = (cd_model_spec){ .kind = find(architecture, &at) };
    if (!spec->kind) return false;
    char label[CD_ERROR_MESSAGE_BYTES];
    (void)snprintf(label, sizeof label, "%s: the options of the model", where);
    cd_json_document document;
    if (!cd_json_parse(&document, label, options ? options : "{}", code)) return false;
    bool done = read_options(spec, document.root, &at);
    cd_json_free(&document);
    return done;
}

bool cd_model_spec_fits(const cd_model_spec *spec, cd_module *m)
{
    return spec->kind->fits(spec, m);
}

cd_module *cd_model_spec_make(const cd_model_spec *spec)
{
    return spec->kind->make(spec);
}

cd_module *cd_make_model(const char *architecture, const char *options)
{
    cd_model_spec spec;
    if (!cd_ok() ||
        !cd_model_spec_read(&spec, architecture, options, CD_ERR_ARGUMENT, "make_model"))
        return NULL;
    return cd_model_spec_make(&spec);
}
