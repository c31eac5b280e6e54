/* The text of print(tensor). */
#ifndef CANDELA_CORE_FORMAT_INTERNAL_H
#define CANDELA_CORE_FORMAT_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

/* PyTorch's default print options (see torch.set_printoptions). */
enum {
    CD_FORMAT_PRECISION = 4,    /* digits after the point */
    CD_FORMAT_THRESHOLD = 1000, /* larger arrays are shown as a summary, with "..." */
    CD_FORMAT_EDGE_ITEMS = 3,   /* items that a summary shows at each end of a dimension */
    CD_FORMAT_LINE_WIDTH = 80   /* characters per line */
};

/* Returns the text that PyTorch prints for a tensor, without the newline at the end, and with
 * "dtype=float64" instead of "dtype=torch.float64". Lines break where PyTorch's break.
 *
 *     strides   in elements, shape.ndim of them; may be 0 or negative
 *     data      the element whose indices are all 0. NULL, with a device, if there are no elements
 *               to show, as on the meta device
 *     device    the device's name; NULL for the CPU, which is not printed
 *     grad      printed last: "requires_grad=True" or "grad_fn=<AddBackward0>"; NULL for nothing
 *
 * strides and data are not read if the shape has no elements. The caller frees the text with
 * cd_free. NULL with CD_ERR_MEMORY, or with CD_ERR_ARGUMENT for a shape or a dtype that does not
 * exist. */
char *cd_format_array(cd_dtype dtype, cd_shape shape, const int64_t *strides, const void *data,
                      const char *device, const char *grad);

#endif
