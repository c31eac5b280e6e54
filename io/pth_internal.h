/* PyTorch's files: from the values of a pickle to the entries of an archive (step 6 of cd_load, see
 * checkpoint.c). Called by the front end of a container (pth_zip.c), which has run the pickle and
 * listed the storages. */
#ifndef CANDELA_IO_PTH_INTERNAL_H
#define CANDELA_IO_PTH_INTERNAL_H

#include "io/archive_internal.h"
#include "io/pickle_internal.h"

/* Checks that every tensor of the pickle lies in its storage; tensors with a refusal are passed
 * over. archive->storages must be filled, and every tensor's storage must be an index into them.
 * False with CD_ERR_FORMAT. */
bool cd_pth_check_tensors(const cd_archive *archive, const cd_pickle *pickle);

/* Adds the tensors of the state dict to the archive's entries, and the numbers and texts
 * beside them to its metadata. The state dict is, by the first of these rules that finds one:
 * a dict of tensors in `root` under "state_dict", "model" or another usual name; `root`
 * itself; the only dict of tensors under any other key of `root`. The tensors must have been
 * checked. False with CD_ERR_FORMAT or CD_ERR_UNSUPPORTED: no state dict, several of them, or
 * a tensor in it that has a refusal. */
bool cd_pth_add_entries(cd_archive *archive, const cd_pickle *pickle, cd_pickle_id root);

#endif
