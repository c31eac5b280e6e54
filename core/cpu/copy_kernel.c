/* Transposed and reversed copies, and copies past the cache, for one instruction set. */
#include "core/cpu/copy_internal.h"

#include <string.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE   float
#define SUFFIX f32
#include "core/cpu/copy_typed.h"

#define TYPE   double
#define SUFFIX f64
#include "core/cpu/copy_typed.h"

/* Elements of one size. A compiler turns the loop into vectors that are loaded and reversed. */
#define REVERSE(bytes_, type_)                                                                     \
    static void reverse_##bytes_(int64_t n, char *const *data, const int64_t *stride,              \
                                 const void *params)                                               \
    {                                                                                              \
        type_ *out = (type_ *)data[0];                                                             \
        const type_ *in = (const type_ *)data[1] - (n - 1);                                        \
        (void)stride, (void)params;                                                                \
        CD_CPU_VECTORISE                                                                           \
        for (int64_t i = 0; i < n; i++) out[i] = in[n - 1 - i];                                    \
    }
REVERSE(8, uint64_t)
REVERSE(4, uint32_t)
REVERSE(1, uint8_t)

#ifdef CD_CPU_AVX2
static void stream(void *to, const void *from, int64_t bytes)
{
    enum { LINE = 64 }; /* bytes that memory moves at a time */
    char *out = to;
    const char *in = from;
    int64_t head = (int64_t)(-(uintptr_t)out % LINE);
    if (head > bytes) head = bytes;
    memcpy(out, in, (size_t)head);
    int64_t i = head;
    for (; i + LINE <= bytes; i += LINE) {
        __m256i first = _mm256_loadu_si256((const __m256i *)(in + i));
        __m256i second = _mm256_loadu_si256((const __m256i *)(in + i + LINE / 2));
        _mm256_stream_si256((__m256i *)(out + i), first);
        _mm256_stream_si256((__m256i *)(out + i + LINE / 2), second);
    }
    memcpy(out + i, in + i, (size_t)(bytes - i));
}

static void stream_end(void)
{
    _mm_sfence();
}
#define STREAM .stream = stream, .stream_end = stream_end
#else
#define STREAM .stream = NULL
#endif

const struct cd_cpu_copy_table CD_CPU_TABLE(copy) = {
    .transpose = { [CD_F32] = transpose_f32,
                   [CD_I32] = transpose_f32,
                   [CD_F64] = transpose_f64,
                   [CD_I64] = transpose_f64 },
    .reverse = { CD_CPU_NUMBER_SIZES(reverse) },
    STREAM,
};
