/* The graph that the reference records: its nodes, the values that they save, and what a change in
 * place does to the history of a view and its base. */
#ifndef CANDELA_TESTS_FUZZ_GRAPH_HISTORY_H
#define CANDELA_TESTS_FUZZ_GRAPH_HISTORY_H

#include "tests/fuzz/graph_reference.h"

/* Whether the tensor was computed from tensors that require gradients, or is a leaf that requires
 * them. A view whose base came to require gradients later is not counted (ref_requires_grad). */
bool ref_tracks(const ref_tensor *t);

/* Makes the node of a recorded call, after ref_forward and before the results are stored: the node
 * saves inputs with the versions that they have before a change in place. Returns its number; -1
 * when the table of nodes is full. */
int ref_make_node(ref_call *c);
/* The node saves the result, which is over `storage`, if its rule needs it. Called after the result
 * is stored. */
void ref_save_outputs(ref_call *c, int node, int storage);
/* Gives t, which is over the same storage as `of`, the history of an as_strided of `of`. False when
 * a table is full. */
bool ref_set_view_history(reference *r, ref_tensor *t, ref_tensor *of);
/* After x was changed in place by the node's op: x becomes the node's output. If x is a view, its
 * base gets the new history instead, and x follows when it is used next (ref_update_history). */
void ref_rewrite_history(reference *r, ref_tensor *x, int node);

#endif
