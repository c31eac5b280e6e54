/* cross_entropy: the loss of logits of N x C, N x C x ... or C against class numbers, or against
 * probabilities of the classes, which are floating and have the shape of the logits. Made of other
 * ops: log_softmax over the dimension of the classes, then nll_loss; see there for class numbers
 * and options.
 *
 * With label smoothing s a target becomes 1 - s of itself and s / C of every class. As in
 * PyTorch the mean over probabilities is over their number, whatever the weights. */
#include "autograd/families/loss_internal.h"
#include "autograd/families/reduction_internal.h"
#include "autograd/ops_internal.h"

enum { PYTORCHS_IGNORE_INDEX = -100 };

static int class_dim(const cd_tensor *x)
{
    return x->shape.ndim > 1 ? 1 : 0;
}

/* Whether the target is class numbers of the right shape; probabilities have a check of their own.
 * Says both kinds if not. What is missing altogether nll_loss says. */
static bool check_target(const cd_loss_options *loss)
{
    const cd_tensor *x = loss->input, *t = loss->target;
    char text_t[CD_SHAPE_TEXT], text_x[CD_SHAPE_TEXT], text_classes[CD_SHAPE_TEXT];
    if (!x || !t || x->shape.ndim == 0 || !cd_is_floating(x->dtype)) return true;
    const cd_shape classes = cd_reduced_shape(x->shape, 1U << class_dim(x), false);
    const bool fits = cd_shape_equal(t->shape, classes);
    if (fits && (t->dtype == CD_I64 || t->dtype == CD_U8)) return true;
    (void)cd_sizes_text(&x->shape, text_x);
    return cd_fail(fits || cd_shape_equal(t->shape, x->shape) ? CD_ERR_DTYPE : CD_ERR_SHAPE,
                   "cross_entropy: the target (%s of %s) does not fit the input (%s): it must be "
                   "class numbers, int64 or uint8 of shape %s, or probabilities of the classes, "
                   "floating of shape %s",
                   cd_dtype_name(t->dtype), cd_sizes_text(&t->shape, text_t), text_x,
                   cd_sizes_text(&classes, text_classes), text_x);
}

/* Whether nll_loss will accept the call. It is asked with the logits, which have the dtype and
 * shape of their log_softmax, so that a wrong call fails before anything is computed. */
static bool cross_entropy_check(const cd_loss_options *loss)
{
    cd_nll_call nll;
    cd_loss_options plain = *loss;
    plain.label_smoothing = 0;
    return check_target(loss) && cd_nll_begin(&nll, "cross_entropy", &plain) &&
           cd_call_check(&nll.call);
}

static bool check_smoothing(const cd_loss_options *loss)
{
    return (loss->label_smoothing >= 0 && loss->label_smoothing <= 1) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "cross_entropy: .label_smoothing is %g, and must be from 0 to 1",
                   loss->label_smoothing);
}

/* The weights of the classes, in a shape that broadcasts to x. */
static cd_tensor *weight_beside(const cd_tensor *x, cd_tensor *weight)
{
    cd_shape shape = { .ndim = x->shape.ndim };
    for (int i = 0; i < shape.ndim; i++) shape.dim[i] = i == class_dim(x) ? x->shape.dim[i] : 1;
    return cd_view(weight, shape);
}

/* --- targets that are probabilities ----------------------------------------------------------- */

static bool is_probabilities(const cd_loss_options *loss)
{
    const cd_tensor *x = loss->input, *t = loss->target;
    return x && t && x->shape.ndim > 0 && cd_is_floating(t->dtype) &&
           cd_shape_equal(x->shape, t->shape);
}

static bool probabilities_check(const cd_loss_options *loss)
{
    const char *name = "cross_entropy";
    const cd_tensor *x = loss->input, *w = loss->weight;
    char text[CD_SHAPE_TEXT];
    if (!cd_check_loss(name, loss,
                       CD_LOSS_TAKES_WEIGHT | CD_LOSS_TAKES_IGNORE | CD_LOSS_TAKES_SMOOTHING) ||
        !cd_check_loss_tensors(name, 2, (cd_tensor *[]){ loss->input, loss->target },
                               (const char *[]){ "input", "target" })) {
        return false;
    }
    if (!cd_is_floating(x->dtype)) {
        return cd_fail(CD_ERR_DTYPE, "%s: the input is %s, and must be floating", name,
                       cd_dtype_name(x->dtype));
    }
    if (loss->ignore && loss->ignore_index >= 0) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .ignore_index is not for targets that are probabilities", name);
    }
    if (!w) return true;
    if (!cd_check_loss_tensors(name, 1, &loss->weight, (const char *[]){ "weight" })) return false;
    const int64_t classes = x->shape.dim[class_dim(x)];
    return (w->shape.ndim == 1 && w->numel == classes) ||
           cd_fail(CD_ERR_SHAPE, "%s: weight (%s) must have one element for each of %lld classes",
                   name, cd_sizes_text(&w->shape, text), (long long)classes);
}

static cd_tensor *of_probabilities(const cd_loss_options *loss)
{
    cd_tensor *x = loss->input, *t = loss->target;
    const int dim = class_dim(x);
    const double classes = (double)x->shape.dim[dim], s = loss->label_smoothing;
    cd_tensor *each = cd_log_softmax(x, dim);
    if (s > 0) t = cd_add(cd_mul(t, 1 - s), s / classes);
    each = cd_mul(each, t);
    if (loss->weight) each = cd_mul(each, weight_beside(x, loss->weight));
    if (loss->reduction == CD_NONE) return cd_neg(cd_sum_dim(each, dim));
    cd_tensor *sum = cd_neg(cd_sum(each));
    return loss->reduction == CD_SUM ? sum : cd_div(sum, (double)x->numel / classes);
}

/* --- class numbers ---------------------------------------------------------------------------- */

/* What the mean of the smooth part is divided by: the number of the targets that count, or their
 * weights, added up. Ignored targets, which may be no classes, count as class 0 with weight 0. */
static cd_tensor *smooth_divisor(const cd_loss_options *loss, cd_tensor *t, cd_tensor *ignored)
{
    cd_tensor *counts = cd_logical_not(ignored);
    if (!loss->weight) return cd_sum(counts);
    cd_tensor *classes = cd_reshape(cd_masked_fill(t, ignored, 0), CD_SHAPE(-1));
    cd_tensor *weights = cd_index_select(loss->weight, 0, classes);
    return cd_sum(cd_mul(weights, cd_reshape(counts, CD_SHAPE(-1))));
}

/* The loss against all classes alike, which is what label smoothing adds. */
static cd_tensor *smooth_part(const cd_loss_options *loss, cd_tensor *log_p)
{
    const int64_t ignored = loss->ignore ? loss->ignore_index : PYTORCHS_IGNORE_INDEX;
    cd_tensor *t = cd_to(loss->target, CD_I64), *each = log_p;
    if (loss->weight) each = cd_mul(log_p, weight_beside(log_p, loss->weight));
    each = cd_neg(cd_sum_dim(each, class_dim(log_p)));
    cd_tensor *left_out = cd_eq(t, ignored);
    each = cd_masked_fill(each, left_out, 0);
    if (loss->reduction == CD_NONE) return each;
    cd_tensor *sum = cd_sum(each);
    return loss->reduction == CD_SUM ? sum : cd_div(sum, smooth_divisor(loss, t, left_out));
}

static cd_tensor *of_classes(cd_loss_options loss)
{
    const double s = loss.label_smoothing;
    const int dim = class_dim(loss.input);
    cd_tensor *log_p = cd_log_softmax(loss.input, dim);
    if (!log_p) return NULL;
    loss.input = log_p;
    loss.label_smoothing = 0;
    cd_tensor *y = cd_nll_loss_with(loss);
    if (s == 0) return y;
    const double share = s / (double)log_p->shape.dim[dim];
    return cd_add(cd_mul(y, 1 - s), cd_mul(smooth_part(&loss, log_p), share));
}

cd_tensor *cd_cross_entropy_with(cd_loss_options loss)
{
    const bool probabilities = is_probabilities(&loss);
    if (!check_smoothing(&loss) ||
        !(probabilities ? probabilities_check(&loss) : cross_entropy_check(&loss))) {
        return NULL;
    }
    cd_scope scope = cd_scope_begin();
    return cd_ops_end(scope, probabilities ? of_probabilities(&loss) : of_classes(loss));
}

const cd_op cd_op_cross_entropy = {
    .name = "cross_entropy",
    .like = "torch.nn.functional.cross_entropy(x, t, weight=..., ignore_index=..., "
            "reduction=..., label_smoothing=...)",
    .formula =
        "y = nll_loss(log_softmax(x)), or the sum of -t log_softmax(x), over the dimension of the "
        "classes",
    .gradient = "that of nll_loss and log_softmax",
    .dtypes = "floating; targets int64, uint8, or floating",
    .composed = true,
};
