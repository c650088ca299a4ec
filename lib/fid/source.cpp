#include "lib/fid/source.hpp"

#include <algorithm>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/metrics/draws.hpp"

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
  if (set.count) {
    const std::size_t count = *set.count;
    return images_in(std::move(set), chosen_of(count, extent, data));
  }
  const std::string unknown = "a stream does not tell its number of images, which ";
  if (extent.shard) refuse(unknown, "`shard` needs");
  if (extent.subset) refuse(unknown, "`subset` needs");
  return extent.most ? first_of(std::move(set), *extent.most) : std::move(set);
}

}  // namespace diffusion
