/* The tile of C that stays in registers, for one kind of vector. gemm_blocked.h includes it with
 * VECTOR and TILED defined, INTRINSIC(add) the processor's addition of such vectors, MASK the type
 * of a choice among its lanes, and ROWS and VECTORS the largest tile.
 *
 * `rows` and `vectors` (of columns) are constants where this is expanded, so that the sums live in
 * registers. */

#define LANES     ((int)(sizeof(VECTOR) / sizeof(REAL)))
#define LOAD      INTRINSIC(loadu)
#define STORE     INTRINSIC(storeu)
#define BROADCAST INTRINSIC(set1)
#define MUL       INTRINSIC(mul)
#define ADD       INTRINSIC(add)
#define MULADD    INTRINSIC(fmadd)

/* The first `count` lanes, which may be all that there are in memory. AVX2 has masked stores too,
 * but there are processors that take dozens of cycles for one. */
#ifdef CD_CPU_AVX512
#define FIRST(count_)                          ((MASK)((1u << (count_)) - 1))
#define LOAD_SOME(from_, mask_)                INTRINSIC(maskz_loadu)(mask_, from_)
#define STORE_SOME(to_, mask_, count_, value_) INTRINSIC(mask_storeu)(to_, mask_, value_)
#else
#define FIRST(count_)                          TYPED(first)(count_)
#define LOAD_SOME(from_, mask_)                TYPED(load_some)(from_, mask_)
#define STORE_SOME(to_, mask_, count_, value_) TYPED(store_first)(to_, count_, value_)
#endif

/* c = alpha * sum + beta * c for the rows of the tile. A product is rounded before it is added.
 * beta == 0 does not read C. */
static inline __attribute__((always_inline)) void TILED(put)(const int rows, const int vectors,
                                                             const bool whole, const bool reads,
                                                             VECTOR sum[ROWS][VECTORS], MASK some,
                                                             REAL *c, const TILE *tile)
{
    const VECTOR beta = BROADCAST(tile->beta);
    const int64_t ldc = tile->ldc;
    const int64_t rest __attribute__((unused)) = tile->width - (vectors - 1) * LANES;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++, c += ldc) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) {
            const bool full = whole || v < vectors - 1;
            REAL *to = c + v * LANES;
            VECTOR value = sum[r][v];
            if (reads) value = ADD(value, MUL(beta, full ? LOAD(to) : LOAD_SOME(to, some)));
            if (full) STORE(to, value);
            if (!full) STORE_SOME(to, some, rest, value);
        }
    }
}

/* sum[r][v] += a(r, p) * b(p, v) for `count` steps p. If `masked`, the last vector of b is read
 * where `some` says. Of the two operands the one with fewer vectors is kept in registers, the other
 * is read as it is used; the empty assembly keeps the compiler from reading b again for each row.
 */
static inline __attribute__((always_inline)) void
TILED(steps)(const int rows, const int vectors, const bool masked, int64_t count, const REAL *a,
             const REAL *b, VECTOR sum[ROWS][VECTORS], MASK some, const TILE *tile)
{
    const int64_t a_row = tile->a_row, a_step = tile->a_step, b_step = tile->b_step;
    for (int64_t p = 0; p < count; p++, a += a_step, b += b_step) {
        VECTOR right[VECTORS], left[ROWS];
        if (rows < vectors) {
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) left[r] = BROADCAST(a[r * a_row]);
        }
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) {
            const REAL *from = b + v * LANES;
            right[v] = masked && v == vectors - 1 ? LOAD_SOME(from, some) : LOAD(from);
            if (rows > 1) __asm__("" : "+v"(right[v]));
            if (rows >= vectors) continue;
#pragma GCC unroll 8
            for (int r = 0; r < rows; r++) sum[r][v] = MULADD(left[r], right[v], sum[r][v]);
        }
        if (rows < vectors) continue;
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            left[r] = BROADCAST(a[r * a_row]);
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) sum[r][v] = MULADD(left[r], right[v], sum[r][v]);
        }
    }
}

/* A tile whose last vector, if not `whole`, is a part of one. */
static inline __attribute__((always_inline)) void TILED(product)(const int rows, const int vectors,
                                                                 const bool whole, const REAL *a,
                                                                 const REAL *b, REAL *c,
                                                                 const TILE *tile)
{
    VECTOR sum[ROWS][VECTORS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) sum[r][v] = INTRINSIC(setzero)();
    }
    const MASK some = FIRST(tile->width - (vectors - 1) * LANES);
    const int64_t plain = whole ? tile->depth : tile->plain;
    TILED(steps)(rows, vectors, false, plain, a, b, sum, some, tile);
    if (!whole) {
        a += plain * tile->a_step;
        b += plain * tile->b_step;
        TILED(steps)(rows, vectors, true, tile->depth - plain, a, b, sum, some, tile);
    }
    if (tile->alpha != 1) {
        const VECTOR alpha = BROADCAST(tile->alpha);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) sum[r][v] = MUL(alpha, sum[r][v]);
        }
    }
    if (tile->beta == 0) {
        TILED(put)(rows, vectors, whole, false, sum, some, c, tile);
    } else {
        TILED(put)(rows, vectors, whole, true, sum, some, c, tile);
    }
}

static inline __attribute__((always_inline)) void TILED(any_product)(const int rows,
                                                                     const int vectors,
                                                                     const REAL *a, const REAL *b,
                                                                     REAL *c, const TILE *tile)
{
    if (tile->width == vectors * LANES) {
        TILED(product)(rows, vectors, true, a, b, c, tile);
    } else {
        TILED(product)(rows, vectors, false, a, b, c, tile);
    }
}

/* `depth` rows of `width` elements, `step` apart, into rows of whole vectors: zeros behind. */
static void TILED(copy_strip)(const REAL *from, int64_t step, int64_t depth, int64_t width,
                              REAL *to)
{
    const int64_t full = width / LANES * LANES, rest = width - full;
    const MASK some = FIRST(rest);
    for (int64_t p = 0; p < depth; p++, from += step) {
        for (int64_t j = 0; j < full; j += LANES, to += LANES) STORE(to, LOAD(from + j));
        if (rest == 0) continue;
        STORE(to, LOAD_SOME(from + full, some));
        to += LANES;
    }
}

#undef LANES
#undef LOAD
#undef STORE
#undef BROADCAST
#undef MUL
#undef ADD
#undef MULADD
#undef FIRST
#undef LOAD_SOME
#undef STORE_SOME
