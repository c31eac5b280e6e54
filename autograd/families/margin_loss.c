/* What multi_margin_loss and multilabel_margin_loss share. */
#include "autograd/families/margin_loss_internal.h"
#include "autograd/families/gradients_internal.h"
#include "core/error_internal.h"
#include "core/tensor_internal.h"

const cd_field cd_margin_loss_fields[] = {
    CD_FIELD(cd_margin_loss_attributes, reduction, REDUCTION),
    CD_FIELD(cd_margin_loss_attributes, power, INTEGER),
    CD_FIELD(cd_margin_loss_attributes, margin, REAL),
    CD_FIELD(cd_margin_loss_attributes, listed, BOOL), CD_FIELDS_END
};

static int64_t classes_of(const cd_shape *x)
{
    return x->ndim > 0 ? x->dim[x->ndim - 1] : 1;
}

static int64_t rows_of(const cd_shape *x)
{
    return x->ndim > 1 ? x->dim[0] : 1;
}

/* --- infer ------------------------------------------------------------------------------------ */

static bool check_input(const cd_call *call, const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    return cd_check_floating(call, x->dtype) &&
           ((x->shape.ndim <= 2 && classes_of(&x->shape) > 0) ||
            cd_refuse(
                call, CD_ERR_SHAPE,
                "the input is %s, and must be C or N x C, with C, the number of classes, not 0",
                cd_sizes_text(&x->shape, text)));
}

/* Whether the target has one class for each row, or a list of as many as there are classes. Without
 * rows a target of one element may have one dimension or none. */
static bool fits(const cd_margin_loss_attributes *a, const cd_shape *x, const cd_tensor *t)
{
    if (a->listed && cd_shape_equal(*x, t->shape)) return true;
    const int64_t count = a->listed ? 1 : rows_of(x);
    return t->shape.ndim <= 1 && t->numel == count &&
           (!a->listed || (x->ndim <= 1 && classes_of(x) == 1));
}

static bool check_target(const cd_call *call, const cd_tensor *x, const cd_tensor *t)
{
    const cd_margin_loss_attributes *a = call->launch.attributes;
    char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
    if (t->dtype != CD_I64) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "the target is %s, and must be class numbers that are int64",
                         cd_dtype_name(t->dtype));
    }
    return fits(a, &x->shape, t) ||
           cd_refuse(call, CD_ERR_SHAPE, "the target (%s) must have %s of the input (%s)",
                     cd_sizes_text(&t->shape, text_t),
                     a->listed ? "the shape" : "one class for each row",
                     cd_sizes_text(&x->shape, text_x));
}

bool cd_margin_loss_infer(cd_call *call)
{
    const cd_margin_loss_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_LOSS_IN_INPUT].tensor, *t = call->in[CD_LOSS_IN_TARGET].tensor;
    if (!check_input(call, x) || !check_target(call, x, t) ||
        !cd_check_class_weight(call, x, call->in[CD_LOSS_IN_WEIGHT].tensor,
                               classes_of(&x->shape))) {
        return false;
    }
    for (int k = 0; k <= CD_LOSS_IN_WEIGHT; k++) call->need[k].order = CD_ROW_MAJOR;
    cd_shape each = t->shape;
    if (a->listed) each = x->shape.ndim > 1 ? CD_SHAPE(x->shape.dim[0]) : CD_SCALAR;
    cd_infer_loss(call, x->dtype, each, a->reduction);
    return true;
}

/* --- run -------------------------------------------------------------------------------------- */

bool cd_margin_loss_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_margin_loss_attributes *a = launch->attributes;
    const int64_t classes = classes_of(&launch->in[CD_LOSS_IN_INPUT].layout->shape);
    return cd_check_classes(launch, classes, a->listed ? -1 : 0, fault);
}

size_t cd_margin_loss_workspace(const cd_launch *launch)
{
    return (size_t)classes_of(&launch->in[CD_LOSS_IN_INPUT].layout->shape) * sizeof(bool);
}

cd_margin_loss cd_margin_loss_of(const cd_launch *launch)
{
    const cd_margin_loss_attributes *a = launch->attributes;
    const cd_shape *x = &launch->in[CD_LOSS_IN_INPUT].layout->shape;
    return (cd_margin_loss){ .rows = rows_of(x),
                             .classes = classes_of(x),
                             .targets = a->listed ? classes_of(x) : 1,
                             .power = a->power,
                             .margin = a->margin,
                             .target = launch->in[CD_LOSS_IN_TARGET].data,
                             .weight = launch->in[CD_LOSS_IN_WEIGHT].data,
                             .is_target = launch->workspace };
}

void cd_margin_loss_run(const cd_launch *launch)
{
    const cd_margin_loss_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[CD_LOSS_IN_INPUT], *y = &launch->out[0];
    const cd_margin_loss loss = cd_margin_loss_of(launch);
    const bool each = a->reduction == CD_NONE;
    double sum = cd_cpu_margin_loss(x->layout->dtype, &loss, x->data, each ? y->data : NULL);
    if (each) return;
    if (a->reduction == CD_MEAN && loss.rows > 0) sum /= (double)loss.rows;
    const cd_operand value = cd_operand_double(sum);
    cd_operand_store(&value, x->layout->dtype, y->data);
}

/* --- the gradient ----------------------------------------------------------------------------- */

void cd_margin_loss_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_margin_loss_attributes a = *(const cd_margin_loss_attributes *)cd_attributes_of(node);
    cd_tensor *x = cd_saved_value(node, CD_LOSS_IN_INPUT),
              *t = cd_saved_value(node, CD_LOSS_IN_TARGET);
    if (!x || !t) return;
    dx[0] = cd_op_with(&cd_op_margin_loss_backward, &a, x, t,
                       cd_saved_optional(node, CD_LOSS_IN_WEIGHT), dy[0]);
}
