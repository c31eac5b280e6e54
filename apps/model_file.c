/* Opens saved models and bare ResNet weights, and compares a model's classes with a data set's. */
#include "apps/model_file.h"

#include <stdlib.h>
#include <string.h>

#include "apps/console.h"

/* Opens a file, and refuses the format of a later Candela. */
static cd_tensor_file *open_file(const char *path, const char *key)
{
    cd_tensor_file *f = cd_tensor_file_open(path, .key = key);
    return f && cd_tensor_file_format(f) >= 0 ? f : NULL;
}

cd_module *open_model(const char *path, cd_card **card)
{
    CD_SCOPE();
    cd_tensor_file *f = open_file(path, NULL);
    if (!f) return NULL;
    if (!cd_tensor_file_text(f, "candela.model")) {
        (void)cd_fail(CD_ERR_FORMAT,
                      "%s (%s) does not say which model it is: candela train and candela probe "
                      "write files that do, and candela predict takes bare weights with --model "
                      "and --classes",
                      path, cd_tensor_file_kind(f));
        return NULL;
    }
    cd_module *model = cd_load_model(NULL, .file = f, .card = card);
    return model && cd_escape(*card) ? cd_escape(model) : NULL;
}

/* --- bare weights ----------------------------------------------------------------------------- */

/* A tensor that every ResNet has. */
#define KNOWN_TENSOR "layer1.0.conv1.weight"

/* The index of the tensor that is called `name`, perhaps with a prefix ("model.layer1..."); -1 for
 * none. Whether a prefix can be removed is left to cd_load, which sees all names. */
static int64_t find_tensor(const cd_tensor_file *f, const char *name)
{
    int64_t count = cd_tensor_file_count(f);
    size_t size = strlen(name);
    for (int64_t i = 0; i < count; i++) {
        const char *full = cd_tensor_file_name(f, i);
        size_t length = strlen(full);
        if (length < size || strcmp(full + length - size, name) != 0) continue;
        if (length == size || full[length - size - 1] == '.') return i;
    }
    return -1;
}

/* Writes the names of the first three tensors to `text`, for a sentence, and returns it. */
static const char *first_names(const cd_tensor_file *f, char *text, size_t bytes)
{
    enum { SHOWN = 3 };
    int64_t count = cd_tensor_file_count(f);
    size_t used = 0;
    text[0] = '\0';
    for (int64_t i = 0; i < count && i < SHOWN && used < bytes; i++) {
        char shown[64];
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", i ? ", " : "",
                                 cd_escape_text(shown, sizeof shown, cd_tensor_file_name(f, i)));
    }
    if (count > SHOWN && used < bytes) (void)snprintf(text + used, bytes - used, ", ...");
    return text;
}

/* Tensors that torchvision's other ResNets have, and a ResNet-18 has not. */
static const struct {
    const char *name, *of;
} other_networks[] = {
    { "layer1.0.conv3.weight", "ResNet-50, -101 and -152 have" },
    { "layer1.2.conv1.weight", "a ResNet-34 has" },
};

/* False with an error where the names are not those of a ResNet-18. cd_load compares them in full;
 * this is for sentences that say more. */
static bool check_network(const cd_tensor_file *f, const char *path)
{
    static const char wanted[] = "wanted are the weights of a ResNet-18 with torchvision's names: "
                                 "conv1.weight, bn1.weight, ..., layer4.1.bn2.bias";
    for (size_t i = 0; i < sizeof other_networks / sizeof *other_networks; i++) {
        if (find_tensor(f, other_networks[i].name) < 0) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "%s: these are weights of another network (there is a %s, which %s); %s",
                       path, other_networks[i].name, other_networks[i].of, wanted);
    }
    if (find_tensor(f, KNOWN_TENSOR) >= 0) return true;
    char names[240];
    int64_t count = cd_tensor_file_count(f);
    return cd_fail(CD_ERR_FORMAT, "%s: none of its %lld tensors%s%s%s is a " KNOWN_TENSOR "; %s",
                   path, (long long)count, count ? " (" : "", first_names(f, names, sizeof names),
                   count ? ")" : "", wanted);
}

/* The name that KNOWN_TENSOR has in the file, with its prefix. */
static const char *known_name(const cd_tensor_file *f)
{
    return cd_tensor_file_name(f, find_tensor(f, KNOWN_TENSOR));
}

/* Whether `name` begins with the prefix of `known`, which is known_name(), and then `start`. */
static bool begins_with(const char *name, const char *known, const char *start)
{
    size_t prefix = strlen(known) - strlen(KNOWN_TENSOR);
    return strncmp(name, known, prefix) == 0 && strncmp(name + prefix, start, strlen(start)) == 0;
}

/* The number of tensors in the layer fc, which may have layers of its own. */
static int64_t count_head(const cd_tensor_file *f)
{
    const char *known = known_name(f);
    int64_t count = cd_tensor_file_count(f), found = 0;
    for (int64_t i = 0; i < count; i++)
        found += begins_with(cd_tensor_file_name(f, i), known, "fc.");
    return found;
}

/* *classes becomes the number of rows of fc.weight. */
static bool count_classes(const cd_tensor_file *f, const char *path, int64_t *classes)
{
    char text[CD_SHAPE_TEXT], names[240];
    const char *known = known_name(f);
    int64_t count = cd_tensor_file_count(f);
    for (int64_t i = 0; i < count; i++) {
        if (!begins_with(cd_tensor_file_name(f, i), known, "fc.weight")) continue;
        cd_shape shape = cd_tensor_file_shape(f, i);
        *classes = shape.dim[0];
        if (shape.ndim == 2 && shape.dim[0] > 0 && shape.dim[1] == RESNET18_FEATURES) return true;
        return cd_fail(CD_ERR_FORMAT, "%s: fc.weight is %s, and that of a ResNet-18 is N x %d",
                       path, cd_shape_text(shape, text), RESNET18_FEATURES);
    }
    return cd_fail(CD_ERR_FORMAT,
                   "%s: there is no fc.weight (N x %d) among its %lld tensors (%s), and without "
                   "that layer no classes can be told apart: candela probe makes a new one",
                   path, RESNET18_FEATURES, (long long)count, first_names(f, names, sizeof names));
}

/* The names of the network may have a prefix that others in the file lack: beside the network of a
 * LightningModule lie the weights of its loss, say. */
typedef struct network_prefix {
    char text[256]; /* "" where all names of the file have the same prefix, or none */
    int64_t below;  /* the tensors below it */
} network_prefix;

static network_prefix find_prefix(const cd_tensor_file *f, const char *path)
{
    network_prefix p = { .below = 0 };
    const char *known = known_name(f);
    const int64_t count = cd_tensor_file_count(f);
    const size_t size = strlen(known) - strlen(KNOWN_TENSOR);
    for (int64_t i = 0; i < count; i++)
        p.below += begins_with(cd_tensor_file_name(f, i), known, "");
    if (p.below == count || size >= sizeof p.text) {
        p.below = count;
        return p;
    }
    memcpy(p.text, known, size);
    warn("%s: only its tensors below \"%s\" are used, %lld of %lld", path, p.text,
         (long long)p.below, (long long)count);
    return p;
}

char *resnet_options(int64_t classes)
{
    enum { BYTES = 64 };
    char *options = malloc(BYTES);
    if (!options) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory for the model's options");
        return NULL;
    }
    (void)snprintf(options, BYTES, "{\"num_classes\": %lld}", (long long)classes);
    return options;
}

static cd_module *make(const char *name, int64_t classes)
{
    char *options = resnet_options(classes);
    cd_module *model = options ? cd_make_model(name, options) : NULL;
    free(options);
    return model;
}

cd_module *open_bare_model(const char *name, const char *path, const char *key, int64_t *classes)
{
    CD_SCOPE();
    cd_tensor_file *f = open_file(path, key);
    int64_t count = 0;
    if (!f || !check_network(f, path) || !count_classes(f, path, &count)) return NULL;
    cd_module *model = make(name, count);
    if (!model) return NULL;
    const network_prefix p = find_prefix(f, path);
    if (!cd_load(model, NULL, .file = f, .prefix = *p.text ? p.text : NULL) || !cd_eval(model)) {
        return NULL;
    }
    *classes = count;
    return cd_escape(model);
}

/* Loads all tensors of the trunk, of which the file may lack the num_batches_tracked that PyTorch
 * before 0.4.1 did not save. All other tensors of the file must be in fc. */
static bool load_trunk(cd_module *trunk, cd_tensor_file *f, const char *path)
{
    enum { ALL = 120, COUNTERS = 20 }; /* the tensors of a ResNet-18 without fc; those counters */
    int64_t loaded;
    const network_prefix p = find_prefix(f, path);
    const char *prefix = *p.text ? p.text : NULL;
    if (!cd_load(trunk, NULL, .file = f, .prefix = prefix, .partial = true, .loaded = &loaded)) {
        return false;
    }
    if ((loaded == ALL || loaded == ALL - COUNTERS) && loaded + count_head(f) == p.below)
        return true;
    /* fails with a sentence that names the tensors */
    return cd_load(trunk, NULL, .file = f, .prefix = prefix);
}

cd_module *open_trunk(const char *name, const char *path, const char *key)
{
    CD_SCOPE();
    cd_tensor_file *f = open_file(path, key);
    if (!f || !check_network(f, path)) return NULL;
    cd_module *model = make(name, 1);
    if (!model || !cd_module_set(model, "fc", cd_nn_flatten())) return NULL;
    return load_trunk(model, f, path) && cd_eval(model) ? cd_escape(model) : NULL;
}

/* --- classes ---------------------------------------------------------------------------------- */

static bool set_has(const cd_dataset *set, const char *name)
{
    int64_t count = cd_dataset_class_count(set);
    for (int64_t k = 0; k < count; k++) {
        if (strcmp(cd_dataset_class_name(set, k), name) == 0) return true;
    }
    return false;
}

static bool card_has(const cd_card *card, const char *name)
{
    for (int64_t k = 0; k < card->class_count; k++) {
        if (strcmp(card->classes[k], name) == 0) return true;
    }
    return false;
}

/* The most bytes of a class's name in a sentence. */
enum { NAME_BYTES = 64 };

static const char *quoted(const char *name, char text[NAME_BYTES])
{
    return cd_escape_text(text, NAME_BYTES, name);
}

bool check_classes(const cd_card *card, const cd_dataset *set, const char *set_name)
{
    char one[NAME_BYTES], other[NAME_BYTES];
    int64_t count = cd_dataset_class_count(set);
    if (!card->classes) return true;
    for (int64_t k = 0; k < card->class_count; k++) {
        if (set_has(set, card->classes[k])) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "the model knows a class \"%s\" that %s has not, whose %lld classes begin "
                       "with \"%s\": the model was trained on other data",
                       quoted(card->classes[k], one), set_name, (long long)count,
                       quoted(count > 0 ? cd_dataset_class_name(set, 0) : "", other));
    }
    for (int64_t k = 0; k < count; k++) {
        const char *name = cd_dataset_class_name(set, k);
        if (!card_has(card, name)) {
            return cd_fail(CD_ERR_FORMAT,
                           "%s has a class \"%s\" that the model does not know: it knows %lld "
                           "classes, and the data have %lld",
                           set_name, quoted(name, one), (long long)card->class_count,
                           (long long)count);
        }
        if (k < card->class_count && strcmp(card->classes[k], name) == 0) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "class %lld is \"%s\" in %s and \"%s\" in the model: the order must be the "
                       "same",
                       (long long)k, quoted(name, one), set_name,
                       quoted(k < card->class_count ? card->classes[k] : "none", other));
    }
    return true;
}
