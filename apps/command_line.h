/* The command line of this run, as it can be typed again. */
#ifndef CANDELA_APPS_COMMAND_LINE_H
#define CANDELA_APPS_COMMAND_LINE_H

#include <candela.h>

/* Remembers the words of main. They are not copied. */
void remember_command_line(int argc, char *const *argv);

/* The words with spaces between them, each quoted for a POSIX shell where it needs to be: pasted
 * there, the line gives the same words. A word with control characters, with characters that
 * change the writing direction or with bytes that are not UTF-8 is quoted in the way of $'...',
 * which bash, zsh, ksh and POSIX of 2024 have, so that the line is UTF-8 and all of it can be
 * seen. To be freed with free(); NULL with a library error. */
char *command_line(void);

/* One word, quoted in the same way. */
char *shell_quoted(const char *word);

#endif
