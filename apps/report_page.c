/* Puts the page of a report together, and writes it. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "apps/console.h"
#include "apps/report_parts.h"
#include "apps/same_file.h"

/* --- numbers and tables ----------------------------------------------------------------------- */

const char *report_percent(double share, int digits, char text[PERCENT_BYTES])
{
    double least = pow(10, -digits); /* the smallest percentage that is not 0.00 */
    if (isnan(share)) {
        (void)snprintf(text, PERCENT_BYTES, "-");
    } else if (share < 1 && 100 * share >= 100 - least / 2) {
        (void)snprintf(text, PERCENT_BYTES, "&gt; %.*f\u00a0%%", digits, 100 - least);
    } else if (share > 0 && 100 * share < least / 2) {
        (void)snprintf(text, PERCENT_BYTES, "&lt; %.*f\u00a0%%", digits, least);
    } else {
        (void)snprintf(text, PERCENT_BYTES, "%.*f\u00a0%%", digits, 100 * share);
    }
    return text;
}

const char *report_seconds(double seconds, char text[SECONDS_BYTES])
{
    long long whole = (long long)(seconds + 0.5);
    if (seconds < 0.0995) {
        (void)snprintf(text, SECONDS_BYTES, "%.1f ms", 1000 * seconds);
    } else if (seconds < 59.95) {
        (void)snprintf(text, SECONDS_BYTES, seconds < 9.995 ? "%.2f s" : "%.1f s", seconds);
    } else if (whole < 3600) {
        (void)snprintf(text, SECONDS_BYTES, "%lld min %lld s", whole / 60, whole % 60);
    } else {
        (void)snprintf(text, SECONDS_BYTES, "%lld h %lld min", whole / 3600, whole / 60 % 60);
    }
    return text;
}

void report_box(html *h, const char *label)
{
    html_markup(h, "<div class=\"box\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">", label);
}

void report_box_end(html *h)
{
    html_markup(h, "</div>\n");
}

void report_facts(html *h, const report_fact *facts, int count)
{
    html_markup(h, "<table class=\"facts\"><tbody>\n");
    for (int i = 0; i < count; i++) {
        html_markup(h, "<tr><th scope=\"row\">");
        html_text(h, facts[i].name);
        html_markup(h, "</th><td>");
        html_name(h, facts[i].value);
        html_markup(h, "</td></tr>\n");
    }
    html_markup(h, "</tbody></table>\n");
}

bool report_has(const report_series *s)
{
    return s->first != NULL;
}

double report_value(const report_series *s, int64_t epoch)
{
    return *(const double *)((const char *)s->first + (size_t)epoch * s->stride);
}

/* --- the parts -------------------------------------------------------------------------------- */

static bool has_curves(const report *r)
{
    return r->curves > 0 && r->epochs > 0;
}

static bool has_classes(const report *r)
{
    return r->score && r->set;
}

static bool has_worst(const report *r)
{
    return r->notable && r->set && r->notable->worst_count > 0;
}

static bool has_numbers(const report *r)
{
    return r->numbers && r->rows;
}

static bool has_unsure(const report *r)
{
    return r->notable && r->set && r->notable->unsure_count > 0;
}

static bool has_command(const report *r)
{
    return r->command && r->values;
}

static bool always(const report *r)
{
    (void)r;
    return true;
}

static const struct part {
    const char *id, *title;
    bool (*has)(const report *r);
    void (*write)(html *h, const report *r);
} parts[] = {
    { "curves", "Curves", has_curves, report_curves },
    { "confusion", "Confusion matrix", has_classes, report_matrix },
    { "classes", "Classes", has_classes, report_classes },
    { "predicted", "Predictions", has_numbers, report_scatter },
    { "worst", "Worst mistakes", has_worst, report_worst },
    { "errors", "Largest errors", has_numbers, report_worst_numbers },
    { "unsure", "Least sure", has_unsure, report_unsure },
    { "settings", "Settings", has_command, report_settings },
    { "times", "Times and machine", always, report_times },
    { "repeat", "How to repeat it", always, report_repeat },
};
enum { PARTS = sizeof parts / sizeof *parts };

static void write_parts(html *h, const report *r)
{
    html_markup(h, "<nav aria-label=\"parts of the page\">");
    for (int i = 0; i < PARTS; i++) {
        if (!parts[i].has(r)) continue;
        html_markup(h, "<a href=\"#%s\">%s</a> ", parts[i].id, parts[i].title);
    }
    html_markup(h, "</nav>\n<main>\n");
    for (int i = 0; i < PARTS; i++) {
        if (!parts[i].has(r)) continue;
        html_markup(h, "<section id=\"%s\">\n<h2>%s</h2>\n", parts[i].id, parts[i].title);
        parts[i].write(h, r);
        html_markup(h, "</section>\n");
    }
    html_markup(h, "</main>\n");
}

static void write_head(html *h, const report *r)
{
    html_markup(h,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<meta name=\"generator\" content=\"Candela %s\">\n"
                "<link rel=\"icon\" href=\"data:,\">\n<title>",
                cd_about().version);
    html_text(h, r->model_file ? r->model_file : r->command->name);
    if (r->data) {
        html_markup(h, " on ");
        html_text(h, r->data);
    }
    html_markup(h, "</title>\n<style>\n");
    for (int i = 0; report_style[i]; i++) html_markup(h, "%s", report_style[i]);
    html_markup(h, "</style>\n</head>\n<body>\n");
}

bool report_write(const report *r, const char *path, const char *model_file)
{
    if (same_file(path, model_file)) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the report would replace the model", path);
    }
    html h = { .size = 0 };
    write_head(&h, r);
    report_summary(&h, r);
    write_parts(&h, r);
    html_markup(&h,
                "<footer>Written by Candela %s. This file needs nothing beside it.</footer>\n"
                "</body>\n</html>\n",
                cd_about().version);
    bool done = html_write(&h, path);
    html_free(&h);
    return done;
}

/* --- the file --------------------------------------------------------------------------------- */

static bool is_html(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcasecmp(dot, ".html") == 0 || strcasecmp(dot, ".htm") == 0);
}

int report_check(const command *c, const char *path, const char *const *others)
{
    if (!path) return 0;
    if (!is_html(path)) {
        return used_wrongly(
            c, "--report %s: a report is a page of HTML, and its name ends in .html", path);
    }
    for (; *others; others++) {
        if (!same_file(path, *others)) continue;
        return used_wrongly(c, "--report would replace another file of this run: %s", path);
    }
    return cd_path_writable(path) ? 0 : failed_in_library();
}

void report_hint(void)
{
    print_line("--report report.html makes a page of this, with the worst mistakes");
}
