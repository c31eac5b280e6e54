/* autograd/ops/max_pool2d_backward.c
 *
 *   dx = 0, with dy added where the largest of max_pool2d were     ddy = ddx at these indices
 *
 * The indices are int64 and shaped as dy: where in its plane each element goes. */
#include "autograd/op/pool_internal.h"
#include "autograd/ops_internal.h"
#include "core/cpu/gather_internal.h"
#include "core/cpu/pool_internal.h"

enum { DY, INDICES };

/* Height and width made one. */
static cd_tensor *in_rows(cd_tensor *x)
{
    return x ? cd_flatten(x, x->shape.ndim - 2, -1) : NULL;
}

static void backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    cd_tensor *indices = cd_saved_value(node, 0);
    if (!indices) return;
    dx[DY] = cd_view(cd_gather(in_rows(dy[0]), -1, in_rows(indices)), indices->shape);
}

static bool infer(cd_call *call)
{
    const cd_shape_attributes *a = call->launch.attributes;
    const cd_tensor *dy = call->in[DY].tensor, *indices = call->in[INDICES].tensor;
    if (!cd_check_planes(call, dy) || !cd_check_fits_planes(call, dy, a->shape)) return false;
    if (indices->dtype != CD_I64) {
        return cd_refuse(call, CD_ERR_DTYPE, "the indices are %s, and must be int64",
                         cd_dtype_name(indices->dtype));
    }
    if (!cd_check_gradient_shape(call, dy, indices->shape)) return false;
    call->need[DY].order = call->need[INDICES].order = CD_ROW_MAJOR;
    call->out[0].dtype = dy->dtype;
    call->out[0].shape = a->shape;
    return true;
}

static cd_pool2d_sizes pool_of(const cd_launch *launch)
{
    const cd_shape_attributes *a = launch->attributes;
    cd_pool2d_sizes pool, out;
    cd_pool_planes(a->shape, &pool);
    cd_pool_planes(launch->in[DY].layout->shape, &out);
    pool.out_h = out.height;
    pool.out_w = out.width;
    return pool;
}

/* An index outside the plane would be written to. */
static bool check(const cd_launch *launch, cd_fault *fault)
{
    const cd_pool2d_sizes pool = pool_of(launch);
    const int64_t *index = launch->in[INDICES].data;
    const int64_t count = launch->in[INDICES].layout->numel;
    fault->position = cd_cpu_first_outside(index, count, pool.height * pool.width);
    if (fault->position == count) return true;
    fault->integer = index[fault->position];
    return false;
}

static bool refuse(cd_call *call, const cd_fault *fault)
{
    const cd_pool2d_sizes pool = pool_of(&call->launch);
    return cd_refuse(call, CD_ERR_ARGUMENT, "index %lld is outside a plane of %lld elements",
                     (long long)fault->integer, (long long)(pool.height * pool.width));
}

static void run(const cd_launch *launch)
{
    const cd_pool2d_sizes pool = pool_of(launch);
    cd_cpu_max_pool2d_backward(&pool, launch->in[DY].layout->dtype, launch->in[DY].data,
                               launch->in[INDICES].data, launch->out[0].data);
}

cd_tensor *cd_max_pool2d_backward(cd_tensor *dy, cd_tensor *indices, cd_shape shape)
{
    cd_shape_attributes a = { shape };
    return cd_op_with(&cd_op_max_pool2d_backward, &a, dy, indices);
}

const cd_op cd_op_max_pool2d_backward = {
    .name = "max_pool2d_backward",
    .grad_fn = "MaxPool2DWithIndicesBackwardBackward0",
    .like = "torch.ops.aten.max_pool2d_with_indices_backward",
    .formula = "dx = 0, with dy added where the largest were",
    .gradient = "ddy = ddx at these indices",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "dy", "indices" },
    .save = { { CD_INPUT, INDICES } },
    CD_OP_ATTRIBUTES(cd_shape_attributes, cd_shape_fields),
    .infer = infer,
    .refuse = refuse,
    .cpu = { .check = check, .run = run },
    .backward = backward,
};
