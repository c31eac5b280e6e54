/* Refuses outputs that would replace another file of the run. */
#include "apps/train_paths.h"

#include <string.h>

#include "apps/console.h"
#include "apps/same_file.h"

/* The value of an option of this name; NULL where it was not given, or the command has none. */
static const char *value_of(const training *t, const char *name)
{
    for (size_t i = 0; i < t->command->option_count; i++) {
        const option *o = &t->command->options[i];
        if (strcmp(o->name, name) != 0) continue;
        return *(const char *const *)((const char *)t->config + o->offset);
    }
    return NULL;
}

/* The path in a data set's name: "a.txt" of "list:a.txt". */
static const char *path_in(const char *data)
{
    const char *colon = strchr(data, ':');
    return colon && colon[1] ? colon + 1 : data;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

/* Whether the path is that of a checkpoint, there or yet to be saved (models/run_folder.h). */
static bool is_checkpoint(const char *path, const char *folder)
{
    const char *name;
    if (!is_directly_in(path, folder, &name)) return false;
    return (strncmp(name, "step-", 5) == 0 && ends_with(name, ".safetensors")) ||
           strcmp(name, "last.safetensors") == 0 || strcmp(name, "best.safetensors") == 0;
}

/* Checks one output. */
static int check(const training *t, const char *name, const char *path)
{
    /* All options that are paths. */
    static const char *const others[] = { "data", "weights", "out",        "report",
                                          "log",  "history", "checkpoint", NULL };
    const char *folder = t->config->files.checkpoint;
    for (const char *const *other = others; path && *other; other++) {
        const char *value = value_of(t, *other);
        if (!value || strcmp(*other, name) == 0) continue;
        if (!same_file(path, value) && !same_file(path, path_in(value))) continue;
        return used_wrongly(t->command, "--%s is the file of --%s, which would be lost: %s", name,
                            *other, path);
    }
    if (!path || !folder || !is_checkpoint(path, folder)) return 0;
    return used_wrongly(t->command, "--%s is a checkpoint in --checkpoint, which would be lost: %s",
                        name, path);
}

int train_paths_check(const training *t)
{
    static const char *const outputs[] = { "log", "history", "report", "out" };
    int status = 0;
    for (int i = 0; i < 4 && status == 0; i++)
        status = check(t, outputs[i], value_of(t, outputs[i]));
    return status == 0 && !cd_ok() ? failed_in_library() : status;
}
