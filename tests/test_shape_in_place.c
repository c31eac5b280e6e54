/* A tensor whose shape is changed in place: cd_t_, cd_transpose_, cd_squeeze_ and cd_unsqueeze_.
 * Numbers and names of grad_fns are PyTorch 2.15's for the same calls. */
#include "changed_views.h"

#include "autograd/graph.h"
#include "autograd/hooks.h"
#include "autograd/shape_ops.h"
#include "core/memory_internal.h"

/* 2 x 3, computed from the leaf a, which has the elements 1 to 6. */
static cd_tensor *computed(cd_tensor **a)
{
    *a = counted(CD_SHAPE(2, 3), 1, true);
    return cd_mul(*a, 1);
}

static void expect_shape(const cd_tensor *t, cd_shape shape)
{
    assert_ok();
    cd_shape own = cd_shape_of(t);
    assert_true(cd_shape_equal(own, shape));
}

/* --- each form -------------------------------------------------------------------------------- */

static cd_tensor *t_form(cd_tensor *x)
{
    return cd_t_(cd_squeeze_(x, 0));
}
static cd_tensor *transpose_form(cd_tensor *x)
{
    return cd_transpose_(x, 0, -2);
}
static cd_tensor *swap_form(cd_tensor *x)
{
    return cd_swapaxes_(x, 0, 3);
}
static cd_tensor *squeeze_form(cd_tensor *x)
{
    return cd_squeeze_(x, -1);
}
static cd_tensor *squeeze_nothing_form(cd_tensor *x)
{
    return cd_squeeze_(x, 1);
}
static cd_tensor *squeeze_dims_form(cd_tensor *x)
{
    return cd_squeeze_dims_(x, CD_SHAPE(0, 1));
}
static cd_tensor *squeeze_all_form(cd_tensor *x)
{
    return cd_squeeze_all_(x);
}
static cd_tensor *unsqueeze_form(cd_tensor *x)
{
    return cd_unsqueeze_(x, -1);
}

static const struct form {
    cd_tensor *(*call)(cd_tensor *x);
    const char *grad_fn;
    cd_shape from, to;
    unsigned rises; /* by how much the version does */
} forms[] = {
    { t_form, "TBackward1", { 3, { 1, 2, 3 } }, { 2, { 3, 2 } }, 2 },
    { transpose_form, "TransposeBackward1", { 3, { 1, 2, 3 } }, { 3, { 2, 1, 3 } }, 1 },
    { swap_form, "TransposeBackward1", { 4, { 1, 2, 1, 3 } }, { 4, { 3, 2, 1, 1 } }, 1 },
    { squeeze_form, "SqueezeBackward4", { 3, { 2, 3, 1 } }, { 2, { 2, 3 } }, 1 },
    { squeeze_nothing_form, "SqueezeBackward4", { 3, { 2, 3, 1 } }, { 3, { 2, 3, 1 } }, 1 },
    { squeeze_dims_form, "SqueezeBackward5", { 4, { 1, 2, 1, 3 } }, { 3, { 2, 1, 3 } }, 1 },
    { squeeze_all_form, "SqueezeBackward3", { 4, { 1, 2, 1, 3 } }, { 2, { 2, 3 } }, 1 },
    { unsqueeze_form, "UnsqueezeBackward1", { 2, { 2, 3 } }, { 3, { 2, 3, 1 } }, 1 },
};
enum { FORMS = sizeof forms / sizeof *forms };

static void each_form_changes_the_tensor_itself(void **state)
{
    (void)state;
    for (int i = 0; i < FORMS; i++) {
        const struct form *f = &forms[i];
        cd_tensor *a = counted(f->from, 1, true), *x = cd_mul(a, 1);
        const uint32_t version = cd_version(x);
        cd_tensor *elements = cd_view(x, CD_SHAPE(6));
        assert_ptr_equal(f->call(x), x);
        expect_shape(x, f->to);
        NAME(x, f->grad_fn);
        assert_int_equal(cd_version(x), version + f->rises);
        assert_true(cd_backward(cd_sum(cd_mul(x, counted(f->to, 1, false)))));
        expect_shape(cd_grad(a), f->from);
        (void)cd_fill_(x, 7); /* they are the same elements as before */
        EXPECT(elements, 7, 7, 7, 7, 7, 7);
    }
}

static void each_form_works_without_a_graph(void **state)
{
    (void)state;
    CD_NO_GRAD();
    for (int i = 0; i < FORMS; i++) {
        const struct form *f = &forms[i];
        cd_tensor *x = cd_to(counted(f->from, 1, false), CD_I64);
        assert_ptr_equal(f->call(x), x);
        expect_shape(x, f->to);
        cd_tensor *m = cd_empty(f->from, .device = CD_META);
        expect_shape(f->call(m), f->to);
    }
}

/* --- gradients -------------------------------------------------------------------------------- */

static void the_gradient_goes_back_through_the_change(void **state)
{
    (void)state;
    cd_tensor *a, *b = computed(&a);
    EXPECT(cd_clone(cd_t_(b)), 1, 4, 2, 5, 3, 6);
    assert_true(cd_backward(cd_sum(cd_mul(b, counted(CD_SHAPE(3, 2), 1, false)))));
    EXPECT(cd_grad(a), 1, 3, 5, 2, 4, 6);
}

static void a_retained_gradient_is_that_of_the_changed_tensor(void **state)
{
    (void)state;
    cd_tensor *a, *b = computed(&a);
    (void)cd_retain_grad(b);
    (void)cd_t_(b);
    assert_true(cd_backward(cd_sum(cd_mul(b, counted(CD_SHAPE(3, 2), 1, false)))));
    expect_shape(cd_grad(b), CD_SHAPE(3, 2));
    EXPECT(cd_grad(b), 1, 2, 3, 4, 5, 6);
    EXPECT(cd_grad(a), 1, 3, 5, 2, 4, 6);
}

static void views_follow_their_base(void **state)
{
    (void)state;
    cd_tensor *a, *b = computed(&a), *v = cd_slice(b, 0, 0, 1, 1), *row = cd_index(b, 1);
    (void)cd_mul_(cd_t_(b), 2);
    EXPECT(v, 2, 4, 6);
    EXPECT(row, 8, 10, 12);
    NAME(v, "AsStridedBackward0");
    NAME(b, "MulBackward0");
    cd_tensor *loss = cd_add(cd_mul(cd_sum(v), 10), cd_mul(cd_sum(row), 100));
    loss = cd_add(loss, cd_sum(cd_mul(b, counted(CD_SHAPE(3, 2), 1, false))));
    assert_true(cd_backward(loss));
    EXPECT(cd_grad(a), 22, 26, 30, 204, 208, 212);
}

static void a_view_changes_its_shape_and_then_its_base(void **state)
{
    (void)state;
    cd_tensor *a, *b = computed(&a), *v = cd_slice(b, 0, 0, 1, 1);
    (void)cd_t_(v);
    NAME(v, "TBackward1");
    (void)cd_mul_(v, counted(CD_SHAPE(3, 1), 2, false));
    NAME(v, "AsStridedBackward0");
    expect_shape(v, CD_SHAPE(3, 1));
    EXPECT(b, 2, 6, 12, 4, 5, 6);
    cd_tensor *loss = cd_sum(cd_mul(b, counted(CD_SHAPE(2, 3), 1, false)));
    const double tens[] = { 10, 20, 30 };
    cd_tensor *w = cd_to(cd_from_array(tens, CD_SHAPE(3, 1)), CD_F32);
    assert_true(cd_backward(cd_add(loss, cd_sum(cd_mul(v, w)))));
    EXPECT(cd_grad(a), 22, 66, 132, 4, 5, 6);
}

static void a_saved_tensor_is_found_changed(void **state)
{
    (void)state;
    cd_tensor *a, *b = computed(&a), *y = cd_mul(b, b);
    (void)cd_t_(b);
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "was changed by an in-place operation");
    /* Of a tensor without gradients too, which the graph needs for another's. */
    cd_tensor *c = counted(CD_SHAPE(2, 3), 1, false);
    y = cd_mul(a, c);
    (void)cd_t_(c);
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "was changed by an in-place operation");
}

/* --- what is refused -------------------------------------------------------------------------- */

static void what_cannot_change_its_shape_is_refused(void **state)
{
    (void)state;
    cd_tensor *a, *b = computed(&a);
    assert_null(cd_t_(a));
    assert_failed_with(CD_ERR_AUTOGRAD, "t_: a leaf that requires gradients is changed in place");
    assert_null(cd_squeeze_(cd_slice(a, 0, 0, 1, 1), 0));
    assert_failed_with(CD_ERR_AUTOGRAD, "squeeze_: a view of a leaf that requires gradients");
    assert_null(cd_unsqueeze_(cd_unbind(b, 0).tensor[0], 0));
    assert_failed_with(CD_ERR_AUTOGRAD, "unsqueeze_: a view that was made under CD_NO_GRAD()");
    assert_null(cd_t_(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "t_: the tensor is NULL");
    assert_null(cd_transpose_(b, 0, 2));
    assert_failed_with(CD_ERR_SHAPE, "transpose_: dimension 2");
    assert_null(cd_squeeze_(b, -3));
    assert_failed_with(CD_ERR_SHAPE, "squeeze_: dimension -3");
    {
        CD_NO_GRAD();
        assert_null(cd_t_(b));
        assert_failed_with(CD_ERR_AUTOGRAD, "t_: the tensor (shape 2x3) requires gradients, and");
        assert_null(cd_t_(a));
        assert_failed_with(CD_ERR_AUTOGRAD, "t_: the tensor (shape 2x3) requires gradients, and");
    }
    assert_true(cd_backward(cd_sum(b)));
    (void)cd_set_requires_grad(a, false);
    assert_null(cd_t_(a));
    assert_failed_with(CD_ERR_AUTOGRAD, "t_: the tensor has a gradient");
    (void)cd_grad_drop(a);
    assert_non_null(cd_t_(a));
    expect_shape(b, CD_SHAPE(2, 3));
    NAME(b, "MulBackward0");
}

static void nothing_changes_while_an_error_is_pending(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(2, 3), 1, false);
    assert_null(cd_add(NULL, 1));
    assert_null(cd_t_(x));
    assert_failed_with(CD_ERR_ARGUMENT, "add: ");
    expect_shape(x, CD_SHAPE(2, 3));
}

static void a_captured_graph_cannot_contain_it(void **state)
{
    (void)state;
    cd_tensor *x = counted(CD_SHAPE(2, 3), 1, false), *c = counted(CD_SHAPE(2, 3), 1, false);
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    cd_tensor *y = cd_add(x, c);
    cd_graph *g = cd_capture_end(CD_TENSORS(y));
    assert_non_null(g);
    assert_true(cd_capture_begin(CD_TENSORS(x)));
    assert_null(cd_t_(x));
    assert_failed_with(CD_ERR_UNSUPPORTED, "t_: ");
    (void)cd_capture_end(CD_TENSORS(x));
    cd_clear_error();
    /* A graph that was captured before reads the elements as they lay then. */
    (void)cd_t_(c);
    assert_true(cd_graph_run(g, CD_TENSORS(x), &y));
    EXPECT(y, 2, 4, 6, 8, 10, 12);
}

/* --- memory ----------------------------------------------------------------------------------- */

static int64_t allocations, fail_at;

static bool fail_once(size_t bytes)
{
    (void)bytes;
    return allocations++ == fail_at;
}

static void without_memory_the_tensor_is_as_it_was(void **state)
{
    (void)state;
    bool done = false;
    for (int64_t k = 0; !done; k++) {
        CD_SCOPE();
        cd_tensor *a, *b = computed(&a), *v = cd_slice(b, 0, 0, 1, 1);
        assert_ok();
        allocations = 0;
        fail_at = k;
        cd_memory_fault_hook = fail_once;
        done = cd_t_(v) && cd_unsqueeze_(b, 0);
        cd_memory_fault_hook = NULL;
        if (done) continue;
        assert_failed_with(CD_ERR_MEMORY, "");
        expect_shape(b, CD_SHAPE(2, 3));
        NAME(b, "MulBackward0");
        EXPECT(v, 1, 2, 3);
        assert_true(cd_backward(cd_add(cd_sum(b), cd_sum(v))));
        EXPECT(cd_grad(a), 2, 2, 2, 1, 1, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_form_changes_the_tensor_itself),
        TEST(each_form_works_without_a_graph),
        TEST(the_gradient_goes_back_through_the_change),
        TEST(a_retained_gradient_is_that_of_the_changed_tensor),
        TEST(views_follow_their_base),
        TEST(a_view_changes_its_shape_and_then_its_base),
        TEST(a_saved_tensor_is_found_changed),
        TEST(what_cannot_change_its_shape_is_refused),
        TEST(nothing_changes_while_an_error_is_pending),
        TEST(a_captured_graph_cannot_contain_it),
        TEST(without_memory_the_tensor_is_as_it_was),
    };
    return RUN(tests);
}
