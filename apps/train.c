/* candela train: a model from scratch. */
#include <math.h>
#include <string.h>

#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/json.h"
#include "apps/report.h"
#include "apps/samples_read.h"

typedef struct train_options {
    train_config config;
    sizes hidden;
} train_options;

/* Photographs for an mlp: grey, and stretched to the size of MNIST's pictures. */
enum { SIDE = 28 };
static const cd_preprocess small_grey = {
    .resize = 0, .crop_width = SIDE, .crop_height = SIDE, .channels = 1, .std = { 1 }
};

/* x = (x - mean) / std for `rows` pictures, computed in float32 as the preprocessing of a picture
 * (cd_load_image) does it. */
static bool normalise(cd_tensor *x, const cd_preprocess *preprocess, int64_t rows)
{
    float *value = cd_data_mut(x);
    float mean = (float)preprocess->mean[0], std = (float)preprocess->std[0];
    for (int64_t i = 0; value && i < rows * SIDE * SIDE; i++) value[i] = (value[i] - mean) / std;
    return value != NULL;
}

/* Reads all photographs into memory, and normalises them by the mean and standard deviation of the
 * train samples. */
static bool read_photographs(split *s, cd_preprocess *preprocess)
{
    enum { BATCH_SIZE = 64 };
    const sample_reading how = { .task = "reading", .batch_size = BATCH_SIZE };
    if (!samples_read(&s->train, &how) || !samples_read(&s->validation, &how)) return false;
    split_warn_turned(s);
    const float *value = cd_data(s->train.x);
    if (!value) return false;
    int64_t values = s->train.count * SIDE * SIDE;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < values; i++) {
        sum += (double)value[i];
        squares += (double)value[i] * (double)value[i];
    }
    double mean = sum / (double)values, variance = squares / (double)values - mean * mean;
    *preprocess = small_grey;
    preprocess->mean[0] = mean;
    preprocess->std[0] = variance > 1e-12 ? sqrt(variance) : 1; /* pictures of one grey */
    return normalise(s->train.x, preprocess, s->train.count) &&
           normalise(s->validation.x, preprocess, s->validation.count);
}

/* LeNet takes square pictures, which leave something after its second pooling from 12 pixels on. */
static char *lenet_options(const cd_dataset *set, cd_shape sample)
{
    if (sample.dim[1] != sample.dim[2] || sample.dim[1] < 12) {
        (void)cd_fail(
            CD_ERR_ARGUMENT,
            "the pictures have %lld x %lld pixels, and lenet takes square ones of 12 x 12 "
            "or more: --model mlp takes these",
            (long long)sample.dim[2], (long long)sample.dim[1]);
        return NULL;
    }
    json_t *object = json_object();
    put_integer(object, "inputs", sample.dim[0]);
    put_integer(object, "size", sample.dim[1]);
    put_integer(object, "outputs", cd_dataset_class_count(set));
    return json_line(object);
}

/* The options of the model as JSON, to be freed with free(); NULL with an error. */
static char *model_options(const train_options *o, const cd_dataset *set)
{
    const sizes *hidden = &o->hidden;
    cd_shape sample = cd_dataset_sample_shape(set);
    if (strcmp(o->config.model, "lenet") == 0) return lenet_options(set, sample);
    json_t *object = json_object(), *list = json_array();
    for (int i = 0; i < hidden->count; i++) append_integer(list, hidden->value[i]);
    put_integer(object, "inputs", sample.dim[0] * sample.dim[1] * sample.dim[2]);
    put_json(object, "hidden", list);
    put_integer(object, "outputs", cd_dataset_class_count(set));
    return json_line(object);
}

/* Opens the data set, and reads it into memory if it is of photographs. Batches of an IDX set are
 * read when they are needed. */
static bool open_data(training *t)
{
    const train_config *c = t->config;
    cd_dataset_layout layout;
    if (!cd_dataset_look(c->data, &layout)) return false;
    const cd_preprocess *preprocess = layout.photographs ? &small_grey : NULL;
    if (!split_open(&t->split, c->data, preprocess, c->val_split, c->common.seed) ||
        !check_trainable(t->split.train.set, c->data)) {
        return false;
    }
    if (layout.photographs) return read_photographs(&t->split, &t->preprocess);
    t->preprocess = cd_dataset_preprocess(t->split.train.set);
    return true;
}

static bool prepare(training *t, const train_options *o)
{
    if (!open_data(t)) return false;
    t->options = model_options(o, t->split.train.set);
    if (!t->options) return false;
    t->model = t->trained = cd_make_model(t->config->model, t->options);
    t->unit = "pictures";
    t->epochs_per_line = 1;
    if (!t->model) return false;
    report_data(t);
    return true;
}

static int run_train(const command *c, const void *values, char *const *operands, int count)
{
    (void)operands;
    (void)count;
    train_options o = *(const train_options *)values;
    training t;
    if (o.config.lr == 0) o.config.lr = strcmp(o.config.optimizer, "sgd") == 0 ? 0.05 : 1e-3;
    int status = training_begin(&t, c, &o.config);
    if (status == 0) {
        status = prepare(&t, &o) ? training_run(&t) : failed_or_stopped(o.config.out);
    }
    training_end(&t);
    return status;
}

static const option train_option_list[] = {
    { .name = "model",
      .argument = "NAME",
      .default_value = "mlp",
      .help = "mlp: linear layers with ReLU between them; lenet: LeNet-5 (LeCun et al. 1998) with "
              "ReLU and "
              "maximum pooling, for square pictures",
      .type = OPTION_CHOICE,
      .choices = "mlp|lenet",
      .offset = offsetof(train_options, config.model) },
    { .name = "data",
      .argument = "SET",
      .help =
          "fashion-mnist, fashion-mnist:DIR, mnist:DIR, idx:DIR (IDX files named as MNIST's), "
          "cifar10:DIR, cifar100:DIR (the binary version's files), list:FILE (a text file with a "
          "picture's path and its class in each line), "
          "or a folder of photographs: DIR/train/CLASS/ beside DIR/val/CLASS/ or "
          "DIR/test/CLASS/, or DIR/CLASS/",
      .type = OPTION_TEXT,
      .required = true,
      .offset = offsetof(train_options, config.data) },
    { .name = "hidden",
      .argument = "SIZES",
      .default_value = "256,128",
      .help = "of the mlp: sizes of the layers between input and output, or none",
      .type = OPTION_SIZES,
      .min = 1,
      .max = 65536,
      .offset = offsetof(train_options, hidden) },
    TRAIN_OPTIONS("10", "128", NULL,
                  "learning rate at the start (default: 0.05 for sgd, 0.001 for adam and adamw)"),
    { .name = "optimizer",
      .argument = "NAME",
      .default_value = "sgd",
      .help = "sgd: stochastic gradient descent with momentum; adam, adamw: as in PyTorch, but "
              "adamw without weight decay where --weight-decay is left out",
      .type = OPTION_CHOICE,
      .choices = "sgd|adam|adamw",
      .offset = offsetof(train_options, config.optimizer) },
};

const command train_command = {
    .name = "train",
    .summary = "trains a model from scratch",
    .operands = "",
    .options = train_option_list,
    .option_count = sizeof train_option_list / sizeof *train_option_list,
    .values_bytes = sizeof(train_options),
    .details = "Inputs are normalised by the mean and standard deviation of the train split. "
               "Photographs become grey and are stretched to 28 x 28 pixels. Each epoch ends with "
               "an evaluation on the validation split. The saved model is that of the last epoch, "
               "with --early-stopping that of the best one. After Ctrl-C, SIGTERM or SIGHUP no "
               "file is written, and an "
               "existing one stays as it was.",
    .example = "candela train --data fashion-mnist --out fashion.safetensors\n"
               "candela train --data fashion-mnist --out fashion.safetensors --report report.html",
    .draws_numbers = true,
    .run = run_train,
};
