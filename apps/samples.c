/* Lists of samples, and their names. samples_read.c reads them. */
#include "apps/samples.h"

#include <stdlib.h>
#include <string.h>

#include "apps/console.h"

bool samples_choose(samples *s, cd_dataset *set, const int64_t *index, int64_t count)
{
    if (!set) return false;
    if (!index) count = cd_dataset_count(set);
    *s = (samples){ .set = set, .count = count };
    s->index = malloc((size_t)(count ? count : 1) * sizeof *s->index);
    if (!s->index)
        return cd_fail(CD_ERR_MEMORY, "out of memory for %lld samples", (long long)count);
    for (int64_t i = 0; i < count; i++) s->index[i] = index ? index[i] : i;
    s->part = index ? cd_dataset_subset(set, index, count) : set;
    return s->part != NULL;
}

void samples_free(samples *s)
{
    free(s->index);
    *s = (samples){ .count = 0 };
}

void warn_turned(const cd_dataset *set)
{
    const char *first;
    char text[COUNTED_BYTES];
    int64_t count = cd_dataset_turned(set, &first);
    if (count == 0) return;
    warn(
        "%s by an EXIF tag to be turned or mirrored, which is not done (nor does torchvision): the "
        "first is %s",
        counted(count, "photograph asks", "photographs ask", text), first);
}

const char *sample_name(const cd_dataset *set, int64_t index, const char *set_name,
                        char text[SAMPLE_NAME_BYTES])
{
    const char *path = cd_dataset_path(set, index);
    if (path) {
        size_t length = strlen(path), most = SAMPLE_NAME_BYTES - 1;
        if (length > most) path += length - most;
        while (((unsigned char)*path & 0xC0) == 0x80) path++; /* to a whole character */
        (void)snprintf(text, SAMPLE_NAME_BYTES, "%s", path);
    } else {
        char name[200];
        (void)snprintf(text, SAMPLE_NAME_BYTES, "picture %lld of %s", (long long)index,
                       cd_escape_text(name, sizeof name, set_name));
    }
    return text;
}
