/* Sparklines, the log of a run, its table and the block at its end: functions of the program. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "test.h"

#include "apps/cells.h"
#include "apps/help_text.h"
#include "apps/run_log.h"
#include "apps/run_summary.h"

static const char *at(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
    return path;
}

/* --- sparklines ------------------------------------------------------------------------------- */

static void assert_line(const double *values, int64_t count, int width, bool utf8,
                        const char *expected)
{
    char out[SPARKLINE_BYTES];
    assert_string_equal(sparkline(values, count, width, utf8, out), expected);
}
#define ASSERT_LINE(width_, utf8_, expected_, ...)                                                 \
    assert_line((const double[]){ __VA_ARGS__ },                                                   \
                (int64_t)(sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double)), width_,       \
                utf8_, expected_)

static void levels_follow_the_values(void **state)
{
    (void)state;
    ASSERT_LINE(40, true, "▁▂▃▄▅▆▇█", 0, 1, 2, 3, 4, 5, 6, 7);
    ASSERT_LINE(40, true, "█▁▅", 10, -10, 1);
    ASSERT_LINE(40, false, "_.-=^", 0, 1, 2, 3, 4);
    ASSERT_LINE(40, true, "▄▄▄", 2, 2, 2);
    ASSERT_LINE(40, false, "--", 0, 0);
    ASSERT_LINE(40, true, "▁ █", 1, (double)NAN, 2);
    ASSERT_LINE(40, true, "  ", (double)NAN, (double)NAN);
    ASSERT_LINE(40, true, "▁█▁█", 1, (double)INFINITY, -(double)INFINITY, 2);
    ASSERT_LINE(40, true, "▁█", -1.7e308, 1.7e308);
    ASSERT_LINE(40, true, "▄▄", 0, 4.9e-324); /* whose halves are both 0 */
    assert_line(NULL, 0, 40, true, "");
}

static void long_series_are_means(void **state)
{
    (void)state;
    ASSERT_LINE(2, true, "▁█", 0, 2, 8, 10);
    ASSERT_LINE(2, true, "█▁", 0, 10, 4, 4);
    ASSERT_LINE(3, true, "▁▅█", 0, 0, 4, 4, 7, 7);
    ASSERT_LINE(2, false, "_^", 0, (double)NAN, 1, 1);
    ASSERT_LINE(2, false, " -", (double)NAN, (double)NAN, 1, 1);
    double many[100000];
    char out[SPARKLINE_BYTES];
    for (int i = 0; i < 100000; i++) many[i] = i;
    assert_int_equal(cells(sparkline(many, 100000, 40, true, out)), 40);
    assert_int_equal(cells(sparkline(many, 100000, 1000, true, out)), SPARKLINE_WIDTH);
}

static void curves_have_their_numbers(void **state)
{
    (void)state;
    static const double loss[] = { 2.3, 1.2, 0.9, 0.6, 0.31 };
    static const double accuracy[] = { 0.31, 0.6, 0.912, 0.908 };
    static const double nearly[] = { 0.5, 0.9998 };
    char out[TREND_BYTES];
    const trend losses = { .name = "loss", .values = loss, .count = 5 };
    const trend shares = {
        .name = "accuracy", .values = accuracy, .count = 4, .share = true, .best = true, .epoch = 3
    };
    const trend all = { .name = "a", .values = nearly, .count = 2, .share = true };
    assert_string_equal(trend_line(&losses, 0, 80, true, out), "loss █▄▃▂▁ 2.30 → 0.31");
    assert_string_equal(trend_line(&losses, 8, 80, false, out), "loss     ^-.._ 2.30 -> 0.31");
    assert_string_equal(trend_line(&shares, 8, 80, true, out),
                        "accuracy ▁▄██ 31 % → 91 % (best 91.2 % in epoch 3)");
    assert_string_equal(trend_line(&all, 0, 80, true, out), "a ▁█ 50 % → 99.98 %");
    assert_string_equal(trend_line(&losses, 0, 20, true, out), "loss 2.30 → 0.31");
}

/* --- the log ---------------------------------------------------------------------------------- */

typedef struct fake_options {
    common_options common;
    const char *data;
    double lr;
    int64_t epochs;
} fake_options;

static const option fake_list[] = {
    { .name = "data", .type = OPTION_TEXT, .offset = offsetof(fake_options, data) },
    { .name = "lr", .type = OPTION_NUMBER, .offset = offsetof(fake_options, lr), .max = 1 },
    { .name = "epochs",
      .type = OPTION_INTEGER,
      .offset = offsetof(fake_options, epochs),
      .min = 1,
      .max = 9 },
};
static const command fake = { .name = "train", .options = fake_list, .option_count = 3 };
static const char *const names[] = { "accuracy", "loss" };

static const double metrics[] = { 0.5, 0.25 }, validation[] = { 0.1, (double)NAN };
static const cd_epoch one = { .number = 1,
                              .steps = 10,
                              .loss = 1.0 / 3,
                              .validation_loss = 2.5,
                              .lr = 0.05,
                              .seconds = 1.5,
                              .metric_count = 2,
                              .metrics = metrics,
                              .validation_metrics = validation };
static const cd_epoch two = { .number = 2,
                              .steps = 20,
                              .loss = 0.25,
                              .validation_loss = (double)NAN,
                              .lr = 0.1,
                              .seconds = 2,
                              .metric_count = 2,
                              .metrics = metrics,
                              .validation_metrics = validation };

static run_log *begin(const char *path, int64_t resumed)
{
    static const fake_options values = { .common = { .seed = 7 }, .data = "a \"b\"", .lr = 0.1 };
    const run_settings s = { .command = &fake,
                             .values = &values,
                             .data = "set",
                             .model = "mlp",
                             .metrics = names,
                             .metric_count = 2 };
    run_log *log;
    return run_log_begin(&log, path, &s, resumed) ? log : NULL;
}

static json_t *line_of(const char *path, int number)
{
    char text[4096] = "";
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (int i = 0; i <= number; i++) {
        if (!fgets(text, sizeof text, f)) text[0] = '\0';
    }
    (void)fclose(f);
    if (!*text) return NULL;
    assert_int_equal(text[strlen(text) - 1], '\n');
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_that(j != NULL, "no JSON: %s", text);
    return j;
}

static const char *text_of(json_t *j, const char *key)
{
    return json_string_value(json_object_get(j, key));
}

static double number_of(json_t *j, const char *key)
{
    assert_true(json_is_number(json_object_get(j, key)));
    return json_number_value(json_object_get(j, key));
}

static void each_line_is_in_the_file_at_once(void **state)
{
    (void)state;
    const char *path = at("run.jsonl");
    run_log *log = begin(path, 0);
    assert_non_null(log);
    json_t *j = line_of(path, 0), *options = json_object_get(j, "options");
    assert_string_equal(text_of(j, "event"), "begin");
    assert_string_equal(text_of(j, "data"), "set");
    assert_string_equal(text_of(j, "model"), "mlp");
    assert_string_equal(text_of(j, "version"), cd_about().version);
    assert_int_equal(number_of(j, "seed"), 7);
    const char *time = text_of(j, "time");
    assert_int_equal(strlen(time), 20);
    assert_true(time[4] == '-' && time[10] == 'T' && time[13] == ':' && time[19] == 'Z');
    assert_string_equal(text_of(options, "data"), "a \"b\"");
    assert_true(number_of(options, "lr") == 0.1);
    assert_true(json_is_null(json_object_get(options, "epochs"))); /* not in its range */
    json_decref(j);
    run_log_epoch(log, &one, true);
    j = line_of(path, 1);
    assert_string_equal(text_of(j, "event"), "epoch");
    assert_int_equal(number_of(j, "epoch"), 1);
    assert_int_equal(number_of(j, "steps"), 10);
    assert_true(number_of(j, "loss") == 1.0 / 3);
    assert_true(number_of(j, "validation_loss") == 2.5);
    assert_true(number_of(j, "accuracy") == 0.5);
    assert_true(number_of(j, "validation_accuracy") == 0.1);
    assert_true(number_of(j, "metric_loss") == 0.25);
    assert_true(json_is_null(json_object_get(j, "validation_metric_loss")));
    assert_true(number_of(j, "lr") == 0.05);
    assert_true(number_of(j, "seconds") == 1.5);
    assert_true(json_is_true(json_object_get(j, "best")));
    json_decref(j);
    run_log_epoch(log, &two, false);
    j = line_of(path, 2);
    assert_true(json_is_null(json_object_get(j, "validation_loss")));
    assert_true(json_is_false(json_object_get(j, "best")));
    json_decref(j);
    run_log_end(log, "stopped", "m.safetensors", 3.5);
    j = line_of(path, 3);
    assert_string_equal(text_of(j, "event"), "end");
    assert_string_equal(text_of(j, "why"), "stopped");
    assert_string_equal(text_of(j, "saved"), "m.safetensors");
    assert_int_equal(number_of(j, "epochs"), 2);
    assert_int_equal(number_of(j, "best_epoch"), 1);
    assert_true(number_of(j, "seconds") == 3.5);
    json_decref(j);
    assert_null(line_of(path, 4));
}

static void a_resumed_run_appends_and_cuts_off_half_a_line(void **state)
{
    (void)state;
    const char *path = at("run.jsonl");
    run_log_end(begin(path, 0), "all epochs", NULL, 1);
    FILE *f = fopen(path, "a");
    assert_true(fputs("{\"event\": \"ep", f) >= 0 && fclose(f) == 0);
    run_log *log = begin(path, 3);
    assert_non_null(log);
    json_t *j = line_of(path, 2);
    assert_string_equal(text_of(j, "event"), "resumed");
    assert_int_equal(number_of(j, "after_epoch"), 3);
    json_decref(j);
    run_log_end(log, "all epochs", NULL, 1);
    j = line_of(path, 3);
    assert_true(json_is_null(json_object_get(j, "saved")));
    assert_true(json_is_null(json_object_get(j, "best_epoch")));
    json_decref(j);
    run_log_end(begin(path, 0), "all epochs", NULL, 1); /* a new run replaces the file */
    assert_null(line_of(path, 2));
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_true(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void assert_text(const char *path, const char *expected)
{
    char text[1024];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    assert_string_equal(text, expected);
}

/* A path that was mistyped, --log train.csv, must not cost the data. */
static void files_of_others_stay_as_they_are(void **state)
{
    (void)state;
    static const char *const texts[] = { "area,price\n1,2\nno newline", "{\"a\": 1}\n", "x",
                                         "{\"event\":\"login\"}\n" };
    for (int k = 0; k < 4; k++) {
        for (int64_t resumed = 0; resumed < 2; resumed++) {
            write_text(at("other"), texts[k]);
            assert_null(begin(at("other"), resumed));
            assert_failed_with(CD_ERR_IO, "other is there already, and is no log of a run");
            assert_text(at("other"), texts[k]);
        }
        write_text(at("other.csv"), texts[k]);
        assert_false(history_write(at("other.csv"), &one, 1, 0, names, 2));
        assert_failed_with(CD_ERR_IO, "other.csv is there already, and is no table of epochs");
        assert_text(at("other.csv"), texts[k]);
    }
    /* What a crash leaves of the first line is a log; and so is a file with nothing. */
    static const char *const ours[] = { "", "{\"event\":\"beg", "{\"e" };
    for (int k = 0; k < 3; k++) {
        for (int64_t resumed = 0; resumed < 2; resumed++) {
            write_text(at("ours"), ours[k]);
            run_log_end(begin(at("ours"), resumed), "stopped", NULL, 1);
            json_t *j = line_of(at("ours"), 0);
            assert_string_equal(text_of(j, "event"), resumed ? "resumed" : "begin");
            json_decref(j);
        }
    }
    write_text(at("ours.csv"), "");
    assert_true(history_write(at("ours.csv"), &one, 1, 0, names, 2));
    assert_true(history_write(at("ours.csv"), &two, 1, 0, names, 2));
}

/* The unfinished line may be longer than what is read of the file at a time. */
static void a_long_unfinished_line_is_cut_off(void **state)
{
    (void)state;
    const char *path = at("long.jsonl");
    struct stat before, after;
    run_log_end(begin(path, 0), "all epochs", NULL, 1);
    assert_int_equal(stat(path, &before), 0);
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    for (int i = 0; i < 10000; i++) (void)fputc('x', f);
    assert_int_equal(fclose(f), 0);
    run_log_end(begin(path, 3), "all epochs", NULL, 1);
    json_t *j = line_of(path, 2);
    assert_string_equal(text_of(j, "event"), "resumed");
    json_decref(j);
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size < 2 * before.st_size + 100);
}

static void metrics_that_an_epoch_lacks_are_null(void **state)
{
    (void)state;
    cd_epoch bare = one;
    bare.metrics = bare.validation_metrics = NULL;
    const char *path = at("bare.jsonl");
    run_log *log = begin(path, 0);
    run_log_epoch(log, &bare, false);
    bare.metric_count = 1;
    bare.metrics = metrics;
    run_log_epoch(log, &bare, false);
    run_log_end(log, "stopped", NULL, 1);
    json_t *none = line_of(path, 1), *some = line_of(path, 2);
    assert_true(json_is_null(json_object_get(none, "accuracy")));
    assert_true(json_is_null(json_object_get(none, "validation_accuracy")));
    assert_true(number_of(some, "accuracy") == 0.5);
    assert_true(json_is_null(json_object_get(some, "validation_accuracy")));
    assert_true(json_is_null(json_object_get(some, "metric_loss")));
    json_decref(none);
    json_decref(some);
    assert_true(history_write(at("bare.csv"), &bare, 1, -1, names, 2));
    assert_text(at("bare.csv"), "epoch,steps,loss,validation_loss,accuracy,validation_accuracy,"
                                "metric_loss,validation_metric_loss,lr,seconds,best\n"
                                "1,10,0.3333333333333333,2.5,0.5,,,,0.05,1.5,false\n");
}

static void a_log_that_cannot_be_written_is_an_error_at_the_beginning(void **state)
{
    (void)state;
    assert_null(begin(at("none/run.jsonl"), 0));
    assert_int_equal(cd_error_code(), CD_ERR_IO);
    assert_non_null(strstr(cd_error_message(), "No such file"));
    cd_clear_error();
    if (access("/dev/full", W_OK) == 0) {
        assert_null(begin("/dev/full", 0));
        assert_int_equal(cd_error_code(), CD_ERR_IO);
        cd_clear_error();
    }
    run_log *log = begin(NULL, 0);
    assert_true(cd_ok() && !log);
    run_log_epoch(log, &one, true);
    run_log_end(log, "stopped", NULL, 1);
}

/* A file that may not grow, as on a full disk: the lines that fit are whole, and there is one
 * warning. */
static void a_full_disk_is_a_warning_and_the_lines_stay_whole(void **state)
{
    (void)state;
    struct rlimit before, limit;
    struct stat info;
    const char *path = at("full.jsonl");
    run_log *log = begin(path, 0);
    assert_non_null(log);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)info.st_size + 20; /* a part of the next line */
    (void)signal(SIGXFSZ, SIG_IGN);
    const int file = open(at("warnings"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    const int standard_error = dup(STDERR_FILENO);
    assert_true(file >= 0 && standard_error >= 0 && dup2(file, STDERR_FILENO) >= 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    run_log_epoch(log, &one, true);
    run_log_epoch(log, &one, true);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(dup2(standard_error, STDERR_FILENO) >= 0);
    (void)close(standard_error);
    (void)close(file);
    assert_true(cd_ok());
    char expected[1024];
    (void)snprintf(expected, sizeof expected,
                   "candela: warning: the log lacks lines from here on: %s: File too large\n",
                   path);
    assert_text(at("warnings"), expected);
    assert_null(line_of(path, 1));
    run_log_epoch(log, &two, false);
    json_t *j = line_of(path, 1);
    assert_int_equal(number_of(j, "epoch"), 2);
    json_decref(j);
    run_log_end(log, "stopped", NULL, 1);
}

/* --- the table -------------------------------------------------------------------------------- */

static void the_table_has_a_line_for_each_epoch(void **state)
{
    (void)state;
    static const char *const odd[] = { "accuracy", "a,\"b\"" };
    const cd_epoch epochs[] = { one, two };
    char text[1024] = "";
    assert_true(history_write(at("run.csv"), epochs, 2, 0, odd, 2));
    FILE *f = fopen(at("run.csv"), "r");
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    assert_string_equal(text, "epoch,steps,loss,validation_loss,accuracy,validation_accuracy,"
                              "\"a,\"\"b\"\"\",\"validation_a,\"\"b\"\"\",lr,seconds,best\n"
                              "1,10,0.3333333333333333,2.5,0.5,0.1,0.25,,0.05,1.5,true\n"
                              "2,20,0.25,,0.5,0.1,0.25,,0.1,2,false\n");
    assert_false(history_write(at("none/run.csv"), epochs, 2, 0, odd, 2));
    cd_clear_error();
}

/* Each metric has keys of its own, whatever the others are called. */
static void names_of_metrics_do_not_collide(void **state)
{
    (void)state;
    static const char *const odd[] = { "loss", "metric_loss", "a", "validation_a" };
    static const double four[] = { 1, 2, 3, 4 };
    cd_epoch epoch = one;
    epoch.metric_count = 4;
    epoch.metrics = epoch.validation_metrics = four;
    assert_true(history_write(at("keys.csv"), &epoch, 1, 0, odd, 4));
    const cd_table *t = cd_read_csv(at("keys.csv")); /* which refuses a name that is there twice */
    assert_ok();
    assert_int_equal(cd_table_columns(t), 4 + 8 + 3);
}

/* --- the block at the end --------------------------------------------------------------------- */

static void write_one(const span *spans, int count, void *user)
{
    write_spans(user, spans, count, 40, STYLE_NO_COLORS);
}

static void write_wide(const span *spans, int count, void *user)
{
    write_spans(user, spans, count, 0, STYLE_NO_COLORS);
}

static void the_block_fits_its_width(void **state)
{
    (void)state;
    static const double loss[] = { 2.3, 1.2, 0.31 }, accuracy[] = { 0.31, 0.912, 0.908 };
    const run_summary s = {
        .trends = { { .name = "loss", .values = loss, .count = 3 },
                    { .name = "accuracy", .values = accuracy, .count = 3, .share = true } },
        .best_epoch = 2,
        .best_by = "highest accuracy",
        .seconds = 3.25,
        .files = { { "model", "my m" }, { "log", "run.jsonl" } },
        .calls = { { "eval", "my m", "--data", "fashion-mnist" } }
    };
    static const char *const narrow = "loss     █▄▁ 2.30 → 0.31\n"
                                      "accuracy ▁██ 31 % → 91 %\n"
                                      "best epoch: 2, highest accuracy\n"
                                      "3.2 s in all\n"
                                      "saved log: run.jsonl\n"
                                      "saved model: my m\n"
                                      "next:\n"
                                      "  candela eval 'my m' \\\n"
                                      "      --data fashion-mnist\n";
    char tight[2048] = "";
    FILE *at_22 = fmemopen(tight, sizeof tight, "w");
    assert_true(run_summary_lines(&s, 22, true, write_wide, at_22)); /* room for the backslash */
    (void)fclose(at_22);
    assert_non_null(
        strstr(tight, "\n  candela eval \\\n      'my m' \\\n      --data fashion-mnist\n"));
    static const int widths[] = { 40, 80, 120 };
    for (int k = 0; k < 3; k++) {
        char out[2048] = "";
        FILE *f = fmemopen(out, sizeof out, "w");
        assert_true(run_summary_lines(&s, widths[k], true, k ? write_wide : write_one, f));
        (void)fclose(f);
        if (k == 0) {
            assert_string_equal(out, narrow);
        } else {
            assert_non_null(strstr(out, "\n  candela eval 'my m' --data fashion-mnist\n"));
            assert_int_equal(strncmp(out, narrow, strcspn(narrow, "\\") - 1), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(levels_follow_the_values),
        TEST(long_series_are_means),
        TEST(curves_have_their_numbers),
        TEST(each_line_is_in_the_file_at_once),
        TEST(a_resumed_run_appends_and_cuts_off_half_a_line),
        TEST(files_of_others_stay_as_they_are),
        TEST(a_long_unfinished_line_is_cut_off),
        TEST(metrics_that_an_epoch_lacks_are_null),
        TEST(a_log_that_cannot_be_written_is_an_error_at_the_beginning),
        TEST(a_full_disk_is_a_warning_and_the_lines_stay_whole),
        TEST(the_table_has_a_line_for_each_epoch),
        TEST(names_of_metrics_do_not_collide),
        TEST(the_block_fits_its_width),
    };
    return RUN(tests);
}
