// The weights of one network in a file of PyTorch's kind, by name.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "lib/tensor/formats/weight_file.hpp"

namespace diffusion {

class StateDict {
 public:
  /// The network in the file at `path` whose weights `choice` names: of a checkpoint that has
  /// several, "raw" those that are trained and "ema" their average; a file that has one has that.
  /// What PyTorch's wrappers of networks put before all names is left out. Throws Error.
  StateDict(const std::string& path, const std::string& choice);

  bool has(const std::string& name) const { return tensors_.contains(name); }
  /// Of an array that has `axes` of them, none of length 0. Throws Error.
  const std::vector<std::size_t>& shape(const std::string& name, std::size_t axes) const;
  /// How many of PREFIX0., PREFIX1. ... begin names.
  std::size_t count(const std::string& prefix) const;

  /// Takes it out. Throws Error where it is not there.
  WeightTensor take(const std::string& name);
  /// All that is left.
  std::vector<WeightTensor> rest() &&;

  /// "FILE: why".
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  const WeightTensor& at(const std::string& name) const;

  std::string path_;
  std::map<std::string, WeightTensor> tensors_;
};

}  // namespace diffusion
