/* Trees of modules as JSON (models/tree.h), for saved models. */
#ifndef CANDELA_MODELS_TREE_INTERNAL_H
#define CANDELA_MODELS_TREE_INTERNAL_H

#include "io/json_tree_internal.h"
#include "models/tree.h"
#include "nn/module_internal.h"

enum {
    CD_TREE_DEPTH = 64,           /* levels below the root, as many as cd_visit takes */
    CD_TREE_MODULES = 16384,      /* modules that are written down */
    CD_TREE_TEXT = 1 << 20,       /* bytes of the JSON */
    CD_TREE_STANDS_FOR = 1 << 17, /* modules and names that a tree may have */
    CD_TREE_PATH = 1024           /* bytes of the longest path, its NUL included, as in cd_visit */
};

/* The name by which a card says that its options are a tree. */
#define CD_TREE_ARCHITECTURE "tree"

/* The class of this name: the library's, one of the zoo's (models/resnet.c), or one that
 * cd_register_module_class made known. NULL, without an error, if there is none. */
const cd_module_class *cd_tree_class(const char *name);

/* Class number i of those that cd_register_module_class made known; NULL if there are fewer. */
const cd_module_class *cd_tree_registered(int i);

/* The classes of modules of which the zoo's models consist, beside those of nn. */
extern const cd_module_class cd_resnet_class, cd_basic_block_class;

/* The options of m as a JSON object, "{}" if its class has none; the caller frees it with cd_free.
 * NULL with an error. */
char *cd_tree_options(const cd_module *m);

/* A new module of the class from a JSON object of options, NULL for none; owned by the open scope.
 * NULL with an error of `code` that begins with `where`. */
cd_module *cd_tree_make(const cd_module_class *class_, const cd_json *options, cd_code code,
                        const char *where);

/* The child of an entry of a module that was just made, for a module of the tree to take its place
 * or to change it. NULL if there is none, or if it is a child of other modules too: then a change
 * of one would be a change of the other. */
cd_module *cd_tree_made_child(const cd_module_entry *entry);

/* The tree as JSON, for cd_free; errors begin with `where`. The same text as cd_module_to_json. */
char *cd_tree_write(cd_module *m, const char *where);

/* Makes the module that a tree describes; it is owned by the open scope. `most` is how many modules
 * and tensors it may have. NULL with an error of `code`, or with CD_ERR_MEMORY. */
cd_module *cd_tree_read(const char *json, int64_t most, cd_device device, cd_code code,
                        const char *where);

/* --- the tensors of a tree -------------------------------------------------------------------- */

/* Where a module or a tensor is in a tree. */
typedef struct cd_tree_place {
    const void *key;         /* a module, or the storage of a tensor */
    const cd_tensor *tensor; /* NULL for a module */
    int64_t number;          /* in the order of visiting */
    char *path;              /* owned */
} cd_tree_place;

/* All modules and tensors of a tree, sorted by key and then by number. Free it in any case. */
typedef struct cd_tree_index {
    cd_tree_place *item;
    int64_t count, room;
} cd_tree_index;

/* Lists the modules, each once, and their tensors, each name. False with an error. */
bool cd_tree_index_make(cd_tree_index *index, cd_module *m);
void cd_tree_index_free(cd_tree_index *index);
/* The first place of this key, whose places follow it; NULL if there is none. */
const cd_tree_place *cd_tree_index_find(const cd_tree_index *index, const void *key);

#endif
