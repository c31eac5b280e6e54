/* Numbers as elements. */
#include "core/operand_internal.h"

#include "core/device_internal.h"

void cd_operand_store(const cd_operand *number, cd_dtype dtype, void *to)
{
    const bool is_integer = number->kind != CD_OPERAND_DOUBLE;
    if (dtype == CD_F32) {
        *(float *)to = is_integer ? (float)number->integer : (float)number->number;
    } else if (dtype == CD_F64) {
        *(double *)to = is_integer ? (double)number->integer : number->number;
    } else {
        int64_t integer = number->integer;
        double real = number->number;
        const cd_array from = { is_integer ? (void *)&integer : (void *)&real,
                                &cd_number_layout[is_integer ? CD_I64 : CD_F64] };
        cd_device_driver_of(CD_CPU)->convert(&(cd_array){ to, &cd_number_layout[dtype] }, &from);
    }
}
