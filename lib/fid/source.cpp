#include "lib/fid/source.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/statistics_file.hpp"

namespace diffusion {
namespace {

FeatureSource open_piped(const ImageSetOptions& options) {
  const std::string name = "standard input";
  auto stream = std::make_shared<InputFile>("-");
  if (stream->front().starts_with("PK")) {
    stream->read_all();
    const NpzFile file(std::string(stream->front()), name);
    if (file.has("mu") && file.has("sigma")) return statistics_from(file, name);
  }
  if (!has_feature_rows(stream->front())) return open_standard_input(std::move(stream), options);
  return features_from(npy_from_bytes(stream->rest(), name), name);
}

}  // namespace

FeatureSource open_feature_source(const std::string& data, const ImageSetOptions& options) {
  if (data == "-") return open_piped(options);
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
