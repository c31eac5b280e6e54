/* Memory: blocks, the limit, the cache, replaced allocators, blocks that move between threads. */
#include "test.h"

#include <pthread.h>

#include "autograd/create.h"
#include "core/memory_internal.h"
#include "core/scope.h"
#include "core/slab_internal.h"

#if defined(TEST_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

static void blocks_are_aligned_and_counted(void **state)
{
    (void)state;
    int64_t before = cd_memory_stats().blocks_in_use;
    void *small = cd_alloc(0), *large = cd_alloc(1 << 20);
    assert_non_null(small);
    assert_non_null(large);
    assert_int_equal((uintptr_t)small % 64, 0);
    assert_int_equal((uintptr_t)large % 64, 0);
    assert_int_equal(cd_memory_stats().blocks_in_use, before + 2);
    cd_free(small);
    cd_free(large);
    cd_free(NULL);
    assert_int_equal(cd_memory_stats().blocks_in_use, before);
}

static void freed_blocks_are_used_again(void **state)
{
    (void)state;
#if defined(TEST_ADDRESS_SANITIZER)
    skip();
#endif
    cd_free(cd_alloc(5000));
    int64_t calls = cd_memory_stats().system_calls;
    for (int i = 0; i < 100; i++) cd_free(cd_alloc(5000));
    assert_int_equal(cd_memory_stats().system_calls, calls);
    cd_memory_trim();
    assert_int_equal(cd_memory_stats().bytes_cached, 0);
}

static void any_size_of_a_class_fits_its_blocks(void **state)
{
    (void)state;
    for (size_t bytes = 1; bytes < 70000; bytes = bytes * 9 / 8 + 1) {
        char *p = cd_alloc(bytes);
        memset(p, 1, bytes);
        cd_free(p);
        p = cd_alloc(bytes + 1);
        memset(p, 2, bytes + 1);
        cd_free(p);
    }
}

static void realloc_keeps_contents(void **state)
{
    (void)state;
    char *p = cd_realloc(NULL, 10);
    memcpy(p, "123456789", 10);
    p = cd_realloc(p, 100000);
    assert_string_equal(p, "123456789");
    p = cd_realloc(p, 5);
    assert_memory_equal(p, "12345", 5);
    cd_free(p);
}

#if defined(TEST_ADDRESS_SANITIZER)
/* Memory behind the requested bytes is poisoned, although the block is larger. */
static void the_sanitizer_reports_access_behind_a_block(void **state)
{
    (void)state;
    char *p = cd_alloc(1001);
    assert_false(__asan_address_is_poisoned(p + 1000));
    assert_true(__asan_address_is_poisoned(p + 1001));
    p = cd_realloc(p, 1005);
    assert_false(__asan_address_is_poisoned(p + 1004));
    assert_true(__asan_address_is_poisoned(p + 1005));
    p = cd_realloc(p, 5000);
    assert_false(__asan_address_is_poisoned(p + 4999));
    assert_true(__asan_address_is_poisoned(p + 5000));
    cd_free(p);
}

/* Of the header of an object that has gone only the kind can be read. */
static void the_sanitizer_reports_the_use_of_an_object_that_has_gone(void **state)
{
    (void)state;
    char *p = cd_slab_take(200);
    assert_false(__asan_address_is_poisoned(p + 199));
    assert_true(__asan_address_is_poisoned(p + 200));
    cd_slab_give(p, 200);
    assert_false(__asan_address_is_poisoned(p + 15));
    assert_true(__asan_address_is_poisoned(p + 32));
    assert_true(__asan_address_is_poisoned(p + 199));
    assert_ptr_equal(cd_slab_take(200), p);
    assert_false(__asan_address_is_poisoned(p + 199));
    cd_slab_give(p, 200);
}
#endif

static void the_limit_is_an_error(void **state)
{
    (void)state;
    cd_memory_trim();
    cd_memory_info info = cd_memory_stats();
    cd_memory_limit(info.bytes_in_use + 10000);
    void *fits = cd_alloc(5000);
    assert_non_null(fits);
    assert_null(cd_alloc(50000));
    assert_failed_with(CD_ERR_MEMORY, "the limit is");
    cd_free(fits);
    cd_memory_limit(0);
    cd_free(cd_alloc(50000));
}

static void what_is_cached_goes_before_the_limit_is_an_error(void **state)
{
    (void)state;
#if defined(TEST_ADDRESS_SANITIZER)
    skip(); /* nothing is cached */
#endif
    cd_memory_trim();
    cd_memory_info before = cd_memory_stats();
    cd_free(cd_alloc(3 << 20));
    assert_true(cd_memory_stats().bytes_cached >= 3 << 20);
    cd_memory_limit(before.bytes_in_use + before.bytes_headers + (4 << 20));
    void *p = cd_alloc(2 << 20);
    cd_memory_limit(0);
    assert_ok();
    assert_non_null(p);
    assert_int_equal(cd_memory_stats().bytes_cached, 0);
    cd_free(p);
}

static void absurd_sizes_are_errors(void **state)
{
    (void)state;
    assert_null(cd_alloc(SIZE_MAX));
    assert_failed_with(CD_ERR_MEMORY, "out of memory");
    assert_null(cd_alloc(SIZE_MAX / 4));
    assert_failed_with(CD_ERR_MEMORY, "out of memory");
    assert_null(cd_alloc_zeroed(SIZE_MAX / 2, 3));
    assert_failed_with(CD_ERR_MEMORY, "overflow");
}

static void the_peak_has_the_block_that_made_it(void **state)
{
    (void)state;
    cd_memory_info before = cd_memory_stats();
    const size_t bytes = before.bytes_peak + (8 << 20);
    void *p = cd_alloc(bytes);
    cd_memory_info with = cd_memory_stats();
    assert_true(with.bytes_in_use >= before.bytes_in_use + bytes);
    assert_true(with.bytes_peak == with.bytes_in_use);
    cd_free(p);
    assert_true(cd_memory_stats().bytes_peak == with.bytes_peak);
}

/* Even those that wrap around to a number which looks large enough. */
static void products_that_wrap_around_are_refused(void **state)
{
    (void)state;
    const size_t half = SIZE_MAX / 2;
    size_t product = 1;
    assert_false(cd_checked_mul(3, half + 2, &product));
    assert_false(cd_checked_mul(half + 2, 3, &product));
    assert_false(cd_checked_mul((size_t)1 << 33, (size_t)1 << 33, &product));
    assert_false(cd_checked_mul(SIZE_MAX, SIZE_MAX, &product));
    assert_int_equal(product, 1);
    assert_true(cd_checked_mul(2, half, &product) && product == SIZE_MAX - 1);
    assert_true(cd_checked_mul(0, SIZE_MAX, &product) && product == 0);
    assert_true(cd_checked_mul(SIZE_MAX, 1, &product) && product == SIZE_MAX);
    assert_null(cd_alloc_zeroed(3, half + 2));
    assert_failed_with(CD_ERR_MEMORY, "overflow");
    int64_t result = 1;
    assert_false(cd_checked_mul_i64(3, INT64_MAX / 2 + 2, &result));
    assert_false(cd_checked_mul_i64(-1, INT64_MIN, &result));
    assert_false(cd_checked_add_i64(1, INT64_MAX, &result));
    assert_false(cd_checked_add(1, SIZE_MAX, &product));
    assert_int_equal(result, 1);
}

static void bytes_of_elements_are_checked(void **state)
{
    (void)state;
    size_t bytes = 1;
    assert_true(cd_checked_bytes(3, 8, &bytes) && bytes == 24);
    assert_false(cd_checked_bytes(-3, 8, &bytes));
    assert_false(cd_checked_bytes(INT64_MAX, 8, &bytes));
    assert_int_equal(bytes, 24);
}

/* Bytes allocated and not released. */
static size_t balance;
static void *counting_allocate(size_t bytes, void *user)
{
    (void)user;
    balance += bytes;
    return aligned_alloc(64, bytes);
}
static void counting_release(void *p, size_t bytes, void *user)
{
    (void)user;
    balance -= bytes;
    free(p);
}

static void the_allocator_can_be_replaced(void **state)
{
    (void)state;
    void *p = cd_alloc(100);
    cd_allocator counting = { counting_allocate, counting_release, NULL };
    assert_false(cd_set_allocator(&counting));
    assert_failed_with(CD_ERR_STATE, "in use");
    cd_free(p);
    assert_true(cd_set_allocator(&counting));
    p = cd_alloc(1000);
    assert_true(balance >= 1000);
    cd_free(p);
    assert_true(cd_set_allocator(NULL));
    assert_int_equal(balance, 0);
}

/* An allocator that has `available` bytes, and how often it had too few. */
static size_t available, refusals;
static void *allocate_while_there_is_room(size_t bytes, void *user)
{
    if (balance + bytes > available) {
        refusals++;
        return NULL;
    }
    return counting_allocate(bytes, user);
}

static void what_is_cached_goes_before_an_allocation_fails(void **state)
{
    (void)state;
#if defined(TEST_ADDRESS_SANITIZER)
    skip(); /* nothing is cached */
#endif
    cd_allocator counting = { allocate_while_there_is_room, counting_release, NULL };
    available = 4 << 20;
    refusals = 0;
    assert_true(cd_set_allocator(&counting));
    cd_free(cd_alloc(3 << 20));
    assert_true(cd_memory_stats().bytes_cached >= 3 << 20);
    void *p = cd_alloc(2 << 20); /* possible once the cached 3 MiB are released */
    assert_ok();
    assert_non_null(p);
    memset(p, 1, 2 << 20);
    assert_int_equal(refusals, 1);
    assert_true(balance >= 2 << 20 && balance < 3 << 20);
    assert_int_equal(cd_memory_stats().bytes_cached, 0);
    assert_null(cd_alloc(3 << 20)); /* the cache is empty */
    assert_failed_with(CD_ERR_MEMORY, "3145728 bytes were asked for");
    assert_int_equal(refusals, 3);
    cd_free(p);
    assert_true(cd_set_allocator(NULL));
    assert_int_equal(balance, 0);
}

/* Slabs are never released to their allocator, so its balance stays above 0 after this test. */
static void what_is_cached_goes_before_a_header_fails(void **state)
{
    (void)state;
#if defined(TEST_ADDRESS_SANITIZER)
    skip(); /* nothing is cached */
#endif
    enum { PIECES = 200, BYTES = CD_SLAB_MAX }; /* more than three slabs */
    void *piece[PIECES];
    cd_allocator counting = { allocate_while_there_is_room, counting_release, NULL };
    available = 4 << 20;
    refusals = 0;
    assert_true(cd_set_allocator(&counting));
    cd_free(cd_alloc(3 << 20));
    available = balance; /* slabs can only get what the cache gives back */
    for (int i = 0; i < PIECES; i++) {
        piece[i] = cd_slab_take(BYTES);
        assert_ok();
        assert_non_null(piece[i]);
    }
    assert_int_equal(refusals, 1);
    assert_int_equal(cd_memory_stats().bytes_cached, 0);
    for (int i = 0; i < PIECES; i++) cd_slab_give(piece[i], BYTES);
    assert_true(cd_set_allocator(NULL));
}

/* Small tensors need headers and no blocks, and headers count for the limit too. */
static void headers_count_for_the_limit(void **state)
{
    (void)state;
    cd_memory_info before = cd_memory_stats();
    cd_memory_limit(before.bytes_in_use + before.bytes_headers + (1 << 20));
    int made = 0;
    while (made < 100000 && cd_ones(CD_SCALAR)) made++;
    cd_memory_limit(0);
    assert_failed_with(CD_ERR_MEMORY, "the limit is");
    assert_in_range(made, 1000, 20000);
    assert_true(cd_memory_stats().bytes_headers <= before.bytes_headers + (1 << 20));
}

/* --- between threads -------------------------------------------------------------------------- */

enum { TENSORS = 2000 };
static cd_tensor *handed_over[TENSORS];

static void *make_tensors(void *unused)
{
    CD_SCOPE();
    for (int i = 0; i < TENSORS; i++) handed_over[i] = cd_keep(cd_empty(CD_SHAPE(1000)));
    return unused;
}

static void *keep_blocks(void *unused)
{
    cd_free(cd_alloc(100000));
    cd_free(cd_alloc(10 << 20));
    return unused;
}

static void run_in_a_thread(void *(*body)(void *))
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, body, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* One thread allocates and another frees, as with a data loader. */
static void what_another_thread_frees_comes_back(void **state)
{
    (void)state;
#if defined(TEST_ADDRESS_SANITIZER)
    skip();
#endif
    int64_t first = 0;
    for (int round = 0; round < 20; round++) {
        run_in_a_thread(make_tensors);
        for (int i = 0; i < TENSORS; i++) assert_true(cd_release(handed_over[i]));
        if (round == 4)
            first = cd_memory_stats().system_calls; /* by now this thread's cache is full */
    }
    assert_int_equal(cd_memory_stats().system_calls, first);
}

static void a_thread_uses_what_an_earlier_one_left(void **state)
{
    (void)state;
#if defined(TEST_ADDRESS_SANITIZER)
    skip();
#endif
    run_in_a_thread(keep_blocks);
    cd_memory_info before = cd_memory_stats();
    for (int i = 0; i < 10; i++) run_in_a_thread(keep_blocks);
    assert_int_equal(cd_memory_stats().system_calls, before.system_calls);
    assert_int_equal(cd_memory_stats().bytes_cached, before.bytes_cached);
}

static void the_cache_has_a_bound(void **state)
{
    (void)state;
    cd_memory_cache_limit(1 << 20);
    assert_true(cd_memory_stats().bytes_cached <= 1 << 20);
    for (int i = 0; i < 10; i++) {
        void *small = cd_alloc(200000), *large = cd_alloc(2 << 20);
        cd_free(small);
        cd_free(large);
        assert_true(cd_memory_stats().bytes_cached <= 1 << 20);
    }
    cd_memory_cache_limit(0);
    cd_free(cd_alloc(100));
    assert_int_equal(cd_memory_stats().bytes_cached, 0);
    cd_memory_cache_limit(SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(blocks_are_aligned_and_counted),
        TEST(freed_blocks_are_used_again),
        TEST(any_size_of_a_class_fits_its_blocks),
        TEST(realloc_keeps_contents),
#if defined(TEST_ADDRESS_SANITIZER)
        TEST(the_sanitizer_reports_access_behind_a_block),
#endif
        TEST(the_limit_is_an_error),
        TEST(what_is_cached_goes_before_the_limit_is_an_error),
        TEST(absurd_sizes_are_errors),
        TEST(the_peak_has_the_block_that_made_it),
        TEST(products_that_wrap_around_are_refused),
        TEST(bytes_of_elements_are_checked),
        TEST(the_allocator_can_be_replaced),
        TEST(what_is_cached_goes_before_an_allocation_fails),
        TEST(headers_count_for_the_limit),
        TEST(what_is_cached_goes_before_a_header_fails),
        TEST(what_another_thread_frees_comes_back),
        TEST(a_thread_uses_what_an_earlier_one_left),
        TEST(the_cache_has_a_bound),
#if defined(TEST_ADDRESS_SANITIZER)
        TEST(the_sanitizer_reports_the_use_of_an_object_that_has_gone),
#endif
    };
    return RUN(tests);
}
