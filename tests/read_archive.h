/* Reads every tensor of an archive in memory, for read_truncations and read_mutants (hostile.h): it
 * may fail, and must not crash. */
#ifndef CANDELA_TESTS_READ_ARCHIVE_H
#define CANDELA_TESTS_READ_ARCHIVE_H

#include "test.h"

#include "io/archive_internal.h"

static inline void read_archive(const unsigned char *data, size_t size)
{
    static double out[1 << 12];
    cd_archive *a = cd_archive_open_memory("x", data, size, NULL);
    size_t bytes;
    for (size_t i = 0; a && i < a->count; i++) {
        if (cd_archive_read_size(a, &a->entries[i], CD_F64, &bytes) && bytes <= sizeof out) {
            (void)cd_archive_read(a, &a->entries[i], CD_F64, out);
        }
        cd_clear_error();
    }
    cd_archive_close(a);
}

/* Cuts and changes a file in all ways of hostile.h, and reads what is left. */
static inline void read_damaged(const char *path)
{
    cd_bytes bytes;
    assert_true(cd_bytes_open(&bytes, path, SIZE_MAX));
    read_truncations(read_archive, bytes.data, bytes.size);
    read_mutants(read_archive, bytes.data, bytes.size);
    cd_bytes_close(&bytes);
}

#endif
