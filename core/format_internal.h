/* Arrays as text, for the library's own files. */
#ifndef CANDELA_CORE_FORMAT_INTERNAL_H
#define CANDELA_CORE_FORMAT_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* How arrays are printed: PyTorch's settings where nobody called torch.set_printoptions. */
enum {
    CD_FORMAT_PRECISION = 4,    /* digits after the point */
    CD_FORMAT_THRESHOLD = 1000, /* more elements than this are summarised */
    CD_FORMAT_EDGE_ITEMS = 3,   /* how many a summary shows at each end of a dimension */
    CD_FORMAT_LINE_WIDTH = 80   /* where lines are broken, in characters */
};

/* What print(tensor) writes in PyTorch, without the newline at its end, but for "dtype=float64"
 * where PyTorch has "dtype=torch.float64". Lines break where PyTorch breaks its longer ones.
 *
 * `strides` has shape.ndim steps in elements (0 and negative ones too), `data` points at the
 * element with all indices 0; both are only read, and not at all for an array without elements.
 * `device` is the name of any but the processor, else NULL. A device and NULL for data mean that
 * nobody knows the elements, as on the meta device. `grad` comes last, such as "requires_grad=True"
 * or "grad_fn=<AddBackward0>"; NULL for none.
 *
 * The text is the caller's, to be given back with cd_free. NULL with CD_ERR_MEMORY when there is no
 * room for it, CD_ERR_ARGUMENT for a shape or a dtype that is none. */
char *cd_format_array(cd_dtype dtype, cd_shape shape, const int64_t *strides, const void *data,
                      const char *device, const char *grad);

#endif
