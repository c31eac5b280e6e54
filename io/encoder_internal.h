/* What an encoder is made of, for its four files: encoder.c answers questions, encoder_fit.c learns
 * from a table, encoder_encode.c applies it, and encoder_json.c writes and reads it. */
#ifndef CANDELA_IO_ENCODER_INTERNAL_H
#define CANDELA_IO_ENCODER_INTERNAL_H

#include "core/error.h"
#include "core/object_internal.h"
#include "io/encoder.h"

/* A list of different texts in the order of their bytes. */
typedef struct cd_text_set {
    char **items; /* owned, and so is each of them */
    int64_t count;
} cd_text_set;

/* How numbers are standardised: (number - mean) / std. A std of 0 gives 0. */
typedef struct cd_scaling {
    double mean, std;
} cd_scaling;

/* A column that is an input, or several. */
typedef struct cd_input_column {
    char *name;
    cd_text_set categories; /* empty for a column of numbers */
    int64_t fill;           /* the category for missing texts */
    cd_scaling scaling;     /* of numbers */
} cd_input_column;

struct cd_encoder {
    cd_object object;
    cd_table_task task;
    char *label;
    bool label_is_text; /* classes are told apart by their texts; false: by their numbers */
    bool fill_missing, zeros_for_unknown;
    cd_text_set classes;
    double *class_numbers; /* of classes that are numbers: their values, ascending */
    cd_scaling scaling;    /* of the label of a regression; 0 and 1 for a plain one */
    cd_input_column *columns;
    int64_t column_count;
    int64_t inputs;
    char sentence[320];
    char *json;
};

/* A new encoder, zeroed. The caller owns it. NULL with CD_ERR_MEMORY. */
cd_encoder *cd_encoder_new(void);
/* Whether `e` is an encoder; if not, false with CD_ERR_ARGUMENT, in which `function` is named. */
bool cd_encoder_check(const cd_encoder *e, const char *function);
/* Counts the inputs, reads the numbers of classes and writes e->json: the last step of making an
 * encoder whose other fields are set. False with an error of this code where they are out of
 * range. */
bool cd_encoder_finish(cd_encoder *e, cd_code code);

/* How many inputs the column is. */
int64_t cd_input_width(const cd_input_column *column);
/* Where the text is in the set; -1: nowhere. */
int64_t cd_text_set_find(const cd_text_set *set, const char *text);

/* Sets the error "FILE: line N, column "NAME": ...", which goes on as `format` says. Returns
 * false. */
bool cd_encoder_fail(const cd_table *t, int64_t row, int64_t c, const char *format, ...)
    CD_PRINTF(4, 5);
/* Whether column c has numbers only; if not, the error of the first field that is none. */
bool cd_encoder_all_numbers(const cd_table *t, int64_t c);
/* Sets the error of a missing field. Returns false. `hint` follows in the sentence. */
bool cd_encoder_missing(const cd_table *t, int64_t row, int64_t c, const char *hint);
/* Sets the error of a column that the table does not have; `what` it is. Returns false. */
bool cd_encoder_fail_absent(const cd_table *t, const char *name, const char *what);

/* Writes the encoder as JSON: e->json. */
bool cd_encoder_write_json(cd_encoder *e, cd_code code);

#endif
