/* Gradients that one backward rule leaves for another one of the same pass. A pass runs on one
 * thread, so each thread has the list of the pass that it is in, the newest entry first. A pass
 * within a pass has a list of its own, and ends first. */
#include "autograd/pass_values_internal.h"

#include "core/memory_internal.h"
#include "core/object_internal.h"

struct cd_pass_values {
    cd_pass_values *older;
    const void *key;
    int count;
    cd_tensor *value[]; /* owned; each may be NULL */
};

static _Thread_local cd_pass_values *newest;

static void release(cd_pass_values *v)
{
    for (int i = 0; i < v->count; i++) {
        if (v->value[i]) cd_object_disown(&v->value[i]->object);
    }
    cd_free(v);
}

cd_pass_values *cd_pass_values_begin(void)
{
    cd_pass_values *outer = newest;
    newest = NULL;
    return outer;
}

void cd_pass_values_end(cd_pass_values *outer)
{
    while (newest) {
        cd_pass_values *v = newest;
        newest = v->older;
        release(v);
    }
    newest = outer;
}

bool cd_pass_values_put(const void *key, cd_tensor *const *value, int count)
{
    cd_pass_values *v = cd_alloc(sizeof *v + (size_t)count * sizeof(cd_tensor *));
    if (!v) return false;
    *v = (cd_pass_values){ .older = newest, .key = key, .count = count };
    for (int i = 0; i < count; i++) {
        v->value[i] = value[i];
        if (value[i]) cd_object_own(&value[i]->object);
    }
    newest = v;
    return true;
}

bool cd_pass_values_take(const void *key, cd_tensor **value, int count)
{
    cd_pass_values **at = &newest;
    while (*at && (*at)->key != key) at = &(*at)->older;
    cd_pass_values *v = *at;
    if (!v) return false;
    *at = v->older;
    for (int i = 0; i < count; i++) value[i] = v->value[i] ? cd_hand_shared(v->value[i]) : NULL;
    release(v);
    return true;
}
