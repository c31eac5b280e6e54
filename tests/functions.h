/* Custom functions (cd_function) that several test files apply. */
#ifndef CANDELA_TESTS_FUNCTIONS_H
#define CANDELA_TESTS_FUNCTIONS_H

#include "test.h"

#include "autograd/function.h"
#include "autograd/ops.h"

/* The example of autograd/function.h. */
static bool my_relu_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, in[0]);
    out[0] = cd_clamp_min(in[0], 0);
    return out[0];
}
static bool my_relu_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *x = cd_saved_tensor(ctx, 0);
    grad_in[0] = cd_where(cd_lt(x, 0), 0.0, grad_out[0]);
    return grad_in[0];
}
static const cd_function my_relu = { .name = "MyReLU",
                                     .inputs = 1,
                                     .outputs = 1,
                                     .forward = my_relu_forward,
                                     .backward = my_relu_backward };

/* x * x in place; saves a copy of the old x. */
static inline bool square_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, cd_clone(in[0]));
    cd_mark_dirty(ctx, in[0]);
    out[0] = cd_mul_(in[0], in[0]);
    return out[0];
}
static inline bool square_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    grad_in[0] = cd_mul(cd_mul(cd_saved_tensor(ctx, 0), 2), grad_out[0]);
    return grad_in[0];
}
static const cd_function square_ = { "Square_", 1, 1, square_forward, square_backward };

/* Outputs x^2 and exp(x); saves x and the second output. */
static inline bool both_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    out[0] = cd_mul(in[0], in[0]);
    out[1] = cd_exp(in[0]);
    return cd_save_for_backward(ctx, in[0]) && cd_save_for_backward(ctx, out[1]);
}
static inline bool both_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *x = cd_saved_tensor(ctx, 0), *e = cd_saved_tensor(ctx, 1);
    grad_in[0] = cd_add(cd_mul(cd_mul(x, 2), grad_out[0]), cd_mul(e, grad_out[1]));
    return grad_in[0];
}
static const cd_function both = { "Both", 1, 2, both_forward, both_backward };

/* Outputs exp(x), computed in place, and a copy of it. Saves x, which becomes the first output,
 * before it has its new value. */
static inline bool exp_plus_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_mark_dirty(ctx, in[0]);
    cd_save_for_backward(ctx, in[0]);
    out[0] = cd_copy_(in[0], cd_exp(in[0]));
    out[1] = cd_mul(in[0], 1);
    return out[0];
}

static inline bool exp_plus_backward(cd_context *ctx, cd_tensor *const *grad_out,
                                     cd_tensor **grad_in)
{
    grad_in[0] = cd_mul(cd_add(grad_out[0], grad_out[1]), cd_saved_tensor(ctx, 0));
    return grad_in[0];
}

static const cd_function exp_plus = { "ExpPlus", 1, 2, exp_plus_forward, exp_plus_backward };

/* A backward that passes the gradient of output 0 to every input. */
static inline bool pass_on(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    for (int k = 0; k < cd_context_inputs(ctx); k++) grad_in[k] = grad_out[0];
    return true;
}

/* A float64 leaf whose elements all are `value`. */
static inline cd_tensor *leaf64(cd_shape shape, double value)
{
    return cd_full(shape, value, .dtype = CD_F64, .requires_grad = true);
}

/* A tensor that is computed from a leaf. */
static inline cd_tensor *computed(double value)
{
    return cd_mul(leaf64(CD_SHAPE(3), value), 1);
}

#endif
