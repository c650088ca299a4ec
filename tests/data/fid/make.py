"""Inputs of diff-fid's command-line tests: features and statistics as NumPy writes them."""
import numpy as np
from pytorch_fid.fid_score import calculate_frechet_distance

rng = np.random.default_rng(11)
real = rng.normal(size=(30, 4)).astype(np.float32)
fake = (rng.normal(size=(20, 4)) * 1.5 + 0.25).astype(np.float64)
few = real[:3]
for name, rows in (("real", real), ("fake", fake), ("few", few)):
    np.save(name + ".npy", rows)


def moments(x):
    x = x.astype(np.float64)
    return {"mu": x.mean(0), "sigma": np.cov(x, rowvar=False)}


r, f = moments(real), moments(fake)
np.savez("published.npz", **f)
np.savez_compressed("float32.npz", mu=f["mu"].astype(np.float32), sigma=f["sigma"].astype(np.float32), n=20)
np.savez("skew.npz", mu=f["mu"], sigma=f["sigma"] + np.triu(np.ones((4, 4)), 1))
np.savez("indefinite.npz", mu=f["mu"], sigma=f["sigma"] - 2 * np.eye(4))
np.savez("shapes.npz", mu=f["mu"][:3], sigma=f["sigma"])
np.savez("nan.npz", mu=f["mu"] * np.nan, sigma=f["sigma"])
np.savez("meta.npz", **f, n=20, meta=np.frombuffer(b'{"features": ', np.uint8))
np.save("nan.npy", np.array([[1, 2], [3, np.nan]], np.float32))
np.savez("other.npz", **f, n=20, meta=np.frombuffer(b'{"features": "inception-2015"}', np.uint8))
np.save("six.npy", rng.normal(size=(6, 2)).astype(np.float32))
np.savez("huge.npz", mu=np.full(4, 1e200), sigma=np.eye(4))
images = rng.integers(0, 256, size=(7, 5, 2, 3)).astype(np.uint8)  # 30 pixels
pixels = rng.normal(size=(40, 30))
np.savez("beside.npz", **moments(pixels), arr_0=images)
print("real against fake by pytorch_fid:", calculate_frechet_distance(r["mu"], r["sigma"], f["mu"], f["sigma"]))
