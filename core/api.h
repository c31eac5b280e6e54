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

/* Begins a struct that a macro makes, CD_DIMS of cd_dims: a plain number in its place, as in
 * .dims = 1, would otherwise silently be the struct's first member. It takes no space, and fails as
 * CD_GUARD_ does. */
#if defined(__cplusplus)
#define CD_BY_MACRO_(macro_) struct cd_guard
#else
#define CD_BY_MACRO_(macro_) __extension__ char use_##macro_##_[0]
#endif

/* The number 0 for an option whose default is another number. C cannot tell an option of 0 from one
 * that was left out, so 0 means the default; CD_ZERO is minus zero, which the sign tells from 0:
 *
 *     cd_optim_sgd(model, .lr = 0)           the rate is the default, 1e-3
 *     cd_optim_sgd(model, .lr = CD_ZERO)     the rate is 0
 *
 * This is for options of type double alone: .start_dim of cd_nn_flatten is one for that reason. A
 * value that may be 0 is passed as .p = p > 0 ? p : CD_ZERO. Other options of whole numbers have
 * the default 0, or may not be 0 (.stride), or a bool beside them says that 0 is meant (.padding of
 * cd_nn_embedding for .padding_idx, .ignore for .ignore_index, .padding_w_is_zero). Where PyTorch's
 * default of a truth is True, the option here is its negation (.no_bias), whose default is false.
 * Plain arguments are what they are: cd_set_lr(sgd, 0) sets 0. */
#define CD_ZERO (-0.0)

#endif
