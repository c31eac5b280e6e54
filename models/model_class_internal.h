/* The models that can be made by name, and what their options come to before one is made. */
#ifndef CANDELA_MODELS_MODEL_CLASS_INTERNAL_H
#define CANDELA_MODELS_MODEL_CLASS_INTERNAL_H

#include "models/options_json_internal.h"
#include "nn/module.h"

typedef struct cd_model_class {
    const char *name;         /* "resnet18" */
    const cd_option *options; /* the fields of its options struct, which JSON names */
    size_t options_bytes;     /* at most CD_MODEL_OPTIONS_BYTES */
    size_t outputs_at;        /* where the struct has the number of outputs, an int64_t */
    /* Makes one on the device, handed out. */
    cd_module *(*make)(const void *options, cd_device device);
} cd_model_class;

/* In a class: its options, and which of them counts the outputs. */
#define CD_MODEL_OPTIONS(struct_, table_, outputs_)                                                \
    .options = (table_), .options_bytes = sizeof(struct_), .outputs_at = offsetof(struct_, outputs_)

#define CD_MODEL(name_, file_) extern const cd_model_class cd_model_##name_##_class;
#include "models/models.def"
#undef CD_MODEL

/* All of them, in the order of models.def; ends with NULL. */
extern const cd_model_class *const cd_model_classes[];

/* What is wrong with a list of classes that ends with NULL, as a sentence for programmers: a
 * missing function, a name twice. NULL when nothing is. */
const char *cd_model_classes_fault(const cd_model_class *const *classes);

/* --- a model that a name and options describe ------------------------------------------------- */

enum { CD_MODEL_OPTIONS_BYTES = 128 };

typedef struct cd_model_spec {
    const cd_model_class *class_;
    union {
        int64_t align;
        unsigned char bytes[CD_MODEL_OPTIONS_BYTES];
    } options;                           /* the class's struct */
    int64_t sizes[CD_OPTIONS_SIZES_MAX]; /* elements of lists in the options */
    int64_t outputs;
    int64_t elements, tensors; /* in all its parameters and buffers, and how many these are */
} cd_model_spec;

/* Reads name and options (a JSON object, NULL for none), all of which may be hostile, and makes the
 * model on the meta device to measure it. False with an error of `code` (or CD_ERR_MEMORY) whose
 * sentence begins with `where`. The spec points into itself: it must not be copied. */
bool cd_model_spec_read(cd_model_spec *spec, const char *architecture, const char *options,
                        cd_code code, const char *where);

/* Whether the module's tensors have the names and shapes of one made by this. False with an error
 * only when memory fails. */
bool cd_model_spec_fits(const cd_model_spec *spec, cd_module *m);

/* The module, handed out. */
cd_module *cd_model_spec_make(const cd_model_spec *spec, cd_device device);

#endif
