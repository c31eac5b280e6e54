/* Products of integers: plain loops, modulo 2^64, 2^32 or 2^8. */
#include "core/cpu/gemm_internal.h"
#include "core/cpu/typed_internal.h"

#define TYPE   int64_t
#define SUFFIX i64
#include "core/cpu/gemm_integer_typed.h"

#define TYPE   int32_t
#define SUFFIX i32
#include "core/cpu/gemm_integer_typed.h"

#define TYPE   uint8_t
#define SUFFIX u8
#include "core/cpu/gemm_integer_typed.h"

typedef void product_function(const cd_gemm_call *call);
static product_function *const product[CD_DTYPE_COUNT] = { CD_CPU_INTEGERS(product) };

void cd_cpu_gemm_integer(cd_dtype dtype, const cd_gemm_call *call)
{
    if (product[dtype]) product[dtype](call);
}
