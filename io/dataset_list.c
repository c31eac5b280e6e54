/* Data sets as a list of photographs and their classes, in a text file: list:FILE. The forms that a
 * list may have are in image_list_internal.h. */
#include "core/error.h"
#include "io/image_list_internal.h"
#include "io/photo_set_internal.h"
#include "io/source_internal.h"

static bool check_where(const char *where)
{
    return (where && *where) ||
           cd_fail(CD_ERR_ARGUMENT, "data set list: name the file of the list: list:FILE");
}

static bool list_look(const char *prefix, const char *where, cd_dataset_layout *out)
{
    (void)prefix;
    cd_source source;
    if (!check_where(where) || !cd_source_open(&source, where)) return false;
    cd_source_close(&source);
    *out = (cd_dataset_layout){ .photographs = true };
    return true;
}

/* A list is one set for any split. */
static bool list_open(cd_dataset *d, const char *prefix, const char *where,
                      const cd_dataset_options *o)
{
    (void)prefix;
    cd_photo_set *s = (cd_photo_set *)d;
    d->split_name = "all";
    return check_where(where) && cd_image_list_read(where, &s->folder) && cd_photo_set_fill(s, o);
}

static const char *const list_prefixes[] = { "list", NULL };

const cd_dataset_class cd_dataset_list_class = {
    .name = "list",
    .size = sizeof(cd_photo_set),
    .prefixes = list_prefixes,
    .prefix_help = "list:FILE (a text file with a picture's path and its class in each line)",
    .open = list_open,
    .look = list_look,
    .sample = cd_photo_set_sample,
    .label = cd_photo_set_label,
    .path = cd_photo_set_path,
    .turned = cd_photo_set_turned,
    .destroy = cd_photo_set_destroy,
};
