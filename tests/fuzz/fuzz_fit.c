/* A checkpoint of cd_fit in the middle of an epoch and of a group of batches. The input is a byte
 * that chooses the run (classes or numbers); a text up to a NUL, which replaces the text "fit" if
 * it is not empty; and changes of bytes of the tensors: the tensor's number, the byte's number, and
 * what is added. The file gets the right sums, and the run goes on from it.
 *
 * Checked:
 *   - the run comes to its end, or the checkpoint is refused with a sentence;
 *   - when it is refused, every parameter of the model is as it was;
 *   - a run that came to its end is at its end when it is gone on with again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/create.h"
#include "autograd/math.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "io/dataset_make.h"
#include "models/fit.h"
#include "nn/layers.h"
#include "optim/optim.h"
#include "tests/fuzz/fuzz.h"
#include "tests/summed.h"

enum { FIT_MEMORY = 64 << 20, SAMPLES = 5, KINDS = 2, EPOCHS = 3 };

static const cd_metric *const decisions[] = { &cd_accuracy, &cd_auc, &cd_confusion, &cd_top5 };
static const cd_metric *const numbers[] = { &cd_mae, &cd_r2 };

static bool stop_in_group(const cd_fit_batch *b, void *context)
{
    (void)context;
    return b->epoch != 2 || b->batch != 3;
}

static cd_module *make_model(void)
{
    cd_module *m = cd_nn_linear(2, 3);
    CD_NO_GRAD();
    (void)cd_fill_(cd_module_tensor(m, "weight"), 0.5);
    (void)cd_fill_(cd_module_tensor(m, "bias"), 0.25);
    return m;
}

static cd_history *fit_model(cd_module *model, unsigned kind, bool first)
{
    cd_tensor *x = cd_view(cd_sin(cd_arange(2.0 * SAMPLES)), CD_SHAPE(SAMPLES, 2));
    cd_tensor *y = cd_view(cd_cos(cd_arange(3.0 * SAMPLES)), CD_SHAPE(SAMPLES, 3));
    cd_dataset *set = cd_dataset_from_tensors(x, kind == 0 ? cd_argmax_dim(y, 1) : y);
    cd_manual_seed(1);
    return cd_fit(model, set, .validation = set, .batch_size = 1, .accumulate = 2,
                  .optimizer = cd_optim_sgd(model, .lr = 0.1, .momentum = 0.5), .epochs = EPOCHS,
                  .metrics = kind == 0 ? decisions : numbers, .metric_count = kind == 0 ? 4 : 2,
                  .checkpoint = fuzz_folder(), .resume = true, .keep = 1,
                  .on_batch = first ? stop_in_group : NULL);
}

/* --- the checkpoint --------------------------------------------------------------------------- */

/* The bytes of the checkpoint of each kind, made before the first input. */
static const fuzz_bytes *checkpoint(unsigned kind)
{
    static fuzz_bytes made[KINDS];
    char path[FUZZ_PATH_BYTES];
    if (made[kind].size == 0) {
        CD_SCOPE();
        FUZZ_CHECK(fit_model(make_model(), kind, true) != NULL);
        made[kind] = fuzz_read(fuzz_path("last.safetensors", path));
        fuzz_remove_files();
    }
    return &made[kind];
}

static void change(summed *s, fuzz_input *in)
{
    while (in->size > 0) {
        const unsigned at = fuzz_u8(in) % (unsigned)s->tensors, byte = fuzz_u16(in);
        const unsigned more = fuzz_u8(in);
        cd_tensor *t = s->tensor[at];
        const size_t bytes = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
        if (bytes == 0) continue;
        uint8_t *data = cd_data_mut(t);
        data[byte % bytes] = (uint8_t)(data[byte % bytes] + more);
    }
}

/* Writes the changed checkpoint. False if it cannot be one, as its text is not UTF-8. */
static bool write_changed(unsigned kind, fuzz_input in)
{
    static summed s;
    CD_SCOPE();
    char path[FUZZ_PATH_BYTES];
    const fuzz_input word = fuzz_word(&in);
    char *text = calloc(1, word.size + 1);
    FUZZ_CHECK(text != NULL);
    if (word.size) memcpy(text, word.data, word.size);
    fuzz_write(fuzz_path("step-4.safetensors", path), checkpoint(kind)->data,
               checkpoint(kind)->size);
    FUZZ_CHECK(summed_read(&s, path));
    for (int64_t i = 0; word.size && i < s.texts; i++) {
        if (strcmp(s.text[i].key, "fit") == 0) s.text[i].value = text;
    }
    change(&s, &in);
    const bool done = summed_write(&s, path);
    free(text);
    if (!done) (void)fuzz_refused();
    return done;
}

/* --- going on --------------------------------------------------------------------------------- */

static bool put_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)name, (void)kind;
    char values[64];
    const size_t size = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    FUZZ_CHECK(size <= sizeof values && cd_read(t, values, size));
    fuzz_put(user, values, size);
    return true;
}

static void go_on(unsigned kind)
{
    CD_SCOPE();
    cd_module *model = make_model();
    fuzz_bytes before = { .size = 0 }, after = { .size = 0 };
    FUZZ_CHECK(cd_visit(model, put_tensor, &before));
    const cd_history *h = fit_model(model, kind, false);
    if (h) {
        const int64_t count = cd_history_count(h);
        const cd_history *again = fit_model(make_model(), kind, false);
        FUZZ_CHECK(again && cd_history_count(again) == count && cd_history_end(again) == 0);
    } else if (fuzz_refused() == CD_ERR_FORMAT) {
        FUZZ_CHECK(cd_visit(model, put_tensor, &after) && fuzz_same(&before, &after));
    }
    free(before.data);
    free(after.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    const unsigned kind = fuzz_u8(&in) % KINDS;
    (void)checkpoint(kind);
    fuzz_begin(FIT_MEMORY);
    if (write_changed(kind, in)) go_on(kind);
    fuzz_end();
    fuzz_remove_files();
    return 0;
}
