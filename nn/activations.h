/* Activations as modules. Their printed form is PyTorch's, and the options that are left out have
 * PyTorch's defaults; see autograd/activation.h for what the functions compute. An .x among the
 * options is CD_ERR_ARGUMENT: a module gets its input from cd_forward. With .inplace = true a
 * module changes its input, and returns it. */
#ifndef CANDELA_NN_ACTIVATIONS_H
#define CANDELA_NN_ACTIVATIONS_H

#include "autograd/activation.h"
#include "nn/module.h"

CD_BEGIN_DECLS

/* --- without options -------------------------------------------------------------------------- */

CD_API cd_module *cd_nn_sigmoid(void);    /* torch.nn.Sigmoid */
CD_API cd_module *cd_nn_tanh(void);       /* torch.nn.Tanh */
CD_API cd_module *cd_nn_logsigmoid(void); /* torch.nn.LogSigmoid */
CD_API cd_module *cd_nn_softsign(void);   /* torch.nn.Softsign */
CD_API cd_module *cd_nn_tanhshrink(void); /* torch.nn.Tanhshrink */
CD_API cd_module *cd_nn_identity(void);   /* torch.nn.Identity: hands its input on */

/* --- along a dimension; -1 is the last -------------------------------------------------------- */

CD_API cd_module *cd_nn_softmax(int dim);     /* torch.nn.Softmax */
CD_API cd_module *cd_nn_log_softmax(int dim); /* torch.nn.LogSoftmax */
/* torch.nn.Softmax2d: over the channels of N x C x H x W, or C x H x W. */
CD_API cd_module *cd_nn_softmax2d(void);
CD_API cd_module *cd_nn_softmin(int dim); /* torch.nn.Softmin */
CD_API cd_module *cd_nn_glu(int dim);     /* torch.nn.GLU, whose default is -1 */

/* --- with the option .inplace alone ----------------------------------------------------------- */

/* Options of these: cd_nn_relu(), cd_nn_relu(.inplace = true). */
typedef struct cd_nn_activation_options {
    cd_tensor *x; /* NULL */
    CD_GUARD_;
    bool inplace;
} cd_nn_activation_options;

CD_API cd_module *cd_nn_relu_with(cd_nn_activation_options options);      /* torch.nn.ReLU */
CD_API cd_module *cd_nn_relu6_with(cd_nn_activation_options options);     /* torch.nn.ReLU6 */
CD_API cd_module *cd_nn_selu_with(cd_nn_activation_options options);      /* torch.nn.SELU */
CD_API cd_module *cd_nn_silu_with(cd_nn_activation_options options);      /* torch.nn.SiLU */
CD_API cd_module *cd_nn_mish_with(cd_nn_activation_options options);      /* torch.nn.Mish */
CD_API cd_module *cd_nn_hardswish_with(cd_nn_activation_options options); /* torch.nn.Hardswish */
CD_API cd_module *
cd_nn_hardsigmoid_with(cd_nn_activation_options options); /* torch.nn.Hardsigmoid */
#define cd_nn_relu(...)  cd_nn_relu_with((cd_nn_activation_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_relu6(...) cd_nn_relu6_with((cd_nn_activation_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_selu(...)  cd_nn_selu_with((cd_nn_activation_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_silu(...)  cd_nn_silu_with((cd_nn_activation_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_mish(...)  cd_nn_mish_with((cd_nn_activation_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_hardswish(...)                                                                       \
    cd_nn_hardswish_with((cd_nn_activation_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_hardsigmoid(...)                                                                     \
    cd_nn_hardsigmoid_with((cd_nn_activation_options){ .x = NULL, __VA_ARGS__ })

/* --- with the options of their functions ------------------------------------------------------ */

CD_API cd_module *cd_nn_gelu_with(cd_gelu_options options);             /* torch.nn.GELU */
CD_API cd_module *cd_nn_leaky_relu_with(cd_leaky_relu_options options); /* torch.nn.LeakyReLU */
/* torch.nn.RReLU, whose slopes are random in training mode: .training and .generator are for
 * cd_rrelu. */
CD_API cd_module *cd_nn_rrelu_with(cd_rrelu_options options);
CD_API cd_module *cd_nn_elu_with(cd_elu_options options);           /* torch.nn.ELU */
CD_API cd_module *cd_nn_celu_with(cd_elu_options options);          /* torch.nn.CELU */
CD_API cd_module *cd_nn_softplus_with(cd_softplus_options options); /* torch.nn.Softplus */
CD_API cd_module *cd_nn_softshrink_with(cd_shrink_options options); /* torch.nn.Softshrink */
CD_API cd_module *cd_nn_hardshrink_with(cd_shrink_options options); /* torch.nn.Hardshrink */
/* torch.nn.Hardtanh, which needs a min_val below max_val. */
CD_API cd_module *cd_nn_hardtanh_with(cd_hardtanh_options options);
/* torch.nn.Threshold: cd_nn_threshold(0.1, 20). */
CD_API cd_module *cd_nn_threshold_with(cd_threshold_options options);
#define cd_nn_gelu(...) cd_nn_gelu_with((cd_gelu_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_leaky_relu(...)                                                                      \
    cd_nn_leaky_relu_with((cd_leaky_relu_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_rrelu(...)      cd_nn_rrelu_with((cd_rrelu_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_elu(...)        cd_nn_elu_with((cd_elu_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_celu(...)       cd_nn_celu_with((cd_elu_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_softplus(...)   cd_nn_softplus_with((cd_softplus_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_softshrink(...) cd_nn_softshrink_with((cd_shrink_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_hardshrink(...) cd_nn_hardshrink_with((cd_shrink_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_hardtanh(...)   cd_nn_hardtanh_with((cd_hardtanh_options){ .x = NULL, __VA_ARGS__ })
#define cd_nn_threshold(threshold_, ...)                                                           \
    cd_nn_threshold_with((cd_threshold_options){ .threshold = threshold_, .value = __VA_ARGS__ })

/* --- with a parameter ------------------------------------------------------------------------- */

/* torch.nn.PReLU: cd_nn_prelu(1), cd_nn_prelu(64, .init = 0.1).
 *
 *     weight  num_parameters: 1, or one for each channel of the input
 *
 * The weight is `init` at first. PyTorch's default num_parameters is 1. */
typedef struct cd_nn_prelu_options {
    int64_t num_parameters;
    CD_GUARD_;
    double init; /* default: 0.25 */
    cd_dtype dtype;
    cd_device device;
} cd_nn_prelu_options;

CD_API cd_module *cd_nn_prelu_with(cd_nn_prelu_options options);
#define cd_nn_prelu(...) cd_nn_prelu_with((cd_nn_prelu_options){ .num_parameters = __VA_ARGS__ })

CD_END_DECLS

#endif
