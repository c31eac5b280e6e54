/* Levels of a sparkline, and the numbers beside it. */
#include "apps/sparkline.h"

#include <math.h>
#include <string.h>

#include "apps/cells.h"

/* The mean of those values that are not NaN; NaN for none. Each is divided before it is added, so
 * that the sum cannot overflow. */
static double mean(const double *values, int64_t count)
{
    int64_t numbers = 0;
    double sum = 0;
    for (int64_t i = 0; i < count; i++) numbers += !isnan(values[i]);
    for (int64_t i = 0; i < count; i++) {
        if (!isnan(values[i])) sum += values[i] / (double)numbers;
    }
    return numbers > 0 ? sum : (double)NAN;
}

/* The level of a value, 0 to levels - 1, or -1 for NaN. Halves, as max - min may overflow; those of
 * the smallest numbers may be equal, which counts as one value. */
static int level_of(double value, double min, double max, int levels)
{
    if (isnan(value)) return -1;
    if (isinf(value)) return value > 0 ? levels - 1 : 0;
    if (!(max / 2 > min / 2)) return (levels - 1) / 2;
    return (int)((value / 2 - min / 2) / (max / 2 - min / 2) * (levels - 1) + 0.5);
}

const char *sparkline(const double *values, int64_t count, int width, bool utf8,
                      char out[SPARKLINE_BYTES])
{
    static const char plain[] = "_.-=^";
    enum { BLOCKS = 8, PLAIN = sizeof plain - 1 };
    double shares[SPARKLINE_WIDTH], min = (double)INFINITY, max = -(double)INFINITY;
    if (width > SPARKLINE_WIDTH) width = SPARKLINE_WIDTH;
    int64_t n = count < width ? count : width;
    for (int64_t i = 0; i < n; i++) {
        int64_t first = i * count / n, end = (i + 1) * count / n;
        shares[i] = mean(values + first, end - first);
        if (!isfinite(shares[i])) continue;
        min = fmin(min, shares[i]);
        max = fmax(max, shares[i]);
    }
    char *to = out;
    for (int64_t i = 0; i < n; i++) {
        int level = level_of(shares[i], min, max, utf8 ? BLOCKS : PLAIN);
        if (level < 0) {
            *to++ = ' ';
        } else if (utf8) {
            *to++ = '\xE2';
            *to++ = '\x96';
            *to++ = (char)(0x81 + level);
        } else {
            *to++ = plain[level];
        }
    }
    *to = '\0';
    return out;
}

/* --- the line of a curve ---------------------------------------------------------------------- */

enum { NUMBER_BYTES = 32 };

/* Writes a number with two digits after the point, fewer where it is large, and more where two
 * would be 0: "123", "12.3", "2.30", "0.31", "0.031". */
static void write_number(double value, char text[NUMBER_BYTES])
{
    double size = fabs(value);
    int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size == 0 ? 2 : 3;
    if (!isfinite(value)) {
        (void)snprintf(text, NUMBER_BYTES, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
    } else if (size >= 1e6 || (size > 0 && size < 0.01)) {
        (void)snprintf(text, NUMBER_BYTES, "%.1e", value);
    } else {
        (void)snprintf(text, NUMBER_BYTES, "%.*f", decimals, value);
    }
}

/* Writes a share in percent, with so many decimals that what is not all does not read 100 %. */
static void write_share(double value, int decimals, char text[NUMBER_BYTES])
{
    do (void)snprintf(text, NUMBER_BYTES, "%.*f %%", decimals, 100 * value);
    while (value < 1 && strncmp(text, "100", 3) == 0 && decimals++ < 6);
}

static void write_value(const trend *t, double value, int decimals, char text[NUMBER_BYTES])
{
    if (t->share && isfinite(value)) {
        write_share(value, decimals, text);
    } else {
        write_number(value, text);
    }
}

/* Writes " 31 % → 91 % (best 91.2 % in epoch 8)". */
static void write_numbers(const trend *t, bool utf8, char *text, size_t bytes)
{
    char first[NUMBER_BYTES], last[NUMBER_BYTES], best[NUMBER_BYTES];
    text[0] = '\0';
    if (t->count == 0) return;
    write_value(t, t->values[0], 0, first);
    write_value(t, t->values[t->count - 1], 0, last);
    int used = t->count == 1 ? snprintf(text, bytes, " %s", last)
                             : snprintf(text, bytes, " %s %s %s", first, utf8 ? "→" : "->", last);
    if (!t->best || t->epoch < 1 || t->epoch > t->count) return;
    write_value(t, t->values[t->epoch - 1], 1, best);
    (void)snprintf(text + used, bytes - (size_t)used, " (best %s in epoch %lld)", best,
                   (long long)t->epoch);
}

const char *trend_line(const trend *t, int name_width, int width, bool utf8, char out[TREND_BYTES])
{
    enum { WIDEST = 40, NARROWEST = 4, LONGEST_NAME = 24 };
    char name[SHOWN_BYTES], numbers[224], line[SPARKLINE_BYTES] = "";
    (void)shown(t->name, LONGEST_NAME, name);
    int pad = name_width > cells(name) ? name_width - cells(name) : 0;
    write_numbers(t, utf8, numbers, sizeof numbers);
    int room = width > 0 ? width - cells(name) - pad - 1 - cells(numbers) : WIDEST;
    if (room >= NARROWEST)
        (void)sparkline(t->values, t->count, room < WIDEST ? room : WIDEST, utf8, line);
    (void)snprintf(out, TREND_BYTES, "%.96s%*s%s%s%s", name, pad, "", *line ? " " : "", line,
                   numbers);
    return out;
}
