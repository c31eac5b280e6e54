/* Writes the log of a run line by line, and its table of epochs. */
#include "apps/run_log.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "apps/console.h"
#include "apps/json.h"

struct run_log {
    int file;
    char *path;
    const char *const *metrics;
    int metric_count;
    int64_t epochs, best; /* logged so far, and the number of the best; 0: none */
    bool warned;
};

/* --- lines ------------------------------------------------------------------------------------ */

/* Writes all bytes with as few calls as the system allows. False with errno. */
static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(file, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

/* Adds the object as a line, and frees it. Where that fails, takes what was written of the line
 * back, where the file is one that can be cut. False with a library error. */
static bool add_line(const run_log *log, json_t *object)
{
    char *text = json_line(object);
    if (!text) return false;
    size_t size = strlen(text);
    off_t before = lseek(log->file, 0, SEEK_END);
    text[size] = '\n'; /* in place of the NUL */
    bool done = write_all(log->file, text, size + 1);
    if (!done) {
        (void)cd_fail(CD_ERR_IO, "%s: %s", log->path, strerror(errno));
        if (before >= 0 && ftruncate(log->file, before) != 0) errno = 0;
    }
    free(text);
    return done;
}

/* The same; a failure is a warning, once. An error that is pending already stays. */
static void add_or_warn(run_log *log, json_t *object)
{
    cd_error error;
    (void)cd_error_push();
    bool failure = !add_line(log, object);
    (void)cd_error_pop(&error);
    if (!failure) return;
    if (!log->warned) warn("the log lacks lines from here on: %s", error.message);
    log->warned = true;
}

/* --- beginning -------------------------------------------------------------------------------- */

static void put_now(json_t *object)
{
    char text[32];
    struct tm utc;
    time_t now = time(NULL);
    (void)gmtime_r(&now, &utc);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    put_text(object, "time", text);
}

static void put_sizes(json_t *object, const char *key, const sizes *list)
{
    json_t *array = json_array();
    for (int i = 0; i < list->count; i++) append_integer(array, list->value[i]);
    put_json(object, key, array);
}

/* A number that is not in its option's range was not given, and is null. */
static void put_option(json_t *object, const option *o, const void *values)
{
    const void *at = (const char *)values + o->offset;
    switch (o->type) {
    case OPTION_FLAG:
        put_bool(object, o->name, *(const bool *)at);
        return;
    case OPTION_TEXT:
    case OPTION_CHOICE:
        put_text(object, o->name, *(const char *const *)at);
        return;
    case OPTION_INTEGER: {
        int64_t value = *(const int64_t *)at;
        if ((double)value < o->min || (double)value > o->max) break;
        put_integer(object, o->name, value);
        return;
    }
    case OPTION_NUMBER: {
        double value = *(const double *)at;
        put_exact(object, o->name, value < o->min || value > o->max ? (double)NAN : value);
        return;
    }
    case OPTION_SIZES:
        put_sizes(object, o->name, at);
        return;
    }
    put_json_text(object, o->name, NULL);
}

static bool goes_on(const run_settings *s, int64_t resumed)
{
    return resumed > 0 || s->goes_on;
}

static json_t *settings_to_json(const run_settings *s, int64_t resumed)
{
    const common_options *common = s->values;
    json_t *line = json_object(), *options = json_object();
    for (size_t i = 0; i < s->command->option_count; i++) {
        put_option(options, &s->command->options[i], s->values);
    }
    put_text(line, "event", goes_on(s, resumed) ? "resumed" : "begin");
    put_now(line);
    if (goes_on(s, resumed)) put_integer(line, "after_epoch", resumed);
    put_text(line, "version", cd_about().version);
    put_text(line, "command", s->command->name);
    put_text(line, "data", s->data);
    put_text(line, "model", s->model);
    put_integer(line, "seed", common->seed);
    put_json(line, "options", options);
    return line;
}

/* What a log begins with, of a new run or of one that goes on; and a table of epochs. */
static const char log_start[] = "{\"event\":\"begin\",\"time\":\"";
static const char resumed_start[] = "{\"event\":\"resumed\",\"time\":\"";
static const char table_start[] = "epoch,steps,loss,";

/* Whether the file is no regular one or begins with this text, or is the beginning of it, as a
 * crash may leave it. */
static bool begins_with(int file, const char *start)
{
    enum { LONGEST = 64 };
    struct stat info;
    char bytes[LONGEST];
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) return true;
    ssize_t count = pread(file, bytes, strlen(start), 0);
    return count >= 0 && memcmp(bytes, start, (size_t)count) == 0;
}

static bool fail_foreign(const char *path, const char *what)
{
    return cd_fail(CD_ERR_IO, "%s is there already, and is no %s: give another path, or remove it",
                   path, what);
}

/* Cuts off what stands behind the last newline: the line that a crash has left unfinished. */
static bool cut_unfinished(int file)
{
    char block[4096];
    const off_t end = lseek(file, 0, SEEK_END); /* -1: a pipe */
    for (off_t at = end; at > 0;) {
        const size_t size = at < (off_t)sizeof block ? (size_t)at : sizeof block;
        at -= (off_t)size;
        if (pread(file, block, size, at) != (ssize_t)size) return false;
        size_t used = size;
        while (used > 0 && block[used - 1] != '\n') used--;
        if (used == 0 && at > 0) continue;
        const off_t keep = at + (off_t)used;
        return keep == end || ftruncate(file, keep) == 0;
    }
    return true;
}

/* Empties a file that can be; a pipe or a device has nothing to lose. */
static bool empty(int file)
{
    struct stat info;
    if (fstat(file, &info) != 0) return false;
    return !S_ISREG(info.st_mode) || ftruncate(file, 0) == 0;
}

/* Whether an open file may become the log of a run. */
static bool check_log(int file, const char *path)
{
    return begins_with(file, log_start) || begins_with(file, resumed_start) ||
           fail_foreign(path, "log of a run");
}

static bool fail_log(const char *path)
{
    return cd_fail(CD_ERR_IO, "the log %s cannot be written: %s", path, strerror(errno));
}

bool run_log_check(const char *path)
{
    if (!path) return true;
    int file = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return errno == ENOENT ? cd_file_writable(path) : fail_log(path);
    bool right = check_log(file, path);
    (void)close(file);
    return right;
}

static bool open_log(run_log *log, bool append)
{
    log->file = open(log->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (log->file >= 0 && !check_log(log->file, log->path)) return false;
    if (log->file >= 0 && (append ? cut_unfinished(log->file) : empty(log->file))) return true;
    return fail_log(log->path);
}

static void log_free(run_log *log)
{
    if (log && log->file >= 0) (void)close(log->file);
    if (log) free(log->path);
    free(log);
}

bool run_log_begin(run_log **out, const char *path, const run_settings *settings, int64_t resumed)
{
    *out = NULL;
    if (!path) return true;
    run_log *log = calloc(1, sizeof *log);
    if (log) {
        *log = (run_log){ .file = -1,
                          .path = strdup(path),
                          .metrics = settings->metrics,
                          .metric_count = settings->metric_count,
                          .epochs = resumed,
                          .best = settings->best };
    }
    bool done = log && log->path;
    if (!done) (void)cd_fail(CD_ERR_MEMORY, "out of memory for the log");
    done = done && open_log(log, goes_on(settings, resumed)) &&
           add_line(log, settings_to_json(settings, resumed));
    if (done) {
        *out = log;
    } else {
        log_free(log);
    }
    return done;
}

/* --- epochs and the end ----------------------------------------------------------------------- */

enum { KEY_BYTES = 128 };

/* The key of a metric: its name, of the validation samples with "validation_" before it. */
static const char *metric_key(const char *name, bool validation, char key[KEY_BYTES])
{
    static const char *const taken[] = { "event", "time",    "epoch", "steps",          "loss",
                                         "lr",    "seconds", "best",  "validation_loss" };
    /* No name with a prefix of its own becomes the key of another metric. */
    bool is_taken = strncmp(name, "validation_", 11) == 0 || strncmp(name, "metric_", 7) == 0;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        is_taken = is_taken || strcmp(name, taken[i]) == 0;
    }
    (void)snprintf(key, KEY_BYTES, "%s%s%.96s", validation ? "validation_" : "",
                   is_taken ? "metric_" : "", name);
    return key;
}

/* Metric i of `list`, which is one of the epoch's two; NaN where there is none. */
static double metric_of(const cd_epoch *epoch, const double *list, int i)
{
    return list && i < epoch->metric_count ? list[i] : (double)NAN;
}

void run_log_epoch(run_log *log, const cd_epoch *epoch, bool best)
{
    if (!log) return;
    char key[KEY_BYTES];
    json_t *line = json_object();
    put_text(line, "event", "epoch");
    put_integer(line, "epoch", epoch->number);
    put_integer(line, "steps", epoch->steps);
    put_exact(line, "loss", epoch->loss);
    put_exact(line, "validation_loss", epoch->validation_loss);
    for (int i = 0; i < log->metric_count; i++) {
        put_exact(line, metric_key(log->metrics[i], false, key),
                  metric_of(epoch, epoch->metrics, i));
        put_exact(line, metric_key(log->metrics[i], true, key),
                  metric_of(epoch, epoch->validation_metrics, i));
    }
    put_exact(line, "lr", epoch->lr);
    put_exact(line, "seconds", epoch->seconds);
    put_bool(line, "best", best);
    add_or_warn(log, line);
    log->epochs = epoch->number;
    if (best) log->best = epoch->number;
}

void run_log_end(run_log *log, const char *why, const char *saved, double seconds)
{
    if (!log) return;
    json_t *line = json_object();
    put_text(line, "event", "end");
    put_now(line);
    put_text(line, "why", why);
    put_text(line, "saved", saved);
    put_integer(line, "epochs", log->epochs);
    if (log->best > 0) {
        put_integer(line, "best_epoch", log->best);
    } else {
        put_json_text(line, "best_epoch", NULL);
    }
    put_exact(line, "seconds", seconds);
    add_or_warn(log, line);
    log_free(log);
}

/* --- the table of epochs ---------------------------------------------------------------------- */

/* Writes a name as RFC 4180 has it: quoted where it holds a comma, a quote or a line end. */
static void write_name(FILE *f, const char *name)
{
    if (!strpbrk(name, ",\"\r\n")) {
        fprintf(f, ",%s", name);
        return;
    }
    (void)fputs(",\"", f);
    for (; *name; name++) fprintf(f, *name == '"' ? "\"\"" : "%c", *name);
    (void)fputc('"', f);
}

/* The fewest digits from 15 on that give the same double when read. */
static void write_exact(FILE *f, double value)
{
    char text[40];
    int digits = 15;
    if (isnan(value)) {
        (void)fputc(',', f);
        return;
    }
    do (void)snprintf(text, sizeof text, "%.*g", digits, value);
    while (digits++ < 17 && strtod(text, NULL) != value);
    fprintf(f, ",%s", text);
}

static void write_head(FILE *f, const char *const *metrics, int metric_count)
{
    char key[KEY_BYTES];
    fprintf(f, "%svalidation_loss", table_start);
    for (int i = 0; i < metric_count; i++) {
        write_name(f, metric_key(metrics[i], false, key));
        write_name(f, metric_key(metrics[i], true, key));
    }
    fprintf(f, ",lr,seconds,best\n");
}

static void write_epoch(FILE *f, const cd_epoch *e, int metric_count, bool best)
{
    fprintf(f, "%lld,%lld", (long long)e->number, (long long)e->steps);
    write_exact(f, e->loss);
    write_exact(f, e->validation_loss);
    for (int i = 0; i < metric_count; i++) {
        write_exact(f, metric_of(e, e->metrics, i));
        write_exact(f, metric_of(e, e->validation_metrics, i));
    }
    write_exact(f, e->lr);
    write_exact(f, e->seconds);
    fprintf(f, ",%s\n", best ? "true" : "false");
}

/* Whether there is nothing at the path but a table of epochs, which may be replaced. */
static bool check_replaceable(const char *path)
{
    int file = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (file < 0) return true; /* why it cannot be written, the writing says */
    bool right = begins_with(file, table_start);
    (void)close(file);
    return right || fail_foreign(path, "table of epochs");
}

bool history_check(const char *path)
{
    return !path || (check_replaceable(path) && cd_file_writable(path));
}

bool history_write(const char *path, const cd_epoch *epochs, int64_t count, int64_t best,
                   const char *const *metrics, int metric_count)
{
    char *text = NULL;
    size_t bytes = 0;
    if (!check_replaceable(path)) return false;
    FILE *f = open_memstream(&text, &bytes);
    if (f) write_head(f, metrics, metric_count);
    for (int64_t i = 0; f && i < count; i++) write_epoch(f, &epochs[i], metric_count, i == best);
    bool whole = f && !ferror(f);
    if (f && fclose(f) != 0) whole = false;
    /* glibc has no error, and no text, where memory runs out as the stream is closed. */
    bool done = whole && text ? cd_write_file(path, text, bytes)
                              : cd_fail(CD_ERR_MEMORY, "out of memory for the table of epochs");
    free(text);
    return done;
}
