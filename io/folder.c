/* Folders and paths, for data sets: reading a folder, joining and comparing paths, and what the
 * ending of a name says. */
#include "io/folder_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"

/* --- growing lists of strings ----------------------------------------------------------------- */

void cd_names_free(cd_names *list)
{
    for (size_t i = 0; i < list->count; i++) cd_free(list->items[i]);
    cd_free(list->items);
    *list = (cd_names){ .items = NULL };
}

bool cd_names_add(cd_names *list, char *string)
{
    if (!string) return false;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        char **items = cd_realloc(list->items, capacity * sizeof *items);
        if (!items) {
            cd_free(string);
            return false;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = string;
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void cd_names_sort(cd_names *list)
{
    if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_bytes);
}

bool cd_names_has(const cd_names *sorted, const char *name)
{
    return sorted->count > 0 &&
           bsearch(&name, sorted->items, sorted->count, sizeof *sorted->items, by_bytes);
}

const char *cd_names_shown(char *const *items, size_t count, char text[CD_NAMES_SHOWN])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && i < 3; i++) {
        char shown[31];
        int n = snprintf(text + used, CD_NAMES_SHOWN - used, "%s\"%s\"", i ? ", " : "",
                         cd_escape_text(shown, sizeof shown, items[i]));
        if (n > 0) used += (size_t)n;
    }
    if (count > 3) (void)snprintf(text + used, CD_NAMES_SHOWN - used, " and %zu more", count - 3);
    return text;
}

/* --- paths ------------------------------------------------------------------------------------ */

char *cd_path_join(const char *folder, const char *name)
{
    size_t a = strlen(folder), b = strlen(name);
    bool slash = a > 0 && folder[a - 1] != '/';
    char *path = cd_alloc(a + slash + b + 1);
    if (!path) return NULL;
    memcpy(path, folder, a);
    if (slash) path[a] = '/';
    memcpy(path + a + slash, name, b + 1);
    return path;
}

/* Whether this errno of stat means that nothing is at a path, or that links lead in a circle. */
static bool is_nowhere(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

bool cd_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? S_ISDIR(info.st_mode) : !is_nowhere(errno);
}

bool cd_may_exist(const char *path)
{
    return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool cd_leads_nowhere(const char *path, bool *nowhere)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    *nowhere = !there && is_nowhere(errno);
    return there || *nowhere || cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
}

bool cd_same_folder(const char *a, const char *b, bool *same)
{
    struct stat one, other;
    if (stat(a, &one) != 0) return cd_fail(CD_ERR_IO, "%s: %s", a, strerror(errno));
    if (stat(b, &other) != 0) return cd_fail(CD_ERR_IO, "%s: %s", b, strerror(errno));
    *same = one.st_dev == other.st_dev && one.st_ino == other.st_ino;
    return true;
}

/* --- endings of names ------------------------------------------------------------------------- */

bool cd_ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);
    return length > tail && cd_same_ignoring_case(name + length - tail, ending);
}

bool cd_is_picture(const char *name)
{
    return cd_ends_in(name, ".jpg") || cd_ends_in(name, ".jpeg") || cd_ends_in(name, ".png") ||
           cd_ends_in(name, ".bmp");
}

const char *cd_unread_format(const char *name)
{
    static const struct {
        const char *ending, *format;
    } formats[] = {
        { ".gif", "GIF" },
        { ".webp", "WebP" },
        { ".tif", "TIFF" },
        { ".tiff", "TIFF" },
        { ".heic", "HEIC" },
        { ".heif", "HEIF" },
        { ".avif", "AVIF" },
        { ".jp2", "JPEG 2000" },
        { ".j2k", "JPEG 2000" },
        { ".jxl", "JPEG XL" },
        { ".ppm", "PPM" },
        { ".pgm", "PGM" },
        { ".pbm", "PBM" },
        { ".pnm", "PNM" },
        { ".tga", "TGA" },
        { ".svg", "SVG" },
        { ".ico", "icon" },
        { ".psd", "Photoshop" },
        { ".dng", "camera raw" },
        { ".cr2", "camera raw" },
        { ".cr3", "camera raw" },
        { ".nef", "camera raw" },
        { ".arw", "camera raw" },
        { ".raf", "camera raw" },
        /* These hold JPEG as a rule; torchvision does not read files with these names either. */
        { ".jfif", "JPEG, but not named .jpg" },
        { ".jpe", "JPEG, but not named .jpg" },
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (cd_ends_in(name, formats[i].ending)) return formats[i].format;
    }
    return NULL;
}

/* Whether a folder is hidden, or was left behind by macOS's archiver, a Synology's thumbnails, ext4
 * or Windows. */
static bool is_left_out(const char *name)
{
    static const char *const names[] = { "__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN",
                                         "System Volume Information" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return name[0] == '.';
}

/* --- one folder ------------------------------------------------------------------------------- */

/* Sets *type to DT_DIR, DT_REG, or something else for what is no folder and no file, such as a link
 * that leads nowhere. Follows links. A link that the system refuses to follow is an error, since it
 * may lead to a picture. */
static bool type_of(const char *folder, const struct dirent *entry, int *type)
{
    *type = entry->d_type;
    if (*type != DT_LNK && *type != DT_UNKNOWN) return true;
    char *path = cd_path_join(folder, entry->d_name);
    if (!path) return false;
    struct stat info = { .st_mode = 0 };
    bool done = stat(path, &info) == 0 || is_nowhere(errno) ||
                cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    cd_free(path);
    *type = S_ISDIR(info.st_mode) ? DT_DIR : S_ISREG(info.st_mode) ? DT_REG : DT_UNKNOWN;
    return done;
}

/* Adds an entry of the folder to its list. */
static bool add_entry(const char *folder, const struct dirent *entry, cd_folder *out)
{
    const char *name = entry->d_name;
    int type;
    if (!type_of(folder, entry, &type)) return false;
    if (type == DT_DIR) {
        return is_left_out(name) || cd_names_add(&out->folders, cd_strdup(name));
    }
    bool visible = type == DT_REG && name[0] != '.';
    if (visible && cd_is_picture(name)) return cd_names_add(&out->pictures, cd_strdup(name));
    out->ignored++;
    return !visible || !cd_unread_format(name) || cd_names_add(&out->unread, cd_strdup(name));
}

bool cd_folder_read(const char *path, bool until_picture, cd_folder *out)
{
    DIR *folder = opendir(path);
    if (!folder) return cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
    bool done = true;
    while (done && !(until_picture && out->pictures.count > 0)) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (!entry) {
            if (errno != 0) done = cd_fail(CD_ERR_IO, "%s: %s", path, strerror(errno));
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        done = add_entry(path, entry, out);
    }
    (void)closedir(folder);
    cd_names_sort(&out->folders);
    cd_names_sort(&out->pictures);
    cd_names_sort(&out->unread);
    return done;
}

void cd_folder_free(cd_folder *folder)
{
    cd_names_free(&folder->folders);
    cd_names_free(&folder->pictures);
    cd_names_free(&folder->unread);
}
