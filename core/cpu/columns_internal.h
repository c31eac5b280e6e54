/* The columns of a convolution ("im2col" and "col2im"): the windows that the kernel sees of a
 * plane, as a matrix. A plane of height x width has kernel_h * kernel_w rows of out_h * out_w
 * columns:
 *
 *     columns[(p,q)][(i,j)] = plane[i*stride_h - padding_h + p*dilation_h]
 *                                  [j*stride_w - padding_w + q*dilation_w]
 *
 * and 0 where that lies outside the plane. The sizes have been checked by
 * cd_conv2d_sizes_complete. */
#ifndef CANDELA_CORE_CPU_COLUMNS_INTERNAL_H
#define CANDELA_CORE_CPU_COLUMNS_INTERNAL_H

#include "core/conv_sizes_internal.h"
#include "core/dtype.h"

typedef void cd_columns_function(const cd_conv2d_sizes *conv, const void *from, void *to);

/* By dtype: writes the columns of one plane. */
extern cd_columns_function *const cd_cpu_columns_take[CD_DTYPE_COUNT];
/* By dtype: writes the plane that is the sum of its columns. For bool the sum is true where one of
 * them is. */
extern cd_columns_function *const cd_cpu_columns_add[CD_DTYPE_COUNT];

/* All planes: `columns` has the matrices one after the other, as x has the planes. Uses the thread
 * pool. */
void cd_cpu_unfold(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *x, void *columns);
void cd_cpu_fold(const cd_conv2d_sizes *conv, cd_dtype dtype, const void *columns, void *x);

#endif
