/* The containers that the root of a pickle leads to (step 6 of cd_load, see checkpoint.c), and the
 * paths to them, as pth_find.c chooses among them. */
#ifndef CANDELA_IO_PTH_NODES_INTERNAL_H
#define CANDELA_IO_PTH_NODES_INTERNAL_H

#include "io/pth_internal.h"

#define CD_PTH_NO_NODE UINT32_MAX
#define CD_PTH_MODULE  UINT32_MAX

/* A dict, list, tuple or module that was reached. */
typedef struct cd_pth_node {
    cd_pickle_id value;
    cd_pickle_id key;  /* its key in the dict `parent`; CD_PICKLE_NO_VALUE in a list */
    uint32_t parent;   /* index of a node; CD_PTH_NO_NODE for the root */
    uint32_t position; /* in the parent */
    uint32_t tensors;  /* how many it holds under names; CD_PTH_MODULE for a module, whose tensors
                          were not counted */
    bool of_optimizer; /* it lies in what an optimizer saved */
} cd_pth_node;

/* Set the archive and the pickle, and all else to zero. */
typedef struct cd_pth_nodes {
    cd_archive *archive;
    const cd_pickle *pickle;
    cd_pth_node *item;   /* the root first, and those further out before others */
    unsigned char *seen; /* for each value: whether it has a node */
    size_t count, capacity, seen_capacity;
    cd_pth_steps steps; /* left for all walks through modules */
} cd_pth_nodes;

/* Visits every container that the root leads to, once. Objects of unknown classes are not looked
 * into, but for the items of those derived from dict, which are then the container. False with
 * CD_ERR_MEMORY. Release the nodes in any case. */
bool cd_pth_nodes_visit(cd_pth_nodes *nodes, cd_pickle_id root);
void cd_pth_nodes_release(cd_pth_nodes *nodes);

static inline cd_pickle_kind cd_pth_kind_of(const cd_pth_nodes *nodes, cd_pickle_id id)
{
    return (cd_pickle_kind)cd_pickle_value_of(nodes->pickle, id)->kind;
}

/* The name of a node in its parent: its key, or its place in a list, written into `number`. Returns
 * its length; no NUL follows it. */
enum { CD_PTH_NUMBER = 24 };
size_t cd_pth_node_name(const cd_pth_nodes *nodes, const cd_pth_node *n, const char **name,
                        char number[CD_PTH_NUMBER]);
/* Whether the path from the root to a node, its names joined by dots, is `path`. */
bool cd_pth_node_has_path(const cd_pth_nodes *nodes, const cd_pth_node *n, const char *path);
/* Writes that path for a sentence: made printable, and of a long one the end. Returns `text`. */
enum { CD_PTH_PATH = 160 };
const char *cd_pth_node_path(const cd_pth_nodes *nodes, const cd_pth_node *n,
                             char text[CD_PTH_PATH]);
/* Sets archive->key to that path, all of it. False with CD_ERR_UNSUPPORTED for one of more than
 * CD_ARCHIVE_NAME_BYTES bytes, and with CD_ERR_MEMORY. */
bool cd_pth_node_note(const cd_pth_nodes *nodes, const cd_pth_node *n);

#endif
