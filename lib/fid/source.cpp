#include "lib/fid/source.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/metrics/draws.hpp"
#include "lib/image/part.hpp"
#include "lib/image/points.hpp"

namespace diffusion {
namespace {

/// What an .npz archive holds, if it is neither images nor something else.
std::optional<ReadySource> ready_in(const NpzFile& file, const std::string& culprit) {
  if (is_statistics(file)) return statistics_from(file, culprit);
  const auto array = features_in(file, culprit);
  if (!array) return std::nullopt;
  return ReadyRows(NpyReader(file.read(*array)), culprit + ": array '" + *array + "'");
}

/// The numbers of a table of points are features as they are.
ReadyRows rows_of_points(Points points) {
  const std::vector<std::size_t> shape{points.values.shape(0), points.values.shape(3)};
  const auto bytes = std::as_bytes(std::span(points.values.data(), points.values.size()));
  return ReadyRows(
      NpyReader(NpyArray{NpyType::float32, shape,
                         std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())}),
      points.culprit);
}

std::optional<ReadySource> ready_in_stream(InputFile& stream) {
  if (is_npz(stream.front())) {
    stream.read_all();
    return ready_in(NpzFile(std::string(stream.front()), stream.name()), stream.name());
  }
  if (file_kind(stream.front()) == FileKind::text)
    return rows_of_points(*read_points(stream, stream.name()));
  if (!has_feature_rows(stream.front())) return std::nullopt;
  return ReadyRows(NpyReader(npy_from_bytes(stream.rest(), stream.name())), stream.name());
}

/// A file's numbers stay on disk, those of archives apart.
std::optional<ReadySource> ready_in_file(const std::string& path) {
  if (is_npz_file(path)) return ready_in(NpzFile(path), path);
  if (is_named_as_table(path))
    if (auto points = read_points(path)) return rows_of_points(*std::move(points));
  if (!is_feature_file(path)) return std::nullopt;
  return ReadyRows(NpyReader(path), path);
}

FeatureSource as_feature_source(ReadySource ready) {
  return std::visit([](auto& each) { return FeatureSource(std::move(each)); }, ready);
}

}  // namespace

ReadySource open_ready(const std::string& path) {
  if (is_stream(path)) {
    InputFile stream(path);
    if (auto ready = ready_in_stream(stream)) return *std::move(ready);
    refuse_known_kind(file_kind(stream.front()), stream.name(), "statistics or features");
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

using Indices = std::vector<std::size_t>;

/// Those of n images that are used, rising.
Indices chosen_of(std::size_t n, const Extent& extent, const std::string& data) {
  Indices chosen(std::min(n, extent.most.value_or(n)));
  std::iota(chosen.begin(), chosen.end(), std::size_t(0));
  if (extent.subset) {
    if (*extent.subset > n)
      throw Error(data + ": has " + count_of(n, "image") + ", fewer than `subset` " +
                  std::to_string(*extent.subset));
    chosen = draw_subset({extent.seed, DrawPurpose::subset, 0}, n, *extent.subset);
    std::ranges::sort(chosen);
  }
  const Range part = extent.shard.value_or(Shard{}).part_of(chosen.size());
  return {chosen.begin() + std::ptrdiff_t(part.first),
          chosen.begin() + std::ptrdiff_t(part.first + part.count)};
}

ImageSet images_in(ImageSet set, Indices chosen) {
  set.count = chosen.size();
  set.next = [next = std::move(set.next), chosen = std::move(chosen), at = std::size_t(0),
              given = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    if (given == chosen.size()) return std::nullopt;
    for (; at < chosen[given]; ++at)
      if (!next()) return std::nullopt;
    ++at;
    ++given;
    return next();
  };
  return set;
}

/// The first images of a stream, which does not tell how many there are.
ImageSet first_of(ImageSet set, std::size_t most) {
  set.next = [next = std::move(set.next), most, given = std::size_t(0)]() mutable {
    return given++ < most ? next() : std::nullopt;
  };
  return set;
}

}  // namespace

FeatureSource part_of(FeatureSource source, const Extent& extent, const std::string& data) {
  const auto refuse = [&](const std::string& what, const char* needs) {
    throw Error((data == "-" ? "standard input" : data) + ": " + what + needs);
  };
  if (std::holds_alternative<SetStatistics>(source)) {
    if (extent.shard) refuse("statistics; `shard`", " needs images or features");
    if (extent.subset) refuse("statistics; `subset`", " needs images or features");
    return source;
  }
  if (auto* rows = std::get_if<ReadyRows>(&source)) {
    rows->keep(chosen_of(rows->count(), extent, data));
    return source;
  }
  ImageSet set = std::move(std::get<ImageSet>(source));
  if (set.count || extent.shard || extent.subset) {
    const std::size_t count = count_to_divide(set, data, extent.shard ? "shard" : "subset");
    return images_in(std::move(set), chosen_of(count, extent, data));
  }
  return extent.most ? first_of(std::move(set), *extent.most) : std::move(set);
}

}  // namespace diffusion
