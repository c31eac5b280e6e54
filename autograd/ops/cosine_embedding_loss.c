/* cosine_embedding_loss: of the cosine c between rows of x1 and x2, which targets of 1 want to
 * be 1, and targets of -1 below the margin. Made of other ops, as in PyTorch. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

static bool check(const char *name, const cd_pair_loss_options *loss)
{
    cd_tensor *const in[2] = { loss->input1, loss->input2 };
    char text_1[CD_SHAPE_TEXT], text_2[CD_SHAPE_TEXT], text_t[CD_SHAPE_TEXT];
    if (!cd_check_reduction(name, loss->reduction) ||
        !cd_check_loss_tensors(name, 2, in, (const char *[]){ "input1", "input2" }) ||
        !cd_check_loss_tensors(name, 1, &loss->target, (const char *[]){ "target" }) ||
        !cd_check_same_device(name, "input1", in[0], "target", loss->target)) {
        return false;
    }
    const int ndim = loss->target->shape.ndim;
    return (ndim <= 1 && in[0]->shape.ndim == ndim + 1 && in[1]->shape.ndim == ndim + 1) ||
           cd_fail(CD_ERR_SHAPE,
                   "%s: input1 (%s) and input2 (%s) must be N x D with a target of N, or D with a "
                   "scalar, not %s",
                   name, cd_sizes_text(&in[0]->shape, text_1), cd_sizes_text(&in[1]->shape, text_2),
                   cd_sizes_text(&loss->target->shape, text_t));
}

/* The cosine of each row, of vectors whose squares count as 1e-12 more. */
static cd_tensor *cosine(cd_tensor *a, cd_tensor *b)
{
    cd_tensor *square_a = cd_add(cd_sum_dim(cd_mul(a, a), -1), 1e-12);
    cd_tensor *square_b = cd_add(cd_sum_dim(cd_mul(b, b), -1), 1e-12);
    return cd_div(cd_sum_dim(cd_mul(a, b), -1), cd_sqrt(cd_mul(square_a, square_b)));
}

cd_tensor *cd_cosine_embedding_loss_with(cd_pair_loss_options loss)
{
    const char *name = "cosine_embedding_loss";
    if (!check(name, &loss)) return NULL;
    cd_scope scope = cd_scope_begin();
    cd_tensor *c = cosine(loss.input1, loss.input2), *zeros = cd_zeros_like(c);
    cd_tensor *above = cd_clamp_min(cd_sub(c, cd_option_or(loss.margin, 0)), 0);
    cd_tensor *each = cd_add(cd_where(cd_eq(loss.target, 1), cd_sub(1, c), zeros),
                             cd_where(cd_eq(loss.target, -1), above, zeros));
    return cd_ops_end(scope, cd_reduce_loss(name, each, loss.reduction));
}

const cd_op cd_op_cosine_embedding_loss = {
    .name = "cosine_embedding_loss",
    .like = "torch.nn.functional.cosine_embedding_loss(x1, x2, t, margin=..., reduction=...)",
    .formula =
        "y = 1 - c if t is 1, max(0, c - margin) if t is -1, else 0, c being the cosine of x1 "
        "and x2; its mean, or its sum",
    .gradient = "that of mul, sum, sqrt, div, clamp_min, where and the reduction",
    .dtypes = "all but bool; integers become float32",
    .composed = true,
};
