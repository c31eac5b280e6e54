/* Functions of one's own: how long contexts and the user's data live, also when memory runs out. */
#include "functions.h"

#include "core/memory_internal.h"
#include "core/slab_internal.h"
#include "goldens.h"

static bool twice(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    out[0] = cd_mul(in[0], 2);
    return out[0];
}

static bool plain_false(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    (void)in;
    (void)out;
    return false;
}

/* --- the user's data -------------------------------------------------------------------------- */

static int destroyed;

static void count(void *user)
{
    destroyed += *(int *)user;
}

static bool add_user(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_mul(grad_out[0], *(int *)cd_context_user(ctx));
    return grad_in[0];
}

static const cd_function with_user = { "WithUser", 1, 1, twice, add_user };

static void user_data_live_as_long_as_the_graph(void **state)
{
    (void)state;
    int seven = 7;
    destroyed = 0;
    {
        CD_SCOPE();
        cd_tensor *x = leaf64(CD_SHAPE(2), 1), *y;
        assert_true(cd_apply_n(&with_user, CD_TENSORS(x), &y, .user = &seven, .destroy = count));
        cd_tensor *z = cd_sum(y);
        assert_true(cd_drop(y));
        assert_true(cd_backward(z, .retain_graph = true));
        assert_true(cd_backward(z));
        assert_close(element(cd_grad(x), 0), 14, 0, 0);
        assert_int_equal(destroyed, 0);
    }
    assert_int_equal(destroyed, 7);
}

static void user_data_end_with_a_call_that_records_nothing(void **state)
{
    (void)state;
    int one = 1;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *y = NULL;
    CD_NO_GRAD();
    destroyed = 0;
    assert_true(cd_apply_n(&with_user, CD_TENSORS(x), &y, .user = &one, .destroy = count));
    assert_int_equal(destroyed, 1);
}

static void user_data_end_with_a_call_that_fails(void **state)
{
    (void)state;
    static const cd_function failing = { "Failing", 1, 1, plain_false, add_user };
    int one = 1;
    cd_tensor *x = leaf64(CD_SHAPE(2), 1), *y = NULL;
    destroyed = 0;
    assert_false(cd_apply_n(&failing, CD_TENSORS(x), &y, .user = &one, .destroy = count));
    assert_int_equal(destroyed, 1);
    assert_false(cd_apply_n(&failing, CD_TENSORS(x), &y, .user = &one, .destroy = count));
    assert_int_equal(destroyed, 2); /* while an error is pending, too */
    cd_clear_error();
    assert_false(cd_apply_n(NULL, CD_TENSORS(x), &y, .user = &one, .destroy = count));
    assert_int_equal(destroyed, 3);
    cd_clear_error();
    assert_false(cd_apply_n(&failing, CD_TENSORS(NULL), &y, .user = &one, .destroy = count));
    assert_int_equal(destroyed, 4);
    cd_clear_error();
}

static int ten = 10, hundred = 100;

static bool sets_user(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    return cd_context_set_user(ctx, &ten, count) && cd_context_set_user(ctx, &hundred, count) &&
           cd_context_user(ctx) == &hundred && twice(ctx, in, out);
}

static void user_data_can_be_set_in_forward(void **state)
{
    (void)state;
    static const cd_function setting = { "Setting", 1, 1, sets_user, add_user };
    int one = 1;
    destroyed = 0;
    {
        CD_SCOPE();
        cd_tensor *x = leaf64(CD_SHAPE(2), 1), *y;
        assert_true(cd_apply_n(&setting, CD_TENSORS(x), &y, .user = &one, .destroy = count));
        assert_int_equal(destroyed, 11);
        assert_true(cd_backward(cd_sum(y)));
        assert_close(element(cd_grad(x), 0), 100, 0, 0);
    }
    assert_int_equal(destroyed, 111);
}

/* --- memory ----------------------------------------------------------------------------------- */

static int64_t allocations, fail_at;

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return allocations++ == fail_at;
}

/* Two inputs, of which the first is changed; five outputs, of which one is an input; six saved
 * values. */
static bool busy_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    if (!cd_mark_dirty(ctx, in[0])) return false;
    for (int i = 0; i < 4; i++) {
        if (!cd_save_for_backward(ctx, in[i % 2])) return false;
    }
    cd_tensor *spare = cd_mul(in[1], in[1]);
    out[1] = cd_mul(spare, 2);
    out[2] = in[1];
    out[3] = cd_argmax_dim(in[1], 0);
    out[4] = cd_t(in[1]);
    if (!out[4] || !cd_save_for_backward(ctx, spare)) return false;
    if (!cd_save_for_backward(ctx, out[1])) return false;
    return cd_mark_non_differentiable(ctx, out[4]) && (out[0] = cd_mul_(in[0], 3));
}

static bool busy_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_mul(grad_out[0], 3);
    cd_tensor *of_square = cd_mul(cd_mul(cd_saved_tensor(ctx, 1), 4), grad_out[1]);
    grad_in[1] = cd_add(of_square, grad_out[2]);
    for (int k = 0; k < 6; k++) (void)cd_saved_tensor(ctx, k);
    return true;
}

static const cd_function busy = { "Busy", 2, 5, busy_forward, busy_backward };

/* Applies the function and goes backward, while allocation `at` of forward, or of backward if
 * `back`, fails. */
static bool run_busy(bool back, int64_t at, int fill, int *user)
{
    CD_SCOPE();
    cd_tensor *a = leaf64(CD_SHAPE(40), 2), *h = cd_mul(a, 1), *x = leaf64(CD_SHAPE(40), 5);
    cd_tensor *out[5] = { a, a, a, a, a };
    for (int i = 0; i < fill; i++) (void)cd_ones(CD_SCALAR);
    int64_t pieces = cd_slab_live();
    allocations = 0;
    fail_at = at;
    if (!back) cd_memory_fault_hook = fail_once;
    bool done = cd_apply_n(&busy, CD_TENSORS(h, x), out, .user = user, .destroy = count);
    cd_memory_fault_hook = NULL;
    if (!done) {
        for (int j = 0; j < 5; j++) assert_ptr_equal(out[j], a);
        assert_string_equal(cd_grad_fn_name(h), "MulBackward0");
        assert_int_equal(cd_slab_live(), pieces);
        return false;
    }
    assert_ptr_equal(out[0], h);
    cd_tensor *sum = cd_sum(cd_add(cd_add(out[0], out[1]), out[2]));
    if (back) cd_memory_fault_hook = fail_once;
    done = cd_backward(sum, .create_graph = true);
    cd_memory_fault_hook = NULL;
    assert_true(done == (cd_grad(x) != NULL));
    if (done) assert_close(element(cd_grad(x), 3), 21, 0, 0);
    if (done) assert_close(element(cd_grad(a), 3), 3, 0, 0);
    return done;
}

/* `fill` objects are in the scope before, so that the scope's list has to grow at one point or
 * another. */
static void assert_survives(bool back, int fill)
{
    int one = 1;
    int64_t at = 0;
    for (bool done = false; !done; at++) {
        int64_t pieces = cd_slab_live();
        destroyed = 0;
        done = run_busy(back, at, fill, &one);
        if (!done) assert_failed_with(CD_ERR_MEMORY, "out of memory");
        assert_ok();
        assert_int_equal(destroyed, 1);
        assert_int_equal(cd_slab_live(), pieces);
    }
    assert_true(at > 10);
}

static void memory_may_fail_at_every_point(void **state)
{
    (void)state;
    assert_survives(false, 0);
    assert_survives(true, 0);
    for (int fill = 54; fill < 64; fill++) assert_survives(false, fill);
}

/* Forward makes no tensor, so the scope's list has to grow when the outputs are handed out. */
static bool mirrors_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    (void)ctx;
    for (int j = 0; j < 5; j++) out[j] = in[0];
    return true;
}

static void outputs_are_handed_out_all_or_none(void **state)
{
    (void)state;
    static const cd_function mirrors = { "Mirrors", 1, 5, mirrors_forward, pass_on };
    int64_t failures = 0;
    for (int64_t at = 0, fill = 54; fill < 64; at++) {
        CD_SCOPE();
        cd_tensor *x = leaf64(CD_SCALAR, 1), *y[5] = { NULL };
        for (int i = 0; i < fill; i++) (void)cd_ones(CD_SCALAR);
        int64_t pieces = cd_slab_live();
        allocations = 0;
        fail_at = at;
        cd_memory_fault_hook = fail_once;
        bool done = cd_apply_n(&mirrors, CD_TENSORS(x), y);
        cd_memory_fault_hook = NULL;
        if (!done) {
            assert_failed_with(CD_ERR_MEMORY, "out of memory");
            assert_int_equal(cd_slab_live(), pieces);
            assert_null(y[0]);
            failures++;
        } else {
            fill++;
            at = -1;
        }
    }
    assert_true(failures > 10 * 10);
}

static void gradcheck_survives_failing_memory(void **state)
{
    (void)state;
    cd_tensor *x = leaf64(CD_SCALAR, 1);
    bool done = false;
    for (int64_t at = 0; !done; at++) {
        CD_SCOPE();
        allocations = 0;
        fail_at = at;
        cd_memory_fault_hook = fail_once;
        done = cd_gradgradcheck(&both, x);
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "out of memory");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(user_data_live_as_long_as_the_graph),
        TEST(user_data_end_with_a_call_that_records_nothing),
        TEST(user_data_end_with_a_call_that_fails),
        TEST(user_data_can_be_set_in_forward),
        TEST(memory_may_fail_at_every_point),
        TEST(outputs_are_handed_out_all_or_none),
        TEST(gradcheck_survives_failing_memory),
    };
    return RUN(tests);
}
