/* The folder of a run: models/run_folder.h.
 *
 * step-N.safetensors is written first, whole or not at all (io/atomic_file.c); then the oldest is
 * removed, and last.safetensors becomes a second name of the new one. A process that is killed
 * between any two of these leaves a folder from which the newest whole checkpoint is found by the
 * steps in the files. */
#include "models/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error_internal.h"
#include "core/memory_internal.h"
#include "core/scope.h"
#include "core/text_internal.h"
#include "io/atomic_file_internal.h"
#include "io/folder_internal.h"
#include "io/second_name_internal.h"
#include "io/tensor_file_internal.h"
#include "models/run_folder_internal.h"
#include "models/run_internal.h"

#define ENDING    ".safetensors"
#define STEP      "step-"
#define LAST      "last" ENDING
#define BEST      CD_RUN_BEST
#define LOCK_NAME ".candela-run.lock"

enum { KEEP_DEFAULT = 3, KEEP_ALL = -1, NAME_BYTES = 48 };

/* A checkpoint in the folder. */
typedef struct checkpoint {
    char name[NAME_BYTES];
    int64_t step;
    bool numbered; /* step-N, not last or best */
} checkpoint;

struct cd_run_folder {
    cd_object object;
    char *path;
    int lock; /* a descriptor, open as long as the folder; -1: none */
    int64_t keep;
    cd_text_pair *settings; /* all strings owned; the keys begin with CD_RUN_SETTING */
    int64_t setting_count;
    checkpoint *found; /* by steps, the oldest first */
    int64_t count, capacity;
    int64_t passed_over;      /* files that could not be opened as checkpoints */
    bool begun;               /* resumed, or the folder was empty */
    int64_t step;             /* resumed from, or saved last; 0 before */
    char current[NAME_BYTES]; /* the file of that step */
    cd_names keys, values;    /* texts of the checkpoint that was resumed from */
};

static void destroy(cd_object *object)
{
    cd_run_folder *f = (cd_run_folder *)object;
    if (f->lock >= 0) (void)close(f->lock);
    for (int64_t i = 0; i < f->setting_count; i++) {
        cd_free((char *)f->settings[i].key);
        cd_free((char *)f->settings[i].value);
    }
    cd_free(f->settings);
    cd_free(f->found);
    cd_free(f->path);
    cd_names_free(&f->keys);
    cd_names_free(&f->values);
}

static const cd_class folder_class = { CD_KIND_RUN_FOLDER, "run folder", NULL, destroy };

static bool check_folder(const cd_run_folder *f, const char *function)
{
    return cd_check_object(f, &folder_class, function, "the folder");
}

/* --- names and the list of checkpoints -------------------------------------------------------- */

/* The number of a name "step-N.safetensors", written as printf writes it; 0 of other names. */
static int64_t number_of(const char *name)
{
    const size_t head = strlen(STEP);
    char *end;
    if (strncmp(name, STEP, head) != 0 || name[head] < '1' || name[head] > '9') return 0;
    errno = 0;
    const long long n = strtoll(name + head, &end, 10);
    return errno == 0 && strcmp(end, ENDING) == 0 ? n : 0;
}

/* Makes room for one more checkpoint. */
static bool reserve(cd_run_folder *f)
{
    if (f->count < f->capacity) return true;
    const int64_t capacity = f->capacity ? 2 * f->capacity : 16;
    checkpoint *larger = cd_realloc(f->found, (size_t)capacity * sizeof *larger);
    if (!larger) return false;
    f->found = larger;
    f->capacity = capacity;
    return true;
}

/* Puts it into the list, for which there is room, before all that are newer; of one step, the
 * numbered file comes last. */
static void insert(cd_run_folder *f, const checkpoint *c)
{
    int64_t at = f->count++;
    for (; at > 0; at--) {
        const checkpoint *before = &f->found[at - 1];
        if (before->step < c->step || (before->step == c->step && !before->numbered)) break;
        f->found[at] = *before;
    }
    f->found[at] = *c;
}

static void remove_at(cd_run_folder *f, int64_t at)
{
    f->count--;
    memmove(&f->found[at], &f->found[at + 1], (size_t)(f->count - at) * sizeof *f->found);
}

/* --- looking at the files --------------------------------------------------------------------- */

/* Takes the pending error if it says that the file is damaged or cannot be read, and tells the
 * logger. Then the file is passed over; other errors stay. */
static bool pass_over(const char *name)
{
    cd_error error;
    const cd_code code = cd_error_code();
    if (code != CD_ERR_FORMAT && code != CD_ERR_IO) return false;
    (void)cd_error_take(&error);
    cd_log_line(CD_LOG_WARNING, "run_folder: %s is passed over: %s", name, error.message);
    return true;
}

static bool refuse_foreign(const char *path)
{
    return cd_fail(CD_ERR_STATE,
                   "run_folder_open: %s was not written by a run in this folder, and a run would "
                   "replace it: take another folder, or rename the file",
                   path);
}

/* The step of a checkpoint; 0 when it is none of a run folder. */
static int64_t step_of(const cd_archive *archive)
{
    const char *text = cd_archive_metadata(archive, CD_KEY_STEP);
    char *end;
    if (!text || text[0] < '1' || text[0] > '9') return 0;
    errno = 0;
    const long long step = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' ? step : 0;
}

/* Adds the file to the list if it can be opened as a checkpoint. */
static bool look_at(cd_run_folder *f, const char *path, const char *name)
{
    CD_SCOPE();
    struct stat info;
    checkpoint c = { .numbered = number_of(name) != 0 };
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) return refuse_foreign(path);
    cd_tensor_file *file = cd_tensor_file_open(path);
    const cd_archive *archive = file ? cd_tensor_file_archive(file, "run_folder_open") : NULL;
    if (archive && !cd_archive_metadata(archive, CD_KEY_CHECKPOINT)) return refuse_foreign(path);
    if (!archive || !cd_run_check_texts("run_folder_open", archive)) {
        f->passed_over++;
        return pass_over(name);
    }
    c.step = step_of(archive);
    if (c.step == 0 || (c.numbered && c.step != number_of(name))) return refuse_foreign(path);
    (void)cd_format(c.name, sizeof c.name, "%s", name);
    if (!reserve(f)) return false;
    insert(f, &c);
    return true;
}

static bool cannot_read(const cd_run_folder *f, const char *what)
{
    return cd_fail(CD_ERR_IO, "run_folder_open: %s: cannot %s: %s", f->path, what, strerror(errno));
}

static bool look_at_all(cd_run_folder *f)
{
    DIR *folder = opendir(f->path);
    if (!folder) return cannot_read(f, "read it");
    bool done = true;
    while (done) {
        errno = 0;
        const struct dirent *e = readdir(folder);
        if (!e) {
            done = errno == 0 || cannot_read(f, "read it");
            break;
        }
        const char *name = e->d_name;
        if (strcmp(name, LAST) != 0 && strcmp(name, BEST) != 0 && !number_of(name)) continue;
        char *path = cd_path_join(f->path, name);
        done = path && look_at(f, path, name);
        cd_free(path);
    }
    (void)closedir(folder);
    return done;
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool check_options(const cd_run_folder_options *o)
{
    static const char function[] = "run_folder_open";
    if (!o->path || !*o->path) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: the path is %s", function, o->path ? "\"\"" : "NULL");
    }
    if (o->keep < KEEP_ALL) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .keep is %lld: it must be the number of files that stay, or -1 for all",
                       function, (long long)o->keep);
    }
    if (o->setting_count < 0 || (o->setting_count > 0) != (o->settings != NULL)) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "%s: .settings is %s and .setting_count is %lld: both must be given, the "
                       "settings and how many they are, or neither",
                       function, o->settings ? "given" : "NULL", (long long)o->setting_count);
    }
    for (int64_t i = 0; i < o->setting_count; i++) {
        const cd_text_pair *s = &o->settings[i];
        if (!s->key || !s->value || !cd_utf8_valid(s->key, strlen(s->key)) ||
            !cd_utf8_valid(s->value, strlen(s->value))) {
            return cd_fail(CD_ERR_ARGUMENT, "%s: setting %lld must be two texts of UTF-8", function,
                           (long long)i);
        }
        for (int64_t k = 0; k < i; k++) {
            if (strcmp(s->key, o->settings[k].key) != 0) continue;
            return cd_fail(CD_ERR_ARGUMENT, "%s: the setting \"%s\" is given twice", function,
                           s->key);
        }
    }
    return true;
}

static bool copy_settings(cd_run_folder *f, const cd_run_folder_options *o)
{
    const size_t head = strlen(CD_RUN_SETTING);
    f->settings = cd_alloc_zeroed((size_t)o->setting_count, sizeof *f->settings);
    if (!f->settings) return false;
    for (int64_t i = 0; i < o->setting_count; i++) {
        const size_t tail = strlen(o->settings[i].key);
        char *key = cd_alloc(head + tail + 1);
        f->settings[f->setting_count++] =
            (cd_text_pair){ key, key ? cd_strdup(o->settings[i].value) : NULL };
        if (!f->settings[i].value) return false;
        memcpy(key, CD_RUN_SETTING, head);
        memcpy(key + head, o->settings[i].key, tail + 1);
    }
    return true;
}

static bool take_lock(cd_run_folder *f)
{
    char *path = cd_path_join(f->path, LOCK_NAME);
    if (!path) return false;
    do {
        f->lock = cd_file_calls_used->open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    } while (f->lock < 0 && errno == EINTR);
    cd_free(path);
    if (f->lock < 0) return cannot_read(f, "make " LOCK_NAME " in it");
    int result;
    do {
        result = cd_file_calls_used->flock(f->lock, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    if (result == 0) return true;
    if (errno == EWOULDBLOCK) {
        return cd_fail(CD_ERR_STATE,
                       "run_folder_open: %s: another run has this folder open: wait for its end, "
                       "or take another folder",
                       f->path);
    }
    cd_log_line(CD_LOG_WARNING,
                "run_folder: %s: the file system has no locks (%s): a second run in this folder "
                "would not be noticed",
                f->path, strerror(errno));
    return true;
}

static bool begin(cd_run_folder *f, const cd_run_folder_options *o)
{
    f->lock = -1;
    f->keep = o->keep ? o->keep : KEEP_DEFAULT;
    f->path = cd_strdup(o->path);
    if (!f->path || !copy_settings(f, o)) return false;
    if (mkdir(f->path, 0777) != 0 && errno != EEXIST) return cannot_read(f, "make it");
    return take_lock(f) && look_at_all(f);
}

cd_run_folder *cd_run_folder_open_with(cd_run_folder_options o)
{
    if (!cd_ok() || !check_options(&o)) return NULL;
    cd_run_folder *f = cd_object_new(&folder_class, sizeof *f);
    if (!f) return NULL;
    if (begin(f, &o)) return cd_hand(f);
    cd_object_disown(&f->object);
    return NULL;
}

/* --- resuming --------------------------------------------------------------------------------- */

/* Differences between settings, as a text for an error that names the first of them. */
typedef struct differences {
    char text[260];
    size_t used;
    int count, named;
} differences;

static void add_difference(differences *d, const char *key, const char *now, const char *then)
{
    const size_t left = sizeof d->text - d->used;
    d->count++;
    const int size = cd_format(d->text + d->used, left, "%s%.60s is %s%.60s%s and was %s%.60s%s",
                               d->named ? "; " : "", key + strlen(CD_RUN_SETTING), now ? "\"" : "",
                               now ? now : "not given", now ? "\"" : "", then ? "\"" : "",
                               then ? then : "not given", then ? "\"" : "");
    if (size < 0 || (size_t)size >= left) {
        d->text[d->used] = '\0';
        return;
    }
    d->used += (size_t)size;
    d->named++;
}

static const char *setting(const cd_run_folder *f, const char *key)
{
    for (int64_t i = 0; i < f->setting_count; i++) {
        if (strcmp(f->settings[i].key, key) == 0) return f->settings[i].value;
    }
    return NULL;
}

static bool check_settings(const cd_run_folder *f, const cd_archive *archive, const char *name)
{
    differences d = { .used = 0 };
    for (int64_t i = 0; i < f->setting_count; i++) {
        const char *key = f->settings[i].key, *now = f->settings[i].value;
        const char *then = cd_archive_metadata(archive, key);
        if (!then || strcmp(then, now) != 0) add_difference(&d, key, now, then);
    }
    for (size_t i = 0; i < archive->metadata_count; i++) {
        const cd_text_pair *then = &archive->metadata[i];
        if (strncmp(then->key, CD_RUN_SETTING, strlen(CD_RUN_SETTING)) != 0) continue;
        if (!setting(f, then->key)) add_difference(&d, then->key, NULL, then->value);
    }
    if (d.count == 0) return true;
    char more[32] = "";
    if (d.count > d.named) {
        (void)cd_format(more, sizeof more, "%s%d more", d.named ? "; and " : "", d.count - d.named);
    }
    return cd_fail(CD_ERR_ARGUMENT,
                   "run_folder_resume: %s/%s is of a run with other settings: %s%s: give the same "
                   "ones, or take another folder",
                   f->path, name, d.text, more);
}

/* The program's own texts of the checkpoint, and in place of those before. */
static bool copy_texts(const cd_archive *archive, cd_names *keys, cd_names *values)
{
    for (size_t i = 0; i < archive->metadata_count; i++) {
        const cd_text_pair *t = &archive->metadata[i];
        if (strncmp(t->key, CD_KEY_OWN, strlen(CD_KEY_OWN)) == 0) continue;
        if (!cd_names_add(keys, cd_strdup(t->key)) || !cd_names_add(values, cd_strdup(t->value))) {
            return false;
        }
    }
    return true;
}

/* Gives a file of the folder a second name. */
static bool give_name(const cd_run_folder *f, const char *file, const char *name)
{
    char *from = cd_path_join(f->path, file), *to = from ? cd_path_join(f->path, name) : NULL;
    const bool done = to && cd_second_name(from, to);
    cd_free(from);
    cd_free(to);
    return done;
}

/* Loads the checkpoint, which is whole. Nothing can fail once the run is changed. */
static bool load(cd_run_folder *f, const checkpoint *c, cd_tensor_file *file,
                 const cd_run_resume *r)
{
    cd_names keys = { .count = 0 }, values = { .count = 0 };
    const cd_archive *archive = cd_tensor_file_archive(file, "run_folder_resume");
    bool best = false;
    cd_run run = r->run;
    run.file = file;
    const bool done = check_settings(f, archive, c->name) && copy_texts(archive, &keys, &values) &&
                      (!r->look || r->look(r->context, file, &best)) &&
                      (!best || give_name(f, c->name, BEST)) &&
                      cd_run_load("run_folder_resume", NULL, &run);
    if (done) {
        const cd_names old_keys = f->keys, old_values = f->values;
        f->keys = keys;
        f->values = values;
        keys = old_keys;
        values = old_values;
        f->step = c->step;
        memcpy(f->current, c->name, sizeof f->current);
    }
    cd_names_free(&keys);
    cd_names_free(&values);
    return done;
}

/* Tries a checkpoint. *damaged says that it was passed over; then the result is false without an
 * error. */
static bool try_one(cd_run_folder *f, const checkpoint *c, const cd_run_resume *r, bool *damaged)
{
    CD_SCOPE();
    char *path = cd_path_join(f->path, c->name);
    cd_tensor_file *file = path ? cd_tensor_file_open(path) : NULL;
    cd_free(path);
    cd_archive *archive = file ? cd_tensor_file_archive(file, "run_folder_resume") : NULL;
    *damaged =
        (!archive || !cd_run_check_whole("run_folder_resume", archive)) && pass_over(c->name);
    return cd_ok() && !*damaged && load(f, c, file, r);
}

bool cd_run_folder_resume_by(cd_run_folder *f, const cd_run_resume *r)
{
    bool damaged = false;
    if (!cd_ok() || !check_folder(f, "run_folder_resume")) return false;
    if (r->run.file) {
        return cd_fail(CD_ERR_ARGUMENT, "run_folder_resume: .file is given: the folder has the "
                                        "files");
    }
    const bool none = cd_run_folder_is_empty(f);
    while (f->count > 0) {
        const checkpoint newest = f->found[f->count - 1];
        if (try_one(f, &newest, r, &damaged)) break;
        if (!damaged) return false;
        remove_at(f, f->count - 1); /* a later save of that step replaces the file */
        f->passed_over++;
    }
    f->begun = none || f->count > 0;
    return f->begun || cd_fail(CD_ERR_FORMAT,
                               "run_folder_resume: %s: none of the %lld checkpoints is whole: take "
                               "another folder to start anew",
                               f->path, (long long)f->passed_over);
}

bool cd_run_folder_resume_with(cd_run_folder *f, cd_run run)
{
    return cd_run_folder_resume_by(f, &(cd_run_resume){ .run = run });
}

bool cd_run_folder_is_empty(const cd_run_folder *f)
{
    return f->count == 0 && f->passed_over == 0;
}

int64_t cd_run_folder_step(const cd_run_folder *f)
{
    return check_folder(f, "run_folder_step") ? f->step : -1;
}

const char *cd_run_folder_text(const cd_run_folder *f, const char *key)
{
    if (!check_folder(f, "run_folder_text") || !key) return NULL;
    for (size_t i = 0; i < f->keys.count; i++) {
        if (strcmp(f->keys.items[i], key) == 0) return f->values.items[i];
    }
    return NULL;
}

/* --- saving ----------------------------------------------------------------------------------- */

static bool check_step(const cd_run_folder *f, int64_t step, bool again)
{
    if (!f->begun && !cd_run_folder_is_empty(f)) {
        return cd_fail(CD_ERR_STATE,
                       "run_folder_save: %s has checkpoints of a run: resume from it "
                       "(cd_run_folder_resume), or take another folder for a new run",
                       f->path);
    }
    return step > f->step || (again && step == f->step && step > 0) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "run_folder_save: the step is %lld, and must be greater than %lld, that of the "
                   "checkpoint before",
                   (long long)step, (long long)f->step);
}

/* Writes the checkpoint, with the step and the settings among its texts. */
static bool write_step(const cd_run_folder *f, const checkpoint *c, const char *path,
                       const cd_run *run)
{
    char step[24];
    cd_text_pair *texts = cd_alloc((size_t)(f->setting_count + 1) * sizeof *texts);
    if (!texts) return false;
    (void)cd_format(step, sizeof step, "%lld", (long long)c->step);
    texts[0] = (cd_text_pair){ CD_KEY_STEP, step };
    for (int64_t i = 0; i < f->setting_count; i++) texts[i + 1] = f->settings[i];
    const bool done = cd_run_save("run_folder_save", path, run, texts, f->setting_count + 1);
    cd_free(texts);
    return done;
}

/* Removes the oldest numbered files until .keep are left. One that cannot be removed stays. */
static void remove_oldest(cd_run_folder *f)
{
    int64_t numbered = 0;
    for (int64_t i = 0; i < f->count; i++) numbered += f->found[i].numbered;
    for (int64_t i = 0; i < f->count && f->keep != KEEP_ALL && numbered > f->keep;) {
        if (!f->found[i].numbered) {
            i++;
            continue;
        }
        char *path = cd_path_join(f->path, f->found[i].name);
        if (!path) { /* this checkpoint is saved, and the next save removes that one */
            (void)cd_error_take(NULL);
            return;
        }
        if (cd_file_calls_used->unlink(path) != 0 && errno != ENOENT) {
            cd_log_line(CD_LOG_WARNING, "run_folder: %s stays: %s", path, strerror(errno));
        }
        cd_free(path);
        remove_at(f, i);
        numbered--;
    }
}

/* Takes the numbered file of this step off the list, when it was replaced by another. */
static void forget_step(cd_run_folder *f, int64_t step)
{
    for (int64_t i = f->count - 1; i >= 0; i--) {
        if (f->found[i].numbered && f->found[i].step == step) remove_at(f, i);
    }
}

static bool save(cd_run_folder *f, int64_t step, const cd_run *run, bool again)
{
    checkpoint c = { .step = step, .numbered = true };
    if (!cd_ok() || !check_folder(f, "run_folder_save") || !check_step(f, step, again)) {
        return false;
    }
    (void)cd_format(c.name, sizeof c.name, STEP "%lld" ENDING, (long long)step);
    char *path = reserve(f) ? cd_path_join(f->path, c.name) : NULL;
    const bool written = path && write_step(f, &c, path, run);
    cd_free(path);
    if (!written) return false;
    forget_step(f, step);
    insert(f, &c);
    f->begun = true;
    f->step = step;
    memcpy(f->current, c.name, sizeof f->current);
    remove_oldest(f); /* before last.safetensors, which may need the room for a copy */
    return give_name(f, f->current, LAST);
}

bool cd_run_folder_save_with(cd_run_folder *f, int64_t step, cd_run run)
{
    return save(f, step, &run, false);
}

bool cd_run_folder_save_again(cd_run_folder *f, int64_t step, const cd_run *run)
{
    return save(f, step, run, true);
}

bool cd_run_folder_mark_best(cd_run_folder *f)
{
    if (!cd_ok() || !check_folder(f, "run_folder_mark_best")) return false;
    if (f->step == 0) {
        return cd_fail(CD_ERR_STATE,
                       "run_folder_mark_best: no checkpoint was saved or resumed from");
    }
    return give_name(f, f->current, BEST);
}
