/* The arguments of a PyTorch class as the options of Candela's class. */
#ifndef CANDELA_TESTS_SAMPLE_OPTIONS_H
#define CANDELA_TESTS_SAMPLE_OPTIONS_H

#include "nn/option_internal.h"
#include "sample_request.h"

/* Room for the options of any class. */
typedef union options_room {
    int64_t number[96];
    double real;
    void *pointer;
} options_room;

/* Writes the arguments into a zeroed struct of options. An argument that was left out is written
 * where Candela requires it. False with `why` if Candela has no option for an argument; false with
 * an error, and an empty `why`, if the option does not take its value. */
bool put_options(const cd_option *table, void *options, const named *given, int count,
                 char why[WHY_BYTES]);

#endif
