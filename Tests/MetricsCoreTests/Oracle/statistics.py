"""Writes StatisticsOracle.swift: figures from SciPy that MetricsCore must reproduce.

Run in this folder: python3 statistics.py > ../StatisticsOracle.swift
"""
import math

import scipy
from scipy.stats import beta, norm, poisson


def wilson(k, n):
    """Wilson's interval by solving |p - share| = z * sqrt(p (1 - p) / n) for p, not by the closed formula."""
    z, share = norm.ppf(0.975), k / n
    a, b, c = 1 + z * z / n, -(2 * share + z * z / n), share * share
    root = math.sqrt(b * b - 4 * a * c)
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


print(f"// Written by Oracle/statistics.py with SciPy {scipy.__version__}; not by the code under test.")
print("\n/// Figures of another implementation.\nenum StatisticsOracle {")
print("  /// P(X >= count) for a Poisson distribution.")
print("  static let poissonTails: [(count: Int, mean: Double, probability: Double)] = [")
for count, mean in [(0, 3), (1, 3), (5, 0.5), (9, 4), (10, 4), (11, 4), (120, 120), (150, 120), (180, 120), (312, 120),
                    (3, 20), (1000, 900), (20000, 19500), (40, 3.5), (7, 17.142857142857142)]:
    print(f"    ({count}, {mean}, {float(poisson.sf(count - 1, mean))!r}),")
print("  ]\n\n  /// P(share < x) and the 2.5 % and 97.5 % quantiles of a Beta distribution.")
print("  static let betas: [(alpha: Double, beta: Double, x: Double, below: Double, low: Double, high: Double)] = [")
for a, b, x in [(8, 2, 0.75), (8 + 31, 2 + 9, 0.75), (0.5, 9.5, 0.02), (9.2 + 400, 0.8 + 50, 0.9), (1, 1, 0.3), (8.4, 1.6 + 12, 0.79),
                (20000, 5000, 0.795), (2, 2000, 0.002)]:
    figures = [float(v) for v in (beta.cdf(x, a, b), beta.ppf(0.025, a, b), beta.ppf(0.975, a, b))]
    print(f"    ({a}, {b}, {x}, " + ", ".join(repr(v) for v in figures) + "),")
print("  ]\n\n  /// Wilson's 95 % interval.")
print("  static let wilson: [(successes: Int, trials: Int, low: Double, high: Double)] = [")
for k, n in [(0, 10), (10, 10), (1, 1), (14, 20), (70, 100), (81, 100), (5, 1000), (7234, 10000)]:
    low, high = wilson(k, n)
    print(f"    ({k}, {n}, {float(low)!r}, {float(high)!r}),")
print("  ]\n}")
