/* Decides whether a run may go on, and says how it can. */
#include "apps/train_checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/command_line.h"
#include "apps/console.h"
#include "apps/interrupt.h"
#include "apps/train_settings.h"

/* --- the newest checkpoint -------------------------------------------------------------------- */

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
        (void)snprintf(key, sizeof key, CD_RUN_SETTING "%s", s->pair[i].key);
        const char *then = cd_tensor_file_text(file, key), *now = s->pair[i].value;
        if (!then || strcmp(then, now) != 0) write_difference(f, &count, s->pair[i].key, now, then);
    }
    for (int64_t i = 0; i < cd_tensor_file_text_count(file); i++) {
        const cd_text_pair then = cd_tensor_file_text_at(file, i);
        const size_t head = sizeof CD_RUN_SETTING - 1;
        if (strncmp(then.key, CD_RUN_SETTING "--", head + 2) != 0) continue;
        if (setting_named(s, then.key + head) || !train_settings_compares(t, then.key + head + 2)) {
            continue;
        }
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

/* Checks that the folder is one that can be written to, or can be made. Returns 0, or the exit
 * status. */
static int check_folder(const char *path)
{
    if (mkdir(path, 0777) == 0) {
        (void)rmdir(path);
        return 0;
    }
    struct stat info;
    if (errno == EEXIST && stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode) && access(path, W_OK | X_OK) == 0) return 0;
        if (!S_ISDIR(info.st_mode)) errno = ENOTDIR;
    }
    return failed("--checkpoint %s cannot be the folder of the run: %s", path, strerror(errno));
}

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
    const int status = check_folder(f->checkpoint);
    if (status != 0) return status;
    if (!train_settings_fill(t)) return failed_in_library();
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
    if (!train_settings_fill(t) || !train_settings_add(&t->settings, "the fingerprint of --data",
                                                       printed("%s", t->split.fingerprint))) {
        return false;
    }
    if (t->trained != t->model) { /* probe: the rest of the network is from --weights */
        if (!cd_visit(t->model, add_tensor, &h)) return false;
        if (h.any && !train_settings_add(&t->settings, "the fingerprint of --weights",
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
