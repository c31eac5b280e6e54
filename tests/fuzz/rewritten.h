/* For the targets of the tensor containers: a file is read, written again by the
 * library, and compared. */
#ifndef CANDELA_TESTS_FUZZ_REWRITTEN_H
#define CANDELA_TESTS_FUZZ_REWRITTEN_H

#include "tests/fuzz/fuzz.h"

/* The memory limit of these targets. */
enum { FUZZ_TENSOR_MEMORY = 32 << 20 };

/* Opens the file at `path` and checks that its tensors lie within the file and their storages.
 * Reads its tensors and texts, writes them as safetensors and reads that: the names, dtypes,
 * shapes, bits and texts must be the same; written once more, the bytes must be the same. Gives
 * back these bytes, for free(); none when the file is refused or has too much to read. Left out are
 * tensors of dtypes that are not read, large ones, and one with an empty name, which a file may
 * have and the writer refuses.
 *
 * Everything else that a safetensors file has can be written. `any_names` says that a name may be
 * one that the writer refuses (a key of a pickle can be "__metadata__"). */
fuzz_bytes fuzz_rewritten(const char *path, bool any_names);

#endif
