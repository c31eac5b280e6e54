/* Checkpoints: the whole state of a training run in one file, so that a run that was stopped goes
 * on with the numbers that it would have had, bit for bit.
 *
 *     cd_save_checkpoint("run.safetensors", .model = model, .optimizer = adam, .schedule = cosine);
 *
 *     cd_load_checkpoint("run.safetensors", .model = model, .optimizer = adam, .schedule = cosine);
 *
 * models/run_folder.h keeps the checkpoints of a run in a folder. docs/checkpoints.md says what is
 * in a checkpoint, and what is not.
 *
 * The file is a safetensors file, which Python's safetensors package opens. Its tensors have the
 * names of optim/state.h behind the part of the run that they belong to: "model.fc.weight",
 * "optimizer.0.exp_avg", "default_generator.state". cd_load(module, path, .prefix = "model.") takes
 * the model alone. Texts beside the tensors say of which class the optimizer and the schedule are,
 * and have a sum of each part, by which loading notices every changed bit of what it loads. */
#ifndef CANDELA_MODELS_RUN_H
#define CANDELA_MODELS_RUN_H

#include "io/loader.h"
#include "io/tensor_file.h"
#include "nn/state_dict.h"
#include "optim/state.h"

CD_BEGIN_DECLS

/* The parts of a run; those that are NULL are left out. */
typedef struct cd_run {
    cd_module *model;
    CD_GUARD_;
    cd_module *average; /* of cd_nn_averaged_model: an EMA beside the model */
    cd_optimizer *optimizer;
    cd_scheduler *schedule;
    cd_loader *loader;       /* goes on in the middle of an epoch */
    cd_generator *generator; /* one of the program's own */
    cd_dict *extra; /* tensors of the program's own, by name; loading sets their elements */
    bool no_default_generator; /* leave out the default generator, of dropout and shuffling */
    /* For saving: what else the program must know, such as { "epoch", "12" }. To be read with
     * cd_tensor_file_text. Keys that begin with "candela.", and "format", are the library's. */
    const cd_text_pair *texts;
    int64_t text_count;
    cd_tensor_file *file; /* for loading: an open file instead of a path */
} cd_run;

/* Writes the parts. A crash at any point leaves the file that was there, or the new one complete
 * (cd_save), and so does a full disk, which is CD_ERR_IO. Tensors on the processor are written from
 * where they are, without a copy. State that an optimizer's first step would make is made here.
 *
 * Nothing is done while an error is pending. CD_ERR_ARGUMENT for a run without a part or with a
 * text under a key of the library's; CD_ERR_STATE for tensors on the meta device;
 * CD_ERR_UNSUPPORTED for a path with the ending of another format, such as "run.pth". */
CD_API bool cd_save_checkpoint_with(const char *path, cd_run run);
#define cd_save_checkpoint(path_, ...) cd_save_checkpoint_with((path_), (cd_run){ __VA_ARGS__ })

/* Sets the state of the parts to what the file has. Parts of the file that are not asked for are
 * left alone, so that a program may load the model only (which sets the default generator too,
 * unless .no_default_generator is given). Options are not in a checkpoint: make the parts with the
 * same options as before. When anything fails, every part keeps the state that it had; meanwhile
 * the old state and the new one are both in memory.
 *
 * CD_ERR_FORMAT for a file that is no checkpoint or lacks a part that is asked for; for one whose
 * texts, or a part that is asked for, have a changed bit; and for a part with other tensors, which
 * are named: a model of other layers, an optimizer or a schedule of another class, an optimizer of
 * other parameters.
 * CD_ERR_SHAPE and CD_ERR_DTYPE for a tensor of another shape or dtype. CD_ERR_UNSUPPORTED for a
 * checkpoint of a later format than CD_CHECKPOINT_FORMAT. CD_ERR_IO and CD_ERR_UNSUPPORTED as
 * cd_tensor_file_open. */
CD_API bool cd_load_checkpoint_with(const char *path, cd_run run);
#define cd_load_checkpoint(path_, ...) cd_load_checkpoint_with((path_), (cd_run){ __VA_ARGS__ })

/* The format of checkpoints, in the text "candela.checkpoint". Earlier ones are read too. */
enum { CD_CHECKPOINT_FORMAT = 1 };

CD_END_DECLS

#endif
