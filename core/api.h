/* Macros that every public header needs: CD_API (exported from the shared library), CD_PRINTF
 * (printf's format checks), CD_BEGIN_DECLS (C linkage in C++), CD_GUARD_ (in option structs). */
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

/* Separates an option struct's required fields, which a call passes by position, from its options,
 * which a call passes by name. It takes no space. Without it an extra positional argument, as in
 * cd_sum_dim(x, 1, true), would silently set the first option. With it the extra argument is an
 * initialiser for an array of length 0, which gcc warns about and clang rejects by default. In C++,
 * where these structs are initialised by field name only, it declares nothing. */
#if defined(__cplusplus)
#define CD_GUARD_ struct cd_guard
#else
#define CD_GUARD_ __extension__ char options_have_names_[0]
#endif

/* The number 0 for an option whose default is another number. An option that was left out is 0, so
 * 0 itself means the default. CD_ZERO is minus zero, which the sign tells from 0. */
#define CD_ZERO (-0.0)

#endif
