/* Two lists of class names: equal, or a sentence that says what differs. */
#include "hostile.h"

#include "io/class_names_internal.h"

#define LIST(where_, ...)                                                                          \
    {                                                                                              \
        .where = (where_), .items = (char *[]){ __VA_ARGS__ },                                     \
        .count = (int64_t)(sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *))                     \
    }

static void equal_lists_are_the_same(void **state)
{
    (void)state;
    const cd_class_names a = LIST("train", "ants", "bees"), b = LIST("val", "ants", "bees");
    assert_true(cd_class_names_same(&a, &b));
}

static void differences_are_named(void **state)
{
    (void)state;
    const cd_class_names a = LIST("train", "ants", "bees", "cats"),
                         b = LIST("val", "ants", "beetles", "cats"),
                         c = LIST("val", "a", "ants", "b", "bees", "c", "cats", "d", "e"),
                         d = LIST("train", "ants");
    assert_false(cd_class_names_same(&a, &b));
    assert_failed_with(CD_ERR_FORMAT,
                       "the classes differ: only train has \"bees\" (1), only val has "
                       "\"beetles\" (1)");
    assert_false(cd_class_names_same(&a, &c));
    assert_failed_with(CD_ERR_FORMAT,
                       "only train has none (0), only val has \"a\", \"b\", \"c\" and 2 more (5)");
    assert_false(cd_class_names_same(&d, &a));
    assert_failed_with(CD_ERR_FORMAT, "only train has \"bees\", \"cats\" (2)");
}

/* The names of Fashion-MNIST are not sorted, so the order may differ. */
static void another_order_is_said_so(void **state)
{
    (void)state;
    const cd_class_names a = LIST("train", "shirt", "coat", "bag"),
                         b = LIST("val", "coat", "shirt", "bag"),
                         c = LIST("val", "shirt", "shoe", "bag");
    assert_true(cd_class_names_same(&a, &a));
    assert_false(cd_class_names_same(&a, &b));
    assert_failed_with(CD_ERR_FORMAT, "the classes of train and val are in different orders");
    assert_false(cd_class_names_same(&a, &c));
    assert_failed_with(CD_ERR_FORMAT, "only train has \"coat\" (1), only val has \"shoe\" (1)");
}

static void capital_letters_are_said_so(void **state)
{
    (void)state;
    const cd_class_names a = LIST("train", "Ants", "bees"), b = LIST("val", "ants", "bees");
    assert_false(cd_class_names_same(&a, &b));
    assert_failed_with(CD_ERR_FORMAT, "\"Ants\" in train and \"ants\" in val differ in capital "
                                      "letters only: rename one of the folders");
}

/* macOS writes an accent as a code point behind its letter, other systems write letter and accent
 * as one code point; the names look the same. */
static void accents_of_other_bytes_are_said_so(void **state)
{
    (void)state;
    static const struct {
        char *one, *other;
        bool alike;
    } pairs[] = {
        { "caf\u00e9", "cafe\u0301", true },
        { "\u00fcber \u00c4pfel", "u\u0308ber A\u0308pfel", true },
        { "\u1ebf", "e\u0302\u0301", true },      /* Vietnamese: two marks */
        { "\u304c", "\u304b\u3099", true },       /* Japanese: voiced */
        { "\ud55c", "\u1112\u1161\u11ab", true }, /* Korean: three parts */
        { "caf\u00e9s", "cafe\u0301", false },
        { "caf\u00e9", "cafe", false },
        { "\u3071", "\u306f\u309a", true }, /* Japanese: half-voiced */
        { "cafe\u0301", "cafe\u0300", false },
        { "\u1e17", "e\u0304\u0301", true },
        { "e", "e\u0301", false },                 /* no composed letter */
        { "\u3042\u304c", "\u3042\u309b", false }, /* not a mark but a sign of its own */
        { "\u2200", "\u1200", false },
        { "a\u00e9", "be\u0301", false },
        { "\xc3", "\xff", false },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        for (int turn = 0; turn < 2; turn++) {
            const cd_class_names a = LIST("train", turn ? pairs[i].other : pairs[i].one),
                                 b = LIST("val", turn ? pairs[i].one : pairs[i].other);
            assert_false(cd_class_names_same(&a, &b));
            assert_that((strstr(cd_error_message(), "look alike") != NULL) == pairs[i].alike,
                        "%zu: %s", i, cd_error_message());
            assert_failed_with(CD_ERR_FORMAT, "the classes differ");
        }
    }
}

static bool compare_lists(void *user)
{
    const cd_class_names *lists = user;
    (void)cd_class_names_same(&lists[0], &lists[1]);
    if (!cd_ok() && cd_error_code() == CD_ERR_MEMORY) return false;
    assert_failed_with(CD_ERR_FORMAT, "the classes differ: only train has \"a\" (1), only val has "
                                      "\"b\", \"c\" (2)");
    return true;
}

static void without_memory_the_difference_is_not_known(void **state)
{
    (void)state;
    cd_class_names lists[] = { LIST("train", "a", "x"), LIST("val", "b", "c", "x") };
    assert_int_equal(sweep_memory(compare_lists, lists), 2);
}

static void a_list_may_be_empty(void **state)
{
    (void)state;
    const cd_class_names a = LIST("train", "a"), none = { "val", NULL, 0 };
    assert_true(cd_class_names_same(&none, &none));
    assert_false(cd_class_names_same(&a, &none));
    assert_failed_with(CD_ERR_FORMAT, "only train has \"a\" (1), only val has none (0)");
    assert_false(cd_class_names_same(&none, &a));
    assert_failed_with(CD_ERR_FORMAT, "only val has none (0), only train has \"a\" (1)");
}

/* Comparing each name with each would take 10^10 comparisons. */
static void many_classes_take_no_time(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    static char text[2][MANY][16], *names[2][MANY];
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < MANY; i++) {
            (void)snprintf(text[side][i], sizeof text[0][0], "%c%06d", 'a' + side, i);
            names[side][i] = text[side][i];
        }
    }
    const cd_class_names a = { "train", names[0], MANY }, b = { "val", names[1], MANY };
    assert_false(cd_class_names_same(&a, &b));
    assert_failed_with(CD_ERR_FORMAT, "only train has \"a000000\", \"a000001\", \"a000002\" and "
                                      "99997 more (100000), only val has \"b000000\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_lists_are_the_same),
        TEST(differences_are_named),
        TEST(another_order_is_said_so),
        TEST(capital_letters_are_said_so),
        TEST(accents_of_other_bytes_are_said_so),
        TEST(without_memory_the_difference_is_not_known),
        TEST(a_list_may_be_empty),
        TEST(many_classes_take_no_time),
    };
    return RUN(tests);
}
