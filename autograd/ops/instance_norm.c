/* instance_norm: normalises each channel of each sample by its own mean and variance, then scales
 * and shifts it. Made of other ops, as in PyTorch: batch_norm of x as 1 x NC x ..., with weight,
 * bias and the running statistics repeated N times.
 *
 * The running statistics become the means over the samples of what batch_norm makes of each
 * sample's: also where they are only read, and with no samples NaN, as in PyTorch. */
#include "autograd/dispatch/call_internal.h"
#include "autograd/layer_ops.h"
#include "autograd/ops_internal.h"
#include "core/scope_internal.h"

static const char name[] = "instance_norm";

/* --- checks ----------------------------------------------------------------------------------- */

static bool check_statistics(const cd_instance_norm_options *o)
{
    if (o->no_input_stats && (!o->running_mean || !o->running_var)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .no_input_stats needs running_mean and running_var",
                       name);
    }
    return !o->running_mean == !o->running_var ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: running_mean and running_var must both be given, or neither", name);
}

static bool check_input(const cd_instance_norm_options *o)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_tensor(o->x, name, "x")) return false;
    const cd_shape *shape = &o->x->shape;
    if (shape->ndim < 2) {
        return cd_fail(CD_ERR_SHAPE, "%s: x (%s) must be N x C x ...", name,
                       cd_sizes_text(shape, text));
    }
    int64_t values = 1;
    for (int i = 2; i < shape->ndim; i++) values *= shape->dim[i];
    return values != 1 || o->no_input_stats ||
           cd_fail(CD_ERR_SHAPE,
                   "%s: expected more than 1 spatial element when training, got input size %s",
                   name, cd_sizes_text(shape, text));
}

/* Whether a tensor that is given has an element for each channel; false with an error. */
static bool check_channels(const cd_tensor *x, const cd_tensor *t, const char *of)
{
    char text[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    if (!t) return true;
    if (!cd_check_tensor(t, name, of)) return false;
    return (t->shape.ndim == 1 && t->shape.dim[0] == x->shape.dim[1]) ||
           cd_fail(CD_ERR_SHAPE, "%s: %s (%s) must have one element for each channel of x (%s)",
                   name, of, cd_sizes_text(&t->shape, text), cd_sizes_text(&x->shape, text_x));
}

static bool check(const cd_instance_norm_options *o)
{
    return check_input(o) && check_statistics(o) && check_channels(o->x, o->weight, "weight") &&
           check_channels(o->x, o->bias, "bias") &&
           check_channels(o->x, o->running_mean, "running_mean") &&
           check_channels(o->x, o->running_var, "running_var");
}

/* --- the running statistics ------------------------------------------------------------------- */

typedef struct replacement {
    cd_operand in[2];
    cd_call call;
} replacement;

/* Prepares that the mean over the samples of `each`, N C elements, is copied into `statistic`. */
static bool prepare(replacement *r, cd_tensor *statistic, cd_tensor *each, cd_shape samples)
{
    cd_tensor *mean = cd_mean_dim(cd_view(each, samples), 0);
    if (!mean) return false;
    r->in[0] = cd_operand_tensor(statistic);
    r->in[1] = cd_operand_tensor(mean);
    cd_call_begin(&r->call, &cd_op_copy_, r->in, 2);
    r->call.name = name;
    r->call.in_place = true;
    return cd_call_prepare(&r->call);
}

static void commit(replacement *r)
{
    cd_call_commit(&r->call);
    cd_call_finish_owned(&r->call);
}

/* Both statistics change or, with an error, none. */
static bool average(const cd_instance_norm_options *o, cd_tensor *mean, cd_tensor *var)
{
    replacement new_mean, new_var;
    const cd_shape samples = CD_SHAPE(o->x->shape.dim[0], o->x->shape.dim[1]);
    if (!prepare(&new_mean, o->running_mean, mean, samples)) return false;
    if (!prepare(&new_var, o->running_var, var, samples)) {
        cd_call_cancel(&new_mean.call);
        return false;
    }
    commit(&new_mean);
    commit(&new_var);
    return true;
}

/* --- the call --------------------------------------------------------------------------------- */

static cd_tensor *repeated(cd_tensor *t, int64_t times)
{
    return t ? cd_repeat(t, CD_SHAPE(times)) : NULL;
}

static cd_tensor *normalised(const cd_instance_norm_options *o)
{
    const int64_t samples = o->x->shape.dim[0];
    cd_shape as_one = o->x->shape;
    as_one.dim[0] = 1;
    as_one.dim[1] *= samples;
    cd_tensor *mean = repeated(o->running_mean, samples), *var = repeated(o->running_var, samples);
    const cd_batch_norm_options whole = { .x = cd_view(cd_contiguous(o->x), as_one),
                                          .weight = repeated(o->weight, samples),
                                          .bias = repeated(o->bias, samples),
                                          .running_mean = mean,
                                          .running_var = var,
                                          .training = !o->no_input_stats,
                                          .momentum = o->momentum,
                                          .eps = o->eps };
    cd_tensor *y = cd_ok() ? cd_batch_norm_for(name, whole) : NULL;
    y = y ? cd_view(y, o->x->shape) : NULL;
    return y && (!mean || average(o, mean, var)) ? y : NULL;
}

cd_tensor *cd_instance_norm_with(cd_instance_norm_options o)
{
    if (!check(&o)) return NULL;
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, normalised(&o));
}

const cd_op cd_op_instance_norm = {
    .name = "instance_norm",
    .like = "torch.nn.functional.instance_norm(x, mean, var, weight, bias, use_input_stats, "
            "momentum, eps)",
    .formula = "y = batch_norm of each sample alone; the running statistics become the means over "
               "the samples",
    .gradient = "that of batch_norm, repeat and view",
    .dtypes = "floating, the same for all",
    .composed = true,
};
