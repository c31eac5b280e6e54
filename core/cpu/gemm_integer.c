/* Products of integers: plain loops, modulo 2^64, 2^32 and 2^8. */
#include "core/cpu/gemm_internal.h"

/* Element i of an integer array, and the storing of one, as bits modulo 2^64. What wraps around
 * there wraps around in every narrower type. */
static uint64_t get(cd_dtype dtype, const void *array, int64_t i)
{
    switch (dtype) {
    case CD_I64:
        return (uint64_t)((const int64_t *)array)[i];
    case CD_I32:
        return (uint64_t)((const int32_t *)array)[i];
    default:
        return ((const uint8_t *)array)[i];
    }
}

static void set(cd_dtype dtype, void *array, int64_t i, uint64_t value)
{
    switch (dtype) {
    case CD_I64:
        ((uint64_t *)array)[i] = value;
        return;
    case CD_I32:
        ((uint32_t *)array)[i] = (uint32_t)value;
        return;
    default:
        ((uint8_t *)array)[i] = (uint8_t)value;
        return;
    }
}

void cd_cpu_gemm_integer(cd_dtype dtype, const cd_gemm_call *call)
{
    if (dtype != CD_I64 && dtype != CD_I32 && dtype != CD_U8) return;
    uint64_t alpha = (uint64_t)(int64_t)call->alpha, beta = (uint64_t)(int64_t)call->beta;
    int64_t a_row = call->transpose_a ? 1 : call->lda, a_step = call->transpose_a ? call->lda : 1;
    int64_t b_step = call->transpose_b ? 1 : call->ldb, b_col = call->transpose_b ? call->ldb : 1;
    for (int64_t i = 0; i < call->m; i++) {
        for (int64_t j = 0; j < call->n; j++) {
            uint64_t sum = 0;
            for (int64_t p = 0; p < call->k; p++) {
                sum += get(dtype, call->a, i * a_row + p * a_step) *
                       get(dtype, call->b, p * b_step + j * b_col);
            }
            int64_t at = call->transpose_c ? j * call->ldc + i : i * call->ldc + j;
            uint64_t old = beta == 0 ? 0 : get(dtype, call->c, at);
            set(dtype, call->c, at, alpha * sum + beta * old);
        }
    }
}
