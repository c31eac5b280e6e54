/* One scan of one element type: a part of scan_typed.h, which includes it for each scan.
 *
 * Parameters of scan_typed.h: TYPE, SUFFIX, STATE. Of this file: VARIANT; NEXT(s, x), the state
 * after one more element x. With INPUT_A the scan has a second input, and NEXT(s, x) may use its
 * element a.
 *
 * Lines that stand side by side are vector code: row after row, with a state for each line.
 * Other lines go one after the other. */
#if !defined VARIANT || !defined NEXT || !defined INPUT_A
#error "a parameter of scan_lines_typed.h is missing"
#endif
#include "core/cpu/cpu_internal.h"
#include "core/cpu/scan_internal.h"
#include "core/cpu/typed_internal.h"

static void VARIED(rows)(const cd_scan_block *block)
{
    STATE state[CD_SCAN_WIDTH];
    const int64_t width = block->width;
    const char *in = block->data[2], *with = block->data[3];
    char *out = block->data[0];
    for (int64_t c = 0; c < width; c++) {
        const TYPE x = ((const TYPE *)(const void *)in)[c];
        state[c] = (STATE)x;
        ((TYPE *)(void *)out)[c] = (TYPE)state[c];
    }
    for (int64_t r = 1; r < block->n; r++) {
        in += block->step[2];
        out += block->step[0];
        const TYPE *row = (const TYPE *)(const void *)in;
        const TYPE *factors = (const TYPE *)(const void *)with;
        TYPE *to = (TYPE *)(void *)out;
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < width; c++) {
            const TYPE x = row[c], a = INPUT_A ? factors[c] : x;
            (void)a;
            state[c] = NEXT(state[c], x);
            to[c] = (TYPE)state[c];
        }
        if (INPUT_A) with += block->step[3];
    }
}

static void VARIED(line)(const cd_scan_block *block, int64_t number)
{
    const char *in = block->data[2] + number * block->across[2];
    const char *with = INPUT_A ? block->data[3] + number * block->across[3] : in;
    char *out = block->data[0] + number * block->across[0];
    TYPE x = *(const TYPE *)(const void *)in;
    STATE state = (STATE)x;
    *(TYPE *)(void *)out = (TYPE)state;
    for (int64_t r = 1; r < block->n; r++) {
        in += block->step[2];
        out += block->step[0];
        x = *(const TYPE *)(const void *)in;
        const TYPE a = INPUT_A ? *(const TYPE *)(const void *)with : x;
        (void)a;
        state = NEXT(state, x);
        *(TYPE *)(void *)out = (TYPE)state;
        if (INPUT_A) with += block->step[3];
    }
}

static void VARIED(scan)(const cd_scan_block *block)
{
    const int64_t element = (int64_t)sizeof(TYPE);
    if (block->width > 1 && block->across[0] == element && block->across[2] == element &&
        (!INPUT_A || block->across[3] == element)) {
        VARIED(rows)(block);
        return;
    }
    for (int64_t i = 0; i < block->width; i++) VARIED(line)(block, i);
}

#undef VARIANT
#undef NEXT
#undef INPUT_A
