/* A pthread key whose destructor runs at the end of each thread that uses the library. */
#include "core/thread_exit_internal.h"

#include <pthread.h>

#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/slab_internal.h"

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_key;
static int value; /* its address is the key's value: the destructor runs if that is not NULL */

/* The scope comes first, since what it destroys goes to the caches. */
static void thread_exit(void *unused)
{
    (void)unused;
    cd_scope_thread_exit();
    cd_memory_thread_exit();
    cd_slab_thread_exit();
}

static void make_key(void)
{
    has_key = pthread_key_create(&key, thread_exit) == 0;
}

bool cd_thread_exit_register(void)
{
    (void)pthread_once(&once, make_key);
    return has_key && pthread_setspecific(key, &value) == 0;
}
