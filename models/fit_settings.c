/* What must be the same when a run of cd_fit goes on: settings of its folder, under the options'
 * names with their point, so that a program's own settings of such names are others. */
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/loader_internal.h"
#include "models/fit_internal.h"
#include "nn/module_internal.h"
#include "optim/scheduler_internal.h"

typedef struct settings {
    cd_text_pair *pair; /* owned, with the strings of those behind the first `given` */
    int64_t count, capacity, given;
} settings;

static bool grow(settings *s)
{
    if (s->count < s->capacity) return true;
    const int64_t capacity = s->capacity ? 2 * s->capacity : 32;
    cd_text_pair *larger = cd_realloc(s->pair, (size_t)capacity * sizeof *larger);
    if (!larger) return false;
    s->pair = larger;
    s->capacity = capacity;
    return true;
}

static bool put(settings *s, const char *key, const char *value)
{
    if (!grow(s)) return false;
    cd_text_pair *p = &s->pair[s->count];
    *p = (cd_text_pair){ cd_strdup(key), NULL };
    s->count++;
    if (p->key) p->value = cd_strdup(value);
    return p->value != NULL;
}

static bool put_whole(settings *s, const char *key, int64_t value)
{
    char text[24];
    (void)cd_format(text, sizeof text, "%lld", (long long)value);
    return put(s, key, text);
}

static bool put_real(settings *s, const char *key, double value)
{
    char text[32];
    (void)cd_format_shortest(text, sizeof text, value);
    return put(s, key, text);
}

/* An option of the loss, as ".loss.label_smoothing". */
static bool put_option(const char *name, const cd_option_value *value, void *user)
{
    settings *s = user;
    char key[96];
    (void)cd_format(key, sizeof key, ".loss.%.80s", name);
    switch (value->kind) {
    case CD_VALUE_INTEGER:
        return put_whole(s, key, value->integer);
    case CD_VALUE_REAL:
        return put_real(s, key, value->real);
    case CD_VALUE_BOOL:
        return put(s, key, value->truth ? "true" : "false");
    case CD_VALUE_TEXT:
        return put(s, key, value->text);
    default:
        return put(s, key, "given"); /* a tensor, whose elements are in the checkpoint */
    }
}

static bool put_loss(settings *s, const cd_module *loss)
{
    const cd_option *table = loss->class_->options;
    return put(s, ".loss", loss->class_->name) &&
           (!table || cd_visit_options(table, cd_module_options(loss), put_option, s));
}

static bool put_metrics(settings *s, const cd_fit_options *o)
{
    for (int k = 0; k < o->metric_count; k++) {
        char key[32];
        (void)cd_format(key, sizeof key, ".metrics[%d]", k);
        if (!put(s, key, o->metrics[k]->name)) return false;
    }
    return true;
}

/* Of a loader also its batches, over which the mean loss is summed up. */
static bool put_validation(settings *s, const cd_fit_options *o)
{
    const cd_loader *l = o->validation_loader;
    const cd_dataset *d = l ? l->dataset : o->validation;
    return put_whole(s, ".validation", d ? cd_dataset_count(d) : 0) &&
           (!l || put_whole(s, ".validation_loader.batch_size", l->batch_size));
}

static bool put_own(settings *s, const fit *f)
{
    const cd_fit_options *o = &f->o;
    const char *const monitor = f->monitor == CD_MONITOR_LOSS              ? "loss"
                                : f->monitor == CD_MONITOR_VALIDATION_LOSS ? "validation_loss"
                                                                           : o->monitor;
    return put_whole(s, ".train", cd_dataset_count(f->loader->dataset)) && put_validation(s, o) &&
           put_whole(s, ".batch_size", f->loader->batch_size) &&
           put_whole(s, ".accumulate", o->accumulate) && put_real(s, ".clip_norm", o->clip_norm) &&
           put_real(s, ".clip_value", o->clip_value) &&
           put(s, ".schedule", o->schedule ? o->schedule->class_->name : "none") &&
           put(s, ".schedule_by_step", o->schedule_by_step ? "true" : "false") &&
           put(s, ".average", o->average ? "given" : "none") && put(s, ".monitor", monitor) &&
           put_loss(s, o->loss) && put_metrics(s, o);
}

/* Adds the program's, which stay its own. They are the first, for an error to name them first: a
 * program's users know its words better than the library's. */
static bool put_given(settings *s, const cd_fit_options *o)
{
    for (int64_t i = 0; i < o->setting_count; i++) {
        if (!grow(s)) return false;
        s->pair[s->count++] = o->settings[i];
        s->given++;
    }
    return true;
}

static bool check_given(const cd_fit_options *o)
{
    return (o->setting_count >= 0 && (o->setting_count > 0) == (o->settings != NULL)) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "fit: .settings is %s and .setting_count is %lld: both must be given, the "
                   "settings and how many they are, or neither",
                   o->settings ? "given" : "NULL", (long long)o->setting_count);
}

cd_run_folder *cd_fit_folder_with_settings(const fit *f)
{
    settings s = { .count = 0 };
    cd_run_folder *folder = NULL;
    if (check_given(&f->o) && put_given(&s, &f->o) && put_own(&s, f)) {
        folder = cd_run_folder_open(f->o.checkpoint, .keep = f->o.keep, .settings = s.pair,
                                    .setting_count = s.count);
    }
    for (int64_t i = s.given; i < s.count; i++) {
        cd_free((char *)s.pair[i].key);
        cd_free((char *)s.pair[i].value);
    }
    cd_free(s.pair);
    return folder;
}
