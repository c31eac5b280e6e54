/* Transposes by square blocks that fit into registers, and stores past the cache. */
#include "core/cpu/copy_internal.h"

#include <string.h>

#include "core/cpu/cpu_internal.h"
#include "core/cpu/transpose_internal.h"

enum {
    LINE = 64, /* bytes that memory moves at a time */
    SIDE_4 = 8,
    SIDE_8 = 4
};

#ifdef CD_CPU_AVX2
static inline void store_4(char *to, __m256 row, bool streamed)
{
    if (streamed) {
        _mm256_stream_ps((float *)to, row);
    } else {
        _mm256_storeu_ps((float *)to, row);
    }
}

static inline void block_4(const char *from, int64_t from_stride, char *to, int64_t to_stride,
                           bool streamed)
{
    __m256 row[8];
    for (int i = 0; i < 8; i++) row[i] = _mm256_loadu_ps((const float *)(from + i * from_stride));
    cd_cpu_transpose_f32(row);
    for (int i = 0; i < 8; i++) store_4(to + i * to_stride, row[i], streamed);
}

static inline void store_8(char *to, __m256d row, bool streamed)
{
    if (streamed) {
        _mm256_stream_pd((double *)to, row);
    } else {
        _mm256_storeu_pd((double *)to, row);
    }
}

static inline void block_8(const char *from, int64_t from_stride, char *to, int64_t to_stride,
                           bool streamed)
{
    __m256d row[4];
    for (int i = 0; i < 4; i++) row[i] = _mm256_loadu_pd((const double *)(from + i * from_stride));
    cd_cpu_transpose_f64(row);
    for (int i = 0; i < 4; i++) store_8(to + i * to_stride, row[i], streamed);
}

static void stream(void *to, const void *from, int64_t bytes)
{
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
    _mm_sfence(); /* or another thread might see that this one is done before it sees the bytes */
}
#define STREAM       stream
#define END_STREAM() _mm_sfence()

#else

#define BLOCK(size_)                                                                               \
    static inline void block_##size_(const char *from, int64_t from_stride, char *to,              \
                                     int64_t to_stride, bool streamed)                             \
    {                                                                                              \
        (void)streamed;                                                                            \
        for (int r = 0; r < SIDE_##size_; r++) {                                                   \
            for (int c = 0; c < SIDE_##size_; c++) {                                               \
                memcpy(to + c * to_stride + r * size_, from + r * from_stride + c * size_, size_); \
            }                                                                                      \
        }                                                                                          \
    }
BLOCK(4)
BLOCK(8)
#define STREAM       NULL
#define END_STREAM() (void)0
#endif

/* As many rows at a time as give whole lines of the output; a line that is written in one go need
 * not be read, and along the rows the processor sees what to load next. */
#define TRANSPOSE(size_)                                                                           \
    static void plain_##size_(const cd_transposed_block *t, int64_t row, int64_t row_end,          \
                              int64_t column)                                                      \
    {                                                                                              \
        for (int64_t c = column; c < t->columns; c++) {                                            \
            for (int64_t r = row; r < row_end; r++) {                                              \
                memcpy(t->to + c * t->to_stride + r * size_,                                       \
                       t->from + r * t->from_stride + c * size_, size_);                           \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
    static void blocks_##size_(const cd_transposed_block *t, int64_t row, int64_t row_end,         \
                               bool streamed)                                                      \
    {                                                                                              \
        enum { SIDE = SIDE_##size_ };                                                              \
        int64_t c = 0;                                                                             \
        for (; c + SIDE <= t->columns; c += SIDE) {                                                \
            for (int64_t r = row; r < row_end; r += SIDE) {                                        \
                block_##size_(t->from + r * t->from_stride + c * size_, t->from_stride,            \
                              t->to + c * t->to_stride + r * size_, t->to_stride, streamed);       \
            }                                                                                      \
        }                                                                                          \
        plain_##size_(t, row, row_end, c);                                                         \
    }                                                                                              \
    static void transpose_##size_(const cd_transposed_block *t)                                    \
    {                                                                                              \
        enum { SIDE = SIDE_##size_, ROWS = LINE / size_ };                                         \
        const int64_t whole = t->rows / SIDE * SIDE;                                               \
        for (int64_t r = 0; r < whole; r += ROWS) {                                                \
            const int64_t end = r + ROWS < whole ? r + ROWS : whole;                               \
            if (t->streamed) {                                                                     \
                blocks_##size_(t, r, end, true);                                                   \
            } else {                                                                               \
                blocks_##size_(t, r, end, false);                                                  \
            }                                                                                      \
        }                                                                                          \
        plain_##size_(t, whole, t->rows, 0);                                                       \
        END_STREAM();                                                                              \
    }
TRANSPOSE(4)
TRANSPOSE(8)

const struct cd_cpu_copy CD_CPU_TABLE(copy) = {
    .transpose_4 = transpose_4,
    .transpose_8 = transpose_8,
    .stream = STREAM,
};
