/* Random numbers: compared with PyTorch's (tests/golden/make_random.py), the default generator,
 * wrong arguments. */
#include "test.h"

#include <pthread.h>
#include <sys/wait.h>

#include "autograd/ops.h"
#include "core/random_internal.h"

/* --- the calls of tests/golden/make_random.py ------------------------------------------------- */

enum { MAX_ELEMENTS = 100001, NORMAL_OFFSET = 5024 /* of the normal kept for later, in a state */ };
static cd_generator_state generator;
static int64_t buffer[MAX_ELEMENTS]; /* results of any dtype */
static double probabilities[MAX_ELEMENTS];

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

static double floating_at(cd_dtype dtype, int64_t i)
{
    return dtype == CD_F32 ? (double)((const float *)(const void *)buffer)[i]
                           : ((const double *)(const void *)buffer)[i];
}

static void check_hash(const char *line, const void *data, size_t size)
{
    uint64_t expected = strtoull(strstr(line, "= ") + 2, NULL, 16), actual = fnv(data, size);
    assert_that(actual == expected, "%sgives %016llx", line, (unsigned long long)actual);
}

/* Compares every step-th number from the end with those in the line. */
static void check_normals(const char *line, cd_dtype dtype, int64_t n, int64_t step)
{
    char *text = strstr(line, "= ") + 2;
    for (int64_t i = n - 1; i >= 0; i -= step) {
        double expected = strtod(text, &text), actual = floating_at(dtype, i);
        assert_that(fabs(actual - expected) <= 1e-6, "%s[%lld] is %.9g, not %.9g", line,
                    (long long)i, actual, expected);
    }
}

/* The normal number kept for later is only equal to about 1e-12, so it is left out of the hash. */
static void check_state(const char *line)
{
    uint8_t bytes[CD_RNG_STATE_BYTES];
    double normal;
    cd_random_write(&generator, bytes);
    memcpy(&normal, bytes + NORMAL_OFFSET, 8);
    assert_close(normal, strtod(line + strlen("state "), NULL), 1e-12, 0);
    memset(bytes + NORMAL_OFFSET, 0, 8);
    check_hash(line, bytes, sizeof bytes);
}

/* Bernoulli with the probability i/n for element i. */
static bool draw_each(cd_dtype dtype, int64_t n)
{
    float *narrow = (float *)(void *)probabilities;
    for (int64_t i = 0; i < n; i++) {
        if (dtype == CD_F32) narrow[i] = (float)i / (float)n;
        if (dtype == CD_F64) probabilities[i] = (double)i / (double)n;
    }
    return cd_random_bernoulli_each(&generator, dtype, buffer, n, dtype, probabilities);
}

/* Makes the call that the line names, and compares its results with the line's. */
static void replay(const char *line)
{
    char name[8];
    long long n = 0, low, high, step;
    double a, b;
    bool done = true;
    cd_dtype dtype = CD_I64;
    if (sscanf(line, "seed %lld", &n) == 1) {
        cd_random_seed(&generator, strtoull(line + strlen("seed "), NULL, 10));
        return;
    }
    if (strncmp(line, "state ", 6) == 0) {
        check_state(line);
        return;
    }
    if (sscanf(line, "%*s %7s %lld", name, &n) == 2) dtype = dtype_of(name);
    if (sscanf(line, "normal %*s %*d %lf %lf %lld", &a, &b, &step) == 3) {
        assert_true(cd_random_normal(&generator, dtype, buffer, n, a, b));
        check_normals(line, dtype, n, step);
        return;
    }
    if (sscanf(line, "uniform %*s %*d %lf %lf", &a, &b) == 2) {
        done = cd_random_uniform(&generator, dtype, buffer, n, a, b);
    } else if (sscanf(line, "integers %*s %*d %lld %lld", &low, &high) == 2) {
        done = cd_random_integers(&generator, dtype, buffer, n, low, high);
    } else if (sscanf(line, "bernoulli %*s %*d %lf", &a) == 1) {
        done = cd_random_bernoulli(&generator, dtype, buffer, n, a);
    } else if (strncmp(line, "each ", 5) == 0) {
        done = draw_each(dtype, n);
    } else if (sscanf(line, "permutation %lld", &n) == 1) {
        done = cd_random_permutation(&generator, buffer, n);
    } else {
        fail_msg("the line cannot be read: %s", line);
    }
    assert_true(done);
    check_hash(line, buffer, (size_t)n * cd_dtype_size(dtype));
}

static void every_call_gives_what_it_gives_in_pytorch(void **state)
{
    (void)state;
    FILE *file = fopen(test_path("golden/random.txt"), "r");
    assert_non_null(file);
    char line[1024];
    int lines = 0;
    for (; fgets(line, sizeof line, file); lines++) replay(line);
    fclose(file);
    assert_ok();
    assert_that(lines > 200, "only %d lines", lines);
}

/* --- numbers that PyTorch users know ---------------------------------------------------------- */

static void seed_0_gives_the_known_numbers(void **state)
{
    (void)state;
    static const float uniform[] = { 0.4963f, 0.7682f, 0.0885f, 0.1320f, 0.3074f };
    static const float normal[] = { 1.5410f, -0.2934f, -2.1788f };
    float x[5];
    cd_random_seed(&generator, 0);
    assert_true(cd_random_uniform(&generator, CD_F32, x, 5, 0, 1));
    for (int i = 0; i < 5; i++) assert_close(x[i], uniform[i], 0, 5e-5);
    cd_random_seed(&generator, 0);
    assert_true(cd_random_normal(&generator, CD_F32, x, 3, 0, 1));
    for (int i = 0; i < 3; i++) assert_close(x[i], normal[i], 0, 5e-5);
}

static void a_permutation_and_integers_after_it(void **state)
{
    (void)state;
    static const int64_t order[] = { 4, 1, 7, 5, 3, 9, 0, 8, 6, 2 }, digits[] = { 3, 1, 6, 6, 9 };
    int64_t x[10];
    cd_random_seed(&generator, 0);
    assert_true(cd_random_permutation(&generator, x, 10));
    assert_memory_equal(x, order, sizeof order);
    assert_true(cd_random_integers(&generator, CD_I64, x, 5, 0, 10));
    assert_memory_equal(x, digits, sizeof digits);
}

static void only_the_low_32_bits_of_a_seed_matter(void **state)
{
    (void)state;
    cd_generator_state other;
    cd_random_seed(&generator, 42);
    cd_random_seed(&other, (UINT64_C(7) << 32) + 42);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(cd_random_u32(&generator), cd_random_u32(&other));
    assert_true(generator.seed != other.seed);
}

/* --- the default generator -------------------------------------------------------------------- */

static uint32_t draw(void)
{
    uint32_t value = cd_random_u32(cd_generator_lock(NULL));
    cd_generator_unlock(NULL);
    return value;
}

/* Runs first, before anything seeds the default generator. */
static void the_default_generator_starts_from_the_default_seed(void **state)
{
    (void)state;
    assert_true(cd_initial_seed() == 67280421310721u);
    uint32_t first = draw();
    cd_manual_seed(67280421310721u);
    assert_int_equal(draw(), first);
}

static void manual_seed_restarts_the_default_generator(void **state)
{
    (void)state;
    cd_manual_seed(UINT64_MAX);
    assert_true(cd_initial_seed() == UINT64_MAX);
    uint32_t first = draw();
    cd_generator_state *locked = cd_generator_lock(NULL);
    float one;
    assert_true(cd_random_normal(locked, CD_F32, &one, 1, 0, 1));
    assert_true(locked->has_normal_f64);
    cd_generator_unlock(NULL);
    cd_manual_seed(UINT64_MAX);
    assert_false(cd_generator_lock(NULL)->has_normal_f64);
    cd_generator_unlock(NULL);
    assert_int_equal(draw(), first);
}

static void *draw_many(void *sum)
{
    for (int i = 0; i < 20000; i++) *(uint64_t *)sum += draw();
    return NULL;
}

static void threads_share_it_without_losing_a_draw(void **state)
{
    (void)state;
    uint64_t expected = 0, sums[4] = { 0 };
    cd_manual_seed(3);
    for (int i = 0; i < 4; i++) draw_many(&expected);
    cd_manual_seed(3);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, draw_many, &sums[i]), 0);
    }
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(sums[0] + sums[1] + sums[2] + sums[3] == expected);
}

static void a_generator_of_ones_own_is_another(void **state)
{
    (void)state;
    cd_generator *own = cd_generator_new(8);
    assert_ok();
    cd_manual_seed(8);
    uint32_t first = draw();
    assert_int_equal(cd_random_u32(cd_generator_lock(own)), first);
    cd_generator_unlock(own);
    assert_int_not_equal(draw(), first);
}

static bool stop;
static void *draw_until_stopped(void *unused)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) (void)draw();
    return unused;
}

static void a_forked_child_can_draw(void **state)
{
    (void)state;
    pthread_t thread;
    __atomic_store_n(&stop, false, __ATOMIC_RELAXED);
    assert_int_equal(pthread_create(&thread, NULL, draw_until_stopped, NULL), 0);
    int bad = 0;
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(5); /* a lock held by a thread that does not exist here would block it */
            (void)draw();
            _exit(0);
        }
        int status = 1;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) bad++;
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(bad, 0);
}

/* --- misuse ----------------------------------------------------------------------------------- */

static void wrong_ranges_are_errors(void **state)
{
    (void)state;
    cd_generator_state *g = &generator;
    cd_random_seed(g, 1);
    assert_false(cd_random_uniform(g, CD_F32, buffer, 4, 1, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "from 1 to 0");
    assert_false(cd_random_uniform(g, CD_F32, buffer, 4, 0, 1e300));
    assert_failed_with(CD_ERR_ARGUMENT, "float32");
    assert_false(cd_random_uniform(g, CD_F64, buffer, 4, -1.7e308, 1.7e308));
    assert_failed_with(CD_ERR_ARGUMENT, "difference");
    assert_false(cd_random_uniform(g, CD_F64, buffer, 4, (double)NAN, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "uniform");
    assert_false(cd_random_normal(g, CD_F32, buffer, 4, 0, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "std must be >= 0, not -1");
    assert_false(cd_random_normal(g, CD_F32, buffer, 4, 0, (double)NAN));
    assert_failed_with(CD_ERR_ARGUMENT, "std");
    assert_false(cd_random_bernoulli(g, CD_F32, buffer, 4, 1.5));
    assert_failed_with(CD_ERR_ARGUMENT, "from 0 to 1, not 1.5");
    static const float p[] = { 0, 1, NAN };
    assert_false(cd_random_bernoulli_each(g, CD_U8, buffer, 3, CD_F32, p));
    assert_failed_with(CD_ERR_ARGUMENT, "p[2]");
    assert_int_equal(g->left, 1); /* nothing was drawn */
}

static void integers_must_fit_the_dtype(void **state)
{
    (void)state;
    static const struct {
        cd_dtype dtype;
        int64_t low, high;
        const char *text;
    } bad[] = {
        { CD_I64, 5, 5, "low (5) must be below high (5)" },
        { CD_I64, INT64_MAX, INT64_MIN, "below" },
        { CD_U8, -1, 5, "0 to 255" },
        { CD_U8, 0, 257, "0 to 256 does not fit in uint8" },
        { CD_BOOL, 0, 3, "bool" },
        { CD_I32, 0, INT64_C(1) << 32, "int32" },
        { CD_F32, 0, (1 << 24) + 2, "float32" },
        { CD_F64, INT64_MIN, 0, "float64" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(
            cd_random_integers(&generator, bad[i].dtype, buffer, 3, bad[i].low, bad[i].high));
        assert_failed_with(CD_ERR_ARGUMENT, bad[i].text);
    }
}

static void wrong_dtypes_and_null_are_errors(void **state)
{
    (void)state;
    cd_generator_state *g = &generator;
    assert_false(cd_random_uniform(g, CD_I64, buffer, 4, 0, 1));
    assert_failed_with(CD_ERR_DTYPE, "not int64");
    assert_false(cd_random_normal(g, CD_BOOL, buffer, 4, 0, 1));
    assert_failed_with(CD_ERR_DTYPE, "not bool");
    assert_false(cd_random_integers(g, CD_DTYPE_DEFAULT, buffer, 4, 0, 9));
    assert_failed_with(CD_ERR_DTYPE, "no dtype");
    assert_false(cd_random_bernoulli(g, (cd_dtype)77, buffer, 4, 0.5));
    assert_failed_with(CD_ERR_DTYPE, "77");
    assert_false(cd_random_bernoulli_each(g, CD_U8, buffer, 4, CD_U8, buffer));
    assert_failed_with(CD_ERR_DTYPE, "not uint8");
    assert_false(cd_random_uniform(g, CD_F32, NULL, 4, 0, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
    assert_false(cd_random_permutation(g, buffer, -1));
    assert_failed_with(CD_ERR_ARGUMENT, "-1 elements");
    assert_true(cd_random_uniform(g, CD_F32, NULL, 0, 0, 1));
}

static void a_range_of_one_number_gives_it(void **state)
{
    (void)state;
    float x[20];
    cd_random_seed(&generator, 2);
    assert_true(cd_random_uniform(&generator, CD_F32, x, 20, 0.3, 0.3));
    for (int i = 0; i < 20; i++) assert_true(x[i] == 0.3f);
    assert_true(cd_random_normal(&generator, CD_F32, x, 20, -2, 0));
    for (int i = 0; i < 20; i++) assert_true(x[i] == -2.0f);
}

/* The order in which numbers are drawn depends on strides, except on those of dimensions of size 1.
 * The same in PyTorch, with torch.manual_seed(1) and normal_(). */
static void dimensions_of_one_have_no_order(void **state)
{
    (void)state;
    const struct {
        cd_shape shape, stride;
        bool same;
    } views[] = { { CD_SHAPE(1, 20), CD_SHAPE(7, 1), true },
                  { CD_SHAPE(20, 1), CD_SHAPE(1, 7), true },
                  { CD_SHAPE(4, 1, 5), CD_SHAPE(5, 3, 1), true },
                  { CD_SHAPE(5, 1, 4), CD_SHAPE(1, 3, 5), false } };
    float plain[20], drawn[20];
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        cd_tensor *all = cd_zeros(CD_SHAPE(200));
        cd_manual_seed(1);
        assert_true(cd_read(cd_normal_(cd_zeros(CD_SHAPE(20)), 0, 1), plain, sizeof plain));
        cd_manual_seed(1);
        cd_tensor *view = cd_as_strided(all, views[i].shape, views[i].stride, 0);
        assert_non_null(cd_normal_(view, 0, 1));
        assert_true(cd_read(cd_slice(all, 0, 0, 20, 1), drawn, sizeof drawn));
        assert_int_equal(memcmp(plain, drawn, sizeof plain) == 0, views[i].same);
    }
}

/* About half of these draws round to `to`, and must be replaced by `from`. */
static void the_upper_end_is_never_reached(void **state)
{
    (void)state;
    float x[1000], from = 1.0f, to = nextafterf(1.0f, 2.0f);
    cd_random_seed(&generator, 2);
    assert_true(cd_random_uniform(&generator, CD_F32, x, 1000, from, to));
    for (int i = 0; i < 1000; i++) assert_true(x[i] == from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_default_generator_starts_from_the_default_seed),
        TEST(every_call_gives_what_it_gives_in_pytorch),
        TEST(seed_0_gives_the_known_numbers),
        TEST(a_permutation_and_integers_after_it),
        TEST(only_the_low_32_bits_of_a_seed_matter),
        TEST(manual_seed_restarts_the_default_generator),
        TEST(threads_share_it_without_losing_a_draw),
        TEST(a_generator_of_ones_own_is_another),
        TEST(a_forked_child_can_draw),
        TEST(wrong_ranges_are_errors),
        TEST(integers_must_fit_the_dtype),
        TEST(wrong_dtypes_and_null_are_errors),
        TEST(a_range_of_one_number_gives_it),
        TEST(dimensions_of_one_have_no_order),
        TEST(the_upper_end_is_never_reached),
    };
    return RUN(tests);
}
