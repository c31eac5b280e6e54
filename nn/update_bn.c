/* torch.optim.swa_utils.update_bn: new running statistics for all batch norms of a module. */
#include "core/memory_internal.h"
#include "core/object_internal.h"
#include "core/scope_internal.h"
#include "nn/averaged.h"
#include "nn/batch_norm_internal.h"

/* A module that is called, of which the list is an owner since the program's functions may replace
 * it, and its momentum if it is a batch norm whose statistics are made anew. */
typedef struct part {
    cd_module *module;
    bool is_batch_norm;
    double momentum;
} part;

typedef struct parts {
    part *item;
    int64_t count, batch_norms;
} parts;

static bool is_batch_norm(const cd_module *m)
{
    return (m->class_ == &cd_nn_batch_norm1d_class || m->class_ == &cd_nn_batch_norm2d_class ||
            m->class_ == &cd_nn_batch_norm3d_class) &&
           !m->frozen_;
}

static cd_batch_norm_module *batch_norm_of(const part *p)
{
    return (cd_batch_norm_module *)p->module;
}

static bool count_part(const char *name, cd_module *m, void *user)
{
    parts *all = user;
    (void)name;
    all->batch_norms += is_batch_norm(m);
    all->count++;
    return true;
}

static bool list_part(const char *name, cd_module *m, void *user)
{
    parts *all = user;
    part *p = &all->item[all->count++];
    (void)name;
    *p = (part){ .module = m, .is_batch_norm = is_batch_norm(m) };
    cd_object_own((cd_object *)(void *)m);
    if (p->is_batch_norm) p->momentum = batch_norm_of(p)->options.momentum;
    return true;
}

static void release(const parts *all)
{
    for (int64_t i = 0; i < all->count; i++) {
        cd_object_disown((cd_object *)(void *)all->item[i].module);
    }
    cd_free(all->item);
}

/* PyTorch's reset_running_stats. */
static bool reset(const cd_norm_tensors *t)
{
    return !t->running_mean || (cd_zero_(t->running_mean) && cd_fill_(t->running_var, 1) &&
                                cd_zero_(t->num_batches_tracked));
}

static bool call_with_all(cd_module *m, cd_next_batch *next, void *user)
{
    for (;;) {
        CD_SCOPE();
        cd_tensor *x = next(user);
        if (!x) return cd_ok();
        if (!cd_forward(m, x)) return false;
    }
}

static bool update(cd_module *m, const parts *all, cd_next_batch *next, void *user)
{
    const bool was_training = m->training_;
    bool done = cd_train(m);
    for (int64_t i = 0; i < all->count && done; i++) {
        const part *p = &all->item[i];
        if (!p->is_batch_norm) continue;
        done = reset(&batch_norm_of(p)->tensors);
        batch_norm_of(p)->options.momentum = CD_CUMULATIVE;
    }
    done = done && call_with_all(m, next, user);
    for (int64_t i = 0; i < all->count; i++) {
        const part *p = &all->item[i];
        p->module->training_ = was_training; /* of the whole, as in PyTorch */
        if (p->is_batch_norm) batch_norm_of(p)->options.momentum = p->momentum;
    }
    return done;
}

bool cd_update_bn(cd_module *m, cd_next_batch *next, void *user)
{
    static const char name[] = "update_bn";
    if (!cd_ok() || !cd_check_module(m, name, "the module")) return false;
    if (!next) return cd_fail(CD_ERR_ARGUMENT, "%s: the function that gives inputs is NULL", name);
    if (!cd_check_not_captured(name, "the batches are counted")) return false;
    CD_SCOPE();
    CD_NO_GRAD();
    parts all = { .count = 0 };
    if (!cd_visit_modules(m, count_part, &all) || all.batch_norms == 0) return cd_ok();
    all.item = cd_alloc((size_t)all.count * sizeof *all.item);
    all.count = 0;
    const bool done =
        all.item && cd_visit_modules(m, list_part, &all) && update(m, &all, next, user);
    release(&all);
    return done;
}
