"""scikit-learn's GaussianNB behind StandardScaler, with its parameters in the units of the columns as given."""

import numpy as np
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler


class StandardisedNB:
    """theta_, var_: (K, d) means and variances, the smoothing in them; the rest as in GaussianNB."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "StandardisedNB":
        self._scaler = StandardScaler().fit(X)
        self._estimator = GaussianNB().fit(self._scaler.transform(X), y)
        self.classes_ = self._estimator.classes_
        self.class_prior_ = self._estimator.class_prior_
        self.theta_ = self._estimator.theta_ * self._scaler.scale_ + self._scaler.mean_
        self.var_ = self._estimator.var_ * self._scaler.scale_**2
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self._estimator.predict(self._scaler.transform(X))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return self._estimator.predict_proba(self._scaler.transform(X))

    def predict_joint_log_proba(self, X: np.ndarray) -> np.ndarray:
        return self._estimator.predict_joint_log_proba(self._scaler.transform(X))
