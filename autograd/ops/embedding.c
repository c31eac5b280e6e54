/* embedding: the rows of a weight that an index names.
 *
 * weight is N x D; the index, int64 or int32, has any shape, and y has D in addition. The row
 * `padding_idx`, if there is one, gets no gradient. With scale_grad_by_freq the gradient of a
 * row is divided by how often the index names it. Saves the index. Kernels:
 * core/cpu/embedding.c. The gradient is an op itself, embedding_backward. */
#include <string.h>

#include "autograd/families/indexing_internal.h"
#include "autograd/layer_ops.h"
#include "core/cpu/embedding_internal.h"

enum { INDEX, WEIGHT }; /* the inputs; those of embedding_backward are INDEX and DY */
enum { DY = WEIGHT };

static const cd_field fields[] = { CD_FIELD(cd_embedding_attributes, padding_idx, INTEGER),
                                   CD_FIELD(cd_embedding_attributes, scale_grad_by_freq, BOOL),
                                   CD_FIELDS_END };

static void embedding_backward(cd_node *node, cd_tensor *const *dy, cd_tensor **dx)
{
    const cd_embedding_attributes *a = cd_attributes_of(node);
    cd_embedding_attributes own = *a;
    own.rows = node->input[WEIGHT].shape.dim[0];
    dx[WEIGHT] = cd_op_with(&cd_op_embedding_backward, &own, cd_saved_value(node, 0), dy[0]);
}

static cd_shape with_row(const cd_shape *index, int64_t size)
{
    cd_shape shape = *index;
    shape.dim[shape.ndim++] = size;
    return shape;
}

static bool check_padding(const cd_call *call, cd_embedding_attributes *a, int64_t rows)
{
    if (a->padding_idx < 0) a->padding_idx += rows;
    return (a->padding_idx >= 0 && a->padding_idx < rows) ||
           cd_refuse(call, CD_ERR_ARGUMENT, ".padding_idx must be from %lld to %lld",
                     (long long)-rows, (long long)rows - 1);
}

static bool embedding_infer(cd_call *call)
{
    char text[CD_SHAPE_TEXT];
    cd_embedding_attributes *a = call->launch.attributes;
    const cd_tensor *index = call->in[INDEX].tensor, *weight = call->in[WEIGHT].tensor;
    if (index->dtype != CD_I64 && index->dtype != CD_I32) {
        return cd_refuse(call, CD_ERR_DTYPE, "the index is %s, and must be int64 or int32",
                         cd_dtype_name(index->dtype));
    }
    if (weight->shape.ndim != 2) {
        return cd_refuse(call, CD_ERR_SHAPE, "weight (%s) must be a matrix",
                         cd_sizes_text(&weight->shape, text));
    }
    if (index->shape.ndim == CD_MAX_DIMS) {
        return cd_refuse(call, CD_ERR_SHAPE, "the index (%s) must have fewer than %d dimensions",
                         cd_sizes_text(&index->shape, text), CD_MAX_DIMS);
    }
    if (a->has_padding && !check_padding(call, a, weight->shape.dim[0])) return false;
    call->need[INDEX] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR };
    call->need[WEIGHT].order = CD_ROW_MAJOR;
    call->out[0].dtype = weight->dtype;
    call->out[0].shape = with_row(&index->shape, weight->shape.dim[1]);
    return true;
}

static bool embedding_check(const cd_launch *launch, cd_fault *fault)
{
    return cd_check_indices(&launch->in[INDEX], launch->in[WEIGHT].layout->shape.dim[0], fault);
}

static bool embedding_refuse(cd_call *call, const cd_fault *fault)
{
    return cd_refuse(call, CD_ERR_ARGUMENT, "index %lld is outside of a weight of %lld rows",
                     (long long)fault->integer, (long long)call->in[WEIGHT].tensor->shape.dim[0]);
}

static void embedding_run(const cd_launch *launch)
{
    const cd_array *index = &launch->in[INDEX], *weight = &launch->in[WEIGHT];
    const size_t bytes =
        (size_t)weight->layout->shape.dim[1] * cd_dtype_size(weight->layout->dtype);
    cd_cpu_take_rows(index->layout->numel, index->data, bytes, weight->data, launch->out[0].data);
}

cd_tensor *cd_embedding_with(cd_embedding_options o)
{
    cd_embedding_attributes a = { .has_padding = o.padding,
                                  .padding_idx = o.padding ? o.padding_idx : -1,
                                  .scale_grad_by_freq = o.scale_grad_by_freq };
    if (!o.padding && o.padding_idx != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "embedding: .padding_idx is %lld, and is only looked at with .padding = true",
                      (long long)o.padding_idx);
        return NULL;
    }
    if (o.max_norm != 0) {
        (void)cd_fail(CD_ERR_ARGUMENT, "embedding: .max_norm is not there yet: scale the rows of "
                                       "the weight yourself, under CD_NO_GRAD()");
        return NULL;
    }
    return cd_op_with(&cd_op_embedding, &a, o.index, o.weight);
}

const cd_op cd_op_embedding = {
    .name = "embedding",
    .grad_fn = "EmbeddingBackward0",
    .like = "torch.nn.functional.embedding(index, weight, padding_idx)",
    .formula = "y[..] = weight[index[..]]",
    .gradient = "dweight = 0, with dweight[index[..]] += dy[..] but for the padding",
    .dtypes = "all; the index is int64 or int32",
    .inputs = 2,
    .input = { "index", "weight" },
    .save = { { CD_INPUT, INDEX } },
    CD_OP_ATTRIBUTES(cd_embedding_attributes, fields),
    .infer = embedding_infer,
    .refuse = embedding_refuse,
    .cpu = { .check = embedding_check, .run = embedding_run },
    .backward = embedding_backward,
};

/* --- embedding_backward: zeros, with the rows of dy added where they came from ---------------- */

static const cd_field backward_fields[] = {
    CD_FIELD(cd_embedding_attributes, padding_idx, INTEGER),
    CD_FIELD(cd_embedding_attributes, scale_grad_by_freq, BOOL),
    CD_FIELD(cd_embedding_attributes, rows, INTEGER), CD_FIELDS_END
};

/* g is the gradient of dweight. As in PyTorch scale_grad_by_freq does not count here. */
static void embedding_backward_backward(cd_node *node, cd_tensor *const *g, cd_tensor **grad)
{
    const cd_embedding_attributes *a = cd_attributes_of(node);
    cd_tensor *index = cd_saved_value(node, 0), *picked = cd_embedding(index, g[0]);
    if (a->has_padding && index) {
        picked = cd_masked_fill(picked, cd_unsqueeze(cd_eq(index, a->padding_idx), -1), 0);
    }
    grad[DY] = picked;
}

static bool infer_backward(cd_call *call)
{
    const cd_embedding_attributes *a = call->launch.attributes;
    const cd_tensor *dy = call->in[DY].tensor;
    call->need[INDEX] = (cd_need){ .dtype = CD_I64, .order = CD_ROW_MAJOR };
    call->need[DY].order = CD_ROW_MAJOR;
    call->out[0].dtype = dy->dtype;
    call->out[0].shape = CD_SHAPE(a->rows, dy->shape.dim[dy->shape.ndim - 1]);
    return true;
}

/* Room for how often the index names each row. */
static size_t workspace_of_backward(const cd_launch *launch)
{
    const cd_embedding_attributes *a = launch->attributes;
    return a->scale_grad_by_freq ? (size_t)a->rows * sizeof(int64_t) : 0;
}

static void run_backward(const cd_launch *launch)
{
    const cd_embedding_attributes *a = launch->attributes;
    const cd_array *dy = &launch->in[DY], *dx = &launch->out[0];
    const int64_t *index = launch->in[INDEX].data, count = launch->in[INDEX].layout->numel;
    int64_t *how_often = a->scale_grad_by_freq ? launch->workspace : NULL;
    if (how_often) {
        memset(how_often, 0, (size_t)a->rows * sizeof *how_often);
        for (int64_t k = 0; k < count; k++) how_often[index[k]]++;
    }
    const cd_embedding_gradient g = { .dtype = dx->layout->dtype,
                                      .count = count,
                                      .rows = a->rows,
                                      .size = dx->layout->shape.dim[1],
                                      .index = index,
                                      .skipped = a->has_padding ? a->padding_idx : -1,
                                      .how_often = how_often,
                                      .dy = dy->data,
                                      .dx = dx->data };
    cd_cpu_embedding_gradient(&g);
}

const cd_op cd_op_embedding_backward = {
    .name = "embedding_backward",
    .grad_fn = "EmbeddingDenseBackwardBackward0",
    .like = "torch.ops.aten.embedding_dense_backward",
    .formula = "dweight = 0, with dweight[index[..]] += dy[..] but for the padding",
    .gradient = "for dy: the rows of g by the index, 0 for the padding",
    .dtypes = "floating",
    .inputs = 2,
    .input = { "index", "dy" },
    .save = { { CD_INPUT, INDEX } },
    CD_OP_ATTRIBUTES(cd_embedding_attributes, backward_fields),
    .infer = infer_backward,
    .cpu = { .workspace = workspace_of_backward, .run = run_backward },
    .backward = embedding_backward_backward,
};
