/* Lists of registered functions: those of a leaf, of a graph node's outputs, of a module.
 *
 * A hook that is removed while it runs, by itself or by another thread, is destroyed when the last
 * run that uses it has ended. One that is registered during a run waits for the next. */
#ifndef CANDELA_AUTOGRAD_HOOK_LIST_INTERNAL_H
#define CANDELA_AUTOGRAD_HOOK_LIST_INTERNAL_H

#include <stdatomic.h>

#include "core/tensor.h"

typedef enum cd_hook_kind {
    CD_HOOK_GRADIENT,       /* cd_tensor_hook */
    CD_HOOK_ACCUMULATED,    /* cd_accumulate_hook */
    CD_HOOK_RETAIN,         /* no function: the tensor `where` keeps its gradient */
    CD_HOOK_BEFORE_FORWARD, /* cd_forward_pre_hook */
    CD_HOOK_FORWARD         /* cd_forward_hook */
} cd_hook_kind;

typedef struct cd_hook cd_hook;

/* In order of registration. Zeroed, it is empty. */
typedef struct cd_hook_list {
    cd_hook *_Atomic first;
} cd_hook_list;

struct cd_hook {
    cd_hook *next;          /* in its list */
    cd_hook *older, *newer; /* among all hooks that stand in a list */
    cd_hook_list *list;     /* NULL once it was removed */
    int64_t id;
    int references; /* of the list, and of each run under way */
    cd_hook_kind kind;
    int output;         /* of a node */
    void *where;        /* what it was registered on; not held */
    void (*call)(void); /* a function of the type that `kind` says */
    void *user;
    void (*destroy)(void *user);
};

/* Appends a copy; what `next` to `references` hold is filled in. NULL with an error without memory,
 * and then `destroy` is not called. */
cd_hook *cd_hook_add(cd_hook_list *list, cd_hook hook);
/* Removes the hook of this id that stands in `list`, or that was registered on `where` (what a
 * tensor's hook stands in changes with the tensor's history). False, without an error, when there
 * is none. `list` may be NULL. */
bool cd_hook_remove(const cd_hook_list *list, const void *where, int64_t id);
/* Removes one that stands in a list. */
void cd_hook_take_out(cd_hook *hook);
/* Moves one to the end of another list. */
void cd_hook_move(cd_hook *hook, cd_hook_list *list, int output);
/* Removes them all. */
void cd_hook_clear(cd_hook_list *list);

static inline bool cd_hook_any(const cd_hook_list *list)
{
    return atomic_load_explicit(&list->first, memory_order_acquire) != NULL;
}

/* The hooks of a kind that stood in the list when the run began. */
typedef struct cd_hook_run {
    cd_hook **hook; /* near, or allocated when there are more */
    int count;
    cd_hook *near[4];
} cd_hook_run;

/* False, with nothing to end, without memory. The run must stay where it is. */
bool cd_hook_run_begin(cd_hook_run *run, cd_hook_list *list, cd_hook_kind kind, int output);
void cd_hook_run_end(cd_hook_run *run);

/* The k-th tensor that keeps the gradient of this output, in *tensor with an owner more for the
 * caller, or NULL there when nobody owns it any more. False when there are not as many. */
bool cd_hook_retaining_tensor(cd_hook_list *list, int output, int k, cd_tensor **tensor);

#endif
