/* Parts of a kernel's workspace. */
#include "autograd/families/workspace_internal.h"

#include "core/dtype.h"
#include "core/memory_internal.h"

/* Each part begins at a cache line, as a tensor's memory does. */
enum { LINE = 64 };

cd_array cd_work_take(cd_work *work, const cd_layout *layout)
{
    const cd_array part = { work->base ? work->base + work->bytes : NULL, layout };
    size_t bytes;
    if (!cd_checked_bytes(layout->numel, cd_dtype_size(layout->dtype), &bytes) ||
        !cd_checked_add(bytes, LINE - 1, &bytes) ||
        !cd_checked_add(work->bytes, bytes / LINE * LINE, &work->bytes)) {
        work->bytes = SIZE_MAX;
    }
    return part;
}
