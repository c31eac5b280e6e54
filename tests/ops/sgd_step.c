/* Samples and bad calls of sgd_step: see op_cases.h. */
#include "op_cases.h"

/* None of w, g and the buffer has a gradient. */
enum { ALL_INPUTS = CD_SET(0) | CD_SET(1) | CD_SET(2) };
enum { LR, MOMENTUM, DAMPENING, WEIGHT_DECAY, NESTEROV, FIRST }; /* in p */

static cd_tensor *step(cd_tensor *w, cd_tensor *g, cd_tensor *buffer, const double *p)
{
    CD_NO_GRAD();
    cd_sgd_attributes a = { .momentum = p[MOMENTUM],
                            .dampening = p[DAMPENING],
                            .weight_decay = p[WEIGHT_DECAY],
                            .nesterov = p[NESTEROV] != 0 };
    cd_tensor *rate = cd_full(CD_SCALAR, p[LR], .dtype = CD_F64), *started = NULL;
    if (buffer) {
        started =
            cd_full(CD_SCALAR, p[FIRST] == 0, .dtype = CD_BOOL, .device = cd_device_of(buffer));
    }
    cd_tensor *y = cd_op_in_place_with(&cd_op_sgd_step, &a, w, g, rate, buffer, started);
    assert_true(!y || !started || cd_device_of(w) == CD_META || cd_item(started) == 1);
    return y;
}

static cd_tensor *plain(cd_tensor *const *in, const double *p)
{
    return step(cd_detach(cd_clone(in[0])), in[1], NULL, p);
}

static cd_tensor *with_momentum(cd_tensor *const *in, const double *p)
{
    return step(cd_detach(cd_clone(in[0])), in[1], cd_detach(cd_clone(in[2])), p);
}

static cd_tensor *into_transposed(cd_tensor *const *in, const double *p)
{
    CD_NO_GRAD();
    cd_tensor *w = cd_t(cd_detach(cd_clone(in[0]))), *buffer = cd_t(cd_detach(cd_clone(in[0])));
    return step(w, in[1], buffer, p);
}

static void samples(cd_samples *s)
{
#define R(...) cd_randn(CD_SHAPE(__VA_ARGS__))
    cd_sample(s, plain, { R(2, 3), R(2, 3) }, { [LR] = 0.1 }, .constant = ALL_INPUTS);
    cd_sample(s, plain, { R(5), R(5) }, { [LR] = 0.1, [WEIGHT_DECAY] = 0.5 },
              .constant = ALL_INPUTS);
    cd_sample(s, plain, { R(0, 3), R(0, 3) }, { [LR] = 0.1 }, .constant = ALL_INPUTS);
    cd_sample(s, plain, { cd_randn(CD_SCALAR), cd_randn(CD_SCALAR) }, { [LR] = 1 },
              .constant = ALL_INPUTS);
    cd_sample(s, with_momentum, { R(2, 3), R(2, 3), R(2, 3) }, { [LR] = 0.1, [MOMENTUM] = 0.9 },
              .constant = ALL_INPUTS);
    cd_sample(s, with_momentum, { R(4), R(4), R(4) }, { [LR] = 0.1, [MOMENTUM] = 0.9, [FIRST] = 1 },
              .constant = ALL_INPUTS);
    cd_sample(s, with_momentum, { R(4), R(4), R(4) },
              { [LR] = 0.1, [MOMENTUM] = 0.9, [NESTEROV] = 1 }, .constant = ALL_INPUTS);
    cd_sample(s, with_momentum, { R(1, 4), R(1, 4), R(1, 4) },
              { [LR] = 0.1, [MOMENTUM] = 0.9, [DAMPENING] = 0.5, [WEIGHT_DECAY] = 0.1 },
              .constant = ALL_INPUTS);
    cd_sample(s, into_transposed, { R(3, 2), R(2, 3) }, { [LR] = 0.1, [MOMENTUM] = 0.9 },
              .constant = ALL_INPUTS);
#undef R
}

static void misuse(cd_samples *s)
{
    const double p[] = { [FIRST] = 0 };
    cd_tensor *w = cd_zeros(CD_SHAPE(2)), *wide = cd_zeros(CD_SHAPE(3));
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", step(NULL, w, NULL, p));
    cd_expect_error(s, CD_ERR_ARGUMENT, "g is NULL", step(w, NULL, NULL, p));
    cd_expect_error(s, CD_ERR_SHAPE, "g (3, float32)", step(w, wide, NULL, p));
    cd_expect_error(s, CD_ERR_SHAPE, "buffer (3, float32)", step(w, w, wide, p));
    cd_sgd_attributes a = { .momentum = 0 };
    cd_tensor *number = cd_ones(CD_SCALAR, .dtype = CD_F64);
    cd_expect_error(s, CD_ERR_SHAPE, "rate (2, float32) must be a 0-d tensor of float64",
                    cd_op_in_place_with(&cd_op_sgd_step, &a, w, w, w, NULL, NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "started (scalar, float64) must be a 0-d tensor of bool",
                    cd_op_in_place_with(&cd_op_sgd_step, &a, w, w, number, w, number));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", step(cd_arange(2), cd_arange(2), NULL, p));
}

const op_cases cases_sgd_step = { samples, misuse };
