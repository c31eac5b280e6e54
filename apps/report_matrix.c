/* The confusion matrix of a report. Of many classes it shows those with the most mistakes. */
#include "apps/report_parts.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST_CLASSES = 30, /* rows and columns of the matrix */
    SPACIOUS = 20,     /* classes that have room in cells of the usual size */
    MOST_PAIRS = 10,   /* of the list of confusions */
    SHADES = 6
};

static int64_t cell(const score *s, int64_t label, int64_t predicted)
{
    return s->confusion[label * s->classes + predicted];
}

/* --- the classes to show ---------------------------------------------------------------------- */

/* The classes that are shown, in their order, and how many they are. */
typedef struct shown_classes {
    int64_t label[MOST_CLASSES];
    int count;
} shown_classes;

/* The samples of a class that were predicted to be of another, and those of others that were
 * predicted to be of this one. */
static int64_t mistakes_of(const score *s, int64_t label)
{
    int64_t mistakes = 0;
    for (int64_t k = 0; k < s->classes; k++) {
        if (k != label) mistakes += cell(s, label, k) + cell(s, k, label);
    }
    return mistakes;
}

static int by_label(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* All classes, or the MOST_CLASSES with the most mistakes; of equal ones the first. */
static shown_classes choose(const score *s)
{
    int64_t mistakes[MOST_CLASSES];
    shown_classes c = { .count = 0 };
    for (int64_t k = 0; k < s->classes; k++) {
        int64_t count = mistakes_of(s, k);
        int at = c.count;
        if (at == MOST_CLASSES && count <= mistakes[at - 1]) continue;
        if (c.count < MOST_CLASSES) {
            c.count++;
        } else {
            at--;
        }
        for (; at > 0 && count > mistakes[at - 1]; at--) {
            mistakes[at] = mistakes[at - 1];
            c.label[at] = c.label[at - 1];
        }
        mistakes[at] = count;
        c.label[at] = k;
    }
    qsort(c.label, (size_t)c.count, sizeof *c.label, by_label);
    return c;
}

/* --- the matrix ------------------------------------------------------------------------------- */

/* The shade of a cell, 0 to SHADES, by its share of the row. A root makes few mistakes visible:
 * shade k begins above ((k - 1) / SHADES)^2. */
static int shade_of(int64_t count, int64_t row)
{
    if (count == 0) return 0;
    int shade = (int)ceil(SHADES * sqrt((double)count / (double)row) - 1e-9);
    return shade < 1 ? 1 : shade > SHADES ? SHADES : shade;
}

static const char *name_of(const report *r, int64_t label)
{
    return cd_dataset_class_name(r->set, label);
}

static void write_head(html *h, const report *r, const shown_classes *c)
{
    html_markup(h, "<thead><tr><th class=\"corner\"><span>true &#8595;</span> "
                   "<span>predicted &#8594;</span></th>");
    for (int k = 0; k < c->count; k++) {
        html_markup(h, "<th scope=\"col\" class=\"up\"><span title=\"");
        html_text(h, name_of(r, c->label[k]));
        html_markup(h, "\">");
        html_name(h, name_of(r, c->label[k]));
        html_markup(h, "</span></th>");
    }
    if (c->count < r->score->classes) {
        html_markup(h, "<th scope=\"col\" class=\"up\"><span>other classes</span></th>");
    }
    html_markup(h, "</tr></thead>\n");
}

static void write_cell(html *h, const report *r, int64_t label, int64_t predicted, int64_t row)
{
    int64_t count = cell(r->score, label, predicted);
    char percent[PERCENT_BYTES];
    html_markup(h, "<td class=\"%c%d\"", label == predicted ? 'd' : 'e', shade_of(count, row));
    if (count > 0) {
        html_markup(h, " title=\"%s of ", report_percent((double)count / (double)row, 1, percent));
        html_text(h, name_of(r, label));
        html_markup(h, " predicted as ");
        html_text(h, name_of(r, predicted));
        html_markup(h, "\"");
    }
    html_markup(h, ">%lld</td>", (long long)count);
}

static void write_row(html *h, const report *r, const shown_classes *c, int64_t label)
{
    int64_t row = score_class(r->score, label).support, rest = row;
    html_markup(h, "<tr><th scope=\"row\"><span title=\"");
    html_text(h, name_of(r, label));
    html_markup(h, "\">");
    html_name(h, name_of(r, label));
    html_markup(h, "</span></th>");
    for (int k = 0; k < c->count; k++) {
        write_cell(h, r, label, c->label[k], row);
        rest -= cell(r->score, label, c->label[k]);
    }
    if (c->count < r->score->classes) {
        html_markup(h, "<td class=\"e%d\">%lld</td>", shade_of(rest, row), (long long)rest);
    }
    html_markup(h, "</tr>\n");
}

static void write_scale(html *h)
{
    html_markup(h, "<p class=\"scale note\"><span>Share of the row:</span>");
    for (int k = 1; k <= SHADES; k++) {
        double to = 100.0 * k * k / (SHADES * SHADES);
        html_markup(h, "<span><i class=\"d%d\"></i><i class=\"e%d\"></i> to %.0f %%</span>", k, k,
                    to);
    }
    html_markup(h, "<span>Framed cells are right, the others mistakes.</span></p>\n");
}

/* --- the confusions --------------------------------------------------------------------------- */

typedef struct pair {
    int64_t label, predicted, count;
} pair;

/* The pairs of classes with the most mistakes, the most frequent first; of equal ones the first in
 * the matrix. Returns how many there are, up to MOST_PAIRS. */
static int find_pairs(const score *s, pair list[MOST_PAIRS])
{
    int count = 0;
    for (int64_t i = 0; i < s->classes; i++) {
        for (int64_t k = 0; k < s->classes; k++) {
            const pair p = { i, k, cell(s, i, k) };
            if (i == k || p.count == 0) continue;
            int at = count;
            if (at == MOST_PAIRS && p.count <= list[at - 1].count) continue;
            if (count < MOST_PAIRS) {
                count++;
            } else {
                at--;
            }
            for (; at > 0 && p.count > list[at - 1].count; at--) list[at] = list[at - 1];
            list[at] = p;
        }
    }
    return count;
}

static void write_pairs(html *h, const report *r)
{
    pair list[MOST_PAIRS];
    int count = find_pairs(r->score, list);
    if (count == 0) {
        html_markup(h, "<p class=\"note\">There is no mistake.</p>\n");
        return;
    }
    html_markup(h, "<h3>Most often confused</h3>\n");
    report_box(h, "most often confused");
    html_markup(h, "<table><thead><tr><th scope=\"col\">true class</th><th scope=\"col\">predicted "
                   "as</th><th scope=\"col\" class=\"n\">samples</th><th scope=\"col\" "
                   "class=\"n\">share of class</th></tr></thead><tbody>\n");
    for (int i = 0; i < count; i++) {
        char percent[PERCENT_BYTES];
        int64_t row = score_class(r->score, list[i].label).support;
        html_markup(h, "<tr><td>");
        html_name(h, name_of(r, list[i].label));
        html_markup(h, "</td><td>");
        html_name(h, name_of(r, list[i].predicted));
        html_markup(h, "</td><td class=\"n\">%lld</td><td class=\"n\">%s</td></tr>\n",
                    (long long)list[i].count,
                    report_percent((double)list[i].count / (double)row, 1, percent));
    }
    html_markup(h, "</tbody></table>");
    report_box_end(h);
}

void report_matrix(html *h, const report *r)
{
    const shown_classes c = choose(r->score);
    html_markup(h,
                "<p class=\"note\">A row for each true class, a column for each predicted class. ");
    if (c.count < r->score->classes) {
        html_markup(
            h,
            "Of %lld classes, these are the %d with the most mistakes: samples of the class "
            "that were predicted to be of another, and samples of others that were "
            "predicted to be of it. ",
            (long long)r->score->classes, c.count);
    }
    html_markup(h, "</p>\n");
    html_markup(h, "<div class=\"side\"><div>\n");
    report_box(h, "confusion matrix");
    html_markup(h, "<table class=\"matrix%s\">", c.count > SPACIOUS ? " dense" : "");
    write_head(h, r, &c);
    html_markup(h, "<tbody>");
    for (int k = 0; k < c.count; k++) write_row(h, r, &c, c.label[k]);
    html_markup(h, "</tbody></table>");
    report_box_end(h);
    write_scale(h);
    html_markup(h, "</div><div>\n");
    write_pairs(h, r);
    html_markup(h, "</div></div>\n");
}
