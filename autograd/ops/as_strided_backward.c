/* as_strided_backward: the gradient of as_strided with respect to the storage, an op so that it can
 * be differentiated again: n zeros, with the elements of dy added at the offset and strides of the
 * view.
 *
 * Saves nothing. Kernel: zeros, and a copy of core/cpu/copy.c; where the view shows an element
 * several times, additions by the loop `add` of core/cpu/binary.c. */
#include "autograd/ops_internal.h"
#include "core/cpu/elementwise_internal.h"

typedef cd_as_strided_backward_attributes attributes;

static const cd_field fields[] = { CD_FIELD(attributes, elements, INTEGER),
                                   { "shape", CD_FIELD_SHAPE, offsetof(attributes, at.shape) },
                                   { "offset", CD_FIELD_INTEGER, offsetof(attributes, at.offset) },
                                   CD_FIELDS_END };

static void as_strided_backward_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const attributes *a = cd_attributes_of(node);
    cd_tensor *from = cd_contiguous(dy[0]);
    dx[0] = from ? cd_as_layout(from, &a->at, from->offset + a->at.offset) : NULL;
}

static bool as_strided_backward_infer(cd_call *call)
{
    const attributes *a = call->launch.attributes;
    if (!cd_infer_view_backward(call, &a->at.shape, &CD_SHAPE(a->elements))) return false;
    return call->in[0].tensor->numel == 0 || cd_layout_end(&a->at) <= a->elements ||
           cd_refuse(call, CD_ERR_SHAPE, "shape and strides go beyond the %lld elements",
                     (long long)a->elements);
}

/* Adds row by row, and element by element where the last stride is 0: so no call of the loop, which
 * may add several elements at once, adds twice to one element. */
static void add(const cd_array *dx, const cd_layout *at, const cd_array *from)
{
    const cd_layout *dy = from->layout;
    cd_loop *loop = cd_cpu_loop(CD_MAP_add, dy->dtype);
    const int64_t bytes = (int64_t)cd_dtype_size(dy->dtype);
    const int last = at->shape.ndim - 1;
    const bool row = last >= 0 && at->stride[last] > 0;
    const int64_t n = row ? at->shape.dim[last] : 1;
    const int64_t step[3] = { row ? at->stride[last] * bytes : 0,
                              row ? at->stride[last] * bytes : 0,
                              row ? dy->stride[last] * bytes : 0 };
    int64_t index[CD_MAX_DIMS] = { 0 };
    for (int64_t done = 0; done < dy->numel; done += n) {
        int64_t to = at->offset, source = 0;
        for (int i = 0; i <= last; i++) {
            to += index[i] * at->stride[i];
            source += index[i] * dy->stride[i];
        }
        char *sum = (char *)dx->data + to * bytes;
        char *const data[3] = { sum, sum, (char *)from->data + source * bytes };
        loop(n, data, step, NULL);
        for (int i = row ? last - 1 : last; i >= 0 && ++index[i] == at->shape.dim[i]; i--) {
            index[i] = 0;
        }
    }
}

static void as_strided_backward_run(const cd_launch *launch)
{
    const attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[0], *dx = &launch->out[0];
    cd_cpu_zero(dx);
    if (cd_strides_overlap(a->at.shape, a->at.stride)) {
        add(dx, &a->at, dy);
    } else {
        cd_cpu_copy_into(dx, a->at.stride, a->at.offset, dy);
    }
}

cd_tensor *cd_as_strided_backward(cd_tensor *dy, int64_t n, const cd_layout *at)
{
    attributes a = { .elements = n, .at = *at };
    return cd_op_with(&cd_op_as_strided_backward, &a, dy);
}

const cd_op cd_op_as_strided_backward = {
    .name = "as_strided_backward",
    .grad_fn = "AsStridedBackwardBackward0",
    .like = "the gradient of torch.as_strided",
    .formula = "dx = n zeros, with dx[offset + i stride[0] + j stride[1] + ...] += dy[i, j, ...]",
    .gradient = "for dy: as_strided of g",
    .dtypes = "all",
    .inputs = 1,
    .input = { "dy" },
    CD_OP_ATTRIBUTES(attributes, fields),
    .infer = as_strided_backward_infer,
    .cpu = { .run = as_strided_backward_run },
    .backward = as_strided_backward_backward,
};
