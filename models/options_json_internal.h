/* The options of a class (nn/option.h) as a JSON object, {"inputs": 784, "hidden": [256]}, as model
 * cards save them (models/card.h). */
#ifndef CANDELA_MODELS_OPTIONS_JSON_INTERNAL_H
#define CANDELA_MODELS_OPTIONS_JSON_INTERNAL_H

#include "io/json_tree_internal.h"
#include "nn/option_internal.h"

/* The most elements that the lists among the options may have together. */
enum { CD_OPTIONS_SIZES_MAX = 64 };

/* Writes options, completed ones, as a JSON object, which the caller frees with cd_free. NULL with
 * an error. */
char *cd_options_to_json(const cd_option *table, const void *options);

/* Reads options from a JSON object into a zeroed struct. Options that the object leaves out stay
 * zero: call cd_options_fill afterwards. The elements of lists are stored in `sizes`, which
 * must live as long as the options. False with an error of `code` for JSON that is not an object,
 * an option that the table does not have, a value of the wrong kind or out of bounds, or a required
 * option that is missing. The message begins with `where`; `name` is the class's name, for
 * messages. */
bool cd_options_from_json(const cd_option *table, void *options,
                          int64_t sizes[CD_OPTIONS_SIZES_MAX], const cd_json *object,
                          const char *name, cd_code code, const char *where);

#endif
