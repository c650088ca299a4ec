// Features in files: 2-d arrays, n x d, in .npy files or .npz archives, whoever computed them.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/tensor/formats/npy_reader.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {

/// Whether `path` is a .npy file of two axes: rows of features rather than images.
bool is_feature_file(const std::string& path);

/// Whether the .npy file that begins with `head` has two axes.
bool has_feature_rows(std::string_view head);

/// The array of an archive that has two axes and one of the names that programs give to
/// features, or that is all there is; nothing where there is none. Throws Error, opened by
/// `culprit`, where those of two axes have other names and no array can be of images.
std::optional<std::string> features_in(const NpzFile& file, const std::string& culprit);

/// Features that somebody else computed, read in portions.
class ReadyRows {
 public:
  /// Throws Error, naming `culprit`, unless the array is n x d, d not 0.
  ReadyRows(NpyReader reader, const std::string& culprit);

  std::size_t count() const { return kept_ ? kept_->size() : reader_->shape()[0]; }
  std::size_t dims() const { return reader_->shape()[1]; }

  /// Restricts them to these rows of the file.
  void keep(std::vector<std::size_t> rows);
  /// The row of the file that is number `row` of these.
  std::size_t in_file(std::size_t row) const { return kept_ ? (*kept_)[row] : row; }

  /// The next rows, at most `most`; none at the end.
  Tensor next(std::size_t most);

 private:
  std::shared_ptr<const NpyReader> reader_;
  std::optional<std::vector<std::size_t>> kept_;
  std::size_t given_ = 0;
};

/// Calls body(rows) for all rows that are left, in portions of a few MB. Stops by Interrupted.
void for_each_portion(ReadyRows& rows, const std::function<void(const Tensor& portion)>& body);

/// All of them: n x d. Throws Error, naming `path`, where there are none.
Tensor all_rows(ReadyRows rows, const std::string& path);
Tensor read_features(const std::string& path);  // of a .npy file

/// Writes rows as they come, without knowing how many there will be. A file grows
/// on disk; "-" (standard output) is collected and written by commit().
class FeatureWriter {
 public:
  explicit FeatureWriter(std::string path) : path_(std::move(path)) {}

  void append(const Tensor& rows);  // n x d, the same d each time; n may be 0
  void commit();

 private:
  std::string header() const;

  std::string path_;
  std::size_t count_ = 0, dims_ = 0;
  std::unique_ptr<AtomicFile> file_;
  std::string collected_;
};

}  // namespace diffusion
