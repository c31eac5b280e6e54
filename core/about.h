/* The library's version, the compiler that built it and the instruction set it uses. */
#ifndef CANDELA_CORE_ABOUT_H
#define CANDELA_CORE_ABOUT_H

#include "core/api.h"

CD_BEGIN_DECLS

typedef struct cd_about_info {
    const char *version;  /* "0.1.0" */
    const char *compiler; /* "gcc 12.2.0" */
    const char *kernels;  /* the instruction set in use: "avx512", "avx2" or "portable" */
} cd_about_info;

/* For bug reports. The strings belong to the library and stay valid. */
CD_API cd_about_info cd_about(void);

CD_END_DECLS

#endif
