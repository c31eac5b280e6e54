/* A checkpoint of a run. The input is the bytes of the file. It is loaded into a run of a small
 * layer, SGD with momentum and an exponential schedule, as it is and once more with its sums made
 * right, since no changed file passes them; and as the only file of a run folder.
 *
 * Checked:
 *   - the file is loaded, or refused with a sentence;
 *   - when it is refused, every tensor and number of the run is as it was;
 *   - a run that was loaded works: it makes a step, is saved, and loaded into another run, which is
 *     the same then;
 *   - the run folder takes the file, passes it over or refuses it, leaves the run as it was unless
 *     it took it, and leaves no other file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "autograd/ops.h"
#include "core/error.h"
#include "models/run_folder.h"
#include "nn/layers.h"
#include "tests/fuzz/fuzz.h"
#include "tests/summed.h"

enum { RUN_MEMORY = 64 << 20 };

static cd_run make_run(double first)
{
    cd_run r = { .model = cd_nn_linear(2, 1, .no_bias = true), .no_default_generator = true };
    CD_NO_GRAD();
    (void)cd_fill_(cd_module_tensor(r.model, "weight"), first);
    r.optimizer = cd_optim_sgd(r.model, .momentum = 0.5);
    r.schedule = cd_schedule_exponential(r.optimizer, 0.5);
    FUZZ_CHECK(cd_ok());
    return r;
}

/* --- the state of a run ----------------------------------------------------------------------- */

static bool put_tensor(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    (void)kind;
    char values[64];
    const size_t size = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    FUZZ_CHECK(size <= sizeof values && cd_read(t, values, size));
    fuzz_put(user, name, strlen(name));
    fuzz_put(user, values, size);
    return true;
}

static fuzz_bytes state_of(const cd_run *r)
{
    fuzz_bytes state = { .size = 0 };
    FUZZ_CHECK(cd_visit_state(r->model, put_tensor, &state));
    FUZZ_CHECK(cd_visit_state(r->optimizer, put_tensor, &state));
    FUZZ_CHECK(cd_visit_state(r->schedule, put_tensor, &state));
    return state;
}

static void check_same(const cd_run *r, const fuzz_bytes *before)
{
    fuzz_bytes now = state_of(r);
    FUZZ_CHECK(fuzz_same(&now, before));
    free(now.data);
}

/* Writes the file again with the right sums. False if it cannot be opened or is too large. */
static bool make_sums(const char *from, const char *to)
{
    CD_SCOPE();
    static summed s;
    return summed_read(&s, from) && summed_write(&s, to);
}

/* --- loading ---------------------------------------------------------------------------------- */

/* A run that was loaded makes a step, and goes through a file of its own. */
static void go_on(const cd_run *r)
{
    char path[FUZZ_PATH_BYTES];
    cd_tensor *x = cd_ones(CD_SHAPE(1, 2));
    FUZZ_CHECK(cd_backward(cd_sum(cd_forward(r->model, x))) && cd_step(r->optimizer));
    if (!cd_scheduler_step(r->schedule)) (void)fuzz_refused(); /* a rate that overflows */
    fuzz_bytes state = state_of(r);
    FUZZ_CHECK(cd_save_checkpoint_with(fuzz_path("again.safetensors", path), *r));
    const cd_run other = make_run(3);
    FUZZ_CHECK(cd_load_checkpoint_with(path, other));
    check_same(&other, &state);
    free(state.data);
}

static void load(const char *path)
{
    CD_SCOPE();
    const cd_run r = make_run(2);
    fuzz_bytes before = state_of(&r);
    if (cd_load_checkpoint_with(path, r)) {
        go_on(&r);
    } else {
        (void)fuzz_refused();
        check_same(&r, &before);
    }
    free(before.data);
}

static void resume(const char *folder)
{
    CD_SCOPE();
    const cd_run r = make_run(2);
    fuzz_bytes before = state_of(&r);
    cd_run_folder *f = cd_run_folder_open(folder);
    if (!f || !cd_run_folder_resume_with(f, r)) (void)fuzz_refused();
    if (!f || cd_run_folder_step(f) == 0) check_same(&r, &before);
    free(before.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char given[FUZZ_PATH_BYTES], sums[FUZZ_PATH_BYTES], lock[FUZZ_PATH_BYTES];
    fuzz_write(fuzz_path("step-1.safetensors", given), data, size);
    (void)fuzz_path("last.safetensors", sums);
    (void)unlink(sums);
    fuzz_begin(RUN_MEMORY);
    load(given);
    if (make_sums(given, sums)) {
        load(sums);
    } else if (!cd_ok()) {
        (void)fuzz_refused();
    }
    resume(fuzz_folder());
    fuzz_end();
    FUZZ_CHECK(fuzz_files() <= 4);
    (void)unlink(fuzz_path(".candela-run.lock", lock));
    return 0;
}
