/* The threads of a loader, which read batches ahead. They run their own pieces of work themselves
 * and leave the library's threads to the program. A process that forks has none of them in its
 * child: the child begins with a new crew, and reads what the old one had not finished. */
#include <signal.h>
#include <string.h>

#include "core/memory_internal.h"
#include "core/threads_internal.h"
#include "io/loader_internal.h"

static cd_loader_slot *slot_of(const cd_loader *l, int64_t number)
{
    return &l->slots[number % l->slot_count];
}

/* --- a worker --------------------------------------------------------------------------------- */

/* The next slot to read, marked as being read. NULL when the crew is to stop. The lock is held. */
static cd_loader_slot *claim(cd_loader *l)
{
    cd_loader_crew *c = l->crew;
    while (!c->stop) {
        if (c->claimed == l->prepared) {
            (void)pthread_cond_wait(&c->work, &c->lock);
            continue;
        }
        cd_loader_slot *s = slot_of(l, c->claimed++);
        if (s->state != CD_SLOT_PREPARED) continue;
        s->state = CD_SLOT_READING;
        c->reading++;
        return s;
    }
    return NULL;
}

static void *work(void *context)
{
    cd_loader *l = context;
    cd_loader_crew *c = l->crew;
    cd_parallel_alone();
    (void)pthread_mutex_lock(&c->lock);
    for (cd_loader_slot *s; (s = claim(l)) != NULL;) {
        (void)pthread_mutex_unlock(&c->lock);
        cd_float_mode_use(&s->mode);
        cd_loader_read(l, s);
        cd_clear_error();
        (void)pthread_mutex_lock(&c->lock);
        s->state = CD_SLOT_READY;
        c->reading--;
        (void)pthread_cond_signal(&c->done);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* --- the crew --------------------------------------------------------------------------------- */

static void init(cd_loader_crew *c)
{
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->work, NULL);
    (void)pthread_cond_init(&c->done, NULL);
}

bool cd_loader_crew_new(cd_loader *l)
{
    cd_loader_crew *c = cd_alloc_zeroed(1, sizeof *c);
    if (!c) return false;
    c->threads = cd_alloc_zeroed((size_t)l->workers, sizeof *c->threads);
    if (!c->threads) {
        cd_free(c);
        return false;
    }
    init(c);
    l->crew = c;
    return true;
}

/* Starts the threads. Signals are for the program's own. If the system refuses a thread, the crew
 * is smaller; if it refuses all, the calling thread reads. */
static void start(cd_loader *l)
{
    sigset_t all, before;
    cd_loader_crew *c = l->crew;
    (void)sigfillset(&all);
    c->process = getpid();
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) return;
    while (c->started < l->workers) {
        if (pthread_create(&c->threads[c->started], NULL, work, l) != 0) break;
        c->started++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* In a child that forked: forgets the threads, and prepares again what they were reading. Memory
 * that they had for themselves is not freed. */
static void forget_parents(cd_loader *l)
{
    cd_loader_crew *c = l->crew;
    if (!c->started || c->process == getpid()) return;
    init(c);
    c->started = 0;
    c->reading = 0;
    c->claimed = l->given;
    for (int64_t n = l->given; n < l->prepared; n++) {
        cd_loader_slot *s = slot_of(l, n);
        if (s->state == CD_SLOT_READING) cd_loader_prepare(l, s, n);
        if (s->state == CD_SLOT_READING) s->state = CD_SLOT_PREPARED;
    }
}

void cd_loader_ahead(cd_loader *l)
{
    cd_loader_crew *c = l->crew;
    if (c) forget_parents(l);
    while (l->prepared < l->batches && l->prepared < l->given + l->slot_count) {
        cd_loader_slot *s = slot_of(l, l->prepared);
        cd_loader_prepare(l, s, l->prepared);
        if (c) (void)pthread_mutex_lock(&c->lock);
        s->state = CD_SLOT_PREPARED;
        l->prepared++;
        if (!c) continue;
        (void)pthread_cond_signal(&c->work);
        (void)pthread_mutex_unlock(&c->lock);
    }
    if (c && !c->started) start(l);
}

void cd_loader_await(cd_loader *l, cd_loader_slot *s)
{
    cd_loader_crew *c = l->crew;
    if (!c || !c->started) {
        if (s->state != CD_SLOT_READY) cd_loader_read(l, s);
        s->state = CD_SLOT_READY;
        return;
    }
    (void)pthread_mutex_lock(&c->lock);
    while (s->state != CD_SLOT_READY) (void)pthread_cond_wait(&c->done, &c->lock);
    (void)pthread_mutex_unlock(&c->lock);
}

void cd_loader_drain(cd_loader *l, int64_t given)
{
    cd_loader_crew *c = l->crew;
    if (c) forget_parents(l);
    if (c) (void)pthread_mutex_lock(&c->lock);
    if (c) c->claimed = l->prepared;
    while (c && c->reading > 0) (void)pthread_cond_wait(&c->done, &c->lock);
    for (int64_t i = 0; i < l->slot_count; i++) l->slots[i].state = CD_SLOT_EMPTY;
    l->prepared = l->given = given;
    if (c) c->claimed = given;
    if (c) (void)pthread_mutex_unlock(&c->lock);
}

void cd_loader_crew_end(cd_loader *l)
{
    cd_loader_crew *c = l->crew;
    if (!c) return;
    if (c->started && c->process == getpid()) {
        (void)pthread_mutex_lock(&c->lock);
        c->stop = true;
        (void)pthread_cond_broadcast(&c->work);
        (void)pthread_mutex_unlock(&c->lock);
        for (int i = 0; i < c->started; i++) (void)pthread_join(c->threads[i], NULL);
    }
    cd_free(c->threads);
    cd_free(c);
}
