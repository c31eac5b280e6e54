/* The program, run as a user runs it: wrong usage (exit status 2), failures (1), and Ctrl-C
 * (130). */
#include <stdlib.h>
#include <sys/resource.h>

#include <candela.h>

#include "program.h"

/* Exit status 2, a sentence that also says where help is, and nothing on standard output. */
static void assert_misuse(const ran *r, const char *sentence)
{
    assert_ran(r, 2);
    assert_says(r->err, sentence);
    assert_says(r->err, "candela help");
    assert_string_equal(r->out, "");
}

static void assert_failure(const ran *r, const char *sentence)
{
    assert_ran(r, 1);
    assert_says(r->err, sentence);
    assert_says(r->err, "candela ");
    assert_string_equal(r->out, "");
}

/* --- used wrongly ----------------------------------------------------------------------------- */

static void commands_that_are_none(void **state)
{
    (void)state;
    const ran *r = run_alone();
    assert_ran(r, 2);
    assert_says(r->err, "usage: " CANDELA_PROGRAM " COMMAND");
    assert_string_equal(r->out, "");
    assert_misuse(run("trian"), "no command \"trian\"; did you mean train?");
    assert_misuse(run("pred"), "did you mean predict?");
    assert_misuse(run("xyzzy"), "there is no command \"xyzzy\" (");
    assert_misuse(run(""), "no command \"\"");
    assert_misuse(run("help", "evla"), "no command \"evla\"; did you mean eval?");
    assert_says(run("help", "xyzzy")->err, "help\" lists them)\n");
    assert_misuse(run("--quiet", "train"),
                  "the command comes before its options, and \"--quiet\" stands first");
    assert_misuse(run("-v"), "and \"-v\" stands first");
    assert_misuse(run("Train"), "did you mean train?");
}

static void options_that_are_none(void **state)
{
    (void)state;
    assert_misuse(run("train", "--epocs", "3"), "no option --epocs; did you mean --epochs?");
    assert_misuse(run("train", "--wieght-decay=1"), "did you mean --weight-decay?");
    assert_misuse(run("eval", "m", "--dta", "x"), "did you mean --data?");
    assert_misuse(run("predict", "--frobnicate"), "there is no option --frobnicate (");
    assert_misuse(run("info", "-x"), "there is no option -x; options begin with two dashes");
    assert_misuse(run("train", "-epochs", "3"), "no option -epochs; did you mean --epochs?");
    assert_misuse(run("train", "--learning-rate=1"),
                  "no option --learning-rate; did you mean --lr?");
    assert_misuse(run("train", "-lr=1"), "no option -lr; did you mean --lr?");
    assert_misuse(run("train", "--"), "--data SET is missing");
    assert_misuse(run("probe", "--finetune"), "there is no option --finetune");
    assert_misuse(run("version", "--epochs", "3"), "there is no option --epochs");
}

static void options_that_are_missing_or_too_many(void **state)
{
    (void)state;
    assert_misuse(run("train"), "--data SET is missing");
    assert_misuse(run("train", "--data", "x"), "--out M.safetensors is missing");
    assert_misuse(run("probe", "--data", "x", "--out", "y"), "--weights W is missing");
    assert_misuse(run("eval"), "M.safetensors is missing: " CANDELA_PROGRAM
                               " eval M.safetensors --data SET [OPTIONS] (");
    assert_misuse(run("eval", "m.safetensors"), "--data SET is missing");
    assert_misuse(run("info"), "FILE is missing: " CANDELA_PROGRAM " info FILE [OPTIONS] (");
    assert_misuse(run("info", "a", "b"), "\"b\" is one word too many");
    assert_misuse(run("train", "word", "--data", "x", "--out", "y"),
                  "\"word\" is one word too many: every value stands after its option");
    assert_misuse(run("predict"),
                  "M is missing: " CANDELA_PROGRAM " predict M IMAGE... [OPTIONS] (");
    assert_misuse(run("predict", "m"), "there is no picture to predict");
    assert_misuse(run("predict", "m", "a.jpg", "--data", "x"), "not both: \"a.jpg\" is named");
    assert_misuse(run("predict", "m", "a.jpg", "--classes", "n"), "--classes is for bare weights");
    assert_misuse(run("predict", "m", "--model", "resnet18", "--data", "x"),
                  "--data needs a saved model");
    assert_misuse(run("train", "--data", "x", "--data", "y"), "--data is given twice");
    assert_misuse(run("train", "--out"), "--out needs a value: --out M.safetensors");
    assert_misuse(run("train", "--out", "--data", "x"), "--out needs a value");
    assert_misuse(run("train", "--out="), "--out needs a value that is not empty");
    assert_misuse(run("info", "f", "--json=yes"), "--json takes no value, and \"yes\" is given");
}

static void a_list_has_a_longest_length(void **state)
{
    (void)state;
    char sizes[2 * 66] = "";
    for (int i = 0; i < 64; i++) strcat(sizes, i ? ",1" : "1");
    const ran *r = run("train", "--data", small_idx(9, 3), "--out", at("m"), "--epochs", "1",
                       "--hidden", sizes);
    assert_ran(r, 0);
    strcat(sizes, ",1");
    assert_misuse(run("train", "--data", "x", "--out", "y", "--hidden", sizes),
                  "commas between, 64 at most, or none");
}

static void values_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *option, *value, *sentence;
    } wrong[] = {
        { "--epochs", "0", "--epochs cannot be \"0\": it is a whole number from 1 to 100000" },
        { "--epochs", "ten", "--epochs cannot be \"ten\"" },
        { "--epochs", "3.5", "--epochs cannot be \"3.5\"" },
        { "--epochs", "3 ", "--epochs cannot be \"3 \"" },
        { "--epochs", "99999999999999999999", "--epochs cannot be" },
        { "--epochs", "-1", "--epochs cannot be \"-1\"" },
        { "--batch", "0x10", "--batch cannot be \"0x10\"" },
        { "--lr", "0", "--lr cannot be \"0\": it is a number from 1e-12 to 1e+06" },
        { "--lr", "nan", "--lr cannot be \"nan\"" },
        { "--lr", "inf", "--lr cannot be \"inf\"" },
        { "--lr", "0,05", "--lr cannot be \"0,05\"" },
        { "--momentum", "1", "--momentum cannot be \"1\"" },
        { "--weight-decay", "-0.1", "--weight-decay cannot be" },
        { "--val-split", "1", "--val-split cannot be \"1\"" },
        { "--hidden", "256;128", "--hidden cannot be \"256;128\": it is whole numbers" },
        { "--hidden", "256,", "--hidden cannot be" },
        { "--hidden", "0", "--hidden cannot be" },
        { "--model", "cnn", "--model cannot be \"cnn\": it is mlp, lenet or resnet18 (" },
        { "--threads", "0", "--threads cannot be \"0\"" },
        { "--threads", "1000", "it is a whole number from 1 to 256" },
        { "--seed", "-3", "--seed cannot be \"-3\"" },
        { "--seed", "4294967296", "--seed cannot be" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_misuse(run("train", wrong[i].option, wrong[i].value), wrong[i].sentence);
    }
    assert_misuse(run("predict", "m", "a.jpg", "--top", "0"), "--top cannot be \"0\"");
    assert_misuse(run("eval", "m", "--data", "x", "--split", "tset"), "did you mean test?");
    assert_misuse(run("predict", "m", "a", "--model", "resnet50"), "it can only be resnet18 (");
}

/* --- failing ---------------------------------------------------------------------------------- */

/* With an odd and an even number of bytes before the characters of two bytes. */
static void long_words_are_cut_between_characters(void **state)
{
    (void)state;
    static char word[12000];
    for (int odd = 0; odd < 2; odd++) {
        (void)snprintf(word, sizeof word, "--%s", odd ? "x" : "");
        for (size_t at = strlen(word); at + 2 < 9000; at += 2) memcpy(word + at, "\xC3\xA9", 3);
        const ran *r = run(word + 2);
        assert_ran(r, 2);
        assert_says(r->err, "there is no command \"");
        assert_says(r->err, "\xC3\xA9...\n");
        assert_null(strstr(r->err, "\\x"));
        r = run("eval", word);
        assert_ran(r, 2);
        assert_says(r->err, "\xC3\xA9... (\"");
        assert_says(r->err, "help eval\" shows how it is used)");
        assert_null(strstr(r->err, "\\x"));
    }
}

static void data_that_are_not_there(void **state)
{
    (void)state;
    char out[512];
    (void)snprintf(out, sizeof out, "%s", at("m.safetensors"));
    assert_failure(run("train", "--data", "fashon-mnist", "--out", out), "fashion-mnist");
    assert_failure(run("train", "--data", at("none"), "--out", out), "there is no such folder");
    assert_failure(run("train", "--data", "idx", "--out", out), "idx:DIR");
    make_folder("empty");
    assert_failure(run("train", "--data", at("empty"), "--out", out), "empty");
    make_folder("photos");
    make_folder("photos/cats");
    assert_failure(run("train", "--data", at("photos"), "--out", out), "cats");
    assert_false(exists("m.safetensors"));
}

static void data_that_do_not_fit(void **state)
{
    (void)state;
    char out[512];
    (void)snprintf(out, sizeof out, "%s", at("m.safetensors"));
    write_photographs("photos", 2);
    make_folder("two");
    write_photographs("two/train", 2);
    write_photographs("two/val", 2);
    assert_int_equal(rename(at("two/val/light"), at("two/val/bright")), 0);
    assert_failure(run("train", "--data", at("two"), "--out", out), "the classes differ");
    assert_failure(run("probe", "--weights", "w", "--data", at("two"), "--out", out), "only ");
    assert_failure(run("probe", "--weights", "w", "--data", small_idx(9, 3), "--out", out),
                   "holds no photographs");
    make_folder("single");
    make_folder("single/a");
    write_bmp("single/a/0.bmp", 1, 2, 3, 4);
    assert_failure(run("train", "--data", at("single"), "--out", out, "--quiet"),
                   "every class has a single picture");
    write_bmp("single/a/1.bmp", 1, 2, 3, 4);
    assert_failure(run("train", "--data", at("single"), "--out", out),
                   "has one class, \"a\", and a classifier needs at least two");
    make_folder("single/b");
    write_bmp("single/b/0.bmp", 1, 2, 3, 4);
    assert_int_equal(remove(at("single/a/1.bmp")), 0);
    assert_failure(run("train", "--data", at("single"), "--out", out, "--quiet"),
                   "every class has a single picture");
    assert_false(exists("m.safetensors"));
}

static void files_of_idx_that_are_damaged(void **state)
{
    (void)state;
    const char *set = small_idx(9, 3);
    (void)test_write("set/train-labels-idx1-ubyte", "\0\0\10\1\0\0\0\11\0", 9);
    assert_failure(run("train", "--data", set, "--out", at("m")), "train-labels-idx1-ubyte");
    (void)test_write("set/t10k-images-idx3-ubyte", "no IDX", 6);
    set = small_idx(9, 3);
    (void)test_write("set/t10k-images-idx3-ubyte", "no IDX", 6);
    assert_failure(run("train", "--data", set, "--out", at("m")), "t10k-images-idx3-ubyte");
}

static void paths_that_cannot_be_written(void **state)
{
    (void)state;
    const char *set = small_idx(9, 3);
    /* Found out before training: no epoch is printed. */
    assert_failure(run("train", "--data", set, "--out", at("none/m")), "none/m: cannot write it");
    make_folder("folder");
    assert_failure(run("train", "--data", set, "--out", at("folder")), "folder");
    assert_failure(run("train", "--data", set, "--out", "/dev/null"), "/dev/null");
    assert_failure(run("probe", "--weights", "w", "--data", "d", "--out", at("none/m")),
                   "none/m: cannot write it");
    /* The ending of another format, also found out before training. */
    assert_failure(run("train", "--data", set, "--out", at("m.pth")),
                   "/m.pth: the ending .pth is that of PyTorch files");
    assert_failure(run("probe", "--weights", "w", "--data", "d", "--out", at("m.onnx")),
                   "please call it m.safetensors");
}

static void models_that_are_none(void **state)
{
    (void)state;
    const char *set = small_idx(9, 3);
    (void)test_write("text", "no model at all, only text", 26);
    assert_failure(run("eval", at("none"), "--data", set), "No such file");
    assert_failure(run("eval", at("text"), "--data", set), "text");
    assert_failure(run("info", at("none")), "No such file");
    assert_failure(run("info", at("text")), "text");
    assert_failure(run("predict", at("text"), "a.jpg"), "text");
    const char *bare = test_path("golden/formats_v3.pth");
    assert_failure(run("eval", bare, "--data", set), "does not say which model it is");
    assert_failure(run("predict", bare, "a.jpg"), "--model and --classes");
    assert_failure(run("predict", bare, "a.jpg", "--model", "resnet18"),
                   "none of its 4 tensors (u16, u32, u64, ...) is a layer1.0.conv1.weight; wanted "
                   "are the weights of a ResNet-18");
    write_photographs("photos", 2);
    assert_failure(run("probe", "--weights", bare, "--data", at("photos"), "--out", at("m")),
                   "wanted are the weights of a ResNet-18 with torchvision's names");
    assert_failure(run("probe", "--weights", at("none"), "--data", at("photos"), "--out", at("m")),
                   "No such file");
}

static void models_and_data_of_different_classes(void **state)
{
    (void)state;
    assert_ran(run("train", "--data", small_idx(30, 9), "--out", at("m"), "--epochs", "1"), 0);
    write_photographs("photos", 2);
    assert_failure(run("eval", at("m"), "--data", at("photos")), "knows a class \"0\"");
    assert_failure(run("predict", at("m"), "--data", at("photos")), "knows a class \"0\"");
    /* A set with the class 0 alone. */
    (void)test_write("set/train-labels-idx1-ubyte", "\0\0\10\1\0\0\0\1\0", 9);
    (void)test_write("set/t10k-labels-idx1-ubyte", "\0\0\10\1\0\0\0\1\0", 9);
    unsigned char picture[16 + SIDE * SIDE] = {
        0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, SIDE, 0, 0, 0, SIDE
    };
    (void)test_write("set/t10k-images-idx3-ubyte", picture, sizeof picture);
    char set[600];
    (void)snprintf(set, sizeof set, "idx:%s", at("set"));
    assert_failure(run("eval", at("m"), "--data", set), "knows a class \"1\"");
}

static void a_rate_that_is_too_large_is_an_error(void **state)
{
    (void)state;
    const ran *r =
        run("train", "--data", small_idx(90, 30), "--out", at("m"), "--lr", "1e6", "--batch", "5");
    assert_ran(r, 1);
    assert_says(r->err, "a smaller --lr than 1e+06 may help");
    assert_false(exists("m"));
}

/* The step in which the loss becomes nan ends the training, before the epoch is over, and is named:
 * the validation after it would find that the outputs are nan, and say so. */
static void a_loss_that_is_nan_ends_its_epoch(void **state)
{
    (void)state;
    const ran *r = run("train", "--data", small_idx(90, 30), "--out", at("m"), "--lr", "1e6",
                       "--batch", "5", "--hidden", "8");
    assert_ran(r, 1);
    assert_says(r->err, "the loss became nan at step ");
    assert_says(r->err, "of epoch 1): ");
    assert_says(r->err, "a smaller --lr than 1e+06 may help\n");
    assert_null(strstr(r->err, "outputs"));
    assert_null(strstr(r->err, ".clip_norm"));
    assert_false(exists("m"));
}

/* --- standard output -------------------------------------------------------------------------- */

/* Lines, JSON and help are written in different ways. */
static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    static const char *const words[][4] = { { CANDELA_PROGRAM, "version" },
                                            { CANDELA_PROGRAM, "version", "--json" },
                                            { CANDELA_PROGRAM, "help" },
                                            { CANDELA_PROGRAM, "help", "train" } };
    int full = open("/dev/full", O_WRONLY);
    if (full < 0) skip();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        int err = scratch_file();
        pid_t child = fork();
        if (child == 0) become(words[i], full, err);
        assert_int_equal(status_of(child), 1);
        char text[1024];
        read_back(err, text, sizeof text);
        assert_says(text, "standard output could not be written: No space left on device");
    }
    (void)close(full);
}

/* A file must not get the number of a standard stream that is closed: output would be written to
 * it. */
static void closed_streams_are_no_files(void **state)
{
    (void)state;
    static const char *const words[] = { "/bin/sh", "-c", "exec \"$0\" info /proc/self/fd/1 >&-",
                                         CANDELA_PROGRAM, NULL };
    if (access("/proc/self/fd", F_OK) != 0) skip();
    const ran *r = run_words(words);
    assert_ran(r, 1);
    assert_says(r->err, "/proc/self/fd/1: the file is empty");
    static const char *const silent[] = { "/bin/sh", "-c", "exec \"$0\" version >&- 2>&-",
                                          CANDELA_PROGRAM, NULL };
    r = run_words(silent);
    assert_ran(r, 1);
    assert_string_equal(r->out, "");
}

/* A file that may not grow beyond 1000 bytes stands for a disk that is full. */
static void a_disk_that_fills_up_leaves_the_old_file(void **state)
{
    (void)state;
    const char *set = small_idx(30, 9), *to = test_write("m", "precious", 8);
    int out = scratch_file(), err = scratch_file();
    const char *const words[] = { CANDELA_PROGRAM, "train", "--data", set, "--out", to,
                                  "--epochs",      "1",     NULL };
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit small = { 1000, 1000 };
        (void)setrlimit(RLIMIT_FSIZE, &small);
        become(words, out, err);
    }
    assert_int_equal(status_of(child), 1);
    char text[1024], back[16] = "";
    read_back(err, text, sizeof text);
    assert_says(text, "/m: ");
    assert_says(text, "File too large");
    read_back(open(to, O_RDONLY), back, sizeof back);
    assert_string_equal(back, "precious");
    assert_nothing_left_behind();
    (void)close(out);
}

static void a_reader_that_is_gone_ends_it_quietly(void **state)
{
    (void)state;
    int ends[2], err = scratch_file();
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    static const char *const words[] = { CANDELA_PROGRAM, "help", NULL };
    pid_t child = fork();
    if (child == 0) become(words, ends[1], err);
    assert_int_equal(status_of(child), 128 + SIGPIPE);
    char text[1024];
    read_back(err, text, sizeof text);
    assert_string_equal(text, "");
    (void)close(ends[1]);
}

static void there_is_no_bar_without_a_terminal(void **state)
{
    (void)state;
    const ran *r = run("train", "--data", small_idx(900, 30), "--out", at("m"), "--epochs", "20");
    assert_ran(r, 0);
    assert_null(strchr(r->err, '\r'));
    assert_null(strchr(r->out, '\r'));
}

/* --- Ctrl-C ----------------------------------------------------------------------------------- */

/* Starts a training that takes minutes, waits for its first epoch, and interrupts it. */
static int interrupt_training(char *err, size_t bytes)
{
    int ends[2], err_file = scratch_file();
    assert_int_equal(pipe(ends), 0);
    const char *set = small_idx(900, 30), *to = at("m");
    const char *const words[] = { CANDELA_PROGRAM, "train",  "--data", set, "--out", to,
                                  "--epochs",      "100000", NULL };
    pid_t child = fork();
    if (child == 0) become(words, ends[1], err_file);
    (void)close(ends[1]);
    char text[4096] = "";
    size_t used = 0;
    ssize_t n;
    while (!strstr(text, "    1  ") && used < sizeof text - 1 &&
           (n = read(ends[0], text + used, sizeof text - 1 - used)) > 0) {
        used += (size_t)n;
        text[used] = '\0';
    }
    assert_int_equal(kill(child, SIGINT), 0);
    char rest[4096];
    while (read(ends[0], rest, sizeof rest) > 0) continue;
    (void)close(ends[0]);
    int status = status_of(child);
    read_back(err_file, err, bytes);
    return status;
}

static void ctrl_c_leaves_no_file(void **state)
{
    (void)state;
    char err[1024];
    assert_int_equal(interrupt_training(err, sizeof err), 130);
    assert_says(err, "stopped by Ctrl-C; ");
    assert_says(err, "/m was not written");
    assert_false(exists("m"));
    assert_nothing_left_behind();
}

static void ctrl_c_leaves_the_file_that_was_there(void **state)
{
    (void)state;
    (void)test_write("m", "precious", 8);
    char err[1024], back[16] = "";
    assert_int_equal(interrupt_training(err, sizeof err), 130);
    read_back(open(at("m"), O_RDONLY), back, sizeof back);
    assert_string_equal(back, "precious");
    assert_nothing_left_behind();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commands_that_are_none),
        TEST(options_that_are_none),
        TEST(options_that_are_missing_or_too_many),
        TEST(a_list_has_a_longest_length),
        TEST(values_that_are_wrong),
        TEST(long_words_are_cut_between_characters),
        TEST(data_that_are_not_there),
        TEST(data_that_do_not_fit),
        TEST(files_of_idx_that_are_damaged),
        TEST(paths_that_cannot_be_written),
        TEST(models_that_are_none),
        TEST(models_and_data_of_different_classes),
        TEST(a_rate_that_is_too_large_is_an_error),
        TEST(a_loss_that_is_nan_ends_its_epoch),
        TEST(a_full_disk_is_an_error),
        TEST(closed_streams_are_no_files),
        TEST(a_disk_that_fills_up_leaves_the_old_file),
        TEST(a_reader_that_is_gone_ends_it_quietly),
        TEST(there_is_no_bar_without_a_terminal),
        TEST(ctrl_c_leaves_no_file),
        TEST(ctrl_c_leaves_the_file_that_was_there),
    };
    return RUN(tests);
}
