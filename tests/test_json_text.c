/* JSON under a locale whose decimal point is neither "." nor one byte: the process must go on, and
 * numbers stay what they are. Such a locale is seldom installed, so localeconv is replaced for
 * jansson: this program's own is found before the C library's. */
#include "test.h"

#include <locale.h>

#include "core/memory_internal.h"
#include "io/json_text_internal.h"
#include "io/preprocess_internal.h"

static const char *point = ".";

__attribute__((visibility("default"))) struct lconv *localeconv(void)
{
    static char text[8];
    static struct lconv fake = { .decimal_point = text, .thousands_sep = text + 7 };
    bool set_here = uselocale((locale_t)0) != LC_GLOBAL_LOCALE;
    (void)snprintf(text, sizeof text, "%s", set_here ? "." : point);
    return &fake;
}

static int set_points(void **state)
{
    point = "\xD9\xAB"; /* U+066B */
    return test_setup(state);
}

static int reset_points(void **state)
{
    point = ".";
    return test_teardown(state);
}

static void a_recipe_is_written_and_read(void **state)
{
    (void)state;
    char *text = cd_preprocess_to_json(&cd_preprocess_imagenet);
    assert_non_null(text);
    assert_non_null(strstr(text, "[0.485, 0.456, 0.406]"));
    cd_preprocess back;
    assert_true(cd_preprocess_from_json(text, &back));
    assert_close(back.std[2], 0.225, 0, 0);
    cd_free(text);
}

static void the_threads_locale_comes_back(void **state)
{
    (void)state;
    json_error_t error;
    json_t *json = cd_json_load("[1.5]", 5, 0, &error);
    assert_non_null(json);
    assert_close(json_real_value(json_array_get(json, 0)), 1.5, 0, 0);
    assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
    char *text = cd_json_dump(json, 0);
    assert_string_equal(text, "[1.5]");
    assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
    free(text);
    json_decref(json);
    assert_null(cd_json_load("[1.5", 4, 0, &error));
    assert_true(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_recipe_is_written_and_read, set_points, reset_points),
        cmocka_unit_test_setup_teardown(the_threads_locale_comes_back, set_points, reset_points),
    };
    return RUN(tests);
}
