/* max_unpool2d: zeros, with each element of x at its index into its plane of the result.
 *
 * x is N x C x H x W or C x H x W, and the indices, int64, have its shape. Of elements with one
 * index the last one stays; as in PyTorch the gradient of each of them is that of their place. Into
 * an empty plane nothing is put. Saves the indices. Kernel: core/cpu/pool.c. */
#include "autograd/families/indexing_internal.h"
#include "autograd/families/pool_internal.h"
#include "core/cpu/pool_internal.h"

enum { X, INDICES };

static const cd_field fields[] = { CD_FIELD(cd_adaptive_pool2d_attributes, size, PAIR),
                                   CD_FIELDS_END };

static void max_unpool2d_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    dx[X] = cd_pool_pick(dy[0], cd_saved_value(node, 0));
}

static bool max_unpool2d_infer(cd_call *call)
{
    const cd_adaptive_pool2d_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[X].tensor, *indices = call->in[INDICES].tensor;
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    if (!cd_check_planes(call, x)) return false;
    if (indices->dtype != CD_I64) {
        return cd_refuse(call, CD_ERR_DTYPE, "the indices are %s, and must be int64",
                         cd_dtype_name(indices->dtype));
    }
    if (!cd_shape_equal(x->shape, indices->shape)) {
        return cd_refuse(call, CD_ERR_SHAPE, "the indices (%s) must have the shape of x (%s)",
                         cd_sizes_text(&indices->shape, text), cd_sizes_text(&x->shape, other));
    }
    for (int i = x->shape.ndim - 3; i < x->shape.ndim; i++) {
        if (i > 0 && x->shape.dim[i] == 0) {
            return cd_refuse(call, CD_ERR_SHAPE, "x (%s) may be empty in its first dimension alone",
                             cd_sizes_text(&x->shape, text));
        }
    }
    call->need[X].order = call->need[INDICES].order = CD_ROW_MAJOR;
    call->out[0].dtype = x->dtype;
    call->out[0].shape = cd_pool_resized(x->shape, a->size[0], a->size[1]);
    return true;
}

static int64_t plane_size(const cd_launch *launch)
{
    const cd_adaptive_pool2d_attributes *a = launch->attributes;
    return a->size[0] * a->size[1];
}

static bool max_unpool2d_check(const cd_launch *launch, cd_fault *fault)
{
    const int64_t size = plane_size(launch);
    return size == 0 || cd_check_indices(&launch->in[INDICES], size, fault);
}

static bool max_unpool2d_refuse(cd_call *call, const cd_fault *fault)
{
    const cd_adaptive_pool2d_attributes *a = call->launch.attributes;
    return cd_refuse(call, CD_ERR_ARGUMENT,
                     "index %lld (at position %lld) is outside a plane of %lldx%lld",
                     (long long)fault->integer, (long long)fault->position, (long long)a->size[0],
                     (long long)a->size[1]);
}

static void max_unpool2d_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[X], *y = &launch->out[0];
    if (y->layout->numel == 0) return;
    const cd_pool2d_sizes pool = cd_pool_between(&y->layout->shape, &x->layout->shape);
    cd_cpu_max_unpool2d(&pool, x->layout->dtype, x->data, launch->in[INDICES].data, y->data);
}

/* Sets the height and width of the result for planes of x. False with an error. */
static bool find_size(const cd_max_unpool2d_options *o, int64_t size[2])
{
    char text[CD_SHAPE_TEXT];
    cd_pool2d_sizes pool = { .planes = 0 };
    const cd_pool_window_options window = { .kernel = o->kernel,
                                            .stride = o->stride,
                                            .padding = o->padding,
                                            .kernel_w = o->kernel_w,
                                            .stride_w = o->stride_w,
                                            .padding_w = o->padding_w,
                                            .padding_w_is_zero = o->padding_w_is_zero };
    const cd_shape *given = &o->output_size, *shape = &o->x->shape;
    if (given->ndim != 0 && given->ndim != 2 && given->ndim != 4) {
        return cd_fail(CD_ERR_SHAPE,
                       "max_unpool2d: .output_size is %s, and must be OH x OW or N x "
                       "C x OH x OW",
                       cd_shape_text(*given, text));
    }
    if (!cd_pool_window_complete("max_unpool2d", &window, &pool)) return false;
    const int64_t height[] = { pool.kernel_h, pool.stride_h, pool.padding_h };
    const int64_t width[] = { pool.kernel_w, pool.stride_w, pool.padding_w };
    const int64_t *last = given->ndim > 0 ? &given->dim[given->ndim - 2] : NULL;
    return cd_unpooled_size("max_unpool2d", 0, shape->dim[shape->ndim - 2], height, last,
                            &size[0]) &&
           cd_unpooled_size("max_unpool2d", 1, shape->dim[shape->ndim - 1], width,
                            last ? last + 1 : NULL, &size[1]);
}

cd_tensor *cd_max_unpool2d_with(cd_max_unpool2d_options o)
{
    int64_t size[2] = { 0, 0 };
    if (!cd_check_tensor(o.x, "max_unpool2d", "x")) return NULL;
    if (o.x->shape.ndim >= 2 && !find_size(&o, size)) return NULL;
    return cd_max_unpool("max_unpool2d", o.x, o.indices, size[0], size[1]);
}

const cd_op cd_op_max_unpool2d = {
    .name = "max_unpool2d",
    .grad_fn = "MaxUnpool2DBackward0",
    .like = "torch.nn.functional.max_unpool2d(x, indices, kernel, stride, padding, output_size)",
    .formula = "y = 0, with x at the indices of each plane",
    .gradient = "dx = dy at the indices",
    .dtypes = "floating; the indices int64",
    .inputs = 2,
    .input = { "x", "indices" },
    .computes_in = CD_FLOATS,
    .save = { { CD_INPUT, INDICES } },
    CD_OP_ATTRIBUTES(cd_adaptive_pool2d_attributes, fields),
    .infer = max_unpool2d_infer,
    .refuse = max_unpool2d_refuse,
    .cpu = { .check = max_unpool2d_check, .run = max_unpool2d_run },
    .backward = max_unpool2d_backward,
};
