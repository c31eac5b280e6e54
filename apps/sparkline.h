/* Curves of a run in a line of text each:
 *
 *     loss      ▇▅▃▂▁ 2.30 → 0.31
 *     accuracy  ▁▃▅▇█ 31 % → 91 % (best 91.2 % in epoch 8)
 */
#ifndef CANDELA_APPS_SPARKLINE_H
#define CANDELA_APPS_SPARKLINE_H

#include <candela.h>

enum { SPARKLINE_WIDTH = 200, SPARKLINE_BYTES = 3 * SPARKLINE_WIDTH + 1 };
/* Writes a character for each value to `out`, from the lowest to the highest: U+2581 to U+2588, or
 * without `utf8` one of "_.-=^". Of more than `width` values (1 to SPARKLINE_WIDTH) each character
 * has the mean of its share. NaN is a space and counts in no mean, infinity is the highest or the
 * lowest level, and equal values are in the middle. Returns `out`. */
const char *sparkline(const double *values, int64_t count, int width, bool utf8,
                      char out[SPARKLINE_BYTES]);

typedef struct trend {
    const char *name;     /* "loss" */
    const double *values; /* of each epoch */
    int64_t count;
    bool share;    /* values are from 0 to 1, and shown in % */
    bool best;     /* show the value of epoch `epoch` */
    int64_t epoch; /* from 1 */
} trend;

enum { TREND_BYTES = SPARKLINE_BYTES + 384 };
/* Writes the line of a curve: its name, padded to `name_width` columns, the sparkline, and the
 * first and last values. The sparkline is as wide as `width` columns leave it (0: no limit), 40 at
 * most, and left out where less than 4 remain. Returns `out`. */
const char *trend_line(const trend *t, int name_width, int width, bool utf8, char out[TREND_BYTES]);

#endif
