/* gaussian_nll_loss: the negative log likelihood of targets t under normal distributions of mean
 * x and variance v. Made of other ops, as in PyTorch; v below eps counts as eps, but gets the
 * gradient as if it were not. */
#include <string.h>

#include "autograd/families/gradients_internal.h"
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

/* var has the shape of x, but for one size that is 1. */
static bool differs_in_one(const cd_shape *x, const cd_shape *var)
{
    int64_t total = 0;
    if (x->ndim != var->ndim) return false;
    for (int i = 0; i < x->ndim; i++) {
        if (x->dim[i] != var->dim[i]) total += var->dim[i];
    }
    return total == 1;
}

/* var, in a shape that broadcasts with x. NULL with an error. */
static cd_tensor *fitted(const char *name, const cd_tensor *x, cd_tensor *var)
{
    char text_x[CD_SHAPE_TEXT], text_v[CD_SHAPE_TEXT];
    cd_shape but_last = x->shape;
    if (cd_shape_equal(x->shape, var->shape)) return var;
    if (but_last.ndim > 0) but_last.ndim--;
    if (but_last.ndim == var->shape.ndim &&
        memcmp(but_last.dim, var->shape.dim, (size_t)but_last.ndim * sizeof(int64_t)) == 0) {
        return x->shape.ndim > 0 ? cd_unsqueeze(var, -1) : var;
    }
    if (differs_in_one(&x->shape, &var->shape)) return var;
    (void)cd_fail(CD_ERR_SHAPE,
                  "%s: var (%s) must have the shape of the input (%s), or one size that is 1 "
                  "instead, or all but the last size",
                  name, cd_sizes_text(&var->shape, text_v), cd_sizes_text(&x->shape, text_x));
    return NULL;
}

static cd_tensor *each_of(const char *name, const cd_gaussian_nll_loss_options *loss)
{
    cd_tensor *var = fitted(name, loss->input, loss->var);
    if (!var) return NULL;
    cd_bounded_loss_attributes a = { .bound = cd_option_or(loss->eps, 1e-6) };
    cd_tensor *v = cd_op_with(&cd_op_gaussian_variance, &a, var);
    cd_tensor *squares = cd_pow(cd_sub(loss->input, loss->target), 2);
    cd_tensor *each = cd_mul(cd_add(cd_log(v), cd_div(squares, v)), 0.5);
    return loss->full ? cd_add(each, 0.91893853320467274) : each; /* log(2 pi) / 2 */
}

cd_tensor *cd_gaussian_nll_loss_with(cd_gaussian_nll_loss_options loss)
{
    const char *name = "gaussian_nll_loss";
    if (!cd_check_reduction(name, loss.reduction) ||
        !cd_check_pair_loss(name, loss.input, loss.target, NULL) ||
        !cd_check_loss_tensors(name, 1, (cd_tensor *[]){ loss.var }, (const char *[]){ "var" }) ||
        !cd_check_same_device(name, "input", loss.input, "var", loss.var)) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, cd_reduce_loss(name, each_of(name, &loss), loss.reduction));
}

const cd_op cd_op_gaussian_nll_loss = {
    .name = "gaussian_nll_loss",
    .like = "torch.nn.functional.gaussian_nll_loss(x, t, v, full=..., eps=..., reduction=...)",
    .formula = "y = (log(v) + (x - t)^2 / v) / 2, v being eps at least; with full + log(2 pi) / 2; "
               "its mean, or its sum",
    .gradient = "that of log, pow, div and the reduction",
    .dtypes = "all but bool; v: floating",
    .composed = true,
};

/* --- gaussian_variance: var, eps at least, with the gradient of a copy ------------------------ */

static const cd_field variance_fields[] = { CD_FIELD(cd_bounded_loss_attributes, bound, REAL),
                                            CD_FIELDS_END };

static bool variance_infer(cd_call *call)
{
    call->need[0].order = CD_ROW_MAJOR;
    return cd_check_floating(call, call->in[0].tensor->dtype) && cd_infer_same(call);
}

/* No element is negative. */
static bool variance_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_array *v = &launch->in[0];
    const bool f32 = v->layout->dtype == CD_F32;
    for (int64_t i = 0; i < v->layout->numel; i++) {
        const double x = f32 ? (double)((const float *)v->data)[i] : ((const double *)v->data)[i];
        if (!(x < 0)) continue;
        *fault = (cd_fault){ .position = i, .number = x };
        return false;
    }
    return true;
}

static bool variance_refuse(cd_call *call, const cd_fault *fault)
{
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "var has %g (at position %lld), and must not be negative", fault->number,
                     (long long)fault->position);
}

static void variance_run(const cd_launch *launch)
{
    const cd_bounded_loss_attributes *a = launch->attributes;
    cd_cpu_apply_number(CD_MAP_maximum, &launch->out[0], &launch->in[0], a->bound);
}

const cd_op cd_op_gaussian_variance = {
    .name = "gaussian_nll_loss",
    .grad_fn = "CloneBackward0",
    .formula = "y = max(v, eps)",
    .gradient = "dv = dy",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "var" },
    CD_OP_ATTRIBUTES(cd_bounded_loss_attributes, variance_fields),
    .infer = variance_infer,
    .refuse = variance_refuse,
    .cpu = { .check = variance_check, .run = variance_run },
    .backward = cd_same_backward,
};
