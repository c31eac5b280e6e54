/* Clipping gradients: norms of every order against PyTorch 2.15, whose numbers stand beside the
 * calls, the three sources of parameters, and that a failing call changes nothing. */
#include "goldens.h"

#include <candela.h>

#include "core/memory_internal.h"

static cd_tensor *parameter(cd_tensor *value, cd_tensor *gradient)
{
    cd_tensor *w = cd_set_requires_grad(value, true);
    CD_SCOPE();
    assert_true(cd_backward(cd_sum(cd_mul(w, gradient))));
    return w;
}

/* A parameter of ones with the gradient 1, 1, 1, and one with the gradient 3, 0. */
static void two(cd_tensor *w[2])
{
    w[0] = parameter(cd_ones(CD_SHAPE(3)), cd_ones(CD_SHAPE(3)));
    w[1] = parameter(cd_ones(CD_SHAPE(2)), cd_from_array(((float[]){ 3, 0 }), CD_SHAPE(2)));
}

static void norms_of_every_order(void **state)
{
    (void)state;
    CD_SCOPE();
    static const struct {
        double order, norm;
    } rows[] = { { 0, 3.4641 },
                 { 1, 6 },
                 { 2, 3.4641 },
                 { 3, 3.1072 },
                 { (double)INFINITY, 3 },
                 { -1, 0 },
                 { -(double)INFINITY, 0 },
                 { 0.5, 22.3923 } };
    cd_tensor *a = cd_ones(CD_SHAPE(3)), *b = cd_from_array(((float[]){ 3, 0 }), CD_SHAPE(2));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cd_tensor *n = cd_get_total_norm(CD_TENSORS(a, b), .norm_type = rows[i].order);
        assert_close(cd_item(n), rows[i].norm, 1e-4, 1e-6);
        assert_int_equal(cd_ndim(n), 0);
    }
    /* Order 0 counts the tensors that have an element which is not 0. */
    cd_tensor *zero = cd_zeros(CD_SHAPE(4));
    assert_close(cd_item(cd_get_total_norm(CD_TENSORS(a, zero, b), .norm_type = CD_ZERO)), 2, 0, 0);
    assert_close(cd_item(cd_get_total_norm(((cd_tensors){ NULL, 0 }))), 0, 0, 0);
}

static void the_result_has_the_promoted_dtype(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *a = cd_ones(CD_SHAPE(3)), *b = cd_ones(CD_SHAPE(1), .dtype = CD_F64);
    assert_int_equal(cd_dtype_of(cd_get_total_norm(CD_TENSORS(a, a))), CD_F32);
    assert_int_equal(cd_dtype_of(cd_get_total_norm(CD_TENSORS(a, b))), CD_F64);
}

/* max_norm 1, of a total of 3.4641. */
static void expect_clipped(cd_tensor *const w[2])
{
    const double c = 1 / 3.46410261;
    assert_near(cd_grad(w[0]), cd_full(CD_SHAPE(3), c), 1e-6, 0);
    assert_near(cd_grad(w[1]), cd_from_array(((float[]){ (float)(3 * c), 0 }), CD_SHAPE(2)), 1e-6,
                0);
}

static void gradients_are_scaled_to_the_norm(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w[2], *without = cd_set_requires_grad(cd_ones(CD_SHAPE(5)), true);
    two(w);
    cd_tensor *total = cd_clip_grad_norm_(CD_TENSORS(w[0], without, w[1]), 1);
    assert_close(cd_item(total), sqrt(12), 1e-6, 0);
    assert_false(cd_requires_grad(total));
    expect_clipped(w);
    assert_null(cd_grad(without));
    /* A gradient that is short enough stays, to the last bit. */
    cd_tensor *before = cd_clone(cd_grad(w[0]));
    assert_non_null(cd_clip_grad_norm_(CD_TENSORS(w[0], w[1]), 1.5));
    assert_near(cd_grad(w[0]), before, 0, 0);
}

static void an_optimizer_names_the_parameters(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w[2];
    two(w);
    cd_optimizer *sgd = cd_optim_sgd(NULL, .tensors = w, .count = 2);
    assert_non_null(cd_clip_grad_norm_(sgd, 1));
    expect_clipped(w);
    assert_true(cd_clip_grad_value_(sgd, 0.5));
    assert_near(cd_grad(w[1]), cd_from_array(((float[]){ 0.5F, 0 }), CD_SHAPE(2)), 0, 0);
}

static void a_module_names_the_parameters(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_linear(2, 1);
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_full(CD_SHAPE(1, 2), 4)))));
    /* Gradients 4, 4 and 1. */
    assert_close(cd_item(cd_clip_grad_norm_(m, 2, .norm_type = 1)), 9, 0, 0);
    assert_near(cd_grad(cd_module_tensor(m, "bias")), cd_full(CD_SHAPE(1), 2.0 / 9), 1e-6, 0);
}

static void a_known_norm_clips(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w[2];
    two(w);
    assert_true(cd_clip_grads_with_norm_(CD_TENSORS(w[0], w[1]), 1, cd_full(CD_SCALAR, sqrt(12))));
    expect_clipped(w);
    assert_false(cd_clip_grads_with_norm_(CD_TENSORS(w[0]), 1, cd_ones(CD_SHAPE(2))));
    assert_failed_with(CD_ERR_SHAPE, "clip_grads_with_norm_: the total norm has 1 dimensions");
}

static void values_are_clipped_and_nan_stays(void **state)
{
    (void)state;
    CD_SCOPE();
    const float given[] = { (float)NAN, 5, -5, 0.5F };
    cd_tensor *w = parameter(cd_ones(CD_SHAPE(4)), cd_from_array(given, CD_SHAPE(4)));
    assert_true(cd_clip_grad_value_(CD_TENSORS(w), 2));
    float g[4];
    assert_true(cd_read(cd_grad(w), g, sizeof g));
    assert_true(isnan(g[0]) && g[1] == 2 && g[2] == -2 && g[3] == 0.5F);
    /* As in PyTorch, the upper bound wins where it is below the lower one. */
    assert_true(cd_clip_grad_value_(CD_TENSORS(w), -1));
    assert_true(cd_read(cd_grad(w), g, sizeof g));
    assert_true(isnan(g[0]) && g[1] == -1 && g[2] == -1 && g[3] == -1);
}

static void a_norm_that_is_not_finite(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w[2];
    two(w);
    cd_tensor *bad = parameter(cd_ones(CD_SHAPE(1)), cd_full(CD_SHAPE(1), INFINITY));
    assert_null(cd_clip_grad_norm_(CD_TENSORS(w[0], bad), 1, .error_if_nonfinite = true));
    assert_failed_with(CD_ERR_STATE, "clip_grad_norm_: the total norm of order 2 is inf, which");
    assert_near(cd_grad(w[0]), cd_ones(CD_SHAPE(3)), 0, 0);
    /* Without the option the gradients become 0, and NaN where they were infinite. */
    assert_true(isinf(cd_item(cd_clip_grad_norm_(CD_TENSORS(w[0], bad), 1))));
    assert_near(cd_grad(w[0]), cd_zeros(CD_SHAPE(3)), 0, 0);
    assert_true(isnan(cd_item(cd_grad(bad))));
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = NULL;
    cd_optimizer *o = NULL;
    assert_null(cd_clip_grad_norm_(m, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "clip_grad_norm_: the module is NULL");
    assert_false(cd_clip_grad_value_(o, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "clip_grad_value_: the optimizer is NULL");
    assert_null(cd_get_total_norm(((cd_tensors){ NULL, 2 })));
    assert_failed_with(CD_ERR_ARGUMENT, "get_total_norm: 2 tensors in a list that is NULL");
    assert_null(cd_get_total_norm(((cd_tensors){ NULL, -1 })));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "-1 tensors in a list that is NULL: the count must be 0 or");
    assert_null(cd_get_total_norm(CD_TENSORS(cd_arange(3))));
    assert_failed_with(CD_ERR_DTYPE, "norm");
    assert_false(cd_clip_grads_with_norm_(((cd_tensors){ NULL, 0 }), 1, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "clip_grads_with_norm_: the total norm is NULL");
}

/* A bound that float32 cannot hold is refused for the second gradient, and then the first one
 * stays as well. */
static void all_gradients_change_or_none(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w = parameter(cd_ones(CD_SHAPE(1), .dtype = CD_F64),
                             cd_full(CD_SHAPE(1), 1e301, .dtype = CD_F64));
    cd_tensor *v = parameter(cd_ones(CD_SHAPE(1)), cd_ones(CD_SHAPE(1)));
    assert_false(cd_clip_grad_value_(CD_TENSORS(w, v), 1e300));
    assert_failed_with(CD_ERR_ARGUMENT, "clip_grad_value_: ");
    assert_close(cd_item(cd_grad(w)), 1e301, 0, 0);
    assert_true(cd_clip_grad_value_(CD_TENSORS(w), 1e300));
    assert_close(cd_item(cd_grad(w)), 1e300, 0, 0);
}

static int64_t left;

static bool fail_from_here(size_t bytes)
{
    (void)bytes;
    return left-- <= 0;
}

/* Whichever allocation fails, both gradients stay. */
static void without_memory_no_gradient_changes(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *w[2];
    two(w);
    int64_t failed = 0;
    for (bool done = false; !done; failed++) {
        CD_SCOPE();
        left = failed;
        cd_memory_fault_hook = fail_from_here;
        done = cd_clip_grad_norm_(CD_TENSORS(w[0], w[1]), 1) != NULL;
        cd_memory_fault_hook = NULL;
        if (done) break;
        assert_failed_with(CD_ERR_MEMORY, "out of memory");
        assert_near(cd_grad(w[0]), cd_ones(CD_SHAPE(3)), 0, 0);
        assert_close(cd_item(cd_max(cd_grad(w[1]))), 3, 0, 0);
    }
    assert_true(failed >= 4);
    expect_clipped(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(norms_of_every_order),
        TEST(the_result_has_the_promoted_dtype),
        TEST(gradients_are_scaled_to_the_norm),
        TEST(an_optimizer_names_the_parameters),
        TEST(a_module_names_the_parameters),
        TEST(a_known_norm_clips),
        TEST(values_are_clipped_and_nan_stays),
        TEST(a_norm_that_is_not_finite),
        TEST(wrong_calls_are_refused),
        TEST(all_gradients_change_or_none),
        TEST(without_memory_no_gradient_changes),
    };
    return RUN(tests);
}
