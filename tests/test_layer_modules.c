/* Layers of nn/layers.h beyond those of test_layers.c, and what their functions do that a golden
 * case cannot show: which tensor is returned, what is drawn, warnings. */
#include "goldens.h"

#include "autograd/layer_ops.h"
#include "core/random.h"
#include "nn/layers.h"

static void prints(cd_module *m, const char *expected)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_true(cd_print_module(stream, m));
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

/* --- dropout ---------------------------------------------------------------------------------- */

/* The next number of the default generator tells whether something was drawn in between. */
static double next_number(void)
{
    return cd_item(cd_rand(CD_SHAPE(1), .dtype = CD_F64));
}

static void nothing_to_drop_gives_the_input(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3)), *whole = cd_arange(3), *empty = cd_ones(CD_SHAPE(0));
    cd_manual_seed(1);
    assert_ptr_equal(cd_dropout(x, .eval = true), x);
    assert_ptr_equal(cd_dropout(x, .p = CD_ZERO), x);
    assert_ptr_equal(cd_dropout_(x, .p = CD_ZERO), x);
    assert_ptr_equal(cd_dropout(empty), empty);
    assert_ptr_equal(cd_dropout(whole, .eval = true), whole);
    assert_ptr_equal(cd_alpha_dropout_(x, .eval = true), x);
    assert_int_equal(cd_version(x), 0);
    assert_non_null(cd_dropout(x, .p = 1));
    assert_non_null(cd_alpha_dropout(x, .p = 1));
    double after = next_number();
    cd_manual_seed(1);
    assert_close(next_number(), after, 0, 0);
}

/* 0 times NaN and infinity is NaN, as in PyTorch; so is what p = 1 drops. */
static void dropped_nan_stays_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    const float values[] = { NAN, INFINITY, -1, 0 };
    cd_tensor *x = cd_from_array(values, CD_SHAPE(4)), *y = cd_dropout(x, .p = 1);
    assert_true(isnan(element(y, 0)) && isnan(element(y, 1)));
    assert_true(element(y, 2) == 0 && signbit(element(y, 2)));
    assert_true(element(y, 3) == 0 && !signbit(element(y, 3)));
    y = cd_alpha_dropout(x, .p = 1);
    assert_true(isnan(element(y, 0)) && element(y, 2) == 0 && signbit(element(y, 2)));
}

static void dropout_in_place_changes_the_input(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(40)), *again = cd_ones(CD_SHAPE(40));
    cd_manual_seed(2);
    assert_ptr_equal(cd_dropout_(x, .p = 0.25), x);
    assert_int_equal(cd_version(x), 1);
    cd_manual_seed(2);
    assert_near(cd_dropout(again, .p = 0.25), x, 0, 0);
    assert_int_equal(cd_version(again), 0);
}

static void expect_module(cd_module *m, const char *printed, cd_tensor *x,
                          cd_tensor *(*function)(cd_dropout_options options))
{
    CD_SCOPE();
    prints(m, printed);
    cd_manual_seed(3);
    cd_tensor *y = cd_forward(m, x);
    cd_manual_seed(3);
    assert_near(y, function((cd_dropout_options){ .x = x, .p = 0.25 }), 0, 0);
    assert_true(cd_eval(m));
    assert_near(cd_forward(m, x), x, 0, 0);
}

static void dropout_modules_follow_the_mode(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_randn(CD_SHAPE(2, 4, 3)), *planes = cd_unsqueeze(x, -1);
    cd_tensor *volumes = cd_unsqueeze(planes, -1);
    expect_module(cd_nn_dropout(0.25), "Dropout(p=0.25, inplace=False)\n", x, cd_dropout_with);
    expect_module(cd_nn_dropout1d(0.25), "Dropout1d(p=0.25, inplace=False)\n", x,
                  cd_dropout1d_with);
    expect_module(cd_nn_dropout2d(0.25), "Dropout2d(p=0.25, inplace=False)\n", planes,
                  cd_dropout2d_with);
    expect_module(cd_nn_dropout3d(0.25), "Dropout3d(p=0.25, inplace=False)\n", volumes,
                  cd_dropout3d_with);
    expect_module(cd_nn_alpha_dropout(0.25), "AlphaDropout(p=0.25, inplace=False)\n", x,
                  cd_alpha_dropout_with);
    expect_module(cd_nn_feature_alpha_dropout(0.25), "FeatureAlphaDropout(p=0.25, inplace=False)\n",
                  x, cd_feature_alpha_dropout_with);
    prints(cd_nn_dropout(0, .inplace = true), "Dropout(p=0, inplace=True)\n");
    cd_module *m = cd_nn_dropout(0.5, .inplace = true);
    cd_tensor *changed = cd_ones(CD_SHAPE(9));
    assert_ptr_equal(cd_forward(m, changed), changed);
    assert_near(cd_forward(cd_nn_dropout(0), x), x, 0, 0);
    assert_null(cd_nn_dropout(1.5));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_dropout: p is 1.5, and must be from 0 to 1");
    assert_null(cd_nn_dropout2d(NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_dropout2d: p is nan");
}

static int warnings;

static void count_warnings(cd_log_level level, const char *message, void *user)
{
    (void)user;
    warnings += level == CD_LOG_WARNING && strstr(message, "should have 4 or 5 dimensions");
}

static void odd_dimensions_are_warned_of(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3, 2));
    cd_set_logger(count_warnings, NULL);
    warnings = 0;
    assert_non_null(cd_dropout3d(x));
    assert_int_equal(warnings, 1);
    assert_non_null(cd_dropout3d(cd_unsqueeze(x, 0)));
    assert_non_null(cd_dropout2d(x));
    assert_int_equal(warnings, 1);
    cd_set_logger(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_to_drop_gives_the_input),    TEST(dropped_nan_stays_nan),
        TEST(dropout_in_place_changes_the_input), TEST(dropout_modules_follow_the_mode),
        TEST(odd_dimensions_are_warned_of),
    };
    return RUN(tests);
}
