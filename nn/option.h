/* How a class describes its options in a table.
 *
 * Modules, optimizers, schedules and models are made from a struct of options: the fields that a
 * call names, as in cd_nn_conv2d(3, 64, 7, .stride = 2). Each class has a table with one row per
 * field. The library reads the table to fill in defaults, check bounds, print an object as PyTorch
 * prints it, save its options in a file, and make an equal object from what was saved.
 *
 *     typedef struct scale_options { int64_t features; CD_GUARD_; double factor; } scale_options;
 *
 *     static const cd_option options[] = {
 *         { "features", CD_OPTION(scale_options, features, INTEGER), .required = true,
 *           .min = 1 },
 *         { "factor", CD_OPTION(scale_options, factor, REAL), .default_value = 1, .max = 100 },
 *         CD_OPTIONS_END
 *     };
 *
 * The function that makes an object calls cd_options_fill first:
 *
 *     cd_module *scale_with(scale_options o)
 *     {
 *         if (!cd_options_fill(options, &o, "scale")) return NULL;
 *         ...
 *
 * A number that is 0 in the struct was not given, and its default replaces it. CD_ZERO gives a REAL
 * option the value 0. An INTEGER, LENGTH or WINDOW for which 0 is allowed must have the default 0.
 * Mistakes in a table are found by cd_module_new and by the test `classes`. */
#ifndef CANDELA_NN_OPTION_H
#define CANDELA_NN_OPTION_H

#include <stddef.h>

#include "core/api.h"

CD_BEGIN_DECLS

/* The type of the field that a row describes. */
typedef enum cd_option_kind {
    CD_OPTION_INTEGER = 1, /* int64_t */
    CD_OPTION_LENGTH,      /* int64_t, printed as "(3,)" */
    CD_OPTION_WINDOW,      /* int64_t[2]: height and width, printed as "(3, 3)", and saved as one
                              number where both are equal. 0 for both was not given */
    CD_OPTION_PAIR,        /* int64_t[2]: height and width; -1 is printed as None */
    CD_OPTION_EXTENT,      /* int64_t[2]: height and width; printed and saved as one number where
                              both are equal. 0 for both was not given */
    CD_OPTION_SIZES,       /* const int64_t *; another field, an int, says how many there are */
    CD_OPTION_SHAPE,       /* cd_shape: printed as "(2, 3)" or "(6,)" */
    CD_OPTION_REAL,        /* double */
    CD_OPTION_BOOL,        /* bool */
    CD_OPTION_NEGATED,     /* bool, the negation of the option: no_bias for "bias" */
    CD_OPTION_DTYPE,       /* cd_dtype, which must be floating */
    CD_OPTION_REDUCTION,   /* cd_reduction */
    CD_OPTION_CHOICE,      /* an enum whose values, from 0 on, have the names in `choices` */
    CD_OPTION_TENSOR,      /* cd_tensor *, such as class weights. Only its shape and its dtype are
                              saved as an option: its elements are saved with the module's
                              buffers */
    CD_OPTION_CONSTANT     /* no field. PyTorch has the option, this library has it only with the
                              value that `text` says: printed, but neither saved nor read */
} cd_option_kind;

/* How an option is printed with its object. */
typedef enum cd_option_shown {
    CD_SHOWN_NAMED = 0, /* with its name: "stride=(2, 2)" */
    CD_SHOWN_VALUE,     /* without its name: "64" */
    CD_SHOWN_CHANGED,   /* with its name, and only if it is not the default */
    CD_SHOWN_NEVER
} cd_option_shown;

/* A row of a table. Fields that a row leaves out are 0. */
typedef struct cd_option {
    const char *name;            /* PyTorch's name: "kernel_size" */
    const char *member;          /* the field's name, for error messages: "kernel" */
    unsigned char kind;          /* a cd_option_kind */
    unsigned char shown;         /* a cd_option_shown */
    bool required;               /* the option has no default */
    bool whole;                  /* REAL: a whole number, printed and saved without a point */
    bool plain;                  /* CHOICE: printed without quotation marks */
    unsigned short offset;       /* of the field, in bytes from the start of the struct */
    unsigned short count_offset; /* CD_OPTION_SIZES: the offset of the int that counts the sizes */
    double default_value;        /* numbers: the default, which replaces a 0 in the struct */
    double min;       /* the smallest allowed number, or element of a list; -INFINITY: any.
                         CD_ABOVE_ZERO and CD_ABOVE_ONE: a number that is not allowed itself */
    double max;       /* the largest one; 0: any. CD_BELOW_ONE: 1 itself is not allowed */
    const char *text; /* CD_OPTION_CONSTANT: the value as it is printed. REAL: a word for the
                             number `none`, printed and saved in its place; NULL: there is none */
    double none;      /* REAL with a text: it need not be within the bounds */
    bool any;         /* REAL: infinities and NaN too, printed and saved as "inf", "-inf", "nan" */
    const char *const *choices; /* ends with NULL. CHOICE: the first is the default. LENGTH,
                                   WINDOW and EXTENT: words that stand for INT64_MIN, INT64_MIN + 1,
                                   ..., which need not be within the bounds */
} cd_option;

/* Bounds for numbers, which messages print as "above 0", "above 1" and "below 1". */
#define CD_ABOVE_ZERO 0x1p-1000
#define CD_ABOVE_ONE  (1 + 0x1p-52)
#define CD_BELOW_ONE  (1 - 0x1p-53)

/* In a row: the struct's type, the field, and its kind without CD_OPTION_. */
#define CD_OPTION(struct_, member_, kind_)                                                         \
    .member = #member_, .kind = CD_OPTION_##kind_, .offset = offsetof(struct_, member_)
/* The last row of every table. */
#define CD_OPTIONS_END                                                                             \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* Replaces each number that is 0 by its default, and then checks bounds, reductions and dtypes.
 * Minus zero (CD_ZERO: a 0 that is meant) stays minus zero, so completing options a second time
 * changes nothing. False with CD_ERR_ARGUMENT, as in "nn_conv2d: .stride is -1, and must be 1 or
 * more", or with CD_ERR_DTYPE for a dtype that is not floating. */
CD_API bool cd_options_fill(const cd_option *table, void *options, const char *prefix);

CD_END_DECLS

#endif
