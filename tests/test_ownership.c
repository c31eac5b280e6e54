/* cd_keep, cd_release, cd_assign and cd_drop; and that ops own no more than their results. */
#include "test.h"

#include "autograd/conv_ops.h"

static int64_t objects(void)
{
    return cd_memory_stats().objects;
}

static cd_tensor *make(void)
{
    return cd_zeros(CD_SHAPE(3));
}

/* A call that is given a destroyed tensor fails. */
static void assert_gone(const void *object)
{
    assert_int_equal(cd_numel(object), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "no live tensor");
}

static void what_is_kept_outlives_its_scope(void **state)
{
    (void)state;
    cd_tensor *t;
    {
        CD_SCOPE();
        t = cd_keep(make());
    }
    assert_int_equal(cd_numel(t), 3);
    assert_true(cd_release(t));
    assert_gone(t);
}

static void release_without_keep_is_an_error(void **state)
{
    (void)state;
    cd_tensor *t = make();
    assert_false(cd_release(t));
    assert_failed_with(CD_ERR_STATE, "was not kept");
    assert_int_equal(cd_numel(t), 3);
}

static void release_undoes_one_keep(void **state)
{
    (void)state;
    cd_tensor *t = cd_keep(cd_keep(make()));
    assert_true(cd_release(t));
    assert_true(cd_release(t));
    assert_false(cd_release(t));
    assert_failed_with(CD_ERR_STATE, "released before");
}

static void release_of_what_is_gone_is_an_error(void **state)
{
    (void)state;
    cd_tensor *t;
    {
        CD_SCOPE();
        t = cd_keep(make());
    }
    assert_true(cd_release(t));
    assert_false(cd_release(t));
    assert_failed_with(CD_ERR_STATE, "no live object");
}

static void keep_of_null_is_an_error(void **state)
{
    (void)state;
    assert_null(cd_keep(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "keep: the object is NULL");
    assert_false(cd_release(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "release: the object is NULL");
}

static void assign_owns_the_new_and_releases_the_old(void **state)
{
    (void)state;
    cd_tensor *slot = NULL, *first;
    {
        CD_SCOPE();
        first = make();
        assert_true(cd_assign(&slot, first));
    }
    assert_ptr_equal(slot, first);
    assert_int_equal(cd_numel(slot), 3);
    {
        CD_SCOPE();
        assert_true(cd_assign(&slot, cd_ones(CD_SHAPE(5))));
    }
    assert_gone(first);
    assert_int_equal(cd_numel(slot), 5);
    assert_true(cd_assign(&slot, NULL));
    assert_null(slot);
}

static void assign_of_itself_changes_nothing(void **state)
{
    (void)state;
    cd_tensor *slot = NULL;
    {
        CD_SCOPE();
        assert_true(cd_assign(&slot, make()));
    }
    assert_true(cd_assign(&slot, slot));
    assert_int_equal(cd_numel(slot), 3);
    assert_true(cd_assign(&slot, NULL));
}

static void assign_of_what_is_gone_leaves_the_slot(void **state)
{
    (void)state;
    cd_tensor *slot = NULL, *gone;
    assert_true(cd_assign(&slot, make()));
    {
        CD_SCOPE();
        gone = cd_ones(CD_SHAPE(2));
    }
    assert_false(cd_assign(&slot, gone));
    assert_failed_with(CD_ERR_STATE, "no live object");
    assert_int_equal(cd_numel(slot), 3);
    assert_true(cd_assign(&slot, NULL));
}

static void assign_needs_a_slot(void **state)
{
    (void)state;
    assert_false(cd_assign(NULL, make()));
    assert_failed_with(CD_ERR_ARGUMENT, "the slot is NULL");
}

static void drop_gives_up_a_handle_early(void **state)
{
    (void)state;
    int64_t before = objects();
    cd_tensor *t = make();
    assert_true(cd_drop(t));
    assert_int_equal(objects(), before);
    assert_gone(t);
}

static void drop_of_an_outer_scopes_handle(void **state)
{
    (void)state;
    int64_t before = objects();
    cd_tensor *first = make(), *second = make();
    {
        CD_SCOPE();
        cd_tensor *inner = make();
        assert_true(cd_drop(first));
        assert_int_equal(cd_numel(inner), 3);
    }
    assert_gone(first);
    assert_int_equal(cd_numel(second), 3);
    assert_true(cd_drop(second));
    assert_int_equal(objects(), before);
}

static void drop_of_null_is_allowed(void **state)
{
    (void)state;
    assert_true(cd_drop(NULL));
}

static void drop_of_what_no_scope_holds_is_an_error(void **state)
{
    (void)state;
    cd_tensor *t = cd_keep(make());
    assert_true(cd_drop(t));
    assert_false(cd_drop(t));
    assert_failed_with(CD_ERR_STATE, "no scope of this thread holds this tensor");
    assert_true(cd_release(t));
}

static void a_tensor_handed_out_twice_is_held_twice(void **state)
{
    (void)state;
    cd_tensor *t = make();
    assert_ptr_equal(cd_contiguous(t), t);
    assert_true(cd_drop(t));
    assert_int_equal(cd_numel(t), 3);
    assert_true(cd_drop(t));
    assert_gone(t);
}

/* --- what ops leave behind -------------------------------------------------------------------- */

/* Expects that an op which is made of other ops leaves no intermediate results in the scope. (With
 * gradients the graph would keep some of them.) */
#define EXPECT_ALONE(call_)                                                                        \
    do {                                                                                           \
        int64_t before = objects();                                                                \
        cd_tensor *result = (call_);                                                               \
        assert_ok();                                                                               \
        cd_drop(result);                                                                           \
        assert_that(objects() == before, "%s leaves %lld objects behind", #call_,                  \
                    (long long)(objects() - before));                                              \
    } while (0)

static void composed_ops_leave_nothing_behind(void **state)
{
    (void)state;
    CD_NO_GRAD();
    cd_tensor *image = cd_randn(CD_SHAPE(2, 5, 5)), *images = cd_randn(CD_SHAPE(3, 2, 5, 5));
    cd_tensor *kernel = cd_randn(CD_SHAPE(4, 2, 3, 3)), *bias = cd_randn(CD_SHAPE(4));
    cd_tensor *v = cd_randn(CD_SHAPE(5)), *m = cd_randn(CD_SHAPE(5, 4));
    cd_tensor *weight = cd_randn(CD_SHAPE(4, 5)), *batch = cd_randn(CD_SHAPE(2, 5, 4));
    cd_tensor *transposed = cd_transpose(m, 0, 1), *permuted = cd_transpose(batch, 0, 2),
              *many = cd_randn(CD_SHAPE(2, 3, 5));
    cd_tensor *labels = cd_arange(5), *mask = cd_gt(v, 0), *square = cd_randn(CD_SHAPE(5, 5));
    EXPECT_ALONE(cd_adaptive_avg_pool2d(images, 1, 1));
    EXPECT_ALONE(cd_adaptive_avg_pool2d(images, 2, 3));
    EXPECT_ALONE(cd_reshape(transposed, CD_SHAPE(20)));
    EXPECT_ALONE(cd_reshape(m, CD_SHAPE(20)));
    EXPECT_ALONE(cd_flatten(permuted, 0, 2));
    EXPECT_ALONE(cd_conv2d(image, kernel, bias));
    EXPECT_ALONE(cd_conv2d(images, kernel, bias));
    EXPECT_ALONE(cd_linear(v, weight, bias));
    EXPECT_ALONE(cd_linear(many, weight, bias));
    EXPECT_ALONE(cd_linear(many, weight, NULL));
    EXPECT_ALONE(cd_matmul(v, v));
    EXPECT_ALONE(cd_matmul(v, m));
    EXPECT_ALONE(cd_matmul(m, bias));
    EXPECT_ALONE(cd_matmul(weight, m));
    EXPECT_ALONE(cd_matmul(many, m));
    EXPECT_ALONE(cd_matmul(many, batch));
    EXPECT_ALONE(cd_matmul(v, batch));
    EXPECT_ALONE(cd_cross_entropy(square, labels));
    EXPECT_ALONE(cd_masked_select(v, mask));
    EXPECT_ALONE(cd_one_hot(labels, 5));
    EXPECT_ALONE(cd_stack(CD_TENSORS(v, v), 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_kept_outlives_its_scope),
        TEST(release_without_keep_is_an_error),
        TEST(release_undoes_one_keep),
        TEST(release_of_what_is_gone_is_an_error),
        TEST(keep_of_null_is_an_error),
        TEST(assign_owns_the_new_and_releases_the_old),
        TEST(assign_of_itself_changes_nothing),
        TEST(assign_of_what_is_gone_leaves_the_slot),
        TEST(assign_needs_a_slot),
        TEST(drop_gives_up_a_handle_early),
        TEST(drop_of_an_outer_scopes_handle),
        TEST(drop_of_null_is_allowed),
        TEST(drop_of_what_no_scope_holds_is_an_error),
        TEST(a_tensor_handed_out_twice_is_held_twice),
        TEST(composed_ops_leave_nothing_behind),
    };
    return RUN(tests);
}
