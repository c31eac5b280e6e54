/* The program, run as a user runs it, while the system refuses it a call: a few kinds of calls, on
 * small data. test_sweep_*.c, which take long, have all kinds and every command. */
#include "folders.h"
#include "refusing.h"

static void sweep_calls_of(swept_command *s, const refusal *f)
{
    assert_true(sweep(s, f, every) > 0);
    swept_end(s);
}

/* A split with a file that may not be read does not count as missing. */
static void unreadable_idx_files_are_named(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const refusal f = { "access", EACCES, EITHER, true };
    swept_command s;
    assert_ran(run("train", "--data", small_idx(20, 9), "--out", at("e"), "--epochs", "1"), 0);
    BEGIN(&s, "eval", NULL, "eval", at("e"), "--data", small_idx(20, 9), "--threads", "1");
    sweep_calls_of(&s, &f);
}

static void make_photographs(void)
{
    make_folder("photos");
    write_photographs("photos/train", 1);
    write_photographs("photos/val", 1);
    link_to("../dark/0.bmp", "photos/val/light/1.bmp");
    link_to("val", "photos/validation");
}

/* A picture that cannot be read is an error; only those that cannot be decoded are left out. */
static void refused_photographs_are_not_left_out(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const refusal refusals[] = {
        { "read", EIO, FAILS, false },
        { "open", EMFILE, EITHER, false },
        { "stat", EIO, EITHER, false },
    };
    make_photographs();
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        swept_command s;
        BEGIN(&s, "train", "o/m", "train", "--data", at("photos"), "--out", at("o/m"), "--hidden",
              "none", "--epochs", "1", "--threads", "1");
        sweep_calls_of(&s, &refusals[i]);
    }
}

static void info_fails_when_the_file_cannot_be_read(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const refusal f = { "read", EIO, FAILS, false };
    swept_command s;
    assert_ran(run("train", "--data", small_idx(20, 9), "--out", at("e"), "--epochs", "1"), 0);
    BEGIN(&s, "info", NULL, "info", at("e"));
    sweep_calls_of(&s, &f);
}

/* One write fails and the later ones do not: the sentence still has the reason of the first. */
static void lost_output_has_its_reason(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const refusal f = { "stdout", ENOSPC, EITHER, false };
    swept_command s;
    BEGIN(&s, "help", NULL, "help");
    sweep_calls_of(&s, &f);
}

static void refused_key_is_named(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const refusal f = { "thread_key", EAGAIN, FAILS, false };
    swept_command s;
    BEGIN(&s, "info", NULL, "info", test_path("golden/formats.safetensors"));
    sweep_calls_of(&s, &f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(unreadable_idx_files_are_named),
        TEST(refused_photographs_are_not_left_out),
        TEST(info_fails_when_the_file_cannot_be_read),
        TEST(lost_output_has_its_reason),
        TEST(refused_key_is_named),
    };
    return RUN(tests);
}
