#include "core/operand_internal.h"

#include "core/cpu/map_internal.h"

void cd_operand_store(const cd_operand *number, cd_dtype dtype, void *to)
{
    const bool whole = number->kind != CD_OPERAND_DOUBLE;
    if (dtype == CD_F32) {
        *(float *)to = whole ? (float)number->integer : (float)number->number;
    } else if (dtype == CD_F64) {
        *(double *)to = whole ? (double)number->integer : number->number;
    } else {
        int64_t integer = number->integer;
        double real = number->number;
        char *data[2] = { to, whole ? (char *)&integer : (char *)&real };
        cd_cpu_convert_loop(whole ? CD_I64 : CD_F64, dtype)(1, data, (const int64_t[2]){ 0 }, NULL);
    }
}
