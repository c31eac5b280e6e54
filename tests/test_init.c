/* Initial values: nn/init.h beside torch.nn.init, from the same seed (golden/make_init.py). */
#define GOLDEN_FILE "golden/init.safetensors"
#include "goldens.h"

#include "nn/init.h"
#include "nn/qr_internal.h"

static cd_tensor *kaiming_uniform_tanh(cd_tensor *t)
{
    return cd_init_kaiming_uniform_(t, 0, CD_FAN_OUT, .nonlinearity = CD_GAIN_TANH);
}

static cd_tensor *kaiming_normal_selu(cd_tensor *t)
{
    return cd_init_kaiming_normal_(t, 0.3, CD_FAN_IN, .nonlinearity = CD_GAIN_SELU);
}

static cd_tensor *kaiming_normal_leaky(cd_tensor *t)
{
    return cd_init_kaiming_normal_(t, 0.3, CD_FAN_IN);
}

/* A call whose function is a macro, as a function. */
#define CALL(name_, ...)                                                                           \
    static cd_tensor *name_(cd_tensor *t)                                                          \
    {                                                                                              \
        return __VA_ARGS__;                                                                        \
    }
CALL(xavier_uniform, cd_init_xavier_uniform_(t))
CALL(xavier_uniform_gain, cd_init_xavier_uniform_(t, .gain = 2.5))
CALL(xavier_normal, cd_init_xavier_normal_(t))
CALL(xavier_normal_gain, cd_init_xavier_normal_(t, .gain = 0.5))
CALL(trunc_normal, cd_init_trunc_normal_(t))
CALL(trunc_normal_range, cd_init_trunc_normal_(t, .mean = 1, .std = 2, .a = 0.5, .b = 3))
CALL(trunc_normal_tail, cd_init_trunc_normal_(t, .a = 2, .b = 4))
CALL(dirac1, cd_init_dirac_(t))
CALL(dirac2, cd_init_dirac_(t, .groups = 2))
CALL(orthogonal, cd_init_orthogonal_(t))
CALL(orthogonal_2, cd_init_orthogonal_(t, .gain = 2))
CALL(orthogonal_half, cd_init_orthogonal_(t, .gain = 0.5))
CALL(sparse, cd_init_sparse_(t, 0.3))
CALL(sparse_std, cd_init_sparse_(t, 0.5, .std = 2))

static const struct {
    const char *name;
    cd_tensor *(*function)(cd_tensor *t);
    double tolerance;
} calls[] = {
    { "xavier_uniform", xavier_uniform, 2e-7 },
    { "xavier_uniform_gain", xavier_uniform_gain, 2e-7 },
    { "xavier_normal", xavier_normal, 1e-6 },
    { "xavier_normal_gain", xavier_normal_gain, 1e-6 },
    { "kaiming_uniform_tanh", kaiming_uniform_tanh, 2e-7 },
    { "kaiming_normal_selu", kaiming_normal_selu, 1e-6 },
    { "kaiming_normal_leaky", kaiming_normal_leaky, 1e-6 },
    { "trunc_normal", trunc_normal, 1e-6 },
    { "trunc_normal_range", trunc_normal_range, 1e-6 },
    { "trunc_normal_tail", trunc_normal_tail, 1e-6 },
    { "eye", cd_init_eye_, 0 },
    { "dirac1", dirac1, 0 },
    { "dirac2", dirac2, 0 },
    { "dirac3", dirac1, 0 },
    { "orthogonal_tall", orthogonal, 1e-5 },
    { "orthogonal_wide", orthogonal_2, 1e-5 },
    { "orthogonal_square", orthogonal_half, 1e-5 },
    { "sparse", sparse, 1e-6 },
    { "sparse_std", sparse_std, 1e-6 },
};

/* Also into a parameter and into a transposed view, without a record. */
static void values_are_pytorchs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (int k = 0; k < 2; k++) {
            CD_SCOPE();
            cd_tensor *expected = golden("%s.%s", calls[i].name, k ? "float64" : "float32");
            cd_tensor *t = cd_empty(cd_shape_of(expected), .dtype = cd_dtype_of(expected),
                                    .requires_grad = true);
            cd_manual_seed(7);
            assert_ptr_equal(calls[i].function(t), t);
            test_near(t, expected, calls[i].tolerance, calls[i].tolerance / 10, calls[i].name,
                      __FILE__, __LINE__);
            assert_true(cd_is_leaf(t));
        }
    }
}

static void on_the_meta_device_shapes_stay(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        CD_SCOPE();
        cd_tensor *t =
            cd_empty(cd_shape_of(golden("%s.float32", calls[i].name)), .device = CD_META);
        assert_ptr_equal(calls[i].function(t), t);
        assert_ok();
    }
}

static void a_view_is_filled(void **state)
{
    (void)state;
    cd_tensor *w = cd_zeros(CD_SHAPE(3, 5)), *plain = cd_zeros(CD_SHAPE(5, 3));
    assert_non_null(cd_init_eye_(cd_t(w)));
    assert_near(w, cd_eye(3, .columns = 5), 0, 0);
    cd_manual_seed(1);
    assert_non_null(cd_init_orthogonal_(cd_t(w)));
    cd_manual_seed(1);
    assert_non_null(cd_init_orthogonal_(plain));
    assert_near(cd_t(w), plain, 0, 0);
}

static void constants(void **state)
{
    (void)state;
    cd_tensor *t = cd_zeros(CD_SHAPE(2));
    assert_near(cd_init_ones_(t), cd_ones(CD_SHAPE(2)), 0, 0);
    assert_near(cd_init_zeros_(t), cd_zeros(CD_SHAPE(2)), 0, 0);
}

static void gains_are_pytorchs(void **state)
{
    (void)state;
    assert_close(cd_init_gain(CD_GAIN_LEAKY_RELU), sqrt(2 / (1 + 1e-4)), 1e-15, 0);
    assert_close(cd_init_gain(CD_GAIN_LEAKY_RELU, .slope = CD_ZERO), sqrt(2.0), 1e-15, 0);
    assert_close(cd_init_gain(CD_GAIN_LEAKY_RELU, .slope = 0.5), sqrt(1.6), 1e-15, 0);
    assert_close(cd_init_gain(CD_GAIN_RELU), sqrt(2.0), 1e-15, 0);
    assert_close(cd_init_gain(CD_GAIN_TANH), 5.0 / 3, 0, 0);
    assert_close(cd_init_gain(CD_GAIN_SELU), 0.75, 0, 0);
    assert_close(cd_init_gain(CD_GAIN_LINEAR), 1, 0, 0);
    assert_close(cd_init_gain(CD_GAIN_SIGMOID), 1, 0, 0);
    assert_true(isnan(cd_init_gain((cd_gain)9)));
    assert_failed_with(CD_ERR_ARGUMENT, "init_gain: 9 is no nonlinearity");
}

/* Q has orthonormal columns, Q R is A again, and the signs of R are those of LAPACK. */
static void qr_is_lapacks(void **state)
{
    (void)state;
    const double a[] = { 3, 4, 0, 1, -2, 2 }; /* two columns */
    double q[6], diagonal[2], tau[2];
    memcpy(q, a, sizeof q);
    cd_qr(q, 3, 2, diagonal, tau);
    assert_close(diagonal[0], -5, 1e-15, 0);
    assert_close(q[0], -0.6, 1e-15, 0);
    assert_close(q[1], -0.8, 1e-15, 0);
    assert_close(q[2], 0, 0, 1e-15);
    const double r = q[0] * a[3] + q[1] * a[4] + q[2] * a[5]; /* R[0][1] is 1 */
    assert_close(r, 1, 1e-15, 0);
    for (int i = 0; i < 3; i++) assert_close(q[i] * r + q[3 + i] * diagonal[1], a[3 + i], 1e-14, 0);
    double one[] = { -2, 0, 0 };
    cd_qr(one, 3, 1, diagonal, tau); /* nothing to clear: the column is left as it is */
    assert_close(diagonal[0], -2, 0, 0);
    assert_close(one[0], 1, 0, 0);
}

static void a_generator_of_ones_own_is_used(void **state)
{
    (void)state;
    cd_generator *g = cd_generator_new(7);
    cd_tensor *t = cd_empty(CD_SHAPE(3, 4));
    assert_near(cd_init_xavier_normal_(t, .generator = g), golden("xavier_normal.float32"), 1e-6,
                1e-7);
}

static void a_sparse_matrix_has_so_many_zeros(void **state)
{
    (void)state;
    cd_tensor *t = cd_init_sparse_(cd_empty(CD_SHAPE(10, 4)), 0.31);
    for (int64_t j = 0; j < 4; j++) {
        int zeros = 0;
        for (int64_t i = 0; i < 10; i++) zeros += element(t, i * 4 + j) == 0;
        assert_int_equal(zeros, 4);
    }
    assert_non_null(cd_init_sparse_(t, 1));
    assert_near(t, cd_zeros(CD_SHAPE(10, 4)), 0, 0);
}

/* Each round's tensor is freed before the next one. */
static void rounds_need_no_more_memory(void **state)
{
    (void)state;
    enum { COUNT = 1 << 16 };
    cd_tensor *t = cd_empty(CD_SHAPE(COUNT));
    for (int k = 0; k < 2; k++) {
        const size_t before = cd_memory_stats().bytes_in_use;
        cd_memory_reset_peak();
        assert_non_null(k ? cd_init_trunc_normal_(t, .a = 5, .b = 50)
                          : cd_init_trunc_normal_(t, .a = -0.4, .b = 0.4));
        assert_true(cd_memory_stats().bytes_peak - before < (size_t)COUNT * 4 * 30);
    }
}

static void bad_calls_are_refused(void **state)
{
    (void)state;
    cd_tensor *line = cd_zeros(CD_SHAPE(3)), *m = cd_zeros(CD_SHAPE(3, 2));
#define BAD(call_, code_, text_)                                                                   \
    do {                                                                                           \
        assert_null(call_);                                                                        \
        assert_failed_with(code_, text_);                                                          \
    } while (0)
    BAD(cd_init_eye_(line), CD_ERR_SHAPE, "init_eye_: the tensor (3) must have 2 dimensions");
    BAD(cd_init_dirac_(m), CD_ERR_SHAPE, "init_dirac_: the tensor (3x2) must have 3 to 5 dim");
    BAD(cd_init_dirac_(cd_zeros(CD_SHAPE(3, 2, 2)), .groups = 2), CD_ERR_ARGUMENT,
        "2 groups do not divide 3 channels");
    BAD(cd_init_orthogonal_(line), CD_ERR_SHAPE,
        "init_orthogonal_: the tensor (3) must have 2 dim");
    BAD(cd_init_orthogonal_(m, .gain = NAN), CD_ERR_ARGUMENT, ".gain is nan");
    BAD(cd_init_sparse_(line, 0.5), CD_ERR_SHAPE,
        "init_sparse_: the tensor (3) must have 2 dimensions");
    BAD(cd_init_sparse_(m, 1.5), CD_ERR_ARGUMENT, "the sparsity is 1.5, and must be from 0 to 1");
    BAD(cd_init_sparse_(m, NAN), CD_ERR_ARGUMENT, "the sparsity");
    BAD(cd_init_xavier_normal_(line), CD_ERR_SHAPE,
        "init_xavier_normal_: the tensor (3) must have 2 dimensions or more, out x in");
    BAD(cd_init_xavier_uniform_(m, .gain = -1), CD_ERR_ARGUMENT, ".gain is -1, and must be 0");
    BAD(cd_init_xavier_uniform_(cd_zeros(CD_SHAPE(0, 0))), CD_ERR_SHAPE, "both fans are 0");
    BAD(cd_init_xavier_uniform_(cd_arange(3)), CD_ERR_DTYPE, "only floating tensors");
    BAD(cd_init_kaiming_normal_(m, 0, CD_FAN_IN, .nonlinearity = (cd_gain)-1), CD_ERR_ARGUMENT,
        "-1 is no nonlinearity");
    BAD(cd_init_trunc_normal_(m, .a = 3), CD_ERR_ARGUMENT, "the range from 3 to 2");
    BAD(cd_init_trunc_normal_(m, .std = -1), CD_ERR_ARGUMENT, ".std is -1");
    BAD(cd_init_trunc_normal_(m, .std = CD_ZERO), CD_ERR_ARGUMENT, ".std must be above 0");
    BAD(cd_init_kaiming_normal_(m, 0, (cd_fan)2), CD_ERR_ARGUMENT, "2 is no fan");
    BAD(cd_init_kaiming_normal_(m, NAN, CD_FAN_IN), CD_ERR_ARGUMENT, "must be from -1e100");
    BAD(cd_init_trunc_normal_(m, .mean = INFINITY), CD_ERR_ARGUMENT, ".mean is inf");
    BAD(cd_init_trunc_normal_(m, .a = 3, .b = 1e30), CD_ERR_ARGUMENT, "after 10000 rounds");
    BAD(cd_init_trunc_normal_(NULL), CD_ERR_ARGUMENT, "init_trunc_normal_");
    assert_near(m, cd_zeros(CD_SHAPE(3, 2)), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_pytorchs),
        TEST(on_the_meta_device_shapes_stay),
        TEST(a_view_is_filled),
        TEST(constants),
        TEST(gains_are_pytorchs),
        TEST(qr_is_lapacks),
        TEST(a_generator_of_ones_own_is_used),
        TEST(a_sparse_matrix_has_so_many_zeros),
        TEST(rounds_need_no_more_memory),
        TEST(bad_calls_are_refused),
    };
    return RUN(tests);
}
