/* For the targets of the files of tensors: reads a file, writes it again with the library, and
 * compares. */
#ifndef CANDELA_TESTS_FUZZ_REWRITTEN_H
#define CANDELA_TESTS_FUZZ_REWRITTEN_H

#include "tests/fuzz/fuzz.h"

/* The memory limit of these targets, in bytes. */
enum { FUZZ_TENSOR_MEMORY = 32 << 20 };

/* Opens the file at `path` and checks that its tensors lie within the file and within their
 * storages. Reads its tensors and texts, writes them as a safetensors file, and reads that file:
 * the names, dtypes, shapes, bits and texts must be the same. Writes them once more: the file must
 * have the same bytes. Returns those bytes, whose `data` the caller frees with free(); no bytes
 * when the file is refused or has too many tensors.
 *
 * Tensors of dtypes that the library does not read, large ones, and one with an empty name, which
 * the writer refuses, are left out. With `any_names` the writer may refuse other names too: a key
 * of a pickle can be "__metadata__". */
fuzz_bytes fuzz_rewritten(const char *path, bool any_names);

#endif
