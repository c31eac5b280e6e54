"""Writes metrics.txt: what scikit-learn 1.9 and torchmetrics 1.9 give for the cases of tests/test_metric_values.c, which
makes the same numbers by the same rule. A line is a case, a metric, its options, and the value."""
import warnings

import numpy as np
import sklearn.metrics as sk
import torch
from torchmetrics.functional import classification as tm

warnings.simplefilter("ignore")


def draws(count, below, seed):
    """The numbers 0 to below - 1 of a linear congruential generator."""
    x, out = seed, []
    for _ in range(count):
        x = (x * 1103515245 + 12345) % 2**31
        out.append((x >> 16) % below)
    return np.array(out)


def logits(rows, columns, seed):
    """Multiples of 1/64, which float32 has; no two in a row are equal."""
    return (draws(rows * columns, 41, seed) - 20).reshape(rows, columns) / 8 + np.arange(columns) / 64


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def out(case, name, options, value):
    print(case, name, options, repr(float(value)))


def averages(case, y, p, binary=False, beta=2.0):
    for average in ["binary"] if binary else ["macro"]:
        out(case, "precision", "default", sk.precision_score(y, p, average=average))
        out(case, "recall", "default", sk.recall_score(y, p, average=average))
        out(case, "f1", "default", sk.f1_score(y, p, average=average))
        out(case, "f1", "beta2", sk.fbeta_score(y, p, beta=beta, average=average))
    for average in ["macro", "micro", "weighted"]:
        out(case, "precision", average, sk.precision_score(y, p, average=average))
        out(case, "recall", average, sk.recall_score(y, p, average=average))
        out(case, "f1", average, sk.f1_score(y, p, average=average))


def decisions(case, y, p, binary=False):
    out(case, "accuracy", "default", sk.accuracy_score(y, p))
    out(case, "exact_match", "default", sk.accuracy_score(y, p))
    out(case, "balanced_accuracy", "default", sk.balanced_accuracy_score(y, p))
    out(case, "mcc", "default", sk.matthews_corrcoef(y, p))
    averages(case, y, p, binary)


def mean_over(score, scores, y):
    """Over the columns that have an area. (scikit-learn refuses the others for AUC and counts them as 0 for average
    precision; torchmetrics counts them as 0, but leaves them out of the average precision of classes.)"""
    there = [k for k in range(y.shape[1]) if len(np.unique(y[:, k])) == 2]
    return np.mean([score(y[:, k], scores[:, k]) for k in there])


def classes(case, x, y):
    decisions(case, y, x.argmax(1))
    for k in [1, 2, 3]:
        out(case, "top5", f"k{k}", sk.top_k_accuracy_score(y, x, k=k, labels=range(x.shape[1])))
    s = softmax(x)
    if len(np.unique(y)) == x.shape[1]:
        for average in ["macro", "weighted", "micro"]:
            out(case, "auc", average, sk.roc_auc_score(y, s, multi_class="ovr", average=average))
        hot = np.eye(x.shape[1])[y]
        for average in ["macro", "weighted", "micro"]:
            out(case, "average_precision", average, sk.average_precision_score(hot, s, average=average))
    else:
        out(case, "auc", "macro", mean_over(sk.roc_auc_score, s, np.eye(x.shape[1])[y]))
        s, t = torch.tensor(s), torch.tensor(y)
        out(case, "average_precision", "macro", tm.multiclass_average_precision(s, t, x.shape[1]))


def binary(case, x, y, threshold=0.0):
    decisions(case, y, (x > threshold).astype(int), True)
    if len(np.unique(y)) == 2:
        out(case, "auc", "default", sk.roc_auc_score(y, x))
        out(case, "average_precision", "default", sk.average_precision_score(y, x))


def labels(case, x, y):
    p = (x > 0).astype(int)
    out(case, "accuracy", "default", 1 - sk.hamming_loss(y, p))
    out(case, "exact_match", "default", sk.accuracy_score(y, p))
    averages(case, y, p)
    out(case, "auc", "macro", mean_over(sk.roc_auc_score, x, y))
    out(case, "auc", "micro", sk.roc_auc_score(y, x, average="micro"))
    out(case, "average_precision", "macro", mean_over(sk.average_precision_score, x, y))
    out(case, "average_precision", "micro", sk.average_precision_score(y, x, average="micro"))


def numbers(case, x, y):
    out(case, "mae", "default", sk.mean_absolute_error(y, x))
    out(case, "mse", "default", sk.mean_squared_error(y, x))
    out(case, "rmse", "default", np.sqrt(sk.mean_squared_error(y, x)))
    out(case, "mape", "default", sk.mean_absolute_percentage_error(y, x))
    out(case, "r2", "default", sk.r2_score(y, x))


def confusion(case, matrix):
    for i, value in enumerate(np.ravel(matrix)):
        out(case, "confusion", i, value)


def curve(case, x, y):
    fpr, tpr, t = sk.roc_curve(y, x, drop_intermediate=False)
    for name, values in [("fpr", fpr), ("tpr", tpr), ("roc_threshold", t)]:
        for i, value in enumerate(values):
            out(case, name, i, value)
    precision, recall, t = sk.precision_recall_curve(y, x)
    for name, values in [("precision_at", precision), ("recall_at", recall), ("pr_threshold", t)]:
        for i, value in enumerate(values):
            out(case, name, i, value)


# torchmetrics rounds scores to the dtype of its default tensors; it gets float64 here.
torch.set_default_dtype(torch.float64)
x, y = logits(200, 5, 1), draws(200, 5, 2)
classes("classes", x, y)
confusion("classes", sk.confusion_matrix(y, x.argmax(1)))
x, y = logits(90, 5, 3), draws(90, 3, 4)
x[:, 3] -= 100
classes("absent", x, y)
x, y = logits(70, 2, 5), draws(70, 2, 6)
binary("two", x[:, 1] - x[:, 0], y)
x, y = logits(150, 1, 7)[:, 0], draws(150, 2, 8)
binary("binary", x, y)
binary("binary_at_0.75", x, y, np.log(3))
curve("few", logits(12, 1, 9)[:, 0], draws(12, 2, 10))
binary("one", logits(1, 1, 11)[:, 0], np.array([1]))
binary("equal", np.full(20, 0.25), draws(20, 2, 12))
binary("no_positive", logits(20, 1, 13)[:, 0], np.zeros(20, int))
x, y = logits(80, 4, 14), draws(320, 2, 15).reshape(80, 4)
y[:, 3] = 0
labels("labels", x, y)
confusion("labels", sk.multilabel_confusion_matrix(y, (x > 0).astype(int)))
x, y = logits(100, 3, 16), logits(100, 3, 17)
numbers("numbers", x, y)
numbers("column", x[:, 0], y[:, 0] + 1000)
numbers("constant", x[:, 0], np.full(100, 2.5))
numbers("perfect", np.full(100, 2.5), np.full(100, 2.5))
