/* Initial values for parameters, as torch.nn.init. Each function overwrites a floating tensor
 * without recording a gradient, and returns it, or NULL with an error. Random numbers come from the
 * default generator. */
#ifndef CANDELA_NN_INIT_H
#define CANDELA_NN_INIT_H

#include "core/random.h"
#include "core/tensor.h"

CD_BEGIN_DECLS

/* Sets every element to `value`. */
CD_API cd_tensor *cd_init_constant_(cd_tensor *t, double value);
CD_API cd_tensor *cd_init_ones_(cd_tensor *t);
CD_API cd_tensor *cd_init_zeros_(cd_tensor *t);
/* Draws every element uniformly from [from, to). */
CD_API cd_tensor *cd_init_uniform_(cd_tensor *t, double from, double to);
/* Draws every element from a normal distribution. */
CD_API cd_tensor *cd_init_normal_(cd_tensor *t, double mean, double std);

/* Which fan the Kaiming functions use. A weight of shape out x in (x K x K) has
 * fan_in = in (* K * K) and fan_out = out (* K * K). */
typedef enum cd_fan { CD_FAN_IN = 0, CD_FAN_OUT } cd_fan;

/* The function behind the layer, which decides about the gain. */
typedef enum cd_gain {
    CD_GAIN_LEAKY_RELU = 0, /* sqrt(2 / (1 + slope^2)) */
    CD_GAIN_RELU,           /* sqrt(2) */
    CD_GAIN_TANH,           /* 5/3 */
    CD_GAIN_SELU,           /* 3/4 */
    CD_GAIN_LINEAR,         /* 1, for convolutions too */
    CD_GAIN_SIGMOID         /* 1 */
} cd_gain;

/* torch.nn.init.calculate_gain: cd_init_gain(CD_GAIN_TANH), cd_init_gain(CD_GAIN_LEAKY_RELU, .slope
 * = 0.2). NaN with an error. */
typedef struct cd_init_gain_options {
    cd_gain nonlinearity;
    CD_GUARD_;
    double slope; /* of a leaky ReLU; default 0.01 */
} cd_init_gain_options;

CD_API double cd_init_gain_with(cd_init_gain_options options);
#define cd_init_gain(...) cd_init_gain_with((cd_init_gain_options){ .nonlinearity = __VA_ARGS__ })

/* torch.nn.init.kaiming_uniform_: uniform in +-gain * sqrt(3 / fan). From He et al. 2015, for
 * layers before a leaky ReLU of slope a (0: ReLU). PyTorch initialises Linear and Conv2d with a =
 * sqrt(5): cd_init_kaiming_uniform_(w, sqrt(5), CD_FAN_IN). CD_ERR_SHAPE for fewer than 2
 * dimensions or a fan of 0. */
typedef struct cd_init_kaiming_options {
    cd_tensor *t;
    double a;
    cd_fan fan; /* PyTorch's mode */
    CD_GUARD_;
    cd_gain nonlinearity;    /* default: CD_GAIN_LEAKY_RELU, of slope a */
    cd_generator *generator; /* default: the process's own */
} cd_init_kaiming_options;

CD_API cd_tensor *cd_init_kaiming_uniform_with_(cd_init_kaiming_options options);
#define cd_init_kaiming_uniform_(t_, a_, ...)                                                      \
    cd_init_kaiming_uniform_with_((cd_init_kaiming_options){ .t = t_, .a = a_, .fan = __VA_ARGS__ })
/* torch.nn.init.kaiming_normal_: normal with mean 0 and standard deviation gain / sqrt(fan).
 * torchvision initialises the convolutions of ResNets with a = 0 and CD_FAN_OUT. */
CD_API cd_tensor *cd_init_kaiming_normal_with_(cd_init_kaiming_options options);
#define cd_init_kaiming_normal_(t_, a_, ...)                                                       \
    cd_init_kaiming_normal_with_((cd_init_kaiming_options){ .t = t_, .a = a_, .fan = __VA_ARGS__ })

/* torch.nn.init.xavier_uniform_: uniform in +-gain * sqrt(6 / (fan_in + fan_out)). From Glorot and
 * Bengio 2010. Errors as the Kaiming functions. */
typedef struct cd_init_xavier_options {
    cd_tensor *t;
    CD_GUARD_;
    double gain; /* default 1 */
    cd_generator *generator;
} cd_init_xavier_options;

CD_API cd_tensor *cd_init_xavier_uniform_with_(cd_init_xavier_options options);
#define cd_init_xavier_uniform_(...)                                                               \
    cd_init_xavier_uniform_with_((cd_init_xavier_options){ .t = __VA_ARGS__ })
/* torch.nn.init.xavier_normal_: normal, standard deviation gain * sqrt(2 / (fan_in + fan_out)). */
CD_API cd_tensor *cd_init_xavier_normal_with_(cd_init_xavier_options options);
#define cd_init_xavier_normal_(...)                                                                \
    cd_init_xavier_normal_with_((cd_init_xavier_options){ .t = __VA_ARGS__ })

/* torch.nn.init.trunc_normal_: normal numbers within [a, b], as PyTorch 2.15 draws them: where a
 * number is not in the range it is drawn again. CD_ERR_ARGUMENT if the range is so wide and so far
 * from the mean that this does not end. On the meta device nothing is drawn. */
typedef struct cd_init_trunc_normal_options {
    cd_tensor *t;
    CD_GUARD_;
    double mean; /* default 0 */
    double std;  /* default 1 */
    double a, b; /* default -2 and 2 */
    cd_generator *generator;
} cd_init_trunc_normal_options;

CD_API cd_tensor *cd_init_trunc_normal_with_(cd_init_trunc_normal_options options);
#define cd_init_trunc_normal_(...)                                                                 \
    cd_init_trunc_normal_with_((cd_init_trunc_normal_options){ .t = __VA_ARGS__ })

/* torch.nn.init.eye_: the identity, for a matrix of any shape. */
CD_API cd_tensor *cd_init_eye_(cd_tensor *t);

/* torch.nn.init.dirac_: for the weight of a convolution of 1 to 3 dimensions, which then hands on
 * as many channels as it can; with .groups those of each group. The groups must divide the
 * channels. */
typedef struct cd_init_dirac_options {
    cd_tensor *t;
    CD_GUARD_;
    int64_t groups; /* default 1 */
} cd_init_dirac_options;

CD_API cd_tensor *cd_init_dirac_with_(cd_init_dirac_options options);
#define cd_init_dirac_(...) cd_init_dirac_with_((cd_init_dirac_options){ .t = __VA_ARGS__ })

/* torch.nn.init.orthogonal_: gain times a matrix with orthonormal rows, or columns if there are
 * more rows. Dimensions from the second on count as one. From Saxe et al. 2013. PyTorch's numbers
 * but for their rounding, since here they are computed in double. */
typedef struct cd_init_orthogonal_options {
    cd_tensor *t;
    CD_GUARD_;
    double gain; /* default 1 */
    cd_generator *generator;
} cd_init_orthogonal_options;

CD_API cd_tensor *cd_init_orthogonal_with_(cd_init_orthogonal_options options);
#define cd_init_orthogonal_(...)                                                                   \
    cd_init_orthogonal_with_((cd_init_orthogonal_options){ .t = __VA_ARGS__ })

/* torch.nn.init.sparse_: normal numbers, and in each column of the matrix zeros in ceil(sparsity *
 * rows) random places. From Martens 2010. */
typedef struct cd_init_sparse_options {
    cd_tensor *t;
    double sparsity;
    CD_GUARD_;
    double std; /* default 0.01 */
    cd_generator *generator;
} cd_init_sparse_options;

CD_API cd_tensor *cd_init_sparse_with_(cd_init_sparse_options options);
#define cd_init_sparse_(t_, ...)                                                                   \
    cd_init_sparse_with_((cd_init_sparse_options){ .t = t_, .sparsity = __VA_ARGS__ })

CD_END_DECLS

#endif
