/* Finds out why the loss of a batch is not finite: a sample that is not, a parameter that is not
 * since the last step, or else the first op that makes it so, for which the batch is computed once
 * more in anomaly mode with the same random numbers. */
#include <math.h>

#include "autograd/math.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "core/tensor_internal.h"
#include "io/loader_internal.h"
#include "models/fit_internal.h"
#include "models/task_internal.h"

bool cd_fit_note_generator(fit *f)
{
    return cd_get_rng_state(f->generator, sizeof f->generator);
}

/* Whether all elements of a floating tensor are finite; true for other dtypes. *bad becomes the
 * index of the first row that has one which is not. */
static bool is_finite(cd_tensor *t, int64_t *bad)
{
    *bad = 0;
    if (!cd_dtype_is_floating(cd_dtype_of(t)) || cd_numel(t) == 0) return true;
    cd_tensor *rows = cd_reshape(t, CD_SHAPE(cd_ndim(t) > 0 ? cd_size(t, 0) : 1, -1));
    cd_tensor *fine = cd_to_device(cd_all(cd_isfinite(rows), .dims = CD_DIMS(1)), CD_CPU);
    const bool *row = cd_data(fine);
    if (!row) return true;
    for (int64_t n = cd_numel(fine); *bad < n; ++*bad) {
        if (!row[*bad]) return false;
    }
    return true;
}

/* Where the run is: "step 12 (batch 4 of epoch 2)". */
enum { PLACE_BYTES = 96 };
static const char *place(const fit *f, const cd_batch *b, char text[PLACE_BYTES])
{
    (void)snprintf(text, PLACE_BYTES, "step %lld (batch %lld of epoch %lld)",
                   (long long)f->steps + 1, (long long)b->number + 1,
                   (long long)f->history->count + 1);
    return text;
}

static bool find_parameter(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    char *found = user;
    int64_t bad;
    (void)kind;
    if (is_finite(t, &bad)) return true;
    (void)snprintf(found, CD_ERROR_MESSAGE_BYTES, "%s", name);
    return false;
}

/* Computes the batch again and writes what anomaly mode says, or an empty text. */
static void compute_again(fit *f, const cd_batch *b, char said[CD_ERROR_MESSAGE_BYTES])
{
    cd_error error;
    said[0] = '\0';
    if (!cd_error_push()) return;
    if (cd_set_rng_state(f->generator, sizeof f->generator)) {
        CD_DETECT_ANOMALY();
        cd_tensor *output, *target;
        if (cd_apply_model(f->o.model, b, &output, &target)) {
            (void)cd_batch_loss(f->o.loss, output, target, "fit");
        }
    }
    if (cd_error_pop(&error)) (void)snprintf(said, CD_ERROR_MESSAGE_BYTES, "%s", error.message);
}

/* The rows of a batch that a program's function made are not one by one those of samples. */
bool cd_fit_explain(fit *f, const cd_batch *b)
{
    CD_SCOPE();
    CD_NO_GRAD();
    char at[PLACE_BYTES], text[CD_ERROR_MESSAGE_BYTES] = "";
    const char *loss = isnan(f->loss) ? "nan" : "infinite";
    int64_t row;
    place(f, b, at);
    if (!is_finite(b->x, &row) || !is_finite(b->y, &row)) {
        const bool made = f->loader->collate || f->loader->batch_transform_count > 0;
        return cd_fail(CD_ERR_STATE,
                       "fit: the loss became %s at %s: %s %lld of the %s has an input or a target "
                       "that is nan or infinite",
                       loss, at, made ? "row" : "sample", (long long)(made ? row : b->indices[row]),
                       made ? "batch" : "data set");
    }
    if (!cd_visit(f->o.model, find_parameter, text) && text[0]) {
        return cd_fail(CD_ERR_STATE,
                       "fit: the loss became %s at %s: \"%s\" of the model is nan or infinite%s",
                       loss, at, text,
                       f->steps ? " since an earlier step: a smaller learning rate or .clip_norm "
                                  "may help"
                                : " from the start");
    }
    compute_again(f, b, text);
    return cd_fail(CD_ERR_STATE, "fit: the loss became %s at %s: %s", loss, at,
                   text[0] ? text : "a smaller learning rate or .clip_norm may help");
}
