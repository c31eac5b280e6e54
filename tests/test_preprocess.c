/* Preprocessing: photographs against PIL and torchvision, each step of a recipe, what is refused,
 * and recipes as JSON. */
#include "test.h"

#include <zlib.h>

#include "core/memory_internal.h"
#include "io/image_folder_internal.h"
#include "io/preprocess_internal.h"

static unsigned crc_of(const void *bytes, size_t size)
{
    return (unsigned)crc32(0, bytes, (uInt)size);
}

/* --- all photographs -------------------------------------------------------------------------- */

/* The CRC-32s that golden/photographs.txt has for a file, found by the CRC-32 of its path below
 * data/. */
static bool golden_photograph(const char *name, unsigned *decoded, unsigned *cropped)
{
    unsigned wanted = crc_of(name, strlen(name)), crc;
    FILE *list = fopen(test_path("golden/photographs.txt"), "r");
    assert_non_null(list);
    bool found = false;
    while (!found && fscanf(list, "%x %x %x", &crc, decoded, cropped) == 3) found = crc == wanted;
    fclose(list);
    return found;
}

static void check_photograph(const char *path, size_t name_at)
{
    unsigned decoded = 0, cropped = 0;
    assert_that(golden_photograph(path + name_at, &decoded, &cropped), "%s is not listed", path);
    cd_pixels picture, crop;
    assert_that(cd_image_read(path, &picture), "%s", cd_error_message());
    size_t bytes = (size_t)picture.width * (size_t)picture.height * 3;
    assert_that(crc_of(picture.data, bytes) == decoded, "%s decodes to other pixels", path);
    assert_true(cd_preprocess_pixels(&cd_preprocess_imagenet, &picture, &crop));
    assert_int_equal(crop.width, 224);
    assert_int_equal(crop.height, 224);
    assert_that(crc_of(crop.data, 224 * 224 * 3) == cropped, "%s resizes to other pixels", path);
    cd_pixels_free(&picture);
    cd_pixels_free(&crop);
}

static void check_folder(const char *shared, int64_t files)
{
    const char *root = test_shared(shared);
    size_t name_at = strlen(root) - strlen(shared) + strlen("data/");
    cd_image_folder list;
    assert_true(cd_image_folder_list(root, &list));
    assert_int_equal(list.file_count, files);
    for (int64_t i = 0; i < list.file_count; i++) check_photograph(list.paths[i], name_at);
    cd_image_folder_free(&list);
}

static void training_photographs_are_bit_equal_to_pil(void **state)
{
    (void)state;
    check_folder("data/hymenoptera/train", 244);
}

static void validation_photographs_are_bit_equal_to_pil(void **state)
{
    (void)state;
    check_folder("data/hymenoptera/val", 153);
}

static void well_known_photographs_are_bit_equal_to_pil(void **state)
{
    (void)state;
    static const char *const names[] = { "astronaut.png",       "chelsea.png", "china.jpg",
                                         "coffee.png",          "eagle.jpg",   "flower.jpg",
                                         "hub_dog_samoyed.jpg", "rocket.jpg" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[128];
        snprintf(name, sizeof name, "data/photos/%s", names[i]);
        const char *path = test_shared(name);
        check_photograph(path, strlen(path) - strlen(name) + strlen("data/"));
    }
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void numbers_are_those_of_to_tensor_and_normalize(void **state)
{
    (void)state;
    unsigned char data[256 * 3];
    for (int i = 0; i < 256 * 3; i++) data[i] = (unsigned char)(i / 3);
    cd_pixels in = { .width = 16, .height = 16, .channels = 3, .data = data };
    cd_preprocess recipe = cd_preprocess_imagenet;
    recipe.resize = 0;
    recipe.crop_width = recipe.crop_height = 16;
    float out[3 * 256];
    assert_true(cd_preprocess_run(&recipe, &in, out));
    /* torchvision: Normalize(mean, std)(ToTensor()(picture)).numpy(), crc32 of its bytes */
    assert_int_equal(crc_of(out, sizeof out), 0xbd18b1b8);
    assert_true(out[0] == -2.117904f && out[255] == 2.2489083f);
    assert_true(out[256] == -2.0357141f && out[2 * 256 + 255] == 2.64f);
}

static void channels_become_planes(void **state)
{
    (void)state;
    unsigned char data[] = { 10, 20, 30, 40, 50, 60 };
    cd_pixels in = { .width = 2, .height = 1, .channels = 3, .data = data };
    cd_preprocess recipe = { .crop_width = 2, .crop_height = 1, .channels = 3, .std = { 1, 1, 1 } };
    float out[6];
    assert_true(cd_preprocess_run(&recipe, &in, out));
    static const int levels[] = { 10, 40, 20, 50, 30, 60 };
    for (int i = 0; i < 6; i++) assert_true(out[i] == (float)levels[i] / 255.0f);
}

static void a_small_model_gets_stretched_grey(void **state)
{
    (void)state;
    unsigned char data[20 * 10 * 3];
    for (int i = 0; i < 20 * 10 * 3; i++) data[i] = (unsigned char)(i * 7);
    cd_pixels in = { .width = 20, .height = 10, .channels = 3, .data = data }, out;
    cd_preprocess recipe = { .crop_width = 28, .crop_height = 28, .channels = 1, .std = { 1 } };
    assert_true(cd_preprocess_pixels(&recipe, &in, &out));
    assert_int_equal(out.channels, 1);
    /* PIL: picture.convert("L").resize((28, 28), BILINEAR) */
    assert_int_equal(crc_of(out.data, 28 * 28), 0x799a0293);
    cd_pixels_free(&out);
}

static void invert_is_255_minus(void **state)
{
    (void)state;
    unsigned char data[] = { 0, 55, 255 };
    cd_pixels in = { .width = 3, .height = 1, .channels = 1, .data = data };
    cd_preprocess recipe = { .crop_width = 3,
                             .crop_height = 1,
                             .channels = 1,
                             .invert = true,
                             .mean = { 0.5 },
                             .std = { 0.5 } };
    float out[3];
    assert_true(cd_preprocess_run(&recipe, &in, out));
    assert_true(out[0] == 1.0f && out[1] == (200.0f / 255.0f - 0.5f) / 0.5f && out[2] == -1.0f);
}

static void a_small_picture_gets_zeros_around_it(void **state)
{
    (void)state;
    unsigned char data[2 * 3];
    memset(data, 100, sizeof data);
    cd_pixels in = { .width = 2, .height = 3, .channels = 1, .data = data }, out;
    cd_preprocess recipe = {
        .resize = 2, .crop_width = 5, .crop_height = 4, .channels = 1, .std = { 1 }, .invert = true
    };
    assert_true(cd_preprocess_pixels(&recipe, &in, &out));
    /* 3 columns are missing, 1 before and 2 behind; 1 row, behind */
    for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 5; x++) {
            bool inside = x >= 1 && x < 3 && y < 3;
            assert_int_equal(out.data[y * 5 + x], inside ? 155 : 0);
        }
    }
    cd_pixels_free(&out);
}

static void grey_pictures_serve_models_of_three_channels(void **state)
{
    (void)state;
    unsigned char data[] = { 51, 102 };
    cd_pixels in = { .width = 2, .height = 1, .channels = 1, .data = data };
    cd_preprocess recipe = { .crop_width = 2, .crop_height = 1, .channels = 3, .std = { 1, 1, 1 } };
    float out[6];
    assert_true(cd_preprocess_run(&recipe, &in, out));
    for (int c = 0; c < 3; c++) assert_true(out[2 * c] == 0.2f && out[2 * c + 1] == 0.4f);
}

static int allocations_left;
static bool fail_when_none_left(size_t bytes)
{
    (void)bytes;
    return allocations_left-- <= 0;
}

static void every_failed_allocation_is_a_clean_error(void **state)
{
    (void)state;
    unsigned char data[30 * 3] = { 0 };
    cd_pixels in = { .width = 6, .height = 5, .channels = 3, .data = data };
    cd_preprocess recipe = {
        .resize = 3, .crop_width = 4, .crop_height = 2, .channels = 1, .std = { 1 }
    };
    float out[8];
    int k = 0;
    for (bool done = false; !done; k++) {
        assert_true(k < 50);
        allocations_left = k;
        cd_memory_fault_hook = fail_when_none_left;
        done = cd_preprocess_run(&recipe, &in, out);
        cd_memory_fault_hook = NULL;
        if (!done) assert_failed_with(CD_ERR_MEMORY, "");
    }
    assert_true(k > 9);
}

static void bad_recipes_are_errors(void **state)
{
    (void)state;
    unsigned char data[3] = { 0 };
    float out[3];
    cd_pixels in = { .width = 1, .height = 1, .channels = 3, .data = data };
    cd_preprocess good = { .crop_width = 1, .crop_height = 1, .channels = 3, .std = { 1, 1, 1 } };
    cd_preprocess bad = good;
    bad.channels = 2;
    assert_false(cd_preprocess_run(&bad, &in, out));
    assert_failed_with(CD_ERR_ARGUMENT, "channels must be 1 or 3");
    bad = good;
    bad.std[2] = 0;
    assert_false(cd_preprocess_run(&bad, &in, out));
    assert_failed_with(CD_ERR_ARGUMENT, "std must be finite and above 0");
    bad = good;
    bad.mean[0] = (double)NAN;
    assert_false(cd_preprocess_run(&bad, &in, out));
    assert_failed_with(CD_ERR_ARGUMENT, "mean must be finite");
    bad = good;
    bad.crop_width = 0;
    assert_false(cd_preprocess_run(&bad, &in, out));
    assert_failed_with(CD_ERR_ARGUMENT, "sides of crop");
    bad = good;
    bad.resize = -1;
    assert_false(cd_preprocess_run(&bad, &in, out));
    assert_failed_with(CD_ERR_ARGUMENT, "resize must be");
    assert_false(cd_preprocess_run(&good, NULL, out));
    assert_failed_with(CD_ERR_ARGUMENT, "NULL");
}

#define GREY(resize_, width_, height_, mean_, std_)                                                \
    {                                                                                              \
        .resize = (resize_), .crop_width = (width_), .crop_height = (height_), .channels = 1,      \
        .mean = { (mean_) }, .std = {                                                              \
            (std_)                                                                                 \
        }                                                                                          \
    }

/* The largest and smallest allowed value of each number, and the next value beyond it. */
static void recipes_have_bounds(void **state)
{
    (void)state;
    static const char sides[] =
        "the sides of crop must be 1 to 16384, and 100 million pixels at most";
    static const char std[] = "std must be finite and above 0";
    static const char infinite[] = "std is so small, or mean so large, that pixels become infinite";
    static const struct {
        cd_preprocess recipe;
        const char *fault; /* NULL: there is none */
    } cases[] = {
        { { .resize = 0 },
          "the recipe is empty, as that of a model or a data set without pictures" },
        { GREY(16384, 1, 1, 0, 1), NULL },
        { GREY(16385, 1, 1, 0, 1), "resize must be 0 to 16384" },
        { GREY(0, 16384, 1, 0, 1), NULL },
        { GREY(0, 16385, 1, 0, 1), sides },
        { GREY(0, 1, 16384, 0, 1), NULL },
        { GREY(0, 1, 16385, 0, 1), sides },
        { GREY(0, 1, 0, 0, 1), sides },
        { GREY(0, 10000, 10000, 0, 1), NULL },
        { GREY(0, 10000, 10001, 0, 1), sides },
        { GREY(0, 1, 1, 0, -1), std },
        { GREY(0, 1, 1, 0, (double)INFINITY), std },
        { GREY(0, 1, 1, 0, (double)NAN), std },
        { GREY(0, 1, 1, 0, 1e300), std },  /* infinite as a float */
        { GREY(0, 1, 1, 0, 1e-300), std }, /* zero as a float */
        { GREY(0, 1, 1, 0, 1e-38), NULL },
        { GREY(0, 1, 1, 0, 1e-39), infinite }, /* of white */
        { GREY(0, 1, 1, 1e30, 1e-30), infinite },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *fault = cd_preprocess_fault(&cases[i].recipe);
        assert_that((!fault && !cases[i].fault) ||
                        (fault && cases[i].fault && strcmp(fault, cases[i].fault) == 0),
                    "recipe %zu: %s", i, fault ? fault : "no fault");
    }
}

static void what_is_not_given_is_said(void **state)
{
    (void)state;
    unsigned char data[] = { 1, 2, 3 };
    const cd_pixels in = { .width = 1, .height = 1, .channels = 3, .data = data },
                    none = { .width = 1, .height = 1, .channels = 3 };
    const cd_preprocess recipe = {
        .crop_width = 1, .crop_height = 1, .channels = 3, .std = { 1, 1, 1 }
    };
    cd_pixels out = { .width = -7 };
    static const char sentence[] = "preprocess: recipe, pixels and out must not be NULL";
    assert_false(cd_preprocess_pixels(NULL, &in, &out));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
    assert_false(cd_preprocess_pixels(&recipe, &none, &out));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
    assert_false(cd_preprocess_pixels(&recipe, &in, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, sentence);
    assert_int_equal(out.width, -7);
    assert_false(cd_preprocess_run(&recipe, &in, NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "preprocess: out must not be NULL");
    cd_preprocess back;
    assert_null(cd_preprocess_to_json(NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "preprocess: the recipe is NULL");
    assert_null(cd_preprocess_to_json(&(cd_preprocess){ .channels = 3 }));
    assert_failed_with(CD_ERR_ARGUMENT, "preprocess: the sides of crop");
    assert_false(cd_preprocess_from_json(NULL, &back));
    assert_failed_with(CD_ERR_ARGUMENT, "preprocess: text and out must not be NULL");
    assert_false(cd_preprocess_from_json("{}", NULL));
    assert_failed_with(CD_ERR_ARGUMENT, "preprocess: text and out must not be NULL");
}

/* A picture as wide as the crop, but not as high. */
static void a_low_picture_gets_zeros_above_and_below(void **state)
{
    (void)state;
    unsigned char data[] = { 10, 20, 30, 40 };
    cd_pixels in = { .width = 4, .height = 1, .channels = 1, .data = data }, out;
    cd_preprocess recipe = {
        .resize = 1, .crop_width = 4, .crop_height = 3, .channels = 1, .std = { 1 }
    };
    assert_true(cd_preprocess_pixels(&recipe, &in, &out));
    static const unsigned char wanted[] = { 0, 0, 0, 0, 10, 20, 30, 40, 0, 0, 0, 0 };
    assert_memory_equal(out.data, wanted, sizeof wanted);
    cd_pixels_free(&out);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void imagenet_reads_well_as_json(void **state)
{
    (void)state;
    char *text = cd_preprocess_to_json(&cd_preprocess_imagenet);
    assert_string_equal(text, "{\"resize\": 256, \"crop\": [224, 224], \"channels\": 3, "
                              "\"interpolation\": \"bilinear\", \"mean\": [0.485, 0.456, 0.406], "
                              "\"std\": [0.229, 0.224, 0.225]}");
    cd_free(text);
}

static void json_brings_every_field_back(void **state)
{
    (void)state;
    const cd_preprocess recipes[] = {
        cd_preprocess_imagenet,
        { .crop_width = 28,
          .crop_height = 30,
          .channels = 1,
          .invert = true,
          .mean = { 1.0 / 3 },
          .std = { 0.3081 } },
        { .resize = 16384,
          .crop_width = 1,
          .crop_height = 1,
          .channels = 3,
          .mean = { -1e-30, 0, 2 },
          .std = { 1e-20, 1e20, 0.1 + 0.2 } },
    };
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        char *text = cd_preprocess_to_json(&recipes[i]);
        cd_preprocess back;
        assert_true(cd_preprocess_from_json(text, &back));
        cd_free(text);
        const cd_preprocess *a = &recipes[i];
        assert_true(a->resize == back.resize && a->crop_width == back.crop_width &&
                    a->crop_height == back.crop_height && a->channels == back.channels &&
                    a->invert == back.invert);
        for (int c = 0; c < a->channels; c++) {
            assert_true(a->mean[c] == back.mean[c] && a->std[c] == back.std[c]);
        }
    }
}

#define RECIPE(resize_, crop_, channels_, interpolation_, mean_, std_)                             \
    "{\"resize\":" resize_ ",\"crop\":" crop_ ",\"channels\":" channels_                           \
    ",\"interpolation\":" interpolation_ ",\"mean\":" mean_ ",\"std\":" std_ "}"

static void a_number_is_a_square_crop(void **state)
{
    (void)state;
    cd_preprocess recipe;
    assert_true(
        cd_preprocess_from_json(RECIPE("0", "32", "1", "\"bilinear\"", "[0]", "[1]"), &recipe));
    assert_int_equal(recipe.crop_width, 32);
    assert_int_equal(recipe.crop_height, 32);
    assert_false(recipe.invert);
}

static void wrong_json_is_said_in_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        { "", "does not parse" },
        { "{\"resize\": 256", "does not parse" },
        { "[]", "must be an object" },
        { "{}", "\"resize\" is missing" },
        { "{\"resize\":1,\"resize\":2}", "the key \"resize\" twice" },
        { RECIPE("256", "[1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,1],\"extra\":1"),
          "unknown key \"extra\"" },
        { RECIPE("256", "[1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,1],\"inverted\":true"),
          "unknown key \"inverted\"" },
        { RECIPE("256", "[1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,1],\"inver\":true"),
          "unknown key \"inver\"" },
        { RECIPE("2.5", "[1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,1]"),
          "\"resize\" must be a whole number" },
        { RECIPE("-1", "[1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,1]"),
          "\"resize\" must be 0 to 16384" },
        { RECIPE("256", "[1,1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,1]"),
          "\"crop\" must be a whole number or [height, width]" },
        { RECIPE("256", "[0,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,1]"), "sides of crop" },
        { RECIPE("256", "[1,1]", "2", "\"bilinear\"", "[0,0]", "[1,1]"),
          "\"channels\" must be 1 or 3" },
        { RECIPE("256", "[1,1]", "3", "\"bilinear\"", "[0,0]", "[1,1,1]"),
          "\"mean\" must be a list of as many numbers as there are channels (3)" },
        { RECIPE("256", "[1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,\"1\",1]"),
          "\"std\" must be" },
        { RECIPE("256", "[1,1]", "3", "\"bilinear\"", "[0,0,0]", "[1,1,0]"),
          "std must be finite and above 0" },
        { RECIPE("256", "[1,1]", "1", "\"bilinear\"", "[0]", "[1],\"invert\":1"),
          "\"invert\" must be true or false" },
        { RECIPE("16385", "[1,1]", "1", "\"bilinear\"", "[0]", "[1]"),
          "\"resize\" must be 0 to 16384" },
        { RECIPE("256", "-1", "1", "\"bilinear\"", "[0]", "[1]"), "\"crop\" must be 0 to 16384" },
        { RECIPE("256", "[16385,1]", "1", "\"bilinear\"", "[0]", "[1]"),
          "\"crop\" must be 0 to 16384" },
        { RECIPE("256", "[1,true]", "1", "\"bilinear\"", "[0]", "[1]"),
          "\"crop\" must be a whole number" },
        { RECIPE("256", "\"1\"", "1", "\"bilinear\"", "[0]", "[1]"),
          "\"crop\" must be a whole number or [height, width]" },
        { RECIPE("256", "[1,1]", "null", "\"bilinear\"", "[0]", "[1]"),
          "\"channels\" must be a whole number" },
        { RECIPE("256", "[1,1]", "1", "3", "[0]", "[1]"), "\"interpolation\" must be a string" },
        { RECIPE("256", "[1,1]", "1", "\"bilinear\"", "0", "[1]"),
          "\"mean\" must be a list of as many numbers as there are channels (1)" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cd_preprocess recipe = { .resize = -7 };
        assert_false(cd_preprocess_from_json(cases[i].text, &recipe));
        assert_int_equal(recipe.resize, -7);
        assert_failed_with(CD_ERR_FORMAT, cases[i].sentence);
    }
    cd_preprocess recipe;
    assert_false(cd_preprocess_from_json(
        RECIPE("256", "[1,1]", "3", "\"bicubic\"", "[0,0,0]", "[1,1,1]"), &recipe));
    assert_failed_with(CD_ERR_UNSUPPORTED, "must be \"bilinear\", it is \"bicubic\"");
    assert_true(cd_preprocess_from_json(
        RECIPE("0", "[2,3]", "1", "\"bilinear\"", "[0]", "[1],\"invert\":false"), &recipe));
    assert_false(recipe.invert);
    assert_int_equal(recipe.crop_height, 2);
    assert_int_equal(recipe.crop_width, 3);
}

/* The limit counts white space behind the recipe too. */
static void very_long_json_is_refused(void **state)
{
    (void)state;
    enum { LONGEST = 65535 };
    static char text[LONGEST + 2];
    static const char recipe[] = RECIPE("0", "7", "1", "\"bilinear\"", "[0]", "[1]");
    cd_preprocess out = { .crop_width = -7 };
    memset(text, ' ', LONGEST + 1);
    memcpy(text, recipe, sizeof recipe - 1);
    assert_false(cd_preprocess_from_json(text, &out));
    assert_failed_with(CD_ERR_FORMAT, "preprocessing: the JSON is longer than 65535 bytes");
    assert_int_equal(out.crop_width, -7);
    text[LONGEST] = '\0';
    assert_true(cd_preprocess_from_json(text, &out));
    assert_int_equal(out.crop_width, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(training_photographs_are_bit_equal_to_pil),
        TEST(validation_photographs_are_bit_equal_to_pil),
        TEST(well_known_photographs_are_bit_equal_to_pil),
        TEST(numbers_are_those_of_to_tensor_and_normalize),
        TEST(channels_become_planes),
        TEST(a_small_model_gets_stretched_grey),
        TEST(invert_is_255_minus),
        TEST(a_small_picture_gets_zeros_around_it),
        TEST(grey_pictures_serve_models_of_three_channels),
        TEST(every_failed_allocation_is_a_clean_error),
        TEST(bad_recipes_are_errors),
        TEST(recipes_have_bounds),
        TEST(what_is_not_given_is_said),
        TEST(a_low_picture_gets_zeros_above_and_below),
        TEST(imagenet_reads_well_as_json),
        TEST(json_brings_every_field_back),
        TEST(a_number_is_a_square_crop),
        TEST(wrong_json_is_said_in_a_sentence),
        TEST(very_long_json_is_refused),
    };
    return RUN(tests);
}
