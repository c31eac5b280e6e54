/* The two-layer network with a ReLU of its own, written as a forward and a backward function
 * (PyTorch's torch.autograd.Function). */
#include <candela.h>

static bool relu_forward(cd_context *ctx, cd_tensor *const *in, cd_tensor **out)
{
    cd_save_for_backward(ctx, in[0]);
    out[0] = cd_clamp_min(in[0], 0);
    return out[0];
}

static bool relu_backward(cd_context *ctx, cd_tensor *const *grad_out, cd_tensor **grad_in)
{
    cd_tensor *x = cd_saved_tensor(ctx, 0);
    grad_in[0] = cd_where(cd_lt(x, 0), 0.0, grad_out[0]);
    return grad_in[0];
}

static const cd_function my_relu = {
    .name = "MyReLU", .inputs = 1, .outputs = 1, .forward = relu_forward, .backward = relu_backward
};

int main(void)
{
    const double lr = 1e-6;
    cd_manual_seed(0);
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000)), *y = cd_randn(CD_SHAPE(64, 10));
    cd_tensor *w1 = cd_randn(CD_SHAPE(1000, 100), .requires_grad = true);
    cd_tensor *w2 = cd_randn(CD_SHAPE(100, 10), .requires_grad = true);

    for (int t = 1; t <= 500 && cd_ok(); t++) {
        CD_SCOPE();
        cd_tensor *h = cd_apply(&my_relu, cd_mm(x, w1));
        cd_tensor *loss = cd_sum(cd_pow(cd_sub(cd_mm(h, w2), y), 2));
        if (t % 50 == 0) printf("%3d %g\n", t, cd_item(loss));
        cd_backward(loss);
        {
            CD_NO_GRAD();
            cd_sub_(w1, cd_mul(lr, cd_grad(w1)));
            cd_sub_(w2, cd_mul(lr, cd_grad(w2)));
        }
        cd_grad_zero_(w1);
        cd_grad_zero_(w2);
    }
    return cd_report(stderr);
}
