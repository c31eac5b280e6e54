/* Reads any bytes as the text of layers, of an optimizer or of a schedule. The first byte says of
 * which, and what comes from elsewhere than the text: the shape of a sample, the length of a run.
 *
 * Checked:
 *   - a text is refused with a sentence, or gives an object;
 *   - layers are written as a text that gives layers of the same options, which are written in the
 *     same way again, and the meta device gives the same layers as the CPU;
 *   - an optimizer makes a step, and made again from its options has the same;
 *   - a schedule makes steps of finite rates, and one that is refused leaves the optimizer as it
 *     was. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "core/memory_internal.h"
#include "core/scope.h"
#include "fuzz.h"
#include "models/layers_text.h"
#include "models/model_class_internal.h"
#include "nn/layers.h"
#include "nn/module_internal.h"
#include "optim/optimizer_internal.h"
#include "optim/optimizer_text.h"
#include "optim/schedule_text.h"
#include "optim/scheduler_internal.h"

enum { MEMORY = 64 << 20, PARAMETERS = 1 << 16, OUTPUTS = 5 };

/* --- layers ----------------------------------------------------------------------------------- */

static const struct sample {
    cd_shape shape;
    cd_dtype dtype;
} samples[] = {
    { { .ndim = 1, .dim = { 12 } }, CD_F32 },
    { { .ndim = 2, .dim = { 4, 9 } }, CD_F64 },
    { { .ndim = 3, .dim = { 3, 8, 10 } }, CD_F32 },
    { { .ndim = 4, .dim = { 2, 4, 4, 4 } }, CD_F32 },
    { { .ndim = 1, .dim = { 7 } }, CD_I64 },
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static cd_module *read_layers(const char *text, unsigned how, cd_device device)
{
    const struct sample *s = &samples[how % SAMPLES];
    return cd_layers_from_text(text, .input = s->shape, .dtype = s->dtype,
                               .outputs = how & 32 ? OUTPUTS : 0, .no_flatten = how & 64,
                               .most_parameters = PARAMETERS, .device = device);
}

/* The options of the layers, but for those that follow from the input: an InstanceNorm without
 * parameters takes any num_features, and a text that is written does not have it. */
static void check_same_layers(cd_module *a, cd_module *b)
{
    FUZZ_CHECK(cd_module_child_count(a) == cd_module_child_count(b));
    for (int i = 0; i < cd_module_child_count(a); i++) {
        cd_module *x = cd_module_child(a, i), *y = cd_module_child(b, i);
        FUZZ_CHECK(x->class_ == y->class_);
        const void *of_x = cd_module_options(x), *of_y = cd_module_options(y);
        if (!of_x || strncmp(x->class_->name, "InstanceNorm", 12) == 0) continue;
        char *one = cd_options_to_json(x->class_->options, of_x);
        char *two = cd_options_to_json(x->class_->options, of_y);
        FUZZ_CHECK(one && two && strcmp(one, two) == 0);
        cd_free(one);
        cd_free(two);
    }
}

static void try_layers(const char *text, unsigned how)
{
    char *written = malloc(CD_LAYERS_TEXT), *again = malloc(CD_LAYERS_TEXT);
    FUZZ_CHECK(written && again);
    cd_module *m = read_layers(text, how, CD_META);
    if (m) {
        FUZZ_CHECK(cd_layers_to_text(m, written, CD_LAYERS_TEXT));
        cd_module *back = read_layers(written, how, CD_CPU);
        FUZZ_CHECK(back);
        check_same_layers(m, back);
        FUZZ_CHECK(cd_num_parameters(m) == cd_num_parameters(back));
        FUZZ_CHECK(cd_layers_to_text(back, again, CD_LAYERS_TEXT));
        FUZZ_CHECK(strcmp(written, again) == 0);
    } else {
        (void)fuzz_refused();
    }
    free(written);
    free(again);
}

/* --- optimizers ------------------------------------------------------------------------------- */

static void try_optimizer(const char *text, unsigned how)
{
    cd_module *m = cd_nn_linear(3, 2);
    const cd_optimizer_setting settings[] = {
        { "lr", 0.05, NULL },
        { "momentum", 0.5, "--momentum" },
    };
    cd_optimizer *o =
        cd_optimizer_from_text(text, m, .settings = settings, .setting_count = (int)(how / 3 % 3));
    if (!o) {
        (void)fuzz_refused();
        return;
    }
    FUZZ_CHECK(isfinite(cd_lr(o)) && cd_lr(o) >= 0);
    const cd_optimizer *same = cd_optimizer_make(o->class_, m, o->groups[0].options);
    FUZZ_CHECK(same && cd_lr(same) == cd_lr(o));
    FUZZ_CHECK(cd_backward(cd_sum(cd_forward(m, cd_ones(CD_SHAPE(2, 3))))));
    FUZZ_CHECK(cd_step(o));
}

/* --- schedules -------------------------------------------------------------------------------- */

static void run_schedule(cd_scheduler *s, cd_optimizer *o, bool by_metric)
{
    for (int t = 0; t < 30; t++) {
        const bool done =
            by_metric ? cd_scheduler_step_by(s, t < 5 ? -t : 1) : cd_scheduler_step(s);
        FUZZ_CHECK(done || fuzz_refused() == CD_ERR_STATE);
        FUZZ_CHECK(isfinite(cd_lr(o)));
    }
}

static void try_schedule(const char *text, unsigned how)
{
    cd_module *m = cd_nn_linear(3, 2);
    cd_optimizer *o = how & 128 ? cd_optim_adam(m, .lr = 0.5)
                                : cd_optim_sgd(m, .lr = 0.5, .momentum = how & 64 ? 0.875 : 0);
    FUZZ_CHECK(o);
    const double momentum = cd_optimizer_momentum(o, 0);
    bool by_step, by_metric;
    cd_scheduler *s =
        cd_schedule_from_text(text, o, .steps = how & 16 ? 100 : 0, .epochs = how & 32 ? 10 : 0,
                              .by_step = &by_step, .by_metric = &by_metric);
    if (s) {
        run_schedule(s, o, by_metric);
        return;
    }
    if (!cd_ok()) (void)fuzz_refused();
    FUZZ_CHECK(!by_step && !by_metric);
    FUZZ_CHECK(cd_lr(o) == 0.5 && cd_optimizer_momentum(o, 0) == momentum);
    FUZZ_CHECK(cd_optimizer_group(o, "*.bias", .lr = 0.25) >= 0 ||
               fuzz_refused() == CD_ERR_ARGUMENT);
    FUZZ_CHECK(cd_optimizer_groups(o) >= 1);
}

/* --- a text ----------------------------------------------------------------------------------- */

static void try_usage(const char *word)
{
    char usage[200];
    if (!cd_layers_text_usage(word, usage, sizeof usage)) (void)fuzz_refused();
    if (!cd_optimizer_text_usage(word, usage, sizeof usage)) (void)fuzz_refused();
    if (!cd_schedule_text_usage(word, usage, sizeof usage)) (void)fuzz_refused();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = { data, size };
    const unsigned how = fuzz_u8(&in);
    char *text = malloc(in.size + 1);
    if (!text) return 0;
    if (in.size > 0) memcpy(text, in.data, in.size);
    text[in.size] = '\0';
    fuzz_begin(MEMORY);
    {
        CD_SCOPE();
        static void (*const tries[])(const char *, unsigned) = { try_layers, try_optimizer,
                                                                 try_schedule };
        tries[how % 3](text, how / 3);
        if (in.size < 40) try_usage(text);
    }
    fuzz_end();
    free(text);
    return 0;
}
