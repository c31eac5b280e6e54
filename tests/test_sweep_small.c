/* Every command on small data, while the system refuses it a call: in turn each call for memory,
 * and each of the other kinds that tests/refusing.h lists. */
#include "refusing.h"

static void train_model(const char *name)
{
    assert_ran(run("train", "--data", small_idx(20, 9), "--out", at(name), "--hidden", "4",
                   "--epochs", "2", "--threads", "1"),
               0);
}

static void train(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "train", "o/m", "train", "--data", small_idx(20, 9), "--out", at("o/m"), "--hidden",
          "4", "--epochs", "2", "--threads", "1");
    sweep_whole(&s);
}

static void train_json(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "train --json", "o/m.safetensors", "train", "--data", small_idx(20, 9), "--out",
          at("o/m.safetensors"), "--hidden", "none", "--epochs", "1", "--val-split", "0.3",
          "--threads", "1", "--json");
    sweep_whole(&s);
}

/* --out is a link, and the file that it points to is replaced. */
static void train_through_a_link(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    make_folder("o");
    assert_int_equal(symlink("o/m", at("link")), 0);
    BEGIN(&s, "train to a link", "o/m", "train", "--data", small_idx(20, 9), "--out", at("link"),
          "--hidden", "4", "--epochs", "1", "--threads", "1");
    sweep_calls(&s, every);
    swept_end(&s);
}

static void train_a_new_file(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "train, no old file", "o/m", "train", "--data", small_idx(20, 9), "--out", at("o/m"),
          "--hidden", "4", "--epochs", "1", "--threads", "1");
    s.fresh = true;
    sweep_whole(&s);
}

static void eval(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model("e");
    BEGIN(&s, "eval", NULL, "eval", at("e"), "--data", small_idx(20, 9), "--threads", "1");
    sweep_whole(&s);
}

static void eval_json(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model("e");
    BEGIN(&s, "eval --json", NULL, "eval", at("e"), "--data", small_idx(20, 9), "--split", "train",
          "--threads", "1", "--json");
    sweep_whole(&s);
}

/* The page is another in each run, by its times. A system call that fails while pictures are read
 * for it leaves one picture out, so only memory is refused. */
static void eval_report(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model("e");
    BEGIN(&s, "eval --report", NULL, "eval", at("e"), "--data", small_idx(20, 9), "--threads", "1",
          "--report", at("r.html"));
    (void)sweep(&s, &no_memory, every);
    swept_end(&s);
}

static void predict(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model("e");
    BEGIN(&s, "predict --data", NULL, "predict", at("e"), "--data", small_idx(20, 9), "--count",
          "2", "--threads", "1");
    sweep_whole(&s);
}

static void predict_json(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model("e");
    BEGIN(&s, "predict --data --json", NULL, "predict", at("e"), "--data", small_idx(20, 9),
          "--count", "2", "--threads", "1", "--json");
    sweep_whole(&s);
}

static void info(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    train_model("e");
    BEGIN(&s, "info", NULL, "info", at("e"));
    sweep_whole(&s);
    BEGIN(&s, "info --json", NULL, "info", at("e"), "--json");
    sweep_whole(&s);
}

static void info_of_other_containers(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    static const char *const files[] = { "formats.safetensors", "formats.pth", "formats_v3.pth",
                                         "formats_wrapped.pth" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[64], path[64];
        (void)snprintf(name, sizeof name, "info %s", files[i]);
        (void)snprintf(path, sizeof path, "golden/%s", files[i]);
        swept_command s;
        BEGIN(&s, name, NULL, "info", test_path(path));
        sweep_whole(&s);
    }
}

static void help_and_version(void **state)
{
    (void)state;
    SKIP_UNDER_SANITIZERS();
    swept_command s;
    BEGIN(&s, "help", NULL, "help");
    sweep_whole(&s);
    BEGIN(&s, "help predict", NULL, "help", "predict");
    sweep_whole(&s);
    BEGIN(&s, "version", NULL, "version");
    sweep_whole(&s);
    BEGIN(&s, "version --json", NULL, "version", "--json");
    sweep_whole(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(train),
        TEST(train_json),
        TEST(train_through_a_link),
        TEST(train_a_new_file),
        TEST(eval),
        TEST(eval_json),
        TEST(eval_report),
        TEST(predict),
        TEST(predict_json),
        TEST(info),
        TEST(info_of_other_containers),
        TEST(help_and_version),
    };
    return RUN(tests);
}
