/* Saving a module's tensors, and loading them into one. */
#ifndef CANDELA_IO_CHECKPOINT_H
#define CANDELA_IO_CHECKPOINT_H

#include "io/tensor_file.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* cd_save(model, "m.safetensors", .texts = pairs, .text_count = 2): all parameters and buffers, by
 * name, as a safetensors file that Python's safetensors package opens. A layer that the module has
 * under two names is written once, under the first, and a text { second name: first name } says
 * so, as safetensors.torch.save_model does; load_model reads it. Beside these and the caller's
 * texts, "candela.format" and "candela.version" say what wrote the file (see tensor_file.h; the
 * caller's own texts under these two keys are left out), and "format" is "pt", or what the caller
 * gave, because transformers refuses a file that has texts and not this one. A crash at any point
 * leaves the file that was there, or the new one complete. What is being written is
 * ".candela-PID-N.tmp" in the folder of the path, under a lock; a killed process leaves it there,
 * and the next save into the folder removes those of the same user that nobody has locked. A path
 * with the ending of another format ("m.pth", "m.onnx") is CD_ERR_UNSUPPORTED; any other ending,
 * or none, is allowed. Does nothing while an error is pending. */
typedef struct cd_save_options {
    cd_module *module;
    const char *path;
    CD_GUARD_;
    const cd_text_pair *texts;
    int64_t text_count;
} cd_save_options;

CD_API bool cd_save_with(cd_save_options options);
#define cd_save(module_, ...)                                                                      \
    cd_save_with((cd_save_options){ .module = module_, .path = __VA_ARGS__ })

/* cd_load(model, "resnet18-f37072fd.pth"): any container that cd_tensor_file_open reads. Every
 * tensor of the module must be in the file with its shape, and every tensor of the file in the
 * module; else CD_ERR_FORMAT with the names, or CD_ERR_SHAPE. A file of a later format than
 * CD_FILE_FORMAT is refused as cd_tensor_file_format refuses it. Whatever fails, the module stays
 * as it was. dtypes are converted to the module's.
 *
 * cd_load(model, NULL, .file = f) takes a file that is open already: what was found out of it and
 * what is loaded are then of one file, though another has been put at its path meanwhile, and a
 * pipe, which can be opened and read only once, is as good as a file.
 *
 * A prefix that all names of the file have, of one dotted part or several ("module.",
 * "module._orig_mod."), is taken off if more of the module's names are in the file then; the logger
 * is told. Of a file in which only some names have one (backbone.*, head.*), .prefix = "backbone."
 * takes what lies below it and nothing else. The reverse, a module whose names begin with a prefix
 * that the file lacks, is loaded into the child: cd_load(cd_module_get(model, "net"), path).
 *
 * With .partial, a tensor of the module that the file lacks keeps its values, and tensors of the
 * file that the module lacks are ignored; the logger is told which. Shapes must fit all the same,
 * and at least one name must: a file with none of the module's names is CD_ERR_FORMAT.
 *
 * num_batches_tracked may be absent (PyTorch before 0.4.1). A layer that the module has under two
 * names may be in the file under one of them. */
typedef struct cd_load_options {
    cd_module *module;
    const char *path;
    CD_GUARD_;
    cd_tensor_file *file; /* instead of the path */
    bool partial;
    const char
        *prefix;     /* names below it, which is taken off; "": as they are; default: see above */
    int64_t *loaded; /* how many tensors came from the file; default NULL */
} cd_load_options;

CD_API bool cd_load_with(cd_load_options options);
#define cd_load(module_, ...)                                                                      \
    cd_load_with((cd_load_options){ .module = module_, .path = __VA_ARGS__ })

/* Removes the temporary files of all saves that are going on in this process, which fail then. It
 * may be called in a signal handler: one that ends the process leaves nothing behind. */
CD_API void cd_remove_unfinished(void);

/* Finds out whether cd_save can write a file at `path`, before the work that makes its contents;
 * leaves nothing behind. False with CD_ERR_IO or CD_ERR_UNSUPPORTED and the reason. */
CD_API bool cd_path_writable(const char *path);

CD_END_DECLS

#endif
