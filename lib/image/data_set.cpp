#include "lib/image/data_set.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <limits>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/array_file.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/labels.hpp"
#include "lib/image/points.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/formats/npy_header.hpp"

namespace diffusion {
namespace {

namespace fs = std::filesystem;

/// Whether a .npy file that begins so holds one point.
bool is_one_point(std::string_view front) {
  if (!is_npy(front)) return false;
  try {
    const NpyHeader header = read_npy_header(front, std::numeric_limits<std::uint64_t>::max(), "");
    return header.shape.size() == 3 && header.shape[0] == 1 && header.shape[1] == 1 &&
           is_floating(header.type);
  } catch (const Error&) {
    return false;  // for whoever reads it to refuse
  }
}

/// The first of the members of a tar, as far as its first bytes go, that is a .npy file or a
/// picture says what all are.
bool is_tar_of_points(std::string_view front) {
  constexpr std::size_t block = 512, name_bytes = 100, size_at = 124, size_bytes = 12;
  while (front.size() > block && front.front() != '\0') {
    const std::string name(front.substr(0, std::min(front.find('\0'), name_bytes)));
    const std::string digits(front.substr(size_at, size_bytes));
    const std::string_view contents = front.substr(block);
    if (name.ends_with(".npy") || is_image_name(name)) return is_one_point(contents);
    const std::size_t blocks = (std::strtoull(digits.c_str(), nullptr, 8) + block - 1) / block;
    if (blocks >= contents.size() / block) return false;
    front = contents.substr(blocks * block);
  }
  return false;
}

/// Likewise the first file that is found, in no order.
bool is_folder_of_points(const std::string& path) {
  std::error_code wrong;
  for (fs::recursive_directory_iterator at(path, wrong), end; !wrong && at != end;
       at.increment(wrong)) {
    std::error_code none;
    const std::string name = at->path().filename().string();
    if (name.starts_with('.')) {
      at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(none)) continue;
    if (is_image_name(name)) return false;
    if (extension_of(name) == ".npy") return is_one_point(InputFile(at->path().string()).front());
  }
  return false;
}

bool is_stream_of_points(const InputFile& stream) {
  const FileKind kind = file_kind(stream.front());
  return kind == FileKind::text || (kind == FileKind::npy && begins_points(stream.front())) ||
         (kind == FileKind::tar && is_tar_of_points(stream.front()));
}

DataArgument look_at_file(const std::string& path) {
  std::error_code none;
  if (fs::is_directory(path, none)) return {path, is_folder_of_points(path)};
  if (is_stream(path) || !fs::is_regular_file(path, none)) return {path};
  const InputFile file(path);
  const FileKind kind = file_kind(file.front());
  return {path, (kind == FileKind::text && is_named_as_table(path)) ||
                    (kind == FileKind::npy && begins_points(file.front())) ||
                    (kind == FileKind::tar && is_tar_of_points(file.front()))};
}

std::string called(const DataArgument& data) {
  return data.path == "-" ? "standard input" : data.path;
}

/// Of a table or an array, rows with their labels; of members, what lies in them.
ImageSet open_points(DataArgument data, const ImageSetOptions& options) {
  auto points = data.stream ? read_points(*data.stream, data.path) : read_points(data.path);
  if (!points) {
    const ImageSetOptions plain{.values = ArrayValues::as_they_are, .telling = options.telling};
    return data.stream ? open_image_stream(std::move(data.stream), data.path, plain)
                       : open_images({data.path}, plain);
  }
  if (options.labels)
    points->labels = labels_of_array(read_label_array(*options.labels), points->values.shape(0),
                                     *options.labels);
  return set_of_points(*std::move(points));
}

std::size_t numbers_in(const Image& point, const std::string& name) {
  const Shape& shape = point.pixels.shape();
  if (shape[0] != 1 || shape[1] != 1)
    throw Error(name + ": is " + describe(shape) + " where others are points, 1 x 1 x D");
  return shape[2];
}

/// All entries are points of as many numbers as the first that can be read.
ImageSet of_one_size(ImageSet set) {
  set.next = [next = std::move(set.next), size = std::optional<std::size_t>(),
              first = std::string()]() mutable {
    auto entry = next();
    if (!entry) return entry;
    if (!size) {
      try {
        size = numbers_in(entry->load(), entry->called());
        first = entry->called();
      } catch (const Error&) {
        return entry;  // it is refused when it is loaded
      }
    }
    entry->load = [load = std::move(entry->load), name = entry->called(), size = *size, first] {
      Image point = load();
      const std::size_t numbers = numbers_in(point, name);
      if (numbers != size)
        throw Error(name + ": has " + count_of(numbers, "number") + " where " + first + " has " +
                    std::to_string(size));
      need_finite(point.pixels, name);
      return point;
    };
    return entry;
  };
  return set;
}

ImageSet one_after_the_other(std::vector<ImageSet> sets) {
  if (sets.size() == 1) return std::move(sets[0]);
  ImageSet all;
  all.count = 0;
  for (const ImageSet& set : sets) {
    all.count = all.count && set.count ? std::optional(*all.count + *set.count) : std::nullopt;
    all.passing |= set.passing;
    if (all.read_once.empty()) all.read_once = set.read_once;
  }
  all.next = [sets = std::move(sets), at = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    for (; at < sets.size(); ++at)
      if (auto entry = sets[at].next()) return entry;
    return std::nullopt;
  };
  return all;
}

void check_options(std::span<const DataArgument> data, const ImageSetOptions& options) {
  const std::string culprit = called(data.front());
  need_options_of_points(options, culprit);
  if (options.list)
    throw Error(culprit + ": holds points, and a list of files names pictures (" +
                options.list->path + ")");
  if (!options.labels) return;
  if (options.labels == "prefix" || data.size() > 1)
    throw Error(culprit +
                ": holds points, whose classes stand in a file, .npy or IDX, of one "
                "DATA: `labels` FILE");
}

}  // namespace

std::vector<DataArgument> look_at(const std::vector<std::string>& data) {
  std::vector<DataArgument> all;
  for (const std::string& path : data) all.push_back(look_at_file(path));
  if (all.size() != 1 || !is_stream(all[0].path)) return all;
  all[0].stream = std::make_shared<InputFile>(all[0].path);
  all[0].points = is_stream_of_points(*all[0].stream);
  return all;
}

bool all_points(std::span<const DataArgument> data) {
  const auto points = std::ranges::find(data, true, &DataArgument::points);
  if (points == data.end()) return false;
  const auto other = std::ranges::find(data, false, &DataArgument::points);
  if (other == data.end()) return true;
  throw Error(called(*other) + ": is not points, and " + called(*points) +
              " beside it is; name the one or the other");
}

std::string_view name_of(DataKind kind) {
  switch (kind) {
    case DataKind::pictures:
      return "images";
    case DataKind::points:
      return "points";
    case DataKind::numbers:
      return "numbers";
  }
  return "";
}

namespace {

ImageSet open_pictures(std::vector<DataArgument> data, const ImageSetOptions& options) {
  if (data.size() == 1 && data[0].stream && !options.list)
    return open_image_stream(std::move(data[0].stream), data[0].path, options);
  std::vector<std::string> paths;
  for (const DataArgument& each : data) paths.push_back(each.path);
  return open_images(paths, options);
}

/// The first entries of a set, up to one that can be read, and whether that holds numbers.
struct FirstLook {
  std::deque<ImageEntry> entries = {};
  std::string name = {};
  bool numbers = false;
};

bool is_of_array(const ImageEntry& entry) {
  return entry.row || extension_of(entry.name) == ".npy";
}

/// Pictures are not decoded for it.
FirstLook look_into(const ImageSet& set) {
  constexpr std::size_t most = 64;  // of what can't be read
  FirstLook look;
  while (look.name.empty() && look.entries.size() < most) {
    auto entry = set.next();
    if (!entry) break;
    look.entries.push_back(*entry);
    try {
      look.numbers = is_of_array(*entry) && entry->load().numbers;
      look.name = entry->called();
    } catch (const Error&) {
      continue;  // it is refused when it is loaded
    }
  }
  return look;
}

/// Holds all entries to what the first look found.
ImageSet of_one_kind(ImageSet set, FirstLook look) {
  set.next = [next = std::move(set.next), first = look.name, numbers = look.numbers,
              entries = std::move(look.entries)]() mutable -> std::optional<ImageEntry> {
    std::optional<ImageEntry> entry;
    if (entries.empty()) {
      entry = next();
    } else {
      entry = std::move(entries.front());
      entries.pop_front();
    }
    if (!entry || first.empty()) return entry;
    entry->load = [load = std::move(entry->load), name = entry->called(), first, numbers] {
      Image image = load();
      if (image.numbers != numbers)
        throw Error(name + ": holds " + (numbers ? "a picture where " : "numbers where ") + first +
                    (numbers ? " holds numbers" : " is a picture"));
      if (numbers) image.depth = Depth::float32;
      return image;
    };
    return entry;
  };
  return set;
}

}  // namespace

DataSet open_data(std::vector<DataArgument> data, const ImageSetOptions& options) {
  const bool points = all_points(data);
  const std::string culprit = data.empty() ? "" : called(data.front());
  if (!points) {
    ImageSet set = open_pictures(std::move(data), options);
    if (options.values == ArrayValues::pictures)
      return {std::move(set), DataKind::pictures, culprit};
    FirstLook look = look_into(set);
    const DataKind kind = look.numbers ? DataKind::numbers : DataKind::pictures;
    return {of_one_kind(std::move(set), std::move(look)), kind, culprit};
  }
  check_options(data, options);
  std::vector<ImageSet> sets;
  for (DataArgument& each : data) sets.push_back(open_points(std::move(each), options));
  return {of_one_size(one_after_the_other(std::move(sets))), DataKind::points, culprit};
}

}  // namespace diffusion
