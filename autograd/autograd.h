/* Automatic differentiation: which tensors require gradients, backward passes, and modes.
 *
 * As in PyTorch, the graph is recorded while ops are called: an op in grad mode on a tensor that
 * requires gradients gives a tensor that does, and that knows what computed it (its grad_fn). A
 * tensor that no recorded op computed is a leaf. cd_backward goes from a result back to the leaves,
 * and adds to each leaf's gradient. */
#ifndef CANDELA_AUTOGRAD_AUTOGRAD_H
#define CANDELA_AUTOGRAD_AUTOGRAD_H

#include "core/scope.h"
#include "core/tensor.h"

CD_BEGIN_DECLS

/* --- tensors ---------------------------------------------------------------------------------- */

/* x.requires_grad: true of a leaf that was made so or set so, of a tensor that was computed from
 * one in grad mode, and of their views. (For a view made under CD_NO_GRAD() this is true as well,
 * but no gradient goes through it.) */
CD_API bool cd_requires_grad(const cd_tensor *t);
/* x.requires_grad_(requires_grad), for a leaf; returns t. NULL with CD_ERR_AUTOGRAD for `false` on
 * a tensor that is no leaf, and CD_ERR_DTYPE for `true` on one that is not floating. */
CD_API cd_tensor *cd_set_requires_grad(cd_tensor *t, bool requires_grad);
/* x.is_leaf: true unless a recorded op computed t. */
CD_API bool cd_is_leaf(const cd_tensor *t);
/* The name of x.grad_fn, as PyTorch has it ("AddBackward0"); NULL for a leaf. */
CD_API const char *cd_grad_fn_name(const cd_tensor *t);

/* x.grad: the gradient that backward passes have added up in a leaf, of its shape and dtype. NULL
 * before the first pass, and for a tensor that is no leaf and does not retain its gradient
 * (cd_retain_grad); for that a warning goes to the logger too. */
CD_API cd_tensor *cd_grad(cd_tensor *t);
/* Fills t's gradient with zeros: x.grad.zero_(). Does nothing when there is none. */
CD_API bool cd_grad_zero_(cd_tensor *t);
/* Removes t's gradient, so that cd_grad returns NULL: x.grad = None. */
CD_API bool cd_grad_drop(cd_tensor *t);

/* --- backward --------------------------------------------------------------------------------- */

/* Options of cd_backward. */
typedef struct cd_backward_options {
    cd_tensor *tensor;
    CD_GUARD_;
    cd_tensor *gradient; /* of tensor's shape; default 1, for a tensor of one element only */
    bool retain_graph;   /* keep saved values for another pass; default: as create_graph */
    bool create_graph;   /* record the pass, so that gradients can be differentiated */
} cd_backward_options;

/* y.backward(): cd_backward(loss), cd_backward(y, .gradient = g, .retain_graph = true).
 *
 * Adds d(tensor)/d(leaf), weighted by `gradient`, to the gradient of each leaf that requires one. A
 * pass frees the values that the graph has saved, unless retain_graph: then a second pass over it
 * is CD_ERR_AUTOGRAD. False with an error; no leaf's gradient has changed then. */
CD_API bool cd_backward_with(cd_backward_options options);
#define cd_backward(...) cd_backward_with((cd_backward_options){ .tensor = __VA_ARGS__ })

/* Options of cd_autograd_grad. */
typedef struct cd_autograd_grad_options {
    cd_tensor *output;
    cd_tensor *input;
    CD_GUARD_;
    cd_tensor *gradient; /* of output's shape; default 1, for an output of one element only */
    bool retain_graph;   /* keep saved values for another pass; default: as create_graph */
    bool create_graph;   /* record the pass, so that gradients can be differentiated */
    bool allow_unused;   /* return NULL, without an error, if output does not depend on input */
} cd_autograd_grad_options;

/* torch.autograd.grad: cd_autograd_grad(y, x), cd_autograd_grad(loss, w, .create_graph = true).
 *
 * Returns the gradient of output, weighted by `gradient`, with respect to input, a leaf or a
 * computed tensor. Changes no leaf's gradient. NULL with CD_ERR_AUTOGRAD when output does not
 * depend on input. */
CD_API cd_tensor *cd_autograd_grad_with(cd_autograd_grad_options options);
#define cd_autograd_grad(output_, ...)                                                             \
    cd_autograd_grad_with((cd_autograd_grad_options){ .output = output_, .input = __VA_ARGS__ })

/* A list of tensors, for functions that take several. */
typedef struct cd_tensors {
    cd_tensor *const *tensor;
    int count;
} cd_tensors;

#ifndef __cplusplus
/* The list of its arguments: CD_TENSORS(x, w, b). */
#define CD_TENSORS(...)                                                                            \
    ((cd_tensors){ .tensor = (cd_tensor *const[]){ __VA_ARGS__ },                                  \
                   .count =                                                                        \
                       (int)(sizeof((cd_tensor *const[]){ __VA_ARGS__ }) / sizeof(cd_tensor *)) })
#endif

/* Options of cd_autograd_grad_n. */
typedef struct cd_autograd_grad_n_options {
    cd_tensors outputs;
    cd_tensors inputs;
    cd_tensor **gradients; /* an array for as many gradients as there are inputs */
    CD_GUARD_;
    cd_tensor *const *weights; /* the gradient of each output, NULL for 1; NULL: 1 for all */
    bool retain_graph;         /* keep saved values for another pass; default: as create_graph */
    bool create_graph;         /* record the pass, so that gradients can be differentiated */
    bool allow_unused;         /* NULL, without an error, for an input that no output depends on */
} cd_autograd_grad_n_options;

/* torch.autograd.grad of several outputs and inputs, in one pass:
 * cd_autograd_grad_n(CD_TENSORS(y, z), CD_TENSORS(x, w), gradients).
 *
 * Sets gradients[k] to the gradient, with respect to input k, of the sum of all outputs. False with
 * an error; the array is unchanged then. */
CD_API bool cd_autograd_grad_n_with(cd_autograd_grad_n_options options);
#define cd_autograd_grad_n(outputs_, inputs_, ...)                                                 \
    cd_autograd_grad_n_with((cd_autograd_grad_n_options){                                          \
        .outputs = outputs_, .inputs = inputs_, .gradients = __VA_ARGS__ })

/* --- grad mode -------------------------------------------------------------------------------- */

/* torch.is_grad_enabled(): whether the ops of this thread record a graph. At first they do. */
CD_API bool cd_grad_enabled(void);
/* Switches recording on or off until cd_scope_end of the scope that it returns. */
CD_API cd_scope cd_grad_mode_begin(bool enabled);

#if defined(__GNUC__) && !defined(__cplusplus)
/* torch.no_grad() to the end of the block. Tensors made in the block belong to the scope around
 * it. */
#define CD_NO_GRAD()     CD_FRAME_(cd_grad_mode_begin(false))
/* torch.enable_grad() to the end of the block. */
#define CD_ENABLE_GRAD() CD_FRAME_(cd_grad_mode_begin(true))
#endif

/* --- anomaly mode ----------------------------------------------------------------------------- */

/* Whether anomaly mode is on in this thread: see CD_DETECT_ANOMALY. */
CD_API bool cd_anomaly_enabled(void);
/* Switches anomaly mode on or off until cd_scope_end of the scope that it returns. */
CD_API cd_scope cd_anomaly_mode_begin(bool enabled);

#if defined(__GNUC__) && !defined(__cplusplus)
/* torch.autograd.detect_anomaly() to the end of the block, for forward too: an op that makes NaN or
 * Inf of finite inputs fails with CD_ERR_AUTOGRAD, and so does a backward rule that does so with
 * finite gradients and saved values. The sentence says which op, with shapes, the number of
 * elements that are NaN or Inf, and the range of each input:
 *
 *     log: anomaly: output (2x3) has 1 NaN and 0 Inf among 6 elements; input (2x3) ranges from -1
 *     to 4
 *     SqrtBackward0: anomaly: the gradient of input 0 (3) has 0 NaN and 1 Inf among 3 elements; the
 *     gradient that came (3) ranges from 1 to 1; it is the backward of sqrt
 *
 * For a function made of several ops the sentence has the name of the inner one. NaN and Inf that
 * the program gives, or that were made before anomaly mode began, are no error; so begin before the
 * forward pass. An op in place has changed its tensor by the time of the error. All results are
 * read a second time, so this is slow. */
#define CD_DETECT_ANOMALY() CD_FRAME_(cd_anomaly_mode_begin(true))
#endif

CD_END_DECLS

#endif
