/* Transforms as a text: each word and setting against the constructor that it stands for, the way
 * back, and the sentences for what is wrong. */
#include "goldens.h"

#include "autograd/create.h"
#include "io/transform.h"

#define MEAN                                                                                       \
    {                                                                                              \
        0.485, 0.456, 0.406                                                                        \
    }
#define STD                                                                                        \
    {                                                                                              \
        0.229, 0.224, 0.225                                                                        \
    }

static const cd_preprocess recipe = {
    .crop_width = 20, .crop_height = 16, .channels = 3, .mean = MEAN, .std = STD
};

static cd_augmentation from(const char *text)
{
    cd_augmentation a;
    assert_that(cd_augmentation_from_text(text, &recipe, 10, &a), "%s: %s", text,
                cd_error_message());
    return a;
}

static void to(const cd_augmentation *a, char text[CD_AUGMENTATION_TEXT])
{
    assert_that(cd_augmentation_to_text(a, &recipe, 10, text, CD_AUGMENTATION_TEXT), "%s",
                cd_error_message());
}

static bool same_values(const double *a, const double *b, int count)
{
    for (int i = 0; i < count; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

static void words_are_the_constructors(void **state)
{
    (void)state;
#define N .mean = MEAN, .std = STD
    const struct {
        const char *text, *back; /* NULL: as text */
        cd_transform wanted;
    } cases[] = {
        { "flip", NULL, cd_random_horizontal_flip() },
        { "flip 0.25", NULL, cd_random_horizontal_flip(.p = 0.25) },
        { "flip 0", NULL, cd_random_horizontal_flip(.p = CD_ZERO) },
        { "vflip 0.5", "vflip", cd_random_vertical_flip() },
        { "crop 4", NULL, cd_random_crop(16, 20, .padding = 4, N) },
        { "crop sides 1 2 3 4", NULL, cd_random_crop(16, 20, .padding_each = { 1, 2, 3, 4 }, N) },
        { "crop 2 reflect", NULL,
          cd_random_crop(16, 20, .padding = 2, .padding_mode = CD_PICTURE_PADDING_REFLECT, N) },
        { "crop 2 edge", NULL,
          cd_random_crop(16, 20, .padding = 2, .padding_mode = CD_PICTURE_PADDING_EDGE, N) },
        { "crop 2 symmetric fill 0.5", NULL,
          cd_random_crop(16, 20, .padding = 2, .padding_mode = CD_PICTURE_PADDING_SYMMETRIC,
                         .fill = 0.5, N) },
        { "resized-crop", NULL, cd_random_resized_crop(16, 20) },
        { "resized-crop 0.5 1 ratio 0.9 1.1", NULL,
          cd_random_resized_crop(16, 20, .scale = { 0.5, 1 }, .ratio = { 0.9, 1.1 }) },
        { "rotate 10", NULL, cd_random_rotation(10, N) },
        { "rotate -5 20 bilinear fill 1", NULL,
          cd_random_rotation(0, .degrees_range = { -5, 20 }, .bilinear = true, .fill = 1, N) },
        { "affine 5 shift 0.1 0.2 scale 0.9 1.1 shear -3 3 -1 2", NULL,
          cd_random_affine(5, .translate = { 0.1, 0.2 }, .scale = { 0.9, 1.1 },
                           .shear = { -3, 3, -1, 2 }, N) },
        { "affine shift 0.1 0", NULL, cd_random_affine(0, .translate = { 0.1, 0 }, N) },
        { "jitter 0.2", NULL,
          cd_color_jitter(.brightness = 0.2, .contrast = 0.2, .saturation = 0.2, N) },
        { "jitter 0.4 hue 0.1", NULL,
          cd_color_jitter(.brightness = 0.4, .contrast = 0.4, .saturation = 0.4, .hue = 0.1, N) },
        { "jitter 1.5 contrast 0.1", "jitter brightness 1.5 contrast 0.1 saturation 1.5",
          cd_color_jitter(.brightness = 1.5, .contrast = 0.1, .saturation = 1.5, N) },
        { "jitter brightness 0.5 0.7 hue -0.1 0.2", NULL,
          cd_color_jitter(.brightness_range = { 0.5, 0.7 }, .hue_range = { -0.1, 0.2 }, N) },
        { "gray", NULL, cd_random_grayscale(N) },
        { "gray 1", NULL, cd_random_grayscale(.p = 1, N) },
        { "noise", NULL, cd_gaussian_noise(N) },
        { "noise 0.05 shift 0.1 no-clip", NULL,
          cd_gaussian_noise(.sigma = 0.05, .shift = 0.1, .no_clip = true, N) },
        { "erase", NULL, cd_random_erasing() },
        { "erase 0.25 scale 0.1 0.2 ratio 0.5 2 value -1", NULL,
          cd_random_erasing(.p = 0.25, .scale = { 0.1, 0.2 }, .ratio = { 0.5, 2 }, .value = -1) },
        { "erase random", NULL, cd_random_erasing(.random = true) },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_augmentation a = from(cases[i].text);
        const cd_transform *t = &a.transforms[0], *wanted = &cases[i].wanted;
        assert_true(a.transform_count == 1 && a.batch_transform_count == 0);
        assert_that(t->apply == wanted->apply && t->apply, "%s: another function", cases[i].text);
        assert_string_equal(t->name, wanted->name);
        for (int k = 0; k < CD_TRANSFORM_VALUES; k++) {
            assert_that(fabs(t->value[k] - wanted->value[k]) < 1e-12, "%s: value %d is %g, not %g",
                        cases[i].text, k, t->value[k], wanted->value[k]);
        }
        char text[CD_AUGMENTATION_TEXT];
        to(&a, text);
        assert_string_equal(text, cases[i].back ? cases[i].back : cases[i].text);
        cd_augmentation again = from(text);
        assert_true(same_values(again.transforms[0].value, t->value, CD_TRANSFORM_VALUES));
    }
}

static void a_list_keeps_its_order_and_batches_come_last(void **state)
{
    (void)state;
    char text[CD_AUGMENTATION_TEXT];
    cd_augmentation a = from(" crop 4 ,flip,mixup 0.2,\n jitter 0.2 , cutmix, erase ");
    assert_int_equal(a.transform_count, 4);
    assert_int_equal(a.batch_transform_count, 2);
    const cd_batch_transform mix = cd_mixup(10, .alpha = 0.2), cut = cd_cutmix(10);
    assert_true(a.batch_transforms[0].apply == mix.apply &&
                a.batch_transforms[1].apply == cut.apply);
    assert_true(same_values(a.batch_transforms[0].value, mix.value, CD_BATCH_TRANSFORM_VALUES));
    to(&a, text);
    assert_string_equal(text, "crop 4, flip, jitter 0.2, erase, mixup 0.2, cutmix");
}

static void no_text_is_no_transforms(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "  ", "none", " none " };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[CD_AUGMENTATION_TEXT];
        cd_augmentation a = from(texts[i]);
        assert_true(a.transform_count == 0 && a.batch_transform_count == 0);
        to(&a, text);
        assert_string_equal(text, "none");
    }
}

/* A grey recipe says nothing about channels 1 and 2. */
static void grey_recipes_have_one_channel(void **state)
{
    (void)state;
    const cd_preprocess grey = {
        .crop_width = 8, .crop_height = 8, .channels = 1, .mean = { 0.13, NAN }, .std = { 0.3, -1 }
    };
    cd_augmentation a;
    assert_true(cd_augmentation_from_text("crop 2, rotate 10", &grey, 0, &a));
    cd_tensor *x = cd_zeros(CD_SHAPE(1, 8, 8)), *black = cd_full(CD_SHAPE(1, 8, 8), -0.13 / 0.3);
    a.transforms[0].value[6] = 2; /* 2 x 2 in the corner of the padding */
    const cd_transform corner =
        cd_random_crop(2, .padding_each = { 2, 2, 0, 0 }, .mean = { 0.13 }, .std = { 0.3 });
    cd_generator *g = cd_generator_new(1);
    bool found = false;
    for (int i = 0; i < 200 && !found; i++) {
        cd_tensor *y = cd_transforms_apply(&corner, 1, x, g);
        found = element(y, 0) < -0.4;
        if (found) assert_close(element(y, 0), element(black, 0), 1e-6, 0);
    }
    assert_true(found);
}

static void wrong_texts_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *text, *message;
    } cases[] = {
        { "flop", "there is no transform \"flop\" (column 1), did you mean \"flip\"?; the words "
                  "are flip, vflip, crop," },
        { "flip, zzzzzz", "there is no transform \"zzzzzz\" (column 7); the words are" },
        { "flip,", "a transform is missing at column 6, where there is the end" },
        { "flip,,crop 2", "a transform is missing at column 6, where there is a comma" },
        { "flip flip", "\"flip\" does not know \"flip\" (column 6); it takes: P (a comma" },
        { "flip 0.1 0.2", "\"flip\" has 2 numbers (before column 13); it takes: P" },
        { "flip 2", "flip: .p is 2; it must be from 0 to 1" },
        { "flip 1e999", "\"flip\" does not know \"1e999\" (column 6)" },
        { "flip 0.5x", "\"flip\" does not know \"0.5x\"" },
        { "crop", "\"crop\" has 0 numbers (before column 5); it takes: PADDING, sides LEFT TOP "
                  "RIGHT BOTTOM, edge, reflect, symmetric, fill LEVEL" },
        { "crop, flip", "\"crop\" has 0 numbers" },
        { "crop 4 sides 1 2", "\"crop sides\" has 2 numbers (before column 17)" },
        { "crop 4 fill", "\"crop fill\" has 0 numbers" },
        { "crop 4 edge 3", "\"crop edge\" has 1 number (" },
        { "crop -3", "crop: .padding (left) is -3; it must be from 0 to 65536" },
        { "resized-crop 1 0.5", "resized-crop: .scale is from 1 to 0.5" },
        { "rotate 1 2 3",
          "\"rotate\" has 3 numbers (before column 13); it takes: DEGREES, FROM TO" },
        { "rotate -10", "rotate: .degrees is from 10 to -10" },
        { "jitter hue 0.7", "jitter: .hue is from -0.7 to 0.7; both must be from -0.5 to 0.5" },
        { "jitter 0.2, mixup 0", "mixup: .alpha is 0" },
        { "none flip", "\"none\" stands alone, but \"flip\" follows" },
        { "flip none", "\"flip\" does not know \"none\"" },
        { "affine 1 2 3 4 5 6 7", "\"affine\" has 7 numbers" },
        { "crop 2.5", "crop: .padding (left) is 2.5; it must be a whole number" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_augmentation a = { .transform_count = 3 };
        assert_false(cd_augmentation_from_text(cases[i].text, &recipe, 10, &a));
        assert_failed_with(CD_ERR_ARGUMENT, cases[i].message);
        assert_int_equal(a.transform_count, 0);
    }
}

/* A number counts as a whole, however many digits it has. */
static void long_numbers_are_read_to_their_end(void **state)
{
    (void)state;
    const cd_augmentation a =
        from("flip 0.2000000000000000000000000000000000000000000000000000000e-3, "
             "flip 0.00000000000000000000000000000000000000000000000000000000000001e61");
    const double small[] = { 0.0002, 0.1 };
    for (int i = 0; i < 2; i++) {
        const cd_transform wanted = cd_random_horizontal_flip(.p = small[i]);
        assert_true(same_values(a.transforms[i].value, wanted.value, CD_TRANSFORM_VALUES));
    }
}

/* Of each kind as many transforms as there may be, with numbers that are longer when they are
 * written than when they were read. */
static void the_longest_text_has_room(void **state)
{
    (void)state;
    char text[4096] = "", written[CD_AUGMENTATION_TEXT], again[CD_AUGMENTATION_TEXT];
    for (int i = 0; i < CD_AUGMENTATION_MAX; i++) {
        strcat(text, "affine -.1234567890123456 .2234567890123456 bilinear fill .1234567890123456 "
                     "shift .1234567890123456 .2234567890123456 scale .1234567890123456 "
                     ".2234567890123456 shear -.1234567890123456 .2234567890123456 "
                     "-.1234567890123456 .2234567890123456,");
    }
    for (int i = 0; i < 10; i++) strcat(text, i ? ",mixup .1234567890123456" : "mixup .5");
    const cd_augmentation a = from(text);
    to(&a, written);
    assert_true(strlen(written) > strlen(text));
    const cd_augmentation b = from(written);
    to(&b, again);
    assert_string_equal(written, again);
}

static void too_much_is_refused(void **state)
{
    (void)state;
    char text[CD_AUGMENTATION_TEXT + 10] = "flip", small[12];
    cd_augmentation a;
    for (int i = 1; i < CD_AUGMENTATION_MAX; i++) strcat(text, ",flip");
    a = from(text);
    assert_int_equal(a.transform_count, CD_AUGMENTATION_MAX);
    assert_false(cd_augmentation_to_text(&a, &recipe, 10, small, sizeof small));
    assert_failed_with(CD_ERR_ARGUMENT, "12 bytes are too few for the text");
    assert_string_equal(small, "");
    strcat(text, ",flip");
    assert_false(cd_augmentation_from_text(text, &recipe, 10, &a));
    assert_failed_with(CD_ERR_ARGUMENT, "more than 16 transforms");
    memset(text, ' ', sizeof text - 1);
    assert_false(cd_augmentation_from_text(text, &recipe, 10, &a));
    assert_failed_with(CD_ERR_ARGUMENT, "the text has");
    memset(text, 'a', 100);
    text[100] = '\0';
    assert_false(cd_augmentation_from_text(text, &recipe, 10, &a));
    assert_failed_with(CD_ERR_ARGUMENT, "there is no transform \"aaa");
    a.transform_count = 17;
    assert_false(cd_augmentation_to_text(&a, &recipe, 10, text, sizeof text));
    assert_failed_with(CD_ERR_ARGUMENT, "counts of 17 and 0");
}

static cd_tensor *same(const cd_transform *t, cd_tensor *x, cd_generator *g)
{
    (void)t, (void)g;
    return x;
}

static void transforms_without_a_text_are_refused(void **state)
{
    (void)state;
    const cd_transform cases[] = {
        { .name = "my own", .apply = same },
        cd_random_crop(12, N),
        cd_random_crop(16, 20, .padding = 4), /* other levels */
        cd_random_crop(16, 20, .pad_if_needed = true, N),
        cd_center_crop(16, 20),
        cd_random_resized_crop(16, 20, .no_antialias = true),
        { .name = "broken" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CD_AUGMENTATION_TEXT] = "x", wanted[128];
        cd_augmentation a = { .transforms = { cases[i] }, .transform_count = 1 };
        assert_false(cd_augmentation_to_text(&a, &recipe, 10, text, sizeof text));
        snprintf(wanted, sizeof wanted, "no text gives this transform: %s;", cases[i].name);
        assert_failed_with(CD_ERR_UNSUPPORTED, wanted);
        assert_string_equal(text, "");
    }
    char text[CD_AUGMENTATION_TEXT];
    cd_augmentation a = { .batch_transforms = { cd_mixup(9) }, .batch_transform_count = 1 };
    assert_false(cd_augmentation_to_text(&a, &recipe, 10, text, sizeof text));
    assert_failed_with(CD_ERR_UNSUPPORTED, "this transform: mixup");
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    char text[8];
    cd_augmentation a = { .transform_count = 0 };
    cd_preprocess wrong = recipe;
    wrong.channels = 2;
    assert_false(cd_augmentation_from_text(NULL, &recipe, 10, &a));
    assert_failed_with(CD_ERR_ARGUMENT, "the text is NULL");
    assert_false(cd_augmentation_from_text("flip", &recipe, 10, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "the result is NULL");
    assert_false(cd_augmentation_from_text("flip", NULL, 10, &a));
    assert_failed_with(CD_ERR_ARGUMENT, "the recipe is NULL");
    assert_false(cd_augmentation_from_text("flip", &wrong, 10, &a));
    assert_failed_with(CD_ERR_ARGUMENT, "the recipe: channels must be 1 or 3");
    assert_false(cd_augmentation_from_text("flip", &recipe, -1, &a));
    assert_failed_with(CD_ERR_ARGUMENT, "-1 classes");
    assert_false(cd_augmentation_to_text(NULL, &recipe, 10, text, sizeof text));
    assert_failed_with(CD_ERR_ARGUMENT, "the augmentation is NULL");
    assert_false(cd_augmentation_to_text(&a, &recipe, 10, NULL, 4));
    assert_failed_with(CD_ERR_ARGUMENT, "the text is NULL or has no room");
    assert_false(cd_augmentation_to_text(&a, &recipe, 10, text, 0));
    assert_failed_with(CD_ERR_ARGUMENT, "has no room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(words_are_the_constructors),
        TEST(a_list_keeps_its_order_and_batches_come_last),
        TEST(no_text_is_no_transforms),
        TEST(grey_recipes_have_one_channel),
        TEST(wrong_texts_are_refused),
        TEST(long_numbers_are_read_to_their_end),
        TEST(the_longest_text_has_room),
        TEST(too_much_is_refused),
        TEST(transforms_without_a_text_are_refused),
        TEST(wrong_arguments_are_refused),
    };
    return RUN(tests);
}
