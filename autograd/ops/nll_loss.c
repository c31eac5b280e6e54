/* nll_loss: the negative log likelihood of class numbers t under log-probabilities x, per target,
 * the sum, or the weighted mean.
 *
 * x is N x C, N x C x ..., or C; t has the shape of x without the dimension of the classes, and is
 * int64 or uint8, from 0 to C - 1. w has a weight per class, 1 where it is not given, and gets no
 * gradient. A target equal to ignore_index counts nothing; that is -100, unless .ignore says that
 * .ignore_index is meant. For the mean the sum is divided by the weights of the targets that count,
 * added up; if none counts the mean is NaN.
 *
 * Saves t, w, and that divisor, which is a hidden output (1 where there is no mean). Kernel:
 * core/cpu/losses.c. The gradient is an op itself, nll_loss_backward. PyTorch's graph has another
 * name for the op when x is N x C x ...: nll_loss_2d. */
#include "autograd/families/gradients_internal.h"
#include "autograd/families/loss_internal.h"
#include "autograd/families/reduction_internal.h"
#include "core/cpu/losses_internal.h"

enum { PYTORCHS_IGNORE_INDEX = -100 };
enum { Y, DIVISOR }; /* the outputs */
enum { SAVED_TARGET, SAVED_WEIGHT, SAVED_DIVISOR };

static const cd_field fields[] = { CD_FIELD(cd_nll_attributes, reduction, REDUCTION),
                                   CD_FIELD(cd_nll_attributes, ignored, INTEGER), CD_FIELDS_END };

static int class_dim(cd_shape x_shape)
{
    return x_shape.ndim > 1 ? 1 : 0;
}

/* The kernels' argument; target and weight have the same numbers among the inputs of both ops. */
static cd_class_loss kernel_loss(const cd_launch *launch, cd_shape x_shape, int64_t ignored)
{
    const cd_outer_size_inner at = cd_outer_size_inner_of(&x_shape, class_dim(x_shape));
    return (cd_class_loss){ .outer = at.outer,
                            .classes = at.size,
                            .inner = at.inner,
                            .target = launch->in[CD_LOSS_IN_TARGET].data,
                            .weight = launch->in[CD_LOSS_IN_WEIGHT].data,
                            .ignored = ignored };
}

static void nll_loss_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_nll_attributes *loss = cd_attributes_of(node);
    cd_nll_backward_attributes a = { *loss, node->input[CD_LOSS_IN_INPUT].shape };
    cd_tensor *target = cd_saved_value(node, SAVED_TARGET);
    if (!target) return;
    dx[0] = cd_op_with(&cd_op_nll_loss_backward, &a, dy[0], target,
                       cd_saved_optional(node, SAVED_WEIGHT), cd_saved_value(node, SAVED_DIVISOR));
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool check_input(const cd_call *call, const cd_tensor *x)
{
    if (!cd_is_floating(x->dtype)) {
        return cd_refuse(call, CD_ERR_DTYPE, "the input is %s, and must be floating",
                         cd_dtype_name(x->dtype));
    }
    return x->shape.ndim > 0 ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the input is a scalar, and must be C, N x C or N x C x ..., with C the "
                     "number of classes");
}

static bool check_target(const cd_call *call, const cd_tensor *x, const cd_tensor *t)
{
    char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT], text_right[CD_SHAPE_TEXT];
    if (cd_is_floating(t->dtype) && cd_shape_equal(t->shape, x->shape)) {
        return cd_refuse(call, CD_ERR_UNSUPPORTED,
                         "the target has the input's shape (%s) and is %s: targets that are "
                         "probabilities are for cd_cross_entropy, and nll_loss takes class numbers",
                         cd_sizes_text(&x->shape, text_x), cd_dtype_name(t->dtype));
    }
    if (t->dtype != CD_I64 && t->dtype != CD_U8) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "the target is %s, and must be class numbers that are int64 or uint8",
                         cd_dtype_name(t->dtype));
    }
    const cd_shape right = cd_reduced_shape(x->shape, 1U << class_dim(x->shape), false);
    return cd_shape_equal(t->shape, right) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "the target (%s) does not fit the input (%s): without the dimension of the "
                     "classes that is %s",
                     cd_sizes_text(&t->shape, text_t), cd_sizes_text(&x->shape, text_x),
                     cd_sizes_text(&right, text_right));
}

static bool nll_loss_infer(cd_call *call)
{
    const cd_nll_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_LOSS_IN_INPUT].tensor, *t = call->in[CD_LOSS_IN_TARGET].tensor;
    if (!check_input(call, x) || !check_target(call, x, t) ||
        !cd_check_class_weight(call, x, call->in[CD_LOSS_IN_WEIGHT].tensor,
                               x->shape.dim[class_dim(x->shape)])) {
        return false;
    }
    call->need[CD_LOSS_IN_INPUT].order = call->need[CD_LOSS_IN_WEIGHT].order = CD_ROW_MAJOR;
    call->need[CD_LOSS_IN_TARGET] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR };
    cd_infer_loss(call, x->dtype, t->shape, a->reduction);
    call->out[DIVISOR].dtype = CD_F64;
    call->out[DIVISOR].shape = CD_SCALAR;
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

static bool nll_loss_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_nll_attributes *a = launch->attributes;
    const cd_shape *shape = &launch->in[CD_LOSS_IN_INPUT].layout->shape;
    return cd_check_classes(launch, shape->dim[class_dim(*shape)], a->ignored, fault);
}

static void nll_loss_run(const cd_launch *launch)
{
    const cd_nll_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[CD_LOSS_IN_INPUT], *y = &launch->out[Y];
    const cd_dtype dtype = x->layout->dtype;
    const cd_class_loss kernel = kernel_loss(launch, x->layout->shape, a->ignored);
    const bool each = a->reduction == CD_NONE;
    double sum, divisor, *saved_divisor = launch->out[DIVISOR].data;
    cd_cpu_nll_loss(dtype, &kernel, x->data, each ? y->data : NULL, &sum, &divisor);
    if (a->reduction != CD_MEAN) divisor = 1;
    if (saved_divisor) *saved_divisor = divisor;
    if (each) return;
    const cd_operand value = cd_operand_double(sum / divisor);
    cd_operand_store(&value, dtype, y->data);
}

/* --- the calls -------------------------------------------------------------------------------- */

bool cd_nll_begin(cd_nll_call *nll, const char *name, const cd_loss_options *loss)
{
    if (!cd_check_loss(name, loss, CD_LOSS_TAKES_WEIGHT | CD_LOSS_TAKES_IGNORE) ||
        !cd_check_tensor(loss->input, name, "the input")) {
        return false;
    }
    nll->in[CD_LOSS_IN_INPUT] = cd_operand_tensor(loss->input);
    nll->in[CD_LOSS_IN_TARGET] = cd_operand_tensor(loss->target);
    nll->in[CD_LOSS_IN_WEIGHT] = cd_operand_tensor(loss->weight);
    nll->attributes.reduction = loss->reduction;
    nll->attributes.ignored = loss->ignore ? loss->ignore_index : PYTORCHS_IGNORE_INDEX;
    cd_call_begin(&nll->call, loss->input->shape.ndim > 2 ? &cd_op_nll_loss_2d : &cd_op_nll_loss,
                  nll->in, CD_LOSS_IN_WEIGHT + 1);
    nll->call.name = name;
    nll->call.launch.attributes = &nll->attributes;
    return true;
}

cd_tensor *cd_nll_loss_with(cd_loss_options loss)
{
    cd_nll_call nll;
    return cd_nll_begin(&nll, "nll_loss", &loss) ? cd_call_run(&nll.call) : NULL;
}

const cd_op cd_op_nll_loss = {
    .name = "nll_loss",
    .grad_fn = "NllLossBackward0",
    .like = "torch.nn.functional.nll_loss(x, t, weight=..., ignore_index=..., reduction=...)",
    .formula = "y_i = -w[t_i] x[i, t_i], their sum, or their sum divided by the sum of the w[t_i]",
    .gradient =
        "dx[i, t_i] = -w[t_i] dy_i, for the mean divided by the sum of the w[t_i]; 0 elsewhere",
    .dtypes = "floating; targets int64 or uint8",
    .inputs = CD_LOSS_IN_WEIGHT + 1,
    .optional = CD_SET(CD_LOSS_IN_WEIGHT),
    .no_gradient = CD_SET(CD_LOSS_IN_WEIGHT),
    .input = { "the input", "the target", "weight" },
    .outputs = 2,
    .output = { [DIVISOR] = { .hidden = true } },
    .save = { [SAVED_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET },
              [SAVED_WEIGHT] = { CD_INPUT, CD_LOSS_IN_WEIGHT },
              [SAVED_DIVISOR] = { CD_OUTPUT, DIVISOR } },
    CD_OP_ATTRIBUTES(cd_nll_attributes, fields),
    .infer = nll_loss_infer,
    .refuse = cd_refuse_class,
    .cpu = { .check = nll_loss_check, .run = nll_loss_run },
    .backward = nll_loss_backward,
};

const cd_op cd_op_nll_loss_2d = {
    .name = "nll_loss",
    .grad_fn = "NllLoss2DBackward0",
    .formula = "as nll_loss, for N x C x ...",
    .gradient = "as nll_loss",
    .dtypes = "floating; targets int64 or uint8",
    .inputs = CD_LOSS_IN_WEIGHT + 1,
    .optional = CD_SET(CD_LOSS_IN_WEIGHT),
    .no_gradient = CD_SET(CD_LOSS_IN_WEIGHT),
    .input = { "the input", "the target", "weight" },
    .outputs = 2,
    .output = { [DIVISOR] = { .hidden = true } },
    .save = { [SAVED_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET },
              [SAVED_WEIGHT] = { CD_INPUT, CD_LOSS_IN_WEIGHT },
              [SAVED_DIVISOR] = { CD_OUTPUT, DIVISOR } },
    CD_OP_ATTRIBUTES(cd_nll_attributes, fields),
    .infer = nll_loss_infer,
    .refuse = cd_refuse_class,
    .cpu = { .check = nll_loss_check, .run = nll_loss_run },
    .backward = nll_loss_backward,
};

/* --- nll_loss_backward: the gradient, which is linear in dy ----------------------------------- */

/* Its inputs; target and weight are CD_LOSS_IN_TARGET and CD_LOSS_IN_WEIGHT, as in nll_loss. */
enum { DY, GRAD_DIVISOR = CD_LOSS_IN_WEIGHT + 1, GRAD_INPUTS };

static const cd_field backward_fields[] = {
    { "reduction", CD_FIELD_REDUCTION, offsetof(cd_nll_backward_attributes, loss.reduction) },
    { "ignored", CD_FIELD_INTEGER, offsetof(cd_nll_backward_attributes, loss.ignored) },
    CD_FIELD(cd_nll_backward_attributes, shape, SHAPE),
    CD_FIELDS_END
};

/* g is the gradient of dx; it is weighted as x is in the loss. */
static void nll_loss_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_nll_backward_attributes *a = cd_attributes_of(node);
    cd_tensor *target = cd_saved_value(node, SAVED_TARGET);
    grad[DY] =
        cd_nll_loss(g[0], target, .weight = cd_saved_optional(node, SAVED_WEIGHT), .ignore = true,
                    .ignore_index = a->loss.ignored, .reduction = a->loss.reduction);
}

static bool infer_backward(cd_call *call)
{
    const cd_nll_backward_attributes *a = call->launch.attributes;
    call->need[DY].order = CD_ROW_MAJOR;
    call->need[CD_LOSS_IN_TARGET] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR };
    call->need[CD_LOSS_IN_WEIGHT].order = CD_ROW_MAJOR;
    call->out[0].dtype = call->in[DY].tensor->dtype;
    call->out[0].shape = a->shape;
    return true;
}

static bool check_backward(const cd_launch *launch, cd_fault *fault)
{
    const cd_nll_backward_attributes *a = launch->attributes;
    const int64_t classes = a->shape.dim[class_dim(a->shape)];
    return cd_check_classes(launch, classes, a->loss.ignored, fault);
}

static void run_backward(const cd_launch *launch)
{
    const cd_nll_backward_attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[DY];
    const double *divisor = launch->in[GRAD_DIVISOR].data;
    const cd_class_loss kernel = kernel_loss(launch, a->shape, a->loss.ignored);
    cd_cpu_nll_loss_backward(dy->layout->dtype, &kernel, dy->data, a->loss.reduction != CD_NONE,
                             *divisor, launch->out[0].data);
}

const cd_op cd_op_nll_loss_backward = {
    .name = "nll_loss_backward",
    .grad_fn = "NllLossBackwardBackward0",
    .formula = "dx[i, t_i] = -w[t_i] dy_i / divisor, 0 elsewhere",
    .gradient = "for dy: nll_loss of g",
    .dtypes = "floating",
    .inputs = GRAD_INPUTS,
    .optional = CD_SET(CD_LOSS_IN_WEIGHT),
    .input = { "dy", "target", "weight", "divisor" },
    .save = { [SAVED_TARGET] = { CD_INPUT, CD_LOSS_IN_TARGET },
              [SAVED_WEIGHT] = { CD_INPUT, CD_LOSS_IN_WEIGHT } },
    CD_OP_ATTRIBUTES(cd_nll_backward_attributes, backward_fields),
    .infer = infer_backward,
    .refuse = cd_refuse_class,
    .cpu = { .check = check_backward, .run = run_backward },
    .backward = nll_loss_backward_backward,
};
