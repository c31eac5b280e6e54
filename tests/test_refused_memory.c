/* The program, run as a user runs it, while the system refuses it memory: every third call for
 * memory in turn, alone and with all later calls, of the program and of its libraries.
 * test_sweep_*.c, which take long, refuse every call, to every command. */
#include "refusing.h"

static const stride third = { 3, 0 };

static void train_small(void)
{
    const ran *r = run("train", "--data", small_idx(20, 9), "--out", at("e"), "--hidden", "4",
                       "--epochs", "2", "--threads", "1");
    assert_ran(r, 0);
}

static void sweep_memory(swept_command *s)
{
    (void)sweep(s, &no_memory, third);
    swept_end(s);
}

static void train_fails_or_saves_every_bit(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "train", "o/m", "train", "--data", small_idx(20, 9), "--out", at("o/m"), "--hidden",
          "4", "--epochs", "2", "--threads", "1");
    sweep_memory(&s);
}

static void eval_fails_or_counts_right(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_small();
    BEGIN(&s, "eval", NULL, "eval", at("e"), "--data", small_idx(20, 9), "--threads", "1");
    sweep_memory(&s);
}

static void info_fails_or_shows_all(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_small();
    BEGIN(&s, "info", NULL, "info", at("e"));
    sweep_memory(&s);
}

static void predict_fails_or_names_the_classes(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_small();
    BEGIN(&s, "predict", NULL, "predict", at("e"), "--data", small_idx(20, 9), "--count", "2",
          "--threads", "1");
    sweep_memory(&s);
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
