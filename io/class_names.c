/* Compares the class names of two data sets or models, and says how they differ. */
#include "io/class_names_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/memory_internal.h"
#include "core/text_internal.h"
#include "io/folder_internal.h"

/* --- names that look alike -------------------------------------------------------------------- */

/* Decodes the UTF-8 character at *text and moves *text behind it. A byte that is not UTF-8 counts
 * as one character. */
static uint32_t next_character(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    int more = at[0] >= 0xF0 ? 3 : at[0] >= 0xE0 ? 2 : at[0] >= 0xC0 ? 1 : 0;
    uint32_t c = more ? at[0] & (0x3FU >> more) : at[0];
    int i = 1;
    for (; i <= more && (at[i] & 0xC0) == 0x80; i++) c = c << 6 | (at[i] & 0x3FU);
    *text += i;
    return c;
}

/* Whether the code point is a combining mark, part of the character before it: an accent, the sign
 * of a Japanese voiced sound, a vowel or final consonant of a Korean syllable. */
static bool is_mark(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36F) || c == 0x3099 || c == 0x309A || (c >= 0x1161 && c <= 0x11FF);
}

/* Moves *text behind the character there and the marks that follow it. Returns the character, and
 * the bytes of all of them in *bytes and the number of marks in *marks. */
static uint32_t next_cluster(const char **text, size_t *bytes, int *marks)
{
    const char *start = *text, *at = start;
    uint32_t c = next_character(&at);
    *text = at;
    for (*marks = 0; *at && is_mark(next_character(&at)); ++*marks) *text = at;
    *bytes = (size_t)(*text - start);
    return c;
}

/* Whether two different names look the same: wherever they differ, one has a letter with combining
 * marks behind it and the other a single code point above 0xC0, which may be the same letter with
 * its accent. (To know that it is the same letter would take Unicode's table of decompositions; for
 * a hint it is enough that all other characters are equal.) */
static bool look_alike(const char *a, const char *b)
{
    while (*a && *b) {
        const char *from_a = a, *from_b = b;
        size_t bytes_a, bytes_b;
        int marks_a, marks_b;
        uint32_t ca = next_cluster(&a, &bytes_a, &marks_a);
        uint32_t cb = next_cluster(&b, &bytes_b, &marks_b);
        if (bytes_a == bytes_b && memcmp(from_a, from_b, bytes_a) == 0) continue;
        bool composed_a = marks_a == 0 && marks_b > 0 && ca >= 0xC0;
        bool composed_b = marks_b == 0 && marks_a > 0 && cb >= 0xC0;
        if (!composed_a && !composed_b) return false;
    }
    return *a == *b;
}

/* --- names that only one list has ------------------------------------------------------------- */

/* Pointers into another list, sorted by the names' bytes. */
typedef struct view {
    char **items;
    size_t count;
} view;

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool view_sorted(const cd_class_names *list, view *out)
{
    out->count = (size_t)list->count;
    out->items = cd_alloc_zeroed(out->count + 1, sizeof *out->items);
    if (!out->items) return false;
    if (out->count > 0) memcpy(out->items, list->items, out->count * sizeof *out->items);
    qsort(out->items, out->count, sizeof *out->items, by_bytes);
    return true;
}

/* Removes from both lists the names that both have. */
static void remove_common(view *a, view *b)
{
    size_t i = 0, k = 0, only_a = 0, only_b = 0;
    while (i < a->count || k < b->count) {
        int order = i == a->count ? 1 : k == b->count ? -1 : strcmp(a->items[i], b->items[k]);
        if (order < 0) {
            a->items[only_a++] = a->items[i++];
        } else if (order > 0) {
            b->items[only_b++] = b->items[k++];
        } else {
            i++;
            k++;
        }
    }
    a->count = only_a;
    b->count = only_b;
}

/* --- the sentence ----------------------------------------------------------------------------- */

enum { WHERE_BYTES = 100 };

/* A list's `where`, escaped and cut for a sentence. */
static const char *where(const cd_class_names *list, char text[WHERE_BYTES])
{
    return cd_escape_text(text, WHERE_BYTES, list->where);
}

/* Name x of a and name y of b look the same; `letters`: they differ in capital letters. */
static bool fail_similar(const cd_class_names *a, const char *x, const cd_class_names *b,
                         const char *y, bool letters)
{
    char in_a[WHERE_BYTES], in_b[WHERE_BYTES], one[64], other[64];
    return cd_fail(
        CD_ERR_FORMAT,
        "the classes differ: \"%s\" in %s and \"%s\" in %s %s: rename one of the folders",
        cd_escape_text(one, sizeof one, x), where(a, in_a), cd_escape_text(other, sizeof other, y),
        where(b, in_b),
        letters ? "differ in capital letters only"
                : "look alike, but their bytes differ (an accent may be part of a "
                  "letter or stand behind it; macOS writes the latter)");
}

/* If two of the first names look the same and so were meant to be the same, sets the error that
 * says so and returns true. */
static bool found_similar(const cd_class_names *a, const view *only_a, const cd_class_names *b,
                          const view *only_b)
{
    enum { FIRST = 100 };
    for (size_t i = 0; i < only_a->count && i < FIRST; i++) {
        for (size_t k = 0; k < only_b->count && k < FIRST; k++) {
            const char *x = only_a->items[i], *y = only_b->items[k];
            bool letters = cd_same_ignoring_case(x, y);
            if (!letters && !look_alike(x, y)) continue;
            (void)fail_similar(a, x, b, y, letters);
            return true;
        }
    }
    return false;
}

static bool fail_different(const cd_class_names *a, const view *only_a, const cd_class_names *b,
                           const view *only_b)
{
    char in_a[WHERE_BYTES], in_b[WHERE_BYTES], names_a[CD_NAMES_SHOWN], names_b[CD_NAMES_SHOWN];
    if (only_a->count == 0 && only_b->count == 0) {
        return cd_fail(CD_ERR_FORMAT, "the classes of %s and %s are in different orders",
                       where(a, in_a), where(b, in_b));
    }
    if (found_similar(a, only_a, b, only_b)) return false;
    return cd_fail(CD_ERR_FORMAT, "the classes differ: only %s has %s (%zu), only %s has %s (%zu)",
                   where(a, in_a),
                   only_a->count ? cd_names_shown(only_a->items, only_a->count, names_a) : "none",
                   only_a->count, where(b, in_b),
                   only_b->count ? cd_names_shown(only_b->items, only_b->count, names_b) : "none",
                   only_b->count);
}

static bool same_order(const cd_class_names *a, const cd_class_names *b)
{
    if (a->count != b->count) return false;
    for (int64_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0) return false;
    }
    return true;
}

bool cd_class_names_same(const cd_class_names *a, const cd_class_names *b)
{
    if (same_order(a, b)) return true;
    view only_a = { .count = 0 }, only_b = { .count = 0 };
    if (view_sorted(a, &only_a) && view_sorted(b, &only_b)) {
        remove_common(&only_a, &only_b);
        (void)fail_different(a, &only_a, b, &only_b);
    }
    cd_free(only_a.items);
    cd_free(only_b.items);
    return false;
}
