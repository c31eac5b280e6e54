/* Models that are made by name and options, as cd_make_model and cd_load_model do.
 *
 * A new model has a class, defined beside the function that makes it (models/mlp.c is the example
 * to copy), and a line in models.def. */
#ifndef CANDELA_MODELS_MODEL_CLASS_INTERNAL_H
#define CANDELA_MODELS_MODEL_CLASS_INTERNAL_H

#include "models/options_json_internal.h"
#include "nn/module.h"

typedef struct cd_model_class {
    const char *name;         /* "resnet18" */
    const cd_option *options; /* the table of its options (nn/option.h) */
    size_t options_bytes;     /* size of the struct of options, at most CD_MODEL_OPTIONS_BYTES */
    size_t outputs_at;        /* offset in it of the number of outputs, an int64_t */
    /* Makes the model on the device, owned by the open scope; NULL with an error. `options` is the
     * struct that the table describes. */
    cd_module *(*make)(const void *options, cd_device device);
} cd_model_class;

/* The largest width of a layer, for the bounds of options. The product of two widths is far below
 * the largest int64_t. */
#define CD_MODEL_LARGEST_WIDTH ((double)((int64_t)1 << 30))

/* In a class: the type of its struct of options, the table, and the field that has the number of
 * outputs. */
#define CD_MODEL_OPTIONS(struct_, table_, outputs_)                                                \
    .options = (table_), .options_bytes = sizeof(struct_), .outputs_at = offsetof(struct_, outputs_)

/* The library's classes, each defined in the file that models.def names. */
#define CD_MODEL(name_, file_) extern const cd_model_class cd_model_##name_##_class;
#include "models/models.def"
#undef CD_MODEL

/* The library's classes in the order of models.def; the list ends with NULL. */
extern const cd_model_class *const cd_model_classes[];

/* Says what is wrong with a list of classes that ends with NULL, for the programmer who wrote it: a
 * missing function, two classes of one name. NULL if nothing is wrong. */
const char *cd_model_classes_fault(const cd_model_class *const *classes);

/* --- a model that a name and options describe ------------------------------------------------- */

enum { CD_MODEL_OPTIONS_BYTES = 128 }; /* the largest struct of options that a class may have */

/* A model before it is made: its class, its options and its size. */
typedef struct cd_model_spec {
    const cd_model_class *class_; /* NULL: a tree of modules (models/tree.h) */
    const char *tree;             /* the JSON of that; the caller's, as long as the spec lives */
    int64_t tree_most;            /* how many modules and names it may have */
    cd_code tree_code;            /* of its errors */
    char tree_where[288];         /* what begins them */
    union {
        int64_t align;
        unsigned char bytes[CD_MODEL_OPTIONS_BYTES];
    } options;                           /* the class's struct of options, completed */
    int64_t sizes[CD_OPTIONS_SIZES_MAX]; /* the elements of lists, to which `options` points */
    int64_t outputs;                     /* how many logits the model gives for an input; 0: not
                                            known, of a tree */
    cd_module *meta;                     /* the model on the meta device, owned by the open scope */
    int64_t modules;                     /* how many modules it consists of, itself included */
    int64_t tensors;                     /* how many parameters and buffers it has */
    int64_t elements;                    /* how many elements these have together */
    int64_t stored;                      /* of a tree: how many tensors a file holds, in which one
                                            with two names is once, and counters of batches may
                                            be absent */
} cd_model_spec;

/* Reads a model's name and options, a JSON object or NULL for none, which may come from a hostile
 * file. Makes the model on the meta device to find its size, also while a graph is being captured:
 * the graph does not see it. False with an error of `code`, or with CD_ERR_MEMORY; the message
 * begins with `where`. The spec lives as long as the scope that is open at the call, and must not
 * be copied, because its options point into it.
 *
 * The name "tree" stands for a tree of modules, with its JSON as `options`. */
bool cd_model_spec_read(cd_model_spec *spec, const char *architecture, const char *options,
                        cd_code code, const char *where);
/* The same for the options in a file that has so many tensors: a tree may have only so many
 * modules as can come with them. */
bool cd_model_spec_read_from(cd_model_spec *spec, const char *architecture, const char *options,
                             int64_t tensors, cd_code code, const char *where);

/* Whether the module is the described model: it consists of modules of the same classes, with the
 * same options as they are printed, under the same names and in the same order, and its tensors
 * have the same names and shapes. Sets an error only if memory runs out, and then returns false. */
bool cd_model_spec_fits(const cd_model_spec *spec, cd_module *m);

/* Makes the described model, owned by the open scope; NULL with an error. */
cd_module *cd_model_spec_make(const cd_model_spec *spec, cd_device device);

#endif
