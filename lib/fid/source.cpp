#include "lib/fid/source.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"

namespace diffusion {
namespace {

FeatureSource open_piped(const ImageSetOptions& options) {
  const std::string name = "standard input";
  auto stream = std::make_shared<InputFile>("-");
  const FileKind kind = file_kind(stream->front());
  if (kind == FileKind::zip) {
    stream->read_all();
    const NpzFile file(std::string(stream->front()), name);
    if (file.has("mu") && file.has("sigma")) return statistics_from(file, name);
  }
  if (!has_feature_rows(stream->front())) return open_standard_input(std::move(stream), options);
  return ReadyRows(NpyReader(npy_from_bytes(stream->rest(), name)), name);
}

}  // namespace

FeatureSource open_feature_source(const std::string& data, const ImageSetOptions& options) {
  if (data == "-") return open_piped(options);
  if (is_statistics_file(data)) return read_statistics(data);
  if (is_feature_file(data)) return ReadyRows(NpyReader(data), data);
  return open_images({data}, options);
}

bool has_images_beside(const std::string& data) {
  return data != "-" && is_statistics_file(data) && NpzFile(data).has("arr_0");
}

namespace {

Range range_of(std::size_t n, const Extent& extent) {
  return extent.shard.value_or(Shard{}).part_of(std::min(n, extent.most.value_or(n)));
}

ImageSet images_in(ImageSet set, const Range& range) {
  set.count = range.count;
  set.next = [next = std::move(set.next), range, at = std::size_t(0)]() mutable {
    for (; at < range.first; ++at)
      if (!next()) return std::optional<ImageEntry>{};
    return at++ < range.first + range.count ? next() : std::nullopt;
  };
  return set;
}

}  // namespace

FeatureSource part_of(FeatureSource source, const Extent& extent, const std::string& data) {
  if (std::holds_alternative<SetStatistics>(source)) {
    if (extent.shard) throw Error(data + ": statistics; `shard` needs images or features");
    return source;
  }
  if (auto* rows = std::get_if<ReadyRows>(&source)) {
    const Range range = range_of(rows->count(), extent);
    rows->keep(range.first, range.count);
    return source;
  }
  ImageSet set = std::move(std::get<ImageSet>(source));
  if (set.count) return images_in(std::move(set), range_of(*set.count, extent));
  if (extent.shard)
    throw Error((data == "-" ? "standard input" : data) +
                ": a stream does not tell its number of images, which `shard` needs");
  if (!extent.most) return set;
  set = images_in(std::move(set), {0, *extent.most});
  set.count = std::nullopt;
  return set;
}

}  // namespace diffusion
