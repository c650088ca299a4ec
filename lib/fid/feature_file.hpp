// Features in files: 2-d .npy arrays, n x d, whoever computed them.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/tensor/npy.hpp"

namespace diffusion {

/// Whether `path` is a .npy file of two axes: rows of features rather than images.
bool is_feature_file(const std::string& path);

/// Whether the .npy file that begins with `head` has two axes.
bool has_feature_rows(std::string_view head);

/// n x d float32. Throws Error when it has no rows or no columns.
Tensor read_features(const std::string& path);
Tensor features_from(const NpyArray& array, const std::string& culprit);

/// Writes rows as they come, without knowing how many there will be. A file grows
/// on disk; "-" (standard output) is collected and written by commit().
class FeatureWriter {
 public:
  explicit FeatureWriter(std::string path) : path_(std::move(path)) {}

  void append(const Tensor& rows);  // n x d, the same d each time
  void commit();

 private:
  std::string header() const;

  std::string path_;
  std::size_t count_ = 0, dims_ = 0;
  std::unique_ptr<AtomicFile> file_;
  std::string collected_;
};

}  // namespace diffusion
