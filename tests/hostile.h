/* For tests of readers: building a file in memory, and then reading it cut short, damaged, and
 * while allocations fail. */
#ifndef CANDELA_TESTS_HOSTILE_H
#define CANDELA_TESTS_HOSTILE_H

#include "test.h"

#include <zlib.h>

#include "core/memory_internal.h"

/* --- building a file -------------------------------------------------------------------------- */

enum { BUFFER_MAX = 1 << 16 };

typedef struct buffer {
    unsigned char at[BUFFER_MAX];
    size_t size;
} buffer;

/* Appends bytes. */
static inline void add(buffer *b, const void *bytes, size_t size)
{
    assert_true(size <= BUFFER_MAX - b->size);
    if (size) memcpy(b->at + b->size, bytes, size);
    b->size += size;
}

/* Appends a text without its NUL. */
static inline void add_text(buffer *b, const char *text)
{
    add(b, text, strlen(text));
}

/* Appends a number of `size` bytes, low byte first. */
static inline void add_le(buffer *b, uint64_t value, int size)
{
    for (int i = 0; i < size; i++, value >>= 8) {
        unsigned char byte = (unsigned char)value;
        add(b, &byte, 1);
    }
}

/* Appends a number of `size` bytes, high byte first. */
static inline void add_be(buffer *b, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--) add_le(b, value >> (8 * i) & 0xFF, 1);
}

/* Replaces the `size` bytes at offset `at` by a number, low byte first. */
static inline void set_le(buffer *b, size_t at, uint64_t value, int size)
{
    for (int i = 0; i < size; i++, value >>= 8) b->at[at + (size_t)i] = (unsigned char)value;
}

/* Appends a string literal, which may contain NULs. */
#define ADD(buffer_, literal_) add((buffer_), (literal_), sizeof(literal_) - 1)

/* --- zip archives ----------------------------------------------------------------------------- */

/* A zip archive that is being built. zip_add appends an entry's local header, data and data
 * descriptor to `file`, and its central header to `directory`; zip_end appends the directory and
 * the end records to `file`. Data are not aligned as torch.save aligns them: readers must not rely
 * on that. */
typedef struct zip_builder {
    buffer file, directory;
    uint16_t count;
    size_t last_central; /* offset in `directory` of the last entry's central header */
    size_t last_local;   /* offset in `file` of the last entry's local header */
    bool no_descriptor;  /* CRC and sizes in the local header, as most zip programs write */
    bool no_crc;         /* CRC 0, as torch.save writes when it is told to compute none */
} zip_builder;

static inline void zip_add(zip_builder *z, const char *name, const void *data, size_t size)
{
    uint32_t crc = z->no_crc ? 0 : (uint32_t)crc32_z(0, data, size);
    bool described = size > 0 && !z->no_descriptor;
    uint16_t flags = described ? 0x0808 : 0x0800, length = (uint16_t)strlen(name);
    z->last_local = z->file.size;
    z->last_central = z->directory.size;
    ADD(&z->directory, "PK\1\2");
    add_le(&z->directory, 0, 4);
    add_le(&z->directory, flags, 2);
    add_le(&z->directory, 0, 6);
    add_le(&z->directory, crc, 4);
    add_le(&z->directory, size, 4);
    add_le(&z->directory, size, 4);
    add_le(&z->directory, length, 2);
    add_le(&z->directory, 0, 12);
    add_le(&z->directory, z->file.size, 4);
    add_text(&z->directory, name);
    ADD(&z->file, "PK\3\4");
    add_le(&z->file, 0, 2);
    add_le(&z->file, flags, 2);
    add_le(&z->file, 0, 6);
    add_le(&z->file, described ? 0 : crc, 4);
    add_le(&z->file, described ? 0 : size, 4);
    add_le(&z->file, described ? 0 : size, 4);
    add_le(&z->file, length, 2);
    add_le(&z->file, 0, 2);
    add_text(&z->file, name);
    add(&z->file, data, size);
    if (described) {
        ADD(&z->file, "PK\7\10");
        add_le(&z->file, crc, 4);
        add_le(&z->file, size, 4);
        add_le(&z->file, size, 4);
    }
    z->count++;
}

/* Appends the directory and the end records; with `zip64` also the zip64 records, as PyTorch does.
 * Then z->file is the archive. Returns the offset of the first end record. */
static inline size_t zip_end(zip_builder *z, bool zip64)
{
    size_t start = z->file.size, end;
    add(&z->file, z->directory.at, z->directory.size);
    end = z->file.size;
    if (zip64) {
        ADD(&z->file, "PK\6\6");
        add_le(&z->file, 44, 8);
        add_le(&z->file, 0, 12);
        add_le(&z->file, z->count, 8);
        add_le(&z->file, z->count, 8);
        add_le(&z->file, z->directory.size, 8);
        add_le(&z->file, start, 8);
        ADD(&z->file, "PK\6\7");
        add_le(&z->file, 0, 4);
        add_le(&z->file, end, 8);
        add_le(&z->file, 1, 4);
    }
    ADD(&z->file, "PK\5\6");
    add_le(&z->file, 0, 4);
    add_le(&z->file, z->count, 2);
    add_le(&z->file, z->count, 2);
    add_le(&z->file, z->directory.size, 4);
    add_le(&z->file, start, 4);
    add_le(&z->file, 0, 2);
    return end;
}

/* --- damaged files ---------------------------------------------------------------------------- */

/* A function that reads a whole file. It must do the same for the same bytes and free all memory,
 * and may leave an error pending. */
typedef void reader(const unsigned char *data, size_t size);

/* Reads a copy of exactly `size` bytes, so that a sanitizer sees a read past the end, and checks
 * that no memory is left. */
static inline void read_exactly(reader *read, const unsigned char *data, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    int64_t blocks = cd_memory_stats().blocks_in_use;
    read(copy, size);
    assert_int_equal(cd_memory_stats().blocks_in_use, blocks);
    cd_clear_error();
    free(copy);
}

/* Reads the first 0, 1, 2, ... bytes of the file. */
static inline void read_truncations(reader *read, const unsigned char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) read_exactly(read, data, i);
}

/* Reads the file many times, each time with one change: a byte is set to 00, FF, 7F or 80, or its
 * lowest bit is inverted, or 4 or 8 bytes at an even offset are set to an edge value of
 * integers. */
static inline void read_mutants(reader *read, const unsigned char *data, size_t size)
{
    static const uint64_t edges[] = { 0,          1,          0x7FFFFFFF,         0x80000000,
                                      0xFFFFFFFF, 1ULL << 62, 0x7FFFFFFFFFFFFFFF, UINT64_MAX };
    static const unsigned char values[] = { 0x00, 0xFF, 0x7F, 0x80 };
    unsigned char *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, data, size);
    for (size_t i = 0; i < size; i++) {
        for (size_t v = 0; v <= sizeof values; v++) {
            copy[i] = v < sizeof values ? values[v] : data[i] ^ 1;
            read_exactly(read, copy, size);
        }
        copy[i] = data[i];
        for (int width = 4; width <= 8 && i % 2 == 0; width += 4) {
            if (size - i < (size_t)width) continue;
            for (size_t e = 0; e < sizeof edges / sizeof *edges; e++) {
                for (int k = 0; k < width; k++) {
                    copy[i + (size_t)k] = (unsigned char)(edges[e] >> (8 * k) & 0xFF);
                }
                read_exactly(read, copy, size);
            }
            memcpy(copy + i, data + i, (size_t)width);
        }
    }
    free(copy);
}

/* --- failing allocations ---------------------------------------------------------------------- */

static int64_t allocations_left; /* how many succeed before one fails */
static bool fail_sticks;         /* all later allocations fail too */

static inline bool fail_now(size_t bytes)
{
    (void)bytes;
    if (allocations_left > 0) {
        allocations_left--;
        return false;
    }
    if (!fail_sticks) allocations_left = INT64_MAX;
    return true;
}

/* Calls `run` while allocation number k fails, for k = 0, 1, ... until `run` succeeds; then again
 * while all allocations from number k on fail. A call that does not succeed must return false with
 * CD_ERR_MEMORY, and leave no memory. Returns the number of allocations that could fail. */
static inline int sweep_memory(bool (*run)(void *), void *user)
{
    int k = 0;
    for (int sticky = 0; sticky < 2; sticky++) {
        bool done = false;
        for (k = 0; !done; k++) {
            assert_that(k < 10000, "after 10000 allocations it still fails");
            int64_t blocks = cd_memory_stats().blocks_in_use;
            allocations_left = k;
            fail_sticks = sticky;
            cd_memory_fault_hook = fail_now;
            done = run(user);
            cd_memory_fault_hook = NULL;
            if (!done) assert_failed_with(CD_ERR_MEMORY, "out of memory");
            assert_int_equal(cd_memory_stats().blocks_in_use, blocks);
        }
        assert_ok();
    }
    return k - 1;
}

#endif
