/* Devices: where the elements of a tensor are, and where ops on it run. */
#ifndef CANDELA_CORE_DEVICE_H
#define CANDELA_CORE_DEVICE_H

#include "core/api.h"

CD_BEGIN_DECLS

typedef enum cd_device {
    CD_DEVICE_DEFAULT = 0, /* an option left out: the CPU, unless the call says otherwise */
    CD_CPU,
    /* torch.device("meta"): tensors have a dtype, a shape, strides and a grad_fn, but no elements.
     * Ops check their inputs and give results of the right shape, compute nothing and need no
     * memory for elements: for finding the shapes and sizes of a large model. */
    CD_META
} cd_device;

/* PyTorch's names: "cpu", "meta". "?" for a number that is not a device. */
CD_API const char *cd_device_name(cd_device device);

CD_END_DECLS

#endif
