"""Makes the expected numbers of EvaluationTests with scikit-learn and, for DeLong's variance, by its definition over all pairs.

    python3 evaluation_golden.py > evaluation_golden.json

The images come from integer arithmetic, so that the test makes the same ones; see EvaluationTests.Sample.
"""
import json
import math

import numpy as np
import sklearn
from sklearn import metrics


def sample(n, grades):
    state = 12345
    truth, predicted, probabilities = [], [], []
    for _ in range(n):
        row = []
        for _ in range(grades + 2):
            state = (state * 1103515245 + 12345) % 2147483648
            row.append(state // 65536)
        t = row[0] * row[0] // 32768 * grades // 32768
        weights = [(row[k + 2] % 40) + 1 + 25 // (1 + abs(k - t)) for k in range(grades)]
        p = [w / sum(weights) for w in weights]
        truth.append(t)
        probabilities.append(p)
        predicted.append(int(np.argmax(p)) if row[1] % 4 else min(grades - 1, t + row[1] % 3))
    return np.array(truth), np.array(predicted), np.array(probabilities)


def delong(scores, positive):
    x, y = scores[positive], scores[~positive]
    wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    variance = np.var(wins.mean(axis=1), ddof=1) / len(x) + np.var(wins.mean(axis=0), ddof=1) / len(y)
    half = 1.959963984540054 * math.sqrt(variance)
    return [wins.mean(), max(0, wins.mean() - half), min(1, wins.mean() + half)]


def ece(confidence, hit):
    bins = np.clip(np.ceil(confidence * 15).astype(int) - 1, 0, 14)
    return sum(abs(np.mean(hit[bins == b]) - np.mean(confidence[bins == b])) * np.sum(bins == b) for b in set(bins)) / len(hit)


def temperature(p, truth):
    logs = np.log(p)

    def loss(t):
        z = logs / t
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(truth)), truth])

    low, high = 0.01, 100.0
    for _ in range(300):
        a, b = low + (high - low) * 0.381966011, low + (high - low) * 0.618033989
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return (low + high) / 2


def expected(n, grades):
    truth, predicted, p = sample(n, grades)
    one_hot = np.eye(grades)[truth]
    labels = np.arange(grades)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    matrix = metrics.confusion_matrix(truth, predicted, labels=labels)
    confusions = metrics.multilabel_confusion_matrix(truth, predicted, labels=labels)
    specificity = confusions[:, 0, 0] / (confusions[:, 0, 0] + confusions[:, 0, 1])
    aucs = [metrics.roc_auc_score(truth == k, p[:, k]) for k in labels]
    precisions = [metrics.average_precision_score(truth == k, p[:, k]) for k in labels]
    return {
        "images": n,
        "grades": grades,
        "confusion": matrix.tolist(),
        "qwk": metrics.cohen_kappa_score(truth, predicted, weights="quadratic"),
        "linear": metrics.cohen_kappa_score(truth, predicted, weights="linear"),
        "kappa": metrics.cohen_kappa_score(truth, predicted),
        "accuracy": metrics.accuracy_score(truth, predicted),
        "mae": metrics.mean_absolute_error(truth, predicted),
        "macro": [metrics.recall_score(truth, predicted, average="macro"), specificity.mean(), metrics.precision_score(truth, predicted, average="macro", zero_division=0), metrics.f1_score(truth, predicted, average="macro")],
        "micro": [metrics.recall_score(truth, predicted, average="micro"), confusions[:, 0, 0].sum() / (confusions[:, 0, 0] + confusions[:, 0, 1]).sum(), metrics.precision_score(truth, predicted, average="micro"), metrics.f1_score(truth, predicted, average="micro")],
        "sensitivity": recall.tolist(),
        "specificity": specificity.tolist(),
        "precision": precision.tolist(),
        "f1": f1.tolist(),
        "auc": aucs[1] if grades == 2 else metrics.roc_auc_score(truth, p, multi_class="ovr", average="macro"),
        "classAuc": [delong(p[:, k], truth == k) for k in labels],
        "averagePrecision": precisions[1] if grades == 2 else float(np.mean(precisions)),
        "classAveragePrecision": precisions,
        "brier": metrics.brier_score_loss(truth, p[:, 1]) if grades == 2 else float(np.mean(((p - one_hot) ** 2).sum(axis=1))),
        "logLoss": metrics.log_loss(truth, p, labels=labels),
        "ece": ece(p.max(axis=1), p.argmax(axis=1) == truth),
        "classwiseEce": float(np.mean([ece(p[:, k], (truth == k).astype(float)) for k in labels])),
        "temperature": temperature(p, truth),
    }


print(json.dumps({"sklearn": sklearn.__version__, "cases": [expected(300, 5), expected(200, 2), expected(60, 3)]}, indent=1))
