/* Where the elements of a tensor are, and where ops on it run. */
#ifndef CANDELA_CORE_DEVICE_H
#define CANDELA_CORE_DEVICE_H

#include "core/api.h"

CD_BEGIN_DECLS

/* A tensor on the meta device has a dtype, a shape and a history, but no elements and no memory for
 * them: ops on it check their inputs and say what comes out, and nothing is computed. So the shapes
 * of a large model cost nothing. As torch.device("meta"). */
typedef enum cd_device {
    CD_DEVICE_DEFAULT = 0, /* what an option left out means: the processor, or what the call says */
    CD_CPU,                /* the processor, and the host's memory */
    CD_META
} cd_device;

/* "cpu", "meta": PyTorch's names. "?" for a number that is no device. */
CD_API const char *cd_device_name(cd_device device);

CD_END_DECLS

#endif
