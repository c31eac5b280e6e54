/* How the program divides a set: models that were saved say how, so it must stay as it was. */
#include "folders.h"

#include "apps/division.h"

enum { COUNT = 40 };

/* An IDX set of one-pixel pictures with the labels 0, 1 and 3, mixed. */
static const char *write_set(void)
{
    static char name[512];
    unsigned char images[16 + COUNT] = { 0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, 1, 0, 0, 0, 1 };
    unsigned char labels[8 + COUNT] = { 0, 0, 8, 1, 0, 0, 0, COUNT };
    static const unsigned char used[] = { 0, 1, 3 };
    for (int i = 0; i < COUNT; i++) labels[8 + i] = used[(i * 7 + i / 5) % 3];
    (void)test_write("train-images-idx3-ubyte", images, sizeof images);
    (void)test_write("train-labels-idx1-ubyte", labels, sizeof labels);
    (void)snprintf(name, sizeof name, "idx:%s", test_folder());
    return name;
}

/* PyTorch: torch.manual_seed(7), and for each class with members, in order, the first 20 % of
 * torch.randperm(members), rounded. */
static void what_is_held_back_stays_the_same(void **state)
{
    (void)state;
    static const int64_t expected[] = { 0, 17, 19, 20, 26, 31, 32, 38 };
    enum { HELD_COUNT = sizeof expected / sizeof *expected };
    division d;
    assert_true(divide(&d, write_set(), NULL, 0.2, 7));
    assert_int_equal(d.held.count, HELD_COUNT);
    assert_int_equal(d.train.count, COUNT - HELD_COUNT);
    for (int i = 0; i < HELD_COUNT; i++) assert_int_equal(d.held.index[i], expected[i]);
    assert_string_equal(d.held_name, "val");
    assert_string_equal(d.fingerprint, "94449a5a3579ac1d");
    division_free(&d);
}

/* FNV-1a over label, "/", name and a zero for each photograph. */
static void fingerprints_stay_the_same(void **state)
{
    (void)state;
    TOUCH("a/2.jpg", "a/1.jpg", "b/x.jpg");
    char text[FINGERPRINT_BYTES];
    fingerprint(cd_dataset_open(test_folder()), text);
    assert_string_equal(text, "2f58b98b0ce935cd");
}

/* The end of a path is what tells pictures apart; the name of a set may be as long. */
static void names_of_samples_are_cut_between_characters(void **state)
{
    (void)state;
    char word[256] = "", long_set[512], path[400], name[SAMPLE_NAME_BYTES];
    char escaped[2 * SAMPLE_NAME_BYTES];
    for (int i = 0; i < 80; i++) strcat(word, "\xE7\x8C\xAB");
    for (int more = 0; more < 3; more++) { /* for each place in a character */
        (void)snprintf(path, sizeof path, "%.120s/%s%.*s.jpg", word, word, more, "xyz");
        touch(path);
    }
    cd_dataset *set = cd_dataset_open(test_folder()), *bare = cd_dataset_open(write_set());
    assert_int_equal(cd_dataset_count(set), 3);
    for (int i = 0; i < 3; i++) {
        (void)sample_name(set, i, "", name);
        assert_string_equal(cd_escape_text(escaped, sizeof escaped, name), name);
        const char *file = cd_dataset_path(set, i);
        assert_true(strlen(name) >= SAMPLE_NAME_BYTES - 4); /* it ends as the path does */
        assert_string_equal(file + strlen(file) - strlen(name), name);
        (void)snprintf(long_set, sizeof long_set, "%.*s%s", i, "xyz", word);
        (void)sample_name(bare, 7, long_set, name);
        assert_int_equal(strncmp(name, "picture 7 of ", 13), 0);
        assert_string_equal(cd_escape_text(escaped, sizeof escaped, name), name);
    }
}

static void many_classes_are_each_divided(void **state)
{
    (void)state;
    enum { MANY = 2000, EACH = 3 };
    for (int i = 0; i < MANY * EACH; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%d/%d.jpg", i / EACH, i % EACH);
        touch(name);
    }
    division d = { .fraction = 0 };
    assert_true(divide(&d, test_folder(), NULL, 0, 0));
    assert_int_equal(d.held.count, MANY);
    assert_int_equal(d.train.count, MANY * (EACH - 1));
    for (int64_t k = 0; k < MANY; k++) assert_int_equal(d.held.index[k] / EACH, k);
    division_free(&d);
}

/* Whatever the fraction, one of each class stays, and one is held back where there are two. */
static void no_class_is_held_back_whole_or_not_at_all(void **state)
{
    (void)state;
    TOUCH("a/1.jpg", "a/2.jpg", "b/1.jpg", "c/1.jpg", "c/2.jpg", "c/3.jpg");
    static const struct {
        double fraction;
        int64_t held[3]; /* of each class */
    } cases[] = { { 0.9, { 1, 0, 2 } }, { 0.5, { 1, 0, 2 } }, { 0.001, { 1, 0, 1 } } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        division d = { .fraction = 0 };
        int64_t held[3] = { 0 };
        assert_true(divide(&d, test_folder(), NULL, cases[i].fraction, 0));
        for (int64_t k = 0; k < d.held.count; k++) {
            held[cd_dataset_label(d.held.set, d.held.index[k])]++;
        }
        assert_memory_equal(held, cases[i].held, sizeof held);
        assert_int_equal(d.train.count + d.held.count, 6);
        division_free(&d);
    }
}

static void val_is_validated_with_before_test(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "train/b/1.jpg", "validation/a/1.jpg", "validation/b/1.jpg",
          "validation/b/2.jpg", "test/a/1.jpg", "test/b/1.jpg");
    division d;
    assert_true(divide(&d, test_folder(), NULL, 0, 0));
    assert_string_equal(d.held_name, "val");
    assert_int_equal(d.held.count, 3);
    division_free(&d);
    char from[512], to[512];
    (void)snprintf(from, sizeof from, "%s/validation", test_folder());
    (void)snprintf(to, sizeof to, "%s/.hidden", test_folder());
    assert_int_equal(rename(from, to), 0);
    assert_true(divide(&d, test_folder(), NULL, 0, 0));
    assert_string_equal(d.held_name, "test");
    assert_int_equal(d.held.count, 2);
    division_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_held_back_stays_the_same),
        TEST(fingerprints_stay_the_same),
        TEST(names_of_samples_are_cut_between_characters),
        TEST(many_classes_are_each_divided),
        TEST(no_class_is_held_back_whole_or_not_at_all),
        TEST(val_is_validated_with_before_test),
    };
    return RUN(tests);
}
