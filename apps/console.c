/* Writes lines to standard output and standard error, and draws the status line. */
#include "apps/console.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *command;
    style_choice color;
    bool quiet;
    bool muted;       /* the library's warnings are not shown */
    bool piped;       /* standard output is a pipe */
    bool status_on;   /* the status line is on the terminal */
    bool unread;      /* lines may still be in that pipe */
    double read_time; /* when the pipe's reader was first seen to have read all lines */
    int error;        /* errno of the first write to standard output that failed; 0: none */
} console = { .command = "" };

/* Serialises writing, because threads that read pictures print warnings too. */
static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;

double seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- terminals -------------------------------------------------------------------------------- */

/* isatty without changing errno, which may hold the reason of a write that has just failed. */
static bool is_terminal(int fd)
{
    int before = errno;
    bool terminal = isatty(fd);
    errno = before;
    return terminal;
}

/* The columns of the terminal at `fd`; 0: it is no terminal. */
static int terminal_columns(int fd)
{
    struct winsize size;
    if (!is_terminal(fd)) return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char *columns = getenv("COLUMNS");
    long count = columns ? strtol(columns, NULL, 10) : 0;
    return count > 0 && count <= 10000 ? (int)count : 80;
}

int columns_of(FILE *stream)
{
    return terminal_columns(fileno(stream));
}

int columns_left(int taken)
{
    int columns = terminal_columns(STDOUT_FILENO);
    if (columns == 0) return 0;
    return columns - taken > 8 ? columns - taken : 8;
}

console_kind console_progress(void)
{
    const char *kind = getenv("TERM");
    if (console.quiet || !isatty(STDERR_FILENO)) return CONSOLE_SILENT;
    return kind && *kind && strcmp(kind, "dumb") != 0 ? CONSOLE_REDRAWS : CONSOLE_DUMB;
}

void console_color(style_choice choice)
{
    console.color = choice;
}

style_colors colors_of(FILE *stream)
{
    return style_decide(console.color, is_terminal(fileno(stream)));
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Removes the status line, so that other lines can be written. The caller holds output_lock. */
static void clear_status(void)
{
    if (!console.status_on) return;
    fprintf(stderr, "\r\033[K");
    (void)fflush(stderr);
    console.status_on = false;
}

/* To be called directly after a write: errno holds the reason of a failure no longer than that. */
void flush_output(void)
{
    (void)fflush(stdout);
    if (ferror(stdout) && !console.error) console.error = errno;
}

/* Writes a line for so many columns; 0: whole. */
static void write_line(FILE *stream, const span *spans, int count, int width)
{
    (void)pthread_mutex_lock(&output_lock);
    clear_status();
    write_spans(stream, spans, count, width, colors_of(stream));
    if (stream == stdout) {
        flush_output();
        console.unread = true;
    } else {
        (void)fflush(stream);
    }
    (void)pthread_mutex_unlock(&output_lock);
}

/* Longer than the line that is written: where vsnprintf cuts a text within a character,
 * write_spans cuts it again, between characters and with "..." at the end. */
enum { FORMATTED_BYTES = LINE_BYTES + LONGEST_CHARACTER };

void print_spans(const span *spans, int count)
{
    write_line(stdout, spans, count, columns_of(stdout));
}

void print_command(const char *text)
{
    const span line = { STYLE_PLAIN, text };
    write_line(stdout, &line, 1, 0);
}

static void print_formatted(style s, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static void print_formatted(style s, const char *format, va_list arguments)
{
    char text[FORMATTED_BYTES];
    (void)vsnprintf(text, sizeof text, format, arguments);
    print_styled({ s, text });
}

void print_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_formatted(STYLE_PLAIN, format, arguments);
    va_end(arguments);
}

void print_line_in(style s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_formatted(s, format, arguments);
    va_end(arguments);
}

void blank_line(void)
{
    write_line(stdout, NULL, 0, 0);
}

/* --- sentences on standard error -------------------------------------------------------------- */

/* Writes "candela COMMAND: KIND" and the text; `kind` is in the style. */
static void say(style s, const char *kind, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
static void say(style s, const char *kind, const char *format, va_list arguments)
{
    char before[64], text[FORMATTED_BYTES];
    (void)snprintf(before, sizeof before, "candela%s%s: ", *console.command ? " " : "",
                   console.command);
    (void)vsnprintf(text, sizeof text, format, arguments);
    const span spans[] = { { STYLE_PLAIN, before },
                           { s, kind },
                           { STYLE_PLAIN, *kind ? " " : "" },
                           { STYLE_PLAIN, text } };
    write_line(stderr, spans, (int)(sizeof spans / sizeof *spans), columns_of(stderr));
}

int failed(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(STYLE_ERROR, "error:", format, arguments);
    va_end(arguments);
    return 1;
}

int failed_in_library(void)
{
    cd_error error;
    if (!cd_error_take(&error)) return failed("it did not work, and the library does not say why");
    return failed("%s", error.message);
}

void warn(const char *format, ...)
{
    if (console.quiet) return;
    va_list arguments;
    va_start(arguments, format);
    say(STYLE_WARNING, "warning:", format, arguments);
    va_end(arguments);
}

void stopped(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(STYLE_PLAIN, "", format, arguments);
    va_end(arguments);
}

void note(const char *format, ...)
{
    if (console.quiet) return;
    va_list arguments;
    va_start(arguments, format);
    say(STYLE_PLAIN, "", format, arguments);
    va_end(arguments);
}

void mute_warnings(bool muted)
{
    console.muted = muted;
}

static void log_line(cd_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CD_LOG_WARNING && !console.muted) warn("%s", message);
}

/* --- the status line -------------------------------------------------------------------------- */

int status_columns(void)
{
    return terminal_columns(STDERR_FILENO);
}

/* Whether the reader of standard output may still be writing the lines that it was given. Once it
 * has read them all from the pipe, it gets a moment to write them. */
static bool reader_is_writing(void)
{
    static const double moment = 0.2; /* seconds */
    int unread = 0;
    if (!console.piped) return false;
    double now = seconds_now();
    if (console.unread) console.read_time = now;
    console.unread = ioctl(STDOUT_FILENO, FIONREAD, &unread) == 0 && unread > 0;
    return console.unread || now - console.read_time < moment;
}

bool status_line(const char *text)
{
    (void)pthread_mutex_lock(&output_lock);
    bool drawn = text && !reader_is_writing();
    if (drawn) {
        fprintf(stderr, "\r\033[K%s", text);
        (void)fflush(stderr);
        console.status_on = true;
    } else if (!text) {
        clear_status();
    }
    (void)pthread_mutex_unlock(&output_lock);
    return drawn;
}

/* --- beginning and end ------------------------------------------------------------------------ */

void console_begin(const char *command_name, bool quiet)
{
    static char buffer[LINE_BYTES];
    static bool begun;
    struct stat info;
    /* Standard error is buffered, and flushed after each line: so a line is written in one
     * piece. */
    if (!begun) (void)setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
    begun = true;
    console.command = command_name;
    console.quiet = quiet;
    console.piped = fstat(STDOUT_FILENO, &info) == 0 && S_ISFIFO(info.st_mode);
    cd_set_logger(quiet ? NULL : log_line, NULL);
}

int end_output(int status)
{
    flush_output();
    if (!ferror(stdout)) return status;
    /* The reader of the output has gone, so an error would tell nobody. */
    if (console.error == EPIPE) return 1;
    return failed("standard output could not be written: %s", strerror(console.error));
}

/* --- words ------------------------------------------------------------------------------------ */

const char *counted(int64_t count, const char *one, const char *several, char text[COUNTED_BYTES])
{
    (void)snprintf(text, COUNTED_BYTES, "%lld %s", (long long)count, count == 1 ? one : several);
    return text;
}

const char *listed(const char *const *words, int count, const char *last, char *text, size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && used < bytes; i++) {
        const char *before = i == 0 ? "" : i + 1 < count ? ", " : last;
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", before, words[i]);
    }
    return text;
}
