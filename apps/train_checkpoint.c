/* Decides whether a run may go on, and says how it can. */
#include "apps/train_checkpoint.h"

#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/command_line.h"
#include "apps/console.h"
#include "apps/interrupt.h"

/* --- settings --------------------------------------------------------------------------------- */

/* Adds a setting. An unset one, NULL, is not there, as in the run before. False with an error. */
static bool add(train_settings *s, const char *name, char *value)
{
    if (!value) return cd_ok();
    char *key = NULL;
    if (s->count == TRAIN_SETTINGS || asprintf(&key, "%s", name) < 0) {
        free(value);
        return cd_fail(CD_ERR_MEMORY, "out of memory for the settings of the run");
    }
    s->pair[s->count++] = (cd_text_pair){ key, value };
    return true;
}

static char *printed(const char *format, ...) CD_PRINTF(1, 2);
static char *printed(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) {
        (void)cd_fail(CD_ERR_MEMORY, "out of memory for the settings of the run");
        text = NULL;
    }
    va_end(arguments);
    return text;
}

/* The fewest digits that give the same double when read. */
static char *printed_number(double value)
{
    char text[40];
    int digits = 1;
    do (void)snprintf(text, sizeof text, "%.*g", digits, value);
    while (digits++ < 17 && strtod(text, NULL) != value);
    return printed("%s", text);
}

static char *printed_sizes(const sizes *list)
{
    char text[SIZES_MAX * 12] = "none";
    size_t used = 0;
    for (int i = 0; i < list->count; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i > 0 ? "," : "",
                                 (long long)list->value[i]);
    }
    return printed("%s", text);
}

/* The value of an option as it would be typed; NULL, without an error, where it was not given. */
static char *value_of(const option *o, const void *values)
{
    const void *at = (const char *)values + o->offset;
    switch (o->type) {
    case OPTION_FLAG:
        return *(const bool *)at ? printed("given") : NULL;
    case OPTION_TEXT:
    case OPTION_CHOICE: {
        const char *text = *(const char *const *)at;
        return text ? printed("%s", text) : NULL;
    }
    case OPTION_INTEGER: {
        const int64_t value = *(const int64_t *)at;
        return (double)value < o->min ? NULL : printed("%lld", (long long)value);
    }
    case OPTION_NUMBER: {
        const double value = *(const double *)at;
        return isnan(value) || value < o->min ? NULL : printed_number(value);
    }
    case OPTION_SIZES:
        return ((const sizes *)at)->given ? printed_sizes(at) : NULL;
    }
    return NULL;
}

/* Whether a run may go on with another value of the option. All others decide the numbers of the
 * run. Files that are read have fingerprints. The steps of a schedule depend on the number of
 * epochs. */
static bool may_differ(const train_config *c, const char *name)
{
    static const char *const list[] = { "out",  "report",         "log",        "history", "every",
                                        "keep", "resume",         "checkpoint", "workers", "data",
                                        "best", "early-stopping", "weights" };
    if (strcmp(name, "epochs") == 0) return strcmp(c->schedule, "constant") == 0;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (strcmp(name, list[i]) == 0) return true;
    }
    return false;
}

static bool add_options(training *t)
{
    const train_config *c = t->config;
    for (size_t i = 0; i < t->command->option_count; i++) {
        const option *o = &t->command->options[i];
        char name[64];
        if (may_differ(c, o->name)) continue;
        (void)snprintf(name, sizeof name, "--%s", o->name);
        if (!add(&t->settings, name, value_of(o, c))) return false;
    }
    return add(&t->settings, "the command", printed("%s", t->command->name)) &&
           add(&t->settings, "--seed", printed("%lld", (long long)c->common.seed));
}

void train_settings_free(train_settings *s)
{
    for (int i = 0; i < s->count; i++) {
        free((char *)s->pair[i].key);
        free((char *)s->pair[i].value);
    }
    s->count = 0;
}

/* --- the newest checkpoint -------------------------------------------------------------------- */

/* Where the library puts a setting among the texts of a checkpoint. */
#define SETTING "candela.setting."

static const char *setting_named(const train_settings *s, const char *name)
{
    for (int i = 0; i < s->count; i++) {
        if (strcmp(s->pair[i].key, name) == 0) return s->pair[i].value;
    }
    return NULL;
}

static void write_difference(FILE *f, int *count, const char *name, const char *now,
                             const char *then)
{
    fprintf(f, "%s%s is %s%s%s and was %s%s%s", (*count)++ > 0 ? "; " : "", name, now ? "\"" : "",
            now ? now : "not given", now ? "\"" : "", then ? "\"" : "", then ? then : "not given",
            then ? "\"" : "");
}

/* Writes each setting that differs from the file's, and counts them. Only options can have been
 * given before and be left out now. */
static int write_differences(FILE *f, const training *t, const cd_tensor_file *file)
{
    const train_settings *s = &t->settings;
    int count = 0;
    for (int i = 0; i < s->count; i++) {
        char key[128];
        (void)snprintf(key, sizeof key, SETTING "%s", s->pair[i].key);
        const char *then = cd_tensor_file_text(file, key), *now = s->pair[i].value;
        if (!then || strcmp(then, now) != 0) write_difference(f, &count, s->pair[i].key, now, then);
    }
    for (int64_t i = 0; i < cd_tensor_file_text_count(file); i++) {
        const cd_text_pair then = cd_tensor_file_text_at(file, i);
        const size_t head = sizeof SETTING - 1;
        if (strncmp(then.key, SETTING "--", head + 2) != 0) continue;
        if (setting_named(s, then.key + head) || may_differ(t->config, then.key + head + 2))
            continue;
        write_difference(f, &count, then.key + head, NULL, then.value);
    }
    return count;
}

/* The path of the newest checkpoint, to be freed; NULL with an error. */
static char *newest(const train_files *f)
{
    return printed("%s/last.safetensors", f->checkpoint);
}

/* Compares the settings with those of the newest checkpoint. One that cannot be opened is left to
 * cd_fit, which finds an older one or says what is wrong. */
static bool same_as_newest(const training *t)
{
    CD_SCOPE();
    const train_files *f = &t->config->files;
    cd_error ignored;
    char *path = newest(f), *text = NULL;
    if (!path) return false;
    cd_tensor_file *file = access(path, F_OK) == 0 ? cd_tensor_file_open(path) : NULL;
    free(path);
    if (!file) {
        (void)cd_error_take(&ignored);
        return true;
    }
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    const int count = stream ? write_differences(stream, t, file) : 0;
    /* glibc has no error, and no text, where memory runs out as the stream is closed. */
    bool whole = stream && !ferror(stream);
    if (stream && fclose(stream) != 0) whole = false;
    whole = whole && text;
    if (!whole) (void)cd_fail(CD_ERR_MEMORY, "out of memory for the settings of the run");
    if (whole && count > 0) {
        (void)cd_fail(CD_ERR_ARGUMENT,
                      "%s has checkpoints of a run with other options: %s: give the same ones, or "
                      "another folder to --checkpoint",
                      f->checkpoint, text);
    }
    free(text);
    return whole && count == 0;
}

static bool has_checkpoints(const char *path)
{
    DIR *folder = opendir(path);
    bool found = false;
    for (const struct dirent *e; folder && !found && (e = readdir(folder));) {
        const char *end = strrchr(e->d_name, '.');
        found = end && strcmp(end, ".safetensors") == 0 &&
                (strncmp(e->d_name, "step-", 5) == 0 || strcmp(e->d_name, "last.safetensors") == 0);
    }
    if (folder) (void)closedir(folder);
    return found;
}

bool checkpoint_goes_on(const train_files *f)
{
    return f->resume && has_checkpoints(f->checkpoint);
}

/* --- checks ----------------------------------------------------------------------------------- */

int checkpoint_check(training *t)
{
    const train_files *f = &t->config->files;
    if (!f->checkpoint) {
        const char *name = f->resume ? "resume" : f->every ? "every" : f->keep ? "keep" : NULL;
        if (!name) return 0;
        return used_wrongly(t->command,
                            "--%s is given without --checkpoint DIR, the folder of the run", name);
    }
    if (!f->resume && has_checkpoints(f->checkpoint)) {
        return failed("%s has checkpoints of a run: --resume goes on with it, and a new run takes "
                      "another folder",
                      f->checkpoint);
    }
    if (!add_options(t)) return failed_in_library();
    return f->resume && !same_as_newest(t) ? failed_in_library() : 0;
}

/* FNV-1a over the tensors that are not trained, by words of 8 bytes. */
typedef struct hash {
    uint64_t value;
    bool any;
} hash;

static bool add_tensor(const char *name, cd_tensor *x, cd_entry_kind kind, void *user)
{
    hash *h = user;
    (void)name;
    (void)kind;
    if (cd_requires_grad(x)) return cd_ok();
    const size_t bytes = (size_t)cd_numel(x) * cd_dtype_size(cd_dtype_of(x));
    char *values = calloc(1, bytes + sizeof(uint64_t));
    if (!values) return cd_fail(CD_ERR_MEMORY, "out of memory for a fingerprint of the weights");
    const bool done = cd_read(x, values, bytes);
    for (size_t i = 0; done && i < bytes; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, values + i, sizeof word);
        h->value = (h->value ^ word) * UINT64_C(0x100000001b3);
        h->value ^= h->value >> 32; /* the highest bits reach the lowest ones too */
    }
    free(values);
    h->any = true;
    return done;
}

bool checkpoint_settings(training *t)
{
    const train_files *f = &t->config->files;
    hash h = { .value = UINT64_C(0xcbf29ce484222325) };
    if (!f->checkpoint) return true;
    if (!add(&t->settings, "the fingerprint of --data", printed("%s", t->split.fingerprint))) {
        return false;
    }
    if (t->trained != t->model) { /* probe: the rest of the network is from --weights */
        if (!cd_visit(t->model, add_tensor, &h)) return false;
        if (h.any && !add(&t->settings, "the fingerprint of --weights",
                          printed("%016llx", (unsigned long long)h.value))) {
            return false;
        }
    }
    return !f->resume || same_as_newest(t);
}

/* --- stopping --------------------------------------------------------------------------------- */

/* The command that goes on with the run, as the last line on standard error. */
static void show_command(const training *t)
{
    char *words = command_line(), *text = NULL;
    if (words) text = printed("%s%s", words, t->config->files.resume ? "" : " --resume");
    if (text) {
        const span line = { STYLE_STRONG, text };
        write_spans(stderr, &line, 1, 0, colors_of(stderr));
    }
    free(words);
    free(text);
}

int training_stopped(const training *t)
{
    const train_files *f = &t->config->files;
    const bool signalled = interrupted(), saved = f->checkpoint && has_checkpoints(f->checkpoint);
    const bool full = !signalled && cd_error_code() == CD_ERR_IO;
    const int status = failed_or_stopped(t->config->out);
    if (!f->checkpoint) return status;
    if (signalled) {
        if (saved) stopped("the run is saved in %s; this goes on with it:", f->checkpoint);
        if (!saved) stopped("nothing of the run is saved yet; this starts it again:");
        show_command(t);
    } else if (full && saved) {
        note("what was saved before stays in %s: once the trouble is gone, --resume goes on from "
             "there",
             f->checkpoint);
    }
    return status;
}
