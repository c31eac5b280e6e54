/* Code that is written once and compiled for each element type, and its choice by dtype.
 *
 * A file whose name ends in _typed.h has the functions for one type. A .c file defines what the
 * type is, and includes it; then the next type:
 *
 *     #define TYPE   float
 *     #define SUFFIX f32
 *     #include "core/cpu/pool_typed.h"
 *
 *     #define TYPE   double
 *     #define SUFFIX f64
 *     #include "core/cpu/pool_typed.h"
 *
 * The protocol is the same for all such files:
 *
 *  - TYPE is the element type, SUFFIX its dtype in lower case. The file names what it defines with
 *    TYPED: TYPED(max) is max_f32 at first, then max_f64.
 *  - A file that is included several times for one type has a parameter VARIANT too, and names
 *    what it defines with VARIED: VARIED(fold) is fold_max_f32 where VARIANT is max.
 *  - The file's first comment lists its parameters, with those beyond TYPE, SUFFIX and VARIANT. A
 *    parameter that is missing is an #error.
 *  - The file takes nothing else from its includer: it includes or defines what it uses.
 *  - The file undefines its parameters at its end; its includer does not.
 *  - A file may be a part of another _typed.h file, which alone includes it. A part uses what that
 *    file has defined before, and undefines only the parameters of its own.
 *
 * A function of a few lines may be written by a macro instead, whose first parameters are suffix_
 * and type_: SCALE(f32, float) defines scale_f32. Where only the size of an element counts they are
 * bytes_ and type_: GATHER(4, uint32_t) defines gather_4. The macros of loops_internal.h make a
 * loop over elements from an expression. */
#ifndef CANDELA_CORE_CPU_TYPED_INTERNAL_H
#define CANDELA_CORE_CPU_TYPED_INTERNAL_H

#include "core/dtype.h"

#define TYPED(name_)                    CD_CPU_GLUE(name_, SUFFIX)
#define VARIED(name_)                   CD_CPU_GLUE(name_, CD_CPU_GLUE(VARIANT, SUFFIX))
#define CD_CPU_GLUE(name_, with_)       CD_CPU_PASTE(name_, with_) /* after expanding the two */
#define CD_CPU_PASTE(name_, with_)      name_##_##with_

/* Which function a dtype has is said in a table, and never by a comparison with one dtype, which
 * would take every other dtype, even one that is new, for the second. These are the entries of such
 * a table:
 *
 *     static plane_function *const max[CD_DTYPE_COUNT] = { CD_CPU_FLOATS(max) };
 *     max[dtype](task, plane);
 *
 * The table is then { [CD_F32] = max_f32, [CD_F64] = max_f64 }. A dtype that is not listed has
 * NULL. In the forms with _AS an entry is entry_(name_, suffix_) in place of a function. */
#define CD_CPU_FLOATS_AS(entry_, name_) [CD_F32] = entry_(name_, f32), [CD_F64] = entry_(name_, f64)
#define CD_CPU_INTEGERS_AS(entry_, name_)                                                          \
    [CD_I64] = entry_(name_, i64), [CD_I32] = entry_(name_, i32), [CD_U8] = entry_(name_, u8)
#define CD_CPU_NUMBERS_AS(entry_, name_)                                                           \
    CD_CPU_FLOATS_AS(entry_, name_), CD_CPU_INTEGERS_AS(entry_, name_)
/* A bool is one byte, 0 or 1, and has the functions of u8. */
#define CD_CPU_EVERY_AS(entry_, name_)                                                             \
    CD_CPU_NUMBERS_AS(entry_, name_), [CD_BOOL] = entry_(name_, u8)

#define CD_CPU_FLOATS(name_)   CD_CPU_FLOATS_AS(CD_CPU_PASTE, name_)
#define CD_CPU_INTEGERS(name_) CD_CPU_INTEGERS_AS(CD_CPU_PASTE, name_)
#define CD_CPU_NUMBERS(name_)  CD_CPU_NUMBERS_AS(CD_CPU_PASTE, name_)
#define CD_CPU_EVERY(name_)    CD_CPU_EVERY_AS(CD_CPU_PASTE, name_)

/* The same for functions that move elements without computing anything, one for each size of an
 * element: name_8, name_4 and name_1. */
#define CD_CPU_NUMBER_SIZES(name_)                                                                 \
    [CD_F64] = name_##_8, [CD_I64] = name_##_8, [CD_F32] = name_##_4, [CD_I32] = name_##_4,        \
    [CD_U8] = name_##_1
#define CD_CPU_SIZES(name_) CD_CPU_NUMBER_SIZES(name_), [CD_BOOL] = name_##_1

#endif
