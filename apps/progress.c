/* The text of the progress bar, and how often it is drawn. */
#include "apps/progress.h"

#include <math.h>
#include <string.h>

#include "apps/cells.h"
#include "apps/console.h"

static struct {
    const char *task, *unit;
    int64_t total;
    double started, drawn; /* seconds_now() */
    console_kind kind;
} progress;

/* --- the text --------------------------------------------------------------------------------- */

/* "3 s", "2 min 05 s", "1 h 12 min" */
static void write_duration(double seconds, char *text, size_t bytes)
{
    long long s = (long long)fmin(ceil(seconds), 1e9);
    if (s < 60) {
        (void)snprintf(text, bytes, "%lld s", s);
    } else if (s < 3600) {
        (void)snprintf(text, bytes, "%lld min %02lld s", s / 60, s % 60);
    } else {
        (void)snprintf(text, bytes, "%lld h %02lld min", s / 3600, s / 60 % 60);
    }
}

/* " [=====>      ]" */
static void write_bar(double share, char *text)
{
    enum { WIDTH = 24 };
    int filled = (int)(share * WIDTH);
    *text++ = ' ';
    *text++ = '[';
    for (int i = 0; i < WIDTH; i++) *text++ = i < filled ? '=' : i == filled ? '>' : ' ';
    *text++ = ']';
    *text = '\0';
}

/* Joins the parts that fit into `width` columns. `task` and `percent` always stay; of the others
 * the last is dropped first. */
static void join(const char *task, const char *percent, const char *bar, const char *rate,
                 const char *left, int width, char out[PROGRESS_BYTES])
{
    char name[SHOWN_BYTES];
    int room = width - (int)strlen(percent);
    (void)shown(task, room > 1 ? room : 1, name);
    room -= cells(name);
    if (cells(bar) > room) bar = rate = left = "";
    room -= cells(bar);
    if (cells(rate) > room) rate = left = "";
    room -= cells(rate);
    if (cells(left) > room) left = "";
    (void)snprintf(out, PROGRESS_BYTES, "%.255s%s%s%s%s", name, bar, percent, rate, left);
}

const char *progress_text(const char *task, const char *unit, int64_t done, int64_t total,
                          double seconds, int width, char out[PROGRESS_BYTES])
{
    static const double soon = 0.1; /* seconds before a rate can be estimated */
    if (done > total) done = total;
    double share = total > 0 ? (double)done / (double)total : 1;
    char percent[16], bar[40], rate[64] = "", left[64] = "", duration[40];
    (void)snprintf(percent, sizeof percent, " %3d %%", (int)(100 * share));
    write_bar(share, bar);
    if (done > 0 && seconds > soon) {
        double each = (double)done / seconds;
        (void)snprintf(rate, sizeof rate, "  %.*f %s/s", each < 10 ? 1 : 0, each, unit);
        write_duration((double)(total - done) / each, duration, sizeof duration);
        (void)snprintf(left, sizeof left, "  %s left", duration);
    }
    join(task, percent, bar, rate, left, width, out);
    return out;
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw(int64_t done, double now)
{
    enum { LONG_LINE = 400 };
    char text[PROGRESS_BYTES];
    double seconds = now - progress.started;
    bool redraws = progress.kind == CONSOLE_REDRAWS;
    /* Some terminals go to the next line once the last column is filled. */
    int width = redraws ? status_columns() - 1 : LONG_LINE;
    (void)progress_text(progress.task, progress.unit, done, progress.total, seconds, width, text);
    if (!redraws) {
        note("%s", text);
        progress.drawn = now;
    } else if (status_line(text)) {
        progress.drawn = now;
    }
}

void progress_begin(const char *task, const char *unit, int64_t total)
{
    progress.task = task;
    progress.unit = unit;
    progress.total = total;
    progress.started = progress.drawn = seconds_now();
    progress.kind = console_progress();
    if (progress.kind == CONSOLE_REDRAWS) draw(0, progress.started);
}

void progress_at(int64_t done)
{
    if (progress.kind == CONSOLE_SILENT) return;
    double now = seconds_now(), pause = progress.kind == CONSOLE_REDRAWS ? 0.1 : 30;
    if (now - progress.drawn >= pause) draw(done, now);
}

void progress_end(void)
{
    if (progress.kind == CONSOLE_REDRAWS) (void)status_line(NULL);
    progress.kind = CONSOLE_SILENT;
}
