/* autograd/ops/as_strided_backward.c
 *
 *   dx = n zeros, with dy added in the places that cd_as_strided would look at
 *   ddy = ddx in these places
 *
 * Keeps the layout of these places. */
#include <string.h>

#include "autograd/ops_internal.h"

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_places at;
    if (!cd_saved_layouts(node, 0, &at, 1)) return;
    cd_shape stride = { .ndim = at.shape.ndim };
    for (int i = 0; i < stride.ndim; i++) stride.dim[i] = at.stride[i];
    cd_tensor *from = cd_contiguous(dy[0]);
    dx[0] = from ? cd_as_strided(from, at.shape, stride, from->offset + at.offset) : NULL;
}

/* Adds row by row, and in a row that stands still one by one, so that no two of the additions that
 * are under way at once are to one place. */
static void add(cd_tensor *dx, const cd_places *at, const cd_tensor *dy)
{
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
        int64_t to = at->offset, from = 0;
        for (int i = 0; i <= last; i++) {
            to += index[i] * at->stride[i];
            from += index[i] * dy->stride[i];
        }
        char *place = cd_tensor_data(dx) + to * bytes;
        char *const data[3] = { place, place, cd_tensor_data(dy) + from * bytes };
        loop(n, data, step, NULL);
        for (int i = row ? last - 1 : last; i >= 0 && ++index[i] == at->shape.dim[i]; i--) {
            index[i] = 0;
        }
    }
}

cd_tensor *cd_as_strided_backward(cd_tensor *dy, int64_t n, const cd_places *at)
{
    cd_old_call call;
    if (!cd_op_begin(&call, &cd_op_as_strided_backward, dy)) return NULL;
    if (!cd_op_fits(&call, dy, at->shape)) return NULL;
    if (dy->numel > 0 && cd_layout_end(at) > n) {
        (void)cd_op_fail(&call, CD_ERR_SHAPE, "the places go beyond the %lld elements",
                         (long long)n);
        return cd_op_end(&call);
    }
    cd_tensor *dx = cd_op_output(&call, dy->dtype, (cd_shape){ .ndim = 1, .dim = { n } });
    if (dx) {
        memset(cd_tensor_data(dx), 0, dx->storage->bytes);
        if (cd_strides_overlap(at->shape, at->stride)) {
            add(dx, at, dy);
        } else if (dy->numel > 0) {
            cd_copy_into(dx, at->stride, at->offset, dy);
        }
        cd_op_save_layouts(&call, at, 1);
    }
    return cd_op_end(&call);
}

const cd_op cd_op_as_strided_backward = {
    .name = "as_strided_backward",
    .grad_fn = "AsStridedBackwardBackward0",
    .like = "the gradient of torch.as_strided",
    .formula = "dx = zeros with dy added at these steps",
    .gradient = "ddy = ddx in these places",
    .dtypes = "all",
    .backward = backward,
};
