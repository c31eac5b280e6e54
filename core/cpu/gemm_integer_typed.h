/* The product of one integer type.
 *
 * Parameters: TYPE, SUFFIX (see typed_internal.h).
 *
 * Computed modulo 2^64. What wraps around there wraps around in every narrower type. */
#if !defined TYPE || !defined SUFFIX
#error "a parameter of gemm_integer_typed.h is missing"
#endif
#include "core/cpu/gemm_internal.h"
#include "core/cpu/typed_internal.h"

static void TYPED(product)(const cd_gemm_call *call)
{
    const TYPE *a = call->a, *b = call->b;
    TYPE *c = call->c;
    uint64_t alpha = (uint64_t)(int64_t)call->alpha, beta = (uint64_t)(int64_t)call->beta;
    int64_t a_row = call->transpose_a ? 1 : call->lda, a_step = call->transpose_a ? call->lda : 1;
    int64_t b_step = call->transpose_b ? 1 : call->ldb, b_col = call->transpose_b ? call->ldb : 1;
    for (int64_t i = 0; i < call->m; i++) {
        for (int64_t j = 0; j < call->n; j++) {
            uint64_t sum = 0;
            for (int64_t p = 0; p < call->k; p++) {
                sum += (uint64_t)a[i * a_row + p * a_step] * (uint64_t)b[p * b_step + j * b_col];
            }
            TYPE *to = &c[call->transpose_c ? j * call->ldc + i : i * call->ldc + j];
            *to = (TYPE)(alpha * sum + (beta == 0 ? 0 : beta * (uint64_t)*to));
        }
    }
}

#undef TYPE
#undef SUFFIX
