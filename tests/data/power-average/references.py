"""Shares of power-function averages that make another, by the formulas of Karras et al. 2023,
App. C (https://arxiv.org/abs/2312.02696), in numpy: references.json."""
import json

import numpy as np


def gamma_of(sigma_rel):
    """The largest root of (gamma + 2)^2 (gamma + 3) = (gamma + 1) / sigma_rel^2."""
    t = sigma_rel**-2
    return np.roots([1, 7, 16 - t, 12 - t]).real.max()


def product(t_a, gamma_a, t_b, gamma_b):
    ratio = t_a / t_b
    power = ratio ** np.where(t_a < t_b, gamma_b, -gamma_a)
    return (gamma_a + 1) * (gamma_b + 1) * power / ((gamma_a + gamma_b + 1) * np.maximum(t_a, t_b))


def solve(ends, gammas, end, gamma):
    ends, gammas = np.float64(ends)[:, None], np.float64(gammas)[:, None]
    matrix = product(ends, gammas, ends.T, gammas.T)
    right = product(ends, gammas, end, gamma)
    # The least squares of shares that add up to 1, by Lagrange's multiplier.
    ones = np.ones((len(ends), 1))
    system = np.block([[matrix, ones], [ones.T, np.zeros((1, 1))]])
    shares = np.linalg.solve(system, np.vstack([right, [[1.0]]]))[:-1, 0]
    square = product(end, gamma, end, gamma)
    error = square - 2 * shares @ right[:, 0] + shares @ matrix @ shares
    return shares, np.sqrt(max(error, 0) / square)


cases = []
for ends, widths, end, width in [
    ([100, 100], [0.05, 0.1], 100, 0.07),
    ([50, 50, 100, 100], [0.05, 0.1] * 2, 100, 0.15),
    ([20, 20, 40, 40, 60, 60, 80, 80], [0.05, 0.1] * 4, 80, 0.2),
    ([25, 50, 75, 100], [0.1] * 4, 90, 0.03),
]:
    shares, error = solve(ends, [gamma_of(w) for w in widths], end, gamma_of(width))
    cases.append(
        {
            "ends": ends,
            "widths": widths,
            "end": end,
            "width": width,
            "shares": shares.tolist(),
            "error": float(error),
        }
    )

widths = [0.001, 0.01, 0.05, 0.1, 0.15, 0.2, 0.28]
with open("references.json", "w") as out:
    json.dump(
        {"gammas": [{"width": w, "gamma": float(gamma_of(w))} for w in widths], "fits": cases}, out
    )
    out.write("\n")
