/* Included once per type and direction: TYPE, NAME(x) that puts the suffix on x, WORST, over which
 * every element wins or which it equals, EQUAL, and what reduce_min_max.c says of the others. */

typedef TYPE NAME(element);
typedef TYPE NAME(state);

/* Candidates side by side, then the best of them. A NaN loses every comparison; so it is noted on
 * the side, which is cheaper than a choice that lets it win. */
static TYPE NAME(run)(TYPE best, int64_t n, const TYPE *in)
{
    int64_t i = 0;
    if (n >= LANES) {
        TYPE candidate[LANES], nan[LANES];
        for (int j = 0; j < LANES; j++) candidate[j] = nan[j] = best;
        for (; i + LANES <= n; i += LANES) {
            for (int j = 0; j < LANES; j++) {
                const TYPE x = in[i + j], m = candidate[j];
                candidate[j] = BEATS(x, m) ? x : m;
                nan[j] = NOTE_NAN(nan[j], x);
            }
        }
        for (int width = LANES / 2; width > 0; width /= 2) {
            for (int j = 0; j < width; j++) {
                const TYPE x = candidate[j + width], m = candidate[j];
                candidate[j] = BEATS(x, m) ? x : m;
                nan[j] = NOTE_NAN(nan[j], nan[j + width]);
            }
        }
        best = WINS(candidate[0], best) ? candidate[0] : best;
        best = WINS(nan[0], best) ? nan[0] : best;
    }
    for (; i < n; i++) best = WINS(in[i], best) ? in[i] : best;
    return best;
}

static void NAME(rows)(const cd_tile *tile, TYPE *best)
{
    const char *in = tile->in;
    for (int64_t r = 0; r < tile->rows; r++, in += tile->row_stride) {
        const TYPE *row = (const TYPE *)in;
        CD_CPU_VECTORISE
        for (int64_t c = 0; c < tile->columns; c++) {
            const TYPE x = row[c], m = best[c];
            best[c] = WINS(x, m) ? x : m;
        }
    }
}

static void NAME(fold)(const cd_tile *tile, void *states)
{
    TYPE *best = states;
    if (tile->row_stride != (int64_t)sizeof(TYPE) && tile->column_stride == (int64_t)sizeof(TYPE)) {
        NAME(rows)(tile, best);
        return;
    }
    for (int64_t c = 0; c < tile->columns; c++) {
        const char *in = tile->in + c * tile->column_stride;
        if (tile->row_stride == (int64_t)sizeof(TYPE)) {
            best[c] = NAME(run)(best[c], tile->rows, (const TYPE *)in);
            continue;
        }
        for (int64_t r = 0; r < tile->rows; r++, in += tile->row_stride) {
            const TYPE x = *(const TYPE *)in;
            best[c] = WINS(x, best[c]) ? x : best[c];
        }
    }
}

static void NAME(start)(int64_t columns, void *states)
{
    TYPE *best = states;
    for (int64_t c = 0; c < columns; c++) best[c] = WORST;
}

static void NAME(join)(int64_t columns, void *states, const void *later)
{
    TYPE *best = states;
    const TYPE *more = later;
    for (int64_t c = 0; c < columns; c++) best[c] = WINS(more[c], best[c]) ? more[c] : best[c];
}

static void NAME(finish)(int64_t columns, const void *states, void *out, int64_t *indices)
{
    (void)indices;
    memcpy(out, states, (size_t)columns * sizeof(TYPE));
}

/* With the index. A state that has seen nothing has index -1. */
typedef struct NAME(argstate) {
    TYPE value;
    int64_t index;
} NAME(argstate);

static void NAME(offer)(NAME(argstate) * best, TYPE value, int64_t index)
{
    if (best->index < 0 || WINS(value, best->value)) {
        best->value = value;
        best->index = index;
    }
}

/* First the value and the stretch of 512 that it comes from, which is vector code, then a search
 * there for the first element that equals it. */
static void NAME(argrun)(NAME(argstate) * best, int64_t n, const TYPE *in, int64_t first)
{
    if (n < LANES) {
        for (int64_t i = 0; i < n; i++) NAME(offer)(best, in[i], first + i);
        return;
    }
    TYPE value = WORST;
    int64_t from = best->index < 0 ? 0 : -1;
    if (best->index >= 0) value = best->value;
    for (int64_t i = 0; i < n; i += 512) {
        const TYPE candidate = NAME(run)(value, n - i < 512 ? n - i : 512, in + i);
        if (WINS(candidate, value)) {
            value = candidate;
            from = i;
        }
    }
    if (from < 0) return;
    while (!EQUAL(in[from], value)) from++;
    *best = (NAME(argstate)){ .value = in[from], .index = first + from };
}

static void NAME(argfold)(const cd_tile *tile, void *states)
{
    NAME(argstate) *best = states;
    if (tile->row_stride == (int64_t)sizeof(TYPE)) {
        for (int64_t c = 0; c < tile->columns; c++) {
            const char *in = tile->in + c * tile->column_stride;
            NAME(argrun)(&best[c], tile->rows, (const TYPE *)in, tile->first);
        }
        return;
    }
    for (int64_t r = 0; r < tile->rows; r++) {
        const char *in = tile->in + r * tile->row_stride;
        for (int64_t c = 0; c < tile->columns; c++, in += tile->column_stride) {
            NAME(offer)(&best[c], *(const TYPE *)in, tile->first + r);
        }
    }
}

static void NAME(argstart)(int64_t columns, void *states)
{
    NAME(argstate) *best = states;
    for (int64_t c = 0; c < columns; c++) best[c] = (NAME(argstate)){ .index = -1 };
}

static void NAME(argjoin)(int64_t columns, void *states, const void *later)
{
    NAME(argstate) *best = states;
    const NAME(argstate) *more = later;
    for (int64_t c = 0; c < columns; c++) {
        if (more[c].index >= 0) NAME(offer)(&best[c], more[c].value, more[c].index);
    }
}

static void NAME(argfinish)(int64_t columns, const void *states, void *out, int64_t *indices)
{
    const NAME(argstate) *best = states;
    TYPE *values = out;
    for (int64_t c = 0; values && c < columns; c++) values[c] = best[c].value;
    for (int64_t c = 0; indices && c < columns; c++) indices[c] = best[c].index;
}

#undef NAME
#undef BEATS
#undef WINS
#undef WORST
