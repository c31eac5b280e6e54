/* Measures an epoch of 60000 samples of 784 numbers in shuffled batches of 64: the batches alone,
 * and the training of an MLP 784-256-128-10 with Adam. Prints a row's name and the processor time
 * in seconds; pytorch_loader.py prints the same rows for PyTorch.
 *
 *     build/tests/bench_loader [EPOCHS]     the least of so many, by default 3; on one thread */
#include <candela.h>

#include <stdlib.h>
#include <time.h>

static cd_dataset *set;
static cd_module *model;
static cd_optimizer *optimizer;

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void batches(const cd_batch *b)
{
    (void)b;
}

static void train(const cd_batch *b)
{
    CD_SCOPE();
    (void)cd_zero_grad(optimizer);
    (void)cd_backward(cd_cross_entropy(cd_forward(model, b->x), b->y));
    (void)cd_step(optimizer);
}

/* The least time of an epoch in which each batch is passed to `use`. */
static void row(const char *name, int epochs, int workers, void (*use)(const cd_batch *))
{
    CD_SCOPE();
    cd_loader *l = cd_loader_new(set, .batch_size = 64, .shuffle = true, .workers = workers);
    double least = 1e9;
    for (int e = 0; e < epochs && cd_ok(); e++) {
        const double start = seconds();
        for (cd_batch b; cd_loader_next(l, &b);) use(&b);
        const double time = seconds() - start;
        if (time < least) least = time;
    }
    printf("%s %.4f\n", name, least);
}

int main(int argc, char **argv)
{
    const int epochs = argc > 1 ? atoi(argv[1]) : 3;
    if (!cd_set_num_threads(1)) return cd_report(stderr);
    cd_manual_seed(1);
    set =
        cd_dataset_from_tensors(cd_rand(CD_SHAPE(60000, 784)), cd_randint(0, 10, CD_SHAPE(60000)));
    model = cd_nn_sequential(cd_nn_linear(784, 256), cd_nn_relu(), cd_nn_linear(256, 128),
                             cd_nn_relu(), cd_nn_linear(128, 10));
    optimizer = cd_optim_adam(model);
    row("batches", epochs, 0, batches);
    row("batches_workers_2", epochs, 2, batches);
    row("epoch", epochs, 0, train);
    return cd_report(stderr);
}
