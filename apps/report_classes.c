/* The table of classes of a report. */
#include "apps/report_parts.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_CLASSES = 30 }; /* rows that are shown at once */

static void write_share(html *h, double share)
{
    char percent[PERCENT_BYTES];
    html_markup(h, "<td class=\"n bar\" style=\"--v:%.1f%%\">%s</td>",
                isnan(share) ? 0 : 100 * share, report_percent(share, 1, percent));
}

static void write_row(html *h, const report *r, int64_t label)
{
    const cd_class_score one = score_class(r->score, label);
    html_markup(h, "<tr><th scope=\"row\">");
    html_name(h, cd_dataset_class_name(r->set, label));
    html_markup(h, "</th>");
    write_share(h, one.precision);
    write_share(h, one.recall);
    write_share(h, one.f1);
    html_markup(h, "<td class=\"n\">%lld</td></tr>\n", (long long)one.support);
}

/* The means over the classes that have samples or were predicted, as scikit-learn's macro average
 * has them: a number that is not defined counts as 0. */
static void write_means(html *h, const score *s)
{
    double precision = 0, recall = 0, f1 = 0;
    int64_t classes = 0;
    for (int64_t k = 0; k < s->classes; k++) {
        const cd_class_score one = score_class(s, k);
        if (isnan(one.f1)) continue;
        classes++;
        precision += isnan(one.precision) ? 0 : one.precision;
        recall += isnan(one.recall) ? 0 : one.recall;
        f1 += one.f1;
    }
    html_markup(h, "<tfoot><tr><th scope=\"row\">mean of the classes</th>");
    write_share(h, precision / (double)classes);
    write_share(h, recall / (double)classes);
    write_share(h, f1 / (double)classes);
    html_markup(h, "<td class=\"n\">%lld</td></tr></tfoot>\n", (long long)s->count);
}

/* A table of the classes list[0] ...; NULL: of all, in their order. */
static void write_table(html *h, const report *r, const score_rank *list, int64_t count)
{
    report_box(h, "classes");
    html_markup(h, "<table class=\"classes\"><thead><tr><th scope=\"col\">class</th><th "
                   "scope=\"col\" class=\"n\">precision</th><th scope=\"col\" "
                   "class=\"n\">recall</th><th scope=\"col\" class=\"n\">F1</th><th scope=\"col\" "
                   "class=\"n\">samples</th></tr></thead><tbody>\n");
    for (int64_t k = 0; k < count; k++) write_row(h, r, list ? list[k].label : k);
    html_markup(h, "</tbody>");
    write_means(h, r->score);
    html_markup(h, "</table>");
    report_box_end(h);
}

void report_classes(html *h, const report *r)
{
    const score *s = r->score;
    html_markup(h,
                "<p class=\"note\">Precision: of the samples predicted to be of the class, those "
                "that are. Recall: of the samples of the class, those predicted to be. F1: the "
                "harmonic mean of the two.</p>\n");
    if (s->classes <= MOST_CLASSES) {
        write_table(h, r, NULL, s->classes);
        return;
    }
    score_rank *list = score_by_recall(s);
    if (!list) {
        h->incomplete = true;
        return;
    }
    html_markup(h, "<p class=\"note\">The %d of %lld classes with the lowest recall:</p>\n",
                MOST_CLASSES, (long long)s->classes);
    write_table(h, r, list, MOST_CLASSES);
    html_markup(h, "<details><summary>All %lld classes</summary>\n", (long long)s->classes);
    write_table(h, r, NULL, s->classes);
    html_markup(h, "</details>\n");
    free(list);
}
