/* What functions of one's own save, change in place and return unchanged; and functions with many
 * inputs, outputs and saved values. */
#include "functions.h"

#include "goldens.h"

/* --- inputs and views as outputs -------------------------------------------------------------- */

static bool identity_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = in[0];
    return true;
}

static bool triple_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    grad_in[0] = cd_mul(grad_out[0], 3);
    return grad_in[0];
}

static const cd_function identity = { "Identity", 1, 1, identity_forward, triple_backward };

static void an_input_returned_is_another_tensor(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *y = cd_apply(&identity, x);
    assert_ptr_not_equal(y, x);
    assert_ptr_equal(cd_data(y), cd_data(x));
    assert_true(cd_is_leaf(x));
    assert_true(cd_backward(cd_sum(y)));
    assert_close(element(cd_grad(x), 0), 3, 0, 0);
    assert_null(cd_add_(y, 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "view");
    assert_ptr_not_equal(cd_apply(&identity, cd_detach(x)), x);
}

static bool turn_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_t(in[0]);
    return out[0] && cd_save_for_backward(ctx, out[0]);
}

static bool turn_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_t(cd_mul(cd_saved_tensor(ctx, 0), grad_out[0]));
    return grad_in[0];
}

static void a_view_of_an_input_follows_the_function(void **state)
{
    (void)state;
    static const cd_function turn = { "Turn", 1, 1, turn_forward, turn_backward };
    cd_tensor *x =
        cd_set_requires_grad(cd_reshape(cd_to(cd_arange(6), CD_F64), CD_SHAPE(2, 3)), true);
    cd_tensor *y = cd_apply(&turn, x);
    assert_string_equal(cd_grad_fn_name(y), "TurnBackward");
    assert_true(cd_backward(cd_sum(y)));
    for (int i = 0; i < 6; i++) assert_close(element(cd_grad(x), i), i, 0, 0);
    assert_null(cd_add_(cd_apply(&turn, cd_mul(x, 1)), 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "view");
    cd_tensor *h = cd_mul(x, 1), *stale = cd_apply(&turn, h);
    assert_non_null(cd_add_(h, 1));
    assert_null(cd_mul(stale, 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "changed in place");
}

static bool detached_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_detach(in[0]);
    return out[0];
}

static void a_detached_input_is_still_a_view_of_it(void **state)
{
    (void)state;
    static const cd_function detached = { "Detached", 1, 1, detached_forward, triple_backward };
    assert_null(cd_add_(cd_apply(&detached, computed(1)), 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "view");
}

static bool twice_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = out[1] = cd_mul(in[0], 2);
    return out[0];
}

static bool twice_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    grad_in[0] = cd_add(cd_mul(grad_out[0], 2), cd_mul(grad_out[1], 5));
    return grad_in[0];
}

static void one_tensor_as_two_outputs_has_two_gradients(void **state)
{
    (void)state;
    static const cd_function twice = { "Twice", 1, 2, twice_forward, twice_backward };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *y[2];
    assert_true(cd_apply_n(&twice, CD_TENSORS(x), y));
    assert_true(cd_backward(cd_sum(cd_add(y[0], y[1]))));
    assert_close(element(cd_grad(x), 0), 7, 0, 0);
}

static bool foreign_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)in;
    out[0] = cd_context_user(ctx);
    return true;
}

static void a_tensor_from_elsewhere_keeps_its_own_history(void **state)
{
    (void)state;
    static const cd_function foreign = { "Foreign", 1, 1, foreign_forward, triple_backward };
    cd_tensor *x = leaf64(CD_SHAPE(3), 1), *c = cd_ones(CD_SHAPE(3), .dtype = CD_F64);
    cd_tensor *of[3] = { c, leaf64(CD_SHAPE(3), 1), computed(1) };
    for (int i = 0; i < 3; i++) {
        cd_tensor *y;
        const char *before = cd_grad_fn_name(of[i]);
        assert_true(cd_apply_n(&foreign, CD_TENSORS(x), &y, .user = of[i]));
        assert_string_equal(cd_grad_fn_name(y), "ForeignBackward");
        assert_ptr_equal(cd_grad_fn_name(of[i]), before);
        assert_true(cd_backward(cd_sum(y)));
        assert_close(element(cd_grad(x), 0), 3 * (i + 1), 0, 0);
    }
    assert_false(cd_requires_grad(c));
}

/* --- in place --------------------------------------------------------------------------------- */

static void a_changed_input_can_be_saved_as_the_output(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *h = cd_mul(x, 2), *y[2];
    assert_true(cd_apply_n(&exp_plus, CD_TENSORS(h), y));
    assert_ptr_equal(y[0], h);
    cd_tensor *sum = cd_sum(cd_add(h, y[1]));
    cd_tensor *dx = cd_autograd_grad(sum, x, .create_graph = true);
    assert_close(element(dx, 0), 4 * exp(2), 1e-12, 0);
    assert_true(cd_backward(cd_sum(dx)));
    assert_close(element(cd_grad(x), 0), 8 * exp(2), 1e-12, 0);
}

static void a_value_saved_before_the_change_is_found_out(void **state)
{
    (void)state;
    cd_tensor *h = computed(2), *z = cd_mul(h, h);
    assert_non_null(cd_apply(&square_, h));
    assert_false(cd_backward(cd_sum(z)));
    assert_failed_with(CD_ERR_AUTOGRAD, "in-place");
}

static bool square_twice_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_mark_dirty(ctx, in[0]);
    out[0] = out[1] = cd_mul_(in[0], 1);
    return out[0];
}

static void a_changed_input_as_two_outputs_has_two_gradients(void **state)
{
    (void)state;
    static const cd_function f = { "SquareTwice", 2, 2, square_twice_forward, twice_backward };
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *h = cd_mul(x, 1), *y[2];
    assert_true(cd_apply_n(&f, CD_TENSORS(h, h), y)); /* the same tensor as both inputs */
    assert_ptr_equal(y[0], h);
    assert_ptr_not_equal(y[1], h);
    assert_int_equal(cd_version(h), 2);
    assert_true(cd_backward(cd_sum(cd_add(y[0], y[1]))));
    assert_close(element(cd_grad(x), 0), 7, 0, 0);
}

static void a_view_taken_before_the_change_follows_it(void **state)
{
    (void)state;
    cd_tensor *h = computed(2), *v = cd_narrow(h, 0, 0, 2);
    assert_non_null(cd_apply(&square_, h));
    assert_true(cd_backward(cd_sum(cd_mul(v, 2))));
    assert_string_equal(cd_grad_fn_name(v), "AsStridedBackward0");
}

/* The base was changed, so the view's history is out of date. A function under CD_NO_GRAD() that
 * changes the view records nothing and leaves that so: as in PyTorch, the gradient is that of the
 * base's change. */
static void a_view_changed_without_a_graph_is_still_behind_its_base(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(3), 1), *h = cd_mul(x, 2), *v = cd_narrow(h, 0, 0, 2), *w;
    assert_non_null(cd_mul_(h, 5));
    {
        CD_NO_GRAD();
        assert_ptr_equal(cd_apply(&square_, v), v);
        w = cd_narrow(x, 0, 0, 2);
        assert_non_null(cd_mul_(w, 2));
        assert_ptr_equal(cd_apply(&square_, w), w);
    }
    assert_true(cd_backward(cd_sum(cd_mul(v, 1))));
    assert_close(element(cd_grad(x), 0), 10, 0, 0);
    assert_close(element(cd_grad(x), 2), 0, 0, 0);
    assert_string_equal(cd_grad_fn_name(v), "AsStridedBackward0");
    assert_null(cd_grad_fn_name(w));
    assert_failed_with(CD_ERR_AUTOGRAD, "CD_NO_GRAD()");
}

static void a_changed_constant_gets_a_history(void **state)
{
    (void)state;
    cd_tensor *c = cd_ones(CD_SHAPE(2));
    assert_ptr_equal(cd_apply(&square_, c), c);
    assert_false(cd_requires_grad(c));
    CD_NO_GRAD();
    cd_tensor *x = leaf64(CD_SHAPE(2), 3);
    assert_ptr_equal(cd_apply(&square_, x), x);
    assert_close(element(x, 0), 9, 0, 0);
    assert_true(cd_is_leaf(x));
}

/* --- what is saved ---------------------------------------------------------------------------- */

static bool other_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, cd_context_user(ctx));
    out[0] = cd_mul(in[0], cd_context_user(ctx));
    return out[0];
}

static bool other_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_mul(grad_out[0], cd_saved_tensor(ctx, 0));
    return grad_in[0];
}

static const cd_function times_other = { "TimesOther", 1, 1, other_forward, other_backward };

static void another_tensor_is_saved_with_its_history(void **state)
{
    (void)state;
    cd_tensor *w = leaf64(CD_SHAPE(2), 3), *h = cd_mul(w, 2), *x = leaf64(CD_SHAPE(2), 5), *y;
    assert_true(cd_apply_n(&times_other, CD_TENSORS(x), &y, .user = h));
    cd_tensor *dx = cd_autograd_grad(cd_sum(y), x, .create_graph = true);
    assert_close(element(dx, 0), 6, 0, 0);
    assert_true(cd_backward(cd_sum(dx)));
    assert_close(element(cd_grad(w), 0), 2, 0, 0);
    assert_true(cd_apply_n(&times_other, CD_TENSORS(x), &y, .user = w)); /* a leaf is saved too */
    dx = cd_autograd_grad(cd_sum(y), x, .create_graph = true);
    assert_true(cd_backward(cd_sum(dx)));
    assert_close(element(cd_grad(w), 0), 3, 0, 0);
}

static void a_saved_input_that_joins_the_output_makes_no_cycle(void **state)
{
    (void)state;
    cd_tensor *h = computed(1), *y = cd_apply(&my_relu, h);
    assert_non_null(cd_add_(h, y)); /* a cycle would be a leak, which the fixture finds */
}

static void a_saved_value_that_was_changed_is_found_out(void **state)
{
    (void)state;
    cd_tensor *h = computed(1), *y = cd_apply(&my_relu, h), *c = cd_ones(CD_SHAPE(3)), *z;
    assert_non_null(cd_add_(h, 1));
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "MyReLUBackward needs (float64, 3) was changed");
    assert_true(cd_apply_n(&times_other, CD_TENSORS(leaf64(CD_SHAPE(3), 1)), &z, .user = c));
    assert_non_null(cd_zero_(c));
    assert_false(cd_backward(cd_sum(z)));
    assert_failed_with(CD_ERR_AUTOGRAD, "TimesOtherBackward needs (float32, 3) was changed");
}

static bool saved_in_place(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_mul_(cd_saved_tensor(ctx, 0), grad_out[0]);
    return grad_in[0];
}

static void a_saved_view_is_still_a_view(void **state)
{
    (void)state;
    static const cd_function spoils = { "Spoils", 1, 1, my_relu_forward, saved_in_place };
    cd_tensor *h = computed(1);
    assert_non_null(cd_add_(h, 1));
    cd_tensor *v = cd_narrow(h, 0, 0, 2);
    cd_tensor *g = cd_autograd_grad(cd_sum(cd_apply(&my_relu, v)), v, .create_graph = true);
    assert_close(element(g, 0), 1, 0, 0);
    cd_tensor *z = cd_sum(cd_pow(cd_apply(&spoils, v), 2));
    assert_null(cd_autograd_grad(z, v, .create_graph = true));
    assert_failed_with(CD_ERR_AUTOGRAD, "view");
}

static void a_second_pass_needs_retain_graph(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 3), *y = cd_sum(cd_apply(&my_relu, x));
    assert_true(cd_backward(y, .retain_graph = true));
    assert_true(cd_backward(y));
    assert_close(element(cd_grad(x), 0), 2, 0, 0);
    assert_false(cd_backward(y));
    assert_failed_with(CD_ERR_AUTOGRAD, "MyReLUBackward was gone through a second time");
}

static void a_second_pass_works_where_nothing_was_saved(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SCALAR, 1), *y = cd_apply(&identity, x);
    assert_true(cd_backward(y));
    assert_true(cd_backward(y));
    assert_close(cd_item(cd_grad(x)), 6, 0, 0);
}

/* --- any number ------------------------------------------------------------------------------- */

enum { MANY = 37 };

/* out[j] = in[j] * in[(j + 1) % MANY] */
static bool ring_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    for (int j = 0; j < MANY; j++) {
        cd_save_for_backward(ctx, in[j]);
        out[j] = cd_mul(in[j], in[(j + 1) % MANY]);
    }
    return true;
}

static bool ring_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    for (int j = 0; j < MANY; j++) {
        int before = (j + MANY - 1) % MANY, after = (j + 1) % MANY;
        grad_in[j] = cd_add(cd_mul(grad_out[j], cd_saved_tensor(ctx, after)),
                            cd_mul(grad_out[before], cd_saved_tensor(ctx, before)));
    }
    return true;
}

static const cd_function ring = { "Ring", MANY, MANY, ring_forward, ring_backward };

static void many_inputs_outputs_and_saved_tensors(void **state)
{
    (void)state;
    cd_tensor *x[MANY], *y[MANY], *sum = NULL;
    for (int j = 0; j < MANY; j++) x[j] = leaf64(CD_SHAPE(2), j + 1);
    cd_tensors in = { x, MANY };
    assert_true(cd_apply_n(&ring, in, y));
    for (int j = 0; j < MANY; j++) {
        cd_tensor *part = cd_sum(cd_mul(y[j], j % 3)); /* some outputs get no gradient */
        if (j % 3) sum = sum ? cd_add(sum, part) : part;
    }
    assert_true(cd_backward(sum, .retain_graph = true));
    for (int j = 0; j < MANY; j++) {
        int before = (j + MANY - 1) % MANY, after = (j + 1) % MANY;
        double right = (j % 3) * (after + 1) + (before % 3) * (before + 1);
        assert_close(element(cd_grad(x[j]), 0), right, 0, 0);
    }
    cd_tensor *g[2];
    assert_true(cd_autograd_grad_n(CD_TENSORS(sum), CD_TENSORS(y[5], y[6]), g, .allow_unused = true,
                                   .retain_graph = true));
    assert_close(element(g[0], 0), 2, 0, 0);
    assert_null(g[1]);
    assert_non_null(cd_autograd_grad(cd_sum(y[MANY - 1]), x[0]));
}

static bool nothing_back(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    (void)grad_out;
    (void)grad_in;
    return true;
}

static void many_outputs_of_which_none_gets_a_gradient(void **state)
{
    (void)state;
    static const cd_function dead_end = { "DeadEnd", 1, 1, detached_forward, nothing_back };
    cd_tensor *x[MANY], *y[MANY], *g = NULL;
    for (int j = 0; j < MANY; j++) x[j] = leaf64(CD_SHAPE(2), j);
    assert_true(cd_apply_n(&ring, ((cd_tensors){ x, MANY }), y));
    cd_tensor *sum = cd_sum(cd_apply(&dead_end, y[5]));
    assert_true(cd_autograd_grad_n(CD_TENSORS(sum), CD_TENSORS(y[5]), &g, .allow_unused = true));
    assert_null(g);
}

static bool no_inputs_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    (void)in;
    out[0] = cd_ones(CD_SHAPE(2));
    return out[0];
}

static void no_inputs_at_all(void **state)
{
    (void)state;
    static const cd_function source = { "Source", 0, 1, no_inputs_forward, pass_on };
    cd_tensor *y = NULL;
    assert_true(cd_apply_n(&source, (cd_tensors){ .count = 0 }, &y));
    assert_false(cd_requires_grad(y));
}

static void apply_gives_the_first_of_several(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SHAPE(2), 3);
    assert_true(cd_backward(cd_sum(cd_apply(&both, x))));
    assert_close(element(cd_grad(x), 0), 6, 0, 0);
}

/* --- anomaly mode ----------------------------------------------------------------------------- */

static bool times_saved_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, in[0]);
    cd_save_for_backward(ctx, in[1]);
    out[0] = cd_mul(in[0], 2);
    return out[0];
}

static bool times_saved_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_mul(grad_out[0], cd_saved_tensor(ctx, 1));
    return grad_in[0];
}

static const cd_function times_saved = { .name = "TimesSaved",
                                         .inputs = 2,
                                         .outputs = 1,
                                         .forward = times_saved_forward,
                                         .backward = times_saved_backward };

/* Anomaly mode reads of a saved view only the elements that it shows, also if it is not
 * contiguous. */
static void a_saved_value_that_is_not_finite_is_not_blamed(void **state)
{
    (void)state;
    const float values[] = { 1, 2, INFINITY, 3e38F };
    cd_tensor *v = cd_t(cd_from_array(values, CD_SHAPE(2, 2)));
    cd_tensor *x = cd_full(CD_SHAPE(2, 2), 1, .requires_grad = true), *ten = cd_full(CD_SCALAR, 10);
    CD_DETECT_ANOMALY();
    assert_true(cd_backward(cd_sum(cd_apply(&times_saved, cd_mul(x, 1), v))));
    assert_true(isinf(cd_item(cd_index(cd_index(cd_grad(x), 0), 1))));
    cd_tensor *y = cd_apply(&times_saved, x, cd_select(v, 0, 1));
    assert_false(cd_backward(cd_sum(cd_mul(y, ten))));
    assert_failed_with(CD_ERR_AUTOGRAD, "TimesSavedBackward: anomaly");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_input_returned_is_another_tensor),
        TEST(a_view_of_an_input_follows_the_function),
        TEST(a_detached_input_is_still_a_view_of_it),
        TEST(one_tensor_as_two_outputs_has_two_gradients),
        TEST(a_tensor_from_elsewhere_keeps_its_own_history),
        TEST(a_changed_input_can_be_saved_as_the_output),
        TEST(a_value_saved_before_the_change_is_found_out),
        TEST(a_changed_input_as_two_outputs_has_two_gradients),
        TEST(a_view_taken_before_the_change_follows_it),
        TEST(a_view_changed_without_a_graph_is_still_behind_its_base),
        TEST(a_changed_constant_gets_a_history),
        TEST(another_tensor_is_saved_with_its_history),
        TEST(a_saved_input_that_joins_the_output_makes_no_cycle),
        TEST(a_saved_value_that_was_changed_is_found_out),
        TEST(a_saved_view_is_still_a_view),
        TEST(a_second_pass_needs_retain_graph),
        TEST(a_second_pass_works_where_nothing_was_saved),
        TEST(many_inputs_outputs_and_saved_tensors),
        TEST(many_outputs_of_which_none_gets_a_gradient),
        TEST(no_inputs_at_all),
        TEST(apply_gives_the_first_of_several),
        TEST(a_saved_value_that_is_not_finite_is_not_blamed),
    };
    return RUN(tests);
}
