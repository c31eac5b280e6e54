/* What lies in one folder, and growing lists of names. */
#ifndef CANDELA_IO_FOLDER_INTERNAL_H
#define CANDELA_IO_FOLDER_INTERNAL_H

#include "core/api.h"

/* Strings, owned by the list. */
typedef struct cd_names {
    char **items;
    size_t count, capacity;
} cd_names;

/* Takes the string over, also when it fails; NULL is a failure that was reported. */
bool cd_names_add(cd_names *list, char *string);
void cd_names_sort(cd_names *list); /* by bytes */
bool cd_names_has(const cd_names *sorted, const char *name);
/* Zeroes the list; a zeroed one is allowed. */
void cd_names_free(cd_names *list);

/* "\"ants\", \"bees\", \"cats\" and 12 more": up to three of `count` names, each cut after 30
 * bytes, in `text`, which is returned. */
enum { CD_NAMES_SHOWN = 160 };
const char *cd_names_shown(char *const *items, size_t count, char text[CD_NAMES_SHOWN]);

/* folder/name, to be given back with cd_free; NULL without memory. */
char *cd_path_join(const char *folder, const char *name);

/* About a path, links followed. What the system refuses to look at is not missing: cd_is_folder
 * takes it for a folder, for cd_folder_read then says what is wrong, and the other two fail with
 * CD_ERR_IO. */
bool cd_is_folder(const char *path);
bool cd_leads_nowhere(const char *path, bool *nowhere);
bool cd_same_folder(const char *a, const char *b, bool *same);

/* Names only, each list sorted by bytes. Links are followed. Folders whose names begin with a dot
 * and those that systems leave behind (__MACOSX, @eaDir, lost+found, $RECYCLE.BIN, System Volume
 * Information) are left out. Pictures are known by their endings, in any case of letters: .jpg,
 * .jpeg, .png, .bmp; `unread` are those whose ending is that of a format which is not read. */
typedef struct cd_folder {
    cd_names folders, pictures, unread;
    int64_t ignored; /* everything that is no folder and no picture, the unread included */
} cd_folder;

/* Adds what lies in the folder to *out. With `until_picture` it may stop at the first picture.
 * False with CD_ERR_IO or CD_ERR_MEMORY; free *out all the same. */
bool cd_folder_read(const char *path, bool until_picture, cd_folder *out);
void cd_folder_free(cd_folder *folder);

bool cd_ends_in(const char *name, const char *ending); /* in any case of letters */
bool cd_is_picture(const char *name);
/* The format that the ending of a file's name stands for ("GIF"), if it is one that is not read;
 * else NULL. */
const char *cd_unread_format(const char *name);

#endif
