/* What this library is: its version, and what it was built with and runs on. */
#ifndef CANDELA_CORE_ABOUT_H
#define CANDELA_CORE_ABOUT_H

#include "core/api.h"

CD_BEGIN_DECLS

typedef struct cd_about_info {
    const char *version;  /* "0.1.0" */
    const char *compiler; /* "gcc 12.2.0" */
    const char *kernels;  /* the instruction set in use: "avx512", "avx2" or "portable" */
} cd_about_info;

/* The texts live as long as the library. */
CD_API cd_about_info cd_about(void);

CD_END_DECLS

#endif
