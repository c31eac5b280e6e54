/* What every public header starts from: visibility, and checks of printf-like calls. */
#ifndef CANDELA_CORE_API_H
#define CANDELA_CORE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define CD_API                     __attribute__((visibility("default")))
#define CD_PRINTF(format_, first_) __attribute__((format(printf, format_, first_)))
#else
#define CD_API
#define CD_PRINTF(format_, first_)
#endif

#ifdef __cplusplus
#define CD_BEGIN_DECLS extern "C" {
#define CD_END_DECLS   }
#else
#define CD_BEGIN_DECLS
#define CD_END_DECLS
#endif

/* The type of the guard that stands after the plain arguments of an option struct. Nothing has this
 * type, so a stray positional number there draws a warning instead of filling the next option. */
struct cd_guard;

#endif
