/* Operands, for the library's own files. */
#ifndef CANDELA_CORE_OPERAND_INTERNAL_H
#define CANDELA_CORE_OPERAND_INTERNAL_H

#include "core/dtype.h"
#include "core/operand.h"

/* A number that was given where a tensor could have been. */
typedef struct cd_number {
    cd_operand_kind kind; /* CD_OPERAND_TENSOR: a tensor was given, or nothing */
    int64_t integer;
    double real;
} cd_number;

/* Writes a number as one element of this dtype to `to`: converted as cd_to converts elements, an
 * integer from int64 and a double from float64. */
void cd_operand_store(const cd_operand *number, cd_dtype dtype, void *to);

/* The tensor of an operand, NULL for a number. */
static inline cd_tensor *cd_operand_input(cd_operand o)
{
    return o.kind == CD_OPERAND_TENSOR ? o.tensor : NULL;
}

#endif
