/* Reads the next step of a program from six bytes of the input. They choose an op, its inputs among
 * the tensors that fit it, dimensions, flags and numbers. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_CHOOSE_H
#define CANDELA_TESTS_FUZZ_GRAPH_CHOOSE_H

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/graph_reference.h"

/* The bytes of a step, and the most steps of a program. */
enum { GRAPH_STEP_BYTES = 6, GRAPH_STEPS = 32 };

/* Chooses a step by the tensors that the reference has now. False, and no step, when no tensors fit
 * what the bytes ask for. */
bool graph_choose(reference *r, fuzz_input *in, graph_step *step);

#endif
