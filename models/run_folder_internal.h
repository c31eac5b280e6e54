/* What cd_fit needs of a run folder beyond models/run_folder.h. */
#ifndef CANDELA_MODELS_RUN_FOLDER_INTERNAL_H
#define CANDELA_MODELS_RUN_FOLDER_INTERNAL_H

#include "models/run_folder.h"

/* The name of the file that cd_run_folder_mark_best makes. */
#define CD_RUN_BEST "best.safetensors"

typedef struct cd_run_resume {
    cd_run run;
    /* Looks at the checkpoint, whose sums and settings are right, before anything is loaded from
     * it. False, with an error, ends cd_run_folder_resume_by, and nothing has changed. NULL: no
     * look. */
    bool (*look)(void *context, cd_tensor_file *file);
    void *context;
} cd_run_resume;

/* cd_run_folder_resume_with, with a look at the checkpoint. */
bool cd_run_folder_resume_by(cd_run_folder *folder, const cd_run_resume *resume);

/* Whether the folder has no checkpoint, not even a damaged one. */
bool cd_run_folder_is_empty(const cd_run_folder *folder);

/* cd_run_folder_save_with, for a step that may also be that of the checkpoint before: a run has
 * several states at one step, such as before and after a validation. The later one replaces the
 * earlier one in step-N.safetensors, whole or not at all; best.safetensors stays what it was. */
bool cd_run_folder_save_again(cd_run_folder *folder, int64_t step, const cd_run *run);

#endif
