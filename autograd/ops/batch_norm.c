/* autograd/ops/batch_norm.c
 *
 *   y = xhat weight + bias          xhat = (x - mean) invstd, invstd = 1 / sqrt(var + eps)
 *
 *   dweight = sum dy xhat           dbias = sum dy           with n values per channel, in training
 *   dx = weight invstd (dy - dbias / n - xhat dweight / n)   (mean and var depend on x), otherwise
 *   dx = weight invstd dy
 *
 * per channel, dimension 1 of x (N x C or N x C x ...). Training moves the running statistics and
 * counts the batch, where they are given: these are outputs of the one op, so that all move or
 * none. One kernel computes the gradients; when they are to be differentiated again they are
 * written in ops instead. */
#include <math.h>
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/cpu/batch_norm_internal.h"
#include "core/cpu/elementwise_internal.h"

/* Evaluation has the first of these, training all. COUNT is num_batches_tracked. */
enum { X, WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR, EVAL_INPUTS, COUNT = EVAL_INPUTS, INPUTS };
/* SPREAD is invstd in training, and var in evaluation, as the kernels take them (see
 * cd_batch_norm). What is moved are the three inputs of that name. */
enum { Y, MEAN, SPREAD, EVAL_OUTPUTS, MOVED_MEAN = EVAL_OUTPUTS, MOVED_VAR, MOVED_COUNT, OUTPUTS };
enum { SAVED_MEAN, SAVED_SPREAD, SAVED_WEIGHT, SAVED_X };

static const cd_field fields[] = { CD_FIELD(cd_batch_norm_attributes, BOOL, training),
                                   CD_FIELD(cd_batch_norm_attributes, REAL, momentum),
                                   CD_FIELD(cd_batch_norm_attributes, REAL, eps), CD_FIELDS_END };

/* What the kernels are told; weight and bias may have been left out. */
static cd_batch_norm_call describe(const cd_launch *launch, const cd_layout *x,
                                   const cd_argument *weight, const cd_argument *bias)
{
    const cd_batch_norm_attributes *a = launch->attributes;
    cd_batch_norm_call norm = { .dtype = x->dtype,
                                .images = x->shape.dim[0],
                                .channels = x->shape.dim[1],
                                .pixels = 1,
                                .eps = a->eps,
                                .gamma = weight ? weight->data : NULL,
                                .beta = bias ? bias->data : NULL };
    for (int i = 2; i < x->shape.ndim; i++) norm.pixels *= x->shape.dim[i];
    return norm;
}

/* --- the gradients, an op itself, which is not differentiated --------------------------------- */

/* Called without x when only dx and dbias of fixed statistics are wanted: these do not depend on x,
 * and the kernel is given dy in its place. */
enum { GRAD_DY, GRAD_X, GRAD_WEIGHT, GRAD_MEAN, GRAD_SPREAD, GRAD_INPUTS };
enum { GRADIENTS = 3 }; /* dx, dweight, dbias, each where it is asked for */

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
    const cd_argument *in = launch->in, *dx = launch->out;
    const cd_batch_norm_call norm = describe(launch, in[GRAD_DY].layout, &in[GRAD_WEIGHT], NULL);
    const void *x = in[GRAD_X].data ? in[GRAD_X].data : in[GRAD_DY].data;
    (a->training ? cd_cpu_batch_norm_train_backward : cd_cpu_batch_norm_eval_backward)(
        &norm, in[GRAD_DY].data, x, in[GRAD_MEAN].data, in[GRAD_SPREAD].data, dx[0].data,
        dx[1].data, dx[2].data);
}

const cd_op cd_op_batch_norm_backward = {
    .name = "batch_norm_backward",
    .formula = "dx, dweight and dbias of batch_norm",
    .gradient = "none: gradients of gradients take batch_norm's rule in ops",
    .dtypes = "floating",
    .inputs = GRAD_INPUTS,
    .optional = CD_SET(GRAD_X) | CD_SET(GRAD_WEIGHT),
    .input = { "dy", "x", "weight", "mean", "spread" },
    .outputs = GRADIENTS,
    CD_OP_ATTRIBUTES(cd_batch_norm_attributes, fields),
    .infer = infer_backward,
    .cpu = { .run = run_backward },
};

typedef struct saved {
    cd_tensor *mean, *spread, *weight, *x; /* weight and x may be NULL */
    cd_batch_norm_attributes attributes;
} saved;

static saved unpack(cd_node *node)
{
    const cd_batch_norm_attributes *a = cd_attributes_of(node);
    saved s = { .attributes = *a };
    s.mean = cd_saved_value(node, SAVED_MEAN);
    s.spread = cd_saved_value(node, SAVED_SPREAD);
    if (cd_has_saved(node, SAVED_WEIGHT)) s.weight = cd_saved_value(node, SAVED_WEIGHT);
    if (cd_has_saved(node, SAVED_X)) s.x = cd_saved_value(node, SAVED_X);
    return s;
}

static void by_kernel(cd_node *node, saved s, cd_tensor *dy, cd_tensor **dx)
{
    cd_call call;
    const cd_operand in[GRAD_INPUTS] = { cd_operand_tensor(dy), cd_operand_tensor(s.x),
                                         cd_operand_tensor(s.weight), cd_operand_tensor(s.mean),
                                         cd_operand_tensor(s.spread) };
    cd_call_begin(&call, &cd_op_batch_norm_backward, in, GRAD_INPUTS);
    call.launch.attributes = &s.attributes;
    call.asked = 0;
    for (int k = X; k <= BIAS; k++) call.asked |= cd_wanted(node, k) ? CD_SET(k) : 0;
    call.others = &dx[WEIGHT];
    dx[X] = cd_call_run(&call);
}

/* One number per channel, so that it broadcasts to x. */
static cd_shape per_channel(cd_shape x)
{
    cd_shape shape = { .ndim = x.ndim };
    for (int i = 0; i < x.ndim; i++) shape.dim[i] = i == 1 ? x.dim[1] : 1;
    return shape;
}

/* xhat and invstd, as functions of x where they are. */
static cd_tensor *normalised(saved s, cd_shape one, double n, cd_tensor **invstd)
{
    cd_tensor *centred, *var;
    if (s.attributes.training) {
        centred = cd_sub(s.x, cd_div(cd_sum_to_shape(s.x, one), n));
        var = cd_div(cd_sum_to_shape(cd_mul(centred, centred), one), n);
    } else {
        centred = s.x ? cd_sub(s.x, cd_view(s.mean, one)) : NULL;
        var = cd_view(s.spread, one);
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

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    saved s = unpack(node);
    if (!cd_ok()) return;
    (cd_grad_enabled() ? by_ops : by_kernel)(node, s, dy[0], dx);
}

/* --- infer ------------------------------------------------------------------------------------ */

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
    if (!training || x->numel != x->shape.dim[1] || x->numel == 0) return true;
    return cd_refuse(call, CD_ERR_SHAPE,
                     "expected more than 1 value per channel when training, got input size %s",
                     cd_sizes_text(&x->shape, text));
}

static bool check_channel(const cd_call *call, int k)
{
    const cd_tensor *x = call->in[X].tensor, *t = call->in[k].tensor;
    const char *name = call->op->input[k];
    if (!t) return true;
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    if (t->shape.ndim != 1 || t->shape.dim[0] != x->shape.dim[1]) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "%s (%s) must have one element for each of the %lld channels of x (%s)",
                         name, cd_sizes_text(&t->shape, text), (long long)x->shape.dim[1],
                         cd_sizes_text(&x->shape, own));
    }
    if (t->dtype == x->dtype) return true;
    return cd_refuse(call, CD_ERR_DTYPE, "%s is %s and x is %s: both must have one dtype", name,
                     cd_dtype_name(t->dtype), cd_dtype_name(x->dtype));
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
    return check_channel(call, RUNNING_MEAN) && check_channel(call, RUNNING_VAR);
}

static bool infer(cd_call *call)
{
    const cd_batch_norm_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[X].tensor;
    if (a->eps < 0 || isnan(a->eps)) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "eps is %g, and must be 0 or more", a->eps);
    }
    if (!check_input(call, x, a->training) || !check_channel(call, WEIGHT) ||
        !check_channel(call, BIAS) || !check_running(call, a->training)) {
        return false;
    }
    const cd_shape channels = CD_SHAPE(x->shape.dim[1]);
    for (int k = 0; k < call->inputs; k++) call->need[k].order = CD_ROW_MAJOR;
    for (int j = 0; j < call->outputs; j++) {
        call->out[j].dtype = j == MOVED_COUNT ? CD_I64 : x->dtype;
        call->out[j].shape = j == Y ? x->shape : j == MOVED_COUNT ? CD_SCALAR : channels;
        call->out[j].contiguous = true;
    }
    return true;
}

/* --- training --------------------------------------------------------------------------------- */

/* Room for the statistics of the batch, where backward does not ask for them. */
static size_t workspace(const cd_launch *launch)
{
    const cd_layout *x = launch->in[X].layout;
    if (launch->out[MEAN].data) return 0;
    return 2 * (size_t)x->shape.dim[1] * cd_dtype_size(x->dtype);
}

/* A running value that is moved begins with what it was; NULL where there is none. */
static void *moved(const cd_argument *to, const cd_argument *from)
{
    if (to->data && to->data != from->data) cd_cpu_convert(to, from);
    return to->data;
}

static void run(const cd_launch *launch)
{
    const cd_batch_norm_attributes *a = launch->attributes;
    const cd_argument *in = launch->in, *out = launch->out;
    const cd_layout *x = in[X].layout;
    const cd_batch_norm_call norm = describe(launch, x, &in[WEIGHT], &in[BIAS]);
    const size_t bytes = (size_t)norm.channels * cd_dtype_size(x->dtype);
    char *mean = out[MEAN].data ? out[MEAN].data : launch->workspace;
    char *spread = out[SPREAD].data ? out[SPREAD].data : mean + bytes;
    int64_t *count = moved(&out[MOVED_COUNT], &in[COUNT]);
    if (count) *count += 1;
    void *running_mean = moved(&out[MOVED_MEAN], &in[RUNNING_MEAN]);
    void *running_var = moved(&out[MOVED_VAR], &in[RUNNING_VAR]);
    if (x->numel == 0) { /* of nothing there are no statistics */
        memset(mean, 0, bytes);
        memset(spread, 0, bytes);
    }
    cd_cpu_batch_norm_train(&norm, in[X].data, out[Y].data, mean, spread, running_mean, running_var,
                            a->momentum);
}

#define DESCRIPTION                                                                                \
    .name = "batch_norm", .grad_fn = "NativeBatchNormBackward0",                                   \
    .like = "torch.nn.functional.batch_norm(x, mean, var, weight, bias, training, momentum, eps)", \
    .formula = "y = (x - mean) / sqrt(var + eps) * weight + bias, per channel",                    \
    .gradient = "dweight = sum dy xhat, dbias = sum dy, dx = weight invstd (dy less its parts "    \
                "along 1 and xhat)",                                                               \
    .dtypes = "floating, one"

const cd_op cd_op_batch_norm = {
    DESCRIPTION,
    .inputs = INPUTS,
    .optional =
        CD_SET(WEIGHT) | CD_SET(BIAS) | CD_SET(RUNNING_MEAN) | CD_SET(RUNNING_VAR) | CD_SET(COUNT),
    .input = { "x", "weight", "bias", "running_mean", "running_var", "num_batches_tracked" },
    .outputs = OUTPUTS,
    .changes = true,
    .output = { [MEAN] = { .hidden = true },
                [SPREAD] = { .hidden = true },
                [MOVED_MEAN] = { CD_CHANGED, RUNNING_MEAN },
                [MOVED_VAR] = { CD_CHANGED, RUNNING_VAR },
                [MOVED_COUNT] = { CD_CHANGED, COUNT } },
    .save = { [SAVED_MEAN] = { CD_OUTPUT, MEAN },
              [SAVED_SPREAD] = { CD_OUTPUT, SPREAD },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(X) },
              [SAVED_X] = { CD_INPUT, X, CD_SET(X) | CD_SET(WEIGHT) } },
    CD_OP_ATTRIBUTES(cd_batch_norm_attributes, fields),
    .infer = infer,
    .cpu = { .workspace = workspace, .run = run },
    .backward = backward,
};

/* --- inference -------------------------------------------------------------------------------- */

/* Saved statistics are copies, so that a later pass may move the running ones before backward. */
static void run_eval(const cd_launch *launch)
{
    const cd_argument *in = launch->in, *out = launch->out;
    const cd_batch_norm_call norm = describe(launch, in[X].layout, &in[WEIGHT], &in[BIAS]);
    if (out[MEAN].data) cd_cpu_convert(&out[MEAN], &in[RUNNING_MEAN]);
    if (out[SPREAD].data) cd_cpu_convert(&out[SPREAD], &in[RUNNING_VAR]);
    cd_cpu_batch_norm_eval(&norm, in[X].data, in[RUNNING_MEAN].data, in[RUNNING_VAR].data,
                           out[Y].data);
}

const cd_op cd_op_batch_norm_eval = {
    DESCRIPTION,
    .inputs = EVAL_INPUTS,
    .optional = CD_SET(WEIGHT) | CD_SET(BIAS) | CD_SET(RUNNING_MEAN) | CD_SET(RUNNING_VAR),
    .input = { "x", "weight", "bias", "running_mean", "running_var" },
    .outputs = EVAL_OUTPUTS,
    .output = { [MEAN] = { .hidden = true }, [SPREAD] = { .hidden = true } },
    .save = { [SAVED_MEAN] = { CD_OUTPUT, MEAN },
              [SAVED_SPREAD] = { CD_OUTPUT, SPREAD },
              [SAVED_WEIGHT] = { CD_INPUT, WEIGHT, CD_SET(X) },
              [SAVED_X] = { CD_INPUT, X, CD_SET(WEIGHT) } },
    CD_OP_ATTRIBUTES(cd_batch_norm_attributes, fields),
    .infer = infer,
    .cpu = { .run = run_eval },
    .backward = backward,
};

/* --- calls ------------------------------------------------------------------------------------ */

/* 0 means the default, -0 means 0. */
static double option(double given, double standard)
{
    return given != 0 ? given : signbit(given) ? 0 : standard;
}

/* In training and in inference: gradients do not flow to the running statistics. */
static bool check_constant(cd_tensor *t, const char *name)
{
    if (!t) return true;
    if (!cd_check_tensor(t, "batch_norm", name)) return false;
    return !cd_view_tracks(t) ||
           cd_fail(CD_ERR_AUTOGRAD,
                   "batch_norm: %s must not require gradients: take cd_detach of it", name);
}

cd_tensor *cd_batch_norm_counted(cd_batch_norm_options o, cd_tensor *batches)
{
    cd_call call;
    cd_batch_norm_attributes a = { .training = o.training,
                                   .momentum = option(o.momentum, 0.1),
                                   .eps = option(o.eps, 1e-5) };
    const cd_operand in[INPUTS] = {
        cd_operand_tensor(o.x),           cd_operand_tensor(o.weight),
        cd_operand_tensor(o.bias),        cd_operand_tensor(o.running_mean),
        cd_operand_tensor(o.running_var), cd_operand_tensor(batches)
    };
    if (!check_constant(o.running_mean, "running_mean") ||
        !check_constant(o.running_var, "running_var")) {
        return NULL;
    }
    if (o.training) {
        cd_call_begin(&call, &cd_op_batch_norm, in, INPUTS);
    } else {
        cd_call_begin(&call, &cd_op_batch_norm_eval, in, EVAL_INPUTS);
    }
    call.launch.attributes = &a;
    return cd_call_run(&call);
}

cd_tensor *cd_batch_norm_with(cd_batch_norm_options o)
{
    return cd_batch_norm_counted(o, NULL);
}
