/* Loaders: PyTorch's orders (tests/golden/make_loader.py), batches, threads, transforms, the saved
 * state, errors. */
#include "hostile.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include <candela.h>

/* n samples of two numbers, i and i / 2, in classes of unequal size: i % 3 is 0 in every second
 * sample and more. */
static cd_dataset *numbered(int64_t n)
{
    cd_tensor *x = cd_empty(CD_SHAPE(n, 2)), *y = cd_empty(CD_SHAPE(n), .dtype = CD_I64);
    for (int64_t i = 0; i < n; i++) {
        ((float *)cd_data_mut(x))[2 * i] = (float)i;
        ((float *)cd_data_mut(x))[2 * i + 1] = (float)i / 2;
        ((int64_t *)cd_data_mut(y))[i] = i % 4 == 1 ? 1 : i % 4 == 2 ? 2 : 0;
    }
    return cd_dataset_from_tensors(x, y);
}

/* Asserts that the batch has the samples that its array says, as numbered made them. */
static void assert_numbered(const cd_batch *b)
{
    assert_true(cd_shape_equal(cd_shape_of(b->x), CD_SHAPE(b->count, 2)));
    assert_int_equal(cd_numel(b->y), b->count);
    for (int64_t k = 0; k < b->count; k++) {
        const int64_t i = b->indices[k];
        assert_close(((const float *)cd_data(b->x))[2 * k], (double)i, 0, 0);
        assert_close(((const float *)cd_data(b->x))[2 * k + 1], (double)i / 2, 0, 0);
        assert_int_equal(((const int64_t *)cd_data(b->y))[k], i % 4 == 1 ? 1 : i % 4 == 2 ? 2 : 0);
    }
}

/* --- PyTorch's orders ------------------------------------------------------------------------- */

static const double weights_of_11[] = { 1, 2, 3, 4, 0, 1, 1, 1, 9, 1, 0.5 };

typedef struct golden {
    char name[32];
    long long batch, drop_last, draws, has_generator;
    int count;
    long long number[400];
} golden;

static bool read_golden(FILE *file, golden *g)
{
    if (fscanf(file, "%31s %lld %lld %lld %lld %d", g->name, &g->batch, &g->drop_last, &g->draws,
               &g->has_generator, &g->count) != 6) {
        return false;
    }
    assert_true(g->count <= 400);
    for (int i = 0; i < g->count; i++) assert_int_equal(fscanf(file, "%lld", &g->number[i]), 1);
    return true;
}

static cd_loader *loader_of(const golden *g, cd_generator *generator, int workers)
{
    const bool weighted = g->name[0] == 'w' || g->name[0] == 'o';
    return cd_loader_new(numbered(11), .batch_size = g->batch, .drop_last = g->drop_last,
                         .shuffle = g->name[0] == 's', .weights = weighted ? weights_of_11 : NULL,
                         .draws = g->draws, .without_replacement = g->name[0] == 'o',
                         .generator = generator, .workers = workers);
}

static void assert_golden(const golden *g, int workers)
{
    CD_SCOPE();
    cd_manual_seed(7);
    cd_generator *generator = g->has_generator ? cd_generator_new(2026) : NULL;
    cd_loader *l = loader_of(g, generator, workers);
    assert_non_null(l);
    const long long *n = g->number, *end = n + g->count - 2;
    while (n < end) {
        cd_batch b;
        if (*n == -2) { /* the end of an epoch */
            assert_false(cd_loader_next(l, &b));
            assert_ok();
            n++;
        } else if (*n == -3) {
            assert_true(cd_loader_restart(l));
            n++;
        } else {
            assert_true(cd_loader_next(l, &b));
            assert_numbered(&b);
            for (int64_t k = 0; k < b.count; k++) assert_int_equal(b.indices[k], *n++);
            assert_int_equal(*n++, -1);
        }
    }
    assert_int_equal((int64_t)(cd_item(cd_rand(CD_SCALAR)) * 0x1p24), n[0]);
    if (!generator) return;
    assert_int_equal((int64_t)(cd_item(cd_rand(CD_SCALAR, .generator = generator)) * 0x1p24), n[1]);
}

static void orders_are_those_of_pytorch(void **state)
{
    (void)state;
    FILE *file = fopen(test_path("golden/loader.txt"), "r");
    assert_non_null(file);
    golden g;
    int cases = 0;
    for (; read_golden(file, &g); cases++) {
        assert_golden(&g, 0);
        assert_golden(&g, 2);
    }
    assert_int_equal(cases, 20);
    (void)fclose(file);
}

static void batches_of_an_epoch(void **state)
{
    (void)state;
    cd_batch b;
    cd_loader *l = cd_loader_new(numbered(10));
    assert_int_equal(cd_loader_batches(l), 10);
    assert_true(cd_loader_next(l, &b));
    assert_int_equal(b.count, 1);
    l = cd_loader_new(numbered(10), .batch_size = 4);
    assert_int_equal(cd_loader_batches(l), 3);
    for (int epoch = 0; epoch < 2; epoch++) {
        for (int64_t k = 0; k < 3; k++) {
            assert_true(cd_loader_next(l, &b));
            assert_int_equal(b.number, k);
            assert_int_equal(b.count, k < 2 ? 4 : 2);
            assert_int_equal(b.indices[0], 4 * k);
            assert_numbered(&b);
        }
        assert_false(cd_loader_next(l, &b));
    }
    assert_int_equal(
        cd_loader_batches(cd_loader_new(numbered(10), .batch_size = 4, .drop_last = true)), 2);
    assert_int_equal(
        cd_loader_batches(cd_loader_new(numbered(5), .batch_size = 5, .drop_last = true)), 1);
    l = cd_loader_new(numbered(3), .batch_size = 5, .drop_last = true);
    assert_int_equal(cd_loader_batches(l), 0);
    assert_false(cd_loader_next(l, &b));
    assert_ok();
}

/* --- memory ----------------------------------------------------------------------------------- */

static int64_t allocations;

static bool count_allocations(size_t bytes)
{
    (void)bytes;
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
    return false;
}

/* After the first batches of an epoch nothing is allocated, not even from the library's cache. */
static void steady_state_allocates_nothing(void **state)
{
    (void)state;
    for (int workers = 0; workers < 3; workers += 2) {
        CD_SCOPE();
        cd_batch b;
        cd_loader *l =
            cd_loader_new(numbered(400), .batch_size = 4, .shuffle = true, .workers = workers);
        for (int k = 0; k < 10; k++) assert_true(cd_loader_next(l, &b));
        const int64_t objects = cd_memory_stats().objects;
        allocations = 0;
        cd_memory_fault_hook = count_allocations;
        for (int k = 0; k < 80; k++) assert_true(cd_loader_next(l, &b));
        cd_memory_fault_hook = NULL;
        assert_int_equal(allocations, 0);
        assert_int_equal(cd_memory_stats().objects, objects);
    }
}

/* A tensor that the program keeps, a view or a graph of it is not overwritten. */
static void what_is_kept_is_not_used_again(void **state)
{
    (void)state;
    cd_loader *l = cd_loader_new(numbered(40), .batch_size = 2);
    cd_tensor *kept[3] = { NULL };
    cd_batch b;
    cd_tensor *w = cd_ones(CD_SHAPE(2, 1), .requires_grad = true);
    assert_true(cd_loader_next(l, &b));
    assert_true(cd_assign(&kept[0], b.x));
    assert_true(cd_loader_next(l, &b));
    assert_true(cd_assign(&kept[1], cd_select(b.x, 0, 1)));
    assert_true(cd_loader_next(l, &b));
    assert_true(
        cd_assign(&kept[2], cd_sum(cd_matmul(b.x, w)))); /* the graph has x for w's gradient */
    while (cd_loader_next(l, &b)) assert_numbered(&b);
    assert_ok();
    static const float first[] = { 0, 0, 1, 0.5 }, second[] = { 3, 1.5 };
    assert_memory_equal(cd_data(kept[0]), first, sizeof first);
    assert_memory_equal(cd_data(kept[1]), second, sizeof second);
    assert_true(cd_backward(kept[2]));
    assert_close(((const float *)cd_data(cd_grad(w)))[0], 4 + 5, 0, 0);
    for (int i = 0; i < 3; i++) assert_true(cd_assign(&kept[i], NULL));
}

/* A batch whose tensor was changed in its shape, or made to require a gradient, is made anew. */
static void changed_batches_do_not_come_back(void **state)
{
    (void)state;
    cd_loader *l = cd_loader_new(numbered(20), .batch_size = 2);
    for (cd_batch b; cd_loader_next(l, &b);) {
        assert_false(cd_requires_grad(b.x));
        assert_numbered(&b);
        (void)cd_fill_(b.y, 7);
        if (b.number % 2) (void)cd_set_requires_grad(b.x, true);
        if (b.number % 2 == 0) (void)cd_transpose_(b.x, 0, 1);
    }
    assert_ok();
}

/* --- threads ---------------------------------------------------------------------------------- */

typedef struct slow {
    int bad;     /* a sample that cannot be read */
    bool silent; /* without an error of its own */
    atomic_int inside, most, calls;
    pthread_t thread;
    atomic_bool other_thread, label_elsewhere;
} slow;

static bool slow_sample(void *context, int64_t i, float *x)
{
    slow *s = context;
    int now = atomic_fetch_add(&s->inside, 1) + 1;
    if (now > s->most) s->most = now;
    s->calls++;
    if (!pthread_equal(pthread_self(), s->thread)) s->other_thread = true;
    if (i % 7 == 0) usleep(500); /* batches are not ready in their order */
    x[0] = (float)i;
    x[1] = (float)i / 2;
    atomic_fetch_sub(&s->inside, 1);
    if (i != s->bad) return true;
    return s->silent ? false : cd_fail(CD_ERR_IO, "the disk is gone");
}

static int64_t slow_label(void *context, int64_t i)
{
    slow *s = context;
    if (!pthread_equal(pthread_self(), s->thread)) s->label_elsewhere = true;
    return i % 4 == 1 ? 1 : i % 4 == 2 ? 2 : 0;
}

static cd_dataset *slow_set(slow *s, int64_t n, bool one_thread)
{
    s->thread = pthread_self();
    const cd_dataset_functions f = {
        .name = "slow", .sample = slow_sample, .label = slow_label, .one_thread = one_thread
    };
    return cd_dataset_new(&f, s, n, .sample_shape = CD_SHAPE(2), .class_count = 3);
}

static void any_number_of_workers_gives_the_same(void **state)
{
    (void)state;
    for (int workers = 0; workers < 5; workers++) {
        CD_SCOPE();
        slow s = { .bad = -1 };
        cd_loader *l = cd_loader_new(slow_set(&s, 50, false), .batch_size = 3, .workers = workers,
                                     .prefetch = 1 + workers % 2, .shuffle = true,
                                     .generator = cd_generator_new(5));
        cd_generator *same = cd_generator_new(5);
        for (int epoch = 0; epoch < 3; epoch++) {
            (void)cd_randint(0, 2, CD_SHAPE(1), .generator = same); /* half of the epoch's seed */
            (void)cd_randint(0, 2, CD_SHAPE(1), .generator = same);
            const int64_t *expected = cd_data(cd_randperm(50, .generator = same));
            int64_t seen = 0;
            for (cd_batch b; cd_loader_next(l, &b);) {
                assert_numbered(&b);
                assert_memory_equal(b.indices, expected + seen, (size_t)b.count * 8);
                seen += b.count;
            }
            assert_ok();
            assert_int_equal(seen, 50);
            (void)cd_randperm(50, .generator = same);
        }
        assert_int_equal(s.calls, 150);
        assert_false(s.label_elsewhere);
        if (workers) assert_true(s.other_thread);
    }
}

/* At most workers * prefetch batches are read ahead. */
static void reading_ahead_is_bounded(void **state)
{
    (void)state;
    slow s = { .bad = -1 };
    CD_SCOPE();
    cd_loader *l =
        cd_loader_new(slow_set(&s, 100, false), .batch_size = 2, .workers = 2, .prefetch = 3);
    cd_batch b;
    assert_true(cd_loader_next(l, &b));
    for (int i = 0; i < 200 && s.calls < 14; i++) usleep(10000);
    usleep(20000);
    assert_int_equal(s.calls, 14); /* the batch that was given, and six */
    assert_true(cd_loader_next(l, &b));
    assert_numbered(&b);
}

static void one_thread_is_the_callers(void **state)
{
    (void)state;
    slow s = { .bad = -1 };
    CD_SCOPE();
    cd_loader *l = cd_loader_new(slow_set(&s, 50, true), .batch_size = 8, .workers = 3);
    for (cd_batch b; cd_loader_next(l, &b);) assert_numbered(&b);
    assert_int_equal(s.calls, 50);
    assert_int_equal(s.most, 1);
    assert_false(s.other_thread);
}

/* The error of a sample comes in its batch's turn, and the next call goes on behind the batch. */
static void a_sample_that_cannot_be_read(void **state)
{
    (void)state;
    for (int workers = 0; workers < 3; workers++) {
        slow s = { .bad = 5, .silent = workers == 1 };
        CD_SCOPE();
        cd_loader *l = cd_loader_new(slow_set(&s, 10, false), .batch_size = 2, .workers = workers);
        cd_batch b = { .count = 0 };
        assert_true(cd_loader_next(l, &b));
        assert_true(cd_loader_next(l, &b));
        assert_false(cd_loader_next(l, &b));
        assert_int_equal(b.number, 1);
        assert_false(cd_loader_next(l, &b)); /* nothing while the error is pending */
        if (s.silent) {
            assert_failed_with(CD_ERR_STATE, "sample 5 of slow could not be read");
        } else {
            assert_failed_with(CD_ERR_IO, "sample 5 of slow: the disk is gone");
        }
        assert_true(cd_loader_next(l, &b));
        assert_int_equal(b.number, 3);
        assert_numbered(&b);
        assert_true(cd_loader_next(l, &b));
        assert_false(cd_loader_next(l, &b));
        assert_ok();
    }
}

static void a_loader_that_ends_early_joins_its_threads(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        slow s = { .bad = -1 };
        {
            CD_SCOPE();
            cd_loader *l = cd_loader_new(slow_set(&s, 100, false), .batch_size = 2, .workers = 3);
            cd_batch b;
            for (int k = 0; k < i % 4; k++) assert_true(cd_loader_next(l, &b));
        }
        assert_int_equal(s.inside, 0);
        const int calls = s.calls;
        if (i == 3) usleep(20000);
        assert_int_equal(s.calls, calls);
    }
}

static void restart_drops_what_was_read_ahead(void **state)
{
    (void)state;
    slow s = { .bad = -1 };
    CD_SCOPE();
    cd_loader *l = cd_loader_new(slow_set(&s, 30, false), .batch_size = 2, .workers = 3);
    cd_batch b;
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < i; k++) assert_true(cd_loader_next(l, &b));
        assert_true(cd_loader_restart(l));
        assert_true(cd_loader_next(l, &b));
        assert_int_equal(b.number, 0);
        assert_numbered(&b);
        assert_true(cd_loader_restart(l));
    }
}

static void a_forked_child_reads_on(void **state)
{
    (void)state;
#ifdef TEST_THREAD_SANITIZER
    print_message("SKIPPED: a child of a process with threads cannot start threads here\n");
    skip();
#endif
    slow s = { .bad = -1 };
    CD_SCOPE();
    cd_loader *l = cd_loader_new(slow_set(&s, 60, false), .batch_size = 2, .workers = 2);
    cd_batch b;
    int bad = 0;
    for (int i = 0; i < 12; i++) {
        assert_true(cd_loader_next(l, &b));
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            s.thread = pthread_self();
            int64_t seen = b.number + 1;
            while (cd_loader_next(l, &b)) {
                if (b.number != seen++ || ((const float *)cd_data(b.x))[0] != (float)b.indices[0]) {
                    _exit(2);
                }
            }
            _exit(seen == 30 && cd_ok() && cd_release(cd_keep(l)) ? 0 : 1);
        }
        int status = 1;
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) bad++;
    }
    assert_int_equal(bad, 0);
    assert_true(cd_loader_next(l, &b));
    assert_int_equal(b.number, 12);
}

/* --- transforms ------------------------------------------------------------------------------- */

/* Adds a random number to the first element and doubles the second, in three elements. */
static cd_tensor *shaken(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    const float *from = cd_data(x);
    if (!from) return NULL;
    const float to[] = { from[0] + (float)t->value[0] *
                                       (float)cd_item(cd_rand(CD_SCALAR, .generator = g)),
                         2 * from[1], from[0] };
    return cd_from_array(to, CD_SHAPE(3));
}

static cd_tensor *failing(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    (void)g;
    if (((const float *)cd_data(x))[0] != 6) return x;
    if (t->value[0] == 1) return cd_zeros(CD_SHAPE(4));
    if (t->value[0] == 2) return cd_zeros(CD_SHAPE(2), .dtype = CD_F64);
    return t->value[0] == 3 ? NULL : ((void)cd_fail(CD_ERR_ARGUMENT, "six is too many"), NULL);
}

static bool mixed_up(const cd_batch_transform *t, cd_batch *b, cd_generator *g)
{
    if (t->value[0] == (double)b->number + 1) return cd_fail(CD_ERR_ARGUMENT, "no more");
    b->x = cd_mul(b->x, cd_rand(CD_SCALAR, .generator = g));
    b->y = cd_one_hot(b->y, 3);
    return cd_ok();
}

static const cd_transform shake[] = { { "shake", shaken, NULL, { 0.5 } } };
static const cd_batch_transform mix[] = { { "mix", mixed_up, NULL, { 0 } } };

/* Writes up to `count` numbers of the next batches; returns how many. */
static int64_t take_numbers(cd_loader *l, float *out, int64_t count)
{
    int64_t n = 0;
    for (cd_batch b; n < count && cd_loader_next(l, &b);) {
        const int64_t size = cd_numel(b.x);
        memcpy(out + n, cd_data(b.x), (size_t)size * sizeof *out);
        n += size;
    }
    assert_ok();
    return n;
}

static cd_loader *shaking(cd_dataset *d, int workers, bool mixing)
{
    return cd_loader_new(d, .batch_size = 4, .shuffle = true, .workers = workers,
                         .transforms = shake, .transform_count = 1,
                         .batch_transforms = mixing ? mix : NULL, .batch_transform_count = mixing,
                         .generator = cd_generator_new(3));
}

static void random_transforms_do_not_depend_on_threads(void **state)
{
    (void)state;
    static float one[2][90 * 3], other[2][90 * 3];
    for (int mixing = 0; mixing < 2; mixing++) {
        cd_loader *l = shaking(numbered(90), 0, mixing);
        for (int e = 0; e < 2; e++) assert_int_equal(take_numbers(l, one[e], INT64_MAX), 270);
        assert_memory_not_equal(one[0], one[1], sizeof one[0]);
        for (int workers = 0; workers < 4; workers++) {
            CD_SCOPE();
            l = shaking(numbered(90), workers, mixing);
            for (int e = 0; e < 2; e++) assert_int_equal(take_numbers(l, other[e], INT64_MAX), 270);
            assert_memory_equal(one, other, sizeof one);
        }
    }
}

/* Each sample has numbers of its own, spread over the range. */
static void transforms_change_each_sample(void **state)
{
    (void)state;
    static const cd_transform twice[] = { { "shake", shaken, NULL, { 0.5 } },
                                          { "shake", shaken, NULL, { 0 } } };
    cd_loader *l =
        cd_loader_new(numbered(1000), .batch_size = 64, .transforms = twice, .transform_count = 2);
    double sum = 0, last = -1;
    for (cd_batch b; cd_loader_next(l, &b);) {
        assert_true(cd_shape_equal(cd_shape_of(b.x), CD_SHAPE(b.count, 3)));
        for (int64_t k = 0; k < b.count; k++) {
            const float *x = (const float *)cd_data(b.x) + 3 * k;
            const double added = (double)x[0] - (double)b.indices[k];
            assert_true(added >= 0 && added <= 0.5 && added != last);
            assert_close(x[1], 2 * (double)b.indices[k], 0, 0);
            sum += last = added;
        }
    }
    assert_ok();
    assert_close(sum / 1000, 0.25, 0, 0.02); /* a deviation of 0.144 / sqrt(1000) = 0.0046 */
}

static void transforms_that_fail(void **state)
{
    (void)state;
    static const struct {
        cd_code code;
        const char *text;
    } cases[] = {
        { CD_ERR_ARGUMENT,
          "loader_next: transform six of sample 6 of the tensors: six is too many" },
        { CD_ERR_SHAPE, "transform six of sample 6 of the tensors: the result is 4 and that of the "
                        "batch's first sample 2" },
        { CD_ERR_DTYPE, "transform six of sample 6 of the tensors: the result must be float32" },
        { CD_ERR_STATE, "transform six of sample 6 of the tensors: it gave no sample" },
    };
    for (int i = 0; i < 8; i++) {
        CD_SCOPE();
        const cd_transform six = { "six", failing, NULL, { i % 4 } };
        cd_batch b;
        cd_loader *l = cd_loader_new(numbered(12), .batch_size = 4, .transforms = &six,
                                     .transform_count = 1, .workers = i / 4);
        assert_true(cd_loader_next(l, &b));
        assert_false(cd_loader_next(l, &b));
        assert_failed_with(cases[i % 4].code, cases[i % 4].text);
        assert_true(cd_loader_next(l, &b));
        assert_numbered(&b);
    }
    const cd_batch_transform second = { "mix", mixed_up, NULL, { 2 } };
    cd_batch b;
    cd_loader *l = cd_loader_new(numbered(12), .batch_size = 4, .batch_transforms = &second,
                                 .batch_transform_count = 1);
    assert_true(cd_loader_next(l, &b));
    assert_true(cd_shape_equal(cd_shape_of(b.y), CD_SHAPE(4, 3)));
    assert_false(cd_loader_next(l, &b));
    assert_failed_with(CD_ERR_ARGUMENT, "loader_next: mix of batch 1: no more");
}

typedef struct passing {
    cd_dataset *d; /* 9 samples */
    int workers;
    bool transforming;
} passing;

static bool pass(void *user)
{
    CD_SCOPE();
    const passing *p = user;
    cd_batch b;
    double weights[9];
    if (!cd_balanced_weights(p->d, weights)) return false;
    cd_loader *l = cd_loader_new(
        p->d, .batch_size = 2, .workers = p->workers, .weights = weights,
        .transforms = p->transforming ? shake : NULL, .transform_count = p->transforming,
        .batch_transforms = p->transforming ? mix : NULL, .batch_transform_count = p->transforming);
    bool failed = !l;
    for (int epoch = 0; epoch < 2 && !failed; epoch++) {
        while (cd_loader_next(l, &b)) assert_true(b.count > 0);
        failed = !cd_ok();
    }
    return !failed;
}

static void failing_allocations(void **state)
{
    (void)state;
    passing p = { .d = numbered(9) };
    const int before = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    assert_true(sweep_memory(pass, &p) > 15);
    p.transforming = true;
    assert_true(sweep_memory(pass, &p) > 60);
    assert_true(cd_set_num_threads(before));
}

/* --- collation -------------------------------------------------------------------------------- */

/* The samples one behind the other, twice. */
static bool doubled(void *context, cd_dataset *set, const int64_t *indices, int64_t count,
                    cd_batch *b)
{
    const int *fails = context;
    cd_tensor *x;
    if (*fails) return *fails == 2;
    if (!cd_dataset_batch(set, indices, count, .x = &x)) return false;
    b->x = cd_cat(CD_TENSORS(x, x), 0);
    b->count = 2 * count;
    return b->x;
}

static void a_collate_function_of_ones_own(void **state)
{
    (void)state;
    for (int workers = 0; workers < 3; workers++) {
        CD_SCOPE();
        int fails = 0;
        cd_loader *l = cd_loader_new(numbered(10), .batch_size = 4, .collate = doubled,
                                     .collate_context = &fails, .workers = workers);
        int64_t batches = 0;
        for (cd_batch b; cd_loader_next(l, &b); batches++) {
            assert_null(b.y);
            assert_int_equal(b.count, b.number < 2 ? 8 : 4);
            assert_true(cd_shape_equal(cd_shape_of(b.x), CD_SHAPE(b.count, 2)));
            const float *x = cd_data(b.x);
            assert_close(x[b.count], (double)b.indices[0], 0, 0);
        }
        assert_ok();
        assert_int_equal(batches, 3);
        cd_batch b;
        fails = 1;
        assert_false(cd_loader_next(l, &b));
        assert_failed_with(CD_ERR_STATE,
                           "loader_next: the collate function of batch 0: it returned "
                           "false and set no error");
        assert_true(cd_loader_restart(l));
        fails = 2;
        assert_false(cd_loader_next(l, &b));
        assert_failed_with(CD_ERR_ARGUMENT, "the batch's x");
    }
}

/* The samples whose numbers are not divisible by *without, which may be none of them. */
static bool some(void *context, cd_dataset *set, const int64_t *indices, int64_t count, cd_batch *b)
{
    const int64_t *without = context;
    int64_t left[4], n = 0;
    for (int64_t i = 0; i < count; i++) {
        if (indices[i] % *without != 0) left[n++] = indices[i];
    }
    b->count = n;
    return n == 0 || cd_dataset_batch(set, left, n, .x = &b->x);
}

static bool drops_batch_1(const cd_batch_transform *t, cd_batch *b, cd_generator *g)
{
    (void)g;
    if (b->number == 1) b->count = (int64_t)t->value[0];
    return true;
}

static bool is_never_empty(const cd_batch_transform *t, cd_batch *b, cd_generator *g)
{
    (void)t, (void)g;
    return b->count > 0;
}

static void batches_without_samples_are_left_out(void **state)
{
    (void)state;
    for (int workers = 0; workers < 3; workers++) {
        CD_SCOPE();
        int64_t without = 5, batches = 0;
        cd_loader *l = cd_loader_new(numbered(12), .batch_size = 1, .collate = some,
                                     .collate_context = &without, .workers = workers);
        assert_int_equal(cd_loader_batches(l), 12);
        for (int epoch = 0; epoch < 2; epoch++) {
            for (cd_batch b; cd_loader_next(l, &b); batches++) {
                assert_true(b.number % 5 != 0);
                assert_int_equal(b.indices[0], b.number);
                assert_int_equal(cd_size(b.x, 0), 1);
            }
            assert_ok();
        }
        assert_int_equal(batches, 2 * 9);
        without = 1; /* an epoch of no batches */
        cd_batch b;
        assert_false(cd_loader_next(l, &b));
        assert_ok();

        /* A transform of batches leaves one out: those behind it are not called. */
        cd_batch_transform list[] = { { .name = "drops", .apply = drops_batch_1 },
                                      { .name = "never", .apply = is_never_empty } };
        l = cd_loader_new(numbered(12), .batch_size = 4, .workers = workers,
                          .batch_transforms = list, .batch_transform_count = 2);
        assert_true(cd_loader_next(l, &b) && b.number == 0 && b.count == 4);
        assert_true(cd_loader_next(l, &b) && b.number == 2 && b.count == 4);
        assert_true(!cd_loader_next(l, &b) && cd_ok());
        list[0].value[0] = -3;
        l = cd_loader_new(numbered(12), .batch_size = 4, .workers = workers,
                          .batch_transforms = list, .batch_transform_count = 2);
        assert_true(cd_loader_next(l, &b));
        assert_false(cd_loader_next(l, &b));
        assert_failed_with(CD_ERR_ARGUMENT, "drops of batch 1: the batch's count is -3");
    }
}

/* --- the state -------------------------------------------------------------------------------- */

/* A state as a program saves it: the bytes of up to four tensors. */
typedef struct saved {
    int count, at;
    struct {
        char name[16];
        size_t bytes;
        unsigned char data[CD_RNG_STATE_BYTES];
    } entry[4];
} saved;

static bool save(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    saved *s = user;
    assert_int_equal(kind, CD_STATE);
    assert_true(s->count < 4);
    (void)snprintf(s->entry[s->count].name, 16, "%s", name);
    s->entry[s->count].bytes = (size_t)cd_numel(t) * cd_dtype_size(cd_dtype_of(t));
    return cd_read(t, s->entry[s->count].data, s->entry[s->count].bytes) && ++s->count;
}

static bool load(const char *name, cd_tensor *t, cd_entry_kind kind, void *user)
{
    saved *s = user;
    (void)kind;
    assert_string_equal(s->entry[s->at].name, name);
    return cd_write(t, s->entry[s->at].data, s->entry[s->at].bytes) && ++s->at;
}

static bool load_into(cd_loader *l, saved *s)
{
    s->at = 0;
    return cd_visit_loader_state(l, load, s);
}

enum { STATE_SAMPLES = 37, STATE_NUMBERS = STATE_SAMPLES * 3 };

static cd_loader *resumable(int kind, int workers)
{
    static double weights[STATE_SAMPLES];
    cd_dataset *d = numbered(STATE_SAMPLES);
    assert_true(cd_balanced_weights(d, weights));
    return cd_loader_new(d, .batch_size = 4, .shuffle = kind == 1 || kind == 2,
                         .weights = kind >= 3 ? weights : NULL, .without_replacement = kind == 4,
                         .generator = kind == 2 || kind == 4 ? cd_generator_new(11) : NULL,
                         .transforms = shake, .transform_count = 1, .batch_transforms = mix,
                         .batch_transform_count = 1, .workers = workers);
}

/* Stops after `batches`, and resumes in another loader: the rest of the epoch and the next two are
 * the same. The default generator is restored before the loader or behind it. */
static void assert_resumes(int kind, int64_t batches, int workers, bool generator_first)
{
    CD_SCOPE();
    static float expected[STATE_NUMBERS * 3], given[STATE_NUMBERS * 3];
    static unsigned char bytes[CD_RNG_STATE_BYTES];
    saved s = { .count = 0 };
    cd_batch b;
    cd_manual_seed(1);
    cd_loader *l = resumable(kind, 1);
    for (int64_t k = 0; k < batches; k++) (void)cd_loader_next(l, &b);
    assert_true(cd_visit_loader_state(l, save, &s));
    assert_int_equal(s.count, 2 + (kind > 0) + (kind == 2 || kind == 4));
    assert_true(cd_get_rng_state(bytes, sizeof bytes));
    int64_t first = take_numbers(l, expected, INT64_MAX);
    (void)take_numbers(l, expected + first, INT64_MAX);
    const double after = cd_item(cd_rand(CD_SCALAR));
    cd_manual_seed(99);
    cd_loader *other = resumable(kind, workers);
    for (int k = 0; k < 3 + workers; k++) assert_true(cd_loader_next(other, &b));
    if (generator_first) assert_true(cd_set_rng_state(bytes, sizeof bytes));
    assert_true(load_into(other, &s));
    if (!generator_first) assert_true(cd_set_rng_state(bytes, sizeof bytes));
    assert_int_equal(take_numbers(other, given, INT64_MAX), first);
    (void)take_numbers(other, given + first, INT64_MAX);
    assert_memory_equal(given, expected, (size_t)(first + STATE_NUMBERS) * sizeof *given);
    assert_close(cd_item(cd_rand(CD_SCALAR)), after, 0, 0);
}

static void resumed_in_an_epoch(void **state)
{
    (void)state;
    static const int64_t batches[] = { 0, 1, 7, 10, 11, 14 }; /* an epoch has 10; 11 ends it */
    for (int kind = 0; kind < 5; kind++) {
        for (int i = 0; i < 6; i++) assert_resumes(kind, batches[i], i % 3, i % 2);
    }
}

/* Saving does not disturb the epoch. */
static void a_visit_changes_nothing(void **state)
{
    (void)state;
    saved s;
    cd_batch b;
    cd_loader *l = cd_loader_new(numbered(30), .batch_size = 4, .workers = 2);
    for (int k = 0; k < 8; k++) {
        assert_true(cd_loader_next(l, &b));
        assert_int_equal(b.number, k);
        s.count = 0;
        assert_true(cd_visit_loader_state(l, save, &s));
        assert_numbered(&b);
    }
    assert_false(cd_loader_next(l, &b));
}

static void states_that_do_not_fit(void **state)
{
    (void)state;
    saved s = { .count = 0 }, bad;
    cd_batch b;
    cd_loader *l = cd_loader_new(numbered(20), .batch_size = 4, .shuffle = true, .workers = 1,
                                 .generator = cd_generator_new(1));
    for (int k = 0; k < 2; k++) assert_true(cd_loader_next(l, &b));
    assert_true(cd_visit_loader_state(l, save, &s));
    cd_loader *larger = cd_loader_new(numbered(21), .batch_size = 4, .shuffle = true,
                                      .generator = cd_generator_new(1));
    assert_false(load_into(larger, &s));
    assert_failed_with(CD_ERR_FORMAT,
                       "visit_loader_state: the state is of a loader with 20 samples "
                       "in the data set, and this one has 21");
    cd_loader *batches = cd_loader_new(numbered(20), .batch_size = 5, .shuffle = true,
                                       .generator = cd_generator_new(1));
    assert_false(load_into(batches, &s));
    assert_failed_with(CD_ERR_FORMAT, "with 4 samples in a batch, and this one has 5");
    const int64_t epochs[][3] = {
        { 1, 6, 0 }, { 0, 1, 0 }, { 2, 0, 0 }, { 1, -1, 0 }, { 1, 0, -1 }
    };
    for (size_t i = 0; i < sizeof epochs / sizeof *epochs; i++) {
        bad = s;
        memcpy(bad.entry[1].data, epochs[i], sizeof epochs[i]);
        assert_false(load_into(l, &bad));
        assert_failed_with(CD_ERR_FORMAT, "batches done of an epoch of 5");
    }
    for (int i = 2; i < 4; i++) {
        bad = s;
        memset(bad.entry[i].data, 255, CD_RNG_STATE_BYTES);
        assert_false(load_into(l, &bad));
        assert_failed_with(CD_ERR_FORMAT, "random state");
    }
    assert_true(cd_loader_next(l, &b)); /* as it was */
    assert_int_equal(b.number, 2);
    assert_false(cd_visit_loader_state(l, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the visitor is NULL");
}

/* --- weights ---------------------------------------------------------------------------------- */

static void balanced_weights_draw_all_classes_alike(void **state)
{
    (void)state;
    double weights[1000];
    int64_t count[3] = { 0 };
    cd_dataset *d = numbered(1000);
    assert_true(cd_balanced_weights(d, weights));
    assert_close(weights[0], 1.0 / 500, 0, 0);
    assert_close(weights[1], 1.0 / 250, 0, 0);
    cd_manual_seed(4);
    cd_loader *l = cd_loader_new(d, .batch_size = 100, .weights = weights, .draws = 30000);
    memset(weights, 0, sizeof weights); /* copied */
    for (cd_batch b; cd_loader_next(l, &b);) {
        for (int64_t k = 0; k < b.count; k++) count[((const int64_t *)cd_data(b.y))[k]]++;
    }
    assert_ok();
    for (int c = 0; c < 3; c++) assert_close((double)count[c], 10000, 0, 400); /* 5 deviations */
    cd_tensor *x = cd_zeros(CD_SHAPE(3, 1));
    assert_false(cd_balanced_weights(cd_dataset_from_tensors(x, cd_zeros(CD_SHAPE(3))), weights));
    assert_failed_with(CD_ERR_ARGUMENT,
                       "balanced_weights: the samples of the tensors have targets");
    assert_false(cd_balanced_weights(d, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the weights are NULL");
}

/* Targets of a regression, and subsets, come as cd_dataset_batch gives them. */
static void targets_and_subsets(void **state)
{
    (void)state;
    cd_tensor *x = cd_reshape(cd_arange(40.0), CD_SHAPE(20, 2));
    cd_tensor *y = cd_reshape(cd_arange(60.0, .dtype = CD_F64), CD_SHAPE(20, 3));
    const int64_t part[] = { 19, 3, 8, 0, 4 };
    for (int workers = 0; workers < 2; workers++) {
        cd_loader *l = cd_loader_new(cd_dataset_subset(cd_dataset_from_tensors(x, y), part, 5),
                                     .batch_size = 2, .workers = workers);
        for (cd_batch b; cd_loader_next(l, &b);) {
            assert_true(cd_shape_equal(cd_shape_of(b.y), CD_SHAPE(b.count, 3)));
            for (int64_t k = 0; k < b.count; k++) {
                const int64_t i = part[b.indices[k]];
                assert_close(((const float *)cd_data(b.x))[2 * k], (double)(2 * i), 0, 0);
                assert_close(((const double *)cd_data(b.y))[3 * k + 2], (double)(3 * i + 2), 0, 0);
            }
        }
        assert_ok();
    }
}

/* --- arguments -------------------------------------------------------------------------------- */

#define REFUSED(text_, ...)                                                                        \
    do {                                                                                           \
        assert_null(cd_loader_new(__VA_ARGS__));                                                   \
        assert_failed_with(CD_ERR_ARGUMENT, text_);                                                \
    } while (0)

static void options_that_do_not_fit(void **state)
{
    (void)state;
    cd_dataset *d = numbered(3);
    const double good[] = { 1, 1, 1 }, negative[] = { 1, -1, 1 }, nan[] = { NAN, 1, 1 },
                 zero[] = { 0, 0, 0 }, infinite[] = { 1, 1, INFINITY };
    const cd_transform none = { .name = "none" }, nameless = { .apply = failing };
    const cd_batch_transform no_batch = { .name = "none" };
    REFUSED("loader_new", NULL);
    REFUSED("loader_new: the tensors has no samples", cd_dataset_subset(numbered(2), NULL, 0));
    REFUSED(".batch_size is -1", d, .batch_size = -1);
    REFUSED(".workers is -1", d, .workers = -1);
    REFUSED(".workers is 257", d, .workers = 257);
    REFUSED(".prefetch is -2", d, .prefetch = -2);
    REFUSED(".draws is -1", d, .weights = good, .draws = -1);
    REFUSED(".draws is for .weights", d, .draws = 2);
    REFUSED(".without_replacement is for .weights", d, .without_replacement = true);
    REFUSED("both .shuffle and .weights", d, .weights = good, .shuffle = true);
    REFUSED("weight 1 is -1", d, .weights = negative);
    REFUSED("weight 0 is nan", d, .weights = nan);
    REFUSED("weight 2 is inf", d, .weights = infinite);
    REFUSED("all weights are 0", d, .weights = zero);
    REFUSED("4 draws without replacement, and the data set has 3", d, .weights = good, .draws = 4,
            .without_replacement = true);
    REFUSED("transform 0 has no function", d, .transforms = &none, .transform_count = 1);
    REFUSED("transform 0 has no name", d, .transforms = &nameless, .transform_count = 1);
    REFUSED("batch transform 0 has no function", d, .batch_transforms = &no_batch,
            .batch_transform_count = 1);
    REFUSED("needs its count", d, .transforms = &none);
    REFUSED("needs its count", d, .transform_count = 1);
    REFUSED("both .collate and .transforms", d, .collate = doubled, .transforms = shake,
            .transform_count = 1);
    REFUSED("the generator", d, .generator = (cd_generator *)(void *)d);
    cd_batch b;
    assert_false(cd_loader_next(NULL, &b));
    assert_failed_with(CD_ERR_ARGUMENT, "loader_next: the loader is NULL");
    assert_false(cd_loader_next(cd_loader_new(d), NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "loader_next: the batch is NULL");
    assert_int_equal(cd_loader_batches(NULL), 0);
    assert_failed_with(CD_ERR_ARGUMENT, "loader_batches");
    assert_false(cd_loader_restart(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "loader_restart");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(orders_are_those_of_pytorch),
        TEST(batches_of_an_epoch),
        TEST(steady_state_allocates_nothing),
        TEST(what_is_kept_is_not_used_again),
        TEST(changed_batches_do_not_come_back),
        TEST(failing_allocations),
        TEST(any_number_of_workers_gives_the_same),
        TEST(reading_ahead_is_bounded),
        TEST(one_thread_is_the_callers),
        TEST(a_sample_that_cannot_be_read),
        TEST(a_loader_that_ends_early_joins_its_threads),
        TEST(restart_drops_what_was_read_ahead),
        TEST(a_forked_child_reads_on),
        TEST(random_transforms_do_not_depend_on_threads),
        TEST(transforms_change_each_sample),
        TEST(transforms_that_fail),
        TEST(a_collate_function_of_ones_own),
        TEST(batches_without_samples_are_left_out),
        TEST(resumed_in_an_epoch),
        TEST(a_visit_changes_nothing),
        TEST(states_that_do_not_fit),
        TEST(balanced_weights_draw_all_classes_alike),
        TEST(targets_and_subsets),
        TEST(options_that_do_not_fit),
    };
    return RUN(tests);
}
