#include "lib/fid/source.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/statistics_file.hpp"

namespace diffusion {
namespace {

FeatureSource open_piped(std::string bytes, const ImageSetOptions& options) {
  const std::string name = "standard input";
  if (bytes.starts_with("PK")) {
    const NpzFile file(bytes, name);
    if (file.has("mu") && file.has("sigma")) return statistics_from(file, name);
  }
  if (!has_feature_rows(bytes)) return open_standard_input(std::move(bytes), options);
  return features_from(npy_from_bytes(std::move(bytes), name), name);
}

}  // namespace

FeatureSource open_feature_source(const std::string& data, const ImageSetOptions& options) {
  if (data == "-") return open_piped(read_file("-"), options);
  if (is_statistics_file(data)) return read_statistics(data);
  if (is_feature_file(data)) return read_features(data);
  return open_images({data}, options);
}

FeatureSource limited(FeatureSource source, std::size_t most) {
  if (std::holds_alternative<FeatureStatistics>(source)) return source;
  if (auto* rows = std::get_if<Tensor>(&source)) {
    Tensor first(Shape{std::min(most, rows->shape()[0]), rows->shape()[1]});
    std::copy_n(rows->data(), first.size(), first.data());
    return first;
  }
  ImageSet set = std::move(std::get<ImageSet>(source));
  if (set.count) set.count = std::min(*set.count, most);
  set.next = [next = std::move(set.next), most]() mutable -> std::optional<ImageEntry> {
    if (most == 0) return std::nullopt;
    --most;
    return next();
  };
  return set;
}

}  // namespace diffusion
