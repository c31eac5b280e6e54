#include "core/thread_exit_internal.h"

#include <pthread.h>

#include "core/memory_internal.h"
#include "core/scope_internal.h"
#include "core/slab_internal.h"

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool there;  /* the key */
static int present; /* any pointer that is not NULL makes the destructor run */

/* The scope first: what it releases goes through the caches. */
static void thread_exit(void *unused)
{
    (void)unused;
    cd_scope_thread_exit();
    cd_memory_thread_exit();
    cd_slab_thread_exit();
}

static void make_key(void)
{
    there = pthread_key_create(&key, thread_exit) == 0;
}

bool cd_thread_exit_register(void)
{
    (void)pthread_once(&once, make_key);
    return there && pthread_setspecific(key, &present) == 0;
}
