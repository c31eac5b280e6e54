/* A generator's state as bytes: saving, restoring, and bytes that are not a state. test_random.c
 * compares the bytes with PyTorch's. */
#include "test.h"

#include "core/random_internal.h"

static cd_generator_state generator;

static uint32_t draw(void)
{
    uint32_t value = cd_random_u32(cd_generator_lock(NULL));
    cd_generator_unlock(NULL);
    return value;
}

static uint8_t blob[CD_RNG_STATE_BYTES];

static void a_restored_state_continues_as_before(void **state)
{
    (void)state;
    float before[40], after[40];
    cd_manual_seed(77);
    for (int drawn = 0; drawn < 1300; drawn += 13) {
        for (int i = 0; i < 13; i++) (void)draw();
        cd_random_normal(cd_generator_lock(NULL), CD_F32, before, 1, 0, 1);
        cd_generator_unlock(NULL);
        assert_true(cd_get_rng_state(blob, sizeof blob));
        cd_random_normal(cd_generator_lock(NULL), CD_F32, before, 9, 0, 1);
        cd_generator_unlock(NULL);
        cd_manual_seed(1);
        assert_true(cd_set_rng_state(blob, sizeof blob));
        cd_random_normal(cd_generator_lock(NULL), CD_F32, after, 9, 0, 1);
        cd_generator_unlock(NULL);
        assert_memory_equal(before, after, 9 * sizeof(float));
        assert_true(cd_initial_seed() == 77);
    }
}

static void both_normals_kept_for_later_are_restored(void **state)
{
    (void)state;
    cd_generator_state back;
    cd_random_seed(&generator, 5);
    generator.has_normal_f32 = generator.has_normal_f64 = true;
    generator.normal_f32 = -1.5f;
    generator.normal_f64 = 0.1;
    cd_random_write(&generator, blob);
    assert_true(cd_random_read(&back, blob, sizeof blob));
    assert_true(back.has_normal_f32 && back.has_normal_f64);
    assert_true(back.normal_f32 == -1.5f && back.normal_f64 == 0.1);
}

/* Writes a value of `bytes` bytes at an offset in a valid state. Reading that must fail with `text`
 * and change nothing. */
static void refuse(size_t offset, uint64_t value, size_t bytes, const char *text)
{
    cd_random_seed(&generator, 6);
    (void)cd_random_u32(&generator);
    cd_random_write(&generator, blob);
    for (size_t i = 0; i < bytes; i++) blob[offset + i] = (uint8_t)(value >> (8 * i));
    cd_generator_state before = generator;
    assert_false(cd_random_read(&generator, blob, sizeof blob));
    assert_failed_with(CD_ERR_FORMAT, text);
    assert_int_equal(generator.left, before.left);
    assert_memory_equal(generator.word, before.word, sizeof before.word);
}

static void bytes_that_are_no_state_are_refused(void **state)
{
    (void)state;
    refuse(8, 0, 4, "0 draws left");
    refuse(8, 625, 4, "625 draws left");
    refuse(8, UINT32_MAX, 4, "draws left");
    refuse(12, 0, 4, "seeded");
    refuse(16, 2, 8, "from word 2"); /* with 624 draws left, the last but one is past the end */
    refuse(16, UINT64_MAX - 600, 8, "draws left");
    refuse(24 + 8 * 623 + 4, 1, 4, "word 623");
    refuse(5040, 2, 4, "flag");
    refuse(5052, 255, 1, "flag");
    blob[0] = 0;
    assert_false(cd_random_read(&generator, blob, sizeof blob - 1));
    assert_failed_with(CD_ERR_FORMAT, "5055 bytes");
    assert_false(cd_random_read(&generator, NULL, sizeof blob));
    assert_failed_with(CD_ERR_FORMAT, "5056");
}

static void a_kept_number_must_be_finite(void **state)
{
    (void)state;
    cd_random_seed(&generator, 6);
    generator.has_normal_f64 = true;
    generator.normal_f64 = NAN;
    cd_random_write(&generator, blob);
    assert_false(cd_random_read(&generator, blob, sizeof blob));
    assert_failed_with(CD_ERR_FORMAT, "finite");
}

/* Every state that the reader accepts is safe to draw from: sanitizers would report reads out of
 * bounds. */
static void any_accepted_state_can_be_drawn_from(void **state)
{
    (void)state;
    int accepted = 0;
    for (int left = 0; left <= 640; left += 1 + left % 7) {
        for (int next = 0; next <= 640; next += 1 + next % 5) {
            cd_random_seed(&generator, 6);
            generator.left = left;
            generator.next = (uint32_t)next;
            cd_random_write(&generator, blob);
            if (!cd_random_read(&generator, blob, sizeof blob)) {
                cd_clear_error();
                continue;
            }
            accepted++;
            for (int i = 0; i < 1300; i++) (void)cd_random_u32(&generator);
        }
    }
    assert_true(accepted > 100);
}

static void set_rng_state_keeps_the_old_one_on_failure(void **state)
{
    (void)state;
    cd_manual_seed(4);
    uint32_t first = draw();
    assert_true(cd_get_rng_state(blob, sizeof blob));
    cd_manual_seed(4);
    assert_false(cd_set_rng_state(blob, 7));
    assert_failed_with(CD_ERR_FORMAT, "7 bytes");
    assert_false(cd_get_rng_state(blob, 7));
    assert_failed_with(CD_ERR_ARGUMENT, "7 bytes");
    cd_fail(CD_ERR_IO, "pending");
    assert_false(cd_set_rng_state(blob, sizeof blob));
    assert_failed_with(CD_ERR_IO, "pending");
    assert_int_equal(draw(), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_restored_state_continues_as_before),
        TEST(both_normals_kept_for_later_are_restored),
        TEST(bytes_that_are_no_state_are_refused),
        TEST(a_kept_number_must_be_finite),
        TEST(any_accepted_state_can_be_drawn_from),
        TEST(set_rng_state_keeps_the_old_one_on_failure),
    };
    return RUN(tests);
}
