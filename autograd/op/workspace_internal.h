/* What a kernel needs beside its inputs and outputs, taken from the one workspace of the call. The
 * function that takes the parts serves twice: without memory it counts the bytes.
 *
 *     static size_t workspace(const cd_launch *launch)
 *     {
 *         cd_work work = { NULL, 0 };
 *         (void)parts_of(launch, &work);
 *         return work.bytes;
 *     }
 */
#ifndef CANDELA_AUTOGRAD_OP_WORKSPACE_INTERNAL_H
#define CANDELA_AUTOGRAD_OP_WORKSPACE_INTERNAL_H

#include "core/kernel_internal.h"

typedef struct cd_work {
    char *base;   /* the call's workspace; NULL: only count */
    size_t bytes; /* taken so far; SIZE_MAX when there are too many to count */
} cd_work;

/* Room for what lies by this layout, which must be row-major and live as long as the part. */
cd_argument cd_work_take(cd_work *work, const cd_layout *layout);

#endif
