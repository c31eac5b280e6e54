/* The two-layer network with tensors only: the gradients are taken, and the weights moved, by hand.
 */
#include <candela.h>

int main(void)
{
    const double lr = 1e-6;
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000));
    cd_tensor *y = cd_randn(CD_SHAPE(64, 10));
    cd_tensor *w1 = cd_randn(CD_SHAPE(1000, 100), .requires_grad = true);
    cd_tensor *w2 = cd_randn(CD_SHAPE(100, 10), .requires_grad = true);

    for (int t = 0; t < 500 && cd_ok(); t++) {
        CD_SCOPE();
        cd_tensor *h = cd_clamp_min(cd_mm(x, w1), 0); /* x.mm(w1).clamp(min=0) */
        cd_tensor *loss = cd_sum(cd_pow(cd_sub(cd_mm(h, w2), y), 2));
        if (t % 100 == 99) printf("%d %g\n", t, cd_item(loss));
        cd_backward(loss);
        {
            CD_NO_GRAD();
            cd_sub_(w1, cd_mul(cd_grad(w1), lr));
            cd_sub_(w2, cd_mul(cd_grad(w2), lr));
        }
        cd_grad_zero_(w1);
        cd_grad_zero_(w2);
    }
    return cd_report(stderr);
}
