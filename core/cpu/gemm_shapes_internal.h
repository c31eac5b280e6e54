/* The sizes of tiles and of groups of dot products in gemm_kernel.c, for each instruction set. */
#ifndef CANDELA_CORE_CPU_GEMM_SHAPES_INTERNAL_H
#define CANDELA_CORE_CPU_GEMM_SHAPES_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

/* A tile of C has ROWS rows by some vectors of columns, at most. Its sums take up to 24 of
 * AVX-512's 32 registers, or 12 of AVX2's 16: so many independent sums keep two multipliers busy
 * through a latency of 4 or 5 cycles. A tile of fewer rows has more columns: most_vectors[rows]
 * vectors, at most. EACH_TILE lists all tiles: X(rows, vectors). TILE_BYTES is a row of a tile of
 * ROWS rows, TILE_ELEMENTS the f32 elements of the largest tile.
 *
 * A tile for fewer than SHORT_DEPTH products has SHORT_ROWS rows at most, so that the processor
 * begins the next tile while it stores this one. B is not packed for IN_PLACE_ROWS rows or fewer.
 */
#define TILES_2(X, rows_) X(rows_, 1) X(rows_, 2)
#define TILES_3(X, rows_) TILES_2(X, rows_) X(rows_, 3)
#define TILES_4(X, rows_) TILES_3(X, rows_) X(rows_, 4)
#define TILES_6(X, rows_) TILES_4(X, rows_) X(rows_, 5) X(rows_, 6)
#define TILES_8(X, rows_) TILES_6(X, rows_) X(rows_, 7) X(rows_, 8)
#ifdef CD_CPU_AVX512
enum { ROWS = 8, VECTORS = 8, TILE_BYTES = 192, TILE_ELEMENTS = 24 * 16, IN_PLACE_ROWS = 128 };
static const int8_t most_vectors[ROWS + 1] = { 0, 8, 8, 8, 6, 3, 3, 3, 3 };
#define EACH_TILE(X)                                                                               \
    TILES_8(X, 1)                                                                                  \
    TILES_8(X, 2)                                                                                  \
    TILES_8(X, 3)                                                                                  \
    TILES_6(X, 4)                                                                                  \
    TILES_3(X, 5)                                                                                  \
    TILES_3(X, 6)                                                                                  \
    TILES_3(X, 7)                                                                                  \
    TILES_3(X, 8)
/* Tiles half a vector wide: X(rows). Some processors need half the time for half a vector. */
#define EACH_HALF_TILE(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#define HALF_TILES        true
#elif defined(CD_CPU_AVX2)
enum { ROWS = 6, VECTORS = 8, TILE_BYTES = 64, TILE_ELEMENTS = 12 * 8, IN_PLACE_ROWS = 64 };
static const int8_t most_vectors[ROWS + 1] = { 0, 8, 6, 4, 3, 2, 2 };
#define EACH_TILE(X)                                                                               \
    TILES_8(X, 1)                                                                                  \
    TILES_6(X, 2)                                                                                  \
    TILES_4(X, 3)                                                                                  \
    TILES_3(X, 4)                                                                                  \
    TILES_2(X, 5)                                                                                  \
    TILES_2(X, 6)
#define EACH_HALF_TILE(X)
#define HALF_TILES false
#else
enum { ROWS = 6, TILE_BYTES = 64, TILE_ELEMENTS = 6 * 16, IN_PLACE_ROWS = 64 };
#endif
enum { SHORT_DEPTH = 32, SHORT_ROWS = 6 };

/* Dot products are computed DOT_ROWS x DOT_COLUMNS at a time, each with DOT_BYTES bytes of lanes.
 */
#define DOT_BYTES   64
#define DOT_COLUMNS 4
#ifdef CD_CPU_AVX512
#define DOT_ROWS         4
#define MOST_DOT_ROWS    16
#define EACH_DOT_ROWS(X) X(1) X(2) X(3) X(4)
#else
#define DOT_ROWS         1
#define MOST_DOT_ROWS    8
#define EACH_DOT_ROWS(X) X(1)
#endif

#endif
