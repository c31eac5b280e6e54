/* The engine that is OpenBLAS, single-threaded under our pool. */
#include "core/cpu/gemm_internal.h"

#ifdef CANDELA_HAVE_OPENBLAS

#include <cblas.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/fork_internal.h"

/* The serial build of OpenBLAS has the same name as the others and shares its buffers between
 * threads without a lock, so products take turns there. */
static bool one_at_a_time;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The turn is held over a fork: in the child nobody would end another thread's product. */
static void before_fork(void)
{
    pthread_mutex_lock(&turn);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&turn);
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

/* OpenBLAS has one number of threads for the whole process. Ours stand above it, so it gets 1;
 * CANDELA_BLAS_THREADS=keep leaves it as the host program set it. */
static void set_up(void)
{
    const char *threads = getenv("CANDELA_BLAS_THREADS");
    if (!threads || strcmp(threads, "keep") != 0) openblas_set_num_threads(1);
    one_at_a_time = openblas_get_parallel() == 0;
}

bool cd_gemm_openblas_takes(const cd_gemm_call *call)
{
    return !call->b_row && call->m <= INT_MAX && call->n <= INT_MAX && call->k <= INT_MAX &&
           call->lda <= INT_MAX && call->ldb <= INT_MAX && call->ldc <= INT_MAX;
}

const char *cd_gemm_openblas_name(void)
{
    return openblas_get_config();
}

static void run(cd_dtype dtype, const cd_gemm_call *call, cd_gemm_block block)
{
    size_t size = cd_dtype_size(dtype);
    const char *a = (const char *)call->a +
                    (size_t)(call->transpose_a ? block.row : block.row * call->lda) * size;
    const char *b = (const char *)call->b +
                    (size_t)(call->transpose_b ? block.column * call->ldb : block.column) * size;
    char *c = (char *)call->c + (size_t)(block.row * call->ldc + block.column) * size;
    CBLAS_TRANSPOSE op_a = call->transpose_a ? CblasTrans : CblasNoTrans;
    CBLAS_TRANSPOSE op_b = call->transpose_b ? CblasTrans : CblasNoTrans;
    int m = (int)block.rows, n = (int)block.columns, k = (int)call->k;
    int lda = (int)call->lda, ldb = (int)call->ldb, ldc = (int)call->ldc;
    if (dtype == CD_F32) {
        cblas_sgemm(CblasRowMajor, op_a, op_b, m, n, k, (float)call->alpha, (const float *)a, lda,
                    (const float *)b, ldb, (float)call->beta, (float *)c, ldc);
    } else {
        cblas_dgemm(CblasRowMajor, op_a, op_b, m, n, k, call->alpha, (const double *)a, lda,
                    (const double *)b, ldb, call->beta, (double *)c, ldc);
    }
}

void cd_gemm_openblas_block(cd_dtype dtype, const cd_gemm_call *call, cd_gemm_block block)
{
    pthread_once(&once, set_up);
    if (one_at_a_time) pthread_mutex_lock(&turn);
    run(dtype, call, block);
    if (one_at_a_time) pthread_mutex_unlock(&turn);
}

#else

const char *cd_gemm_openblas_name(void)
{
    return NULL;
}

bool cd_gemm_openblas_takes(const cd_gemm_call *call)
{
    (void)call;
    return false;
}

void cd_gemm_openblas_block(cd_dtype dtype, const cd_gemm_call *call, cd_gemm_block block)
{
    cd_gemm_own_block(dtype, call, block);
}

#endif
