/* For the tests of kernels: the builds and the numbers of threads to try, random and special
 * values, and the comparison of arrays. */
#ifndef CANDELA_TESTS_KERNELS_H
#define CANDELA_TESTS_KERNELS_H

#include "test.h"

#include "core/cpu/cpu_internal.h"
#include "core/dtype.h"
#include "core/threads.h"

/* All dtypes. */
static const cd_dtype every_dtype[] = { CD_F32, CD_F64, CD_I64, CD_I32, CD_U8, CD_BOOL };
enum { DTYPES = sizeof every_dtype / sizeof *every_dtype };

/* The builds of the elementwise kernels, as cd_cpu_force names them. */
static const char *const every_build[] = { "portable", "avx2", "avx512" };
enum { BUILDS = 2 };
/* The same and "avx512", for kernels that are built for it. */
enum { WIDE_BUILDS = 3 };

static const int thread_counts[] = { 1, 2, 3, 4, 8 };
enum { THREAD_COUNTS = sizeof thread_counts / sizeof *thread_counts };

/* A generator of our own, so that a failure can be repeated. */
static uint64_t random_state = 1;

static inline uint64_t random_bits(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 33 ^ random_state << 21;
}

/* A random number in [-2, 2). */
static inline double random_real(void)
{
    return (double)(random_bits() >> 11 & 0xfffffffffffff) * 0x1p-50 - 2;
}

/* One of: special values, subnormal numbers, and values at the limits of the integer dtypes. */
static inline double awkward(void)
{
    static const double values[] = { NAN,   INFINITY, -INFINITY, 0.0,  -0.0,   1e-310,  -1e-310,
                                     1e-40, -1e-40,   1.0,       -1.0, 0x1p31, -0x1p63, 2.0 };
    return values[random_bits() % (sizeof values / sizeof *values)];
}

/* array[i] = value, converted as C does. */
static inline void set_element(void *array, cd_dtype dtype, int64_t i, double value)
{
    switch (dtype) {
    case CD_F32:
        ((float *)array)[i] = (float)value;
        break;
    case CD_F64:
        ((double *)array)[i] = value;
        break;
    case CD_I64:
        ((int64_t *)array)[i] = (int64_t)value;
        break;
    case CD_I32:
        ((int32_t *)array)[i] = (int32_t)value;
        break;
    case CD_U8:
        ((uint8_t *)array)[i] = (uint8_t)value;
        break;
    case CD_BOOL:
        ((uint8_t *)array)[i] = value != 0;
        break;
    case CD_DTYPE_DEFAULT:
        break;
    }
}

/* array[i] as a double. */
static inline double get_element(const void *array, cd_dtype dtype, int64_t i)
{
    switch (dtype) {
    case CD_F32:
        return (double)((const float *)array)[i];
    case CD_F64:
        return ((const double *)array)[i];
    case CD_I64:
        return (double)((const int64_t *)array)[i];
    case CD_I32:
        return ((const int32_t *)array)[i];
    case CD_U8:
    case CD_BOOL:
        return ((const uint8_t *)array)[i];
    case CD_DTYPE_DEFAULT:
        break;
    }
    return NAN;
}

/* Fills an array with random bits (integers, bools) or random numbers (floats). With with_awkward
 * one float in eight is awkward(). */
static inline void fill_random(void *array, cd_dtype dtype, int64_t n, bool with_awkward)
{
    for (int64_t i = 0; i < n; i++) {
        uint64_t bits = random_bits();
        if (cd_dtype_is_floating(dtype)) {
            bool odd_one = with_awkward && random_bits() % 8 == 0;
            set_element(array, dtype, i, odd_one ? awkward() : random_real());
        } else if (dtype == CD_BOOL) {
            ((uint8_t *)array)[i] = bits & 1;
        } else {
            memcpy((char *)array + (size_t)i * cd_dtype_size(dtype), &bits, cd_dtype_size(dtype));
        }
    }
}

/* Whether all elements of two arrays have the same bits, or are both NaN. */
static inline bool same_elements(const void *a, const void *b, cd_dtype dtype, int64_t n)
{
    const size_t size = cd_dtype_size(dtype);
    for (int64_t i = 0; i < n; i++) {
        if (memcmp((const char *)a + (size_t)i * size, (const char *)b + (size_t)i * size, size) &&
            !(isnan(get_element(a, dtype, i)) && isnan(get_element(b, dtype, i)))) {
            print_error("element %lld is %.17g and %.17g\n", (long long)i, get_element(a, dtype, i),
                        get_element(b, dtype, i));
            return false;
        }
    }
    return true;
}

/* The teardown of TEST here: also resets the build of the kernels and the number of threads. */
static int restore_defaults(void **state)
{
    (void)cd_cpu_force(NULL);
    (void)cd_set_num_threads(2);
    return test_teardown(state);
}
#undef TEST
#define TEST(function_) cmocka_unit_test_setup_teardown(function_, test_setup, restore_defaults)

#endif
