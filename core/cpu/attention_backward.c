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
    const cd_attention_gradients *to;
    cd_attention_block b; /* its y is dY */
    char *dweights;       /* rows x keys */
    char *dq;             /* the block's rows */
    char *dk, *dv;        /* of the batch */
    double before;        /* 0 for the first block of a batch, which sets dK and dV; else 1 */
} block;

/* dV += P^T dY */
static void add_value_gradient(const block *x)
{
    cd_cpu_gemm(x->call->dtype, &(cd_gemm_call){ .m = x->b.keys,
                                                 .n = x->call->value_width,
                                                 .k = x->b.rows,
                                                 .alpha = 1,
                                                 .beta = x->before,
                                                 .a = x->b.scores,
                                                 .lda = x->b.keys,
                                                 .transpose_a = true,
                                                 .b = x->b.y,
                                                 .ldb = x->call->y.leading,
                                                 .transpose_b = x->call->y.transposed,
                                                 .c = x->dv,
                                                 .ldc = x->to->v.leading });
}

/* dP = dY V^T, and dS / scale takes its place. */
static void score_gradient(const block *x)
{
    cd_cpu_gemm(x->call->dtype, &(cd_gemm_call){ .m = x->b.rows,
                                                 .n = x->b.keys,
                                                 .k = x->call->value_width,
                                                 .alpha = 1,
                                                 .a = x->b.y,
                                                 .lda = x->call->y.leading,
                                                 .transpose_a = x->call->y.transposed,
                                                 .b = x->b.v,
                                                 .ldb = x->call->v.leading,
                                                 .transpose_b = !x->call->v.transposed,
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
                                                 .b = x->b.k,
                                                 .ldb = x->call->k.leading,
                                                 .transpose_b = x->call->k.transposed,
                                                 .c = x->dq,
                                                 .ldc = x->to->q.leading });
}

/* dK += dS^T Q */
static void add_key_gradient(const block *x)
{
    cd_cpu_gemm(x->call->dtype, &(cd_gemm_call){ .m = x->b.keys,
                                                 .n = x->call->width,
                                                 .k = x->b.rows,
                                                 .alpha = x->call->scale,
                                                 .beta = x->before,
                                                 .a = x->dweights,
                                                 .lda = x->b.keys,
                                                 .transpose_a = true,
                                                 .b = x->b.q,
                                                 .ldb = x->call->q.leading,
                                                 .transpose_b = x->call->q.transposed,
                                                 .c = x->dk,
                                                 .ldc = x->to->k.leading });
}

typedef struct job {
    const cd_attention *call;
    const cd_attention_gradients *gradients;
} job;

/* Sets the rows [first, keys) of a gradient to 0: the first block sets the others. */
static void clear(const cd_attention *call, char *gradient, int64_t leading, int64_t width,
                  int64_t first)
{
    const int64_t size = (int64_t)cd_dtype_size(call->dtype);
    for (int64_t i = first; i < call->keys; i++) {
        memset(gradient + i * leading * size, 0, (size_t)(width * size));
    }
}

static void run_batch(const job *j, int64_t batch, char *scores, char *dweights)
{
    const cd_attention *call = j->call;
    const cd_attention_gradients *to = j->gradients;
    const int64_t blocks = cd_divide_up(call->queries, CD_ATTENTION_ROWS);
    block x = { .call = call,
                .to = to,
                .dweights = dweights,
                .dk = cd_cpu_attention_rows(call, &to->k, batch, 0),
                .dv = cd_cpu_attention_rows(call, &to->v, batch, 0) };
    const int64_t set = blocks == 0 ? 0 : cd_cpu_attention_block(call, batch * blocks, scores).keys;
    clear(call, x.dk, to->k.leading, call->width, set);
    clear(call, x.dv, to->v.leading, call->value_width, set);
    for (int64_t i = 0; i < blocks; i++) {
        x.b = cd_cpu_attention_block(call, batch * blocks + i, scores);
        x.dq = cd_cpu_attention_rows(call, &to->q, batch, x.b.first);
        x.before = i > 0;
        if (!call->weights) cd_cpu_attention_weights(call, &x.b);
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
