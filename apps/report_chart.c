/* The curves of a report: a plot for each number that training has watched, and a table of epochs.
 *
 * The lines are SVG that is stretched to the width of the page, and the texts are HTML beside it,
 * so that a letter has its size on a telephone and on a large screen. Positions are per mille of
 * the plot's width and height. */
#include "apps/report_parts.h"

#include <math.h>

enum {
    PER_MILLE = 1000,
    MOST_POINTS = 400,  /* points of a line; of more epochs, each nth is drawn */
    DOTTED_POINTS = 40, /* lines of so few points have a dot on each */
    MOST_TICKS_X = 6,   /* labels that fit side by side on a telephone */
    MOST_TICKS_Y = 5,
    MOST_ROWS = 1000 /* of the table of epochs */
};

/* --- scales ----------------------------------------------------------------------------------- */

/* An axis from `low` to `high`, both multiples of `step`. */
typedef struct axis {
    double low, high, step;
} axis;

/* The smallest of 1, 2 and 5 times a power of ten that cuts the range into at most `most` parts. */
static double round_step(double range, int most)
{
    double raw = range / most, power = pow(10, floor(log10(raw))), step = power;
    if (step < raw) step = 2 * power;
    if (step < raw) step = 5 * power;
    if (step < raw) step = 10 * power;
    return step;
}

/* An axis that all numbers from `low` to `high` fit on. A share goes to 1 at most. */
static axis make_axis(double low, double high, bool share)
{
    if (!(high - low > 1e-9 * fabs(high))) { /* all numbers are equal */
        double room = high != 0 ? fabs(high) / 10 : 1;
        low -= room;
        high += room;
        if (share && high > 1) high = 1;
        if (share && low < 0) low = 0;
    }
    axis a = { .step = round_step(high - low, MOST_TICKS_Y) };
    /* A number that is a multiple already, but for its rounding, needs no further step. */
    a.low = floor(low / a.step + 1e-9) * a.step;
    a.high = ceil(high / a.step - 1e-9) * a.step;
    return a;
}

/* Extends *low and *high to the finite numbers of a series. */
static void extend(const report_series *s, int64_t epochs, double *low, double *high)
{
    for (int64_t i = 0; report_has(s) && i < epochs; i++) {
        double value = report_value(s, i);
        if (!isfinite(value)) continue;
        if (value < *low) *low = value;
        if (value > *high) *high = value;
    }
}

/* --- positions -------------------------------------------------------------------------------- */

/* What is drawn: a curve, its axis and the number of epochs. */
typedef struct plot {
    const report *r;
    const report_curve *curve;
    axis y;
    bool share; /* in percent */
} plot;

static double x_of(const plot *p, int64_t epoch)
{
    int64_t last = p->r->epochs - 1;
    return last > 0 ? PER_MILLE * (double)epoch / (double)last : PER_MILLE / 2.0;
}

/* From the top, as in SVG. */
static double y_of(const plot *p, double value)
{
    return PER_MILLE * (p->y.high - value) / (p->y.high - p->y.low);
}

/* The next epoch after `epoch` (-1: the first) that is drawn; r->epochs: none. The best and the
 * last are always drawn. */
static int64_t next_drawn(const report *r, int64_t epoch, int64_t most)
{
    int64_t step = (r->epochs + most - 1) / most, next = epoch < 0 ? 0 : (epoch / step + 1) * step;
    int64_t best = r->best - 1, last = r->epochs - 1;
    if (best > epoch && best < next) return best;
    if (next > last && epoch < last) return last;
    return next;
}

/* --- texts ------------------------------------------------------------------------------------ */

enum { NUMBER_BYTES = 32 };

/* A number of the curve with four digits behind the point, or as a percentage. */
static const char *number_text(const plot *p, double value, char text[NUMBER_BYTES])
{
    char percent[PERCENT_BYTES];
    if (!isfinite(value)) {
        (void)snprintf(text, NUMBER_BYTES, "-");
    } else if (p->share) {
        (void)snprintf(text, NUMBER_BYTES, "%s", report_percent(value, 2, percent));
    } else {
        (void)snprintf(text, NUMBER_BYTES, fabs(value) < 1e6 ? "%.4f" : "%.4g", value);
    }
    return text;
}

static const char *tick_text(const plot *p, double value, char text[NUMBER_BYTES])
{
    double scale = p->share ? 100 : 1, step = scale * p->y.step;
    double largest = fmax(fabs(p->y.low), fabs(p->y.high)) * scale;
    int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));
    if (fabs(value) < p->y.step / 2) value = 0; /* no -0 */
    if (largest < 1e6 && decimals < 6) {
        (void)snprintf(text, NUMBER_BYTES, "%.*f%s", decimals, scale * value, p->share ? " %" : "");
    } else {
        (void)snprintf(text, NUMBER_BYTES, "%.3g", scale * value);
    }
    return text;
}

/* --- the drawing ------------------------------------------------------------------------------ */

static void draw_grid(html *h, const plot *p)
{
    html_markup(h, "<path class=\"grid\" d=\"");
    for (double value = p->y.low; value < p->y.high + p->y.step / 2; value += p->y.step) {
        html_markup(h, "M0 %.1fH%d", y_of(p, value), PER_MILLE);
    }
    html_markup(h, "\"/>");
    if (p->r->best > 0) {
        html_markup(h, "<path class=\"mark\" d=\"M%.1f 0V%d\"/>", x_of(p, p->r->best - 1),
                    PER_MILLE);
    }
}

/* The line, which has gaps where numbers are not finite, and with `dots` a dot for each epoch. */
static void draw_line(html *h, const plot *p, const report_series *s, const char *name, bool dots)
{
    const report *r = p->r;
    bool begun = false;
    if (!report_has(s)) return;
    html_markup(h, "<path class=\"line %s%s\" d=\"", name, dots ? " dots" : "");
    for (int64_t i = next_drawn(r, -1, MOST_POINTS); i < r->epochs;
         i = next_drawn(r, i, MOST_POINTS)) {
        double value = report_value(s, i);
        if (isfinite(value)) {
            html_markup(h,
                        dots    ? "M%.1f %.1fh0"
                        : begun ? "L%.1f %.1f"
                                : "M%.1f %.1f",
                        x_of(p, i), y_of(p, value));
        }
        begun = isfinite(value);
    }
    html_markup(h, "\"/>");
}

/* The numbers of an epoch, shown where the pointer is over its column of the plot. */
static void draw_values(html *h, const plot *p)
{
    const report *r = p->r;
    const report_series *both[] = { &p->curve->train, &p->curve->validation };
    double left = 0;
    for (int64_t i = next_drawn(r, -1, MOST_POINTS); i < r->epochs;) {
        int64_t next = next_drawn(r, i, MOST_POINTS);
        double right = next < r->epochs ? (x_of(p, i) + x_of(p, next)) / 2 : PER_MILLE;
        html_markup(h, "<rect x=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>epoch %lld", left,
                    right - left, PER_MILLE, (long long)i + 1);
        for (int k = 0; k < 2; k++) {
            char number[NUMBER_BYTES];
            if (!report_has(both[k])) continue;
            html_markup(h, "\n");
            html_text(h, both[k]->name);
            html_markup(h, " %s", number_text(p, report_value(both[k], i), number));
        }
        html_markup(h, "</title></rect>");
        left = right;
        i = next;
    }
}

static void draw_svg(html *h, const plot *p)
{
    html_markup(h,
                "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
                "aria-label=\"",
                PER_MILLE, PER_MILLE);
    html_text(h, p->curve->title);
    html_markup(h, " over %lld epochs; the table of epochs has the numbers\">",
                (long long)p->r->epochs);
    draw_grid(h, p);
    draw_line(h, p, &p->curve->train, "train", false);
    draw_line(h, p, &p->curve->validation, "val", false);
    if (p->r->epochs <= DOTTED_POINTS) {
        draw_line(h, p, &p->curve->train, "train", true);
        draw_line(h, p, &p->curve->validation, "val", true);
    }
    draw_values(h, p);
    html_markup(h, "</svg>");
}

static void write_y_labels(html *h, const plot *p)
{
    html_markup(h, "<div class=\"ys\" aria-hidden=\"true\">");
    for (double value = p->y.low; value < p->y.high + p->y.step / 2; value += p->y.step) {
        char text[NUMBER_BYTES];
        html_markup(h, "<span style=\"top:%.1f%%\">%s</span>", y_of(p, value) / 10,
                    tick_text(p, value, text));
    }
    html_markup(h, "</div>");
}

/* Ticks at whole epochs; the first epoch has one only where there is no room for others. */
static void write_x_labels(html *h, const plot *p)
{
    int64_t epochs = p->r->epochs, step = 1;
    if (epochs > MOST_TICKS_X) step = (int64_t)(round_step((double)epochs, MOST_TICKS_X) + 0.5);
    html_markup(h, "<div class=\"xs\" aria-hidden=\"true\">");
    for (int64_t epoch = step; epoch <= epochs; epoch += step) {
        html_markup(h, "<span style=\"left:%.1f%%\">%lld</span>", x_of(p, epoch - 1) / 10,
                    (long long)epoch);
    }
    html_markup(h, "</div><div class=\"xname\" aria-hidden=\"true\">epoch</div>");
}

/* The mark of the best epoch is named above its line, on the side where there is room. */
static void write_best(html *h, const plot *p)
{
    if (p->r->best < 1) return;
    double x = x_of(p, p->r->best - 1) / 10;
    html_markup(h, "<span class=\"best\" style=\"%s:%.1f%%\">best: epoch %lld</span>",
                x < 50 ? "left" : "right", x < 50 ? x : 100 - x, (long long)p->r->best);
}

static void write_key(html *h, const plot *p, const report_series *s, const char *name)
{
    char number[NUMBER_BYTES];
    if (!report_has(s)) return;
    html_markup(h, "<span class=\"key %s\"><i></i>", name);
    html_name(h, s->name);
    html_markup(h, " <b>%s</b></span>", number_text(p, report_value(s, p->r->epochs - 1), number));
}

static void write_plot(html *h, const report *r, const report_curve *c)
{
    double low = (double)INFINITY, high = -(double)INFINITY;
    extend(&c->train, r->epochs, &low, &high);
    extend(&c->validation, r->epochs, &low, &high);
    if (!(low <= high) || !isfinite(high - low)) return;
    plot p = { .r = r, .curve = c, .share = c->unit && c->unit[0] == '%' };
    p.y = make_axis(low, high, p.share);
    html_markup(h, "<figure class=\"chart\"><figcaption><strong>");
    html_text(h, c->title);
    html_markup(h, "</strong>");
    if (c->unit && !p.share) {
        html_markup(h, " <small>in ");
        html_text(h, c->unit);
        html_markup(h, "</small>");
    }
    html_markup(h, "<span class=\"keys\">");
    write_key(h, &p, &c->train, "train");
    write_key(h, &p, &c->validation, "val");
    html_markup(h, "</span></figcaption><div class=\"plot\">");
    write_y_labels(h, &p);
    html_markup(h, "<div class=\"area\">");
    draw_svg(h, &p);
    write_best(h, &p);
    html_markup(h, "</div>");
    write_x_labels(h, &p);
    html_markup(h, "</div></figure>\n");
}

/* --- the table of epochs ---------------------------------------------------------------------- */

static void write_heads(html *h, const report *r)
{
    html_markup(h, "<thead><tr><th scope=\"col\" class=\"n\">epoch</th>");
    for (int k = 0; k < r->curves; k++) {
        const report_curve *c = &r->curve[k];
        const report_series *both[] = { &c->train, &c->validation };
        for (int s = 0; s < 2; s++) {
            if (!report_has(both[s])) continue;
            html_markup(h, "<th scope=\"col\" class=\"n\">");
            html_text(h, both[s]->name);
            html_markup(h, " ");
            html_text(h, c->title);
            html_markup(h, "</th>");
        }
    }
    if (report_has(&r->seconds)) html_markup(h, "<th scope=\"col\" class=\"n\">seconds</th>");
    html_markup(h, "</tr></thead>\n");
}

static void write_row(html *h, const report *r, int64_t epoch)
{
    char number[NUMBER_BYTES];
    bool best = epoch + 1 == r->best;
    html_markup(h, "<tr%s><th scope=\"row\" class=\"n\">%s%lld</th>",
                best ? " class=\"bestrow\"" : "", best ? "best: " : "", (long long)epoch + 1);
    for (int k = 0; k < r->curves; k++) {
        const report_curve *c = &r->curve[k];
        const plot p = { .r = r, .curve = c, .share = c->unit && c->unit[0] == '%' };
        const report_series *both[] = { &c->train, &c->validation };
        for (int s = 0; s < 2; s++) {
            if (!report_has(both[s])) continue;
            html_markup(h, "<td class=\"n\">%s</td>",
                        number_text(&p, report_value(both[s], epoch), number));
        }
    }
    if (report_has(&r->seconds)) {
        html_markup(h, "<td class=\"n\">%.2f</td>", report_value(&r->seconds, epoch));
    }
    html_markup(h, "</tr>\n");
}

static void write_epochs(html *h, const report *r)
{
    html_markup(h, "<details><summary>All epochs as a table</summary>\n");
    if (r->epochs > MOST_ROWS) {
        html_markup(h, "<p class=\"note\">Each %lldth of %lld epochs, the best and the last.</p>",
                    (long long)((r->epochs + MOST_ROWS - 1) / MOST_ROWS), (long long)r->epochs);
    }
    report_box(h, "all epochs");
    html_markup(h, "<table>");
    write_heads(h, r);
    html_markup(h, "<tbody>");
    for (int64_t i = next_drawn(r, -1, MOST_ROWS); i < r->epochs; i = next_drawn(r, i, MOST_ROWS)) {
        write_row(h, r, i);
    }
    html_markup(h, "</tbody></table>");
    report_box_end(h);
    html_markup(h, "</details>\n");
}

void report_curves(html *h, const report *r)
{
    html_markup(h, "<div class=\"charts\">\n");
    for (int k = 0; k < r->curves; k++) write_plot(h, r, &r->curve[k]);
    html_markup(h, "</div>\n");
    if (r->best > 0 && r->best_by) {
        html_markup(h, "<p class=\"note\">Epoch %lld has the ", (long long)r->best);
        html_text(h, r->best_by);
        html_markup(h, r->saved == r->best ? ", and is the one that was saved." : ".");
        if (r->saved > 0 && r->saved != r->best) {
            html_markup(h, " The saved model is that of epoch %lld, %s.", (long long)r->saved,
                        r->saved == r->epochs ? "the last one" : "another one");
        }
        html_markup(h, " The numbers beside the names are those of the last epoch.</p>\n");
    }
    write_epochs(h, r);
}
