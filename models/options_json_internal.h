/* Options of a class (nn/option.h) as JSON, for cards: {"inputs": 784, "hidden": [256]}. */
#ifndef CANDELA_MODELS_OPTIONS_JSON_INTERNAL_H
#define CANDELA_MODELS_OPTIONS_JSON_INTERNAL_H

#include "io/json_tree_internal.h"
#include "nn/option_internal.h"

/* Room for what lists of sizes in the options are read into. */
enum { CD_OPTIONS_SIZES_MAX = 64 };

/* The completed options as a JSON object, for cd_free. NULL with an error. */
char *cd_options_to_json(const cd_option *table, const void *options);

/* Reads an object into zeroed options; what it leaves out stays zero. `sizes` holds the elements of
 * lists, and must live as long as the options. False with an error of `code` whose sentence begins
 * with `where`: for what is no object, an option that the table has not, a value of another kind or
 * out of bounds, a required option that is missing. `name` is the class's, for sentences. */
bool cd_options_from_json(const cd_option *table, void *options,
                          int64_t sizes[CD_OPTIONS_SIZES_MAX], const cd_json *object,
                          const char *name, cd_code code, const char *where);

#endif
