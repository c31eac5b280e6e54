/* A linear probe: a pretrained ResNet-18 with frozen parameters, and a new last layer that is
 * trained on a folder of photographs (DIR/train/CLASS/ and DIR/val/CLASS/).
 *
 *     linear_probe resnet18.pth DIR
 *
 * The frozen network gives the same 512 features for a photograph in every epoch, so they are
 * computed once, a tensor for each batch, and the new layer is trained on them. */
#include <candela.h>

enum { BATCH = 16, BATCHES = 64, EPOCHS = 50 };

typedef struct features {
    cd_tensor *x[BATCHES], *y[BATCHES]; /* features, BATCH x 512, and labels, of each batch */
    int batches;
    int64_t samples;
} features;

/* The features of the first BATCH * BATCHES photographs. */
static features read_features(cd_module *model, cd_dataset *set)
{
    features f = { .batches = 0 };
    for (int64_t i = 0; i < cd_dataset_count(set) && f.batches < BATCHES; i += BATCH) {
        CD_NO_GRAD(); /* and no CD_SCOPE(), because the features live longer than the loop */
        int64_t index[BATCH], n = 0;
        for (; n < BATCH && i + n < cd_dataset_count(set); n++) index[n] = i + n;
        cd_tensor *pictures = NULL;
        if (!cd_dataset_batch(set, index, n, .x = &pictures, .y = &f.y[f.batches])) break;
        f.x[f.batches++] = cd_resnet_features(model, pictures);
        cd_drop(pictures);
        f.samples += n;
    }
    return f;
}

static double accuracy(cd_module *layer, const features *f)
{
    CD_SCOPE();
    CD_NO_GRAD();
    double correct = 0;
    for (int i = 0; i < f->batches; i++) {
        correct += cd_item(cd_sum(cd_eq(cd_argmax_dim(cd_forward(layer, f->x[i]), 1), f->y[i])));
    }
    return f->samples ? correct / (double)f->samples : 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: linear_probe resnet18.pth DIR\n");
        return 2;
    }
    cd_dataset *train_set = cd_dataset_open(argv[2], .split = CD_TRAIN);
    cd_dataset *val_set = cd_dataset_open(argv[2], .split = CD_VAL);
    cd_module *model = cd_resnet18(.num_classes = 1000);
    cd_load(model, argv[1]); /* any container: found out from the bytes */
    cd_freeze(model);
    cd_module_set(model, "fc", cd_nn_linear(512, cd_dataset_class_count(train_set)));
    cd_optimizer *sgd = cd_optim_sgd(model, .lr = 1e-2, .momentum = 0.9);

    features train = read_features(model, train_set), val = read_features(model, val_set);
    cd_module *layer = cd_module_get(model, "fc");
    for (int epoch = 0; epoch < EPOCHS && cd_ok(); epoch++) {
        CD_SCOPE();
        cd_tensor *order = cd_randperm(train.batches);
        for (int i = 0; i < train.batches && cd_ok(); i++) {
            CD_SCOPE();
            int64_t k = cd_item_int(cd_index(order, i));
            cd_tensor *loss = cd_cross_entropy(cd_forward(layer, train.x[k]), train.y[k]);
            cd_zero_grad(sgd);
            cd_backward(loss);
            cd_step(sgd);
        }
    }
    double on_train = accuracy(layer, &train), on_val = accuracy(layer, &val);
    if (cd_ok()) printf("train %.2f %%, val %.2f %%\n", 100 * on_train, 100 * on_val);
    return cd_report(stderr);
}
