/* The two-layer network with tensors and autograd: gradients are computed by cd_backward, and the
 * weights are updated by hand. */
#include <candela.h>

int main(void)
{
    const double lr = 1e-6;
    cd_manual_seed(0);
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000)), *y = cd_randn(CD_SHAPE(64, 10));
    cd_tensor *w1 = cd_randn(CD_SHAPE(1000, 100), .requires_grad = true);
    cd_tensor *w2 = cd_randn(CD_SHAPE(100, 10), .requires_grad = true);

    for (int t = 1; t <= 500 && cd_ok(); t++) {
        CD_SCOPE();
        cd_tensor *h = cd_clamp_min(cd_mm(x, w1), 0); /* x.mm(w1).clamp(min=0) */
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
