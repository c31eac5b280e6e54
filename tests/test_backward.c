/* The backward pass (autograd/engine.c): cd_backward, create_graph, cd_autograd_grad, and passes
 * that fail. */
#include "test.h"

#include "autograd/ops.h"
#include "core/memory_internal.h"

static cd_tensor *leaf(double value)
{
    return cd_full(CD_SCALAR, value, .dtype = CD_F64, .requires_grad = true);
}

/* --- passes ----------------------------------------------------------------------------------- */

static void a_second_pass_is_refused_with_advice(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = cd_mul(x, x);
    assert_true(cd_backward(y));
    assert_false(cd_backward(y));
    assert_failed_with(CD_ERR_AUTOGRAD, "retain_graph = true");
    assert_close(cd_item(cd_grad(x)), 4, 0, 0);
}

static void a_second_pass_works_where_nothing_was_saved(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = cd_add(x, 2);
    assert_true(cd_backward(y));
    assert_true(cd_backward(y));
    assert_close(cd_item(cd_grad(x)), 2, 0, 0);
}

static void retain_graph_allows_another_pass(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = cd_mul(x, x);
    assert_true(cd_backward(y, .retain_graph = true));
    assert_true(cd_backward(y));
    assert_close(cd_item(cd_grad(x)), 8, 0, 0);
    assert_false(cd_backward(y));
    assert_failed_with(CD_ERR_AUTOGRAD, "second time");
}

static void a_pass_frees_what_was_saved(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = NULL;
    {
        CD_SCOPE();
        y = cd_escape(cd_sum(cd_mul(cd_add(cd_zeros(CD_SHAPE(1000)), x), x)));
    }
    size_t before = cd_memory_stats().bytes_in_use;
    assert_true(cd_backward(y));
    assert_true(cd_memory_stats().bytes_in_use < before);
}

static void only_one_element_starts_from_one(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3), .requires_grad = true);
    assert_false(cd_backward(cd_mul(x, 2)));
    assert_failed_with(CD_ERR_AUTOGRAD, "shape 2x3");
    assert_true(cd_backward(cd_sum(x)));
    cd_tensor *one = cd_ones(CD_SHAPE(1, 1), .requires_grad = true);
    assert_true(cd_backward(cd_mul(one, 2)));
    assert_close(cd_item(cd_grad(one)), 2, 0, 0);
}

static void a_gradient_must_have_the_shape(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2, 3), .requires_grad = true), *y = cd_mul(x, 2);
    assert_false(cd_backward(y, .gradient = cd_ones(CD_SHAPE(3))));
    assert_failed_with(CD_ERR_SHAPE, ".gradient has shape 3, but the tensor has shape 2x3");
    assert_true(cd_backward(y, .gradient = cd_full(CD_SHAPE(2, 3), 5)));
    assert_close(cd_item(cd_sum(cd_grad(x))), 60, 0, 0);
}

static void a_gradient_of_another_dtype_is_converted(void **state)
{
    (void)state;
    cd_tensor *x = cd_ones(CD_SHAPE(2), .requires_grad = true);
    assert_true(cd_backward(cd_mul(x, 2), .gradient = cd_ones(CD_SHAPE(2), .dtype = CD_F64)));
    assert_int_equal(cd_dtype_of(cd_grad(x)), CD_F32);
}

static void backward_of_a_leaf_is_its_own_gradient(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3);
    assert_true(cd_backward(x));
    assert_close(cd_item(cd_grad(x)), 1, 0, 0);
}

static void backward_of_a_constant_is_an_error(void **state)
{
    (void)state;
    assert_false(cd_backward(cd_ones(CD_SCALAR)));
    assert_failed_with(CD_ERR_AUTOGRAD, "does not require gradients");
    assert_false(cd_backward(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "backward: the tensor is NULL");
}

static void backward_does_nothing_while_an_error_is_pending(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *y = cd_mul(x, x);
    (void)cd_fail(CD_ERR_IO, "earlier");
    assert_false(cd_backward(y));
    assert_failed_with(CD_ERR_IO, "earlier");
    assert_null(cd_grad(x));
    assert_true(cd_backward(y));
}

static void backward_works_without_grad_mode(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *y = cd_mul(x, x);
    CD_NO_GRAD();
    assert_true(cd_backward(y));
    assert_close(cd_item(cd_grad(x)), 6, 0, 0);
}

static void a_leaf_that_is_gone_gets_nothing(void **state)
{
    (void)state;
    cd_tensor *w = leaf(2), *y;
    {
        CD_SCOPE();
        y = cd_escape(cd_mul(leaf(5), w));
    }
    assert_true(cd_backward(y));
    assert_close(cd_item(cd_grad(w)), 5, 0, 0);
}

/* --- large graphs ----------------------------------------------------------------------------- */

static void a_million_adds(void **state)
{
    (void)state;
    enum { MANY = 1000000 };
    cd_tensor *x = leaf(1), *y = NULL;
    (void)cd_assign(&y, x);
    for (int i = 0; i < MANY; i++) {
        CD_SCOPE();
        (void)cd_assign(&y, cd_add(y, 1));
    }
    assert_ok();
    assert_close(cd_item(y), 1 + MANY, 0, 0);
    assert_true(cd_backward(y));
    assert_close(cd_item(cd_grad(x)), 1, 0, 0);
    assert_true(cd_release(y));
}

/* Each value is used twice, so the engine must find the entry that each node already has, with up
 * to hundreds of entries in its hash table. */
static void doublings(void **state)
{
    (void)state;
    for (int n = 1; n < 700; n += 7) {
        CD_SCOPE();
        cd_tensor *x = cd_ones(CD_SCALAR, .dtype = CD_F64, .requires_grad = true), *y = x;
        for (int i = 0; i < n; i++) y = cd_mul(y, y); /* y is 1; dy/dx doubles */
        cd_tensor *dx = cd_autograd_grad(y, x, .retain_graph = true);
        assert_close(cd_item(dx), ldexp(1, n), 0, 0);
        assert_true(cd_backward(y));
        assert_close(cd_item(cd_grad(x)), ldexp(1, n), 0, 0);
    }
}

static void a_wide_graph(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    cd_tensor *x = leaf(1), *sum = cd_mul(x, 0);
    for (int i = 0; i < MANY; i++) sum = cd_add(sum, cd_mul(x, x));
    assert_true(cd_backward(sum));
    assert_close(cd_item(cd_grad(x)), 2 * MANY, 0, 0);
}

static void many_leaves(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    cd_tensor *x[MANY], *sum = cd_zeros(CD_SCALAR, .dtype = CD_F64);
    for (int i = 0; i < MANY; i++) sum = cd_add(sum, cd_mul(x[i] = leaf(1), i));
    assert_true(cd_backward(sum));
    for (int i = 0; i < MANY; i++) assert_close(cd_item(cd_grad(x[i])), i, 0, 0);
}

/* --- gradients of gradients ------------------------------------------------------------------- */

static void a_gradient_is_differentiated(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *y = cd_mul(cd_mul(x, x), x);
    assert_true(cd_backward(y, .create_graph = true));
    cd_tensor *g = cd_grad(x);
    assert_close(cd_item(g), 27, 0, 0);
    assert_true(cd_requires_grad(g));
    assert_true(cd_keep(g) && cd_grad_drop(x));
    assert_true(cd_backward(g));
    assert_close(cd_item(cd_grad(x)), 18, 0, 0);
    assert_true(cd_release(g));
}

static void gradients_with_a_graph_accumulate(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *y = cd_mul(x, x);
    assert_true(cd_backward(y, .create_graph = true));
    assert_true(cd_backward(y, .create_graph = true));
    assert_close(cd_item(cd_grad(x)), 12, 0, 0);
    assert_true(cd_requires_grad(cd_grad(x)));
}

static void a_gradient_without_create_graph_has_no_history(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3);
    assert_true(cd_backward(cd_mul(x, x)));
    assert_false(cd_requires_grad(cd_grad(x)));
}

/* With create_graph the graph of x.grad owns x, which owns x.grad. The cycle must end with the last
 * other owner of x. */
static void the_cycle_of_create_graph_is_broken(void **state)
{
    (void)state;
    cd_memory_info before = cd_memory_stats();
    {
        CD_SCOPE();
        cd_tensor *x = leaf(3), *w = leaf(2);
        assert_true(cd_backward(cd_mul(cd_mul(x, x), cd_mul(w, w)), .create_graph = true));
        assert_true(cd_memory_stats().objects > before.objects);
    }
    cd_memory_info after = cd_memory_stats();
    assert_int_equal(after.objects, before.objects);
    assert_int_equal(after.blocks_in_use, before.blocks_in_use);
}

/* --- cd_autograd_grad ------------------------------------------------------------------------- */

static void autograd_grad_of_a_leaf(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *y = cd_mul(x, x);
    cd_tensor *g = cd_autograd_grad(y, x);
    assert_close(cd_item(g), 6, 0, 0);
    assert_null(cd_grad(x));
    assert_null(cd_autograd_grad(y, x));
    assert_failed_with(CD_ERR_AUTOGRAD, "second time");
}

/* The pass ends at h. The graph that computed h is not run, so it can still be run later. */
static void autograd_grad_of_a_computed_tensor(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *h = cd_mul(x, x), *y = cd_mul(h, h);
    assert_close(cd_item(cd_autograd_grad(y, h)), 18, 0, 0);
    assert_null(cd_grad(x));
    assert_true(cd_backward(h));
    assert_close(cd_item(cd_grad(x)), 6, 0, 0);
}

static void autograd_grad_of_itself(void **state)
{
    (void)state;
    cd_tensor *y = cd_mul(leaf(3), 2);
    assert_close(cd_item(cd_autograd_grad(y, y)), 1, 0, 0);
}

static void only_what_leads_there_is_run(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *z = leaf(4), *used_up = cd_mul(z, z);
    assert_true(cd_backward(used_up));
    cd_tensor *y = cd_mul(cd_mul(x, x), 2);
    cd_tensor *sum = cd_add(y, used_up);
    assert_close(cd_item(cd_autograd_grad(sum, x)), 12, 0, 0);
    assert_false(cd_backward(sum));
    assert_failed_with(CD_ERR_AUTOGRAD, "second time");
}

static void several_at_once(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *w = leaf(5), *h = cd_mul(x, w), *g[3];
    cd_tensor *outputs[2] = { cd_mul(h, h), cd_add(h, x) };
    cd_tensor *weights[2] = { NULL, cd_full(CD_SCALAR, 10, .dtype = CD_F64) };
    assert_true(cd_autograd_grad_n(CD_TENSORS(outputs[0], outputs[1]), CD_TENSORS(x, h, w), g,
                                   .weights = weights));
    assert_close(cd_item(g[1]), 2 * 15 + 10, 0, 0);
    assert_close(cd_item(g[0]), 40 * 5 + 10, 0, 0);
    assert_close(cd_item(g[2]), 40 * 3, 0, 0);
}

static void an_input_that_is_not_used(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *other = leaf(1), *y = cd_mul(x, x);
    assert_null(cd_autograd_grad(y, other));
    assert_failed_with(CD_ERR_AUTOGRAD, "no output depends on input 0");
    assert_null(cd_autograd_grad(y, other, .allow_unused = true));
    assert_ok();
    cd_tensor *g[2] = { other, other };
    assert_false(cd_autograd_grad_n(CD_TENSORS(y), CD_TENSORS(x, other), g, .retain_graph = true));
    assert_failed_with(CD_ERR_AUTOGRAD, "input 1");
    assert_ptr_equal(g[0], other);
    assert_true(cd_autograd_grad_n(CD_TENSORS(y), CD_TENSORS(x, other), g, .allow_unused = true));
    assert_close(cd_item(g[0]), 6, 0, 0);
    assert_null(g[1]);
}

static void autograd_grad_needs_what_requires_gradients(void **state)
{
    (void)state;
    cd_tensor *x = leaf(3), *constant = cd_ones(CD_SCALAR);
    assert_null(cd_autograd_grad(cd_mul(x, 2), constant));
    assert_failed_with(CD_ERR_AUTOGRAD, "input 0 does not require gradients");
    assert_null(cd_autograd_grad(constant, x));
    assert_failed_with(CD_ERR_AUTOGRAD, "autograd_grad: the tensor does not require");
    assert_null(cd_autograd_grad(NULL, x));
    assert_failed_with(CD_ERR_ARGUMENT, "autograd_grad");
    assert_null(cd_autograd_grad(cd_mul(x, 2), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "autograd_grad");
}

static void third_derivatives(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *y = cd_mul(cd_mul(x, x), cd_mul(x, x));
    static const double expected[] = { 32, 48, 48, 24 };
    for (int i = 0; i < 4; i++) {
        y = cd_autograd_grad(y, x, .create_graph = true);
        assert_close(cd_item(y), expected[i], 0, 0);
    }
}

/* --- failures --------------------------------------------------------------------------------- */

static int64_t allocations, fail_at; /* how many there were; the number of the one that fails */

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return allocations++ == fail_at;
}

/* Makes three leaves w: without a gradient, with a gradient, and with a gradient that has a graph.
 * Then runs a backward pass in which allocation number `at` fails. */
static bool step(cd_tensor **w, int64_t at, bool create_graph)
{
    for (int i = 0; i < 3; i++) {
        w[i] = cd_full(CD_SHAPE(40), 2, .requires_grad = true);
        if (i > 0) (void)cd_backward(cd_sum(cd_mul(w[i], w[i])), .create_graph = i == 2);
    }
    cd_tensor *y = cd_sum(cd_mul(cd_mul(cd_t(w[0]), w[1]), cd_sigmoid(w[2])));
    assert_ok();
    allocations = 0;
    fail_at = at;
    cd_memory_fault_hook = fail_once;
    bool done = cd_backward(y, .create_graph = create_graph);
    cd_memory_fault_hook = NULL;
    return done;
}

static void a_pass_changes_all_leaves_or_none(void **state)
{
    (void)state;
    for (int create_graph = 0; create_graph < 2; create_graph++) {
        bool done = false;
        int64_t at = 0;
        for (; !done; at++) {
            CD_SCOPE();
            cd_tensor *w[3];
            done = step(w, at, create_graph);
            if (done) {
                assert_true(allocations <= at);
                break;
            }
            assert_failed_with(CD_ERR_MEMORY, "out of memory");
            assert_null(cd_grad(w[0]));
            for (int i = 1; i < 3; i++) {
                assert_close(cd_item(cd_sum(cd_grad(w[i]))), 4 * 40, 0, 0);
            }
            assert_ok();
        }
        assert_true(at > 20);
    }
}

static void given_out_gradients_come_all_or_none(void **state)
{
    (void)state;
    for (int64_t at = 0;; at++) {
        CD_SCOPE();
        cd_tensor *x = leaf(3), *h = cd_mul(x, 2), *y = cd_mul(h, cd_sigmoid(x)), *g[2] = { y, y };
        allocations = 0;
        fail_at = at;
        cd_memory_fault_hook = fail_once;
        bool done = cd_autograd_grad_n(CD_TENSORS(y), CD_TENSORS(x, h), g);
        cd_memory_fault_hook = NULL;
        if (done) break;
        assert_failed_with(CD_ERR_MEMORY, "out of memory");
        assert_ptr_equal(g[0], y);
        assert_ptr_equal(g[1], y);
    }
}

static void after_a_failed_pass_the_values_are_gone(void **state)
{
    (void)state;
    cd_tensor *x = leaf(2), *early = cd_mul(x, x), *late = cd_mul(early, early);
    assert_non_null(cd_add_(cd_detach(x), 1));
    assert_false(cd_backward(late));
    assert_failed_with(CD_ERR_AUTOGRAD, "in-place");
    assert_null(cd_grad(x));
    assert_false(cd_backward(late));
    assert_failed_with(CD_ERR_AUTOGRAD, "freed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_pass_is_refused_with_advice),
        TEST(a_second_pass_works_where_nothing_was_saved),
        TEST(retain_graph_allows_another_pass),
        TEST(a_pass_frees_what_was_saved),
        TEST(only_one_element_starts_from_one),
        TEST(a_gradient_must_have_the_shape),
        TEST(a_gradient_of_another_dtype_is_converted),
        TEST(backward_of_a_leaf_is_its_own_gradient),
        TEST(backward_of_a_constant_is_an_error),
        TEST(backward_does_nothing_while_an_error_is_pending),
        TEST(backward_works_without_grad_mode),
        TEST(a_leaf_that_is_gone_gets_nothing),
        TEST(a_million_adds),
        TEST(doublings),
        TEST(a_wide_graph),
        TEST(many_leaves),
        TEST(a_gradient_is_differentiated),
        TEST(gradients_with_a_graph_accumulate),
        TEST(a_gradient_without_create_graph_has_no_history),
        TEST(the_cycle_of_create_graph_is_broken),
        TEST(autograd_grad_of_a_leaf),
        TEST(autograd_grad_of_a_computed_tensor),
        TEST(autograd_grad_of_itself),
        TEST(only_what_leads_there_is_run),
        TEST(several_at_once),
        TEST(an_input_that_is_not_used),
        TEST(autograd_grad_needs_what_requires_gradients),
        TEST(third_derivatives),
        TEST(a_pass_changes_all_leaves_or_none),
        TEST(given_out_gradients_come_all_or_none),
        TEST(after_a_failed_pass_the_values_are_gone),
    };
    return RUN(tests);
}
