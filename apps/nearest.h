/* Did you mean: the word of a list that is most like a mistyped one. */
#ifndef CANDELA_APPS_NEAREST_H
#define CANDELA_APPS_NEAREST_H

#include <stddef.h>

/* How many letters have to be put in, left out, changed or swapped with their neighbour to make one
 * word of the other. Words of more than 31 letters are not looked at: 99. */
int letters_apart(const char *a, const char *b);

/* Keeps in *best the nearest of all words offered in turn, and in *apart (at first a large number)
 * how far it is. Words too unlike the typed one are not taken. */
void offer_word(const char *typed, const char *word, const char **best, int *apart);

#endif
