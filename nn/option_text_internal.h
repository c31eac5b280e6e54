/* Options in the words of a command line, read by the table of a class (nn/option.h):
 *
 *     32 3 padding same no-bias
 *
 * The numbers in front are the first options of the table. A key is an option's name, as PyTorch or
 * this library has it. Layers (models/layers_text.c), optimizers and schedules
 * (optim/optimizer_text.c, optim/schedule_text.c) are read so. */
#ifndef CANDELA_NN_OPTION_TEXT_INTERNAL_H
#define CANDELA_NN_OPTION_TEXT_INTERNAL_H

#include "core/words_internal.h"
#include "nn/option_internal.h"

enum {
    CD_OPTION_TEXT_SIZES = 64, /* elements of all lists of an item */
    CD_OPTION_TEXT_ROWS = 64,  /* rows of a table */
    CD_OPTION_TEXT_WHERE = 192,
    CD_OPTION_TEXT_USAGE = 768
};

/* One item. Set the first members; the others are 0 at first. */
typedef struct cd_option_item {
    const cd_option *table;
    void *options; /* the struct of the table, zeroed at first */
    /* Begins error sentences: "layers_from_text: item 2, \"conv 3\"". */
    char where[CD_OPTION_TEXT_WHERE];
    int numbers; /* the most numbers directly behind the word */
    /* Options that are known from elsewhere, by name: a number behind the word is not theirs. Ends
     * with NULL. NULL: there are none. */
    const char *const *known;
    /* Required options that have a value if the text gives none, by name, for sentences. Ends with
     * NULL. NULL: there are none. */
    const char *const *filled;
    /* Is asked first about each key, of which w is the word now: true if it was read, with the
     * values behind it. False with an error, or without one if the key is an option's or unknown.
     * NULL: not asked. */
    bool (*own_key)(struct cd_option_item *item, cd_words *w);
    const char *list_of; /* what a comma separates, "layers", for sentences. NULL: nothing */
    /* For sentences: what the caller reads in front of the options, and what own_key takes; NULL:
     * nothing. */
    const char *front_usage, *own_usage;
    void *user;

    uint64_t given; /* the set of the rows that have a value */
    int64_t sizes[CD_OPTION_TEXT_SIZES];
    int sizes_used;
} cd_option_item;

/* Reads what stands behind the word of an item, up to the comma or the end. False with
 * CD_ERR_ARGUMENT and a sentence that has the word that is wrong and its column. */
bool cd_option_item_read(cd_option_item *item, cd_words *w);

/* The row of this name or key; NULL, without an error, if there is none. */
const cd_option *cd_option_by_key(const cd_option *table, const char *key);
/* The name of an option as a key: PyTorch's, or this library's for one of two, as "beta1" for
 * "betas[0]". */
const char *cd_option_key(const cd_option *row);
/* Sets in[] to the rows whose values are the numbers behind the word, in their order; returns how
 * many there are. Rows of other kinds in front of the first are passed over: ReduceLROnPlateau
 * begins with its mode. A list of sizes takes all numbers, a shape takes one, or all if it is
 * required and the last row; a height and width that may be None takes two. */
int cd_option_rows_in_front(const cd_option_item *item, const cd_option *in[CD_OPTION_TEXT_ROWS]);
/* Whether the row has a value. */
bool cd_option_is_given(const cd_option_item *item, const cd_option *row);
/* Gives a row its value, whether it has one already or not. False with an error. */
bool cd_option_give(cd_option_item *item, const cd_option *row, const cd_option_value *value);
/* The same for a number, which is a truth, a whole number or another as the row wants it. */
bool cd_option_give_number(cd_option_item *item, const cd_option *row, double number);
/* Whether each required row has a value; false with a sentence that names the first that has none
 * and what the item takes. */
bool cd_option_item_check(const cd_option_item *item);

/* What an item takes: "OUT_CHANNELS KERNEL_SIZE [STRIDE] [PADDING] [dilation N [N]] [no-bias]". The
 * options that are known from elsewhere come last. */
void cd_option_item_usage(const cd_option_item *item, char *out, size_t size);
/* Checks the arguments of a function that writes what `word` takes, and empties `out`, which has
 * `size` bytes. False with CD_ERR_ARGUMENT that names the function, or while an error is
 * pending. */
bool cd_option_usage_begin(const char *function, const char *word, char *out, size_t size);

/* Replaces the pending error by one that begins with the item's `where`; of CD_ERR_MEMORY it leaves
 * the error as it is. Returns false. */
bool cd_option_item_failed(const cd_option_item *item);

#endif
