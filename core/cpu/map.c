#include "core/cpu/map_internal.h"

#include "core/cpu/cpu_internal.h"

cd_loop *cd_cpu_loop(cd_map map, cd_dtype dtype)
{
    if ((unsigned)dtype >= CD_DTYPE_COUNT) return NULL;
    const cd_cpu_tables *cpu = cd_cpu_kernels();
    switch (map) {
#define UNARY(map_)                                                                                \
    case CD_MAP_##map_:                                                                            \
        return cpu->unary->map_##_[dtype];
        CD_UNARY_MAPS(UNARY)
#define BINARY(map_)                                                                               \
    case CD_MAP_##map_:                                                                            \
        return cpu->binary->map_##_[dtype];
        CD_BINARY_MAPS(BINARY)
#define COMPARE(map_)                                                                              \
    case CD_MAP_##map_:                                                                            \
        return cpu->compare->map_##_[dtype];
        CD_COMPARE_MAPS(COMPARE)
#define SELECT(map_)                                                                               \
    case CD_MAP_##map_:                                                                            \
        return cpu->select->map_##_[dtype];
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
