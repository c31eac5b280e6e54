/* How the program splits a data set into train and validation samples. Saved models record the seed
 * and the fraction, and eval makes the split again from them, so the same arguments must give the
 * same split for ever. */
#include "folders.h"

#include "apps/split.h"

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
static void the_validation_samples_stay_the_same(void **state)
{
    (void)state;
    static const int64_t expected[] = { 0, 17, 19, 20, 26, 31, 32, 38 };
    enum { EXPECTED = sizeof expected / sizeof *expected };
    split s;
    assert_true(split_open(&s, write_set(), NULL, 0.2, 7));
    assert_int_equal(s.validation.count, EXPECTED);
    assert_int_equal(s.train.count, COUNT - EXPECTED);
    for (int i = 0; i < EXPECTED; i++) assert_int_equal(s.validation.index[i], expected[i]);
    assert_string_equal(s.validation_name, "val");
    assert_string_equal(s.fingerprint, "94449a5a3579ac1d");
    split_free(&s);
}

/* The expected value is FNV-1a over each photograph's label, "/", file name and a NUL. */
static void fingerprints_stay_the_same(void **state)
{
    (void)state;
    TOUCH("a/2.jpg", "a/1.jpg", "b/x.jpg");
    char text[FINGERPRINT_BYTES];
    fingerprint(cd_dataset_open(test_folder()), text);
    assert_string_equal(text, "2f58b98b0ce935cd");
}

/* A long path is cut at its beginning, since pictures differ at its end; the long name of a data
 * set is cut at its end. */
static void names_of_samples_are_cut_between_characters(void **state)
{
    (void)state;
    char word[256] = "", long_set[512], path[400], name[SAMPLE_NAME_BYTES];
    char escaped[2 * SAMPLE_NAME_BYTES];
    for (int i = 0; i < 80; i++) strcat(word, "\xE7\x8C\xAB");
    for (int more = 0; more < 3; more++) { /* for each byte of a character */
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

static void many_classes_are_each_split(void **state)
{
    (void)state;
    enum { MANY = 2000, EACH = 3 };
    for (int i = 0; i < MANY * EACH; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%d/%d.jpg", i / EACH, i % EACH);
        touch(name);
    }
    split s = { .fraction = 0 };
    assert_true(split_open(&s, test_folder(), NULL, 0, 0));
    assert_int_equal(s.validation.count, MANY);
    assert_int_equal(s.train.count, MANY * (EACH - 1));
    for (int64_t k = 0; k < MANY; k++) assert_int_equal(s.validation.index[k] / EACH, k);
    split_free(&s);
}

/* With any fraction, each class keeps a sample to train on, and where it has two, one to validate
 * on. */
static void each_class_has_samples_of_both_kinds(void **state)
{
    (void)state;
    TOUCH("a/1.jpg", "a/2.jpg", "b/1.jpg", "c/1.jpg", "c/2.jpg", "c/3.jpg");
    static const struct {
        double fraction;
        int64_t validation[3]; /* samples of each class */
    } cases[] = { { 0.9, { 1, 0, 2 } }, { 0.5, { 1, 0, 2 } }, { 0.001, { 1, 0, 1 } } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        split s = { .fraction = 0 };
        int64_t validation[3] = { 0 };
        assert_true(split_open(&s, test_folder(), NULL, cases[i].fraction, 0));
        for (int64_t k = 0; k < s.validation.count; k++) {
            validation[cd_dataset_label(s.validation.set, s.validation.index[k])]++;
        }
        assert_memory_equal(validation, cases[i].validation, sizeof validation);
        assert_int_equal(s.train.count + s.validation.count, 6);
        split_free(&s);
    }
}

static void val_is_preferred_to_test(void **state)
{
    (void)state;
    TOUCH("train/a/1.jpg", "train/b/1.jpg", "validation/a/1.jpg", "validation/b/1.jpg",
          "validation/b/2.jpg", "test/a/1.jpg", "test/b/1.jpg");
    split s;
    assert_true(split_open(&s, test_folder(), NULL, 0, 0));
    assert_string_equal(s.validation_name, "val");
    assert_int_equal(s.validation.count, 3);
    split_free(&s);
    char from[512], to[512];
    (void)snprintf(from, sizeof from, "%s/validation", test_folder());
    (void)snprintf(to, sizeof to, "%s/.hidden", test_folder());
    assert_int_equal(rename(from, to), 0);
    assert_true(split_open(&s, test_folder(), NULL, 0, 0));
    assert_string_equal(s.validation_name, "test");
    assert_int_equal(s.validation.count, 2);
    split_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_validation_samples_stay_the_same),        TEST(fingerprints_stay_the_same),
        TEST(names_of_samples_are_cut_between_characters), TEST(many_classes_are_each_split),
        TEST(each_class_has_samples_of_both_kinds),        TEST(val_is_preferred_to_test),
    };
    return RUN(tests);
}
