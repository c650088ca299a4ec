// The best denoiser of a finite data set: what a network that has memorised its images
// would answer.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "lib/models/model.hpp"

namespace diffusion {

/// p(x0) = 1/K at each of K images of one size.
struct Empirical {
  Shape shape;                       // H x W x C, D numbers
  std::vector<float> images;         // K x D
  std::vector<int> labels = {};      // K (-1: none), or none at all
  std::vector<double> lengths = {};  // |image|^2 of each

  std::size_t size() const { return lengths.size(); }  // K

  /// E[x0 | x_t] and E[eps | x_t]: the mean of the images, each weighted by how likely it
  /// is to have become x_t; at sigma = 0 the nearest. `labels_of` are the classes of the
  /// batch, or nothing: -1 keeps all images, another the images of that class, of which
  /// there must be some. Computed in double, logarithms of weights to 1e-13 D/sigma^2; a
  /// sample's bits are the same whatever else is in the batch, on any number of threads.
  Denoised denoise(const Tensor& x_t, const NoiseLevel& at, std::span<const int> labels_of) const;
};

/// Of these images, K x D, with their lengths.
Empirical empirical_of(const Shape& shape, std::vector<float> images, std::vector<int> labels = {});

/// The images of DATA (see open_images), read as the options say, else on white where they are not
/// opaque; those that can't be read are left out. Throws Error where their sizes differ (naming
/// both), where colour follows grey, and where none can be read.
Model load_empirical(const std::string& data, const ModelOptions& options);

}  // namespace diffusion
