#include "autograd/families/attention_internal.h"

#include <math.h>

#include "autograd/families/softmax_internal.h"
#include "autograd/ops_internal.h"
#include "autograd/product_ops.h"
#include "autograd/shape_ops.h"

/* --- heads ------------------------------------------------------------------------------------ */

cd_tensor *cd_attention_to_heads(cd_tensor *x, int64_t heads, bool batch_first)
{
    if (!x) return NULL;
    return cd_permute(cd_unflatten(x, 2, CD_SHAPE(heads, x->shape.dim[2] / heads)),
                      batch_first ? CD_SHAPE(0, 2, 1, 3) : CD_SHAPE(1, 2, 0, 3));
}

cd_tensor *cd_attention_from_heads(cd_tensor *x, bool batch_first)
{
    const cd_shape order = batch_first ? CD_SHAPE(0, 2, 1, 3) : CD_SHAPE(2, 0, 1, 3);
    return cd_flatten(cd_permute(x, order), 2, 3);
}

double cd_attention_scale(int64_t width)
{
    return width > 0 ? 1 / sqrt((double)width) : 1;
}

/* --- in ops ----------------------------------------------------------------------------------- */

/* A bool mask that takes keys away, as one to add. */
static cd_tensor *as_added(cd_tensor *mask, cd_dtype dtype)
{
    if (cd_dtype_of(mask) != CD_BOOL) return mask;
    return cd_to(cd_where(mask, 0.0, -INFINITY), dtype);
}

/* For a query whose scores are all -Inf, by the mask or by themselves, softmax is taken of zeros
 * and replaced by zeros: so neither it nor its gradient is NaN. */
cd_tensor *cd_attention_weights(const cd_attention_pass *p)
{
    cd_tensor *mask = p->mask;
    cd_tensor *scores = cd_mul(cd_matmul(p->q, cd_transpose(p->k, -1, -2)), p->attributes.scale);
    if (!scores) return NULL;
    const cd_shape shape = scores->shape;
    const int64_t queries = shape.dim[shape.ndim - 2], keys = shape.dim[shape.ndim - 1];
    if (p->attributes.is_causal) {
        cd_tensor *ones =
            cd_ones(CD_SHAPE(queries, keys), .dtype = CD_BOOL, .device = cd_tensor_device(p->q));
        mask = cd_tril(ones, 0);
    }
    if (mask) scores = cd_add(scores, as_added(mask, scores->dtype));
    if (keys == 0) return cd_softmax(scores, -1);
    cd_tensor *none = cd_isneginf(cd_amax(cd_detach(scores), .dims = CD_DIMS(-1), .keepdim = true));
    return cd_masked_fill(cd_softmax(cd_masked_fill(scores, none, 0), -1), none, 0);
}

void cd_attention_gradients_by_ops(cd_attention_pass *p, cd_tensor *dy)
{
    cd_tensor *weights = cd_attention_weights(p);
    if (p->wants_v) p->dv = cd_matmul(cd_transpose(weights, -1, -2), dy);
    if (!p->wants_q && !p->wants_k && !p->wants_mask) return;
    cd_tensor *dweights = cd_matmul(dy, cd_transpose(p->v, -1, -2));
    if (!dweights || !weights) return;
    cd_tensor *dscores =
        cd_softmax_gradient(&cd_op_softmax_backward, dweights, weights, weights->shape.ndim - 1);
    if (p->wants_mask) p->dmask = dscores;
    dscores = cd_mul(dscores, p->attributes.scale);
    if (p->wants_q) p->dq = cd_matmul(dscores, p->k);
    if (p->wants_k) p->dk = cd_matmul(cd_transpose(dscores, -1, -2), p->q);
}

/* --- infer and run ---------------------------------------------------------------------------- */

bool cd_check_attention_mask(cd_call *call, int k, bool is_causal, const cd_shape *scores)
{
    char text[CD_SHAPE_TEXT], other[CD_SHAPE_TEXT];
    const cd_tensor *mask = call->in[k].tensor;
    const cd_dtype dtype = call->in[0].tensor->dtype;
    const char *name = call->op->input[k];
    if (!mask) return true;
    if (is_causal) {
        return cd_refuse(call, CD_ERR_ARGUMENT, "%s and .is_causal exclude each other", name);
    }
    if (mask->dtype != CD_BOOL && mask->dtype != CD_F32 && mask->dtype != dtype) {
        return cd_refuse(call, CD_ERR_DTYPE,
                         "%s is %s, and must be bool or have the dtype of %s, %s", name,
                         cd_dtype_name(mask->dtype), call->op->input[0], cd_dtype_name(dtype));
    }
    if (mask->shape.ndim < 2 || !cd_broadcasts_to(&mask->shape, scores)) {
        return cd_refuse(call, CD_ERR_SHAPE,
                         "%s (%s) must have 2 dimensions or more, and broadcast to the scores (%s)",
                         name, cd_sizes_text(&mask->shape, text), cd_sizes_text(scores, other));
    }
    if (mask->dtype != CD_BOOL) call->need[k].dtype = dtype;
    return true;
}

void cd_attention_set_strides(cd_attention_operand *x, const cd_layout *layout, int batch_dims)
{
    const int own = layout->shape.ndim - 2, skipped = batch_dims - own;
    const int64_t size = (int64_t)cd_dtype_size(layout->dtype);
    for (int i = 0; i < own; i++) {
        const bool shared = layout->shape.dim[i] == 1;
        x->stride[skipped + i] = shared ? 0 : layout->stride[i] * size;
    }
}

void cd_attention_set_mask(cd_attention *call, const cd_array *mask)
{
    const cd_layout *m = mask->layout;
    if (!m) return;
    const int64_t size = (int64_t)cd_dtype_size(m->dtype), *dim = &m->shape.dim[m->shape.ndim];
    const int64_t *stride = &m->stride[m->shape.ndim];
    call->mask.data = mask->data;
    call->mask_dtype = m->dtype;
    call->mask_row = dim[-2] == 1 ? 0 : stride[-2] * size;
    call->mask_column = dim[-1] == 1 ? 0 : stride[-1] * size;
    cd_attention_set_strides(&call->mask, m, call->batch.ndim);
}
