/* Intermediate results of a kernel, which are parts of the one workspace of its call. One function
 * of the kernel takes the parts, and is used twice: for `workspace`, with base NULL, it counts the
 * bytes; in `run` it gives each part its memory.
 *
 *     static size_t workspace(const cd_launch *launch)
 *     {
 *         cd_work work = { NULL, 0 };
 *         (void)parts_of(launch, &work);
 *         return work.bytes;
 *     } */
#ifndef CANDELA_AUTOGRAD_FAMILIES_WORKSPACE_INTERNAL_H
#define CANDELA_AUTOGRAD_FAMILIES_WORKSPACE_INTERNAL_H

#include "core/kernel_internal.h"

typedef struct cd_work {
    char *base;   /* the call's workspace; NULL: only counts */
    size_t bytes; /* taken so far; SIZE_MAX when there are more than can be counted */
} cd_work;

/* The next part: room for a tensor of this layout, which must be row-major and live as long as the
 * part. */
cd_array cd_work_take(cd_work *work, const cd_layout *layout);

#endif
