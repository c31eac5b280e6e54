/* What all fuzz targets share: checks, reading an input, memory that is counted, and a folder for
 * files. The first comment of each target, fuzz_NAME.c, says how it reads an input and what it
 * checks. */
#ifndef CANDELA_TESTS_FUZZ_FUZZ_H
#define CANDELA_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Checks a condition that must hold for every input. An input for which it does not is a finding:
 * fuzz_broken prints the condition and the pending error, and aborts. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/* Called before the library is used on an input. From here on it may take `memory` bytes. */
void fuzz_begin(size_t memory);
/* Called after that: checks that the library has released every block and object and has closed
 * every file. */
void fuzz_end(void);

/* Takes the error of a call that has failed, and returns its cd_code. Checks that there is an
 * error, and that its sentence is UTF-8 without control characters. */
int fuzz_refused(void);

/* --- reading an input ------------------------------------------------------------------------- */

typedef struct fuzz_input {
    const uint8_t *data;
    size_t size;
} fuzz_input;

/* Each of these takes bytes from the front of the input and returns them. */

/* One byte; 0 at the end of the input. */
unsigned fuzz_u8(fuzz_input *in);
/* Two bytes, the low one first. */
unsigned fuzz_u16(fuzz_input *in);
/* `size` bytes, or fewer if the input has no more. */
fuzz_input fuzz_take(fuzz_input *in, size_t size);
/* The bytes before the next NUL, or all if there is none. The NUL is taken too, but not
 * returned. */
fuzz_input fuzz_word(fuzz_input *in);

/* An array of bytes that grows. It begins empty; the caller frees `data` with free(). */
typedef struct fuzz_bytes {
    uint8_t *data;
    size_t size, room; /* bytes in use, bytes allocated */
} fuzz_bytes;

/* Appends `size` bytes. */
void fuzz_put(fuzz_bytes *out, const void *bytes, size_t size);
/* Appends a number of `size` bytes, low byte first. */
void fuzz_put_le(fuzz_bytes *out, uint64_t number, int size);
/* Appends a number of `size` bytes, high byte first. */
void fuzz_put_be(fuzz_bytes *out, uint64_t number, int size);
/* Whether two arrays have the same bytes. */
bool fuzz_same(const fuzz_bytes *a, const fuzz_bytes *b);

/* --- files ------------------------------------------------------------------------------------ */

enum { FUZZ_PATH_BYTES = 256 };

/* A folder that belongs to this process, in $TMPDIR or else in memory (/dev/shm). It is removed
 * when the process ends, except when a finding ends it. */
const char *fuzz_folder(void);
/* Writes the path of a file in that folder to `path`, and returns it. */
const char *fuzz_path(const char *name, char path[FUZZ_PATH_BYTES]);
/* Makes a file with these bytes, or replaces it. */
void fuzz_write(const char *path, const void *bytes, size_t size);
/* Reads a whole file; the caller frees `data` with free(). */
fuzz_bytes fuzz_read(const char *path);
/* Removes all files in the folder. */
void fuzz_remove_files(void);
/* The number of files in the folder. */
int fuzz_files(void);

#endif
