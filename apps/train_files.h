/* The files of a run beside its model: its checkpoints, its log, and the table of its epochs. */
#ifndef CANDELA_APPS_TRAIN_FILES_H
#define CANDELA_APPS_TRAIN_FILES_H

#include <candela.h>

typedef struct train_files {
    const char *checkpoint; /* the folder of the run; NULL: no checkpoints */
    int64_t every;          /* steps between two of them; 0: after each epoch */
    int64_t keep;           /* how many stay; 0: not given */
    bool resume;
    const char *log, *history; /* NULL: not written */
} train_files;

/* The options of all fields, for a struct that begins with a train_config: an initializer of
 * several elements of an option table, behind the group of outputs, which has the first two. */
#define TRAIN_FILES_OPTIONS                                                                        \
    { .name = "log",                                                                               \
      .argument = "FILE.jsonl",                                                                    \
      .help = "write a line of JSON for each epoch as soon as it is done; --resume appends",       \
      .type = OPTION_TEXT,                                                                         \
      .offset = offsetof(train_config, files.log) },                                               \
        { .name = "history",                                                                       \
          .argument = "FILE.csv",                                                                  \
          .help = "write the numbers of all epochs as a table at the end",                         \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(train_config, files.history) },                                       \
        { .group = "checkpoints",                                                                  \
          .name = "checkpoint",                                                                    \
          .argument = "DIR",                                                                       \
          .help =                                                                                  \
              "save the run in this folder after each epoch, so that it can go on after any stop", \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(train_config, files.checkpoint) },                                    \
        { .name = "every",                                                                         \
          .argument = "N",                                                                         \
          .help = "of --checkpoint: save at each N-th step of the optimizer, and after an epoch "  \
                  "that is the best so far (default: after each epoch)",                           \
          .type = OPTION_INTEGER,                                                                  \
          .min = 1,                                                                                \
          .max = 1e12,                                                                             \
          .offset = offsetof(train_config, files.every) },                                         \
        { .name = "keep",                                                                          \
          .argument = "N",                                                                         \
          .help = "of --checkpoint: how many of the last ones stay beside the best (default: 3)",  \
          .type = OPTION_INTEGER,                                                                  \
          .min = 1,                                                                                \
          .max = 1e9,                                                                              \
          .offset = offsetof(train_config, files.keep) },                                          \
    {                                                                                              \
        .name = "resume",                                                                          \
        .help = "go on from the newest checkpoint in --checkpoint, or start where there is none; " \
                "the other options must be as before",                                             \
        .type = OPTION_FLAG, .offset = offsetof(train_config, files.resume)                        \
    }

#endif
