/* The search for a divisor of 0. */
#include "core/cpu/divisor_internal.h"

#include "core/cpu/typed_internal.h"

typedef int64_t find_function(const void *data, int64_t count);

#define FIND(suffix_, type_)                                                                       \
    static int64_t find_##suffix_(const void *data, int64_t count)                                 \
    {                                                                                              \
        const type_ *values = data;                                                                \
        int64_t i = 0;                                                                             \
        while (i < count && values[i] != 0) i++;                                                   \
        return i;                                                                                  \
    }
FIND(i64, int64_t)
FIND(i32, int32_t)
FIND(u8, uint8_t)

int64_t cd_cpu_first_zero(cd_dtype dtype, const void *data, int64_t count)
{
    static find_function *const find[CD_DTYPE_COUNT] = { CD_CPU_INTEGERS(find) };
    return find[dtype] ? find[dtype](data, count) : count;
}
