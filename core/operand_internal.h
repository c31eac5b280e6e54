/* Operands, for the library's own files. */
#ifndef CANDELA_CORE_OPERAND_INTERNAL_H
#define CANDELA_CORE_OPERAND_INTERNAL_H

#include "core/dtype.h"
#include "core/operand.h"

/* The number of an operand: what a graph node keeps of an input that is not a tensor. */
typedef struct cd_number {
    cd_operand_kind kind; /* CD_OPERAND_TENSOR if the operand was a tensor, or was left out */
    int64_t integer;
    double real;
} cd_number;

/* Writes the operand, a number, as one element of the dtype to `to`. Converts as cd_to does: a bool
 * or an integer from int64, a double from float64. */
void cd_operand_store(const cd_operand *number, cd_dtype dtype, void *to);

/* The operand's tensor; NULL for a number. */
static inline cd_tensor *cd_operand_as_tensor(cd_operand o)
{
    return o.kind == CD_OPERAND_TENSOR ? o.tensor : NULL;
}

#endif
