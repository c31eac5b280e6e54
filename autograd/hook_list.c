#include "autograd/hook_list_internal.h"

#include <pthread.h>

#include "core/error.h"
#include "core/fork_internal.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"

/* One lock for all lists: it is held for a few instructions, and only where there are hooks. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static cd_hook *newest;
static int64_t last_id;

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

/* --- under the lock --------------------------------------------------------------------------- */

static cd_hook *first_of(const cd_hook_list *list)
{
    return atomic_load_explicit(&list->first, memory_order_relaxed);
}

/* A reader without the lock asks only whether there is a first. */
static void set_first(cd_hook_list *list, cd_hook *hook)
{
    atomic_store_explicit(&list->first, hook, memory_order_release);
}

static void append(cd_hook_list *list, cd_hook *hook)
{
    hook->list = list;
    hook->next = NULL;
    cd_hook *last = first_of(list);
    if (!last) {
        set_first(list, hook);
        return;
    }
    while (last->next) last = last->next;
    last->next = hook;
}

static void unlink_from_list(cd_hook *hook)
{
    cd_hook *before = first_of(hook->list);
    if (before == hook) {
        set_first(hook->list, hook->next);
    } else {
        while (before->next != hook) before = before->next;
        before->next = hook->next;
    }
    hook->list = NULL;
}

static void unlink_from_all(cd_hook *hook)
{
    if (hook->older) hook->older->newer = hook->newer;
    if (hook->newer) hook->newer->older = hook->older;
    if (newest == hook) newest = hook->older;
}

/* True when it was the last reference, and the caller is to free the hook without the lock. */
static bool put(cd_hook *hook)
{
    return --hook->references == 0;
}

/* --- registering and removing ----------------------------------------------------------------- */

static void destroy(cd_hook *hook)
{
    if (hook->destroy) hook->destroy(hook->user);
    cd_free(hook);
}

cd_hook *cd_hook_add(cd_hook_list *list, cd_hook hook)
{
    cd_hook *added = cd_alloc(sizeof *added);
    if (!added) return NULL;
    *added = hook;
    added->references = 1;
    added->newer = NULL;
    pthread_mutex_lock(&lock);
    added->id = ++last_id;
    added->older = newest;
    if (newest) newest->newer = added;
    newest = added;
    append(list, added);
    pthread_mutex_unlock(&lock);
    return added;
}

/* What was registered last is removed first most often. */
static cd_hook *find(const cd_hook_list *list, const void *where, int64_t id)
{
    cd_hook *hook = newest;
    while (hook && hook->id != id) hook = hook->older;
    if (!hook || hook->kind == CD_HOOK_RETAIN) return NULL;
    return hook->where == where || hook->list == list ? hook : NULL;
}

static bool remove_locked(cd_hook *hook)
{
    unlink_from_list(hook);
    unlink_from_all(hook);
    return put(hook);
}

bool cd_hook_remove(const cd_hook_list *list, const void *where, int64_t id)
{
    pthread_mutex_lock(&lock);
    cd_hook *hook = find(list, where, id);
    bool last = hook && remove_locked(hook);
    pthread_mutex_unlock(&lock);
    if (last) destroy(hook);
    return hook != NULL;
}

void cd_hook_take_out(cd_hook *hook)
{
    pthread_mutex_lock(&lock);
    bool last = remove_locked(hook);
    pthread_mutex_unlock(&lock);
    if (last) destroy(hook);
}

void cd_hook_move(cd_hook *hook, cd_hook_list *list, int output)
{
    pthread_mutex_lock(&lock);
    unlink_from_list(hook);
    hook->output = output;
    append(list, hook);
    pthread_mutex_unlock(&lock);
}

void cd_hook_clear(cd_hook_list *list)
{
    while (cd_hook_any(list)) {
        pthread_mutex_lock(&lock);
        cd_hook *hook = first_of(list); /* NULL when another thread removed it just now */
        bool last = hook && remove_locked(hook);
        pthread_mutex_unlock(&lock);
        if (last) destroy(hook);
    }
}

/* --- running ---------------------------------------------------------------------------------- */

static int count_of(const cd_hook_list *list, cd_hook_kind kind, int output)
{
    int count = 0;
    for (const cd_hook *h = first_of(list); h; h = h->next) {
        count += h->kind == kind && h->output == output;
    }
    return count;
}

bool cd_hook_run_begin(cd_hook_run *run, cd_hook_list *list, cd_hook_kind kind, int output)
{
    pthread_mutex_lock(&lock);
    int room = count_of(list, kind, output), near = (int)(sizeof run->near / sizeof *run->near);
    pthread_mutex_unlock(&lock);
    run->count = 0;
    run->hook = room > near ? cd_alloc((size_t)room * sizeof *run->hook) : run->near;
    if (!run->hook) return false;
    pthread_mutex_lock(&lock);
    for (cd_hook *h = first_of(list); h && run->count < room; h = h->next) {
        if (h->kind != kind || h->output != output) continue;
        h->references++;
        run->hook[run->count++] = h;
    }
    pthread_mutex_unlock(&lock);
    return true;
}

void cd_hook_run_end(cd_hook_run *run)
{
    for (int i = 0; i < run->count; i++) {
        pthread_mutex_lock(&lock);
        bool last = put(run->hook[i]);
        pthread_mutex_unlock(&lock);
        if (last) destroy(run->hook[i]);
    }
    if (run->hook != run->near) cd_free(run->hook);
}

/* Whoever gives up the last owner goes on to give up references, so none is added after it. */
static bool own_if_owned(cd_object *object)
{
    int owners = atomic_load_explicit(&object->owners, memory_order_relaxed);
    do {
        if (owners == 0) return false;
    } while (!atomic_compare_exchange_weak(&object->owners, &owners, owners + 1));
    return true;
}

bool cd_hook_retaining_tensor(cd_hook_list *list, int output, int k, cd_tensor **tensor)
{
    *tensor = NULL;
    pthread_mutex_lock(&lock);
    cd_hook *h = first_of(list);
    while (h && (h->kind != CD_HOOK_RETAIN || h->output != output || k-- > 0)) h = h->next;
    if (h && own_if_owned(h->where)) *tensor = h->where;
    pthread_mutex_unlock(&lock);
    return h != NULL;
}
