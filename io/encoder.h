/* Encoders: what turns the rows of a table into the tensors x and y that a model takes, and the
 * model's outputs back into classes or numbers. The counterpart of scikit-learn's StandardScaler,
 * OneHotEncoder and LabelEncoder together.
 *
 *     cd_table *houses = cd_read_csv("houses.csv");
 *     cd_encoder *e = cd_encoder_fit(houses, .label = "price");
 *     cd_tensor *x, *y;
 *     cd_encoder_encode(e, houses, &x, &y);
 *     ...                        train a model of cd_encoder_input_count(e) inputs
 *     cd_tensor *price = cd_encoder_decode(e, cd_forward(model, x));
 *
 * A column of numbers is one input: (number - mean) / std, with the mean and the standard deviation
 * (of N, as StandardScaler) of the train part. A column that is constant there, but for the
 * rounding of its numbers, is always 0 (StandardScaler: number - mean). A column of texts is one
 * input for each of its texts, its categories, in the order of their bytes: 1 for the row's text, 0
 * for the others. Inputs are in the order of the columns.
 *
 * Columns are found by their names, so another table may have them in another order, and others
 * beside them. An error in the data is CD_ERR_FORMAT, and its sentence names the file, the line and
 * the column.
 *
 * Functions that are given no encoder set CD_ERR_ARGUMENT and return 0, false or NULL. */
#ifndef CANDELA_IO_ENCODER_H
#define CANDELA_IO_ENCODER_H

#include "core/tensor.h"
#include "io/table.h"

CD_BEGIN_DECLS

typedef struct cd_encoder cd_encoder;

/* What is predicted. */
typedef enum cd_table_task {
    CD_TABLE_AUTO = 0, /* found out, see .task below */
    /* A number. y is N x 1 float32, standardised as a column is (.plain_label: the number itself);
     * for cd_mse_loss. */
    CD_TABLE_REGRESSION,
    /* Which of two classes, by one output: y is N x 1 float32, 1 for the second class; for
     * cd_binary_cross_entropy_with_logits. */
    CD_TABLE_BINARY,
    /* Which of two or more classes. y is N int64, the class's number; for cd_cross_entropy. */
    CD_TABLE_CLASSES
} cd_table_task;

/* The limits of an encoder. */
enum { CD_ENCODER_MAX_INPUTS = 1 << 16, CD_ENCODER_MAX_JSON = 1 << 20 };

typedef struct cd_encoder_fit_options {
    const cd_table *table;
    CD_GUARD_;
    const char *label; /* required: the column that is predicted, by name or number */
    /* The default finds it out: CD_TABLE_CLASSES where the label column has texts, or whole numbers
     * with at most 20 different values and at least twice as many rows as values; else
     * CD_TABLE_REGRESSION. More than 20 texts of which there are more than half as many as rows are
     * an error, as they are more likely names, or numbers with a flaw. cd_encoder_sentence says
     * what was found. */
    cd_table_task task;
    /* The train part: means, standard deviations and most frequent texts are those of these rows.
     * Categories and classes are those of the whole table. Default: all rows. */
    const int64_t *rows;
    int64_t row_count;
    const char *const *ignore; /* columns that are no inputs, by name or number, ended by NULL */
    /* Columns whose numbers are categories, such as a postal code; ended by NULL. They are told
     * apart as texts: 1 and 1.0 and 01 are three. */
    const char *const *categories;
    /* Missing fields and NaN become the mean of a column of numbers, and the most frequent text of
     * others (SimpleImputer). Default: they are errors. A missing label always is one, and so is a
     * column with nothing in the train part. */
    bool fill_missing;
    /* A text that is no category gives 0 for all (OneHotEncoder: handle_unknown="ignore").
     * Default: it is an error. A class that is not known always is one. */
    bool zeros_for_unknown;
    bool plain_label;       /* the label of a regression is not standardised */
    int64_t max_categories; /* of one column; more are an error. Default: 256 */
} cd_encoder_fit_options;

/* cd_encoder_fit(table, .label = "price"): the open scope owns the encoder. A first column without
 * a name in the header that numbers the rows, as pandas and R write it, is no input. Does nothing
 * while an error is pending. NULL with CD_ERR_FORMAT (also for a label that has only one class in
 * the train part), CD_ERR_ARGUMENT, CD_ERR_UNSUPPORTED (more than CD_ENCODER_MAX_INPUTS inputs, or
 * texts for more than CD_ENCODER_MAX_JSON bytes of JSON) or CD_ERR_MEMORY. */
CD_API cd_encoder *cd_encoder_fit_with(cd_encoder_fit_options options);
#define cd_encoder_fit(...) cd_encoder_fit_with((cd_encoder_fit_options){ .table = __VA_ARGS__ })

/* Encodes all rows: *x becomes N x inputs, float32, and *y what the task says, or NULL where the
 * table has no label column. `x` or `y` may be NULL: not wanted; then missing labels do not matter.
 * The open scope owns the tensors. False with an error; then *x and *y are as they were. */
CD_API bool cd_encoder_encode(const cd_encoder *e, const cd_table *t, cd_tensor **x, cd_tensor **y);

/* What a model's outputs say, without a gradient; N of them.
 *
 *   regression   N x 1 or N outputs -> float64, in the label's own unit
 *   binary       N x 1 or N logits  -> int64, 0 or 1, where 1 is for logits above 0
 *   classes      N x classes        -> int64, the class with the greatest output
 *
 * NULL with CD_ERR_SHAPE for another shape. */
CD_API cd_tensor *cd_encoder_decode(const cd_encoder *e, cd_tensor *outputs);

/* How many inputs a model has. */
CD_API int64_t cd_encoder_input_count(const cd_encoder *e);
/* How many outputs a model has: 1, or for CD_TABLE_CLASSES the number of classes. */
CD_API int64_t cd_encoder_output_count(const cd_encoder *e);
/* The task, which is never CD_TABLE_AUTO; CD_TABLE_AUTO with an error if `e` is no encoder. */
CD_API cd_table_task cd_encoder_task(const cd_encoder *e);
/* The name of the label's column. Texts and arrays live as long as the encoder. */
CD_API const char *cd_encoder_label(const cd_encoder *e);
/* How many classes there are; 0 for a regression. */
CD_API int64_t cd_encoder_class_count(const cd_encoder *e);
/* Their names: texts in the order of their bytes, or numbers in ascending order (LabelEncoder).
 * NULL, without an error, for a regression. */
CD_API const char *const *cd_encoder_classes(const cd_encoder *e);
/* The task and why it was chosen, as a sentence for people. */
CD_API const char *cd_encoder_sentence(const cd_encoder *e);

/* --- its columns ------------------------------------------------------------------------------ */

/* A column that is an input, or the label. Texts and arrays live as long as the encoder. */
typedef struct cd_encoder_column {
    const char *name;
    double mean, std; /* of numbers; a std of 0: they are constant, and always 0 */
    /* Of texts: one input each, in this order; of a label its classes. NULL for numbers. */
    const char *const *categories;
    int64_t category_count;
    int64_t
        first; /* which of the model's inputs is the column's, or the first of them; -1: label */
} cd_encoder_column;

/* How many columns are inputs. */
CD_API int64_t cd_encoder_column_count(const cd_encoder *e);
/* Column i of these, 0 to column_count - 1; zeroed with CD_ERR_ARGUMENT for another. */
CD_API cd_encoder_column cd_encoder_column_at(const cd_encoder *e, int64_t i);
/* The label. The mean of a regression whose label is not standardised is 0, and its std 1. */
CD_API cd_encoder_column cd_encoder_label_column(const cd_encoder *e);

/* --- JSON ------------------------------------------------------------------------------------- */

/* The encoder as a JSON object, to be saved with the model: .encoder of cd_card (models/card.h).
 * Numbers come back with the same bits. */
CD_API const char *cd_encoder_to_json(const cd_encoder *e);
/* Makes an encoder of such a text; the open scope owns it. Any other text, also one with an unknown
 * key, is CD_ERR_FORMAT. NULL with an error. */
CD_API cd_encoder *cd_encoder_from_json(const char *text);

CD_END_DECLS

#endif
