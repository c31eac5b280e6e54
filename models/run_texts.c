/* The texts of a checkpoint, and the sums by which changed bits are noticed. */
#include <string.h>

#include "core/error.h"
#include "core/scope_internal.h"
#include "core/text_internal.h"
#include "io/file_format_internal.h"
#include "io/tensor_file_internal.h"
#include "models/run_internal.h"

/* --- the hash --------------------------------------------------------------------------------- */

/* Eight lanes take the words of 64 bits in turn: h = rotate((h ^ word) * PRIME, 29). Each step is a
 * bijection of h and of the word, so that no single change of a word can be lost. Multiplications
 * of eight lanes overlap, which makes it nearly as fast as memory. */
#define PRIME UINT64_C(0x9E3779B97F4A7C15)
enum { LANES = 8, WORD = 8, BLOCK = LANES * WORD };

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t step(uint64_t h, uint64_t word)
{
    return rotate((h ^ word) * PRIME, 29);
}

/* The 8 bytes as a number, low byte first. */
static uint64_t word_at(const unsigned char *bytes)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
#else
    return cd_load_le(bytes, WORD);
#endif
}

static uint64_t hash(uint64_t seed, const unsigned char *bytes, size_t size)
{
    uint64_t lane[LANES];
    size_t at = 0;
    for (int k = 0; k < LANES; k++) lane[k] = seed + (uint64_t)k;
    for (; size - at >= BLOCK; at += BLOCK) {
        for (int k = 0; k < LANES; k++) lane[k] = step(lane[k], word_at(bytes + at + k * WORD));
    }
    unsigned char rest[BLOCK] = { 0 };
    if (size > at) memcpy(rest, bytes + at, size - at);
    uint64_t h = size;
    for (int k = 0; k < LANES; k++) {
        h = step(h, step(lane[k], word_at(rest + k * WORD)));
    }
    h = (h ^ h >> 32) * PRIME;
    return h ^ h >> 29;
}

static uint64_t hash_text(uint64_t seed, const char *text)
{
    return hash(seed, (const unsigned char *)text, strlen(text));
}

/* The hash of elements whose bytes are in the other order in memory than in files. */
static uint64_t hash_swapped(uint64_t seed, const unsigned char *data, size_t bytes, size_t width)
{
    unsigned char piece[4096];
    for (size_t at = 0; at < bytes; at += sizeof piece) {
        const size_t size = bytes - at < sizeof piece ? bytes - at : sizeof piece;
        for (size_t i = 0; i < size; i++) {
            piece[i] = data[at + i / width * width + (width - 1 - i % width)];
        }
        seed = hash(seed, piece, size);
    }
    return seed;
}

uint64_t cd_run_tensor_sum(const char *name, const cd_tensor *t)
{
    const size_t width = cd_dtype_bytes[t->dtype], bytes = (size_t)cd_numel(t) * width;
    const unsigned char *data = (const unsigned char *)t->data;
    const uint64_t seed = hash_text((uint64_t)width, name);
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || width == 1) return hash(seed, data, bytes);
    return hash_swapped(seed, data, bytes, width);
}

uint64_t cd_run_text_sum(const cd_text_pair *pair)
{
    const bool is_sum = strncmp(pair->key, CD_KEY_CHECK, strlen(CD_KEY_CHECK)) == 0;
    return is_sum ? 0 : hash_text(hash_text(0, pair->key), pair->value);
}

/* --- checking them ---------------------------------------------------------------------------- */

bool cd_run_check_sum(const char *function, const cd_archive *archive, const char *part,
                      uint64_t sum)
{
    char key[CD_RUN_KEY_BYTES], text[CD_RUN_SUM_BYTES];
    (void)cd_format(key, sizeof key, CD_KEY_CHECK "%.32s", part);
    (void)cd_format(text, sizeof text, "%016llx", (unsigned long long)sum);
    const char *right = cd_archive_metadata(archive, key);
    if (right && strcmp(right, text) == 0) return true;
    return cd_fail(CD_ERR_FORMAT,
                   "%s: %s was changed since it was written: the sum of its %.32s is %s, and the "
                   "file says %.24s: take another copy, or an earlier checkpoint",
                   function, archive->source.label, part, text, right ? right : "nothing of it");
}

static bool check_format(const char *function, const cd_archive *archive)
{
    const char *text = cd_archive_metadata(archive, CD_KEY_CHECKPOINT);
    if (!text) {
        return cd_fail(CD_ERR_FORMAT,
                       "%s: %s is no checkpoint of a run: cd_save_checkpoint writes those, and "
                       "cd_load or cd_load_model reads others",
                       function, archive->source.label);
    }
    const int format = cd_format_number(text);
    if (format > CD_CHECKPOINT_FORMAT) {
        const char *version = cd_archive_metadata(archive, CD_KEY_VERSION);
        return cd_fail(CD_ERR_UNSUPPORTED,
                       "%s: %s is a checkpoint of format %d, written by Candela %.32s, and this "
                       "one reads the formats up to %d: a newer Candela is needed",
                       function, archive->source.label, format, version ? version : "of later",
                       CD_CHECKPOINT_FORMAT);
    }
    return format > 0 ||
           cd_fail(CD_ERR_FORMAT,
                   "%s: %s: " CD_KEY_CHECKPOINT
                   " is \"%.32s\", and must be a whole number from 1 to 999999999, in digits",
                   function, archive->source.label, text);
}

bool cd_run_check_texts(const char *function, const cd_archive *archive)
{
    if (cd_archive_format(archive) < 0 || !check_format(function, archive)) return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < archive->metadata_count; i++) {
        sum += cd_run_text_sum(&archive->metadata[i]);
    }
    return cd_run_check_sum(function, archive, CD_KEY_TEXTS, sum);
}

/* Adds the sum of the tensor number i of those sorted by name, without the part's name. */
static bool add_entry(cd_archive *archive, const cd_archive_entry *e, size_t part, uint64_t *sum)
{
    CD_SCOPE();
    const cd_dtype dtype = cd_file_dtype_native(e->dtype);
    if (dtype == CD_DTYPE_DEFAULT) {
        return cd_fail(CD_ERR_FORMAT, "%s: \"%s\" is of the dtype %s, which no checkpoint has",
                       archive->source.label, e->name, cd_file_dtype_name(e->dtype));
    }
    cd_tensor *t = cd_hand(cd_archive_tensor(archive, e, dtype));
    if (!t) return false;
    *sum += cd_run_tensor_sum(e->name + part, t);
    return true;
}

bool cd_run_check_whole(const char *function, cd_archive *archive)
{
    if (!cd_run_check_texts(function, archive)) return false;
    for (size_t i = 0; i < archive->metadata_count; i++) {
        const char *key = archive->metadata[i].key, *part = key + strlen(CD_KEY_CHECK);
        if (strncmp(key, CD_KEY_CHECK, strlen(CD_KEY_CHECK)) != 0) continue;
        if (strcmp(part, CD_KEY_TEXTS) == 0) continue;
        char prefix[CD_RUN_KEY_BYTES];
        (void)cd_format(prefix, sizeof prefix, "%.32s.", part);
        const cd_archive_subset all = cd_archive_with_prefix(archive, prefix);
        uint64_t sum = 0;
        for (size_t k = 0; k < all.count; k++) {
            if (!add_entry(archive, all.entries[k], all.prefix_size, &sum)) return false;
        }
        if (!cd_run_check_sum(function, archive, part, sum)) return false;
    }
    return true;
}
