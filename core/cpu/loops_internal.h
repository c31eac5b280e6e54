/* Macros that write the loop of a map from an expression. Each has several loops, for the strides
 * that compilers turn into vector code, and one loop for all other strides. */
#ifndef CANDELA_CORE_CPU_LOOPS_INTERNAL_H
#define CANDELA_CORE_CPU_LOOPS_INTERNAL_H

#include "core/cpu/cpu_internal.h"
#include "core/cpu/map_internal.h"
#include "core/cpu/typed_internal.h"

/* For the body of a loop: whether an operand is contiguous, and its element i. */
#define CD_CONTIGUOUS(operand_, type_) (stride[operand_] == (int64_t)sizeof(type_))
#define CD_AT(operand_, type_, i_)     (*(type_ *)(data[operand_] + (i_)*stride[operand_]))

/* out[i] = expr_, an expression of x, the element of the input. setup_ is a declaration before the
 * loops, such as one that reads params; it may be empty. */
#define CD_LOOP_1(name_, out_type_, type_, setup_, expr_)                                          \
    static void name_(int64_t n, char *const *data, const int64_t *stride, const void *params)     \
    {                                                                                              \
        (void)params;                                                                              \
        setup_;                                                                                    \
        if (CD_CONTIGUOUS(0, out_type_) && CD_CONTIGUOUS(1, type_)) {                              \
            out_type_ *out = (out_type_ *)data[0];                                                 \
            const type_ *in = (const type_ *)data[1];                                              \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ x = in[i];                                                             \
                out[i] = (out_type_)(expr_);                                                       \
            }                                                                                      \
        } else {                                                                                   \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ x = CD_AT(1, const type_, i);                                          \
                CD_AT(0, out_type_, i) = (out_type_)(expr_);                                       \
            }                                                                                      \
        }                                                                                          \
    }

/* out[i] = expr_, an expression of a and b, the elements of two inputs of one type. There are loops
 * for contiguous operands, and for either input being a single number. */
#define CD_LOOP_2(name_, out_type_, type_, setup_, expr_)                                          \
    static void name_(int64_t n, char *const *data, const int64_t *stride, const void *params)     \
    {                                                                                              \
        (void)params;                                                                              \
        setup_;                                                                                    \
        const bool out_runs = CD_CONTIGUOUS(0, out_type_);                                         \
        if (out_runs && CD_CONTIGUOUS(1, type_) && CD_CONTIGUOUS(2, type_)) {                      \
            out_type_ *out = (out_type_ *)data[0];                                                 \
            const type_ *left = (const type_ *)data[1], *right = (const type_ *)data[2];           \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = left[i], b = right[i];                                             \
                out[i] = (out_type_)(expr_);                                                       \
            }                                                                                      \
        } else if (out_runs && CD_CONTIGUOUS(1, type_) && stride[2] == 0) {                        \
            out_type_ *out = (out_type_ *)data[0];                                                 \
            const type_ *left = (const type_ *)data[1], b = *(const type_ *)data[2];               \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = left[i];                                                           \
                out[i] = (out_type_)(expr_);                                                       \
            }                                                                                      \
        } else if (out_runs && stride[1] == 0 && CD_CONTIGUOUS(2, type_)) {                        \
            out_type_ *out = (out_type_ *)data[0];                                                 \
            const type_ *right = (const type_ *)data[2], a = *(const type_ *)data[1];              \
            CD_CPU_VECTORISE                                                                       \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ b = right[i];                                                          \
                out[i] = (out_type_)(expr_);                                                       \
            }                                                                                      \
        } else {                                                                                   \
            for (int64_t i = 0; i < n; i++) {                                                      \
                const type_ a = CD_AT(1, const type_, i), b = CD_AT(2, const type_, i);            \
                CD_AT(0, out_type_, i) = (out_type_)(expr_);                                       \
            }                                                                                      \
        }                                                                                          \
    }

#endif
