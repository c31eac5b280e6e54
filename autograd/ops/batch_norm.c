/* autograd/ops/batch_norm.c
 *
 *   y = xhat weight + bias          xhat = (x - mean) invstd, invstd = 1 / sqrt(var + eps)
 *
 *   dweight = sum dy xhat           dbias = sum dy           with n values per channel, in training
 *   dx = weight invstd (dy - dbias / n - xhat dweight / n)   (mean and var depend on x), otherwise
 *   dx = weight invstd dy
 *
 * per channel, dimension 1 of x (N x C or N x C x ...). One kernel computes these gradients; when
 * they are to be differentiated again they are written in ops instead. Training moves the running
 * statistics, as the last thing it does. Keeps in i[0] training, in i[1] whether the weight is
 * saved, in i[2] whether x is, in d[0] eps; saves mean, invstd (training) or var, weight if dx is
 * wanted, and x unless dx alone is wanted of fixed statistics. */
#include <math.h>
#include <string.h>

#include "autograd/ops_internal.h"
#include "core/cpu/batch_norm_internal.h"

/* --- the gradients ---------------------------------------------------------------------------- */

typedef struct saved {
    cd_tensor *mean, *spread, *weight, *x; /* weight and x may be NULL */
    bool training;
    double eps;
} saved;

static saved unpack(cd_node *node)
{
    const int64_t *i = node->parameters->i;
    saved s = { .training = i[0], .eps = node->parameters->d[0] };
    s.mean = cd_saved_value(node, 0);
    s.spread = cd_saved_value(node, 1);
    if (i[1]) s.weight = cd_saved_value(node, 2);
    if (i[2]) s.x = cd_saved_value(node, i[1] ? 3 : 2);
    return s;
}

static cd_batch_norm describe(const cd_tensor *x, const cd_tensor *weight, const cd_tensor *bias,
                              double eps)
{
    cd_batch_norm norm = { .dtype = x->dtype,
                           .images = x->shape.dim[0],
                           .channels = x->shape.dim[1],
                           .pixels = 1,
                           .eps = eps,
                           .gamma = weight ? cd_tensor_data(weight) : NULL,
                           .beta = bias ? cd_tensor_data(bias) : NULL };
    for (int i = 2; i < x->shape.ndim; i++) norm.pixels *= x->shape.dim[i];
    return norm;
}

static cd_tensor *room(const cd_node *node, int k, const cd_tensor *like)
{
    return cd_wanted(node, k) ? cd_empty(cd_input_shape(node, k), .dtype = like->dtype) : NULL;
}

static void *data_or_null(cd_tensor *t)
{
    return t ? cd_tensor_data(t) : NULL;
}

/* By the kernel; dx[0..2] are what is wanted of dx, dweight and dbias. Without a saved x, only dx
 * and dbias are wanted, of fixed statistics, and x's values do not count: dy stands in. */
static void by_kernel(cd_node *node, saved s, cd_tensor *dy, cd_tensor **dx)
{
    dy = cd_contiguous(dy);
    cd_tensor *x = s.x ? cd_contiguous(s.x) : dy,
              *weight = s.weight ? cd_contiguous(s.weight) : NULL;
    for (int k = 0; k < 3; k++) dx[k] = dy ? room(node, k, dy) : NULL;
    if (!cd_ok()) return;
    cd_batch_norm norm = describe(dy, weight, NULL, s.eps);
    (s.training ? cd_batch_norm_train_backward : cd_batch_norm_eval_backward)(
        &norm, cd_tensor_data(dy), cd_tensor_data(x), cd_tensor_data(s.mean),
        cd_tensor_data(s.spread), data_or_null(dx[0]), data_or_null(dx[1]), data_or_null(dx[2]));
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
    if (s.training) {
        centred = cd_sub(s.x, cd_div(cd_sum_to_shape(s.x, one), n));
        var = cd_div(cd_sum_to_shape(cd_mul(centred, centred), one), n);
    } else {
        centred = s.x ? cd_sub(s.x, cd_view(s.mean, one)) : NULL;
        var = cd_view(s.spread, one);
    }
    *invstd = cd_pow(cd_add(var, s.eps), -0.5);
    return centred ? cd_mul(centred, *invstd) : NULL;
}

static void by_ops(cd_node *node, saved s, cd_tensor *dy, cd_tensor **dx)
{
    cd_shape one = per_channel(dy->shape), channels = CD_SHAPE(dy->shape.dim[1]);
    double n = (double)dy->numel / (double)dy->shape.dim[1];
    cd_tensor *invstd = NULL, *xhat = NULL;
    if (cd_wanted(node, 0) || cd_wanted(node, 1)) xhat = normalised(s, one, n, &invstd);
    if (cd_wanted(node, 0)) {
        cd_tensor *g = s.weight ? cd_mul(dy, cd_view(s.weight, one)) : dy;
        if (s.training) {
            cd_tensor *slope = cd_div(cd_sum_to_shape(cd_mul(g, xhat), one), n);
            g = cd_sub(cd_sub(g, cd_div(cd_sum_to_shape(g, one), n)), cd_mul(xhat, slope));
        }
        dx[0] = cd_mul(g, invstd);
    }
    if (cd_wanted(node, 1)) dx[1] = cd_view(cd_sum_to_shape(cd_mul(dy, xhat), one), channels);
    if (cd_wanted(node, 2)) dx[2] = cd_view(cd_sum_to_shape(dy, one), channels);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    saved s = unpack(node);
    if (!cd_ok()) return;
    (cd_grad_enabled() ? by_ops : by_kernel)(node, s, dy[0], dx);
}

/* --- the checks ------------------------------------------------------------------------------- */

static bool check_input(cd_old_call *call, const cd_tensor *x, bool training)
{
    char text[CD_SHAPE_TEXT];
    cd_shape_text(x->shape, text);
    if (x->shape.ndim < 2) {
        return cd_op_fail(call, CD_ERR_SHAPE, "x (%s) must be N x C or N x C x ...", text);
    }
    if (!cd_dtype_is_floating(x->dtype)) {
        return cd_op_fail(call, CD_ERR_DTYPE, "is defined for float32 and float64, not for %s",
                          cd_dtype_name(x->dtype));
    }
    if (!training || x->numel != x->shape.dim[1] || x->numel == 0) return true;
    return cd_op_fail(call, CD_ERR_SHAPE,
                      "expected more than 1 value per channel when training, got input size %s",
                      text);
}

static bool check_channel(cd_old_call *call, const cd_tensor *t, const char *name)
{
    const cd_tensor *x = call->input[0];
    if (!t) return true;
    char text[CD_SHAPE_TEXT], own[CD_SHAPE_TEXT];
    if (t->shape.ndim != 1 || t->shape.dim[0] != x->shape.dim[1]) {
        return cd_op_fail(call, CD_ERR_SHAPE,
                          "%s (%s) must have one element for each of the %lld channels of x (%s)",
                          name, cd_shape_text(t->shape, text), (long long)x->shape.dim[1],
                          cd_shape_text(x->shape, own));
    }
    if (t->dtype == x->dtype) return true;
    return cd_op_fail(call, CD_ERR_DTYPE, "%s is %s and x is %s: both must have one dtype", name,
                      cd_dtype_name(t->dtype), cd_dtype_name(x->dtype));
}

static bool check_running(cd_old_call *call, const cd_batch_norm_options *o)
{
    if (!o->running_mean != !o->running_var) {
        return cd_op_fail(call, CD_ERR_ARGUMENT,
                          "running_mean and running_var must both be given, or neither");
    }
    if (!o->running_mean) {
        return o->training || cd_op_fail(call, CD_ERR_ARGUMENT,
                                         "without .training it needs running_mean and running_var");
    }
    if (cd_tracks(o->running_mean) || cd_tracks(o->running_var)) {
        return cd_op_fail(call, CD_ERR_AUTOGRAD,
                          "running_mean and running_var must not require gradients: take cd_detach "
                          "of them");
    }
    return check_channel(call, o->running_mean, "running_mean") &&
           check_channel(call, o->running_var, "running_var");
}

static bool check(cd_old_call *call, const cd_batch_norm_options *o)
{
    if (o->eps < 0 || isnan(o->eps)) {
        return cd_op_fail(call, CD_ERR_ARGUMENT, "eps is %g, and must be 0 or more", o->eps);
    }
    return check_input(call, o->x, o->training) && check_channel(call, o->weight, "weight") &&
           check_channel(call, o->bias, "bias") && check_running(call, o);
}

/* --- the op ----------------------------------------------------------------------------------- */

/* 0 means the default, -0 means 0. */
static double option(double given, double standard)
{
    return given != 0 ? given : signbit(given) ? 0 : standard;
}

/* What the call computes with: in training the moved running statistics, in copies. */
typedef struct statistics {
    cd_tensor *mean, *spread, *running_mean, *running_var;
} statistics;

static statistics prepare(cd_old_call *call, const cd_batch_norm_options *o)
{
    statistics s = { NULL, NULL, NULL, NULL };
    cd_dtype dtype = o->x->dtype;
    if (o->running_mean) {
        s.running_mean = cd_op_copy(call, o->running_mean, dtype);
        s.running_var = cd_op_copy(call, o->running_var, dtype);
    }
    if (!o->training) return (statistics){ s.running_mean, s.running_var, NULL, NULL };
    cd_shape channels = CD_SHAPE(o->x->shape.dim[1]);
    s.mean = cd_op_temporary(call, dtype, channels);
    s.spread = cd_op_temporary(call, dtype, channels);
    if (call->failed || o->x->numel > 0) return s;
    memset(cd_tensor_data(s.mean), 0, s.mean->storage->bytes); /* nothing will be computed */
    memset(cd_tensor_data(s.spread), 0, s.spread->storage->bytes);
    return s;
}

static void normalise(cd_old_call *call, const cd_batch_norm_options *o, statistics s)
{
    cd_tensor *x = cd_op_contiguous(call, o->x), *weight = cd_op_contiguous(call, o->weight);
    cd_tensor *bias = cd_op_contiguous(call, o->bias);
    cd_tensor *y = cd_op_output(call, o->x->dtype, o->x->shape);
    if (!y) return;
    cd_batch_norm norm = describe(x, weight, bias, o->eps);
    if (o->training) {
        cd_batch_norm_train(&norm, cd_tensor_data(x), cd_tensor_data(y), cd_tensor_data(s.mean),
                            cd_tensor_data(s.spread), data_or_null(s.running_mean),
                            data_or_null(s.running_var), o->momentum);
    } else {
        cd_batch_norm_eval(&norm, cd_tensor_data(x), cd_tensor_data(s.mean),
                           cd_tensor_data(s.spread), cd_tensor_data(y));
    }
}

static void save(cd_old_call *call, const cd_batch_norm_options *o, statistics s)
{
    bool wants_x = cd_tracks(o->x), wants_weight = o->weight && cd_tracks(o->weight);
    bool keeps_weight = o->weight && wants_x, keeps_x = (o->training && wants_x) || wants_weight;
    call->parameters.i[0] = o->training;
    call->parameters.i[1] = keeps_weight;
    call->parameters.i[2] = keeps_x;
    call->parameters.d[0] = o->eps;
    cd_op_save(call, s.mean);
    cd_op_save(call, s.spread);
    if (keeps_weight) cd_op_save(call, o->weight);
    if (keeps_x) cd_op_save(call, o->x);
}

/* Ends the call; only when nothing can fail any more do the running statistics move. */
static cd_tensor *finish(cd_old_call *call, const cd_batch_norm_options *o, statistics s)
{
    if (call->failed || !s.running_mean) return cd_op_end(call);
    cd_object_own(&s.running_mean->object);
    cd_object_own(&s.running_var->object);
    cd_tensor *y = cd_op_end(call);
    if (y) {
        cd_tensor_copy(o->running_mean, s.running_mean);
        cd_tensor_copy(o->running_var, s.running_var);
        cd_tensor_bump(o->running_mean);
        cd_tensor_bump(o->running_var);
    }
    cd_object_disown(&s.running_mean->object);
    cd_object_disown(&s.running_var->object);
    return y;
}

cd_tensor *cd_batch_norm_with(cd_batch_norm_options o)
{
    cd_old_call call;
    cd_tensor *const inputs[3] = { o.x, o.weight, o.bias };
    bool moves = o.training && o.running_mean;
    if ((moves && !cd_ok()) || !cd_op_begin_optional(&call, &cd_op_batch_norm, 1, 3, inputs) ||
        (o.running_mean && !cd_check_tensor(o.running_mean, "batch_norm", "running_mean")) ||
        (o.running_var && !cd_check_tensor(o.running_var, "batch_norm", "running_var"))) {
        return NULL;
    }
    o.eps = option(o.eps, 1e-5);
    o.momentum = option(o.momentum, 0.1);
    if (!check(&call, &o)) return cd_op_end(&call);
    statistics s = prepare(&call, &o);
    if (!call.failed) normalise(&call, &o, s);
    if (!call.failed) save(&call, &o, s);
    return finish(&call, &o, s);
}

const cd_op cd_op_batch_norm = {
    .name = "batch_norm",
    .grad_fn = "NativeBatchNormBackward0",
    .like = "torch.nn.functional.batch_norm(x, mean, var, weight, bias, training, momentum, eps)",
    .formula = "y = (x - mean) / sqrt(var + eps) * weight + bias, per channel",
    .gradient =
        "dweight = sum dy xhat, dbias = sum dy, dx = weight invstd (dy less its parts along 1 "
        "and xhat)",
    .dtypes = "floating, one",
    .backward = backward,
};
