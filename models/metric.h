/* Metrics: the numbers that say how good a model is. A metric is a constant, such as cd_f1, and is
 * passed by its address: .metrics = (const cd_metric *const[]){ &cd_accuracy, &cd_f1 }.
 *
 *     double f1 = cd_measure(&cd_f1, output, target);             all samples at once
 *
 *     cd_meter *f1 = cd_meter_new(&cd_f1);                        batch by batch
 *     for (...) {
 *         CD_SCOPE();
 *         cd_meter_update(f1, cd_forward(model, x), y);
 *     }
 *     printf("F1 %.3f\n", cd_meter_value(f1));
 *
 * A value does not depend on how the samples are divided into batches: samples are counted in
 * integers, and sums are added up sample by sample in float64.
 *
 * docs/metrics.md has the formulas, and the names that scikit-learn and torchmetrics have for
 * them. */
#ifndef CANDELA_MODELS_METRIC_H
#define CANDELA_MODELS_METRIC_H

#include "core/tensor.h"

CD_BEGIN_DECLS

/* --- what is measured ------------------------------------------------------------------------- */

/* The metrics of decisions and of scores compare the outputs of a model with targets as the losses
 * do. Which task it is follows from shapes and dtypes:
 *
 *     output           target                                      task
 *     N, or N x 1      N or N x 1 of 0 and 1, any dtype            binary
 *     N x 2            N integers, 0 or 1                          binary
 *     N x K            N integers, the numbers of the classes      classes
 *     N x K x d1 ...   N x d1 ... integers                         classes, at each place
 *     N x L            N x L of 0 and 1, any dtype                 labels (multi-label)
 *     N x K            N x K floating, the classes' probabilities  classes; true: the largest
 *
 * Outputs are logits, as for CrossEntropyLoss and BCEWithLogitsLoss, and floating. Probabilities as
 * targets (mixup, label smoothing) are known by a number between 0 and 1 among them; where the
 * first batch may have none, .task = CD_METRIC_CLASSES says it. A class number equal to
 * .ignore_index is left out. All batches must be of the same task and the same number of classes.
 *
 * An output that is NaN, a label that is no class, and a target that is neither 0 nor 1 are
 * CD_ERR_ARGUMENT, with a sentence that says which sample it is, counted from 0 over all batches;
 * nothing of that batch counts then. */
typedef enum cd_metric_task {
    CD_METRIC_AUTO = 0, /* by the table above */
    CD_METRIC_BINARY,   /* one question; class 1 is the positive one */
    CD_METRIC_CLASSES,  /* one of K classes; of N x 2 outputs too, where both classes are alike */
    CD_METRIC_LABELS    /* L questions, each with an answer of its own */
} cd_metric_task;

/* How the numbers of several classes become one. */
typedef enum cd_average {
    /* Binary: the number of class 1. Several classes or labels: macro. (scikit-learn has no default
     * for several classes, torchmetrics has macro.) */
    CD_AVERAGE_DEFAULT = 0,
    CD_AVERAGE_MACRO,   /* the mean over the classes */
    CD_AVERAGE_MICRO,   /* of all decisions together */
    CD_AVERAGE_WEIGHTED /* the mean over the classes, weighted by how many samples each has */
} cd_average;

typedef struct cd_metric cd_metric;
typedef struct cd_metric_visitor cd_metric_visitor;

/* Other options of a metric: cd_metric_of. An option that a metric does not have is CD_ERR_ARGUMENT
 * when a meter is made of it. */
typedef struct cd_metric_options {
    const cd_metric *metric;
    CD_GUARD_;
    const char *name; /* default: the metric's; borrowed */
    cd_metric_task task;
    cd_average average;
    /* Binary and labels: the answer is yes where the probability is above this; default 0.5, for
     * which a logit must be above 0. */
    double threshold;
    bool probabilities;   /* outputs are probabilities, not logits: each from 0 to 1 */
    int64_t k;            /* cd_top5; default 5 */
    double beta;          /* cd_f1: how many times recall counts as much as precision; default 1 */
    bool ignore;          /* leave out class numbers equal to ignore_index */
    int64_t ignore_index; /* only with .ignore = true; without it -100 is left out, as in losses */
} cd_metric_options;

/* A metric. Your own is a constant of this type too, with .name, .update and .value, and a state of
 * .state_bytes bytes in which they keep counts and sums:
 *
 *     static bool bias_update(const cd_metric *m, void *state, cd_tensor *output,
 *                             cd_tensor *target)
 *     {
 *         double *s = state, sum = cd_item(cd_sum(cd_sub(output, target)));
 *         if (!cd_ok()) return false;
 *         s[0] += sum;
 *         s[1] += (double)cd_numel(target);
 *         return true;
 *     }
 *     static double bias_value(const cd_metric *m, void *state)
 *     {
 *         const double *s = state;
 *         return s[0] / s[1];
 *     }
 *     const cd_metric bias = { .name = "bias", .state_bytes = 2 * sizeof(double),
 *                              .update = bias_update, .value = bias_value };
 */
struct cd_metric {
    const char *name;     /* "f1": for tables, .monitor of cd_fit, error sentences */
    bool lower_is_better; /* whether a smaller value is a better one, as of an error */
    size_t state_bytes;
    /* Prepares a state, which is zeroed and aligned to 64 bytes. NULL: zeroes will do. */
    bool (*begin)(const cd_metric *m, void *state);
    /* Adds a batch to the state. Called in a scope of its own and without gradients. If it returns
     * false, with an error, the state must be as it was. */
    bool (*update)(const cd_metric *m, void *state, cd_tensor *output, cd_tensor *target);
    /* The value for all that was added; more may be added after. NaN where it is not defined, and
     * with an error. */
    double (*value)(const cd_metric *m, void *state);
    /* Frees what the state owns; called once for each begin, also for one that failed, when the
     * state has what begin left in it. NULL: nothing. */
    void (*end)(const cd_metric *m, void *state);
    /* Shows the whole state to a visitor, by cd_metric_visit below, which saves it in a checkpoint
     * of cd_fit or sets it from one. The state that is to be set was just begun. False with an
     * error; `end` is called then too. NULL: cd_fit then saves between epochs only. */
    bool (*visit)(const cd_metric *m, void *state, cd_metric_visitor *visitor);
    void *context;             /* your own */
    cd_metric_options options; /* of the metrics below */
};

/* cd_metric_of(&cd_f1, .average = CD_AVERAGE_WEIGHTED, .name = "weighted_f1"): a metric with other
 * options, by value; those that are left out have their defaults, whatever the metric had. Keep it
 * in a variable, whose address is passed on. For NULL a zeroed one, with an error. */
CD_API cd_metric cd_metric_with(cd_metric_options options);
#define cd_metric_of(...) cd_metric_with((cd_metric_options){ .metric = __VA_ARGS__ })

/* Saves or sets `count` numbers of a state under a name, for .visit of a metric:
 *
 *     static bool bias_visit(const cd_metric *m, void *state, cd_metric_visitor *visitor)
 *     {
 *         return cd_metric_visit(visitor, "sums", CD_F64, state, 2);
 *     }
 *
 * The dtype is CD_F64 for double, CD_U8 for bytes, or CD_I64 for int64_t, which must be counts from
 * 0 to 2^53. False with an error: CD_ERR_FORMAT for a file that has not as many numbers of that
 * dtype. */
CD_API bool cd_metric_visit(cd_metric_visitor *v, const char *name, cd_dtype dtype, void *numbers,
                            int64_t count);
/* How many numbers there are under a name: `count` when the state is saved; when it is set, as many
 * as the file has, for which the caller makes room before cd_metric_visit. -1 with an error. */
CD_API int64_t cd_metric_visit_count(cd_metric_visitor *v, const char *name, int64_t count);

/* --- metrics of decisions --------------------------------------------------------------------- */

/* The decision is the class with the largest output, of equal ones the first; of binary and labels,
 * yes where the probability is above .threshold.
 *
 * A share of nothing, as the precision of a class that is never predicted, is 0, with one warning
 * to the logger per meter (scikit-learn's zero_division="warn"). Without any samples all values are
 * NaN. In macro means classes that are neither true nor predicted anywhere do not count; labels
 * always do. */

/* The share of right decisions; of labels, over all N x L decisions (1 minus the Hamming loss). */
CD_API extern const cd_metric cd_accuracy;
/* The share of samples whose true class is among the .k classes with the largest outputs. A class
 * with an equal output comes before the true one if its number is smaller. Only for classes. */
CD_API extern const cd_metric cd_top5;
/* The share of samples of which all labels are right. Of other tasks as cd_accuracy. */
CD_API extern const cd_metric cd_exact_match;
/* Of the samples predicted to be of a class, the share that is. */
CD_API extern const cd_metric cd_precision;
/* Of the samples of a class, the share predicted to be of it. */
CD_API extern const cd_metric cd_recall;
/* The harmonic mean of precision and recall, 2 tp / (2 tp + fp + fn); with .beta F-beta. */
CD_API extern const cd_metric cd_f1;
/* The mean recall over the classes that have samples; binary, over both. Not for labels. */
CD_API extern const cd_metric cd_balanced_accuracy;
/* Matthews' correlation coefficient, -1 to 1; 0 where all samples are of one class, or are
 * predicted to be. Not for labels. */
CD_API extern const cd_metric cd_mcc;

/* --- metrics of scores ------------------------------------------------------------------------ */

/* How well the outputs rank samples, whatever the threshold. Exact, with ties as in scikit-learn.
 * They keep all scores until the meter is reset: 9 bytes for each sample and class (binary: for
 * each sample), and need 16 more for each sample while a value is computed.
 *
 * Several classes: each against all others, by its softmax (ovr); the default is the macro mean. A
 * class or label of which all or no samples are, has no area (without a positive sample, no average
 * precision). It is left out of means, with a warning to the logger; where no other is left the
 * value is NaN. */

/* The area under the ROC curve: the probability that a positive sample has a larger score than a
 * negative one, where equal scores count half. */
CD_API extern const cd_metric cd_auc;
/* Average precision: the sum of (R(n) - R(n-1)) P(n) over all thresholds. (Not defined without
 * positive samples; scikit-learn says 0 there.) */
CD_API extern const cd_metric cd_average_precision;
/* --- metrics of numbers ----------------------------------------------------------------------- */

/* Output and target have the same shape, or one is N and the other N x 1 (which MSELoss would
 * broadcast to N x N). A number that is NaN or infinite is CD_ERR_ARGUMENT. The only option is
 * .name. */

CD_API extern const cd_metric cd_mae;  /* the mean of |output - target| */
CD_API extern const cd_metric cd_mse;  /* the mean of (output - target)^2 */
CD_API extern const cd_metric cd_rmse; /* the square root of cd_mse */
/* The mean of |output - target| / max(|target|, 2^-52): 1 is 100 %. */
CD_API extern const cd_metric cd_mape;
/* 1 - sum (output - target)^2 / sum (target - mean)^2, the mean over the columns of N x D. Of a
 * column whose targets are all equal 1 if the outputs equal them and otherwise 0; with fewer than
 * two samples NaN. */
CD_API extern const cd_metric cd_r2;

/* --- the confusion matrix --------------------------------------------------------------------- */

/* Counts how many samples of each class were predicted to be of each class; its value is the
 * accuracy. A meter of it has the matrix and a row for each class (below). Up to 16384 classes. */
CD_API extern const cd_metric cd_confusion;

/* --- meters ----------------------------------------------------------------------------------- */

/* A metric that is being measured. An object, handed out. A meter may be used by one thread at a
 * time. */
typedef struct cd_meter cd_meter;

/* A meter of a metric, which is copied (its name and context are borrowed). */
CD_API cd_meter *cd_meter_new(const cd_metric *metric);
/* Adds a batch. False with an error, and nothing was added. */
CD_API bool cd_meter_update(cd_meter *m, cd_tensor *output, cd_tensor *target);
/* The value for all batches since the beginning or the last reset. NaN with an error; and without
 * one where the value is not defined. */
CD_API double cd_meter_value(cd_meter *m);
/* Forgets all batches. After a failure the meter can only be reset again. */
CD_API bool cd_meter_reset(cd_meter *m);

/* The meter as a metric, for cd_evaluate: it is reset at the beginning, and has the matrix, curves
 * or whatever it keeps when cd_evaluate is done. Valid as long as the meter.
 *
 *     cd_meter *confusion = cd_meter_new(&cd_confusion);
 *     cd_evaluate(model, test, .metrics = (const cd_metric *const[]){ cd_meter_metric(confusion) },
 *                 .metric_count = 1, .values = &accuracy);
 *     cd_print(stdout, cd_confusion_matrix(confusion)); */
CD_API const cd_metric *cd_meter_metric(cd_meter *m);

/* The value for these samples alone. NaN as by cd_meter_value. */
CD_API double cd_measure(const cd_metric *metric, cd_tensor *output, cd_tensor *target);

/* --- what a meter of cd_confusion has --------------------------------------------------------- */

/* The counts as int64, K x K, a row for each true class and a column for each predicted one; of
 * labels L x 2 x 2, a matrix of no and yes for each. CD_ERR_STATE before the first batch;
 * CD_ERR_ARGUMENT for a meter of another metric. */
CD_API cd_tensor *cd_confusion_matrix(const cd_meter *m);

/* A class in a table such as scikit-learn's classification_report. */
typedef struct cd_class_score {
    double precision, recall; /* NaN for a share of nothing */
    double f1;                /* NaN for a class that is neither true nor predicted anywhere */
    int64_t support;          /* samples of the class */
    int64_t predicted;        /* samples predicted to be of it */
    int64_t right;            /* samples of the class predicted to be of it */
} cd_class_score;

/* Class k, or label k. Zeroed with an error as above, or for a class that there is not. */
CD_API cd_class_score cd_confusion_class(const cd_meter *m, int64_t k);

/* --- what a meter of cd_auc or cd_average_precision has --------------------------------------- */

/* Options of cd_roc_curve and cd_pr_curve. Results are float64 tensors of one dimension. */
typedef struct cd_curve_options {
    const cd_meter *meter;
    CD_GUARD_;
    int64_t column;         /* of several classes or labels, which; default 0 */
    cd_tensor **y;          /* where to put the curve's second coordinate; default: nowhere */
    cd_tensor **thresholds; /* where to put the scores (logits); default: nowhere */
} cd_curve_options;

/* cd_roc_curve(meter, .y = &tpr): the false positive rates, from 0 to 1, and in .y the true
 * positive rates; a point for each different score, from the largest on, and before them (0, 0)
 * with the threshold Inf. (scikit-learn's roc_curve with drop_intermediate=False.) CD_ERR_STATE
 * where all or no samples are positive. */
CD_API cd_tensor *cd_roc_curve_with(cd_curve_options options);
#define cd_roc_curve(...) cd_roc_curve_with((cd_curve_options){ .meter = __VA_ARGS__ })
/* cd_pr_curve(meter, .y = &recall): the precisions, and in .y the recalls; a point for each
 * different score, from the smallest on, and behind them precision 1 and recall 0, which have no
 * threshold. (scikit-learn's precision_recall_curve.) CD_ERR_STATE without positive samples. */
CD_API cd_tensor *cd_pr_curve_with(cd_curve_options options);
#define cd_pr_curve(...) cd_pr_curve_with((cd_curve_options){ .meter = __VA_ARGS__ })

CD_END_DECLS

#endif
