// What of a set shows only once its images are decoded.
#pragma once
#include <limits>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "lib/tensor/tensor.hpp"

namespace diffusion {

struct Ranks;

/// Told of images as they are decoded, from any thread; tells what a person should know.
class SeenImages {
 public:
  /// The least and the greatest value of an array of floats that was taken for -1 to 1, and
  /// nobody had said so.
  void add_floats(float least, float greatest);
  /// A picture of floats, values 2 v - 1: none of its v may lie below 0, and half of those that
  /// are not 0 above 1, the largest from 2 up, which says that white is not 1.
  void add_float_picture(const std::string& name, const Tensor& pixels);
  /// An image that is not opaque was laid on white, and nobody had said so.
  void add_laid_on_white();
  /// A picture says how to turn it, and nobody wanted it turned.
  void add_unturned(const std::string& name);

  /// What every rank has seen, on all of them.
  void share(const Ranks& ranks);

  std::vector<std::string> remarks() const;

 private:
  mutable std::mutex mutex_;
  float least_ = std::numeric_limits<float>::infinity(), greatest_ = -least_;
  float brightest_ = 0;  // of pictures of floats
  bool laid_on_white_ = false;
  // Names, since a picture may be read again and again.
  std::unordered_set<std::size_t> unturned_ = {}, over_white_ = {};
};

}  // namespace diffusion
