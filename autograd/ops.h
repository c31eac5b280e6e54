/* Operations on tensors. Those that are differentiable record a graph in grad mode.
 *
 * An operand written `a` or `b` may be a tensor or a number. Shapes broadcast as in PyTorch, dtypes
 * meet as in torch.result_type. A new tensor is returned unless it says "a view". NULL on failure.
 */
#ifndef CANDELA_AUTOGRAD_OPS_H
#define CANDELA_AUTOGRAD_OPS_H

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "core/operand.h"

CD_BEGIN_DECLS

/* --- arithmetic ------------------------------------------------------------------------------- */

CD_API cd_tensor *cd_add_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_sub_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_mul_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_div_with(cd_operand a, cd_operand b); /* true division: integers become f32 */
CD_API cd_tensor *cd_pow_with(cd_operand a, cd_operand b);
#define cd_add(a_, b_) cd_add_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_sub(a_, b_) cd_sub_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_mul(a_, b_) cd_mul_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_div(a_, b_) cd_div_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_pow(a_, b_) cd_pow_with(CD_OPERAND(a_), CD_OPERAND(b_))

/* reciprocal, exp, log, sqrt, sigmoid and tanh make float32 of integers and bool; neg, abs, sign
 * and relu keep the dtype and are not defined for bool. */
CD_API cd_tensor *cd_neg(cd_tensor *x);
CD_API cd_tensor *cd_reciprocal(cd_tensor *x);
CD_API cd_tensor *cd_exp(cd_tensor *x);
CD_API cd_tensor *cd_log(cd_tensor *x);
CD_API cd_tensor *cd_sqrt(cd_tensor *x);
CD_API cd_tensor *cd_abs(cd_tensor *x);
CD_API cd_tensor *cd_sign(cd_tensor *x); /* 1, 0 or -1; of NaN 0 */
CD_API cd_tensor *cd_sigmoid(cd_tensor *x);
CD_API cd_tensor *cd_tanh(cd_tensor *x);
CD_API cd_tensor *cd_relu(cd_tensor *x);

/* The larger and the smaller; NaN wins. Equal ones have half of the gradient each. A number that no
 * element could be (300 beside bytes) is CD_ERR_ARGUMENT, in cd_clamp too; one that changes nothing
 * (the larger of bytes and -1) is not. */
CD_API cd_tensor *cd_maximum_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_minimum_with(cd_operand a, cd_operand b);
#define cd_maximum(a_, b_) cd_maximum_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_minimum(a_, b_) cd_minimum_with(CD_OPERAND(a_), CD_OPERAND(b_))

/* min(max(x, low), high), and with one bound; the bounds are numbers or tensors. NaN passes. No
 * gradient passes where x is equal to a number; with a tensor each of the two has half. */
CD_API cd_tensor *cd_clamp_with(cd_tensor *x, cd_operand low, cd_operand high);
CD_API cd_tensor *cd_clamp_min_with(cd_tensor *x, cd_operand low);
CD_API cd_tensor *cd_clamp_max_with(cd_tensor *x, cd_operand high);
#define cd_clamp(x_, low_, high_) cd_clamp_with((x_), CD_OPERAND(low_), CD_OPERAND(high_))
#define cd_clamp_min(x_, low_)    cd_clamp_min_with((x_), CD_OPERAND(low_))
#define cd_clamp_max(x_, high_)   cd_clamp_max_with((x_), CD_OPERAND(high_))

/* --- in place: they change x and return it ---------------------------------------------------- */

/* The result must fit x's shape and dtype. A leaf that requires gradients is refused in grad mode.
 * Nothing is done while an error is pending. What else is read may overlap x, as in
 * cd_add_(x, cd_t(x)), which PyTorch refuses: it counts as it was before the change.
 *
 * x may be a view: cd_fill_(cd_select(x, 0, 0), 5) is x[0] = 5. What it is a view of, and all other
 * views of that, then have the history of the change; CD_ERR_AUTOGRAD for a view of a leaf that
 * requires gradients, and, where a graph is recorded, for one that was made under CD_NO_GRAD(). A
 * tensor that shows an element of its storage twice (cd_expand) is refused with CD_ERR_ARGUMENT. */
CD_API cd_tensor *cd_add_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_sub_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_mul_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_div_with_(cd_tensor *x, cd_operand b);
#define cd_add_(x_, b_) cd_add_with_((x_), CD_OPERAND(b_))
#define cd_sub_(x_, b_) cd_sub_with_((x_), CD_OPERAND(b_))
#define cd_mul_(x_, b_) cd_mul_with_((x_), CD_OPERAND(b_))
#define cd_div_(x_, b_) cd_div_with_((x_), CD_OPERAND(b_))
CD_API cd_tensor *cd_pow_with_(cd_tensor *x, cd_operand b);
#define cd_pow_(x_, b_) cd_pow_with_((x_), CD_OPERAND(b_))

CD_API cd_tensor *cd_neg_(cd_tensor *x);
CD_API cd_tensor *cd_reciprocal_(cd_tensor *x);
CD_API cd_tensor *cd_exp_(cd_tensor *x);
CD_API cd_tensor *cd_log_(cd_tensor *x);
CD_API cd_tensor *cd_sqrt_(cd_tensor *x);
CD_API cd_tensor *cd_abs_(cd_tensor *x);
CD_API cd_tensor *cd_sigmoid_(cd_tensor *x);
CD_API cd_tensor *cd_tanh_(cd_tensor *x);
CD_API cd_tensor *cd_relu_(cd_tensor *x);

CD_API cd_tensor *cd_clamp_with_(cd_tensor *x, cd_operand low, cd_operand high);
CD_API cd_tensor *cd_clamp_min_with_(cd_tensor *x, cd_operand low);
CD_API cd_tensor *cd_clamp_max_with_(cd_tensor *x, cd_operand high);
#define cd_clamp_(x_, low_, high_) cd_clamp_with_((x_), CD_OPERAND(low_), CD_OPERAND(high_))
#define cd_clamp_min_(x_, low_)    cd_clamp_min_with_((x_), CD_OPERAND(low_))
#define cd_clamp_max_(x_, high_)   cd_clamp_max_with_((x_), CD_OPERAND(high_))

CD_API cd_tensor *cd_zero_(cd_tensor *x);
CD_API cd_tensor *cd_fill_(cd_tensor *x, double value);
/* Copies y into x, broadcast to its shape and converted to its dtype. */
CD_API cd_tensor *cd_copy_(cd_tensor *x, cd_tensor *y);

/* --- random numbers --------------------------------------------------------------------------- */

/* cd_uniform_(x, 0, 1)  cd_normal_(x, 0, 1)  cd_bernoulli_(x, 0.5): x drawn anew, in place, as
 * above. The numbers are those of PyTorch's Tensor.uniform_ and so on, drawn in the order in which
 * x's elements lie in memory; .generator = g takes them from g instead of the default generator.
 * The gradient is 0. uniform_ is of [from, to), and it and normal_ take floating dtypes only. A
 * failed call draws nothing. */
typedef struct cd_uniform_options {
    cd_tensor *x;
    double from, to;
    CD_GUARD_;
    cd_generator *generator;
} cd_uniform_options;

typedef struct cd_normal_options {
    cd_tensor *x;
    double mean, std; /* std >= 0 */
    CD_GUARD_;
    cd_generator *generator;
} cd_normal_options;

typedef struct cd_bernoulli_in_place_options {
    cd_tensor *x;
    double p; /* of 1; 0 otherwise */
    CD_GUARD_;
    cd_generator *generator;
} cd_bernoulli_in_place_options;

CD_API cd_tensor *cd_uniform_with_(cd_uniform_options options);
CD_API cd_tensor *cd_normal_with_(cd_normal_options options);
CD_API cd_tensor *cd_bernoulli_with_(cd_bernoulli_in_place_options options);
#define cd_uniform_(x_, from_, ...)                                                                \
    cd_uniform_with_((cd_uniform_options){ .x = x_, .from = from_, .to = __VA_ARGS__ })
#define cd_normal_(x_, mean_, ...)                                                                 \
    cd_normal_with_((cd_normal_options){ .x = x_, .mean = mean_, .std = __VA_ARGS__ })
#define cd_bernoulli_(x_, ...)                                                                     \
    cd_bernoulli_with_((cd_bernoulli_in_place_options){ .x = x_, .p = __VA_ARGS__ })

/* cd_bernoulli(p): 1 with the probability that stands in p, else 0, in p's shape and dtype, which
 * is floating: torch.bernoulli's numbers. The gradient is 0. */
typedef struct cd_bernoulli_options {
    cd_tensor *p;
    CD_GUARD_;
    cd_generator *generator;
} cd_bernoulli_options;

CD_API cd_tensor *cd_bernoulli_with(cd_bernoulli_options options);
#define cd_bernoulli(...) cd_bernoulli_with((cd_bernoulli_options){ .p = __VA_ARGS__ })

/* --- comparisons and choice: bool results, no gradient ---------------------------------------- */

CD_API cd_tensor *cd_eq_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_ne_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_lt_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_le_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_gt_with(cd_operand a, cd_operand b);
CD_API cd_tensor *cd_ge_with(cd_operand a, cd_operand b);
#define cd_eq(a_, b_) cd_eq_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_ne(a_, b_) cd_ne_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_lt(a_, b_) cd_lt_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_le(a_, b_) cd_le_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_gt(a_, b_) cd_gt_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_ge(a_, b_) cd_ge_with(CD_OPERAND(a_), CD_OPERAND(b_))

/* a where the bool tensor is true, b elsewhere. A number must be among those of the result's dtype.
 */
CD_API cd_tensor *cd_where_with(cd_tensor *condition, cd_operand a, cd_operand b);
#define cd_where(condition_, a_, b_) cd_where_with((condition_), CD_OPERAND(a_), CD_OPERAND(b_))

/* --- reductions ------------------------------------------------------------------------------- */

/* Over all elements: 0-d. Integers are summed as int64; mean takes floating dtypes only. */
CD_API cd_tensor *cd_sum(cd_tensor *x);
CD_API cd_tensor *cd_mean(cd_tensor *x);
/* The largest and the smallest element, of which there must be one: 0-d. A NaN wins over all
 * numbers. Equal ones share the gradient evenly. */
CD_API cd_tensor *cd_max(cd_tensor *x);
CD_API cd_tensor *cd_min(cd_tensor *x);
/* The index of the first such element, counted row by row: 0-d int64, no gradient. */
CD_API cd_tensor *cd_argmax(cd_tensor *x);
CD_API cd_tensor *cd_argmin(cd_tensor *x);

/* cd_sum_dim(x, 1, .keepdim = true): over one dimension. */
typedef struct cd_dim_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    bool keepdim;        /* keep the dimension, with size 1 */
    cd_tensor **indices; /* max, min, topk: where to put the int64 indices; default NULL, nowhere */
} cd_dim_options;

CD_API cd_tensor *cd_sum_dim_with(cd_dim_options options);
CD_API cd_tensor *cd_mean_dim_with(cd_dim_options options);
/* The largest and the smallest; of equal ones the first, and its index. A NaN wins. The dimension
 * must not be empty, here and for argmax and argmin; those are not defined for bool. */
CD_API cd_tensor *cd_max_dim_with(cd_dim_options options);
CD_API cd_tensor *cd_min_dim_with(cd_dim_options options);
CD_API cd_tensor *cd_argmax_dim_with(cd_dim_options options); /* int64, no gradient */
CD_API cd_tensor *cd_argmin_dim_with(cd_dim_options options);
/* log(sum(exp(x))), which does not overflow; integers become f32. */
CD_API cd_tensor *cd_logsumexp_with(cd_dim_options options);
#define cd_sum_dim(x_, ...)    cd_sum_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_mean_dim(x_, ...)   cd_mean_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_max_dim(x_, ...)    cd_max_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_min_dim(x_, ...)    cd_min_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_argmax_dim(x_, ...) cd_argmax_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_argmin_dim(x_, ...) cd_argmin_dim_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_logsumexp(x_, ...)  cd_logsumexp_with((cd_dim_options){ .x = x_, .dim = __VA_ARGS__ })

/* cd_norm(x), cd_norm(x, .p = 1, .by_dim = true, .dim = 1): (sum |x|^p)^(1/p) over everything, or
 * over one dimension. p INFINITY is the largest |x|, -INFINITY the smallest, CD_ZERO how many are
 * not 0. Floating dtypes. The gradient of the norm of zeros is 0. */
typedef struct cd_norm_options {
    cd_tensor *x;
    CD_GUARD_;
    double p;    /* 0: 2; CD_ZERO: 0 */
    bool by_dim; /* over `dim` instead of everything */
    int dim;
    bool keepdim;
} cd_norm_options;

CD_API cd_tensor *cd_norm_with(cd_norm_options options);
#define cd_norm(...) cd_norm_with((cd_norm_options){ .x = __VA_ARGS__ })

/* Sums x down to `shape`, which must broadcast to x's: the reverse of broadcasting. */
CD_API cd_tensor *cd_sum_to_shape(cd_tensor *x, cd_shape shape);

/* cd_topk(p, 5, .indices = &which): the k largest along the last dimension, or .dim, in falling
 * order. */
typedef struct cd_topk_options {
    cd_tensor *x;
    int64_t k;
    CD_GUARD_;
    cd_tensor **indices;
    bool by_dim; /* along `dim` instead of the last dimension */
    int dim;
} cd_topk_options;

CD_API cd_tensor *cd_topk_with(cd_topk_options options);
#define cd_topk(x_, ...) cd_topk_with((cd_topk_options){ .x = x_, .k = __VA_ARGS__ })

/* --- elements by index and by mask ------------------------------------------------------------ */

/* y[.., j, ..] = x[.., index[.., j, ..], ..] along dim, shaped as the index, which is int64 or
 * int32, has x's number of dimensions and is nowhere larger than x but along dim. An index out of
 * range is CD_ERR_ARGUMENT, here and below. */
CD_API cd_tensor *cd_gather(cd_tensor *x, int dim, cd_tensor *index);
/* x with src[.., j, ..] added at [.., index[.., j, ..], ..] along dim, wherever the index has an
 * element; src is of x's dtype and nowhere smaller than the index. Several that meet are added in
 * the order of the index. The gradient of what of src is beyond the index is 0. */
CD_API cd_tensor *cd_scatter_add(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src);
CD_API cd_tensor *cd_scatter_add_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src);
/* int64 with one more dimension, the last, of num_classes: 1 at the index, else 0. The index is
 * int64; -1 for num_classes is its largest element + 1. */
CD_API cd_tensor *cd_one_hot(cd_tensor *index, int64_t num_classes);

/* `value` where the bool mask is true, x elsewhere; x and mask broadcast, in place the mask to x.
 * The value, a number or a 0-d tensor, is converted to x's dtype, in whose range it must be.
 * x[x < 0] = 0 is cd_masked_fill_(x, cd_lt(x, 0), 0). */
CD_API cd_tensor *cd_masked_fill_with(cd_tensor *x, cd_tensor *mask, cd_operand value);
CD_API cd_tensor *cd_masked_fill_with_(cd_tensor *x, cd_tensor *mask, cd_operand value);
#define cd_masked_fill(x_, mask_, value_)  cd_masked_fill_with((x_), (mask_), CD_OPERAND(value_))
#define cd_masked_fill_(x_, mask_, value_) cd_masked_fill_with_((x_), (mask_), CD_OPERAND(value_))
/* x[mask]: the elements where the mask is true, row by row, as a vector. Both broadcast. */
CD_API cd_tensor *cd_masked_select(cd_tensor *x, cd_tensor *mask);
/* x[mask] = source: x, but the first elements of source, row by row, where the mask is true. source
 * is of x's dtype and has at least as many elements as the mask chooses. x and mask broadcast, in
 * place the mask to x. */
CD_API cd_tensor *cd_masked_scatter(cd_tensor *x, cd_tensor *mask, cd_tensor *source);
CD_API cd_tensor *cd_masked_scatter_(cd_tensor *x, cd_tensor *mask, cd_tensor *source);

/* --- softmax ---------------------------------------------------------------------------------- */

CD_API cd_tensor *cd_softmax(cd_tensor *x, int dim);
CD_API cd_tensor *cd_log_softmax(cd_tensor *x, int dim);

/* --- matrix products -------------------------------------------------------------------------- */

/* Both operands are of one dtype, all but bool, and nothing broadcasts, but in cd_matmul. */
CD_API cd_tensor *cd_mm(cd_tensor *a, cd_tensor *b);  /* (N x K) (K x M) -> N x M */
CD_API cd_tensor *cd_bmm(cd_tensor *a, cd_tensor *b); /* (B x N x K) (B x K x M) -> B x N x M */
CD_API cd_tensor *cd_mv(cd_tensor *a, cd_tensor *v);  /* (N x K) (K) -> N */
CD_API cd_tensor *cd_dot(cd_tensor *a, cd_tensor *b); /* (K) (K) -> scalar */
/* 1-D, 2-D and batched operands, as torch.matmul. */
CD_API cd_tensor *cd_matmul(cd_tensor *a, cd_tensor *b);
CD_API cd_tensor *cd_addmm(cd_tensor *bias, cd_tensor *a, cd_tensor *b); /* bias + a b */
/* x (... x in), weight (out x in), bias (out) or NULL: x weight^T + bias -> ... x out. */
CD_API cd_tensor *cd_linear(cd_tensor *x, cd_tensor *weight, cd_tensor *bias);

/* --- shape: views where memory allows --------------------------------------------------------- */

/* One size may be -1: what is left. cd_view fails where elements would have to move; cd_reshape
 * copies then. */
CD_API cd_tensor *cd_view(cd_tensor *x, cd_shape shape);
CD_API cd_tensor *cd_reshape(cd_tensor *x, cd_shape shape);
/* Dimensions from `start` to `end` (both included, -1 is the last) become one. */
CD_API cd_tensor *cd_flatten(cd_tensor *x, int start, int end);
CD_API cd_tensor *cd_t(cd_tensor *x); /* a view: 2-D transposed; 0-d and 1-D as they are */
CD_API cd_tensor *cd_transpose(cd_tensor *x, int dim0, int dim1); /* a view */
/* A view with dimension i taken from x's dimension order.dim[i]: cd_permute(x, CD_SHAPE(0, 2, 1)).
 */
CD_API cd_tensor *cd_permute(cd_tensor *x, cd_shape order);
/* A view with sizes of 1 stretched; -1 keeps a size. */
CD_API cd_tensor *cd_expand(cd_tensor *x, cd_shape shape);
CD_API cd_tensor *cd_squeeze(cd_tensor *x, int dim);   /* a view: dim is removed if its size is 1 */
CD_API cd_tensor *cd_unsqueeze(cd_tensor *x, int dim); /* a view: a size of 1 before dim */
/* A view of whatever x's storage has at the places offset + i * stride.dim[0] + j * stride.dim[1]
 * + ..., counted in elements from its beginning, wherever x itself begins. CD_ERR_ARGUMENT when a
 * place is not in it. A view that shows a place twice cannot be changed in place. */
CD_API cd_tensor *cd_as_strided(cd_tensor *x, cd_shape shape, cd_shape stride, int64_t offset);
/* A view of elements from, from + step, ... below `to` along dim; negative ends count from the
 * back, and both are clipped to the size, as in Python. step is 1 or more. */
CD_API cd_tensor *cd_slice(cd_tensor *x, int dim, int64_t from, int64_t to, int64_t step);
CD_API cd_tensor *cd_narrow(cd_tensor *x, int dim, int64_t start, int64_t length); /* a view */
CD_API cd_tensor *cd_select(cd_tensor *x, int dim, int64_t index); /* a view without dim */
CD_API cd_tensor *cd_index(cd_tensor *x, int64_t index);           /* cd_select(x, 0, index) */
/* cd_cat(CD_TENSORS(a, b), 0): joined along an existing dimension; all sizes but that one equal. A
 * vector without elements adds nothing to whatever the others are. */
CD_API cd_tensor *cd_cat(cd_tensors tensors, int dim);
/* Joined along a new dimension before dim (-1: after the last); all of one shape. */
CD_API cd_tensor *cd_stack(cd_tensors tensors, int dim);
/* cd_repeat(x, CD_SHAPE(2, 3)): a copy, x so often along each dimension. More numbers than x has
 * dimensions are for new ones in front. */
CD_API cd_tensor *cd_repeat(cd_tensor *x, cd_shape times);

/* --- copies ----------------------------------------------------------------------------------- */

CD_API cd_tensor *cd_clone(cd_tensor *x);
CD_API cd_tensor *cd_contiguous(cd_tensor *x);         /* x itself when it is */
CD_API cd_tensor *cd_to(cd_tensor *x, cd_dtype dtype); /* x itself when it has it */
/* x on another device; x itself when it is there. Gradients find the way back. The inputs of all
 * other ops but cd_copy_ must be on one device, except that a 0-d tensor of the processor's may
 * stand beside those of another. From the meta device nothing comes back: CD_ERR_STATE. */
CD_API cd_tensor *cd_to_device(cd_tensor *x, cd_device device);
CD_API cd_tensor *cd_detach(cd_tensor *x); /* a view that requires no gradient */

/* --- convolution, pooling, normalisation ------------------------------------------------------ */

/* The options that cd_conv2d and the layer cd_nn_conv2d share. Left out they are 1, 0, 1 and 1. */
#define CD_CONV2D_OPTIONS int64_t stride, padding, dilation, groups

/* x (N x C x H x W, or one image C x H x W), weight (O x C/groups x KH x KW), bias (O) or NULL -> N
 * x O x OH x OW, where OH = (H + 2 padding - dilation (KH - 1) - 1) / stride + 1, cut. */
typedef struct cd_conv2d_options {
    cd_tensor *x, *weight, *bias;
    CD_GUARD_;
    CD_CONV2D_OPTIONS;
    int64_t stride_w, padding_w, dilation_w; /* default: as for the height */
    bool padding_w_is_zero;                  /* padding_w = 0 though padding is not */
} cd_conv2d_options;

CD_API cd_tensor *cd_conv2d_with(cd_conv2d_options options);
#define cd_conv2d(x_, weight_, ...)                                                                \
    cd_conv2d_with((cd_conv2d_options){ .x = x_, .weight = weight_, .bias = __VA_ARGS__ })

/* cd_max_pool2d(x, 3, .stride = 2, .padding = 1); stride 0 means the kernel's size. Padding counts
 * as -inf. NaN is the largest. Of equal ones the first gets the gradient. */
typedef struct cd_max_pool2d_options {
    cd_tensor *x;
    int64_t kernel;
    CD_GUARD_;
    int64_t stride, padding, dilation; /* 0: kernel, 0, 1 */
    bool ceil_mode;
    cd_tensor **indices; /* int64, into H x W */
} cd_max_pool2d_options;

CD_API cd_tensor *cd_max_pool2d_with(cd_max_pool2d_options options);
#define cd_max_pool2d(x_, ...)                                                                     \
    cd_max_pool2d_with((cd_max_pool2d_options){ .x = x_, .kernel = __VA_ARGS__ })

/* Mean over windows chosen so that the output is N x C x height x width. */
CD_API cd_tensor *cd_adaptive_avg_pool2d(cd_tensor *x, int64_t height, int64_t width);

/* The options that cd_batch_norm and the layer cd_nn_batch_norm2d share. momentum is the weight of
 * the new value: 0 means 0.1, CD_ZERO none. eps 0 means 1e-5. */
#define CD_BATCH_NORM_OPTIONS double momentum, eps

/* Per channel (dimension 1 of N x C or N x C x ...): (x - mean) / sqrt(var + eps) * weight + bias.
 * Training: mean and biased variance of the batch, and, when running_mean and running_var are
 * given, running = (1 - momentum) running + momentum new, with the unbiased variance. Otherwise the
 * running ones are used. weight and bias may both be NULL (1 and 0). */
typedef struct cd_batch_norm_options {
    cd_tensor *x, *weight, *bias;
    CD_GUARD_;
    cd_tensor *running_mean, *running_var;
    bool training;
    CD_BATCH_NORM_OPTIONS;
} cd_batch_norm_options;

CD_API cd_tensor *cd_batch_norm_with(cd_batch_norm_options options);
#define cd_batch_norm(x_, weight_, ...)                                                            \
    cd_batch_norm_with((cd_batch_norm_options){ .x = x_, .weight = weight_, .bias = __VA_ARGS__ })

/* Where 0 in an option means a default, this means 0: minus zero, known by its sign. */
#define CD_ZERO (-0.0)

/* --- losses ----------------------------------------------------------------------------------- */

typedef enum cd_reduction { CD_MEAN = 0, CD_SUM, CD_NONE } cd_reduction;

/* (input - target)^2; both of one shape, or broadcast. */
typedef struct cd_loss_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: mean */
    cd_tensor *weight;      /* nll and cross entropy: per class; BCE: broadcast to the input */
    cd_tensor *pos_weight;  /* BCE: of positive targets */
    bool ignore;            /* nll and cross entropy: leave out targets equal to ignore_index */
    int64_t ignore_index;   /* without .ignore it is PyTorch's -100 */
} cd_loss_options;

CD_API cd_tensor *cd_mse_loss_with(cd_loss_options options);
/* Of logits and targets in [0, 1]: max(x, 0) - x t + log(1 + exp(-|x|)), which cannot overflow. */
CD_API cd_tensor *cd_binary_cross_entropy_with_logits_with(cd_loss_options options);
/* input N x C (or N x C x ...) of log-probabilities, target N (or N x ...) of classes, int64 or
 * uint8. The mean is over the batch, or weighted by the classes' weights. A target outside 0..C-1
 * is an error, unless it is the one to ignore. */
CD_API cd_tensor *cd_nll_loss_with(cd_loss_options options);
/* log_softmax over the classes, then nll_loss. */
CD_API cd_tensor *cd_cross_entropy_with(cd_loss_options options);
#define cd_mse_loss(input_, ...)                                                                   \
    cd_mse_loss_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })
#define cd_binary_cross_entropy_with_logits(input_, ...)                                           \
    cd_binary_cross_entropy_with_logits_with(                                                      \
        (cd_loss_options){ .input = input_, .target = __VA_ARGS__ })
#define cd_nll_loss(input_, ...)                                                                   \
    cd_nll_loss_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })
#define cd_cross_entropy(input_, ...)                                                              \
    cd_cross_entropy_with((cd_loss_options){ .input = input_, .target = __VA_ARGS__ })

CD_END_DECLS

#endif
