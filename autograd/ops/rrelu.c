/* rrelu: x, times a slope where it is not positive. In training the slopes are random: the elements
 * that need one draw it in row-major order, whatever the strides of x.
 *
 * In training it saves the slopes, 1 where x is positive. Without, a call is one of the op
 * rrelu_mean, which is leaky_relu under PyTorch's name of the node. In place the ops rrelu_ and
 * rrelu_mean_ have nodes of their own. Kernel: core/random_slopes.c. */
#include <math.h>

#include "autograd/families/activation_internal.h"
#include "core/random_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_rrelu_numbers, lower, REAL),
                                   CD_FIELD(cd_rrelu_numbers, upper, REAL), CD_FIELDS_END };
static const cd_field mean_fields[] = { CD_FIELD(cd_leaky_relu_numbers, negative_slope, REAL),
                                        CD_FIELDS_END };

static void rrelu_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_mul(dy[0], cd_saved_value(node, 0));
}

static bool rrelu_infer(cd_call *call)
{
    const cd_tensor *x = call->in[0].tensor;
    if (!cd_check_floating(call, x->dtype)) return false;
    call->need[0].order = CD_ROW_MAJOR;
    for (int j = 0; j < 2; j++) {
        call->out[j].dtype = x->dtype;
        call->out[j].shape = x->shape;
        call->out[j].must_be_contiguous = true;
    }
    return true;
}

static void rrelu_run(const cd_launch *launch)
{
    const cd_rrelu_numbers *a = launch->attributes;
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    cd_random_slopes(launch->generator, x->layout->dtype, a->lower, a->upper, x->layout->numel,
                     x->data, y->data, launch->out[1].data);
}

static bool check_range(double lower, double upper)
{
    if (!isfinite(lower) || !isfinite(upper)) {
        return cd_fail(CD_ERR_ARGUMENT, "rrelu: .%s is %g, and must be finite",
                       isfinite(lower) ? "upper" : "lower", isfinite(lower) ? upper : lower);
    }
    return lower <= upper ||
           cd_fail(CD_ERR_ARGUMENT, "rrelu: .lower is %g, and must be at most .upper, %g", lower,
                   upper);
}

cd_tensor *cd_rrelu_with(cd_rrelu_options o)
{
    cd_call call;
    cd_rrelu_numbers range = { cd_option_or(o.lower, 1. / 8), cd_option_or(o.upper, 1. / 3) };
    cd_leaky_relu_numbers mean = { (range.lower + range.upper) / 2 };
    const cd_operand x = cd_operand_tensor(o.x);
    if (!check_range(range.lower, range.upper)) return NULL;
    if (o.training) {
        cd_call_begin(&call, o.inplace ? &cd_op_rrelu_ : &cd_op_rrelu, &x, 1);
        call.launch.attributes = &range;
        call.generator = o.generator;
    } else {
        cd_call_begin(&call, o.inplace ? &cd_op_rrelu_mean_ : &cd_op_rrelu_mean, &x, 1);
        call.launch.attributes = &mean;
    }
    call.name = "rrelu";
    call.in_place = o.inplace;
    return cd_call_run(&call);
}

#define RANDOM                                                                                     \
    .dtypes = "floating", .random = true, .inputs = 1, .input = { "x" }, .outputs = 2,             \
    .output = { [1] = { .hidden = true } }, .save = { { CD_OUTPUT, 1 } },                          \
    CD_OP_ATTRIBUTES(cd_rrelu_numbers, fields), .infer = rrelu_infer, .cpu = { .run = rrelu_run }, \
    .backward = rrelu_backward

const cd_op cd_op_rrelu = {
    .name = "rrelu",
    .grad_fn = "RreluWithNoiseBackward0",
    .like = "torch.nn.functional.rrelu(x, lower=1/8, upper=1/3, training=True)",
    .formula =
        "y = x where x > 0, else slope x, with slopes drawn between lower and upper; without "
        "training their mean",
    .gradient = "dx = dy where x > 0, else slope dy",
    RANDOM,
};

const cd_op cd_op_rrelu_ = {
    .name = "rrelu_",
    .grad_fn = "RreluWithNoiseBackward1",
    .like = "torch.nn.functional.rrelu(x, training=True, inplace=True)",
    .formula = "x = x where x > 0, else slope x",
    .gradient = "dx = dy where x > 0, else slope dy",
    RANDOM,
};

/* --- without training ------------------------------------------------------------------------- */

static void rrelu_mean_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[0] = cd_activation_gradient(node, &cd_op_leaky_relu_backward, dy[0]);
}

static void rrelu_mean_result_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_leaky_relu_numbers *a = cd_attributes_of(node);
    if (cd_check_result_has_sign(node, "the mean of lower and upper", a->negative_slope)) {
        rrelu_mean_backward(node, dy, dx);
    }
}

#define MEAN                                                                                       \
    CD_ACTIVATION, .map = CD_MAP_leaky_relu, CD_OP_ATTRIBUTES(cd_leaky_relu_numbers, mean_fields), \
                   .infer = cd_infer_activation

const cd_op cd_op_rrelu_mean = {
    .name = "rrelu_mean",
    .grad_fn = "RreluWithNoiseBackward0",
    .like = "torch.nn.functional.rrelu(x, lower=1/8, upper=1/3)",
    .formula = "y = x where x > 0, else x (lower + upper) / 2",
    .gradient = "dx = dy where x > 0, else dy (lower + upper) / 2",
    MEAN,
    .save = { { CD_INPUT, 0 } },
    .backward = rrelu_mean_backward,
};

const cd_op cd_op_rrelu_mean_ = {
    .name = "rrelu_mean_",
    .grad_fn = "RreluWithNoiseBackward1",
    .like = "torch.nn.functional.rrelu(x, inplace=True)",
    .formula = "x = x where x > 0, else x (lower + upper) / 2",
    .gradient = "dx = dy where y > 0, else dy (lower + upper) / 2; an error if that is negative",
    MEAN,
    .save = { { CD_OUTPUT, 0 } },
    .backward = rrelu_mean_result_backward,
};
