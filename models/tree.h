/* Modules written down: the tree of a module's classes, options and names as JSON, without the
 * elements of its tensors; and a module made again from it. cd_save_model (models/card.h) writes it
 * into the file of a saved model whose card names no architecture.
 *
 *     {"class": "Sequential", "children": {
 *       "0": {"class": "Linear", "options": {"in_features": 3, "out_features": 4, "bias": true,
 *             "dtype": "float32"}},
 *       "1": {"class": "ReLU", "options": {"inplace": false}},
 *       "2": {"same_as": "0"}}}
 *
 * An object describes a module:
 *
 *     class       the name of its class, as it is printed
 *     options     those of its class, by PyTorch's names (docs/modules.md); one that is left out
 *                 has its default
 *     children    the modules below it by name, in their order. Left out are those that the class
 *                 makes by itself, as a Transformer its layers, while they are as it makes them
 *     same_as     in place of all these: the module is the one at this path, which comes before it
 *     frozen      true: cd_freeze was called for it
 *     parameters, buffers
 *                 the tensors that its class does not make by itself, as those of a ParameterList,
 *                 each {"shape": [3], "dtype": "float32"}; and of others what differs from what the
 *                 class makes: "dtype"; "requires_grad"; "same_as" a tensor that comes before it,
 *                 with "view": true if the two share memory but not gradients
 *
 * Whether a module is in training mode is not part of the tree, nor are hooks and gradients. The
 * number of updates of an AveragedModel is a buffer, and so among the tensors.
 *
 * A tree has at most 64 levels, 16,384 modules that are written down, 16,384 names in one module,
 * and 1 MiB of JSON. */
#ifndef CANDELA_MODELS_TREE_H
#define CANDELA_MODELS_TREE_H

#include "nn/module.h"

CD_BEGIN_DECLS

/* The tree of m, which the caller frees with free(). NULL with CD_ERR_UNSUPPORTED, and a sentence
 * that has the path of the module, "2.0.conv1", if m could not be made again from it: a module of a
 * class of your own is not registered (cd_register_module_class), or has names that its class's
 * make function does not register; two tensors share a part of their memory; the tree is too
 * large. */
CD_API char *cd_module_to_json(cd_module *m);

/* cd_module_from_json(text, .device = CD_META): a new module with initial parameters, in training
 * mode, owned by the open scope. NULL with CD_ERR_ARGUMENT, and a sentence that has the path of the
 * module: for JSON that does not parse, an unknown class, option or key, a value of the wrong type
 * or out of its bounds, a name that is empty or has a dot, a tree that is too large or stands for
 * more than 131,072 modules and names.
 *
 * The text may come from anywhere: nothing in it is run. On the CPU the module takes the memory
 * that the text asks for; make it on CD_META first to find out how much that is. */
typedef struct cd_module_from_json_options {
    const char *json;
    CD_GUARD_;
    cd_device device; /* the CPU or CD_META */
} cd_module_from_json_options;

CD_API cd_module *cd_module_from_json_with(cd_module_from_json_options options);
#define cd_module_from_json(...)                                                                   \
    cd_module_from_json_with((cd_module_from_json_options){ .json = __VA_ARGS__ })

/* Makes a class of your own known to trees and saved models. It needs a make function, and a table
 * of options (nn/option.h) if its modules differ in more than their children:
 *
 *     static cd_module *scaled_make(const void *options)
 *     {
 *         return scaled_new(*(const scaled_options *)options);
 *     }
 *     static const cd_module_class scaled_class = {
 *         .name = "Scaled", .size = sizeof(scaled), .inputs = 1, .forward = scaled_forward,
 *         CD_CLASS_OPTIONS(scaled, options, scaled_table), .make = scaled_make
 *     };
 *
 *     cd_register_module_class(&scaled_class);
 *
 * The make function gives a module whose children, which are no options, may be NULL or any: they
 * are replaced afterwards by those of the tree. It must register every name for which the struct
 * has a field, in the order of all modules of the class. It is also called on the meta device (for
 * tensors without .device), where tensors have no elements, so it may call ops but may not read
 * elements. A list of sizes (CD_OPTION_SIZES) is valid only during the call: copy it. A tensor
 * among the options (CD_OPTION_TENSOR) must be registered too.
 *
 * The class must stay valid until the process ends. Any thread may call this, before a file with
 * such modules is opened; registering a class again changes nothing. CD_ERR_ARGUMENT if the class
 * has no make function or a mistake in its table, or its name is that of a class of the library or
 * of another one that was registered; CD_ERR_UNSUPPORTED beyond 256 classes. */
CD_API bool cd_register_module_class(const cd_module_class *class_);

CD_END_DECLS

#endif
