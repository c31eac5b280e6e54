/* What losses share: the checks of their options, and the reduction of their elements. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"
#include "core/error_internal.h"
#include "core/tensor_internal.h"
#include "autograd/families/reduction_internal.h"

static bool check_options(const char *name, const cd_loss_options *loss, unsigned takes)
{
    const char *wrong = NULL;
    if (loss->weight && !(takes & CD_LOSS_TAKES_WEIGHT)) wrong = "weight";
    if (loss->pos_weight && !(takes & CD_LOSS_TAKES_POS_WEIGHT)) wrong = "pos_weight";
    if (loss->ignore && !(takes & CD_LOSS_TAKES_IGNORE)) wrong = "ignore";
    if (loss->label_smoothing != 0 && !(takes & CD_LOSS_TAKES_SMOOTHING)) wrong = "label_smoothing";
    if (wrong) return cd_fail(CD_ERR_ARGUMENT, "%s: .%s is not for this loss", name, wrong);
    return loss->ignore || loss->ignore_index == 0 ||
           cd_fail(CD_ERR_ARGUMENT,
                   "%s: .ignore_index is %lld, and is only looked at with .ignore = true", name,
                   (long long)loss->ignore_index);
}

bool cd_check_loss(const char *name, const cd_loss_options *loss, unsigned takes)
{
    return check_options(name, loss, takes) && cd_check_reduction(name, loss->reduction);
}

bool cd_check_reduction(const char *name, cd_reduction reduction)
{
    switch (reduction) {
    case CD_MEAN:
    case CD_SUM:
    case CD_NONE:
        return true;
    }
    return cd_fail(CD_ERR_ARGUMENT, "%s: %d is no reduction: CD_MEAN, CD_SUM or CD_NONE", name,
                   (int)reduction);
}

bool cd_check_loss_tensors(const char *name, int count, cd_tensor *const *tensor,
                           const char *const *names)
{
    cd_shape shape = CD_SCALAR;
    char text[CD_SHAPE_TEXT], text_k[CD_SHAPE_TEXT];
    for (int k = 0; k < count; k++) {
        if (!cd_check_tensor(tensor[k], name, names[k]) ||
            !cd_check_same_device(name, names[0], tensor[0], names[k], tensor[k])) {
            return false;
        }
        const cd_shape before = shape;
        if (cd_shape_broadcast(before, tensor[k]->shape, &shape)) continue;
        return cd_fail(CD_ERR_SHAPE, "%s: %s (%s) does not broadcast with the shape before it (%s)",
                       name, names[k], cd_sizes_text(&tensor[k]->shape, text_k),
                       cd_sizes_text(&before, text));
    }
    return true;
}

/* Whether the weight has the shape of x; false with an error. */
static bool check_element_weight(const char *name, const cd_tensor *x, const cd_tensor *weight)
{
    char text_x[CD_SHAPE_TEXT], text_w[CD_SHAPE_TEXT];
    return cd_check_tensor(weight, name, "weight") &&
           cd_check_same_device(name, "input", x, "weight", weight) &&
           (cd_shape_equal(x->shape, weight->shape) ||
            cd_fail(CD_ERR_SHAPE, "%s: weight (%s) must have the shape of the input (%s)", name,
                    cd_sizes_text(&weight->shape, text_w), cd_sizes_text(&x->shape, text_x)));
}

bool cd_check_pair_loss(const char *name, cd_tensor *x, cd_tensor *t, cd_tensor *weight)
{
    return cd_check_loss_tensors(name, 2, (cd_tensor *[]){ x, t },
                                 (const char *[]){ "input", "target" }) &&
           (!weight || check_element_weight(name, x, weight));
}

void cd_warn_of_loss_shapes(const char *name, const cd_tensor *x, const cd_tensor *t)
{
    char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
    if (cd_shape_equal(x->shape, t->shape)) return;
    cd_log_line(CD_LOG_WARNING,
                "%s: the input (%s) and the target (%s) differ in shape and are broadcast, "
                "which is probably not meant",
                name, cd_sizes_text(&x->shape, text_x), cd_sizes_text(&t->shape, text_t));
}

cd_tensor *cd_reduce_loss(const char *name, cd_tensor *each, cd_reduction reduction)
{
    if (!each || reduction == CD_NONE) return each;
    if (reduction == CD_SUM) return cd_sum(each);
    if (cd_is_floating(each->dtype)) return cd_mean(each);
    (void)cd_fail(CD_ERR_DTYPE, "%s: the mean of %s is not defined: convert the input to float32",
                  name, cd_dtype_name(each->dtype));
    return NULL;
}

cd_tensor *cd_reduce_weighted_loss(cd_tensor *each, cd_tensor *weight, cd_reduction reduction)
{
    cd_tensor *weighted = cd_mul(each, weight);
    if (!weighted || reduction == CD_NONE) return weighted;
    cd_tensor *sum = cd_sum(weighted);
    return reduction == CD_SUM ? sum : cd_div(sum, cd_sum(weight));
}

/* --- infer ------------------------------------------------------------------------------------ */

void cd_infer_loss(cd_call *call, cd_dtype dtype, cd_shape shape, cd_reduction reduction)
{
    call->out[0].dtype = dtype;
    call->out[0].shape = reduction == CD_NONE ? shape : CD_SCALAR;
}

/* The shape of x and t broadcast. False with an error. */
static bool broadcast(const cd_call *call, const cd_tensor *x, const cd_tensor *t, cd_shape *shape)
{
    char text_x[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
    int64_t count;
    *shape = x->shape;
    if (cd_shape_equal(x->shape, t->shape)) return true;
    if (!cd_shape_broadcast(x->shape, t->shape, shape)) {
        return cd_refuse(call, CD_ERR_SHAPE, "the input (%s) and the target (%s) differ in shape",
                         cd_sizes_text(&x->shape, text_x), cd_sizes_text(&t->shape, text_t));
    }
    return cd_shape_elements(*shape, &count) ||
           cd_refuse(call, CD_ERR_SHAPE, "shape %s has more elements than can be counted",
                     cd_sizes_text(shape, text_x));
}

bool cd_infer_pair_loss(cd_call *call)
{
    cd_shape shape;
    const cd_loss_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[CD_LOSS_IN_INPUT].tensor, *t = call->in[CD_LOSS_IN_TARGET].tensor;
    const cd_dtype dtype = x->dtype == t->dtype ? x->dtype : cd_result_type(call->in, 2);
    if (!cd_check_floating(call, dtype)) return false;
    if (!broadcast(call, x, t, &shape)) return false;
    call->need[CD_LOSS_IN_INPUT].dtype = call->need[CD_LOSS_IN_TARGET].dtype = dtype;
    cd_infer_loss(call, dtype, shape, a->reduction);
    return true;
}

bool cd_check_class_weight(const cd_call *call, const cd_tensor *x, const cd_tensor *weight,
                           int64_t classes)
{
    char text[CD_SHAPE_TEXT];
    if (!weight) return true;
    if (weight->dtype != x->dtype) {
        return cd_refuse(call, CD_ERR_DTYPE, "weight is %s, and the input %s",
                         cd_dtype_name(weight->dtype), cd_dtype_name(x->dtype));
    }
    return (weight->shape.ndim == 1 && weight->numel == classes) ||
           cd_refuse(call, CD_ERR_SHAPE,
                     "weight (%s) must have one element for each of %lld classes",
                     cd_sizes_text(&weight->shape, text), (long long)classes);
}

bool cd_check_classes(const cd_launch *launch, int64_t classes, int64_t ignored, cd_fault *fault)
{
    const int64_t *values = launch->in[CD_LOSS_IN_TARGET].data;
    const int64_t count = launch->in[CD_LOSS_IN_TARGET].layout->numel;
    for (int64_t i = 0; i < count; i++) {
        if ((values[i] >= 0 && values[i] < classes) || values[i] == ignored) continue;
        *fault = (cd_fault){ .position = i, .integer = values[i], .number = (double)classes };
        return false;
    }
    return true;
}

bool cd_refuse_class(cd_call *call, const cd_fault *fault)
{
    const long long classes = (long long)fault->number;
    if (classes == 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "target %lld (at position %lld) is out of bounds: there are no classes",
                         (long long)fault->integer, (long long)fault->position);
    }
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "target %lld (at position %lld) is out of bounds: with %lld classes they go "
                     "from 0 to %lld",
                     (long long)fault->integer, (long long)fault->position, classes, classes - 1);
}

double cd_pair_loss_scale(const cd_node *node)
{
    const cd_loss_attributes *a = cd_attributes_of(node);
    cd_shape shape;
    int64_t n = 0;
    if (a->reduction != CD_MEAN) return 1;
    (void)cd_shape_broadcast(node->input[CD_LOSS_IN_INPUT].shape,
                             node->input[CD_LOSS_IN_TARGET].shape, &shape);
    (void)cd_shape_elements(shape, &n);
    return 1 / (double)n;
}

/* --- run -------------------------------------------------------------------------------------- */

static cd_reduction reduction_of(const cd_launch *launch)
{
    const cd_loss_attributes *a = launch->attributes;
    return a->reduction;
}

/* The layout of the elements: contiguous, in the shape that x and target broadcast to. */
static void set_layout(const cd_launch *launch, cd_layout *layout)
{
    cd_shape shape = CD_SCALAR;
    const cd_layout *x = launch->in[CD_LOSS_IN_INPUT].layout,
                    *t = launch->in[CD_LOSS_IN_TARGET].layout;
    if (x->contiguous && cd_shape_equal(x->shape, t->shape)) {
        *layout = *x;
        return;
    }
    (void)cd_shape_broadcast(x->shape, t->shape, &shape);
    *layout = cd_layout_row_major(x->dtype, shape);
}

size_t cd_loss_workspace(const cd_launch *launch)
{
    if (reduction_of(launch) == CD_NONE) return 0;
    cd_work work = { NULL, 0 };
    cd_layout layout;
    set_layout(launch, &layout);
    (void)cd_work_take(&work, &layout);
    return work.bytes;
}

void cd_run_loss_begin(const cd_launch *launch, cd_loss_elements *elements)
{
    elements->argument = launch->out[0];
    if (reduction_of(launch) == CD_NONE) return;
    set_layout(launch, &elements->layout);
    elements->argument = (cd_array){ launch->workspace, &elements->layout };
}

void cd_run_loss_end(const cd_launch *launch, const cd_loss_elements *elements)
{
    const cd_reduction reduction = reduction_of(launch);
    if (reduction == CD_MEAN) cd_run_mean_of(&elements->argument, &launch->out[0]);
    if (reduction == CD_SUM) cd_run_sum_of(&elements->argument, &launch->out[0]);
}
