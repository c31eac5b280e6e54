/* The program, from outside, while the system refuses it memory, once and from then on, to
 * libraries as well: at every third call for it. test_refused_memory_long.c has every call, and the
 * runs that take long. */
#include "refusing.h"

static void train_small(void)
{
    const ran *r = run("train", "--data", small_idx(20, 9), "--out", at("e"), "--hidden", "4",
                       "--epochs", "2", "--threads", "1");
    assert_ran(r, 0);
}

static void train_fails_or_saves_every_bit(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    sweep("m", 3, 0, "train", "--data", small_idx(20, 9), "--out", at("m"), "--hidden", "4",
          "--epochs", "2", "--threads", "1");
}

static void eval_fails_or_counts_right(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    train_small();
    sweep(NULL, 3, 0, "eval", at("e"), "--data", small_idx(20, 9), "--threads", "1");
}

static void info_fails_or_shows_all(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    train_small();
    sweep(NULL, 3, 0, "info", at("e"));
}

static void predict_fails_or_names_the_classes(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    train_small();
    sweep(NULL, 3, 0, "predict", at("e"), "--data", small_idx(20, 9), "--count", "2", "--threads",
          "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(train_fails_or_saves_every_bit),
        TEST(eval_fails_or_counts_right),
        TEST(info_fails_or_shows_all),
        TEST(predict_fails_or_names_the_classes),
    };
    return RUN(tests);
}
