/* The activations as modules (nn/activations.h): their printed form, their options, their
 * parameter. test_made_again.c makes each again from its options and compares it with its op. */
#include "goldens.h"

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "nn/activations.h"

static void they_print_as_in_pytorch(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *const modules[] = {
        cd_nn_relu(),
        cd_nn_relu(.inplace = true),
        cd_nn_relu6(),
        cd_nn_relu6(.inplace = true),
        cd_nn_leaky_relu(),
        cd_nn_leaky_relu(.negative_slope = 0.2, .inplace = true),
        cd_nn_leaky_relu(.negative_slope = 1),
        cd_nn_elu(),
        cd_nn_elu(.alpha = 2, .inplace = true),
        cd_nn_selu(),
        cd_nn_selu(.inplace = true),
        cd_nn_celu(),
        cd_nn_celu(.alpha = 1e-5, .inplace = true),
        cd_nn_gelu(),
        cd_nn_gelu(.approximate = CD_GELU_TANH),
        cd_nn_silu(),
        cd_nn_silu(.inplace = true),
        cd_nn_mish(),
        cd_nn_mish(.inplace = true),
        cd_nn_softplus(),
        cd_nn_softplus(.beta = 2, .threshold = 3.5),
        cd_nn_softsign(),
        cd_nn_softshrink(),
        cd_nn_softshrink(.lambd = 2),
        cd_nn_hardshrink(),
        cd_nn_hardshrink(.lambd = 0.125),
        cd_nn_tanhshrink(),
        cd_nn_hardswish(),
        cd_nn_hardswish(.inplace = true),
        cd_nn_hardsigmoid(),
        cd_nn_hardsigmoid(.inplace = true),
        cd_nn_hardtanh(),
        cd_nn_hardtanh(.min_val = -2, .max_val = CD_ZERO, .inplace = true),
        cd_nn_threshold(0.1, 20),
        cd_nn_threshold(-1, 0, .inplace = true),
        cd_nn_prelu(1),
        cd_nn_prelu(3, .init = 0.1),
        cd_nn_logsigmoid(),
        cd_nn_glu(-1),
        cd_nn_glu(0),
        cd_nn_sigmoid(),
        cd_nn_tanh(),
        cd_nn_softmax(1),
        cd_nn_log_softmax(-1),
        cd_nn_softmin(0),
        cd_nn_identity(),
    };
    FILE *expected = fopen(test_path("golden/activations_print.txt"), "r");
    assert_non_null(expected);
    char line[128];
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        char *text = NULL;
        size_t bytes;
        FILE *stream = open_memstream(&text, &bytes);
        assert_true(cd_print_module(stream, modules[i]));
        assert_int_equal(fclose(stream), 0);
        assert_non_null(fgets(line, sizeof line, expected));
        assert_string_equal(text, line);
        free(text);
    }
    assert_null(fgets(line, sizeof line, expected));
    assert_int_equal(fclose(expected), 0);
}

static void in_place_they_change_their_input(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *const modules[] = {
        cd_nn_relu(.inplace = true),     cd_nn_relu6(.inplace = true),
        cd_nn_selu(.inplace = true),     cd_nn_silu(.inplace = true),
        cd_nn_mish(.inplace = true),     cd_nn_hardswish(.inplace = true),
        cd_nn_elu(.inplace = true),      cd_nn_hardsigmoid(.inplace = true),
        cd_nn_celu(.inplace = true),     cd_nn_leaky_relu(.inplace = true),
        cd_nn_hardtanh(.inplace = true), cd_nn_threshold(0, 1, .inplace = true),
    };
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        cd_tensor *x = cd_full(CD_SHAPE(3), -2);
        assert_ptr_equal(cd_forward(modules[i], x), x);
        assert_true(cd_item(cd_sum(x)) != -6);
        assert_ok();
    }
}

/* PyTorch 2.15's numbers: torch.manual_seed(0); F.rrelu(torch.tensor([1., -1, 1, -1]),
 * training=True), after which torch.rand(1) is 0.3074. */
static void rrelu_draws_in_training_mode(void **state)
{
    (void)state;
    CD_SCOPE();
    const float numbers[] = { 1, -1, 1, -1 };
    const float drawn[] = { 1, -0.3270943760871887F, 1, -0.27246248722076416F };
    const float mean[] = { 1, -0.2291666716337204F, 1, -0.2291666716337204F };
    cd_tensor *x = cd_from_array(numbers, CD_SHAPE(4));
    cd_module *m = cd_nn_rrelu(),
              *in_place = cd_nn_rrelu(.lower = 0.5, .upper = 1, .inplace = true);
    cd_manual_seed(0);
    assert_near(cd_forward(m, x), cd_from_array(drawn, CD_SHAPE(4)), 0, 0);
    assert_close(cd_item(cd_rand(CD_SHAPE(1))), 0.30742281675338745, 0, 0);
    assert_true(cd_eval(m) && cd_eval(in_place));
    cd_manual_seed(0);
    assert_near(cd_forward(m, x), cd_from_array(mean, CD_SHAPE(4)), 0, 0);
    assert_close(cd_item(cd_rand(CD_SHAPE(1))), 0.49625658988952637, 0, 0);
    assert_ptr_equal(cd_forward(in_place, x), x);
    assert_close(cd_item(cd_sum(x)), 0.5, 0, 0);
    assert_null(cd_nn_rrelu(.training = true));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_rrelu: .training and .generator are for the function");
    assert_null(cd_nn_rrelu(.lower = INFINITY));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_rrelu: .lower is inf, and must be finite");
    assert_null(cd_forward(cd_nn_rrelu(.lower = 1, .upper = 0.5), x));
    assert_failed_with(CD_ERR_ARGUMENT, "rrelu: .lower is 1, and must be at most .upper");
}

static void identity_hands_its_input_on(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_ptr_equal(cd_forward(cd_nn_identity(), x), x);
}

static void prelu_has_a_weight(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_module *m = cd_nn_prelu(3, .init = -0.5);
    cd_tensor *w = cd_module_tensor(m, "weight");
    assert_int_equal(cd_num_parameters(m), 3);
    assert_true(cd_item(cd_sum(w)) == -1.5);
    assert_true(cd_backward(cd_sum(cd_forward(m, cd_full(CD_SHAPE(2, 3), -1)))));
    assert_true(cd_item(cd_sum(cd_grad(w))) == -6);
    assert_true(cd_item(cd_module_tensor(cd_nn_prelu(1), "weight")) == 0.25);
    assert_true(cd_item(cd_module_tensor(cd_nn_prelu(1, .init = CD_ZERO), "weight")) == 0);
    assert_int_equal(cd_dtype_of(cd_module_tensor(cd_nn_prelu(1, .dtype = CD_F64), "weight")),
                     CD_F64);
    cd_module *meta = cd_nn_prelu(1, .device = CD_META);
    assert_int_equal(cd_device_of(cd_module_tensor(meta, "weight")), CD_META);
    assert_ok();
}

/* Of softplus: 0 beyond the threshold, and NaN of NaN, as in PyTorch. */
static void the_second_derivative_of_nan_is_nan(void **state)
{
    (void)state;
    CD_SCOPE();
    const double values[] = { 30, NAN, INFINITY, -INFINITY };
    cd_tensor *x = cd_from_array(values, CD_SHAPE(4));
    cd_set_requires_grad(x, true);
    cd_tensor *dx = cd_autograd_grad(cd_sum(cd_softplus(x)), x, .create_graph = true);
    cd_tensor *second = cd_autograd_grad(cd_sum(dx), x);
    const double *got = cd_data(second);
    assert_true(got[0] == 0 && isnan(got[1]) && got[2] == 0 && got[3] == 0);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    CD_SCOPE();
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_null(cd_nn_prelu(0));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_prelu: num_parameters is 0, and must be 1 or more");
    assert_null(cd_nn_prelu(1, .dtype = CD_I64));
    assert_failed_with(CD_ERR_DTYPE, "nn_prelu: .dtype is int64");
    assert_null(cd_nn_prelu(1, .init = NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_prelu: .init is nan");
    assert_null(cd_nn_gelu(.approximate = (cd_gelu_approximate)2));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "nn_gelu: .approximate is 2, and must stand for \"none\" or \"tanh\"");
    assert_null(cd_nn_hardtanh(.min_val = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_hardtanh: .min_val is 1, and must be below .max_val");
    assert_null(cd_nn_elu_with((cd_elu_options){ .x = x }));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_elu: .x is for the function");
    assert_null(cd_nn_softplus(.beta = INFINITY));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_softplus: .beta is inf");
    assert_null(cd_nn_softmax(8));
    assert_failed_with(CD_ERR_ARGUMENT, "nn_softmax: dim is 8, and must be from -8 to 7");
    assert_null(cd_forward(cd_nn_softshrink(.lambd = -1), x));
    assert_failed_with(CD_ERR_ARGUMENT, "softshrink: lambd is -1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_print_as_in_pytorch),
        TEST(in_place_they_change_their_input),
        TEST(rrelu_draws_in_training_mode),
        TEST(identity_hands_its_input_on),
        TEST(prelu_has_a_weight),
        TEST(wrong_options_are_refused),
        TEST(the_second_derivative_of_nan_is_nan),
    };
    return RUN(tests);
}
