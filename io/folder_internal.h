/* Reading a folder, questions about paths and endings of names, and growing lists of names. */
#ifndef CANDELA_IO_FOLDER_INTERNAL_H
#define CANDELA_IO_FOLDER_INTERNAL_H

#include "core/api.h"

/* A growing list of strings, which it owns. Begins zeroed. */
typedef struct cd_names {
    char **items;
    size_t count, capacity;
} cd_names;

/* Appends the string, whose owner is now the list. False with CD_ERR_MEMORY, and the string is
 * freed. `string` may be NULL, from a cd_strdup that failed: then false, with the error that it
 * set. */
bool cd_names_add(cd_names *list, char *string);
/* Sorts by bytes. */
void cd_names_sort(cd_names *list);
/* Whether a sorted list has the name. */
bool cd_names_has(const cd_names *sorted, const char *name);
/* Frees the strings and zeroes the list. A zeroed list is allowed. */
void cd_names_free(cd_names *list);

/* Writes "\"ants\", \"bees\", \"cats\" and 12 more" into `text` and returns it: the first three of
 * `count` names, each cut after 30 bytes. */
enum { CD_NAMES_SHOWN = 160 };
const char *cd_names_shown(char *const *items, size_t count, char text[CD_NAMES_SHOWN]);

/* "folder/name", freed by the caller with cd_free; NULL with CD_ERR_MEMORY. */
char *cd_path_join(const char *folder, const char *name);

/* The next four follow links. */

/* Whether the path is a folder. True also for a path that the system refuses to look at: whoever
 * then reads it as a folder gets the error that says why. */
bool cd_is_folder(const char *path);
/* Whether something is at the path. A file that the system refuses to look at counts as existing,
 * so that opening it fails with the reason. If it counted as missing, a data set would silently
 * lose a split or some classes. */
bool cd_may_exist(const char *path);
/* *nowhere: nothing is there, as at the end of a broken link. False with CD_ERR_IO when the system
 * refuses to look. */
bool cd_leads_nowhere(const char *path, bool *nowhere);
/* *same: both paths lead to one folder. False with CD_ERR_IO when one is missing or the system
 * refuses to look; then *same is as it was. */
bool cd_same_folder(const char *a, const char *b, bool *same);

/* The names of what a folder contains, each list sorted by bytes. Links are followed. */
typedef struct cd_folder {
    /* Left out are folders whose names begin with a dot and folders that systems leave behind:
     * __MACOSX, @eaDir, lost+found, $RECYCLE.BIN, System Volume Information. */
    cd_names folders;
    cd_names
        pictures; /* files for which cd_is_picture is true, but for names that begin with a dot */
    cd_names unread; /* files with a cd_unread_format, likewise */
    int64_t ignored; /* how many entries are no folder and no picture, the unread included */
} cd_folder;

/* Adds the names in the folder to *out, which begins zeroed. With `until_picture` it stops at the
 * first picture. False with CD_ERR_IO or CD_ERR_MEMORY; *out is to be freed even then. */
bool cd_folder_read(const char *path, bool until_picture, cd_folder *out);
/* Zeroes the lists. A zeroed struct is allowed. */
void cd_folder_free(cd_folder *folder);

/* Whether the name has the ending, in any case of letters, and something before it. */
bool cd_ends_in(const char *name, const char *ending);
/* Whether the name ends in .jpg, .jpeg, .png or .bmp, in any case of letters. */
bool cd_is_picture(const char *name);
/* The picture format that a name's ending stands for ("GIF"), if the library does not read that
 * format; else NULL. */
const char *cd_unread_format(const char *name);

#endif
