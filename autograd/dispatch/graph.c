/* Graphs as objects: the table of buffers, names of memory, and freeing. */
#include "autograd/dispatch/graph_internal.h"

#include <stdatomic.h>
#include <string.h>

#include "core/memory_internal.h"

uint64_t cd_storage_id(cd_storage *storage)
{
    static _Atomic uint64_t given;
    uint64_t id = atomic_load_explicit(&storage->id, memory_order_relaxed);
    if (id != 0) return id;
    const uint64_t fresh = atomic_fetch_add(&given, 1) + 1;
    /* If another thread was first, `id` is now the number that it has set. */
    return atomic_compare_exchange_strong(&storage->id, &id, fresh) ? fresh : id;
}

/* The slot of an id: the one that has its buffer, or the empty one where it belongs. The multiplier
 * is 2^64 divided by the golden ratio. */
static size_t slot_of(const cd_graph *g, uint64_t id)
{
    const size_t slots = (size_t)1 << g->table_bits;
    size_t slot = (size_t)(id * 0x9E3779B97F4A7C15U >> (64 - g->table_bits));
    while (g->table[slot] && g->buffer[g->table[slot] - 1].id != id) slot = (slot + 1) % slots;
    return slot;
}

int cd_graph_find_buffer(const cd_graph *g, uint64_t id)
{
    return g->table ? g->table[slot_of(g, id)] - 1 : -1;
}

bool cd_graph_index_buffers(cd_graph *g)
{
    enum { FEWEST_BITS = 7 };
    const int newest = g->buffers - 1;
    if (g->table && 2 * g->buffers <= 1 << g->table_bits) {
        g->table[slot_of(g, g->buffer[newest].id)] = newest + 1;
        return true;
    }
    const int bits = g->table ? g->table_bits + 1 : FEWEST_BITS;
    int *table = cd_alloc_zeroed((size_t)1 << bits, sizeof *table);
    if (!table) return false;
    cd_free(g->table);
    g->table = table;
    g->table_bits = bits;
    for (int i = 0; i < g->buffers; i++) table[slot_of(g, g->buffer[i].id)] = i + 1;
    return true;
}

void cd_graph_step_free(cd_graph_step *step)
{
    cd_object_disown((cd_object *)step->generator);
    cd_object_disown((cd_object *)step->leaf);
    cd_free(step);
}

static void destroy(cd_object *object)
{
    cd_graph *g = (cd_graph *)object;
    for (int i = 0; i < g->values; i++) cd_object_disown((cd_object *)g->value[i].tensor);
    for (int i = 0; i < g->buffers; i++) {
        if (g->buffer[i].storage) cd_storage_unref(g->buffer[i].storage);
        cd_free(g->buffer[i].name);
    }
    for (int i = 0; i < g->steps; i++) cd_graph_step_free(g->step[i]);
    cd_free(g->buffer);
    cd_free(g->table);
    cd_free(g->value);
    cd_free(g->step);
    cd_free(g->input);
    cd_free(g->output);
}

const cd_class cd_graph_class = { .kind = CD_KIND_GRAPH, .name = "graph", .destroy = destroy };

bool cd_graph_check(const cd_graph *g, const char *function)
{
    return cd_check_object(g, &cd_graph_class, function, "the graph");
}

/* The buffer of t's memory; NULL when the capture has not met it. */
static cd_graph_buffer *buffer_of(const cd_graph *g, const cd_tensor *t)
{
    const int found = cd_graph_find_buffer(g, cd_storage_id(t->storage));
    return found >= 0 ? &g->buffer[found] : NULL;
}

bool cd_graph_holds(const cd_graph *g, const cd_tensor *t)
{
    const cd_graph_buffer *b = buffer_of(g, t);
    return b && b->kind == CD_BUFFER_HELD;
}

const char *cd_graph_name_of(const cd_graph *g, const cd_tensor *t)
{
    const cd_graph_buffer *b = buffer_of(g, t);
    return b ? b->name : NULL;
}

static bool check_name(const cd_graph *g, const char *name)
{
    char shown[64];
    if (!name) return cd_fail(CD_ERR_ARGUMENT, "graph_name: the name is NULL");
    cd_escape_text(shown, sizeof shown, name);
    if (name[0] == 0 || name[0] == '%') {
        return cd_fail(CD_ERR_ARGUMENT,
                       "graph_name: '%s' is no name: it must not be empty or begin with a %%, as "
                       "numbers do",
                       shown);
    }
    for (int i = 0; i < g->buffers; i++) {
        if (!g->buffer[i].name || strcmp(g->buffer[i].name, name) != 0) continue;
        return cd_fail(CD_ERR_ARGUMENT, "graph_name: something else is called '%s' already", shown);
    }
    return true;
}

bool cd_graph_name(cd_graph *g, const cd_tensor *t, const char *name)
{
    if (!cd_ok() || !cd_graph_check(g, "graph_name") ||
        !cd_check_tensor(t, "graph_name", "the tensor")) {
        return false;
    }
    cd_graph_buffer *b = buffer_of(g, t);
    if (!b) {
        return cd_fail(CD_ERR_ARGUMENT,
                       "graph_name: the graph has not met the memory of this tensor");
    }
    if (name && b->name && strcmp(b->name, name) == 0) return true;
    char *copy = check_name(g, name) ? cd_strdup(name) : NULL;
    if (!copy) return false;
    cd_free(b->name);
    b->name = copy;
    return true;
}
