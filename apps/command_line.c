/* Quotes the words of a command for a shell. */
#include "apps/command_line.h"

#include <stdlib.h>
#include <string.h>

static struct {
    int count;
    char *const *words;
} line;

void remember_command_line(int argc, char *const *argv)
{
    line.count = argc;
    line.words = argv;
}

/* Whether every character of the word means itself to a shell. A ~ or = at the beginning would be
 * replaced in some, and so would "a=b" as the first word of a line. */
static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:,@%+-";
    return *word && !word[strspn(word, plain)];
}

/* Whether all of the word can be shown as it is: cd_escape_text then changes nothing. */
static bool is_visible(const char *word, char *scratch, size_t bytes)
{
    return strcmp(cd_escape_text(scratch, bytes, word), word) == 0;
}

/* Writes 'word', in which each ' becomes '\''. Returns the end. */
static char *quote(char *to, const char *word)
{
    *to++ = '\'';
    for (; *word; word++) {
        if (*word == '\'') to = stpcpy(to, "'\\'");
        *to++ = *word;
    }
    *to++ = '\'';
    return to;
}

/* Writes $'word'. Bytes other than printable ASCII become three octal digits, which, unlike \x,
 * end after three. Returns the end. */
static char *quote_bytes(char *to, const char *word)
{
    to = stpcpy(to, "$'");
    for (; *word; word++) {
        unsigned char c = (unsigned char)*word;
        if (c < ' ' || c > '~') {
            to += sprintf(to, "\\%03o", c);
            continue;
        }
        if (c == '\'' || c == '\\') *to++ = '\\';
        *to++ = (char)c;
    }
    *to++ = '\'';
    return to;
}

char *shell_quoted(const char *word)
{
    enum { LONGEST = 4, QUOTES = 4 }; /* characters for each byte, and around the word */
    size_t room = LONGEST * strlen(word) + QUOTES;
    char *quoted = malloc(room), *scratch = malloc(room);
    if (!quoted || !scratch) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory for the command line");
        free(quoted);
        quoted = NULL;
    } else if (is_plain(word)) {
        strcpy(quoted, word);
    } else {
        bool visible = is_visible(word, scratch, room);
        *(visible ? quote(quoted, word) : quote_bytes(quoted, word)) = '\0';
    }
    free(scratch);
    return quoted;
}

/* Adds a space and the quoted word to the text, which is freed. NULL with a library error. */
static char *with_word(char *text, const char *word)
{
    char *quoted = text ? shell_quoted(word) : NULL, *longer = NULL;
    if (quoted && asprintf(&longer, "%s%s%s", text, *text ? " " : "", quoted) < 0) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory for the command line");
        longer = NULL;
    }
    free(quoted);
    free(text);
    return longer;
}

char *command_line(void)
{
    char *text = strdup("");
    if (!text) (void)cd_fail(CD_ERR_MEMORY, "out of memory for the command line");
    for (int i = 0; text && i < line.count; i++) text = with_word(text, line.words[i]);
    return text;
}
