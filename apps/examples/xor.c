/* XOR, the smallest problem that needs a hidden layer: four samples, and whether exactly one of
 * their two numbers is 1. */
#include <candela.h>

int main(void)
{
    cd_manual_seed(1);
    cd_tensor *x = cd_from_array(((float[]){ 0, 0, 0, 1, 1, 0, 1, 1 }), CD_SHAPE(4, 2));
    cd_tensor *y = cd_from_array(((bool[]){ false, true, true, false }), CD_SHAPE(4));
    cd_module *model = cd_nn_sequential(cd_nn_linear(2, 8), cd_nn_tanh(), cd_nn_linear(8, 1));

    /* Targets of bool are questions of yes or no: the loss is binary cross entropy of logits. */
    cd_fit(model, cd_dataset_from_tensors(x, y), .optimizer = cd_optim_adam(model, .lr = 0.1),
           .epochs = 200);

    CD_NO_GRAD();
    cd_print(stdout, cd_sigmoid(cd_forward(model, x))); /* how sure it is that the answer is yes */
    return cd_report(stderr);
}
