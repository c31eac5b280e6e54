/* cd_about: see about.h. */
#include "core/about.h"

#include "core/cpu/cpu_internal.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "another compiler than gcc and clang"
#endif

cd_about_info cd_about(void)
{
    return (cd_about_info){ .version = CANDELA_VERSION,
                            .compiler = COMPILER,
                            .kernels = cd_cpu_name() };
}
