/* Lists of hooks under one lock. Nothing that could run a user's code, such as `destroy`, is called
 * while it is held. */
#include "autograd/hook_list_internal.h"

#include <pthread.h>

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

/* A release store, since cd_hook_any reads `first` without the lock. */
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

/* Gives up a reference. True when it was the last one: then the caller calls destroy() once it has
 * unlocked. */
static bool unref(cd_hook *hook)
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

/* Searches from the newest hook on, since a hook is most often removed soon. */
static cd_hook *find(const cd_hook_list *list, const void *registered_on, int64_t id)
{
    cd_hook *hook = newest;
    while (hook && hook->id != id) hook = hook->older;
    if (!hook || hook->kind == CD_HOOK_RETAIN) return NULL;
    return hook->registered_on == registered_on || hook->list == list ? hook : NULL;
}

static bool remove_locked(cd_hook *hook)
{
    unlink_from_list(hook);
    unlink_from_all(hook);
    return unref(hook);
}

bool cd_hook_remove(const cd_hook_list *list, const void *registered_on, int64_t id)
{
    pthread_mutex_lock(&lock);
    cd_hook *hook = find(list, registered_on, id);
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

bool cd_hook_has(const cd_hook_list *list, cd_hook_kind kind)
{
    if (!cd_hook_any(list)) return false;
    pthread_mutex_lock(&lock);
    const bool has = count_of(list, kind, 0) > 0;
    pthread_mutex_unlock(&lock);
    return has;
}

int64_t cd_hook_last_id(void)
{
    pthread_mutex_lock(&lock);
    const int64_t id = last_id;
    pthread_mutex_unlock(&lock);
    return id;
}

bool cd_hook_run_begin(cd_hook_run *run, cd_hook_list *list, cd_hook_kind kind, int output)
{
    pthread_mutex_lock(&lock);
    int room = count_of(list, kind, output);
    pthread_mutex_unlock(&lock);
    run->count = 0;
    const int on_stack = (int)(sizeof run->on_stack / sizeof *run->on_stack);
    run->hook = room > on_stack ? cd_alloc((size_t)room * sizeof *run->hook) : run->on_stack;
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
        bool last = unref(run->hook[i]);
        pthread_mutex_unlock(&lock);
        if (last) destroy(run->hook[i]);
    }
    if (run->hook != run->on_stack) cd_free(run->hook);
}

/* Becomes an owner if there is one. When the last ownership has been given up the tensor may be on
 * its way to be freed, so none may be added then. */
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
    if (h && own_if_owned(h->registered_on)) *tensor = h->registered_on;
    pthread_mutex_unlock(&lock);
    return h != NULL;
}
