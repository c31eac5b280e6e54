/* Activations: torch.nn.functional's, of which autograd/ops.h has relu, sigmoid, tanh, softmax
 * and log_softmax. All are elementwise but cd_glu and cd_softmin.
 *
 * x is floating unless the comment says otherwise: CD_ERR_DTYPE for other dtypes. A number among
 * the options that x's dtype does not have is CD_ERR_ARGUMENT. Those with an underscore, and
 * those with .inplace = true, change x and return it (see "in place" in autograd/ops.h). */
#ifndef CANDELA_AUTOGRAD_ACTIVATION_H
#define CANDELA_AUTOGRAD_ACTIVATION_H

#include "autograd/ops.h"

CD_BEGIN_DECLS

/* --- without options -------------------------------------------------------------------------- */

CD_API cd_tensor *cd_silu(cd_tensor *x); /* x sigmoid(x) */
CD_API cd_tensor *cd_silu_(cd_tensor *x);
CD_API cd_tensor *cd_mish(cd_tensor *x); /* x tanh(log(1 + exp(x))) */
CD_API cd_tensor *cd_mish_(cd_tensor *x);
/* scale x where x > 0, else scale alpha (exp(x) - 1); scale is 1.0507, alpha 1.6733. */
CD_API cd_tensor *cd_selu(cd_tensor *x);
CD_API cd_tensor *cd_selu_(cd_tensor *x);
CD_API cd_tensor *cd_hardswish(cd_tensor *x); /* x min(max(x + 3, 0), 6) / 6 */
CD_API cd_tensor *cd_hardswish_(cd_tensor *x);
CD_API cd_tensor *cd_hardsigmoid(cd_tensor *x); /* min(max(x + 3, 0), 6) / 6 */
CD_API cd_tensor *cd_hardsigmoid_(cd_tensor *x);
CD_API cd_tensor *cd_relu6(cd_tensor *x); /* min(max(x, 0), 6); not for bool */
CD_API cd_tensor *cd_relu6_(cd_tensor *x);
CD_API cd_tensor *cd_logsigmoid(cd_tensor *x); /* log(sigmoid(x)), which does not overflow */
CD_API cd_tensor *cd_softsign(cd_tensor *x);   /* x / (1 + |x|); float32 for integers */
CD_API cd_tensor *cd_tanhshrink(cd_tensor *x); /* x - tanh(x); float32 for integers */

/* --- with options ----------------------------------------------------------------------------- */

/* How cd_gelu is computed. */
typedef enum cd_gelu_approximate {
    CD_GELU_NONE = 0, /* with the normal distribution's function */
    CD_GELU_TANH      /* by an approximation with tanh */
} cd_gelu_approximate;

/* Options of cd_gelu. */
typedef struct cd_gelu_options {
    cd_tensor *x;
    CD_GUARD_;
    cd_gelu_approximate approximate; /* default: CD_GELU_NONE */
} cd_gelu_options;

/* cd_gelu(x), cd_gelu(x, .approximate = CD_GELU_TANH). x P(X <= x) for a normal X; or
 * x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. */
CD_API cd_tensor *cd_gelu_with(cd_gelu_options options);
#define cd_gelu(...) cd_gelu_with((cd_gelu_options){ .x = __VA_ARGS__ })

/* Options of cd_leaky_relu. */
typedef struct cd_leaky_relu_options {
    cd_tensor *x;
    CD_GUARD_;
    double negative_slope; /* default: 0.01 */
    bool inplace;          /* then backward refuses a negative slope */
} cd_leaky_relu_options;

/* x where x > 0, else negative_slope x. */
CD_API cd_tensor *cd_leaky_relu_with(cd_leaky_relu_options options);
#define cd_leaky_relu(...) cd_leaky_relu_with((cd_leaky_relu_options){ .x = __VA_ARGS__ })
#define cd_leaky_relu_(...)                                                                        \
    cd_leaky_relu_with((cd_leaky_relu_options){ .x = __VA_ARGS__, .inplace = true })

/* Options of cd_rrelu. */
typedef struct cd_rrelu_options {
    cd_tensor *x;
    CD_GUARD_;
    double lower, upper; /* default: 1/8 and 1/3; finite, and lower at most upper */
    bool training;
    bool inplace; /* then backward refuses a negative mean slope, unless training is set */
    cd_generator *generator; /* default: the default generator; a module has none */
} cd_rrelu_options;

/* torch.nn.functional.rrelu: x where x > 0, else x times a slope. In training each element that is
 * not positive has a slope of its own, drawn uniformly between lower and upper; else all have the
 * mean of the two. */
CD_API cd_tensor *cd_rrelu_with(cd_rrelu_options options);
#define cd_rrelu(...)  cd_rrelu_with((cd_rrelu_options){ .x = __VA_ARGS__ })
#define cd_rrelu_(...) cd_rrelu_with((cd_rrelu_options){ .x = __VA_ARGS__, .inplace = true })

/* Options of cd_elu and cd_celu. */
typedef struct cd_elu_options {
    cd_tensor *x;
    CD_GUARD_;
    double alpha; /* default: 1; that of celu must not be CD_ZERO */
    bool inplace; /* then backward refuses a negative alpha */
} cd_elu_options;

/* x where x > 0, else alpha (exp(x) - 1). */
CD_API cd_tensor *cd_elu_with(cd_elu_options options);
/* x where x > 0, else alpha (exp(x / alpha) - 1). */
CD_API cd_tensor *cd_celu_with(cd_elu_options options);
#define cd_elu(...)   cd_elu_with((cd_elu_options){ .x = __VA_ARGS__ })
#define cd_elu_(...)  cd_elu_with((cd_elu_options){ .x = __VA_ARGS__, .inplace = true })
#define cd_celu(...)  cd_celu_with((cd_elu_options){ .x = __VA_ARGS__ })
#define cd_celu_(...) cd_celu_with((cd_elu_options){ .x = __VA_ARGS__, .inplace = true })

/* Options of cd_softplus. */
typedef struct cd_softplus_options {
    cd_tensor *x;
    CD_GUARD_;
    double beta, threshold; /* default: 1, 20 */
} cd_softplus_options;

/* log(1 + exp(beta x)) / beta, or x where beta x > threshold. */
CD_API cd_tensor *cd_softplus_with(cd_softplus_options options);
#define cd_softplus(...) cd_softplus_with((cd_softplus_options){ .x = __VA_ARGS__ })

/* Options of cd_softshrink and cd_hardshrink. */
typedef struct cd_shrink_options {
    cd_tensor *x;
    CD_GUARD_;
    double lambd; /* default: 0.5; that of softshrink must be finite and not negative */
} cd_shrink_options;

/* x - lambd where x > lambd, x + lambd where x < -lambd, else 0. */
CD_API cd_tensor *cd_softshrink_with(cd_shrink_options options);
/* 0 where -lambd <= x <= lambd, else x. */
CD_API cd_tensor *cd_hardshrink_with(cd_shrink_options options);
#define cd_softshrink(...) cd_softshrink_with((cd_shrink_options){ .x = __VA_ARGS__ })
#define cd_hardshrink(...) cd_hardshrink_with((cd_shrink_options){ .x = __VA_ARGS__ })

/* Options of cd_hardtanh. */
typedef struct cd_hardtanh_options {
    cd_tensor *x;
    CD_GUARD_;
    double min_val, max_val; /* default: -1, 1; CD_ERR_ARGUMENT for a min_val above max_val */
    bool inplace;
} cd_hardtanh_options;

/* min(max(x, min_val), max_val), for all dtypes but bool; bounds of integers are cut to whole
 * numbers. */
CD_API cd_tensor *cd_hardtanh_with(cd_hardtanh_options options);
#define cd_hardtanh(...) cd_hardtanh_with((cd_hardtanh_options){ .x = __VA_ARGS__ })
#define cd_hardtanh_(...)                                                                          \
    cd_hardtanh_with((cd_hardtanh_options){ .x = __VA_ARGS__, .inplace = true })

/* Options of cd_threshold. */
typedef struct cd_threshold_options {
    cd_tensor *x;
    double threshold, value;
    CD_GUARD_;
    bool inplace;
} cd_threshold_options;

/* cd_threshold(x, 0.1, 20): x where x > threshold, else value. For all dtypes but bool; of integers
 * threshold and value are cut to whole numbers. */
CD_API cd_tensor *cd_threshold_with(cd_threshold_options options);
#define cd_threshold(x_, threshold_, ...)                                                          \
    cd_threshold_with(                                                                             \
        (cd_threshold_options){ .x = x_, .threshold = threshold_, .value = __VA_ARGS__ })
#define cd_threshold_(x_, threshold_, value_)                                                      \
    cd_threshold_with((cd_threshold_options){                                                      \
        .x = x_, .threshold = threshold_, .value = value_, .inplace = true })

/* --- with a second operand -------------------------------------------------------------------- */

/* x where x > 0, else weight x. weight has one element, or one for each channel, which is the
 * second dimension of x; both have one dtype. */
CD_API cd_tensor *cd_prelu(cd_tensor *x, cd_tensor *weight);
/* a sigmoid(b), where a and b are the halves of x along dim, whose size is even. PyTorch's default
 * dim is -1. */
CD_API cd_tensor *cd_glu(cd_tensor *x, int dim);
/* torch.nn.functional.softmin: cd_softmax(-x, dim), with its option .dtype. Integers are negated in
 * their own dtype, as in PyTorch. */
CD_API cd_tensor *cd_softmin_with(cd_softmax_options options);
#define cd_softmin(x_, ...) cd_softmin_with((cd_softmax_options){ .x = x_, .dim = __VA_ARGS__ })

CD_END_DECLS

#endif
