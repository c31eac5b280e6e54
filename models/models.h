/* The model zoo. A model is a module whose parameter names and shapes are torchvision's. */
#ifndef CANDELA_MODELS_MODELS_H
#define CANDELA_MODELS_MODELS_H

#include "nn/layers.h"

CD_BEGIN_DECLS

/* ResNet-18 (He et al. 2015), as torchvision.models.resnet18: N x 3 x 224 x 224 (or any size from
 * 33 on) -> N x num_classes logits. 122 entries: conv1, bn1, layer1.0.conv1, ..., fc. Convolutions
 * start normal by fan-out (He et al.), fc as every Linear. Parameters come from cd_load. */
typedef struct cd_resnet_options {
    int unused_;
    CD_GUARD_;
    int64_t num_classes; /* 0: 1000 */
    cd_device device;
} cd_resnet_options;

CD_API cd_module *cd_resnet18_with(cd_resnet_options options);
#define cd_resnet18(...) cd_resnet18_with((cd_resnet_options){ .unused_ = 0, __VA_ARGS__ })

/* The 512 numbers before fc, for a ResNet: N x 3 x H x W -> N x 512. */
CD_API cd_tensor *cd_resnet_features(cd_module *resnet, cd_tensor *x);

/* Linear layers with ReLU between them over flattened input: a Sequential of Flatten, Linear, ReLU,
 * ..., Linear. cd_mlp(784, 10, .hidden = (int64_t[]){ 256, 128 }, .hidden_count = 2) */
typedef struct cd_mlp_options {
    int64_t inputs, outputs;
    CD_GUARD_;
    const int64_t *hidden; /* sizes between; default none: one Linear */
    int hidden_count;      /* how many they are; both or neither */
    cd_device device;
} cd_mlp_options;

CD_API cd_module *cd_mlp_with(cd_mlp_options options);
#define cd_mlp(inputs_, ...)                                                                       \
    cd_mlp_with((cd_mlp_options){ .inputs = inputs_, .outputs = __VA_ARGS__ })

CD_END_DECLS

#endif
