/* The head of a report: what was trained or evaluated, on what and when, and the main figures. */
#include "apps/report_parts.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "apps/console.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void write_date(html *h)
{
    char machine[32], people[64];
    time_t now = time(NULL);
    struct tm utc;
    if (!gmtime_r(&now, &utc)) return;
    (void)strftime(machine, sizeof machine, "%Y-%m-%dT%H:%MZ", &utc);
    (void)strftime(people, sizeof people, "%Y-%m-%d %H:%M UTC", &utc);
    html_markup(h, "<li><time datetime=\"%s\">%s</time></li>", machine, people);
}

/* A point of the line below the heading: its text, after a name from outside where there is one. */
static void write_point(html *h, const char *name, const char *text)
{
    html_markup(h, "<li>");
    if (name) html_name(h, name);
    html_markup(h, "%s</li>", text);
}

static void write_points(html *h, const report *r)
{
    char text[COUNTED_BYTES + 32], count[COUNTED_BYTES];
    html_markup(h, "<ul class=\"points\">");
    (void)snprintf(text, sizeof text, ", %s",
                   counted(r->parameters, "parameter", "parameters", count));
    if (r->architecture) write_point(h, r->architecture, r->parameters > 0 ? text : "");
    if (r->source) write_point(h, r->source, ", the pretrained weights");
    if (r->train_count > 0) {
        (void)snprintf(text, sizeof text, "%s to train on",
                       counted(r->train_count, "sample", "samples", count));
        write_point(h, NULL, text);
    }
    if (r->score) {
        (void)snprintf(text, sizeof text, ", %s",
                       counted(r->score->count, "sample", "samples", count));
        write_point(h, r->split ? r->split : "evaluated", text);
    }
    if (r->numbers) {
        (void)snprintf(text, sizeof text, ", %s, regression of ",
                       counted(r->numbers->count, "row", "rows", count));
        html_markup(h, "<li>%s%s", r->split, text);
        html_name(h, cd_encoder_label(r->rows->encoder));
        html_markup(h, "</li>");
    }
    if (r->skipped > 0) {
        (void)snprintf(text, sizeof text, "%s left out, because they cannot be decoded",
                       counted(r->skipped, "picture", "pictures", count));
        write_point(h, NULL, text);
    }
    write_date(h);
    html_markup(h, "</ul>\n");
}

/* --- figures ---------------------------------------------------------------------------------- */

static void begin_figure(html *h, const char *kind, const char *name)
{
    html_markup(h, "<div class=\"figure%s\"><dt>%s</dt><dd><b>", kind, name);
}

static void end_figure(html *h)
{
    html_markup(h, "</small></dd></div>\n");
}

/* The interval of Wilson (1927) for a share of `part` of `whole`: it holds the true share with a
 * confidence of 95 %, also where the share is near 0 or 1. */
static void wilson(int64_t part, int64_t whole, double *low, double *high)
{
    const double z = 1.959963984540054; /* the 97.5th percentile of the normal distribution */
    double n = (double)whole, p = (double)part / n, scale = 1 + z * z / n;
    double middle = (p + z * z / (2 * n)) / scale;
    double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
    *low = fmax(0, middle - half);
    *high = fmin(1, middle + half);
}

static void write_accuracy(html *h, const score *s)
{
    char percent[PERCENT_BYTES], from[PERCENT_BYTES], to[PERCENT_BYTES];
    double low, high;
    wilson(s->correct, s->count, &low, &high);
    begin_figure(h, " main", "accuracy");
    html_markup(h,
                "%s</b><small>%lld of %lld are right; with so many samples the true accuracy "
                "lies between %s and %s (95 %% confidence)",
                report_percent(score_accuracy(s), 2, percent), (long long)s->correct,
                (long long)s->count, report_percent(low, 1, from), report_percent(high, 1, to));
    end_figure(h);
}

static void write_score(html *h, const score *s)
{
    write_accuracy(h, s);
    begin_figure(h, "", "loss");
    html_markup(h, "%.4f</b><small>nats, the mean cross entropy; guessing has %.4f", s->loss,
                log((double)s->classes));
    end_figure(h);
    begin_figure(h, "", "mistakes");
    html_markup(h, "%lld</b><small>in %lld classes", (long long)(s->count - s->correct),
                (long long)s->classes);
    end_figure(h);
}

static void write_numbers(html *h, const number_score *s)
{
    begin_figure(h, " main", "R2");
    if (isnan(s->r2)) {
        html_markup(h, "-</b><small>is not defined for a single row");
    } else {
        html_markup(h, "%.4f</b><small>1 is perfect; the mean of all rows as a guess has 0", s->r2);
    }
    end_figure(h);
    begin_figure(h, "", "MAE");
    html_markup(h, "%.4g</b><small>the mean of the absolute errors", s->mae);
    end_figure(h);
    begin_figure(h, "", "RMSE");
    html_markup(h, "%.4g</b><small>the root of the mean of the squared errors", s->rmse);
    end_figure(h);
}

void report_summary(html *h, const report *r)
{
    char text[SECONDS_BYTES];
    html_markup(h, "<header>\n<p class=\"over\">Candela <span>candela ");
    html_text(h, r->command->name);
    html_markup(h, "</span></p>\n<h1>");
    html_name(h, r->model_file ? base_name(r->model_file) : r->command->name);
    if (r->data) {
        html_markup(h, " <span>on</span> ");
        html_name(h, r->data);
    }
    html_markup(h, "</h1>\n");
    write_points(h, r);
    html_markup(h, "</header>\n<dl class=\"figures\">\n");
    if (r->score) write_score(h, r->score);
    if (r->numbers) write_numbers(h, r->numbers);
    begin_figure(h, "", "time");
    html_markup(h, "%s</b><small>in all", report_seconds(r->total_seconds, text));
    end_figure(h);
    html_markup(h, "</dl>\n");
}
