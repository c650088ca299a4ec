#include "lib/fid/feature_file.hpp"

#include <algorithm>
#include <cassert>
#include <fstream>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// Longer than the header of any array that NumPy writes without named fields.
constexpr std::size_t head_bytes = 4096;

/// Values taken at a time.
constexpr std::size_t portion = 1 << 20;

/// None where the array can't be read, which nobody may ask for.
std::size_t axes_of(const NpzFile& file, const std::string& name) {
  try {
    return file.shape_of(name).size();
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace

bool has_feature_rows(std::string_view head) {
  if (file_kind(head) != FileKind::npy) return false;
  const auto key = head.find("'shape'");
  const auto open = head.find('(', key), close = head.find(')', key);
  if (key == head.npos || open == head.npos || close == head.npos) return false;
  const auto shape = head.substr(open + 1, close - open - 1);  // "10, 512" but "10,"
  const auto comma = shape.find(',');
  return comma != shape.npos && std::ranges::count(shape, ',') == 1 &&
         shape.find_first_of("0123456789", comma) != shape.npos;
}

bool is_feature_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(head_bytes, '\0');
  file.read(head.data(), std::streamsize(head.size()));
  head.resize(std::size_t(file.gcount()));
  return has_feature_rows(head);
}

std::optional<std::string> features_in(const NpzFile& file, const std::string& culprit) {
  static const std::vector<std::string> known{"feats",  "features",   "reps",
                                              "pool_3", "embeddings", "arr_0"};
  for (const std::string& name : known)
    if (file.has(name) && axes_of(file, name) == 2) return name;
  std::vector<std::string> rows;
  std::size_t most_axes = 0;
  const std::vector<std::string> all = file.names();
  for (const std::string& name : all) {
    const std::size_t axes = axes_of(file, name);
    if (axes == 2) rows.push_back(name);
    most_axes = std::max(most_axes, axes);
  }
  if (rows.empty() || most_axes > 2) return std::nullopt;
  if (all.size() == 1) return all[0];
  throw Error(culprit + ": which of its arrays holds features? " + join(rows, ", ") +
              (rows.size() > 1 ? " have" : " has") + " two axes, and features are called " +
              join(known, ", ") + ", unless they are the only array");
}

ReadyRows::ReadyRows(NpyReader reader, const std::string& culprit)
    : reader_(std::make_shared<const NpyReader>(std::move(reader))) {
  const auto& shape = reader_->shape();
  if (shape.size() != 2 || shape[1] == 0)
    throw Error(culprit + ": features are a 2-d array of n rows, not empty");
}

void ReadyRows::keep(std::vector<std::size_t> rows) {
  assert(given_ == 0 && !kept_);
  kept_ = std::move(rows);
}

Tensor ReadyRows::next(std::size_t most) {
  const std::size_t rows = std::min(most, count() - given_), values = rows * dims();
  const std::size_t row_bytes = dims() * bytes_per_element(reader_->type());
  Tensor out(Shape{rows, dims()});
  std::string bytes(rows * row_bytes, '\0');
  for (std::size_t row = 0; row < rows;) {  // those that lie side by side at once
    const std::size_t first = in_file(given_ + row);
    std::size_t run = 1;
    while (row + run < rows && in_file(given_ + row + run) == first + run) ++run;
    reader_->read(first * dims(), run * dims(), bytes.data() + row * row_bytes);
    row += run;
  }
  convert(reader_->type(), bytes.data(), values, out.data());
  given_ += rows;
  return out;
}

void for_each_portion(ReadyRows& rows, const std::function<void(const Tensor& portion)>& body) {
  const std::size_t most = std::max<std::size_t>(1, portion / rows.dims());
  for (;;) {
    stop_if_interrupted();
    const Tensor next = rows.next(most);
    if (next.shape()[0] == 0) return;
    body(next);
  }
}

Tensor all_rows(ReadyRows rows, const std::string& path) {
  if (rows.count() == 0) throw Error(path + ": holds no rows");
  return rows.next(rows.count());
}

Tensor read_features(const std::string& path) {
  return all_rows(ReadyRows(NpyReader(path), path), path);
}

std::string FeatureWriter::header() const { return npy_header(NpyType::float32, {count_, dims_}); }

void FeatureWriter::append(const Tensor& rows) {
  assert(rows.dimension() == 2 && (dims_ == 0 || rows.shape()[1] == dims_));
  const std::string_view bytes(reinterpret_cast<const char*>(rows.data()),
                               rows.size() * sizeof(float));
  dims_ = rows.shape()[1];
  if (path_ == "-") {
    collected_ += bytes;
  } else {
    if (!file_) {
      file_ = std::make_unique<AtomicFile>(path_);
      file_->write(header());  // of no rows: the count comes last
    }
    file_->write(bytes);
  }
  count_ += rows.shape()[0];
}

// NumPy pads headers to a multiple of 64 bytes; that of two axes always takes 128.
void FeatureWriter::commit() {
  if (path_ == "-") return write_file(path_, header() + collected_);
  assert(file_ && header().size() == npy_header(NpyType::float32, {0, dims_}).size());
  file_->write_at(0, header());
  file_->commit();
}

}  // namespace diffusion
