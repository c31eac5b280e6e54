/* candela probe: a linear probe, which is a new last layer trained on a pretrained network. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "apps/commands.h"
#include "apps/console.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/model_file.h"
#include "apps/report.h"
#include "apps/samples_read.h"
#include "apps/train_checkpoint.h"

typedef struct probe_options {
    train_config config;
    const char *weights, *key;
} probe_options;

/* --- preparation ------------------------------------------------------------------------------ */

static bool open_photographs(training *t)
{
    const train_config *c = t->config;
    if (!split_open(&t->split, c->data, NULL, c->val_split, c->common.seed)) return false;
    const cd_dataset *set = t->split.train.set;
    if (!cd_dataset_path(set, 0)) {
        if (cd_ok()) {
            (void)cd_fail(CD_ERR_ARGUMENT,
                          "%s holds no photographs, and a probe needs a folder of them: "
                          "DIR/train/CLASS/ and DIR/val/CLASS/, or DIR/CLASS/",
                          c->data);
        }
        return false;
    }
    return check_trainable(set, c->data);
}

/* Opens the pretrained network, whose parameters are not trained. */
static bool open_network(training *t, const probe_options *o)
{
    t->model = open_trunk(t->config->model, o->weights, o->key);
    return t->model && check_tensors(t->model, o->weights) && cd_freeze(t->model);
}

/* What the network gives before its last layer. */
static cd_tensor *features(cd_tensor *x, void *user)
{
    return cd_resnet_features(user, x);
}

static bool read_features_of(const training *t, samples *s, const char *task)
{
    enum { BATCH_SIZE = 16 }; /* photographs of 224 x 224: some 100 MB of activations */
    bool finite;
    int64_t row;
    const sample_reading how = {
        .task = task, .batch_size = BATCH_SIZE, .map = features, .user = t->model
    };
    if (!samples_read(s, &how) || !find_not_finite(s->x, &finite, &row)) {
        return false;
    }
    char name[SAMPLE_NAME_BYTES];
    return finite || fail_not_finite(sample_name(s->set, s->index[row], t->config->data, name));
}

/* Computes the features of all photographs. They are computed once, for the network stays as it is,
 * and the new layer is trained on them alone. */
static bool read_features(training *t)
{
    double started = seconds_now();
    if (!read_features_of(t, &t->split.train, "features, train") ||
        !read_features_of(t, &t->split.validation, "features, val")) {
        return false;
    }
    split_warn_turned(&t->split);
    t->reading_seconds = seconds_now() - started;
    return true;
}

/* Makes the new layer, and puts it into the network. */
static bool make_layer(training *t)
{
    int64_t classes = cd_dataset_class_count(t->split.train.set);
    cd_manual_seed((uint64_t)t->config->common.seed);
    t->options = resnet_options(classes);
    t->trained = t->options ? cd_nn_linear(RESNET18_FEATURES, classes) : NULL;
    return t->trained && cd_module_set(t->model, "fc", t->trained);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void report_features(const training *t)
{
    if (t->config->common.json) return;
    int64_t count = t->split.train.count + t->split.validation.count;
    double seconds = fmax(t->reading_seconds, 1e-3); /* a coarse clock may have measured 0 */
    print_line("features of %lld photographs in %.1f s, %.1f photographs/s", (long long)count,
               seconds, (double)count / seconds);
}

/* The data set and the weights are checked before the features are computed, which takes long. */
static bool prepare(training *t, const probe_options *o)
{
    if (!open_photographs(t) || !open_network(t, o) || !read_features(t) || !make_layer(t)) {
        return false;
    }
    t->source = base_name(o->weights);
    t->preprocess = cd_preprocess_imagenet;
    t->architecture = t->config->model;
    t->unit = "features";
    t->epochs_per_line = (o->config.epochs + 9) / 10;
    report_data(t);
    report_features(t);
    return true;
}

static const double PROBE_SGD_LR = 0.01; /* as its help says */

/* --- the command ------------------------------------------------------------------------------ */

/* Finds a file. False when there is none, with *status 0, and when it cannot be looked at, with
 * *status the exit status. */
static bool find_file(const char *option_name, const char *path, struct stat *out, int *status)
{
    *status = 0;
    if (stat(path, out) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) {
        *status = failed("--%s %s cannot be looked at: %s", option_name, path, strerror(errno));
    }
    return false;
}

/* Refuses an --out that is the file of --weights, which would be replaced. Returns 0, or the exit
 * status. Weights that do not exist are reported when they are opened. */
static int check_out(const command *c, const probe_options *o)
{
    int status;
    struct stat weights, out;
    if (!find_file("out", o->config.out, &out, &status)) return status;
    if (!find_file("weights", o->weights, &weights, &status)) return status;
    if (weights.st_dev != out.st_dev || weights.st_ino != out.st_ino) return 0;
    return used_wrongly(c, "--out is the file of --weights, which would be lost: %s",
                        o->config.out);
}

static int run_probe(const command *c, const void *values, char *const *operands, int count)
{
    (void)operands;
    (void)count;
    const probe_options *o = values;
    int status = check_out(c, o);
    if (status != 0) return status;
    training t;
    status = training_begin(&t, c, &o->config, PROBE_SGD_LR);
    if (status == 0) {
        status = prepare(&t, o) ? training_run(&t) : training_stopped(&t);
    }
    training_end(&t);
    return status;
}

static const option probe_option_list[] = {
    { .group = "data and model",
      .name = "weights",
      .argument = "W",
      .help = "pretrained weights, .pth or .safetensors, with torchvision's names; the last layer, "
              "fc, may be missing",
      .type = OPTION_TEXT,
      .required = true,
      .offset = offsetof(probe_options, weights) },
    { .name = "data",
      .argument = "DIR",
      .help = "photographs: DIR/train/CLASS/ beside DIR/val/CLASS/ or DIR/test/CLASS/, or "
              "DIR/CLASS/",
      .type = OPTION_TEXT,
      .required = true,
      .offset = offsetof(probe_options, config.data) },
    { .name = "model",
      .argument = "NAME",
      .default_value = "resnet18",
      .help = "the network that the weights are of",
      .type = OPTION_CHOICE,
      .choices = "resnet18",
      .offset = offsetof(probe_options, config.model) },
    KEY_OPTION(probe_options, key),
    TRAIN_DATA_OPTIONS,
    TRAIN_LOOP_OPTIONS("50", "32", "0.01", NULL, NULL, NULL),
    TRAIN_STOP_OPTIONS,
    TRAIN_OUTPUT_OPTIONS,
    TRAIN_FILES_OPTIONS
};

const command probe_command = {
    .name = "probe",
    .summary = "trains a new last layer on a pretrained network (linear probe)",
    .operands = "",
    .options = probe_option_list,
    .option_count = sizeof probe_option_list / sizeof *probe_option_list,
    .values_bytes = sizeof(probe_options),
    .details =
        "W is torchvision's file, download.pytorch.org/models/resnet18-f37072fd.pth, or another "
        "ResNet-18 with its names. Photographs are prepared as torchvision prepares them for "
        "ImageNet: shorter side to 256 pixels, 224 x 224 from the middle, normalised. The network "
        "computes the 512 features of each photograph once, in evaluation mode and without "
        "augmentation, and the new layer is trained on the features; its epochs take seconds. "
        "Pictures that cannot be decoded are named, left out and counted. The saved model is the "
        "whole network after the last epoch, or with --early-stopping or --best after the best "
        "one. After Ctrl-C, SIGTERM or "
        "SIGHUP no model is written, and an existing one stays as it was; with --checkpoint the "
        "run is saved first, and --resume goes on with it.",
    .example =
        "candela probe --weights resnet18-f37072fd.pth --data photos --out mine.safetensors\n"
        "candela probe --weights resnet18-f37072fd.pth --data photos --out mine.safetensors "
        "--report report.html",
    .draws_numbers = true,
    .run = run_probe,
};
