// Data whose best denoiser is known: an isotropic Gaussian mixture.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "lib/models/model.hpp"

namespace diffusion {

/// p(x0) = sum_k weights[k] N(means[k], stds[k]^2 I) on `shape`.
struct Mixture {
  std::vector<double> weights;             // K, positive; normalised
  std::vector<std::vector<double>> means;  // K x D
  std::vector<double> stds;                // K, not negative
  Shape shape;                             // H x W x C, with D elements
  std::vector<int> labels = {};            // K, or none

  /// E[x0 | x_t] and E[eps | x_t], exact, computed in double. `label` -1 keeps
  /// all components.
  Denoised denoise(const Tensor& x_t, const NoiseLevel& at, std::span<const int> label) const;
  /// The same x0, and its derivative along v, exact too.
  Pulled pull(const Tensor& x_t, const NoiseLevel& at, const Tensor& v,
              std::span<const int> label) const;
};

/// Reads {"weights", "means", "stds", "shape", "labels"}; shape and labels are
/// optional (1 x 1 x D without). Throws Error naming the file and the key.
Mixture read_mixture(const std::string& path);

/// Of a batch of these classes; it knows its derivative.
Denoiser denoiser_of(const std::shared_ptr<const Mixture>& mixture, const std::vector<int>& labels);

Model load_mixture(const std::string& path, const ModelOptions& options);

}  // namespace diffusion
