/* Edit distance, for suggestions. */
#include "core/nearest.h"

#include <string.h>

enum { LONGEST = 31, FAR = 99 };

static int min(int a, int b)
{
    return a < b ? a : b;
}

/* Optimal string alignment (Damerau 1964, each letter swapped at most once). table[i][j] is the
 * distance between the first i letters of a and the first j letters of b. */
static int distance_between(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    if (m > LONGEST || n > LONGEST) return FAR;
    int table[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= m; i++) table[i][0] = (int)i;
    for (size_t j = 0; j <= n; j++) table[0][j] = (int)j;
    for (size_t i = 1; i <= m; i++) {
        for (size_t j = 1; j <= n; j++) {
            int change = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            table[i][j] = min(change, 1 + min(table[i - 1][j], table[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1);
            }
        }
    }
    return table[m][n];
}

void cd_nearest_offer(const char *typed, const char *word, const char **best, int *distance)
{
    if (!typed || !word || !best || !distance) return;
    int length = (int)strlen(typed), d = distance_between(typed, word);
    /* The beginning of a word is near to it, however much is missing. */
    if (length >= 3 && strncmp(typed, word, (size_t)length) == 0) d = min(d, 1);
    if (d > (length < 5 ? 1 : length < 8 ? 2 : 3) || d >= *distance) return;
    *best = word;
    *distance = d;
}
