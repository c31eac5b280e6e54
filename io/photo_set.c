/* The functions of photo_set_internal.h. */
#include "io/photo_set_internal.h"

#include "core/memory_internal.h"
#include "io/preprocess_internal.h"

bool cd_photo_set_fill(cd_photo_set *s, const cd_dataset_options *o)
{
    cd_dataset *d = &s->dataset;
    d->count = s->folder.file_count;
    d->class_count = s->folder.class_count;
    d->classes = s->folder.classes;
    d->ignored = s->folder.ignored;
    d->unread_count = s->folder.unread_count;
    d->unread = s->folder.unread;
    d->preprocess = o->preprocess ? *o->preprocess : cd_preprocess_imagenet;
    d->sample_shape = cd_preprocess_shape(&d->preprocess);
    s->turned = cd_alloc_zeroed((size_t)d->count, sizeof *s->turned);
    return s->turned != NULL;
}

bool cd_photo_set_sample(const cd_dataset *d, int64_t i, float *out)
{
    const cd_photo_set *s = (const cd_photo_set *)d;
    cd_pixels pixels = { .data = NULL };
    if (!cd_image_read(s->folder.paths[i], &pixels)) return false;
    if (pixels.orientation > 1) {
        atomic_store_explicit(&s->turned[i], (unsigned char)pixels.orientation,
                              memory_order_relaxed);
    }
    bool done = cd_preprocess_run(&d->preprocess, &pixels, out);
    cd_pixels_free(&pixels);
    return done;
}

int64_t cd_photo_set_label(const cd_dataset *d, int64_t i)
{
    return ((const cd_photo_set *)d)->folder.labels[i];
}

const char *cd_photo_set_path(const cd_dataset *d, int64_t i)
{
    return ((const cd_photo_set *)d)->folder.paths[i];
}

bool cd_photo_set_turned(const cd_dataset *d, int64_t i)
{
    const cd_photo_set *s = (const cd_photo_set *)d;
    return atomic_load_explicit(&s->turned[i], memory_order_relaxed) != 0;
}

void cd_photo_set_destroy(cd_dataset *d)
{
    cd_photo_set *s = (cd_photo_set *)d;
    cd_image_folder_free(&s->folder);
    cd_free(s->turned);
}
