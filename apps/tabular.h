/* Saved models of tables: a model whose card has an encoder, and a CSV file run through it. */
#ifndef CANDELA_APPS_TABULAR_H
#define CANDELA_APPS_TABULAR_H

#include <candela.h>

/* A CSV file and what a model says of its rows. All objects belong to the scope that was open when
 * it was opened. */
typedef struct tabular {
    cd_encoder *encoder;
    cd_table *table;
    const char *path;   /* of the CSV file */
    cd_tensor *y;       /* the labels as cd_encoder_encode gives them; NULL: not wanted */
    cd_tensor *outputs; /* N x outputs, float32 and finite */
} tabular;

/* Reads the CSV file, encodes it by the encoder of the card and runs the model on all rows, under a
 * progress bar named `task`. `labelled`: the file must have the label, else it is not looked at.
 * False with a library error, which names file, line and column where one of these is wrong, or
 * without one when the user interrupts. */
bool tabular_open(tabular *t, cd_module *model, const cd_card *card, const char *path,
                  bool labelled, const char *task);

/* The same for a table that is open already, encoded as x: fills t->outputs. */
bool tabular_run(tabular *t, cd_module *model, cd_tensor *x, const char *task);

/* The rows as samples whose inputs are their logits, for a model of classes: its data set has the
 * names of the classes. */
cd_dataset *tabular_samples(const tabular *t);

/* Whether the model predicts numbers and not classes. */
bool tabular_is_regression(const tabular *t);
/* Logits of classes, N x classes: the outputs, and before those of a binary model zeros, the logits
 * of the first class, so that softmax gives the probabilities of both. NULL with an error. */
cd_tensor *tabular_logits(const tabular *t);
/* "regression of price", "classes of species": what is predicted; in `text`, which is returned. */
enum { TASK_BYTES = 128 };
const char *tabular_task(const cd_encoder *e, char text[TASK_BYTES]);

/* Whether the name of data ends as that of a CSV file: .csv or .tsv, in any case of letters. A list
 * of photographs (list:FILE) is none. */
bool is_csv_name(const char *path);

#endif
