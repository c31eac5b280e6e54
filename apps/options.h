/* The words after a command: a table of options, from which they are parsed and help is made. */
#ifndef CANDELA_APPS_OPTIONS_H
#define CANDELA_APPS_OPTIONS_H

#include <candela.h>

typedef enum option_type {
    OPTION_FLAG,   /* bool */
    OPTION_TEXT,   /* const char * */
    OPTION_CHOICE, /* const char *: one of the words of `choices` */
    OPTION_WHOLE,  /* int64_t */
    OPTION_NUMBER, /* double */
    OPTION_SIZES   /* sizes: whole numbers with commas between, or "none" */
} option_type;

enum { SIZES_MAX = 64 };
typedef struct sizes {
    int64_t value[SIZES_MAX];
    int count;
} sizes;

typedef struct option {
    const char *name;     /* without the dashes */
    const char *argument; /* as help shows it; NULL for a flag */
    const char *initial;  /* the default, as it would be written; NULL: none */
    const char *help;     /* a sentence without a full stop */
    option_type type;
    size_t at;           /* where in the command's struct the value goes */
    double least, most;  /* of numbers and sizes, both allowed */
    const char *choices; /* "cosine|constant" */
    bool required;
} option;

/* What every command understands; the first member of every command's struct. */
typedef struct common_options {
    bool help, quiet, json;
    int64_t threads, seed;
} common_options;

extern const option common_option_list[];
extern const size_t common_option_count;

/* How SGD is set, where a command has AT() for fields lr, momentum, weight_decay and schedule; the
 * usual rate is the command's own. */
#define SGD_OPTIONS(lr_)                                                                           \
    { .name = "lr",                                                                                \
      .argument = "X",                                                                             \
      .initial = lr_,                                                                              \
      .help = "learning rate at the start; PyTorch's default for SGD is 0.001",                    \
      .type = OPTION_NUMBER,                                                                       \
      .least = 1e-12,                                                                              \
      .most = 1e6,                                                                                 \
      .at = AT(lr) },                                                                              \
        { .name = "momentum",                                                                      \
          .argument = "X",                                                                         \
          .initial = "0.9",                                                                        \
          .help = "of SGD, in PyTorch's convention; PyTorch's default is 0",                       \
          .type = OPTION_NUMBER,                                                                   \
          .least = 0,                                                                              \
          .most = 0.9999,                                                                          \
          .at = AT(momentum) },                                                                    \
        { .name = "weight-decay",                                                                  \
          .argument = "X",                                                                         \
          .initial = "0",                                                                          \
          .help = "added to the gradient, times the weight; 0 is PyTorch's default too",           \
          .type = OPTION_NUMBER,                                                                   \
          .least = 0,                                                                              \
          .most = 1e6,                                                                             \
          .at = AT(weight_decay) },                                                                \
    {                                                                                              \
        .name = "schedule", .argument = "NAME", .initial = "cosine",                               \
        .help = "cosine: the rate falls to 0 along half a cosine, step by step (Loshchilov and "   \
                "Hutter 2017, without restarts); constant: it stays",                              \
        .type = OPTION_CHOICE, .choices = "cosine|constant", .at = AT(schedule)                    \
    }

typedef struct command {
    const char *name;
    const char *does; /* what it does, for the list of commands: no capital, no full stop */
    const char
        *operands; /* what stands beside the options: "M.safetensors IMAGE..."; "" for none */
    int least_operands, most_operands;
    const option *options;
    size_t option_count;
    size_t values_bytes; /* of the struct that the options fill */
    const char *details; /* paragraphs for its help; may be NULL */
    const char *example; /* lines for its help */
    /* Gets its struct, filled, and the operands; returns the exit status. */
    int (*run)(const struct command *command, const void *values, char *const *operands, int count);
} command;

/* Fills `values`, the command's struct (zeroed), and puts the
 * operands, which point into argv, into `operands` (room for argc). False when used wrongly: the
 * sentence is on stderr. With --help among the words nothing but that is looked at. */
bool parse_options(const command *c, int argc, char **argv, void *values, char **operands,
                   int *operand_count);

/* Says on stderr how the command was used wrongly, and where help is; returns 2. */
int used_wrongly(const command *c, const char *format, ...) CD_PRINTF(2, 3);

#endif
