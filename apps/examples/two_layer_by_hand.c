/* The two-layer network, y = relu(x w1) w2, without autograd: the gradients are written by hand. */
#include <candela.h>

int main(void)
{
    const double lr = 1e-6;
    cd_manual_seed(0);
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000)), *y = cd_randn(CD_SHAPE(64, 10));
    cd_tensor *w1 = cd_randn(CD_SHAPE(1000, 100)), *w2 = cd_randn(CD_SHAPE(100, 10));

    for (int t = 1; t <= 500 && cd_ok(); t++) {
        CD_SCOPE();
        cd_tensor *h = cd_mm(x, w1), *h_relu = cd_clamp_min(h, 0);
        cd_tensor *error = cd_sub(cd_mm(h_relu, w2), y);
        cd_tensor *loss = cd_sum(cd_pow(error, 2));
        if (t % 50 == 0) printf("%3d %g\n", t, cd_item(loss));

        cd_tensor *grad_y = cd_mul(2.0, error);
        cd_tensor *grad_w2 = cd_mm(cd_t(h_relu), grad_y);
        cd_tensor *grad_h = cd_mm(grad_y, cd_t(w2));
        cd_masked_fill_(grad_h, cd_lt(h, 0), 0); /* grad_h[h < 0] = 0 */
        cd_tensor *grad_w1 = cd_mm(cd_t(x), grad_h);

        cd_sub_(w1, cd_mul(lr, grad_w1));
        cd_sub_(w2, cd_mul(lr, grad_w2));
    }
    return cd_report(stderr);
}
