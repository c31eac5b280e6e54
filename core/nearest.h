/* Did you mean: the word of a list that is most like a mistyped one. */
#ifndef CANDELA_CORE_NEAREST_H
#define CANDELA_CORE_NEAREST_H

#include "core/api.h"

CD_BEGIN_DECLS

/* For whatever looks things up by names that people type. The words that are known are offered in
 * turn: *best, at first NULL, becomes the nearest to `typed`, and *apart, at first INT_MAX, how
 * many letters have to be put in, left out, changed or swapped with their neighbour to make one of
 * the other. A word of which the typed one is the beginning, three letters of it or more, is one
 * letter apart, whatever is missing. Words too unlike the typed one are not taken, nor are others
 * of more than 31 letters. */
CD_API void cd_nearest_offer(const char *typed, const char *word, const char **best, int *apart);

CD_END_DECLS

#endif
