/* The options of a class, as data.
 *
 * Modules, optimizers, schedules and models are made from a struct of options: the fields that a
 * call names, as in cd_nn_conv2d(3, 64, 7, .stride = 2). The class of each has a table with a row
 * for each field. The library reads the table to fill in defaults, to check bounds, to print an
 * object as PyTorch prints it, and to write its options down and make an equal object from them.
 *
 *     typedef struct scale_options { int64_t features; CD_GUARD_; double factor; } scale_options;
 *
 *     static const cd_option options[] = {
 *         { "features", CD_OPTION(scale_options, features, INTEGER), .least = 1 },
 *         { "factor", CD_OPTION(scale_options, factor, REAL), .standard = 1, .most = 100 },
 *         CD_OPTIONS_END
 *     };
 */
#ifndef CANDELA_NN_OPTION_H
#define CANDELA_NN_OPTION_H

#include <stddef.h>

#include "core/api.h"

CD_BEGIN_DECLS

typedef enum cd_option_kind {
    CD_OPTION_INTEGER = 1, /* int64_t */
    CD_OPTION_SQUARE,      /* int64_t, for height and width: printed as "(3, 3)" */
    CD_OPTION_PAIR,        /* int64_t[2], height and width */
    CD_OPTION_SIZES,       /* const int64_t *, and how many in an int of its own */
    CD_OPTION_REAL,        /* double */
    CD_OPTION_BOOL,        /* bool */
    CD_OPTION_NOT,         /* bool that says the opposite of its name: no_bias, of "bias" */
    CD_OPTION_DTYPE,       /* cd_dtype, which must be floating */
    CD_OPTION_REDUCTION,   /* cd_reduction */
    CD_OPTION_TENSOR,      /* cd_tensor *, such as class weights; its elements are state */
    CD_OPTION_CONSTANT     /* no field: `text`, of an option of PyTorch's that is not ours yet */
} cd_option_kind;

/* Where an option stands in what PyTorch prints of an object. */
typedef enum cd_option_shown {
    CD_SHOWN_NAMED = 0, /* "stride=(2, 2)" */
    CD_SHOWN_BARE,      /* "64" */
    CD_SHOWN_CHANGED,   /* with its name, and only where it is not the default */
    CD_SHOWN_NEVER
} cd_option_shown;

typedef struct cd_option {
    const char *name;          /* PyTorch's: "kernel_size" */
    const char *member;        /* the struct's: "kernel" */
    unsigned char kind, shown; /* a cd_option_kind, a cd_option_shown */
    bool required;             /* it has no default */
    unsigned short offset;     /* bytes from the start of the struct */
    unsigned short count;      /* of CD_OPTION_SIZES: the offset of the int that counts them */
    double standard;           /* the default of a number, for which 0 stands in the struct */
    double least, most; /* bounds of a number, both included; most 0: there is no upper one */
    const char *text;   /* of CD_OPTION_CONSTANT */
} cd_option;

/* In a row: the field and its kind. */
#define CD_OPTION(struct_, member_, kind_)                                                         \
    .member = #member_, .kind = CD_OPTION_##kind_, .offset = offsetof(struct_, member_)
#define CD_OPTIONS_END                                                                             \
    {                                                                                              \
        .name = NULL                                                                               \
    }

CD_END_DECLS

#endif
