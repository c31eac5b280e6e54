/* The command line. A command describes its options in a table, from which its words are parsed and
 * its help is written. */
#ifndef CANDELA_APPS_OPTIONS_H
#define CANDELA_APPS_OPTIONS_H

#include <candela.h>

/* The comments give the type of the field that an option fills. */
typedef enum option_type {
    OPTION_FLAG,    /* bool: the option has no value */
    OPTION_TEXT,    /* const char * */
    OPTION_CHOICE,  /* const char *: one of the words of `choices` */
    OPTION_INTEGER, /* int64_t */
    OPTION_NUMBER,  /* double */
    OPTION_SIZES    /* sizes: integers separated by commas, or "none" */
} option_type;

enum { SIZES_MAX = 64 };
typedef struct sizes {
    int64_t value[SIZES_MAX];
    int count;
    bool given; /* also where there are none */
} sizes;

typedef struct option {
    const char *group;    /* the heading in help that it begins; NULL: it follows the one before */
    const char *name;     /* without the dashes */
    const char *also;     /* another word for it, for "did you mean"; NULL: none */
    const char *argument; /* the value's name in help; NULL for a flag */
    const char *default_value; /* as it would be typed; NULL: the field stays zero */
    const char *csv_default;   /* for help: the default for a CSV file; NULL: the same */
    const char *help;          /* a sentence without a full stop */
    option_type type;
    size_t offset;       /* of the field that the option fills, in the command's struct */
    double min, max;     /* the range of an integer, a number or a size; both are allowed */
    const char *choices; /* "cosine|constant" */
    bool required;
    bool unset_is_nan; /* a number that is not given, and has no default, is NaN and not 0 */
} option;

/* The options of every command. The struct that a command's options fill begins with this one. */
typedef struct common_options {
    bool help, quiet, json;
    int64_t threads, seed;
    const char *color; /* "auto", "always" or "never" */
    uint64_t given;    /* for option_given */
} common_options;

extern const option common_option_list[];
extern const size_t common_option_count;

typedef struct command {
    const char *name;
    const char *summary;  /* what it does, for the list of commands: no capital, no full stop */
    const char *operands; /* the words beside options, "M.safetensors IMAGE..."; "": none */
    int min_operands, max_operands;
    const option *options;
    size_t option_count;
    size_t values_bytes; /* the size of the struct that the options fill */
    const char *details; /* a paragraph for its help; may be NULL */
    const char *example; /* lines for its help */
    bool draws_numbers;  /* random ones. The others take --seed too, as scripts may pass it to all
                            commands, but their help does not show it. */
    /* Runs the command: `values` is its struct, filled. Returns the exit status. */
    int (*run)(const struct command *command, const void *values, char *const *operands, int count);
} command;

/* Parses the words after the command's name. Fills `values`, the command's struct, which must be
 * zeroed, and writes the operands, which point into argv, to `operands`, which must have room for
 * argc. False for wrong usage, after a sentence on standard error. Where --help or -h is among the
 * words, it is the only one that counts. */
bool parse_options(const command *c, int argc, char **argv, void *values, char **operands,
                   int *operand_count);

/* Whether the option of this name was among the words that filled `values`, and is not there by its
 * default. */
bool option_given(const command *c, const void *values, const char *name);

/* The value of --color among the words, NULL for none: what the sentences about the words
 * themselves look like is decided before the words are parsed. The last one counts. */
const char *color_word(int argc, char **argv);

/* Says on standard error how the command was used wrongly, and where its help is; returns 2, the
 * exit status of a command that was used wrongly. */
int used_wrongly(const command *c, const char *format, ...) CD_PRINTF(2, 3);

#endif
