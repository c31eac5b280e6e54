#include "apps/model_file.h"

#include <string.h>

cd_module *open_model(const char *path, cd_card **card)
{
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(path);
    if (!f) return NULL;
    if (!cd_tensor_file_text(f, "candela.model")) {
        (void)cd_fail(CD_ERR_FORMAT,
                      "%s (%s) does not say which model it is: candela train and candela probe "
                      "write files that do, and candela predict takes bare weights with --model "
                      "and --classes",
                      path, cd_tensor_file_kind(f));
        return NULL;
    }
    cd_module *model = cd_load_model(path, .card = card);
    return model && cd_escape(*card) ? cd_escape(model) : NULL;
}

/* As many classes as the file's fc has rows; 0 with an error. */
static int64_t classes_in(const char *path)
{
    CD_SCOPE();
    cd_tensor_file *f = cd_tensor_file_open(path);
    if (!f) return 0;
    int64_t count = cd_tensor_file_count(f);
    for (int64_t i = 0; i < count; i++) {
        cd_shape shape = cd_tensor_file_shape(f, i);
        if (strcmp(cd_tensor_file_name(f, i), "fc.weight") != 0) continue;
        if (shape.ndim == 2 && shape.dim[0] > 0 && shape.dim[1] == RESNET18_FEATURES) {
            return shape.dim[0];
        }
    }
    (void)cd_fail(CD_ERR_FORMAT,
                  "%s: there is no fc.weight of N x %d among its %lld tensors, so these are no "
                  "weights of a ResNet-18",
                  path, RESNET18_FEATURES, (long long)count);
    return 0;
}

cd_module *open_bare_model(const char *name, const char *path, int64_t *classes)
{
    CD_SCOPE();
    char options[64];
    int64_t count = classes_in(path);
    (void)snprintf(options, sizeof options, "{\"num_classes\": %lld}", (long long)count);
    cd_module *model = count > 0 ? cd_make_model(name, options) : NULL;
    if (!model || !cd_load(model, path) || !cd_eval(model)) return NULL;
    if (classes) *classes = count;
    return cd_escape(model);
}

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

bool check_classes(const cd_card *card, const cd_dataset *set, const char *set_name)
{
    int64_t count = cd_dataset_class_count(set);
    if (!card->classes) return true;
    for (int64_t k = 0; k < card->class_count; k++) {
        if (set_has(set, card->classes[k])) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "the model knows a class \"%.60s\" that %s has not: it knows %lld classes, "
                       "and the data %lld",
                       card->classes[k], set_name, (long long)card->class_count, (long long)count);
    }
    for (int64_t k = 0; k < count; k++) {
        const char *name = cd_dataset_class_name(set, k);
        if (!card_has(card, name)) {
            return cd_fail(CD_ERR_FORMAT,
                           "%s has a class \"%.60s\" that the model does not know: it knows %lld "
                           "classes, and the data have %lld",
                           set_name, name, (long long)card->class_count, (long long)count);
        }
        if (k < card->class_count && strcmp(card->classes[k], name) == 0) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "class %lld is \"%.60s\" in %s and \"%.60s\" in the model: the order must "
                       "be the same",
                       (long long)k, name, set_name,
                       k < card->class_count ? card->classes[k] : "none");
    }
    return true;
}
