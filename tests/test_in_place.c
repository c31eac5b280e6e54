/* Ops in place: what the graph saves of x, and that a call that fails changes nothing. Expected
 * numbers are PyTorch's. */
#include "test.h"

#include "autograd/autograd.h"
#include "autograd/index_ops.h"
#include "autograd/ops.h"
#include "core/tensor_internal.h"

typedef cd_tensor *change(cd_tensor *x);

static cd_tensor *squared(cd_tensor *x)
{
    return cd_pow_(x, 2);
}

static cd_tensor *clamped(cd_tensor *x)
{
    return cd_clamp_(x, 0, 0.4);
}

static const struct {
    change *run;
    const char *grad_fn;
    double gradient[2]; /* of x = 0.5 and 0.25 */
} changes[] = {
    { cd_neg_, "NegBackward0", { -1, -1 } },
    { cd_exp_, "ExpBackward0", { 1.6487212707001282, 1.2840254166877414 } },
    { cd_log_, "LogBackward0", { 2, 4 } },
    { cd_sqrt_, "SqrtBackward0", { 0.7071067811865475, 1 } },
    { cd_abs_, "AbsBackward0", { 1, 1 } },
    { cd_sigmoid_, "SigmoidBackward0", { 0.2350037122015945, 0.24613408273759835 } },
    { cd_tanh_, "TanhBackward0", { 0.7864477329659274, 0.940014848806378 } },
    { cd_relu_, "ReluBackward0", { 1, 1 } },
    { cd_reciprocal_, "ReciprocalBackward0", { -4, -16 } },
    { squared, "PowBackward0", { 1, 0.5 } },
    { clamped, "ClampBackward1", { 0, 1 } },
};
enum { CHANGES = sizeof changes / sizeof *changes };

static cd_tensor *leaf(void)
{
    return cd_from_array(((const double[]){ 0.5, 0.25 }), CD_SHAPE(2), .dtype = CD_F64,
                         .requires_grad = true);
}

static void expect(const cd_tensor *t, const double *expected)
{
    double values[2];
    assert_ok();
    assert_true(cd_read(t, values, sizeof values));
    for (int i = 0; i < 2; i++) assert_close(values[i], expected[i], 1e-12, 0);
}

static void gradients_and_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++) {
        CD_SCOPE();
        cd_tensor *x = leaf(), *y = cd_mul(x, 1);
        assert_ptr_equal(changes[i].run(y), y);
        assert_string_equal(cd_grad_fn_name(y), changes[i].grad_fn);
        assert_true(cd_backward(cd_sum(y)));
        expect(cd_grad(x), changes[i].gradient);
    }
}

/* A transposed tensor, made without a graph, to which x is copied. */
static cd_tensor *transposed(cd_tensor *x)
{
    cd_tensor *t = cd_detach(cd_t(cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64)));
    return cd_add_(t, x);
}

/* The saved result is x's storage, so x's layout must be saved too. */
static void results_that_do_not_lie_in_order(void **state)
{
    (void)state;
    const double values[] = { 0.1, 0.2, 0.3, 0.4, 0.5, 0.6 };
    change *const runs[] = { cd_exp_, cd_sqrt_, cd_sigmoid_, cd_tanh_, cd_relu_, cd_reciprocal_ };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        CD_SCOPE();
        cd_tensor *x =
            cd_from_array(values, CD_SHAPE(3, 2), .dtype = CD_F64, .requires_grad = true);
        cd_tensor *apart = runs[i](transposed(x)), *plain = runs[i](cd_clone(x));
        assert_ok();
        assert_false(apart->contiguous);
        cd_tensor *weights = cd_clone(cd_detach(x));
        cd_tensor *first = cd_autograd_grad(apart, x, .gradient = weights, .create_graph = true);
        cd_tensor *right = cd_autograd_grad(plain, x, .gradient = weights, .create_graph = true);
        assert_true(cd_item(cd_max(cd_abs(cd_sub(first, right)))) <= 1e-15);
        if (!cd_requires_grad(first)) continue;
        first = cd_autograd_grad(first, x, .gradient = weights, .allow_unused = true);
        right = cd_autograd_grad(right, x, .gradient = weights, .allow_unused = true);
        assert_ok();
        if (first) assert_true(cd_item(cd_max(cd_abs(cd_sub(first, right)))) <= 1e-14);
    }
}

/* The ops in place of a 3 x 2 matrix, but for random ones. */
static cd_tensor *ramp(double from)
{
    return cd_view(cd_arange(from + 6, .start = from, .dtype = CD_F64), CD_SHAPE(3, 2));
}

static cd_tensor *column(void)
{
    return cd_from_array(((const double[]){ 2, 3, 5 }), CD_SHAPE(3, 1));
}

static cd_tensor *odd_places(void)
{
    return cd_from_array(((const uint8_t[]){ 1, 0, 0, 1, 1, 0 }), CD_SHAPE(3, 2), .dtype = CD_BOOL);
}

#define CHANGE(name_, call_)                                                                       \
    static cd_tensor *name_(cd_tensor *x)                                                          \
    {                                                                                              \
        return call_;                                                                              \
    }
CHANGE(add_column, cd_add_(x, column()))
CHANGE(sub_column, cd_sub_(x, column()))
CHANGE(mul_column, cd_mul_(x, column()))
CHANGE(div_column, cd_div_(x, column()))
CHANGE(pow_column, cd_pow_(x, column()))
CHANGE(clamp_below, cd_clamp_min_(x, column()))
CHANGE(clamp_above, cd_clamp_max_(x, column()))
CHANGE(fill_with, cd_fill_(x, 9))
CHANGE(copy_column, cd_copy_(x, column()))
CHANGE(scatter_rows,
       cd_scatter_add_(x, 0, cd_from_array(((const int64_t[]){ 2, 0 }), CD_SHAPE(1, 2)), ramp(1)))
CHANGE(fill_masked, cd_masked_fill_(x, odd_places(), 7))
CHANGE(scatter_masked, cd_masked_scatter_(x, odd_places(), ramp(20)))

static void what_does_not_lie_in_order_is_changed_alike(void **state)
{
    (void)state;
    static change *const runs[] = { add_column,  sub_column,   mul_column,     div_column,
                                    pow_column,  clamp_below,  clamp_above,    fill_with,
                                    copy_column, scatter_rows, fill_masked,    scatter_masked,
                                    cd_zero_,    cd_neg_,      cd_reciprocal_, cd_exp_,
                                    cd_log_,     cd_sqrt_,     cd_abs_,        cd_sigmoid_,
                                    cd_tanh_,    cd_relu_,     squared,        clamped };
    CD_NO_GRAD();
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        cd_tensor *plain = runs[i](cd_clone(ramp(1))), *apart = transposed(ramp(1));
        cd_tensor *wide = cd_zeros(CD_SHAPE(3, 5), .dtype = CD_F64);
        cd_tensor *narrow = cd_slice(wide, 1, 1, 5, 2);
        assert_false(apart->contiguous);
        assert_ptr_equal(runs[i](apart), apart);
        assert_non_null(cd_copy_(narrow, ramp(1)));
        assert_ptr_equal(runs[i](narrow), narrow);
        assert_ok();
        for (int k = 0; k < 6; k++) {
            double right = cd_item(cd_index(cd_index(plain, k / 2), k % 2));
            double far = cd_item(cd_index(cd_index(apart, k / 2), k % 2));
            double cut = cd_item(cd_index(cd_index(narrow, k / 2), k % 2));
            assert_that(far == right && cut == right, "change %zu, element %d: %g, %g and not %g",
                        i, k, far, cut, right);
            assert_that(cd_item(cd_index(cd_index(wide, k / 2), k % 2 * 4)) == 0,
                        "change %zu writes beside its view", i);
        }
    }
}

static void a_result_that_is_changed_again_is_missed(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = leaf(), *y = cd_exp_(cd_mul(x, 1));
    assert_non_null(cd_add_(y, 1));
    assert_false(cd_backward(cd_sum(y)));
    assert_failed_with(CD_ERR_AUTOGRAD, "ExpBackward0 needs");
    assert_null(cd_grad(x));
    assert_ok();
}

/* Ops that need the old x save a copy of it, which later changes do not reach. */
static void a_copy_is_kept_of_what_the_rule_needs(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = leaf(), *y = cd_mul(x, 1);
    assert_non_null(cd_mul_(cd_pow_(cd_log_(y), 3), 2));
    assert_true(cd_backward(cd_sum(y)));
    const double log_half = log(0.5), log_quarter = log(0.25);
    expect(cd_grad(x),
           (const double[]){ 6 * log_half * log_half / 0.5, 6 * log_quarter * log_quarter / 0.25 });
}

static void without_a_graph_nothing_is_copied(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++) {
        CD_SCOPE();
        cd_tensor *x = cd_detach(leaf());
        int64_t before = cd_memory_stats().objects;
        assert_non_null(changes[i].run(x));
        assert_int_equal(cd_memory_stats().objects, before);
        assert_int_equal(cd_version(x), 1);
    }
}

static void a_failed_change_changes_nothing(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *whole = cd_arange(3);
    uint32_t version = cd_version(whole);
    change *const runs[] = { cd_exp_, cd_log_, cd_sqrt_, cd_sigmoid_, cd_tanh_, cd_reciprocal_ };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        assert_null(runs[i](whole));
        assert_failed_with(CD_ERR_DTYPE, "the result is float32, and x");
    }
    assert_null(cd_pow_(whole, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "negative integer powers");
    assert_null(cd_clamp_(whole, cd_zeros(CD_SHAPE(3)), 1));
    assert_failed_with(CD_ERR_DTYPE, "clamp: the result is float32, and x");
    assert_int_equal(cd_version(whole), version);
    assert_int_equal(cd_item_int(cd_sum(whole)), 3);
}

static void integers_are_changed_where_the_result_is_one(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_neg_(cd_arange(4));
    assert_int_equal(cd_item_int(cd_sum(x)), -6);
    assert_int_equal(cd_item_int(cd_sum(cd_clamp_(cd_clone(x), -2, -1))), -6);
    assert_int_equal(cd_item_int(cd_sum(cd_clamp_min_(cd_clone(x), -1))), -3);
    assert_int_equal(
        cd_item_int(cd_sum(cd_clamp_max_(cd_clone(x), cd_full(CD_SCALAR, -2, .dtype = CD_I64)))),
        -9);
    assert_int_equal(cd_item_int(cd_sum(cd_relu_(cd_clone(x)))), 0);
    assert_int_equal(cd_item_int(cd_sum(cd_pow_(cd_abs_(x), 2))), 14);
}

static void a_bound_that_overlaps_what_is_changed(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_from_array(((const float[]){ 2, 1, 3 }), CD_SHAPE(3));
    assert_non_null(cd_clamp_(x, cd_select(x, 0, 1), cd_select(x, 0, 0)));
    float values[3];
    assert_true(cd_read(x, values, sizeof values));
    assert_memory_equal(values, ((const float[]){ 2, 1, 2 }), sizeof values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gradients_and_their_names),
        TEST(results_that_do_not_lie_in_order),
        TEST(what_does_not_lie_in_order_is_changed_alike),
        TEST(a_result_that_is_changed_again_is_missed),
        TEST(a_copy_is_kept_of_what_the_rule_needs),
        TEST(without_a_graph_nothing_is_copied),
        TEST(a_failed_change_changes_nothing),
        TEST(integers_are_changed_where_the_result_is_one),
        TEST(a_bound_that_overlaps_what_is_changed),
    };
    return RUN(tests);
}
