/* Transforms of samples and batches: the numbers of torchvision (golden/make_transforms.py), what
 * they leave alone, threads, and what is refused. */
#define GOLDEN_FILE "golden/transforms.safetensors"
#include "goldens.h"

#include <pthread.h>

#include "autograd/autograd.h"
#include "autograd/create.h"
#include "core/memory_internal.h"
#include "core/scope.h"
#include "core/threads.h"
#include "io/dataset_make.h"
#include "io/loader.h"
#include "io/transform.h"

enum { DRAWS = 8 };

/* picture() of the script. */
static cd_tensor *picture(int64_t channels, int64_t height, int64_t width)
{
    cd_tensor *x = cd_empty(CD_SHAPE(channels, height, width));
    float *data = cd_data_mut(x);
    for (int64_t i = 0; i < cd_numel(x); i++) data[i] = (float)((i * 37 + 11) % 101) / 100.0f;
    return x;
}

static double weighted(const cd_tensor *x, int64_t first)
{
    const float *data = cd_data(x);
    double sum = 0;
    for (int64_t i = 0; i < cd_numel(x); i++) {
        sum += (double)data[i] * (double)((i + first) % 17 + 1);
    }
    return sum;
}

/* --- the numbers ------------------------------------------------------------------------------ */

/* Elements are equal, or for resizing, bilinear rotation, colours and noise close. */
typedef struct transform_case {
    const char *name;
    cd_transform transform;
    double tolerance;
} transform_case;

static void check_case(const transform_case *c)
{
    CD_SCOPE();
    cd_generator *g = cd_generator_new(7);
    const float *expected = cd_data(golden("%s", c->name));
    cd_tensor *x = picture(3, 4, 5), *y = cd_transforms_apply(&c->transform, 1, x, g);
    assert_ok();
    const float *actual = cd_data(y);
    int64_t n = cd_numel(y);
    assert_that(cd_numel(golden("%s", c->name)) == n + DRAWS, "%s has %lld elements", c->name,
                (long long)n);
    for (int64_t i = 0; i < n; i++) {
        assert_that(fabs((double)actual[i] - (double)expected[i]) <= c->tolerance,
                    "%s: element %lld is %.9g, expected %.9g", c->name, (long long)i,
                    (double)actual[i], (double)expected[i]);
    }
    assert_true(cd_generator_manual_seed(g, 7));
    cd_tensor *large = picture(3, 40, 36);
    for (int k = 0; k < DRAWS; k++) {
        CD_SCOPE();
        double sum = weighted(cd_transforms_apply(&c->transform, 1, large, g), 0);
        double wanted = (double)expected[n + k];
        assert_that(fabs(sum - wanted) <= (2e-7 + c->tolerance) * fabs(wanted) + c->tolerance,
                    "%s: draw %d has the sum %.9g, expected %.9g", c->name, k, sum, wanted);
    }
    assert_near(x, picture(3, 4, 5), 0, 0); /* the sample is not written to */
}

static void check_cases(const transform_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) check_case(&cases[i]);
}
#define CHECK(cases_) check_cases((cases_), sizeof(cases_) / sizeof *(cases_))

static void flips_and_crops_are_equal_to_torchvision(void **state)
{
    (void)state;
    const transform_case cases[] = {
        { "flip", cd_random_horizontal_flip(), 0 },
        { "vflip", cd_random_vertical_flip(.p = 0.3), 0 },
        { "crop", cd_random_crop(4, .padding = 2), 0 },
        { "crop_fill", cd_random_crop(5, 3, .padding = 2, .fill = 0.5), 0 },
        { "crop_edge",
          cd_random_crop(4, 6, .padding_each = { 1, 2, 3, 0 },
                         .padding_mode = CD_PICTURE_PADDING_EDGE),
          0 },
        { "crop_reflect",
          cd_random_crop(6, .padding = 3, .padding_mode = CD_PICTURE_PADDING_REFLECT), 0 },
        { "crop_symmetric",
          cd_random_crop(8, .padding = 4, .padding_mode = CD_PICTURE_PADDING_SYMMETRIC), 0 },
        { "crop_needed", cd_random_crop(6, 7, .pad_if_needed = true, .fill = 0.25), 0 },
        { "center", cd_center_crop(3, 2), 0 },
        { "center_larger", cd_center_crop(7, 4), 0 },
    };
    CHECK(cases);
}

static void sizes_are_close_to_torchvision(void **state)
{
    (void)state;
    const transform_case cases[] = {
        { "resize", cd_resize_picture(3), 1e-6 },
        { "resize_both", cd_resize_picture(7, 3), 1e-6 },
        { "resize_aliased", cd_resize_picture(2, 3, .no_antialias = true), 1e-6 },
        { "resized_crop", cd_random_resized_crop(4, 3), 1e-6 },
        { "resized_crop_middle", cd_random_resized_crop(4, .scale = { 0.9, 1 }, .ratio = { 3, 4 }),
          1e-6 },
        { "resized_crop_tall",
          cd_random_resized_crop(4, .scale = { 0.9, 1 }, .ratio = { 0.2, 0.3 }), 1e-6 },
    };
    CHECK(cases);
}

static void rotations_are_those_of_torchvision(void **state)
{
    (void)state;
    const transform_case cases[] = {
        { "rotate", cd_random_rotation(40), 0 },
        { "rotate_fill", cd_random_rotation(0, .degrees_range = { 10, 60 }, .fill = 0.75), 0 },
        { "rotate_bilinear", cd_random_rotation(30, .bilinear = true), 5e-6 },
        { "rotate_bilinear_fill", cd_random_rotation(30, .bilinear = true, .fill = 0.75), 5e-6 },
        { "rotate_180", cd_random_rotation(0, .degrees_range = { 180, 180 }), 0 },
        { "rotate_90", cd_random_rotation(0, .degrees_range = { 90, 90 }), 0 },
        { "affine",
          cd_random_affine(20, .translate = { 0.2, 0.3 }, .scale = { 0.8, 1.2 },
                           .shear = { -10, 10 }),
          0 },
        { "affine_both",
          cd_random_affine(20, .shear = { -10, 10, -5, 8 }, .fill = 0.2, .bilinear = true), 5e-6 },
    };
    CHECK(cases);
}

static void colours_are_close_to_torchvision(void **state)
{
    (void)state;
    const transform_case cases[] = {
        { "jitter",
          cd_color_jitter(.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1),
          3e-6 },
        { "jitter_brightness", cd_color_jitter(.brightness = 1.5), 0 },
        { "jitter_contrast", cd_color_jitter(.contrast = 0.4), 1e-6 },
        { "jitter_saturation", cd_color_jitter(.saturation = 0.4), 1e-6 },
        { "jitter_hue", cd_color_jitter(.hue = 0.5), 1e-6 },
        { "jitter_ranges",
          cd_color_jitter(.brightness_range = { 0.5, 0.7 }, .hue_range = { 0.1, 0.2 }), 1e-6 },
        { "gray", cd_random_grayscale(.p = 0.5), 1e-6 },
    };
    CHECK(cases);
}

static void noise_and_erasing_are_those_of_torchvision(void **state)
{
    (void)state;
    const transform_case cases[] = {
        { "noise", cd_gaussian_noise(), 1e-6 },
        { "noise_shift", cd_gaussian_noise(.shift = 0.1, .sigma = 0.3, .no_clip = true), 1e-6 },
        { "erase", cd_random_erasing(), 0 },
        { "erase_value",
          cd_random_erasing(.p = 1, .scale = { 0.1, 0.6 }, .ratio = { 0.5, 2 }, .value = 0.25), 0 },
        { "erase_random", cd_random_erasing(.p = 1, .random = true), 2e-6 },
        { "erase_never", cd_random_erasing(.p = 1, .scale = { 0.99, 1 }, .ratio = { 0.9, 1.1 }),
          0 },
        { "normalize", cd_normalize_channels(.mean = { 0.4, 0.5, 0.6 }, .std = { 0.2, 0.3, 0.4 }),
          0 },
    };
    CHECK(cases);
}

static void several_are_chosen_as_one(void **state)
{
    (void)state;
    const cd_transform list[] = { cd_random_horizontal_flip(), cd_color_jitter(.brightness = 0.3) };
    const transform_case c = { "apply", cd_random_apply(list, 2, .p = 0.6), 0 };
    check_case(&c);
}

/* --- levels ----------------------------------------------------------------------------------- */

#define MEAN                                                                                       \
    {                                                                                              \
        0.485, 0.456, 0.406                                                                        \
    }
#define STD                                                                                        \
    {                                                                                              \
        0.229, 0.224, 0.225                                                                        \
    }

/* A transform of normalised samples gives what the transform of levels gives, normalised. */
static void check_levels(cd_transform of_levels, cd_transform of_values)
{
    CD_SCOPE();
    const cd_transform normalize = cd_normalize_channels(.mean = MEAN, .std = STD);
    cd_tensor *levels = picture(3, 9, 9);
    cd_tensor *values = cd_transforms_apply(&normalize, 1, levels, NULL);
    const cd_transform both[] = { of_levels, normalize };
    cd_tensor *wanted = cd_transforms_apply(both, 2, levels, cd_generator_new(3));
    cd_tensor *actual = cd_transforms_apply(&of_values, 1, values, cd_generator_new(3));
    test_near(actual, wanted, 0, 2e-5, of_values.name, __FILE__, __LINE__);
    cd_tensor *change = cd_max(cd_abs(cd_sub(actual, values)));
    assert_that(cd_item(change) > 0.1, "%s changes nothing", of_values.name);
}

static void normalised_samples_are_changed_at_their_levels(void **state)
{
    (void)state;
    check_levels(cd_color_jitter(.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.2),
                 cd_color_jitter(.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.2,
                                 .mean = MEAN, .std = STD));
    check_levels(cd_random_grayscale(.p = 1),
                 cd_random_grayscale(.p = 1, .mean = MEAN, .std = STD));
    check_levels(cd_gaussian_noise(.sigma = 0.3),
                 cd_gaussian_noise(.sigma = 0.3, .mean = MEAN, .std = STD));
    check_levels(cd_random_rotation(45, .fill = 0.75),
                 cd_random_rotation(45, .fill = 0.75, .mean = MEAN, .std = STD));
    check_levels(cd_random_affine(45, .bilinear = true),
                 cd_random_affine(45, .bilinear = true, .mean = MEAN, .std = STD));
    check_levels(cd_random_crop(9, .padding = 4),
                 cd_random_crop(9, .padding = 4, .mean = MEAN, .std = STD));
}

static void grey_pictures_have_brightness_and_contrast(void **state)
{
    (void)state;
    cd_tensor *x = picture(1, 6, 5);
    const cd_transform colours = cd_color_jitter(.saturation = 0.9, .hue = 0.5);
    assert_near(cd_transforms_apply(&colours, 1, x, NULL), x, 0, 0);
    const cd_transform brighter = cd_color_jitter(.brightness_range = { 0.5, 0.5 });
    assert_near(cd_transforms_apply(&brighter, 1, x, NULL), cd_mul(x, 0.5), 0, 0);
    const cd_transform flat = cd_color_jitter(.contrast_range = { CD_ZERO, 1e-30 });
    cd_tensor *mean = cd_expand(cd_reshape(cd_mean(x), CD_SHAPE(1, 1, 1)), CD_SHAPE(1, 6, 5));
    assert_near(cd_transforms_apply(&flat, 1, x, NULL), mean, 1e-6, 0);
    const cd_transform grey = cd_random_grayscale(.p = 1);
    assert_ptr_equal(cd_transforms_apply(&grey, 1, x, NULL), x);
}

/* The six pure colours of the circle, from red on, are shifted by sixths of it. */
static void pure_colours_turn_round_the_circle(void **state)
{
    (void)state;
    const float circle[6][3] = { { 1, 0, 0 }, { 1, 1, 0 }, { 0, 1, 0 },
                                 { 0, 1, 1 }, { 0, 0, 1 }, { 1, 0, 1 } };
    cd_tensor *colours = cd_from_array(&circle[0][0], CD_SHAPE(6, 3));
    cd_tensor *x = cd_contiguous(cd_reshape(cd_transpose(colours, 0, 1), CD_SHAPE(3, 1, 6)));
    for (int sixths = -3; sixths <= 3; sixths++) {
        double shift = sixths == 0 ? 1e-9 : sixths / 6.0;
        const cd_transform t = cd_color_jitter(.hue_range = { shift, shift });
        cd_tensor *wanted = cd_roll(x, CD_SHAPE(-sixths), CD_SHAPE(2));
        assert_near(cd_transforms_apply(&t, 1, x, NULL), wanted, 0, 1e-6);
    }
}

/* --- what stays as it is ---------------------------------------------------------------------- */

static void nothing_to_do_gives_the_sample_itself(void **state)
{
    (void)state;
    cd_tensor *x = picture(3, 6, 5);
    const cd_transform idle[] = {
        cd_random_horizontal_flip(.p = CD_ZERO),
        cd_random_vertical_flip(.p = CD_ZERO),
        cd_random_crop(6, 5),
        cd_center_crop(6, 5),
        cd_resize_picture(6, 5),
        cd_resize_picture(5),
        cd_color_jitter(),
        cd_random_grayscale(.p = CD_ZERO),
        cd_random_rotation(0),
        cd_random_erasing(.p = CD_ZERO),
        cd_normalize_channels(),
    };
    assert_ptr_equal(cd_transforms_apply(idle, sizeof idle / sizeof *idle, x, NULL), x);
    assert_ptr_equal(cd_transforms_apply(NULL, 0, x, NULL), x);
}

static void a_view_with_gaps_is_a_sample_too(void **state)
{
    (void)state;
    cd_tensor *x = cd_transpose(picture(3, 6, 7), 1, 2);
    const cd_transform flip = cd_random_horizontal_flip(.p = 1);
    assert_near(cd_transforms_apply(&flip, 1, x, NULL), cd_flip(x, CD_SHAPE(2)), 0, 0);
    const cd_transform size = cd_random_resized_crop(3);
    cd_tensor *a = cd_transforms_apply(&size, 1, x, cd_generator_new(1));
    assert_near(a, cd_transforms_apply(&size, 1, cd_contiguous(x), cd_generator_new(1)), 0, 0);
}

/* A pixel that is no number is none in its places of the result alone, not outside the picture. */
static void an_infinite_pixel_stays_where_it_is(void **state)
{
    (void)state;
    const cd_transform turn = cd_random_rotation(0, .degrees_range = { 30, 30 }, .bilinear = true);
    cd_tensor *x = picture(1, 8, 8);
    float *data = cd_data_mut(x);
    data[0] = INFINITY; /* the corner is turned out of the picture */
    const float *turned = cd_data(cd_transforms_apply(&turn, 1, x, NULL));
    for (int i = 0; i < 64; i++) assert_true(isfinite(turned[i]));
    data[0] = 0;
    data[27] = NAN;
    turned = cd_data(cd_transforms_apply(&turn, 1, x, NULL));
    int count = 0;
    for (int i = 0; i < 64; i++) count += !isfinite(turned[i]);
    assert_int_equal(count, 3); /* as in torchvision */
}

static void quarters_are_turned_exactly(void **state)
{
    (void)state;
    cd_tensor *x = picture(2, 5, 5), *wide = picture(2, 3, 5);
    for (int quarters = 1; quarters <= 3; quarters++) {
        double degrees = 90 * quarters;
        const cd_transform t =
            cd_random_rotation(0, .degrees_range = { degrees, degrees }, .bilinear = true);
        cd_tensor *turned = x;
        for (int i = 0; i < quarters; i++) {
            turned = cd_flip(cd_transpose(turned, 1, 2), CD_SHAPE(1));
        }
        assert_near(cd_transforms_apply(&t, 1, x, NULL), turned, 0, 0);
        if (quarters == 2) {
            assert_near(cd_transforms_apply(&t, 1, wide, NULL), cd_flip(wide, CD_SHAPE(1, 2)), 0,
                        0);
        }
    }
}

/* --- the default generator, threads ----------------------------------------------------------- */

static void without_a_generator_the_default_one_draws(void **state)
{
    (void)state;
    const cd_transform t = cd_random_crop(4, .padding = 3);
    cd_tensor *x = picture(3, 6, 6);
    cd_manual_seed(11);
    cd_tensor *a = cd_transforms_apply(&t, 1, x, NULL);
    assert_near(a, cd_transforms_apply(&t, 1, x, cd_generator_new(11)), 0, 0);
}

enum { THREADS = 4, ROUNDS = 50 };

typedef struct thread_job {
    const cd_transform *list;
    int count;
    uint64_t seed;
    double sum;
} thread_job;

static void *thread_main(void *argument)
{
    thread_job *job = argument;
    CD_SCOPE();
    cd_generator *g = cd_generator_new(job->seed);
    cd_tensor *x = picture(3, 20, 20);
    for (int i = 0; i < ROUNDS; i++) {
        CD_SCOPE();
        cd_tensor *y = cd_transforms_apply(job->list, job->count, x, g);
        if (y) job->sum += weighted(y, i);
    }
    return NULL;
}

static void several_threads_may_apply_the_same_list(void **state)
{
    (void)state;
    const cd_transform list[] = {
        cd_random_resized_crop(16), cd_random_horizontal_flip(),
        cd_random_rotation(20),     cd_color_jitter(.brightness = 0.2, .hue = 0.1),
        cd_gaussian_noise(),        cd_random_erasing(.random = true),
    };
    thread_job jobs[THREADS];
    pthread_t thread[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (thread_job){ list, sizeof list / sizeof *list, (uint64_t)(i % 2), 0 };
        assert_int_equal(pthread_create(&thread[i], NULL, thread_main, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_join(thread[i], NULL), 0);
    assert_true(jobs[0].sum == jobs[2].sum && jobs[1].sum == jobs[3].sum);
    assert_true(jobs[0].sum != jobs[1].sum && isfinite(jobs[0].sum));
}

/* The sum of all batches of an epoch. */
static double epoch_sum(cd_dataset *set, int workers)
{
    const cd_transform list[] = { cd_random_crop(8, .padding = 2), cd_random_horizontal_flip(),
                                  cd_random_erasing(.random = true) };
    const cd_batch_transform mix[] = { cd_cutmix(5), cd_mixup(5) };
    double sum = 0;
    int batches = 0;
    cd_loader *l =
        cd_loader_new(set, .batch_size = 6, .shuffle = true, .workers = workers,
                      .generator = cd_generator_new(4), .transforms = list, .transform_count = 3,
                      .batch_transforms = mix, .batch_transform_count = 2);
    for (cd_batch b; cd_loader_next(l, &b); batches++) {
        CD_SCOPE();
        assert_true(cd_shape_equal(cd_shape_of(b.y), CD_SHAPE(b.count, 5)));
        sum += weighted(b.x, batches) + weighted(b.y, batches);
    }
    assert_ok();
    assert_int_equal(batches, 4);
    return sum;
}

static void loaders_apply_them_alike_with_and_without_workers(void **state)
{
    (void)state;
    cd_tensor *x = cd_reshape(picture(20 * 3, 8, 8), CD_SHAPE(20, 3, 8, 8));
    cd_tensor *y = cd_remainder(cd_arange(20, .dtype = CD_I64), 5);
    cd_dataset *set = cd_dataset_from_tensors(x, y);
    double sum = epoch_sum(set, 0);
    assert_true(isfinite(sum) && sum == epoch_sum(set, 2));
    assert_true(fabs(sum - (weighted(x, 0) + 20)) > 1);
}

/* --- transforms of one's own ------------------------------------------------------------------ */

static cd_tensor *add_context(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    (void)g;
    return cd_add(x, *(const double *)t->context + t->value[0]);
}

static cd_tensor *fail_silently(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    (void)t, (void)x, (void)g;
    return NULL;
}

static void a_function_of_the_program_is_a_transform(void **state)
{
    (void)state;
    const double three = 3;
    const cd_transform list[] = {
        { .name = "add", .apply = add_context, .context = &three, .value = { 0.5 } },
        { .name = "silent", .apply = fail_silently },
    };
    cd_tensor *x = cd_ones(CD_SHAPE(2));
    assert_near(cd_transforms_apply(list, 1, x, NULL), cd_full(CD_SHAPE(2), 4.5), 0, 0);
    assert_null(cd_transforms_apply(list, 2, x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "transform 1 (silent) failed and set no error");
}

/* --- batches ---------------------------------------------------------------------------------- */

static void check_batch_case(const char *name, cd_batch_transform t)
{
    CD_SCOPE();
    cd_generator *g = cd_generator_new(7);
    cd_tensor *x = cd_reshape(picture(3, 4, 5), CD_SHAPE(3, 1, 4, 5));
    const int64_t labels[] = { 0, 2, 3 };
    cd_tensor *y = cd_from_array(labels, CD_SHAPE(3)), *expected = golden("%s", name);
    cd_tensor *wanted_x = cd_reshape(cd_narrow(expected, 0, 0, 60), CD_SHAPE(3, 1, 4, 5));
    cd_tensor *wanted_y = cd_reshape(cd_narrow(expected, 0, 60, 12), CD_SHAPE(3, 4));
    for (int k = 0; k < DRAWS; k++) {
        cd_batch b = { .x = x, .y = y, .count = 3 };
        assert_true(cd_batch_transforms_apply(&t, 1, &b, g));
        if (k == 0) {
            assert_near(b.x, wanted_x, 0, 0);
            assert_near(b.y, wanted_y, 0, 0);
        }
        assert_close(weighted(b.x, 0) + weighted(b.y, 60), element(expected, 72 + k), 2e-7, 0);
    }
}

static void batches_are_mixed_as_by_torchvision(void **state)
{
    (void)state;
    check_batch_case("mixup", cd_mixup(4, .alpha = 0.2));
    check_batch_case("mixup_1", cd_mixup(4));
    check_batch_case("cutmix", cd_cutmix(4));
    check_batch_case("cutmix_3", cd_cutmix(4, .alpha = 3));
}

static void probabilities_are_mixed_again(void **state)
{
    (void)state;
    const cd_batch_transform list[] = { cd_mixup(4), cd_mixup(0) };
    const int64_t labels[] = { 1, 1 };
    cd_batch b = { .x = cd_ones(CD_SHAPE(2, 5)), .y = cd_from_array(labels, CD_SHAPE(2)) };
    assert_true(cd_batch_transforms_apply(list, 2, &b, NULL));
    const float one[] = { 0, 1, 0, 0, 0, 1, 0, 0 };
    assert_near(b.y, cd_from_array(one, CD_SHAPE(2, 4)), 0, 2e-7);
    assert_near(b.x, cd_ones(CD_SHAPE(2, 5)), 0, 2e-7);
}

/* What lies between two transforms does not stay until the caller's scope ends. */
static void a_batch_is_all_that_is_handed_out(void **state)
{
    (void)state;
    CD_SCOPE();
    enum { BYTES = 4 * 3 * 32 * 32 * 4 };
    cd_batch_transform list[] = { cd_mixup(3), cd_cutmix(0), cd_mixup(0), { .name = "none" } };
    const int64_t labels[] = { 0, 1, 2, 0 };
    cd_batch b = { .x = cd_ones(CD_SHAPE(4, 3, 32, 32)), .y = cd_from_array(labels, CD_SHAPE(4)) };
    const cd_batch before = b;
    const size_t used = cd_memory_stats().bytes_in_use;
    assert_true(cd_batch_transforms_apply(list, 3, &b, NULL));
    assert_true(b.x != before.x && b.y != before.y);
    assert_true(cd_memory_stats().bytes_in_use - used < 2 * BYTES);
    cd_batch same = b;
    const size_t then = cd_memory_stats().bytes_in_use;
    assert_false(cd_batch_transforms_apply(list + 2, 2, &same, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "transform 1 (none) has no function");
    assert_true(same.x == b.x && same.y == b.y && cd_memory_stats().bytes_in_use == then);
    assert_true(cd_batch_transforms_apply(list, 0, &same, NULL));
    assert_true(same.x == b.x && same.y == b.y);
}

static void wrong_batches_are_refused(void **state)
{
    (void)state;
    const cd_batch_transform mix = cd_mixup(4), cut = cd_cutmix(4), soft = cd_mixup(0);
    const int64_t labels[] = { 1, 4 };
    cd_tensor *x = cd_ones(CD_SHAPE(2, 5)), *y = cd_from_array(labels, CD_SHAPE(2));
    const struct {
        const cd_batch_transform *t;
        cd_tensor *x, *y;
        cd_code code;
        const char *text;
    } cases[] = {
        { &mix, x, y, CD_ERR_ARGUMENT, "mixup: the label of sample 1 of the batch is 4" },
        { &soft, x, y, CD_ERR_ARGUMENT, "the number of classes must be given" },
        { &cut, x, y, CD_ERR_SHAPE, "cutmix: x is 2x5; it must be samples x channels x height" },
        { &mix, cd_ones(CD_SHAPE(3, 5)), y, CD_ERR_SHAPE, "x has 3 samples, and y is 2" },
        { &mix, x, cd_ones(CD_SHAPE(2, 3)), CD_ERR_SHAPE, "probabilities of 3 classes, not of 4" },
        { &mix, x, cd_ones(CD_SHAPE(2)), CD_ERR_SHAPE, "y is 2 of float32" },
        { &mix, x, cd_to(cd_ones(CD_SHAPE(2, 4)), CD_F64), CD_ERR_SHAPE, "2x4 of float64" },
        { &mix, cd_to(x, CD_F64), y, CD_ERR_DTYPE, "x is float64" },
        { &mix, cd_ones(CD_SHAPE(2)), y, CD_ERR_SHAPE, "x is 2; it must be" },
        { &mix, cd_ones(CD_SHAPE(0, 2)), y, CD_ERR_SHAPE, "x is 0x2" },
        { &mix, NULL, y, CD_ERR_ARGUMENT, "NULL" },
        { &mix, x, NULL, CD_ERR_ARGUMENT, "NULL" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_batch b = { .x = cases[i].x, .y = cases[i].y };
        assert_false(cd_batch_transforms_apply(cases[i].t, 1, &b, NULL));
        assert_failed_with(cases[i].code, cases[i].text);
        assert_true(b.x == cases[i].x && b.y == cases[i].y);
    }
    assert_false(cd_batch_transforms_apply(&mix, 1, NULL, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the batch is NULL");
    assert_null(cd_mixup(4, .alpha = -1).apply);
    assert_failed_with(CD_ERR_ARGUMENT, "mixup: .alpha is -1");
    assert_null(cd_cutmix(-1).apply);
    assert_failed_with(CD_ERR_ARGUMENT, "cutmix: -1 classes");
}

/* --- what is refused -------------------------------------------------------------------------- */

static void wrong_samples_are_refused(void **state)
{
    (void)state;
    const cd_transform flip = cd_random_horizontal_flip(), grey = cd_random_grayscale();
    const cd_transform crop = cd_random_crop(8, 6, .padding = 1), broken = { .name = "broken" };
    const cd_transform mirror =
        cd_random_crop(9, .padding = 5, .padding_mode = CD_PICTURE_PADDING_REFLECT);
    const cd_transform levels = cd_random_rotation(9, .mean = { 0.5 });
    cd_tensor *x = picture(3, 5, 5);
    const struct {
        const cd_transform *t;
        cd_tensor *x;
        cd_code code;
        const char *text;
    } cases[] = {
        { &flip, NULL, CD_ERR_ARGUMENT, "the sample is NULL" },
        { &flip, cd_ones(CD_SHAPE(5, 5)), CD_ERR_SHAPE,
          "random_horizontal_flip: the sample is 5x5" },
        { &flip, cd_ones(CD_SHAPE(3, 0, 5)), CD_ERR_SHAPE, "the sample is 3x0x5" },
        { &flip, cd_to(x, CD_F64), CD_ERR_DTYPE, "the sample is float64; it must be float32" },
        { &flip, cd_empty(CD_SHAPE(3, 5, 5), .device = CD_META), CD_ERR_DEVICE, "on the device" },
        { &grey, picture(2, 5, 5), CD_ERR_SHAPE, "2 channels; colours need 1 (grey) or 3 (RGB)" },
        { &levels, picture(4, 5, 5), CD_ERR_SHAPE, "4 channels, and .mean and .std are for up to" },
        { &crop, x, CD_ERR_SHAPE,
          "a crop of 8 x 6 is larger than the picture of 5 x 5, which is "
          "7 x 7 with its padding" },
        { &crop, x, CD_ERR_SHAPE, ".pad_if_needed = true would be right" },
        { &mirror, x, CD_ERR_SHAPE, "can be mirrored by REFLECT by 4 and 4 pixels at most" },
        { &broken, x, CD_ERR_ARGUMENT, "transform 0 (broken) has no function" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(cd_transforms_apply(cases[i].t, 1, cases[i].x, NULL));
        assert_failed_with(cases[i].code, cases[i].text);
    }
    assert_null(cd_transforms_apply(NULL, 1, x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "1 transforms, but the list is NULL");
    assert_null(cd_transforms_apply(&flip, -1, x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "-1 transforms; the count must be 0 or more");
    assert_null(cd_transforms_apply(&flip, 1, x, (cd_generator *)(void *)x));
    assert_failed_with(CD_ERR_ARGUMENT, "generator");
}

static void wrong_settings_are_refused(void **state)
{
    (void)state;
#define REFUSED(call_, text_)                                                                      \
    assert_null((call_).apply);                                                                    \
    assert_failed_with(CD_ERR_ARGUMENT, text_)
    REFUSED(cd_random_horizontal_flip(.p = 1.5), "random_horizontal_flip: .p is 1.5; it must be");
    REFUSED(cd_random_vertical_flip(.p = NAN), "random_vertical_flip: .p is nan");
    REFUSED(cd_random_crop(0), "random_crop: .height is 0; it must be from 1 to 65536");
    REFUSED(cd_random_crop(4, -4), "random_crop: .width is -4");
    REFUSED(cd_random_crop(4, .padding = -1), "random_crop: .padding (left) is -1");
    REFUSED(cd_random_crop(4, .padding_each = { 0, 0, 0, 70000 }), ".padding (bottom) is 70000");
    REFUSED(cd_random_crop(4, .padding_mode = (cd_picture_padding)4), "no .padding_mode 4");
    REFUSED(cd_random_crop(4, .fill = NAN), "random_crop: .fill is nan");
    REFUSED(cd_random_crop(4, .mean = { 0, INFINITY }), ".mean[1] is inf");
    REFUSED(cd_random_crop(4, .std = { 0, 0, -1 }), ".std[2] is -1; it must be above 0");
    REFUSED(cd_center_crop(70000), "center_crop: .height is 70000");
    REFUSED(cd_resize_picture(4, -1), "resize_picture: .width is -1");
    REFUSED(cd_random_resized_crop(4, .scale = { 0.5, 0.1 }), ".scale is from 0.5 to 0.1");
    REFUSED(cd_random_resized_crop(4, .ratio = { NAN, 1 }), ".ratio is from nan to 1");
    REFUSED(cd_random_rotation(-10), "random_rotation: .degrees is from 10 to -10");
    REFUSED(cd_random_rotation(NAN), "random_rotation: .degrees is from");
    REFUSED(cd_random_rotation(1, .fill = INFINITY), "random_rotation: .fill is inf");
    REFUSED(cd_random_affine(1, .translate = { 0, 2 }), ".translate[1] is 2");
    REFUSED(cd_random_affine(1, .scale = { -1, 1 }), "random_affine: .scale is from -1 to 1");
    REFUSED(cd_random_affine(1, .shear = { 0, 0, 0, 90 }), ".shear (y) is from 0 to 90");
    REFUSED(cd_color_jitter(.brightness = -0.1), "color_jitter: .brightness is from 1.1 to 0.9");
    REFUSED(cd_color_jitter(.hue = 0.6), "color_jitter: .hue is from -0.6 to 0.6");
    REFUSED(cd_color_jitter(.saturation = NAN), "color_jitter: .saturation is from nan to nan");
    REFUSED(cd_random_grayscale(.p = -1), "random_grayscale: .p is -1");
    REFUSED(cd_gaussian_noise(.sigma = -1), "gaussian_noise: .sigma is -1");
    REFUSED(cd_random_erasing(.scale = { 0, 2 }), "random_erasing: .scale is from 0 to 2");
    REFUSED(cd_random_erasing(.value = NAN), "random_erasing: .value is nan");
    REFUSED(cd_normalize_channels(.std = { NAN }), "normalize_channels: .std[0] is nan");
    REFUSED(cd_random_apply(NULL, 1), "random_apply: the list of transforms is NULL");
    const cd_transform flip = cd_random_horizontal_flip();
    REFUSED(cd_random_apply(&flip, 0), "random_apply: the count of transforms must be 1 or more");
    assert_null(cd_random_rotation(10, .expand = true).apply);
    assert_failed_with(CD_ERR_UNSUPPORTED, ".expand is not supported: pictures of different sizes");
}

/* Lists in each other as deep as they may be, and one that contains itself. */
static void lists_in_lists_have_a_depth(void **state)
{
    (void)state;
    enum { DEEP = 16 };
    cd_transform t[DEEP + 1] = { cd_random_vertical_flip(.p = 1) };
    for (int i = 1; i <= DEEP; i++) t[i] = cd_random_apply(&t[i - 1], 1, .p = 1);
    cd_tensor *x = picture(1, 2, 2);
    cd_tensor *y = cd_transforms_apply(&t[DEEP], 1, x, NULL);
    assert_true(y && cd_equal(y, cd_flip(x, CD_SHAPE(1))));
    t[0] = cd_random_apply(t, 1, .p = 1);
    assert_null(cd_transforms_apply(t, 1, x, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "random_apply: lists are in each other 16 deep; a list "
                                        "must not contain the transform that applies it");
    t[0] = cd_random_vertical_flip();
    assert_non_null(cd_transforms_apply(&t[DEEP], 1, x, NULL)); /* the count is back at 0 */
}

/* --- memory ----------------------------------------------------------------------------------- */

static int until_refused;

static bool refuse_once(size_t bytes)
{
    (void)bytes;
    return until_refused-- == 0;
}

/* Refuses the allocations of a call one after the other. Returns how many there are. */
static int refused_allocations(const cd_transform *t, const cd_batch_transform *batch)
{
    bool done = false;
    int refused = 0;
    for (int at = 0; !done; at++) {
        CD_SCOPE();
        cd_tensor *x = picture(3, 70, 70);
        cd_generator *g = cd_generator_new(5);
        cd_batch b = { .x = cd_reshape(x, CD_SHAPE(3, 1, 70, 70)),
                       .y = cd_arange(3, .dtype = CD_I64) };
        until_refused = at;
        cd_memory_fault_hook = refuse_once;
        done = t ? cd_transforms_apply(t, 1, x, g) != NULL
                 : cd_batch_transforms_apply(batch, 1, &b, g);
        cd_memory_fault_hook = NULL;
        if (!done) {
            assert_failed_with(CD_ERR_MEMORY, "memory");
            refused++;
        } else {
            assert_true(until_refused >= 0); /* it succeeded because nothing was refused */
        }
    }
    assert_ok();
    return refused;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    int before = cd_num_threads();
    assert_true(cd_set_num_threads(1));
    const cd_transform list[] = {
        cd_random_horizontal_flip(.p = 1),
        cd_random_vertical_flip(.p = 1),
        cd_random_crop(60, .padding = 4),
        cd_center_crop(60),
        cd_random_resized_crop(40),
        cd_random_rotation(10),
        cd_random_rotation(0, .degrees_range = { 90, 90 }),
        cd_random_affine(10),
        cd_color_jitter(.hue = 0.1),
        cd_random_grayscale(.p = 1),
        cd_gaussian_noise(),
        cd_random_erasing(.p = 1, .random = true),
        cd_normalize_channels(.mean = { 1 }),
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        int refused = refused_allocations(&list[i], NULL);
        assert_that(refused >= 1, "%s allocates nothing", list[i].name);
    }
    const cd_batch_transform mix = cd_mixup(3), cut = cd_cutmix(3);
    assert_true(refused_allocations(NULL, &mix) >= 2 && refused_allocations(NULL, &cut) >= 2);
    assert_true(cd_set_num_threads(before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flips_and_crops_are_equal_to_torchvision),
        TEST(sizes_are_close_to_torchvision),
        TEST(rotations_are_those_of_torchvision),
        TEST(colours_are_close_to_torchvision),
        TEST(noise_and_erasing_are_those_of_torchvision),
        TEST(several_are_chosen_as_one),
        TEST(normalised_samples_are_changed_at_their_levels),
        TEST(grey_pictures_have_brightness_and_contrast),
        TEST(pure_colours_turn_round_the_circle),
        TEST(nothing_to_do_gives_the_sample_itself),
        TEST(a_view_with_gaps_is_a_sample_too),
        TEST(an_infinite_pixel_stays_where_it_is),
        TEST(quarters_are_turned_exactly),
        TEST(without_a_generator_the_default_one_draws),
        TEST(several_threads_may_apply_the_same_list),
        TEST(loaders_apply_them_alike_with_and_without_workers),
        TEST(a_function_of_the_program_is_a_transform),
        TEST(batches_are_mixed_as_by_torchvision),
        TEST(probabilities_are_mixed_again),
        TEST(a_batch_is_all_that_is_handed_out),
        TEST(wrong_batches_are_refused),
        TEST(wrong_samples_are_refused),
        TEST(wrong_settings_are_refused),
        TEST(lists_in_lists_have_a_depth),
        TEST(no_memory_is_an_error),
    };
    return RUN(tests);
}
