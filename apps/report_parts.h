/* The parts of a report's page, for report_page.c. Each writes what stands below its heading, and
 * is called only where its part has something to say. One more part is a function here, and a line
 * in the table of report_page.c. */
#ifndef CANDELA_APPS_REPORT_PARTS_H
#define CANDELA_APPS_REPORT_PARTS_H

#include "apps/html.h"
#include "apps/report_page.h"

/* The style sheet, in pieces; NULL is behind the last. */
extern const char *const report_style[];

/* report_summary.c: model, data, date and the main figures; not below a heading. */
void report_summary(html *h, const report *r);
/* report_chart.c: the curves, and the table of epochs. */
void report_curves(html *h, const report *r);
/* report_matrix.c: the confusion matrix, or the part of it with the most mistakes. */
void report_matrix(html *h, const report *r);
/* report_classes.c: precision, recall, F1 and samples of each class. */
void report_classes(html *h, const report *r);
/* report_pictures.c: the worst mistakes, and the least sure. */
void report_worst(html *h, const report *r);
void report_unsure(html *h, const report *r);
/* report_rows.c: for tables the same as a table of rows; for numbers the predictions over the
 * labels, and the rows with the largest errors. */
void report_row_predictions(html *h, const report *r, const prediction *list, int count);
void report_scatter(html *h, const report *r);
void report_worst_numbers(html *h, const report *r);
/* report_run.c: settings; times and machine; the command to repeat the run. */
void report_settings(html *h, const report *r);
void report_times(html *h, const report *r);
void report_repeat(html *h, const report *r);

/* --- numbers and tables ----------------------------------------------------------------------- */

/* Writes a share as a percentage with `digits` decimals to `text`, as markup with a space that does
 * not break, and returns it: "91.25 %", or "-" for NaN. A share below 1 is never shown as 100 %,
 * nor one above 0 as 0 %: "> 99.99 %", "< 0.01 %". */
enum { PERCENT_BYTES = 24 };
const char *report_percent(double share, int digits, char text[PERCENT_BYTES]);

/* Writes a duration to `text` and returns it: "3.1 ms", "0.42 s", "12.3 s", "3 min 20 s", "2 h 5
 * min". */
enum { SECONDS_BYTES = 32 };
const char *report_seconds(double seconds, char text[SECONDS_BYTES]);

/* Begins and ends a box in which a wide table can be scrolled, so that the page need not be.
 * `label` says to a screen reader what is in it. */
void report_box(html *h, const char *label);
void report_box_end(html *h);

/* A table of names and values. */
void report_facts(html *h, const report_fact *facts, int count);

/* Whether a series has numbers, and its number of an epoch, from 0. */
bool report_has(const report_series *s);
double report_value(const report_series *s, int64_t epoch);

#endif
