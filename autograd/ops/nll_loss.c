/* autograd/ops/nll_loss.c
 *
 *   y_i = -w[t_i] x[i, t_i], their sum, or their sum divided by that of the w[t_i]
 *   dx[i, t_i] = -w[t_i] dy_i, divided by the same; 0 elsewhere
 *
 * x: N x C, or N x C x ..., or C, of log-probabilities; t: N, or N x ..., or 0-d, classes from 0 to
 * C - 1, int64 or uint8. w: one weight per class, 1 when not given, and constant. A target equal to
 * ignore_index counts nothing: -100 unless .ignore says that .ignore_index is meant. If nothing
 * counts the mean is NaN. Saves t and w. */
#include "core/cpu/losses_internal.h"

#include "autograd/op_internal.h"

enum { PYTORCHS_IGNORE_INDEX = -100 };
enum { REDUCTION, IGNORED }; /* where in the parameters */

static int64_t ignored_of(const cd_loss_options *loss)
{
    return loss->ignore ? loss->ignore_index : PYTORCHS_IGNORE_INDEX;
}

static int class_dim(cd_shape x_shape)
{
    return x_shape.ndim > 1 ? 1 : 0;
}

/* The arguments of the kernels. The tensors are contiguous. */
static cd_class_loss kernel_loss(cd_shape x_shape, const cd_tensor *target, const cd_tensor *weight,
                                 int64_t ignored)
{
    cd_lanes lanes = cd_lanes_of(x_shape, class_dim(x_shape));
    return (cd_class_loss){ .outer = lanes.outer,
                            .classes = lanes.n,
                            .inner = lanes.inner,
                            .target = (const int64_t *)(const void *)cd_tensor_data(target),
                            .weight = weight ? cd_tensor_data(weight) : NULL,
                            .ignored = ignored };
}

/* --- the gradient, an op itself: it is linear in dy ------------------------------------------- */

/* Saved values 0 and 1 are target and weight, in both nodes. */
static cd_tensor *saved_weight(cd_node *node)
{
    return node->saved > 1 ? cd_saved_value(node, 1) : NULL;
}

static void save(cd_old_call *call, cd_tensor *target, cd_tensor *weight, const cd_parameters *with)
{
    cd_op_save(call, target);
    if (weight) cd_op_save(call, weight);
    call->parameters = *with;
}

/* The gradient of dx is weighed as x was. */
static void backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **dx)
{
    cd_tensor *target = cd_saved_value(node, 0);
    dx[0] = cd_nll_loss(g[0], target, .weight = saved_weight(node), .ignore = true,
                        .ignore_index = node->parameters->i[IGNORED],
                        .reduction = (cd_reduction)node->parameters->i[REDUCTION]);
}

static const cd_op nll_loss_backward_op = {
    .name = "nll_loss_backward",
    .grad_fn = "NllLossBackwardBackward0",
    .formula = "dx[i, t_i] = -w[t_i] dy_i, divided by their sum for the mean; 0 elsewhere",
    .gradient = "ddy = nll_loss(ddx)",
    .dtypes = "floating",
    .backward = backward_backward,
};

static cd_tensor *nll_loss_backward(cd_tensor *dy, cd_shape x_shape, cd_tensor *target,
                                    cd_tensor *weight, const cd_parameters *with)
{
    cd_old_call call;
    cd_tensor *const inputs[1] = { dy };
    if (!target || !cd_op_begin_n(&call, &nll_loss_backward_op, 1, inputs)) return NULL;
    cd_tensor *from = cd_op_contiguous(&call, dy), *t = cd_op_contiguous(&call, target);
    cd_tensor *w = weight ? cd_op_contiguous(&call, weight) : NULL;
    cd_tensor *dx = cd_op_output(&call, dy->dtype, x_shape);
    if (dx) {
        cd_class_loss kernel = kernel_loss(x_shape, t, w, with->i[IGNORED]);
        cd_cpu_nll_loss_backward(dy->dtype, &kernel, cd_tensor_data(from),
                                 with->i[REDUCTION] != CD_NONE, with->d[0], cd_tensor_data(dx));
    }
    save(&call, target, weight, with);
    return cd_op_end(&call);
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_shape shape = cd_edge_info(node->edge[0]).shape;
    cd_tensor *target = cd_saved_value(node, 0);
    dx[0] = nll_loss_backward(dy[0], shape, target, saved_weight(node), node->parameters);
}

/* --- checks ----------------------------------------------------------------------------------- */

/* The shape that targets for x must have. */
static cd_shape target_shape(cd_shape x_shape)
{
    return cd_op_reduced_shape(x_shape, 1U << class_dim(x_shape), false);
}

static bool check_target(const char *name, const cd_tensor *x, const cd_tensor *t)
{
    char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT], text_right[CD_SHAPE_TEXT];
    if (cd_dtype_is_floating(t->dtype) && cd_shape_equal(t->shape, x->shape)) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: the target has the input's shape (%s) and is %s: targets that are "
                       "probabilities are not supported, only class numbers",
                       name, cd_shape_text(x->shape, text_x), cd_dtype_name(t->dtype));
    }
    if (t->dtype != CD_I64 && t->dtype != CD_U8) {
        return cd_fail(CD_ERR_DTYPE,
                       "%s: the target is %s, and must be class numbers that are int64 or uint8",
                       name, cd_dtype_name(t->dtype));
    }
    cd_shape right = target_shape(x->shape);
    return cd_shape_equal(t->shape, right) ||
           cd_fail(CD_ERR_SHAPE,
                   "%s: the target (%s) does not fit the input (%s): without the dimension of the "
                   "classes that is %s",
                   name, cd_shape_text(t->shape, text_t), cd_shape_text(x->shape, text_x),
                   cd_shape_text(right, text_right));
}

static bool check_weight(const char *name, const cd_tensor *x, const cd_tensor *w)
{
    int64_t classes = x->shape.dim[class_dim(x->shape)];
    if (!w) return true;
    if (!cd_check_tensor(w, name, "weight")) return false;
    if (cd_grad_enabled() && cd_tracks(w)) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: there is no gradient for weight, which requires one: take cd_detach "
                       "of it",
                       name);
    }
    if (w->dtype != x->dtype) {
        return cd_fail(CD_ERR_DTYPE, "%s: weight is %s, and the input %s", name,
                       cd_dtype_name(w->dtype), cd_dtype_name(x->dtype));
    }
    char text[CD_SHAPE_TEXT];
    return (w->shape.ndim == 1 && w->numel == classes) ||
           cd_fail(CD_ERR_SHAPE, "%s: weight (%s) must have one element for each of %lld classes",
                   name, cd_shape_text(w->shape, text), (long long)classes);
}

static bool check_values(const char *name, const int64_t *values, int64_t count, int64_t classes,
                         int64_t ignored)
{
    for (int64_t i = 0; i < count; i++) {
        if ((values[i] >= 0 && values[i] < classes) || values[i] == ignored) continue;
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: target %lld (at place %lld) is out of bounds: with %lld classes they "
                       "go from 0 to %lld",
                       name, (long long)values[i], (long long)i, (long long)classes,
                       (long long)classes - 1);
    }
    return true;
}

static bool check_classes(const char *name, const cd_loss_options *loss)
{
    const int64_t classes = loss->input->shape.dim[class_dim(loss->input->shape)];
    cd_tensor *t = loss->target, *copy = NULL;
    if (!t->contiguous || t->dtype != CD_I64) {
        t = copy = cd_tensor_new(name, CD_I64, t->shape);
        if (!copy) return false;
        cd_tensor_copy(copy, loss->target);
    }
    const int64_t *values = (const int64_t *)(const void *)cd_tensor_data(t);
    bool good = check_values(name, values, t->numel, classes, ignored_of(loss));
    cd_object_disown((cd_object *)copy);
    return good;
}

bool cd_check_class_loss(const char *name, const cd_loss_options *loss)
{
    if (!cd_check_loss(name, loss, CD_LOSS_WEIGHT | CD_LOSS_IGNORE)) return false;
    const cd_tensor *x = loss->input;
    if (!cd_dtype_is_floating(x->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "%s: the input is %s, and must be floating", name,
                       cd_dtype_name(x->dtype));
    }
    if (x->shape.ndim == 0) {
        return cd_fail(CD_ERR_SHAPE,
                       "%s: the input is a scalar, and must be C, N x C or N x C x ..., with C the "
                       "number of classes",
                       name);
    }
    return check_target(name, x, loss->target) && check_weight(name, x, loss->weight) &&
           check_classes(name, loss);
}

/* --- the op ----------------------------------------------------------------------------------- */

/* PyTorch's name of the same for N x C x .... */
static const cd_op with_more_dims = {
    .name = "nll_loss",
    .grad_fn = "NllLoss2DBackward0",
    .formula = "as nll_loss, for N x C x ...",
    .gradient = "as nll_loss",
    .dtypes = "floating; targets int64 or uint8",
    .backward = backward,
};

static void store(cd_tensor *y, double value)
{
    char *data[2] = { cd_tensor_data(y), (char *)&value };
    cd_cpu_convert_loop(CD_F64, y->dtype)(1, data, (const int64_t[2]){ 0, 0 }, NULL);
}

cd_tensor *cd_nll_loss_with(cd_loss_options loss)
{
    cd_old_call call;
    cd_tensor *const inputs[1] = { loss.input };
    if (!cd_check_class_loss("nll_loss", &loss)) return NULL;
    const cd_tensor *x = loss.input;
    const cd_op *op = x->shape.ndim > 2 ? &with_more_dims : &cd_op_nll_loss;
    if (!cd_op_begin_n(&call, op, 1, inputs)) return NULL;
    const bool each = loss.reduction == CD_NONE;
    cd_tensor *from = cd_op_contiguous(&call, loss.input);
    cd_tensor *target = cd_op_as(&call, loss.target, CD_I64), *t = cd_op_contiguous(&call, target);
    cd_tensor *w = loss.weight ? cd_op_contiguous(&call, loss.weight) : NULL;
    cd_tensor *y = cd_op_output(&call, x->dtype, each ? loss.target->shape : CD_SCALAR);
    cd_parameters with = { .i = { [REDUCTION] = loss.reduction, [IGNORED] = ignored_of(&loss) },
                           .d = { 1 } };
    if (y) {
        cd_class_loss kernel = kernel_loss(x->shape, t, w, with.i[IGNORED]);
        double sum, total;
        cd_cpu_nll_loss(x->dtype, &kernel, cd_tensor_data(from), each ? cd_tensor_data(y) : NULL,
                        &sum, &total);
        if (loss.reduction == CD_MEAN) with.d[0] = total;
        if (!each) store(y, sum / with.d[0]);
    }
    if (target) save(&call, target, loss.weight, &with);
    return cd_op_end(&call);
}

const cd_op cd_op_nll_loss = {
    .name = "nll_loss",
    .grad_fn = "NllLossBackward0",
    .like = "torch.nn.functional.nll_loss(x, t, weight=..., ignore_index=..., reduction=...)",
    .formula = "y_i = -w[t_i] x[i, t_i], their sum, or their sum divided by that of the w[t_i]",
    .gradient = "dx[i, t_i] = -w[t_i] dy_i, divided by the same; 0 elsewhere",
    .dtypes = "floating; targets int64 or uint8",
    .backward = backward,
};
