/* What the fuzz targets share: checks, the bytes of an input, memory that is counted, and a folder
 * for files. fuzz_NAME.c says in its first comment how it takes an input and what it checks. */
#ifndef CANDELA_TESTS_FUZZ_FUZZ_H
#define CANDELA_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; where it does not, that is a finding. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/* Around all that is done with an input. The library may take `memory` bytes. At the end it has
 * given back every block and object, and every file is closed. */
void fuzz_begin(size_t memory);
void fuzz_end(void);

/* A call failed: there is an error, with a sentence that a terminal may show. Takes it; returns its
 * cd_code. */
int fuzz_refused(void);

/* --- the bytes of an input ----------------------------------------------------------------------
 */

typedef struct fuzz_input {
    const uint8_t *data;
    size_t size;
} fuzz_input;

/* The next number, moving past it; 0 behind the end. */
unsigned fuzz_u8(fuzz_input *in);
unsigned fuzz_u16(fuzz_input *in);
/* The next `size` bytes, or what is left of them. */
fuzz_input fuzz_take(fuzz_input *in, size_t size);
/* What stands before the next NUL, which is moved past. */
fuzz_input fuzz_word(fuzz_input *in);

/* Bytes that are put together; free(data) at the end. */
typedef struct fuzz_bytes {
    uint8_t *data;
    size_t size, room;
} fuzz_bytes;

void fuzz_put(fuzz_bytes *out, const void *bytes, size_t size);
void fuzz_put_le(fuzz_bytes *out, uint64_t number, int size);
void fuzz_put_be(fuzz_bytes *out, uint64_t number, int size);
bool fuzz_same(const fuzz_bytes *a, const fuzz_bytes *b);

/* --- files --------------------------------------------------------------------------------------
 */

enum { FUZZ_PATH_BYTES = 256 };

/* A folder of this process's, in $TMPDIR or else in memory (/dev/shm). It goes when the process
 * ends, but for one that ends by a finding. */
const char *fuzz_folder(void);
/* The path of a file in it. */
const char *fuzz_path(const char *name, char path[FUZZ_PATH_BYTES]);
/* The file has these bytes now. */
void fuzz_write(const char *path, const void *bytes, size_t size);
/* All of a file. */
fuzz_bytes fuzz_read(const char *path);
/* How many files there are in the folder. */
int fuzz_files(void);

#endif
