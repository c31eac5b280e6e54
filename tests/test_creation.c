/* Ops that make tensors: ranges, random integers, permutations, tensors like others; and the order
 * in which random numbers fill tensors of any layout. */
#include "test.h"

#include "autograd/ops.h"
#include "core/memory.h"
#include "core/tensor_internal.h"

/* --- the lines of tests/golden/make_creation.py ----------------------------------------------- */

enum { SEED = 11 };

static uint64_t fnv(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static cd_dtype dtype_of(const char *name)
{
    static const char *const names[] = { "?", "f32", "f64", "i64", "i32", "u8", "bool" };
    for (int d = CD_F32; d < CD_DTYPE_COUNT; d++) {
        if (strcmp(name, names[d]) == 0) return (cd_dtype)d;
    }
    fail_msg("no dtype %s", name);
    return CD_DTYPE_DEFAULT;
}

static void check_hash(const char *line, const cd_tensor *t, const char *expected)
{
    assert_ok();
    size_t bytes = (size_t)t->numel * cd_dtype_size(t->dtype);
    void *copy = malloc(bytes + 1);
    assert_non_null(copy);
    assert_true(cd_read(t, copy, bytes));
    uint64_t actual = fnv(copy, bytes);
    free(copy);
    assert_that(actual == strtoull(expected, NULL, 16), "%sgives %016llx", line,
                (unsigned long long)actual);
}

static void check_normals(const char *line, const cd_tensor *t, char *expected)
{
    assert_ok();
    double values[512], sum = 0;
    cd_tensor *wide = cd_to(cd_detach((cd_tensor *)(uintptr_t)t), CD_F64);
    assert_true(t->numel <= 512 && cd_read(wide, values, (size_t)t->numel * sizeof *values));
    for (int64_t i = 0; i < t->numel; i++) sum += (double)(i + 1) * values[i];
    assert_close(sum, strtod(expected, &expected), 1e-6, 1e-4);
    for (int64_t i = t->numel < 3 ? 0 : t->numel - 3; i < t->numel; i++) {
        double right = strtod(expected, &expected);
        assert_that(fabs(values[i] - right) <= 1e-6, "%s[%lld] is %.9g", line, (long long)i,
                    values[i]);
    }
}

static void replay_range(const char *line, const char *name, cd_dtype dtype, const char *at)
{
    double start, end, step;
    long long size = 0;
    char hash[32];
    if (strcmp(name, "arange") == 0) {
        assert_int_equal(sscanf(at, "%la %la %la = %lld %31s", &start, &end, &step, &size, hash),
                         5);
        cd_tensor *t = cd_arange(end, .start = start, .step = step, .dtype = dtype);
        assert_int_equal(cd_numel(t), size);
        check_hash(line, t, hash);
    } else {
        assert_int_equal(sscanf(at, "%la %la %lld = %31s", &start, &end, &size, hash), 4);
        check_hash(line, cd_linspace(start, end, size, .dtype = dtype), hash);
    }
}

static int read_numbers(const char *text, int64_t *out)
{
    char *end = (char *)(uintptr_t)text;
    int n = 0;
    do {
        out[n++] = strtoll(end, &end, 10);
    } while (*end++ == ',');
    return n;
}

static cd_tensor *laid_out(cd_dtype dtype, const char *sizes, const char *strides)
{
    cd_shape shape = { .ndim = 0 };
    int64_t stride[CD_MAX_DIMS], count = 1;
    shape.ndim = read_numbers(sizes, shape.dim);
    assert_int_equal(read_numbers(strides, stride), shape.ndim);
    for (int i = 0; i < shape.ndim; i++) {
        count += shape.dim[i] > 0 ? (shape.dim[i] - 1) * stride[i] : 0;
    }
    return cd_hand(cd_tensor_view(cd_zeros(CD_SHAPE(count), .dtype = dtype), &shape, stride, 0));
}

static cd_tensor *probabilities(cd_tensor *x)
{
    double n = x->numel > 0 ? (double)x->numel : 1;
    cd_tensor *row = cd_div(cd_arange(x->numel, .dtype = x->dtype), n);
    return cd_copy_(x, cd_reshape(row, x->shape));
}

static void replay_draw(const char *line, const char *name, cd_dtype dtype, char *at)
{
    char sizes[32], strides[32];
    assert_int_equal(sscanf(at, "%31s %31s", sizes, strides), 2);
    cd_tensor *x = laid_out(dtype, sizes, strides);
    cd_generator *g = cd_generator_new(SEED);
    char *expected = strstr(at, "= ") + 2;
    if (strcmp(name, "uniform") == 0) {
        check_hash(line, cd_uniform_(x, -0.3, 0.7, .generator = g), expected);
    } else if (strcmp(name, "bernoulli") == 0) {
        check_hash(line, cd_bernoulli_(x, 0.3, .generator = g), expected);
    } else if (strcmp(name, "normal") == 0) {
        check_normals(line, cd_normal_(x, 0, 1, .generator = g), expected);
    } else if (strcmp(name, "rand_like") == 0) {
        check_hash(line, cd_rand_like(x, .generator = g), expected);
    } else if (strcmp(name, "randn_like") == 0) {
        check_normals(line, cd_randn_like(x, .generator = g), expected);
    } else {
        assert_string_equal(name, "each");
        check_hash(line, cd_bernoulli(probabilities(x), .generator = g), expected);
    }
}

static int replay(bool ranges)
{
    FILE *file = fopen(test_path("golden/creation.txt"), "r");
    assert_non_null(file);
    char line[512], name[16], dtype[8];
    int lines = 0, used;
    while (fgets(line, sizeof line, file)) {
        CD_SCOPE();
        assert_int_equal(sscanf(line, "%15s %7s %n", name, dtype, &used), 2);
        bool range = strcmp(name, "arange") == 0 || strcmp(name, "linspace") == 0;
        if (range != ranges) continue;
        if (range) {
            replay_range(line, name, dtype_of(dtype), line + used);
        } else {
            replay_draw(line, name, dtype_of(dtype), line + used);
        }
        lines++;
    }
    fclose(file);
    return lines;
}

static void ranges_are_those_of_pytorch(void **state)
{
    (void)state;
    assert_int_equal(replay(true), 120);
}

static void draws_follow_memory_as_in_pytorch(void **state)
{
    (void)state;
    assert_true(replay(false) > 150);
}

/* --- arange ----------------------------------------------------------------------------------- */

/* t is a vector of this dtype, size and values. */
static void assert_values(const cd_tensor *t, cd_dtype dtype, int64_t n, const double *values)
{
    assert_ok();
    double actual[64];
    assert_int_equal(cd_dtype_of(t), dtype);
    assert_int_equal(cd_numel(t), n);
    cd_tensor *wide = cd_to(cd_detach((cd_tensor *)(uintptr_t)t), CD_F64);
    assert_true(cd_read(wide, actual, (size_t)n * sizeof *actual));
    for (int64_t i = 0; i < n; i++) assert_close(actual[i], values[i], 0, 0);
}
#define assert_made(t_, dtype_, ...)                                                               \
    assert_values((t_), (dtype_), (int64_t)(sizeof((double[]){ __VA_ARGS__ }) / sizeof(double)),   \
                  (const double[]){ __VA_ARGS__ })

static void arange_takes_its_dtype_from_the_end(void **state)
{
    (void)state;
    const uint8_t byte = 3;
    const int64_t wide = 3;
    assert_made(cd_arange(3), CD_I64, 0, 1, 2);
    assert_made(cd_arange(byte), CD_I64, 0, 1, 2);
    assert_made(cd_arange(wide), CD_I64, 0, 1, 2);
    assert_made(cd_arange((size_t)3), CD_I64, 0, 1, 2);
    assert_made(cd_arange(3.0), CD_F32, 0, 1, 2);
    assert_made(cd_arange(2.5F), CD_F32, 0, 1, 2);
    assert_made(cd_arange(3, .dtype = CD_F64), CD_F64, 0, 1, 2);
    assert_made(cd_arange(2.5, .dtype = CD_I32), CD_I32, 0, 1, 2);
}

static void arange_starts_and_steps(void **state)
{
    (void)state;
    assert_made(cd_arange(10, .start = 2, .step = 3), CD_I64, 2, 5, 8);
    assert_made(cd_arange(0, .start = 3, .step = -1), CD_I64, 3, 2, 1);
    assert_made(cd_arange(1.0, .step = 0.25), CD_F32, 0, 0.25, 0.5, 0.75);
    assert_made(cd_arange(-1.0, .start = 1, .step = -0.75, .dtype = CD_F64), CD_F64, 1, 0.25, -0.5);
    assert_int_equal(cd_numel(cd_arange(0)), 0);
    assert_int_equal(cd_numel(cd_arange(5, .start = 5)), 0);
    assert_true(cd_requires_grad(cd_arange(2.0, .requires_grad = true)));
}

static void arange_evaluates_its_end_once(void **state)
{
    (void)state;
    int n = 3;
    assert_int_equal(cd_numel(cd_arange(n++)), 3);
    assert_int_equal(cd_numel(cd_arange(n++, .start = 1)), 3);
    assert_int_equal(n, 5);
}

static void arange_reaches_the_ends_of_int64(void **state)
{
    (void)state;
    cd_tensor *t = cd_arange(INT64_MIN, .start = -0x1p63 + 4096, .step = -1024);
    assert_int_equal(cd_numel(t), 4);
    assert_true(cd_item_int(cd_select(t, 0, 3)) == INT64_MIN + 1024);
    t = cd_arange(INT64_MAX, .start = -0x1p63, .step = 0x1p62);
    assert_int_equal(cd_numel(t), 4);
    assert_true(cd_item_int(cd_select(t, 0, 3)) == INT64_C(1) << 62);
}

static void arange_refuses_what_is_no_range(void **state)
{
    (void)state;
    static const double no_numbers[] = { INFINITY, -INFINITY, NAN };
    for (int i = 0; i < 3; i++) {
        assert_null(cd_arange(3.0, .step = no_numbers[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "all must be finite");
        assert_null(cd_arange(3.0, .start = no_numbers[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "all must be finite");
        assert_null(cd_arange(no_numbers[i]));
        assert_failed_with(CD_ERR_ARGUMENT, "all must be finite");
    }
    assert_null(cd_arange(-1));
    assert_failed_with(CD_ERR_ARGUMENT, "arange: steps of 1 do not lead from 0 to -1");
    assert_null(cd_arange(3, .step = -1));
    assert_failed_with(CD_ERR_ARGUMENT, "steps of -1 do not lead from 0 to 3");
    /* As doubles, start and end would be equal. */
    assert_null(cd_arange(18014398509481987, .start = 0x1p54 + 4, .step = 0x1p62));
    assert_failed_with(CD_ERR_ARGUMENT, "do not lead from");
    assert_null(cd_arange((double)NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "finite");
    assert_null(cd_arange((double)INFINITY));
    assert_failed_with(CD_ERR_ARGUMENT, "finite");
    assert_null(cd_arange(1.0, .step = (double)NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "steps of nan");
    assert_null(cd_arange(1.0, .step = 1e-30));
    assert_failed_with(CD_ERR_ARGUMENT, "too many numbers");
    assert_null(cd_arange(1e308, .start = -1e308, .dtype = CD_F64));
    assert_failed_with(CD_ERR_ARGUMENT, "too many numbers");
    assert_null(cd_arange(INT64_MAX, .start = -0x1p63));
    assert_failed_with(CD_ERR_SHAPE, "more elements than can be counted");
    assert_null(cd_arange(1.1e19, .step = 1e18, .dtype = CD_I64));
    assert_failed_with(CD_ERR_ARGUMENT, "does not fit in int64");
    assert_null(cd_arange(INT64_MAX));
    assert_failed_with(CD_ERR_SHAPE, "arange: shape 9223372036854775807");
}

/* The right values are PyTorch's. */
static void arange_of_integers_is_cut_after_counting(void **state)
{
    (void)state;
    assert_made(cd_arange(2.1, .start = -0.9, .step = 2, .dtype = CD_I64), CD_I64, 0, 2);
    assert_made(cd_arange(1, .step = 0.3, .dtype = CD_I32), CD_I32, 0, 0, 0, 0);
    assert_made(cd_arange(5.5, .start = 0.1, .step = 1.7, .dtype = CD_U8), CD_U8, 0, 1, 2, 3);
    assert_made(cd_arange(0.3, .start = -5.9, .step = 1.2, .dtype = CD_I64), CD_I64, -5, -4, -3, -2,
                -1, 0);
    assert_made(cd_arange(-4, .start = 3.9, .step = -1.5, .dtype = CD_I32), CD_I32, 3, 2, 1, 0, -1,
                -2);
    assert_made(cd_arange(3, .start = 0.5), CD_F32, 0.5, 1.5, 2.5);
    assert_made(cd_arange(1, .step = 0.25), CD_F32, 0, 0.25, 0.5, 0.75);
}

static void arange_of_integers_fits(void **state)
{
    (void)state;
    assert_null(cd_arange(3, .start = -1e300, .step = 1e299, .dtype = CD_I64));
    assert_failed_with(CD_ERR_ARGUMENT, "must be int64s");
    assert_null(cd_arange(3, .step = CD_ZERO));
    assert_failed_with(CD_ERR_ARGUMENT, "arange: the step is 0");
    assert_null(cd_arange(257, .dtype = CD_U8));
    assert_failed_with(CD_ERR_ARGUMENT, "arange: 0 to 257 does not fit in uint8");
    assert_null(cd_arange(3, .start = -1, .dtype = CD_U8));
    assert_failed_with(CD_ERR_ARGUMENT, "uint8");
    assert_null(cd_arange(3e9 + 2, .start = 3e9, .dtype = CD_I32));
    assert_failed_with(CD_ERR_ARGUMENT, "int32");
    assert_null(cd_arange(1e39, .step = 1e38));
    assert_failed_with(CD_ERR_ARGUMENT, "float32");
    assert_int_equal(cd_numel(cd_arange(256, .dtype = CD_U8)), 256);
}

static void arange_refuses_wrong_types(void **state)
{
    (void)state;
    assert_null(cd_arange(2, .dtype = CD_BOOL));
    assert_failed_with(CD_ERR_DTYPE, "arange: there is no range of bool");
    assert_null(cd_arange(2, .dtype = (cd_dtype)99));
    assert_failed_with(CD_ERR_DTYPE, "arange: 99 is no dtype");
    assert_null(cd_linspace(0, 1, 2, .dtype = (cd_dtype)99));
    assert_failed_with(CD_ERR_DTYPE, "linspace: 99 is no dtype");
    assert_null(cd_arange(cd_zeros(CD_SHAPE(1))));
    assert_failed_with(CD_ERR_ARGUMENT, "the end must be a number");
    assert_null(cd_arange(2, .requires_grad = true));
    assert_failed_with(CD_ERR_DTYPE, "gradients");
}

/* --- full ------------------------------------------------------------------------------------- */

static void full_is_the_value_in_every_dtype(void **state)
{
    (void)state;
    assert_made(cd_full(CD_SHAPE(2), 2.75), CD_F32, 2.75, 2.75);
    assert_made(cd_full(CD_SHAPE(2), 0.1, .dtype = CD_F32), CD_F32, (double)0.1F, (double)0.1F);
    assert_made(cd_full(CD_SHAPE(3), 0.1, .dtype = CD_F64), CD_F64, 0.1, 0.1, 0.1);
    assert_made(cd_full(CD_SHAPE(2), -2.75, .dtype = CD_I64), CD_I64, -2, -2);
    assert_made(cd_full(CD_SHAPE(2), 2.75, .dtype = CD_I32), CD_I32, 2, 2);
    assert_made(cd_full(CD_SHAPE(2), -1, .dtype = CD_U8), CD_U8, 255, 255);
    assert_made(cd_full(CD_SHAPE(2), 0.5, .dtype = CD_BOOL), CD_BOOL, 1, 1);
    assert_made(cd_full(CD_SHAPE(2), 0, .dtype = CD_BOOL), CD_BOOL, 0, 0);
    assert_made(cd_zeros(CD_SHAPE(3), .dtype = CD_I32), CD_I32, 0, 0, 0);
    assert_made(cd_ones(CD_SHAPE(3), .dtype = CD_BOOL), CD_BOOL, 1, 1, 1);
    assert_int_equal(cd_numel(cd_full(CD_SHAPE(2, 0), 7)), 0);
}

static void a_zero_keeps_its_sign(void **state)
{
    (void)state;
    assert_true(signbit(cd_item(cd_full(CD_SCALAR, -0.0))));
    assert_true(signbit(cd_item(cd_full_like(cd_zeros(CD_SCALAR, .dtype = CD_F64), -0.0))));
    assert_false(signbit(cd_item(cd_full(CD_SCALAR, 0.0))));
    assert_false(signbit(cd_item(cd_zeros(CD_SCALAR))));
}

/* When one call has several mistakes. */
static void the_first_mistake_is_said(void **state)
{
    (void)state;
    const cd_shape negative = CD_SHAPE(-1);
    cd_generator *g = cd_generator_new(1);
    assert_null(cd_zeros(negative, .dtype = CD_I64, .requires_grad = true, .generator = g));
    assert_failed_with(CD_ERR_ARGUMENT, "zeros: .generator was given, and no number is drawn");
    assert_null(cd_zeros(negative, .dtype = CD_I64, .requires_grad = true));
    assert_failed_with(CD_ERR_DTYPE,
                       "zeros: only floating tensors can require gradients, not int64");
    assert_null(cd_zeros(negative, .dtype = (cd_dtype)99, .requires_grad = true));
    assert_failed_with(CD_ERR_DTYPE, "zeros: only floating tensors can require gradients, not ?");
    assert_null(cd_zeros(negative, .dtype = (cd_dtype)99));
    assert_failed_with(CD_ERR_DTYPE, "zeros: 99 is no dtype");
    assert_null(cd_full(negative, (double)NAN, .dtype = CD_I64, .requires_grad = true));
    assert_failed_with(CD_ERR_ARGUMENT, "full: nan is not among the numbers of int64");
    assert_null(cd_rand(negative, .dtype = CD_I64, .generator = (cd_generator *)(void *)g));
    assert_failed_with(CD_ERR_DTYPE, "rand: the dtype must be float32 or float64, not int64");
    assert_null(cd_arange(3, .step = 1e300, .dtype = CD_I64, .requires_grad = true));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "arange: of int64, start (0) and step (1e+300) must be int64s");
}

/* --- linspace, eye ---------------------------------------------------------------------------- */

/* PyTorch 2.15's numbers. */
static void logspace_has_the_powers_of_linspace(void **state)
{
    (void)state;
    CD_SCOPE();
    assert_made(cd_logspace(0, 2, 3), CD_F32, 1, 10, 100);
    assert_made(cd_logspace(-2, 2, 5, .base = 2, .dtype = CD_I32), CD_I32, 0, 0, 1, 2, 4);
    assert_made(cd_logspace(0.9, 2.9, 5, .dtype = CD_I64), CD_I64, 1, 3, 10, 31, 100);
    assert_made(cd_logspace(0, 2, 3, .base = CD_ZERO), CD_F32, 1, 0, 0);
    assert_made(cd_logspace(0, 400, 3), CD_F32, 1, INFINITY, INFINITY);
    assert_made(cd_logspace(cd_zeros(CD_SCALAR), cd_full(CD_SCALAR, 2), 3, .dtype = CD_F64), CD_F64,
                1, 10, 100);
    assert_true(cd_requires_grad(cd_logspace(0, 1, 2, .requires_grad = true)));
}

static void linspace_has_both_ends(void **state)
{
    (void)state;
    assert_made(cd_linspace(0, 1, 5), CD_F32, 0, 0.25, 0.5, 0.75, 1);
    assert_made(cd_linspace(1, -1, 3, .dtype = CD_F64), CD_F64, 1, 0, -1);
    assert_made(cd_linspace(0.7, 5.9, 4, .dtype = CD_I64), CD_I64, 0, 1, 3, 5);
    assert_made(cd_linspace(255, 0, 3, .dtype = CD_U8), CD_U8, 255, 127, 0);
    assert_made(cd_linspace(3, 9, 1), CD_F32, 3);
    assert_int_equal(cd_numel(cd_linspace(3, 9, 0)), 0);
    assert_true(cd_requires_grad(cd_linspace(0, 1, 2, .requires_grad = true)));
}

static void linspace_refuses_what_is_no_range(void **state)
{
    (void)state;
    assert_null(cd_linspace(0, 1, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "linspace: there cannot be -1 steps");
    assert_null(cd_linspace(0, (double)NAN, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "0 to nan");
    assert_null(cd_linspace(-(double)INFINITY, 0, 3, .dtype = CD_F64));
    assert_failed_with(CD_ERR_ARGUMENT, "-inf");
    assert_null(cd_linspace(0, 1e300, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "no range of float32");
    assert_null(cd_linspace(-3e38, 3e38, 3));
    assert_failed_with(CD_ERR_ARGUMENT, "difference");
    assert_null(cd_linspace(0, 256, 3, .dtype = CD_U8));
    assert_failed_with(CD_ERR_ARGUMENT, "uint8");
    assert_null(cd_linspace(0, 0x1p63, 3, .dtype = CD_I64));
    assert_failed_with(CD_ERR_ARGUMENT, "int64");
    assert_null(cd_linspace(0, 1, 3, .dtype = CD_BOOL));
    assert_failed_with(CD_ERR_DTYPE, "bool");
    assert_null(cd_linspace(0, 1, INT64_MAX));
    assert_failed_with(CD_ERR_SHAPE, "linspace");
}

static void eye_has_ones_where_row_is_column(void **state)
{
    (void)state;
    assert_made(cd_eye(2), CD_F32, 1, 0, 0, 1);
    assert_made(cd_eye(2, .columns = 3, .dtype = CD_I64), CD_I64, 1, 0, 0, 0, 1, 0);
    assert_made(cd_eye(3, .columns = 1, .dtype = CD_BOOL), CD_BOOL, 1, 0, 0);
    assert_int_equal(cd_numel(cd_eye(0)), 0);
    assert_int_equal(cd_numel(cd_eye(0, .columns = 5)), 0);
    cd_tensor *flat = cd_eye(3, .no_columns = true);
    assert_true(cd_ndim(flat) == 2 && cd_size(flat, 0) == 3 && cd_size(flat, 1) == 0);
    assert_true(cd_requires_grad(cd_eye(2, .requires_grad = true)));
    assert_null(cd_eye(-1));
    assert_failed_with(CD_ERR_SHAPE, "eye: size -1 of dimension 0 is negative");
    assert_null(cd_eye(2, .columns = -3));
    assert_failed_with(CD_ERR_SHAPE, "eye: size -3 of dimension 1");
    assert_null(cd_eye(INT64_MAX));
    assert_failed_with(CD_ERR_SHAPE, "eye");
    assert_null(cd_eye(2, .dtype = CD_I32, .requires_grad = true));
    assert_failed_with(CD_ERR_DTYPE, "eye");
}

/* --- integers and permutations ---------------------------------------------------------------- */

/* Expected numbers: torch.manual_seed(6), then the same calls. */
static void randint_and_randperm_are_those_of_pytorch(void **state)
{
    (void)state;
    cd_manual_seed(6);
    assert_made(cd_randint(0, 10, CD_SHAPE(6)), CD_I64, 0, 1, 3, 2, 4, 7);
    assert_made(cd_randint(-(INT64_C(1) << 40), INT64_C(1) << 40, CD_SHAPE(2)), CD_I64,
                340892024170, 347828050238);
    assert_made(cd_randperm(6), CD_I64, 5, 0, 1, 2, 3, 4);
    cd_generator *g = cd_generator_new(6);
    assert_made(cd_randint(0, 10, CD_SHAPE(2, 3), .generator = g, .dtype = CD_F32), CD_F32, 0, 1, 3,
                2, 4, 7);
    (void)cd_randint(-(INT64_C(1) << 40), INT64_C(1) << 40, CD_SHAPE(2), .generator = g);
    assert_made(cd_randperm(6, .generator = g), CD_I64, 5, 0, 1, 2, 3, 4);
}

static void randint_refuses_wrong_bounds(void **state)
{
    (void)state;
    assert_null(cd_randint(5, 5, CD_SHAPE(2)));
    assert_failed_with(CD_ERR_ARGUMENT, "randint: low (5) must be below high (5)");
    assert_null(cd_randint(0, 300, CD_SHAPE(2), .dtype = CD_U8));
    assert_failed_with(CD_ERR_ARGUMENT, "does not fit in uint8");
    assert_null(cd_randint(0, 2, CD_SHAPE(2), .requires_grad = true));
    assert_failed_with(CD_ERR_DTYPE, "randint");
    assert_null(cd_randint(0, 2, CD_SHAPE(-2)));
    assert_failed_with(CD_ERR_SHAPE, "randint");
    assert_null(cd_randint(0, 2, CD_SHAPE(2), .dtype = (cd_dtype)99));
    assert_failed_with(CD_ERR_DTYPE, "randint");
    assert_null(cd_randperm(-1));
    assert_failed_with(CD_ERR_ARGUMENT, "randperm: there is no permutation of -1 numbers");
    assert_int_equal(cd_numel(cd_randperm(0)), 0);
}

/* --- like another ----------------------------------------------------------------------------- */

static void likes_take_shape_and_dtype(void **state)
{
    (void)state;
    cd_tensor *x = cd_t(cd_zeros(CD_SHAPE(2, 3), .dtype = CD_F64, .requires_grad = true));
    cd_tensor *made[] = { cd_zeros_like(x), cd_ones_like(x), cd_full_like(x, 7),
                          cd_empty_like(x), cd_rand_like(x), cd_randn_like(x) };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        assert_ok();
        assert_int_equal(cd_dtype_of(made[i]), CD_F64);
        assert_true(cd_shape_equal(cd_shape_of(made[i]), CD_SHAPE(3, 2)));
        assert_true(cd_is_contiguous(made[i]) && !cd_requires_grad(made[i]));
    }
    assert_close(cd_item(cd_sum(made[0])), 0, 0, 0);
    assert_close(cd_item(cd_sum(made[1])), 6, 0, 0);
    assert_close(cd_item(cd_sum(made[2])), 42, 0, 0);
}

static void likes_take_options(void **state)
{
    (void)state;
    cd_tensor *x = cd_arange(3);
    assert_made(cd_zeros_like(x), CD_I64, 0, 0, 0);
    assert_made(cd_ones_like(x, .dtype = CD_U8), CD_U8, 1, 1, 1);
    assert_made(cd_full_like(x, 2.5), CD_I64, 2, 2, 2);
    assert_made(cd_full_like(x, 2.5, .dtype = CD_F32), CD_F32, 2.5, 2.5, 2.5);
    assert_true(cd_requires_grad(cd_rand_like(x, .dtype = CD_F32, .requires_grad = true)));
    assert_int_equal(cd_dtype_of(cd_empty_like(x, .dtype = CD_BOOL)), CD_BOOL);
}

static void likes_refuse_what_cannot_be(void **state)
{
    (void)state;
    cd_tensor *x = cd_arange(3);
    assert_null(cd_rand_like(x));
    assert_failed_with(CD_ERR_DTYPE, "rand_like: the dtype must be float32 or float64, not int64");
    assert_null(cd_randn_like(x));
    assert_failed_with(CD_ERR_DTYPE, "randn_like");
    assert_null(cd_zeros_like(x, .requires_grad = true));
    assert_failed_with(CD_ERR_DTYPE, "zeros_like");
    assert_null(cd_full_like(x, (double)NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "full_like: nan is not among the numbers of int64");
    assert_null(cd_empty_like(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "empty_like: x is NULL");
    assert_null(cd_zeros_like(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "zeros_like");
    assert_null(cd_ones_like(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "ones_like");
    assert_null(cd_full_like(NULL, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "full_like");
    assert_null(cd_rand_like(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "rand_like");
    assert_null(cd_randn_like(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "randn_like");
}

/* --- leaves and memory ------------------------------------------------------------------------ */

static void what_is_made_is_a_leaf(void **state)
{
    (void)state;
    cd_tensor *x = cd_mul(cd_ones(CD_SHAPE(3), .requires_grad = true), 2);
    cd_tensor *made[] = { cd_empty(CD_SHAPE(3), .requires_grad = true),
                          cd_full(CD_SHAPE(3), 2, .requires_grad = true),
                          cd_eye(3, .requires_grad = true),
                          cd_arange(3.0, .requires_grad = true),
                          cd_linspace(0, 1, 3, .requires_grad = true),
                          cd_rand(CD_SHAPE(3), .requires_grad = true),
                          cd_randn(CD_SHAPE(3), .requires_grad = true),
                          cd_randint(0, 9, CD_SHAPE(3), .dtype = CD_F32, .requires_grad = true),
                          cd_zeros_like(x, .requires_grad = true),
                          cd_rand_like(x, .requires_grad = true) };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        assert_ok();
        assert_true(cd_requires_grad(made[i]) && cd_is_leaf(made[i]));
        assert_null(cd_grad_fn_name(made[i]));
        assert_true(cd_backward(cd_sum(made[i])));
        assert_close(cd_item(cd_sum(cd_grad(made[i]))), (double)cd_numel(made[i]), 0, 0);
    }
    /* Without .requires_grad the result does not require gradients, whatever x does. */
    cd_tensor *plain[] = { cd_empty_like(x), cd_ones_like(x), cd_rand_like(x), cd_randn_like(x),
                           cd_randperm(3) };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_ok();
        assert_true(!cd_requires_grad(plain[i]) && cd_is_leaf(plain[i]));
    }
}

static void make_one_of_each(const cd_tensor *x)
{
    CD_SCOPE();
    (void)cd_empty(CD_SHAPE(1));
    (void)cd_zeros(CD_SHAPE(1));
    (void)cd_ones(CD_SHAPE(1));
    (void)cd_full_like(x, 3);
    (void)cd_eye(2);
    (void)cd_arange(3);
    (void)cd_linspace(0, 1, 3);
    (void)cd_rand(CD_SHAPE(1));
    (void)cd_randn(CD_SHAPE(1));
    (void)cd_rand_like(x);
    (void)cd_randint(0, 2, CD_SHAPE(1));
    (void)cd_randperm(3);
    assert_ok();
}

static void a_call_in_steady_state_asks_for_no_memory(void **state)
{
    (void)state;
    const cd_tensor *x = cd_zeros(CD_SHAPE(2));
    make_one_of_each(x);
    int64_t before = cd_memory_stats().system_calls;
    size_t headers = cd_memory_stats().bytes_headers;
    for (int i = 0; i < 100; i++) make_one_of_each(x);
    assert_int_equal(cd_memory_stats().system_calls, before);
    assert_int_equal(cd_memory_stats().bytes_headers, headers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ranges_are_those_of_pytorch),
        TEST(draws_follow_memory_as_in_pytorch),
        TEST(arange_takes_its_dtype_from_the_end),
        TEST(arange_starts_and_steps),
        TEST(arange_evaluates_its_end_once),
        TEST(arange_reaches_the_ends_of_int64),
        TEST(arange_refuses_what_is_no_range),
        TEST(arange_of_integers_is_cut_after_counting),
        TEST(arange_of_integers_fits),
        TEST(arange_refuses_wrong_types),
        TEST(full_is_the_value_in_every_dtype),
        TEST(a_zero_keeps_its_sign),
        TEST(the_first_mistake_is_said),
        TEST(logspace_has_the_powers_of_linspace),
        TEST(linspace_has_both_ends),
        TEST(linspace_refuses_what_is_no_range),
        TEST(eye_has_ones_where_row_is_column),
        TEST(randint_and_randperm_are_those_of_pytorch),
        TEST(randint_refuses_wrong_bounds),
        TEST(likes_take_shape_and_dtype),
        TEST(likes_take_options),
        TEST(likes_refuse_what_cannot_be),
        TEST(what_is_made_is_a_leaf),
        TEST(a_call_in_steady_state_asks_for_no_memory),
    };
    return RUN(tests);
}
