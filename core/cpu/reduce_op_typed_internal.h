/* Included once per type and operation: KIND(x) names what is defined, NEUTRAL is what OP leaves
 * everything as it is with, VALUE(x) what is taken of an element. TYPE and STATE as in
 * reduce_sums_typed_internal.h.
 *
 * The order of the operations is fixed by the tile's size, and is the same in every build: sixteen
 * partial results side by side for a contiguous run, which are then joined by halves. */

/* A run of 2048 gives each partial result 128 steps: rounding grows with 128 + n / 2048, not n. */
static STATE KIND(block)(int64_t n, const TYPE *in)
{
    STATE part[16];
    for (int j = 0; j < 16; j++) part[j] = NEUTRAL;
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) part[j] = part[j] OP VALUE(in[i + j]);
    }
    for (int j = 0; i < n; i++, j++) part[j] = part[j] OP VALUE(in[i]);
    for (int width = 8; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) part[j] = part[j] OP part[j + width];
    }
    return part[0];
}

static STATE KIND(run)(STATE state, int64_t n, const TYPE *in)
{
    if (n < 16) {
        for (int64_t i = 0; i < n; i++) state = state OP VALUE(in[i]);
        return state;
    }
    for (; n > 0; n -= 2048, in += 2048) state = state OP KIND(block)(n < 2048 ? n : 2048, in);
    return state;
}

/* Columns side by side: four rows at a time, so that a state is read and written once for four. */
static void KIND(rows)(const cd_tile *tile, STATE *state)
{
    const char *in = tile->in;
    const int64_t stride = tile->row_stride;
    int64_t r = 0;
    for (; r + 4 <= tile->rows; r += 4, in += 4 * stride) {
        const TYPE *row0 = (const TYPE *)in, *row1 = (const TYPE *)(in + stride);
        const TYPE *row2 = (const TYPE *)(in + 2 * stride), *row3 = (const TYPE *)(in + 3 * stride);
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < tile->columns; c++) {
            STATE low = VALUE(row0[c]) OP VALUE(row1[c]), high = VALUE(row2[c]) OP VALUE(row3[c]);
            state[c] = state[c] OP(low OP high);
        }
    }
    for (; r < tile->rows; r++, in += stride) {
        const TYPE *row = (const TYPE *)in;
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < tile->columns; c++) state[c] = state[c] OP VALUE(row[c]);
    }
}

static void KIND(fold)(const cd_tile *tile, void *states)
{
    STATE *state = states;
    if (tile->row_stride != (int64_t)sizeof(TYPE) && tile->column_stride == (int64_t)sizeof(TYPE)) {
        KIND(rows)(tile, state);
        return;
    }
    for (int64_t c = 0; c < tile->columns; c++) {
        const char *in = tile->in + c * tile->column_stride;
        if (tile->row_stride == (int64_t)sizeof(TYPE)) {
            state[c] = KIND(run)(state[c], tile->rows, (const TYPE *)in);
            continue;
        }
        for (int64_t r = 0; r < tile->rows; r++, in += tile->row_stride) {
            state[c] = state[c] OP VALUE(*(const TYPE *)in);
        }
    }
}

static void KIND(start)(int64_t columns, void *states)
{
    STATE *state = states;
    for (int64_t c = 0; c < columns; c++) state[c] = NEUTRAL;
}

static void KIND(join)(int64_t columns, void *states, const void *later)
{
    STATE *state = states;
    const STATE *more = later;
    for (int64_t c = 0; c < columns; c++) state[c] = state[c] OP more[c];
}

#undef KIND
#undef NEUTRAL
#undef VALUE
#undef OP
