/* Reads any bytes as the text form of transforms.
 *
 * Checked: a text that is accepted is written as a text that gives the same transforms and is
 * written in the same way again; and each transform that was read changes a small picture or says
 * why it cannot, and leaves the picture as it was. */
#include <stdlib.h>
#include <string.h>

#include "autograd/create.h"
#include "autograd/ops.h"
#include "core/error.h"
#include "core/scope.h"
#include "fuzz.h"
#include "io/transform.h"

enum { MEMORY = 64 << 20, PIXELS = 3 * 6 * 5 };

static const cd_preprocess recipe = { .crop_width = 5,
                                      .crop_height = 6,
                                      .channels = 3,
                                      .mean = { 0.5, 0.25, 0 },
                                      .std = { 0.5, 0.25, 1 } };

static bool same_values(const double *a, const double *b, int count)
{
    for (int i = 0; i < count; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

static void check_same(const cd_augmentation *a, const cd_augmentation *b)
{
    FUZZ_CHECK(a->transform_count == b->transform_count);
    FUZZ_CHECK(a->batch_transform_count == b->batch_transform_count);
    for (int i = 0; i < a->transform_count; i++) {
        FUZZ_CHECK(a->transforms[i].apply == b->transforms[i].apply);
        FUZZ_CHECK(
            same_values(a->transforms[i].value, b->transforms[i].value, CD_TRANSFORM_VALUES));
    }
    for (int i = 0; i < a->batch_transform_count; i++) {
        FUZZ_CHECK(a->batch_transforms[i].apply == b->batch_transforms[i].apply);
        FUZZ_CHECK(same_values(a->batch_transforms[i].value, b->batch_transforms[i].value,
                               CD_BATCH_TRANSFORM_VALUES));
    }
}

static void check_round_trip(const cd_augmentation *a)
{
    char text[CD_AUGMENTATION_TEXT], again[CD_AUGMENTATION_TEXT];
    cd_augmentation b;
    FUZZ_CHECK(cd_augmentation_to_text(a, &recipe, 3, text, sizeof text));
    FUZZ_CHECK(cd_augmentation_from_text(text, &recipe, 3, &b));
    check_same(a, &b);
    FUZZ_CHECK(cd_augmentation_to_text(&b, &recipe, 3, again, sizeof again));
    FUZZ_CHECK(strcmp(text, again) == 0);
}

static void apply_all(const cd_augmentation *a)
{
    CD_SCOPE();
    float picture[PIXELS], after[PIXELS];
    for (int i = 0; i < PIXELS; i++) picture[i] = (float)(i * 37 % 101) / 50 - 1;
    cd_tensor *x = cd_from_array(picture, CD_SHAPE(3, 6, 5));
    cd_generator *g = cd_generator_new(1);
    FUZZ_CHECK(x && g);
    for (int i = 0; i < a->transform_count; i++) {
        CD_SCOPE();
        cd_tensor *y = cd_transforms_apply(&a->transforms[i], 1, x, g);
        if (y) FUZZ_CHECK(cd_numel(y) == PIXELS);
        if (!y) (void)fuzz_refused();
    }
    FUZZ_CHECK(cd_read(x, after, sizeof after));
    FUZZ_CHECK(memcmp(picture, after, sizeof after) == 0);
    cd_batch b = { .x = cd_reshape(x, CD_SHAPE(3, 1, 6, 5)), .y = cd_arange(3, .dtype = CD_I64) };
    FUZZ_CHECK(cd_batch_transforms_apply(a->batch_transforms, a->batch_transform_count, &b, g));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    fuzz_begin(MEMORY);
    {
        CD_SCOPE();
        cd_augmentation a;
        if (cd_augmentation_from_text(text, &recipe, 3, &a)) {
            check_round_trip(&a);
            apply_all(&a);
        } else {
            (void)fuzz_refused();
        }
    }
    fuzz_end();
    free(text);
    return 0;
}
