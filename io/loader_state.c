/* The state of a loader (cd_visit_loader_state). */
#include <string.h>

#include "autograd/create.h"
#include "core/random_internal.h"
#include "io/loader_internal.h"

static const char function[] = "visit_loader_state";

enum { DATA = 4, EPOCH = 3 };

/* Copies, which become the loader's when they are found good. */
typedef struct loader_state {
    int64_t data[DATA];
    int64_t epoch[EPOCH]; /* begun, batches done, seed */
    uint8_t order[CD_RNG_STATE_BYTES], generator[CD_RNG_STATE_BYTES];
} loader_state;

static void get_bytes(const cd_generator *g, uint8_t *bytes)
{
    cd_random_write(cd_generator_lock(g), bytes);
    cd_generator_unlock(g);
}

static void get(const cd_loader *l, loader_state *s)
{
    memset(s, 0, sizeof *s);
    memcpy(s->data, (int64_t[]){ l->dataset->count, l->samples, l->batch_size, l->kind },
           sizeof s->data);
    if (l->begun) memcpy(s->epoch, (int64_t[]){ 1, l->given, l->seed }, sizeof s->epoch);
    if (l->draws && l->begun) cd_random_write(&l->start, s->order);
    if (l->draws && !l->begun) get_bytes(l->draws, s->order);
    if (l->generator) get_bytes(l->generator, s->generator);
}

static bool visit(const char *name, cd_dtype dtype, int64_t count, void *at, cd_visitor *visitor,
                  void *user)
{
    CD_SCOPE();
    cd_tensor *t = cd_from_array(at, CD_SHAPE(count), .dtype = dtype);
    return t && visitor(name, t, CD_STATE, user) && cd_ok() &&
           cd_read(t, at, (size_t)count * cd_dtype_size(dtype));
}

static bool visit_all(const cd_loader *l, loader_state *s, cd_visitor *visitor, void *user)
{
    return visit("data", CD_I64, DATA, s->data, visitor, user) &&
           visit("epoch", CD_I64, EPOCH, s->epoch, visitor, user) &&
           (!l->draws || visit("order", CD_U8, CD_RNG_STATE_BYTES, s->order, visitor, user)) &&
           (!l->generator ||
            visit("generator", CD_U8, CD_RNG_STATE_BYTES, s->generator, visitor, user));
}

static bool check_data(const loader_state *before, const loader_state *s)
{
    static const char *const what[DATA] = { "samples in the data set", "samples in an epoch",
                                            "samples in a batch", "as the kind of order" };
    for (int i = 0; i < DATA; i++) {
        if (s->data[i] == before->data[i]) continue;
        return cd_fail(CD_ERR_FORMAT,
                       "%s: the state is of a loader with %lld %s, and this one has %lld", function,
                       (long long)s->data[i], what[i], (long long)before->data[i]);
    }
    return true;
}

static bool check_epoch(const cd_loader *l, const int64_t *epoch)
{
    const bool begun = epoch[0] == 1;
    return ((begun || epoch[0] == 0) && epoch[1] >= 0 && epoch[1] <= (begun ? l->batches : 0) &&
            epoch[2] >= 0) ||
           cd_fail(CD_ERR_FORMAT,
                   "%s: the state has %lld batches done of an epoch of %lld (begun: %lld, seed "
                   "%lld)",
                   function, (long long)epoch[1], (long long)l->batches, (long long)epoch[0],
                   (long long)epoch[2]);
}

/* Makes the state the loader's. */
static bool set(cd_loader *l, const loader_state *s)
{
    cd_generator_state order, generator;
    const bool begun = s->epoch[0] == 1;
    if ((l->draws && !cd_random_read(&order, s->order, sizeof s->order)) ||
        (l->generator && !cd_random_read(&generator, s->generator, sizeof s->generator))) {
        return false;
    }
    cd_loader_drain(l, s->epoch[1]); /* before the order changes, which threads may be reading */
    l->begun = false;
    if (begun && l->draws && !cd_loader_draw_from(l, &order)) {
        cd_loader_drain(l, 0);
        return false;
    }
    if (l->generator) {
        *cd_generator_lock(l->generator) = generator;
        cd_generator_unlock(l->generator);
    }
    l->begun = begun;
    l->seed = s->epoch[2];
    return true;
}

bool cd_visit_loader_state(cd_loader *l, cd_visitor *visitor, void *user)
{
    loader_state before, s;
    if (!cd_ok() || !cd_loader_check(l, function)) return false;
    if (!visitor) return cd_fail(CD_ERR_ARGUMENT, "%s: the visitor is NULL", function);
    get(l, &before);
    s = before;
    if (!visit_all(l, &s, visitor, user)) return false;
    if (memcmp(&before, &s, sizeof s) == 0) return true;
    return check_data(&before, &s) && check_epoch(l, s.epoch) && set(l, &s);
}
