/* The names of data sets, and what those may be that are none. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/nearest.h"
#include "io/dataset_internal.h"
#include "io/folder_internal.h"

static const char *const kinds[] = { "fashion-mnist", "mnist", "idx" };
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *cd_dataset_kind(const char *name, const char **where)
{
    for (size_t k = 0; k < KINDS; k++) {
        size_t length = strlen(kinds[k]);
        if (strncmp(name, kinds[k], length) != 0 || (name[length] && name[length] != ':')) continue;
        *where = name[length] ? name + length + 1 : NULL;
        return kinds[k];
    }
    return NULL;
}

/* --- a file that is no data set --------------------------------------------------------------- */

/* What to say of a file by its ending, where that tells more than the bytes do (.npz and .pth are
 * zip archives as well). */
static const char *by_ending(const char *name)
{
    static const struct {
        const char *ending, *sentence;
    } known[] = {
        { ".csv", "a table, which is not read" },
        { ".tsv", "a table, which is not read" },
        { ".parquet", "a table, which is not read" },
        { ".npz", "NumPy's arrays, which are not read" },
        { ".npy", "a NumPy array, which is not read" },
        { ".h5", "an HDF5 file, which is not read" },
        { ".mat", "a MATLAB file, which is not read" },
        { ".pth", "a file of weights" },
        { ".pt", "a file of weights" },
        { ".safetensors", "a file of weights" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (cd_ends_in(name, known[i].ending)) return known[i].sentence;
    }
    return cd_is_picture(name) || cd_unread_format(name) ? "a single picture" : NULL;
}

/* The archive that the file's first bytes are of; NULL for none. */
static const char *archive_of(const char *path)
{
    static const struct {
        const char *bytes, *name;
        size_t at, length;
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
        if (size < known[i].at + known[i].length) continue;
        if (memcmp(head + known[i].at, known[i].bytes, known[i].length) == 0) return known[i].name;
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
    const char *what = by_ending(name), *archive = what ? NULL : archive_of(name);
    if (archive) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "data set %s: this is %s: unpack it, and name the folder that it becomes",
                       name, archive);
    }
    return cd_fail(
        CD_ERR_ARGUMENT,
        "data set %s: this is %s, and a data set is a folder of photographs, or one of IDX "
        "files (idx:DIR)",
        name, what ? what : "a file");
}

/* --- a name that is none ---------------------------------------------------------------------- */

/* In small letters; what stands between the words is near enough. */
static void fold(const char *name, size_t length, char *out, size_t bytes)
{
    size_t n = length < bytes - 1 ? length : bytes - 1;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    out[n] = '\0';
}

/* The kind that a name without a folder was meant to be; NULL when it is like none. */
static const char *meant(const char *name)
{
    size_t length = strcspn(name, ":");
    char typed[32];
    const char *best = NULL;
    int apart = INT_MAX;
    if (length == 0 || memchr(name, '/', length)) return NULL;
    fold(name, length, typed, sizeof typed);
    for (size_t k = 0; k < KINDS; k++) cd_nearest_offer(typed, kinds[k], &best, &apart);
    int before = apart;
    const char *alias = NULL;
    cd_nearest_offer(typed, "fmnist", &alias, &before);
    return alias ? kinds[0] : best;
}

bool cd_dataset_refuse_name(const char *name)
{
    struct stat info;
    bool there = stat(name, &info) == 0;
    int why = errno;
    if (there && S_ISREG(info.st_mode)) return refuse_file(name);
    if (there) {
        return cd_fail(CD_ERR_ARGUMENT, "data set %s: this is neither a folder nor a file", name);
    }
    if (why != ENOENT && why != ENOTDIR) {
        return cd_fail(CD_ERR_IO, "data set %s: %s", name, strerror(why));
    }
    const char *best = meant(name);
    if (best) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "data set \"%s\": there is no such folder; did you mean %s%s?", name, best,
                       name + strcspn(name, ":"));
    }
    if (strchr(name, '/')) {
        return cd_fail(CD_ERR_ARGUMENT, "data set \"%s\": there is no such folder", name);
    }
    return cd_fail(
        CD_ERR_ARGUMENT,
        "data set \"%s\": there is no such folder, and it is none of fashion-mnist "
        "(Debian's package dataset-fashion-mnist has its files), mnist (its four files in "
        "data/mnist), mnist:DIR and idx:DIR (files like those of MNIST)",
        name);
}
