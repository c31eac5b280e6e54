/* The gradients of attention, by blocks of queries as in attention.c. With the weights P of a
 * block, made anew, and its part of dY:
 *
 *     dV += P^T dY,   dP = dY V^T,   dS = scale P (dP - sum(dP P)),   dQ = dS K,   dK += dS^T Q
 *
 * P and dP of one block are in a cache meanwhile. All blocks of a batch add to the same dK and dV,
 * so a lane takes whole batches. */
#include "core/cpu/attention_internal.h"

#include <string.h>

#include "core/cpu/size_arithmetic_internal.h"
#include "core/cpu/softmax_internal.h"
#include "core/memory_internal.h"
#include "core/threads_internal.h"

enum { Q = CD_ATTENTION_Q, K = CD_ATTENTION_K, V = CD_ATTENTION_V };

static int64_t lanes_of(const cd_attention *call)
{
    return cd_smaller(CD_ATTENTION_LANES, cd_cpu_attention_batches(call));
}

size_t cd_cpu_attention_backward_bytes(const cd_attention *call)
{
    size_t bytes;
    return cd_cpu_attention_block_bytes(call, &bytes) &&
                   cd_checked_bytes(2 * lanes_of(call), bytes, &bytes)
               ? bytes
               : SIZE_MAX;
}

/* A block, its weights' gradients, and where its operands' gradients are. */
typedef struct block {
    const cd_attention *call;
    cd_attention_block b;
    char *dweights; /* rows x keys */
    const char *dy;
    char *dq, *dk, *dv;
} block;

/* dV += P^T dY */
static void add_value_gradient(const block *x)
{
    cd_cpu_gemm(x->call->dtype, &(cd_gemm_call){ .m = x->b.keys,
                                                 .n = x->call->value_width,
                                                 .k = x->b.rows,
                                                 .alpha = 1,
                                                 .beta = 1,
                                                 .a = x->b.scores,
                                                 .lda = x->b.keys,
                                                 .transpose_a = true,
                                                 .b = x->dy,
                                                 .ldb = x->call->value_width,
                                                 .c = x->dv,
                                                 .ldc = x->call->value_width });
}

/* dP = dY V^T, and dS / scale takes its place. */
static void score_gradient(const block *x)
{
    cd_cpu_gemm(x->call->dtype, &(cd_gemm_call){ .m = x->b.rows,
                                                 .n = x->b.keys,
                                                 .k = x->call->value_width,
                                                 .alpha = 1,
                                                 .a = x->dy,
                                                 .lda = x->call->value_width,
                                                 .b = x->b.data[V],
                                                 .ldb = x->call->leading[V],
                                                 .transpose_b = !x->call->transposed[V],
                                                 .c = x->dweights,
                                                 .ldc = x->b.keys });
    cd_cpu_softmax_backward(x->call->dtype, x->b.rows, x->b.keys, 1, x->b.scores, x->dweights,
                            x->dweights);
}

/* dQ = dS K */
static void query_gradient(const block *x)
{
    cd_cpu_gemm(x->call->dtype, &(cd_gemm_call){ .m = x->b.rows,
                                                 .n = x->call->width,
                                                 .k = x->b.keys,
                                                 .alpha = x->call->scale,
                                                 .a = x->dweights,
                                                 .lda = x->b.keys,
                                                 .b = x->b.data[K],
                                                 .ldb = x->call->leading[K],
                                                 .transpose_b = x->call->transposed[K],
                                                 .c = x->dq,
                                                 .ldc = x->call->width });
}

/* dK += dS^T Q */
static void add_key_gradient(const block *x)
{
    cd_cpu_gemm(x->call->dtype, &(cd_gemm_call){ .m = x->b.keys,
                                                 .n = x->call->width,
                                                 .k = x->b.rows,
                                                 .alpha = x->call->scale,
                                                 .beta = 1,
                                                 .a = x->dweights,
                                                 .lda = x->b.keys,
                                                 .transpose_a = true,
                                                 .b = cd_cpu_attention_queries(x->call, &x->b),
                                                 .ldb = x->call->leading[Q],
                                                 .transpose_b = x->call->transposed[Q],
                                                 .c = x->dk,
                                                 .ldc = x->call->width });
}

typedef struct job {
    const cd_attention *call;
    const cd_attention_gradients *gradients;
} job;

static void run_batch(const job *j, int64_t batch, char *scores, char *dweights)
{
    const cd_attention *call = j->call;
    const int64_t size = (int64_t)cd_dtype_size(call->dtype);
    const int64_t blocks = cd_divide_up(call->queries, CD_ATTENTION_ROWS);
    const int64_t key = batch * call->keys * size;
    block x = { .call = call,
                .dweights = dweights,
                .dk = (char *)j->gradients->dk + key * call->width,
                .dv = (char *)j->gradients->dv + key * call->value_width };
    memset(x.dk, 0, (size_t)(call->keys * call->width * size));
    memset(x.dv, 0, (size_t)(call->keys * call->value_width * size));
    for (int64_t i = 0; i < blocks; i++) {
        x.b = cd_cpu_attention_block(call, batch * blocks + i, scores);
        const int64_t query = (batch * call->queries + x.b.first) * size;
        x.dy = (const char *)j->gradients->dy + query * call->value_width;
        x.dq = (char *)j->gradients->dq + query * call->width;
        cd_cpu_attention_weights(call, &x.b);
        add_value_gradient(&x);
        score_gradient(&x);
        query_gradient(&x);
        add_key_gradient(&x);
    }
}

static void run_lane(int64_t lane, void *context)
{
    const job *j = context;
    const int64_t batches = cd_cpu_attention_batches(j->call), lanes = lanes_of(j->call);
    size_t bytes;
    if (!cd_cpu_attention_block_bytes(j->call, &bytes)) return; /* it was counted before */
    char *scratch = (char *)j->call->scratch + 2 * (size_t)lane * bytes;
    for (int64_t batch = lane; batch < batches; batch += lanes) {
        run_batch(j, batch, scratch, scratch + bytes);
    }
}

void cd_cpu_attention_backward(const cd_attention *call, const cd_attention_gradients *gradients)
{
    job j = { call, gradients };
    const int64_t lanes = lanes_of(call);
    if (lanes == 1) {
        run_lane(0, &j); /* the threads are left to the products */
    } else {
        cd_parallel(lanes, run_lane, &j);
    }
}
