/* Makes what trains a model from the options of train and probe. */
#include "apps/train_method.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/train_table.h"

bool refuse_text(const char *name)
{
    static const char end[] = "_from_text: ";
    cd_error e;
    if (!cd_error_take(&e)) return false;
    const char *function = strstr(e.message, end);
    const char *text = function ? function + sizeof end - 1 : e.message;
    return cd_fail(e.code, "--%s: %s", name, text);
}

/* --- words ------------------------------------------------------------------------------------ */

static const char spaces[] = " \t\r\n";

static bool is_silent(char c)
{
    return c == '-' || c == '_' || c == '[' || c == ']';
}

/* What stands behind the first word of a text, if it is this one, which has small letters alone;
 * else NULL. As in any such text (docs/texts.md) there may be spaces before it, and capital letters
 * and "-" make no difference. */
static const char *behind_word(const char *text, const char *word)
{
    for (text += strspn(text, spaces); *word || is_silent(*text); text++) {
        if (is_silent(*text)) continue;
        const char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (c != *word++) return NULL;
    }
    return !*text || *text == ',' || strchr(spaces, *text) ? text : NULL;
}

/* Whether the text is this word alone. */
static bool is_word(const char *text, const char *word)
{
    const char *behind = behind_word(text, word);
    return behind && !behind[strspn(behind, spaces)];
}

/* --- the optimizer ---------------------------------------------------------------------------- */

cd_optimizer *train_optimizer(const training *t, cd_module *module)
{
    const train_config *c = t->config;
    const bool sgd = behind_word(c->optimizer, "sgd"),
               rmsprop = behind_word(c->optimizer, "rmsprop");
    cd_optimizer_setting list[3];
    int count = 0;
    if (c->lr > 0) {
        list[count++] = (cd_optimizer_setting){ "lr", c->lr, "--lr" };
    } else if (sgd) {
        list[count++] = (cd_optimizer_setting){ "lr", t->sgd_lr, NULL };
    }
    if (!isnan(c->momentum)) {
        const char *const name = sgd || rmsprop ? "momentum" : "beta1";
        list[count++] = (cd_optimizer_setting){ name, c->momentum, "--momentum" };
    } else if (sgd) {
        list[count++] = (cd_optimizer_setting){ "momentum", TRAIN_SGD_MOMENTUM, NULL };
    }
    if (!isnan(c->weight_decay)) {
        list[count++] = (cd_optimizer_setting){ "weight_decay", c->weight_decay, "--weight-decay" };
    }
    cd_optimizer *o =
        cd_optimizer_from_text(c->optimizer, module, .settings = list, .setting_count = count);
    if (!o) (void)refuse_text("optimizer");
    return o;
}

/* What the best epoch is chosen by. A plateau waits for the same number: as PyTorch's for a lower
 * loss, with "mode max" for more of what is shown in percent, or of R2. */
static const char *choose_monitor(const training *t, bool by_metric, bool maximum)
{
    const bool numbers = train_is_regression(t);
    if (by_metric ? !maximum : numbers) return "validation_loss";
    return numbers ? "r2" : "accuracy";
}

bool train_rates(const training *t, cd_optimizer *optimizer, int64_t steps, rate_plan *out)
{
    const train_config *c = t->config;
    bool by_metric = false, maximum = false;
    *out = (rate_plan){ .by_step = true };
    if (optimizer && !is_word(c->schedule, "constant")) {
        out->schedule = cd_schedule_from_text(
            c->schedule, optimizer, .steps = steps, .epochs = c->epochs, .by_step = &out->by_step,
            .by_metric = &by_metric, .maximum = &maximum, .by_length = &out->by_length);
        if (!out->schedule) (void)refuse_text("schedule");
    }
    out->monitor = choose_monitor(t, by_metric, maximum);
    return cd_ok();
}

/* --- the loss --------------------------------------------------------------------------------- */

/* Reads "1,2.5,1" as a weight for each class. */
static bool read_weights(const char *text, float *weight, int64_t classes)
{
    int64_t count = 0;
    double sum = 0;
    for (const char *at = text; at; at++) {
        char *end;
        errno = 0;
        const double value = strtod(at, &end);
        /* As float32, in which the loss is computed. */
        if (end == at || errno || !(value >= 0 && value <= FLT_MAX) || (*end && *end != ',')) {
            return cd_fail(CD_ERR_ARGUMENT,
                           "--class-weights is \"%s\": it is balanced, or numbers from 0 on with "
                           "commas between, one for each class",
                           text);
        }
        if (count < classes) weight[count] = (float)value;
        count++;
        sum += (double)(float)value;
        at = end;
        if (!*at) break;
    }
    if (sum == 0) return cd_fail(CD_ERR_ARGUMENT, "--class-weights are all 0: nothing would count");
    return count == classes || cd_fail(CD_ERR_ARGUMENT,
                                       "--class-weights has %lld numbers, and there are %lld "
                                       "classes",
                                       (long long)count, (long long)classes);
}

/* Each class weighs as much as any other: N / (classes * samples of the class), as scikit-learn's
 * class_weight="balanced". A class without samples has the weight 0. */
static bool balanced_weights(const cd_dataset *set, float *weight, int64_t classes)
{
    const int64_t count = cd_dataset_count(set);
    for (int64_t k = 0; k < classes; k++) weight[k] = 0;
    for (int64_t i = 0; i < count; i++) weight[cd_dataset_label(set, i)]++;
    for (int64_t k = 0; k < classes; k++) {
        if (weight[k] > 0) weight[k] = (float)count / ((float)classes * weight[k]);
    }
    return cd_ok();
}

/* The tensor of --class-weights. */
static cd_tensor *class_weights(const training *t)
{
    const char *text = t->config->class_weights;
    const cd_dataset *set = t->split.train.part;
    const int64_t classes = cd_dataset_class_count(set);
    cd_tensor *weights = cd_empty(CD_SHAPE(classes));
    float *weight = cd_data_mut(weights);
    if (!weight) return NULL;
    return (strcmp(text, "balanced") == 0 ? balanced_weights(set, weight, classes)
                                          : read_weights(text, weight, classes))
               ? weights
               : NULL;
}

cd_module *train_loss(const training *t)
{
    const train_config *c = t->config;
    /* cd_fit takes the right one by the targets. */
    if (t->table && cd_encoder_task(t->table->encoder) != CD_TABLE_CLASSES) return NULL;
    cd_tensor *weights = c->class_weights ? class_weights(t) : NULL;
    if (!cd_ok()) return NULL;
    const double smoothing = c->label_smoothing > 0 ? c->label_smoothing : CD_ZERO;
    return cd_nn_cross_entropy_loss(.weight = weights, .label_smoothing = smoothing);
}

/* --- the batches ------------------------------------------------------------------------------ */

/* A loader that draws all classes equally often. */
static cd_loader *balanced_loader(cd_loader_options o)
{
    double *weights = malloc((size_t)cd_dataset_count(o.dataset) * sizeof *weights);
    cd_loader *loader = NULL;
    if (!weights) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory for the weights of the samples");
    } else if (cd_balanced_weights(o.dataset, weights)) {
        o.weights = weights;
        loader = cd_loader_new_with(o);
    }
    free(weights);
    return loader;
}

cd_loader *train_loader(const training *t)
{
    const train_config *c = t->config;
    cd_dataset *set = t->split.train.part;
    cd_augmentation a = { .transform_count = 0 };
    if (c->augment &&
        !cd_augmentation_from_text(c->augment, &t->preprocess, cd_dataset_class_count(set), &a)) {
        (void)refuse_text("augment");
        return NULL;
    }
    cd_loader_options o = { .dataset = set,
                            .batch_size = c->batch_size,
                            .shuffle = !c->balanced,
                            .workers = (int)c->workers,
                            .transforms = a.transform_count ? a.transforms : NULL,
                            .transform_count = a.transform_count,
                            .batch_transforms = a.batch_transform_count ? a.batch_transforms : NULL,
                            .batch_transform_count = a.batch_transform_count };
    return c->balanced ? balanced_loader(o) : cd_loader_new_with(o);
}
