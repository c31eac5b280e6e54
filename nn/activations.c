/* The activations as modules: torch.nn.ReLU and its like. Each is one line of a table at the end of
 * its section, from which a macro makes its class and its constructor. */
#include <math.h>

#include "core/error.h"
#include "nn/activations.h"
#include "nn/module_internal.h"

/* --- without options -------------------------------------------------------------------------- */

/* The module of an op without options, call_(x). */
#define PLAIN(name_, print_, call_)                                                                \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        (void)m;                                                                                   \
        a->out[0] = call_(a->in[0]);                                                               \
        return a->out[0];                                                                          \
    }                                                                                              \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        (void)o;                                                                                   \
        return cd_nn_##name_();                                                                    \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = (print_),                              \
                                                    .size = sizeof(cd_module),                     \
                                                    .inputs = 1,                                   \
                                                    .forward = name_##_forward,                    \
                                                    .make = name_##_make };                        \
    cd_module *cd_nn_##name_(void)                                                                 \
    {                                                                                              \
        return cd_module_new(&cd_nn_##name_##_class);                                              \
    }

/* Over the channels of N x C x H x W, or C x H x W. */
static cd_tensor *softmax2d(cd_tensor *x)
{
    const int ndim = cd_ndim(x);
    if (ndim == 3 || ndim == 4) return cd_softmax(x, -3);
    (void)cd_fail(CD_ERR_SHAPE, "Softmax2d: expected 3D or 4D input (got %dD input)", ndim);
    return NULL;
}

PLAIN(sigmoid, "Sigmoid", cd_sigmoid)
PLAIN(tanh, "Tanh", cd_tanh)
PLAIN(logsigmoid, "LogSigmoid", cd_logsigmoid)
PLAIN(softsign, "Softsign", cd_softsign)
PLAIN(tanhshrink, "Tanhshrink", cd_tanhshrink)
PLAIN(identity, "Identity", )
PLAIN(softmax2d, "Softmax2d", softmax2d)

/* --- along a dimension ------------------------------------------------------------------------ */

typedef struct dim_options {
    int64_t dim;
} dim_options;

typedef struct along_dim {
    cd_module module;
    dim_options options;
} along_dim;

static const cd_option dim_table[] = {
    { "dim", CD_OPTION(dim_options, dim, INTEGER), .required = true, .min = -CD_MAX_DIMS,
      .max = CD_MAX_DIMS - 1 },
    CD_OPTIONS_END,
};

static cd_module *along_dim_new(const cd_module_class *c, const char *name, dim_options o)
{
    if (!cd_options_fill(dim_table, &o, name)) return NULL;
    along_dim *self = (along_dim *)cd_module_new(c);
    if (self) self->options = o;
    return (cd_module *)self;
}

/* The module of an op along a dimension, call_(x, dim). */
#define ALONG_DIM(name_, print_, call_)                                                            \
    static bool name_##_forward(cd_module *m, const cd_arguments *a)                               \
    {                                                                                              \
        a->out[0] = call_(a->in[0], (int)((const along_dim *)m)->options.dim);                     \
        return a->out[0];                                                                          \
    }                                                                                              \
    static cd_module *name_##_make(const void *o)                                                  \
    {                                                                                              \
        return along_dim_new(&cd_nn_##name_##_class, "nn_" #name_, *(const dim_options *)o);       \
    }                                                                                              \
    const cd_module_class cd_nn_##name_##_class = { .name = (print_),                              \
                                                    .size = sizeof(along_dim),                     \
                                                    .inputs = 1,                                   \
                                                    .forward = name_##_forward,                    \
                                                    CD_CLASS_OPTIONS(along_dim, options,           \
                                                                     dim_table),                   \
                                                    .make = name_##_make };                        \
    cd_module *cd_nn_##name_(int dim)                                                              \
    {                                                                                              \
        return name_##_make(&(dim_options){ dim });                                                \
    }

ALONG_DIM(softmax, "Softmax", cd_softmax)
ALONG_DIM(log_softmax, "LogSoftmax", cd_log_softmax)
ALONG_DIM(softmin, "Softmin", cd_softmin)
ALONG_DIM(glu, "GLU", cd_glu)

/* --- with a struct of options ----------------------------------------------------------------- */

static bool takes_no_input(const cd_tensor *x, const char *name)
{
    return !x || cd_fail(CD_ERR_ARGUMENT,
                         "%s: .x is for the function of this name: a module gets its input from "
                         "cd_forward",
                         name);
}

/* The module of call_(options), whose options have the table table_, and must fulfil check_. */
#define WITH_OPTIONS(name_, print_, options_, table_, call_, check_)                               \
    CD_MODULE_OF_OP(name_, print_, options_, table_, call_,                                        \
                    takes_no_input(o.x, "nn_" #name_) && (check_), 1, o.x = a->in[0])

/* The rows of tables: a number of any sign, and inplace, which is printed if it is true. */
#define NUMBER(struct_, member_, default_)                                                         \
    {                                                                                              \
#member_, CD_OPTION(struct_, member_, REAL), .default_value = (default_), .min = -INFINITY \
    }
#define INPLACE(struct_, shown_)                                                                   \
    {                                                                                              \
        "inplace", CD_OPTION(struct_, inplace, BOOL), .shown = CD_SHOWN_##shown_                   \
    }

/* --- with the option inplace alone ------------------------------------------------------------ */

/* The function of the options: the op, or its form in place. */
#define INPLACE_ONLY(name_, print_, table_)                                                        \
    static cd_tensor *name_##_call(cd_nn_activation_options o)                                     \
    {                                                                                              \
        return o.inplace ? cd_##name_##_(o.x) : cd_##name_(o.x);                                   \
    }                                                                                              \
    WITH_OPTIONS(name_, print_, cd_nn_activation_options, table_, name_##_call, true)

static const cd_option inplace_table[] = {
    INPLACE(cd_nn_activation_options, CHANGED),
    CD_OPTIONS_END,
};
/* PyTorch does not print the option of these. */
static const cd_option hidden_inplace_table[] = {
    INPLACE(cd_nn_activation_options, NEVER),
    CD_OPTIONS_END,
};

INPLACE_ONLY(relu, "ReLU", inplace_table)
INPLACE_ONLY(relu6, "ReLU6", inplace_table)
INPLACE_ONLY(selu, "SELU", inplace_table)
INPLACE_ONLY(silu, "SiLU", inplace_table)
INPLACE_ONLY(mish, "Mish", inplace_table)
INPLACE_ONLY(hardswish, "Hardswish", hidden_inplace_table)
INPLACE_ONLY(hardsigmoid, "Hardsigmoid", hidden_inplace_table)

/* --- with the options of their functions ------------------------------------------------------ */

static const char *const approximations[] = {
    [CD_GELU_NONE] = "none", [CD_GELU_TANH] = "tanh", NULL
};
static const cd_option gelu_table[] = {
    { "approximate", CD_OPTION(cd_gelu_options, approximate, CHOICE), .choices = approximations },
    CD_OPTIONS_END,
};
static const cd_option leaky_relu_table[] = {
    NUMBER(cd_leaky_relu_options, negative_slope, 0.01),
    INPLACE(cd_leaky_relu_options, CHANGED),
    CD_OPTIONS_END,
};
static const cd_option rrelu_table[] = {
    NUMBER(cd_rrelu_options, lower, 1. / 8),
    NUMBER(cd_rrelu_options, upper, 1. / 3),
    INPLACE(cd_rrelu_options, CHANGED),
    CD_OPTIONS_END,
};
static const cd_option elu_table[] = {
    NUMBER(cd_elu_options, alpha, 1),
    INPLACE(cd_elu_options, CHANGED),
    CD_OPTIONS_END,
};
static const cd_option softplus_table[] = {
    NUMBER(cd_softplus_options, beta, 1),
    NUMBER(cd_softplus_options, threshold, 20),
    CD_OPTIONS_END,
};
static const cd_option shrink_table[] = {
    { "lambd", CD_OPTION(cd_shrink_options, lambd, REAL), .default_value = 0.5, .min = -INFINITY,
      .shown = CD_SHOWN_VALUE },
    CD_OPTIONS_END,
};
static const cd_option hardtanh_table[] = {
    NUMBER(cd_hardtanh_options, min_val, -1),
    NUMBER(cd_hardtanh_options, max_val, 1),
    INPLACE(cd_hardtanh_options, CHANGED),
    CD_OPTIONS_END,
};
static const cd_option threshold_table[] = {
    { "threshold", CD_OPTION(cd_threshold_options, threshold, REAL), .required = true,
      .min = -INFINITY },
    { "value", CD_OPTION(cd_threshold_options, value, REAL), .required = true, .min = -INFINITY },
    INPLACE(cd_threshold_options, CHANGED),
    CD_OPTIONS_END,
};

static bool is_ordered(const cd_hardtanh_options *o)
{
    return o->min_val < o->max_val ||
           cd_fail(CD_ERR_ARGUMENT, "nn_hardtanh: .min_val is %g, and must be below .max_val, %g",
                   o->min_val, o->max_val);
}

WITH_OPTIONS(gelu, "GELU", cd_gelu_options, gelu_table, cd_gelu_with, true)
WITH_OPTIONS(leaky_relu, "LeakyReLU", cd_leaky_relu_options, leaky_relu_table, cd_leaky_relu_with,
             true)
static bool has_no_call_options(const cd_rrelu_options *o)
{
    return (!o->training && !o->generator) ||
           cd_fail(
               CD_ERR_ARGUMENT,
               "nn_rrelu: .training and .generator are for the function cd_rrelu: a module draws "
               "in training mode, from the default generator");
}

static cd_tensor *rrelu_of(const cd_module *m, cd_rrelu_options o)
{
    o.training = cd_is_training(m);
    return cd_rrelu_with(o);
}
/* Within the forward function, where m is the module. */
#define RRELU_OF(o_) rrelu_of(m, o_)

WITH_OPTIONS(rrelu, "RReLU", cd_rrelu_options, rrelu_table, RRELU_OF, has_no_call_options(&o))
WITH_OPTIONS(elu, "ELU", cd_elu_options, elu_table, cd_elu_with, true)
WITH_OPTIONS(celu, "CELU", cd_elu_options, elu_table, cd_celu_with, true)
WITH_OPTIONS(softplus, "Softplus", cd_softplus_options, softplus_table, cd_softplus_with, true)
WITH_OPTIONS(softshrink, "Softshrink", cd_shrink_options, shrink_table, cd_softshrink_with, true)
WITH_OPTIONS(hardshrink, "Hardshrink", cd_shrink_options, shrink_table, cd_hardshrink_with, true)
WITH_OPTIONS(hardtanh, "Hardtanh", cd_hardtanh_options, hardtanh_table, cd_hardtanh_with,
             is_ordered(&o))
WITH_OPTIONS(threshold, "Threshold", cd_threshold_options, threshold_table, cd_threshold_with, true)
