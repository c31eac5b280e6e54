/* Suggestions for mistyped words. */
#include "test.h"

#include <limits.h>

#include "core/nearest.h"

static const char *nearest(const char *typed)
{
    static const char *const words[] = { "train", "test", "fashion-mnist", "mnist" };
    const char *best = NULL;
    int distance = INT_MAX;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        cd_nearest_offer(typed, words[i], &best, &distance);
    }
    return best ? best : "none";
}

static void the_nearest_word_is_kept(void **state)
{
    (void)state;
    assert_string_equal(nearest("trian"), "train");                 /* two letters swapped */
    assert_string_equal(nearest("tets"), "test");                   /* two letters swapped */
    assert_string_equal(nearest("mnis"), "mnist");                  /* a letter missing */
    assert_string_equal(nearest("minist"), "mnist");                /* a letter too many */
    assert_string_equal(nearest("fashlon_mnist"), "fashion-mnist"); /* two letters changed */
    assert_string_equal(nearest("fas"), "fashion-mnist");           /* the beginning of a word */
    assert_string_equal(nearest("test"), "test");
    const char *best = NULL; /* of two words at the same distance, the first stays */
    int distance = INT_MAX;
    cd_nearest_offer("bat", "cat", &best, &distance);
    cd_nearest_offer("bat", "rat", &best, &distance);
    assert_string_equal(best, "cat");
}

/* One in a word of up to 4 letters, two in one of up to 7, three in a longer one. */
static void how_many_letters_may_differ(void **state)
{
    (void)state;
    assert_string_equal(nearest("texx"), "none");
    assert_string_equal(nearest("mnxsty"), "mnist");
    assert_string_equal(nearest("mxxsty"), "none");
    assert_string_equal(nearest("fashlon_nmist"), "fashion-mnist");
    assert_string_equal(nearest("fashlon_nmxst"), "none");
}

static void unlike_words_are_not_taken(void **state)
{
    (void)state;
    assert_string_equal(nearest("cifar10"), "none");
    assert_string_equal(nearest("tr"), "none");
    assert_string_equal(nearest(""), "none");
    assert_string_equal(nearest("a word of more than thirty-one letters"), "none");
    const char *best = "as it was";
    int distance = 7;
    cd_nearest_offer(NULL, "train", &best, &distance);
    cd_nearest_offer("train", NULL, &best, &distance);
    cd_nearest_offer("train", "train", NULL, &distance);
    cd_nearest_offer("train", "train", &best, NULL);
    assert_string_equal(best, "as it was");
    assert_int_equal(distance, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_nearest_word_is_kept),
        TEST(how_many_letters_may_differ),
        TEST(unlike_words_are_not_taken),
    };
    return RUN(tests);
}
