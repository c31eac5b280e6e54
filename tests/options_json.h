/* Options from their JSON, for test_options.c and test_made_again.c. */
#ifndef CANDELA_TESTS_OPTIONS_JSON_H
#define CANDELA_TESTS_OPTIONS_JSON_H

#include "models/model_class_internal.h"

/* Reads the JSON into zeroed options. */
static inline bool read_json(const cd_option *table, void *options, const char *text)
{
    static int64_t sizes[CD_OPTIONS_SIZES_MAX];
    cd_json_document d;
    assert_true(cd_json_parse(&d, "test", text, CD_ERR_FORMAT));
    bool done = cd_options_from_json(table, options, sizes, d.root, "Many", CD_ERR_FORMAT, "test");
    cd_json_free(&d);
    return done;
}

#endif
