/* candela train: a model from scratch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/commands.h"
#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/outcome.h"

typedef struct train_options {
    common_options common;
    const char *model, *data, *out, *optimizer, *schedule;
    sizes hidden;
    int64_t epochs, batch;
    double lr, momentum, weight_decay, val_split;
} train_options;

/* Photographs for an mlp: grey, and stretched to the size of MNIST's pictures. */
enum { SIDE = 28 };
static const cd_preprocess small_grey = {
    .resize = 0, .crop_width = SIDE, .crop_height = SIDE, .channels = 1, .std = { 1 }
};

/* (x - mean) / std over all values, in the floats and the order that the preprocessing has. */
static bool normalise(cd_tensor *x, const cd_preprocess *recipe, int64_t rows)
{
    float *value = cd_data_mut(x);
    float mean = (float)recipe->mean[0], deviation = (float)recipe->std[0];
    for (int64_t i = 0; value && i < rows * SIDE * SIDE; i++) {
        value[i] = (value[i] - mean) / deviation;
    }
    return value != NULL;
}

/* Reads all photographs once and normalises them by the training part. */
static bool read_photographs(division *d, cd_preprocess *recipe)
{
    enum { AT_ONCE = 64 };
    if (!samples_read(&d->train, AT_ONCE, "reading", NULL, NULL) ||
        !samples_read(&d->held, AT_ONCE, "reading", NULL, NULL)) {
        return false;
    }
    division_warn_turned(d);
    const float *value = cd_data(d->train.x);
    if (!value) return false;
    int64_t values = d->train.count * SIDE * SIDE;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < values; i++) {
        sum += (double)value[i];
        squares += (double)value[i] * (double)value[i];
    }
    double mean = sum / (double)values, variance = squares / (double)values - mean * mean;
    *recipe = small_grey;
    recipe->mean[0] = mean;
    recipe->std[0] = variance > 1e-12 ? sqrt(variance) : 1; /* pictures of one grey */
    return normalise(d->train.x, recipe, d->train.count) &&
           normalise(d->held.x, recipe, d->held.count);
}

/* The options of the mlp as JSON, for free(). */
static char *mlp_options(const train_options *o, const division *d)
{
    cd_shape one = cd_dataset_sample_shape(d->train.set);
    json_t *object = json_object(), *hidden = json_array();
    for (int i = 0; i < o->hidden.count; i++) append_whole(hidden, o->hidden.value[i]);
    put_whole(object, "inputs", one.dim[0] * one.dim[1] * one.dim[2]);
    put_json(object, "hidden", hidden);
    put_whole(object, "outputs", cd_dataset_class_count(d->train.set));
    return json_line(object);
}

static bool prepare(const train_options *o, division *d, cd_preprocess *recipe)
{
    cd_dataset_layout has;
    if (!cd_dataset_look(o->data, &has) ||
        !divide(d, o->data, has.photographs ? &small_grey : NULL, o->val_split, o->common.seed)) {
        return false;
    }
    if (!check_learnable(d->train.set, o->data)) return false;
    if (has.photographs) return read_photographs(d, recipe);
    *recipe = cd_dataset_preprocess(d->train.set);
    return true;
}

static int train(const train_options *o, division *d)
{
    outcome result = { .command = "train",
                       .data_name = o->data,
                       .out = o->out,
                       .architecture = o->model,
                       .common = &o->common,
                       .started = seconds_now() };
    if (!prepare(o, d, &result.preprocess)) {
        return interrupted() ? stopped(o->out) : failed_in_library();
    }
    char *options = mlp_options(o, d);
    cd_module *model = options ? cd_make_model(o->model, options) : NULL;
    result.options = options;
    result.records = calloc((size_t)o->epochs, sizeof *result.records);
    result.lesson = (lesson){ .model = model,
                              .data = d,
                              .epochs = o->epochs,
                              .batch = o->batch,
                              .lr = o->lr,
                              .momentum = o->momentum,
                              .weight_decay = o->weight_decay,
                              .cosine = strcmp(o->schedule, "cosine") == 0,
                              .shown_every = o->common.json ? 0 : 1,
                              .unit = "pictures" };
    int status;
    if (!result.records) {
        status = failed("out of memory for %lld epochs", (long long)o->epochs);
    } else if (!model) {
        status = failed_in_library();
    } else {
        show_data(&result);
        bool done = teach(&result.lesson, result.records);
        status = done            ? finish(&result, model)
                 : interrupted() ? stopped(o->out)
                                 : failed_in_library();
    }
    free(result.records);
    free(options);
    return status;
}

static int run_train(const command *c, const void *values, char *const *operands, int count)
{
    (void)c;
    (void)operands;
    (void)count;
    const train_options *o = values;
    catch_interrupts();
    if (!cd_path_writable(o->out)) return failed_in_library();
    division d = { .fraction = 0 };
    int status = train(o, &d);
    division_free(&d);
    return status;
}

#define AT(member_) offsetof(train_options, member_)
static const option train_option_list[] = {
    { .name = "model",
      .argument = "NAME",
      .initial = "mlp",
      .help = "mlp: linear layers with ReLU between them",
      .type = OPTION_CHOICE,
      .choices = "mlp",
      .at = AT(model) },
    { .name = "data",
      .argument = "SET",
      .help = "fashion-mnist, fashion-mnist:DIR, mnist:DIR, idx:DIR (IDX files named as MNIST's), "
              "or a folder of photographs: DIR/train/CLASS/ beside DIR/val/CLASS/ or "
              "DIR/test/CLASS/, or "
              "DIR/CLASS/",
      .type = OPTION_TEXT,
      .required = true,
      .at = AT(data) },
    { .name = "out",
      .argument = "M.safetensors",
      .help =
          "where the model goes, as a safetensors file; one that is there is replaced at the end",
      .type = OPTION_TEXT,
      .required = true,
      .at = AT(out) },
    { .name = "hidden",
      .argument = "SIZES",
      .initial = "256,128",
      .help = "sizes of the layers between input and output, or none",
      .type = OPTION_SIZES,
      .least = 1,
      .most = 65536,
      .at = AT(hidden) },
    { .name = "epochs",
      .argument = "N",
      .initial = "10",
      .help = "passes over the training part",
      .type = OPTION_WHOLE,
      .least = 1,
      .most = 100000,
      .at = AT(epochs) },
    { .name = "batch",
      .argument = "N",
      .initial = "128",
      .help = "pictures for one step",
      .type = OPTION_WHOLE,
      .least = 1,
      .most = 65536,
      .at = AT(batch) },
    SGD_OPTIONS("0.05"),
    { .name = "optimizer",
      .argument = "NAME",
      .initial = "sgd",
      .help = "stochastic gradient descent with momentum",
      .type = OPTION_CHOICE,
      .choices = "sgd",
      .at = AT(optimizer) },
    { .name = "val-split",
      .argument = "F",
      .help = "hold this share of each class of the training part back to validate with, and leave "
              "the other splits alone (default: validate with val, or test where there is no val, "
              "and hold back 0.2 where there is neither)",
      .type = OPTION_NUMBER,
      .least = 0.001,
      .most = 0.9,
      .at = AT(val_split) },
};

const command train_command = {
    .name = "train",
    .does = "trains a model from scratch",
    .operands = "",
    .options = train_option_list,
    .option_count = sizeof train_option_list / sizeof *train_option_list,
    .values_bytes = sizeof(train_options),
    .details =
        "Inputs are normalised by the training part's mean and deviation. Photographs become grey "
        "and are stretched to 28 x 28 pixels. Each epoch ends with a look at the pictures that are "
        "held back; the saved model is that of the last epoch, not the one that looked best. "
        "Ctrl-C, SIGTERM and SIGHUP leave no file, and one that was there as it was.",
    .example = "candela train --data fashion-mnist --out fashion.safetensors",
    .run = run_train,
};
