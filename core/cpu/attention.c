/* Attention by blocks of queries: the scores of a block with all keys are computed, made weights by
 * softmax, and multiplied by the values, while they are in a cache. The scores of all queries are
 * never in memory at once.
 *
 * The blocks of all batches are dealt to a fixed number of lanes, and each lane has scratch for the
 * scores of one block. A lane is a piece of work for the thread pool. */
#include "core/cpu/attention_internal.h"

#include <math.h>
#include <string.h>

#include "core/cpu/softmax_internal.h"
#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

enum { LINE = 64 }; /* bytes of a cache line, at which the scratch of each lane begins */

int64_t cd_cpu_attention_batches(const cd_attention *call)
{
    int64_t count = 1;
    for (int i = 0; i < call->batch.ndim; i++) count *= call->batch.dim[i];
    return count;
}

static int64_t blocks_of(const cd_attention *call)
{
    return cd_cpu_attention_batches(call) * cd_divide_up(call->queries, CD_ATTENTION_ROWS);
}

bool cd_cpu_attention_block_bytes(const cd_attention *call, size_t *bytes)
{
    const size_t rows = (size_t)cd_smaller(CD_ATTENTION_ROWS, call->queries);
    if (!cd_checked_bytes(call->keys, rows * cd_dtype_size(call->dtype), bytes) ||
        !cd_checked_add(*bytes, LINE - 1, bytes)) {
        return false;
    }
    *bytes = *bytes / LINE * LINE;
    return true;
}

size_t cd_cpu_attention_bytes(const cd_attention *call)
{
    size_t bytes;
    const int64_t lanes = cd_smaller(CD_ATTENTION_LANES, blocks_of(call));
    return cd_cpu_attention_block_bytes(call, &bytes) && cd_checked_bytes(lanes, bytes, &bytes)
               ? bytes
               : SIZE_MAX;
}

/* --- the mask --------------------------------------------------------------------------------- */

/* Adds a row of the mask to the scores of one query. False of a bool mask adds -Inf, as in PyTorch:
 * a score that is NaN or Inf becomes NaN. */
typedef void mask_row_function(int64_t keys, const char *mask, int64_t step, void *scores);

#define MASK_ROW(suffix_, type_)                                                                   \
    static void add_bool_##suffix_(int64_t keys, const char *mask, int64_t step, void *scores)     \
    {                                                                                              \
        type_ *score = scores;                                                                     \
        for (int64_t j = 0; j < keys; j++) score[j] += mask[j * step] ? 0 : (type_)-INFINITY;      \
    }                                                                                              \
    static void add_##suffix_(int64_t keys, const char *mask, int64_t step, void *scores)          \
    {                                                                                              \
        type_ *score = scores;                                                                     \
        for (int64_t j = 0; j < keys; j++) {                                                       \
            score[j] += *(const type_ *)(const void *)(mask + j * step);                           \
        }                                                                                          \
    }                                                                                              \
    /* Makes the scores of the keys from `first` on -Inf. */                                       \
    static void cut_##suffix_(int64_t first, int64_t keys, void *scores)                           \
    {                                                                                              \
        type_ *score = scores;                                                                     \
        for (int64_t j = first; j < keys; j++) score[j] = (type_)-INFINITY;                        \
    }                                                                                              \
    /* Whether all scores are -Inf: none of the keys counts. */                                    \
    static bool no_key_##suffix_(int64_t keys, const void *scores)                                 \
    {                                                                                              \
        const type_ *score = scores;                                                               \
        for (int64_t j = 0; j < keys; j++) {                                                       \
            if (score[j] != (type_)-INFINITY) return false;                                        \
        }                                                                                          \
        return true;                                                                               \
    }
MASK_ROW(f32, float)
MASK_ROW(f64, double)

static mask_row_function *const add_bool[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(add_bool) };
static mask_row_function *const add[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(add) };
static void (*const cut[CD_DTYPE_COUNT])(int64_t first, int64_t keys,
                                         void *scores) = { CD_CPU_FLOATS(cut) };
static bool (*const no_key[CD_DTYPE_COUNT])(int64_t keys,
                                            const void *scores) = { CD_CPU_FLOATS(no_key) };

/* --- one block -------------------------------------------------------------------------------- */

char *cd_cpu_attention_rows(const cd_attention *call, const cd_attention_operand *x, int64_t batch,
                            int64_t row)
{
    const int64_t step = x->transposed ? 1 : x->leading;
    if (!x->data) return NULL; /* it has no elements */
    char *at = (char *)x->data + row * step * (int64_t)cd_dtype_size(call->dtype);
    for (int i = call->batch.ndim - 1; i >= 0; i--) {
        at += batch % call->batch.dim[i] * x->stride[i];
        batch /= call->batch.dim[i];
    }
    return at;
}

static char *weights_part(const cd_attention *call, int64_t batch, int64_t first)
{
    const int64_t size = (int64_t)cd_dtype_size(call->dtype);
    return (char *)call->weights + (batch * call->queries + first) * call->keys * size;
}

cd_attention_block cd_cpu_attention_block(const cd_attention *call, int64_t index, char *scores)
{
    const int64_t in_batch = cd_divide_up(call->queries, CD_ATTENTION_ROWS);
    const int64_t batch = index / in_batch, first = index % in_batch * CD_ATTENTION_ROWS;
    cd_attention_block b = { .batch = batch,
                             .first = first,
                             .rows = cd_smaller(CD_ATTENTION_ROWS, call->queries - first),
                             .q = cd_cpu_attention_rows(call, &call->q, batch, first),
                             .k = cd_cpu_attention_rows(call, &call->k, batch, 0),
                             .v = cd_cpu_attention_rows(call, &call->v, batch, 0),
                             .y = cd_cpu_attention_rows(call, &call->y, batch, first),
                             .scores = call->weights ? weights_part(call, batch, first) : scores,
                             .element = (int64_t)cd_dtype_size(call->dtype) };
    b.keys = call->causal ? cd_smaller(call->keys, first + b.rows) : call->keys;
    if (call->mask.data) {
        b.mask = cd_cpu_attention_rows(call, &call->mask, batch, 0) + first * call->mask_row;
    }
    return b;
}

/* scores = scale Q K^T */
static void score(const cd_attention *call, const cd_attention_block *b)
{
    const cd_gemm_call product = { .m = b->rows,
                                   .n = b->keys,
                                   .k = call->width,
                                   .alpha = call->scale,
                                   .a = b->q,
                                   .lda = call->q.leading,
                                   .transpose_a = call->q.transposed,
                                   .b = b->k,
                                   .ldb = call->k.leading,
                                   .transpose_b = !call->k.transposed,
                                   .c = b->scores,
                                   .ldc = b->keys };
    cd_cpu_gemm(call->dtype, &product);
}

/* Masks the scores and makes weights of them. Those of a query without a key are 0, as in
 * PyTorch. */
static void weigh(const cd_attention *call, const cd_attention_block *b)
{
    const int64_t bytes = b->keys * b->element;
    bool none[CD_ATTENTION_ROWS];
    mask_row_function *add_mask = (call->mask_dtype == CD_BOOL ? add_bool : add)[call->dtype];
    for (int64_t i = 0; i < b->rows; i++) {
        char *row = b->scores + i * bytes;
        if (b->mask) add_mask(b->keys, b->mask + i * call->mask_row, call->mask_column, row);
        if (call->causal) cut[call->dtype](b->first + i + 1, b->keys, row);
        none[i] = no_key[call->dtype](b->keys, row);
    }
    cd_cpu_softmax(call->dtype, b->rows, b->keys, 1, b->scores, b->scores);
    for (int64_t i = 0; i < b->rows; i++) {
        if (none[i]) memset(b->scores + i * bytes, 0, (size_t)bytes);
    }
}

void cd_cpu_attention_weights(const cd_attention *call, const cd_attention_block *b)
{
    score(call, b);
    weigh(call, b);
}

/* Y = weights V */
static void mix(const cd_attention *call, const cd_attention_block *b)
{
    const cd_gemm_call product = { .m = b->rows,
                                   .n = call->value_width,
                                   .k = b->keys,
                                   .alpha = 1,
                                   .a = b->scores,
                                   .lda = b->keys,
                                   .b = b->v,
                                   .ldb = call->v.leading,
                                   .transpose_b = call->v.transposed,
                                   .c = b->y,
                                   .ldc = call->y.leading };
    cd_cpu_gemm(call->dtype, &product);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void run_lane(int64_t lane, void *context)
{
    const cd_attention *call = context;
    const int64_t blocks = blocks_of(call), lanes = cd_smaller(CD_ATTENTION_LANES, blocks);
    size_t bytes;
    if (!cd_cpu_attention_block_bytes(call, &bytes)) return; /* it was counted before */
    char *scores = (char *)call->scratch + (size_t)lane * bytes;
    for (int64_t index = lane; index < blocks; index += lanes) {
        const cd_attention_block b = cd_cpu_attention_block(call, index, scores);
        cd_cpu_attention_weights(call, &b);
        mix(call, &b);
    }
}

void cd_cpu_attention(const cd_attention *call)
{
    cd_attention copy = *call;
    const int64_t blocks = blocks_of(call);
    if (blocks == 0 || call->value_width == 0) return;
    cd_parallel(cd_smaller(CD_ATTENTION_LANES, blocks), run_lane, &copy);
}
