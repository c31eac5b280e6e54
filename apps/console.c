#include "apps/console.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *command;
    bool quiet, terminal;
} console = { .command = "" };

static struct {
    const char *what, *unit;
    int64_t total;
    double started, drawn;
    bool on;
} progress;

/* Takes the line of the bar away, on a terminal. */
#define CLEAR_LINE "\r\033[K"

/* Warnings may come from threads that read pictures, while the bar is drawn. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void say(const char *kind, const char *sentence)
{
    (void)pthread_mutex_lock(&turn);
    fprintf(stderr, "%scandela%s%s: %s%s\n", progress.on ? CLEAR_LINE : "",
            *console.command ? " " : "", console.command, kind, sentence);
    progress.drawn = 0;
    (void)pthread_mutex_unlock(&turn);
}

static void log_line(cd_log_level level, const char *message, void *user)
{
    (void)user;
    char sentence[SHOWN_BYTES];
    if (level == CD_LOG_WARNING) say("warning: ", shown(message, sentence));
}

void console_begin(const char *command_name, bool quiet)
{
    console.command = command_name;
    console.quiet = quiet;
    console.terminal = isatty(STDERR_FILENO) != 0;
    cd_set_logger(quiet ? NULL : log_line, NULL);
}

enum { SENTENCE_BYTES = 2048 };

int failed(const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    say("", sentence);
    return 1;
}

int failed_in_library(void)
{
    cd_error error;
    if (!cd_error_take(&error)) return failed("it did not work, and the library does not say why");
    char sentence[SHOWN_BYTES];
    say("", shown(error.message, sentence));
    return 1;
}

void warn(const char *format, ...)
{
    if (console.quiet) return;
    char sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    say("warning: ", sentence);
}

/* --- progress --------------------------------------------------------------------------------- */

double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void progress_begin(const char *what, const char *unit, int64_t total)
{
    progress.what = what;
    progress.unit = unit;
    progress.total = total > 0 ? total : 1;
    progress.started = seconds_now();
    progress.drawn = 0;
    progress.on = console.terminal && !console.quiet;
    progress_at(0);
}

/* "3 s", "2 min 05 s", "1 h 12 min" */
static void write_duration(double seconds, char *text, size_t bytes)
{
    long long s = (long long)ceil(seconds);
    if (s < 60) {
        (void)snprintf(text, bytes, "%lld s", s);
    } else if (s < 3600) {
        (void)snprintf(text, bytes, "%lld min %02lld s", s / 60, s % 60);
    } else {
        (void)snprintf(text, bytes, "%lld h %02lld min", s / 3600, s / 60 % 60);
    }
}

/* "  120 pictures/s  3 s left", once there is something to judge by. */
static void write_rate(int64_t done, double past, char *text, size_t bytes)
{
    double rate = (double)done / past;
    char left[40];
    write_duration((double)(progress.total - done) / rate, left, sizeof left);
    (void)snprintf(text, bytes, "  %.*f %s/s  %s left", rate < 10 ? 1 : 0, rate, progress.unit,
                   left);
}

void progress_at(int64_t done)
{
    enum { WIDTH = 24 };
    static const double pause = 0.1; /* seconds between two drawings */
    if (!progress.on) return;
    double now = seconds_now(), past = now - progress.started;
    char bar[WIDTH + 1], rest[96] = "";
    int64_t filled = done * WIDTH / progress.total;
    for (int i = 0; i < WIDTH; i++) bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
    bar[WIDTH] = '\0';
    if (done > 0 && past > pause) write_rate(done, past, rest, sizeof rest);
    (void)pthread_mutex_lock(&turn);
    if (progress.drawn <= 0 || now - progress.drawn >= pause) {
        fprintf(stderr, CLEAR_LINE "%s [%s] %3lld %%%s", progress.what, bar,
                (long long)(done * 100 / progress.total), rest);
        (void)fflush(stderr);
        progress.drawn = now;
    }
    (void)pthread_mutex_unlock(&turn);
}

void progress_end(void)
{
    if (progress.on) {
        fprintf(stderr, CLEAR_LINE);
        (void)fflush(stderr);
    }
    progress.on = false;
}

/* --- results ---------------------------------------------------------------------------------- */

const char *counted(int64_t count, const char *one, const char *several, char *text)
{
    (void)snprintf(text, COUNTED_BYTES, "%lld %s", (long long)count, count == 1 ? one : several);
    return text;
}

/* Bytes of the control character at `at`: below space, DEL, and U+0080 to U+009F, which are C2 80
 * to C2 9F in UTF-8. 0: it is none. */
static int control_bytes(const char *at)
{
    unsigned char c = (unsigned char)at[0], next = c ? (unsigned char)at[1] : 0;
    if (c < 0x20 || c == 0x7F) return 1;
    return c == 0xC2 && next >= 0x80 && next <= 0x9F ? 2 : 0;
}

const char *shown(const char *text, char out[SHOWN_BYTES])
{
    static const char dots[] = "...";
    size_t n = 0;
    while (*text && n < SHOWN_BYTES - sizeof dots) {
        int control = control_bytes(text);
        out[n++] = control ? '?' : *text;
        text += control ? control : 1;
    }
    if (*text) {
        /* Not in the middle of a character. */
        while (n > 0 && ((unsigned char)*text & 0xC0) == 0x80) {
            text--;
            n--;
        }
        memcpy(out + n, dots, sizeof dots - 1);
        n += sizeof dots - 1;
    }
    out[n] = '\0';
    return out;
}

int end_output(int status)
{
    errno = 0;
    bool written = !ferror(stdout);
    if (fflush(stdout) == 0 && written) return status;
    /* Whoever read the output has gone: nobody to tell. */
    if (errno == EPIPE) return 1;
    return failed("standard output could not be written: %s",
                  errno ? strerror(errno) : "an earlier write failed");
}
