/* Reads any bytes as a text of layers, of an optimizer and of a schedule: the first byte says which,
 * and of layers the shape of a sample and how many outputs there must be.
 *
 * Checked: layers that are made give a batch of the right outputs on the meta device, or say why
 * they do not; their text gives the same modules, with the same numbers from the same seed, and is
 * written in the same way again. An optimizer has a rate and makes a step. A schedule leaves the
 * rate finite and not negative for some steps. A refused text leaves the optimizer's rate. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/create.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "core/random.h"
#include "core/scope.h"
#include "fuzz.h"
#include "models/layers_text.h"
#include "models/tree.h"
#include "nn/layers.h"
#include "nn/summary.h"
#include "optim/optimizer_text.h"
#include "optim/schedule_text.h"

enum { MEMORY = 64 << 20, MOST_PARAMETERS = 100000 };

static const cd_shape shapes[] = {
    { 1, { 6 } }, { 2, { 4, 9 } }, { 3, { 3, 8, 8 } }, { 4, { 2, 4, 4, 4 } }
};

static void check_round_trip(cd_module *m, cd_layers_from_text_options o)
{
    static char text[CD_LAYERS_TEXT], again[CD_LAYERS_TEXT];
    FUZZ_CHECK(cd_layers_to_text(m, text, sizeof text));
    o.text = text;
    cd_manual_seed(1);
    cd_module *second = cd_layers_from_text_with(o);
    FUZZ_CHECK(second);
    FUZZ_CHECK(cd_layers_to_text(second, again, sizeof again));
    FUZZ_CHECK(strcmp(text, again) == 0);
    char *a = cd_module_to_json(m), *b = cd_module_to_json(second);
    FUZZ_CHECK(a && b && strcmp(a, b) == 0);
    free(a);
    free(b);
}

static void read_layers(const char *text, unsigned choice)
{
    const cd_layers_from_text_options o = { .text = text,
                                            .input = shapes[choice & 3],
                                            .outputs = choice & 4 ? 3 : 0,
                                            .dtype = choice & 8 ? CD_I64 : CD_F32,
                                            .no_flatten = choice & 16,
                                            .most_parameters = MOST_PARAMETERS };
    cd_manual_seed(1);
    cd_module *m = cd_layers_from_text_with(o);
    if (!m) {
        (void)fuzz_refused();
        return;
    }
    FUZZ_CHECK(cd_num_parameters(m) <= MOST_PARAMETERS);
    cd_shape batch = { .ndim = o.input.ndim + 1, .dim = { 5 } };
    memcpy(batch.dim + 1, o.input.dim, (size_t)o.input.ndim * sizeof *batch.dim);
    int64_t cost;
    if (!cd_summary(m, batch, .dtype = o.dtype, .multiply_adds = &cost)) (void)fuzz_refused();
    check_round_trip(m, o);
}

static void read_optimizer(const char *text)
{
    cd_module *m = cd_nn_linear(2, 1);
    const cd_optimizer_setting settings[] = {
        { .option = "lr", .value = 0.5 },
        { .option = "weight_decay", .value = 0, .given_by = "--weight-decay" },
    };
    cd_optimizer *o =
        cd_optimizer_from_text(text, m, .settings = settings, .setting_count = *text & 1 ? 2 : 0);
    if (!o) {
        (void)fuzz_refused();
        return;
    }
    FUZZ_CHECK(isfinite(cd_lr(o)) && cd_lr(o) >= 0);
    FUZZ_CHECK(cd_backward(cd_sum(cd_forward(m, cd_ones(CD_SHAPE(1, 2))))));
    if (!cd_step(o)) (void)fuzz_refused();
}

static void read_schedule(const char *text, unsigned choice)
{
    cd_optimizer *o =
        cd_optim_sgd(cd_nn_linear(2, 1), .lr = 0.25, .momentum = choice & 4 ? 0.5 : 0);
    bool by_step, by_metric;
    cd_scheduler *s =
        cd_schedule_from_text(text, o, .steps = choice & 8 ? 20 : 0, .epochs = choice & 16 ? 4 : 0,
                              .by_step = &by_step, .by_metric = &by_metric);
    if (!s) {
        if (!cd_ok()) (void)fuzz_refused();
        FUZZ_CHECK(cd_lr(o) == 0.25);
        FUZZ_CHECK(cd_set_lr(o, 0.5) && cd_schedule_exponential(o, 0.5) && cd_lr(o) == 0.5);
        return;
    }
    for (int t = 0; t < 25; t++) {
        FUZZ_CHECK(isfinite(cd_lr(o)) && cd_lr(o) >= 0);
        if (by_metric ? cd_scheduler_step_by(s, 1) : cd_scheduler_step(s)) continue;
        (void)fuzz_refused();
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    const unsigned choice = data[0];
    char *text = malloc(size);
    if (!text) return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    fuzz_begin(MEMORY);
    {
        CD_SCOPE();
        if (choice < 128) {
            read_layers(text, choice);
        } else if (choice < 160) {
            read_optimizer(text);
        } else {
            read_schedule(text, choice);
        }
    }
    fuzz_end();
    free(text);
    return 0;
}
