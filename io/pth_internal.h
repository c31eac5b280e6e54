/* PyTorch's files: from a pickle's values to an archive's entries. The containers differ in where
 * storages lie; what follows is the same for all. */
#ifndef CANDELA_IO_PTH_INTERNAL_H
#define CANDELA_IO_PTH_INTERNAL_H

#include "io/archive_internal.h"
#include "io/pickle_internal.h"

/* Checks every tensor that the pickle rebuilt, but those with a refusal, against its storage: the
 * storages of the archive are there and their sizes known, and a node's storage index is one of
 * them. */
bool cd_pth_check_tensors(const cd_archive *archive, const cd_pickle *pickle);

/* Finds the dictionary of tensors in `root` (under "state_dict", "model" or another name that is
 * usual for it; itself; or the only one under any other key) and adds its entries; numbers and
 * texts beside them become metadata. Tensors must be checked; CD_ERR_UNSUPPORTED for an entry with
 * a refusal. */
bool cd_pth_add_entries(cd_archive *archive, const cd_pickle *pickle, cd_pickle_id root);

#endif
