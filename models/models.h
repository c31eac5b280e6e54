/* The model zoo. Each function returns a new module with initial parameters, in training mode,
 * owned by the open scope, or NULL with an error. cd_load (io/checkpoint.h) reads trained
 * parameters. */
#ifndef CANDELA_MODELS_MODELS_H
#define CANDELA_MODELS_MODELS_H

#include "nn/layers.h"

CD_BEGIN_DECLS

/* ResNet-18 (He et al. 2015), as torchvision.models.resnet18: N x 3 x H x W -> N x num_classes
 * logits, with H and W usually 224 and at least 33. Its 122 parameters and buffers have
 * torchvision's names: conv1.weight, bn1.weight, layer1.0.conv1.weight, ..., fc.bias. Convolutions
 * are initialised as Kaiming normal with fan_out, fc as cd_nn_linear. */
typedef struct cd_resnet_options {
    int unused_;
    CD_GUARD_;
    int64_t num_classes; /* default, and for 0: 1000 */
    cd_device device;
} cd_resnet_options;

CD_API cd_module *cd_resnet18_with(cd_resnet_options options);
#define cd_resnet18(...) cd_resnet18_with((cd_resnet_options){ .unused_ = 0, __VA_ARGS__ })

/* The features that a ResNet's last layer, fc, gets: N x 3 x H x W -> N x 512. NULL with
 * CD_ERR_ARGUMENT if the module is no ResNet. */
CD_API cd_tensor *cd_resnet_features(cd_module *resnet, cd_tensor *x);

/* LeNet-5 (LeCun et al. 1998) in the form in which it is used today, with ReLU and maximum pooling:
 * N x `inputs` x `size` x `size` -> N x `outputs` logits. A Sequential of
 *
 *     Conv2d(inputs, 6, 5, padding=2), ReLU, MaxPool2d(2),
 *     Conv2d(6, 16, 5), ReLU, MaxPool2d(2), Flatten,
 *     Linear(16 k^2, 120), ReLU, Linear(120, 84), ReLU, Linear(84, outputs)
 *
 * with k = floor((floor(size / 2) - 4) / 2), which is 5 for the 28 pixels of MNIST: 61,706
 * parameters. They are initialised as PyTorch does. */
typedef struct cd_lenet_options {
    int unused_;
    CD_GUARD_;
    int64_t inputs;  /* channels of a picture; default, and for 0: 1 */
    int64_t size;    /* its height and width, at least 12; default, and for 0: 28 */
    int64_t outputs; /* classes; default, and for 0: 10 */
    cd_device device;
} cd_lenet_options;

CD_API cd_module *cd_lenet_with(cd_lenet_options options);
#define cd_lenet(...) cd_lenet_with((cd_lenet_options){ .unused_ = 0, __VA_ARGS__ })

/* A multilayer perceptron: a Sequential of Flatten, Linear, ReLU, Linear, ReLU, ..., Linear, from
 * N x `inputs` to N x `outputs` logits.
 *
 *     cd_mlp(784, 10, .hidden = (int64_t[]){ 256, 128 }, .hidden_count = 2) */
typedef struct cd_mlp_options {
    int64_t inputs, outputs;
    CD_GUARD_;
    const int64_t *hidden; /* widths of the hidden layers; default: none, so a single Linear */
    int hidden_count;      /* of `hidden`, at most 64; needed with it */
    cd_device device;
} cd_mlp_options;

CD_API cd_module *cd_mlp_with(cd_mlp_options options);
#define cd_mlp(inputs_, ...)                                                                       \
    cd_mlp_with((cd_mlp_options){ .inputs = inputs_, .outputs = __VA_ARGS__ })

CD_END_DECLS

#endif
