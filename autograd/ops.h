/* Operations on tensors: cd_add is torch.add, cd_add_ is Tensor.add_, and so on; docs/ops.md has
 * each with its formula and gradient.
 *
 * An operand named `a` or `b` may be a tensor or a number. Shapes broadcast as in PyTorch, and
 * dtypes are promoted as by torch.result_type. The result is a new tensor unless the comment says
 * "a view" or "in place". In grad mode an op with an input that requires gradients is recorded.
 * NULL with an error. */
#ifndef CANDELA_AUTOGRAD_OPS_H
#define CANDELA_AUTOGRAD_OPS_H

#include "autograd/autograd.h"
#include "autograd/binary.h"
#include "autograd/create.h"
#include "autograd/reduction.h"
#include "core/operand.h"

CD_BEGIN_DECLS

/* --- elementwise: two operands ---------------------------------------------------------------- */

/* cd_add, cd_sub and cd_div, which take options, and more of two operands: autograd/binary.h. */

CD_API cd_tensor *cd_add_with(cd_operand a, cd_operand b); /* a + b */
CD_API cd_tensor *cd_sub_with(cd_operand a, cd_operand b); /* a - b */
CD_API cd_tensor *cd_mul_with(cd_operand a, cd_operand b); /* a * b */
CD_API cd_tensor *cd_div_with(cd_operand a, cd_operand b); /* a / b; float32 for integers */
CD_API cd_tensor *cd_pow_with(cd_operand a, cd_operand b); /* a to the power of b */
#define cd_mul(a_, b_) cd_mul_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_pow(a_, b_) cd_pow_with(CD_OPERAND(a_), CD_OPERAND(b_))

/* The larger of a and b; NaN if either is NaN. Equal ones get half of the gradient each. A number
 * that would be the result but is not in the range of its dtype is CD_ERR_ARGUMENT: the larger of a
 * uint8 tensor and 300. (The larger of a uint8 tensor and -1 is the tensor.) */
CD_API cd_tensor *cd_maximum_with(cd_operand a, cd_operand b);
/* The smaller of a and b, likewise. */
CD_API cd_tensor *cd_minimum_with(cd_operand a, cd_operand b);
#define cd_maximum(a_, b_) cd_maximum_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_minimum(a_, b_) cd_minimum_with(CD_OPERAND(a_), CD_OPERAND(b_))

/* --- elementwise: one operand ----------------------------------------------------------------- */

/* For integers and bool these return float32. */
CD_API cd_tensor *cd_reciprocal(cd_tensor *x); /* 1 / x */
CD_API cd_tensor *cd_exp(cd_tensor *x);
CD_API cd_tensor *cd_log(cd_tensor *x);
CD_API cd_tensor *cd_sqrt(cd_tensor *x);
CD_API cd_tensor *cd_sigmoid(cd_tensor *x); /* 1 / (1 + exp(-x)) */
CD_API cd_tensor *cd_tanh(cd_tensor *x);
/* These keep the dtype. All but cd_sign are not defined for bool. */
CD_API cd_tensor *cd_neg(cd_tensor *x);
CD_API cd_tensor *cd_abs(cd_tensor *x);
CD_API cd_tensor *cd_sign(cd_tensor *x); /* 1, 0 or -1; 0 for NaN */
CD_API cd_tensor *cd_relu(cd_tensor *x); /* max(x, 0) */

/* min(max(x, low), high), with numbers or tensors as bounds; NaN stays NaN. Where x is equal to a
 * bound that is a number no gradient passes; of a bound that is a tensor, x and the bound get half
 * each. Numbers that are not in the range of x's dtype are treated as by cd_maximum and
 * cd_minimum. */
CD_API cd_tensor *cd_clamp_with(cd_tensor *x, cd_operand low, cd_operand high);
/* max(x, low), likewise. */
CD_API cd_tensor *cd_clamp_min_with(cd_tensor *x, cd_operand low);
/* min(x, high), likewise. */
CD_API cd_tensor *cd_clamp_max_with(cd_tensor *x, cd_operand high);
#define cd_clamp(x_, low_, high_) cd_clamp_with((x_), CD_OPERAND(low_), CD_OPERAND(high_))
#define cd_clamp_min(x_, low_)    cd_clamp_min_with((x_), CD_OPERAND(low_))
#define cd_clamp_max(x_, high_)   cd_clamp_max_with((x_), CD_OPERAND(high_))

/* --- in place --------------------------------------------------------------------------------- */

/* These change x and return it. The result must broadcast to x's shape and fit x's dtype. In grad
 * mode a leaf that requires gradients is refused, and so is a tensor of which several elements
 * share one place in memory, as after cd_expand (CD_ERR_ARGUMENT). Nothing is done while an error
 * is pending. Another operand may overlap x, as in cd_add_(x, cd_t(x)), which PyTorch refuses: its
 * elements are read as they were before the change.
 *
 * x may be a view: cd_fill_(cd_select(x, 0, 0), 5) is x[0] = 5. The tensor that it is a view of,
 * and all other views of that tensor, then have the change in their history. CD_ERR_AUTOGRAD for a
 * view of a leaf that requires gradients, and, while a graph is recorded, for a view that was made
 * under CD_NO_GRAD(). */
CD_API cd_tensor *cd_add_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_sub_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_mul_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_div_with_(cd_tensor *x, cd_operand b);
CD_API cd_tensor *cd_pow_with_(cd_tensor *x, cd_operand b);
#define cd_mul_(x_, b_) cd_mul_with_((x_), CD_OPERAND(b_))
#define cd_pow_(x_, b_) cd_pow_with_((x_), CD_OPERAND(b_))

CD_API cd_tensor *cd_neg_(cd_tensor *x);
CD_API cd_tensor *cd_reciprocal_(cd_tensor *x);
CD_API cd_tensor *cd_exp_(cd_tensor *x);
CD_API cd_tensor *cd_log_(cd_tensor *x);
CD_API cd_tensor *cd_sqrt_(cd_tensor *x);
CD_API cd_tensor *cd_abs_(cd_tensor *x);
CD_API cd_tensor *cd_sign_(cd_tensor *x);
CD_API cd_tensor *cd_sigmoid_(cd_tensor *x);
CD_API cd_tensor *cd_tanh_(cd_tensor *x);
CD_API cd_tensor *cd_relu_(cd_tensor *x);

CD_API cd_tensor *cd_clamp_with_(cd_tensor *x, cd_operand low, cd_operand high);
CD_API cd_tensor *cd_clamp_min_with_(cd_tensor *x, cd_operand low);
CD_API cd_tensor *cd_clamp_max_with_(cd_tensor *x, cd_operand high);
#define cd_clamp_(x_, low_, high_) cd_clamp_with_((x_), CD_OPERAND(low_), CD_OPERAND(high_))
#define cd_clamp_min_(x_, low_)    cd_clamp_min_with_((x_), CD_OPERAND(low_))
#define cd_clamp_max_(x_, high_)   cd_clamp_max_with_((x_), CD_OPERAND(high_))

CD_API cd_tensor *cd_zero_(cd_tensor *x); /* x = 0 */
/* x = value, which must be in the range of x's dtype. */
CD_API cd_tensor *cd_fill_(cd_tensor *x, double value);
/* x = y, broadcast to x's shape and converted to its dtype and device. */
CD_API cd_tensor *cd_copy_(cd_tensor *x, cd_tensor *y);

/* --- random numbers --------------------------------------------------------------------------- */

/* Options of cd_uniform_. */
typedef struct cd_uniform_options {
    cd_tensor *x;
    double from, to;
    CD_GUARD_;
    cd_generator *generator; /* default: the process's own */
} cd_uniform_options;

/* Options of cd_normal_. */
typedef struct cd_normal_options {
    cd_tensor *x;
    double mean, std; /* std >= 0 */
    CD_GUARD_;
    cd_generator *generator; /* default: the process's own */
} cd_normal_options;

/* Options of cd_bernoulli_. */
typedef struct cd_bernoulli_in_place_options {
    cd_tensor *x;
    double p; /* the probability of 1; else 0 */
    CD_GUARD_;
    cd_generator *generator; /* default: the process's own */
} cd_bernoulli_in_place_options;

/* These draw each element of x anew, in place as above, and return x: PyTorch's numbers for the
 * same seed, drawn in the order in which the elements are in memory. The gradient of what x was
 * before is 0. A call that fails draws nothing. */

/* Uniform in [from, to): cd_uniform_(x, 0, 1). Floating dtypes. */
CD_API cd_tensor *cd_uniform_with_(cd_uniform_options options);
/* Normal: cd_normal_(x, 0, 1). Floating dtypes. */
CD_API cd_tensor *cd_normal_with_(cd_normal_options options);
/* 1 with probability p, else 0: cd_bernoulli_(x, 0.5). */
CD_API cd_tensor *cd_bernoulli_with_(cd_bernoulli_in_place_options options);
#define cd_uniform_(x_, from_, ...)                                                                \
    cd_uniform_with_((cd_uniform_options){ .x = x_, .from = from_, .to = __VA_ARGS__ })
#define cd_normal_(x_, mean_, ...)                                                                 \
    cd_normal_with_((cd_normal_options){ .x = x_, .mean = mean_, .std = __VA_ARGS__ })
#define cd_bernoulli_(x_, ...)                                                                     \
    cd_bernoulli_with_((cd_bernoulli_in_place_options){ .x = x_, .p = __VA_ARGS__ })

/* Options of cd_bernoulli. */
typedef struct cd_bernoulli_options {
    cd_tensor *p;
    CD_GUARD_;
    cd_generator *generator; /* default: the process's own */
} cd_bernoulli_options;

/* torch.bernoulli: cd_bernoulli(p). 1 with the probability given by each element of p, else 0, in
 * p's shape and floating dtype; PyTorch's numbers for the same seed. The gradient is 0. */
CD_API cd_tensor *cd_bernoulli_with(cd_bernoulli_options options);
#define cd_bernoulli(...) cd_bernoulli_with((cd_bernoulli_options){ .p = __VA_ARGS__ })

/* --- comparisons and choice ------------------------------------------------------------------- */

/* Comparisons return bool, and have no gradient. */
CD_API cd_tensor *cd_eq_with(cd_operand a, cd_operand b); /* a == b */
CD_API cd_tensor *cd_ne_with(cd_operand a, cd_operand b); /* a != b */
CD_API cd_tensor *cd_lt_with(cd_operand a, cd_operand b); /* a < b */
CD_API cd_tensor *cd_le_with(cd_operand a, cd_operand b); /* a <= b */
CD_API cd_tensor *cd_gt_with(cd_operand a, cd_operand b); /* a > b */
CD_API cd_tensor *cd_ge_with(cd_operand a, cd_operand b); /* a >= b */
#define cd_eq(a_, b_) cd_eq_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_ne(a_, b_) cd_ne_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_lt(a_, b_) cd_lt_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_le(a_, b_) cd_le_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_gt(a_, b_) cd_gt_with(CD_OPERAND(a_), CD_OPERAND(b_))
#define cd_ge(a_, b_) cd_ge_with(CD_OPERAND(a_), CD_OPERAND(b_))

/* a where condition, a bool tensor, is true; b elsewhere. A number must be in the range of the
 * result's dtype. */
CD_API cd_tensor *cd_where_with(cd_tensor *condition, cd_operand a, cd_operand b);
#define cd_where(condition_, a_, b_) cd_where_with((condition_), CD_OPERAND(a_), CD_OPERAND(b_))

/* --- reductions: autograd/reduction.h has most ------------------------------------------------ */

/* x.sum_to_size(shape): sums x to a shape that broadcasts to x's; the reverse of broadcasting. */
CD_API cd_tensor *cd_sum_to_shape(cd_tensor *x, cd_shape shape);

/* Options of cd_topk. */
typedef struct cd_topk_options {
    cd_tensor *x;
    int64_t k;
    CD_GUARD_;
    cd_tensor **indices; /* where to put the int64 indices; default: no indices */
    bool by_dim;         /* along `dim`; default: along the last dimension */
    int dim;
    bool smallest; /* PyTorch's largest=False: the k smallest, the smallest first */
} cd_topk_options;

/* torch.topk: cd_topk(p, 5, .indices = &which). The k largest along a dimension, the largest first.
 * NaN is larger than all numbers. The order is that of sorted=True. */
CD_API cd_tensor *cd_topk_with(cd_topk_options options);
#define cd_topk(x_, ...) cd_topk_with((cd_topk_options){ .x = x_, .k = __VA_ARGS__ })

/* --- elements by index ------------------------------------------------------------------------ */

/* torch.gather: y[.., j, ..] = x[.., index[.., j, ..], ..] along dim, in the shape of index. index
 * is int64 or int32 (an empty one may be uint8 or bool too), has as many dimensions as x, and is no
 * larger than x but along dim. An index out of range is CD_ERR_ARGUMENT. */
CD_API cd_tensor *cd_gather(cd_tensor *x, int dim, cd_tensor *index);
/* torch.scatter_add: a copy of x with src[.., j, ..] added at [.., index[.., j, ..], ..] along dim,
 * for each element of index. src has x's dtype and is no smaller than index. Elements that are
 * added at one place are added in the order of index. Elements of src beyond index are not used;
 * their gradient is 0. */
CD_API cd_tensor *cd_scatter_add(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src);
/* The same in place. */
CD_API cd_tensor *cd_scatter_add_(cd_tensor *x, int dim, cd_tensor *index, cd_tensor *src);
/* torch.nn.functional.one_hot: int64, with a new last dimension of num_classes that is 1 at the
 * index and 0 elsewhere. index is int64. num_classes -1 stands for the largest index + 1. */
CD_API cd_tensor *cd_one_hot(cd_tensor *index, int64_t num_classes);

/* --- elements by mask ------------------------------------------------------------------------- */

/* `value` where mask, a bool tensor, is true; x elsewhere. x and mask broadcast. value, a number or
 * a 0-d tensor, is converted to x's dtype, and must be in its range. */
CD_API cd_tensor *cd_masked_fill_with(cd_tensor *x, cd_tensor *mask, cd_operand value);
/* The same in place; mask broadcasts to x. cd_masked_fill_(x, cd_lt(x, 0), 0) is x[x < 0] = 0. */
CD_API cd_tensor *cd_masked_fill_with_(cd_tensor *x, cd_tensor *mask, cd_operand value);
#define cd_masked_fill(x_, mask_, value_)  cd_masked_fill_with((x_), (mask_), CD_OPERAND(value_))
#define cd_masked_fill_(x_, mask_, value_) cd_masked_fill_with_((x_), (mask_), CD_OPERAND(value_))
/* x[mask]: the elements where mask is true, row by row, as a vector. x and mask broadcast. */
CD_API cd_tensor *cd_masked_select(cd_tensor *x, cd_tensor *mask);
/* x, but where mask is true the first elements of source, row by row. x and mask broadcast. source
 * has x's dtype and at least as many elements as mask chooses. */
CD_API cd_tensor *cd_masked_scatter(cd_tensor *x, cd_tensor *mask, cd_tensor *source);
/* The same in place, x[mask] = source; mask broadcasts to x. */
CD_API cd_tensor *cd_masked_scatter_(cd_tensor *x, cd_tensor *mask, cd_tensor *source);

/* --- softmax ---------------------------------------------------------------------------------- */

/* Options of cd_softmax and cd_log_softmax. */
typedef struct cd_softmax_options {
    cd_tensor *x;
    int dim; /* -1 is the last */
    CD_GUARD_;
    cd_dtype dtype; /* x is converted to it first; default: x's own, which must be floating */
} cd_softmax_options;

/* torch.softmax: exp(x) / sum of exp(x) along dim. */
CD_API cd_tensor *cd_softmax_with(cd_softmax_options options);
/* torch.log_softmax: log(softmax(x)), computed so that it does not overflow. */
CD_API cd_tensor *cd_log_softmax_with(cd_softmax_options options);
#define cd_softmax(x_, ...) cd_softmax_with((cd_softmax_options){ .x = x_, .dim = __VA_ARGS__ })
#define cd_log_softmax(x_, ...)                                                                    \
    cd_log_softmax_with((cd_softmax_options){ .x = x_, .dim = __VA_ARGS__ })

/* --- matrix products -------------------------------------------------------------------------- */

/* cd_addmm, which takes options, is in autograd/product_ops.h. */

/* All operands have one dtype, which is not bool. Only cd_matmul, and the bias, broadcast. */
CD_API cd_tensor *cd_mm(cd_tensor *a, cd_tensor *b);  /* (N x K) (K x M) -> N x M */
CD_API cd_tensor *cd_bmm(cd_tensor *a, cd_tensor *b); /* (B x N x K) (B x K x M) -> B x N x M */
CD_API cd_tensor *cd_mv(cd_tensor *a, cd_tensor *v);  /* (N x K) (K) -> N */
CD_API cd_tensor *cd_dot(cd_tensor *a, cd_tensor *b); /* (K) (K) -> 0-d */
/* The product of vectors, matrices and batches of matrices, as torch.matmul chooses. */
CD_API cd_tensor *cd_matmul(cd_tensor *a, cd_tensor *b);
/* torch.nn.functional.linear: x weight^T + bias. x (... x in), weight (out x in), bias (out) or
 * NULL -> ... x out. A weight of (in) gives one number for each row of x; then the bias is 0-d, and
 * NULL if x is a matrix. */
CD_API cd_tensor *cd_linear(cd_tensor *x, cd_tensor *weight, cd_tensor *bias);

/* --- shape ------------------------------------------------------------------------------------ */

/* A view of x in another shape. One size may be -1: it follows from the others. An error where
 * elements would have to move. */
CD_API cd_tensor *cd_view(cd_tensor *x, cd_shape shape);
/* The same, but a copy where elements would have to move. */
CD_API cd_tensor *cd_reshape(cd_tensor *x, cd_shape shape);
/* cd_reshape that makes one dimension of the dimensions from `start` to `end`, both included; -1 is
 * the last. */
CD_API cd_tensor *cd_flatten(cd_tensor *x, int start, int end);
/* A view of a matrix, transposed; of a tensor with fewer dimensions, as it is. */
CD_API cd_tensor *cd_t(cd_tensor *x);
/* A view with two dimensions exchanged. */
CD_API cd_tensor *cd_transpose(cd_tensor *x, int dim0, int dim1);
/* A view whose dimension i is x's dimension order.dim[i]: cd_permute(x, CD_SHAPE(0, 2, 1)). */
CD_API cd_tensor *cd_permute(cd_tensor *x, cd_shape order);
/* A view in which x is broadcast to this shape; -1 keeps x's size. */
CD_API cd_tensor *cd_expand(cd_tensor *x, cd_shape shape);
/* A view without the dimension if its size is 1; else of all of x. */
CD_API cd_tensor *cd_squeeze(cd_tensor *x, int dim);
/* A view with a new dimension of size 1 before dim; -1: after the last. */
CD_API cd_tensor *cd_unsqueeze(cd_tensor *x, int dim);
/* A view of the elements of x's storage at offset + i * stride.dim[0] + j * stride.dim[1] + ...,
 * counted from the storage's beginning, also if x begins elsewhere. CD_ERR_ARGUMENT when one is
 * outside of the storage. A view that has an element twice cannot be changed in place. */
CD_API cd_tensor *cd_as_strided(cd_tensor *x, cd_shape shape, cd_shape stride, int64_t offset);
/* x[from:to:step] along dim: a view. As in Python, negative ends count from the back, and ends
 * beyond the size are cut to it. step is 1 or more. */
CD_API cd_tensor *cd_slice(cd_tensor *x, int dim, int64_t from, int64_t to, int64_t step);
/* A view of `length` elements along dim, from `start` on. */
CD_API cd_tensor *cd_narrow(cd_tensor *x, int dim, int64_t start, int64_t length);
/* A view of x at one index of dim, without that dimension. */
CD_API cd_tensor *cd_select(cd_tensor *x, int dim, int64_t index);
/* Tensors joined along a dimension, all other sizes being equal: cd_cat(CD_TENSORS(a, b), 0). An
 * empty vector may stand among tensors of any shape. */
CD_API cd_tensor *cd_cat(cd_tensors tensors, int dim);
/* Tensors of one shape joined along a new dimension before dim; -1: after the last. */
CD_API cd_tensor *cd_stack(cd_tensors tensors, int dim);
/* Copies of x side by side, times.dim[i] of them along dimension i: cd_repeat(x, CD_SHAPE(2, 3)).
 * If `times` has more dimensions than x, x gets new ones in front. */
CD_API cd_tensor *cd_repeat(cd_tensor *x, cd_shape times);

/* --- copies ----------------------------------------------------------------------------------- */

/* A copy in memory of its own. */
CD_API cd_tensor *cd_clone(cd_tensor *x);
/* x itself if it is contiguous, else a contiguous copy. */
CD_API cd_tensor *cd_contiguous(cd_tensor *x);
/* Options of cd_to. */
typedef struct cd_to_options {
    cd_tensor *x;
    cd_dtype dtype; /* CD_DTYPE_DEFAULT: x's own */
    CD_GUARD_;
    cd_device device; /* default: x's own */
    cd_tensor *other; /* gives dtype and device, which are not named then */
    bool copy;        /* a copy in any case */
} cd_to_options;

/* Tensor.to: cd_to(x, CD_F64), cd_to(x, CD_DTYPE_DEFAULT, .other = y). x itself if it has the dtype
 * and is on the device, else a converted copy. PyTorch's non_blocking changes nothing here, and of
 * its memory formats this is the contiguous one. */
CD_API cd_tensor *cd_to_with(cd_to_options options);
#define cd_to(x_, ...) cd_to_with((cd_to_options){ .x = x_, .dtype = __VA_ARGS__ })
/* x.to(device): x itself if it is there, else a copy; its gradient comes back to x's device. (All
 * other ops but cd_copy_ take inputs on one device, and 0-d tensors on the processor beside these.)
 * From the meta device nothing can be copied: CD_ERR_STATE. */
CD_API cd_tensor *cd_to_device(cd_tensor *x, cd_device device);
/* The same elements, in the same memory, without x's history and not requiring gradients. */
CD_API cd_tensor *cd_detach(cd_tensor *x);

/* --- pooling, normalisation ------------------------------------------------------------------- */

/* Convolutions are in autograd/conv_ops.h. */

/* Options of cd_max_pool2d. */
typedef struct cd_max_pool2d_options {
    cd_tensor *x; /* N x C x H x W, or C x H x W */
    int64_t kernel;
    CD_GUARD_;
    int64_t stride, padding, dilation;                 /* default, and for 0: kernel, 0, 1 */
    int64_t kernel_w, stride_w, padding_w, dilation_w; /* default: as for the height */
    bool padding_w_is_zero;                            /* padding_w = 0 though padding is not */
    bool ceil_mode;      /* a last window that is not complete counts too */
    cd_tensor **indices; /* where to put the int64 indices into H x W; default: no indices */
    bool return_indices; /* of the module: the indices are its second output */
} cd_max_pool2d_options;

/* torch.nn.functional.max_pool2d: cd_max_pool2d(x, 3, .stride = 2, .padding = 1). Padding counts as
 * -inf, of integers as the least number, NaN as the largest. Of equal elements the first one gets
 * the gradient. x is of any dtype but bool. */
CD_API cd_tensor *cd_max_pool2d_with(cd_max_pool2d_options options);
#define cd_max_pool2d(x_, ...)                                                                     \
    cd_max_pool2d_with((cd_max_pool2d_options){ .x = x_, .kernel = __VA_ARGS__ })

/* torch.nn.functional.adaptive_avg_pool2d: means over windows of such a size that the result is
 * N x C x height x width; -1 (PyTorch's None) is the size of x. x may be C x H x W too. */
CD_API cd_tensor *cd_adaptive_avg_pool2d(cd_tensor *x, int64_t height, int64_t width);

/* The options that cd_batch_norm and the layer cd_nn_batch_norm2d share. momentum is the weight of
 * the new value: 0 means 0.1, CD_ZERO none. eps 0 means 1e-5; CD_ZERO is refused in training. */
#define CD_BATCH_NORM_OPTIONS double momentum, eps

/* Options of cd_batch_norm. */
typedef struct cd_batch_norm_options {
    cd_tensor *x;             /* N x C, or N x C x ... */
    cd_tensor *weight, *bias; /* C each; both may be NULL, for 1 and 0 */
    CD_GUARD_;
    cd_tensor *running_mean, *running_var; /* C each; may be NULL in training */
    bool training;
    CD_BATCH_NORM_OPTIONS;
} cd_batch_norm_options;

/* torch.nn.functional.batch_norm: for each channel (x - mean) / sqrt(var + eps) * weight + bias.
 *
 * In training mean and var are those of the batch, var the biased variance; and the running ones,
 * if given, become (1 - momentum) running + momentum new, with the unbiased variance. Otherwise
 * mean and var are the running ones. */
CD_API cd_tensor *cd_batch_norm_with(cd_batch_norm_options options);
#define cd_batch_norm(x_, weight_, ...)                                                            \
    cd_batch_norm_with((cd_batch_norm_options){ .x = x_, .weight = weight_, .bias = __VA_ARGS__ })

/* --- losses ----------------------------------------------------------------------------------- */

/* What a loss returns: the mean or the sum over its elements, or all of them. */
typedef enum cd_reduction { CD_MEAN = 0, CD_SUM, CD_NONE } cd_reduction;

/* Options of losses: cd_mse_loss(input, target, .reduction = CD_SUM). */
typedef struct cd_loss_options {
    cd_tensor *input, *target;
    CD_GUARD_;
    cd_reduction reduction; /* default: CD_MEAN */
    cd_tensor *weight;      /* nll and cross entropy: of each class; BCE: broadcasts to the input;
                               mse: of each element, in the input's shape */
    cd_tensor *pos_weight;  /* BCE: of positive targets */
    bool ignore;            /* nll and cross entropy: leave out targets equal to ignore_index */
    int64_t ignore_index;   /* only with .ignore = true; without it targets of -100 are left out */
    double label_smoothing; /* cross entropy: from 0 to 1; default: 0 */
} cd_loss_options;

/* torch.nn.functional.mse_loss: (input - target)^2. Shapes are equal, or broadcast. The mean of
 * weighted elements is their sum over the sum of the weights. */
CD_API cd_tensor *cd_mse_loss_with(cd_loss_options options);
/* torch.nn.functional.binary_cross_entropy_with_logits, of logits x and targets t in [0, 1]:
 * max(x, 0) - x t + log(1 + exp(-|x|)), which does not overflow. */
CD_API cd_tensor *cd_binary_cross_entropy_with_logits_with(cd_loss_options options);
/* torch.nn.functional.nll_loss, of log-probabilities (N x C or N x C x ...) and target classes (N
 * or N x ..., int64 or uint8). The mean is over the targets that are not left out, weighted by
 * their classes' weights. A target outside of 0 to C - 1 is CD_ERR_ARGUMENT, unless it is left
 * out. */
CD_API cd_tensor *cd_nll_loss_with(cd_loss_options options);
/* torch.nn.functional.cross_entropy: cd_log_softmax over the classes, then cd_nll_loss. Targets may
 * also be probabilities of the classes: floating, in the input's shape. Label smoothing s replaces
 * a target by 1 - s of it and s / C of each of the C classes. */
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
