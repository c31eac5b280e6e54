/* Lists of hooks: of a leaf, of the outputs of a graph node, of a module.
 *
 * A hook that is removed while it runs, by itself or by another thread, is destroyed when the last
 * run that uses it has ended. One that is registered during a run waits for the next run. */
#ifndef CANDELA_AUTOGRAD_HOOK_LIST_INTERNAL_H
#define CANDELA_AUTOGRAD_HOOK_LIST_INTERNAL_H

#include <stdatomic.h>

#include "core/tensor.h"

typedef enum cd_hook_kind {
    CD_HOOK_GRADIENT,        /* cd_tensor_hook */
    CD_HOOK_ACCUMULATED,     /* cd_accumulate_hook */
    CD_HOOK_RETAIN,          /* no function: the tensor it is registered on retains its gradient */
    CD_HOOK_BEFORE_FORWARD,  /* cd_forward_pre_hook */
    CD_HOOK_FORWARD,         /* cd_forward_hook */
    CD_HOOK_BEFORE_BACKWARD, /* cd_full_backward_pre_hook */
    CD_HOOK_BACKWARD         /* cd_full_backward_hook */
} cd_hook_kind;

typedef struct cd_hook cd_hook;

/* In order of registration. Zeroed, it is empty. */
typedef struct cd_hook_list {
    cd_hook *_Atomic first;
} cd_hook_list;

struct cd_hook {
    cd_hook *next;          /* in its list */
    cd_hook *older, *newer; /* among all hooks that are in some list */
    cd_hook_list *list;     /* NULL once it was removed */
    int64_t id;
    int references; /* one of its list, and one of each run under way */
    cd_hook_kind kind;
    int output;          /* of a node's list: the output whose gradient the hook gets */
    void *registered_on; /* a tensor or module; no reference */
    void (*call)(void);  /* a function of the type that `kind` says */
    void *user;
    void (*destroy)(void *user);
};

/* Appends a copy of the hook; the members from `next` to `references` are set here. NULL with an
 * error for want of memory; `destroy` is not called then. */
cd_hook *cd_hook_add(cd_hook_list *list, cd_hook hook);
/* Removes the hook with this id if it is in `list`, which may be NULL, or was registered on this
 * tensor or module. (The list that has a tensor's hook is another once the tensor's history has
 * changed.) False, without an error, when there is no such hook. */
bool cd_hook_remove(const cd_hook_list *list, const void *registered_on, int64_t id);
/* Removes a hook that is in some list. */
void cd_hook_take_out(cd_hook *hook);
/* Moves a hook to the end of another list. */
void cd_hook_move(cd_hook *hook, cd_hook_list *list, int output);
/* Removes all hooks of a list. */
void cd_hook_clear(cd_hook_list *list);

/* Whether the list has a hook. Takes no lock. */
static inline bool cd_hook_any(const cd_hook_list *list)
{
    return atomic_load_explicit(&list->first, memory_order_acquire) != NULL;
}

/* Whether the list has a hook of this kind. */
bool cd_hook_has(const cd_hook_list *list, cd_hook_kind kind);
/* The id of the hook that was registered last, of all lists; 0 before the first. */
int64_t cd_hook_last_id(void);

/* The hooks of one kind that were in a list when the run began. */
typedef struct cd_hook_run {
    cd_hook **hook; /* on_stack, or allocated when there are more */
    int count;
    cd_hook *on_stack[4];
} cd_hook_run;

/* Collects the hooks of this kind, and of a node's list those of this output. The caller then calls
 * them. The run must not be copied. False with an error for want of memory; nothing to end then. */
bool cd_hook_run_begin(cd_hook_run *run, cd_hook_list *list, cd_hook_kind kind, int output);
void cd_hook_run_end(cd_hook_run *run);

/* For k = 0, 1, ...: sets *tensor to the k-th tensor that retains the gradient of this output, with
 * the caller as an owner; to NULL if nobody owns that tensor any more. False when there are not as
 * many. */
bool cd_hook_retaining_tensor(cd_hook_list *list, int output, int k, cd_tensor **tensor);

#endif
