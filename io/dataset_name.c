/* The sentences about names that no class of data sets opens: what stands there instead, or which
 * name may have been meant. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/nearest.h"
#include "io/dataset_internal.h"
#include "io/folder_internal.h"

/* --- a file ----------------------------------------------------------------------------------- */

/* What a file is by the ending of its name; NULL for an unknown ending. Asked before archive_of,
 * because .npz and .pth are zip archives too. */
static const char *kind_by_ending(const char *name)
{
    static const struct {
        const char *ending, *kind;
    } known[] = {
        { ".csv", "a table" },
        { ".tsv", "a table" },
        { ".parquet", "a table" },
        { ".npz", "a file of NumPy's arrays" },
        { ".npy", "a NumPy array" },
        { ".h5", "an HDF5 file, which is not read" },
        { ".mat", "a MATLAB file, which is not read" },
        { ".pth", "a file of weights" },
        { ".pt", "a file of weights" },
        { ".safetensors", "a file of weights" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (cd_ends_in(name, known[i].ending)) return known[i].kind;
    }
    return cd_is_picture(name) || cd_unread_format(name) ? "a single picture" : NULL;
}

/* The kind of archive that the file's first bytes belong to; NULL if it is no known archive. */
static const char *archive_of(const char *path)
{
    static const struct {
        const char *bytes, *name;
        size_t offset, length;
    } known[] = {
        { "PK\3\4", "a zip archive", 0, 4 },
        { "\x1f\x8b", "a gzip archive", 0, 2 },
        { "BZh", "a bzip2 archive", 0, 3 },
        { "\xfd"
          "7zXZ",
          "an xz archive", 0, 5 },
        { "7z\xbc\xaf", "a 7z archive", 0, 4 },
        { "Rar!", "a rar archive", 0, 4 },
        { "\x28\xb5\x2f\xfd", "a zstd archive", 0, 4 },
        { "ustar", "a tar archive", 257, 5 },
    };
    unsigned char head[262];
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t size = fread(head, 1, sizeof head, file);
    (void)fclose(file);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (size < known[i].offset + known[i].length) continue;
        if (memcmp(head + known[i].offset, known[i].bytes, known[i].length) == 0) {
            return known[i].name;
        }
    }
    return NULL;
}

static bool refuse_file(const char *name)
{
    if (cd_ends_in(name, "-ubyte") || cd_ends_in(name, "-ubyte.gz")) {
        return cd_fail(
            CD_ERR_ARGUMENT,
            "data set %s: this is one IDX file: name the folder that it lies in: idx:DIR", name);
    }
    const char *kind = kind_by_ending(name), *archive = kind ? NULL : archive_of(name);
    if (archive) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "data set %s: this is %s: unpack it, and name the folder that it becomes",
                       name, archive);
    }
    return cd_fail(
        CD_ERR_ARGUMENT,
        "data set %s: this is %s, and a data set is a folder of photographs, one of IDX files "
        "(idx:DIR) or of CIFAR's (cifar10:DIR), or a list of photographs (list:FILE)",
        name, kind ? kind : "a file");
}

/* --- a name of nothing that exists ------------------------------------------------------------ */

/* Copies `length` bytes of the name, cut to `bytes`, in small letters. */
static void copy_lower(const char *name, size_t length, char *out, size_t bytes)
{
    size_t n = length < bytes - 1 ? length : bytes - 1;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    out[n] = '\0';
}

/* The prefix that is most like the name up to its colon; NULL when none is like it, and for a
 * path. */
static const char *nearest_prefix(const char *name)
{
    size_t length = strcspn(name, ":");
    char typed[32];
    const char *best = NULL;
    int distance = INT_MAX;
    if (length == 0 || memchr(name, '/', length)) return NULL;
    copy_lower(name, length, typed, sizeof typed);
    for (const cd_dataset_class *const *c = cd_dataset_classes; *c; c++) {
        for (const char *const *p = (*c)->prefixes; p && *p; p++) {
            cd_nearest_offer(typed, *p, &best, &distance);
        }
    }
    const char *alias = NULL; /* set only if it is nearer than all prefixes */
    cd_nearest_offer(typed, "fmnist", &alias, &distance);
    return alias ? "fashion-mnist" : best;
}

/* The prefix_help of all classes, one after the other. */
static void list_prefixes(char *text, size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (const cd_dataset_class *const *c = cd_dataset_classes; *c && used < bytes; c++) {
        if (!(*c)->prefix_help) continue;
        int n =
            snprintf(text + used, bytes - used, "%s%s", used > 0 ? ", " : "", (*c)->prefix_help);
        if (n > 0) used += (size_t)n;
    }
}

bool cd_dataset_refuse_name(const char *name)
{
    struct stat info;
    bool exists = stat(name, &info) == 0;
    int why = errno;
    if (exists && S_ISREG(info.st_mode)) return refuse_file(name);
    if (exists) {
        return cd_fail(CD_ERR_ARGUMENT, "data set %s: this is neither a folder nor a file", name);
    }
    if (why != ENOENT && why != ENOTDIR) {
        return cd_fail(CD_ERR_IO, "data set %s: %s", name, strerror(why));
    }
    const char *best = nearest_prefix(name);
    if (best) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "data set \"%s\": there is no such folder; did you mean %s%s?", name, best,
                       name + strcspn(name, ":"));
    }
    if (strchr(name, '/')) {
        return cd_fail(CD_ERR_ARGUMENT, "data set \"%s\": there is no such folder", name);
    }
    char known[CD_ERROR_MESSAGE_BYTES];
    list_prefixes(known, sizeof known);
    return cd_fail(CD_ERR_ARGUMENT,
                   "data set \"%s\": there is no such folder, and it is none of %s", name, known);
}
