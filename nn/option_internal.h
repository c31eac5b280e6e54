/* Reading and writing options by their tables (nn/option.h). */
#ifndef CANDELA_NN_OPTION_INTERNAL_H
#define CANDELA_NN_OPTION_INTERNAL_H

#include "core/error.h"
#include "nn/option.h"

/* Replaces each number that is 0 by its default, and checks the bounds. Minus zero (CD_ZERO), which
 * says that zero is meant, stays, so that completed options complete to themselves. False with
 * CD_ERR_ARGUMENT, or CD_ERR_DTYPE for a dtype that is not floating; the sentence begins with
 * `what`, as in "nn_conv2d: .stride is -1, and must be 1 or more". */
bool cd_options_complete(const cd_option *table, void *options, const char *what);

/* What PyTorch prints between the parentheses, cut to `bytes`. */
void cd_options_text(const cd_option *table, const void *options, char *text, size_t bytes);

/* --- writing down and making again ------------------------------------------------------------ */

/* The value of an option outside of its struct. */
typedef struct cd_option_value {
    enum { CD_VALUE_INTEGER, CD_VALUE_REAL, CD_VALUE_BOOL, CD_VALUE_TEXT, CD_VALUE_SIZES } kind;
    int64_t integer;
    double real;
    bool truth;
    const char *text;     /* borrowed */
    const int64_t *sizes; /* borrowed; of a tensor its shape */
    int64_t count;        /* of sizes */
} cd_option_value;

/* Called with the name of an option and its value; returns false to stop. */
typedef bool cd_option_visitor(const char *name, const cd_option_value *value, void *user);

/* Visits the options that say how to make the object: completed ones, in the order of the table.
 * Absent tensors and constants are left out. False if the visitor stopped it. */
bool cd_visit_options(const cd_option *table, const void *options, cd_option_visitor *visitor,
                      void *user);

/* The row of an option that has a field. NULL with an error of `code` when there is none of that
 * name; the sentence begins with `what`, and `class_name` is whose options they are. */
const cd_option *cd_find_option(const cd_option *table, const char *name, const char *class_name,
                                cd_code code, const char *what);

/* Puts a value into the struct. Sizes are borrowed from the value. For a tensor the sizes are its
 * shape: a tensor of zeros is made, handed out, for its elements are state. False with an error of
 * `code` when the option takes another kind of value, or not this one. */
bool cd_set_option(const cd_option *option, void *options, const cd_option_value *value,
                   cd_code code, const char *what);

/* Says what the option must be, as cd_set_option does, of one that is missing too. Returns false. */
bool cd_refuse_option(const cd_option *option, cd_code code, const char *what);

/* --- tables ----------------------------------------------------------------------------------- */

/* What is wrong with a table, as a sentence for programmers: two options of one name, a row without
 * a kind, a default outside the bounds. NULL when nothing is. */
const char *cd_options_fault(const cd_option *table);

#endif
