/* The choice of a map's loop, in the tables of this machine's kernels. */
#include "core/cpu/map_internal.h"

#include "core/cpu/cpu_internal.h"

cd_loop *cd_cpu_loop(cd_map map, cd_dtype dtype)
{
    if ((unsigned)dtype >= CD_DTYPE_COUNT) return NULL;
    const cd_cpu_tables *cpu = cd_cpu_kernels();
#define CASE(table_, map_)                                                                         \
    case CD_MAP_##map_:                                                                            \
        return cpu->table_->map_##_[dtype];
#define UNARY(map_)   CASE(unary, map_)
#define BINARY(map_)  CASE(binary, map_)
#define COMPARE(map_) CASE(compare, map_)
#define SELECT(map_)  CASE(select, map_)
    switch (map) {
        CD_UNARY_MAPS(UNARY)
        CD_BINARY_MAPS(BINARY)
        CD_COMPARE_MAPS(COMPARE)
        CD_SELECT_MAPS(SELECT)
    case CD_MAP_COUNT:
        break;
    }
    return NULL;
}

cd_loop *cd_cpu_convert_loop(cd_dtype from, cd_dtype to)
{
    if ((unsigned)from >= CD_DTYPE_COUNT || (unsigned)to >= CD_DTYPE_COUNT) return NULL;
    return cd_cpu_kernels()->convert->loop[from][to];
}
