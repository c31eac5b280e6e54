/* The words of a text such as "conv 32 3 padding 1, relu": words and numbers, separated by spaces,
 * and commas. Readers of such texts are io/transforms/text.c and nn/option_text.c. */
#ifndef CANDELA_CORE_WORDS_INTERNAL_H
#define CANDELA_CORE_WORDS_INTERNAL_H

#include "core/api.h"

enum { CD_WORD_BYTES = 48 };

/* What is read now: a word, a number, a comma or the end. */
typedef struct cd_words {
    const char *text;         /* from its beginning; borrowed */
    const char *at;           /* behind the word */
    char word[CD_WORD_BYTES]; /* "" at the end of the text; a longer one is cut behind a character
                                 of UTF-8 */
    bool is_number;           /* the word is a finite number */
    double number;
    int column; /* of the word, in bytes from 1 */
} cd_words;

/* Begins with the first word of the text. */
void cd_words_begin(cd_words *w, const char *text);
/* Goes to the next word. */
void cd_words_next(cd_words *w);
/* Whether an item ends here: at a comma or the end of the text. */
bool cd_words_end_item(const cd_words *w);

/* Whether two names are the same without regard to the case of ASCII letters, "-", "_" and the
 * brackets of "betas[0]". */
bool cd_same_words(const char *a, const char *b);
/* Writes the name as cd_same_words sees it, cut to `size` bytes. */
void cd_plain_word(const char *name, char *out, size_t size);

/* What a sentence says besides of a word that is written as in a program, "padding=1" or
 * "linear(256)"; "" for any other word. */
const char *cd_words_hint(const char *word);

/* Appends to a text of `size` bytes, as far as there is room. */
void cd_append_text(char *out, size_t size, const char *text);

#endif
