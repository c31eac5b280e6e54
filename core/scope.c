#include "core/scope_internal.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/error_internal.h"
#include "core/fork_internal.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/thread_exit_internal.h"

/* All scopes of a thread share one list of what they hold; a frame is where its part begins. So a
 * frame that owns nothing (a mode) simply leaves its part to the one below when it ends. */
typedef struct frame {
    size_t first;
    uint32_t serial;
    unsigned modes; /* in force inside it */
    bool owns;
} frame;

/* An entry's lowest bit says that the object escapes: at the end of its frame it stays, for the
 * frame below. 0 where something was dropped from a frame that was not the innermost. */
typedef uintptr_t entry;
static const entry ESCAPES = 1;

enum { NEAR_ENTRIES = 64, NEAR_FRAMES = 16, ROOT_WARNING = 10000 };

typedef struct scopes {
    entry *entries;
    size_t count, room;
    frame *frames;
    int32_t depth, frame_room; /* frames[0] is the root, frames[depth] the innermost */
    uint32_t serial;
    bool entered, warned;
    entry
        near_entries[NEAR_ENTRIES]; /* enough for most programs, so their scopes allocate nothing */
    frame near_frames[NEAR_FRAMES];
} scopes;

static _Thread_local scopes mine;

/* The main thread's, for the end of the process: thread-local storage may be another thread's then.
 */
static scopes *of_main;

/* In a child the forking thread is the main one, and no other is there to end its scopes. */
static void in_the_child(void)
{
    of_main = mine.entered ? &mine : NULL;
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(NULL, NULL, in_the_child);
}

static __attribute__((noinline, cold)) void enter_thread(void)
{
    mine.entries = mine.near_entries;
    mine.room = NEAR_ENTRIES;
    mine.frames = mine.near_frames;
    mine.frame_room = NEAR_FRAMES;
    mine.frames[0] = (frame){ .owns = true, .modes = CD_MODES_AT_START };
    mine.entered = true;
    if (getpid() == gettid()) of_main = &mine;
    (void)cd_thread_exit_register(); /* where this fails no object can be made */
}

static inline scopes *here(void)
{
    if (__builtin_expect(!mine.entered, 0)) enter_thread();
    return &mine;
}

static __attribute__((noinline, cold)) bool grow_entries(scopes *s)
{
    size_t room = s->room * 2;
    entry *larger = cd_alloc(room * sizeof *larger);
    if (!larger) return false;
    memcpy(larger, s->entries, s->count * sizeof *larger);
    if (s->entries != s->near_entries) cd_free(s->entries);
    s->entries = larger;
    s->room = room;
    return true;
}

static __attribute__((noinline, cold)) bool grow_frames(scopes *s)
{
    int32_t room = s->frame_room * 2;
    if (room > 1 << 20) return cd_fail(CD_ERR_STATE, "scope: more than %d are open", 1 << 19);
    frame *larger = cd_alloc((size_t)room * sizeof *larger);
    if (!larger) return false;
    memcpy(larger, s->frames, (size_t)s->frame_room * sizeof *larger);
    if (s->frames != s->near_frames) cd_free(s->frames);
    s->frames = larger;
    s->frame_room = room;
    return true;
}

/* Memory beyond the near arrays goes back as soon as nothing needs it. */
static __attribute__((noinline, cold)) void shrink(scopes *s)
{
    if (s->entries != s->near_entries && s->count <= NEAR_ENTRIES / 2) {
        memcpy(s->near_entries, s->entries, s->count * sizeof *s->entries);
        cd_free(s->entries);
        s->entries = s->near_entries;
        s->room = NEAR_ENTRIES;
    }
    if (s->frames != s->near_frames && s->depth < NEAR_FRAMES / 2) {
        memcpy(s->near_frames, s->frames, ((size_t)s->depth + 1) * sizeof *s->frames);
        cd_free(s->frames);
        s->frames = s->near_frames;
        s->frame_room = NEAR_FRAMES;
    }
}

/* --- frames ----------------------------------------------------------------------------------- */

static const cd_scope NO_SCOPE = { .depth = -1 };

static cd_scope begin(bool owns, unsigned set, unsigned clear)
{
    scopes *s = here();
    if (s->depth + 1 == s->frame_room && !grow_frames(s)) return NO_SCOPE;
    unsigned modes = (s->frames[s->depth].modes & ~clear) | set;
    s->depth++;
    s->frames[s->depth] =
        (frame){ .first = s->count, .serial = ++s->serial, .modes = modes, .owns = owns };
    return (cd_scope){ .depth = s->depth, .serial = s->serial };
}

cd_scope cd_scope_begin(void)
{
    return begin(true, 0, 0);
}

cd_scope cd_modes_begin(unsigned set, unsigned clear)
{
    return begin(false, set, clear);
}

bool cd_check_not_captured(const char *function, const char *reason)
{
    return !(cd_modes() & CD_MODE_CAPTURE) ||
           cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: a graph is being captured, and cannot contain this, as %s: keep it outside "
                   "of cd_capture_begin and cd_capture_end",
                   function, reason);
}

unsigned cd_modes(void)
{
    scopes *s = here();
    return s->frames[s->depth].modes;
}

/* Moves the entries that escape down to `first`, and returns where the others begin. */
static __attribute__((noinline)) size_t keep_escaping(scopes *s, size_t first)
{
    for (size_t i = first; i < s->count; i++) {
        entry e = s->entries[i];
        if (!(e & ESCAPES)) continue;
        s->entries[i] = s->entries[first];
        s->entries[first++] = e & ~ESCAPES;
    }
    return first;
}

/* Those that escape stay, for the frame below; the rest lose their owner, newest first. Destroying
 * may run a user's function that opens scopes, so the list is left in order before it. */
static void end_innermost(scopes *s)
{
    const frame f = s->frames[s->depth];
    size_t first = f.first;
    if (s->depth > 0) s->depth--;
    while (f.owns && s->count > first) {
        entry e = s->entries[s->count - 1];
        if (e & ESCAPES) {
            first = keep_escaping(s, first);
        } else {
            s->count--;
            cd_object_disown((cd_object *)e); /* NULL where something was dropped */
        }
    }
}

static bool is_open(const scopes *s, cd_scope scope)
{
    return scope.depth > 0 && scope.depth <= s->depth &&
           s->frames[scope.depth].serial == scope.serial;
}

bool cd_scope_is_innermost(cd_scope scope)
{
    const scopes *s = here();
    return is_open(s, scope) && scope.depth == s->depth;
}

static void end_down_to(scopes *s, int32_t depth)
{
    while (s->depth >= depth && s->depth > 0) end_innermost(s);
    while (s->count > s->frames[s->depth].first && s->entries[s->count - 1] == 0) s->count--;
    if (s->room > NEAR_ENTRIES || s->frame_room > NEAR_FRAMES) shrink(s);
}

bool cd_scope_end(cd_scope scope)
{
    scopes *s = here();
    if (!is_open(s, scope)) {
        return cd_fail(CD_ERR_STATE, "scope_end: this scope is not open: it was ended before, "
                                     "or a jump went past its beginning");
    }
    end_down_to(s, scope.depth);
    return true;
}

void cd_scope_leave(cd_scope *scope)
{
    scopes *s = here();
    if (is_open(s, *scope)) end_down_to(s, scope->depth);
}

static void end_thread(scopes *s)
{
    end_down_to(s, 1);
    while (s->count > 0) { /* the root; a destructor may add to it */
        entry e = s->entries[--s->count];
        if (e) cd_object_disown((cd_object *)(e & ~ESCAPES));
    }
    shrink(s);
}

void cd_scope_thread_exit(void)
{
    if (!mine.entered) return;
    end_thread(&mine);
    if (of_main == &mine) of_main = NULL;
    mine.entered = false;
}

__attribute__((destructor)) static void end_main(void)
{
    if (of_main) end_thread(of_main);
    of_main = NULL;
}

/* --- what scopes hold ------------------------------------------------------------------------- */

static inline bool reserve(scopes *s)
{
    return __builtin_expect(s->count < s->room, 1) || grow_entries(s);
}

bool cd_scope_reserve(void)
{
    return reserve(here());
}

static bool add(scopes *s, entry e)
{
    if (!reserve(s)) return false;
    s->entries[s->count++] = e;
    if (s->depth == 0 && s->count > ROOT_WARNING && !s->warned) {
        s->warned = true;
        cd_log_line(CD_LOG_WARNING,
                    "the root scope holds %d objects: a CD_SCOPE() in the loop that makes "
                    "them, or cd_drop, would free them earlier",
                    ROOT_WARNING);
    }
    return true;
}

void *cd_hand(void *object)
{
    if (!object) return NULL;
    if (add(here(), (entry)object)) return object;
    cd_object_disown(object);
    return NULL;
}

void *cd_hand_shared(void *object)
{
    if (!object) return NULL;
    cd_object_own(object);
    return cd_hand(object);
}

int cd_scope_owns(cd_scope scope, const void *object)
{
    const scopes *s = here();
    int count = 0;
    if (!is_open(s, scope)) return 0;
    for (size_t i = s->frames[scope.depth].first; i < s->count; i++) {
        count += (s->entries[i] & ~ESCAPES) == (entry)object;
    }
    return count;
}

static bool check_any(const void *pointer, const char *function)
{
    if (!pointer) return cd_fail(CD_ERR_ARGUMENT, "%s: the object is NULL", function);
    uint32_t kind = atomic_load_explicit(&((const cd_object *)pointer)->kind, memory_order_relaxed);
    if (kind >= CD_KIND_TENSOR && kind < CD_KIND_END) return true;
    return cd_fail(CD_ERR_STATE,
                   "%s: this is no live object: its last owner has gone, or it never was one",
                   function);
}

void *cd_escape(void *object)
{
    if (!object || !check_any(object, "escape")) return NULL;
    cd_object_own(object);
    if (add(here(), (entry)object | ESCAPES)) return object;
    cd_object_disown(object);
    return NULL;
}

void *cd_keep(void *object)
{
    if (!check_any(object, "keep")) return NULL;
    cd_object_own(object);
    atomic_fetch_add_explicit(&((cd_object *)object)->keeps, 1, memory_order_relaxed);
    return object;
}

bool cd_release(void *pointer)
{
    if (!check_any(pointer, "release")) return false;
    cd_object *object = pointer;
    int keeps = atomic_load_explicit(&object->keeps, memory_order_relaxed);
    do {
        if (keeps == 0) {
            return cd_fail(CD_ERR_STATE, "release: this %s was not kept, or was released before",
                           object->class_->name);
        }
    } while (!atomic_compare_exchange_weak(&object->keeps, &keeps, keeps - 1));
    cd_object_disown(object);
    return true;
}

bool cd_assign(void *slot, void *object)
{
    if (!slot) return cd_fail(CD_ERR_ARGUMENT, "assign: the slot is NULL");
    if (object && !cd_keep(object)) return false;
    void *before;
    memcpy(&before, slot, sizeof before); /* a pointer of whichever type the slot has */
    memcpy(slot, &object, sizeof object);
    return before ? cd_release(before) : true;
}

bool cd_drop(void *object)
{
    if (!object) return true;
    if (!check_any(object, "drop")) return false;
    scopes *s = here();
    for (size_t i = s->count; i-- > 0;) {
        if ((s->entries[i] & ~ESCAPES) != (entry)object) continue;
        /* Order inside a frame means little, and its last entry can fill the gap; below the
         * innermost frame the gap must stay where frames expect it. */
        if (i >= s->frames[s->depth].first) {
            s->entries[i] = s->entries[--s->count];
        } else {
            s->entries[i] = 0;
        }
        cd_object_disown(object);
        return true;
    }
    return cd_fail(CD_ERR_STATE, "drop: no scope of this thread holds this %s",
                   ((cd_object *)object)->class_->name);
}
