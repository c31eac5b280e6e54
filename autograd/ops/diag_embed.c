/* diag_embed: zeros, with the last dimension of x as a diagonal of two dimensions, of which the
 * other ones of x are the rest. Saves nothing. Kernel: zeros, and a copy of core/cpu/copy.c. */
#include "autograd/families/rearrange_internal.h"
#include "core/cpu/elementwise_internal.h"

static const cd_field fields[] = { CD_FIELD(cd_diagonal_attributes, offset, INTEGER),
                                   CD_FIELD(cd_diagonal_attributes, dim1, DIM),
                                   CD_FIELD(cd_diagonal_attributes, dim2, DIM), CD_FIELDS_END };

static void diag_embed_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_diagonal_attributes *a = cd_attributes_of(node);
    dx[0] = cd_diagonal(dy[0], a->offset, a->dim1, a->dim2);
}

static bool check(cd_call *call, const cd_tensor *x, cd_diagonal_attributes *a)
{
    char text[CD_SHAPE_TEXT];
    if (x->shape.ndim < 1 || x->shape.ndim == CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x has shape %s, and must have 1 to %d dimensions, of which the last is "
                         "the diagonal",
                         cd_sizes_text(&x->shape, text), CD_MAX_DIMS - 1);
    }
    return cd_check_diagonal(call->name, x->shape.ndim + 1, a);
}

static bool diag_embed_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    int64_t size;
    cd_diagonal_attributes *a = call->launch.attributes;
    const cd_tensor *x = call->in[0].tensor;
    cd_shape *y = &call->out[0].shape;
    if (!check(call, x, a)) return false;
    const int64_t length = x->shape.dim[x->shape.ndim - 1];
    if (__builtin_add_overflow(length, a->offset < 0 ? -a->offset : a->offset, &size)) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "x (%s) has no diagonal at %lld: there are too many "
                         "elements",
                         cd_sizes_text(&x->shape, text), (long long)a->offset);
    }
    y->ndim = x->shape.ndim + 1;
    for (int i = 0, k = 0; i < y->ndim; i++) {
        y->dim[i] = i == a->dim1 || i == a->dim2 ? size : x->shape.dim[k++];
    }
    call->out[0].dtype = x->dtype;
    return true;
}

static void diag_embed_run(const cd_launch *launch)
{
    const cd_array *x = &launch->in[0], *y = &launch->out[0];
    cd_layout diagonal = *y->layout;
    cd_cpu_zero(y);
    if (x->layout->numel == 0) return;
    cd_diagonal_layout(&diagonal, launch->attributes);
    cd_cpu_copy_into(y, diagonal.stride, diagonal.offset - y->layout->offset, x);
}

cd_tensor *cd_diag_embed(cd_tensor *x, int64_t offset, int dim1, int dim2)
{
    cd_diagonal_attributes a = { .offset = offset, .dim1 = dim1, .dim2 = dim2 };
    return cd_op_with(&cd_op_diag_embed, &a, x);
}

const cd_op cd_op_diag_embed = {
    .name = "diag_embed",
    .grad_fn = "DiagEmbedBackward0",
    .like = "torch.diag_embed(x, offset, dim1, dim2)",
    .formula = "y[.., i, .., i + offset, ..] = x[.., i], else 0",
    .gradient = "dx = the diagonal of dy",
    .dtypes = "all",
    .inputs = 1,
    .input = { "x" },
    CD_OP_ATTRIBUTES(cd_diagonal_attributes, fields),
    .infer = diag_embed_infer,
    .cpu = { .run = diag_embed_run },
    .backward = diag_embed_backward,
};
