/* candela probe: a new last layer for a pretrained network (a linear probe). */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "apps/commands.h"
#include "apps/console.h"
#include "apps/finite.h"
#include "apps/interrupt.h"
#include "apps/model_file.h"
#include "apps/outcome.h"

typedef struct probe_options {
    common_options common;
    const char *weights, *model, *data, *out, *schedule;
    int64_t epochs, batch;
    double lr, momentum, weight_decay, val_split;
} probe_options;

static cd_tensor *features(cd_tensor *x, void *user)
{
    return cd_resnet_features(user, x);
}

static bool read_part(samples *s, const char *what, cd_module *trunk, const char *data)
{
    enum { AT_ONCE = 16 }; /* photographs of 224 x 224: some 100 MB on their way through the net */
    bool finite;
    int64_t row;
    if (!samples_read(s, AT_ONCE, what, features, trunk) || !find_not_finite(s->x, &finite, &row)) {
        return false;
    }
    char name[SAMPLE_NAME_BYTES];
    return finite || fail_not_finite(sample_name(s->set, samples_number(s, 0, row), data, name));
}

static bool read_features(division *d, cd_module *trunk, const char *data)
{
    return read_part(&d->train, "features, train", trunk, data) &&
           read_part(&d->held, "features, val", trunk, data);
}

/* Data sets and weights, both checked before the long work. */
static cd_module *prepare(const probe_options *o, division *d)
{
    if (!divide(d, o->data, NULL, o->val_split, o->common.seed)) return NULL;
    if (!cd_dataset_path(d->train.set, 0)) {
        if (cd_ok()) {
            (void)cd_fail(CD_ERR_ARGUMENT,
                          "%s holds no photographs, and a probe needs a folder of them: "
                          "DIR/train/CLASS/ and DIR/val/CLASS/, or DIR/CLASS/",
                          o->data);
        }
        return NULL;
    }
    if (!check_learnable(d->train.set, o->data)) return NULL;
    cd_module *trunk = open_trunk(o->model, o->weights);
    return trunk && check_tensors(trunk, o->weights) && cd_freeze(trunk) ? trunk : NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The new layer is taught on the cached features alone; the network around it stays as it is. */
static int probe_with(const probe_options *o, outcome *result, cd_module *trunk)
{
    division *d = result->lesson.data;
    double started = seconds_now();
    if (!read_features(d, trunk, o->data)) {
        return interrupted() ? stopped(o->out) : failed_in_library();
    }
    division_warn_turned(d);
    result->reading_seconds = seconds_now() - started;
    cd_manual_seed((uint64_t)o->common.seed);
    cd_module *fc = cd_nn_linear(RESNET18_FEATURES, cd_dataset_class_count(d->train.set));
    if (!fc || !cd_module_set(trunk, "fc", fc)) return failed_in_library();
    result->lesson.model = fc;
    show_data(result);
    if (!o->common.json) {
        /* A clock that is not fine enough says that no time has passed. */
        double seconds = fmax(result->reading_seconds, 1e-3);
        print_line("features of %lld photographs in %.1f s, %.1f photographs/s",
                   (long long)(d->train.count + d->held.count), seconds,
                   (double)(d->train.count + d->held.count) / seconds);
    }
    if (!teach(&result->lesson, result->records)) {
        return interrupted() ? stopped(o->out) : failed_in_library();
    }
    return finish(result, trunk);
}

static int probe(const probe_options *o, division *d)
{
    outcome result = { .command = "probe",
                       .data_name = o->data,
                       .out = o->out,
                       .architecture = o->model,
                       .source = base_name(o->weights),
                       .common = &o->common,
                       .preprocess = cd_preprocess_imagenet,
                       .started = seconds_now() };
    cd_module *trunk = prepare(o, d);
    if (!trunk) return failed_in_library();
    char options[64];
    (void)snprintf(options, sizeof options, "{\"num_classes\": %lld}",
                   (long long)cd_dataset_class_count(d->train.set));
    result.options = options;
    result.records = calloc((size_t)o->epochs, sizeof *result.records);
    if (!result.records) return failed("out of memory for %lld epochs", (long long)o->epochs);
    result.lesson = (lesson){ .data = d,
                              .epochs = o->epochs,
                              .batch = o->batch,
                              .lr = o->lr,
                              .momentum = o->momentum,
                              .weight_decay = o->weight_decay,
                              .cosine = strcmp(o->schedule, "cosine") == 0,
                              .shown_every = o->common.json ? 0 : (o->epochs + 9) / 10,
                              .unit = "features" };
    int status = probe_with(o, &result, trunk);
    free(result.records);
    return status;
}

/* Looks at a file. False with *status where that fails: 0 for one that is not there. */
static bool look_at(const char *name, const char *path, struct stat *out, int *status)
{
    *status = 0;
    if (stat(path, out) == 0) return true;
    if (errno != ENOENT && errno != ENOTDIR) {
        *status = failed("--%s %s cannot be looked at: %s", name, path, strerror(errno));
    }
    return false;
}

/* 0 where --out is no file yet, or another than --weights, which it would replace; else the exit
 * status. Weights that are not there are found missing when they are opened. */
static int check_out(const command *c, const probe_options *o)
{
    int status;
    struct stat weights, out;
    if (!look_at("out", o->out, &out, &status)) return status;
    if (!look_at("weights", o->weights, &weights, &status)) return status;
    if (weights.st_dev != out.st_dev || weights.st_ino != out.st_ino) return 0;
    return used_wrongly(c, "--out is the file of --weights, which would be lost: %s", o->out);
}

static int run_probe(const command *c, const void *values, char *const *operands, int count)
{
    (void)operands;
    (void)count;
    const probe_options *o = values;
    int status = check_out(c, o);
    if (status != 0) return status;
    catch_interrupts();
    if (!cd_path_writable(o->out)) return failed_in_library();
    division d = { .fraction = 0 };
    status = probe(o, &d);
    division_free(&d);
    return status;
}

#define AT(member_) offsetof(probe_options, member_)
static const option probe_option_list[] = {
    { .name = "weights",
      .argument = "W",
      .help =
          "pretrained weights, .pth or .safetensors, with torchvision's names; the last layer, fc, "
          "may be missing",
      .type = OPTION_TEXT,
      .required = true,
      .at = AT(weights) },
    { .name = "data",
      .argument = "DIR",
      .help =
          "photographs: DIR/train/CLASS/ beside DIR/val/CLASS/ or DIR/test/CLASS/, or DIR/CLASS/",
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
    { .name = "model",
      .argument = "NAME",
      .initial = "resnet18",
      .help = "the network that the weights are of",
      .type = OPTION_CHOICE,
      .choices = "resnet18",
      .at = AT(model) },
    { .name = "epochs",
      .argument = "N",
      .initial = "50",
      .help = "passes over the features, which takes seconds",
      .type = OPTION_WHOLE,
      .least = 1,
      .most = 100000,
      .at = AT(epochs) },
    { .name = "batch",
      .argument = "N",
      .initial = "32",
      .help = "features for one step",
      .type = OPTION_WHOLE,
      .least = 1,
      .most = 65536,
      .at = AT(batch) },
    SGD_OPTIONS("0.01"),
    { .name = "val-split",
      .argument = "F",
      .help = "hold this share of each class of the training part back to validate with (default: "
              "validate with val, or test where there is no val, and hold back 0.2 where there is "
              "neither)",
      .type = OPTION_NUMBER,
      .least = 0.001,
      .most = 0.9,
      .at = AT(val_split) },
};

const command probe_command = {
    .name = "probe",
    .does = "trains a new last layer on a pretrained network (linear probe)",
    .operands = "",
    .options = probe_option_list,
    .option_count = sizeof probe_option_list / sizeof *probe_option_list,
    .values_bytes = sizeof(probe_options),
    .details =
        "W is torchvision's file, from download.pytorch.org/models/resnet18-f37072fd.pth or "
        "wherever it lies, or another ResNet-18 with its names. Photographs are prepared as "
        "ImageNet's were for torchvision: shorter side to 256 pixels, 224 x 224 from the middle, "
        "normalised. The network runs over each of them once, in evaluation mode and without "
        "augmentation; the new layer learns from the 512 numbers it gives. Pictures that cannot be "
        "decoded are named, left out and counted. The saved model is the whole network after the "
        "last epoch, not the one that looked best. Ctrl-C, SIGTERM and SIGHUP leave no file, and "
        "one that was there as it was.",
    .example = "candela probe --weights resnet18-f37072fd.pth --data photos --out mine.safetensors",
    .run = run_probe,
};
