/* Saving a module's tensors, and loading them into one. */
#ifndef CANDELA_IO_CHECKPOINT_H
#define CANDELA_IO_CHECKPOINT_H

#include "io/tensor_file.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* cd_save(model, "m.safetensors", .texts = pairs, .text_count = 2): all parameters and buffers, by
 * name, as a safetensors file that Python's safetensors package opens. A crash at any point leaves
 * the file that was there, or the new one complete. Does nothing while an error is pending. */
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

/* cd_load(model, "resnet18-5c106cde.pth"): any container that cd_tensor_file_open reads. Every
 * tensor of the module must be in the file with its shape, and every tensor of the file in the
 * module; else CD_ERR_FORMAT with the names, or CD_ERR_SHAPE. Whatever fails, the module stays as
 * it was. With `partial`, what is missing keeps its values and what is left over is ignored; shapes
 * must fit all the same. A prefix that all names of the file have ("module.") is taken off;
 * num_batches_tracked may be absent (PyTorch before 0.4.1). dtypes are converted to the module's.
 */
typedef struct cd_load_options {
    cd_module *module;
    const char *path;
    CD_GUARD_;
    bool partial;
    int64_t *loaded; /* how many tensors came from the file; default NULL */
} cd_load_options;

CD_API bool cd_load_with(cd_load_options options);
#define cd_load(module_, ...)                                                                      \
    cd_load_with((cd_load_options){ .module = module_, .path = __VA_ARGS__ })

/* Finds out whether a file can be written at `path`, before the work that makes its contents;
 * leaves nothing behind. False with CD_ERR_IO and the reason. */
CD_API bool cd_path_writable(const char *path);

CD_END_DECLS

#endif
