/* The two-layer network of modules (nn), with parameters that are updated by hand. */
#include <candela.h>

/* Called by cd_visit for each parameter: p -= lr * p.grad. */
static bool update(const char *name, cd_tensor *p, cd_entry_kind kind, void *user)
{
    const double *lr = user;
    (void)name;
    if (kind != CD_PARAMETER) return true;
    return cd_sub_(p, cd_mul(*lr, cd_grad(p)));
}

int main(void)
{
    double lr = 1e-4;
    cd_manual_seed(0);
    cd_tensor *x = cd_randn(CD_SHAPE(64, 1000)), *y = cd_randn(CD_SHAPE(64, 10));
    cd_module *model =
        cd_nn_sequential(cd_nn_linear(1000, 100), cd_nn_relu(), cd_nn_linear(100, 10));
    cd_module *criterion = cd_nn_mse_loss(.reduction = CD_SUM);

    for (int t = 1; t <= 500 && cd_ok(); t++) {
        CD_SCOPE();
        cd_tensor *loss = cd_forward(criterion, cd_forward(model, x), y);
        if (t % 50 == 0) printf("%3d %g\n", t, cd_item(loss));
        cd_module_zero_grad(model);
        cd_backward(loss);
        {
            CD_NO_GRAD();
            cd_visit(model, update, &lr);
        }
    }
    return cd_report(stderr);
}
