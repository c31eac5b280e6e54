/* Times steps of training. Prints a row's name, and the median and minimum time; pytorch_steps.py
 * prints the same rows for PyTorch, and compare.sh makes a table of both.
 *
 *     build/tests/bench_steps [PREFIX...]     only rows whose names begin with a PREFIX */
#include "measure.h"

static cd_tensor *x, *labels;
static cd_module *model;
static cd_optimizer *optimizer;

/* An MLP 784-256-128-10, a batch of 64, with Adam. */
static void make_mlp(void)
{
    x = cd_rand(CD_SHAPE(64, 784));
    labels = cd_randint(0, 10, CD_SHAPE(64));
    model = cd_nn_sequential(cd_nn_linear(784, 256), cd_nn_relu(), cd_nn_linear(256, 128),
                             cd_nn_relu(), cd_nn_linear(128, 10));
    optimizer = cd_optim_adam(model);
}

static void mlp_adam(void)
{
    (void)cd_zero_grad(optimizer);
    (void)cd_backward(cd_cross_entropy(cd_forward(model, x), labels));
    (void)cd_step(optimizer);
}

/* An LSTM of two layers of 128, 50 steps, a batch of 32. */
static void make_lstm(void)
{
    x = cd_randn(CD_SHAPE(50, 32, 128));
    (void)cd_set_requires_grad(x, true);
    model = cd_nn_lstm(128, 128, .num_layers = 2);
}

static void lstm(void)
{
    (void)cd_backward(cd_sum(cd_forward_recurrent(model, x).output));
    (void)cd_zero_grad(model);
    (void)cd_grad_drop(x);
}

/* A layer of a transformer with 8 heads of 32 and 1024 hidden units, 16 sequences of 128. */
static void make_encoder_layer(void)
{
    x = cd_randn(CD_SHAPE(16, 128, 256));
    (void)cd_set_requires_grad(x, true);
    model = cd_nn_transformer_encoder_layer(256, 8, .dim_feedforward = 1024, .batch_first = true,
                                            .dropout = CD_ZERO);
}

static void encoder_layer(void)
{
    (void)cd_backward(cd_sum(cd_forward(model, x)));
    (void)cd_zero_grad(model);
    (void)cd_grad_drop(x);
}

/* AdamW over the 62 tensors of ResNet-18; the gradients stay as they are. */
static void make_adamw(void)
{
    model = cd_resnet18();
    optimizer = cd_optim_adamw(model);
    (void)cd_backward(cd_sum(cd_forward(model, cd_randn(CD_SHAPE(2, 3, 32, 32)))));
}

static void adamw_resnet18(void)
{
    (void)cd_step(optimizer);
}

static const struct {
    struct row row;
    void (*make)(void);
} rows[] = {
    { { "mlp_adam", mlp_adam }, make_mlp },
    { { "lstm", lstm }, make_lstm },
    { { "encoder_layer", encoder_layer }, make_encoder_layer },
    { { "adamw_resnet18", adamw_resnet18 }, make_adamw },
};

int main(int argc, char **argv)
{
    if (!cd_set_num_threads(2)) return cd_report(stderr);
    cd_manual_seed(1);
    printf("version Candela %s, %s\n", cd_about().version, cd_about().compiler);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && cd_ok(); i++) {
        CD_SCOPE();
        if (!is_chosen(&rows[i].row, argc, argv)) continue;
        rows[i].make();
        measure(&rows[i].row, "");
    }
    return cd_report(stderr);
}
