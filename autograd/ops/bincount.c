/* bincount: how often each integer from 0 on is in x; with weights, the sums of these.
 *
 * measure finds the length of the result, which is the largest integer + 1, or minlength. `check`
 * refuses negative integers. An x without elements is counted as if there were no weights. Kernel:
 * core/cpu/count.c. */
#include "autograd/families/indexing_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/count_internal.h"

enum { X, WEIGHTS };

static const cd_field fields[] = { CD_FIELD(cd_bincount_attributes, minlength, INTEGER),
                                   CD_FIELDS_END };

static bool check_x(const cd_call *call, const cd_tensor *x)
{
    char text[CD_SHAPE_TEXT];
    if (!cd_check_computes_in(call, x->dtype)) return false;
    return x->shape.ndim == 1 ||
           cd_refuse(call, CD_ERR_SHAPE, "x has shape %s, and must be a vector",
                     cd_sizes_text(&x->shape, text));
}

static bool bincount_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT];
    const cd_bincount_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[X].tensor, *weights = cd_operand_as_tensor(call->in[WEIGHTS]);
    if (!check_x(call, x)) return false;
    if (a->minlength < 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT, ".minlength is %lld: 0 or more",
                         (long long)a->minlength);
    }
    if (weights && !cd_shape_equal(weights->shape, x->shape)) {
        return cd_refuse(call, CD_ERR_SHAPE, "the weights (%s) must have the shape of x (%s)",
                         cd_sizes_text(&weights->shape, text), cd_sizes_text(&x->shape, text_x));
    }
    call->out[0].dtype = CD_I64;
    if (weights && x->numel > 0) call->out[0].dtype = weights->dtype == CD_F32 ? CD_F32 : CD_F64;
    call->need[X] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR };
    call->need[WEIGHTS] = (cd_need){ .dtype = call->out[0].dtype, .order = CD_ROW_MAJOR };
    call->out[0].shape = CD_SHAPE(CD_MEASURED);
    return true;
}

static bool bincount_check(const cd_launch *launch, cd_fault *fault)
{
    return cd_check_indices(&launch->in[X], INT64_MAX, fault);
}

static bool bincount_refuse(cd_call *call, const cd_fault *fault)
{
    if (fault->integer < 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "x[%lld] is %lld: it must not be negative",
                         (long long)fault->position, (long long)fault->integer);
    }
    return cd_refuse(call, CD_ERR_ARGUMENT, "x[%lld] is %lld, which is too large",
                     (long long)fault->position, (long long)fault->integer);
}

static int64_t bincount_measure(const cd_launch *launch)
{
    const cd_bincount_attributes *a = launch->attributes;
    const cd_array *x = &launch->in[X];
    const int64_t largest = cd_cpu_largest(x->data, x->layout->numel);
    return largest >= a->minlength ? largest + 1 : a->minlength;
}

static void bincount_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[X], *y = &launch->out[0];
    cd_cpu_count(y->layout->dtype, x->data, x->layout->numel, launch->in[WEIGHTS].data,
                 y->layout->numel, y->data);
}

cd_tensor *cd_bincount_with(cd_bincount_options options)
{
    cd_bincount_attributes a = { options.minlength };
    return cd_op_with(&cd_op_bincount, &a, options.x, options.weights);
}

const cd_op cd_op_bincount = {
    .name = "bincount",
    .like = "torch.bincount(x)",
    .formula = "y[i] = how often i is in x, or the sum of the weights there",
    .gradient = "none, as in PyTorch",
    .dtypes = "integers; y is int64, with weights float32 or float64",
    .inputs = 2,
    .optional = CD_SET(WEIGHTS),
    .input = { "x", "weights" },
    .computes_in = CD_INTEGERS,
    CD_OP_ATTRIBUTES(cd_bincount_attributes, fields),
    .infer = bincount_infer,
    .refuse = bincount_refuse,
    .cpu = { .check = bincount_check, .measure = bincount_measure, .run = bincount_run },
};
