/* How libFuzzer changes inputs of this target: it inserts, removes, swaps and changes whole steps.
 * Bytes that are inserted or removed at random would change the meaning of all steps behind
 * them. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/graph_choose.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { STEP = GRAPH_STEP_BYTES };

static uint32_t drawn(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static size_t draw_below(uint32_t *state, size_t limit)
{
    return limit > 0 ? drawn(state) % limit : 0;
}

static size_t insert(uint8_t *data, size_t steps, uint32_t *state, size_t at)
{
    memmove(data + (at + 1) * STEP, data + at * STEP, (steps - at) * STEP);
    for (size_t i = 0; i < STEP; i++) data[at * STEP + i] = (uint8_t)(drawn(state) >> 8);
    return steps + 1;
}

static size_t remove_step(uint8_t *data, size_t steps, size_t at)
{
    memmove(data + at * STEP, data + (at + 1) * STEP, (steps - at - 1) * STEP);
    return steps - 1;
}

static void swap(uint8_t *data, size_t a, size_t b)
{
    uint8_t step[STEP];
    memcpy(step, data + a * STEP, STEP);
    memmove(data + a * STEP, data + b * STEP, STEP);
    memcpy(data + b * STEP, step, STEP);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint32_t state = seed * 2654435761U | 1;
    size_t room = max_size < GRAPH_STEPS * STEP ? max_size : GRAPH_STEPS * STEP;
    size_t steps = (size < room ? size : room) / STEP;
    (void)drawn(&state);
    switch (draw_below(&state, 8)) {
    case 0:
    case 1:
    case 2:
        if ((steps + 1) * STEP > room) break;
        return insert(data, steps, &state, draw_below(&state, steps + 1)) * STEP;
    case 3:
        if (steps < 2) break;
        return remove_step(data, steps, draw_below(&state, steps)) * STEP;
    case 4:
        if (steps < 2) break;
        swap(data, draw_below(&state, steps), draw_below(&state, steps));
        return steps * STEP;
    case 5:
        if (steps == 0) break;
        data[draw_below(&state, steps * STEP)] = (uint8_t)(drawn(&state) >> 8);
        return steps * STEP;
    default:
        break;
    }
    return LLVMFuzzerMutate(data, size < room ? size : room, room);
}

/* Turns off libFuzzer's schedule by entropy: a program runs through so much code that its
 * bookkeeping takes half of the time. The option is put first, so that the command line can
 * override it. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char option[] = "-entropic=0";
    char **more = calloc((size_t)*argc + 2, sizeof *more);
    if (!more) return 0;
    more[0] = (*argv)[0];
    more[1] = option;
    memcpy(more + 2, *argv + 1, (size_t)(*argc - 1) * sizeof *more);
    *argv = more;
    ++*argc;
    return 0;
}
