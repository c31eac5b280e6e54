/* Functions of one's own, with a backward rule of one's own, as torch.autograd.Function has them.
 *
 *     static bool my_relu_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
 *     {
 *         cd_save_for_backward(ctx, in[0]);
 *         out[0] = cd_clamp_min(in[0], 0);
 *         return out[0];
 *     }
 *     static bool my_relu_backward(cd_context *ctx, cd_tensor *const *grad_out,
 *                                  cd_tensor **grad_in)
 *     {
 *         cd_tensor *x = cd_saved_tensor(ctx, 0);
 *         grad_in[0] = cd_where(cd_lt(x, 0), 0.0, grad_out[0]);
 *         return grad_in[0];
 *     }
 *     static const cd_function my_relu = {
 *         .name = "MyReLU", .inputs = 1, .outputs = 1,
 *         .forward = my_relu_forward, .backward = my_relu_backward
 *     };
 *     cd_tensor *y = cd_apply(&my_relu, x);
 */
#ifndef CANDELA_AUTOGRAD_FUNCTION_H
#define CANDELA_AUTOGRAD_FUNCTION_H

#include "autograd/autograd.h"

CD_BEGIN_DECLS

/* One application of a function: what it saved and was given, from forward to the last backward. It
 * lives as long as the graph that it belongs to; without a graph, as long as forward. */
typedef struct cd_context cd_context;

/* Read only, and shared by all threads and applications; it must outlive every graph made with it,
 * so it is best static const. */
typedef struct cd_function {
    const char *name; /* grad_fn shows <MyReLUBackward> for "MyReLU" */
    int inputs;       /* -1: any number */
    int outputs;      /* 1 or more */

    /* Fills out[j] for each output. Runs with grad mode off, and in a scope of its own: what it
     * makes and does not return or save is freed. False with an error set (cd_fail) on failure.
     * An output that is an input comes back as another tensor over the same memory, unless
     * cd_mark_dirty says that it was changed; such an output, and any other view, cannot be changed
     * in place while a graph is recorded. */
    bool (*forward)(cd_context *ctx, cd_tensor *const *in, cd_tensor **out);

    /* Fills grad_in[k] with the gradient of input k, shaped as it or broadcast against it; those it
     * leaves NULL have none. grad_out[j] is the gradient of output j, zeros if none came. Written
     * in ops it can be differentiated again: grad mode is on when the caller asked for
     * create_graph. Threads that go backward through one graph may run it at the same time. False
     * with an error set on failure. NULL: there is no gradient, and the outputs require none. */
    bool (*backward)(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in);
} cd_function;

/* --- applying it ------------------------------------------------------------------------------ */

/* cd_apply(&my_relu, x): the first output. NULL on failure, and while an error is pending. */
CD_API cd_tensor *cd_apply_with(const cd_function *function, cd_tensors inputs);

/* cd_apply_n(&split, CD_TENSORS(x, y), outputs, .user = me, .destroy = free_it)
 *
 * All outputs into an array with room for them; unchanged on failure. `destroy`, if given, is
 * called exactly once with `user`: when the context ends, or before this returns false. */
typedef struct cd_apply_n_options {
    const cd_function *function;
    cd_tensors inputs;
    cd_tensor **outputs;
    CD_GUARD_;
    void *user;
    void (*destroy)(void *user);
} cd_apply_n_options;

CD_API bool cd_apply_n_with(cd_apply_n_options options);

#ifndef __cplusplus
#define cd_apply(function_, ...) cd_apply_with((function_), CD_TENSORS(__VA_ARGS__))
#define cd_apply_n(function_, inputs_, ...)                                                        \
    cd_apply_n_with(                                                                               \
        (cd_apply_n_options){ .function = function_, .inputs = inputs_, .outputs = __VA_ARGS__ })
#endif

/* --- within forward: CD_ERR_STATE elsewhere --------------------------------------------------- */

/* Saves a tensor, as it will be at the end of forward, under the next number: an input, an output
 * or any other. It is freed by the first pass backward unless .retain_graph says otherwise. */
CD_API bool cd_save_for_backward(cd_context *ctx, cd_tensor *t);
/* This input is changed in place, and will be returned as an output: say so before changing it, as
 * a leaf that requires gradients, and a view while a graph is recorded, are refused. When memory
 * runs out behind forward, cd_apply fails and the input stays changed. */
CD_API bool cd_mark_dirty(cd_context *ctx, cd_tensor *input);
/* This output requires no gradient; integer ones need not be marked. */
CD_API bool cd_mark_non_differentiable(cd_context *ctx, cd_tensor *output);
/* Gives the context something to hold; `destroy`, if not NULL, is called with it once, when the
 * context ends, on whichever thread ends it. What was there before is destroyed. `user` stays the
 * caller's on failure. */
CD_API bool cd_context_set_user(cd_context *ctx, void *user, void (*destroy)(void *user));

/* --- within forward and backward -------------------------------------------------------------- */

CD_API int cd_context_inputs(const cd_context *ctx);
/* What cd_apply_n or cd_context_set_user gave; NULL if nothing. */
CD_API void *cd_context_user(const cd_context *ctx);
/* Whether input k requires gradients. */
CD_API bool cd_needs_input_grad(const cd_context *ctx, int k);
/* Backward only: the k-th saved tensor. NULL with CD_ERR_AUTOGRAD when an earlier pass freed it, or
 * it has been written to since. */
CD_API cd_tensor *cd_saved_tensor(cd_context *ctx, int k);

/* --- checking it ------------------------------------------------------------------------------ */

/* cd_gradcheck(&my_relu, x), cd_gradgradcheck(&my_relu, x)
 *
 * cd_gradcheck_function and cd_gradgradcheck_function (see autograd/gradcheck.h) for each output
 * that has a gradient. The inputs that require gradients must be float64. */
CD_API bool cd_gradcheck_with(const cd_function *function, cd_tensors inputs);
CD_API bool cd_gradgradcheck_with(const cd_function *function, cd_tensors inputs);

#ifndef __cplusplus
#define cd_gradcheck(function_, ...)     cd_gradcheck_with((function_), CD_TENSORS(__VA_ARGS__))
#define cd_gradgradcheck(function_, ...) cd_gradgradcheck_with((function_), CD_TENSORS(__VA_ARGS__))
#endif

CD_END_DECLS

#endif
