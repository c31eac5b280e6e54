/* triplet_margin_loss: by how much the anchor is not nearer to the positive than to the negative
 * by the margin. Made of other ops, as in PyTorch; triplet_margin_with_distance_loss is the same
 * with another distance. */
#include "autograd/families/loss_internal.h"
#include "autograd/ops_internal.h"

static bool check_numbers(const char *name, const cd_triplet_margin_loss_options *loss)
{
    const double margin = cd_option_or(loss->margin, 1);
    if (loss->distance && (loss->p != 0 || loss->eps != 0)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: .p and .eps are not for a .distance", name);
    }
    return margin > 0 ||
           cd_fail(CD_ERR_ARGUMENT, "%s: .margin is %g, and must be above 0", name, margin);
}

static bool check(const char *name, const cd_triplet_margin_loss_options *loss)
{
    cd_tensor *const in[3] = { loss->anchor, loss->positive, loss->negative };
    char text[3][CD_SHAPE_TEXT];
    if (!cd_check_reduction(name, loss->reduction) || !check_numbers(name, loss) ||
        !cd_check_loss_tensors(name, 3, in, (const char *[]){ "anchor", "positive", "negative" })) {
        return false;
    }
    const int ndim = in[0]->shape.ndim;
    return (in[1]->shape.ndim == ndim && in[2]->shape.ndim == ndim) ||
           cd_fail(CD_ERR_SHAPE,
                   "%s: anchor (%s), positive (%s) and negative (%s) must have as many dimensions",
                   name, cd_sizes_text(&in[0]->shape, text[0]),
                   cd_sizes_text(&in[1]->shape, text[1]), cd_sizes_text(&in[2]->shape, text[2]));
}

/* The norm of a - b + eps along the last dimension. */
static cd_tensor *distance(const cd_triplet_margin_loss_options *loss, cd_tensor *a, cd_tensor *b)
{
    if (loss->distance) return loss->distance(a, b);
    const double p = loss->p == 0 && signbit(loss->p) ? CD_ZERO : cd_option_or(loss->p, 2);
    cd_tensor *d = cd_add(cd_sub(a, b), cd_option_or(loss->eps, 1e-6));
    return cd_norm(d, .p = p, .by_dim = true, .dim = -1);
}

cd_tensor *cd_triplet_margin_loss_with(cd_triplet_margin_loss_options loss)
{
    const char *name = "triplet_margin_loss";
    if (!check(name, &loss)) return NULL;
    cd_scope scope = cd_scope_begin();
    cd_tensor *to_positive = distance(&loss, loss.anchor, loss.positive);
    cd_tensor *to_negative = distance(&loss, loss.anchor, loss.negative);
    if (loss.swap) {
        to_negative = cd_minimum(to_negative, distance(&loss, loss.positive, loss.negative));
    }
    cd_tensor *gap = cd_sub(cd_add(to_positive, cd_option_or(loss.margin, 1)), to_negative);
    return cd_ops_end(scope, cd_reduce_loss(name, cd_clamp_min(gap, 0), loss.reduction));
}

const cd_op cd_op_triplet_margin_loss = {
    .name = "triplet_margin_loss",
    .like =
        "torch.nn.functional.triplet_margin_loss(a, p, n, margin=..., p=..., eps=..., swap=..., "
        "reduction=...)",
    .formula = "y = max(0, margin + |a - p| - |a - n|), its mean, or its sum",
    .gradient = "that of sub, norm, clamp_min and the reduction",
    .dtypes = "floating",
    .composed = true,
};
