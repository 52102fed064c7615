"""The job as a Metaflow flow, run locally.

.venv-comparison/bin/python benchmarks/comparison/flow.py run --csv CSV
"""

import json
import math

from metaflow import FlowSpec, Parameter, retry, step


class TrainingFlow(FlowSpec):
    """Read and check, fit, evaluate; what is assigned to self is a versioned artifact of the run."""

    csv = Parameter("csv", help="path of the labelled CSV", required=True)

    @retry
    @step
    def start(self):
        import pandas as pd

        frame = pd.read_csv(self.csv)
        self.labels = frame["label"]
        self.features = frame.select_dtypes("number").drop(columns="label")
        if self.features.isna().any().any():
            raise ValueError(f"{self.csv} has missing values")
        self.train_rows = len(frame) - math.ceil(0.2 * len(frame))
        self.next(self.fit)

    @step
    def fit(self):
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        train = slice(0, self.train_rows)
        self.model = LinearDiscriminantAnalysis(solver="lsqr").fit(self.features[train], self.labels[train])
        self.next(self.end)

    @step
    def end(self):
        from sklearn.metrics import accuracy_score, f1_score

        expected = self.labels[self.train_rows :]
        predicted = self.model.predict(self.features[self.train_rows :])
        self.metrics = {"accuracy": accuracy_score(expected, predicted), "f1": f1_score(expected, predicted)}
        print(json.dumps(self.metrics))


if __name__ == "__main__":
    TrainingFlow()
