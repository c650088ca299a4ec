#include "lib/image/points.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/alike.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "lib/tensor/formats/npy_header.hpp"
#include "lib/tensor/formats/npy_reader.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Between commas, where there is one, else between blanks.
std::vector<std::string_view> words_of(std::string_view line) {
  const bool commas = line.find(',') != line.npos;
  const std::string_view ends = commas ? "," : blanks;
  std::vector<std::string_view> words;
  while (true) {
    const auto end = line.find_first_of(ends);
    words.push_back(trimmed(line.substr(0, end)));
    if (end == line.npos) return words;
    line = commas ? line.substr(end + 1) : trimmed(line.substr(end));
  }
}

/// Of a column: what begins with a letter, and is not how programs write that a number lacks.
bool is_name(std::string_view word) {
  if (word.starts_with('"') || word.starts_with('\'')) word.remove_prefix(1);
  constexpr std::string_view lacking[] = {"NA", "N/A", "na", "n/a", "NULL", "null", "None", "none"};
  const auto is_letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !word.empty() && is_letter(word.front()) && !parse_number(word) &&
         std::ranges::find(lacking, word) == std::end(lacking);
}

bool is_heading(const std::vector<std::string_view>& words) {
  return std::ranges::all_of(words, is_name);
}

/// Rows of numbers, as they come.
class Rows {
 public:
  explicit Rows(const std::string& culprit) : culprit_(culprit) {}

  void head(const std::vector<std::string_view>& words) { size_ = words.size(); }

  void add(const std::vector<std::string_view>& words, std::size_t line) {
    if (size_ == 0) size_ = words.size();
    if (words.size() != size_)
      refuse(line, "has " + count_of(words.size(), "number") + " where the " +
                       (values_.empty() ? "heading" : "first row") + " has " +
                       std::to_string(size_));
    for (const std::string_view word : words) values_.push_back(number(word, line));
    ++rows_;
  }

  Tensor table() const {
    if (values_.empty()) throw Error(culprit_ + ": holds no row of numbers");
    Tensor all(Shape{rows_, size_});
    std::ranges::copy(values_, all.data());
    return all;
  }

 private:
  [[noreturn]] void refuse(std::size_t line, const std::string& what) const {
    throw Error(culprit_ + ": line " + std::to_string(line) + ": " + what);
  }

  float number(std::string_view word, std::size_t line) const {
    const std::string shown = "'" + printable(word.substr(0, 40)) + "'";
    const auto value = parse_number(word);
    if (!value) refuse(line, shown + " is not a number");
    if (!std::isfinite(float(*value))) refuse(line, shown + " is " + not_finite);
    return float(*value);
  }

  const std::string& culprit_;
  std::vector<float> values_ = {};
  std::size_t rows_ = 0, size_ = 0;  // the latter of a row
};

/// N x D, or N x 1 x 1 x D of floats, as the tools write points.
bool are_points(const std::vector<std::size_t>& shape, NpyType type) {
  return shape.size() == 2 ||
         (shape.size() == 4 && shape[1] == 1 && shape[2] == 1 && is_floating(type));
}

bool holds_points(const NpyReader& array) { return are_points(array.shape(), array.type()); }

/// As N x 1 x 1 x D.
Points points_of(Tensor table, std::string name, std::string culprit) {
  const std::size_t rows = table.shape(0), size = table.shape(table.dimension() - 1);
  if (rows == 0 || size == 0) throw Error(culprit + ": an array of no points");
  table.reshape(Shape{rows, 1, 1, size});
  return {std::move(table), std::move(name), std::move(culprit)};
}

}  // namespace

Tensor parse_points(std::string_view text, const std::string& culprit) {
  Rows rows(culprit);
  bool first = true;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    const std::string_view row = trimmed(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    if (row.empty()) continue;
    const auto words = words_of(row);
    if (first && is_heading(words))
      rows.head(words);
    else
      rows.add(words, line);
    first = false;
  }
  return rows.table();
}

bool is_named_as_table(const std::string& path) {
  const std::string extension = extension_of(path);
  return extension == ".csv" || extension == ".tsv" || extension == ".txt";
}

bool begins_points(std::string_view front) {
  try {
    const NpyHeader header = read_npy_header(front, std::numeric_limits<std::uint64_t>::max(), "");
    return are_points(header.shape, header.type);
  } catch (const Error&) {
    return false;  // for whoever reads it to refuse
  }
}

std::optional<Points> read_points(const std::string& path) {
  std::error_code none;
  if (!fs::is_regular_file(path, none)) return std::nullopt;
  InputFile file(path);
  const std::string name = fs::path(path).filename().string();
  const FileKind kind = file_kind(file.front());
  if (kind == FileKind::text && is_named_as_table(path))
    return points_of(parse_points(plain_text(file.rest(text_limit), path), path), name, path);
  if (kind != FileKind::npy || !holds_points(NpyReader(path))) return std::nullopt;
  return points_of(read_npy(path).to_tensor(), name, path);
}

std::optional<Points> read_points(InputFile& stream, const std::string& data) {
  const std::string name = data == "-" ? "stdin" : fs::path(data).filename().string();
  const FileKind kind = file_kind(stream.front());
  if (kind == FileKind::npy && begins_points(stream.front()))
    return points_of(npy_from_bytes(stream.rest(), stream.name()).to_tensor(), name, stream.name());
  if (kind != FileKind::text) return std::nullopt;
  const std::string text = plain_text(stream.rest(text_limit), stream.name());
  return points_of(parse_points(text, stream.name()), name, stream.name());
}

void need_options_of_points(const ImageSetOptions& options, const std::string& culprit) {
  need_no_picture_options(options, culprit, "points");
  if (options.layout) throw Error(culprit + ": holds points, to which `layout` means nothing");
}

ImageSet set_of_points(Points points) {
  const auto all = std::make_shared<const Points>(std::move(points));
  ImageSet set;
  set.count = all->values.shape(0);
  set.next = [all, row = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    if (row == all->values.shape(0)) return std::nullopt;
    const std::size_t at = row++;
    const std::string number = "[" + std::to_string(at) + "]";
    const std::string culprit = all->culprit + number;
    const auto load = [all, at, culprit]() -> Image {
      Tensor point = unstacked(all->values, at);
      need_finite(point, culprit);
      return {std::move(point), Depth::float32};
    };
    const auto label = all->labels.empty() ? std::nullopt : std::optional(all->labels[at]);
    ImageEntry entry{all->name + number, at, label, load, at};
    entry.culprit = culprit;
    return entry;
  };
  return set;
}

}  // namespace diffusion
