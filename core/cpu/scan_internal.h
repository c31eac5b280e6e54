/* Scans: results that accumulate along one dimension of any view, such as cumulative sums. */
#ifndef CANDELA_CORE_CPU_SCAN_INTERNAL_H
#define CANDELA_CORE_CPU_SCAN_INTERNAL_H

#include "core/dtype.h"
#include "core/shape.h"

enum { CD_SCAN_OPERANDS = 4 };

/* How a scan goes through its operands: line after line of n elements. Operands 0 and 1 are
 * outputs, 2 and 3 inputs; those that a scan does not have are not looked at. Strides are in
 * bytes. */
typedef struct cd_scan_walk {
    int ndim; /* of the dimensions that are not scanned */
    int64_t size[CD_MAX_DIMS];
    int64_t stride[CD_SCAN_OPERANDS][CD_MAX_DIMS];
    int64_t n;                      /* elements of a line */
    int64_t step[CD_SCAN_OPERANDS]; /* from one element of a line to the next */
    char *data[CD_SCAN_OPERANDS];   /* the first element of the first line */
} cd_scan_walk;

/* Scans. Floats are accumulated in double; integers wrap. An output may be exactly an input. */
typedef enum cd_scan {
    CD_SCAN_SUM,  /* y[k] = y[k - 1] + x[k], for every dtype but bool */
    CD_SCAN_PROD, /* y[k] = y[k - 1] x[k], likewise */
    CD_SCAN_MAX,  /* y[k] = the larger of y[k - 1] and x[k], for every dtype; output 1 is its index
                       (i64) in the line: of equal ones the last, of NaN too, which win */
    CD_SCAN_MIN,  /* the smaller, likewise */
    CD_SCAN_LOGSUM, /* y[k] = log(exp(y[k - 1]) + exp(x[k])), for floats */
    CD_SCAN_LINEAR, /* y[k] = b[k] + a[k] y[k - 1], for floats; inputs b and a, of which the first
                       element that the walk shows belongs to k = 1 */
    CD_SCANS
} cd_scan;

/* `dtype` is that of input 2. Bits do not depend on the number of threads. */
void cd_cpu_scan(cd_scan kind, cd_dtype dtype, const cd_scan_walk *walk);

/* ---- between the files of scan ---- */

enum { CD_SCAN_WIDTH = 256 }; /* lines of a block, at most */

/* A block of lines. Those side by side are `across` bytes apart. */
typedef struct cd_scan_block {
    int64_t n, width;
    const int64_t *step;
    int64_t across[CD_SCAN_OPERANDS];
    char *data[CD_SCAN_OPERANDS];
} cd_scan_block;

typedef void cd_scan_function(const cd_scan_block *block);

struct cd_cpu_scan_table {
    cd_scan_function *scan[CD_SCANS][CD_DTYPE_COUNT];
};

#endif
