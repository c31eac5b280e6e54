/* Functions that read and write options by their tables (nn/option.h). Classes call
 * cd_options_fill (nn/option.h) when an object is made, printing calls cd_options_text, and
 * models/options_json.c saves and reads options by cd_visit_options and cd_set_option.
 *
 * `prefix` is what an error message begins with, such as the name of the called function. */
#ifndef CANDELA_NN_OPTION_INTERNAL_H
#define CANDELA_NN_OPTION_INTERNAL_H

#include "core/error.h"
#include "nn/option.h"

/* Writes what PyTorch prints between the parentheses of an object with these options, completed
 * ones. `text` has room for `bytes`: a longer text is cut. */
void cd_options_text(const cd_option *table, const void *options, char *text, size_t bytes);

/* --- saving options, making an object from saved ones ----------------------------------------- */

/* The value of one option, independent of the struct's layout. `kind` says which field holds it. */
typedef struct cd_option_value {
    enum {
        CD_VALUE_INTEGER,
        CD_VALUE_REAL,
        CD_VALUE_BOOL,
        CD_VALUE_TEXT,
        CD_VALUE_SIZES,
        CD_VALUE_TENSOR
    } kind;
    int64_t integer;
    double real;
    bool truth;
    const char *text;     /* a dtype, that of a tensor too, or a reduction, by name; borrowed */
    const int64_t *sizes; /* a list, or the shape of a tensor; borrowed */
    int64_t count;        /* how many sizes there are */
} cd_option_value;

/* Called with the name of an option and its value; returns false to stop. */
typedef bool cd_option_visitor(const char *name, const cd_option_value *value, void *user);

/* Calls the visitor with each option that is needed to make the object again, in the order of the
 * table: all but constants and tensors that are NULL. `options` are completed ones. False if the
 * visitor returned false. */
bool cd_visit_options(const cd_option *table, const void *options, cd_option_visitor *visitor,
                      void *user);

/* Whether a value is the option's default. A list of sizes never is. */
bool cd_option_is_default(const cd_option *option, const cd_option_value *value);

/* The table's row for an option that has a field. NULL with an error of `code`, which lists the
 * options that there are, if there is no such option. `class_name` is for the message. */
const cd_option *cd_find_option(const cd_option *table, const char *name, const char *class_name,
                                cd_code code, const char *prefix);

/* Writes a value into the option's field. A list of sizes is borrowed from the value, not copied. A
 * tensor is made of zeros in the shape and dtype that the value says, and belongs to the open
 * scope: its elements are loaded later. False with an error of `code` if the value has the wrong
 * kind or is out of bounds, or if the tensor would have more than 2^24 elements. */
bool cd_set_option(const cd_option *option, void *options, const cd_option_value *value,
                   cd_code code, const char *prefix);

/* Fails with "PREFIX: the option "stride" must be a whole number, 1 or more": for a value that does
 * not fit, or a required option that is missing. Returns false. */
bool cd_refuse_option(const cd_option *option, cd_code code, const char *prefix);

/* --- checking tables -------------------------------------------------------------------------- */

/* Says what is wrong with a table, for the programmer who wrote it: two options of one name, a row
 * without a kind, a default outside the bounds, a field outside the struct of options, whose size
 * is `bytes`. NULL if nothing is wrong. */
const char *cd_options_fault(const cd_option *table, size_t bytes);

/* The same for the table of a class whose objects hold their options at the offset `at` of a struct
 * of `size` bytes: the options must lie within that struct. */
const char *cd_class_options_fault(const cd_option *table, size_t at, size_t bytes, size_t size);

#endif
