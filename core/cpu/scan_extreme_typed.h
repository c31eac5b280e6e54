/* Cumulative maximum or minimum of one element type, with indices: a part of scan_typed.h, which
 * includes it for each of the two.
 *
 * Parameters of scan_typed.h: TYPE, SUFFIX. Of this file: VARIANT; REPLACES(x, m), whether x
 * takes the place of m, which came before. */
#if !defined VARIANT || !defined REPLACES
#error "a parameter of scan_extreme_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/scan_internal.h"
#include "core/cpu/typed_internal.h"

static void VARIED(rows)(const cd_scan_block *block)
{
    const char *in = block->data[2];
    char *out = block->data[0], *indices = block->data[1];
    TYPE value[CD_SCAN_WIDTH];
    int64_t found[CD_SCAN_WIDTH];
    for (int64_t c = 0; c < block->width; c++) {
        value[c] = ((const TYPE *)(const void *)in)[c];
        found[c] = 0;
    }
    for (int64_t r = 0; r < block->n; r++) {
        const TYPE *row = (const TYPE *)(const void *)in;
        TYPE *to = (TYPE *)(void *)out;
        int64_t *index = (int64_t *)(void *)indices;
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < block->width; c++) {
            const TYPE x = row[c], m = value[c];
            const bool wins = REPLACES(x, m);
            value[c] = wins ? x : m;
            found[c] = wins ? r : found[c];
            to[c] = value[c];
            index[c] = found[c];
        }
        in += block->step[2];
        out += block->step[0];
        indices += block->step[1];
    }
}

static void VARIED(line)(const cd_scan_block *block, int64_t number)
{
    const char *in = block->data[2] + number * block->across[2];
    char *out = block->data[0] + number * block->across[0];
    char *indices = block->data[1] + number * block->across[1];
    TYPE value = *(const TYPE *)(const void *)in;
    int64_t found = 0;
    for (int64_t r = 0; r < block->n; r++) {
        const TYPE x = *(const TYPE *)(const void *)in;
        if (REPLACES(x, value)) {
            value = x;
            found = r;
        }
        *(TYPE *)(void *)out = value;
        *(int64_t *)(void *)indices = found;
        in += block->step[2];
        out += block->step[0];
        indices += block->step[1];
    }
}

static void VARIED(scan)(const cd_scan_block *block)
{
    const int64_t element = (int64_t)sizeof(TYPE);
    if (block->width > 1 && block->across[0] == element && block->across[1] == 8 &&
        block->across[2] == element) {
        VARIED(rows)(block);
        return;
    }
    for (int64_t i = 0; i < block->width; i++) VARIED(line)(block, i);
}

#undef VARIANT
#undef REPLACES
