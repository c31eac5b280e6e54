/* The tile of C whose sums stay in registers, for one kind of vector: a part of
 * gemm_blocked_typed.h, which includes it for wide vectors and, with AVX-512, for half ones too.
 *
 * Parameters of gemm_blocked_typed.h: TYPE, SUFFIX; it also has the struct TILE. Parameter of this
 * file: VARIANT, wide or half.
 *
 * `rows` and `vectors` (of columns) are constants wherever these functions are expanded, so that
 * the compiler unrolls the loops over them and keeps the sums in registers. */
#if !defined VARIANT
#error "a parameter of gemm_tile_typed.h is missing"
#endif
#include "core/cpu/gemm_lanes_internal.h"
#include "core/cpu/gemm_shapes_internal.h"
#include "core/cpu/typed_internal.h"
#include "core/cpu/vectors_internal.h"

#define VECTOR     VARIED(vector)
#define MASK       VARIED(mask)
#define LANES      ((int)(sizeof(VECTOR) / sizeof(TYPE)))
#define FIRST      VARIED(first)
#define LOAD       VARIED(INTRINSIC)(loadu)
#define LOAD_SOME  VARIED(load_some)
#define STORE      VARIED(INTRINSIC)(storeu)
#define STORE_SOME VARIED(store_some)
#define ZERO       VARIED(INTRINSIC)(setzero)
#define BROADCAST  VARIED(INTRINSIC)(set1)
#define MUL        VARIED(INTRINSIC)(mul)
#define ADD        VARIED(INTRINSIC)(add)
#define MULADD     VARIED(INTRINSIC)(fmadd)

/* c = sum + beta * c for the rows of the tile; without `reads` c = sum, and C is not read. The
 * product is rounded before it is added. Unless `whole`, the last vector of a row is a part of one.
 */
static inline __attribute__((always_inline)) void VARIED(put)(const int rows, const int vectors,
                                                              const bool whole, const bool reads,
                                                              VECTOR sum[ROWS][VECTORS], MASK some,
                                                              TYPE *c, const TILE *tile)
{
    const VECTOR beta = BROADCAST(tile->beta);
    const int64_t ldc = tile->ldc;
    const int64_t rest __attribute__((unused)) = tile->width - (vectors - 1) * LANES;
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++, c += ldc) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) {
            const bool full = whole || v < vectors - 1;
            TYPE *to = c + v * LANES;
            VECTOR value = sum[r][v];
            if (reads) value = ADD(value, MUL(beta, full ? LOAD(to) : LOAD_SOME(to, some)));
            if (full) STORE(to, value);
            if (!full) STORE_SOME(to, some, rest, value);
        }
    }
}

/* sum[r][v] += a(r, p) * b(p, v) for `count` steps p. If `masked`, only the lanes `some` of b's
 * last vector are read. The operand with fewer vectors stays in registers, the other is read as it
 * is used. The empty assembly keeps the compiler from reading b again for each row. */
static inline __attribute__((always_inline)) void
VARIED(steps)(const int rows, const int vectors, const bool masked, int64_t count, const TYPE *a,
              const TYPE *b, VECTOR sum[ROWS][VECTORS], MASK some, const TILE *tile)
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
            const TYPE *from = b + v * LANES;
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

/* A tile. Unless `whole`, the last vector of each row is a part of one. */
static inline __attribute__((always_inline)) void VARIED(product)(const int rows, const int vectors,
                                                                  const bool whole, const TYPE *a,
                                                                  const TYPE *b, TYPE *c,
                                                                  const TILE *tile)
{
    VECTOR sum[ROWS][VECTORS];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++) {
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) sum[r][v] = ZERO();
    }
    const MASK some = FIRST(tile->width - (vectors - 1) * LANES);
    const int64_t unmasked = whole ? tile->depth : tile->whole_steps;
    VARIED(steps)(rows, vectors, false, unmasked, a, b, sum, some, tile);
    if (!whole) {
        a += unmasked * tile->a_step;
        b += unmasked * tile->b_step;
        VARIED(steps)(rows, vectors, true, tile->depth - unmasked, a, b, sum, some, tile);
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
        VARIED(put)(rows, vectors, whole, false, sum, some, c, tile);
    } else {
        VARIED(put)(rows, vectors, whole, true, sum, some, c, tile);
    }
}

/* A tile that is `vectors` vectors wide, the last of them perhaps a part of one. */
static inline __attribute__((always_inline)) void VARIED(any_product)(const int rows,
                                                                      const int vectors,
                                                                      const TYPE *a, const TYPE *b,
                                                                      TYPE *c, const TILE *tile)
{
    if (tile->width == vectors * LANES) {
        VARIED(product)(rows, vectors, true, a, b, c, tile);
    } else {
        VARIED(product)(rows, vectors, false, a, b, c, tile);
    }
}

/* Copies `depth` rows of `width` elements, `step` elements apart, to contiguous rows of whole
 * vectors, with zeros behind each row. */
static void VARIED(copy_strip)(const TYPE *from, int64_t step, int64_t depth, int64_t width,
                               TYPE *to)
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

#undef VECTOR
#undef MASK
#undef LANES
#undef FIRST
#undef LOAD
#undef LOAD_SOME
#undef STORE
#undef STORE_SOME
#undef ZERO
#undef BROADCAST
#undef MUL
#undef ADD
#undef MULADD
#undef VARIANT
