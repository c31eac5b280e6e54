/* What the files of checkpoints share: run.c saves and loads the parts of a run, run_texts.c has
 * the sums and checks the texts beside them, run_folder.c keeps the files. */
#ifndef CANDELA_MODELS_RUN_INTERNAL_H
#define CANDELA_MODELS_RUN_INTERNAL_H

#include "core/tensor_internal.h"
#include "io/archive_internal.h"
#include "models/run.h"

/* Keys of texts. Those that begin with CD_KEY_OWN are the library's.
 *
 *     candela.checkpoint         the format: CD_CHECKPOINT_FORMAT
 *     candela.class.PART         the class of a part: "AdamW", "SequentialLR(LinearLR, StepLR)"
 *     candela.check.PART         the sum of the part's tensors, 16 hexadecimal digits
 *     candela.check.texts        the sum of all other texts
 *     candela.step               of a run folder: the step
 *     candela.setting.KEY        of a run folder: a setting of the run
 *
 * The sum of a tensor is a hash of its name in the part, the bytes of an element, and its elements,
 * low byte first as the file has them; that of a part is the sum of these modulo 2^64, so that
 * their order does not matter. */
#define CD_KEY_OWN        "candela."
#define CD_KEY_CHECKPOINT "candela.checkpoint"
#define CD_KEY_CLASS      "candela.class."
#define CD_KEY_CHECK      "candela.check."
#define CD_KEY_TEXTS      "texts" /* in place of a part */
#define CD_KEY_STEP       "candela.step"

enum { CD_RUN_KEY_BYTES = 64, CD_RUN_SUM_BYTES = 17 };

/* In all functions here `function` is the public one that was called, for errors. */

/* The sum of one tensor, which is contiguous and on the processor. */
uint64_t cd_run_tensor_sum(const char *name, const cd_tensor *t);
/* The sum of one text; 0 for those that are not summed. */
uint64_t cd_run_text_sum(const cd_text_pair *pair);

/* Whether the checkpoint's sum of a part, or of its texts, is this one. False with CD_ERR_FORMAT.
 */
bool cd_run_check_sum(const char *function, const cd_archive *archive, const char *part,
                      uint64_t sum);
/* Whether the file is a checkpoint of a format that this library knows, with the texts that it was
 * written with. False with CD_ERR_FORMAT or CD_ERR_UNSUPPORTED. */
bool cd_run_check_texts(const char *function, const cd_archive *archive);
/* Reads the whole checkpoint and compares all sums. False with an error. */
bool cd_run_check_whole(const char *function, cd_archive *archive);

/* cd_save_checkpoint_with, with texts whose keys may begin with CD_KEY_OWN. */
bool cd_run_save(const char *function, const char *path, const cd_run *run,
                 const cd_text_pair *more, int64_t more_count);
/* cd_load_checkpoint_with. */
bool cd_run_load(const char *function, const char *path, const cd_run *run);

#endif
