/* The program on terminals: narrow ones, one without escapes, and one that it shares with tee. */
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <candela.h>

#include "program.h"
#include "screen.h"

/* --- running on a terminal -------------------------------------------------------------------- */

typedef struct terminal {
    int master;  /* the test's end */
    int other;   /* the program's end */
    pid_t child; /* the program, 0 before it starts and after it has ended */
} terminal;

static terminal open_terminal(int columns)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) skip();
    int other = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (other < 0) skip();
    const struct winsize size = { .ws_row = 24, .ws_col = (unsigned short)columns };
    assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
    return (terminal){ master, other, 0 };
}

/* Starts the program in the test's folder, so that paths are short, with TERM=xterm or
 * TERM=`term`. */
static pid_t start(const char *const *words, int out, int err, const char *term)
{
    const char *folder = test_folder(); /* made before fork: the test removes it at its end */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return child;
    (void)setenv("TERM", term ? term : "xterm", 1);
    if (chdir(folder) != 0) _exit(126);
    become(words, out, err);
    return 0;
}

/* What the program wrote: the bytes, and the screen after them. */
typedef struct seen {
    int status;
    size_t bytes;
    char raw[1 << 18];
    screen screen;
} seen;

static seen last;

/* Adds bytes to `last`. */
static void see(const char *bytes, ssize_t count)
{
    size_t room = sizeof last.raw - 1 - last.bytes;
    size_t kept = (size_t)count < room ? (size_t)count : room;
    memcpy(last.raw + last.bytes, bytes, kept);
    last.bytes += kept;
    last.raw[last.bytes] = '\0';
    screen_write(&last.screen, bytes, (size_t)count);
}

static void forget(int columns)
{
    last.bytes = 0;
    last.raw[0] = '\0';
    screen_begin(&last.screen, columns);
}

static bool readable(int fd, int milliseconds)
{
    struct pollfd one = { .fd = fd, .events = POLLIN };
    return poll(&one, 1, milliseconds) > 0;
}

/* Reads what comes within `milliseconds`, and what follows it at once. False when the program has
 * ended and all that it wrote has been read. Linux may report the end of a terminal before its last
 * bytes, so the test keeps `other` open, and writes a mark behind the program's last byte. */
static bool see_terminal(terminal *t, int milliseconds)
{
    static const char mark = '\x18';
    char bytes[4096];
    while (readable(t->master, milliseconds)) {
        ssize_t n = read(t->master, bytes, sizeof bytes);
        assert_true(n > 0);
        bool ends = bytes[n - 1] == mark;
        see(bytes, ends ? n - 1 : n);
        if (ends) return false;
        milliseconds = 0;
    }
    int status;
    if (t->child && waitpid(t->child, &status, WNOHANG) == t->child) {
        last.status = exit_status(status);
        t->child = 0;
        assert_int_equal(write(t->other, &mark, 1), 1);
    }
    return true;
}

static void close_terminal(const terminal *t)
{
    (void)close(t->master);
    (void)close(t->other);
}

/* Runs the program with both outputs on one terminal; the result is `last`. */
static const seen *run_on(int columns, const char *term, const char *const *words)
{
    terminal t = open_terminal(columns);
    forget(columns);
    t.child = start(words, t.other, t.other, term);
    while (see_terminal(&t, 2)) continue;
    close_terminal(&t);
    return &last;
}
#define run_in(columns_, ...)                                                                      \
    run_on((columns_), NULL, (const char *const[]){ CANDELA_PROGRAM, __VA_ARGS__, NULL })

/* `wraps` lines were longer than the screen is wide, there were no strange escapes, and no bar is
 * left. */
static void check_screen(const seen *s, int status, int wraps, int line)
{
    const char *text = screen_text(&s->screen);
    if (s->status == status && s->screen.wraps == wraps && s->screen.strange == 0 &&
        !strstr(text, "=>") && !strstr(text, "[>")) {
        return;
    }
    print_error("status %d, expected %d; %d lines wrap, %d strange; %d columns:\n%s", s->status,
                status, s->screen.wraps, s->screen.strange, s->screen.columns, text);
    _fail(__FILE__, line);
}
#define assert_clean(seen_, status_) check_screen((seen_), (status_), 0, __LINE__)

/* The same for a training run, which ends in two commands. These are broken only where a backslash
 * fits, so that they can be copied: the program's path, and of 20 columns "--data idx:set \" too,
 * are longer than the line. */
static void assert_clean_training(const seen *s, int columns, int line)
{
    const int program = (int)strlen("  " CANDELA_PROGRAM " \\");
    check_screen(s, 0, 2 * ((program - 1) / columns) + (columns == 20), line);
}

static const int widths[] = { 80, 50, 20 };
enum { WIDTHS = sizeof widths / sizeof *widths };

/* The number of rows that contain `text`. */
static int rows_with(const screen *s, const char *text)
{
    int count = 0;
    for (int row = 0; row <= s->row; row++) count += strstr(screen_row(s, row), text) != NULL;
    return count;
}

/* --- data ------------------------------------------------------------------------------------- */

/* Class names, as folders may have them: long ones, wide characters, and terminal escapes. */
static const char *const odd_names[] = { "golden retriever of the neighbours, asleep",
                                         "ねこ",
                                         "Gänseblümchen",
                                         "red\033[31m",
                                         "two\nlines",
                                         "bell\a",
                                         "g",
                                         "h",
                                         "i",
                                         "j",
                                         "k",
                                         "l" };
enum { ODD = sizeof odd_names / sizeof *odd_names };

static void write_odd_photographs(void)
{
    char name[256];
    make_folder("odd");
    for (int k = 0; k < ODD; k++) {
        (void)snprintf(name, sizeof name, "odd/%s", odd_names[k]);
        make_folder(name);
        for (int i = 0; i < 5; i++) {
            (void)snprintf(name, sizeof name, "odd/%s/%d.bmp", odd_names[k], i);
            write_bmp(name, 20 * k, 255 - 20 * k, 90, (unsigned)(17 * i + k));
        }
    }
}

/* --- widths ----------------------------------------------------------------------------------- */

static void the_table_of_training_is_whole(void **state)
{
    (void)state;
    (void)small_idx(900, 30);
    for (int k = 0; k < WIDTHS; k++) {
        const seen *s = run_in(widths[k], "train", "--data", "idx:set", "--out", "m", "--epochs",
                               "12", "--hidden", "64");
        assert_clean_training(s, widths[k], __LINE__);
        assert_says(s->raw, "epoch 12/12"); /* a bar was there */
        const char *text = screen_text(&s->screen);
        for (int epoch = 1; epoch <= 12; epoch++) {
            char row[32];
            (void)snprintf(row, sizeof row, "\n%5d  ", epoch);
            assert_says(text, row);
        }
        assert_says(text, widths[k] > 47 ? "\nepoch      loss     train      test        time\n"
                                         : "\nepoch      test\n");
        assert_int_equal(rows_with(&s->screen, "epoch  "), 1); /* the head */
        assert_int_equal(rows_with(&s->screen, "/12"), 0);     /* nothing is left of a bar */
        if (widths[k] == 80) assert_says(text, "saved model after the last epoch: m");
    }
}

/* Reads the confusion matrix, which may be in blocks, from the screen. */
static void read_confusion(const screen *s, long *confusion)
{
    int first = 0, head[ODD], heads = 0;
    while (!strstr(screen_row(s, first), "confusion")) first++;
    while (*screen_row(s, first)) {
        /* Before the head there is a sentence, of one line or more. */
        if (strstr(screen_row(s, first), "   0")) break;
        first++;
    }
    for (int row = first; row <= s->row; row++) {
        char line[SCREEN_COLUMNS * 8], *at = line, *end;
        (void)snprintf(line, sizeof line, "%s", screen_row(s, row));
        bool is_head = strncmp(line, "    ", 4) == 0;
        long label = is_head ? -1 : strtol(at, &at, 10);
        if (is_head) heads = 0;
        for (int n = 0;; n++) {
            long number = strtol(at, &end, 10);
            if (end == at) break;
            at = end;
            if (is_head) {
                head[heads++] = (int)number;
            } else {
                assert_true(n < heads && label >= 0 && label < ODD);
                confusion[label * ODD + head[n]] = number;
            }
        }
    }
}

static void the_tables_of_evaluation_are_whole(void **state)
{
    (void)state;
    write_odd_photographs();
    assert_clean(run_in(80, "train", "--data", "odd", "--out", "m", "--epochs", "2"), 0);
    json_t *j = json_of(run("eval", at("m"), "--data", at("odd"), "--json"));
    for (int k = 0; k < WIDTHS; k++) {
        const seen *s = run_in(widths[k], "eval", "m", "--data", "odd");
        assert_clean(s, 0);
        long confusion[ODD * ODD];
        for (int i = 0; i < ODD * ODD; i++) confusion[i] = -1;
        read_confusion(&s->screen, confusion);
        for (int i = 0; i < ODD * ODD; i++) {
            json_t *row = json_array_get(json_object_get(j, "confusion"), (size_t)i / ODD);
            assert_int_equal(confusion[i],
                             json_integer_value(json_array_get(row, (size_t)i % ODD)));
        }
        /* A percentage for each class, and the accuracy. */
        assert_true(rows_with(&s->screen, " %") >= ODD + 1);
        assert_null(strstr(screen_text(&s->screen), "nan"));
        assert_int_equal(rows_with(&s->screen, "precision") > 0, widths[k] >= 50);
        if (widths[k] >= 50) {
            assert_says(screen_text(&s->screen), "ねこ ");
            assert_says(screen_text(&s->screen), "two\\nlines ");
        }
    }
    json_decref(j);
}

static void predictions_fit(void **state)
{
    (void)state;
    write_odd_photographs();
    assert_clean(run_in(80, "train", "--data", "odd", "--out", "m", "--epochs", "1"), 0);
    for (int k = 0; k < WIDTHS; k++) {
        const seen *s =
            run_in(widths[k], "predict", "m", "odd/two\nlines/0.bmp",
                   "odd/golden retriever of the neighbours, asleep/0.bmp", "--top", "12");
        assert_clean(s, 0);
        assert_int_equal(rows_with(&s->screen, " %  "), 2 * ODD);
        assert_int_equal(rows_with(&s->screen, "odd/"), 2);
        assert_int_equal(rows_with(&s->screen, ".bmp"), 2);
        s = run_in(widths[k], "predict", "m", "--data", "odd", "--count", "12", "--top", "1");
        assert_clean(s, 0);
        assert_int_equal(rows_with(&s->screen, " %  "), ODD);
        assert_int_equal(rows_with(&s->screen, ".bmp"), ODD);
    }
}

/* Pictures of three rows, of which the last is white. A line shows two rows, so the last line is a
 * white row above nothing, which looks grey. */
static void a_picture_of_odd_height_ends_with_its_last_row(void **state)
{
    (void)state;
    enum { COUNT = 6, ROWS = 3, WIDTH = 6 };
    unsigned char images[16 + COUNT * ROWS * WIDTH] = { 0, 0, 8, 3,    0, 0, 0, COUNT,
                                                        0, 0, 0, ROWS, 0, 0, 0, WIDTH };
    unsigned char labels[8 + COUNT] = { 0, 0, 8, 1, 0, 0, 0, COUNT };
    for (int i = 0; i < COUNT; i++) {
        labels[8 + i] = (unsigned char)(i % 2);
        memset(images + 16 + (i * ROWS + 2) * WIDTH, 255, WIDTH);
    }
    make_folder("odd-height");
    static const char *const splits[] = { "train", "t10k" };
    for (int i = 0; i < 2; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "odd-height/%s-images-idx3-ubyte", splits[i]);
        (void)test_write(name, images, sizeof images);
        (void)snprintf(name, sizeof name, "odd-height/%s-labels-idx1-ubyte", splits[i]);
        (void)test_write(name, labels, sizeof labels);
    }
    assert_clean(run_in(80, "train", "--data", "idx:odd-height", "--out", "m", "--epochs", "1"), 0);
    const seen *s = run_in(80, "predict", "m", "--data", "idx:odd-height", "--count", "3");
    assert_clean(s, 0);
    assert_int_equal(rows_with(&s->screen, "    ▒▒▒▒▒▒"), 3);
    assert_int_equal(rows_with(&s->screen, "▓"), 0);
    assert_int_equal(rows_with(&s->screen, "█"), 0);
}

static void the_table_of_tensors_fits(void **state)
{
    (void)state;
    {
        CD_SCOPE();
        assert_true(cd_save(cd_resnet18(.num_classes = 5), at("w.safetensors")));
    }
    static const char name[] = "layer4.0.downsample.1.num_batches_tracked";
    for (int k = 0; k < WIDTHS; k++) {
        const seen *s = run_in(widths[k], "info", "w.safetensors");
        assert_clean(s, 0);
        int scalars = rows_with(&s->screen, " scalar");
        assert_int_equal(scalars, 20); /* num_batches_tracked of each batch norm */
        assert_int_equal(rows_with(&s->screen, " 512x512x3x3"), 3);
        assert_int_equal(rows_with(&s->screen, name), widths[k] == 80);
        assert_int_equal(rows_with(&s->screen, " 9437184") == 3, widths[k] == 80);
    }
}

static void help_fits(void **state)
{
    (void)state;
    static const char *const names[] = { "train", "probe",   "eval", "predict",
                                         "info",  "version", "help" };
    for (int k = 0; k < 2; k++) {
        /* The program gets a short name, for a path that is longer than a line is not wrapped. */
        assert_int_equal(symlink(CANDELA_PROGRAM, at("candela")) == 0 || errno == EEXIST, 1);
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            const seen *s = run_on(widths[k], NULL,
                                   (const char *const[]){ "./candela", "help", names[n], NULL });
            assert_clean(s, 0);
            assert_says(screen_text(&s->screen), "example:\n  ./candela ");
        }
        assert_clean(run_on(widths[k], NULL, (const char *const[]){ "./candela", NULL }), 2);
        assert_says(screen_text(&last.screen), "  ./candela train --data fashion-mnist");
    }
}

/* Standard error is a terminal and standard output is a file. */
static void a_bar_moves_on_a_terminal(void **state)
{
    (void)state;
    (void)small_idx(900, 30);
    static const char *const words[] = { CANDELA_PROGRAM, "train", "--data",
                                         "idx:set",       "--out", "m",
                                         "--epochs",      "2",     NULL };
    terminal t = open_terminal(80);
    int out = scratch_file();
    forget(80);
    t.child = start(words, out, t.other, NULL);
    while (see_terminal(&t, 2)) continue;
    close_terminal(&t);
    (void)close(out);
    assert_int_equal(last.status, 0);
    assert_says(last.raw, "epoch 1/2 [");
    assert_says(last.raw, "\r\033[K");
}

/* A bar drawn after the window became narrow is narrow. */
static void the_bar_follows_the_window(void **state)
{
    (void)state;
    (void)small_idx(900, 30);
    static const char *const words[] = { CANDELA_PROGRAM, "train", "--data",
                                         "idx:set",       "--out", "m",
                                         "--epochs",      "100",   NULL };
    terminal t = open_terminal(80);
    const struct winsize narrow = { .ws_row = 24, .ws_col = 30 };
    forget(80);
    t.child = start(words, t.other, t.other, NULL);
    while (see_terminal(&t, 2)) {
        if (strstr(last.raw, "epoch 1/100 [")) {
            assert_int_equal(ioctl(t.master, TIOCSWINSZ, &narrow), 0);
        }
    }
    close_terminal(&t);
    assert_int_equal(last.status, 0);
    const char *bar = strstr(last.raw, "\033[Kepoch 100/100");
    assert_non_null(bar);
    assert_true(strcspn(bar + 3, "\r\n") < 30);
}

/* Warnings are printed while the bar is shown. */
static void warnings_take_the_bar_away(void **state)
{
    (void)state;
    write_odd_photographs();
    for (int k = 0; k < 8; k++) {
        char name[32];
        (void)snprintf(name, sizeof name, "odd/g/broken%d.bmp", k);
        (void)test_write(name, "BM and no more", 14);
    }
    const seen *s = run_in(150, "train", "--data", "odd", "--out", "m", "--epochs", "1");
    assert_clean(s, 0);
    assert_says(s->raw, "reading [");
    assert_int_equal(rows_with(&s->screen, "broken"), 8);
    for (int row = 0; row < 8; row++) {
        assert_says(screen_row(&s->screen, row), "candela train: warning: odd/g/broken");
        assert_int_equal(strncmp(screen_row(&s->screen, row), "candela", 7), 0);
    }
}

/* A terminal that does not know its size, such as a serial line: COLUMNS says it. */
static void columns_of_the_environment_count_where_the_terminal_has_none(void **state)
{
    (void)state;
    (void)small_idx(90, 30);
    assert_int_equal(setenv("COLUMNS", "20", 1), 0);
    const seen *s = run_in(0, "train", "--data", "idx:set", "--out", "m", "--epochs", "3");
    assert_int_equal(unsetenv("COLUMNS"), 0);
    assert_int_equal(s->status, 0);
    assert_says(s->raw, "\033[1mepoch      test\033[0m\r\n");
    assert_null(strstr(s->raw, "loss  ")); /* the head of a column, not the curve at the end */
}

/* --- terminals without escapes ----------------------------------------------------------- */

static void a_dumb_terminal_gets_no_escapes(void **state)
{
    (void)state;
    (void)small_idx(900, 30);
    static const char *const words[] = { CANDELA_PROGRAM, "train", "--data",
                                         "idx:set",       "--out", "m",
                                         "--epochs",      "12",    NULL };
    static const char *const kinds[] = { "dumb", "" };
    for (int k = 0; k < 2; k++) {
        const seen *s = run_on(80, kinds[k], words);
        assert_clean(s, 0);
        assert_null(strchr(s->raw, '\033'));
        for (const char *at_ = s->raw; (at_ = strchr(at_, '\r')); at_++) {
            assert_int_equal(at_[1], '\n');
        }
    }
}

/* --- names from outside ----------------------------------------------------------------------- */

static void names_are_shown_and_do_not_control_the_terminal(void **state)
{
    (void)state;
    static const char bad[] = "x\033]0;title\a\nnew\rline\xC2\x9B"
                              "31m\xFF";
    static const char *const calls[][6] = {
        { bad },
        { "train", bad },
        { "train", "--epochs", bad },
        { "train", "--model", bad },
        { "train", bad, "--data", "d", "--out", "m" },
        { "train", "--data", bad, "--out", "m" },
        { "train", "--data", "d", "--out", "x\033[2J\n/none/m" },
        { "train", "--x\033[2J\n" },
        { "train", "-x\033[2J\n" },
        { "eval", bad, "--data", "d" },
        { "predict", bad, "a.jpg" },
        { "predict", "m", "a.jpg", "--classes", bad },
        { "info", bad },
        { "help", bad },
        { "info", "a", bad },
        { "info", "--json=\033[2J\n" },
    };
    for (size_t k = 0; k < sizeof calls / sizeof *calls; k++) {
        const char *words[8] = { CANDELA_PROGRAM };
        for (int i = 0; i < 6; i++) words[1 + i] = calls[k][i];
        const seen *s = run_on(150, NULL, words);
        assert_true(s->status == 1 || s->status == 2);
        /* There are no escapes but those around "error:", because no bar was drawn. */
        const char *word = strstr(s->raw, "\033[1;31merror:\033[0m ");
        assert_that(word && strchr(s->raw, '\033') == word && !strchr(word + 17, '\033'),
                    "call %zu: %s", k, s->raw);
        assert_int_equal(s->screen.strange, 0);
        assert_that(strncmp(screen_row(&s->screen, 0), "candela", 7) == 0, "call %zu: %s", k,
                    s->raw);
        /* One sentence: each line after the first continues it. */
        for (int row = 1; row < s->screen.row; row++) {
            assert_that(strncmp(screen_row(&s->screen, row), "  ", 2) == 0, "call %zu: %s", k,
                        screen_text(&s->screen));
        }
    }
}

/* --- tee -------------------------------------------------------------------------------------- */

/* `program | tee log` on one terminal, with a slow tee: it leaves the lines in the pipe for a
 * while, and writes them a while after it has read them. `log` becomes what it read. */
static void share_terminal_with_tee(int columns, const char *const *words, char *log, size_t room)
{
    terminal t = open_terminal(columns);
    int ends[2];
    size_t used = 0;
    assert_int_equal(pipe(ends), 0);
    forget(columns);
    t.child = start(words, ends[1], t.other, NULL);
    (void)close(ends[1]);
    ssize_t n = 1;
    for (bool open = true; open || n > 0;) {
        open = open && see_terminal(&t, 5);
        if (!readable(ends[0], 0)) continue;
        (void)usleep(180000);
        open = open && see_terminal(&t, 0);
        n = read(ends[0], log + used, room - 1 - used);
        (void)usleep(60000);
        open = open && see_terminal(&t, 0);
        if (n > 0) screen_write(&last.screen, log + used, (size_t)n);
        if (n > 0) used += (size_t)n;
    }
    log[used] = '\0';
    (void)close(ends[0]);
    close_terminal(&t);
}

/* The words of a training run with slow steps; the number of epochs follows. */
#define SLOW_TRAINING                                                                              \
    CANDELA_PROGRAM, "train", "--data", "idx:set", "--out", "m", "--hidden", "4096,2048",          \
        "--batch", "1", "--lr", "0.001", "--epochs"

/* The number of pictures whose epoch takes about a second, on this machine and in this build. */
static int pictures_of_a_second(void)
{
    enum { TRIED = 40 };
    char before[4096];
    (void)small_idx(TRIED, 3);
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(test_folder()), 0);
    json_t *j = json_of(run_words((const char *const[]){ SLOW_TRAINING, "1", "--json", NULL }));
    assert_int_equal(chdir(before), 0);
    json_t *epoch = json_array_get(json_object_get(j, "epochs"), 0);
    double pictures = TRIED / json_number_value(json_object_get(epoch, "seconds"));
    json_decref(j);
    return pictures < 10 ? 10 : pictures < 1000 ? (int)pictures : 1000;
}

static void a_log_through_tee_and_the_bar_share_a_terminal(void **state)
{
    (void)state;
    static char log[1 << 16];
    (void)small_idx(pictures_of_a_second(), 3);
    /* Long enough for a bar to come and go in each epoch. */
    static const char *const words[] = { SLOW_TRAINING, "2", NULL };
    share_terminal_with_tee(80, words, log, sizeof log);
    assert_clean(&last, 0);
    assert_says(last.raw, "\r\033[Kepoch "); /* a bar was there */
    assert_null(strchr(log, '\r'));
    assert_null(strchr(log, '\033'));
    /* The screen shows the log, line by line, and nothing else. */
    assert_string_equal(screen_text(&last.screen), strcat(log, "\n"));
    assert_says(log, "\nepoch      loss     train      test        time\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_table_of_training_is_whole),
        TEST(the_tables_of_evaluation_are_whole),
        TEST(predictions_fit),
        TEST(a_picture_of_odd_height_ends_with_its_last_row),
        TEST(the_table_of_tensors_fits),
        TEST(help_fits),
        TEST(a_bar_moves_on_a_terminal),
        TEST(the_bar_follows_the_window),
        TEST(warnings_take_the_bar_away),
        TEST(columns_of_the_environment_count_where_the_terminal_has_none),
        TEST(a_dumb_terminal_gets_no_escapes),
        TEST(names_are_shown_and_do_not_control_the_terminal),
        TEST(a_log_through_tee_and_the_bar_share_a_terminal),
    };
    return RUN(tests);
}
