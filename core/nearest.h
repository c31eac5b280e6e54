/* "Did you mean ...?": finds the word of a list that is nearest to a mistyped one. */
#ifndef CANDELA_CORE_NEAREST_H
#define CANDELA_CORE_NEAREST_H

#include "core/api.h"

CD_BEGIN_DECLS

/* Call this for each known word, with *best = NULL and *distance = INT_MAX at first:
 *
 *     for (int i = 0; i < n; i++) cd_nearest_offer(typed, words[i], &best, &distance);
 *
 * If `word` is nearer to `typed` than *distance, and near enough to be meant, *best becomes `word`
 * and *distance its distance. Otherwise nothing changes; best stays NULL if no word is near enough.
 *
 * The distance is the number of letters to insert, delete, change or swap with the next one
 * (optimal string alignment). At most 1 is near enough for a `typed` of up to 4 letters, 2 for up
 * to 7, and 3 for more. If `typed` has at least 3 letters and `word` begins with it, the distance
 * is at most 1. Other words of more than 31 letters are never near. */
CD_API void cd_nearest_offer(const char *typed, const char *word, const char **best, int *distance);

CD_END_DECLS

#endif
