/* The program, run as a user runs it, in unusual conditions: a signal at the end of training, a
 * folder that vanishes, names that are not UTF-8, a learning rate that is far too large, an output
 * file that is an input. */
#include <sys/ioctl.h>
#include <time.h>

#include <candela.h>

#include "program.h"

static void pause_briefly(void)
{
    const struct timespec time = { .tv_nsec = 2000000 };
    (void)nanosleep(&time, NULL);
}

/* --- Ctrl-C ----------------------------------------------------------------------------------- */

/* A program that waits for the test to read, because its standard output is a pipe that is full. */
typedef struct waiting {
    pid_t child;
    int out, err; /* to read from */
} waiting;

/* Makes a pipe that takes `room` bytes and then blocks its writer; ends[0] is the end to read
 * from. */
static void make_narrow_pipe(int ends[2], size_t room)
{
    static const char filler[1 << 16];
    assert_int_equal(pipe(ends), 0);
    int capacity = fcntl(ends[1], F_SETPIPE_SZ, 4096);
    if (capacity < 0 || (size_t)capacity > sizeof filler) skip();
    assert_true(room < (size_t)capacity);
    assert_int_equal(write(ends[1], filler, (size_t)capacity - room), capacity - (int)room);
}

/* Waits until `bytes` are in the pipe, for ten seconds at most. */
static void await_bytes(int fd, int bytes)
{
    int there = 0;
    for (int i = 0; i < 5000 && there < bytes; i++) {
        pause_briefly();
        assert_int_equal(ioctl(fd, FIONREAD, &there), 0);
    }
    assert_that(there >= bytes, "only %d of %d bytes were written", there, bytes);
}

/* Runs the words once, to see what they print, and again until all is printed that comes before the
 * line beginning with `line`. */
static waiting run_until(const char *const *words, const char *line)
{
    const ran *r = run_words(words);
    assert_ran(r, 0);
    const char *found = strstr(r->out, line);
    assert_that(found != NULL, "no line \"%s\" in:\n%s", line, r->out);
    int ends[2];
    enum { SPARE = 8 }; /* less than a line */
    make_narrow_pipe(ends, (size_t)(found - r->out) + SPARE);
    waiting w = { .out = ends[0], .err = scratch_file() };
    w.child = fork();
    assert_true(w.child >= 0);
    if (w.child == 0) become(words, ends[1], w.err);
    await_bytes(w.out, fcntl(ends[1], F_GETPIPE_SZ) - SPARE);
    (void)close(ends[1]);
    return w;
}

/* Lets the program run to its end. Returns its status, and its standard error in `err`. */
static int finish(waiting *w, char *err, size_t bytes)
{
    char rest[4096];
    while (read(w->out, rest, sizeof rest) > 0) continue;
    (void)close(w->out);
    int status = status_of(w->child);
    read_back(w->err, err, bytes);
    return status;
}

/* Trains for one epoch, and blocks when it prints the epoch's line: nothing is saved yet. */
static waiting train_until_saving(const char *to)
{
    const char *const words[] = { CANDELA_PROGRAM,   "train", "--data",
                                  small_idx(90, 30), "--out", to,
                                  "--epochs",        "1",     NULL };
    waiting w = run_until(words, "    1  ");
    for (int i = 0; i < 50; i++) pause_briefly();
    return w;
}

/* --- Ctrl-C ----------------------------------------------------------------------------------- */

static void ctrl_c_after_the_last_epoch_is_130_too(void **state)
{
    (void)state;
    waiting w = train_until_saving(at("m"));
    assert_int_equal(unlink(at("m")), 0); /* saved by the first run */
    assert_int_equal(kill(w.child, SIGINT), 0);
    char err[8192];
    assert_int_equal(finish(&w, err, sizeof err), 130);
    assert_says(err, "stopped by Ctrl-C; ");
    assert_false(exists("m"));
}

/* --- data ------------------------------------------------------------------------------------- */

static const char fashion[] = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";

/* "fashion-mnist" is the data set even where a folder has that name. The model files are the same:
 * the mean and standard deviation in a card, among others, would differ for a folder of
 * photographs. */
static void a_folder_of_a_sets_name_changes_nothing(void **state)
{
    (void)state;
    if (access(fashion, R_OK) != 0) skip();
    make_folder("elsewhere");
    make_folder("elsewhere/fashion-mnist");
    static const char line[] = "cd \"$1\" && \"$0\" train --data fashion-mnist --out m --epochs 1 "
                               "--hidden none --batch 60000";
    const char *const words[] = { "/bin/sh", "-c", line, CANDELA_PROGRAM, at("elsewhere"), NULL };
    assert_ran(run_words(words), 0);
    assert_ran(run("train", "--data", "fashion-mnist", "--out", at("m"), "--epochs", "1",
                   "--hidden", "none", "--batch", "60000"),
               0);
    const char *const compare[] = { "/usr/bin/cmp", at("m"), at("elsewhere/m"), NULL };
    assert_ran(run_words(compare), 0);
}

/* --- saving ----------------------------------------------------------------------------------- */

/* A sanitizer build also shows that nothing leaks. */
static void a_folder_that_vanishes_is_an_error(void **state)
{
    (void)state;
    make_folder("gone");
    waiting w = train_until_saving(at("gone/m"));
    assert_int_equal(unlink(at("gone/m")), 0);
    assert_int_equal(rmdir(at("gone")), 0);
    char err[8192];
    assert_int_equal(finish(&w, err, sizeof err), 1);
    assert_says(err, "gone/m: cannot write it: No such file or directory");
    assert_null(strstr(err, "Sanitizer"));
}

static void probe_does_not_replace_its_weights(void **state)
{
    (void)state;
    (void)test_write("w", "precious", 8);
    assert_int_equal(symlink(at("w"), at("link")), 0);
    const ran *r = run("probe", "--weights", at("w"), "--data", at("photos"), "--out", at("link"));
    assert_ran(r, 2);
    assert_says(r->err, "--out is the file of --weights, which would be lost");
    assert_int_equal(symlink("circle", at("circle")), 0);
    r = run("probe", "--weights", at("w"), "--data", at("photos"), "--out", at("circle"));
    assert_ran(r, 1);
    assert_says(r->err, "--out ");
    assert_says(r->err, "circle cannot be looked at: Too many levels of symbolic links");
    r = run("probe", "--weights", at("circle"), "--data", at("photos"), "--out", at("w"));
    assert_ran(r, 1);
    assert_says(r->err, "--weights ");
    assert_says(r->err, "circle cannot be looked at: Too many levels of symbolic links");
    assert_null(strstr(strchr(r->err, '\n'), "candela")); /* one sentence alone */
    r = run("probe", "--weights", at("w"), "--data", at("photos"), "--out", at("w/below"));
    assert_ran(r, 1);
    assert_says(r->err, "w/below: cannot write it: Not a directory");
}

/* --- numbers -------------------------------------------------------------------------------- */

static void numbers_with_spaces_before_them_are_none(void **state)
{
    (void)state;
    static const char *const wrong[] = { "--epochs=\t3",  "--epochs= 3", "--lr= 0.1",
                                         "--lr=\n0.1",    "--lr=+0.1",   "--hidden= 8",
                                         "--hidden=8,\t8" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const ran *r = run("train", "--data", "x", "--out", "y", wrong[i]);
        assert_ran(r, 2);
        assert_says(r->err, " cannot be \"");
    }
    assert_ran(run("train", "--data", small_idx(30, 9), "--out", at("m"), "--epochs", "1", "--lr",
                   ".01", "--momentum", "-0"),
               0);
}

/* --- rates ------------------------------------------------------------------------------------ */

/* The weights grow by 1e12 in each of four steps: the loss of every step is finite, and that of the
 * model after the last step is not. */
static void the_model_after_the_last_step_is_evaluated(void **state)
{
    (void)state;
    const ran *r = run("train", "--data", small_idx(90, 30), "--out", at("m"), "--epochs", "4",
                       "--batch", "90", "--lr", "1e6", "--weight-decay", "1e6", "--schedule",
                       "constant", "--hidden", "none");
    assert_ran(r, 1);
    assert_says(r->err, "a smaller --lr than 1e+06 may help");
    assert_says(r->out, "\n    3  ");
    assert_false(exists("m"));
}

/* --- names that are not UTF-8 ----------------------------------------------------------------- */

/* Writes the small set to a folder that is named in Latin-1, and returns "idx:.../caf\xE9". */
static const char *latin_set(void)
{
    static char name[600];
    (void)small_idx(90, 30);
    assert_int_equal(rename(at("set"), at("caf\xE9")), 0);
    (void)snprintf(name, sizeof name, "idx:%s", at("caf\xE9"));
    return name;
}

static void assert_text(json_t *object, const char *key, const char *part)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_that(text != NULL, "no text %s", key);
    assert_says(text, part);
}

static void train_and_eval_take_any_path(void **state)
{
    (void)state;
    const char *set = latin_set(), *to = at("m\xE9");
    const ran *r = run("train", "--data", set, "--out", to, "--epochs", "1", "--json");
    assert_ran(r, 0);
    json_t *j = json_of(r);
    assert_text(j, "data", "/caf\xEF\xBF\xBD");
    assert_text(j, "out", "/m\xEF\xBF\xBD");
    json_decref(j);
    r = run("eval", to, "--data", set, "--json");
    assert_ran(r, 0);
    j = json_of(r);
    assert_text(j, "model", "/m\xEF\xBF\xBD");
    json_decref(j);
    r = run("info", to, "--json");
    assert_ran(r, 0);
    j = json_of(r);
    assert_text(j, "file", "/m\xEF\xBF\xBD");
    assert_text(json_object_get(json_object_get(j, "card"), "training"), "data",
                "/caf\xEF\xBF\xBD");
    json_decref(j);
}

static void probe_takes_weights_of_any_name(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        assert_true(cd_save(cd_resnet18(.num_classes = 5), at("w\xE9")));
    }
    write_photographs("photos", 2);
    assert_ran(run("probe", "--weights", at("w\xE9"), "--data", at("photos"), "--out", at("m"),
                   "--epochs", "1"),
               0);
    json_t *j = json_of(run("info", at("m"), "--json"));
    assert_text(json_object_get(j, "card"), "source", "w\xEF\xBF\xBD");
    json_decref(j);
}

/* The list has each picture that was named, whether it could be read or not. */
static void predict_lists_pictures_of_any_name(void **state)
{
    (void)state;
    assert_ran(run("train", "--data", small_idx(90, 30), "--out", at("m"), "--epochs", "1"), 0);
    write_bmp("a\xE9\xC3\xA9.bmp", 1, 2, 3, 4);
    const ran *r = run("predict", at("m"), at("a\xE9\xC3\xA9.bmp"), at("none\xE9.bmp"), "--json");
    assert_ran(r, 1);
    json_t *j = json_of(r), *pictures = json_object_get(j, "pictures");
    assert_int_equal(json_array_size(pictures), 2);
    assert_text(json_array_get(pictures, 0), "file", "/a\xEF\xBF\xBD\xC3\xA9.bmp");
    assert_text(json_array_get(pictures, 1), "error",
                "none\\xe9.bmp: cannot open it: No such file");
    json_decref(j);
}

static void predict_prints_classes_of_any_name(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        assert_true(cd_save(cd_resnet18(.num_classes = 2), at("w")));
    }
    (void)test_write("names", "caf\xE9\nth\xE9\n", 9);
    write_bmp("a.bmp", 1, 2, 3, 4);
    json_t *j = json_of(run("predict", at("w"), at("a.bmp"), "--model", "resnet18", "--classes",
                            at("names"), "--json"));
    json_t *all = json_object_get(json_array_get(json_object_get(j, "pictures"), 0), "predictions");
    assert_int_equal(json_array_size(all), 2);
    assert_text(json_array_get(all, 0), "class", "\xEF\xBF\xBD");
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ctrl_c_after_the_last_epoch_is_130_too),
        TEST(a_folder_that_vanishes_is_an_error),
        TEST(probe_does_not_replace_its_weights),
        TEST(the_model_after_the_last_step_is_evaluated),
        TEST(train_and_eval_take_any_path),
        TEST(probe_takes_weights_of_any_name),
        TEST(predict_lists_pictures_of_any_name),
        TEST(predict_prints_classes_of_any_name),
        TEST(a_folder_of_a_sets_name_changes_nothing),
        TEST(numbers_with_spaces_before_them_are_none),
    };
    return RUN(tests);
}
