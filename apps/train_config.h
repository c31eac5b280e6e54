/* How to train: the hyperparameters and files of train and probe, and the options that set them. */
#ifndef CANDELA_APPS_TRAIN_CONFIG_H
#define CANDELA_APPS_TRAIN_CONFIG_H

#include "apps/options.h"

/* The first member of the structs that the options of train and probe fill. */
typedef struct train_config {
    common_options common;
    const char *model; /* the architecture, a name that cd_make_model knows */
    const char *data, *out;
    const char *report; /* where to write a page about the run; NULL: nowhere */
    int64_t epochs, batch_size;
    const char *optimizer;             /* "sgd", "adam" or "adamw"; NULL: SGD */
    double lr, momentum, weight_decay; /* momentum: beta1 of Adam */
    const char *schedule;              /* "cosine" or "constant" */
    int64_t early_stopping;            /* epochs without a better accuracy; 0: never */
    int64_t accumulate;                /* batches of one step */
    double clip_norm;                  /* 0: gradients are not clipped */
    double label_smoothing;            /* 0: none */
    double val_split;                  /* share of the train split to validate on; 0: not given */
} train_config;

/* The options for all fields but model and data, whose help differs between the commands: an
 * initializer of several elements of an option table. The arguments are default values, as text. */
#define TRAIN_OPTIONS(epochs_, batch_size_, lr_, lr_help_)                                         \
    { .name = "out",                                                                               \
      .argument = "M.safetensors",                                                                 \
      .help = "where to save the model, as a safetensors file; an existing file is replaced at "   \
              "the end",                                                                           \
      .type = OPTION_TEXT,                                                                         \
      .required = true,                                                                            \
      .offset = offsetof(train_config, out) },                                                     \
        { .name = "report",                                                                        \
          .argument = "FILE.html",                                                                 \
          .help = "write a page about the run: curves, confusion, the worst mistakes, settings",   \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(train_config, report) },                                              \
        { .name = "epochs",                                                                        \
          .argument = "N",                                                                         \
          .default_value = epochs_,                                                                \
          .help = "passes over the train split",                                                   \
          .type = OPTION_INTEGER,                                                                  \
          .min = 1,                                                                                \
          .max = 100000,                                                                           \
          .offset = offsetof(train_config, epochs) },                                              \
        { .name = "batch",                                                                         \
          .argument = "N",                                                                         \
          .default_value = batch_size_,                                                            \
          .help = "samples in one step",                                                           \
          .type = OPTION_INTEGER,                                                                  \
          .min = 1,                                                                                \
          .max = 65536,                                                                            \
          .offset = offsetof(train_config, batch_size) },                                          \
        { .name = "lr",                                                                            \
          .also = "learning-rate",                                                                 \
          .argument = "X",                                                                         \
          .default_value = lr_,                                                                    \
          .help = lr_help_,                                                                        \
          .type = OPTION_NUMBER,                                                                   \
          .min = 1e-12,                                                                            \
          .max = 1e6,                                                                              \
          .offset = offsetof(train_config, lr) },                                                  \
        { .name = "momentum",                                                                      \
          .argument = "X",                                                                         \
          .default_value = "0.9",                                                                  \
          .help = "of SGD, in PyTorch's convention (PyTorch's default is 0); of Adam and AdamW, "  \
                  "beta1",                                                                         \
          .type = OPTION_NUMBER,                                                                   \
          .min = 0,                                                                                \
          .max = 0.9999,                                                                           \
          .offset = offsetof(train_config, momentum) },                                            \
        { .name = "weight-decay",                                                                  \
          .argument = "X",                                                                         \
          .default_value = "0",                                                                    \
          .help = "this times the weight is added to the gradient, or with AdamW taken off the "   \
                  "weight",                                                                        \
          .type = OPTION_NUMBER,                                                                   \
          .min = 0,                                                                                \
          .max = 1e6,                                                                              \
          .offset = offsetof(train_config, weight_decay) },                                        \
        { .name = "schedule",                                                                      \
          .argument = "NAME",                                                                      \
          .default_value = "cosine",                                                               \
          .help = "cosine: the learning rate falls to 0 along half a cosine, step by step "        \
                  "(Loshchilov and Hutter 2017, without restarts); constant: it does not change",  \
          .type = OPTION_CHOICE,                                                                   \
          .choices = "cosine|constant",                                                            \
          .offset = offsetof(train_config, schedule) },                                            \
        { .name = "label-smoothing",                                                               \
          .argument = "X",                                                                         \
          .default_value = "0",                                                                    \
          .help = "share of the target that is spread over all classes, as in PyTorch",            \
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
        { .name = "accumulate",                                                                    \
          .argument = "N",                                                                         \
          .default_value = "1",                                                                    \
          .help = "batches whose gradients make one step",                                         \
          .type = OPTION_INTEGER,                                                                  \
          .min = 1,                                                                                \
          .max = 65536,                                                                            \
          .offset = offsetof(train_config, accumulate) },                                          \
        { .name = "early-stopping",                                                                \
          .argument = "N",                                                                         \
          .help = "end after this many epochs without a better accuracy on the validation "        \
                  "samples, and save the model of the best epoch (default: all epochs, and the "   \
                  "last one is saved)",                                                            \
          .type = OPTION_INTEGER,                                                                  \
          .min = 1,                                                                                \
          .max = 100000,                                                                           \
          .offset = offsetof(train_config, early_stopping) },                                      \
    {                                                                                              \
        .name = "val-split", .argument = "F",                                                      \
        .help = "take this share of each class of the train split to validate on, and use no "     \
                "other split (default: validate on val, or on test where there is no val; where "  \
                "there is neither, on a share of 0.2)",                                            \
        .type = OPTION_NUMBER, .min = 0.001, .max = 0.9,                                           \
        .offset = offsetof(train_config, val_split)                                                \
    }

#endif
