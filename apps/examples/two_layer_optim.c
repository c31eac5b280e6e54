/* The two-layer network with modules (nn) and an optimizer (optim). */
#include <candela.h>

int main(void)
{
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000));
    cd_tensor *y = cd_randn(CD_SHAPE(64, 10));
    cd_module *model =
        cd_nn_sequential(cd_nn_linear(1000, 100), cd_nn_relu(), cd_nn_linear(100, 10));
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 1e-4);

    for (int t = 0; t < 500 && cd_ok(); t++) {
        CD_SCOPE();
        cd_tensor *loss = cd_mse_loss(cd_forward(model, x), y, .reduction = CD_SUM);
        if (t % 100 == 99) printf("%d %g\n", t, cd_item(loss));
        cd_zero_grad(sgd);
        cd_backward(loss);
        cd_step(sgd);
    }
    return cd_report(stderr); /* prints the first error, if there was one; gives the exit status */
}
