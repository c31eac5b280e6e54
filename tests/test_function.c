/* Functions of one's own (cd_function) do what torch.autograd.Function does. */
#include "functions.h"

#include <pthread.h>

#include "goldens.h"

static cd_tensor *expected(const char *name)
{
    cd_tensor_file *file = cd_tensor_file_open(test_path("golden/function.safetensors"));
    cd_tensor *t = cd_tensor_file_read(file, name);
    assert_ok();
    return t;
}

static cd_tensor *expected_leaf(const char *name)
{
    return cd_set_requires_grad(expected(name), true);
}

#define assert_expected(actual_, name_) assert_near((actual_), expected(name_), 1e-12, 1e-12)

/* --- values as PyTorch's ---------------------------------------------------------------------- */

static void my_relu_is_pytorchs(void **state)
{
    (void)state;
    cd_tensor *x = cd_set_requires_grad(cd_to(expected("x"), CD_F32), true);
    cd_tensor *y = cd_apply(&my_relu, x);
    assert_true(cd_backward(y, .gradient = cd_to(expected("w"), CD_F32)));
    assert_near(y, expected("relu.y"), 0, 0);
    assert_near(cd_grad(x), expected("relu.dx"), 0, 0);
}

static bool grow_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, in[0]);
    cd_save_for_backward(ctx, in[1]);
    out[0] = cd_mul(in[0], cd_exp(in[1]));
    return out[0];
}

static bool grow_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *a = cd_saved_tensor(ctx, 0), *b = cd_saved_tensor(ctx, 1);
    if (cd_needs_input_grad(ctx, 0)) grad_in[0] = cd_mul(grad_out[0], cd_exp(b));
    if (cd_needs_input_grad(ctx, 1)) grad_in[1] = cd_mul(cd_mul(grad_out[0], a), cd_exp(b));
    return cd_ok();
}

static const cd_function grow = { "Grow", 2, 1, grow_forward, grow_backward };

static void two_inputs_and_second_gradients(void **state)
{
    (void)state;
    cd_tensor *a = expected_leaf("a"), *b = expected_leaf("b"), *g[2];
    cd_tensor *y = cd_apply(&grow, a, b), *w = expected("w");
    assert_true(cd_autograd_grad_n(CD_TENSORS(y), CD_TENSORS(a, b), g, .weights = &w,
                                   .create_graph = true));
    assert_expected(y, "grow.y");
    assert_expected(g[0], "grow.da");
    assert_expected(g[1], "grow.db");
    assert_true(cd_backward(cd_sum(cd_add(cd_mul(g[0], expected("v")), cd_mul(g[1], g[1])))));
    assert_expected(cd_grad(a), "grow.dda");
    assert_expected(cd_grad(b), "grow.ddb");
}

static void two_outputs_and_second_gradients(void **state)
{
    (void)state;
    cd_tensor *x = expected_leaf("x"), *w = expected("w"), *y[2];
    assert_true(cd_apply_n(&both, CD_TENSORS(x), y));
    assert_expected(y[0], "both.y");
    assert_expected(y[1], "both.e");
    cd_tensor *sum = cd_sum(cd_add(cd_mul(y[0], w), cd_mul(y[1], expected("v"))));
    cd_tensor *dx = cd_autograd_grad(sum, x, .create_graph = true);
    assert_expected(dx, "both.dx");
    assert_true(cd_backward(cd_sum(cd_mul(dx, w))));
    assert_expected(cd_grad(x), "both.ddx");
}

static void in_place_with_mark_dirty(void **state)
{
    (void)state;
    cd_tensor *x = expected_leaf("x"), *h = cd_mul(x, 3), *y = cd_apply(&square_, h);
    assert_ptr_equal(y, h);
    assert_string_equal(cd_grad_fn_name(h), "Square_Backward");
    assert_int_equal(cd_version(h), cd_item_int(expected("square.version")));
    assert_true(cd_backward(cd_sum(cd_add(cd_mul(y, expected("w")), h))));
    assert_expected(y, "square.y");
    assert_expected(cd_grad(x), "square.dx");
}

static bool largest_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    out[0] = cd_max_dim(in[0], 1, .indices = &out[1]);
    cd_mark_non_differentiable(ctx, out[1]);
    cd_save_for_backward(ctx, out[1]);
    return cd_save_for_backward(ctx, in[0]);
}

static bool largest_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *i = cd_saved_tensor(ctx, 0), *x = cd_saved_tensor(ctx, 1);
    if (cd_dtype_of(grad_out[1]) != CD_I64 || cd_item(cd_sum(grad_out[1])) != 0) return false;
    cd_tensor *here = cd_eq(cd_arange(cd_size(x, 1)), cd_unsqueeze(i, 1));
    grad_in[0] = cd_where(here, cd_unsqueeze(grad_out[0], 1), 0);
    return grad_in[0];
}

static const cd_function largest = { "Largest", 1, 2, largest_forward, largest_backward };

static void an_index_output_has_no_history(void **state)
{
    (void)state;
    cd_tensor *x = expected_leaf("x"), *y[2];
    assert_true(cd_apply_n(&largest, CD_TENSORS(x), y));
    assert_true(cd_requires_grad(y[0]));
    assert_false(cd_requires_grad(y[1]));
    cd_tensor *w = cd_select(expected("w"), 1, 0);
    assert_true(cd_backward(cd_sum(cd_mul(y[0], w))));
    assert_expected(y[0], "largest.y");
    assert_expected(y[1], "largest.i");
    assert_expected(cd_grad(x), "largest.dx");
}

/* --- what is recorded ------------------------------------------------------------------------- */

static void the_name_is_shown(void **state)
{
    (void)state;
    cd_tensor *y = cd_apply(&my_relu, cd_ones(CD_SHAPE(2), .requires_grad = true));
    assert_string_equal(cd_grad_fn_name(y), "MyReLUBackward");
    char *text = cd_to_string(y);
    assert_string_equal(text, "tensor([1., 1.], grad_fn=<MyReLUBackward>)");
    free(text);
}

static bool modes[2];
static int forwards;

static bool note_mode(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    forwards++;
    modes[0] = cd_grad_enabled();
    out[0] = cd_mul(in[0], 2);
    return out[0];
}

static bool note_mode_back(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    modes[1] = cd_grad_enabled();
    grad_in[0] = cd_mul(grad_out[0], 2);
    return grad_in[0];
}

static const cd_function noting = { "Noting", 1, 1, note_mode, note_mode_back };

static void forward_runs_once_without_grad_mode(void **state)
{
    (void)state;
    forwards = 0;
    modes[0] = true;
    cd_tensor *y = cd_apply(&noting, leaf64(CD_SCALAR, 1));
    assert_int_equal(forwards, 1);
    assert_false(modes[0]);
    assert_true(cd_grad_enabled());
    assert_true(cd_backward(y));
    assert_int_equal(forwards, 1);
}

static void backward_has_grad_mode_only_for_a_graph(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SCALAR, 1);
    assert_true(cd_backward(cd_apply(&noting, x)));
    assert_false(modes[1]);
    assert_non_null(cd_autograd_grad(cd_apply(&noting, x), x, .create_graph = true));
    assert_true(modes[1]);
}

static void nothing_is_recorded_without_need(void **state)
{
    (void)state;
    assert_false(cd_requires_grad(cd_apply(&my_relu, cd_ones(CD_SHAPE(2)))));
    CD_NO_GRAD();
    assert_false(cd_requires_grad(cd_apply(&my_relu, leaf64(CD_SHAPE(2), 1))));
}

static void without_backward_no_gradient_is_required(void **state)
{
    (void)state;
    static const cd_function one_way = { "OneWay", 1, 1, note_mode, NULL };
    assert_false(cd_requires_grad(cd_apply(&one_way, leaf64(CD_SHAPE(2), 1))));
}

static bool recording_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    CD_ENABLE_GRAD();
    out[0] = cd_mul(in[0], 7);
    return out[0];
}

static void what_forward_records_itself_does_not_count(void **state)
{
    (void)state;
    static const cd_function own = { "Own", 1, 1, recording_forward, note_mode_back };
    static const cd_function one_way = { "OneWay", 1, 1, recording_forward, NULL };
    cd_tensor *x = leaf64(CD_SCALAR, 1);
    assert_false(cd_requires_grad(cd_apply(&one_way, x)));
    assert_true(cd_backward(cd_apply(&own, x)));
    assert_close(cd_item(cd_grad(x)), 2, 0, 0);
}

static bool arange_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_argmax_dim(in[0], 0);
    return out[0];
}

static void only_integer_outputs_record_nothing(void **state)
{
    (void)state;
    static const cd_function argmax = { "Argmax", 1, 1, arange_forward, pass_on };
    cd_tensor *i = cd_apply(&argmax, leaf64(CD_SHAPE(3), 1));
    assert_false(cd_requires_grad(i));
    assert_true(cd_is_leaf(i));
}

static bool hide_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    out[0] = cd_mul(in[0], 2);
    out[1] = cd_mul(in[0], 3);
    return cd_mark_non_differentiable(ctx, out[1]);
}

static void a_marked_output_has_no_history(void **state)
{
    (void)state;
    static const cd_function hide = { "Hide", 1, 2, hide_forward, pass_on };
    cd_tensor *y[2];
    assert_true(cd_apply_n(&hide, CD_TENSORS(leaf64(CD_SHAPE(2), 1)), y));
    assert_true(cd_requires_grad(y[0]));
    assert_false(cd_requires_grad(y[1]));
}

static void gradients_that_do_not_come_are_zeros(void **state)
{
    (void)state;
    for (int j = 0; j < 2; j++) {
        CD_SCOPE();
        cd_tensor *x = leaf64(CD_SHAPE(2), 3), *y[2];
        assert_true(cd_apply_n(&both, CD_TENSORS(x), y));
        assert_true(cd_backward(cd_sum(y[j])));
        assert_close(element(cd_grad(x), 0), j == 0 ? 6 : exp(3), 1e-12, 0);
    }
}

static bool alone_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    out[0] = cd_mul(in[0], 2);
    out[1] = cd_mul(in[0], 3);
    return cd_set_materialize_grads(ctx, false);
}

static bool alone_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    assert_false(cd_set_materialize_grads(ctx, true));
    assert_failed_with(CD_ERR_STATE, "set_materialize_grads");
    assert_null(grad_out[0]);
    grad_in[0] = cd_mul(grad_out[1], 3);
    return grad_in[0];
}

/* ctx.set_materialize_grads(False). */
static void gradients_that_do_not_come_can_be_null(void **state)
{
    (void)state;
    static const cd_function alone = { "Alone", 1, 2, alone_forward, alone_backward };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *y[2];
    assert_true(cd_apply_n(&alone, CD_TENSORS(x), y));
    assert_true(cd_backward(cd_sum(y[1])));
    assert_close(element(cd_grad(x), 0), 3, 0, 0);
}

static int needs;

static bool note_needs(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    needs = 0;
    for (int k = 0; k < cd_context_inputs(ctx); k++) needs |= cd_needs_input_grad(ctx, k) << k;
    out[0] = cd_mul(in[0], 2);
    return out[0];
}

static void constants_need_no_gradient(void **state)
{
    (void)state;
    static const cd_function noting_needs = { "Needs", -1, 1, note_needs, pass_on };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *c = cd_ones(CD_SHAPE(2)), *i = cd_arange(2);
    assert_non_null(cd_apply(&noting_needs, x, c, i));
    assert_int_equal(needs, 1);
    assert_non_null(cd_apply(&noting_needs, c, cd_mul(x, 2)));
    assert_int_equal(needs, 2);
    CD_NO_GRAD();
    assert_non_null(cd_apply(&noting_needs, x, c)); /* whatever the grad mode, as in PyTorch */
    assert_int_equal(needs, 1);
}

static void a_gradient_for_a_constant_is_ignored(void **state)
{
    (void)state;
    static const cd_function two = { "Two", 2, 1, note_needs, pass_on };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *c = cd_ones(CD_SHAPE(7));
    assert_true(cd_backward(cd_sum(cd_apply(&two, x, c))));
    assert_null(cd_grad(c));
    assert_close(element(cd_grad(x), 0), 1, 0, 0);
}

static bool no_gradient(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    (void)grad_out;
    (void)grad_in;
    return true;
}

static void a_null_gradient_is_none(void **state)
{
    (void)state;
    static const cd_function dead_end = { "DeadEnd", 1, 1, note_mode, no_gradient };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1);
    assert_true(cd_backward(cd_sum(cd_apply(&dead_end, x))));
    assert_null(cd_grad(x));
}

static bool wide_gradient(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    (void)grad_out;
    grad_in[0] = cd_ones(CD_SHAPE(5, 2), .dtype = CD_I64);
    return true;
}

static void a_gradient_is_summed_and_converted_to_its_input(void **state)
{
    (void)state;
    static const cd_function wide = { "Wide", 1, 1, note_mode, wide_gradient };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1);
    assert_true(cd_backward(cd_sum(cd_apply(&wide, x))));
    assert_int_equal(cd_dtype_of(cd_grad(x)), CD_F64);
    assert_close(element(cd_grad(x), 1), 5, 0, 0);
}

static void an_input_given_twice_gets_both_gradients(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1);
    assert_true(cd_backward(cd_sum(cd_apply(&grow, x, x))));
    assert_close(element(cd_grad(x), 0), 2 * exp(1), 1e-12, 0);
}

/* --- checking --------------------------------------------------------------------------------- */

static void gradcheck_finds_them_right(void **state)
{
    (void)state;
    cd_tensor *x = expected_leaf("x"), *a = expected_leaf("a"), *b = expected_leaf("b");
    assert_true(cd_gradcheck(&my_relu, x) && cd_gradgradcheck(&my_relu, x));
    assert_true(cd_gradcheck(&grow, a, b) && cd_gradgradcheck(&grow, a, b));
    assert_true(cd_gradcheck(&grow, a, expected("b")));
    assert_true(cd_gradcheck(&both, x) && cd_gradgradcheck(&both, x));
    assert_true(cd_gradcheck(&largest, x) && cd_gradgradcheck(&largest, x));
    assert_true(cd_gradcheck(&square_, x));
    assert_true(cd_gradcheck(&exp_plus, x) && cd_gradgradcheck(&exp_plus, x));
    assert_null(cd_grad(x));
    assert_int_equal(cd_version(x), 0);
}

static bool second_wrong(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *x = cd_saved_tensor(ctx, 0), *e = cd_saved_tensor(ctx, 1);
    grad_in[0] = cd_add(cd_mul(cd_mul(x, 2), grad_out[0]), cd_mul(cd_mul(e, 1.01), grad_out[1]));
    return grad_in[0];
}

static bool first_order(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *x = cd_detach(cd_saved_tensor(ctx, 0)), *e = cd_detach(cd_saved_tensor(ctx, 1));
    grad_in[0] = cd_add(cd_mul(cd_mul(x, 2), grad_out[0]), cd_mul(e, grad_out[1]));
    return grad_in[0];
}

static void gradcheck_finds_them_wrong(void **state)
{
    (void)state;
    static const cd_function wrong = { "Wrong", 1, 2, both_forward, second_wrong };
    static const cd_function once = { "Once", 1, 2, both_forward, first_order };
    cd_tensor *x = expected_leaf("x");
    assert_false(cd_gradcheck(&wrong, x));
    assert_failed_with(CD_ERR_AUTOGRAD, "gradcheck: for element 0 of input 0");
    assert_false(cd_gradcheck(&noting, cd_ones(CD_SHAPE(2), .requires_grad = true)));
    assert_failed_with(CD_ERR_DTYPE, "float64");
    assert_false(cd_gradgradcheck(&square_, x)); /* the saved value has no history, as in PyTorch */
    assert_failed_with(CD_ERR_AUTOGRAD, "gradgradcheck: for element 0 of input 0");
    assert_true(cd_gradcheck(&once, x));
    assert_false(cd_gradgradcheck(&once, x));
    assert_failed_with(CD_ERR_AUTOGRAD, "gradgradcheck: for element 0 of input 0");
}

/* --- threads ---------------------------------------------------------------------------------- */

static void *work(void *shared)
{
    cd_tensor *x = shared;
    for (int i = 0; i < 100; i++) {
        CD_SCOPE();
        cd_tensor *y[2];
        if (!cd_apply_n(&both, CD_TENSORS(x), y)) return "apply failed";
        if (!cd_backward(cd_sum(cd_add(y[0], y[1])))) return "backward failed";
    }
    return NULL;
}

static void threads_share_a_function_and_a_leaf(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t thread[THREADS];
    cd_tensor *x = leaf64(CD_SHAPE(2), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, work, x), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failure;
        assert_int_equal(pthread_join(thread[i], &failure), 0);
        assert_that(!failure, "%s", (const char *)failure);
    }
    assert_close(element(cd_grad(x), 0), 100 * THREADS, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(my_relu_is_pytorchs),
        TEST(two_inputs_and_second_gradients),
        TEST(two_outputs_and_second_gradients),
        TEST(in_place_with_mark_dirty),
        TEST(an_index_output_has_no_history),
        TEST(the_name_is_shown),
        TEST(forward_runs_once_without_grad_mode),
        TEST(backward_has_grad_mode_only_for_a_graph),
        TEST(nothing_is_recorded_without_need),
        TEST(without_backward_no_gradient_is_required),
        TEST(what_forward_records_itself_does_not_count),
        TEST(only_integer_outputs_record_nothing),
        TEST(a_marked_output_has_no_history),
        TEST(gradients_that_do_not_come_are_zeros),
        TEST(gradients_that_do_not_come_can_be_null),
        TEST(constants_need_no_gradient),
        TEST(a_gradient_for_a_constant_is_ignored),
        TEST(a_null_gradient_is_none),
        TEST(a_gradient_is_summed_and_converted_to_its_input),
        TEST(an_input_given_twice_gets_both_gradients),
        TEST(gradcheck_finds_them_right),
        TEST(gradcheck_finds_them_wrong),
        TEST(threads_share_a_function_and_a_leaf),
    };
    return RUN(tests);
}
