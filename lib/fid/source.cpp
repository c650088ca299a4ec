#include "lib/fid/source.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/path.hpp"

namespace diffusion {
namespace {

/// What an .npz archive holds, if it is neither images nor something else.
std::optional<ReadySource> ready_in(const NpzFile& file, const std::string& culprit) {
  if (is_statistics(file)) return statistics_from(file, culprit);
  const auto array = features_in(file);
  if (!array) return std::nullopt;
  return ReadyRows(NpyReader(file.read(*array)), culprit + ": array '" + *array + "'");
}

std::optional<ReadySource> ready_in_stream(InputFile& stream) {
  if (file_kind(stream.front()) == FileKind::zip) {
    stream.read_all();
    return ready_in(NpzFile(std::string(stream.front()), stream.name()), stream.name());
  }
  if (!has_feature_rows(stream.front())) return std::nullopt;
  return ReadyRows(NpyReader(npy_from_bytes(stream.rest(), stream.name())), stream.name());
}

/// A file's numbers stay on disk, those of archives apart.
std::optional<ReadySource> ready_in_file(const std::string& path) {
  if (is_npz_file(path)) return ready_in(NpzFile(path), path);
  if (!is_feature_file(path)) return std::nullopt;
  return ReadyRows(NpyReader(path), path);
}

FeatureSource as_feature_source(ReadySource ready) {
  return std::visit([](auto&& each) { return FeatureSource(std::move(each)); }, std::move(ready));
}

}  // namespace

ReadySource open_ready(const std::string& path) {
  if (is_stream(path)) {
    InputFile stream(path);
    if (auto ready = ready_in_stream(stream)) return *std::move(ready);
    throw Error(stream.name() + ": holds neither statistics nor features");
  }
  if (auto ready = ready_in_file(path)) return *std::move(ready);
  if (is_npz_file(path)) return read_statistics(path);  // and say what it lacks
  const std::string wanted = "statistics (.npz) or features (n x d)";
  refuse_known_kind(kind_of_file(RandomAccessFile(path)), path, wanted);
  throw Error(path + ": is not a file of " + wanted);
}

FeatureSource open_feature_source(const std::string& data, const ImageSetOptions& options) {
  if (is_stream(data)) {
    auto stream = std::make_shared<InputFile>(data);
    if (auto ready = ready_in_stream(*stream)) return as_feature_source(*std::move(ready));
    return open_image_stream(std::move(stream), data, options);
  }
  if (auto ready = ready_in_file(data)) return as_feature_source(*std::move(ready));
  return open_images({data}, options);
}

bool has_images_beside(const std::string& data) {
  return is_npz_file(data) && NpzFile(data).has("arr_0");
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
