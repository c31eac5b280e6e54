/* Samples and bad calls of instance_norm: see op_cases.h. */
#include "op_cases.h"

#include "autograd/layer_ops.h"

enum { X, WEIGHT, BIAS, MEAN, VAR }; /* the inputs */
enum { EPS, MOMENTUM };              /* in p */

/* The running statistics have no gradient. */
static const unsigned statistics = CD_SET(MEAN) | CD_SET(VAR);

static cd_tensor *plain(cd_tensor *const *in, const double *p)
{
    return cd_instance_norm(in[X], .weight = in[WEIGHT], .bias = in[BIAS], .eps = p[EPS]);
}

/* Running statistics move: those of copies, so that a sample can be run again. */
static cd_tensor *moving(cd_tensor *const *in, const double *p)
{
    return cd_instance_norm(in[X], .weight = in[WEIGHT], .bias = in[BIAS],
                            .running_mean = cd_detach(cd_clone(in[MEAN])),
                            .running_var = cd_detach(cd_clone(in[VAR])), .momentum = p[MOMENTUM]);
}

static cd_tensor *running(cd_tensor *const *in, const double *p)
{
    return cd_instance_norm(in[X], .weight = in[WEIGHT], .bias = in[BIAS],
                            .running_mean = cd_detach(cd_clone(in[MEAN])),
                            .running_var = cd_detach(cd_clone(in[VAR])), .no_input_stats = true,
                            .eps = p[EPS]);
}

static void samples(cd_samples *s)
{
    const cd_shape shapes[] = { CD_SHAPE(2, 3, 5), CD_SHAPE(2, 3, 2, 3), CD_SHAPE(1, 3, 4),
                                CD_SHAPE(2, 3, 2, 1, 2), CD_SHAPE(0, 3, 2) };
    cd_tensor *weight = cd_randn(CD_SHAPE(3)), *bias = cd_randn(CD_SHAPE(3));
    cd_tensor *mean = cd_randn(CD_SHAPE(3)), *var = cd_add(cd_rand(CD_SHAPE(3)), 0.5);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cd_tensor *x = cd_randn(shapes[i]);
        cd_sample(s, plain, { x, weight, bias }, { 0.1 });
        cd_sample(s, moving, { x, weight, bias, mean, var }, { [MOMENTUM] = 0.3 },
                  .constant = statistics);
    }
    cd_sample(s, running, { cd_randn(CD_SHAPE(2, 3)), weight, bias, mean, var },
              .constant = statistics);
    cd_sample(s, running, { cd_randn(CD_SHAPE(2, 3, 2)), NULL, NULL, mean, var }, { [EPS] = 0.1 },
              .constant = statistics);
    cd_sample(s, plain, { cd_randn(CD_SHAPE(2, 0, 2)) });
}

static void misuse(cd_samples *s)
{
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 3, 4)), *c = cd_zeros(CD_SHAPE(3));
    cd_tensor *four = cd_zeros(CD_SHAPE(4)), *leaf = cd_zeros(CD_SHAPE(3), .requires_grad = true);
    cd_expect_error(s, CD_ERR_ARGUMENT, "x is NULL", cd_instance_norm(NULL));
    cd_expect_error(s, CD_ERR_SHAPE, "x (3) must be N x C", cd_instance_norm(c));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "more than 1 spatial element when training, got input size 2x3",
                    cd_instance_norm(cd_zeros(CD_SHAPE(2, 3))));
    cd_expect_error(s, CD_ERR_ARGUMENT, "no_input_stats needs",
                    cd_instance_norm(x, .no_input_stats = true));
    cd_expect_error(s, CD_ERR_ARGUMENT, "both be given", cd_instance_norm(x, .running_mean = c));
    cd_expect_error(s, CD_ERR_SHAPE,
                    "weight (4) must have one element for each channel of x "
                    "(2x3x4)",
                    cd_instance_norm(x, .weight = four));
    cd_expect_error(s, CD_ERR_SHAPE, "running_var (4)",
                    cd_instance_norm(x, .running_mean = c, .running_var = four));
    cd_expect_error(s, CD_ERR_DTYPE, "running_mean is float64",
                    cd_instance_norm(x, .running_mean = cd_to(c, CD_F64), .running_var = c));
    cd_expect_error(s, CD_ERR_AUTOGRAD, "must not require",
                    cd_instance_norm(x, .running_mean = leaf, .running_var = c));
    cd_expect_error(s, CD_ERR_DTYPE, "int64", cd_instance_norm(cd_to(x, CD_I64)));
}

const op_cases cases_instance_norm = { samples, misuse };
