/* Nodes of the reference's graph, what they save, and what a change in place does to histories. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_HISTORY_H
#define CANDELA_TESTS_FUZZ_GRAPH_HISTORY_H

#include "tests/fuzz/graph_reference.h"

/* It is computed of what requires gradients, or is a leaf that does. */
bool ref_tracks(const ref_tensor *t);

/* The node of a recorded call, whose outputs' scalars are on the tape; -1 when a table is full. The
 * versions of its inputs are saved as they are now, before a change in place; `copies`: of the
 * first input, which is about to be changed, a copy is saved where it is needed. */
int ref_make_node(ref_call *c);
/* Once the result is there: what of it is saved. */
void ref_save_outputs(ref_call *c, int node, int storage);
/* t, over the same storage, has the history of being an as_strided of `of`; false when a table is
 * full. */
bool ref_show(reference *r, ref_tensor *t, ref_tensor *of);
/* x, changed in place, is the node's output; if x is a view, its base gets the new history. */
void ref_rewrite_history(reference *r, ref_tensor *x, int node);

#endif
