/* batch_norm: normalises each channel by a mean and a variance, then scales and shifts it.
 *
 * x is N x C or N x C x ..., with n values in each of the C channels. weight, bias and the
 * statistics have C elements; weight and bias may be NULL. Kernels: core/cpu/batch_norm.c.
 *
 * There are two ops. batch_norm, for training, uses the statistics of the batch; where the running
 * statistics are given, it moves them, and counts the batch in num_batches_tracked. These are
 * outputs of the op, so that all of them change or, on an error, none. batch_norm_eval uses the
 * running statistics. Both save the statistics that they used, as hidden outputs: in evaluation
 * these are copies, so that training may move the running statistics before backward. Both save
 * weight for the gradient of x, and x for that of the weight, and in training for its own.
 *
 * The gradients come from a third op, batch_norm_backward, in one kernel. It cannot be
 * differentiated; with .create_graph they are computed by ops instead. */
#include <math.h>

#include "autograd/families/gradients_internal.h"
#include "autograd/families/norm_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/batch_norm_internal.h"
#include "core/cpu/elementwise_internal.h"

/* Inputs; batch_norm_eval has no COUNT, which is num_batches_tracked. */
enum { X, WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR, EVAL_INPUTS, COUNT = EVAL_INPUTS, INPUTS };
/* Outputs: y, the statistics that were used, and in training what the running statistics become.
 * The kernels take 1 / sqrt(var + eps) in training, and var in evaluation. */
enum { Y, MEAN, INVSTD_OR_VAR, EVAL_OUTPUTS, NEW_MEAN = EVAL_OUTPUTS, NEW_VAR, NEW_COUNT, OUTPUTS };
enum { SAVED_MEAN, SAVED_INVSTD_OR_VAR, SAVED_WEIGHT, SAVED_X };

static const cd_field fields[] = { CD_FIELD(cd_batch_norm_attributes, training, BOOL),
                                   CD_FIELD(cd_batch_norm_attributes, momentum, REAL),
                                   CD_FIELD(cd_batch_norm_attributes, eps, REAL), CD_FIELDS_END };

/* The kernels' first argument; weight and bias may be NULL. */
static cd_batch_norm_call kernel_call(const cd_batch_norm_attributes *a, const cd_layout *x,
                                      const void *weight, const void *bias)
{
    cd_batch_norm_call norm = { .dtype = x->dtype,
                                .images = x->shape.dim[0],
                                .channels = x->shape.dim[1],
                                .pixels = 1,
                                .eps = a->eps,
                                .gamma = weight,
                                .beta = bias };
    for (int i = 2; i < x->shape.ndim; i++) norm.pixels *= x->shape.dim[i];
    return norm;
}

static void batch_norm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx);

/* --- infer, of both ops ----------------------------------------------------------------------- */

static bool check_input(const cd_call *call, const cd_tensor *x, bool training)
{
    char text[CD_SHAPE_TEXT];
    if (x->shape.ndim < 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must be N x C or N x C x ...",
                         cd_sizes_text(&x->shape, text));
    }
    if (!cd_dtype_is_floating(x->dtype)) {
        return cd_refuse(call, CD_ERR_DTYPE, "is defined for float32 and float64, not for %s",
                         cd_dtype_name(x->dtype));
    }
    int64_t values = x->shape.dim[0];
    for (int i = 2; i < x->shape.ndim; i++) values *= x->shape.dim[i];
    if (!training || values != 1) return true;
    return cd_refuse(call, CD_ERR_SHAPE,
                     "expected more than 1 value per channel when training, got input size %s",
                     cd_sizes_text(&x->shape, text));
}

static bool check_running(const cd_call *call, bool training)
{
    const cd_tensor *mean = call->in[RUNNING_MEAN].tensor, *var = call->in[RUNNING_VAR].tensor;
    if (!mean != !var) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "running_mean and running_var must both be given, or neither");
    }
    if (!mean) {
        return training || cd_refuse(call, CD_ERR_ARGUMENT,
                                     "without .training it needs running_mean and running_var");
    }
    return cd_check_channels(call, RUNNING_MEAN) && cd_check_channels(call, RUNNING_VAR);
}

static bool batch_norm_infer(cd_call *call)
{
    const cd_batch_norm_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[X].tensor;
    if (!check_input(call, x, a->training) || !cd_check_channels(call, WEIGHT) ||
        !cd_check_channels(call, BIAS) || !check_running(call, a->training)) {
        return false;
    }
    const cd_shape channels = CD_SHAPE(x->shape.dim[1]);
    for (int k = 0; k < call->inputs; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < call->outputs; j++) {
        call->out[j].dtype = j == NEW_COUNT ? CD_I64 : x->dtype;
        call->out[j].shape = j == Y ? x->shape : j == NEW_COUNT ? CD_SCALAR : channels;
        call->out[j].must_be_contiguous = true;
    }
    return true;
}

/* --- training --------------------------------------------------------------------------------- */

/* Room for the statistics of the batch, where they are not outputs because no gradient is wanted.
 */
static size_t batch_norm_workspace(const cd_launch *launch)
{
    const cd_layout *x = launch->in[X].layout;
    if (launch->out[MEAN].data) return 0;
    return 2 * (size_t)x->shape.dim[1] * cd_dtype_size(x->dtype);
}

static void batch_norm_run(const cd_launch *launch)
{
    const cd_batch_norm_attributes *a = launch->attributes;
    const cd_array *in = launch->in, *out = launch->out;
    const cd_layout *x = in[X].layout;
    const cd_batch_norm_call norm = kernel_call(a, x, in[WEIGHT].data, in[BIAS].data);
    const size_t bytes = (size_t)norm.channels * cd_dtype_size(x->dtype);
    char *mean = out[MEAN].data ? out[MEAN].data : launch->workspace;
    char *invstd = out[INVSTD_OR_VAR].data ? out[INVSTD_OR_VAR].data : mean + bytes;
    int64_t *count = cd_cpu_start_from(&out[NEW_COUNT], &in[COUNT]);
    if (count) *count += 1;
    void *running_mean = cd_cpu_start_from(&out[NEW_MEAN], &in[RUNNING_MEAN]);
    void *running_var = cd_cpu_start_from(&out[NEW_VAR], &in[RUNNING_VAR]);
    cd_cpu_batch_norm_train(&norm, in[X].data, out[Y].data, mean, invstd, running_mean, running_var,
                            a->momentum);
}

const cd_op cd_op_batch_norm = {
    .name = "batch_norm",
    .grad_fn = "NativeBatchNormBackward0",
    .like = "torch.nn.functional.batch_norm(x, mean, var, weight, bias, training, momentum, eps)",
    .formula = "y = weight xhat + bias, with xhat = (x - mean) invstd and invstd = "
               "1 / sqrt(var + eps), per channel",
    .gradient =
        "dbias = sum of dy, dweight = sum of dy xhat; dx = weight invstd (dy - dbias / n - "
        "xhat dweight / n) in training, where mean and var depend on x, else weight invstd dy",
    .dtypes = "floating, the same for all",
    .inputs = INPUTS,
    .optional =
        CD_SET(WEIGHT) | CD_SET(BIAS) | CD_SET(RUNNING_MEAN) | CD_SET(RUNNING_VAR) | CD_SET(COUNT),
    .input = { "x", "weight", "bias", "running_mean", "running_var", "num_batches_tracked" },
    .outputs = OUTPUTS,
    .changes = true,
    .output = { [MEAN] = { .hidden = true },
                [INVSTD_OR_VAR] = { .hidden = true },
                [NEW_MEAN] = { CD_CHANGED, RUNNING_MEAN },
                [NEW_VAR] = { CD_CHANGED, RUNNING_VAR },
                [NEW_COUNT] = { CD_CHANGED, COUNT } },
    .save = { [SAVED_MEAN] = { CD_OUTPUT, MEAN },
              [SAVED_INVSTD_OR_VAR] = { CD_OUTPUT, INVSTD_OR_VAR },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(X) },
              [SAVED_X] = { CD_INPUT, X, CD_SET(X) | CD_SET(WEIGHT) } },
    CD_OP_ATTRIBUTES(cd_batch_norm_attributes, fields),
    .infer = batch_norm_infer,
    .cpu = { .workspace = batch_norm_workspace, .run = batch_norm_run },
    .backward = batch_norm_backward,
};

/* --- evaluation ------------------------------------------------------------------------------- */

static void run_eval(const cd_launch *launch)
{
    const cd_array *in = launch->in, *out = launch->out;
    const cd_batch_norm_call norm =
        kernel_call(launch->attributes, in[X].layout, in[WEIGHT].data, in[BIAS].data);
    if (out[MEAN].data) cd_cpu_convert(&out[MEAN], &in[RUNNING_MEAN]);
    if (out[INVSTD_OR_VAR].data) cd_cpu_convert(&out[INVSTD_OR_VAR], &in[RUNNING_VAR]);
    cd_cpu_batch_norm_eval(&norm, in[X].data, in[RUNNING_MEAN].data, in[RUNNING_VAR].data,
                           out[Y].data);
}

const cd_op cd_op_batch_norm_eval = {
    .name = "batch_norm",
    .grad_fn = "NativeBatchNormBackward0",
    .formula = "as batch_norm, with the running statistics",
    .gradient = "as batch_norm",
    .dtypes = "floating, the same for all",
    .inputs = EVAL_INPUTS,
    .optional = CD_SET(WEIGHT) | CD_SET(BIAS) | CD_SET(RUNNING_MEAN) | CD_SET(RUNNING_VAR),
    .input = { "x", "weight", "bias", "running_mean", "running_var" },
    .outputs = EVAL_OUTPUTS,
    .output = { [MEAN] = { .hidden = true }, [INVSTD_OR_VAR] = { .hidden = true } },
    .save = { [SAVED_MEAN] = { CD_OUTPUT, MEAN },
              [SAVED_INVSTD_OR_VAR] = { CD_OUTPUT, INVSTD_OR_VAR },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(X) },
              [SAVED_X] = { CD_INPUT, X, CD_SET(WEIGHT) } },
    CD_OP_ATTRIBUTES(cd_batch_norm_attributes, fields),
    .infer = batch_norm_infer,
    .cpu = { .run = run_eval },
    .backward = batch_norm_backward,
};

/* --- batch_norm_backward: the gradients, by one kernel ---------------------------------------- */

/* Its inputs. It is called without x where the gradients do not depend on x: in evaluation, when
 * that of the weight is not wanted. */
enum { GRAD_DY, GRAD_X, GRAD_WEIGHT, GRAD_MEAN, GRAD_INVSTD_OR_VAR, GRAD_INPUTS };
enum { GRADIENTS = 3 }; /* its outputs: dx, dweight and dbias, each where it is asked for */

static bool infer_backward(cd_call *call)
{
    const cd_tensor *dy = call->in[GRAD_DY].tensor;
    const cd_shape channels = CD_SHAPE(dy->shape.dim[1]);
    for (int k = 0; k < GRAD_INPUTS; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < GRADIENTS; j++) {
        call->out[j].dtype = dy->dtype;
        call->out[j].shape = j == 0 ? dy->shape : channels;
    }
    return true;
}

static void run_backward(const cd_launch *launch)
{
    const cd_batch_norm_attributes *a = launch->attributes;
    const cd_array *in = launch->in, *dx = launch->out;
    const void *dy = in[GRAD_DY].data;
    const void *x = in[GRAD_X].data ? in[GRAD_X].data : dy; /* dy: any values will do */
    const cd_batch_norm_call norm = kernel_call(a, in[GRAD_DY].layout, in[GRAD_WEIGHT].data, NULL);
    (a->training ? cd_cpu_batch_norm_train_backward : cd_cpu_batch_norm_eval_backward)(
        &norm, dy, x, in[GRAD_MEAN].data, in[GRAD_INVSTD_OR_VAR].data, dx[0].data, dx[1].data,
        dx[2].data);
}

const cd_op cd_op_batch_norm_backward = {
    .name = "batch_norm_backward",
    .formula = "dx, dweight and dbias of batch_norm",
    .gradient = "none: to be differentiated again, the gradients are computed by ops",
    .dtypes = "floating",
    .inputs = GRAD_INPUTS,
    .optional = CD_SET(GRAD_X) | CD_SET(GRAD_WEIGHT),
    .input = { "dy", "x", "weight", "mean", "invstd_or_var" },
    .outputs = GRADIENTS,
    CD_OP_ATTRIBUTES(cd_batch_norm_attributes, fields),
    .infer = infer_backward,
    .cpu = { .run = run_backward },
};

typedef struct saved {
    cd_tensor *mean, *invstd_or_var, *weight, *x; /* weight and x may be NULL */
    cd_batch_norm_attributes attributes;
} saved;

static saved unpack(cd_node *node)
{
    const cd_batch_norm_attributes *a = cd_attributes_of(node);
    return (saved){ .mean = cd_saved_value(node, SAVED_MEAN),
                    .invstd_or_var = cd_saved_value(node, SAVED_INVSTD_OR_VAR),
                    .weight = cd_saved_optional(node, SAVED_WEIGHT),
                    .x = cd_saved_optional(node, SAVED_X),
                    .attributes = *a };
}

static void by_kernel(cd_node *node, saved s, cd_tensor *dy, cd_tensor **dx)
{
    cd_call call;
    const cd_operand in[GRAD_INPUTS] = { cd_operand_tensor(dy), cd_operand_tensor(s.x),
                                         cd_operand_tensor(s.weight), cd_operand_tensor(s.mean),
                                         cd_operand_tensor(s.invstd_or_var) };
    cd_call_begin(&call, &cd_op_batch_norm_backward, in, GRAD_INPUTS);
    call.launch.attributes = &s.attributes;
    call.asked = 0;
    for (int k = X; k <= BIAS; k++) call.asked |= cd_wanted(node, k) ? CD_SET(k) : 0;
    call.others = &dx[WEIGHT];
    dx[X] = cd_call_run(&call);
}

/* --- the gradients by ops, which can be differentiated again ---------------------------------- */

/* A shape of one number per channel that broadcasts to x. */
static cd_shape per_channel(cd_shape x)
{
    cd_shape shape = { .ndim = x.ndim };
    for (int i = 0; i < x.ndim; i++) shape.dim[i] = i == 1 ? x.dim[1] : 1;
    return shape;
}

/* xhat, NULL where x was not saved, and invstd. In training both are computed from x anew, so that
 * they are functions of x for the gradients of these gradients. */
static cd_tensor *normalised(saved s, cd_shape one, double n, cd_tensor **invstd)
{
    cd_tensor *centred, *var;
    if (s.attributes.training) {
        centred = cd_sub(s.x, cd_div(cd_sum_to_shape(s.x, one), n));
        var = cd_div(cd_sum_to_shape(cd_mul(centred, centred), one), n);
    } else {
        centred = s.x ? cd_sub(s.x, cd_view(s.mean, one)) : NULL;
        var = cd_view(s.invstd_or_var, one);
    }
    *invstd = cd_pow(cd_add(var, s.attributes.eps), -0.5);
    return centred ? cd_mul(centred, *invstd) : NULL;
}

static void by_ops(cd_node *node, saved s, cd_tensor *dy, cd_tensor **dx)
{
    cd_shape one = per_channel(dy->shape), channels = CD_SHAPE(dy->shape.dim[1]);
    double n = (double)dy->numel / (double)dy->shape.dim[1];
    cd_tensor *invstd = NULL, *xhat = NULL;
    if (cd_wanted(node, X) || cd_wanted(node, WEIGHT)) xhat = normalised(s, one, n, &invstd);
    if (cd_wanted(node, X)) {
        cd_tensor *g = s.weight ? cd_mul(dy, cd_view(s.weight, one)) : dy;
        if (s.attributes.training) {
            cd_tensor *slope = cd_div(cd_sum_to_shape(cd_mul(g, xhat), one), n);
            g = cd_sub(cd_sub(g, cd_div(cd_sum_to_shape(g, one), n)), cd_mul(xhat, slope));
        }
        dx[X] = cd_mul(g, invstd);
    }
    if (cd_wanted(node, WEIGHT)) {
        dx[WEIGHT] = cd_view(cd_sum_to_shape(cd_mul(dy, xhat), one), channels);
    }
    if (cd_wanted(node, BIAS)) dx[BIAS] = cd_view(cd_sum_to_shape(dy, one), channels);
}

static void batch_norm_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    saved s = unpack(node);
    if (!cd_ok()) return;
    (cd_grad_enabled() ? by_ops : by_kernel)(node, s, dy[0], dx);
}

/* --- the calls -------------------------------------------------------------------------------- */

/* Neither op has a gradient for the running statistics; in training they are changed in place. */
static bool check_constant(const char *name, cd_tensor *t, const char *of)
{
    if (!t) return true;
    if (!cd_check_tensor(t, name, of)) return false;
    return !cd_view_tracks(t) ||
           cd_fail(CD_ERR_AUTOGRAD, "%s: %s must not require gradients: take cd_detach of it", name,
                   of);
}

static cd_tensor *call_for(const char *name, cd_batch_norm_options o,
                           cd_tensor *num_batches_tracked)
{
    cd_call call;
    cd_batch_norm_attributes a = { .training = o.training,
                                   .momentum = cd_option_or(o.momentum, 0.1),
                                   .eps = cd_option_or(o.eps, 1e-5) };
    const cd_operand in[INPUTS] = {
        cd_operand_tensor(o.x),           cd_operand_tensor(o.weight),
        cd_operand_tensor(o.bias),        cd_operand_tensor(o.running_mean),
        cd_operand_tensor(o.running_var), cd_operand_tensor(num_batches_tracked)
    };
    if (!check_constant(name, o.running_mean, "running_mean") ||
        !check_constant(name, o.running_var, "running_var")) {
        return NULL;
    }
    if (o.training) {
        cd_call_begin(&call, &cd_op_batch_norm, in, INPUTS);
    } else {
        cd_call_begin(&call, &cd_op_batch_norm_eval, in, EVAL_INPUTS);
    }
    call.name = name;
    call.launch.attributes = &a;
    return cd_call_run(&call);
}

cd_tensor *cd_batch_norm_for(const char *name, cd_batch_norm_options o)
{
    return call_for(name, o, NULL);
}

cd_tensor *cd_batch_norm_counted(cd_batch_norm_options o, cd_tensor *num_batches_tracked)
{
    const double eps = cd_option_or(o.eps, 1e-5);
    if (eps < 0 || isnan(eps) || (o.training && eps == 0)) {
        (void)cd_fail(CD_ERR_ARGUMENT, "batch_norm: eps is %g, and must be %s", eps,
                      o.training ? "above 0 in training" : "0 or more");
        return NULL;
    }
    return call_for("batch_norm", o, num_batches_tracked);
}

cd_tensor *cd_batch_norm_with(cd_batch_norm_options o)
{
    if (o.x && cd_check_tensor(o.x, "batch_norm", "x") && o.x->shape.ndim == 1 && o.x->numel == 0 &&
        !o.weight && !o.bias) {
        return cd_clone(o.x); /* a vector has no channels, but PyTorch takes an empty one */
    }
    return cd_batch_norm_counted(o, NULL);
}
