/* The default generator, and generator objects: each has a state and a lock. */
#include <pthread.h>

#include "core/device_internal.h"
#include "core/error.h"
#include "core/fork_internal.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/random_internal.h"
#include "core/scope_internal.h"

/* A state and its lock. Not part of cd_generator, which would then be too large for a slab: the use
 * of a stale pointer is an error only for objects in slabs. */
typedef struct source {
    pthread_mutex_t lock;
    cd_generator_state state;
    /* The device of the latest launch that draws, and a mark behind it: the kernel may not have
     * drawn yet. CD_DEVICE_DEFAULT when nothing is to be waited for. */
    cd_device drawing;
    uint64_t mark;
    struct source *next, **back; /* in `generators`; back: the pointer that points here */
} source;

struct cd_generator {
    cd_object object;
    source *source;
};

static source default_source = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The sources of all generator objects, for fork. While this lock is held only locks of sources are
 * taken. */
static struct {
    pthread_mutex_t lock;
    source *first;
} generators = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* See fork_internal.h. */
static void before_fork(void)
{
    (void)pthread_mutex_lock(&generators.lock);
    for (source *s = generators.first; s; s = s->next) (void)pthread_mutex_lock(&s->lock);
    (void)pthread_mutex_lock(&default_source.lock);
}

static void after_fork(void)
{
    (void)pthread_mutex_unlock(&default_source.lock);
    for (source *s = generators.first; s; s = s->next) (void)pthread_mutex_unlock(&s->lock);
    (void)pthread_mutex_unlock(&generators.lock);
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

/* --- the lock --------------------------------------------------------------------------------- */

static void start_default(void)
{
    cd_random_seed(&default_source.state, CD_DEFAULT_SEED);
}

static source *source_of(const cd_generator *generator)
{
    if (generator) return generator->source;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, start_default);
    return &default_source;
}

/* Waits until a device that is to draw from the state has done so. */
static void wait_for_draw(source *s)
{
    if (s->drawing == CD_DEVICE_DEFAULT) return;
    cd_device_driver_of(s->drawing)->wait(s->mark);
    s->drawing = CD_DEVICE_DEFAULT;
}

cd_generator_state *cd_generator_lock(const cd_generator *generator)
{
    source *s = source_of(generator);
    (void)pthread_mutex_lock(&s->lock);
    wait_for_draw(s);
    return &s->state;
}

cd_generator_state *cd_generator_lock_for(const cd_generator *generator, cd_device device)
{
    source *s = source_of(generator);
    (void)pthread_mutex_lock(&s->lock);
    if (s->drawing != device) wait_for_draw(s);
    return &s->state;
}

void cd_generator_unlock_for(const cd_generator *generator, cd_device device)
{
    source *s = source_of(generator);
    s->drawing = device;
    s->mark = cd_device_driver_of(device)->mark();
    (void)pthread_mutex_unlock(&s->lock);
}

void cd_generator_unlock(const cd_generator *generator)
{
    (void)pthread_mutex_unlock(&source_of(generator)->lock);
}

/* The reason for cd_check_not_captured. */
static const char seeds[] = "a generator's state comes from the program";

/* --- the object ------------------------------------------------------------------------------- */

static void destroy(cd_object *object)
{
    source *s = ((cd_generator *)object)->source;
    if (!s) return; /* cd_generator_new failed */
    wait_for_draw(s);
    (void)pthread_mutex_lock(&generators.lock);
    *s->back = s->next;
    if (s->next) s->next->back = s->back;
    (void)pthread_mutex_unlock(&generators.lock);
    (void)pthread_mutex_destroy(&s->lock);
    cd_free(s);
}

static const cd_class generator_class = { .kind = CD_KIND_GENERATOR,
                                          .name = "generator",
                                          .destroy = destroy };

static bool check(const cd_generator *generator, const char *function)
{
    return cd_check_object(generator, &generator_class, function, "the generator");
}

bool cd_generator_check(const cd_generator *generator, const char *function)
{
    return !generator || check(generator, function);
}

static source *source_new(uint64_t seed)
{
    source *s = cd_alloc_zeroed(1, sizeof *s);
    if (!s) return NULL;
    if (pthread_mutex_init(&s->lock, NULL) != 0) {
        (void)cd_fail(CD_ERR_MEMORY, "generator_new: the system has no room for a lock");
        cd_free(s);
        return NULL;
    }
    cd_random_seed(&s->state, seed);
    (void)pthread_mutex_lock(&generators.lock);
    s->next = generators.first;
    s->back = &generators.first;
    if (s->next) s->next->back = &s->next;
    generators.first = s;
    (void)pthread_mutex_unlock(&generators.lock);
    return s;
}

cd_generator *cd_generator_new(uint64_t seed)
{
    if (!cd_check_not_captured("generator_new", seeds)) return NULL;
    cd_generator *generator = cd_object_new(&generator_class, sizeof *generator);
    if (!generator) return NULL;
    generator->source = source_new(seed);
    if (generator->source) return cd_hand(generator);
    cd_object_disown(&generator->object);
    return NULL;
}

/* --- seeds ------------------------------------------------------------------------------------ */

/* In the static functions from here on NULL is the default generator. The public functions of
 * generator objects check for NULL first. */
static void restart(const cd_generator *generator, uint64_t seed)
{
    cd_random_seed(cd_generator_lock(generator), seed);
    cd_generator_unlock(generator);
}

static uint64_t seed_of(const cd_generator *generator)
{
    uint64_t seed = cd_generator_lock(generator)->seed;
    cd_generator_unlock(generator);
    return seed;
}

void cd_manual_seed(uint64_t seed)
{
    if (cd_check_not_captured("manual_seed", seeds)) restart(NULL, seed);
}

uint64_t cd_initial_seed(void)
{
    return seed_of(NULL);
}

bool cd_generator_manual_seed(cd_generator *g, uint64_t seed)
{
    if (!cd_ok() || !check(g, "generator_manual_seed") ||
        !cd_check_not_captured("generator_manual_seed", seeds)) {
        return false;
    }
    restart(g, seed);
    return true;
}

uint64_t cd_generator_initial_seed(const cd_generator *g)
{
    return check(g, "generator_initial_seed") ? seed_of(g) : 0;
}

/* --- states ----------------------------------------------------------------------------------- */

static bool get_state(const cd_generator *generator, void *bytes, size_t size, const char *function)
{
    if (!bytes || size != CD_RNG_STATE_BYTES) {
        return cd_fail(CD_ERR_ARGUMENT, "%s: room for %zu bytes given, a state has %d", function,
                       bytes ? size : 0, CD_RNG_STATE_BYTES);
    }
    if (!cd_check_not_captured(function, "it reads a generator's state")) return false;
    cd_random_write(cd_generator_lock(generator), bytes);
    cd_generator_unlock(generator);
    return true;
}

static bool set_state(const cd_generator *generator, const void *bytes, size_t size,
                      const char *function)
{
    if (!cd_check_not_captured(function, seeds)) return false;
    bool done = cd_random_read(cd_generator_lock(generator), bytes, size);
    cd_generator_unlock(generator);
    return done;
}

bool cd_get_rng_state(void *bytes, size_t size)
{
    return get_state(NULL, bytes, size, "get_rng_state");
}

bool cd_set_rng_state(const void *bytes, size_t size)
{
    return cd_ok() && set_state(NULL, bytes, size, "set_rng_state");
}

bool cd_generator_get_state(const cd_generator *g, void *bytes, size_t size)
{
    return check(g, "generator_get_state") && get_state(g, bytes, size, "generator_get_state");
}

bool cd_generator_set_state(cd_generator *g, const void *bytes, size_t size)
{
    return cd_ok() && check(g, "generator_set_state") &&
           set_state(g, bytes, size, "generator_set_state");
}
