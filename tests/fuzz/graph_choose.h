/* A program's next step from bytes: six each, which choose an op, handles among those that are
 * there and fit, dimensions, flags and numbers. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_CHOOSE_H
#define CANDELA_TESTS_FUZZ_GRAPH_CHOOSE_H

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/graph_reference.h"

enum { GRAPH_STEP_BYTES = 6, GRAPH_STEPS = 32 };

/* False when nothing fits what the bytes ask for: there is no step then. */
bool graph_choose(reference *r, fuzz_input *in, graph_step *step);

#endif
