/* The folder of a training run: its newest checkpoints, so that the run goes on after a stop of any
 * kind, also one in the middle of saving.
 *
 *     cd_run run = { .model = model, .optimizer = adam, .schedule = cosine };
 *     cd_run_folder *folder = cd_run_folder_open("runs/1", .keep = 3);
 *     cd_run_folder_resume_with(folder, run);
 *     for (int64_t step = cd_run_folder_step(folder); step < 1000 && cd_ok();) {
 *         CD_SCOPE();
 *         ... one step ...
 *         if (++step % 100 == 0) cd_run_folder_save_with(folder, step, run);
 *     }
 *
 * The folder has
 *
 *     step-N.safetensors   the checkpoints of the last steps N that were saved
 *     last.safetensors     the newest of them, and
 *     best.safetensors     the one that cd_run_folder_mark_best was called for: hard links where
 *                          the file system has them, so that they take no room of their own, but
 *                          that best does once its step-N is removed
 *     .candela-run.lock    an empty file, by whose lock two runs do not write into one folder; the
 *                          lock ends with the process, however that ends
 *
 * Other files are left alone. Each file is a checkpoint of models/run.h. */
#ifndef CANDELA_MODELS_RUN_FOLDER_H
#define CANDELA_MODELS_RUN_FOLDER_H

#include "models/run.h"

CD_BEGIN_DECLS

typedef struct cd_run_folder cd_run_folder;

/* In front of a setting's key among the texts of a checkpoint: a tool may read there what a run was
 * begun with. */
#define CD_RUN_SETTING "candela.setting."

typedef struct cd_run_folder_options {
    const char *path;
    CD_GUARD_;
    int64_t keep; /* how many step-N files stay; default 3; -1: all of them */
    /* What must be the same when the run goes on, such as { "batch_size", "64" }: written into each
     * checkpoint. What may differ, such as the number of epochs, does not belong here. Copied. */
    const cd_text_pair *settings;
    int64_t setting_count;
} cd_run_folder_options;

/* Opens the folder, and makes it if there is none; its parent must exist. Hands out the object,
 * which holds the lock until it is destroyed. Nothing is loaded. A file of those names that cannot
 * be opened as a checkpoint is passed over, and the logger told.
 *
 * NULL with CD_ERR_STATE when another run has the folder open, in this process or another, or when
 * last.safetensors, best.safetensors or a step-N.safetensors is a whole file that no run folder has
 * written; CD_ERR_UNSUPPORTED for a checkpoint of a newer Candela; CD_ERR_ARGUMENT for a path, a
 * number or settings that cannot be; CD_ERR_IO; CD_ERR_MEMORY. On a file system without locks the
 * logger is told, and two runs are not noticed. */
CD_API cd_run_folder *cd_run_folder_open_with(cd_run_folder_options options);
#define cd_run_folder_open(...)                                                                    \
    cd_run_folder_open_with((cd_run_folder_options){ .path = __VA_ARGS__ })

/* Loads the newest checkpoint that is whole (every sum is compared) into the parts of the run, as
 * cd_load_checkpoint; files that are cut off or changed are passed over, and the logger told. True,
 * with nothing changed, when the folder has no checkpoint: the run starts.
 *
 * CD_ERR_ARGUMENT when the checkpoint was made with other settings than the folder was opened with:
 * each that differs is named, with both values. CD_ERR_FORMAT when the folder has checkpoints but
 * none is whole. Other errors as cd_load_checkpoint; after an error nothing has changed. */
CD_API bool cd_run_folder_resume_with(cd_run_folder *folder, cd_run run);
#define cd_run_folder_resume(folder_, ...)                                                         \
    cd_run_folder_resume_with((folder_), (cd_run){ __VA_ARGS__ })

/* The step of the checkpoint that was resumed from or saved last; 0 before. -1 with an error. */
CD_API int64_t cd_run_folder_step(const cd_run_folder *folder);

/* The text under this key (cd_run.texts) in the checkpoint that was resumed from; NULL, without an
 * error, when there is none. Valid until the folder is destroyed or resumed from again. */
CD_API const char *cd_run_folder_text(const cd_run_folder *folder, const char *key);

/* Saves the parts as step-N.safetensors, `step` being any number from 1 that grows: of steps, or of
 * epochs. Then, when there are more than .keep of them, the oldest is removed, and last.safetensors
 * becomes the new one; so a crash at any point, or a full disk, leaves the newest whole one. There
 * must be room for one more than .keep, and for best.safetensors when it is older than those; on a
 * file system without hard links for one more than .keep, last.safetensors and best.safetensors.
 *
 * CD_ERR_ARGUMENT for a step that is not greater than that of the checkpoint before; CD_ERR_STATE
 * when the folder had checkpoints and was not resumed from: a new run takes a new folder. Other
 * errors as cd_save_checkpoint; the next call may well succeed. */
CD_API bool cd_run_folder_save_with(cd_run_folder *folder, int64_t step, cd_run run);
#define cd_run_folder_save(folder_, step_, ...)                                                    \
    cd_run_folder_save_with((folder_), (step_), (cd_run){ __VA_ARGS__ })

/* Makes the checkpoint of cd_run_folder_step best.safetensors too, where it stays until the next
 * call. A process that is killed between saving a checkpoint and this call has not marked it: a
 * program that notes in .texts that a checkpoint is the best calls this again when it has resumed
 * from that one. CD_ERR_STATE before a checkpoint was saved or resumed from; CD_ERR_IO. */
CD_API bool cd_run_folder_mark_best(cd_run_folder *folder);

CD_END_DECLS

#endif
