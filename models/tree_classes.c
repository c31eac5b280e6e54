/* The classes of which trees may consist: those of nn, those of the zoo's models, and those that a
 * program has registered. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/error.h"
#include "models/tree_internal.h"

static const cd_module_class *const of_models[] = { &cd_resnet_class, &cd_basic_block_class };

/* Written under the lock, a class before the count that includes it; read without. */
enum { MOST_REGISTERED = 256 };
static const cd_module_class *registered[MOST_REGISTERED];
static atomic_int registered_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The library's class of this name, or NULL. */
static const cd_module_class *find_own(const char *name)
{
    for (size_t i = 0; i < sizeof of_models / sizeof *of_models; i++) {
        if (strcmp(of_models[i]->name, name) == 0) return of_models[i];
    }
    return cd_find_module_class(name);
}

static const cd_module_class *find_registered(const char *name)
{
    const int count = atomic_load_explicit(&registered_count, memory_order_acquire);
    for (int i = 0; i < count; i++) {
        if (strcmp(registered[i]->name, name) == 0) return registered[i];
    }
    return NULL;
}

const cd_module_class *cd_tree_registered(int i)
{
    const int count = atomic_load_explicit(&registered_count, memory_order_acquire);
    return i >= 0 && i < count ? registered[i] : NULL;
}

const cd_module_class *cd_tree_class(const char *name)
{
    const cd_module_class *own = find_own(name);
    return own ? own : find_registered(name);
}

static bool check_class(const cd_module_class *class_)
{
    const char *fault = cd_module_class_fault(class_);
    if (fault) return cd_fail(CD_ERR_ARGUMENT, "register_module_class: %s", fault);
    if (!class_->make) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "register_module_class: the class %s needs a make function, by which its "
                       "modules are made again from their options",
                       class_->name);
    }
    return !find_own(class_->name) ||
           cd_fail(CD_ERR_ARGUMENT,
                   "register_module_class: the library has a class %s of its own: give yours "
                   "another name",
                   class_->name);
}

/* With the lock. */
static bool add(const cd_module_class *class_)
{
    const int count = atomic_load_explicit(&registered_count, memory_order_relaxed);
    const cd_module_class *there = find_registered(class_->name);
    if (there == class_) return true;
    if (there) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "register_module_class: another class %s is registered already",
                       class_->name);
    }
    if (count == MOST_REGISTERED) {
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "register_module_class: there are %d classes already, and no more fit",
                       MOST_REGISTERED);
    }
    registered[count] = class_;
    atomic_store_explicit(&registered_count, count + 1, memory_order_release);
    return true;
}

bool cd_register_module_class(const cd_module_class *class_)
{
    if (!cd_ok() || !check_class(class_)) return false;
    pthread_mutex_lock(&lock);
    const bool done = add(class_);
    pthread_mutex_unlock(&lock);
    return done;
}
