/* The parts of a report on a model of tables: rows that are worth a look, and for numbers the
 * predictions over the labels. */
#include "apps/report_parts.h"

#include <math.h>
#include <string.h>

#include "apps/console.h"

enum { MOST_COLUMNS = 12 }; /* of the file, that a table of rows shows */

/* --- tables of rows --------------------------------------------------------------------------- */

/* The next column of the file after c that is shown: the label is, as what is true. */
static int64_t next_column(const report *r, int64_t c)
{
    const cd_table *t = r->rows->table;
    const char *label = cd_encoder_label(r->rows->encoder);
    do c++;
    while (c < cd_table_columns(t) && strcmp(cd_table_name(t, c), label) == 0);
    return c < cd_table_columns(t) && c < MOST_COLUMNS ? c : -1;
}

static void write_head(html *h, const char *text, bool number)
{
    html_markup(h, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
    html_name(h, text);
    html_markup(h, "</th>");
}

static void begin_rows(html *h, const report *r, const char *const *heads)
{
    const cd_table *t = r->rows->table;
    report_box(h, "rows");
    html_markup(h, "<table class=\"rows\"><thead><tr>");
    write_head(h, "line", true);
    for (; *heads; heads++) write_head(h, *heads, r->numbers != NULL);
    for (int64_t c = next_column(r, -1); c >= 0; c = next_column(r, c)) {
        write_head(h, cd_table_name(t, c), cd_table_is_number(t, c));
    }
    html_markup(h, "</tr></thead><tbody>\n");
}

/* The line of a row; what is predicted follows. */
static void begin_row(html *h, const report *r, int64_t row)
{
    html_markup(h, "<tr><td class=\"n\">%lld</td>", (long long)cd_table_line(r->rows->table, row));
}

static void end_row(html *h, const report *r, int64_t row)
{
    const cd_table *t = r->rows->table;
    for (int64_t c = next_column(r, -1); c >= 0; c = next_column(r, c)) {
        html_markup(h, "<td%s>", cd_table_is_number(t, c) ? " class=\"n\"" : "");
        html_name(h, cd_table_text(t, row, c));
        html_markup(h, "</td>");
    }
    html_markup(h, "</tr>\n");
}

static void end_rows(html *h, const report *r)
{
    const int64_t columns = cd_table_columns(r->rows->table);
    html_markup(h, "</tbody></table>");
    report_box_end(h);
    if (columns > MOST_COLUMNS) {
        html_markup(h, "<p class=\"note\">The first %d of %lld columns are shown.</p>\n",
                    MOST_COLUMNS, (long long)columns);
    }
}

static void write_class(html *h, const report *r, int64_t label)
{
    html_markup(h, "<td>");
    html_name(h, cd_encoder_classes(r->rows->encoder)[label]);
    html_markup(h, "</td>");
}

void report_row_predictions(html *h, const report *r, const prediction *list, int count)
{
    static const char *const heads[] = { "predicted", "probability", "true", NULL };
    begin_rows(h, r, heads);
    for (int i = 0; i < count; i++) {
        char percent[PERCENT_BYTES];
        begin_row(h, r, list[i].index);
        write_class(h, r, list[i].predicted);
        html_markup(h, "<td class=\"n\">%s</td>", report_percent(list[i].probability, 2, percent));
        write_class(h, r, list[i].label);
        end_row(h, r, list[i].index);
    }
    end_rows(h, r);
}

void report_worst_numbers(html *h, const report *r)
{
    static const char *const heads[] = { "predicted", "true", "error", NULL };
    const number_score *s = r->numbers;
    html_markup(h, "<p class=\"note\">The rows with the largest errors. Some may be wrong in the "
                   "data.</p>\n");
    begin_rows(h, r, heads);
    for (int i = 0; i < s->worst_count; i++) {
        const double guess = s->guess[s->worst[i]], truth = s->truth[s->worst[i]];
        begin_row(h, r, number_row(s, s->worst[i]));
        html_markup(h,
                    "<td class=\"n\">%.6g</td><td class=\"n\">%.6g</td><td class=\"n\">%+.6g</td>",
                    guess, truth, guess - truth);
        end_row(h, r, number_row(s, s->worst[i]));
    }
    end_rows(h, r);
}

/* --- predictions over labels ------------------------------------------------------------------ */

enum { PER_MILLE = 1000, MOST_POINTS = 2000, TICKS = 5 };

/* The range of both axes, which are alike: so right predictions lie on the diagonal. */
typedef struct range {
    double low, high;
} range;

static range range_of(const number_score *s)
{
    range a = { s->truth[0], s->truth[0] };
    for (int64_t i = 0; i < s->count; i++) {
        a.low = fmin(a.low, fmin(s->truth[i], s->guess[i]));
        a.high = fmax(a.high, fmax(s->truth[i], s->guess[i]));
    }
    if (!(a.high > a.low)) a.high = a.low + fmax(1, fabs(a.low));
    return a;
}

/* Where a number is on an axis, 0 to PER_MILLE. */
static double place(const range *a, double value)
{
    return PER_MILLE * ((value - a->low) / (a->high - a->low));
}

/* Ticks on one of the axes: in per cent from the left, or from the top. */
static void write_ticks(html *h, const range *a, bool x)
{
    html_markup(h, "<div class=\"%s\" aria-hidden=\"true\">", x ? "xs" : "ys");
    for (int k = 0; k < TICKS; k++) {
        const double share = (double)k / (TICKS - 1);
        html_markup(h, "<span style=\"%s:%.1f%%\">%.3g</span>", x ? "left" : "top",
                    100 * (x ? share : 1 - share), a->low + share * (a->high - a->low));
    }
    html_markup(h, "</div>");
}

static void draw_points(html *h, const number_score *s, const range *a)
{
    const int64_t step = 1 + (s->count - 1) / MOST_POINTS;
    html_markup(h, "<path class=\"line val dots\" d=\"");
    for (int64_t i = 0; i < s->count; i += step) {
        html_markup(h, "M%.1f %.1fh0", place(a, s->truth[i]), PER_MILLE - place(a, s->guess[i]));
    }
    html_markup(h, "\"/>");
}

void report_scatter(html *h, const report *r)
{
    const number_score *s = r->numbers;
    const range a = range_of(s);
    html_markup(h,
                "<p class=\"note\">Each point is a row: its label to the right, what was predicted "
                "upwards. Right predictions lie on the line.%s</p>\n<figure class=\"chart "
                "scatter\"><figcaption><strong>predicted</strong> <small>over ",
                s->count > MOST_POINTS ? " Of many rows some are drawn." : "");
    html_name(h, cd_encoder_label(r->rows->encoder));
    html_markup(h, "</small></figcaption><div class=\"plot\">");
    write_ticks(h, &a, false);
    html_markup(h,
                "<div class=\"area\"><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
                "role=\"img\" aria-label=\"predictions over labels of %lld rows\"><path "
                "class=\"line train\" d=\"M0 %dL%d 0\"/>",
                PER_MILLE, PER_MILLE, (long long)s->count, PER_MILLE, PER_MILLE);
    draw_points(h, s, &a);
    html_markup(h, "</svg></div>");
    write_ticks(h, &a, true);
    html_markup(h, "<div class=\"xname\" aria-hidden=\"true\">true</div></div></figure>\n");
}
