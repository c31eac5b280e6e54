/* PyTorch's files: from the values of a pickle to the entries of an archive (step 6 of cd_load, see
 * checkpoint.c). The front ends of the three containers (pth_zip.c, pth_stream.c, pth_tar.c) run
 * the pickle and list the storages; all else is here, and the same for the three:
 *
 *   pth_storage.c  a persistent id, which names a storage
 *   pth_state.c    the tensors are checked against their storages and become entries
 *   pth_find.c     where among the pickle's values the state dict lies
 *   pth_nodes.c    all containers among these values, for pth_find.c
 *   pth_module.c   the tensors of a module that was pickled whole */
#ifndef CANDELA_IO_PTH_INTERNAL_H
#define CANDELA_IO_PTH_INTERNAL_H

#include "io/archive_internal.h"
#include "io/pickle_internal.h"

/* --- storages (pth_storage.c) ----------------------------------------------------------------- */

/* The persistent id ("storage", StorageClass, key, location, numel) of the zip container; in the
 * pickle stream a sixth item follows, the view. */
typedef struct cd_pth_storage {
    const char *key; /* in the pickle's bytes: no NUL follows it; never empty */
    size_t key_size; /* up to CD_PTH_KEY_MAX */
    int64_t numel;
    size_t bytes;        /* of all elements */
    size_t width;        /* of an element: 1 for an untyped storage */
    cd_file_dtype dtype; /* CD_FILE_NONE for an untyped storage */
    cd_pickle_id view;   /* the sixth item */
} cd_pth_storage;

enum { CD_PTH_KEY_MAX = 64 }; /* bytes of a storage's key */

/* Takes a persistent id of `items` items apart, 5 or 6. The location ("cpu", "cuda:0") is not
 * looked at: everything is loaded to the processor. False with CD_ERR_FORMAT. */
bool cd_pth_storage_of(const cd_pickle *pickle, cd_pickle_id id, uint32_t items,
                       cd_pth_storage *out);
/* The dtype of a storage class. False with CD_ERR_FORMAT if the value is none. */
bool cd_pth_storage_class(const cd_pickle *pickle, cd_pickle_id id, cd_file_dtype *dtype);
/* The bytes of an element of a storage; 1 for CD_FILE_NONE. */
size_t cd_pth_width(cd_file_dtype dtype);

/* --- tensors and entries (pth_state.c) -------------------------------------------------------- */

/* Checks that every tensor of the pickle lies in its storage; tensors with a refusal are passed
 * over. archive->storages must be filled, and every tensor's storage must be an index into them.
 * False with CD_ERR_FORMAT. */
bool cd_pth_check_tensors(const cd_archive *archive, const cd_pickle *pickle);

/* Adds the tensors of the state dict to the archive's entries, and the numbers and texts beside
 * them to its metadata. The tensors must have been checked. False with CD_ERR_FORMAT,
 * CD_ERR_UNSUPPORTED or CD_ERR_ARGUMENT: no state dict, several of them, or a tensor in it that has
 * a refusal. */
bool cd_pth_add_entries(cd_archive *archive, const cd_pickle *pickle, cd_pickle_id root);

/* --- where the state dict lies (pth_find.c) --------------------------------------------------- */

/* What was found. */
typedef struct cd_pth_found {
    cd_pickle_id value;  /* a dict of tensors, or a module */
    cd_pickle_id around; /* the dict that it lies in; CD_PICKLE_NO_VALUE: it is the root */
} cd_pth_found;

/* Finds the dict of tensors that is meant: the one under archive->limits.key, or else the obvious
 * one. Obvious is the dict of tensors, or module, under one of the keys "state_dict",
 * "model_state_dict", "model", "net", "model_state", "weights", "params" (in this order), else the
 * root unless one in it has more tensors, else the only other one; what belongs to optimizers does
 * not count. If another one has about as many tensors (more than half, less than twice), and one
 * that is called as its first, as the average of a model or its teacher has, none is obvious. Sets
 * archive->key. False with an error. */
bool cd_pth_find(cd_archive *archive, const cd_pickle *pickle, cd_pickle_id root,
                 cd_pth_found *found);

/* --- modules (pth_module.c) ------------------------------------------------------------------- */

/* How many values may still be looked at, in all walks through modules together. The modules of a
 * hostile pickle can contain each other so often that a walk would never end. */
typedef struct cd_pth_steps {
    int64_t left;
} cd_pth_steps;

enum { CD_PTH_STEPS = 50000000 };

/* Whether the value is an object with the attributes of a torch.nn.Module: the dicts _parameters,
 * _buffers and _modules. False once no steps are left. */
bool cd_pth_is_module(const cd_pickle *pickle, cd_pickle_id id, cd_pth_steps *steps);

/* A function that is given a tensor of a module, or an object of an unknown class in its place.
 * Returning false ends the walk. */
typedef bool cd_pth_visit(void *user, const char *name, size_t size, cd_pickle_id value);

/* Calls `visit` for each tensor that the state_dict() of the module would have, in its order: its
 * own parameters, its own buffers but for those that are not persistent, and then its children's.
 * False when `visit` returned false, which then has set an error or not, and with CD_ERR_FORMAT or
 * CD_ERR_MEMORY for modules that are nested too deep or too often. */
bool cd_pth_visit_module(const cd_archive *archive, const cd_pickle *pickle, cd_pickle_id module,
                         cd_pth_steps *steps, cd_pth_visit *visit, void *user);

#endif
