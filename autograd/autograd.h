/* Automatic differentiation: what requires gradients, going backward, and switching it off. */
#ifndef CANDELA_AUTOGRAD_AUTOGRAD_H
#define CANDELA_AUTOGRAD_AUTOGRAD_H

#include "core/scope.h"
#include "core/tensor.h"

CD_BEGIN_DECLS

/* True of a leaf that was made or set so, of everything computed from such in grad mode, and of
 * views of either. (A view made under CD_NO_GRAD() says so too, but no gradient goes through it.)
 */
CD_API bool cd_requires_grad(const cd_tensor *t);
/* Sets it on a leaf (a tensor that was not computed in grad mode from one that requires gradients);
 * returns the tensor. CD_ERR_AUTOGRAD for any other tensor, CD_ERR_DTYPE for one that is not
 * floating. */
CD_API cd_tensor *cd_set_requires_grad(cd_tensor *t, bool requires_grad);
CD_API bool cd_is_leaf(const cd_tensor *t);

/* The gradient that cd_backward has added up in a leaf, shaped as it; NULL before the first. Of a
 * tensor that is no leaf it is NULL, and a warning goes to the logger. */
CD_API cd_tensor *cd_grad(cd_tensor *t);
/* Fills the gradient with zeros, if there is one; nothing otherwise. */
CD_API bool cd_grad_zero_(cd_tensor *t);
/* Drops the gradient: cd_grad gives NULL again. */
CD_API bool cd_grad_drop(cd_tensor *t);

/* PyTorch's name of what computed it ("AddBackward0"), or NULL for a leaf. */
CD_API const char *cd_grad_fn_name(const cd_tensor *t);

/* cd_backward(loss), cd_backward(y, .gradient = g, .retain_graph = true)
 *
 * Adds d(t)/d(leaf), weighted with `gradient`, to the gradient of each leaf that requires one. The
 * default gradient is 1, and for a tensor of one element only. Values saved for this pass are freed
 * unless retain_graph. With create_graph the gradients can themselves be differentiated. Either all
 * leaves change or, on failure, none. */
typedef struct cd_backward_options {
    cd_tensor *tensor;
    CD_GUARD_;
    cd_tensor *gradient;
    bool retain_graph; /* default: as create_graph */
    bool create_graph;
} cd_backward_options;

CD_API bool cd_backward_with(cd_backward_options options);
#define cd_backward(...) cd_backward_with((cd_backward_options){ .tensor = __VA_ARGS__ })

/* cd_autograd_grad(y, x), cd_autograd_grad(loss, w, .create_graph = true)
 *
 * The gradient of y, weighted with `gradient` as in cd_backward, with respect to x, which may be a
 * leaf or a computed tensor. No tensor's own gradient changes. NULL with CD_ERR_AUTOGRAD when y
 * does not depend on x; with allow_unused NULL alone. */
typedef struct cd_autograd_grad_options {
    cd_tensor *output;
    cd_tensor *input;
    CD_GUARD_;
    cd_tensor *gradient;
    bool retain_graph; /* default: as create_graph */
    bool create_graph;
    bool allow_unused;
} cd_autograd_grad_options;

CD_API cd_tensor *cd_autograd_grad_with(cd_autograd_grad_options options);
#define cd_autograd_grad(output_, ...)                                                             \
    cd_autograd_grad_with((cd_autograd_grad_options){ .output = output_, .input = __VA_ARGS__ })

/* Tensors, written in place: CD_TENSORS(x, w, b). */
typedef struct cd_tensors {
    cd_tensor *const *tensor;
    int count;
} cd_tensors;

#ifndef __cplusplus
#define CD_TENSORS(...)                                                                            \
    ((cd_tensors){ .tensor = (cd_tensor *const[]){ __VA_ARGS__ },                                  \
                   .count =                                                                        \
                       (int)(sizeof((cd_tensor *const[]){ __VA_ARGS__ }) / sizeof(cd_tensor *)) })
#endif

/* cd_autograd_grad_n(CD_TENSORS(y, z), CD_TENSORS(x, w), gradients)
 *
 * The gradients of the sum of several outputs with respect to several inputs, in one pass:
 * gradients[k] for input k, NULL where allow_unused says that this is no error. On failure the
 * array is unchanged. */
typedef struct cd_autograd_grad_n_options {
    cd_tensors outputs;
    cd_tensors inputs;
    cd_tensor **gradients;
    CD_GUARD_;
    cd_tensor *const *weights; /* the gradient that each output starts from, or NULL for 1 */
    bool retain_graph;         /* default: as create_graph */
    bool create_graph;
    bool allow_unused;
} cd_autograd_grad_n_options;

CD_API bool cd_autograd_grad_n_with(cd_autograd_grad_n_options options);
#define cd_autograd_grad_n(outputs_, inputs_, ...)                                                 \
    cd_autograd_grad_n_with((cd_autograd_grad_n_options){                                          \
        .outputs = outputs_, .inputs = inputs_, .gradients = __VA_ARGS__ })

/* True while ops record a graph in this thread. */
CD_API bool cd_grad_enabled(void);
CD_API cd_scope cd_grad_mode_begin(bool enabled);

#if defined(__GNUC__) && !defined(__cplusplus)
/* Switches recording off, or on again, until the end of the block. What is made meanwhile belongs
 * to the scope around it. */
#define CD_NO_GRAD()     CD_FRAME_(cd_grad_mode_begin(false))
#define CD_ENABLE_GRAD() CD_FRAME_(cd_grad_mode_begin(true))
#endif

/* True while this thread looks for what makes NaN and Inf. */
CD_API bool cd_anomaly_enabled(void);
CD_API cd_scope cd_anomaly_mode_begin(bool enabled);

#if defined(__GNUC__) && !defined(__cplusplus)
/* Until the end of the block, an op that makes NaN or Inf from finite inputs, and a gradient rule
 * that does so from finite gradients and saved values, fails with CD_ERR_AUTOGRAD. The sentence has
 * the op, shapes, how many elements are NaN or Inf, and the range of each input:
 *
 *     log: anomaly: output (2x3) has 1 NaN and 0 Inf among 6 elements; input (2x3) ranges from -1
 *     to 4
 *     SqrtBackward0: anomaly: the gradient of input 0 (3) has 0 NaN and 1 Inf among 3 elements; the
 *     gradient that came (3) ranges from 1 to 1; it is the backward of sqrt
 *
 * Of an op made of others the inner one is named. What was given as NaN or Inf, or made before, is
 * no op's fault: begin before the forward pass. An op in place has changed its tensor by then; the
 * sentence says so. Nests; everything is looked at a second time, so it is slow. */
#define CD_DETECT_ANOMALY() CD_FRAME_(cd_anomaly_mode_begin(true))
#endif

CD_END_DECLS

#endif
