/* Data sets that a program makes: of tensors, of its own functions, subsets and random splits. The
 * numbers of the splits are PyTorch's (torch.utils.data.random_split of 2.x). */
#include "hostile.h"

#include <pthread.h>
#include <stdatomic.h>

#include <candela.h>

static const int64_t all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

/* --- tensors ---------------------------------------------------------------------------------- */

static void tensors_give_samples_and_classes(void **state)
{
    (void)state;
    cd_tensor *x = cd_reshape(cd_arange(24, .dtype = CD_F32), CD_SHAPE(4, 2, 3));
    const int64_t labels[] = { 2, 0, 1, 2 };
    cd_dataset *d = cd_dataset_from_tensors(x, cd_from_array(labels, CD_SHAPE(4)));
    assert_int_equal(cd_dataset_count(d), 4);
    assert_int_equal(cd_dataset_class_count(d), 3);
    assert_string_equal(cd_dataset_class_name(d, 2), "2");
    assert_true(cd_shape_equal(cd_dataset_sample_shape(d), CD_SHAPE(2, 3)));
    assert_int_equal(cd_dataset_preprocess(d).channels, 0);
    assert_string_equal(cd_dataset_split_name(d), "all");
    assert_null(cd_dataset_path(d, 0));
    const int64_t indices[] = { 3, 1, 3 };
    cd_tensor *bx = NULL, *by = NULL;
    assert_true(cd_dataset_batch(d, indices, 3, .x = &bx, .y = &by));
    assert_true(cd_shape_equal(cd_shape_of(bx), CD_SHAPE(3, 2, 3)));
    for (int k = 0; k < 3; k++) {
        assert_int_equal(((const int64_t *)cd_data(by))[k], labels[indices[k]]);
        for (int e = 0; e < 6; e++) {
            assert_close(((const float *)cd_data(bx))[k * 6 + e], (double)(indices[k] * 6 + e), 0,
                         0);
        }
    }
}

/* Integers, views and tensors that require a gradient become float32 rows. */
static void samples_of_any_dtype_become_float32(void **state)
{
    (void)state;
    static const cd_dtype dtypes[] = { CD_F32, CD_F64, CD_I64, CD_I32, CD_U8 };
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        CD_SCOPE();
        cd_tensor *x = cd_reshape(cd_arange(6, .dtype = dtypes[i]), CD_SHAPE(3, 2));
        cd_tensor *y = cd_zeros(CD_SHAPE(2), .dtype = CD_U8), *bx = NULL;
        if (i == 0) x = cd_set_requires_grad(x, true);
        cd_dataset *d = cd_dataset_from_tensors(cd_transpose(x, 0, 1), y);
        assert_true(cd_dataset_batch(d, all, 2, .x = &bx));
        assert_int_equal(cd_dtype_of(bx), CD_F32);
        assert_false(cd_requires_grad(bx));
        static const float expected[] = { 0, 2, 4, 1, 3, 5 };
        assert_memory_equal(cd_data(bx), expected, sizeof expected);
    }
}

static void named_classes(void **state)
{
    (void)state;
    static const char *const names[] = { "ant", "bee", "cat" };
    const int32_t labels[] = { 1, 0 };
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 5)), *y = cd_from_array(labels, CD_SHAPE(2));
    cd_dataset *d = cd_dataset_from_tensors(x, y, .classes = names, .class_count = 3);
    assert_int_equal(cd_dataset_class_count(d), 3);
    assert_string_equal(cd_dataset_class_name(d, 2), "cat");
    assert_int_equal(cd_dataset_label(d, 0), 1);
    assert_null(cd_dataset_from_tensors(x, y, .class_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_from_tensors: y[0] is 1, and there are fewer "
                                        "classes (.class_count)");
    assert_null(cd_dataset_from_tensors(x, y, .classes = names));
    assert_failed_with(CD_ERR_ARGUMENT, ".class_count is 0");
    const int64_t below[] = { 0, -1 }, high[] = { 0, 1000000 };
    assert_null(cd_dataset_from_tensors(x, cd_from_array(below, CD_SHAPE(2))));
    assert_failed_with(CD_ERR_ARGUMENT, "y[1] is -1");
    assert_null(cd_dataset_from_tensors(x, cd_from_array(high, CD_SHAPE(2))));
    assert_failed_with(CD_ERR_ARGUMENT, "y[1] is 1000000, and at most 1000000 classes");
}

/* Targets keep their dtype and shape. */
static void targets_of_a_regression(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 2));
    struct {
        cd_tensor *y;
        cd_shape each;
        cd_dtype dtype;
    } cases[] = {
        { cd_arange(4, .dtype = CD_F32), CD_SCALAR, CD_F32 },
        { cd_reshape(cd_arange(12, .dtype = CD_F32), CD_SHAPE(4, 3)), CD_SHAPE(3), CD_F32 },
        { cd_reshape(cd_arange(8, .dtype = CD_F64), CD_SHAPE(4, 2, 1)), CD_SHAPE(2, 1), CD_F64 },
        { cd_reshape(cd_arange(8, .dtype = CD_I64), CD_SHAPE(4, 2)), CD_SHAPE(2), CD_I64 },
        { cd_ones(CD_SHAPE(4, 3), .dtype = CD_BOOL), CD_SHAPE(3), CD_BOOL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_dataset *d = cd_dataset_from_tensors(x, cases[i].y);
        assert_non_null(d);
        assert_int_equal(cd_dataset_class_count(d), 0);
        assert_int_equal(cd_dataset_target_dtype(d), cases[i].dtype);
        assert_true(cd_shape_equal(cd_dataset_target_shape(d), cases[i].each));
        cd_tensor *y = NULL;
        assert_true(cd_dataset_batch(d, all, 4, .y = &y));
        assert_int_equal(cd_dtype_of(y), cases[i].dtype);
        assert_true(cd_shape_equal(cd_shape_of(y), cd_shape_of(cases[i].y)));
        assert_memory_equal(cd_data(y), cd_data(cases[i].y),
                            (size_t)cd_numel(y) * cd_dtype_size(cases[i].dtype));
        assert_int_equal(cd_dataset_label(d, 0), 0);
        assert_failed_with(CD_ERR_STATE, "have targets and no classes");
    }
    static const char *const names[] = { "a" };
    assert_null(cd_dataset_from_tensors(x, cases[0].y, .classes = names, .class_count = 1));
    assert_failed_with(CD_ERR_ARGUMENT, "classes are given, and y is of float32");
    assert_null(cd_dataset_from_tensors(x, cd_zeros(CD_SHAPE(4), .dtype = CD_I64), .class_count = 2,
                                        .classes = (const char *const[]){ NULL, "b" }));
    assert_failed_with(CD_ERR_ARGUMENT, "the name of class 0 is NULL");
}

static void tensors_that_do_not_fit(void **state)
{
    (void)state;
    cd_tensor *x = cd_zeros(CD_SHAPE(4, 2)), *y = cd_zeros(CD_SHAPE(3), .dtype = CD_I64);
    assert_null(cd_dataset_from_tensors(x, y));
    assert_failed_with(CD_ERR_SHAPE, "x (4x2) has 4 samples and y (3) 3");
    assert_null(cd_dataset_from_tensors(x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_from_tensors");
    assert_null(cd_dataset_from_tensors(cd_zeros(CD_SCALAR), y));
    assert_failed_with(CD_ERR_SHAPE, "x has no dimension");
    assert_null(cd_dataset_from_tensors(cd_zeros(CD_SHAPE(3), .device = CD_META), y));
    assert_failed_with(CD_ERR_STATE, "meta device");
    cd_dataset *empty =
        cd_dataset_from_tensors(cd_zeros(CD_SHAPE(0, 2)), cd_zeros(CD_SHAPE(0), .dtype = CD_I64));
    assert_int_equal(cd_dataset_count(empty), 0);
}

/* The data set owns its tensors, and a tensor that needs no conversion is not copied. */
static void tensors_live_as_long_as_the_set(void **state)
{
    (void)state;
    cd_dataset *d = NULL;
    cd_tensor *x = cd_zeros(CD_SHAPE(2, 2)), *out = NULL;
    {
        CD_SCOPE();
        assert_true(cd_assign(&d, cd_dataset_from_tensors(x, cd_arange(2, .dtype = CD_I64))));
    }
    ((float *)cd_data_mut(x))[3] = 5;
    assert_true(cd_dataset_batch(d, all, 2, .x = &out));
    assert_close(((const float *)cd_data(out))[3], 5, 0, 0);
    assert_int_equal(cd_dataset_label(d, 1), 1);
    assert_true(cd_assign(&d, NULL));
}

/* --- functions -------------------------------------------------------------------------------- */

/* A data set whose sample i is i, i * i. */
typedef struct squares {
    atomic_int samples, targets; /* calls */
    int destroyed;
    pthread_t thread;
    bool other_thread;
    int64_t bad; /* the sample that fails; -1: none */
    int64_t label;
} squares;

static bool squares_sample(void *context, int64_t i, float *x)
{
    squares *s = context;
    atomic_fetch_add(&s->samples, 1);
    if (!pthread_equal(pthread_self(), s->thread)) s->other_thread = true;
    if (i == s->bad) return false;
    x[0] = (float)i;
    x[1] = (float)(i * i);
    return true;
}

static int64_t squares_label(void *context, int64_t i)
{
    squares *s = context;
    return s->label >= 0 ? i % 2 : s->label;
}

static bool squares_target(void *context, int64_t i, void *y)
{
    squares *s = context;
    atomic_fetch_add(&s->targets, 1);
    ((double *)y)[0] = (double)i / 2;
    return i != 7 || cd_fail(CD_ERR_FORMAT, "seven is no target");
}

static void squares_destroy(void *context)
{
    ((squares *)context)->destroyed++;
}

static const cd_dataset_functions with_labels = {
    .name = "squares", .sample = squares_sample, .label = squares_label, .destroy = squares_destroy
};

static void functions_make_a_data_set(void **state)
{
    (void)state;
    static const char *const names[] = { "even", "odd" };
    squares s = { .thread = pthread_self(), .bad = -1 };
    {
        CD_SCOPE();
        cd_dataset *d = cd_dataset_new(&with_labels, &s, 10, .sample_shape = CD_SHAPE(2),
                                       .classes = names, .class_count = 2);
        cd_tensor *x = NULL, *y = NULL;
        assert_int_equal(cd_dataset_count(d), 10);
        assert_string_equal(cd_dataset_class_name(d, 1), "odd");
        assert_true(cd_dataset_batch(d, all, 10, .x = &x, .y = &y));
        for (int i = 0; i < 10; i++) {
            assert_close(((const float *)cd_data(x))[2 * i + 1], i * i, 0, 0);
            assert_int_equal(((const int64_t *)cd_data(y))[i], i % 2);
        }
        assert_int_equal(s.samples, 10);
        assert_int_equal(s.destroyed, 0);
    }
    assert_int_equal(s.destroyed, 1);
}

static void functions_that_fail(void **state)
{
    (void)state;
    squares s = { .thread = pthread_self(), .bad = 4 };
    CD_SCOPE(); /* the data set must not outlive its context */
    cd_dataset *d =
        cd_dataset_new(&with_labels, &s, 10, .sample_shape = CD_SHAPE(2), .class_count = 2);
    cd_tensor *x = NULL, *y = NULL;
    assert_false(cd_dataset_batch(d, all, 10, .x = &x, .y = &y));
    assert_failed_with(CD_ERR_STATE, "sample 4 of squares could not be read: its function returned "
                                     "false and set no error");
    assert_null(x);
    bool bad[10];
    assert_true(cd_dataset_batch(d, all, 10, .x = &x, .y = &y, .bad = bad));
    for (int i = 0; i < 10; i++) assert_int_equal(bad[i], i == 4);
    assert_close(((const float *)cd_data(x))[9], 0, 0, 0);
    s.label = -1;
    assert_int_equal(cd_dataset_label(d, 3), 0);
    assert_failed_with(CD_ERR_STATE, "sample 3 of squares has the class -1, and there are 2");
    assert_false(cd_dataset_batch(d, all, 10, .y = &y));
    assert_failed_with(CD_ERR_STATE, "has the class -1");
}

static void targets_of_functions(void **state)
{
    (void)state;
    const cd_dataset_functions f = { .name = "halves",
                                     .sample = squares_sample,
                                     .target = squares_target };
    squares s = { .thread = pthread_self(), .bad = -1 };
    CD_SCOPE();
    cd_dataset *d = cd_dataset_new(&f, &s, 10, .sample_shape = CD_SHAPE(2), .target_dtype = CD_F64,
                                   .target_shape = CD_SHAPE(1));
    cd_tensor *x = NULL, *y = NULL;
    assert_true(cd_dataset_batch(d, all, 7, .x = &x, .y = &y));
    assert_true(cd_shape_equal(cd_shape_of(y), CD_SHAPE(7, 1)));
    for (int i = 0; i < 7; i++) assert_close(((const double *)cd_data(y))[i], i / 2.0, 0, 0);
    assert_int_equal(s.targets, 7);
    assert_true(cd_dataset_batch(d, all, 7, .x = &x));
    assert_int_equal(s.targets, 7);
    assert_false(cd_dataset_batch(d, all, 8, .y = &y));
    assert_failed_with(CD_ERR_FORMAT, "seven is no target");
    assert_int_equal(s.samples, 14);
}

static void one_thread_is_the_callers(void **state)
{
    (void)state;
    cd_dataset_functions f = with_labels;
    f.one_thread = true;
    f.destroy = NULL;
    squares s = { .thread = pthread_self(), .bad = -1 };
    int64_t many[1000] = { 0 };
    CD_SCOPE();
    cd_dataset *d = cd_dataset_new(&f, &s, 10, .sample_shape = CD_SHAPE(2), .class_count = 2);
    cd_tensor *x = NULL;
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(4));
    assert_true(cd_dataset_batch(d, many, 1000, .x = &x));
    assert_true(cd_dataset_batch(cd_dataset_subset(d, all, 10), many, 1000, .x = &x));
    assert_true(cd_set_num_threads(before));
    assert_false(s.other_thread);
}

static void functions_that_are_not_complete(void **state)
{
    (void)state;
    squares s = { .bad = -1 };
    cd_dataset_functions f = with_labels;
    assert_null(cd_dataset_new(NULL, &s, 1, .class_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "the functions are NULL");
    f.name = "";
    assert_null(cd_dataset_new(&f, &s, 1, .class_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "the functions have no name");
    f = with_labels;
    f.sample = NULL;
    assert_null(cd_dataset_new(&f, &s, 1, .class_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "squares has no function `sample`");
    f = with_labels;
    f.target = squares_target;
    assert_null(cd_dataset_new(&f, &s, 1, .class_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "both `label` and `target`");
    f.label = NULL;
    assert_null(cd_dataset_new(&f, &s, 1, .class_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "classes are given, and squares has targets");
    f.target = NULL;
    assert_null(cd_dataset_new(&f, &s, 1));
    assert_failed_with(CD_ERR_ARGUMENT, "neither `label` nor `target`");
    assert_null(cd_dataset_new(&with_labels, &s, -1, .class_count = 2));
    assert_failed_with(CD_ERR_ARGUMENT, "there are -1 samples");
    assert_null(cd_dataset_new(&with_labels, &s, 1));
    assert_failed_with(CD_ERR_ARGUMENT, ".class_count is 0");
    assert_null(cd_dataset_new(&with_labels, &s, 1, .class_count = 2,
                               .sample_shape = CD_SHAPE(1, 1, 1, 1, 1, 1, 1, 1)));
    assert_failed_with(CD_ERR_SHAPE, ".sample_shape is 1x1x1x1x1x1x1x1");
    assert_null(cd_dataset_new(&with_labels, &s, 1, .class_count = 2,
                               .classes = (const char *const[]){ "even", NULL }));
    assert_failed_with(CD_ERR_ARGUMENT, "squares: the name of class 1 is NULL");
    assert_int_equal(s.destroyed, 0);
}

/* --- parts ------------------------------------------------------------------------------------ */

static cd_dataset *ten(void)
{
    cd_tensor *x = cd_reshape(cd_arange(10, .dtype = CD_F32), CD_SHAPE(10, 1));
    return cd_dataset_from_tensors(x, cd_arange(10, .dtype = CD_I64));
}

static void subsets_of_subsets(void **state)
{
    (void)state;
    static const int64_t odd[] = { 9, 7, 5, 3, 1, 1 }, some[] = { 0, 5, 2 };
    cd_dataset *part = NULL;
    {
        CD_SCOPE();
        cd_dataset *d = cd_dataset_subset(cd_dataset_subset(ten(), odd, 6), some, 3);
        assert_true(cd_assign(&part, d)); /* the whole set lives on in it */
    }
    assert_int_equal(cd_dataset_count(part), 3);
    assert_int_equal(cd_dataset_class_count(part), 10);
    assert_string_equal(cd_dataset_class_name(part, 9), "9");
    assert_int_equal(cd_dataset_label(part, 0), 9);
    assert_int_equal(cd_dataset_label(part, 1), 1);
    assert_int_equal(cd_dataset_label(part, 2), 5);
    cd_tensor *x = NULL, *y = NULL;
    assert_true(cd_dataset_batch(part, all, 3, .x = &x, .y = &y));
    static const float expected[] = { 9, 1, 5 };
    assert_memory_equal(cd_data(x), expected, sizeof expected);
    assert_true(cd_assign(&part, NULL));
    assert_int_equal(cd_dataset_count(cd_dataset_subset(ten(), NULL, 0)), 0);
    const int64_t outside[] = { 0, 10 };
    assert_null(cd_dataset_subset(ten(), outside, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "index 1 is 10, and the data set has 10 samples");
    assert_null(cd_dataset_subset(ten(), NULL, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "the list is NULL");
    assert_null(cd_dataset_subset(NULL, all, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "dataset_subset");
}

/* The samples of the parts, one after the other, are `expected`; -1 separates parts. */
static void assert_parts(cd_dataset *const *parts, int count, const int *expected)
{
    for (int p = 0; p < count; p++) {
        for (int64_t i = 0; i < cd_dataset_count(parts[p]); i++) {
            assert_int_equal(cd_dataset_label(parts[p], i), *expected++);
        }
        assert_int_equal(*expected++, -1);
    }
}

static void random_splits_are_those_of_pytorch(void **state)
{
    (void)state;
    cd_dataset *parts[4];
    assert_true(cd_random_split(ten(), parts, 2, .lengths = (int64_t[]){ 7, 3 },
                                .generator = cd_generator_new(42)));
    assert_parts(parts, 2, (int[]){ 2, 6, 1, 8, 4, 5, 0, -1, 9, 3, 7, -1 });
    assert_true(cd_random_split(ten(), parts, 3, .fractions = (double[]){ 0.5, 0.3, 0.2 },
                                .generator = cd_generator_new(42)));
    assert_parts(parts, 3, (int[]){ 2, 6, 1, 8, 4, -1, 5, 0, 9, -1, 3, 7, -1 });
    assert_true(cd_random_split(ten(), parts, 3, .fractions = (double[]){ 0.33, 0.33, 0.34 },
                                .generator = cd_generator_new(1)));
    assert_parts(parts, 3, (int[]){ 5, 6, 1, 2, -1, 0, 8, 9, -1, 3, 7, 4, -1 });
    assert_true(cd_random_split(ten(), parts, 2, .fractions = (double[]){ 0.95, 0.05 },
                                .generator = cd_generator_new(1)));
    assert_parts(parts, 2, (int[]){ 5, 6, 1, 2, 0, 8, 9, 3, 7, 4, -1, -1 });
    cd_manual_seed(3);
    assert_true(cd_random_split(ten(), parts, 2, .lengths = (int64_t[]){ 4, 6 }));
    assert_parts(parts, 2, (int[]){ 6, 0, 3, 7, -1, 8, 5, 1, 9, 2, 4, -1 });
    assert_close(cd_item(cd_rand(CD_SHAPE(1))), 0.8879, 0, 5e-5); /* what PyTorch draws next */
}

static void splits_that_cannot_be(void **state)
{
    (void)state;
    cd_dataset *whole = ten(), *parts[2] = { whole, whole };
    assert_false(cd_random_split(ten(), parts, 2, .lengths = (int64_t[]){ 7, 4 }));
    assert_true(!parts[0] && !parts[1]);
    parts[0] = parts[1] = whole;
    assert_false(cd_random_split(NULL, parts, 2, .lengths = (int64_t[]){ 7, 3 }));
    assert_true(!parts[0] && !parts[1]); /* while an error is pending too */
    assert_failed_with(CD_ERR_ARGUMENT, "the lengths sum to 11, and the data set has 10 samples");
    parts[0] = whole;
    assert_false(cd_random_split(ten(), parts, 2, .lengths = (int64_t[]){ 11, -1 }));
    assert_failed_with(CD_ERR_ARGUMENT, "length 1 is -1");
    assert_false(cd_random_split(ten(), parts, 2, .fractions = (double[]){ 0.5, 0.4 }));
    assert_failed_with(CD_ERR_ARGUMENT, "the fractions do not sum to 1");
    assert_false(cd_random_split(ten(), parts, 2, .fractions = (double[]){ 0.5, NAN }));
    assert_failed_with(CD_ERR_ARGUMENT, "fraction 1 is not between 0 and 1");
    assert_false(cd_random_split(ten(), parts, 2));
    assert_failed_with(CD_ERR_ARGUMENT, "neither .lengths nor .fractions");
    assert_false(cd_random_split(ten(), parts, 2, .lengths = (int64_t[]){ 5, 5 },
                                 .fractions = (double[]){ 0.5, 0.5 }));
    assert_failed_with(CD_ERR_ARGUMENT, "both .lengths and .fractions");
    assert_false(cd_random_split(ten(), NULL, 2, .lengths = (int64_t[]){ 5, 5 }));
    assert_failed_with(CD_ERR_ARGUMENT, "the list for them is NULL");
    assert_null(parts[0]);
}

/* --- memory ----------------------------------------------------------------------------------- */

static bool make_all(void *user)
{
    (void)user;
    squares s = { .thread = pthread_self(), .bad = -1 };
    CD_SCOPE();
    cd_dataset *parts[2];
    cd_tensor *x, *y;
    cd_dataset *d =
        cd_dataset_new(&with_labels, &s, 10, .sample_shape = CD_SHAPE(2), .class_count = 2);
    cd_dataset *t = d ? ten() : NULL;
    return t && cd_random_split(t, parts, 2, .lengths = (int64_t[]){ 4, 6 }) &&
           cd_dataset_batch(parts[1], all, 6, .x = &x, .y = &y) &&
           cd_dataset_batch(d, all, 6, .x = &x, .y = &y);
}

/* The context of a data set that could not be made is still the caller's. So many are made that the
 * scope's own list of them must grow. */
static bool make_many(void *user)
{
    CD_SCOPE();
    squares *s = user;
    bool done = true;
    s->destroyed = 0;
    for (int i = 0; i < 70 && done; i++) {
        done = cd_dataset_new(&with_labels, s, 10, .class_count = 2) != NULL;
    }
    assert_int_equal(s->destroyed, 0);
    return done;
}

static void failing_allocations(void **state)
{
    (void)state;
    squares s = { .bad = -1 };
    assert_true(sweep_memory(make_many, &s) > 280);
    assert_true(sweep_memory(make_all, NULL) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tensors_give_samples_and_classes),
        TEST(samples_of_any_dtype_become_float32),
        TEST(named_classes),
        TEST(targets_of_a_regression),
        TEST(tensors_that_do_not_fit),
        TEST(tensors_live_as_long_as_the_set),
        TEST(functions_make_a_data_set),
        TEST(functions_that_fail),
        TEST(targets_of_functions),
        TEST(one_thread_is_the_callers),
        TEST(functions_that_are_not_complete),
        TEST(subsets_of_subsets),
        TEST(random_splits_are_those_of_pytorch),
        TEST(splits_that_cannot_be),
        TEST(failing_allocations),
    };
    return RUN(tests);
}
