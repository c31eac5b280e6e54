/* A question of yes or no where yes is rare: one sample in twenty. A model that learns from all
 * samples alike says no too often. With .pos_weight the loss of each yes counts that many times, so
 * the model finds more of them (recall), and is wrong more often when it says yes (precision).
 *
 * The AUC hardly changes: it looks at the order of the outputs, and not at where yes begins. */
#include <candela.h>

enum { SAMPLES = 8000, NUMBERS = 4, RARE = 20 };

/* Trains a model, and prints its scores on samples that it has not seen. */
static void run(cd_dataset *train, cd_dataset *test, double pos_weight)
{
    CD_SCOPE();
    cd_manual_seed(1); /* both models begin with the same numbers */
    cd_module *model = cd_mlp(NUMBERS, 1, .hidden = (int64_t[]){ 16 }, .hidden_count = 1);
    cd_module *loss = cd_nn_bce_with_logits_loss(.pos_weight = cd_full(CD_SHAPE(1), pos_weight));
    cd_fit(model, train, .loss = loss, .optimizer = cd_optim_adam(model, .lr = 0.01),
           .batch_size = 64);

    const cd_metric *const metrics[] = { &cd_precision, &cd_recall, &cd_f1, &cd_auc };
    double v[4] = { 0 };
    cd_evaluate(model, test, .metrics = metrics, .metric_count = 4, .values = v);
    printf("%10g %10.3f %10.3f %10.3f %10.3f\n", pos_weight, v[0], v[1], v[2], v[3]);
}

int main(void)
{
    /* Numbers around 0, or for a yes around 1; the two kinds overlap. */
    cd_manual_seed(0);
    cd_tensor *y = cd_lt(cd_rand(CD_SHAPE(SAMPLES, 1)), 1.0 / RARE);
    cd_tensor *x = cd_add(cd_randn(CD_SHAPE(SAMPLES, NUMBERS)), y);
    cd_dataset *part[2] = { NULL };
    cd_random_split(cd_dataset_from_tensors(x, y), part, 2, .fractions = (double[]){ 0.5, 0.5 });

    printf("%10s %10s %10s %10s %10s\n", "pos_weight", "precision", "recall", "F1", "AUC");
    run(part[0], part[1], 1);
    run(part[0], part[1], RARE - 1); /* as many noes as there are for each yes */
    return cd_report(stderr);
}
