/* candela train: a model from scratch. */
#include <math.h>
#include <string.h>

#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/report.h"
#include "apps/samples_read.h"
#include "apps/train_checkpoint.h"
#include "apps/train_model.h"
#include "apps/train_table.h"

typedef struct train_options {
    train_config config;
    const char *layers; /* NULL: not given */
    sizes hidden;
    table_choice columns; /* of a CSV file */
} train_options;

static model_choice choice_of(const train_options *o)
{
    return (model_choice){ o->config.model, o->layers, o->hidden };
}

static const double TRAIN_SGD_LR = 0.05; /* as its help says */

/* Where a CSV file's options do not say it. Numbers are learnt by heart sooner than classes. */
enum { CLASS_EPOCHS = 100, NUMBER_EPOCHS = 50, TABLE_BATCH = 32 };
enum { SIDE = 28 }; /* of photographs that are read into memory, in pixels */

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
    preprocess->mean[0] = mean;
    preprocess->std[0] = variance > 1e-12 ? sqrt(variance) : 1; /* pictures of one grey */
    return normalise(s->train.x, preprocess, s->train.count) &&
           normalise(s->validation.x, preprocess, s->validation.count);
}

/* Finds the photographs that cannot be decoded; the others stay in memory where they fit. */
static bool check_photographs(split *s)
{
    enum { BATCH_SIZE = 16 };
    const sample_reading how = { .task = "reading",
                                 .batch_size = BATCH_SIZE,
                                 .most_bytes = SAMPLES_KEPT_BYTES };
    const bool done = samples_read(&s->train, &how) && samples_read(&s->validation, &how);
    if (done) split_warn_turned(s);
    return done;
}

/* Opens the data set, and reads it into memory if it is of photographs. Batches of an IDX set are
 * read when they are needed. */
static bool open_data(training *t, const train_options *o)
{
    const train_config *c = t->config;
    const model_choice choice = choice_of(o);
    cd_dataset_layout layout;
    if (!cd_dataset_look(c->data, &layout)) return false;
    const cd_preprocess *preprocess = layout.photographs ? train_preprocess(&choice) : NULL;
    if (!split_open(&t->split, c->data, preprocess, c->val_split, c->common.seed) ||
        !check_trainable(t->split.train.set, c->data)) {
        return false;
    }
    t->preprocess = cd_dataset_preprocess(t->split.train.set);
    if (!layout.photographs) return true;
    return preprocess ? read_photographs(&t->split, &t->preprocess) : check_photographs(&t->split);
}

static bool prepare(training *t, const train_options *o)
{
    const model_choice choice = choice_of(o);
    if (!open_data(t, o) || !train_make_model(t, &choice)) return false;
    t->trained = t->model;
    t->unit = "pictures";
    t->epochs_per_line = 1;
    report_data(t);
    return true;
}

/* Refuses options that contradict each other. Returns 0, or the exit status. */
static int check_together(const command *c, const train_options *o)
{
    const char *model = o->config.model;
    if (o->layers && model) {
        return used_wrongly(c, "--model %s and --layers both say what the model is: give one",
                            model);
    }
    if (o->hidden.given && (o->layers || (model && strcmp(model, "mlp") != 0))) {
        return used_wrongly(c, "--hidden is for the mlp, and %s%s is given",
                            o->layers ? "--layers" : "--model ", o->layers ? "" : model);
    }
    return 0;
}

/* The options with the defaults of pictures, or those of a table: its rows have few inputs, and its
 * epochs take moments. */
static train_options with_defaults(const command *c, const train_options *given)
{
    train_options o = *given;
    const bool table = is_csv_name(o.config.data);
    if (!o.layers && !o.config.model) o.config.model = "mlp";
    if (!o.layers && strcmp(o.config.model, "mlp") == 0 && !o.hidden.given) {
        o.hidden = table ? (sizes){ { 64, 32 }, 2, true } : (sizes){ { 256, 128 }, 2, true };
    }
    if (!table) return o;
    if (!option_given(c, given, "optimizer")) o.config.optimizer = "adam";
    if (!option_given(c, given, "epochs")) o.config.epochs = CLASS_EPOCHS;
    if (!option_given(c, given, "batch")) o.config.batch_size = TABLE_BATCH;
    if (!o.columns.missing) o.columns.missing = "error";
    if (!o.columns.task) o.columns.task = "auto";
    return o;
}

static int run_table(const command *c, train_options *o)
{
    enum { LINES = 20 };
    training t;
    train_table table;
    const model_choice choice = choice_of(o);
    int status = training_begin(&t, c, &o->config, TRAIN_SGD_LR);
    if (status == 0) {
        bool done = train_table_open(&t, &table, &o->columns);
        if (done && train_is_regression(&t) && !option_given(c, o, "epochs")) {
            o->config.epochs = NUMBER_EPOCHS;
        }
        done = done && train_make_model(&t, &choice);
        t.trained = t.model;
        t.unit = "rows";
        t.epochs_per_line = 1 + (o->config.epochs - 1) / LINES;
        if (done) train_table_report_data(&t);
        status = done ? train_table_run(&t, &table) : failed_or_stopped(o->config.out);
    }
    training_end(&t);
    return status;
}

static int run_train(const command *c, const void *values, char *const *operands, int count)
{
    static const char *const of_pictures[] = { "augment", NULL };
    (void)operands;
    (void)count;
    const train_options *given = values;
    int status = check_together(c, given);
    if (status == 0) status = train_table_check(c, &given->config, &given->columns, of_pictures);
    if (status != 0) return status;
    train_options o = with_defaults(c, given);
    if (is_csv_name(o.config.data)) return run_table(c, &o);
    training t;
    status = training_begin(&t, c, &o.config, TRAIN_SGD_LR);
    if (status == 0) {
        status = prepare(&t, &o) ? training_run(&t) : training_stopped(&t);
    }
    training_end(&t);
    return status;
}

static const option train_option_list[] = {
    { .group = "data",
      .name = "data",
      .argument = "SET",
      .help =
          "fashion-mnist, fashion-mnist:DIR, mnist:DIR, idx:DIR (IDX files named as MNIST's), "
          "cifar10:DIR, cifar100:DIR (the binary version's files), list:FILE (a text file with a "
          "picture's path and its class in each line), "
          "a folder of photographs: DIR/train/CLASS/ beside DIR/val/CLASS/ or "
          "DIR/test/CLASS/, or DIR/CLASS/; or a table: FILE.csv or FILE.tsv",
      .type = OPTION_TEXT,
      .required = true,
      .offset = offsetof(train_options, config.data) },
    TRAIN_DATA_OPTIONS,
    { .name = "label",
      .argument = "COLUMN",
      .help = "of a CSV file, which needs it: the column that is predicted, by its name or number",
      .type = OPTION_TEXT,
      .offset = offsetof(train_options, columns.label) },
    { .name = "ignore",
      .argument = "A,B",
      .help = "of a CSV file: columns that are no inputs, such as numbers of rows",
      .type = OPTION_TEXT,
      .offset = offsetof(train_options, columns.ignore) },
    { .name = "missing",
      .argument = "HOW",
      .help = "of a CSV file: what a missing field is. error, or mean: the mean of its column, of "
              "texts the most frequent one (default: error)",
      .type = OPTION_CHOICE,
      .choices = "error|mean",
      .offset = offsetof(train_options, columns.missing) },
    { .name = "task",
      .argument = "TASK",
      .help = "of a CSV file: classes; binary, which is two classes by one output; numbers; or "
              "auto: classes where the label is a text, or a whole number with few values "
              "(default: auto)",
      .type = OPTION_CHOICE,
      .choices = "auto|classes|binary|numbers",
      .offset = offsetof(train_options, columns.task) },
    { .name = "augment",
      .argument = "TEXT",
      .help = "random changes of the train pictures, as \"crop 4, flip, jitter 0.2, erase, mixup "
              "0.2\": docs/augmentation.md has all (default: none)",
      .type = OPTION_TEXT,
      .offset = offsetof(train_options, config.augment) },
    { .name = "workers",
      .argument = "N",
      .help = "threads that read and change batches ahead (default: 0, the batch is read when it "
              "is needed)",
      .type = OPTION_INTEGER,
      .min = 0,
      .max = 256,
      .offset = offsetof(train_options, config.workers) },
    { .group = "model",
      .name = "model",
      .argument = "NAME",
      .help = "mlp: linear layers with ReLU between them; lenet: LeNet-5 (LeCun et al. 1998) with "
              "ReLU and maximum pooling, for square pictures; resnet18 (He et al. 2015), for "
              "photographs of 224 x 224 pixels (default: mlp)",
      .type = OPTION_CHOICE,
      .choices = "mlp|lenet|resnet18",
      .offset = offsetof(train_options, config.model) },
    { .name = "layers",
      .argument = "TEXT",
      .help = "layers in place of a named model, as \"conv 32 3, relu, maxpool 2, linear 128, "
              "relu, dropout 0.2, linear\": docs/texts.md has all",
      .type = OPTION_TEXT,
      .offset = offsetof(train_options, layers) },
    { .name = "hidden",
      .argument = "SIZES",
      .help = "of the mlp: sizes of the layers between input and output, or none (default: "
              "256,128; CSV: 64,32)",
      .type = OPTION_SIZES,
      .min = 1,
      .max = 65536,
      .offset = offsetof(train_options, hidden) },
    TRAIN_LOOP_OPTIONS("10", "128", "0.05", "100, of numbers 50", "32", "adam"),
    TRAIN_STOP_OPTIONS,
    TRAIN_OUTPUT_OPTIONS,
    TRAIN_FILES_OPTIONS
};

const command train_command = {
    .name = "train",
    .summary = "trains a model from scratch",
    .operands = "",
    .options = train_option_list,
    .option_count = sizeof train_option_list / sizeof *train_option_list,
    .values_bytes = sizeof(train_options),
    .details =
        "Inputs are normalised by the mean and standard deviation of the train split. "
        "Photographs become grey and are stretched to 28 x 28 pixels; for resnet18 they are "
        "prepared as for ImageNet. Each epoch ends with "
        "an evaluation on the validation split. "
        "A CSV file has defaults of its own, behind the others. A share of its rows is validated "
        "on, of each class alike. Where numbers are predicted, the loss is the mean squared error, "
        "R2 stands "
        "for the accuracy, and --early-stopping and --best go by the loss on the validation rows. "
        "The saved model is that of the last epoch, "
        "with --early-stopping or --best that of the best one. After Ctrl-C, SIGTERM or SIGHUP no "
        "model is written, and an existing one stays as it was; with --checkpoint the run is saved "
        "first, and --resume goes on with it.",
    .example = "candela train --data fashion-mnist --out fashion.safetensors\n"
               "candela train --data fashion-mnist --out fashion.safetensors --report report.html\n"
               "candela train --data fashion-mnist --out fashion.safetensors --checkpoint run "
               "--resume\n"
               "candela train --data cifar10:DIR --model lenet --early-stopping 3 "
               "--out m.safetensors\n"
               "candela train --data houses.csv --label price --out houses.safetensors\n"
               "candela train --data photos --optimizer adam --lr 1e-3 --val-split 0.3 --out "
               "m.safetensors",
    .draws_numbers = true,
    .run = run_train,
};
