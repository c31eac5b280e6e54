/* How to train: the hyperparameters and files of train and probe, and the options that set them. */
#ifndef CANDELA_APPS_TRAIN_CONFIG_H
#define CANDELA_APPS_TRAIN_CONFIG_H

#include "apps/options.h"
#include "apps/train_files.h"

/* The first member of the structs that the options of train and probe fill. */
typedef struct train_config {
    common_options common;
    const char *model; /* the architecture, a name that cd_make_model knows */
    const char *data, *out;
    const char *report; /* where to write a page about the run; NULL: nowhere */
    int64_t epochs, batch_size;
    const char *optimizer;         /* optim/optimizer_text.h */
    double lr;                     /* 0: not given */
    double momentum, weight_decay; /* NaN: not given. momentum: beta1 of Adam */
    const char *schedule;          /* optim/schedule_text.h; "constant": none */
    const char *augment;           /* io/transform.h; NULL: none */
    const char *class_weights;     /* "balanced" or numbers; NULL: none */
    bool balanced;                 /* all classes are drawn equally often */
    bool best;                     /* the model of the best epoch is saved */
    int64_t workers;               /* threads that read batches ahead */
    int64_t early_stopping;        /* epochs without a better accuracy; 0: never */
    int64_t accumulate;            /* batches of one step */
    double clip_norm;              /* 0: gradients are not clipped */
    double label_smoothing;        /* 0: none */
    double val_split;              /* share of the train split to validate on; 0: not given */
    train_files files;
} train_config;

/* Whether the model of the best epoch is saved, and not that of the last one. */
static inline bool saves_best(const train_config *c)
{
    return c->best || c->early_stopping > 0;
}

/* Puts "--NAME: " in place of the library's function in a pending error about a text that the user
 * gave as this option. Returns false, for the caller to return. */
bool refuse_text(const char *name);

/* The momentum of SGD where the options do not say it. PyTorch's is 0. */
#define TRAIN_SGD_MOMENTUM 0.9

/* The options for all fields but model and data, whose help differs between the commands, and
 * optimizer, which probe has not: initializers of several elements of an option table, a macro for
 * each group of the help. */

/* The rest of the group that begins with --data. */
#define TRAIN_DATA_OPTIONS                                                                         \
    { .name = "val-split",                                                                         \
      .argument = "F",                                                                             \
      .help = "take this share of each class of the train split to validate on, and use no other " \
              "split (default: validate on val, or on test where there is no val; where there is " \
              "neither, on a share of 0.2)",                                                       \
      .type = OPTION_NUMBER,                                                                       \
      .min = 0.001,                                                                                \
      .max = 0.9,                                                                                  \
      .offset = offsetof(train_config, val_split) },                                               \
        { .name = "class-weights",                                                                 \
          .argument = "W",                                                                         \
          .help =                                                                                  \
              "how much a sample of each class counts in the loss: balanced, so that all classes " \
              "count alike, or numbers with commas between, one for each class (default: 1)",      \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(train_config, class_weights) },                                       \
    {                                                                                              \
        .name = "balanced",                                                                        \
        .help = "draw samples of all classes equally often, where some have fewer",                \
        .type = OPTION_FLAG, .offset = offsetof(train_config, balanced)                            \
    }

/* How it is trained. The arguments are default values, as text, and what SGD begins with; then the
 * defaults for a CSV file, NULL where there are no others. */
#define TRAIN_LOOP_OPTIONS(epochs_, batch_size_, sgd_lr_, csv_epochs_, csv_batch_, csv_optimizer_) \
    { .group = "training",                                                                         \
      .name = "epochs",                                                                            \
      .argument = "N",                                                                             \
      .default_value = epochs_,                                                                    \
      .csv_default = csv_epochs_,                                                                  \
      .help = "passes over the train split",                                                       \
      .type = OPTION_INTEGER,                                                                      \
      .min = 1,                                                                                    \
      .max = 100000,                                                                               \
      .offset = offsetof(train_config, epochs) },                                                  \
        { .name = "batch",                                                                         \
          .argument = "N",                                                                         \
          .default_value = batch_size_,                                                            \
          .csv_default = csv_batch_,                                                               \
          .help = "samples in one step",                                                           \
          .type = OPTION_INTEGER,                                                                  \
          .min = 1,                                                                                \
          .max = 65536,                                                                            \
          .offset = offsetof(train_config, batch_size) },                                          \
        { .name = "optimizer",                                                                     \
          .argument = "TEXT",                                                                      \
          .default_value = "sgd",                                                                  \
          .csv_default = csv_optimizer_,                                                           \
          .help = "sgd, adam, adamw, rmsprop, ... with options, as \"adamw 3e-4 beta2 0.99\": "    \
                  "docs/texts.md has all",                                                         \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(train_config, optimizer) },                                           \
        { .name = "lr",                                                                            \
          .also = "learning-rate",                                                                 \
          .argument = "X",                                                                         \
          .help =                                                                                  \
              "learning rate at the start (default: " sgd_lr_                                      \
              " for sgd, where PyTorch has 0.001; PyTorch's for the others, as 0.001 for adam)",   \
          .type = OPTION_NUMBER,                                                                   \
          .min = 1e-12,                                                                            \
          .max = 1e6,                                                                              \
          .offset = offsetof(train_config, lr) },                                                  \
        { .name = "momentum",                                                                      \
          .argument = "X",                                                                         \
          .help = "of sgd and rmsprop (default: 0.9 for sgd, where PyTorch has 0); of adam and "   \
                  "the like, beta1",                                                               \
          .type = OPTION_NUMBER,                                                                   \
          .min = 0,                                                                                \
          .max = 0.9999,                                                                           \
          .unset_is_nan = true,                                                                    \
          .offset = offsetof(train_config, momentum) },                                            \
        { .name = "weight-decay",                                                                  \
          .argument = "X",                                                                         \
          .help = "this times the weight is added to the gradient, or with adamw taken off the "   \
                  "weight (default: PyTorch's, which is 0.01 for adamw and 0 for others)",         \
          .type = OPTION_NUMBER,                                                                   \
          .min = 0,                                                                                \
          .max = 1e6,                                                                              \
          .unset_is_nan = true,                                                                    \
          .offset = offsetof(train_config, weight_decay) },                                        \
        { .name = "schedule",                                                                      \
          .argument = "TEXT",                                                                      \
          .default_value = "cosine",                                                               \
          .help = "cosine: the learning rate falls to 0 along half a cosine, step by step "        \
                  "(Loshchilov and Hutter 2017, without restarts); constant: it does not change; " \
                  "step, one-cycle, plateau, \"warmup 500, cosine\", ...: docs/texts.md has all",  \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(train_config, schedule) },                                            \
        { .name = "label-smoothing",                                                               \
          .argument = "X",                                                                         \
          .default_value = "0",                                                                    \
          .help = "share of the target that is spread over all classes, as in PyTorch; the "       \
                  "losses of the epochs are those with it, on the validation samples too",         \
          .type = OPTION_NUMBER,                                                                   \
          .min = 0,                                                                                \
          .max = 0.999,                                                                            \
          .offset = offsetof(train_config, label_smoothing) },                                     \
        { .name = "clip-norm",                                                                     \
          .argument = "X",                                                                         \
          .help =                                                                                  \
              "scale the gradients of a step down to this norm where it is larger (default: not)", \
          .type = OPTION_NUMBER,                                                                   \
          .min = 1e-12,                                                                            \
          .max = 1e12,                                                                             \
          .offset = offsetof(train_config, clip_norm) },                                           \
    {                                                                                              \
        .name = "accumulate", .argument = "N", .default_value = "1",                               \
        .help = "batches whose gradients make one step", .type = OPTION_INTEGER, .min = 1,         \
        .max = 65536, .offset = offsetof(train_config, accumulate)                                 \
    }

/* When it ends. */
#define TRAIN_STOP_OPTIONS                                                                         \
    { .group = "stopping",                                                                         \
      .name = "early-stopping",                                                                    \
      .argument = "N",                                                                             \
      .help =                                                                                      \
          "end after this many epochs without a better accuracy on the validation samples (with "  \
          "--schedule plateau without a lower loss), and save the model of the best epoch "        \
          "(default: all epochs, and the last one is saved)",                                      \
      .type = OPTION_INTEGER,                                                                      \
      .min = 1,                                                                                    \
      .max = 100000,                                                                               \
      .offset = offsetof(train_config, early_stopping) },                                          \
    {                                                                                              \
        .name = "best",                                                                            \
        .help = "save the model of the best epoch, without an early end: of the highest accuracy " \
                "on the validation samples and, where that is the same, of the lowest loss; with " \
                "--schedule plateau of the lowest loss",                                           \
        .type = OPTION_FLAG, .offset = offsetof(train_config, best)                                \
    }

/* What is written. */
#define TRAIN_OUTPUT_OPTIONS                                                                       \
    { .group = "output",                                                                           \
      .name = "out",                                                                               \
      .argument = "M.safetensors",                                                                 \
      .help = "where to save the model, as a safetensors file; an existing file is replaced at "   \
              "the end",                                                                           \
      .type = OPTION_TEXT,                                                                         \
      .required = true,                                                                            \
      .offset = offsetof(train_config, out) },                                                     \
    {                                                                                              \
        .name = "report", .argument = "FILE.html",                                                 \
        .help = "write a page about the run: curves, confusion, the worst mistakes, settings",     \
        .type = OPTION_TEXT, .offset = offsetof(train_config, report)                              \
    }

#endif
