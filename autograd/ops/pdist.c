/* pdist: the distances between all pairs of rows of x (N x M), by the p-norm, as a vector: those of
 * row 0 to the rows after it, then those of row 1, and so on. As the part of cdist(x, x) above the
 * diagonal.
 *
 * Saves x and y. Kernel: core/cpu/distance.c, for each row; its gradient is that of cdist. */
#include "autograd/families/distance_internal.h"

#include "autograd/distance_ops.h"
#include "autograd/ops_internal.h"
#include "core/cpu/distance_internal.h"
#include "core/threads_internal.h"

enum { SAVED_X, SAVED_Y };

static const cd_field fields[] = { CD_FIELD(cd_distance_attributes, p, REAL), CD_FIELDS_END };

/* The symmetric N x N matrix that has the pairs above its diagonal, and 0 on it. */
static cd_tensor *as_matrix(cd_tensor *pairs, int64_t n)
{
    const cd_device device = cd_tensor_device(pairs);
    const cd_shape square = CD_SHAPE(n, n);
    cd_tensor *above = cd_triu(cd_ones(square, .dtype = CD_BOOL, .device = device), 1);
    cd_tensor *zeros = cd_zeros(square, .dtype = pairs->dtype, .device = device);
    cd_tensor *half = cd_masked_scatter(zeros, above, pairs);
    return cd_add(half, cd_t(half));
}

static void pdist_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const double p = ((const cd_distance_attributes *)cd_attributes_of(node))->p;
    const int64_t n = node->input[0].shape.dim[0];
    cd_tensor *x = cd_saved_value(node, SAVED_X), *y = cd_saved_value(node, SAVED_Y);
    if (!x || !y) return;
    dx[0] = cd_cdist_backward(as_matrix(dy[0], n), x, x, as_matrix(y, n), p);
}

static bool pdist_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    const cd_distance_attributes *d = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    if (x->shape.ndim != 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) must be a matrix",
                         cd_sizes_text(&x->shape, text));
    }
    const int64_t n = x->shape.dim[0];
    int64_t pairs;
    if (__builtin_mul_overflow(n, n > 0 ? n - 1 : 0, &pairs)) {
        return cd_refuse(call, CD_ERR_SHAPE, "x (%s) has more pairs of rows than can be counted",
                         cd_sizes_text(&x->shape, text));
    }
    call->out[0].dtype = x->dtype;
    call->out[0].shape = CD_SHAPE(pairs / 2);
    call->need[0].order = CD_ROW_MAJOR;
    return cd_check_floating(call, x->dtype) && cd_check_distance_p(call, d->p);
}

static void do_row(int64_t row, void *context)
{
    const cd_launch *launch = context;
    const cd_array *x = &launch->in[0];
    const int64_t n = x->layout->shape.dim[0], width = x->layout->shape.dim[1];
    const int64_t size = (int64_t)cd_dtype_size(x->layout->dtype);
    const char *a = (const char *)x->data + row * width * size;
    const cd_distances d = { .p = ((const cd_distance_attributes *)launch->attributes)->p,
                             .rows = n - row - 1,
                             .width = width,
                             .a = a,
                             .b = a + width * size };
    const int64_t before = row * n - row * (row + 1) / 2;
    cd_cpu_distances(x->layout->dtype, &d, (char *)launch->out[0].data + before * size);
}

static void pdist_run(const cd_launch *launch)
{
    cd_launch own = *launch;
    const int64_t n = launch->in[0].layout->shape.dim[0];
    if (n > 1) cd_parallel(n - 1, do_row, &own);
}

cd_tensor *cd_pdist_with(cd_pdist_options o)
{
    cd_distance_attributes d = { cd_option_or(o.p, 2) };
    return cd_op_with(&cd_op_pdist, &d, o.x);
}

const cd_op cd_op_pdist = {
    .name = "pdist",
    .grad_fn = "PdistBackward0",
    .like = "torch.nn.functional.pdist(x, p)",
    .formula = "y = (sum |x[i] - x[j]|^p)^(1/p), for each i < j",
    .gradient = "that of cdist, for x[i] and x[j]; 0 where y is 0",
    .dtypes = "floating",
    .inputs = 1,
    .input = { "x" },
    .save = { [SAVED_X] = { CD_INPUT, 0 }, [SAVED_Y] = { CD_OUTPUT, 0 } },
    CD_OP_ATTRIBUTES(cd_distance_attributes, fields),
    .infer = pdist_infer,
    .cpu = { .run = pdist_run },
    .backward = pdist_backward,
};
