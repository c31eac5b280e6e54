/* Words of a text: words_internal.h. */
#include "core/words_internal.h"

#include <math.h>
#include <string.h>

#include "core/text_internal.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Whether the word, which begins at `from`, looks like a number: "inf" and "nan" do not. All its
 * digits count, though w->word may be cut. */
static void read_number(cd_words *w, const char *from)
{
    char first = w->word[0], *end;
    w->is_number = (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
    if (!w->is_number) return;
    w->number = cd_text_number(from, &end);
    w->is_number = end == w->at && isfinite(w->number);
}

/* How many of `size` bytes a word has room for, without the beginning of a UTF-8 character at its
 * end. */
static size_t cut(const char *from, size_t size)
{
    enum { BYTES = 4 }; /* of a character, the most */
    size_t kept = CD_WORD_BYTES - 1;
    if (size <= kept) return size;
    for (int i = 1; i < BYTES && ((unsigned char)from[kept] & 0xc0) == 0x80; i++) kept--;
    return kept;
}

void cd_words_begin(cd_words *w, const char *text)
{
    *w = (cd_words){ .text = text, .at = text };
    cd_words_next(w);
}

void cd_words_next(cd_words *w)
{
    while (is_space(*w->at)) w->at++;
    const char *from = w->at;
    if (*w->at == ',') {
        w->at++;
    } else {
        while (*w->at && *w->at != ',' && !is_space(*w->at)) w->at++;
    }
    const size_t size = cut(from, (size_t)(w->at - from));
    memcpy(w->word, from, size);
    w->word[size] = '\0';
    w->column = (int)(from - w->text) + 1;
    read_number(w, from);
}

bool cd_words_end_item(const cd_words *w)
{
    return !*w->word || *w->word == ',';
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_silent(char c)
{
    return c == '-' || c == '_' || c == '[' || c == ']';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool cd_same_words(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (is_silent(*a)) a++;
        while (is_silent(*b)) b++;
        if (lower(*a) != lower(*b)) return false;
        if (!*a) return true;
    }
}

void cd_plain_word(const char *name, char *out, size_t size)
{
    size_t used = 0;
    for (; *name && used + 1 < size; name++) {
        if (!is_silent(*name)) out[used++] = lower(*name);
    }
    if (size > 0) out[used] = '\0';
}

const char *cd_words_hint(const char *word)
{
    if (!strpbrk(word, "=()[]{}:;")) return "";
    return "; a text has spaces in place of \"=\", \":\" and brackets, and commas in place of "
           "\";\"";
}

void cd_append_text(char *out, size_t size, const char *text)
{
    const size_t used = strlen(out);
    (void)cd_format(out + used, size - used, "%s", text);
}
