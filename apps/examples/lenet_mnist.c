/* LeNet on MNIST, or on Fashion-MNIST, whose pictures have the same size:
 *
 *     lenet_mnist fashion-mnist                 the pictures of Debian's dataset-fashion-mnist
 *     lenet_mnist mnist:MNIST/raw               a folder with the four files of MNIST
 *     lenet_mnist mnist:MNIST/raw 10            ten epochs, where three is the default
 *
 * Saves the model with the best validation loss as lenet.safetensors. load_and_evaluate.c goes on
 * from there, and so does `candela predict lenet.safetensors digit.png`. */
#include <candela.h>
#include <stdlib.h>

static bool show(const cd_epoch *e, void *context)
{
    (void)context;
    printf("epoch %lld: loss %.4f, validation loss %.4f, accuracy %.4f\n", (long long)e->number,
           e->loss, e->validation_loss, e->validation_metrics[0]);
    fflush(stdout);
    return true;
}

/* Saves the model with all that is needed to use it on another picture. */
static bool save(cd_module *model, cd_dataset *train, const char *path)
{
    const char *classes[10] = { NULL };
    for (int k = 0; k < 10; k++) classes[k] = cd_dataset_class_name(train, k);
    const cd_card card = { .classes = classes,
                           .class_count = 10,
                           .preprocess = cd_dataset_preprocess(train),
                           .source = "apps/examples/lenet_mnist.c" };
    return cd_save_model(model, &card, path);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: lenet_mnist DATA [EPOCHS]\n");
        return 2;
    }
    /* The test pictures are made numbers with the mean and the deviation of the train pictures. */
    cd_dataset *train = cd_dataset_open(argv[1]), *part[2] = { NULL };
    const cd_preprocess recipe = cd_dataset_preprocess(train);
    cd_dataset *test = cd_dataset_open(argv[1], .split = CD_TEST, .preprocess = &recipe);

    cd_manual_seed(0);
    cd_random_split(train, part, 2, .fractions = (double[]){ 0.9, 0.1 });
    cd_loader *batches = cd_loader_new(part[0], .batch_size = 64, .shuffle = true);
    cd_module *model = cd_lenet();
    const cd_metric *const accuracy[] = { &cd_accuracy };
    cd_fit(model, NULL, .loader = batches, .validation = part[1], .metrics = accuracy,
           .metric_count = 1, .epochs = argc == 3 ? strtoll(argv[2], NULL, 10) : 3,
           .restore_best = true, .on_epoch = show);

    double value = 0;
    cd_evaluate(model, test, .metrics = accuracy, .metric_count = 1, .values = &value);
    if (save(model, train, "lenet.safetensors")) {
        printf("test accuracy %.4f, saved as lenet.safetensors\n", value);
    }
    return cd_report(stderr);
}
