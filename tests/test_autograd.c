/* Leaves, gradients, grad mode, ops in place and views: as in PyTorch. */
#include "test.h"

#include "autograd/ops.h"
#include "core/memory_internal.h"

static cd_tensor *leaf(double value)
{
    return cd_full(CD_SHAPE(3), value, .requires_grad = true);
}

/* Every element of the gradient of t is `value`. */
static void assert_gradient(cd_tensor *t, double value)
{
    CD_SCOPE();
    cd_tensor *g = cd_grad(t);
    assert_that(g, "there is no gradient");
    cd_tensor *flat = cd_contiguous(cd_to(g, CD_F64));
    const double *values = cd_data(flat);
    assert_ok();
    for (int64_t i = 0; i < cd_numel(flat); i++) assert_close(values[i], value, 1e-6, 0);
}

/* --- leaves ----------------------------------------------------------------------------------- */

static void what_is_made_requires_no_gradient(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_false(cd_requires_grad(x));
    assert_true(cd_is_leaf(x));
    assert_null(cd_grad_fn_name(x));
}

static void what_is_computed_requires_it_if_an_input_does(void **state)
{
    (void)state;
    cd_tensor *y = cd_add(leaf(1), 1);
    assert_true(cd_requires_grad(y));
    assert_false(cd_is_leaf(y));
    assert_string_equal(cd_grad_fn_name(y), "AddBackward0");
    cd_tensor *z = cd_add(cd_ones(CD_SHAPE(2)), 1);
    assert_false(cd_requires_grad(z));
    assert_true(cd_is_leaf(z));
}

static void integers_cannot_require_gradients(void **state)
{
    (void)state;
    static const cd_dtype integers[] = { CD_I64, CD_I32, CD_U8, CD_BOOL };
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        assert_null(cd_zeros(CD_SHAPE(2), .dtype = integers[i], .requires_grad = true));
        assert_failed_with(CD_ERR_DTYPE, "only floating tensors can require gradients");
        assert_null(cd_set_requires_grad(cd_zeros(CD_SHAPE(2), .dtype = integers[i]), true));
        assert_failed_with(CD_ERR_DTYPE, cd_dtype_name(integers[i]));
    }
    assert_null(cd_set_requires_grad(cd_arange(3), true));
    assert_failed_with(CD_ERR_DTYPE, "int64");
}

static void set_requires_grad_on_and_off(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_ptr_equal(cd_set_requires_grad(x, true), x);
    assert_true(cd_requires_grad(cd_mul(x, 2)));
    assert_ptr_equal(cd_set_requires_grad(x, false), x);
    assert_false(cd_requires_grad(cd_mul(x, 2)));
}

static void a_computed_tensor_cannot_stop_requiring_gradients(void **state)
{
    (void)state;
    cd_tensor *y = cd_mul(leaf(1), 2);
    assert_ptr_equal(cd_set_requires_grad(y, true), y);
    assert_null(cd_set_requires_grad(y, false));
    assert_failed_with(CD_ERR_AUTOGRAD, "MulBackward0");
}

static void detach_shares_memory_and_no_history(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = cd_mul(x, 3), *d = cd_detach(y);
    assert_false(cd_requires_grad(d));
    assert_true(cd_is_leaf(d));
    assert_ptr_equal(cd_data(d), cd_data(y));
    assert_non_null(cd_add_(d, 1));
    assert_int_equal(cd_version(y), 1);
}

/* --- gradients -------------------------------------------------------------------------------- */

static void there_is_no_gradient_before_the_first(void **state)
{
    (void)state;
    assert_null(cd_grad(leaf(1)));
    assert_null(cd_grad(cd_ones(CD_SHAPE(2))));
    assert_ok();
}

static void gradients_accumulate(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1);
    for (int i = 1; i <= 3; i++) {
        assert_true(cd_backward(cd_sum(cd_mul(x, 5))));
        assert_gradient(x, 5 * i);
    }
}

static void a_gradient_stays_the_same_tensor(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1);
    assert_true(cd_backward(cd_sum(x)));
    cd_tensor *g = cd_grad(x);
    assert_true(cd_backward(cd_sum(x)));
    assert_ptr_equal(cd_grad(x), g);
    assert_close(cd_item(cd_sum(g)), 6, 0, 0);
    assert_int_equal(cd_version(g), 1);
}

static void a_value_used_twice_gets_the_sum(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3);
    assert_true(cd_backward(cd_sum(cd_add(cd_mul(x, x), x))));
    assert_gradient(x, 7);
}

/* A gradient with a graph still has it after cd_grad_zero_, which is not in the graph. */
static void zeroing_is_not_recorded(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3);
    assert_true(cd_backward(cd_sum(cd_mul(cd_mul(x, x), x)), .create_graph = true));
    char before[64];
    (void)snprintf(before, sizeof before, "%s", cd_grad_fn_name(cd_grad(x)));
    assert_true(cd_grad_zero_(x));
    assert_string_equal(cd_grad_fn_name(cd_grad(x)), before);
    assert_gradient(x, 0);
    assert_true(cd_grad_drop(x));
}

static void zeroing_fills_and_dropping_removes(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1);
    assert_true(cd_grad_zero_(x));
    assert_null(cd_grad(x));
    assert_true(cd_backward(cd_sum(x)));
    cd_tensor *g = cd_grad(x);
    assert_true(cd_grad_zero_(x));
    assert_ptr_equal(cd_grad(x), g);
    assert_gradient(x, 0);
    assert_true(cd_grad_drop(x));
    assert_null(cd_grad(x));
    assert_ok();
}

static void two_leaves_never_share_a_gradient(void **state)
{
    (void)state;
    for (int graph = 0; graph < 2; graph++) {
        CD_SCOPE();
        cd_tensor *a = leaf(1), *b = leaf(2);
        cd_tensor *dy = cd_ones(CD_SHAPE(3));
        assert_true(cd_backward(cd_add(a, b), .gradient = dy, .create_graph = graph));
        assert_ptr_not_equal(cd_grad(a), cd_grad(b));
        assert_ptr_not_equal(cd_data(cd_grad(a)), cd_data(cd_grad(b)));
        assert_ptr_not_equal(cd_data(cd_grad(a)), cd_data(dy));
        assert_ptr_not_equal(cd_data(cd_grad(b)), cd_data(dy));
    }
}

static char warning[CD_ERROR_MESSAGE_BYTES];

static void remember(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING) (void)snprintf(warning, sizeof warning, "%s", message);
}

static void the_gradient_of_a_computed_tensor_is_a_warning(void **state)
{
    (void)state;
    cd_tensor *y = cd_mul(leaf(1), 2);
    warning[0] = '\0';
    cd_set_logger(remember, NULL);
    assert_null(cd_grad(y));
    cd_set_logger(NULL, NULL);
    assert_ok();
    assert_non_null(strstr(warning, "no leaf (MulBackward0)"));
}

static void broadcasting_is_undone(void **state)
{
    (void)state;
    cd_tensor *row = cd_ones(CD_SHAPE(1, 3), .requires_grad = true);
    cd_tensor *column = cd_ones(CD_SHAPE(4, 2, 1), .requires_grad = true);
    cd_tensor *number = cd_ones(CD_SCALAR, .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_mul(cd_add(row, column), number))));
    assert_true(cd_shape_equal(cd_shape_of(cd_grad(row)), CD_SHAPE(1, 3)));
    assert_true(cd_shape_equal(cd_shape_of(cd_grad(column)), CD_SHAPE(4, 2, 1)));
    assert_true(cd_shape_equal(cd_shape_of(cd_grad(number)), CD_SCALAR));
    assert_gradient(row, 8);
    assert_gradient(column, 3);
    assert_gradient(number, 48);
}

static void promotion_is_undone(void **state)
{
    (void)state;
    cd_tensor *a = cd_ones(CD_SHAPE(2), .requires_grad = true);
    cd_tensor *b = cd_full(CD_SHAPE(2), 3, .dtype = CD_F64, .requires_grad = true);
    cd_tensor *y = cd_mul(a, b);
    assert_int_equal(cd_dtype_of(y), CD_F64);
    assert_true(cd_backward(cd_sum(y)));
    assert_int_equal(cd_dtype_of(cd_grad(a)), CD_F32);
    assert_int_equal(cd_dtype_of(cd_grad(b)), CD_F64);
    assert_gradient(a, 3);
    assert_gradient(b, 1);
}

static void integers_get_no_gradient(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(3), .requires_grad = true), *i = cd_arange(3);
    assert_true(cd_backward(cd_sum(cd_mul(x, i))));
    assert_null(cd_grad(i));
    assert_close(cd_item(cd_sum(cd_grad(x))), 3, 0, 0);
}

static void a_conversion_to_integers_ends_the_graph(void **state)
{
    (void)state;
    cd_tensor *y = cd_to(leaf(1), CD_I64);
    assert_false(cd_requires_grad(y));
    assert_null(cd_grad_fn_name(y));
}

/* --- modes ------------------------------------------------------------------------------------ */

static void nothing_is_recorded_without_grad_mode(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1), *y;
    {
        CD_NO_GRAD();
        assert_false(cd_grad_enabled());
        y = cd_mul(x, 2);
    }
    assert_true(cd_grad_enabled());
    assert_false(cd_requires_grad(y));
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "does not require gradients");
}

static void modes_nest(void **state)
{
    (void)state;
    {
        CD_NO_GRAD();
        {
            CD_ENABLE_GRAD();
            assert_true(cd_grad_enabled());
            {
                CD_NO_GRAD();
                assert_false(cd_grad_enabled());
                CD_SCOPE();
                assert_false(cd_grad_enabled());
            }
            assert_true(cd_grad_enabled());
        }
        assert_false(cd_grad_enabled());
    }
    assert_true(cd_grad_enabled());
}

static void a_mode_ends_with_the_scope_around(void **state)
{
    (void)state;
    cd_scope outer = cd_scope_begin();
    (void)cd_grad_mode_begin(false);
    assert_false(cd_grad_enabled());
    assert_true(cd_scope_end(outer));
    assert_true(cd_grad_enabled());
}

/* --- in place --------------------------------------------------------------------------------- */

static void a_leaf_that_requires_gradients_is_not_changed(void **state)
{
    (void)state;
    cd_tensor *x = leaf(1);
    assert_null(cd_add_(x, 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "leaf");
    assert_int_equal(cd_version(x), 0);
    {
        CD_NO_GRAD();
        assert_ptr_equal(cd_add_(x, 1), x);
    }
    assert_int_equal(cd_version(x), 1);
    assert_true(cd_is_leaf(x));
}

static void an_op_in_place_is_differentiated(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = cd_clone(x);
    assert_ptr_equal(cd_mul_(y, 5), y);
    assert_ptr_equal(cd_add_(y, x), y);
    assert_string_equal(cd_grad_fn_name(y), "AddBackward0");
    assert_true(cd_backward(cd_sum(y)));
    assert_gradient(x, 6);
}

static void a_constant_becomes_a_result_in_place(void **state)
{
    (void)state;
    cd_tensor *w = leaf(2), *sum = cd_zeros(CD_SHAPE(3));
    assert_non_null(cd_add_(sum, w));
    assert_false(cd_is_leaf(sum));
    assert_true(cd_backward(cd_sum(sum)));
    assert_gradient(w, 1);
}

static void nothing_changes_while_an_error_is_pending(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    float ones[2] = { 7, 7 };
    (void)cd_fail(CD_ERR_IO, "earlier");
    assert_null(cd_add_(x, 1));
    assert_null(cd_zero_(x));
    assert_false(cd_write(x, ones, sizeof ones));
    assert_null(cd_set_requires_grad(x, true));
    assert_false(cd_grad_zero_(x));
    assert_failed_with(CD_ERR_IO, "earlier");
    assert_int_equal(cd_version(x), 0);
    assert_close(cd_item(cd_sum(x)), 2, 0, 0);
    assert_false(cd_requires_grad(x));
}

static void a_saved_input_that_was_overwritten_is_found_out(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *h = cd_mul(x, 2), *y = cd_mul(h, h);
    assert_non_null(cd_add_(h, 1));
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "changed by an in-place operation");
    assert_null(cd_grad(x));
}

static void a_saved_output_that_was_overwritten_is_found_out(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = cd_sigmoid(x);
    cd_tensor *z = cd_sum(y);
    assert_non_null(cd_mul_(y, 2));
    assert_false(cd_backward(z));
    assert_failed_with(CD_ERR_AUTOGRAD, "SigmoidBackward0");
}

static void a_write_is_found_out_too(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *c = cd_ones(CD_SHAPE(3)), *y = cd_mul(x, c);
    float values[3] = { 1, 2, 3 };
    assert_true(cd_write(c, values, sizeof values));
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "at version 1, and 0 was saved");
}

static void what_was_not_saved_may_be_overwritten(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *h = cd_mul(x, 2), *y = cd_add(h, 1);
    assert_non_null(cd_add_(h, 1));
    assert_true(cd_backward(cd_sum(y)));
    assert_gradient(x, 2);
}

/* x *= w needs the old x for w's gradient, and the old x's history for the second derivative. */
static void a_product_in_place_knows_what_was_before(void **state)
{
    (void)state;
    cd_tensor *w = leaf(2), *v = leaf(3), *x = cd_clone(v);
    assert_non_null(cd_mul_(x, w));
    assert_true(cd_backward(cd_sum(x), .create_graph = true));
    assert_gradient(w, 3);
    assert_gradient(v, 2);
    cd_tensor *second = cd_autograd_grad(cd_sum(cd_grad(w)), v);
    assert_close(cd_item(cd_sum(second)), 3, 0, 0);
}

static void a_quotient_in_place_knows_what_was_before(void **state)
{
    (void)state;
    cd_tensor *w = leaf(2), *x = cd_full(CD_SHAPE(3), 8);
    assert_non_null(cd_div_(x, w));
    assert_true(cd_backward(cd_sum(x)));
    assert_gradient(w, -2);
}

/* Refused, as in PyTorch: the saved second factor is overwritten when x is. */
static void a_square_in_place_is_found_out_and_leaks_nothing(void **state)
{
    (void)state;
    cd_tensor *x = cd_clone(leaf(3));
    assert_non_null(cd_mul_(x, x));
    assert_false(cd_backward(cd_sum(x)));
    assert_failed_with(CD_ERR_AUTOGRAD, "changed by an in-place operation");
}

/* --- views ------------------------------------------------------------------------------------ */

static void a_view_shares_storage_and_version(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *v = cd_t(x);
    assert_non_null(cd_add_(x, 1));
    assert_int_equal(cd_version(v), 1);
    assert_close(cd_item(cd_sum(v)), 6, 0, 0);
    assert_non_null(cd_add_(v, 1));
    assert_int_equal(cd_version(x), 2);
    assert_close(cd_item(cd_sum(x)), 12, 0, 0);
}

static void gradients_flow_through_views(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_mul(cd_t(x), 4))));
    assert_true(cd_shape_equal(cd_shape_of(cd_grad(x)), CD_SHAPE(2, 3)));
    assert_gradient(x, 4);
}

static void a_view_is_changed_in_a_graph(void **state)
{
    (void)state;
    cd_tensor *w = cd_ones(CD_SHAPE(2, 3), .requires_grad = true), *x = cd_mul(w, 2);
    assert_non_null(cd_mul_(cd_t(x), 2));
    assert_string_equal(cd_grad_fn_name(x), "CopySlices");
    assert_true(cd_backward(cd_sum(x)));
    assert_gradient(w, 4);
    cd_tensor *constant = cd_zeros(CD_SHAPE(3, 3));
    assert_non_null(cd_add_(cd_t(constant), leaf(1)));
    assert_string_equal(cd_grad_fn_name(constant), "CopySlices");
}

static void a_view_from_before_a_change_knows_of_it(void **state)
{
    (void)state;
    cd_tensor *w = cd_ones(CD_SHAPE(2, 2), .requires_grad = true);
    cd_tensor *x = cd_clone(w), *before = cd_t(x);
    assert_string_equal(cd_grad_fn_name(before), "TBackward0");
    assert_non_null(cd_mul_(x, 3));
    assert_string_equal(cd_grad_fn_name(before), "AsStridedBackward0");
    assert_true(cd_backward(cd_sum(before)));
    assert_gradient(w, 3);
}

static void a_view_lives_through_an_optimizers_step(void **state)
{
    (void)state;
    cd_tensor *w = cd_ones(CD_SHAPE(2, 2), .requires_grad = true), *view = cd_t(w);
    {
        CD_NO_GRAD();
        assert_non_null(cd_sub_(w, 0.5));
    }
    assert_true(cd_backward(cd_sum(cd_mul(view, 2))));
    assert_gradient(w, 2);
}

static void printing_names_the_gradient(void **state)
{
    (void)state;
    static const struct {
        const char *ending;
        double add;
    } cases[] = { { "requires_grad=True)", 0 }, { "grad_fn=<AddBackward0>)", 1 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_tensor *x = leaf(1);
        char *text = cd_to_string(cases[i].add > 0 ? cd_add(x, cases[i].add) : x);
        assert_non_null(text);
        assert_that(strstr(text, cases[i].ending), "%s does not end in %s", text, cases[i].ending);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_made_requires_no_gradient),
        TEST(what_is_computed_requires_it_if_an_input_does),
        TEST(integers_cannot_require_gradients),
        TEST(set_requires_grad_on_and_off),
        TEST(a_computed_tensor_cannot_stop_requiring_gradients),
        TEST(detach_shares_memory_and_no_history),
        TEST(there_is_no_gradient_before_the_first),
        TEST(gradients_accumulate),
        TEST(a_gradient_stays_the_same_tensor),
        TEST(a_value_used_twice_gets_the_sum),
        TEST(zeroing_is_not_recorded),
        TEST(zeroing_fills_and_dropping_removes),
        TEST(two_leaves_never_share_a_gradient),
        TEST(the_gradient_of_a_computed_tensor_is_a_warning),
        TEST(broadcasting_is_undone),
        TEST(promotion_is_undone),
        TEST(integers_get_no_gradient),
        TEST(a_conversion_to_integers_ends_the_graph),
        TEST(nothing_is_recorded_without_grad_mode),
        TEST(modes_nest),
        TEST(a_mode_ends_with_the_scope_around),
        TEST(a_leaf_that_requires_gradients_is_not_changed),
        TEST(an_op_in_place_is_differentiated),
        TEST(a_constant_becomes_a_result_in_place),
        TEST(nothing_changes_while_an_error_is_pending),
        TEST(a_saved_input_that_was_overwritten_is_found_out),
        TEST(a_saved_output_that_was_overwritten_is_found_out),
        TEST(a_write_is_found_out_too),
        TEST(what_was_not_saved_may_be_overwritten),
        TEST(a_product_in_place_knows_what_was_before),
        TEST(a_quotient_in_place_knows_what_was_before),
        TEST(a_square_in_place_is_found_out_and_leaks_nothing),
        TEST(a_view_shares_storage_and_version),
        TEST(gradients_flow_through_views),
        TEST(a_view_is_changed_in_a_graph),
        TEST(a_view_from_before_a_change_knows_of_it),
        TEST(a_view_lives_through_an_optimizers_step),
        TEST(printing_names_the_gradient),
    };
    return RUN(tests);
}
