/* The text of print(tensor), compared with what PyTorch printed (tests/golden/make_format.py). */
#include "test.h"

#include <zlib.h>

#include "core/format_internal.h"
#include "core/memory_internal.h"

/* --- cases, as tests/golden/make_format.py writes them ---------------------------------------- */

typedef struct array {
    char dtype_name[8], values[64], grad[64];
    cd_dtype dtype;
    cd_shape shape;
    int64_t strides[CD_MAX_DIMS];
    int64_t offset, count;
    void *storage; /* `count` elements, malloc'ed */
} array;

static cd_dtype dtype_of(const char *name)
{
    static const char *const names[] = { "?", "f32", "f64", "i64", "i32", "u8", "bool" };
    for (int d = CD_F32; d < CD_DTYPE_COUNT; d++) {
        if (strcmp(name, names[d]) == 0) return (cd_dtype)d;
    }
    fail_msg("no dtype %s", name);
    return CD_DTYPE_DEFAULT;
}

static int read_numbers(const char *text, int64_t *out)
{
    int n = 0;
    if (strcmp(text, ".") == 0) return 0;
    for (;;) {
        char *end;
        assert_true(n < CD_MAX_DIMS);
        out[n++] = strtoll(text, &end, 10);
        if (*end != ',') return n;
        text = end + 1;
    }
}

static double list_value(const char *list, int64_t i)
{
    double items[8];
    int n = 0;
    for (;;) {
        char *end;
        items[n++] = strtod(list, &end);
        if (*end != ',') return items[i % n];
        assert_true(n < 8);
        list = end + 1;
    }
}

static double value_at(const char *values, int64_t i)
{
    if (strncmp(values, "list:", 5) == 0) return list_value(values + 5, i);
    char *end;
    double a = strtod(values + 4, &end), b = strtod(end + 1, NULL);
    uint32_t hashed = (uint32_t)((uint64_t)i * 2654435761u);
    if (strncmp(values, "lin:", 4) == 0) return a + b * (double)i;
    if (strncmp(values, "mix:", 4) == 0) return a + b * (hashed / 4294967296.0);
    double power = ldexp(1, (int)a + (int)(i % (int64_t)b));
    return i % 3 == 2 ? -power : power;
}

static int64_t integer_at(const char *values, int64_t i)
{
    if (strncmp(values, "int:", 4) != 0) return (int64_t)value_at(values, i);
    char *end;
    int64_t a = strtoll(values + 4, &end, 10), b = strtoll(end + 1, NULL, 10);
    return a + (int64_t)((uint32_t)((uint64_t)i * 2654435761u) % (uint64_t)b);
}

static void fill(array *x)
{
    size_t bytes = (size_t)x->count * cd_dtype_size(x->dtype);
    x->storage = malloc(bytes ? bytes : 1);
    assert_non_null(x->storage);
    for (int64_t i = 0; i < x->count; i++) {
        switch (x->dtype) {
        case CD_F32:
            ((float *)x->storage)[i] = (float)value_at(x->values, i);
            break;
        case CD_F64:
            ((double *)x->storage)[i] = value_at(x->values, i);
            break;
        case CD_I64:
            ((int64_t *)x->storage)[i] = integer_at(x->values, i);
            break;
        case CD_I32:
            ((int32_t *)x->storage)[i] = (int32_t)integer_at(x->values, i);
            break;
        case CD_U8:
            ((uint8_t *)x->storage)[i] = (uint8_t)integer_at(x->values, i);
            break;
        default:
            ((uint8_t *)x->storage)[i] = integer_at(x->values, i) != 0;
            break;
        }
    }
}

static array array_from(const char *line)
{
    array x = { .storage = NULL };
    char shape[128], strides[128];
    long long offset, count;
    int n = sscanf(line, "# %7s %127s %127s %lld %lld %63s %63s", x.dtype_name, shape, strides,
                   &offset, &count, x.values, x.grad);
    assert_that(n == 7, "the case cannot be read: %s", line);
    x.dtype = dtype_of(x.dtype_name);
    x.shape.ndim = read_numbers(shape, x.shape.dim);
    assert_int_equal(read_numbers(strides, x.strides), x.shape.ndim);
    x.offset = offset;
    x.count = count;
    fill(&x);
    return x;
}

static char *print(const array *x)
{
    const char *data = (const char *)x->storage + (size_t)x->offset * cd_dtype_size(x->dtype);
    const char *grad = strcmp(x->grad, "-") == 0 ? NULL : x->grad;
    return cd_format_array(x->dtype, x->shape, x->strides, data, NULL, grad);
}

static void check_case(const char *line, const char *expected)
{
    array x = array_from(line);
    char *text = print(&x);
    assert_ok();
    assert_that(text && strcmp(text, expected) == 0, "%s\nis\n%s\nbut PyTorch prints\n%s", line,
                text, expected);
    cd_free(text);
    free(x.storage);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void every_case_prints_as_in_pytorch(void **state)
{
    (void)state;
    gzFile file = gzopen(test_path("golden/format.txt.gz"), "r");
    assert_non_null(file);
    char line[512], header[512] = "", expected[20000] = "";
    size_t used = 0;
    int cases = 0;
    for (;;) {
        bool more = gzgets(file, line, sizeof line) != NULL;
        if ((!more || line[0] == '#') && header[0]) {
            expected[used - 1] = '\0'; /* the newline after the text */
            check_case(header, expected);
            cases++;
        }
        if (!more) break;
        if (line[0] == '#') {
            strcpy(header, line);
            used = 0;
        } else {
            size_t length = strlen(line);
            assert_true(used + length < sizeof expected);
            memcpy(expected + used, line, length + 1);
            used += length;
        }
    }
    assert_int_equal(gzclose(file), Z_OK);
    assert_that(cases >= 200, "only %d cases", cases);
}

static void negative_strides_are_followed(void **state)
{
    (void)state;
    static const float data[] = { 1, 2, 3, 4, 5, 6 };
    static const int64_t back[] = { -3, 1 };
    char *text = cd_format_array(CD_F32, CD_SHAPE(2, 3), back, data + 3, NULL, NULL);
    assert_string_equal(text, "tensor([[4., 5., 6.],\n        [1., 2., 3.]])");
    cd_free(text);
}

static void nan_with_a_sign_is_nan(void **state)
{
    (void)state;
    static const int64_t one = 1;
    float data[] = { copysignf(NAN, -1), 0.5f };
    char *text = cd_format_array(CD_F32, CD_SHAPE(2), &one, data, NULL, NULL);
    assert_string_equal(text, "tensor([   nan, 0.5000])");
    cd_free(text);
}

static void no_elements_need_no_data(void **state)
{
    (void)state;
    char *text = cd_format_array(CD_I64, CD_SHAPE(0, 3), NULL, NULL, NULL, NULL);
    assert_string_equal(text, "tensor([], size=(0, 3), dtype=int64)");
    cd_free(text);
}

static void impossible_arrays_are_errors(void **state)
{
    (void)state;
    assert_null(cd_format_array(CD_F32, (cd_shape){ .ndim = 9 }, NULL, NULL, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "9 dimensions");
    assert_null(cd_format_array(CD_F32, CD_SHAPE(2, -1), NULL, NULL, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "2x-1");
    assert_null(cd_format_array(CD_DTYPE_DEFAULT, CD_SHAPE(2), NULL, NULL, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dtype");
    assert_null(cd_format_array((cd_dtype)99, CD_SHAPE(2), NULL, NULL, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dtype ?");
}

static int allocations, fail_at;
static bool fail_one(size_t bytes)
{
    (void)bytes;
    return ++allocations == fail_at;
}

static bool fail_from(size_t bytes)
{
    (void)bytes;
    return ++allocations >= fail_at;
}

/* Prints again and again, with the first allocation failing, then the second, and so on, until all
 * succeed. More than `min_tries` tries must be needed. */
static void sweep(const char *line, cd_memory_fault *fault, int min_tries)
{
    array x = array_from(line);
    char *text = NULL;
    for (fail_at = 1; !text; fail_at++) {
        assert_true(fail_at < 100);
        allocations = 0;
        cd_memory_fault_hook = fault;
        text = print(&x);
        cd_memory_fault_hook = NULL;
        if (!text) assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_ok();
    assert_that(fail_at > min_tries, "only %d allocations", fail_at - 2);
    cd_free(text);
    free(x.storage);
}

static void each_failed_allocation_is_an_error(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "# f32 . . 0 1 list:3.5 -",
        "# f32 30,30 30,1 0 900 mix:0:1 requires_grad=True",
        "# f64 7,2,10,8 160,80,8,1 0 1120 mix:0:1 -",
        "# i64 0,5 5,1 0 0 lin:0:1 -",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        sweep(lines[i], fail_one, i == 1 ? 8 : 2);
        sweep(lines[i], fail_from, i == 1 ? 8 : 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_case_prints_as_in_pytorch), TEST(negative_strides_are_followed),
        TEST(nan_with_a_sign_is_nan),          TEST(no_elements_need_no_data),
        TEST(impossible_arrays_are_errors),    TEST(each_failed_allocation_is_an_error),
    };
    return RUN(tests);
}
