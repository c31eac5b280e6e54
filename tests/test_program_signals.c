/* The program, run as a user runs it, and stopped: by Ctrl-C, SIGTERM, SIGHUP or SIGQUIT, once or
 * twice, at any time. */
#include "program.h"

#include <dirent.h>
#include <time.h>

/* --- a program that is running ---------------------------------------------------------------- */

typedef struct running {
    pid_t pid;
    int out, err;
} running;

/* Starts the program. `ignored` is a signal that it is started with ignored, as by nohup; 0:
 * none. */
static running start_words(const char *const *words, int ignored)
{
    running r = { .out = scratch_file(), .err = scratch_file() };
    r.pid = fork();
    assert_true(r.pid >= 0);
    if (r.pid == 0) {
        static const int numbers[] = { SIGTERM, SIGHUP, SIGQUIT };
        for (int i = 0; i < 3; i++) (void)signal(numbers[i], SIG_DFL);
        if (ignored) (void)signal(ignored, SIG_IGN);
        become(words, r.out, r.err);
    }
    return r;
}
#define start(ignored_, ...)                                                                       \
    start_words((const char *const[]){ CANDELA_PROGRAM, __VA_ARGS__, NULL }, (ignored_))

static const ran *end_of(running r)
{
    static ran result;
    result.status = status_of(r.pid);
    read_back(r.out, result.out, sizeof result.out);
    read_back(r.err, result.err, sizeof result.err);
    return &result;
}

static void pause_for(long microseconds)
{
    const struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000 };
    (void)nanosleep(&t, NULL);
}

/* Waits until the program has printed the text. */
static void wait_for_text(running r, const char *text)
{
    char out[4096];
    for (int i = 0; i < 20000; i++) {
        ssize_t n = pread(r.out, out, sizeof out - 1, 0);
        out[n > 0 ? n : 0] = '\0';
        if (strstr(out, text)) return;
        pause_for(1000);
    }
    fail_msg("it never says %s", text);
}

/* Waits until a temporary file has this many bytes. */
static void wait_for_temporary(off_t bytes)
{
    for (int i = 0; i < 200000; i++) {
        DIR *entries = opendir(test_folder());
        struct stat info;
        bool found = false;
        for (struct dirent *e; (e = readdir(entries));) {
            found |= strncmp(e->d_name, ".candela-", 9) == 0 &&
                     fstatat(dirfd(entries), e->d_name, &info, 0) == 0 && info.st_size >= bytes;
        }
        (void)closedir(entries);
        if (found) return;
        pause_for(100);
    }
    fail_msg("no temporary file has %lld bytes", (long long)bytes);
}

static running start_training(int ignored, const char *epochs)
{
    const char *set = small_idx(600, 30);
    return start(ignored, "train", "--data", set, "--out", at("m"), "--epochs", epochs, "--threads",
                 "1");
}

/* A model of 64 MB, saved after one epoch. */
static running start_large_training(void)
{
    const char *set = small_idx(10, 3);
    return start(0, "train", "--data", set, "--out", at("m"), "--epochs", "1", "--hidden",
                 "4000,4000", "--batch", "10");
}

static void assert_precious(void)
{
    char back[16] = "";
    read_back(open(at("m"), O_RDONLY), back, sizeof back);
    assert_string_equal(back, "precious");
}

/* --- once ------------------------------------------------------------------------------------- */

static void each_signal_that_stops_is_named(void **state)
{
    (void)state;
    static const struct {
        int number;
        const char *sentence;
    } cases[] = { { SIGINT, "stopped by Ctrl-C; " },
                  { SIGTERM, "stopped by SIGTERM; " },
                  { SIGHUP, "stopped by SIGHUP (its terminal was closed); " } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)test_write("m", "precious", 8);
        running r = start_training(0, "100000");
        wait_for_text(r, "    1  ");
        assert_int_equal(kill(r.pid, cases[i].number), 0);
        const ran *end = end_of(r);
        assert_ran(end, 128 + cases[i].number);
        assert_says(end->err, cases[i].sentence);
        assert_says(end->err, "/m was not written");
        assert_precious();
        assert_nothing_left_behind();
    }
}

/* Fifty times, with pauses that reach from before main to after the save. */
static void a_signal_at_any_time_leaves_the_old_file_or_the_new(void **state)
{
    (void)state;
    enum { TIMES = 50 };
    assert_ran(end_of(start_training(0, "3")), 0);
    struct stat complete, info;
    assert_int_equal(stat(at("m"), &complete), 0);
    int old = 0;
    for (int i = 0; i < TIMES; i++) {
        (void)test_write("m", "precious", 8);
        running r = start_training(0, "3");
        pause_for(i * 700);
        int number = i % 2 ? SIGTERM : SIGHUP;
        (void)kill(r.pid, number);
        const ran *end = end_of(r);
        assert_int_equal(stat(at("m"), &info), 0);
        if (info.st_size == 8) {
            assert_ran(end, 128 + number);
            assert_precious();
            old++;
        } else {
            assert_that(info.st_size == complete.st_size, "%lld bytes", (long long)info.st_size);
            assert_that(end->status == 0 || end->status == 128 + number, "status %d", end->status);
        }
        assert_nothing_left_behind();
    }
    assert_true(old > 0);
}

/* A save that has begun is finished. */
static void a_signal_during_the_save_leaves_a_whole_file(void **state)
{
    (void)state;
    (void)test_write("m", "precious", 8);
    running r = start_large_training();
    wait_for_temporary(1);
    assert_int_equal(kill(r.pid, SIGTERM), 0);
    const ran *end = end_of(r);
    assert_ran(end, 0);
    assert_ran(run("info", at("m")), 0);
    assert_nothing_left_behind();
}

static void what_nohup_ignores_stays_ignored(void **state)
{
    (void)state;
    static const int numbers[] = { SIGHUP, SIGTERM };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        running r = start_training(numbers[i], "40");
        wait_for_text(r, "    1  ");
        assert_int_equal(kill(r.pid, numbers[i]), 0);
        const ran *end = end_of(r);
        assert_ran(end, 0);
        assert_says(end->out, "saved ");
    }
    assert_true(exists("m"));
}

/* A command that writes no file. */
static void predict_stops_too(void **state)
{
    (void)state;
    assert_ran(end_of(start_training(0, "1")), 0);
    const char *set = small_idx(30, 900);
    running r = start(0, "predict", at("m"), "--data", set, "--count", "900", "--threads", "1");
    wait_for_text(r, " %  ");
    assert_int_equal(kill(r.pid, SIGTERM), 0);
    const ran *end = end_of(r);
    if (end->status != 0) assert_ran(end, 143);
    if (end->status != 0) assert_says(end->err, "candela predict: stopped by SIGTERM\n");
}

/* --- twice ------------------------------------------------------------------------------------ */

/* The second signal does not wait for the save to end, and its temporary file is removed. */
static void a_second_signal_ends_it_at_once_and_leaves_nothing(void **state)
{
    (void)state;
    static const int second[] = { SIGTERM, SIGINT, SIGHUP };
    for (size_t i = 0; i < sizeof second / sizeof *second; i++) {
        (void)test_write("m", "precious", 8);
        running r = start_large_training();
        wait_for_temporary(1);
        assert_int_equal(kill(r.pid, SIGTERM), 0);
        pause_for(500);
        assert_int_equal(kill(r.pid, second[i]), 0);
        const ran *end = end_of(r);
        if (end->status != 0) { /* unless the disk was faster */
            /* On a busy machine both signals are pending at once, and the system chooses their
             * order. */
            if (end->status != 128 + SIGTERM) assert_ran(end, 128 + second[i]);
            assert_null(strstr(end->err, "stopped by"));
            assert_precious();
        }
        assert_nothing_left_behind();
    }
}

static void sigquit_ends_it_at_once_and_leaves_nothing(void **state)
{
    (void)state;
    (void)test_write("m", "precious", 8);
    running r = start_large_training();
    wait_for_temporary(1);
    assert_int_equal(kill(r.pid, SIGQUIT), 0);
    const ran *end = end_of(r);
    if (end->status != 0) assert_ran(end, 128 + SIGQUIT);
    if (end->status != 0) assert_precious();
    assert_nothing_left_behind();
}

/* --- kill -9 ---------------------------------------------------------------------------------- */

static void what_kill_9_left_the_next_training_removes(void **state)
{
    (void)state;
    (void)test_write("m", "precious", 8);
    running r = start_large_training();
    wait_for_temporary(1 << 20);
    assert_int_equal(kill(r.pid, SIGKILL), 0);
    const ran *end = end_of(r);
    if (end->status != 0) {
        assert_ran(end, 128 + SIGKILL);
        assert_precious();
        wait_for_temporary(1 << 20);
    }
    assert_ran(end_of(start_training(0, "1")), 0);
    assert_nothing_left_behind();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_signal_that_stops_is_named),
        TEST(a_signal_at_any_time_leaves_the_old_file_or_the_new),
        TEST(a_signal_during_the_save_leaves_a_whole_file),
        TEST(what_nohup_ignores_stays_ignored),
        TEST(predict_stops_too),
        TEST(a_second_signal_ends_it_at_once_and_leaves_nothing),
        TEST(sigquit_ends_it_at_once_and_leaves_nothing),
        TEST(what_kill_9_left_the_next_training_removes),
    };
    return RUN(tests);
}
