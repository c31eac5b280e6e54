/* Functions with a backward rule of one's own: torch.autograd.Function.
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

/* PyTorch's ctx: one call of a function, from forward to the last backward, with what it has saved.
 * It lives as long as the graph that the call is recorded in; if it is not, as long as forward. */
typedef struct cd_context cd_context;

/* A function. Only read, by all threads. It must live longer than every graph made with it, so it
 * is best static const. */
typedef struct cd_function {
    const char *name; /* "MyReLU"; the grad_fn of its outputs is "MyReLUBackward" */
    int inputs;       /* how many; -1: any number */
    int outputs;      /* how many; 1 or more */

    /* Sets out[j] for each output. Called with grad mode off, in a scope of its own: tensors that
     * it makes are freed unless they are returned or saved. False with an error set (cd_fail). If
     * it returns an input as an output, the caller gets another tensor over the same memory, unless
     * cd_mark_dirty says that the input was changed. That tensor, like any view that forward
     * returns, cannot be changed in place while a graph is recorded. */
    bool (*forward)(cd_context *ctx, cd_tensor *const *in, cd_tensor **out);

    /* Sets grad_in[k] to the gradient of input k: of the input's shape, or of one that the input
     * broadcasts to. Where it stays NULL the input gets no gradient. grad_out[j] is the gradient of
     * output j, zeros if none came (see cd_set_materialize_grads). False with an error set
     * (cd_fail). Written in ops the rule can be differentiated: grad mode is on if the pass has
     * create_graph. Several threads may call it at once. NULL: the function has no gradient, and
     * its outputs do not require gradients. */
    bool (*backward)(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in);
} cd_function;

/* --- calling it ------------------------------------------------------------------------------- */

/* MyFunction.apply: cd_apply(&my_relu, x). Returns the first output; NULL with an error, or while
 * one is pending. */
CD_API cd_tensor *cd_apply_with(const cd_function *function, cd_tensors inputs);

/* Options of cd_apply_n. */
typedef struct cd_apply_n_options {
    const cd_function *function;
    cd_tensors inputs;
    cd_tensor **outputs; /* an array for as many as the function has */
    CD_GUARD_;
    void *user;                  /* for cd_context_user */
    void (*destroy)(void *user); /* frees user; default: nothing to free */
} cd_apply_n_options;

/* The same with all outputs: cd_apply_n(&split, CD_TENSORS(x, y), outputs, .user = u, .destroy =
 * free). False with an error; the array is unchanged then. `destroy` is called exactly once: when
 * the context ends, or before this returns false. */
CD_API bool cd_apply_n_with(cd_apply_n_options options);

#ifndef __cplusplus
#define cd_apply(function_, ...) cd_apply_with((function_), CD_TENSORS(__VA_ARGS__))
#define cd_apply_n(function_, inputs_, ...)                                                        \
    cd_apply_n_with(                                                                               \
        (cd_apply_n_options){ .function = function_, .inputs = inputs_, .outputs = __VA_ARGS__ })
#endif

/* --- within forward (elsewhere CD_ERR_STATE) -------------------------------------------------- */

/* ctx.save_for_backward(t), one tensor at a time: an input, an output or any other. Its value at
 * the end of forward is saved, numbered in the order of these calls, and freed by the first
 * backward pass without retain_graph. False with an error. */
CD_API bool cd_save_for_backward(cd_context *ctx, cd_tensor *t);
/* ctx.mark_dirty(input): forward changes this input in place and returns it as an output. Must be
 * called before the change, since it may be refused: for a leaf that requires gradients, and for a
 * view while a graph is recorded. If memory runs out after forward, cd_apply fails and the input
 * stays changed. */
CD_API bool cd_mark_dirty(cd_context *ctx, cd_tensor *input);
/* ctx.mark_non_differentiable(output): this output will not require gradients. Outputs of integers
 * never do. */
CD_API bool cd_mark_non_differentiable(cd_context *ctx, cd_tensor *output);
/* ctx.set_materialize_grads(value): with false, grad_out[j] is NULL in backward for an output of
 * which no gradient came, in place of zeros. */
CD_API bool cd_set_materialize_grads(cd_context *ctx, bool value);
/* Gives the context a pointer for backward; `destroy`, if not NULL, is called with it once, when
 * the context ends, by the thread that ends it. Destroys an earlier pointer. False with an error;
 * `user` still belongs to the caller then. */
CD_API bool cd_context_set_user(cd_context *ctx, void *user, void (*destroy)(void *user));

/* --- within forward and backward -------------------------------------------------------------- */

/* The number of inputs. */
CD_API int cd_context_inputs(const cd_context *ctx);
/* The pointer that cd_apply_n or cd_context_set_user was given; NULL for none. */
CD_API void *cd_context_user(const cd_context *ctx);
/* ctx.needs_input_grad[k]: whether input k requires gradients. */
CD_API bool cd_needs_input_grad(const cd_context *ctx, int k);
/* ctx.saved_tensors[k], in backward only. NULL with CD_ERR_AUTOGRAD when an earlier pass has freed
 * it, or its memory was written to since. */
CD_API cd_tensor *cd_saved_tensor(cd_context *ctx, int k);

/* --- checking it ------------------------------------------------------------------------------ */

/* cd_gradcheck(&my_relu, x): cd_gradcheck_function (autograd/gradcheck.h) for each output that has
 * a gradient. Inputs that require gradients must be float64. */
CD_API bool cd_gradcheck_with(const cd_function *function, cd_tensors inputs);
/* cd_gradgradcheck(&my_relu, x): cd_gradgradcheck_function for each output that has a gradient. */
CD_API bool cd_gradgradcheck_with(const cd_function *function, cd_tensors inputs);

#ifndef __cplusplus
#define cd_gradcheck(function_, ...)     cd_gradcheck_with((function_), CD_TENSORS(__VA_ARGS__))
#define cd_gradgradcheck(function_, ...) cd_gradgradcheck_with((function_), CD_TENSORS(__VA_ARGS__))
#endif

CD_END_DECLS

#endif
