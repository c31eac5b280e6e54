/* Accumulating gradients that share memory: with another leaf's gradient, with the same leaf's in
 * another layout, with memory that the program lent. */
#include "changed_views.h"

#include "autograd/function.h"
#include "autograd/hooks.h"

static cd_tensor *ones(void)
{
    return cd_ones(CD_SHAPE(2), .requires_grad = true);
}

/* --- gradients that leaves hold already ------------------------------------------------------- */

/* PyTorch refuses to add a tensor to its own transpose in place. */
static void a_gradient_is_added_to_itself_transposed(void **state)
{
    (void)state;
    cd_tensor *w = cd_from_array(((float[]){ 1, 2, 3, 4 }), CD_SHAPE(2, 2), .requires_grad = true);
    assert_true(cd_backward(cd_sum(cd_mul(w, w))));
    assert_true(cd_backward(cd_t(w), .gradient = cd_grad(w)));
    EXPECT(cd_grad(w), 4, 10, 10, 16);
}

static void a_gradient_is_added_to_itself(void **state)
{
    (void)state;
    cd_tensor *w = ones();
    assert_true(cd_backward(cd_sum(cd_mul(w, 3))));
    assert_true(cd_backward(cd_mul(w, 1), .gradient = cd_grad(w)));
    EXPECT(cd_grad(w), 6, 6);
}

/* The gradient of one leaf is the gradient given for both. In PyTorch the leaf that is added to
 * second gets the sum of the first. */
static void one_leafs_gradient_is_added_to_both(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        cd_tensor *leaf[2] = { ones(), ones() };
        assert_true(cd_backward(cd_sum(cd_add(leaf[0], leaf[1]))));
        assert_true(
            cd_backward(cd_add(leaf[first], leaf[1 - first]), .gradient = cd_grad(leaf[0])));
        EXPECT(cd_grad(leaf[0]), 2, 2);
        EXPECT(cd_grad(leaf[1]), 2, 2);
    }
}

static cd_tensor *give(cd_tensor *gradient, void *user)
{
    (void)gradient;
    return cd_detach(cd_grad(user));
}

static void a_hook_gives_another_leafs_gradient(void **state)
{
    (void)state;
    cd_tensor *a = ones(), *b = ones();
    assert_true(cd_backward(cd_sum(cd_add(a, b))));
    assert_true(cd_register_hook(b, give, .user = a) > 0);
    assert_true(cd_backward(cd_sum(cd_add(a, b))));
    EXPECT(cd_grad(a), 2, 2);
    EXPECT(cd_grad(b), 2, 2);
}

static void a_leaf_that_requires_none_any_more_gets_none(void **state)
{
    (void)state;
    cd_tensor *a = ones(), *b = ones(), *y = cd_mul(a, b);
    assert_non_null(cd_set_requires_grad(a, false));
    assert_true(cd_backward(cd_sum(y)));
    assert_null(cd_grad(a));
    EXPECT(cd_grad(b), 1, 1);
}

/* --- memory that was lent --------------------------------------------------------------------- */

static float lent[2];

static bool pass_on(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_clone(in[0]);
    return out[0];
}

static bool give_lent(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    (void)ctx;
    (void)grad_out;
    grad_in[0] = cd_wrap(lent, CD_SHAPE(2));
    return grad_in[0];
}

static const cd_function of_lent = {
    .name = "Lent", .inputs = 1, .outputs = 1, .forward = pass_on, .backward = give_lent
};

static void lent_memory_is_not_added_to_on_the_way(void **state)
{
    (void)state;
    lent[0] = 1, lent[1] = 2;
    cd_tensor *x = ones(), *y = cd_mul(x, 1);
    assert_true(cd_backward(cd_sum(cd_add(cd_apply(&of_lent, y), cd_apply(&of_lent, y)))));
    EXPECT(cd_grad(x), 2, 4);
    assert_true(lent[0] == 1 && lent[1] == 2);
}

static void lent_memory_does_not_become_a_leafs(void **state)
{
    (void)state;
    lent[0] = 1, lent[1] = 2;
    cd_tensor *x = ones();
    assert_true(cd_backward(cd_sum(cd_apply(&of_lent, x))));
    assert_true(cd_backward(cd_sum(cd_mul(x, 3))));
    EXPECT(cd_grad(x), 4, 5);
    assert_true(lent[0] == 1 && lent[1] == 2);
}

/* --- code of the user's that putting in place ends -------------------------------------------- */

static cd_tensor *only_look(cd_tensor *gradient, void *user)
{
    (void)gradient;
    (void)user;
    return NULL;
}

static void drop_gradient(void *user)
{
    assert_true(cd_grad_drop(user));
}

/* When the old gradient is replaced, its graph is freed, and a hook with it, whose destroy function
 * drops another leaf's gradient. */
static void what_was_held_may_end_with_another_leafs_gradient(void **state)
{
    (void)state;
    cd_tensor *other = ones(), *x = ones(), *t = cd_mul(x, 3);
    assert_true(cd_backward(cd_sum(other)));
    assert_non_null(cd_retain_grad(t));
    {
        CD_SCOPE();
        assert_true(cd_backward(cd_sum(cd_mul(t, t)), .create_graph = true));
        assert_true(
            cd_register_hook(cd_grad(t), only_look, .user = other, .destroy = drop_gradient) > 0);
    }
    EXPECT(cd_grad(other), 1, 1);
    assert_true(cd_backward(cd_sum(cd_mul(t, 2))));
    EXPECT(cd_grad(t), 8, 8);
    assert_null(cd_grad(other));
}

/* The same when the program drops the gradient: no lock may be held that the second drop waits
 * for. */
static void what_is_dropped_may_drop_another_leafs_gradient(void **state)
{
    enum { PATIENCE = 60 }; /* seconds, after which a wait for a lock counts as a deadlock */
    (void)state;
    cd_tensor *t = ones(), *other = ones();
    assert_true(cd_backward(cd_sum(other)));
    {
        CD_SCOPE();
        assert_true(cd_backward(cd_sum(cd_mul(t, t)), .create_graph = true));
        assert_true(
            cd_register_hook(cd_grad(t), only_look, .user = other, .destroy = drop_gradient) > 0);
    }
    (void)alarm(PATIENCE);
    assert_true(cd_grad_drop(t));
    (void)alarm(0);
    assert_null(cd_grad(other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gradient_is_added_to_itself_transposed),
        TEST(a_gradient_is_added_to_itself),
        TEST(one_leafs_gradient_is_added_to_both),
        TEST(a_hook_gives_another_leafs_gradient),
        TEST(a_leaf_that_requires_none_any_more_gets_none),
        TEST(lent_memory_is_not_added_to_on_the_way),
        TEST(lent_memory_does_not_become_a_leafs),
        TEST(what_was_held_may_end_with_another_leafs_gradient),
        TEST(what_is_dropped_may_drop_another_leafs_gradient),
    };
    return RUN(tests);
}
