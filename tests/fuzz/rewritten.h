/* A file of tensors, written again by the library: for the targets of the containers. */
#ifndef CANDELA_TESTS_FUZZ_REWRITTEN_H
#define CANDELA_TESTS_FUZZ_REWRITTEN_H

#include "tests/fuzz/fuzz.h"

/* Memory that a file may ask for here. */
enum { FUZZ_TENSOR_MEMORY = 32 << 20 };

/* Opens the file at `path`, whose tensors all lie within the file and their storages, reads its
 * tensors and texts, writes them as safetensors and reads that: the same names, dtypes, shapes,
 * bits and texts; written once more, the same bytes. They are given back, for free(); none when the
 * file is refused or has too much to read. Left out are tensors of dtypes that are not read, large
 * ones, and one without a name, which safetensors may have and the writer refuses.
 *
 * All else that a file of safetensors has can be written; `any_names` says that names need not be
 * fit for one (a key of a pickle can be "__metadata__"). */
fuzz_bytes fuzz_rewritten(const char *path, bool any_names);

#endif
