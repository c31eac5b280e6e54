/* Saving a module's tensors, and loading them into one. */
#ifndef CANDELA_IO_CHECKPOINT_H
#define CANDELA_IO_CHECKPOINT_H

#include "io/tensor_file.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* cd_save(model, "m.safetensors", .texts = pairs, .text_count = 2)
 *
 * Writes all parameters and buffers, by name, as a safetensors file, which Python's safetensors
 * package opens. A layer that the module has under two names is written once, under the first, and
 * a text { second name: first name } says so, as safetensors.torch.save_model does; its load_model
 * reads it.
 *
 * Besides these texts and the caller's, "candela.format" and "candela.version" say what wrote the
 * file (see tensor_file.h); texts of the caller under these two keys are left out. "format" is "pt"
 * unless the caller gives another, because transformers refuses a file that has texts but not this
 * one.
 *
 * A crash at any point leaves the file that was there, or the new one complete. The new file is
 * written as ".candela-PID-N.tmp" in the folder of the path, under a lock. A killed process leaves
 * it there; the next save into the folder removes such files of the same user that no process has
 * locked.
 *
 * A path that ends in .npz is written as numpy.savez writes it, without texts: .texts are then
 * CD_ERR_UNSUPPORTED, and of a layer with two names the file has the first only. A path with the
 * ending of another format ("m.pth", "m.onnx") is CD_ERR_UNSUPPORTED; any other ending, or none, is
 * allowed. A tensor on the meta device is CD_ERR_STATE. Does nothing while an
 * error is pending. */
typedef struct cd_save_options {
    cd_module *module;
    const char *path;
    CD_GUARD_;
    const cd_text_pair *texts; /* default NULL: none */
    int64_t text_count;
} cd_save_options;

CD_API bool cd_save_with(cd_save_options options);
#define cd_save(module_, ...)                                                                      \
    cd_save_with((cd_save_options){ .module = module_, .path = __VA_ARGS__ })

/* A rule of cd_load's .map: the file's names that it fits are taken with `to` in the place of
 * `from`. See CD_MAP. */
typedef struct cd_rename {
    const char *from, *to;
} cd_rename;

/* cd_load(model, "m.pth", .map = CD_MAP({ "net.0.", "layers.0." }, { "scale", "norm.weight" }))
 *
 * A list of rules, which ends with a `from` of NULL. A `from` that ends with a dot stands for all
 * names below it, and its `to` ends with a dot too or is "": { "net.", "" } takes "net." off.
 * { "", "net." } puts "net." before all names. Any other `from` stands for the tensor of exactly
 * this name. A name is renamed once, by the longest rule that fits it, so the order of the rules
 * does not matter, and { "a.", "b." }, { "b.", "a." } exchanges two modules. */
#define CD_MAP(...)  ((const cd_rename[]){ __VA_ARGS__, { NULL, NULL } })

/* cd_load(model, "m.pth", .skip = CD_SKIP("fc.", "scale")): a list of names that ends with NULL. */
#define CD_SKIP(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* cd_load(model, "resnet18-f37072fd.pth")
 *
 * Loads a file of any container that cd_tensor_file_open reads. Every tensor of the module must be
 * in the file with its shape, and every tensor of the file in the module; else CD_ERR_FORMAT, with
 * the names, or CD_ERR_SHAPE. Values are converted to the module's dtypes. A file of a later format
 * than CD_FILE_FORMAT is refused as cd_tensor_file_format refuses it. When anything fails, the
 * module stays as it was.
 *
 * cd_load(model, NULL, .file = f) loads from a file that is already open. So what the caller has
 * found in the file and what is loaded come from one file, even if another was put at its path
 * meanwhile. It also serves for a pipe, which can be opened and read only once.
 *
 * A prefix that all names of the file have, of one dotted part or several ("module.",
 * "module._orig_mod."), is taken off if more of the module's names are in the file without it; the
 * logger is told. When only some names of the file have a prefix (backbone.*, head.*), .prefix =
 * "backbone." loads what lies below it and nothing else. When the module's names have a prefix that
 * the file's names lack, load into the child: cd_load(cd_module_get(model, "net"), path).
 *
 * Of a .pth with several sets of tensors .key chooses one, and .any_hash reads a file whose name
 * has the hash of another: see cd_tensor_file_open. Both are CD_ERR_ARGUMENT with .file, which is
 * open.
 *
 * .map renames what is left of the file's names then. CD_ERR_FORMAT if one of its rules fits no
 * name of the file, or if two tensors of the file would get one name of the module's;
 * CD_ERR_ARGUMENT for rules that cannot be meant: two for one name, or one that joins two parts of
 * a name without a dot.
 *
 * .skip leaves tensors out: those of the module with these names keep their values, and those of
 * the file that have them, once .map has renamed them, are ignored, whatever their shapes are. So a
 * file of 1000 classes is loaded into a model of 2: .skip = CD_SKIP("fc."). A name that ends with a
 * dot stands for all below it. CD_ERR_FORMAT for one that neither the module nor the file has.
 *
 * With .partial (PyTorch's strict=False), a tensor of the module that the file lacks keeps its
 * values, and tensors of the file that the module lacks are ignored; the logger is told which.
 * Shapes must still fit, as in PyTorch, and at least one name must: a file with none of the
 * module's names is CD_ERR_FORMAT.
 *
 * num_batches_tracked may be absent (PyTorch before 0.4.1). A layer that the module has under two
 * names may be in the file under only one of them. */
typedef struct cd_load_options {
    cd_module *module;
    const char *path;
    CD_GUARD_;
    cd_tensor_file *file; /* in place of the path */
    bool partial;
    const char *prefix;   /* load the names below it, without it; "": all names as they are; default
                           NULL: see above */
    const cd_rename *map; /* renames the file's names: CD_MAP; default NULL: none */
    const char *const *skip; /* names that are left out: CD_SKIP; default NULL: none */
    const char *key;         /* where in a .pth the tensors lie; default NULL: the obvious place */
    bool any_hash;           /* do not compare the hash in the file's name */
    int64_t *loaded; /* is set to the number of tensors that came from the file; default NULL */
} cd_load_options;

CD_API bool cd_load_with(cd_load_options options);
#define cd_load(module_, ...)                                                                      \
    cd_load_with((cd_load_options){ .module = module_, .path = __VA_ARGS__ })

/* Removes the temporary files of all saves that are going on in this process; those saves
 * fail then. May be called from a signal handler, so that a program that a signal ends
 * leaves nothing behind. */
CD_API void cd_remove_unfinished(void);

/* Whether cd_save can write a safetensors file at `path`: to be asked before the work that makes
 * its contents. Leaves nothing behind. False with CD_ERR_IO or CD_ERR_UNSUPPORTED and why. */
CD_API bool cd_path_writable(const char *path);
/* The same for cd_write_file, whose files may have any ending. */
CD_API bool cd_file_writable(const char *path);
/* Writes `size` bytes as the file at `path`, in the way of cd_save: after a crash at any moment the
 * path has the new file, whole, or what it had before. `bytes` may be NULL where size is 0. False
 * with CD_ERR_IO, or CD_ERR_ARGUMENT for a NULL; the path then has what it had before. While an
 * error is pending nothing is written. */
CD_API bool cd_write_file(const char *path, const void *bytes, size_t size);

CD_END_DECLS

#endif
