/* The models that can be made by name, and what their options come to before one is made. */
#ifndef CANDELA_MODELS_REGISTRY_INTERNAL_H
#define CANDELA_MODELS_REGISTRY_INTERNAL_H

#include "core/error.h"
#include "nn/module.h"

enum { CD_MODEL_HIDDEN_MAX = 64 };

typedef struct cd_model_spec {
    const struct cd_model_kind *kind;
    int64_t inputs, outputs; /* outputs of every kind; inputs and hidden of mlp */
    int64_t hidden[CD_MODEL_HIDDEN_MAX];
    int hidden_count;
    int64_t elements; /* in all its parameters and buffers */
} cd_model_spec;

/* Reads name and options (a JSON object, NULL for none), all of which may be hostile. False with an
 * error of `code` whose sentence begins with `where`. */
bool cd_model_spec_read(cd_model_spec *spec, const char *architecture, const char *options,
                        cd_code code, const char *where);

/* Whether the module's tensors have the names and shapes of one made by this. */
bool cd_model_spec_fits(const cd_model_spec *spec, cd_module *m);

/* The module, handed out. */
cd_module *cd_model_spec_make(const cd_model_spec *spec);

#endif
