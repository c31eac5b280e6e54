/* one_hot: a row of num_classes numbers for each class number in the index: 1 at the class, else 0.
 *
 * The index is int64. y is int64 and has one more dimension, the last. A num_classes of -1 stands
 * for the largest index + 1; it is found by reading the index before the op is called. Kernel:
 * core/cpu/gather.c. */
#include "autograd/families/indexing_internal.h"
#include "core/scope_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_one_hot_attributes, num_classes, INTEGER),
                                   CD_FIELDS_END };

static bool one_hot_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_one_hot_attributes *a = call->launch.attributes;
    const cd_tensor *index = call->in[0].tensor;
    if (index->dtype != CD_I64) {
        return cd_refuse(call, CD_ERR_DTYPE, "the index is %s, and must be int64",
                         cd_dtype_name(index->dtype));
    }
    if (index->shape.ndim == CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "the index (%s) has %d dimensions, and one more are too many",
                         cd_sizes_text(&index->shape, text), CD_MAX_DIMS);
    }
    if (a->num_classes == -1) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "an empty index does not say how many classes there are");
    }
    if (a->num_classes < 1) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "there cannot be %lld classes: 1 or more, or -1 for as many as the "
                         "largest index needs",
                         (long long)a->num_classes);
    }
    call->need[0].order = CD_ROW_MAJOR;
    call->out[0].dtype = CD_I64;
    call->out[0].shape = index->shape;
    call->out[0].shape.dim[call->out[0].shape.ndim++] = a->num_classes;
    return true;
}

static bool one_hot_check(const cd_launch *launch, cd_fault *fault)
{
    const cd_one_hot_attributes *a = launch->attributes;
    return cd_check_indices(&launch->in[0], a->num_classes, fault);
}

static bool one_hot_refuse(cd_call *call, const cd_fault *fault)
{
    const cd_one_hot_attributes *a = call->launch.attributes;
    if (fault->integer < 0) {
        return cd_refuse(call, CD_ERR_ARGUMENT,
                         "index %lld (at position %lld) is negative: classes count from 0",
                         (long long)fault->integer, (long long)fault->position);
    }
    return cd_refuse(
        call, CD_ERR_ARGUMENT,
        "index %lld (at position %lld) is out of range: with %lld classes it must be 0 "
        "to %lld",
        (long long)fault->integer, (long long)fault->position, (long long)a->num_classes,
        (long long)a->num_classes - 1);
}

static void one_hot_run(const cd_launch *launch)
{
    const cd_one_hot_attributes *a = launch->attributes;
    cd_cpu_one_hot(launch->in[0].layout->numel, a->num_classes, launch->in[0].data,
                   launch->out[0].data);
}

/* The largest index + 1. -1 for an index that infer refuses, and with an error. */
static int64_t count_classes(cd_tensor *index)
{
    int64_t largest = -1;
    if (!cd_check_tensor(index, "one_hot", "index") || index->dtype != CD_I64 ||
        index->numel == 0) {
        return -1;
    }
    if (!cd_check_not_captured("one_hot", "num_classes of -1 reads elements")) return -1;
    if (cd_tensor_device(index) == CD_META) {
        (void)cd_fail(CD_ERR_UNSUPPORTED,
                      "one_hot: how many classes there are depends on elements, and tensors on the "
                      "meta device have none: give num_classes");
        return -1;
    }
    cd_scope scope = cd_scope_begin();
    const cd_tensor *max = cd_max(index);
    bool read = max && cd_read(max, &largest, sizeof largest);
    (void)cd_scope_end(scope);
    if (!read) return -1;
    return largest < 0 ? 1 : largest == INT64_MAX ? largest : largest + 1;
}

cd_tensor *cd_one_hot(cd_tensor *index, int64_t num_classes)
{
    cd_one_hot_attributes a = { num_classes };
    if (num_classes == -1) a.num_classes = count_classes(index);
    return cd_ok() ? cd_op_with(&cd_op_one_hot, &a, index) : NULL;
}

const cd_op cd_op_one_hot = {
    .name = "one_hot",
    .like = "torch.nn.functional.one_hot(index, num_classes)",
    .formula = "y[i, c] = 1 where c = index[i], else 0",
    .gradient = "none: an index has no gradient",
    .dtypes = "int64",
    .inputs = 1,
    .input = { "index" },
    CD_OP_ATTRIBUTES(cd_one_hot_attributes, fields),
    .infer = one_hot_infer,
    .refuse = one_hot_refuse,
    .cpu = { .check = one_hot_check, .run = one_hot_run },
};
