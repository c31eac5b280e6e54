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

/* Stands in an option struct after the plain arguments and takes no room. An argument too many, as
 * in cd_sum_dim(x, 1, true), comes upon it instead of filling the next option: of whatever type it
 * is, it is an element too many of an array that has none, which gcc warns of and clang refuses
 * without being asked to. In C++, where the structs are filled by name alone, it declares nothing.
 */
#if defined(__cplusplus)
#define CD_GUARD_ struct cd_guard
#else
#define CD_GUARD_ __extension__ char options_have_names_[0]
#endif

#endif
