/* Samples and bad calls of batch_norm: see op_cases.h. */
#include "op_cases.h"

enum { X, WEIGHT, BIAS, MEAN, VAR }; /* the inputs */
enum { EPS, MOMENTUM };              /* in p */

/* The running statistics have no gradient. */
static const unsigned statistics = CD_SET(MEAN) | CD_SET(VAR);

static cd_tensor *training(cd_tensor *const *in, const double *p)
{
    return cd_batch_norm(in[X], in[WEIGHT], in[BIAS], .training = true, .eps = p[EPS]);
}

/* Training that moves running statistics: copies of them, so that a sample can be run again. */
static cd_tensor *moving(cd_tensor *const *in, const double *p)
{
    return cd_batch_norm(in[X], in[WEIGHT], in[BIAS], .running_mean = cd_detach(cd_clone(in[MEAN])),
                         .running_var = cd_detach(cd_clone(in[VAR])), .training = true,
                         .momentum = p[MOMENTUM]);
}

static cd_tensor *evaluation(cd_tensor *const *in, const double *p)
{
    return cd_batch_norm(in[X], in[WEIGHT], in[BIAS], .running_mean = cd_detach(in[MEAN]),
                         .running_var = cd_detach(in[VAR]), .eps = p[EPS]);
}

static void samples(cd_samples *s)
{
    const cd_shape shapes[] = { CD_SHAPE(4, 3),       CD_SHAPE(2, 3, 5),       CD_SHAPE(2, 3, 2, 3),
                                CD_SHAPE(1, 3, 2, 2), CD_SHAPE(2, 3, 2, 1, 2), CD_SHAPE(0, 3, 2) };
    cd_tensor *weight = cd_randn(CD_SHAPE(3)), *bias = cd_randn(CD_SHAPE(3));
    cd_tensor *mean = cd_randn(CD_SHAPE(3)), *var = cd_add(cd_rand(CD_SHAPE(3)), 0.5);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_tensor *x = cd_randn(shapes[i]);
        cd_sample(s, training, { x, weight, bias });
        cd_sample(s, evaluation, { x, weight, bias, mean, var }, .constant = statistics);
        cd_sample(s, moving, { x, weight, bias, mean, var }, { [MOMENTUM] = 0.3 },
                  .constant = statistics);
    }
    cd_tensor *x = cd_randn(CD_SHAPE(3, 3, 2));
    cd_sample(s, training, { x }, { [EPS] = 0.1 });
    cd_sample(s, evaluation, { x, NULL, NULL, mean, var }, { [EPS] = 0.1 }, .constant = statistics);
    cd_sample(s, evaluation, { x, weight, bias, mean, var },
              .constant = statistics | CD_SET(WEIGHT) | CD_SET(BIAS));
    cd_sample(s, training, { x, weight, bias }, .constant = CD_SET(X));
    cd_sample(s, training, { x, weight, bias }, .constant = CD_SET(X) | CD_SET(WEIGHT));
    cd_sample(s, evaluation, { x, weight, bias, mean, var },
              .constant = statistics | CD_SET(X) | CD_SET(WEIGHT));
    cd_sample(s, evaluation, { x, weight, bias, mean, var }, .constant = statistics | CD_SET(X));
    cd_sample(s, training,
              { cd_randn(CD_SHAPE(3, 1)), cd_randn(CD_SHAPE(1)), cd_randn(CD_SHAPE(1)) });
    cd_sample(s, training, { cd_transpose(cd_randn(CD_SHAPE(3, 2, 4)), 0, 1), weight, bias });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3)), *c = cd_zeros(CD_SHAPE(3));
    cd_tensor *one = cd_zeros(CD_SHAPE(1, 3)), *four = cd_zeros(CD_SHAPE(4));
    cd_tensor *leaf = cd_zeros(CD_SHAPE(3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_batch_norm(NULL, c, c));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "more than 1 value per channel when training, got input size 1x3",
                    cd_batch_norm(one, c, c, .training = true));
    cd_expect_error(s, CD_ERR_SHAPE, "weight (4)", cd_batch_norm(x, four, c, .training = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "needs running_mean", cd_batch_norm(x, c, c));
    cd_expect_error(s, CD_ERR_ARGUMENT, "both be given", cd_batch_norm(x, c, c, .running_mean = c));
    cd_expect_error(s, CD_ERR_SHAPE, "running_var (4)",
                    cd_batch_norm(x, c, c, .running_mean = c, .running_var = four));
    cd_expect_error(s, CD_ERR_DTYPE, "running_mean is float64",
                    cd_batch_norm(x, c, c, .running_mean = cd_to(c, CD_F64), .running_var = c));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "must not require",
                    cd_batch_norm(x, c, c, .running_mean = c, .running_var = leaf));
    cd_expect_error(s, CD_ERR_ARGUMENT, "eps is -1",
                    cd_batch_norm(x, c, c, .training = true, .eps = -1));
    cd_expect_error(s, CD_ERR_SHAPE, "N x C", cd_batch_norm(c, c, c, .training = true));
    cd_expect_error(s, CD_ERR_DTYPE, "int64",
                    cd_batch_norm(cd_to(x, CD_I64), c, c, .training = true));
}

const op_cases cases_batch_norm = { samples, misuse };
