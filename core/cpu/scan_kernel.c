/* Scans for one instruction set. scan.c cuts the work into blocks of lines. */
#include "core/cpu/cpu_internal.h"
#include "core/cpu/scan_internal.h"
#include "core/cpu/typed_internal.h"

/* f32 accumulates in double. */
#define TYPE       float
#define SUFFIX     f32
#define STATE      double
#define IS_FLOAT   1
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/scan_typed.h"

#define TYPE       double
#define SUFFIX     f64
#define STATE      double
#define IS_FLOAT   1
#define IS_NAN(x_) ((x_) != (x_))
#include "core/cpu/scan_typed.h"

/* Integers are added as unsigned numbers, which wrap; the bits are those of the signed result. */
#define TYPE       int64_t
#define SUFFIX     i64
#define STATE      uint64_t
#define IS_FLOAT   0
#define IS_NAN(x_) false
#include "core/cpu/scan_typed.h"

#define TYPE       int32_t
#define SUFFIX     i32
#define STATE      uint32_t
#define IS_FLOAT   0
#define IS_NAN(x_) false
#include "core/cpu/scan_typed.h"

#define TYPE       uint8_t
#define SUFFIX     u8
#define STATE      uint32_t
#define IS_FLOAT   0
#define IS_NAN(x_) false
#include "core/cpu/scan_typed.h"

#define SCAN(kind_, suffix_) scan_##kind_##_##suffix_

const struct cd_cpu_scan_table CD_CPU_TABLE(scan) = {
    .scan = { [CD_SCAN_SUM] = { CD_CPU_NUMBERS_AS(SCAN, sum) },
              [CD_SCAN_PROD] = { CD_CPU_NUMBERS_AS(SCAN, prod) },
              [CD_SCAN_MAX] = { CD_CPU_EVERY_AS(SCAN, max) },
              [CD_SCAN_MIN] = { CD_CPU_EVERY_AS(SCAN, min) },
              [CD_SCAN_LOGSUM] = { CD_CPU_FLOATS_AS(SCAN, logsum) },
              [CD_SCAN_LINEAR] = { CD_CPU_FLOATS_AS(SCAN, linear) } },
};
