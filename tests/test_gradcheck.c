/* cd_gradcheck_function and cd_gradgradcheck_function must find wrong gradients. */
#include "test.h"

#include "autograd/gradcheck.h"
#include "autograd/ops.h"

static cd_tensor *variable(double value)
{
    return cd_full(CD_SHAPE(2, 3), value, .dtype = CD_F64, .requires_grad = true);
}

static cd_tensor *product(cd_tensor *const *in, void *user)
{
    (void)user;
    return cd_mul(cd_sigmoid(in[0]), in[1]);
}

static void right_gradients_pass(void **state)
{
    (void)state;
    cd_tensor *in[2] = { variable(0.3), variable(2) };
    assert_true(cd_gradcheck_function(product, in, 2));
    assert_true(cd_gradgradcheck_function(product, in, 2));
}

/* Half of the value is computed on a detached tensor, so the gradient is half of what it should
 * be. */
static cd_tensor *half_hidden(cd_tensor *const *in, void *user)
{
    (void)user;
    return cd_add(in[0], cd_mul(cd_detach(in[1]), in[1]));
}

static void a_wrong_gradient_is_named(void **state)
{
    (void)state;
    cd_tensor *in[2] = { variable(1), variable(3) };
    assert_false(cd_gradcheck_function(half_hidden, in, 2));
    assert_failed_with(CD_ERR_AUTOGRAD, "gradcheck: for element 0 of input 1 (2x3)");
}

/* y = x^2: the gradient 2x is right, but its own gradient is 1 instead of 2. */
static cd_tensor *wrong_twice(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *x = in[0], *d = cd_detach(x);
    return cd_add(cd_mul(cd_mul(d, 2), x), cd_neg(cd_mul(d, d)));
}

/* The value is x, and the gradient 0 times infinity. */
static cd_tensor *with_nan(cd_tensor *const *in, void *user)
{
    (void)user;
    cd_tensor *y = cd_mul(in[0], 1), *none = cd_mul(cd_sub(in[0], cd_detach(in[0])), 0);
    return cd_add(y, cd_sqrt(none));
}

static void a_gradient_that_is_nan_is_wrong(void **state)
{
    (void)state;
    cd_tensor *in[1] = { variable(1) };
    assert_false(cd_gradcheck_function(with_nan, in, 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "gradcheck: for element 0 of input 0 (2x3)");
}

static void a_wrong_second_gradient_is_named(void **state)
{
    (void)state;
    cd_tensor *in[1] = { variable(1) };
    assert_true(cd_gradcheck_function(wrong_twice, in, 1));
    assert_false(cd_gradgradcheck_function(wrong_twice, in, 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "gradgradcheck: for element 0 of input 0");
}

static cd_tensor *number_of(cd_tensor *const *in, void *user)
{
    return cd_mul(in[0], *(double *)user);
}

static void the_user_pointer_arrives(void **state)
{
    (void)state;
    cd_tensor *in[1] = { variable(1) };
    double number = 5;
    assert_true(cd_gradcheck_function(number_of, in, 1, .user = &number));
}

static void inputs_stay_as_they_are(void **state)
{
    (void)state;
    cd_tensor *in[2] = { variable(0.3), variable(2) };
    assert_true(cd_gradcheck_function(product, in, 2));
    assert_null(cd_grad(in[0]));
    assert_int_equal(cd_version(in[0]), 0);
    assert_close(cd_item(cd_sum(in[0])), 1.8, 1e-15, 0);
}

static void constants_may_be_anything(void **state)
{
    (void)state;
    cd_tensor *in[3] = { variable(0.3), cd_full(CD_SHAPE(3), 2), NULL };
    assert_true(cd_gradcheck_function(product, in, 3));
}

static void one_tensor_given_twice(void **state)
{
    (void)state;
    cd_tensor *x = variable(0.3), *in[2] = { x, x };
    assert_true(cd_gradcheck_function(product, in, 2));
    assert_true(cd_gradgradcheck_function(product, in, 2));
}

static void float32_is_refused(void **state)
{
    (void)state;
    cd_tensor *in[2] = { cd_ones(CD_SHAPE(2), .requires_grad = true), variable(1) };
    assert_false(cd_gradcheck_function(product, in, 2));
    assert_failed_with(CD_ERR_DTYPE, "only float64 is exact enough");
}

static void something_must_require_gradients(void **state)
{
    (void)state;
    cd_tensor *in[2] = { cd_ones(CD_SHAPE(2)), cd_ones(CD_SHAPE(2)) };
    assert_false(cd_gradcheck_function(product, in, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "no input requires gradients");
    assert_false(cd_gradcheck_function(NULL, in, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "needs a function");
    assert_false(cd_gradcheck_function(product, in, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "1 to 16 inputs");
}

static cd_tensor *gives_nothing(cd_tensor *const *in, void *user)
{
    (void)in;
    (void)user;
    return NULL;
}

static cd_tensor *fails(cd_tensor *const *in, void *user)
{
    (void)user;
    return cd_add(in[0], cd_ones(CD_SHAPE(7)));
}

static cd_tensor *to_integers(cd_tensor *const *in, void *user)
{
    (void)user;
    return cd_to(in[0], CD_I64);
}

static void the_functions_own_error_is_kept(void **state)
{
    (void)state;
    cd_tensor *in[1] = { variable(1) };
    assert_false(cd_gradcheck_function(fails, in, 1));
    assert_failed_with(CD_ERR_SHAPE, "add:");
    assert_false(cd_gradcheck_function(gives_nothing, in, 1));
    assert_failed_with(CD_ERR_AUTOGRAD, "returned NULL");
    assert_false(cd_gradcheck_function(to_integers, in, 1));
    assert_failed_with(CD_ERR_DTYPE, "int64");
}

static void it_works_without_grad_mode(void **state)
{
    (void)state;
    cd_tensor *in[2] = { variable(0.3), variable(2) };
    CD_NO_GRAD();
    assert_true(cd_gradcheck_function(product, in, 2));
    assert_false(cd_grad_enabled());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(right_gradients_pass),
        TEST(a_wrong_gradient_is_named),
        TEST(a_gradient_that_is_nan_is_wrong),
        TEST(a_wrong_second_gradient_is_named),
        TEST(the_user_pointer_arrives),
        TEST(inputs_stay_as_they_are),
        TEST(constants_may_be_anything),
        TEST(one_tensor_given_twice),
        TEST(float32_is_refused),
        TEST(something_must_require_gradients),
        TEST(the_functions_own_error_is_kept),
        TEST(it_works_without_grad_mode),
    };
    return RUN(tests);
}
