/* A block of memory repeated along its dimensions. */
#include "core/cpu/repeat_internal.h"

#include <string.h>

/* Repeats the first `bytes` bytes of `block` until there are `times` of them. Each copy doubles
 * what is there. */
static void replicate(char *block, size_t bytes, int64_t times)
{
    size_t total = bytes * (size_t)times;
    for (size_t done = bytes; done < total;) {
        size_t more = done < total - done ? done : total - done;
        memcpy(block + done, block, more);
        done += more;
    }
}

/* Goes from the last dimension to the first. Once all later dimensions are repeated, the elements
 * of one position of the earlier dimensions are contiguous. */
void cd_cpu_repeat(size_t element, cd_shape size, cd_shape times, void *y)
{
    size_t bytes[CD_MAX_DIMS + 1], whole = element;
    for (int i = size.ndim - 1; i >= 0; i--) {
        bytes[i] = whole; /* from one position of dimension i to the next */
        whole *= (size_t)(size.dim[i] * times.dim[i]);
    }
    for (int i = size.ndim - 1; i >= 0; i--) {
        if (times.dim[i] == 1) continue;
        int64_t position[CD_MAX_DIMS] = { 0 }, positions = 1;
        for (int k = 0; k < i; k++) positions *= size.dim[k];
        for (; positions > 0; positions--) {
            char *begin = y;
            for (int k = 0; k < i; k++) begin += (size_t)position[k] * bytes[k];
            replicate(begin, bytes[i] * (size_t)size.dim[i], times.dim[i]);
            for (int k = i - 1; k >= 0 && ++position[k] == size.dim[k]; k--) position[k] = 0;
        }
    }
}
