/* Anomaly mode: which op or backward rule it blames, what the sentence says, and what it must not
 * blame or change. */
#include "op_cases.h"

#include <pthread.h>

#include "autograd/hooks.h"
#include "autograd/index_ops.h"
#include "autograd/ops.h"
#include "core/memory_internal.h"

#define VALUES(...)                                                                                \
    cd_from_array(((const float[]){ __VA_ARGS__ }),                                                \
                  CD_SHAPE((int64_t)(sizeof((const float[]){ __VA_ARGS__ }) / sizeof(float))))

static cd_tensor *tracked(cd_tensor *t)
{
    return cd_set_requires_grad(t, true);
}

/* --- the mode --------------------------------------------------------------------------------- */

static void off_at_first_and_after_the_block(void **state)
{
    (void)state;
    assert_false(cd_anomaly_enabled());
    {
        CD_DETECT_ANOMALY();
        assert_true(cd_anomaly_enabled());
        assert_true(cd_grad_enabled());
    }
    assert_false(cd_anomaly_enabled());
    assert_true(isnan(cd_item(cd_log(VALUES(-1)))));
}

static void it_nests_with_itself_and_with_grad_mode(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    {
        CD_NO_GRAD();
        assert_true(cd_anomaly_enabled());
        cd_scope off = cd_anomaly_mode_begin(false);
        assert_false(cd_anomaly_enabled());
        assert_false(cd_grad_enabled());
        assert_true(isnan(cd_item(cd_log(VALUES(-1)))));
        assert_true(cd_scope_end(off));
        assert_true(cd_anomaly_enabled());
    }
    assert_true(cd_grad_enabled());
}

static jmp_buf back;

static void detect_and_jump(void)
{
    (void)cd_anomaly_mode_begin(true);
    longjmp(back, 1);
}

static void a_jump_out_ends_with_the_scope_around(void **state)
{
    (void)state;
    cd_scope scope = cd_scope_begin();
    if (setjmp(back) == 0) detect_and_jump();
    assert_true(cd_scope_end(scope));
    assert_false(cd_anomaly_enabled());
}

static void *not_here(void *user)
{
    *(bool *)user = cd_anomaly_enabled();
    return NULL;
}

static void it_is_the_threads_own(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    bool enabled = true;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, not_here, &enabled), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(enabled);
}

/* --- forward ---------------------------------------------------------------------------------- */

static void the_sentence_names_the_op_shapes_counts_and_ranges(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    assert_null(cd_log(cd_view(VALUES(1, 4, -1, 2, 3, 1), CD_SHAPE(2, 3))));
    assert_failed_with(CD_ERR_AUTOGRAD, "log: anomaly: output (2x3) has 1 NaN and 0 Inf among 6 "
                                        "elements; input (2x3) ranges from -1 to 4");
}

static void each_input_has_its_range(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    assert_null(cd_div(cd_view(VALUES(1, 0, 3, 4, 5, 6), CD_SHAPE(2, 3)), VALUES(0, 0, 2)));
    assert_failed_with(CD_ERR_AUTOGRAD,
                       "div: anomaly: output (2x3) has 1 NaN and 3 Inf among 6 elements; input 1 "
                       "(2x3) ranges from 0 to 6; input 2 (3) ranges from 0 to 2");
}

static void a_number_is_named_too(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    assert_null(cd_div(VALUES(1), 0));
    assert_failed_with(CD_ERR_AUTOGRAD, "div: anomaly: output (1) has 0 NaN and 1 Inf among 1 "
                                        "element; input 1 (1) ranges from 1 to 1; number 0");
}

static void integers_have_ranges(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    assert_null(cd_log(cd_arange(3)));
    assert_failed_with(CD_ERR_AUTOGRAD, "has 0 NaN and 1 Inf among 3 elements; input (3) ranges "
                                        "from 0 to 2");
}

static void strided_inputs_and_doubles(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64);
    cd_tensor *row = cd_index(x, 1);
    assert_non_null(cd_fill_(row, 7));
    CD_DETECT_ANOMALY();
    assert_null(cd_log(cd_t(x)));
    assert_failed_with(CD_ERR_AUTOGRAD, "output (3x2) has 0 NaN and 3 Inf among 6 elements; input "
                                        "(3x2) ranges from 0 to 7");
    assert_non_null(cd_log(cd_slice(cd_t(x), 1, 1, 2, 1)));
}

/* Of the numbers 1 to 12 in three rows: the last two rows, and every other column of them. */
static void a_view_has_the_range_of_its_own_elements(void **state)
{
    (void)state;
    cd_tensor *rows = cd_slice(cd_view(cd_arange(13, .start = 1), CD_SHAPE(3, 4)), 0, 1, 3, 1);
    CD_DETECT_ANOMALY();
    assert_null(cd_div(cd_slice(rows, 1, 1, 4, 2), 0));
    assert_failed_with(CD_ERR_AUTOGRAD, "(2x2) ranges from 6 to 12");
    assert_null(cd_div(cd_slice(rows, 1, 0, 3, 2), 0));
    assert_failed_with(CD_ERR_AUTOGRAD, "(2x2) ranges from 5 to 11");
    assert_null(cd_div(cd_index(cd_t(rows), 2), 0));
    assert_failed_with(CD_ERR_AUTOGRAD, "(2) ranges from 7 to 11");
}

static void every_element_of_a_large_tensor_is_looked_at(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(1000));
    assert_non_null(cd_fill_(cd_slice(x, 0, 999, 1000, 1), -1));
    CD_DETECT_ANOMALY();
    assert_null(cd_sqrt(x));
    assert_failed_with(CD_ERR_AUTOGRAD, "sqrt: anomaly: output (1000) has 1 NaN and 0 Inf among "
                                        "1000 elements; input (1000) ranges from -1 to 1");
}

static void overflow_is_an_anomaly(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    assert_null(cd_exp(VALUES(1, 100)));
    assert_failed_with(CD_ERR_AUTOGRAD, "exp: anomaly: output (2) has 0 NaN and 1 Inf");
    assert_null(cd_to(cd_full(CD_SHAPE(1), 1e300, .dtype = CD_F64), CD_F32));
    assert_failed_with(CD_ERR_AUTOGRAD, "to: anomaly");
    assert_null(cd_mean(cd_zeros(CD_SHAPE(0))));
    assert_failed_with(CD_ERR_AUTOGRAD, "mean: anomaly: output (scalar) has 1 NaN and 0 Inf among "
                                        "1 element; input (0) is empty");
}

static void what_is_passed_on_is_not_blamed(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    cd_tensor *x = VALUES(1, INFINITY), *nan = VALUES(1, NAN);
    assert_non_null(cd_add(x, 1));
    assert_non_null(cd_mul(nan, 2));
    assert_non_null(cd_sub(x, x));
    assert_non_null(cd_sum(nan));
    assert_non_null(cd_log(cd_mul(nan, 0)));
    assert_ok();
}

static void a_number_that_is_given_is_not_blamed(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    cd_tensor *x = VALUES(1, 2), *yes = cd_gt(x, 1);
    assert_non_null(cd_add(x, INFINITY));
    assert_non_null(cd_fill_(x, -INFINITY));
    assert_non_null(cd_where(yes, x, NAN));
    assert_ok();
}

static void views_and_comparisons_are_free(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    cd_tensor *x = VALUES(1, INFINITY);
    assert_non_null(cd_view(x, CD_SHAPE(2, 1)));
    assert_non_null(cd_eq(x, x));
    assert_non_null(cd_ones(CD_SHAPE(2)));
    assert_ok();
}

static void of_a_composed_op_the_inner_one_is_named(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    cd_tensor *x = cd_view(VALUES(3e38F, -3e38F), CD_SHAPE(1, 2));
    assert_null(cd_cross_entropy(x, cd_full(CD_SHAPE(1), 1, .dtype = CD_I64)));
    assert_failed_with(CD_ERR_AUTOGRAD, "log_softmax: anomaly: output (1x2)");
}

static void an_op_that_fails_records_nothing(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(-1, 1));
    CD_DETECT_ANOMALY();
    assert_null(cd_log(x));
    assert_failed_with(CD_ERR_AUTOGRAD, "log: anomaly");
    assert_int_equal(cd_version(x), 0);
    assert_non_null(cd_exp(x));
}

static void batch_norm_leaves_its_running_statistics(void **state)
{
    (void)state;
    cd_tensor *x = cd_view(VALUES(5, 3), CD_SHAPE(2, 1)), *large = VALUES(3e38F);
    cd_tensor *mean = cd_zeros(CD_SHAPE(1)), *var = cd_ones(CD_SHAPE(1));
    CD_DETECT_ANOMALY();
    assert_null(cd_batch_norm(x, large, large, .running_mean = mean, .running_var = var,
                              .training = true, .momentum = 0.1, .eps = 1e-5));
    assert_failed_with(CD_ERR_AUTOGRAD, "batch_norm: anomaly: output (2x1) has 0 NaN and 1 Inf");
    assert_close(cd_item(mean), 0, 0, 0);
    assert_close(cd_item(var), 1, 0, 0);
}

/* --- in place --------------------------------------------------------------------------------- */

static void in_place_the_change_is_told(void **state)
{
    (void)state;
    cd_tensor *x = VALUES(1, -4);
    CD_DETECT_ANOMALY();
    assert_null(cd_div_(x, VALUES(1, 0)));
    assert_failed_with(CD_ERR_AUTOGRAD,
                       "div: anomaly: output (2) has 0 NaN and 1 Inf among 2 elements; input 1 "
                       "before (2) ranges from -4 to 1; input 2 (2) ranges from 0 to 1; the tensor "
                       "has been changed");
    assert_true(isinf(cd_item(cd_index(x, 1))));
}

static void in_place_on_itself(void **state)
{
    (void)state;
    cd_tensor *x = VALUES(0, 2);
    CD_DETECT_ANOMALY();
    assert_null(cd_div_(x, x));
    assert_failed_with(CD_ERR_AUTOGRAD,
                       "1 NaN and 0 Inf among 2 elements; input 1 before (2) "
                       "ranges from 0 to 2; input 2 before (2) ranges from 0 to 2");
}

static void in_place_what_was_there_is_not_blamed(void **state)
{
    (void)state;
    cd_tensor *x = VALUES(INFINITY, 2);
    CD_DETECT_ANOMALY();
    assert_non_null(cd_sub_(x, x));
    assert_true(isnan(cd_item(cd_index(x, 0))));
    assert_non_null(cd_zero_(x));
    assert_non_null(cd_copy_(x, VALUES(NAN, 1)));
    assert_ok();
}

/* --- backward --------------------------------------------------------------------------------- */

static void the_rule_that_made_it_is_named(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(0, 1, 4)), *w = tracked(VALUES(1, 1, 1));
    CD_DETECT_ANOMALY();
    assert_false(cd_backward(cd_sum(cd_sqrt(cd_mul(x, w)))));
    assert_failed_with(CD_ERR_AUTOGRAD,
                       "SqrtBackward0: anomaly: the gradient of input 0 (3) has 0 NaN and 1 Inf "
                       "among 3 elements; the gradient that came (3) ranges from 1 to 1; it is the "
                       "backward of sqrt");
    assert_null(cd_grad(x));
    assert_null(cd_grad(w));
}

/* The saved value is a view of the second half of x, whose first element is NaN: the rule was given
 * finite values only. */
static void a_rule_that_was_given_a_view_is_named(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(NAN, 0));
    cd_tensor *half = cd_narrow(x, 0, 1, 1);
    CD_DETECT_ANOMALY();
    assert_false(cd_backward(cd_sum(cd_pow(half, 0.5))));
    assert_failed_with(CD_ERR_AUTOGRAD, "PowBackward0: anomaly: the gradient of input 0 (1) has 0 "
                                        "NaN and 1 Inf among 1 element;");
}

static void nan_from_zero_times_infinity(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(0, 4));
    cd_tensor *y = cd_where(cd_gt(x, 0), cd_sqrt(x), 0.0);
    CD_DETECT_ANOMALY();
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "SqrtBackward0: anomaly: the gradient of input 0 (2) has 1 "
                                        "NaN and 0 Inf among 2 elements; the gradient that came "
                                        "(2) ranges from 0 to 1");
}

static void without_the_mode_nothing_is_said(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(0, 4));
    assert_true(cd_backward(cd_sum(cd_sqrt(x))));
    assert_close(cd_item(cd_index(cd_grad(x), 0)), INFINITY, 0, 0);
    assert_close(cd_item(cd_index(cd_grad(x), 1)), 0.25, 0, 0);
}

static void which_input_is_told(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(1e-30F)), *y = tracked(VALUES(1e-30F));
    CD_DETECT_ANOMALY();
    cd_tensor *z = cd_div(x, y);
    assert_false(cd_backward(z, .gradient = VALUES(1e10F)));
    assert_failed_with(CD_ERR_AUTOGRAD, "DivBackward0: anomaly: the gradient of input 0 (1)");
    cd_set_requires_grad(x, false);
    assert_false(cd_backward(cd_div(x, y), .gradient = VALUES(1e10F)));
    assert_failed_with(CD_ERR_AUTOGRAD, "DivBackward0: anomaly: the gradient of input 1 (1)");
}

static void a_gradient_that_came_so_is_not_blamed(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(1, 4));
    CD_DETECT_ANOMALY();
    assert_true(cd_backward(cd_mul(x, 2), .gradient = VALUES(INFINITY, NAN)));
    assert_true(isnan(cd_item(cd_index(cd_grad(x), 1))));
}

static void a_number_that_was_given_so_is_not_blamed(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    assert_true(cd_backward(cd_sum(cd_mul(cd_mul(tracked(VALUES(1, 4)), 2), INFINITY))));
}

static void a_value_that_was_given_so_is_not_blamed(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(1, 4)), *inf = VALUES(1, INFINITY);
    CD_DETECT_ANOMALY();
    assert_true(cd_backward(cd_sum(cd_mul(x, inf))));
    cd_tensor *e = cd_exp(cd_mul(tracked(VALUES(1)), INFINITY)); /* a saved output */
    assert_true(cd_backward(e));
}

static void finite_passes_go_through(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    cd_tensor *x = tracked(VALUES(1, 4)), *y = cd_log(cd_sqrt(x));
    cd_tensor *g = cd_autograd_grad(cd_sum(y), x, .create_graph = true);
    assert_true(cd_backward(cd_sum(g)));
    assert_close(cd_item(cd_index(cd_detach(cd_grad(x)), 0)), -0.5, 1e-6, 0);
}

static void second_derivatives_are_looked_at(void **state)
{
    (void)state;
    CD_DETECT_ANOMALY();
    cd_tensor *x = tracked(VALUES(0)), *y = cd_pow(x, 1.5);
    cd_tensor *g = cd_autograd_grad(cd_sum(y), x, .create_graph = true);
    assert_non_null(g);
    assert_false(cd_backward(g));
    cd_error error;
    assert_true(cd_error_take(&error));
    assert_int_equal(error.code, CD_ERR_AUTOGRAD);
    assert_non_null(strstr(error.message, "Backward0: anomaly: the gradient of input"));
}

static cd_tensor *divide_by_zero(cd_tensor *gradient, void *user)
{
    (void)user;
    return cd_div(gradient, 0);
}

static void what_a_hook_makes_is_looked_at(void **state)
{
    (void)state;
    cd_tensor *x = tracked(VALUES(1)), *y = cd_mul(x, 2);
    (void)cd_register_hook(y, divide_by_zero);
    CD_DETECT_ANOMALY();
    assert_false(cd_backward(y));
    assert_failed_with(CD_ERR_AUTOGRAD, "div: anomaly");
    assert_null(cd_grad(x));
}

/* --- every op --------------------------------------------------------------------------------- */

static int runs;

static void run_both(cd_samples *s, const cd_sample *sample)
{
    (void)s;
    CD_SCOPE();
    cd_tensor *plain = sample->call(sample->input, sample->parameters);
    if (!plain) return; /* the call is refused without anomaly mode too */
    cd_tensor *copy = cd_clone(plain);
    CD_DETECT_ANOMALY();
    cd_tensor *y = sample->call(sample->input, sample->parameters);
    runs++;
    if (!y) { /* allowed only if the result is not finite */
        assert_failed_with(CD_ERR_AUTOGRAD, "anomaly");
        return;
    }
    assert_true(cd_dtype_size(y->dtype) == cd_dtype_size(copy->dtype));
}

static void expect_nothing(cd_samples *s, cd_code code, const char *text, const void *result)
{
    (void)s;
    (void)code;
    (void)text;
    (void)result;
}

static void every_op_runs_with_the_mode_on(void **state)
{
    (void)state;
    runs = 0;
    for (int i = 0; cd_ops[i]; i++) {
        CD_SCOPE();
        cd_samples s = { .visit = run_both, .expect = expect_nothing, .op = cd_ops[i] };
        cases_of(cd_ops[i])->samples(&s);
        assert_ok();
    }
    assert_true(runs > 300);
}

/* --- memory ----------------------------------------------------------------------------------- */

static int64_t allocations, fail_at;

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return allocations++ == fail_at;
}

static void memory_that_fails_is_an_error(void **state)
{
    (void)state;
    bool done = false;
    for (int64_t at = 0; !done; at++) {
        CD_SCOPE();
        cd_tensor *x = tracked(VALUES(0, 4));
        CD_DETECT_ANOMALY();
        allocations = 0;
        fail_at = at;
        cd_memory_fault_hook = fail_once;
        done = !cd_backward(cd_sum(cd_exp(cd_sqrt(x)))) && cd_error_code() == CD_ERR_AUTOGRAD;
        cd_memory_fault_hook = NULL;
        if (done) {
            assert_failed_with(CD_ERR_AUTOGRAD, "SqrtBackward0: anomaly");
        } else {
            assert_failed_with(CD_ERR_MEMORY, "out of memory");
        }
        assert_null(cd_grad(x));
        assert_true(at < 200);
    }
}

/* Until the numbers are drawn, the result's memory contains NaN from earlier. */
static void numbers_not_drawn_yet_are_no_finding(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_DETECT_ANOMALY();
    cd_tensor *p = cd_full(CD_SHAPE(5000), 0.5);
    for (int i = 0; i < 3; i++) {
        CD_SCOPE();
        cd_tensor *t = cd_full(CD_SHAPE(5000), (double)NAN);
        assert_true(cd_drop(t));
        assert_non_null(cd_bernoulli(p));
        assert_ok();
    }
}

/* An op without inputs gives what was asked for, or undefined contents, and is not blamed. */
static void what_is_made_is_not_blamed(void **state)
{
    (void)state;
    CD_SCOPE();
    CD_DETECT_ANOMALY();
    assert_true(isnan(cd_item(cd_full(CD_SCALAR, (double)NAN))));
    assert_true(isinf(cd_item(cd_full_like(cd_zeros(CD_SCALAR), (double)INFINITY))));
    assert_true(cd_drop(cd_full(CD_SHAPE(5000), (double)NAN)));
    assert_non_null(cd_empty(CD_SHAPE(5000)));
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(off_at_first_and_after_the_block),
        TEST(it_nests_with_itself_and_with_grad_mode),
        TEST(a_jump_out_ends_with_the_scope_around),
        TEST(it_is_the_threads_own),
        TEST(numbers_not_drawn_yet_are_no_finding),
        TEST(what_is_made_is_not_blamed),
        TEST(the_sentence_names_the_op_shapes_counts_and_ranges),
        TEST(each_input_has_its_range),
        TEST(a_number_is_named_too),
        TEST(integers_have_ranges),
        TEST(strided_inputs_and_doubles),
        TEST(a_view_has_the_range_of_its_own_elements),
        TEST(every_element_of_a_large_tensor_is_looked_at),
        TEST(overflow_is_an_anomaly),
        TEST(what_is_passed_on_is_not_blamed),
        TEST(a_number_that_is_given_is_not_blamed),
        TEST(views_and_comparisons_are_free),
        TEST(of_a_composed_op_the_inner_one_is_named),
        TEST(an_op_that_fails_records_nothing),
        TEST(batch_norm_leaves_its_running_statistics),
        TEST(in_place_the_change_is_told),
        TEST(in_place_on_itself),
        TEST(in_place_what_was_there_is_not_blamed),
        TEST(the_rule_that_made_it_is_named),
        TEST(a_rule_that_was_given_a_view_is_named),
        TEST(nan_from_zero_times_infinity),
        TEST(without_the_mode_nothing_is_said),
        TEST(which_input_is_told),
        TEST(a_gradient_that_came_so_is_not_blamed),
        TEST(a_number_that_was_given_so_is_not_blamed),
        TEST(a_value_that_was_given_so_is_not_blamed),
        TEST(finite_passes_go_through),
        TEST(second_derivatives_are_looked_at),
        TEST(what_a_hook_makes_is_looked_at),
        TEST(every_op_runs_with_the_mode_on),
        TEST(memory_that_fails_is_an_error),
    };
    return RUN(tests);
}
