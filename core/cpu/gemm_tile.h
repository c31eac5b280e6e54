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

/* The first `count` lanes, which may be all that there are in memory. */
#ifdef CD_CPU_AVX512
#define FIRST(count_)                  ((MASK)((1u << (count_)) - 1))
#define LOAD_SOME(from_, mask_)        INTRINSIC(maskz_loadu)(mask_, from_)
#define STORE_SOME(to_, mask_, value_) INTRINSIC(mask_storeu)(to_, mask_, value_)
#else
#define FIRST(count_)                  _mm256_loadu_si256((const MASK *)(TYPED(lanes) + LANES - (count_)))
#define LOAD_SOME(from_, mask_)        INTRINSIC(maskload)(from_, mask_)
#define STORE_SOME(to_, mask_, value_) INTRINSIC(maskstore)(to_, mask_, value_)
#endif

/* c = alpha * sum + beta * c for the rows of the tile. A product is rounded before it is added.
 * beta == 0 does not read C. */
static inline __attribute__((always_inline)) void TILED(put)(const int rows, const int vectors,
                                                             const bool whole, const bool reads,
                                                             VECTOR sum[ROWS][VECTORS], MASK some,
                                                             const TILE *tile)
{
    VECTOR alpha = BROADCAST(tile->alpha), beta = BROADCAST(tile->beta);
    REAL *c = tile->at;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++, c += tile->ldc) {
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) {
            const bool full = whole || v < vectors - 1;
            REAL *to = c + v * LANES;
            VECTOR value = MUL(alpha, sum[r][v]);
            if (reads) value = ADD(value, MUL(beta, full ? LOAD(to) : LOAD_SOME(to, some)));
            if (full) STORE(to, value);
            if (!full) STORE_SOME(to, some, value);
        }
    }
}

/* The tile's sums over p < depth of a(r, p) * b(p, j), into C. If not `whole`, the last vector of C
 * is a part of one, and with B_IN_PARTS that of B may be too. */
static inline __attribute__((always_inline)) void TILED(product)(const int rows, const int vectors,
                                                                 const bool whole, int64_t depth,
                                                                 LEFT a, RIGHT b, const TILE *tile)
{
    VECTOR sum[ROWS][VECTORS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) sum[r][v] = INTRINSIC(setzero)();
    }
    MASK some = FIRST(tile->width - (vectors - 1) * LANES);
    for (int64_t p = 0; p < depth; p++) {
        VECTOR right[VECTORS];
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) {
            const REAL *from = b.at + v * LANES;
            right[v] = whole || v < vectors - 1 || !B_IN_PARTS ? LOAD(from) : LOAD_SOME(from, some);
        }
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++) {
            VECTOR factor = BROADCAST(a.at[r * a.row]);
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++) {
                sum[r][v] = INTRINSIC(fmadd)(factor, right[v], sum[r][v]);
            }
        }
        a.at += a.step;
        b.at += b.step;
    }
    if (tile->beta == 0) {
        TILED(put)(rows, vectors, whole, false, sum, some, tile);
    } else {
        TILED(put)(rows, vectors, whole, true, sum, some, tile);
    }
}

static inline __attribute__((always_inline)) void TILED(any_product)(const int rows,
                                                                     const int vectors,
                                                                     int64_t depth, LEFT a, RIGHT b,
                                                                     const TILE *tile)
{
    if (tile->width == vectors * LANES) {
        TILED(product)(rows, vectors, true, depth, a, b, tile);
    } else {
        TILED(product)(rows, vectors, false, depth, a, b, tile);
    }
}

#undef LANES
#undef LOAD
#undef STORE
#undef BROADCAST
#undef MUL
#undef ADD
#undef FIRST
#undef LOAD_SOME
#undef STORE_SOME
