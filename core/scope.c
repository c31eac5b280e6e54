/* The stack of scopes of each thread, and ownership: keep, release, assign, escape, drop. */
#include "core/scope_internal.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/error_internal.h"
#include "core/fork_internal.h"
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/thread_exit_internal.h"

/* A frame is a scope or a mode on the stack. All frames of a thread share one list of entries, the
 * objects that they own; a frame's part begins at `first` and ends where the next frame's begins.
 * When a frame that owns nothing (a mode) ends, its part joins that of the frame below. */
typedef struct frame {
    size_t first;
    uint32_t serial;
    unsigned outer_modes; /* cd_modes outside of this frame */
    bool owns;            /* false for a mode */
} frame;

/* An object's address. The lowest bit, ESCAPES, is set when the object escapes: at the end of its
 * frame the entry stays, for the frame below. An entry is 0 after cd_drop removed an object from
 * a frame that was not the innermost. */
typedef uintptr_t entry;
static const entry ESCAPES = 1;

enum {
    INLINE_ENTRIES = 64,
    INLINE_FRAMES = 16,
    ROOT_WARNING = 10000 /* entries of the root scope at which the logger hears a warning, once */
};

typedef struct scopes {
    entry *entries;
    size_t count, capacity; /* of entries */
    frame *frames;          /* frames[0] is the root scope, frames[depth] the innermost frame */
    int32_t depth, frame_capacity;
    uint32_t serial; /* of the latest frame */
    unsigned *modes; /* the thread's cd_modes */
    bool entered;    /* enter_thread has run */
    bool warned;     /* see ROOT_WARNING */
    /* The arrays at first: most programs need no larger ones, so their scopes allocate nothing. */
    entry inline_entries[INLINE_ENTRIES];
    frame inline_frames[INLINE_FRAMES];
} scopes;

static _Thread_local scopes thread_scopes;
_Thread_local unsigned cd_modes = CD_MODES_AT_START;

/* The main thread's scopes, for the destructor end_main: it may run in another thread, whose
 * thread_scopes are others. */
static scopes *main_scopes;

/* In a child the forking thread becomes the main thread; the other threads do not exist. */
static void after_fork_in_child(void)
{
    main_scopes = thread_scopes.entered ? &thread_scopes : NULL;
}

__attribute__((constructor(CD_FORK_INNER))) static void register_fork(void)
{
    (void)pthread_atfork(NULL, NULL, after_fork_in_child);
}

static __attribute__((noinline, cold)) void enter_thread(void)
{
    scopes *s = &thread_scopes;
    s->entries = s->inline_entries;
    s->capacity = INLINE_ENTRIES;
    s->frames = s->inline_frames;
    s->frame_capacity = INLINE_FRAMES;
    s->frames[0] = (frame){ .owns = true };
    s->modes = &cd_modes;
    s->entered = true;
    if (getpid() == gettid()) main_scopes = s;
    (void)cd_thread_exit_register(); /* if this fails, cd_slab_take fails too: no objects */
}

static inline scopes *current(void)
{
    if (__builtin_expect(!thread_scopes.entered, 0)) enter_thread();
    return &thread_scopes;
}

static __attribute__((noinline, cold)) bool grow_entries(scopes *s)
{
    size_t capacity = s->capacity * 2;
    entry *larger = cd_alloc(capacity * sizeof *larger);
    if (!larger) return false;
    memcpy(larger, s->entries, s->count * sizeof *larger);
    if (s->entries != s->inline_entries) cd_free(s->entries);
    s->entries = larger;
    s->capacity = capacity;
    return true;
}

static __attribute__((noinline, cold)) bool grow_frames(scopes *s)
{
    int32_t capacity = s->frame_capacity * 2;
    if (capacity > 1 << 20) return cd_fail(CD_ERR_STATE, "scope: more than %d are open", 1 << 19);
    frame *larger = cd_alloc((size_t)capacity * sizeof *larger);
    if (!larger) return false;
    memcpy(larger, s->frames, (size_t)s->frame_capacity * sizeof *larger);
    if (s->frames != s->inline_frames) cd_free(s->frames);
    s->frames = larger;
    s->frame_capacity = capacity;
    return true;
}

/* Goes back to the inline arrays once they suffice again. */
static __attribute__((noinline, cold)) void shrink(scopes *s)
{
    if (s->entries != s->inline_entries && s->count <= INLINE_ENTRIES / 2) {
        memcpy(s->inline_entries, s->entries, s->count * sizeof *s->entries);
        cd_free(s->entries);
        s->entries = s->inline_entries;
        s->capacity = INLINE_ENTRIES;
    }
    if (s->frames != s->inline_frames && s->depth < INLINE_FRAMES / 2) {
        memcpy(s->inline_frames, s->frames, ((size_t)s->depth + 1) * sizeof *s->frames);
        cd_free(s->frames);
        s->frames = s->inline_frames;
        s->frame_capacity = INLINE_FRAMES;
    }
}

/* --- frames ----------------------------------------------------------------------------------- */

static const cd_scope NO_SCOPE = { .depth = -1 };

static cd_scope begin(bool owns, unsigned set, unsigned clear)
{
    scopes *s = current();
    if (s->depth + 1 == s->frame_capacity && !grow_frames(s)) return NO_SCOPE;
    s->depth++;
    s->frames[s->depth] =
        (frame){ .first = s->count, .serial = ++s->serial, .outer_modes = *s->modes, .owns = owns };
    *s->modes = (*s->modes & ~clear) | set;
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
    return !(cd_modes & CD_MODE_CAPTURE) ||
           cd_fail(CD_ERR_UNSUPPORTED,
                   "%s: a graph is being captured, and cannot contain this, as %s: keep it outside "
                   "of cd_capture_begin and cd_capture_end",
                   function, reason);
}

/* Sorts the entries from `first` on: those that escape come first, with the bit cleared. Returns
 * where the others begin. */
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

/* Objects that escape stay in the list, for the frame below; the others lose an owner, newest
 * first. Destroying an object may run a user's function that opens scopes, so the list is
 * consistent before each cd_object_disown. */
static void end_innermost(scopes *s)
{
    const frame f = s->frames[s->depth];
    size_t first = f.first;
    if (s->depth > 0) {
        s->depth--;
        *s->modes = f.outer_modes;
    }
    while (f.owns && s->count > first) {
        entry e = s->entries[s->count - 1];
        if (e & ESCAPES) {
            first = keep_escaping(s, first);
        } else {
            s->count--;
            cd_object_disown((cd_object *)e); /* e is 0 after a cd_drop */
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
    const scopes *s = current();
    return is_open(s, scope) && scope.depth == s->depth;
}

static void end_down_to(scopes *s, int32_t depth)
{
    while (s->depth >= depth && s->depth > 0) end_innermost(s);
    while (s->count > s->frames[s->depth].first && s->entries[s->count - 1] == 0) s->count--;
    if (s->capacity > INLINE_ENTRIES || s->frame_capacity > INLINE_FRAMES) shrink(s);
}

bool cd_scope_end(cd_scope scope)
{
    scopes *s = current();
    if (!is_open(s, scope)) {
        return cd_fail(CD_ERR_STATE, "scope_end: this scope is not open: it was ended before, "
                                     "or a jump went past its beginning");
    }
    end_down_to(s, scope.depth);
    return true;
}

void cd_scope_leave(cd_scope *scope)
{
    scopes *s = current();
    if (is_open(s, *scope)) end_down_to(s, scope->depth);
}

static void end_thread(scopes *s)
{
    end_down_to(s, 1);
    while (s->count > 0) { /* the root scope; destroying an object may add to it */
        entry e = s->entries[--s->count];
        if (e) cd_object_disown((cd_object *)(e & ~ESCAPES));
    }
    shrink(s);
}

void cd_scope_thread_exit(void)
{
    scopes *s = &thread_scopes;
    if (!s->entered) return;
    end_thread(s);
    if (main_scopes == s) main_scopes = NULL;
    s->entered = false;
}

__attribute__((destructor)) static void end_main(void)
{
    if (main_scopes) end_thread(main_scopes);
    main_scopes = NULL;
}

/* --- ownership -------------------------------------------------------------------------------- */

static inline bool reserve(scopes *s)
{
    return __builtin_expect(s->count < s->capacity, 1) || grow_entries(s);
}

bool cd_scope_reserve(void)
{
    return reserve(current());
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
    if (add(current(), (entry)object)) return object;
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
    const scopes *s = current();
    int count = 0;
    if (!is_open(s, scope)) return 0;
    for (size_t i = s->frames[scope.depth].first; i < s->count; i++) {
        count += (s->entries[i] & ~ESCAPES) == (entry)object;
    }
    return count;
}

/* Whether the pointer is to a live object of any kind; otherwise sets an error. */
static bool check_live(const void *pointer, const char *function)
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
    if (!object || !check_live(object, "escape")) return NULL;
    cd_object_own(object);
    if (add(current(), (entry)object | ESCAPES)) return object;
    cd_object_disown(object);
    return NULL;
}

void *cd_keep(void *object)
{
    if (!check_live(object, "keep")) return NULL;
    cd_object_own(object);
    atomic_fetch_add_explicit(&((cd_object *)object)->owners_by_keep, 1, memory_order_relaxed);
    return object;
}

bool cd_release(void *pointer)
{
    if (!check_live(pointer, "release")) return false;
    cd_object *object = pointer;
    int count = atomic_load_explicit(&object->owners_by_keep, memory_order_relaxed);
    do {
        if (count == 0) {
            return cd_fail(CD_ERR_STATE, "release: this %s was not kept, or was released before",
                           object->class_->name);
        }
    } while (!atomic_compare_exchange_weak(&object->owners_by_keep, &count, count - 1));
    cd_object_disown(object);
    return true;
}

bool cd_assign(void *slot, void *object)
{
    if (!slot) return cd_fail(CD_ERR_ARGUMENT, "assign: the slot is NULL");
    if (object && !cd_keep(object)) return false;
    void *before;
    memcpy(&before, slot, sizeof before); /* memcpy, since the slot may be a pointer of any type */
    memcpy(slot, &object, sizeof object);
    return before ? cd_release(before) : true;
}

bool cd_drop(void *object)
{
    if (!object) return true;
    if (!check_live(object, "drop")) return false;
    scopes *s = current();
    for (size_t i = s->count; i-- > 0;) {
        if ((s->entries[i] & ~ESCAPES) != (entry)object) continue;
        /* In the innermost frame the last entry fills the gap: the order of entries hardly matters.
         * In a frame below, the gap stays, because later frames know their part by its index. */
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
